//! The settings of `feeds.toml`, as the rest of the program sees them: checked, with every default
//! filled in. Lengths of time are `Duration`s, sizes are bytes.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rafid_feed::hash::Digest;
use rafid_feed::model::{CategorySettings, ClockSetting, Language, PageSelectors};
use url::Url;

use crate::decide::schedule::Bounds;
use crate::model::{
    ContentPolicy, Location, Output, PerSource, PublishRules, Source, SourceId, StoryDisplay,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const MIB: u64 = 1024 * 1024;

/// Everything that the operator decided.
#[derive(Clone)]
pub struct Config {
    /// The file itself, absolute when the folder given to `parse` is.
    pub path: PathBuf,
    /// `[site]`: what the outputs say about themselves.
    pub site: SiteSettings,
    /// `[polling]`: how publishers are asked.
    pub polling: PollingSettings,
    /// `[store]`: what is kept, and where.
    pub store: StoreSettings,
    /// `[serve]`: how outputs are handed out.
    pub serve: ServeSettings,
    /// `[websub]`: whether hubs may push.
    pub websub: WebSubSettings,
    /// The enabled sources, in the order of the file; ids and addresses are unique.
    pub sources: Vec<Arc<Source>>,
    /// `[[output]]`: the outputs with a name of their own, in the order of the file; ids are unique.
    pub outputs: Vec<Output>,
    /// What is allowed but unwise, each with its place in the file, ready to print.
    pub notes: Vec<String>,
}

impl Config {
    /// The source with this id; `None` when the file names none, or has it disabled.
    pub fn source(&self, id: &SourceId) -> Option<&Arc<Source>> {
        self.sources.iter().find(|source| source.id == *id)
    }

    /// The public base address that hubs call back at, ending in `/`. `None`: WebSub is off.
    pub fn push_base(&self) -> Option<&Url> {
        let given = self.websub.callback.as_ref().or(self.site.address.as_ref());
        given.filter(|_| self.websub.enabled)
    }

    /// A hash of everything that decides how a document of `source` is fetched or understood: when
    /// it changes, what a publisher said about the old document (validators) is worth nothing.
    ///
    /// Every field of a source stands here by its name, so that a new one does not compile until it is
    /// decided whether a document depends on it; `src/config/tests/sources.rs` asks the same of every key.
    /// Bytes are added for a new field only where it is given: the hashes of all other sources stay what
    /// they were, or an upgrade would ask every publisher again.
    pub fn source_hash(&self, source: &Source) -> [u8; 16] {
        let Source {
            location,
            charset,
            language,
            timezone,
            page,
            clock,
            labels,
            headers,
            // By `user_agent`, which knows that of `[polling]`, too.
            user_agent: _,
            // What is done with a document that was understood.
            id: _,
            name: _,
            site: _,
            categories: _,
            full_text: _,
            article: _,
            every: _,
            cap: _,
            rules: _,
            push: _,
            ignore: _,
            public_url: _,
            is_private: _,
        } = source;
        // Whether breaking news is believed is decided where it is published.
        let CategorySettings { junk, keep, breaking: _ } = labels;
        let mut digest = Digest::new("rafid source 1");
        let mut field = |value: Option<&str>| match value {
            Some(text) => digest.add_with_length(text),
            // A length that no text has.
            None => digest.add(u64::MAX.to_be_bytes()),
        };
        field(Some(&location.to_string()));
        field(charset.as_deref());
        field(language.as_ref().map(Language::as_str));
        field(timezone.as_deref());
        field(self.user_agent(source));
        for (name, selector) in page.iter().flat_map(PageSelectors::all) {
            field(Some(name));
            field(selector);
        }
        if *clock != ClockSetting::Auto {
            // No header's name has a blank.
            field(Some("the clock"));
            field(Some(&clock.to_string()));
        }
        for (name, words) in [("the junk", junk), ("the kept", keep)] {
            for word in words {
                field(Some(name));
                field(Some(word));
            }
        }
        for (name, value) in headers {
            field(Some(name));
            field(Some(value));
        }
        digest.to_128()
    }

    /// The `User-Agent` that is sent for `source`: its own, else that of `[polling]`. `None`: the
    /// program's own. A file is not asked with one.
    fn user_agent<'a>(&'a self, source: &'a Source) -> Option<&'a str> {
        match source.location {
            Location::Web(_) => source.user_agent.as_deref().or(self.polling.user_agent.as_deref()),
            Location::File(_) => None,
        }
    }
}

/// Without the settings: sources and the proxy may hold secrets.
impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Config");
        shown.field("path", &self.path).field("sources", &self.sources.len());
        shown.field("notes", &self.notes).finish_non_exhaustive()
    }
}

/// `[site]`: what the outputs say about themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiteSettings {
    /// The title of the outputs.
    pub title: String,
    /// One line on what they hold.
    pub description: String,
    /// The public base address: `http` or `https`, ending in `/`, without user-info, query and
    /// fragment. `None`: the operator did not say.
    pub address: Option<Url>,
    /// The language of the title and the description.
    pub language: Language,
    /// The zone of the times on the pages: an IANA name or a fixed offset. `None`: UTC.
    pub timezone: Option<String>,
    /// An e-mail address or a URL where the operator is reached; visible ASCII, so that it fits a
    /// `User-Agent`.
    pub contact: Option<String>,
}

