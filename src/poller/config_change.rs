//! The configuration in force and a new one → what changes. It takes time for tens of thousands of sources, so it is
//! not for an async thread.

use std::sync::Arc;

use super::reload_summary::ReloadSummary;
use super::settings;
use crate::config::Config;
use crate::model::{Source, SourceId};
use crate::publish::PublishedSite;

/// A new configuration, and what differs from the one in force.
pub(super) struct ConfigChange {
    /// The new configuration. Sources that did not change are the values of the one in force.
    pub(super) fresh: Config,
    /// What it publishes.
    pub(super) site: PublishedSite,
    /// The sources that are new, or whose schedule another configuration decided.
    pub(super) changed: Vec<Arc<Source>>,
    /// The sources whose address is another one.
    pub(super) moved: Vec<SourceId>,
    /// The sources that are no longer there.
    pub(super) removed: Vec<SourceId>,
    /// Whether publishers are fetched with other settings.
    pub(super) refetches: bool,
    /// All of this in words.
    pub(super) summary: ReloadSummary,
}

impl ConfigChange {
    /// Compares two configurations. `listen` is where the program serves.
    pub(super) fn compare(before: &Config, mut fresh: Config, listen: &str) -> Self {
        let is_polled_the_same = before.polling.bounds() == fresh.polling.bounds()
            && before.polling.user_agent == fresh.polling.user_agent;
        let (mut changed, mut moved) = (Vec::new(), Vec::new());
        let mut sources = Vec::with_capacity(fresh.sources.len());
        for source in &fresh.sources {
            let was = before.source(&source.id);
            if let Some(was) = was.filter(|was| was == &source) {
                // Most sources are as before, and need no hash.
                sources.push(Arc::clone(was));
                if is_polled_the_same {
                    continue;
                }
            } else {
                sources.push(Arc::clone(source));
            }
            if was.is_some_and(|was| was.location != source.location) {
                moved.push(source.id.clone());
            }
            let is_scheduled_the_same = was.is_some_and(|was| {
                before.source_hash(was) == fresh.source_hash(source)
                    && was.every == source.every
                    && before.polling.bounds() == fresh.polling.bounds()
            });
            if !is_scheduled_the_same {
                changed.push(Arc::clone(source));
            }
        }
        let is_gone = |source: &&Arc<Source>| fresh.source(&source.id).is_none();
        let removed = before.sources.iter().filter(is_gone).map(|source| source.id.clone());
        let removed = removed.collect();
        let summary = ReloadSummary::compare(before, &fresh);
        fresh.sources = sources.into();
        let refetches = settings::fetch_settings(before) != settings::fetch_settings(&fresh);
        let site = settings::build_site(&fresh, Some(listen));
        Self { fresh, site, changed, moved, removed, refetches, summary }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    const TWO: &str = "[[source]]\nid = \"a\"\nurl = \"https://a.example/\"\n\
                       [[source]]\nid = \"b\"\nurl = \"https://b.example/\"\n";

    fn config(text: &str) -> Config {
        crate::config::parse(text, Path::new("x"), Path::new("/etc/rafid")).unwrap()
    }

    fn ids(sources: &[Arc<Source>]) -> String {
        sources.iter().map(|source| source.id.as_str()).collect()
    }

    #[test]
    fn only_what_differs_is_a_change() {
        let moved = TWO.replace("https://b.example/", "https://c.example/");
        let slower = TWO.replace("id = \"b\"", "id = \"b\"\nevery = \"2h\"");
        let renamed = TWO.replace("id = \"b\"", "id = \"b\"\nname = \"ب\"");
        let more = format!("{TWO}[[source]]\nid = \"c\"\nurl = \"https://c.example/\"\n");
        let section = |text: &str| format!("{text}\n{TWO}");
        // The new configuration; changed, moved and removed sources; whether fetching changes.
        for (text, changed, moved, removed, refetches) in [
            (TWO, "", "", "", false),
            (renamed.as_str(), "", "", "", false),
            (slower.as_str(), "b", "", "", false),
            (moved.as_str(), "b", "b", "", false),
            (more.as_str(), "c", "", "", false),
            ("", "", "", "ab", false),
            (&*section("[serve]\nentries = 7"), "", "", "", false),
            (&*section("[polling]\nevery = \"1h\""), "ab", "", "", false),
            (&*section("[polling]\ntimeout = \"9s\""), "", "", "", true),
            (&*section("[polling]\nuser_agent = \"x\""), "ab", "", "", true),
        ] {
            let before = config(TWO);
            let change = ConfigChange::compare(&before, config(text), "127.0.0.1:80");
            assert_eq!(ids(&change.changed), changed, "{text}");
            let joined = |ids: &[SourceId]| ids.iter().map(SourceId::as_str).collect::<String>();
            assert_eq!(
                (joined(&change.moved), joined(&change.removed)),
                (moved.into(), removed.into())
            );
            assert_eq!(change.refetches, refetches, "{text}");
            assert_eq!(change.site.sources, change.fresh.sources, "{text}");
            assert_eq!(change.fresh.sources, config(text).sources, "{text}");
        }
        let before = config(TWO);
        let change = ConfigChange::compare(&before, config(&renamed), "127.0.0.1:80");
        let is_shared = |at: usize| Arc::ptr_eq(&before.sources[at], &change.fresh.sources[at]);
        assert!(is_shared(0) && !is_shared(1), "an unchanged source is the same value");
    }
}
