//! What the operator publishes: the site's texts, the sizes of the outputs, the sources. The configuration is
//! translated into it, so that publishing does not depend on the configuration.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use rafid_feed::model::Language;

use super::breaking::trusts_breaking_label;
use super::output_filters::OutputFilters;
use crate::health::frozen_dates;
use crate::model::{
    Category, ContentPolicy, DateStyle, Digits, FeedInfo, Location, Output, PerSource, PollState,
    PublicUrl, PublishRules, RemoteList, Scope, SiteName, Source, SourceInfo, SourceList,
    StoryDisplay, StoryVectorsChoice, Visibility,
};
use crate::render::local_clock::LocalClock;
use crate::render::masthead::SiteFrame;
use crate::render::status::InstanceStatus;
use crate::store::{Store, StoreError};

/// What the operator publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublishedSite {
    /// The site's title.
    pub title: String,
    /// The site's description.
    pub description: String,
    /// The public base address, ending in `/`.
    pub base: String,
    /// The address that the daemon listens on; `None`: it does not listen.
    pub listen: Option<String>,
    /// The configuration and the store that it is made from.
    pub instance: InstanceStatus,
    /// Whether it is a static site: all of its links point to files.
    pub is_folder: bool,
    /// The language of the site's own texts.
    pub language: Language,
    /// The time zone of the times on pages; `None`: UTC.
    pub timezone: Option<String>,
    /// How pages write dates and numbers.
    pub date_style: DateStyle,
    /// How to reach the operator.
    pub contact: Option<String>,
    /// Who may see the state of the sources.
    pub status: Visibility,
    /// Whether pages offer a search.
    pub can_search: bool,
    /// The maximum number of entries in an output's feed.
    pub entries: usize,
    /// The number of entries on a page.
    pub page_entries: usize,
    /// How much of an output of several sources one source may fill.
    pub per_source: PerSource,
    /// How outputs of several sources show stories.
    pub stories: StoryDisplay,
    /// The word vectors that stories are found with.
    pub story_vectors: StoryVectorsChoice,
    /// How much of an entry is published.
    pub content: ContentPolicy,
    /// Seconds between two polls of a source that does not request another interval.
    pub every_seconds: u64,
    /// The sources in the operator's order.
    pub sources: SourceList,
    /// The lists that are kept elsewhere.
    pub lists: SiteLists,
    /// The outputs with a name of their own, in the operator's order.
    pub outputs: Vec<Output>,
    /// The rules of all outputs of several sources, as the operator wrote them.
    pub merged_rules: PublishRules,
    /// Which entries are published where.
    pub filters: Arc<OutputFilters>,
}

/// The lists that some sources come from, and where their copies are.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SiteLists {
    /// The folder of the store.
    pub folder: PathBuf,
    /// The lists, in the operator's order.
    pub lists: Vec<RemoteList>,
}

impl PublishedSite {
    /// The sources of a scope, in the operator's order.
    pub fn sources_of<'a>(&'a self, scope: &'a Scope) -> impl Iterator<Item = &'a Arc<Source>> {
        let chosen = self.positions_of(scope);
        let all = chosen.is_none().then(|| self.sources.iter()).into_iter().flatten();
        let chosen = chosen.into_iter().flatten().filter_map(|at| self.sources.get(at));
        all.chain(chosen)
    }

    /// The positions of a scope's sources in the list of all; `None`: all of them.
    fn positions_of(&self, scope: &Scope) -> Option<BTreeSet<usize>> {
        match scope {
            Scope::All => None,
            Scope::Category(slug) => {
                Some(self.sources.positions_in_category(slug).iter().copied().collect())
            }
            Scope::Source(id) => Some(self.sources.position(id).into_iter().collect()),
            Scope::Output(id) => match self.output(id) {
                Some(output) => self.positions_of_output(output),
                None => Some(BTreeSet::new()),
            },
        }
    }

