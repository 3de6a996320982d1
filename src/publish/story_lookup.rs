//! Entries of an output → those that stand for their stories, and who else tells of each.
//!
//! Of a story's tellings that an output may hold, the one that arrived first stands for it; of those that
//! arrived together, the one that is dated first, then the one of the source that the operator lists first. Arrivals
//! never change, so whatever comes later, the entry that readers have seen stays where and what it is; it only
//! learns who else tells of it.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use super::renderer::Renderer;
use crate::model::{
    EntryId, OtherTelling, Scope, SourceId, SourceInfo, StoredEntry, StoryDisplay, StoryRecord,
    StorySummary,
};
use crate::store::StoreError;

/// Other tellings that an entry names, at most: as many as a story takes without doubt.
const MAX_NAMED: usize = 40;

/// The stories of one output, looked up once each.
pub(super) struct StoryLookup<'a> {
    renderer: &'a Renderer,
    scope: &'a Scope,
    /// The sources of the output.
    cards: &'a BTreeMap<SourceId, SourceInfo>,
    /// Those of the site that were asked for beside them; `None`: it is not of the site any more.
    others: RefCell<BTreeMap<SourceId, Option<SourceInfo>>>,
    mode: StoryDisplay,
    /// What was decided about entries that were asked for.
    records: RefCell<BTreeMap<EntryId, Option<StoryRecord>>>,
    /// The tellings of each story that was asked for, in the order in which they arrived.
    members: RefCell<BTreeMap<EntryId, Rc<[StoryRecord]>>>,
    /// Who stands for each story that was asked for.
    representatives: RefCell<BTreeMap<EntryId, Option<EntryId>>>,
}

/// A telling that is published, with the card of its source.
pub(super) struct PublishedTelling {
    pub(super) record: StoryRecord,
    pub(super) listed: StoredEntry,
    pub(super) card: SourceInfo,
}

/// A telling as it is kept, with the card of its source if that is of the site.
pub(super) type StoredTelling<'a> = (StoredEntry, Option<Cow<'a, SourceInfo>>);

impl<'a> StoryLookup<'a> {
    /// The stories of an output with sources of these cards.
    pub(super) fn new(
        press: &'a Renderer,
        scope: &'a Scope,
        cards: &'a BTreeMap<SourceId, SourceInfo>,
    ) -> Self {
        let edition = &press.site;
        let mode = match scope {
            // It holds all of its entries, each for itself.
            Scope::Source(_) => StoryDisplay::Off,
            Scope::Output(id) => {
                edition.output(id).and_then(|output| output.stories).unwrap_or(edition.stories)
            }
            Scope::All | Scope::Category(_) => edition.stories,
        };
        Self {
            renderer: press,
            scope,
            cards,
            mode,
            others: RefCell::default(),
            records: RefCell::default(),
            members: RefCell::default(),
            representatives: RefCell::default(),
        }
    }

    /// Whether some entries do not stand in the output because others tell the same.
    pub(super) fn collapses(&self) -> bool {
        self.mode == StoryDisplay::Collapse
    }

