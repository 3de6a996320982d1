//! The operator's rules and named outputs → which entries an output holds.
//!
//! | output | its entries pass |
//! | --- | --- |
//! | a source's own | the source's rules |
//! | all, a category | the same, and the rules of `[serve]` |
//! | a named one | the same, and its query, languages and rules |
//!
//! What was judged once is remembered until the entry, its source's card or the configuration changes: an
//! output that finds little looks at thousands of entries whenever it is rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rafid_feed::model::Language;

use super::breaking::BreakingTrust;
use super::entry_stamp::EntryStamp;
use super::renderer::query_subject;
use crate::model::{
    EntryId, Output, PollState, PublishRules, Scope, Source, SourceId, SourceInfo, StoredEntry,
};
use crate::query::{EntryFilter, FilterVerdict, MatchedRule, Query, QueryError, SearchableEntry};
use crate::store::{Store, StoreError};

/// Verdicts that are remembered, at most: 40 bytes each.
const MAX_VERDICTS: usize = 200_000;

/// What was judged, each under the stamp that it was judged with.
type VerdictCache = HashMap<(Scope, EntryId), (EntryStamp, bool)>;

/// Which entries are published where.
#[derive(Debug, Default)]
pub struct OutputFilters {
    sources: BTreeMap<SourceId, EntryFilter>,
    merged: EntryFilter,
    outputs: BTreeMap<String, NamedOutputFilter>,
    verdicts: Mutex<VerdictCache>,
    breaking_trust: BreakingTrust,
}

/// What a named output lets pass.
#[derive(Debug, PartialEq, Eq)]
struct NamedOutputFilter {
    query: Option<Query>,
    languages: Vec<Language>,
    filter: EntryFilter,
}

/// Why an entry is not in an output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Exclusion {
    /// A rule of the source, `[serve]` or the output drops it.
    Dropped(RuleOwner, MatchedRule),
    /// None of the rules that keep finds it.
    NotKept(RuleOwner),
    /// The output's query does not find it.
    QueryMismatch,
    /// It is in another language.
    OtherLanguage,
}

/// Whose rule decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOwner {
    /// The source's.
    Source,
    /// Those of all merged outputs.
    Merged,
    /// The output's own.
    Output,
}

/// The rules decide; what is remembered does not.
impl PartialEq for OutputFilters {
    fn eq(&self, other: &Self) -> bool {
        (&self.sources, &self.merged, &self.outputs)
            == (&other.sources, &other.merged, &other.outputs)
    }
}

impl Eq for OutputFilters {}

impl OutputFilters {
    /// Reads the rules of the configuration.
    ///
    /// # Errors
    /// When one is no query: the configuration was not judged before.
    pub fn parse(
        sources: &[Arc<Source>],
        merged: &PublishRules,
        outputs: &[Output],
    ) -> Result<Self, QueryError> {
        let mut sieve = Self { merged: EntryFilter::from_rules(merged)?, ..Self::default() };
        for source in sources.iter().filter(|source| !source.rules.is_empty()) {
            sieve.sources.insert(source.id.clone(), EntryFilter::from_rules(&source.rules)?);
        }
        for output in outputs {
            let named = NamedOutputFilter {
                query: output.query.as_deref().map(Query::parse).transpose()?,
                languages: output.languages.clone(),
                filter: EntryFilter::from_rules(&output.rules)?,
            };
            sieve.outputs.insert(output.id.clone(), named);
        }
        Ok(sieve)
    }

    /// Whether a source is believed when it says that news is breaking.
    pub(super) fn believes_breaking(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<bool, StoreError> {
        self.breaking_trust.is_trusted(store, source, state)
    }

    /// Whether every entry is in an output.
    pub fn accepts_all(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Source(id) => !self.sources.contains_key(id),
            Scope::All | Scope::Category(_) => self.sources.is_empty() && self.merged.accepts_all(),
            Scope::Output(_) => false,
        }
    }

