//! An entry → whether outputs mark its news as breaking, and its categories in outputs. A publisher's
//! category for breaking news appears once, as «عاجل»; if its label is not trusted, it does not appear.

use rafid_feed::arabic::{self, BREAKING};
use rafid_feed::model::PlainText;

use super::shown_entry::ShownEntry;
use crate::model::{SourceInfo, StoredEntry};

/// Whether an entry's news is breaking, if its source's label is trusted.
pub fn is_breaking(listed: &StoredEntry, info: Option<&SourceInfo>) -> bool {
    info.is_none_or(|info| info.believes_breaking) && arabic::is_breaking(&listed.entry)
}

/// The topics of an entry, followed by the category for breaking news.
pub(super) fn published_categories<'a>(shown: &ShownEntry<'a>) -> Vec<&'a str> {
    let mut names: Vec<&str> =
        arabic::topic_categories(&shown.listed.entry).map(PlainText::as_str).collect();
    if is_breaking(shown.listed, shown.source_info()) {
        names.push(BREAKING);
    }
    names
}

/// The label that a page puts before a headline of breaking news, and the rest of the headline.
pub(super) struct BreakingLabel {
    /// The text of the label; `None`: the news is not breaking.
    pub(super) words: Option<String>,
    /// Whether the text is the start of the title; otherwise it is ours.
    pub(super) is_of_title: bool,
    /// The title without the label: all of it, unless the label is its start.
    pub(super) rest: String,
}

impl BreakingLabel {
    /// The label of an entry whose headline is `title`. If the title itself starts with a breaking label,
    /// that part becomes the label: nothing is repeated, and no letter is lost.
    pub(super) fn from_entry(
        listed: &StoredEntry,
        info: Option<&SourceInfo>,
        title: String,
    ) -> Self {
        if !is_breaking(listed, info) {
            return Self { words: None, is_of_title: false, rest: title };
        }
        let (label, rest) = arabic::split_breaking_label(&title);
        if label.is_empty() {
            return Self { words: Some(BREAKING.to_owned()), is_of_title: false, rest: title };
        }
        Self { words: Some(label.to_owned()), is_of_title: true, rest: rest.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::model::Publication;
    use crate::render::sample;
    use crate::render::shown_entry::EntrySettings;

    fn listed(title: &str, categories: &[&str]) -> StoredEntry {
        let mut listed = sample::listed("one", title, "", "2026-11-24T05:02:00Z");
        let plain = |name: &&str| PlainText::from_trusted((*name).to_owned());
        listed.entry.categories = categories.iter().map(plain).collect();
        listed
    }

    #[test]
    fn breaking_news_is_marked_once() {
        let mut publication = sample::publication();
        let check = |publication: &Publication, title: &str, given: &[&str], expected: &[&str]| {
            let listed = Arc::new(listed(title, given));
            let settings = EntrySettings::of_feed(publication);
            let shown = ShownEntry::of_entry(publication, &settings, &listed);
            assert_eq!(published_categories(&shown), expected, "{title}");
        };
        check(&publication, "زلزال", &["علوم"], &["علوم"]);
        check(&publication, "عاجل: زلزال", &["علوم"], &["علوم", "عاجل"]);
        check(&publication, "عاجل: زلزال", &["عاجل", "علوم"], &["علوم", "عاجل"]);
        check(&publication, "زلزال", &["Breaking News", "عاجـل"], &["عاجل"]);
        let infos = Arc::make_mut(&mut publication.sources);
        let info = infos.values_mut().find(|info| info.id.as_str() == "one").unwrap();
        Arc::make_mut(info).believes_breaking = false;
        check(&publication, "عاجل: زلزال", &["عاجل", "علوم"], &["علوم"]);
    }

    #[test]
    fn a_label_keeps_every_letter_of_the_title() {
        let check = |title: &str, given: &[&str], words: Option<&str>, rest: &str| {
            let label = BreakingLabel::from_entry(&listed(title, given), None, title.to_owned());
            assert_eq!((label.words.as_deref(), label.rest.as_str()), (words, rest), "{title}");
            if label.is_of_title {
                assert_eq!(format!("{}{}", words.unwrap(), label.rest), title);
            }
        };
        check("زلزال", &[], None, "زلزال");
        check("عاجل: زلزال", &[], Some("عاجل"), ": زلزال");
        check("🔴 عاجل | زلزال", &["عاجل"], Some("🔴 عاجل"), " | زلزال");
        check("[عاجل] زلزال", &[], Some("[عاجل]"), " زلزال");
        check("BREAKING: quake", &[], Some("BREAKING"), ": quake");
        check("زلزال", &["عاجل"], Some("عاجل"), "زلزال");
        check("بالفيديو | عاجل: زلزال", &[], Some("عاجل"), "بالفيديو | عاجل: زلزال");
        check("عاجل", &[], Some("عاجل"), "");
    }
}
