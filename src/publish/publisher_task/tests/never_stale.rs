//! Random changes of a store → after each round of rendering, every warm output has the bytes of a rendering of
//! everything.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::model::{
    Category, EntryId, ObservedEntry, Output, PollState, PublishRules, SeenEntry, Source,
    StoredEntry, StoryRecord,
};
use crate::publish::is_described_otherwise;
use crate::publish::output_filters::OutputFilters;
use crate::publish::stale_outputs::SourceUpdate;
use crate::store::{Commit, Pruning};

/// Entries of a source beyond this number leave the store.
const KEPT: usize = 5;

/// What happens to one source.
#[derive(Debug)]
enum Step {
    /// New entries; each may be the start of a story, or belong to that of an earlier entry.
    Arrive { source: usize, count: usize, words: usize, joins: Option<usize> },
    /// An entry's headline is edited.
    Edit { entry: usize, words: usize },
    /// The text of an entry comes later: no arrival.
    AddText { entry: usize, words: usize },
    /// The publisher calls itself otherwise.
    Rename { source: usize, name: usize },
    /// The oldest entries are dropped.
    Prune { source: usize },
}

const SOURCES: [&str; 4] = ["a", "b", "c", "d"];
const WORDS: [&str; 4] = ["كتاب", "مباراة", "عاجل: زلزال", "إعلان"];

fn steps() -> impl Strategy<Value = Vec<Vec<Step>>> {
    let source = || 0..SOURCES.len();
    let words = || 0..WORDS.len();
    let joins = proptest::option::of(0..20_usize);
    let arrive = (source(), 1..4_usize, words(), joins);
    let step = prop_oneof![
        6 => arrive.prop_map(|(source, count, words, joins)| Step::Arrive { source, count, words, joins }),
        4 => (0..20_usize, words()).prop_map(|(entry, words)| Step::Edit { entry, words }),
        1 => (0..20_usize, words()).prop_map(|(entry, words)| Step::AddText { entry, words }),
        1 => (source(), 0..2_usize).prop_map(|(source, name)| Step::Rename { source, name }),
        1 => source().prop_map(|source| Step::Prune { source }),
    ];
    proptest::collection::vec(proptest::collection::vec(step, 1..4), 1..10)
}

/// Categories of two sources each, an output with a query, rules of all merged outputs, and one source with rules
/// of its own.
fn site(shop: &TestStore) -> Arc<PublishedSite> {
    let categories = ["ثقافة", "ثقافة", "صحة", "صحة"];
    let sources = SOURCES.iter().zip(categories).map(|(id, category)| Source {
        categories: Category::new(category).into_iter().collect(),
        ..sample::source(id)
    });
    let mut sources: Vec<Source> = sources.collect();
    let drop = |word: &str| PublishRules { drop: vec![word.to_owned()], ..PublishRules::default() };
    sources[3].rules = drop("مباراة");
    let outputs = vec![
        Output {
            query: Some("كتاب".to_owned()), ..sample::output("o", PublishRules::default())
        },
        Output {
            query: Some("عاجل:نعم".to_owned()),
            sources: ["a", "c"].map(|id| SourceId::new(id).unwrap()).into(),
            ..sample::output("p", PublishRules::default())
        },
    ];
    let site = PublishedSite::clone(&shop.renderer(sources).site);
    let merged_rules = drop("إعلان");
    let shared: Vec<_> = site.sources.iter().cloned().collect();
    let filters = Arc::new(OutputFilters::parse(&shared, &merged_rules, &outputs).unwrap());
    let (entries, page_entries) = (6, 4);
    Arc::new(PublishedSite { entries, page_entries, outputs, merged_rules, filters, ..site })
}

/// A store, and the publisher of its site.
struct World {
    shop: TestStore,
    site: Arc<PublishedSite>,
    task: PublisherTask,
    second: i64,
    states: BTreeMap<SourceId, PollState>,
    entries: Vec<StoredEntry>,
    stories: BTreeMap<EntryId, EntryId>,
    /// Reports that the publisher did not get yet.
    reports: Vec<PublisherEvent>,
}

impl World {
    async fn new() -> Self {
        let shop = TestStore::open();
        let site = site(&shop);
        let mut task = task_of(&shop, &[]);
        task.setup.site.store(Arc::clone(&site));
        let scopes = ["ثقافة", "صحة"].map(|slug| Scope::Category(slug.to_owned()));
        let outputs = ["o", "p"].map(|id| Scope::Output(id.to_owned()));
        let sources = SOURCES.map(|id| Scope::Source(SourceId::new(id).unwrap()));
        for scope in scopes.into_iter().chain(outputs).chain(sources) {
            let page = Resource::Page { scope: scope.clone(), before: None };
            for resource in [feed(scope, OutputFormat::Json), page] {
                task.warm.insert(resource, None);
            }
        }
        task.warm.insert(Resource::Opml, None);
        let mut world = Self {
            shop,
            site,
            task,
            second: 0,
            states: BTreeMap::new(),
            entries: Vec::new(),
            stories: BTreeMap::new(),
            reports: Vec::new(),
        };
        world.render().await;
        world
    }

    async fn render(&mut self) {
        self.task.render_next().await;
        while self.task.round.is_some() {
            self.task.render_next().await;
        }
    }

    /// The publisher gets all reports but the last `late` ones.
    fn report(&mut self, late: usize) {
        let count = self.reports.len().saturating_sub(late);
        for event in self.reports.drain(..count) {
            self.task.handle_event(event);
        }
    }

