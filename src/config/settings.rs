//! The settings of `feeds.toml`, as the rest of the program sees them: checked, with every default
//! filled in. Lengths of time are `Duration`s, sizes are bytes.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rafid_feed::model::Language;
use url::Url;

use crate::decide::schedule::Bounds;
use crate::model::{
    ContentPolicy, DateStyle, Output, PerSource, PublishRules, RemoteList, SiteUser, Source,
    SourceId, SourceList, StoryDisplay, StoryVectorsChoice, Visibility,
};

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const MIB: u64 = 1024 * 1024;

/// Everything that the operator decides.
#[derive(Clone)]
pub struct Config {
    /// The file itself, absolute when the folder given to `parse` is.
    pub path: PathBuf,
    /// `[site]`: what the outputs say about themselves.
    pub site: SiteSettings,
    /// `[polling]`: how publishers are polled.
    pub polling: PollingSettings,
    /// `[store]`: what is kept, and where.
    pub store: StoreSettings,
    /// `[serve]`: how outputs are published.
    pub serve: ServeSettings,
    /// `[stories]`: how entries about one event are found.
    pub stories: StoriesSettings,
    /// `[websub]`: whether hubs may push.
    pub websub: WebSubSettings,
    /// The enabled sources, in the order of the file; ids and addresses are unique.
    pub sources: SourceList,
    /// The disabled sources, in the order of the file.
    pub disabled: Vec<Arc<Source>>,
    /// `[[output]]`: the named outputs, in the order of the file; ids are unique.
    pub outputs: Vec<Output>,
    /// `[[list]]`: the enabled lists that are kept elsewhere, in the order of the file; ids are unique.
    pub lists: Vec<RemoteList>,
    /// The included files, in their order, as messages show them.
    pub included: Vec<PathBuf>,
    /// The hash of the texts that this is made of (`hash_of_texts`).
    pub texts_hash: [u8; 16],
    /// What is allowed but unwise, each with its place in the file, ready to print.
    pub notes: Vec<String>,
}

impl Config {
    /// The source with this id; `None`: the file does not name it, or disables it.
    pub fn source(&self, id: &SourceId) -> Option<&Arc<Source>> {
        self.sources.find(id)
    }

    /// The public base address that hubs call, ending in `/`. `None`: WebSub is off.
    pub fn push_base(&self) -> Option<&Url> {
        let given = self.websub.callback.as_ref().or(self.site.address.as_ref());
        given.filter(|_| self.websub.enabled)
    }
}

/// Leaves out the settings: sources and the proxy may hold secrets.
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
    /// fragment. `None`: not given.
    pub address: Option<Url>,
    /// The language of the title and the description.
    pub language: Language,
    /// The zone of the times on the pages: an IANA name or a fixed offset. `None`: UTC.
    pub timezone: Option<String>,
    /// How pages write dates and numbers.
    pub date_style: DateStyle,
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
            date_style: DateStyle::default(),
            contact: None,
        }
    }
}

/// The language of the project's readers.
#[expect(clippy::expect_used, reason = "a tag that we wrote ourselves")]
fn default_language() -> Language {
    Language::parse("ar").expect("`ar` is a language tag")
}

/// `[polling]`: how publishers are polled.
#[derive(Clone, PartialEq, Eq)]
pub struct PollingSettings {
    /// The interval while a feed's own rhythm is unknown; between the two bounds.
    pub every: Duration,
    /// The shortest interval, whatever the rhythm of a feed (a source's own `every` may be shorter).
    pub at_least: Duration,
    /// The longest interval after a success.
    pub at_most: Duration,
    /// Polls at the same time, at most: 1 to 512. Slow ones (more than five seconds) do not count, but
    /// all together are at most four times as many.
    pub concurrency: usize,
    /// Polls at the same time of one host, at most: 1 or 2.
    pub per_host: usize,
    /// One poll takes at most this long, its redirects included: 1 s to 10 min.
    pub timeout: Duration,
    /// The largest document in bytes, after decompression: 64 KiB to 256 MiB.
    pub max_bytes: u64,
    /// Sent instead of the program's own `User-Agent`; visible ASCII.
    pub user_agent: Option<String>,
    /// An `http` or `https` proxy, perhaps with a password: never shown. `None`: no proxy, also when
    /// the environment names one.
    pub proxy: Option<Url>,
    /// The private addresses that may be polled.
    pub allow_private: Vec<HostPort>,
}