impl Default for SiteSettings {
    fn default() -> Self {
        Self {
            title: "الرافد".to_owned(),
            description: "أخبار من مصادر عربية كثيرة، مجموعة في خلاصة واحدة".to_owned(),
            address: None,
            language: default_language(),
            timezone: None,
            contact: None,
        }
    }
}

/// The language of the project's readers.
#[expect(clippy::expect_used, reason = "a tag that we wrote ourselves")]
fn default_language() -> Language {
    Language::parse("ar").expect("`ar` is a language tag")
}

/// `[polling]`: how publishers are asked.
#[derive(Clone, PartialEq, Eq)]
pub struct PollingSettings {
    /// The interval while a feed's own rhythm is unknown; between the two bounds.
    pub every: Duration,
    /// Never sooner, whatever a feed's rhythm is (a source's own `every` may be).
    pub at_least: Duration,
    /// Never later after a success.
    pub at_most: Duration,
    /// Polls at the same time, at most: 1 to 512. Those that are stuck (more than five seconds) do not
    /// count, but there are at most four times as many in all.
    pub concurrency: usize,
    /// Polls at the same time of one host, at most: 1 or 2.
    pub per_host: usize,
    /// One poll takes at most this long, its redirects included: 1 s to 10 min.
    pub timeout: Duration,
    /// A document has at most so many bytes, unpacked: 64 KiB to 256 MiB.
    pub max_bytes: u64,
    /// Sent instead of the program's own `User-Agent`; visible ASCII.
    pub user_agent: Option<String>,
    /// An `http` or `https` proxy, perhaps with a password: never to be shown. `None`: none, also
    /// when the environment names one.
    pub proxy: Option<Url>,
    /// The private addresses that may be asked all the same.
    pub allow_private: Vec<HostPort>,
}

/// Half an hour, a quarter of an hour and a day: what long-lived readers settled on. 32 polls keep
/// a thousand feeds busy; two a host is what publishers call polite. A minute and 16 MiB are ten
/// times what the slowest and the largest real feed needed.
impl Default for PollingSettings {
    fn default() -> Self {
        Self {
            every: Duration::from_secs(30 * MINUTE),
            at_least: Duration::from_secs(15 * MINUTE),
            at_most: Duration::from_secs(DAY),
            concurrency: 32,
            per_host: 2,
            timeout: Duration::from_secs(MINUTE),
            max_bytes: 16 * MIB,
            user_agent: None,
            proxy: None,
            allow_private: Vec::new(),
        }
    }
}

impl PollingSettings {
    /// The three intervals, for the schedule.
    pub fn bounds(&self) -> Bounds {
        Bounds { every: self.every, at_least: self.at_least, at_most: self.at_most }
    }
}

/// Without the proxy, which may hold a password.
impl fmt::Debug for PollingSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Polling");
        shown.field("bounds", &self.bounds()).field("concurrency", &self.concurrency);
        shown.field("allow_private", &self.allow_private).finish_non_exhaustive()
    }
}

/// A host and a port, as `allow_private` names them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct HostPort {
    /// A name in lower case (punycode), or an IP address without brackets.
    pub host: String,
    /// The port, 1 to 65535.
    pub port: u16,
}

/// `[store]`: what is kept, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreSettings {
    /// The folder of the store; a relative one stands beside the config.
    pub path: PathBuf,
    /// How long an entry is kept after it was listed; `None`: for ever.
    pub keep: Option<Duration>,
    /// Entries kept of one source, at most: 1 to 100,000.
    pub keep_entries: usize,
    /// Memory for the store's cache: 8 MiB to 16 GiB.
    pub cache_bytes: u64,
}

/// Ninety days and a thousand entries: a quarter of a year of a paper that writes ten times a day.
impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            path: PathBuf::from("data"),
            keep: Some(Duration::from_secs(90 * DAY)),
            keep_entries: 1000,
            cache_bytes: 64 * MIB,
        }
    }
}

/// `[serve]`: how outputs are handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// Where connections are taken; port 0: one that is free.
    pub listen: SocketAddr,
    /// Entries of a feed output: 1 to 1000.
    pub entries: usize,
    /// Entries of a page: 1 to 200.
    pub page_entries: usize,
    /// How much of a merged output one source may have.
    pub per_source: PerSource,
    /// How much of an entry is given.
    pub content: ContentPolicy,
    /// What outputs of several sources make of stories.
    pub stories: StoryDisplay,
    /// Whether entries can be searched for; what changes takes effect at the next start.
    pub search: bool,
    /// Which entries are in outputs of several sources.
    pub rules: PublishRules,
}

/// This machine only, until the operator says otherwise. A hundred entries are what large
/// publishers put into a feed; forty fit a page that is read on a telephone.
impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            entries: 100,
            page_entries: 40,
            per_source: PerSource::Share,
            content: ContentPolicy::Summary,
            stories: StoryDisplay::Collapse,
            search: true,
            rules: PublishRules::default(),
        }
    }
}

/// `[websub]`: whether hubs may push. Off by default, as it takes what strangers send.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebSubSettings {
    /// Whether sources that name a hub are subscribed there; then there is an address to call back.
    pub enabled: bool,
    /// The public base address for hubs, in the form of `Site::address`. `None`: that of the site.
    pub callback: Option<Url>,
}
