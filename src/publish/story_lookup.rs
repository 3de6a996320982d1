//! Entries of an output → those that represent their stories, and the other outlets' versions of each.
//!
//! Among the members of a story that an output may hold, the one that arrived first represents the story.
//! Among members that arrived together it is the one with the earliest date, then the one whose source the
//! operator lists first. Arrival times never change. So whatever comes later, the entry that readers have
//! seen stays in place; only its list of other versions grows.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::site_reader::SiteReader;
use super::source_cards::ScopeSources;
use crate::model::{
    EntryId, OtherTelling, Scope, SourceId, SourceInfo, StoredEntry, StoryDisplay, StoryRecord,
    StorySummary,
};
use crate::store::StoreError;

/// The maximum number of other versions that an entry names: as many as a story accepts without doubt.
const MAX_NAMED: usize = 40;

/// The stories of one output, each looked up once.
pub(super) struct StoryLookup<'a> {
    pub(super) reader: SiteReader<'a>,
    pub(super) scope: &'a Scope,
    /// The sources of the output.
    pub(super) sources: &'a ScopeSources,
    /// What the output says about them.
    pub(super) infos: &'a BTreeMap<SourceId, Arc<SourceInfo>>,
    mode: StoryDisplay,
    /// The story records that were looked up.
    records: RefCell<BTreeMap<EntryId, Option<StoryRecord>>>,
    /// The members of each story that was looked up, in the order of arrival.
    members: RefCell<BTreeMap<EntryId, Rc<[StoryRecord]>>>,
    /// The representative of each story that was looked up.
    representatives: RefCell<BTreeMap<EntryId, Option<EntryId>>>,
}

/// A published member of a story, with the information about its source.
pub(super) struct PublishedMember {
    pub(super) record: StoryRecord,
    pub(super) listed: Arc<StoredEntry>,
    pub(super) info: Arc<SourceInfo>,
}

/// A stored member of a story. Without source information its source is no longer part of the site.
pub(super) type StoredMember = (Arc<StoredEntry>, Option<Arc<SourceInfo>>);

impl<'a> StoryLookup<'a> {
    /// The stories of the output of `scope`, which has these sources.
    pub(super) fn new(reader: SiteReader<'a>, scope: &'a Scope, sources: &'a ScopeSources) -> Self {
        let site = reader.site;
        let mode = match scope {
            // The output of one source shows all of its entries separately.
            Scope::Source(_) => StoryDisplay::Off,
            Scope::Output(id) => {
                site.output(id).and_then(|output| output.stories).unwrap_or(site.stories)
            }
            Scope::All | Scope::Category(_) => site.stories,
        };
        Self {
            reader,
            scope,
            sources,
            infos: &sources.infos,
            mode,
            records: RefCell::default(),
            members: RefCell::default(),
            representatives: RefCell::default(),
        }
    }

    /// Whether the output leaves out entries because another entry represents their story.
    pub(super) fn collapses(&self) -> bool {
        self.mode == StoryDisplay::Collapse
    }

    /// Whether an entry represents its story. An entry whose story cannot be read is shown.
    pub(super) fn is_representative(&self, id: EntryId) -> bool {
        self.representative_of(id)
            .unwrap_or_else(|error| {
                tracing::warn!(%error, "a story cannot be read");
                None
            })
            .is_none_or(|first| first == id)
    }

    /// Whether the rules of the output accept an entry, and the entry represents its story.
    pub(super) fn holds(&self, listed: &StoredEntry) -> bool {
        let filters = &self.reader.site.filters;
        let passes_rules = filters.accepts_all(self.scope)
            || filters.passes(self.scope, listed, self.sources.info(&listed.source));
        passes_rules && (!self.collapses() || self.is_representative(listed.id))
    }