    /// Whether an entry stands for its story. What cannot be read is shown.
    pub(super) fn is_representative(&self, listed: &StoredEntry) -> bool {
        self.representative_of(listed)
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "a story cannot be read");
                None
            })
            .is_none_or(|first| first == listed.id)
    }

    /// The entry that stands for an entry's story, perhaps itself; `None`: nobody else tells of it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn representative_of(
        &self,
        listed: &StoredEntry,
    ) -> Result<Option<EntryId>, StoreError> {
        let Some(told) = self.story_record(listed.id)? else { return Ok(None) };
        let story = told.assignment.story;
        if let Some(known) = self.representatives.borrow().get(&story) {
            return Ok(*known);
        }
        let first = self.first_eligible(story)?;
        self.representatives.borrow_mut().insert(story, first);
        Ok(first)
    }

    /// The first telling that the output may hold; `None`: nobody else tells of it.
    fn first_eligible(&self, story: EntryId) -> Result<Option<EntryId>, StoreError> {
        let members = self.members(story)?;
        if members.len() < 2 {
            return Ok(None);
        }
        for member in members.iter() {
            if self.may_hold(member)? {
                return Ok(Some(member.id));
            }
        }
        Ok(None)
    }

    fn may_hold(&self, member: &StoryRecord) -> Result<bool, StoreError> {
        let Some(card) = self.cards.get(&member.source) else { return Ok(false) };
        let sieve = &self.renderer.site.filters;
        if sieve.accepts_all(self.scope) {
            return Ok(true);
        }
        let listed = self.renderer.store.entry(member.id, member.listed_at)?;
        Ok(listed.is_some_and(|listed| sieve.passes(self.scope, &listed, Some(card))))
    }

    /// Who else tells of each of these entries, among all sources of the site.
    pub(super) fn story_summaries(
        &self,
        entries: &[StoredEntry],
    ) -> Result<BTreeMap<EntryId, StorySummary>, StoreError> {
        let mut stories = BTreeMap::new();
        if self.mode == StoryDisplay::Off {
            return Ok(stories);
        }
        for listed in entries {
            let Some(told) = self.story_record(listed.id)? else { continue };
            let card = self.summarize_story(&told)?;
            if !card.others.is_empty() {
                stories.insert(listed.id, card);
            }
        }
        Ok(stories)
    }

    /// A story's tellings of sources of the site, without the entry that is shown itself.
    fn summarize_story(&self, shown: &StoryRecord) -> Result<StorySummary, StoreError> {
        let story = shown.assignment.story;
        let mut also = Vec::new();
        for member in self.members(story)?.iter().filter(|member| member.id != shown.id) {
            if also.len() == MAX_NAMED {
                break;
            }
            let Some(PublishedTelling { listed, card, .. }) = self.published_telling(member)?
            else {
                continue;
            };
            also.push(OtherTelling {
                id: member.id,
                source: card.id,
                name: card.name,
                title: listed.entry.title,
                link: listed.entry.link,
                listed_at: listed.listed_at,
                is_same_text: shown.assignment.text_group == member.assignment.text_group,
            });
        }
        Ok(StorySummary { id: story, others: also })
    }

    /// Every telling of the story of an entry that is published, in the order of arrival.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn published_tellings(
        &self,
        id: EntryId,
    ) -> Result<Vec<PublishedTelling>, StoreError> {
        // A story keeps the name of the entry that began it, also when that is no longer kept.
        let story = self.story_record(id)?.map_or(id, |told| told.assignment.story);
        let members = self.members(story)?;
        let published = members.iter().map(|member| self.published_telling(member));
        published.filter_map(Result::transpose).collect()
    }

    /// A telling with the card of its source. `None`: its source is not of the site any more, it is no
    /// longer kept, or the operator holds it back.
    fn published_telling(
        &self,
        told: &StoryRecord,
    ) -> Result<Option<PublishedTelling>, StoreError> {
        let Some((listed, Some(card))) = self.stored_telling(told)? else { return Ok(None) };
        let is_published = self.is_published(&listed, Some(&card));
        let card = card.into_owned();
        Ok(is_published.then(|| PublishedTelling { record: told.clone(), listed, card }))
    }

    /// A telling as it is kept; `None`: it is no longer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn stored_telling(
        &self,
        told: &StoryRecord,
    ) -> Result<Option<StoredTelling<'a>>, StoreError> {
        let Some(listed) = self.renderer.store.entry(told.id, told.listed_at)? else {
            return Ok(None);
        };
        Ok(Some((listed, self.source_info(&told.source)?)))
    }

    /// Whether the rules of its own source let an entry pass; `None`: its source is not of the site.
    pub(super) fn is_published(&self, listed: &StoredEntry, card: Option<&SourceInfo>) -> bool {
        let sieve = &self.renderer.site.filters;
        let own = Scope::Source(listed.source.clone());
        card.is_some() && (sieve.accepts_all(&own) || sieve.passes(&own, listed, card))
    }

    /// What was decided about an entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn story_record(&self, id: EntryId) -> Result<Option<StoryRecord>, StoreError> {
        if let Some(told) = self.records.borrow().get(&id) {
            return Ok(told.clone());
        }
        let told = self.renderer.store.story_record(id)?;
        self.records.borrow_mut().insert(id, told.clone());
        Ok(told)
    }

    /// A story's tellings in the order in which they arrived.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn members(&self, story: EntryId) -> Result<Rc<[StoryRecord]>, StoreError> {
        if let Some(members) = self.members.borrow().get(&story) {
            return Ok(Rc::clone(members));
        }
        let mut members = self.renderer.store.story_members(story)?;
        // Of those that arrived together, the one that is dated first, then as the operator lists them.
        let place = |told: &StoryRecord| {
            let mut sources = self.renderer.site.sources.iter();
            sources.position(|source| source.id == told.source).unwrap_or(usize::MAX)
        };
        members.sort_by_cached_key(|told| (told.seen_at, told.listed_at, place(told), told.id));
        let members: Rc<[StoryRecord]> = members.into();
        let told = members.iter().map(|member| (member.id, Some(member.clone())));
        self.records.borrow_mut().extend(told);
        self.members.borrow_mut().insert(story, Rc::clone(&members));
        Ok(members)
    }

    /// The card of a source; `None`: it is not of the site.
    fn source_info(&self, id: &SourceId) -> Result<Option<Cow<'a, SourceInfo>>, StoreError> {
        if let Some(card) = self.cards.get(id) {
            return Ok(Some(Cow::Borrowed(card)));
        }
        if let Some(card) = self.others.borrow().get(id) {
            return Ok(card.clone().map(Cow::Owned));
        }
        let source = self.renderer.site.sources.iter().find(|source| source.id == *id);
        let made = match source {
            Some(source) => Some(self.renderer.site.source_info(&self.renderer.store, source)?),
            None => None,
        };
        self.others.borrow_mut().insert(id.clone(), made.clone());
        Ok(made.map(Cow::Owned))
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, Shop, at};
    use super::*;
    use crate::store::Pruning;

    /// Three sources that tell one story, in this order of arrival.
    fn shop() -> (Shop, Vec<StoredEntry>) {
        let shop = Shop::open();
        let told: Vec<StoredEntry> =
            ["a", "b", "c"].map(|source| sample::listed(source, "1", "افتتاح مكتبة")).into();
        for (second, listed) in (0..).zip(&told) {
            let decided = sample::story_record(listed, told[0].id, second);
            let source = listed.source.to_string();
            shop.keep_told(&source, second, vec![listed.clone()], vec![decided]);
        }
        (shop, told)
    }

    fn cards(press: &Renderer) -> BTreeMap<SourceId, SourceInfo> {
        press.source_infos(&Scope::All).unwrap().unwrap()
    }

    #[test]
    fn one_telling_stands_and_names_the_others() {
        let (shop, told) = shop();
        let press = shop.press(["a", "b", "c"].map(sample::source).into());
        let cards = cards(&press);
        let tellings = StoryLookup::new(&press, &Scope::All, &cards);
        assert!(tellings.collapses());
        let stands = |listed: &StoredEntry| tellings.is_representative(listed);
        assert_eq!([stands(&told[0]), stands(&told[1]), stands(&told[2])], [true, false, false]);
        let named = tellings.story_summaries(&told[..1]).unwrap();
        let also = named[&told[0].id].others.iter().map(|also| also.source.as_str());
        assert_eq!(also.collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(tellings.published_tellings(told[2].id).unwrap().len(), 3);
    }

    #[test]
    fn what_arrived_together_is_ordered_by_its_dates_and_by_the_operators_list() {
        let shop = Shop::open();
        let dated = |source: &str, second: i64| {
            let listed = sample::listed(source, "1", "افتتاح مكتبة");
            StoredEntry { listed_at: at(second), ..listed }
        };
        let told = [dated("c", 5), dated("b", 3), dated("a", 3)];
        for listed in &told {
            let decided = sample::story_record(listed, told[0].id, 9);
            shop.keep_told(listed.source.as_str(), 9, vec![listed.clone()], vec![decided]);
        }
        let standing = |sources: [&str; 3]| {
            let press = shop.press(sources.map(sample::source).into());
            let cards = cards(&press);
            let tellings = StoryLookup::new(&press, &Scope::All, &cards);
            let first = tellings.representative_of(&told[0]).unwrap();
            told.iter().find(|it| Some(it.id) == first).map(|it| it.source.to_string())
        };
        assert_eq!(standing(["a", "b", "c"]).as_deref(), Some("a"));
        assert_eq!(standing(["c", "b", "a"]).as_deref(), Some("b"));
    }

    #[test]
    fn who_is_not_of_the_output_stands_for_nothing() {
        let (shop, told) = shop();
        let press = shop.press(["b", "c"].map(sample::source).into());
        let cards = cards(&press);
        let tellings = StoryLookup::new(&press, &Scope::All, &cards);
        assert!(tellings.is_representative(&told[1]) && !tellings.is_representative(&told[2]));
        assert_eq!(tellings.published_tellings(told[1].id).unwrap().len(), 2);
    }

    #[test]
    fn what_a_rule_holds_back_stands_for_nothing() {
        let (shop, told) = shop();
        let mut first = sample::source("a");
        first.rules.drop = vec!["مكتبة".to_owned()];
        let press = shop.press(vec![first, sample::source("b"), sample::source("c")]);
        let cards = cards(&press);
        let tellings = StoryLookup::new(&press, &Scope::All, &cards);
        assert!(!tellings.is_representative(&told[0]) && tellings.is_representative(&told[1]));
        let named = tellings.story_summaries(&told[1..2]).unwrap();
        let also = named[&told[1].id].others.iter().map(|also| also.source.as_str());
        assert_eq!(also.collect::<Vec<_>>(), ["c"], "it is not named either");
    }

    #[test]
    fn a_story_is_found_when_its_first_telling_is_gone() {
        let (shop, mut told) = shop();
        told[0].listed_at = at(-10);
        let older = sample::listed("a", "2", "خبر قديم");
        let older = StoredEntry { listed_at: at(-100), ..older };
        let member = sample::listed("b", "2", "خبر قديم");
        let late = StoredEntry { listed_at: at(50), ..member };
        shop.keep_told(
            "a",
            10,
            vec![older.clone()],
            vec![sample::story_record(&older, older.id, 10)],
        );
        shop.keep_told(
            "b",
            11,
            vec![late.clone()],
            vec![sample::story_record(&late, older.id, 11)],
        );
        let pruning =
            Pruning { keep_since: at(-50), spare_newest: 0, spare_listed: false, at_most: 100 };
        shop.store.prune_source(&older.source, &pruning).unwrap();
        let press = shop.press(["a", "b"].map(sample::source).into());
        let cards = cards(&press);
        let tellings = StoryLookup::new(&press, &Scope::All, &cards);
        assert!(tellings.story_record(older.id).unwrap().is_none(), "it is not kept");
        let all = tellings.published_tellings(older.id).unwrap();
        assert_eq!(all.len(), 1, "the story's page has who still tells of it");
        assert_eq!(all[0].listed.id, late.id);
    }
}