    /// The same for a named output.
    fn positions_of_output(&self, output: &Output) -> Option<BTreeSet<usize>> {
        if output.has_all_sources() {
            return None;
        }
        let of_categories =
            output.categories.iter().flat_map(|slug| self.sources.positions_in_category(slug));
        let named = output.sources.iter().filter_map(|id| self.sources.position(id));
        Some(of_categories.copied().chain(named).collect())
    }

    /// Whether an output has entries of a source.
    pub(super) fn includes_source(&self, scope: &Scope, source: &Source) -> bool {
        match scope {
            Scope::All => true,
            Scope::Category(slug) => has_category(source, slug),
            Scope::Source(id) => source.id == *id,
            Scope::Output(id) => self.output(id).is_some_and(|output| {
                output.has_all_sources()
                    || output.sources.contains(&source.id)
                    || output.categories.iter().any(|slug| has_category(source, slug))
            }),
        }
    }

    /// The named output with this id.
    pub fn output(&self, id: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.id == id)
    }

    /// The named outputs that everyone can find.
    pub(super) fn public_outputs(&self) -> impl Iterator<Item = &Output> {
        self.outputs.iter().filter(|output| !output.is_private())
    }

    /// Whether a scope is that of a private output.
    pub(super) fn is_private(&self, scope: &Scope) -> bool {
        let Scope::Output(id) = scope else { return false };
        self.output(id).is_some_and(Output::is_private)
    }

    /// What all pages show of the site.
    pub fn frame(&self) -> SiteFrame {
        SiteFrame {
            title: self.title.clone(),
            base: self.base.clone(),
            categories: self.categories(),
            outputs: self.public_outputs().map(|it| (it.id.clone(), it.name.clone())).collect(),
            can_search: self.can_search,
            is_folder: self.is_folder,
            hides_status: self.status != Visibility::Public,
        }
    }

    /// The clock of the pages.
    pub fn clock(&self) -> LocalClock {
        LocalClock::in_timezone(self.timezone.as_deref()).with_style(self.date_style)
    }

    /// The same with digits from 0 to 9.
    pub(super) fn clock_with_latin_digits(&self) -> LocalClock {
        let style = DateStyle { digits: Digits::Latin, ..self.date_style };
        self.clock().with_style(style)
    }

    /// The categories, each once, in the order of their first source.
    pub fn categories(&self) -> Vec<Category> {
        self.sources.categories().to_vec()
    }

    /// The name that the ids of the site's own feeds are made from: the name in the store. A store without a
    /// name uses the address.
    pub(super) fn site_name(&self, store: &Store) -> Result<SiteName, StoreError> {
        Ok(store.site_name()?.unwrap_or_else(|| SiteName::Address(self.base.clone())))
    }

    /// Seconds that subscribers need not request anything again: the fastest sources publish something new a
    /// few times within `every`. Whole minutes, as RSS counts them (`ttl`): every output and every header
    /// gives the same value.
    pub fn max_age_seconds(&self) -> u64 {
        (self.every_seconds / 6).clamp(60, 3600) / 60 * 60
    }
}

/// What outputs say about a source, from the configuration and the store.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn source_info(store: &Store, source: &Source) -> Result<SourceInfo, StoreError> {
    let state = store.poll_state(&source.id)?;
    let believes_breaking = trusts_breaking_label(store, source)?;
    Ok(SourceInfo { believes_breaking, ..base_source_info(source, state.as_ref()) })
}

