//! Entries of an output → those that stand for their stories, and who else tells of each.
//!
//! Of a story's tellings that an output may hold, the one that arrived first stands for it. Arrivals never
//! change, so whatever comes later, the entry that readers have seen stays where and what it is; it only
//! learns who else tells of it.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::press::{Press, subject};
use crate::daemon::store::StoreError;
use crate::feed::model::{
    AlsoTold, EntryId, ListedEntry, Scope, SourceCard, SourceId, Stories, StoryCard, Told,
};

/// Other tellings that an entry names, at most: as many as a story takes without doubt.
const MOST_NAMED: usize = 40;

/// The stories of one output, looked up once each.
pub(super) struct Tellings<'a> {
    press: &'a Press,
    scope: &'a Scope,
    cards: &'a BTreeMap<SourceId, SourceCard>,
    mode: Stories,
    /// Who stands for each story that was asked for.
    standing: RefCell<BTreeMap<EntryId, Option<EntryId>>>,
}

impl<'a> Tellings<'a> {
    /// The stories of an output with sources of these cards.
    pub(super) fn new(
        press: &'a Press,
        scope: &'a Scope,
        cards: &'a BTreeMap<SourceId, SourceCard>,
    ) -> Self {
        let edition = &press.edition;
        let mode = match scope {
            // It holds all of its entries, each for itself.
            Scope::Source(_) => Stories::Off,
            Scope::Output(id) => {
                edition.output(id).and_then(|output| output.stories).unwrap_or(edition.stories)
            }
            Scope::All | Scope::Category(_) => edition.stories,
        };
        Self { press, scope, cards, mode, standing: RefCell::default() }
    }

    /// Whether some entries do not stand in the output because others tell the same.
    pub(super) fn collapses(&self) -> bool {
        self.mode == Stories::Collapse
    }

    /// Whether an entry stands for its story. What cannot be read is shown.
    pub(super) fn stands(&self, listed: &ListedEntry) -> bool {
        let story = match self.press.store.told(listed.id) {
            Ok(Some(told)) => told.assignment.story,
            Ok(None) => return true,
            Err(error) => {
                tracing::warn!(%error, "a story cannot be read");
                return true;
            }
        };
        let known = self.standing.borrow().get(&story).copied();
        let first = known.unwrap_or_else(|| {
            let first = self.first_of(story).unwrap_or_else(|error| {
                tracing::warn!(%error, "a story cannot be read");
                None
            });
            self.standing.borrow_mut().insert(story, first);
            first
        });
        first.is_none_or(|first| first == listed.id)
    }

    /// The first telling that the output may hold; `None`: nobody else tells of it.
    fn first_of(&self, story: EntryId) -> Result<Option<EntryId>, StoreError> {
        let members = self.press.store.members(story)?;
        if members.len() < 2 {
            return Ok(None);
        }
        for member in members {
            if self.may_hold(&member)? {
                return Ok(Some(member.id));
            }
        }
        Ok(None)
    }

    fn may_hold(&self, member: &Told) -> Result<bool, StoreError> {
        let Some(card) = self.cards.get(&member.source) else { return Ok(false) };
        let sieve = &self.press.edition.sieve;
        if sieve.is_open(self.scope) {
            return Ok(true);
        }
        let listed = self.press.store.entry(member.id, member.listed_at)?;
        Ok(listed.is_some_and(|listed| {
            sieve.passes(self.scope, &listed, |listed| subject(listed, Some(card)))
        }))
    }

    /// Who else tells of each of these entries, among all sources of the site.
    pub(super) fn cards_of(
        &self,
        entries: &[ListedEntry],
    ) -> Result<BTreeMap<EntryId, StoryCard>, StoreError> {
        let mut stories = BTreeMap::new();
        if self.mode == Stories::Off {
            return Ok(stories);
        }
        for listed in entries {
            let Some(told) = self.press.store.told(listed.id)? else { continue };
            let card = self.press.story_card(told.assignment.story, Some(&told))?;
            if !card.also.is_empty() {
                stories.insert(listed.id, card);
            }
        }
        Ok(stories)
    }
}

/// A telling that is published, with the card of its source.
pub(super) struct Published {
    pub(super) told: Told,
    pub(super) listed: ListedEntry,
    pub(super) card: SourceCard,
}

impl Press {
    /// A story's tellings of sources of the site, without the entry that is shown itself.
    pub(super) fn story_card(
        &self,
        story: EntryId,
        shown: Option<&Told>,
    ) -> Result<StoryCard, StoreError> {
        let mut also = Vec::new();
        for member in self.store.members(story)? {
            let is_shown = shown.is_some_and(|shown| shown.id == member.id);
            if is_shown || also.len() == MOST_NAMED {
                continue;
            }
            also.extend(self.also_told(&member, shown)?);
        }
        Ok(StoryCard { id: story, also })
    }

    fn also_told(
        &self,
        member: &Told,
        shown: Option<&Told>,
    ) -> Result<Option<AlsoTold>, StoreError> {
        let Some((listed, card)) = self.published(member)? else { return Ok(None) };
        let group = |told: &Told| told.assignment.text_group;
        Ok(Some(AlsoTold {
            id: member.id,
            source: card.id,
            name: card.name,
            title: listed.entry.title,
            link: listed.entry.link,
            listed_at: listed.listed_at,
            is_same_text: shown.is_some_and(|shown| group(shown) == group(member)),
        }))
    }

    /// Every telling of the story of an entry that is published, in the order of arrival.
    pub(super) fn tellings_of(&self, id: EntryId) -> Result<Vec<Published>, StoreError> {
        let Some(told) = self.store.told(id)? else { return Ok(Vec::new()) };
        let mut tellings = Vec::new();
        for member in self.store.members(told.assignment.story)? {
            if let Some((listed, card)) = self.published(&member)? {
                tellings.push(Published { told: member, listed, card });
            }
        }
        Ok(tellings)
    }

    /// An entry with the card of its source. `None`: its source is not of the site any more, it is no
    /// longer kept, or the operator holds it back.
    fn published(&self, told: &Told) -> Result<Option<(ListedEntry, SourceCard)>, StoreError> {
        let edition = &self.edition;
        let Some(source) = edition.sources.iter().find(|source| source.id == told.source) else {
            return Ok(None);
        };
        let Some(listed) = self.store.entry(told.id, told.listed_at)? else { return Ok(None) };
        let card = edition.card_of(&self.store, source)?;
        let own = Scope::Source(source.id.clone());
        let is_held = !edition.sieve.is_open(&own)
            && !edition.sieve.passes(&own, &listed, |listed| subject(listed, Some(&card)));
        Ok((!is_held).then_some((listed, card)))
    }
}
