//! The journal of arrivals → the closed archive pages of an output (RFC 5005 section 4), and the arrivals since
//! the last of them.
//!
//! | arrivals of an output's sources | page |
//! | --- | --- |
//! | new entries | a page closes when as many are in as the feed holds |
//! | entries of a first reading, and entries that are stored again | those of one commit are pages of their own, closed at once |
//! | edits | on no page; the feed holds them until the next page closes |
//!
//! So the feed and the pages together always hold every entry, and a first reading floods no reader. A page is
//! a range of the journal. It is closed when the output is rendered, as a function of the journal alone, and
//! stored: a restart, another size of the feed, or a deleted entry changes no page. What the output's rules
//! and its stories leave out is left out on its pages, too; the operator's limits for single sources are not
//! applied there.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use super::archive_memory::{ArchiveMemory, KnownArchive, PageStoring};
use super::journal_index::IndexedArrival;
use super::scope_key::scope_key;
use super::story_lookup::StoryLookup;
use crate::model::{
    ArchiveAddress, ArchivePage, ArchivePageKind, Arrival, ArrivalKind, EntryId, ScopeKey,
    StoredEntry,
};
use crate::store::StoreError;

/// The maximum number of arrivals that are judged for an output at a time, so that no rendering takes long. A store
/// of an earlier format has as many arrivals as entries; the rest follows with the next renderings.
const MAX_JUDGED: usize = 20_000;

/// The maximum number of pages of an output in a folder of files: fifty thousand entries with feeds of a hundred.
/// Otherwise a store of several years would make a folder of gigabytes.
const MAX_FOLDER_PAGES: usize = 500;

/// How many edits are looked at for each place in a feed: most are of entries that it holds anyway.
pub(super) const EDITS_PER_PLACE: usize = 4;

/// The archive of one output at one moment.
#[derive(Debug)]
pub(super) struct OutputArchive {
    key: ScopeKey,
    rules: Option<u32>,
    /// The closed pages, oldest first.
    pages: Arc<Vec<ArchivePage>>,
    /// The index of the oldest page that this site shows.
    first: usize,
    /// The numbers of new arrivals that are on no page, oldest first.
    pub(super) open: Vec<u64>,
    /// The last numbers of those whose entry another one represented, oldest first: it may have been deleted since.
    pub(super) represented: Vec<u64>,
    /// The last numbers of the edits since the last page of new entries, oldest first.
    pub(super) edits: Vec<u64>,
    /// The number of the last arrival of the output's sources; 0: nothing has arrived yet.
    pub(super) position: u64,
    /// Whether every arrival was judged. If not, the next rendering goes on.
    pub(super) is_judged: bool,
}

/// Reads the journal, closes the pages of an output that are full, and stores them. Pages that cannot be stored
/// stay open: the feed goes on.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn update_output(
    stories: &StoryLookup<'_>,
    page_size: usize,
) -> Result<OutputArchive, StoreError> {
    let (site, store) = (stories.reader.site, stories.reader.store);
    let (key, rules) = scope_key(site, stories.scope);
    let mut memory = stories.reader.archives.lock();
    let ArchiveMemory { index, outputs, storing } = &mut *memory;
    index.update(store)?;
    let (sources, hashes) = (|| stories.infos.keys(), &stories.sources.hashes[..]);
    let collapses = stories.collapses();
    let known = match outputs.entry(key) {
        Entry::Occupied(known) if known.get().was_judged_for(sources(), collapses) => {
            known.into_mut()
        }
        place => {
            place.insert_entry(KnownArchive::load(store, key, sources(), collapses)?).into_mut()
        }
    };
    let arrivals = index.arrivals_of(hashes, (known.judged_to + 1, index.head()));
    let position = known.update_position(index, hashes, &arrivals);
    let range = (&arrivals[..], index.head());
    let open = judge_arrivals((known, storing), stories, key, range, page_size.max(1))?;
    let last = known.last_number(ArchivePageKind::Arrivals);
    known.since.update(index, hashes, last, page_size.saturating_mul(EDITS_PER_PLACE));
    // What rules leave out may be much more, and stays out.
    let has_represented = rules.is_none() && collapses;
    let new = known.since.new.iter().copied().filter(|_| has_represented);
    let represented = new.filter(|number| open.binary_search(number).is_err()).collect();
    let hidden =
        if site.is_folder { known.pages.len().saturating_sub(MAX_FOLDER_PAGES) } else { 0 };
    Ok(OutputArchive {
        key,
        rules,
        first: hidden,
        pages: Arc::clone(&known.pages),
        represented,
        edits: known.since.edits.iter().copied().collect(),
        open,
        position,
        is_judged: known.judged_to >= index.head(),
    })
}