    fn commit(
        &mut self,
        source: &SourceId,
        (new, changed): (Vec<StoredEntry>, Vec<StoredEntry>),
        story_records: Vec<StoryRecord>,
        name: Option<&str>,
    ) {
        let now = sample::at(self.second);
        let before = self.states.get(source).cloned();
        let mut state = before.clone().unwrap_or_else(|| PollState::new([0; 16], now));
        state.last_poll.succeeded_at = Some(now);
        if !new.is_empty() {
            state.schedule.changed_at = Some(now);
        }
        if let Some(name) = name {
            state.document.feed_info.title = Some(name.to_owned());
        }
        let observed = new.iter().chain(&changed).map(|listed| ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: Vec::new(),
        });
        let has_edits = !changed.is_empty();
        let commit = Commit {
            source: source.clone(),
            state: state.clone(),
            observed: observed.collect(),
            new,
            changed,
            restored: Vec::new(),
            story_records,
            is_whole: false,
        };
        self.shop.store.commit(&[commit], KEPT).unwrap();
        let own = self.site.sources.find(source).unwrap();
        let is_described_otherwise = is_described_otherwise(own, before.as_ref(), &state);
        self.states.insert(source.clone(), state);
        let update = SourceUpdate { source: source.clone(), has_edits, is_described_otherwise };
        self.reports.push(PublisherEvent::Changed(1, OutputChange::Source(update)));
    }

    fn arrive(&mut self, source: usize, (count, words): (usize, usize), joins: Option<usize>) {
        let (mut new, mut records) = (Vec::new(), Vec::new());
        for number in 0..count {
            let key = format!("{}-{number}", self.second);
            let listed = sample::listed(SOURCES[source], &key, &format!("{} {key}", WORDS[words]));
            let listed_at = sample::at(self.second * 10 + i64::try_from(number).unwrap());
            let listed = StoredEntry { listed_at, changed_at: listed_at, ..listed };
            let other = joins.and_then(|back| self.entries.get(self.recent(back)));
            let story = other.map_or(listed.id, |other| self.stories[&other.id]);
            self.stories.insert(listed.id, story);
            records.push(sample::story_record(&listed, story, self.second));
            new.push(listed);
        }
        self.entries.extend(new.iter().cloned());
        let source = SourceId::new(SOURCES[source]).unwrap();
        self.commit(&source, (new, Vec::new()), records, None);
    }

    /// The index of one of the latest entries: most of the earlier ones are no longer stored.
    fn recent(&self, back: usize) -> usize {
        let count = self.entries.len();
        count.saturating_sub(1 + back % count.clamp(1, 12))
    }

    /// Changes an entry, if it is still stored.
    fn change(&mut self, entry: usize, edit: impl FnOnce(&mut StoredEntry)) {
        let recent = self.recent(entry);
        let Some(listed) = self.entries.get_mut(recent) else { return };
        if self.shop.store.entry(listed.id, listed.listed_at).unwrap().is_none() {
            return;
        }
        edit(listed);
        listed.revision += 1;
        let (source, listed) = (listed.source.clone(), listed.clone());
        self.commit(&source, (Vec::new(), vec![listed]), Vec::new(), None);
    }

    fn apply_step(&mut self, step: &Step) {
        self.second += 1;
        let second = self.second;
        match *step {
            Step::Arrive { source, count, words, joins } => {
                self.arrive(source, (count, words), joins);
            }
            Step::Edit { entry, words } => self.change(entry, |listed| {
                let title = format!("{} {second}", WORDS[words]);
                listed.entry.title = rafid_feed::model::PlainText::from_trusted(title);
                listed.content_hash = u64::try_from(second).unwrap() + 100;
                listed.changed_at = sample::at(100_000 + second);
            }),
            Step::AddText { entry, words } => self.change(entry, |listed| {
                let text = format!("<p>{} {second}</p>", WORDS[words]);
                listed.entry.content = Some(rafid_feed::model::SafeHtml::from_trusted(text));
            }),
            Step::Rename { source, name } => {
                let source = SourceId::new(SOURCES[source]).unwrap();
                let name = ["وكالة", "مرصد"][name];
                self.commit(&source, (Vec::new(), Vec::new()), Vec::new(), Some(name));
            }
            Step::Prune { source } => {
                let source = SourceId::new(SOURCES[source]).unwrap();
                let pruning = Pruning {
                    keep_since: sample::at(second * 10 - 20),
                    spare_newest: 1,
                    spare_listed: false,
                    at_most: 2,
                };
                self.shop.store.prune_source(&source, &pruning).unwrap();
                self.reports.push(PublisherEvent::Changed(1, OutputChange::Everything));
            }
        }
    }

    /// The outputs whose served bytes are not those of a new rendering.
    fn stale(&self) -> Vec<&Resource> {
        let renderer = self.task.renderer();
        // The publisher must not learn from the comparison.
        let named = self.task.archives.named().clone();
        let is_stale = |resource: &&Resource| {
            let served = self.task.setup.cache.get(resource).map(|it| it.rendition().body.clone());
            let fresh = renderer.render(resource, None, sample::at(0)).unwrap();
            served != fresh.map(|it| it.body.clone())
        };
        let stale = self.task.warm.keys().filter(is_stale).collect();
        *self.task.archives.named() = named;
        stale
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn a_warm_output_never_stays_stale(rounds in steps(), late in 0..3_usize) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let mut world = World::new().await;
            for round in rounds {
                for step in &round {
                    world.apply_step(step);
                }
                // Some reports arrive only when what they are about is rendered already, at least in part.
                world.report(late);
                world.render().await;
                world.report(0);
                world.render().await;
                let stale = world.stale();
                prop_assert!(stale.is_empty(), "{round:?}: {stale:?}");
            }
            Ok(())
        })?;
    }
}
