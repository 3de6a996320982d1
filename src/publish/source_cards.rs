//! The site and the poll states → what outputs say about each source, kept between renderings. A source is read
//! again when its poll state was written, or its configuration changed; all others cost nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use super::published_site::{PublishedSite, source_info};
use crate::model::{Scope, Source, SourceId, SourceInfo};
use crate::store::{self, Store, StoreError};

/// The maximum number of outputs whose sources are remembered: as many as are kept current.
const MAX_SCOPES: usize = 1_000;

/// The sources of an output.
#[derive(Debug, Default)]
pub(super) struct ScopeSources {
    /// What the output says about each of them.
    pub(super) infos: Arc<BTreeMap<SourceId, Arc<SourceInfo>>>,
    /// Their ids.
    pub(super) ids: BTreeSet<SourceId>,
    /// Those whose number of entries in merged outputs the operator limits.
    pub(super) caps: BTreeMap<SourceId, usize>,
    /// Their hashes in the journal of arrivals, sorted.
    pub(super) hashes: Vec<u32>,
}

impl ScopeSources {
    /// What the output says about a source. `None`: it does not have it.
    pub(super) fn info(&self, id: &SourceId) -> Option<&SourceInfo> {
        self.infos.get(id).map(AsRef::as_ref)
    }
}

/// What is known about the sources of a site.
#[derive(Debug, Default)]
pub(super) struct SourceCards {
    site: Option<PublishedSite>,
    /// The number of the last change of a poll state that is taken into account.
    read_to: u64,
    cards: HashMap<SourceId, SourceCard>,
    scopes: BTreeMap<Scope, Arc<ScopeSources>>,
    /// Grows whenever the site or what is said about a source changes.
    version: u64,
}

#[derive(Debug)]
struct SourceCard {
    source: Arc<Source>,
    info: Arc<SourceInfo>,
}