/// Judges further arrivals, in the order of the journal, and closes pages. Returns the new arrivals that are on
/// no page.
fn judge_arrivals(
    (known, storing): (&mut KnownArchive, &mut PageStoring),
    stories: &StoryLookup<'_>,
    key: ScopeKey,
    (arrivals, head): (&[IndexedArrival], u64),
    page_size: usize,
) -> Result<Vec<u64>, StoreError> {
    if arrivals.is_empty() {
        known.judged_to = known.judged_to.max(head);
        return Ok(known.open.clone());
    }
    let mut closing = ClosingPages {
        number: known.pages.last().map_or(0, |page| page.number),
        arrivals_to: known.last_number(ArchivePageKind::Arrivals),
        first_readings_to: known.last_number(ArchivePageKind::FirstReading),
        page_size,
        open: known.open.clone(),
        run: Vec::new(),
        closed: Vec::new(),
        arrived: known.open.clone(),
    };
    let (mut judged_to, mut judged) = (head, 0);
    for arrival in arrivals {
        if arrival.starts_commit() {
            closing.close_run();
            if judged >= MAX_JUDGED {
                judged_to = arrival.number() - 1;
                break;
            }
        }
        if closing.concerns(*arrival) {
            judged += 1;
            if is_held(stories, arrival.number())? {
                closing.add(*arrival);
            }
        }
    }
    closing.close_run();
    if !closing.closed.is_empty() {
        if let Err(error) = storing.add(stories.reader.store, key, &closing.closed) {
            report_unstored(&error);
            return Ok(closing.arrived);
        }
        let pages = known.pages.iter().chain(&closing.closed).copied().collect();
        known.pages = Arc::new(pages);
    }
    (known.open, known.judged_to) = (closing.open, judged_to);
    Ok(known.open.clone())
}

/// Pages were closed and cannot be stored.
pub(super) fn report_unstored(error: &StoreError) {
    // The store reports by itself that it cannot be written. The pages are closed later.
    tracing::debug!(%error, "the pages of an archive cannot be closed now");
}

/// Pages while they are closed.
struct ClosingPages {
    /// The number of the last closed page.
    number: u32,
    /// The last number on a page of new entries.
    arrivals_to: u64,
    /// The last number on a page of first readings.
    first_readings_to: u64,
    page_size: usize,
    open: Vec<u64>,
    /// The arrivals of a first reading in the current commit.
    run: Vec<u64>,
    closed: Vec<ArchivePage>,
    /// All new arrivals that were on no page before.
    arrived: Vec<u64>,
}

impl ClosingPages {
    /// Whether an arrival belongs on a page that is not closed yet.
    fn concerns(&self, arrival: IndexedArrival) -> bool {
        match arrival.kind() {
            ArrivalKind::New => arrival.number() > self.arrivals_to,
            ArrivalKind::Changed => false,
            ArrivalKind::FirstReading => arrival.number() > self.first_readings_to,
        }
    }

    /// Adds an arrival that the output holds.
    fn add(&mut self, arrival: IndexedArrival) {
        match arrival.kind() {
            ArrivalKind::Changed => {}
            ArrivalKind::FirstReading => {
                self.run.push(arrival.number());
                if self.run.len() >= self.page_size {
                    self.close_run();
                }
            }
            ArrivalKind::New => {
                self.open.push(arrival.number());
                self.arrived.push(arrival.number());
                if self.open.len() >= self.page_size {
                    // What arrived before this page is on pages before it.
                    self.close_run();
                    self.close(ArchivePageKind::Arrivals, self.arrivals_to, arrival.number());
                    self.arrivals_to = arrival.number();
                    self.open.clear();
                }
            }
        }
    }

    fn close_run(&mut self) {
        if let Some(to) = self.run.last().copied() {
            self.close(ArchivePageKind::FirstReading, self.first_readings_to, to);
            self.first_readings_to = to;
            self.run.clear();
        }
    }

    fn close(&mut self, kind: ArchivePageKind, after: u64, to: u64) {
        self.number = self.number.saturating_add(1);
        self.closed.push(ArchivePage { number: self.number, from: after + 1, to, kind });
    }
}

/// Whether an output holds the entry of an arrival. Where no rules are, an entry that is already deleted
/// counts: its page is as long as it would have been.
fn is_held(stories: &StoryLookup<'_>, number: u64) -> Result<bool, StoreError> {
    let accepts_all = stories.reader.site.filters.accepts_all(stories.scope);
    if accepts_all && !stories.collapses() {
        return Ok(true);
    }
    let Some(arrival) = stories.reader.store.arrival(number)? else { return Ok(false) };
    if accepts_all {
        return Ok(stories.is_representative(arrival.id));
    }
    let listed = stories.reader.store.arrived_entry(&arrival)?;
    Ok(listed.is_some_and(|listed| stories.holds(&listed)))
}

