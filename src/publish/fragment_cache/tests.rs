//! Random arrivals, edits, stories, prunes, polls and reloads → every document has the bytes of a rendering from
//! nothing, whatever is remembered of earlier ones.

use std::collections::BTreeMap;
use std::sync::Arc;

use proptest::prelude::*;
use rafid_feed::model::PlainText;

use super::super::archive_memory::Archives;
use super::super::published_site::PublishedSite;
use super::super::sample::{self, TestStore, at};
use super::*;
use crate::http::Resource;
use crate::model::{
    ContentPolicy, PollState, PublishRules, Scope, SeenEntry, Source, SourceId, StoryDisplay,
    StoryRecord,
};
use crate::publish::{OutputFilters, Renderer};
use crate::store::{Commit, ObservedEntry, Pruning};

const SOURCES: [&str; 3] = ["a", "b", "c"];
/// The number of entries in a feed, and on a page.
const ENTRIES: usize = 6;

/// One step of a history.
#[derive(Debug, Clone)]
enum Step {
    /// This many new entries of a source, all dated this number of seconds ago; the first joins the story of an earlier entry.
    Arrive(usize, usize, i64, Option<usize>),
    /// An edit of one of the entries; it may be silent.
    Edit(usize, bool),
    /// An entry moves to the story of another.
    Regroup(usize, usize),
    /// Entries of a source that are older than this number of seconds are deleted.
    Prune(usize, i64),
    /// A poll without news: the title of a feed.
    Poll(usize, u8),
    /// Another configuration.
    Reload(u8),
    Render,
}

fn step() -> impl Strategy<Value = Step> {
    let story = proptest::option::of(any::<usize>());
    prop_oneof![
        6 => (0..3_usize, 1..5_usize, 0..60_i64, story).prop_map(|(a, b, c, d)| Step::Arrive(a, b, c, d)),
        2 => (any::<usize>(), any::<bool>()).prop_map(|(a, b)| Step::Edit(a, b)),
        2 => (any::<usize>(), any::<usize>()).prop_map(|(a, b)| Step::Regroup(a, b)),
        1 => (0..3_usize, 0..90_i64).prop_map(|(a, b)| Step::Prune(a, b)),
        2 => (0..3_usize, 0..3_u8).prop_map(|(a, b)| Step::Poll(a, b)),
        2 => (0..64_u8).prop_map(Step::Reload),
        4 => Just(Step::Render),
    ]
}

/// A store, what was put into it, and a renderer that remembers.
struct World {
    shop: TestStore,
    renderer: Renderer,
    stored: BTreeMap<EntryId, StoredEntry>,
    records: BTreeMap<EntryId, StoryRecord>,
    second: i64,
    /// Whether no configuration shows stories.
    is_without_stories: bool,
}

impl World {
    fn new(is_without_stories: bool) -> Self {
        let shop = TestStore::open();
        let renderer = shop.renderer(Vec::new());
        let (stored, records) = (BTreeMap::new(), BTreeMap::new());
        let mut world = Self { shop, renderer, stored, records, second: 0, is_without_stories };
        world.reload(0);
        world
    }

    /// The configuration with this number: its bits say what is different.
    fn reload(&mut self, number: u8) {
        let has = |bit: u8| number & (1 << bit) != 0;
        let named = |id: &&str| Source {
            name: (has(0) && *id == "a").then(|| "اسم المشغل".to_owned()),
            is_private: has(4) && *id == "b",
            ..sample::source(id)
        };
        let sources = SOURCES.iter().filter(|id| !has(1) || **id != "c").map(named);
        let sources: Vec<Arc<Source>> = sources.map(Arc::new).collect();
        let rules = PublishRules { keep: vec!["خبر".to_owned()], ..PublishRules::default() };
        let outputs = vec![sample::output("o", rules)];
        let filters = OutputFilters::parse(&sources, &PublishRules::default(), &outputs).unwrap();
        let site = PublishedSite {
            entries: ENTRIES,
            page_entries: ENTRIES,
            content: if has(2) { ContentPolicy::Full } else { ContentPolicy::Summary },
            stories: if has(3) || self.is_without_stories {
                StoryDisplay::Off
            } else {
                StoryDisplay::Collapse
            },
            is_folder: has(5),
            filters: Arc::new(filters),
            sources: sources.into(),
            outputs,
            ..PublishedSite::clone(&self.renderer.site)
        };
        self.renderer.site = Arc::new(site);
    }

