//! Test data of this room: sources, their cards and entries, and a store to keep them in.

use std::sync::Arc;

use jiff::Timestamp;

use super::{Edition, Press, Sieve};
use crate::daemon::store::{Commit, Remembered, Settings, Store};
use crate::feed::model::{
    ArticleSelectors, Category, ClockSetting, ContentPolicy, Entry, EntryId, Identity,
    IdentityRung, KnownEntry, LabelSettings, Language, ListedEntry, Location, Output, PerSource,
    PlainText, PollState, Rules, Source, SourceCard, SourceId, Stories, StoryAssignment,
    StoryMethod, Told,
};
use crate::feed::render::status::InstanceStatus;

/// So many seconds after an instant of these tests.
pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_795_400_000 + second).unwrap()
}

/// A source of the web.
pub(super) fn source(id: &str) -> Source {
    Source {
        id: SourceId::new(id).unwrap(),
        location: Location::Web(format!("https://{id}.example/rss").parse().unwrap()),
        public_url: None,
        is_private: false,
        name: None,
        site: None,
        categories: Category::new("محليات").into_iter().collect(),
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
        rules: Rules::default(),
        labels: LabelSettings::default(),
        push: true,
        ignore: Vec::new(),
    }
}

/// Its card.
pub(super) fn card(id: &str) -> SourceCard {
    SourceCard { language: Language::parse("ar"), ..super::edition::card(&source(id), None) }
}

/// A named output of everything.
pub(super) fn output(id: &str, rules: Rules) -> Output {
    Output {
        id: id.to_owned(),
        name: id.to_owned(),
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
pub(super) fn listed(source: &str, key: &str, title: &str) -> ListedEntry {
    let source = SourceId::new(source).unwrap();
    let identity = Identity { rung: IdentityRung::Guid, key: key.to_owned(), also: Vec::new() };
    ListedEntry {
        id: EntryId::of(&source, &identity),
        entry: Entry {
            link: Some(format!("https://{source}.example/{key}")),
            published_at: Some(at(0)),
            language: Language::parse("ar"),
            ..Entry::titled(identity, PlainText::vouched(title.to_owned()))
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

/// A store in a folder of its own.
pub(super) struct Shop {
    _folder: tempfile::TempDir,
    pub(super) store: Store,
}

impl Shop {
    pub(super) fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&Settings::new(folder.path()), at(0)).unwrap().store;
        Self { _folder: folder, store }
    }

    /// Keeps new entries of a source, which changed at this second.
    pub(super) fn keep(&self, source: &str, second: i64, new: Vec<ListedEntry>) {
        self.keep_told(source, second, new, Vec::new());
    }

    /// Keeps more new entries of a source than a store does by itself.
    pub(super) fn keep_all(&self, source: &str, new: Vec<ListedEntry>) {
        self.keep(source, 0, new);
    }

    /// The same with what was decided about their stories.
    pub(super) fn keep_told(
        &self,
        source: &str,
        second: i64,
        new: Vec<ListedEntry>,
        told: Vec<Told>,
    ) {
        let source = SourceId::new(source).unwrap();
        let state = PollState {
            changed_at: Some(at(second)),
            succeeded_at: Some(at(second)),
            ..PollState::new([0; 16], at(second))
        };
        let remembered = new.iter().map(|listed| Remembered {
            entry: KnownEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: Vec::new(),
        });
        let remembered = remembered.collect();
        let commit = Commit {
            source,
            state,
            new,
            changed: Vec::new(),
            restored: Vec::new(),
            told,
            remembered,
            is_whole: true,
        };
        self.store.commit(&[commit], 10_000).unwrap();
    }

    /// Who publishes these sources from the store.
    pub(super) fn press(&self, sources: Vec<Source>) -> Press {
        let sources: Vec<Arc<Source>> = sources.into_iter().map(Arc::new).collect();
        let sieve = Arc::new(Sieve::read(&sources, &Rules::default(), &[]).unwrap());
        let edition = Edition {
            title: "الرافد".to_owned(),
            description: "أخبار".to_owned(),
            base: "https://news.example/".to_owned(),
            listen: None,
            is_folder: false,
            instance: InstanceStatus::default(),
            merged_rules: Rules::default(),
            language: Language::parse("ar").unwrap(),
            timezone: None,
            contact: None,
            can_search: false,
            entries: 100,
            page_entries: 40,
            per_source: PerSource::Any,
            stories: Stories::Collapse,
            content: ContentPolicy::Summary,
            every_seconds: 1800,
            sources,
            outputs: Vec::new(),
            sieve,
        };
        Press {
            store: self.store.clone(),
            edition: Arc::new(edition),
            started_at: at(0),
            config_error: None,
            search: None,
        }
    }
}

/// That an entry tells the story of another, and arrived at this second.
pub(super) fn told(listed: &ListedEntry, story: EntryId, second: i64) -> Told {
    Told {
        id: listed.id,
        source: listed.source.clone(),
        listed_at: listed.listed_at,
        seen_at: at(second),
        assignment: StoryAssignment {
            story,
            text_group: listed.id,
            method: if listed.id == story { StoryMethod::First } else { StoryMethod::SameEvent },
            score: None,
            nearest: None,
            related: None,
        },
    }
}
