//! Random histories → for each of three outputs, the feed and the chain of pages hold exactly the stored
//! entries of the output, and a restart changes no byte of a closed page.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use jiff::Timestamp;
use proptest::collection::vec;
use proptest::prelude::*;
use rafid::http::{OutputFormat, Resource};
use rafid::model::{
    ArchiveAddress, ContentPolicy, EntryId, Location, ObservedEntry, Output, PerSource, PollState,
    PublishRules, Scope, SeenEntry, Source, SourceId, StoredEntry, StoryDisplay,
};
use rafid::publish::{OutputFilters, PublishedSite, Renderer, SiteLists};
use rafid::render::status::InstanceStatus;
use rafid::store::{Commit, Pruning, Store, StoreOptions};
use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Entry, Identity, IdentityKind, Language,
    PlainText,
};
use serde_json::Value;

use crate::support::memory::wait_until_free;

const SOURCES: [&str; 3] = ["a", "b", "c"];
/// The number of entries in a feed, and on a page.
const ENTRIES: usize = 5;
/// What the named output holds.
const WORD: &str = "مطر";

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    /// This many new entries of a source, dated so many minutes ago.
    Arrive(usize, usize, i64),
    /// An edit of one of the stored entries.
    Edit(usize),
    /// Entries of a source that are older than so many minutes are deleted.
    Prune(usize, i64),
    Restart,
    Render,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        5 => (0..3_usize, 1..8_usize, 0..300_i64).prop_map(|(a, b, c)| Step::Arrive(a, b, c)),
        2 => any::<usize>().prop_map(Step::Edit),
        1 => (0..3_usize, 0..200_i64).prop_map(|(a, b)| Step::Prune(a, b)),
        1 => Just(Step::Restart),
        3 => Just(Step::Render),
    ]
}

fn at(minute: i64) -> Timestamp {
    Timestamp::from_second(1_795_500_000 + minute * 60).unwrap()
}

fn source(id: &str) -> Source {
    let location = Location::Web(format!("https://{id}.example/rss").parse().unwrap());
    Source {
        id: SourceId::new(id).unwrap(),
        public_url: None,
        is_private: false,
        location,
        name: None,
        site: None,
        categories: Vec::new(),
        language: None,
        charset: None,
        timezone: None,
        clock: ClockSetting::Auto,
        page: None,
        full_text: false,
        article: ArticleSelectors::default(),
        every: None,
        user_agent: None,
        headers: Vec::new(),
        cap: None,
        rules: PublishRules::default(),
        labels: CategorySettings::default(),
        push: true,
        ignore: Vec::new(),
        list: None,
    }
}

fn site() -> PublishedSite {
    let sources: Vec<Arc<Source>> = SOURCES.iter().map(|id| Arc::new(source(id))).collect();
    let outputs = vec![Output {
        id: "rain".to_owned(),
        name: "أخبار المطر".to_owned(),
        access: rafid::model::OutputAccess::Public,
        query: Some(WORD.to_owned()),
        categories: Vec::new(),
        sources: Vec::new(),
        languages: Vec::new(),
        entries: None,
        stories: None,
        rules: PublishRules::default(),
    }];
    let filters = OutputFilters::parse(&sources, &PublishRules::default(), &outputs).unwrap();
    PublishedSite {
        title: "الرافد".to_owned(),
        description: "أخبار".to_owned(),
        base: "https://news.example/".to_owned(),
        instance: InstanceStatus::default(),
        listen: None,
        is_folder: false,
        language: Language::parse("ar").unwrap(),
        timezone: None,
        date_style: rafid::model::DateStyle::default(),
        contact: None,
        status: rafid::model::Visibility::Public,
        can_search: false,
        entries: ENTRIES,
        page_entries: ENTRIES,
        per_source: PerSource::Share,
        stories: StoryDisplay::Collapse,
        story_vectors: rafid::model::StoryVectorsChoice::default(),
        content: ContentPolicy::Summary,
        every_seconds: 1800,
        merged_rules: PublishRules::default(),
        filters: Arc::new(filters),
        outputs,
        lists: SiteLists::default(),
        sources: sources.into(),
    }
}

