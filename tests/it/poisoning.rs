//! Feeds that try to change, hide or outlast the others → what is kept, published and reported.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use rafid::decide::prepared_entries::PreparedEntries;
use rafid::decide::schedule::Bounds;
use rafid::http::{OutputFormat, Resource};
use rafid::ingest::{self, DecideInput, NetworkStatus, PollBody, PollResult, ReservedMemory};
use rafid::model::{
    ContentPolicy, Freshness, Location, PerSource, PollState, PublishRules, Retention, Scope,
    SeenEntry, Source, SourceId, StoryDisplay,
};
use rafid::publish::{OutputFilters, PublishedSite, Renderer, SiteLists};
use rafid::render::status::InstanceStatus;
use rafid::store::{Store, StoreOptions};
use rafid_feed::model::{ClockSetting, Document, Language};
use rafid_feed::pipeline;
use serde_json::Value;

const HOUR: i64 = 3600;
/// The default number of entries that are kept of a source.
const KEPT: usize = 1_000;
/// The maximum number of names that are remembered of a source: twelve for each of 10,000 entries (twice
/// 5,000).
const MOST_NAMES: usize = 12 * 10_000;

/// A store, and the merged feed of its sources.
struct World {
    _folder: tempfile::TempDir,
    store: Store,
    sources: Vec<Arc<Source>>,
}

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_795_500_000 + hour * HOUR).unwrap()
}

fn source(name: &str) -> Arc<Source> {
    Arc::new(Source {
        id: SourceId::new(name).unwrap(),
        public_url: None,
        is_private: false,
        location: Location::Web(format!("https://{name}.example/rss").parse().unwrap()),
        name: None,
        site: None,
        categories: Vec::new(),
        language: None,
        charset: None,
        timezone: None,
        clock: ClockSetting::Auto,
        page: None,
        full_text: false,
        article: rafid_feed::model::ArticleSelectors::default(),
        every: None,
        user_agent: None,
        headers: Vec::new(),
        cap: None,
        rules: PublishRules::default(),
        labels: rafid_feed::model::CategorySettings::default(),
        push: true,
        ignore: Vec::new(),
        list: None,
    })
}

fn edition(sources: Vec<Arc<Source>>) -> Arc<PublishedSite> {
    Arc::new(PublishedSite {
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
        entries: 30,
        page_entries: 30,
        per_source: PerSource::Share,
        stories: StoryDisplay::Collapse,
        story_vectors: rafid::model::StoryVectorsChoice::default(),
        content: ContentPolicy::Summary,
        every_seconds: 1800,
        merged_rules: PublishRules::default(),
        filters: Arc::new(OutputFilters::parse(&sources, &PublishRules::default(), &[]).unwrap()),
        outputs: Vec::new(),
        lists: SiteLists::default(),
        sources: sources.into(),
    })
}

impl World {
    fn new(names: &[&str]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let settings =
            StoreOptions { cache_bytes: 8 << 20, ..StoreOptions::new(folder.path().to_owned()) };
        let store = Store::open(&settings, at(0)).unwrap().store;
        Self { _folder: folder, store, sources: names.iter().map(|name| source(name)).collect() }
    }

    /// Polls a source that answers with these items; returns its new state.
    fn poll(&self, name: &str, items: &str, now: Timestamp) -> PollState {
        let source = self.sources.iter().find(|source| source.id.as_str() == name).unwrap();
        let text =
            format!("<rss version='2.0'><channel><title>{name}</title>{items}</channel></rss>");
        let document = Document { bytes: text.into_bytes(), ..Document::default() };
        let reading = Box::new(pipeline::read_feed(&document, source.read_hints()).unwrap());
        let (body_hash, validators) = (Some([0; 16]), None);
        let brought = PollBody::Changed {
            reading,
            validators,
            body_hash,
            offer: None,
            held: ReservedMemory::default(),
        };
        let freshness = Freshness::default();
        let polled = PollResult {
            body: brought,
            status: 200,
            freshness,
            hops: Vec::new(),
            rediscovery: None,
        };
        let known = self.store.seen_index(&source.id).unwrap();
        let earlier = |known: &SeenEntry| self.store.entry(known.id, known.listed_at).unwrap();
        let minutes = |count: u64| Duration::from_secs(count * 60);
        let memory = DecideInput {
            known: &known,
            prepared: &PreparedEntries::default(),
            earlier: &earlier,
            bounds: Bounds { every: minutes(30), at_least: minutes(15), at_most: minutes(1440) },
            config_hash: [0; 16],
            retention: Retention { keep_seconds: None, entries: KEPT },
            network: NetworkStatus::Up,
            push_interval: None,
        };
        let prior = self.store.poll_state(&source.id).unwrap();
        let prior = prior.unwrap_or_else(|| PollState::new([0; 16], now));
        let (commit, report) = ingest::decide_poll(source, polled, prior, &memory, now);
        self.store.commit(&[commit], KEPT).unwrap();
        report.state
    }