    /// Whether an entry of a source with this card is in an output.
    pub(super) fn passes(
        &self,
        scope: &Scope,
        listed: &StoredEntry,
        card: Option<&SourceInfo>,
    ) -> bool {
        let (key, stamp) = ((scope.clone(), listed.id), EntryStamp::of(listed, card));
        if let Some((judged, passes)) = self.verdicts().get(&key)
            && *judged == stamp
        {
            return *passes;
        }
        let passes = self.evaluate(scope, &listed.source, &query_subject(listed, card));
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MAX_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(key, (stamp, passes));
        passes
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, VerdictCache> {
        // Nothing that is half done can stand in it.
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same as `judge` says, without collecting reasons.
    fn evaluate(&self, scope: &Scope, source: &SourceId, subject: &SearchableEntry<'_>) -> bool {
        self.filters(scope, source).all(|(_, filter)| filter.passes(subject))
            && self.named_filter(scope).is_none_or(|named| named.exclusion(subject).is_none())
    }

    /// Why an entry is not in an output; `None`: it is.
    pub fn exclusion(
        &self,
        scope: &Scope,
        source: &SourceId,
        subject: &SearchableEntry<'_>,
    ) -> Option<Exclusion> {
        let held =
            self.filters(scope, source).find_map(|(whose, filter)| match filter.judge(subject) {
                FilterVerdict::Kept(_) => None,
                FilterVerdict::NotKept => Some(Exclusion::NotKept(whose)),
                FilterVerdict::Dropped(told) => Some(Exclusion::Dropped(whose, told)),
            });
        held.or_else(|| self.named_filter(scope)?.exclusion(subject))
    }

    /// The rules that an entry of a source must pass for an output, in the order in which they count.
    fn filters(
        &self,
        scope: &Scope,
        source: &SourceId,
    ) -> impl Iterator<Item = (RuleOwner, &EntryFilter)> {
        let own = self.sources.get(source).map(|filter| (RuleOwner::Source, filter));
        let merged =
            (!matches!(scope, Scope::Source(_))).then_some((RuleOwner::Merged, &self.merged));
        let last = self.named_filter(scope).map(|named| (RuleOwner::Output, &named.filter));
        [own, merged, last].into_iter().flatten()
    }

    fn named_filter(&self, scope: &Scope) -> Option<&NamedOutputFilter> {
        match scope {
            Scope::Output(id) => self.outputs.get(id),
            _ => None,
        }
    }
}

impl NamedOutputFilter {
    fn exclusion(&self, subject: &SearchableEntry<'_>) -> Option<Exclusion> {
        let is_found = self.query.as_ref().is_none_or(|query| query.matches(subject));
        if !is_found {
            return Some(Exclusion::QueryMismatch);
        }
        let speaks = |tag: &Language| {
            subject.language().is_some_and(|language| language.primary() == tag.primary())
        };
        let is_spoken = self.languages.is_empty() || self.languages.iter().any(speaks);
        (!is_spoken).then_some(Exclusion::OtherLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use rafid_feed::model::SafeHtml;

    fn rules(keep: &[&str], drop: &[&str]) -> PublishRules {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        PublishRules { keep: owned(keep), drop: owned(drop) }
    }

    #[test]
    fn a_text_that_comes_later_is_judged_again() {
        let sieve = OutputFilters::parse(&[], &rules(&[], &["مباراة"]), &[]).unwrap();
        let card = sample::card("a");
        let mut listed = sample::listed("a", "1", "افتتاح مكتبة");
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)));
        // Its identity and what its feed says stay: only the page's text is another.
        listed.entry.content = Some(SafeHtml::from_trusted("<p>نتيجة مباراة الأمس</p>".to_owned()));
        listed.revision += 1;
        assert!(!sieve.passes(&Scope::All, &listed, Some(&card)));
        assert!(sieve.passes(&Scope::Source(listed.source.clone()), &listed, Some(&card)));
    }

    #[test]
    fn a_source_that_is_called_otherwise_is_judged_again() {
        let sieve = OutputFilters::parse(&[], &rules(&["source:مرصد"], &[]), &[]).unwrap();
        let (listed, mut card) = (sample::listed("a", "1", "خبر"), sample::card("a"));
        assert!(!sieve.passes(&Scope::All, &listed, Some(&card)));
        card.name = "مرصد".to_owned();
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)));
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)), "from memory");
    }

    #[test]
    fn who_is_not_believed_is_judged_again() {
        let sieve = OutputFilters::parse(&[], &rules(&["عاجل:نعم"], &[]), &[]).unwrap();
        let (listed, mut card) = (sample::listed("a", "1", "عاجل: زلزال"), sample::card("a"));
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)));
        card.believes_breaking = false;
        assert!(!sieve.passes(&Scope::All, &listed, Some(&card)));
    }

    #[test]
    fn every_output_has_the_rules_above_it() {
        let mut source = sample::source("a");
        source.rules = rules(&[], &["إعلان"]);
        let output = Output {
            query: Some("مكتبة".to_owned()),
            languages: vec![Language::parse("ar").unwrap()],
            ..sample::output("o", rules(&[], &["قديمة"]))
        };
        let merged = rules(&[], &["طقس"]);
        let sieve = OutputFilters::parse(&[Arc::new(source)], &merged, &[output]).unwrap();
        let card = sample::card("a");
        let own = Scope::Source(SourceId::new("a").unwrap());
        let named = Scope::Output("o".to_owned());
        for (title, expected) in [
            ("مكتبة جديدة", [true, true, true]),
            ("مكتبة قديمة", [true, true, false]),
            ("خبر آخر", [true, true, false]),
            ("طقس الغد", [true, false, false]),
            ("إعلان مكتبة", [false, false, false]),
        ] {
            let listed = sample::listed("a", title, title);
            let passes =
                [&own, &Scope::All, &named].map(|scope| sieve.passes(scope, &listed, Some(&card)));
            assert_eq!(passes, expected, "{title}");
            for (scope, passes) in [&own, &Scope::All, &named].into_iter().zip(passes) {
                let held =
                    sieve.exclusion(scope, &listed.source, &query_subject(&listed, Some(&card)));
                assert_eq!(held.is_none(), passes, "{title}: judged as remembered");
            }
        }
        assert!(
            !sieve.accepts_all(&own)
                && !sieve.accepts_all(&Scope::All)
                && !sieve.accepts_all(&named)
        );
        assert!(sieve.accepts_all(&Scope::Source(SourceId::new("b").unwrap())));
    }
}