/// The arrivals of an output's sources with numbers from the first to the second, as far as the journal was
/// read.
pub(super) fn arrivals_between(
    stories: &StoryLookup<'_>,
    range: (u64, u64),
) -> Vec<IndexedArrival> {
    stories.reader.archives.lock().index.arrivals_of(&stories.sources.hashes, range)
}

/// The entry of an arrival, if the output holds it; `None`: it does not, or the entry was deleted.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn held_entry(
    stories: &StoryLookup<'_>,
    number: u64,
) -> Result<Option<Arc<StoredEntry>>, StoreError> {
    match stories.reader.store.arrival(number)? {
        Some(arrival) => held_arrival(stories, &arrival),
        None => Ok(None),
    }
}

/// The same, for an arrival that was read.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn held_arrival(
    stories: &StoryLookup<'_>,
    arrival: &Arrival,
) -> Result<Option<Arc<StoredEntry>>, StoreError> {
    let listed = stories.reader.store.arrived_entry(arrival)?;
    Ok(listed.filter(|it| stories.infos.contains_key(&it.source) && stories.holds(it)))
}

impl OutputArchive {
    /// The address of a page.
    fn address(&self, page: &ArchivePage) -> ArchiveAddress {
        ArchiveAddress { rules: self.rules, number: page.number }
    }

    /// The index of the page with an address; `None`: there was no such page.
    pub(super) fn find_page(&self, address: ArchiveAddress) -> Option<usize> {
        if address.rules != self.rules {
            return None;
        }
        let index = self.pages.binary_search_by_key(&address.number, |page| page.number).ok();
        index.filter(|index| *index >= self.first)
    }

    /// The entries that a page still holds, newest first.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn page_entries(
        &self,
        stories: &StoryLookup<'_>,
        index: usize,
    ) -> Result<Vec<Arc<StoredEntry>>, StoreError> {
        let mut entries: BTreeMap<EntryId, Arc<StoredEntry>> = BTreeMap::new();
        for number in self.page_numbers(stories, index) {
            entries.extend(held_entry(stories, number)?.map(|listed| (listed.id, listed)));
        }
        let mut entries: Vec<Arc<StoredEntry>> = entries.into_values().collect();
        entries.sort_by_key(|listed| std::cmp::Reverse((listed.listed_at, listed.id)));
        Ok(entries)
    }

    /// The numbers of the arrivals on a page.
    fn page_numbers(&self, stories: &StoryLookup<'_>, index: usize) -> Vec<u64> {
        let Some(page) = self.pages.get(index) else { return Vec::new() };
        let kind = match page.kind {
            ArchivePageKind::Arrivals => ArrivalKind::New,
            ArchivePageKind::FirstReading => ArrivalKind::FirstReading,
        };
        arrivals_between(stories, (page.from, page.to))
            .into_iter()
            .filter(|it| it.kind() == kind)
            .map(IndexedArrival::number)
            .collect()
    }

    fn is_page_empty(&self, stories: &StoryLookup<'_>, index: usize) -> Result<bool, StoreError> {
        for number in self.page_numbers(stories, index) {
            if held_entry(stories, number)?.is_some() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The newest page before the one with this index that still holds entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn page_before(
        &self,
        stories: &StoryLookup<'_>,
        index: usize,
    ) -> Result<Option<ArchiveAddress>, StoreError> {
        let archives = stories.reader.archives;
        let empty = archives.lock().outputs.get(&self.key).map_or(0, |known| known.empty_pages);
        for at in (empty.max(self.first)..index).rev() {
            if !self.is_page_empty(stories, at)? {
                return Ok(self.pages.get(at).map(|page| self.address(page)));
            }
        }
        if self.first == 0
            && let Some(known) = archives.lock().outputs.get_mut(&self.key)
        {
            known.empty_pages = known.empty_pages.max(index);
        }
        Ok(None)
    }

    /// The oldest page after the one with this index that still holds entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn page_after(
        &self,
        stories: &StoryLookup<'_>,
        index: usize,
    ) -> Result<Option<ArchiveAddress>, StoreError> {
        for at in index + 1..self.pages.len() {
            if !self.is_page_empty(stories, at)? {
                return Ok(self.pages.get(at).map(|page| self.address(page)));
            }
        }
        Ok(None)
    }

    /// The newest page that still holds entries.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub(super) fn newest_page(
        &self,
        stories: &StoryLookup<'_>,
    ) -> Result<Option<ArchiveAddress>, StoreError> {
        self.page_before(stories, self.pages.len())
    }
}

#[cfg(test)]
mod tests;
