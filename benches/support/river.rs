//! A store of many sources, and the outputs that are always warm, rendered from it.

use std::path::Path;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rafid::http::{OutputFormat, Resource};
use rafid::model::{
    Category, ContentPolicy, Location, PerSource, PollState, PublishRules, Rendition, Scope,
    Source, SourceId, StoredEntry, StoryDisplay,
};
use rafid::publish::{OutputFilters, PublishedSite, Renderer, SiteLists};
use rafid::render::status::InstanceStatus;
use rafid::store::{Commit, Store, StoreOptions};
use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Direction, Entry, Language, PlainText,
};

use super::callgrind::count_here;
use super::stored;

/// Entries of each source.
pub const ENTRIES: u64 = 30;
/// The number of polls that share one commit.
const GROUP: usize = 64;
const KEEP: usize = 500;
/// The time of the newest entry: 2026-11-23 06:00 UTC.
const FIXED: i64 = 1_795_413_600;

/// The outputs of a row.
pub fn resources(row: &str) -> Vec<Resource> {
    let feed = |scope: Scope, format| Resource::Feed { scope, format };
    let rss = || feed(Scope::All, OutputFormat::Rss);
    let atom = || feed(Scope::All, OutputFormat::Atom);
    let json = || feed(Scope::All, OutputFormat::Json);
    let page = || Resource::Page { scope: Scope::All, before: None };
    match row {
        "rss" => vec![rss()],
        "atom" => vec![atom()],
        "json" => vec![json()],
        "page" => vec![page()],
        "source" => vec![feed(Scope::Source(source_id(0)), OutputFormat::Rss)],
        _ => vec![rss(), atom(), json(), page()],
    }
}

/// Renders the outputs of a row, stores a new entry, and counts how they are rendered again.
pub fn count_round(row: &str, folder: &Path, sources: u64) {
    let (renderer, resources) = (renderer(folder, sources), resources(row));
    let before = render(&renderer, &resources, &[]);
    // The second round: what is made once in the life of a program is made.
    store_news(&renderer.store, 1_000_000 + u64::from(std::process::id()));
    let before = render(&renderer, &resources, &before);
    store_news(&renderer.store, 2_000_000 + u64::from(std::process::id()));
    let mut after = Vec::new();
    count_here(&mut || after = render(&renderer, &resources, &before));
    let has_changed = |(before, after): (&Arc<Rendition>, _)| !Arc::ptr_eq(before, after);
    assert!(before.iter().zip(&after).all(has_changed), "the new entry is not shown");
}

pub fn render(
    renderer: &Renderer,
    resources: &[Resource],
    before: &[Arc<Rendition>],
) -> Vec<Arc<Rendition>> {
    let now = instant(1);
    let render = |(index, resource)| renderer.render(resource, before.get(index), now);
    resources.iter().enumerate().map(|it| render(it).unwrap().unwrap()).collect()
}

pub fn renderer(folder: &Path, sources: u64) -> Renderer {
    let options = StoreOptions { recovery_percent: None, ..StoreOptions::new(folder) };
    let all: Vec<Arc<Source>> = (0..sources).map(|number| Arc::new(source(number))).collect();
    let filters = OutputFilters::parse(&all, &PublishRules::default(), &[]).unwrap();
    let site = PublishedSite {
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
        can_search: true,
        entries: 100,
        page_entries: 40,
        per_source: PerSource::Share,
        stories: StoryDisplay::Collapse,
        story_vectors: rafid::model::StoryVectorsChoice::default(),
        content: ContentPolicy::Summary,
        every_seconds: 1800,
        merged_rules: PublishRules::default(),
        filters: Arc::new(filters),
        outputs: Vec::new(),
        lists: SiteLists::default(),
        sources: all.into(),
    };
    Renderer {
        store: Store::open(&options, instant(0)).unwrap().store,
        site: Arc::new(site),
        started_at: instant(0),
        config_error: None,
        polling_pause: None,
        polled_at: None,
        search: None,
        pictures: None,
        archives: Arc::default(),
    }
}

fn source_id(number: u64) -> SourceId {
    SourceId::new(&format!("source-{number}")).unwrap()
}

fn source(number: u64) -> Source {
    let address = format!("https://f{number}.example/rss").parse().unwrap();
    let categories = ["محليات", "اقتصاد", "رياضة"];
    let category = Category::new(categories[usize::try_from(number).unwrap() % 3]);
    Source {
        id: source_id(number),
        public_url: None,
        is_private: false,
        location: Location::Web(address),
        name: None,
        site: None,
        categories: category.into_iter().collect(),
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

fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_second(FIXED + seconds).unwrap()
}

pub fn fill_store(folder: &Path, sources: u64) {
    let options = StoreOptions { recovery_percent: None, ..StoreOptions::new(folder) };
    let store = Store::open(&options, instant(0)).unwrap().store;
    // The journal knows that they were read before.
    let commits: Vec<Commit> = (0..sources)
        .map(|number| {
            let entries = (0..ENTRIES).map(|place| number * ENTRIES + place);
            commit_of(&source_id(number), entries.map(|it| entry(&source_id(number), it)).collect())
        })
        .collect();
    for group in commits.chunks(GROUP) {
        store.commit(group, KEEP).unwrap();
    }
}

/// One new entry of the first source, dated later than those before it.
pub fn store_news(store: &Store, number: u64) {
    let source = source_id(0);
    let listed = entry(&source, number);
    let at = instant(i64::try_from(number % 3_000_000).unwrap());
    let listed = StoredEntry { first_seen_at: at, listed_at: at, changed_at: at, ..listed };
    let commit = Commit { is_whole: false, ..commit_of(&source, vec![listed]) };
    store.commit(&[commit], KEEP).unwrap();
}

fn commit_of(source: &SourceId, new: Vec<StoredEntry>) -> Commit {
    let mut state = PollState::new([1; 16], instant(0));
    state.document.body_hash = Some([1; 16]);
    state.document.feed_info.title = Some(format!("صحيفة {source}"));
    state.schedule.changed_at = new.iter().map(|listed| listed.changed_at).max();
    Commit { is_whole: true, ..stored::commit_of(source, state, new) }
}

/// One of the entries of two days, which all sources have in turn.
fn entry(source: &SourceId, number: u64) -> StoredEntry {
    let link = format!("https://{source}.example/news/{number}");
    let listed = stored::entry(source, &link, number, instant(0));
    let age = SignedDuration::from_secs(i64::try_from(listed.content_hash % 172_800).unwrap());
    let listed_at = instant(0) - age;
    let entry = Entry {
        published_at: Some(listed_at),
        direction: Direction::RightToLeft,
        categories: vec![PlainText::from_trusted("محليات".to_owned())],
        ..listed.entry
    };
    StoredEntry { entry, listed_at, changed_at: listed_at, ..listed }
}