    /// The entry that represents the story of an entry, perhaps the entry itself. `None`: the story has no
    /// other members.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn representative_of(&self, id: EntryId) -> Result<Option<EntryId>, StoreError> {
        let Some(record) = self.story_record(id)? else { return Ok(None) };
        let story = record.assignment.story;
        if let Some(known) = self.representatives.borrow().get(&story) {
            return Ok(*known);
        }
        let first = self.first_eligible(story)?;
        self.representatives.borrow_mut().insert(story, first);
        Ok(first)
    }

    /// The first member that the output may hold. `None`: the story has no other members, or the output may
    /// hold none of them.
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
        let Some(info) = self.sources.info(&member.source) else { return Ok(false) };
        let filters = &self.reader.site.filters;
        if filters.accepts_all(self.scope) {
            return Ok(true);
        }
        let listed = self.reader.store.shared_entry(member.id, member.listed_at)?;
        Ok(listed.is_some_and(|listed| filters.passes(self.scope, &listed, Some(info))))
    }

    /// The other versions of each of these entries, among all sources of the site.
    pub(super) fn story_summaries(
        &self,
        entries: &[Arc<StoredEntry>],
    ) -> Result<BTreeMap<EntryId, StorySummary>, StoreError> {
        let mut stories = BTreeMap::new();
        if self.mode == StoryDisplay::Off {
            return Ok(stories);
        }
        for listed in entries {
            let Some(record) = self.story_record(listed.id)? else { continue };
            let info = self.summarize_story(&record)?;
            if !info.others.is_empty() {
                stories.insert(listed.id, info);
            }
        }
        Ok(stories)
    }

    /// The members of a story from sources of the site, without the shown entry itself.
    fn summarize_story(&self, shown: &StoryRecord) -> Result<StorySummary, StoreError> {
        let story = shown.assignment.story;
        let mut others = Vec::new();
        for member in self.members(story)?.iter().filter(|member| member.id != shown.id) {
            if others.len() == MAX_NAMED {
                break;
            }
            let Some(PublishedMember { listed, info, .. }) = self.published_member(member)? else {
                continue;
            };
            others.push(OtherTelling {
                id: member.id,
                source: info.id.clone(),
                name: info.name.clone(),
                title: listed.entry.title.clone(),
                link: listed.entry.link.clone(),
                listed_at: listed.listed_at,
                is_same_text: shown.assignment.text_group == member.assignment.text_group,
            });
        }
        Ok(StorySummary { id: story, others })
    }

    /// Every published member of the story of an entry, in the order of arrival.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn published_members(
        &self,
        id: EntryId,
    ) -> Result<Vec<PublishedMember>, StoreError> {
        // A story keeps the id of its first entry, even when that entry is no longer stored.
        let story = self.story_record(id)?.map_or(id, |record| record.assignment.story);
        let members = self.members(story)?;
        let published = members.iter().map(|member| self.published_member(member));
        published.filter_map(Result::transpose).collect()
    }

    /// A member with the information about its source. `None`: the site no longer has its source, it is no
    /// longer stored, or the operator's rules exclude it.
    fn published_member(
        &self,
        record: &StoryRecord,
    ) -> Result<Option<PublishedMember>, StoreError> {
        let Some((listed, Some(info))) = self.stored_member(record)? else { return Ok(None) };
        let is_published = self.is_published(&listed, Some(&info));
        Ok(is_published.then(|| PublishedMember { record: record.clone(), listed, info }))
    }

    /// A member as it is stored. `None`: it is no longer stored.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn stored_member(
        &self,
        record: &StoryRecord,
    ) -> Result<Option<StoredMember>, StoreError> {
        let Some(listed) = self.reader.store.shared_entry(record.id, record.listed_at)? else {
            return Ok(None);
        };
        Ok(Some((listed, self.source_info(&record.source)?)))
    }

    /// Whether the site has the source of an entry and the rules of that source accept the entry.
    pub(super) fn is_published(&self, listed: &StoredEntry, info: Option<&SourceInfo>) -> bool {
        let filters = &self.reader.site.filters;
        let own = Scope::Source(listed.source.clone());
        info.is_some() && (filters.accepts_all(&own) || filters.passes(&own, listed, info))
    }

    /// The story record of an entry.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn story_record(&self, id: EntryId) -> Result<Option<StoryRecord>, StoreError> {
        if let Some(record) = self.records.borrow().get(&id) {
            return Ok(record.clone());
        }
        let record = self.reader.store.story_record(id)?;
        self.records.borrow_mut().insert(id, record.clone());
        Ok(record)
    }

    /// The members of a story in the order of arrival.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn members(&self, story: EntryId) -> Result<Rc<[StoryRecord]>, StoreError> {
        if let Some(members) = self.members.borrow().get(&story) {
            return Ok(Rc::clone(members));
        }
        // Mostly it is the entry that was just looked up.
        let mut members: Vec<StoryRecord> = self.story_record(story)?.into_iter().collect();
        members.extend(self.reader.store.later_story_members(story)?);
        // Members that arrived together are ordered by their dates, then by the operator's order of sources.
        let place = |record: &StoryRecord| {
            self.reader.site.sources.position(&record.source).unwrap_or(usize::MAX)
        };
        members.sort_by_cached_key(|record| {
            (record.seen_at, record.listed_at, place(record), record.id)
        });
        let members: Rc<[StoryRecord]> = members.into();
        let record = members.iter().map(|member| (member.id, Some(member.clone())));
        self.records.borrow_mut().extend(record);
        self.members.borrow_mut().insert(story, Rc::clone(&members));
        Ok(members)
    }

    /// The information about a source. `None`: the site does not have it.
    fn source_info(&self, id: &SourceId) -> Result<Option<Arc<SourceInfo>>, StoreError> {
        match self.infos.get(id) {
            Some(info) => Ok(Some(Arc::clone(info))),
            None => self.reader.source_info(id),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore, at};
    use super::*;
    use crate::publish::Renderer;
    use crate::store::Pruning;

    /// Three sources with one story, in this order of arrival.
    fn shop() -> (TestStore, Vec<StoredEntry>) {
        let shop = TestStore::open();
        let entries: Vec<StoredEntry> =
            ["a", "b", "c"].map(|source| sample::listed(source, "1", "افتتاح مكتبة")).into();
        for (second, listed) in (0..).zip(&entries) {
            let record = sample::story_record(listed, entries[0].id, second);
            let source = listed.source.to_string();
            shop.keep_with_stories(&source, second, vec![listed.clone()], vec![record]);
        }
        (shop, entries)
    }

    fn shared(entries: &[StoredEntry]) -> Vec<Arc<StoredEntry>> {
        entries.iter().cloned().map(Arc::new).collect()
    }

    fn infos(renderer: &Renderer) -> Arc<ScopeSources> {
        renderer.reader().scope_sources(&Scope::All).unwrap().unwrap()
    }

    #[test]
    fn one_entry_represents_its_story_and_names_the_others() {
        let (shop, entries) = shop();
        let renderer = shop.renderer(["a", "b", "c"].map(sample::source).into());
        let infos = infos(&renderer);
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert!(stories.collapses());
        let represents = |listed: &StoredEntry| stories.is_representative(listed.id);
        assert_eq!(
            [represents(&entries[0]), represents(&entries[1]), represents(&entries[2])],
            [true, false, false]
        );
        let named = stories.story_summaries(&shared(&entries[..1])).unwrap();
        let others = named[&entries[0].id].others.iter().map(|others| others.source.as_str());
        assert_eq!(others.collect::<Vec<_>>(), ["b", "c"]);
        assert_eq!(stories.published_members(entries[2].id).unwrap().len(), 3);
    }

    #[test]
    fn entries_that_arrived_together_are_ordered_by_date_and_by_the_operators_list() {
        let shop = TestStore::open();
        let dated = |source: &str, second: i64| {
            let listed = sample::listed(source, "1", "افتتاح مكتبة");
            StoredEntry { listed_at: at(second), ..listed }
        };
        let entries = [dated("c", 5), dated("b", 3), dated("a", 3)];
        for listed in &entries {
            let record = sample::story_record(listed, entries[0].id, 9);
            shop.keep_with_stories(listed.source.as_str(), 9, vec![listed.clone()], vec![record]);
        }
        let representative = |sources: [&str; 3]| {
            let renderer = shop.renderer(sources.map(sample::source).into());
            let infos = infos(&renderer);
            let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
            let first = stories.representative_of(entries[0].id).unwrap();
            entries.iter().find(|it| Some(it.id) == first).map(|it| it.source.to_string())
        };
        assert_eq!(representative(["a", "b", "c"]).as_deref(), Some("a"));
        assert_eq!(representative(["c", "b", "a"]).as_deref(), Some("b"));
    }

    #[test]
    fn an_entry_outside_the_output_represents_no_story() {
        let (shop, entries) = shop();
        let renderer = shop.renderer(["b", "c"].map(sample::source).into());
        let infos = infos(&renderer);
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert!(
            stories.is_representative(entries[1].id) && !stories.is_representative(entries[2].id)
        );
        assert_eq!(stories.published_members(entries[1].id).unwrap().len(), 2);
    }

    #[test]
    fn an_excluded_entry_represents_no_story() {
        let (shop, entries) = shop();
        let mut first = sample::source("a");
        first.rules.drop = vec!["مكتبة".to_owned()];
        let renderer = shop.renderer(vec![first, sample::source("b"), sample::source("c")]);
        let infos = infos(&renderer);
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert!(
            !stories.is_representative(entries[0].id) && stories.is_representative(entries[1].id)
        );
        let named = stories.story_summaries(&shared(&entries[1..2])).unwrap();
        let others = named[&entries[1].id].others.iter().map(|others| others.source.as_str());
        assert_eq!(others.collect::<Vec<_>>(), ["c"], "it is not named either");
    }

    #[test]
    fn a_story_is_found_when_its_first_entry_is_gone() {
        let (shop, mut entries) = shop();
        entries[0].listed_at = at(-10);
        let older = sample::listed("a", "2", "خبر قديم");
        let older = StoredEntry { listed_at: at(-100), ..older };
        let member = sample::listed("b", "2", "خبر قديم");
        let late = StoredEntry { listed_at: at(50), ..member };
        shop.keep_with_stories(
            "a",
            10,
            vec![older.clone()],
            vec![sample::story_record(&older, older.id, 10)],
        );
        shop.keep_with_stories(
            "b",
            11,
            vec![late.clone()],
            vec![sample::story_record(&late, older.id, 11)],
        );
        let pruning =
            Pruning { keep_since: at(-50), spare_newest: 0, spare_listed: false, at_most: 100 };
        shop.store.prune_source(&older.source, &pruning).unwrap();
        let renderer = shop.renderer(["a", "b"].map(sample::source).into());
        let infos = infos(&renderer);
        let stories = StoryLookup::new(renderer.reader(), &Scope::All, &infos);
        assert!(stories.story_record(older.id).unwrap().is_none(), "it is no longer stored");
        let all = stories.published_members(older.id).unwrap();
        assert_eq!(all.len(), 1, "the story's page has the remaining entry");
        assert_eq!(all[0].listed.id, late.id);
    }
}