fn scopes() -> [Scope; 3] {
    [Scope::All, Scope::Source(SourceId::new("a").unwrap()), Scope::Output("rain".to_owned())]
}

/// The stored entries as they should be, and the program that serves them.
struct World {
    folder: tempfile::TempDir,
    renderer: Option<Renderer>,
    stored: BTreeMap<EntryId, StoredEntry>,
    minute: i64,
    /// The entries of each closed page when it was seen first.
    pages: BTreeMap<(Scope, ArchiveAddress), BTreeSet<String>>,
}

impl World {
    fn new() -> Self {
        let (folder, stored) = (tempfile::tempdir().unwrap(), BTreeMap::new());
        let mut world = Self { folder, renderer: None, stored, minute: 0, pages: BTreeMap::new() };
        world.open();
        world
    }

    fn open(&mut self) {
        let settings = StoreOptions {
            cache_bytes: 4 << 20,
            ..StoreOptions::new(self.folder.path().to_owned())
        };
        let store = Store::open(&settings, at(0)).unwrap().store;
        self.renderer = Some(Renderer {
            store,
            site: Arc::new(site()),
            started_at: at(0),
            config_error: None,
            polling_pause: None,
            polled_at: None,
            search: None,
            pictures: None,
            archives: Arc::default(),
        });
    }

    fn store(&self) -> &Store {
        &self.renderer.as_ref().unwrap().store
    }

