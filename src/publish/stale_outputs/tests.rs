//! What changed → which outputs are rendered again: exactly those where it can show.

use std::sync::Arc;

use super::super::output_filters::OutputFilters;
use super::super::published_site::PublishedSite;
use super::super::sample::{self, TestStore};
use super::*;
use crate::http::OutputFormat;
use crate::model::{Category, Output, PublishRules};
use crate::publish::Renderer;

/// Sources `a` and `b` of one category, `c` of another; an output of `a` and `c` about books.
fn renderer(shop: &TestStore) -> Renderer {
    let categories = [("a", "ثقافة"), ("b", "ثقافة"), ("c", "صحة")];
    let sources = categories.map(|(id, name)| crate::model::Source {
        categories: Category::new(name).into_iter().collect(),
        ..sample::source(id)
    });
    let books = Output {
        query: Some("كتاب".to_owned()),
        sources: ["a", "c"].map(|id| SourceId::new(id).unwrap()).into(),
        ..sample::output("كتب", PublishRules::default())
    };
    let renderer = shop.renderer(sources.into());
    let shared: Vec<_> = renderer.site.sources.iter().cloned().collect();
    let outputs = vec![books];
    let filters = OutputFilters::parse(&shared, &PublishRules::default(), &outputs).unwrap();
    let site = PublishedSite::clone(&renderer.site);
    let site = Arc::new(PublishedSite { outputs, filters: Arc::new(filters), ..site });
    Renderer { site, ..renderer }
}

/// The outputs that are kept warm, with a name for each.
fn warm() -> Vec<(&'static str, Resource)> {
    let feed = |scope| Resource::Feed { scope, format: OutputFormat::Rss };
    let page = |scope| Resource::Page { scope, before: None };
    let source = |id: &str| Scope::Source(SourceId::new(id).unwrap());
    let category = |slug: &str| Scope::Category(slug.to_owned());
    let books = || Scope::Output("كتب".to_owned());
    vec![
        ("all", feed(Scope::All)),
        ("culture", feed(category("ثقافة"))),
        ("health", feed(category("صحة"))),
        ("a", feed(source("a"))),
        ("b", feed(source("b"))),
        ("books", feed(books())),
        ("books page", page(books())),
        ("list", Resource::Opml),
    ]
}

/// A site that was rendered, and what is remembered of it.
struct Rendered {
    shop: TestStore,
    renderer: Renderer,
    memory: ChangeMemory,
}

impl Rendered {
    /// Every source has two entries, and something is remembered of each.
    fn new() -> Self {
        let shop = TestStore::open();
        let renderer = renderer(&shop);
        let mut site = Self { shop, renderer, memory: ChangeMemory::default() };
        site.stale(&ReportedChanges::default());
        for key in ["0", "1"] {
            for id in ["a", "b", "c"] {
                site.shop.keep(id, 1, vec![sample::listed(id, key, "خبر أول")]);
            }
            site.stale(&ReportedChanges::default());
        }
        site
    }

    /// The names of the outputs that are to be rendered.
    fn stale(&mut self, reported: &ReportedChanges) -> Vec<&'static str> {
        let warm = warm();
        let resources: Vec<Resource> = warm.iter().map(|(_, resource)| resource.clone()).collect();
        let reader = self.renderer.reader();
        match find_stale_outputs(reader, &mut self.memory, reported, &resources).unwrap() {
            StaleOutputs::All => vec!["everything"],
            StaleOutputs::Some(stale) => {
                let is_stale = |(_, resource): &&(_, Resource)| stale.contains(resource);
                warm.iter().filter(is_stale).map(|(name, _)| *name).collect()
            }
        }
    }

    fn stale_after(&mut self, source: &str, key: &str, title: &str) -> Vec<&'static str> {
        self.shop.keep(source, 2, vec![sample::listed(source, key, title)]);
        self.stale(&ReportedChanges::default())
    }
}

fn edited(id: &str) -> ReportedChanges {
    let edited = BTreeSet::from([SourceId::new(id).unwrap()]);
    ReportedChanges { edited, ..ReportedChanges::default() }
}