    fn renderer(&self) -> Renderer {
        Renderer {
            store: self.store.clone(),
            site: edition(self.sources.clone()),
            started_at: at(0),
            config_error: None,
            polling_pause: None,
            polled_at: None,
            search: None,
            pictures: None,
            archives: Arc::default(),
        }
    }

    /// The entries of the merged feed, as published.
    fn merged(&self) -> Vec<Value> {
        let renderer = self.renderer();
        let resource = Resource::Feed { scope: Scope::All, format: OutputFormat::Json };
        let rendition = renderer.render(&resource, None, at(10_000)).unwrap().unwrap();
        let feed: Value = serde_json::from_slice(&rendition.body).unwrap();
        feed["items"].as_array().unwrap().clone()
    }

    fn titles(&self) -> Vec<String> {
        self.merged().iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
    }

    fn count(&self, name: &str) -> u64 {
        self.store.kept_entry_count(&SourceId::new(name).unwrap()).unwrap()
    }
}

fn item(guid: &str, link: &str, title: &str, at: Timestamp) -> String {
    dated(guid, link, title, &at.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string())
}

fn dated(guid: &str, link: &str, title: &str, date: &str) -> String {
    format!(
        "<item><guid isPermaLink='false'>{guid}</guid><link>{link}</link><title>{title}</title>\
         <pubDate>{date}</pubDate></item>"
    )
}

fn has_warning(state: &PollState, words: &str) -> bool {
    state.document.warnings.iter().any(|warning| warning.contains(words))
}

#[test]
fn no_source_changes_hides_or_overwrites_anothers_entry() {
    let world = World::new(&["thief", "paper"]);
    let (guid, link) = ("guid-1", "https://paper.example/1");
    let theirs = item(guid, link, "الخبر كما كتبته الصحيفة", at(1));
    // Before it appears, with it, after it; then changed, repeatedly.
    world.poll("thief", &item(guid, link, "خبر منتحل قبل أوانه", at(0)), at(1));
    world.poll("paper", &theirs, at(2));
    let before = world.merged();
    assert_eq!(before.len(), 2, "both stand there, each under its source");
    for hour in 3..8 {
        let title = format!("خبر منتحل في الساعة {hour}");
        world.poll("thief", &item(guid, link, &title, at(hour)), at(hour));
        world.poll("paper", &theirs, at(hour));
        let now = world.merged();
        let paper = |items: &[Value]| {
            let own = items.iter().find(|item| item["title"] == "الخبر كما كتبته الصحيفة");
            own.expect("the paper's own entry").clone()
        };
        assert_eq!(paper(&now), paper(&before), "hour {hour}");
        assert_eq!(now.len(), 2);
    }
}

#[test]
fn a_copy_of_anothers_feed_takes_nothing_from_it_and_is_reported() {
    let world = World::new(&["paper", "copy", "other"]);
    let items = |name: &str| -> String {
        (0..8)
            .map(|n| {
                let link = format!("https://{name}.example/{n}");
                item(&n.to_string(), &link, &format!("خبر {n} من {name}"), at(n))
            })
            .collect()
    };
    world.poll("copy", &items("paper"), at(9));
    world.poll("paper", &items("paper"), at(9));
    world.poll("other", &items("other"), at(9));
    assert_eq!((world.count("paper"), world.count("copy")), (8, 8));
    let copied_from =
        world.renderer().status_report().unwrap().sources.into_iter().map(|source| source.same_as);
    assert_eq!(copied_from.collect::<Vec<_>>(), [None, Some("paper".to_owned()), None]);
}

#[test]
fn five_articles_under_new_guids_at_every_poll_are_five() {
    let titles = ["أول", "ثان", "ثالث", "رابع", "خامس"];
    let full = |word: &str| format!("هذا خبر {word} من الأخبار الخمسة");
    let day = at(0);
    let check = |what: &str, item_of: &dyn Fn(i64, usize) -> String| {
        let world = World::new(&["a"]);
        for poll in 0..6 {
            let items: String = (0..5).map(|index| item_of(poll, index)).collect();
            world.poll("a", &items, at(poll + 1));
            assert_eq!(world.count("a"), 5, "{what}, poll {poll}");
        }
        assert_eq!(world.titles().len(), 5, "{what}");
    };
    check("the same links", &|poll, index| {
        let link = format!("https://a.example/{index}");
        item(&format!("{poll}-{index}"), &link, &full(titles[index]), day)
    });
    check("links with a new parameter", &|poll, index| {
        let link = format!("https://a.example/{index}?utm_source={poll}&amp;fbclid={poll}{index}");
        item(&format!("{poll}-{index}"), &link, &full(titles[index]), day)
    });
    check("no links", &|poll, index| {
        item(&format!("{poll}-{index}"), "", &full(titles[index]), day)
    });
    check("new links", &|poll, index| {
        let link = format!("https://a.example/{poll}/{index}");
        item(&format!("{poll}-{index}"), &link, &full(titles[index]), day)
    });
    check("headlines that change as well", &|poll, index| {
        let link = format!("https://a.example/{index}");
        item(&format!("{poll}-{index}"), &link, &format!("{} {poll}", full(titles[index])), day)
    });
}