/// Half an hour, a quarter of an hour and a day are the values of long-lived readers. 32 polls serve
/// a thousand feeds; two per host is what publishers call polite. A minute and 16 MiB are ten times
/// what the slowest and the largest real feed need.
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

/// Leaves out the proxy, which may hold a password.
impl fmt::Debug for PollingSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("PollingSettings");
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
    /// The folder of the store; a relative one is beside the configuration.
    pub path: PathBuf,
    /// How long an entry is kept after it was listed; `None`: without limit.
    pub keep: Option<Duration>,
    /// Entries kept of one source, at most: 1 to 100,000.
    pub keep_entries: usize,
    /// Memory for the store's cache: 8 MiB to 16 GiB.
    pub cache_bytes: u64,
    /// The space of the commit log and the bases, in percent of the database's own: 10 to 1,000; `None`:
    /// the store has neither.
    pub recovery_percent: Option<u16>,
}

/// Ninety days and a thousand entries: a quarter of a year of a paper with ten entries a day.
impl Default for StoreSettings {
    fn default() -> Self {
        Self {
            path: PathBuf::from("data"),
            keep: Some(Duration::from_secs(90 * DAY)),
            keep_entries: 1000,
            cache_bytes: 32 * MIB,
            recovery_percent: Some(60),
        }
    }
}

/// `[serve]`: how outputs are published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServeSettings {
    /// Where connections are accepted; port 0: a free one.
    pub listen: SocketAddr,
    /// Where those of the operator are accepted; `None`: at the same address.
    pub admin_listen: Option<SocketAddr>,
    /// Who may see the state of the sources.
    pub status: Visibility,
    /// Who may see the counters.
    pub metrics: Visibility,
    /// Who may log in; empty: the site is open to everyone.
    pub users: Vec<SiteUser>,
    /// Entries of a feed output: 1 to 1000.
    pub entries: usize,
    /// Entries of a page: 1 to 200.
    pub page_entries: usize,
    /// How much of a merged output one source may fill.
    pub per_source: PerSource,
    /// How much of an entry is published.
    pub content: ContentPolicy,
    /// How outputs of several sources show stories.
    pub stories: StoryDisplay,
    /// Whether entries can be searched; a change takes effect at the next start.
    pub search: bool,
    /// Whether pages show pictures; a change takes effect at the next start.
    pub pictures: bool,
    /// The space of their copies on disk: 1 MiB to 16 GiB; a change takes effect at the next start.
    pub pictures_bytes: u64,
    /// Which entries are in outputs of several sources.
    pub rules: PublishRules,
}

/// This machine only, unless the operator opens it. Large publishers put a hundred entries into a
/// feed; forty fit a page that is read on a telephone.
impl Default for ServeSettings {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            admin_listen: None,
            status: Visibility::Public,
            metrics: Visibility::Public,
            users: Vec::new(),
            entries: 100,
            page_entries: 40,
            per_source: PerSource::Share,
            content: ContentPolicy::Summary,
            stories: StoryDisplay::Collapse,
            search: true,
            pictures: false,
            pictures_bytes: 256 * MIB,
            rules: PublishRules::default(),
        }
    }
}

/// `[stories]`: how entries about one event are found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct StoriesSettings {
    /// The word vectors that are used; a path is absolute when the folder given to `parse` is.
    pub vectors: StoryVectorsChoice,
}

/// `[websub]`: whether hubs may push. Off by default, since it accepts data from strangers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WebSubSettings {
    /// Whether sources that name a hub are subscribed there; then `Config::push_base` is an address.
    pub enabled: bool,
    /// The public base address for hubs, in the form of `SiteSettings::address`. `None`: that of the site.
    pub callback: Option<Url>,
}