#[test]
fn a_new_entry_concerns_the_outputs_that_may_hold_it() {
    let mut site = Rendered::new();
    assert_eq!(site.stale(&ReportedChanges::default()), [""; 0], "nothing changed");
    assert_eq!(site.stale_after("b", "2", "كتاب جديد"), ["all", "culture", "b"]);
    // The page says up to which arrival it reaches.
    assert_eq!(site.stale_after("a", "2", "مباراة"), ["all", "culture", "a", "books page"]);
    let books = ["all", "culture", "a", "books", "books page"];
    assert_eq!(site.stale_after("a", "3", "كتاب جديد"), books);
    assert_eq!(site.stale(&ReportedChanges::default()), [""; 0], "it was looked at");
}

#[test]
fn any_other_change_concerns_all_outputs_of_the_source() {
    let mut site = Rendered::new();
    let all_of_a = ["all", "culture", "a", "books", "books page"];
    assert_eq!(site.stale(&edited("a")), all_of_a);
    let described_otherwise = BTreeSet::from([SourceId::new("a").unwrap()]);
    let reported = ReportedChanges { described_otherwise, ..ReportedChanges::default() };
    let with_list = ["all", "culture", "a", "books", "books page", "list"];
    assert_eq!(site.stale(&reported), with_list);
    let everything = ReportedChanges { everything: true, ..ReportedChanges::default() };
    assert_eq!(site.stale(&everything), ["everything"]);
    // An entry that leaves the store makes room for others, whatever the new one says.
    let source = SourceId::new("a").unwrap();
    let pruning = crate::store::Pruning {
        keep_since: sample::at(1_000),
        spare_newest: 0,
        spare_listed: false,
        at_most: 1,
    };
    assert_eq!(site.shop.store.prune_source(&source, &pruning).unwrap(), 1);
    assert_eq!(site.stale_after("a", "2", "مباراة"), all_of_a);
}

#[test]
fn a_story_concerns_the_outputs_of_its_other_members() {
    let mut site = Rendered::new();
    let first = sample::listed("c", "2", "افتتاح مستشفى");
    let record = sample::story_record(&first, first.id, 2);
    site.shop.keep_with_stories("c", 2, vec![first.clone()], vec![record]);
    assert_eq!(site.stale(&ReportedChanges::default()), ["all", "health", "books page"]);
    let second = sample::listed("b", "2", "افتتاح مستشفى");
    let record = sample::story_record(&second, first.id, 3);
    site.shop.keep_with_stories("b", 3, vec![second], vec![record]);
    let joined = ["all", "culture", "health", "b", "books", "books page"];
    assert_eq!(site.stale(&ReportedChanges::default()), joined);
    // An output that was rendered names the other source; its own feed names none.
    for (_, resource) in warm() {
        site.renderer.render(&resource, None, sample::at(0)).unwrap();
    }
    assert_eq!(site.stale(&edited("b")), ["all", "culture", "health", "b"]);
    assert_eq!(site.stale(&edited("c")), ["all", "culture", "health", "books", "books page"]);
}

#[test]
fn a_source_with_rules_of_its_own_may_enter_every_story() {
    let mut site = Rendered::new();
    let mut sources: Vec<_> = site.renderer.site.sources.iter().map(|it| (**it).clone()).collect();
    sources[0].rules.drop.push("مباراة".to_owned());
    site.renderer = site.shop.renderer(sources);
    assert_eq!(site.stale(&edited("a")), ["everything"]);
    assert_eq!(site.stale(&edited("b")), ["all", "culture", "b"]);
}

#[test]
fn a_flood_concerns_everything() {
    let mut site = Rendered::new();
    let flood = |count: usize, key: &str| -> Vec<StoredEntry> {
        let one = |number| sample::listed("b", &format!("{key}{number}"), "خبر");
        (0..count).map(one).collect()
    };
    site.shop.keep("b", 2, flood(MAX_EXAMINED, "x"));
    assert_eq!(site.stale(&ReportedChanges::default()), ["all", "culture", "b"]);
    site.shop.keep("b", 3, flood(MAX_EXAMINED + 1, "y"));
    assert_eq!(site.stale(&ReportedChanges::default()), ["everything"]);
    assert_eq!(site.stale_after("b", "z", "خبر"), ["all", "culture", "b"]);
}
