//! Test data of this room: sources, their information and entries, and a store to put them in.

use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{Entry, Identity, IdentityKind, Language, PlainText};

use super::{OutputFilters, PublishedSite, Renderer, SiteLists};
use crate::model::{
    Category, ContentPolicy, DateStyle, EntryId, Location, Output, OutputAccess, PerSource,
    PollState, PublishRules, SeenEntry, Source, SourceId, SourceInfo, StoredEntry, StoryAssignment,
    StoryDisplay, StoryMethod, StoryRecord, StoryVectorsChoice, Visibility,
};
use crate::render::status::InstanceStatus;
use crate::store::{Commit, ObservedEntry, Store, StoreOptions};

/// This many seconds after the start of these tests' time.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_400_000 + second).unwrap()
}

/// A source on the web.
pub(super) fn source(id: &str) -> Source {
    let location = Location::Web(format!("https://{id}.example/rss").parse().unwrap());
    Source {
        categories: Category::new("محليات").into_iter().collect(),
        ..Source::bare(SourceId::new(id).unwrap(), location)
    }
}

/// The information about it.
pub(super) fn info(id: &str) -> SourceInfo {
    SourceInfo {
        language: Language::parse("ar"),
        ..super::published_site::base_source_info(&source(id), None)
    }
}

/// A named output of all entries.
pub(super) fn output(id: &str, rules: PublishRules) -> Output {
    Output {
        id: id.to_owned(),
        name: id.to_owned(),
        access: OutputAccess::Public,
        query: None,
        categories: Vec::new(),
        sources: Vec::new(),
        languages: Vec::new(),
        entries: None,
        stories: None,
        rules,
    }
}

/// An entry of a source, listed at `at(0)`.
pub(super) fn listed(source: &str, key: &str, title: &str) -> StoredEntry {
    let source = SourceId::new(source).unwrap();
    let identity =
        Identity { kind: IdentityKind::Guid, key: key.to_owned(), weaker_names: Vec::new() };
    StoredEntry {
        id: EntryId::for_identity(&source, &identity),
        entry: Entry {
            link: Some(format!("https://{source}.example/{key}")),
            published_at: Some(at(0)),
            language: Language::parse("ar"),
            ..Entry::titled(identity, PlainText::from_trusted(title.to_owned()))
        },
        source,
        first_seen_at: at(0),
        listed_at: at(0),
        changed_at: at(0),
        revision: 0,
        fingerprints: Vec::new(),
        content_hash: 1,
    }
}

/// A store in a temporary folder of its own.
pub(super) struct TestStore {
    _folder: tempfile::TempDir,
    pub(super) store: Store,
}

impl TestStore {
    pub(super) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&StoreOptions::new(folder.path()), at(0)).unwrap().store;
        Self { _folder: folder, store }
    }

    /// Stores new entries of a source that changed at this second.
    pub(super) fn keep(&self, source: &str, second: i64, new: Vec<StoredEntry>) {
        self.keep_with_stories(source, second, new, Vec::new());
    }

    /// Stores new entries of a source that changed at second 0.
    pub(super) fn keep_all(&self, source: &str, new: Vec<StoredEntry>) {
        self.keep(source, 0, new);
    }

    /// The same, with their story records.
    pub(super) fn keep_with_stories(
        &self,
        source: &str,
        second: i64,
        new: Vec<StoredEntry>,
        records: Vec<StoryRecord>,
    ) {
        let source = SourceId::new(source).unwrap();
        let mut state = PollState::new([0; 16], at(second));
        state.schedule.changed_at = Some(at(second));
        state.last_poll.succeeded_at = Some(at(second));
        let observed = new.iter().map(|listed| ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: Vec::new(),
        });
        let observed = observed.collect();
        let commit = Commit {
            source,
            state,
            new,
            changed: Vec::new(),
            restored: Vec::new(),
            story_records: records,
            observed,
            is_whole: true,
        };
        self.store.commit(&[commit], 10_000).unwrap();
    }

    /// The renderer of a site with these sources.
    pub(super) fn renderer(&self, sources: Vec<Source>) -> Renderer {
        let sources: Vec<Arc<Source>> = sources.into_iter().map(Arc::new).collect();
        let filters =
            Arc::new(OutputFilters::parse(&sources, &PublishRules::default(), &[]).unwrap());
        let site = PublishedSite {
            title: "الرافد".to_owned(),
            description: "أخبار".to_owned(),
            base: "https://news.example/".to_owned(),
            listen: None,
            is_folder: false,
            instance: InstanceStatus::default(),
            merged_rules: PublishRules::default(),
            language: Language::parse("ar").unwrap(),
            timezone: None,
            date_style: DateStyle::default(),
            contact: None,
            status: Visibility::Public,
            can_search: false,
            entries: 100,
            page_entries: 40,
            per_source: PerSource::Any,
            stories: StoryDisplay::Collapse,
            story_vectors: StoryVectorsChoice::default(),
            content: ContentPolicy::Summary,
            every_seconds: 1800,
            sources: sources.into(),
            outputs: Vec::new(),
            lists: SiteLists::default(),
            filters,
        };
        Renderer {
            store: self.store.clone(),
            site: Arc::new(site),
            started_at: at(0),
            config_error: None,
            polling_pause: None,
            polled_at: None,
            search: None,
            archives: Arc::default(),
            pictures: None,
        }
    }
}

/// A record that puts an entry into the story of another; it arrived at this second.
pub(super) fn story_record(listed: &StoredEntry, story: EntryId, second: i64) -> StoryRecord {
    StoryRecord {
        id: listed.id,
        source: listed.source.clone(),
        listed_at: listed.listed_at,
        seen_at: at(second),
        assignment: StoryAssignment {
            story,
            text_group: listed.id,
            method: if listed.id == story { StoryMethod::First } else { StoryMethod::SameEvent },
            score: None,
            closeness: None,
            nearest: None,
            related: None,
        },
    }
}