#[test]
fn false_dates_gain_nothing() {
    let world = World::new(&["liar", "paper"]);
    let link = |n: usize| format!("https://liar.example/{n}");
    let dates = [
        "Fri, 01 Jan 2100 00:00:00 GMT",
        "Fri, 31 Dec 9999 23:59:59 GMT",
        "9998-01-01T00:00:00Z",
        "Thu, 01 Jan 1970 00:00:00 GMT",
        "Wed, 02 Jan 1980 00:00:00 GMT",
        "0001-01-01T00:00:00Z",
        "Mon, 99 Foo 99999 99:99:99 GMT",
    ];
    let items: String = (0..)
        .zip(dates)
        .map(|(n, date)| dated(&n.to_string(), &link(n), &format!("كاذب {n}"), date))
        .collect();
    let state = world.poll("liar", &items, at(1));
    assert!(
        has_warning(&state, "a date lies more than a day in the future"),
        "{:?}",
        state.document.warnings
    );
    assert!(has_warning(&state, "a date lies before 1990"), "{:?}", state.document.warnings);
    assert!(
        state.schedule.due_at > at(1) && state.schedule.due_at < at(26),
        "it is polled like any other"
    );
    world.poll("paper", &item("1", "https://paper.example/1", "صادق", at(2)), at(2));
    for hour in 3..6 {
        world.poll("liar", &items, at(hour));
        assert_eq!(world.titles()[0], "صادق", "what appeared later stands above");
    }
    let merged = world.merged();
    assert_eq!(merged.len(), 8);
    for item in &merged {
        let published: Timestamp = item["date_published"].as_str().unwrap().parse().unwrap();
        assert!(published <= at(2), "no reader gets a later date: {item}");
    }
}

/// Sixty thousand entries or fewer, none of them seen before.
fn flood(poll: i64, count: usize, now: Timestamp) -> String {
    (0..count).fold(String::new(), |mut items, n| {
        let link = format!("https://flood.example/{poll}/{n}");
        let words = item(&format!("{poll}-{n}"), &link, &format!("سيل {poll} رقم {n}"), now);
        items.write_str(&words).unwrap();
        items
    })
}

#[test]
fn a_flood_is_limited_to_its_source_and_does_not_grow() {
    let world = World::new(&["flood", "paper", "diary"]);
    let mut names = Vec::new();
    let mut state = world.poll("flood", &flood(0, 60_000, at(0)), at(0));
    assert!(has_warning(&state, "beyond the first 5000"), "{:?}", state.document.warnings);
    assert!(!has_warning(&state, "are new at once"), "at first everything is new");
    for poll in 1..4 {
        state = world.poll("flood", &flood(poll, 6_000, at(poll)), at(poll));
        assert_eq!(world.count("flood"), KEPT as u64);
        let flood = SourceId::new("flood").unwrap();
        names.push(world.store.seen_index(&flood).unwrap().names().count());
    }
    assert!(
        has_warning(&state, "5000 of 5000 entries are new at once"),
        "{:?}",
        state.document.warnings
    );
    assert!(names.iter().all(|count| *count <= MOST_NAMES), "{names:?}");
    assert_eq!(names[1], names[2], "what is remembered grows no more");
    // The others keep what they published before and during the flood.
    for n in 0..12 {
        let number = n.to_string();
        let link = format!("https://paper.example/{n}");
        world.poll("paper", &item(&number, &link, &format!("صحيفة {n}"), at(-n)), at(3));
    }
    world.poll("diary", &item("1", "https://diary.example/1", "يومية", at(-9)), at(3));
    let titles = world.titles();
    let of = |word: &str| titles.iter().filter(|title| title.starts_with(word)).count();
    // Ten of the paper's are among the thirty newest within the shares; two more have just arrived.
    assert_eq!((of("صحيفة"), of("يومية"), of("سيل")), (12, 1, 19), "{titles:?}");
}

#[test]
fn a_title_of_megabytes_is_cut_and_reported() {
    let world = World::new(&["a"]);
    let title = "كلمة ".repeat(400_000);
    let state = world.poll("a", &item("1", "https://a.example/1", &title, at(0)), at(1));
    assert!(
        has_warning(&state, "a title is longer than 1000 characters"),
        "{:?}",
        state.document.warnings
    );
    assert!(world.titles()[0].chars().count() <= 1_001);
}