    fn commit(
        &self,
        source: &str,
        title: Option<u8>,
        new: Vec<StoredEntry>,
        changed: Vec<StoredEntry>,
    ) {
        let observed = new.iter().chain(&changed).map(|listed| ObservedEntry {
            entry: SeenEntry {
                id: listed.id,
                listed_at: listed.listed_at,
                content_hash: listed.content_hash,
            },
            fingerprints: Vec::new(),
        });
        let mut state = PollState::new([0; 16], at(self.second));
        state.document.feed_info.title = title.map(|number| format!("صحيفة {number}"));
        state.schedule.changed_at = Some(at(self.second));
        let records = new.iter().filter_map(|listed| self.records.get(&listed.id).cloned());
        let commit = Commit {
            source: SourceId::new(source).unwrap(),
            state,
            observed: observed.collect(),
            story_records: records.collect(),
            new,
            changed,
            restored: Vec::new(),
            is_whole: false,
        };
        self.shop.store.commit(&[commit], 10_000).unwrap();
    }

    fn nth(&self, index: usize) -> Option<StoredEntry> {
        let most = self.stored.len().checked_sub(1)?;
        self.stored.values().nth(index % (most + 1)).cloned()
    }

    fn take_step(&mut self, step: &Step) {
        self.second += 1;
        match step {
            Step::Arrive(index, count, age, story) => {
                let new: Vec<StoredEntry> =
                    (0..*count).map(|number| self.entry(SOURCES[*index], number, *age)).collect();
                for (number, listed) in new.iter().enumerate() {
                    let joined = story.filter(|_| number == 0).and_then(|it| self.nth(it));
                    let joined = joined.and_then(|it| self.records.get(&it.id).cloned());
                    let story = joined.map_or(listed.id, |it| it.assignment.story);
                    let record = sample::story_record(listed, story, self.second);
                    self.records.insert(listed.id, record);
                }
                self.commit(SOURCES[*index], None, new.clone(), Vec::new());
                self.stored.extend(new.into_iter().map(|listed| (listed.id, listed)));
            }
            Step::Edit(index, is_silent) => {
                let Some(mut edited) = self.nth(*index) else { return };
                edited.revision += 1;
                if !is_silent {
                    edited.changed_at = at(self.second);
                }
                let words = format!("{} محدث {}", edited.entry.title.as_str(), edited.revision);
                edited.entry.title = PlainText::from_trusted(words);
                self.stored.insert(edited.id, edited.clone());
                self.commit(edited.source.clone().as_str(), Some(9), Vec::new(), vec![edited]);
            }
            Step::Regroup(index, other) => {
                let (Some(listed), Some(other)) = (self.nth(*index), self.nth(*other)) else {
                    return;
                };
                let story = self.records[&other.id].assignment.story;
                let record = sample::story_record(&listed, story, self.second);
                self.shop.store.save_story_records(std::slice::from_ref(&record)).unwrap();
                self.records.insert(listed.id, record);
            }
            Step::Prune(index, age) => {
                let source = SourceId::new(SOURCES[*index]).unwrap();
                let keep_since = at(self.second - age);
                let pruning =
                    Pruning { keep_since, spare_newest: 0, spare_listed: false, at_most: 500 };
                self.shop.store.prune_source(&source, &pruning).unwrap();
                self.stored.retain(|_, it| it.source != source || it.listed_at >= keep_since);
            }
            Step::Poll(index, title) => {
                self.commit(SOURCES[*index], Some(*title), Vec::new(), Vec::new());
            }
            Step::Reload(number) => self.reload(*number),
            Step::Render => self.check(),
        }
    }

