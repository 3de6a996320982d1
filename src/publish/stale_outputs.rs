//! What changed since the last rendering → the outputs that may say something else now. The others keep their
//! bytes; where it is uncertain, an output counts.
//!
//! | what changed | outputs |
//! | --- | --- |
//! | an entry of a source is new, and nothing else of the source changed | the pages that include the source; its feeds, unless their rules exclude the entry; outputs that include a source of the same story |
//! | anything else of a source's entries | outputs that include the source, or name it because it has entries of their stories |
//! | what is published about a source (its name, its language…) | the same, and the list of sources |
//! | the copies of pictures | the pages |
//! | the configuration, entries dropped by age, too much to look at | all |
//!
//! Which entries are new is read from the journal of arrivals, so that a commit counts from the moment on that it
//! can be rendered, whenever its report arrives.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::site_reader::SiteReader;
use crate::http::Resource;
use crate::model::{Arrival, ArrivalKind, Scope, SourceId, StoredEntry, StoryDisplay};
use crate::store::{self, StoreError};

/// The maximum number of arrivals that are looked at one by one. After more, most outputs have changed.
const MAX_EXAMINED: usize = 500;

/// What changed.
pub(super) enum OutputChange {
    /// The configuration, or entries of any sources.
    Everything,
    /// One source.
    Source(SourceUpdate),
}

/// A change of a source that outputs may show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SourceUpdate {
    /// The source.
    pub source: SourceId,
    /// Whether stored entries changed in place. (New entries are in the journal of arrivals.)
    pub has_edits: bool,
    /// Whether something else is published about the source itself (see `is_described_otherwise`).
    pub is_described_otherwise: bool,
}

/// What the daemon reported since the last rendering, beside what the journal holds.
#[derive(Debug, Default)]
pub(super) struct ReportedChanges {
    /// Everything may have changed.
    pub(super) everything: bool,
    /// Sources with entries that changed in place.
    pub(super) edited: BTreeSet<SourceId>,
    /// Sources about which something else is published.
    pub(super) described_otherwise: BTreeSet<SourceId>,
    /// Pages may show other pictures.
    pub(super) pictures: bool,
}

impl ReportedChanges {
    /// Adds a report.
    pub(super) fn add(&mut self, what: OutputChange) {
        match what {
            OutputChange::Everything => self.everything = true,
            OutputChange::Source(update) => {
                if update.is_described_otherwise {
                    self.described_otherwise.insert(update.source.clone());
                }
                if update.has_edits {
                    self.edited.insert(update.source);
                }
            }
        }
    }
}

/// What is remembered between two renderings.
#[derive(Debug, Default)]
pub(super) struct ChangeMemory {
    /// The number of the last arrival that was looked at; `None`: nothing was rendered yet.
    journal_position: Option<u64>,
    /// What the verdicts about the entries of a source depended on, when its entries changed last.
    sources: BTreeMap<SourceId, SourceBasis>,
}

/// What a change of a source's entries is compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct SourceBasis {
    believes_breaking: bool,
    kept_count: u64,
}

/// The outputs that are to be rendered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum StaleOutputs {
    /// All of them.
    All,
    /// These.
    Some(Vec<Resource>),
}

/// The outputs among `warm` that may be stale.
///
/// # Errors
/// When the store cannot be read: then all of them may be.
pub(super) fn find_stale_outputs(
    reader: SiteReader<'_>,
    memory: &mut ChangeMemory,
    reported: &ReportedChanges,
    warm: &[Resource],
) -> Result<StaleOutputs, StoreError> {
    let since = memory.journal_position.take();
    let (Some(since), false) = (since, reported.everything) else {
        memory.journal_position = Some(reader.store.journal_head()?);
        return Ok(StaleOutputs::All);
    };
    let arrivals = reader.store.arrivals_after(since, MAX_EXAMINED + 1)?;
    let head = arrivals.last().map_or(since, |last| last.number);
    let is_gapless = usize::try_from(head - since).is_ok_and(|count| count == arrivals.len());
    if arrivals.len() > MAX_EXAMINED || !is_gapless {
        memory.journal_position = Some(reader.store.journal_head()?);
        return Ok(StaleOutputs::All);
    }
    let mut changes = SourceChanges { reader, memory, by_source: BTreeMap::new() };
    for arrival in &arrivals {
        changes.add_arrival(arrival)?;
    }
    for id in reported.edited.iter().chain(&reported.described_otherwise) {
        changes.of_source(id).is_only_new = false;
    }
    let certain = changes.compare_with_memory(&reported.edited)?;
    let by_source = changes.by_source;
    memory.journal_position = Some(head);
    if !certain {
        return Ok(StaleOutputs::All);
    }
    let is_described_otherwise = !reported.described_otherwise.is_empty();
    let is_stale = |resource: &&Resource| match resource {
        Resource::Opml => is_described_otherwise,
        Resource::Feed { scope, .. } => {
            by_source.values().any(|it| it.concerns(reader, scope, true))
        }
        Resource::Page { scope, .. } | Resource::CompactPage { scope, .. } => {
            reported.pictures || by_source.values().any(|it| it.concerns(reader, scope, false))
        }
        _ => true,
    };
    Ok(StaleOutputs::Some(warm.iter().filter(is_stale).cloned().collect()))
}