impl SourceCards {
    /// Takes into account what changed: the configuration, and the poll states of known sources.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn update(&mut self, store: &Store, site: &PublishedSite) -> Result<(), StoreError> {
        let changed = store.poll_states_changed_since(self.read_to);
        if self.site.as_ref() != Some(site) {
            // Of another configuration only what is the same in both is still true.
            self.cards
                .retain(|id, card| site.sources.find(id).is_some_and(|it| *it == card.source));
            self.scopes.clear();
            self.site = Some(site.clone());
            self.version += 1;
        }
        for id in &changed.sources {
            let Some(source) = self.cards.get(id).map(|card| Arc::clone(&card.source)) else {
                continue;
            };
            let info = source_info(store, &source)?;
            let Some(card) = self.cards.get_mut(id) else { continue };
            if *card.info != info {
                card.info = Arc::new(info);
                self.scopes.retain(|_, sources| !sources.ids.contains(id));
                self.version += 1;
            }
        }
        self.read_to = changed.number;
        Ok(())
    }

    /// Grows whenever the site or what is said about a source changes.
    pub(super) fn version(&self) -> u64 {
        self.version
    }

    /// What outputs say about a source of the site.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn source_info(
        &mut self,
        store: &Store,
        source: &Arc<Source>,
    ) -> Result<Arc<SourceInfo>, StoreError> {
        if let Some(card) = self.cards.get(&source.id) {
            return Ok(Arc::clone(&card.info));
        }
        let info = Arc::new(source_info(store, source)?);
        let card = SourceCard { source: Arc::clone(source), info: Arc::clone(&info) };
        self.cards.insert(source.id.clone(), card);
        Ok(info)
    }

    /// The sources of an output, perhaps none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn scope_sources(
        &mut self,
        store: &Store,
        site: &PublishedSite,
        scope: &Scope,
    ) -> Result<Arc<ScopeSources>, StoreError> {
        if let Some(known) = self.scopes.get(scope) {
            return Ok(Arc::clone(known));
        }
        let mut infos = BTreeMap::new();
        let (mut caps, mut hashes) = (BTreeMap::new(), Vec::new());
        for source in site.sources_of(scope) {
            infos.insert(source.id.clone(), self.source_info(store, source)?);
            caps.extend(source.cap.map(|cap| (source.id.clone(), cap)));
            hashes.push(store::source_hash(&source.id));
        }
        hashes.sort_unstable();
        hashes.dedup();
        let ids = infos.keys().cloned().collect();
        let sources = Arc::new(ScopeSources { infos: Arc::new(infos), ids, caps, hashes });
        if self.scopes.len() >= MAX_SCOPES {
            self.scopes.clear();
        }
        self.scopes.insert(scope.clone(), Arc::clone(&sources));
        Ok(sources)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore};
    use super::*;
    use crate::model::PollState;
    use crate::store::Commit;

    fn name_of(cards: &mut SourceCards, store: &Store, site: &PublishedSite) -> String {
        cards.update(store, site).unwrap();
        let sources = cards.scope_sources(store, site, &Scope::All).unwrap();
        sources.infos.values().map(|info| info.name.clone()).collect::<Vec<_>>().join(" ")
    }

    fn poll(store: &Store, source: &str, title: &str) {
        let mut state = PollState::new([0; 16], sample::at(0));
        state.document.feed_info.title = Some(title.to_owned());
        let commit = Commit {
            source: SourceId::new(source).unwrap(),
            state,
            new: Vec::new(),
            changed: Vec::new(),
            restored: Vec::new(),
            story_records: Vec::new(),
            observed: Vec::new(),
            is_whole: false,
        };
        store.commit(&[commit], 10).unwrap();
    }

    #[test]
    fn a_card_follows_its_poll_state_and_its_configuration() {
        let shop = TestStore::open();
        let site = |sources: Vec<Source>| PublishedSite::clone(&shop.renderer(sources).site);
        let both = site(vec![sample::source("a"), sample::source("b")]);
        let mut cards = SourceCards::default();
        assert_eq!(name_of(&mut cards, &shop.store, &both), "a.example b.example");
        let version = cards.version();
        poll(&shop.store, "a", "صحيفة");
        assert_eq!(name_of(&mut cards, &shop.store, &both), "صحيفة b.example");
        assert_eq!(cards.version(), version + 1);
        // The same again, and a source that is not of the site.
        poll(&shop.store, "a", "صحيفة");
        poll(&shop.store, "c", "غيرها");
        assert_eq!(name_of(&mut cards, &shop.store, &both), "صحيفة b.example");
        assert_eq!(cards.version(), version + 1, "nothing visible changed");
        let named = Source { name: Some("وكالة".to_owned()), ..sample::source("b") };
        let renamed = site(vec![named, sample::source("a")]);
        assert_eq!(name_of(&mut cards, &shop.store, &renamed), "صحيفة وكالة");
        assert_eq!(cards.version(), version + 2);
        let rest = site(vec![sample::source("c")]);
        assert_eq!(name_of(&mut cards, &shop.store, &rest), "غيرها");
        poll(&shop.store, "a", "اسم جديد");
        assert_eq!(
            name_of(&mut cards, &shop.store, &both),
            "اسم جديد b.example",
            "it was removed meanwhile"
        );
        assert_eq!(name_of(&mut SourceCards::default(), &shop.store, &both), "اسم جديد b.example");
    }

    #[test]
    fn a_scope_has_its_own_sources() {
        let shop = TestStore::open();
        let capped = Source { cap: Some(3), ..sample::source("a") };
        let site = PublishedSite::clone(&shop.renderer(vec![capped, sample::source("b")]).site);
        let mut cards = SourceCards::default();
        cards.update(&shop.store, &site).unwrap();
        let mut sources = |scope: Scope| cards.scope_sources(&shop.store, &site, &scope).unwrap();
        let (a, b) = (SourceId::new("a").unwrap(), SourceId::new("b").unwrap());
        let all = sources(Scope::All);
        assert_eq!(all.ids, BTreeSet::from([a.clone(), b.clone()]));
        assert_eq!(all.caps, BTreeMap::from([(a, 3)]));
        assert!(all.hashes.is_sorted() && all.hashes.len() == 2);
        assert_eq!(sources(Scope::Source(b.clone())).ids, BTreeSet::from([b]));
        assert!(sources(Scope::Category("x".to_owned())).infos.is_empty());
        assert!(Arc::ptr_eq(&all, &sources(Scope::All)), "made once");
    }
}