/// What outputs say about a source: the operator's values first, then the publisher's.
/// `source_info` adds whether the source is trusted about breaking news.
pub(super) fn base_source_info(source: &Source, state: Option<&PollState>) -> SourceInfo {
    let feed_info = state.map(|state| &state.document.feed_info);
    let language = feed_info.and_then(|info| Language::parse(info.language.as_deref()?));
    // The publisher's own address or image would reveal which source a private one is.
    let is_open = !source.is_private;
    let site = source.site.as_ref().map(PublicUrl::redact);
    SourceInfo {
        id: source.id.clone(),
        name: display_name(source, state),
        description: feed_info.and_then(own_description).filter(|_| is_open),
        site: site.or_else(|| PublicUrl::parse(feed_info?.site.as_deref()?).filter(|_| is_open)),
        feed_url: source.published_url(),
        categories: source.categories.clone(),
        language: source.language.clone().or(language),
        rights: feed_info.and_then(|info| info.rights.clone()),
        image: feed_info.and_then(|info| info.image.clone()).filter(|_| is_open),
        are_dates_sure: state.is_none_or(are_dates_sure),
        believes_breaking: true,
    }
}

/// What a publisher says about a feed, unless it only repeats the title.
fn own_description(info: &FeedInfo) -> Option<String> {
    let title = info.title.as_deref().map(str::trim);
    info.description.clone().filter(|words| Some(words.trim()) != title)
}

fn has_category(source: &Source, slug: &str) -> bool {
    source.categories.iter().any(|category| category.slug == slug)
}

/// Whether outputs say something else about a source in one state than in another.
pub fn is_described_otherwise(
    source: &Source,
    before: Option<&PollState>,
    after: &PollState,
) -> bool {
    base_source_info(source, before) != base_source_info(source, Some(after))
}

/// Whether there is no evidence against a source's clock, and its dates advance.
fn are_dates_sure(state: &PollState) -> bool {
    state.health.clock.verdict.offset().is_none()
        && frozen_dates::detect_frozen_dates(&state.health.dates).is_none()
}