/// The sources with changes, while they are collected.
struct SourceChanges<'a, 'b> {
    reader: SiteReader<'a>,
    memory: &'b mut ChangeMemory,
    by_source: BTreeMap<SourceId, SourceChange>,
}

/// What changed of a source.
#[derive(Debug)]
struct SourceChange {
    id: SourceId,
    /// The entries that were added.
    added: Vec<Arc<StoredEntry>>,
    /// Whether nothing but that happened.
    is_only_new: bool,
    /// The sources with other entries in the stories of the entries that arrived.
    related: BTreeSet<SourceId>,
}

impl SourceChanges<'_, '_> {
    fn of_source(&mut self, id: &SourceId) -> &mut SourceChange {
        self.by_source.entry(id.clone()).or_insert_with(|| SourceChange {
            id: id.clone(),
            added: Vec::new(),
            is_only_new: true,
            related: BTreeSet::new(),
        })
    }

    fn add_arrival(&mut self, arrival: &Arrival) -> Result<(), StoreError> {
        let store = self.reader.store;
        let Some(listed) = store.arrived_entry(arrival)? else {
            // It is no longer stored: entries of its source were dropped.
            let hash = arrival.source_hash;
            let mut sources = self.reader.site.sources.iter();
            let source = sources.find(|source| store::source_hash(&source.id) == hash);
            if let Some(id) = source.map(|source| source.id.clone()) {
                self.of_source(&id).is_only_new = false;
            }
            return Ok(());
        };
        let members = match store.story_record(arrival.id)? {
            Some(record) => store.story_members(record.assignment.story)?,
            None => Vec::new(),
        };
        let change = self.of_source(&listed.source);
        let others = members.into_iter().filter(|member| member.id != arrival.id);
        change.related.extend(others.map(|member| member.source));
        match arrival.kind {
            ArrivalKind::New | ArrivalKind::FirstReading => change.added.push(listed),
            ArrivalKind::Changed => change.is_only_new = false,
        }
        Ok(())
    }

    /// Compares each source with what is remembered of it: entries of it may have been dropped, or it lost or
    /// gained trust, and older entries count as other ones. Returns whether the effect on other outputs is known.
    fn compare_with_memory(&mut self, edited: &BTreeSet<SourceId>) -> Result<bool, StoreError> {
        let (reader, mut is_known) = (self.reader, true);
        for change in self.by_source.values_mut() {
            let Some(info) = reader.source_info(&change.id)? else { continue };
            let now = SourceBasis {
                believes_breaking: info.believes_breaking,
                kept_count: reader.store.kept_entry_count(&change.id)?,
            };
            let before = self.memory.sources.insert(change.id.clone(), now);
            let added = u64::try_from(change.added.len()).unwrap_or(u64::MAX);
            let expected = before.map(|before| SourceBasis {
                kept_count: before.kept_count.saturating_add(added),
                ..before
            });
            let trust_before = before.map(|before| before.believes_breaking);
            if expected != Some(now) {
                change.is_only_new = false;
            }
            // The rules of the source itself decide which of its entries any output names.
            let has_rules = !reader.site.filters.accepts_all(&Scope::Source(change.id.clone()));
            let is_judged_otherwise = edited.contains(&change.id)
                || trust_before.is_none_or(|before| before != now.believes_breaking);
            is_known &= !(has_rules && is_judged_otherwise);
        }
        Ok(is_known)
    }
}

impl SourceChange {
    /// Whether an output may say something else because of this change.
    fn concerns(&self, reader: SiteReader<'_>, scope: &Scope, is_feed: bool) -> bool {
        let includes = |id: &SourceId| {
            reader.source(id).is_some_and(|source| reader.site.includes_source(scope, source))
        };
        if includes(&self.id) && !(is_feed && self.is_excluded(reader, scope)) {
            return true;
        }
        let is_named = || reader.archives.names_source(scope, &self.id);
        shows_stories(reader, scope) && (is_named() || self.related.iter().any(includes))
    }

    /// Whether the rules of an output exclude all that happened.
    fn is_excluded(&self, reader: SiteReader<'_>, scope: &Scope) -> bool {
        let filters = &reader.site.filters;
        if !self.is_only_new || filters.accepts_all(scope) {
            return false;
        }
        let Ok(Some(info)) = reader.source_info(&self.id) else { return false };
        self.added.iter().all(|listed| !filters.passes(scope, listed, Some(&info)))
    }
}

/// Whether an output says which other sources have an entry's story.
fn shows_stories(reader: SiteReader<'_>, scope: &Scope) -> bool {
    match scope {
        Scope::Source(_) => false,
        Scope::Output(id) => {
            let own = reader.site.output(id).and_then(|output| output.stories);
            own.unwrap_or(reader.site.stories) != StoryDisplay::Off
        }
        Scope::All | Scope::Category(_) => reader.site.stories != StoryDisplay::Off,
    }
}

#[cfg(test)]
mod tests;
