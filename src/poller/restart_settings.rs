//! The settings that are read once, at the start → which of them a new configuration changes.

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::config::Config;
use crate::model::StoryVectorsChoice;

/// The settings that stay in force until the next start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RestartSettings {
    path: PathBuf,
    cache_bytes: u64,
    recovery_percent: Option<u16>,
    listen: SocketAddr,
    admin_listen: Option<SocketAddr>,
    search: bool,
    pictures: bool,
    pictures_bytes: u64,
    vectors: StoryVectorsChoice,
}

impl RestartSettings {
    /// The settings of a configuration.
    pub(super) fn from_config(config: &Config) -> Self {
        Self {
            path: config.store.path.clone(),
            cache_bytes: config.store.cache_bytes,
            recovery_percent: config.store.recovery_percent,
            listen: config.serve.listen,
            admin_listen: config.serve.admin_listen,
            search: config.serve.search,
            pictures: config.serve.pictures,
            pictures_bytes: config.serve.pictures_bytes,
            vectors: config.stories.vectors.clone(),
        }
    }

    /// Puts these settings into a configuration that changes them.
    pub(super) fn restore(&self, config: &mut Config) {
        config.store.path.clone_from(&self.path);
        config.store.cache_bytes = self.cache_bytes;
        config.store.recovery_percent = self.recovery_percent;
        config.serve.listen = self.listen;
        config.serve.admin_listen = self.admin_listen;
        config.serve.search = self.search;
        config.serve.pictures = self.pictures;
        config.serve.pictures_bytes = self.pictures_bytes;
        config.stories.vectors.clone_from(&self.vectors);
    }

    /// The settings that `fresh` changes against the configuration `before`, and that take effect at the next
    /// start. Empty: none.
    pub(super) fn pending_changes(&self, before: &Config, fresh: &Config) -> Vec<&'static str> {
        let (before, fresh) = (Self::from_config(before), Self::from_config(fresh));
        if before == fresh { Vec::new() } else { self.differences(&fresh) }
    }

    fn differences(&self, fresh: &Self) -> Vec<&'static str> {
        let rows = [
            (self.path != fresh.path, "`path` of [store]"),
            (self.cache_bytes != fresh.cache_bytes, "`cache_bytes` of [store]"),
            (self.recovery_percent != fresh.recovery_percent, "`recovery_percent` of [store]"),
            (self.listen != fresh.listen, "`listen` of [serve]"),
            (self.admin_listen != fresh.admin_listen, "`admin_listen` of [serve]"),
            (self.search != fresh.search, "`search` of [serve]"),
            (self.pictures != fresh.pictures, "`pictures` of [serve]"),
            (self.pictures_bytes != fresh.pictures_bytes, "`pictures_bytes` of [serve]"),
            (self.vectors != fresh.vectors, "`vectors` of [stories]"),
        ];
        rows.into_iter().filter_map(|(differs, name)| differs.then_some(name)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn config(text: &str) -> Config {
        crate::config::parse(text, Path::new("x"), Path::new("/etc/rafid")).unwrap()
    }

    #[test]
    fn only_what_changed_is_named() {
        let check = |before: &str, fresh: &str, expected: &[&str]| {
            let start = RestartSettings::from_config(&config(""));
            assert_eq!(start.pending_changes(&config(before), &config(fresh)), expected, "{fresh}");
        };
        check("", "[store]\nkeep = \"30d\"\nkeep_entries = 7\n[polling]\nevery = \"1h\"", &[]);
        check("", "[serve]\nentries = 7\nlisten = \"127.0.0.1:8080\"", &[]);
        check("", "[store]\npath = \"b\"", &["`path` of [store]"]);
        let both =
            "[store]\ncache_bytes = \"8MiB\"\n[serve]\nlisten = \"127.0.0.1:9\"\nsearch = false";
        let names = ["`cache_bytes` of [store]", "`listen` of [serve]", "`search` of [serve]"];
        check("", both, &names);
        let admin = "[serve]\nadmin_listen = \"127.0.0.1:9\"\nstatus = \"off\"";
        check("", admin, &["`admin_listen` of [serve]"]);
        check(both, both, &[]);
        check("", "[stories]\nvectors = \"off\"", &["`vectors` of [stories]"]);
        check(both, "", &[]);
    }
}