/// The name to show for a source: the operator's, else the publisher's title, else its host. The host of a
/// private source is not shown.
pub fn display_name(source: &Source, state: Option<&PollState>) -> String {
    let host = match &source.location {
        Location::Web(url) if !source.is_private => url.host_str().map(ToOwned::to_owned),
        _ => None,
    };
    let title = state.and_then(|state| state.document.feed_info.title.clone());
    source.name.clone().or(title).or(host).unwrap_or_else(|| source.id.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore};
    use super::*;
    use crate::http::{OutputFormat, Resource};
    use crate::model::SourceId;

    const ADDRESS: &str = "https://old.example/";

    /// The id of the Atom feed of all sources.
    fn feed_id(shop: &TestStore, base: &str) -> String {
        let renderer = shop.renderer(vec![sample::source("a")]);
        let site = PublishedSite { base: base.to_owned(), ..PublishedSite::clone(&renderer.site) };
        let renderer = super::super::Renderer { site: Arc::new(site), ..renderer };
        let resource = Resource::Feed { scope: Scope::All, format: OutputFormat::Atom };
        let rendition = renderer.render(&resource, None, sample::at(0)).unwrap().unwrap();
        let text = String::from_utf8(rendition.body.to_vec()).unwrap();
        let (_, rest) = text.split_once("<id>").unwrap();
        rest.split_once("</id>").unwrap().0.to_owned()
    }

    #[test]
    fn an_output_has_the_sources_of_its_categories_and_those_that_it_names() {
        let shop = TestStore::open();
        let with = |id: &str, names: &[&str]| {
            let categories = names.iter().map(|name| Category::new(name).unwrap()).collect();
            Source { categories, ..sample::source(id) }
        };
        let sources =
            vec![with("a", &["x", "y"]), with("b", &["y"]), with("c", &[]), with("d", &["x"])];
        let id = |id: &str| SourceId::new(id).unwrap();
        let output = |name: &str, categories: &[&str], sources: &[&str]| Output {
            categories: categories.iter().map(|slug| (*slug).to_owned()).collect(),
            sources: sources.iter().map(|name| id(name)).collect(),
            ..sample::output(name, PublishRules::default())
        };
        let site = PublishedSite {
            outputs: vec![output("all", &[], &[]), output("some", &["x", "none"], &["c", "a"])],
            ..PublishedSite::clone(&shop.renderer(sources).site)
        };
        for (scope, expected) in [
            (Scope::All, "abcd"),
            (Scope::Category("x".to_owned()), "ad"),
            (Scope::Category("y".to_owned()), "ab"),
            (Scope::Category("z".to_owned()), ""),
            (Scope::Source(id("b")), "b"),
            (Scope::Source(id("e")), ""),
            (Scope::Output("all".to_owned()), "abcd"),
            (Scope::Output("some".to_owned()), "acd"),
            (Scope::Output("none".to_owned()), ""),
        ] {
            let found: String = site.sources_of(&scope).map(|source| source.id.as_str()).collect();
            assert_eq!(found, expected, "{scope:?}");
        }
        let slugs: Vec<String> = site.categories().into_iter().map(|it| it.slug).collect();
        assert_eq!(slugs, ["x", "y"]);
    }

    #[test]
    fn ids_of_feeds_stay_when_the_site_moves() {
        let (one, two) = (TestStore::open(), TestStore::open());
        for shop in [&one, &two] {
            shop.store.ensure_site_name(None).unwrap();
        }
        let id = feed_id(&one, "http://127.0.0.1:8080/");
        assert!(id.starts_with("urn:uuid:"), "{id}");
        assert_ne!(id, feed_id(&two, "http://127.0.0.1:8080/"), "no other site has it");
        one.store.ensure_site_name(Some("https://new.example/")).unwrap();
        assert_eq!(feed_id(&one, "https://new.example/"), id);
    }

    #[test]
    fn ids_that_are_addresses_stay_addresses() {
        let shop = TestStore::open();
        assert_eq!(feed_id(&shop, ADDRESS), "https://old.example/atom.xml", "it has no name yet");
        shop.keep("a", 1, vec![sample::listed("a", "1", "خبر")]);
        shop.store.ensure_site_name(Some(ADDRESS)).unwrap();
        shop.store.ensure_site_name(Some("https://new.example/")).unwrap();
        assert_eq!(feed_id(&shop, "https://new.example/"), "https://old.example/atom.xml");
    }

    #[test]
    fn another_store_at_the_same_address_gives_the_same_ids() {
        let (one, two) = (TestStore::open(), TestStore::open());
        for shop in [&one, &two] {
            shop.store.ensure_site_name(Some(ADDRESS)).unwrap();
        }
        let id = feed_id(&one, ADDRESS);
        assert!(id.starts_with("urn:uuid:"), "{id}");
        assert_eq!(feed_id(&two, ADDRESS), id);
    }

    #[test]
    fn information_about_a_private_source_has_no_address() {
        let mut source = sample::source("a");
        let mut state = PollState::new([0; 16], sample::at(0));
        state.document.feed_info = crate::model::FeedInfo {
            title: Some("وكالة".to_owned()),
            description: Some("أخبار الوكالة".to_owned()),
            site: Some("https://me:s3cret@a.example/".to_owned()),
            image: Some("https://a.example/1.png".to_owned()),
            ..Default::default()
        };
        let open = base_source_info(&source, Some(&state));
        assert_eq!(open.site.as_ref().map(PublicUrl::as_str), Some("https://a.example/"));
        assert_eq!(open.name, "وكالة");
        assert_eq!(open.description.as_deref(), Some("أخبار الوكالة"));
        state.document.feed_info.description = Some(" وكالة".to_owned());
        assert_eq!(
            base_source_info(&source, Some(&state)).description,
            None,
            "it repeats the name"
        );
        state.document.feed_info.description = Some("أخبار الوكالة".to_owned());
        source.is_private = true;
        let hidden = base_source_info(&source, Some(&state));
        assert_eq!((hidden.site, hidden.feed_url, hidden.image), (None, None, None));
        assert_eq!((hidden.name.as_str(), hidden.description), ("وكالة", None));
    }
}
