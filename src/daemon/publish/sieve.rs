//! The operator's rules and named outputs → which entries an output holds.
//!
//! | output | its entries pass |
//! | --- | --- |
//! | a source's own | the source's rules |
//! | all, a category | the same, and the rules of `[serve]` |
//! | a named one | the same, and its query, languages and rules |
//!
//! What was judged once is remembered until the entry or the configuration changes: an output that finds
//! little looks at thousands of entries whenever it is rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use super::flags::Flags;
use crate::daemon::store::{Store, StoreError};
use crate::feed::model::{
    EntryId, Language, ListedEntry, Output, PollState, Rules, Scope, Source, SourceId,
};
use crate::feed::query::{Filter, Query, QueryError, Subject, Told, Verdict};

/// Verdicts that are remembered, at most: 40 bytes each.
const MOST_VERDICTS: usize = 200_000;

/// Which entries are published where.
#[derive(Debug, Default)]
pub struct Sieve {
    sources: BTreeMap<SourceId, Filter>,
    merged: Filter,
    outputs: BTreeMap<String, Named>,
    verdicts: Mutex<HashMap<(Scope, EntryId), (u64, bool)>>,
    flags: Flags,
}

/// What a named output lets pass.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    query: Option<Query>,
    languages: Vec<Language>,
    filter: Filter,
}

/// Why an entry is not in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// A rule of the source, `[serve]` or the output drops it.
    Dropped(Whose, Told),
    /// None of the rules that keep finds it.
    NotKept(Whose),
    /// The output's query does not find it.
    NotFound,
    /// It is in another language.
    Language,
}

/// Whose rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// The source's.
    Source,
    /// Those of all merged outputs.
    Merged,
    /// The output's own.
    Output,
}

/// The rules decide; what is remembered does not.
impl PartialEq for Sieve {
    fn eq(&self, other: &Self) -> bool {
        (&self.sources, &self.merged, &self.outputs)
            == (&other.sources, &other.merged, &other.outputs)
    }
}

impl Eq for Sieve {}

impl Sieve {
    /// Reads the rules of the configuration.
    ///
    /// # Errors
    /// When one is no query: the configuration was not judged before.
    pub fn read(
        sources: &[Arc<Source>],
        merged: &Rules,
        outputs: &[Output],
    ) -> Result<Self, QueryError> {
        let mut sieve = Self { merged: Filter::read(merged)?, ..Self::default() };
        for source in sources.iter().filter(|source| !source.rules.is_empty()) {
            sieve.sources.insert(source.id.clone(), Filter::read(&source.rules)?);
        }
        for output in outputs {
            let named = Named {
                query: output.query.as_deref().map(Query::parse).transpose()?,
                languages: output.languages.clone(),
                filter: Filter::read(&output.rules)?,
            };
            sieve.outputs.insert(output.id.clone(), named);
        }
        Ok(sieve)
    }

    /// Whether a source is believed when it says that news is breaking. Where that is news, everything is
    /// judged again.
    pub(super) fn believes_breaking(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<bool, StoreError> {
        let belief = self.flags.of(store, source, state)?;
        if belief.is_news {
            self.verdicts().clear();
        }
        Ok(belief.is_believed)
    }

    /// Whether every entry is in an output.
    pub fn is_open(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Source(id) => !self.sources.contains_key(id),
            Scope::All | Scope::Category(_) => self.sources.is_empty() && self.merged.is_open(),
            Scope::Output(_) => false,
        }
    }

    /// Whether an entry is in an output; `subject` prepares it, if it was not judged before.
    pub fn passes<'a>(
        &self,
        scope: &Scope,
        listed: &'a ListedEntry,
        subject: impl FnOnce(&'a ListedEntry) -> Subject<'a>,
    ) -> bool {
        let key = (scope.clone(), listed.id);
        if let Some((hash, passes)) = self.verdicts().get(&key)
            && *hash == listed.content_hash
        {
            return *passes;
        }
        let passes = self.lets_pass(scope, &listed.source, &subject(listed));
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MOST_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(key, (listed.content_hash, passes));
        passes
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, HashMap<(Scope, EntryId), (u64, bool)>> {
        // Nothing that is half done can stand in it.
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same as `judge` says, without collecting reasons.
    fn lets_pass(&self, scope: &Scope, source: &SourceId, subject: &Subject<'_>) -> bool {
        self.filters(scope, source).all(|(_, filter)| filter.passes(subject))
            && self.named(scope).is_none_or(|named| named.judge(subject).is_none())
    }

    /// Why an entry is not in an output; `None`: it is.
    pub fn judge(&self, scope: &Scope, source: &SourceId, subject: &Subject<'_>) -> Option<Held> {
        let held =
            self.filters(scope, source).find_map(|(whose, filter)| match filter.judge(subject) {
                Verdict::Kept(_) => None,
                Verdict::NotKept => Some(Held::NotKept(whose)),
                Verdict::Dropped(told) => Some(Held::Dropped(whose, told)),
            });
        held.or_else(|| self.named(scope)?.judge(subject))
    }

    /// The rules that an entry of a source must pass for an output, in the order in which they count.
    fn filters(&self, scope: &Scope, source: &SourceId) -> impl Iterator<Item = (Whose, &Filter)> {
        let own = self.sources.get(source).map(|filter| (Whose::Source, filter));
        let merged = (!matches!(scope, Scope::Source(_))).then_some((Whose::Merged, &self.merged));
        let last = self.named(scope).map(|named| (Whose::Output, &named.filter));
        [own, merged, last].into_iter().flatten()
    }

    fn named(&self, scope: &Scope) -> Option<&Named> {
        match scope {
            Scope::Output(id) => self.outputs.get(id),
            _ => None,
        }
    }
}

impl Named {
    fn judge(&self, subject: &Subject<'_>) -> Option<Held> {
        let is_found = self.query.as_ref().is_none_or(|query| query.matches(subject));
        if !is_found {
            return Some(Held::NotFound);
        }
        let speaks = |tag: &Language| {
            subject.language().is_some_and(|language| language.primary() == tag.primary())
        };
        let is_spoken = self.languages.is_empty() || self.languages.iter().any(speaks);
        (!is_spoken).then_some(Held::Language)
    }
}