    fn entry(&self, source: &str, number: usize, age: i64) -> StoredEntry {
        let word = if number.is_multiple_of(2) { "خبر" } else { "عاجل: زلزال" };
        let key = format!("{}-{number}", self.second);
        let listed = sample::listed(source, &key, &format!("{word} {key} <b>"));
        let listed_at = at(self.second - age);
        StoredEntry { first_seen_at: at(self.second), listed_at, changed_at: listed_at, ..listed }
    }

    /// Renders everything with what is remembered, then from nothing.
    fn check(&self) {
        let journal_only = self.renderer.archives.with_journal_only();
        for resource in resources() {
            let warm = bytes(&self.renderer, &resource);
            let cold = self.renderer_with(journal_only.with_journal_only());
            assert_eq!(warm, bytes(&cold, &resource), "{resource:?}");
            // Without rules and stories the journal alone decides what an archive holds. Otherwise an arrival is
            // judged when it is rendered first, and again after a restart.
            if self.is_without_stories && is_feed_without_rules(&resource) {
                let colder = self.renderer_with(Archives::default());
                assert_eq!(warm, bytes(&colder, &resource), "{resource:?}, the archive read again");
            }
        }
    }

    fn renderer_with(&self, archives: Archives) -> Renderer {
        Renderer {
            store: self.shop.store.clone(),
            site: Arc::clone(&self.renderer.site),
            started_at: at(0),
            config_error: None,
            polling_pause: None,
            polled_at: None,
            search: None,
            archives: Arc::new(archives),
            pictures: None,
        }
    }
}

fn resources() -> Vec<Resource> {
    let scopes = [
        Scope::All,
        Scope::Category("محليات".to_owned()),
        Scope::Source(SourceId::new("a").unwrap()),
        Scope::Output("o".to_owned()),
    ];
    let formats = [OutputFormat::Rss, OutputFormat::Atom, OutputFormat::Json];
    let documents = |scope: Scope| {
        let feeds = formats.map(|format| Resource::Feed { scope: scope.clone(), format });
        feeds.into_iter().chain([Resource::Page { scope, before: None }])
    };
    scopes.into_iter().flat_map(documents).collect()
}

fn is_feed_without_rules(resource: &Resource) -> bool {
    match resource {
        Resource::Feed { scope, .. } => !matches!(scope, Scope::Output(_)),
        _ => false,
    }
}

fn bytes(renderer: &Renderer, resource: &Resource) -> String {
    let rendition = renderer.render(resource, None, at(0)).unwrap().unwrap();
    String::from_utf8(rendition.body.to_vec()).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn what_is_remembered_changes_no_byte(
        steps in proptest::collection::vec(step(), 1..40),
        is_without_stories in any::<bool>(),
    ) {
        let mut world = World::new(is_without_stories);
        for step in &steps {
            world.take_step(step);
        }
        world.check();
    }
}

#[test]
fn one_new_entry_is_one_new_text() {
    let mut world = World::new(false);
    for _ in 0..ENTRIES {
        world.take_step(&Step::Arrive(0, 1, 0, None));
    }
    let feed = |world: &World| {
        let resource = Resource::Feed { scope: Scope::All, format: OutputFormat::Json };
        bytes(&world.renderer, &resource)
    };
    let kept = |world: &World| {
        let kept = world.renderer.archives.fragments().lock();
        kept.texts.len()
    };
    feed(&world);
    assert_eq!(kept(&world), ENTRIES);
    world.take_step(&Step::Arrive(1, 1, 0, None));
    feed(&world);
    assert_eq!(kept(&world), ENTRIES + 1);
    feed(&world);
    assert_eq!(kept(&world), ENTRIES + 1);
}