    fn commit(&self, source: &str, new: Vec<StoredEntry>, changed: Vec<StoredEntry>) {
        let observed = new.iter().chain(&changed).map(|listed| ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: Vec::new(),
        });
        let commit = Commit {
            source: SourceId::new(source).unwrap(),
            state: PollState::new([0; 16], at(self.minute)),
            observed: observed.collect(),
            new,
            changed,
            restored: Vec::new(),
            story_records: Vec::new(),
            is_whole: false,
        };
        self.store().commit(&[commit], 10_000).unwrap();
    }

    fn take_step(&mut self, step: &Step) {
        self.minute += 1;
        match step {
            Step::Arrive(index, count, age) => {
                let source = SOURCES[*index];
                let new: Vec<StoredEntry> =
                    (0..*count).map(|number| self.entry(source, number, *age)).collect();
                self.stored.extend(new.iter().map(|listed| (listed.id, listed.clone())));
                self.commit(source, new, Vec::new());
            }
            Step::Edit(index) => {
                let Some(at_most) = self.stored.len().checked_sub(1) else { return };
                let mut edited = self.stored.values().nth(index % (at_most + 1)).unwrap().clone();
                edited.changed_at = at(self.minute);
                edited.revision += 1;
                edited.content_hash += 1;
                let words = format!("{} (محدث {})", edited.entry.title.as_str(), edited.revision);
                edited.entry.title = PlainText::from_trusted(words);
                self.stored.insert(edited.id, edited.clone());
                self.commit(edited.source.clone().as_str(), Vec::new(), vec![edited]);
            }
            Step::Prune(index, age) => {
                let source = SourceId::new(SOURCES[*index]).unwrap();
                let keep_since = at(self.minute - age);
                let pruning =
                    Pruning { keep_since, spare_newest: 0, spare_listed: false, at_most: 500 };
                self.store().prune_source(&source, &pruning).unwrap();
                self.stored.retain(|_, it| it.source != source || it.listed_at >= keep_since);
            }
            Step::Restart => {
                let before = self.page_bytes();
                self.renderer = None;
                wait_until_free(self.folder.path());
                self.open();
                assert_eq!(self.page_bytes(), before, "a restart changes no page");
            }
            Step::Render => self.check(),
        }
    }

    fn entry(&self, source: &str, number: usize, age: i64) -> StoredEntry {
        let source = SourceId::new(source).unwrap();
        let key = format!("{}-{number}", self.minute);
        let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
        let word = if number.is_multiple_of(2) { WORD } else { "شمس" };
        let listed_at = at(self.minute - age);
        StoredEntry {
            id: EntryId::for_identity(&source, &identity),
            entry: Entry::titled(identity, PlainText::from_trusted(format!("{word} {number}"))),
            source,
            first_seen_at: at(self.minute),
            listed_at,
            changed_at: listed_at,
            revision: 0,
            fingerprints: Vec::new(),
            content_hash: 1,
        }
    }

    /// A document of the output as JSON. `None`: it is not there.
    fn document(&self, scope: &Scope, page: Option<ArchiveAddress>) -> Option<Vec<u8>> {
        let (scope, format) = (scope.clone(), OutputFormat::Json);
        let resource = match page {
            Some(page) => Resource::ArchiveFeed { scope, format, page },
            None => Resource::Feed { scope, format },
        };
        let rendition = self.renderer.as_ref().unwrap().render(&resource, None, at(0)).unwrap();
        Some(rendition?.body.to_vec())
    }

    /// The pages of an output from the newest on, as a client finds them.
    fn chain(&self, scope: &Scope) -> Vec<(ArchiveAddress, Vec<u8>)> {
        let mut document = self.document(scope, None).unwrap();
        let mut pages = Vec::new();
        while let Some(address) = next_page(&document) {
            document = self.document(scope, Some(address)).unwrap();
            pages.push((address, document.clone()));
        }
        pages
    }

    fn page_bytes(&self) -> BTreeMap<(Scope, ArchiveAddress), Vec<u8>> {
        let pages = scopes().into_iter().flat_map(|scope| {
            let pages = self.chain(&scope).into_iter();
            pages.map(move |(address, bytes)| ((scope.clone(), address), bytes))
        });
        pages.collect()
    }

    fn check(&mut self) {
        for scope in scopes() {
            let expected: BTreeSet<String> = self
                .stored
                .values()
                .filter(|it| is_in(&scope, it))
                .map(|it| it.id.to_urn())
                .collect();
            let feed = ids(&self.document(&scope, None).unwrap());
            assert!(feed.len() <= 2 * ENTRIES, "{scope:?}: {}", feed.len());
            let mut found = feed;
            let mut on_pages = BTreeSet::new();
            for (address, bytes) in self.chain(&scope) {
                let page = ids(&bytes);
                assert!(!page.is_empty() && page.len() <= ENTRIES, "{scope:?} {address}");
                for id in &page {
                    assert!(on_pages.insert(id.clone()), "{scope:?}: {id} is on two pages");
                }
                let first = self.pages.entry((scope.clone(), address)).or_insert(page.clone());
                assert!(page.is_subset(first), "{scope:?} {address}: a closed page grew");
                found.extend(page);
            }
            assert_eq!(found, expected, "{scope:?}");
        }
    }
}

fn is_in(scope: &Scope, listed: &StoredEntry) -> bool {
    match scope {
        Scope::Source(id) => listed.source == *id,
        Scope::Output(_) => listed.entry.title.as_str().contains(WORD),
        _ => true,
    }
}

fn ids(document: &[u8]) -> BTreeSet<String> {
    let feed: Value = serde_json::from_slice(document).unwrap();
    let items = feed["items"].as_array().unwrap();
    let ids: BTreeSet<String> =
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), items.len(), "an entry is twice in a document");
    ids
}

/// The page that a document names as the next older one.
fn next_page(document: &[u8]) -> Option<ArchiveAddress> {
    let feed: Value = serde_json::from_slice(document).unwrap();
    let (_, rest) = feed["next_url"].as_str()?.split_once("/archive/").unwrap();
    Some(ArchiveAddress::parse(rest.strip_suffix("/feed.json").unwrap()).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]
    #[test]
    fn the_feed_and_its_archive_hold_everything(steps in vec(step(), 1..40)) {
        let mut world = World::new();
        for step in &steps {
            world.take_step(step);
        }
        world.check();
        world.take_step(&Step::Restart);
        world.check();
    }
}
