//! The operator's rules and named outputs → which entries an output holds.
//!
//! | output | its entries pass |
//! | --- | --- |
//! | a source's own | the source's rules |
//! | all, a category | the same, and the rules of `[serve]` |
//! | a named one | the same, and its query, languages and rules |
//!
//! A verdict is cached until the entry, its source's information or the configuration changes: an output with
//! few matches checks thousands of entries whenever it is rendered.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, PoisonError};

use rafid_feed::model::Language;

use super::entry_stamp::EntryStamp;
use super::query_subject::query_subject;
use crate::model::{
    EntryId, Output, PublishRules, Scope, Source, SourceId, SourceInfo, StoredEntry,
};
use crate::query::{EntryFilter, FilterVerdict, MatchedRule, Query, QueryError, SearchableEntry};

/// The maximum number of cached verdicts: 40 bytes each.
const MAX_VERDICTS: usize = 200_000;

/// The verdicts, each with the stamp that the entry had.
type VerdictCache = HashMap<(Scope, EntryId), (EntryStamp, bool)>;

/// Which entries are published where.
#[derive(Debug, Default)]
pub struct OutputFilters {
    sources: BTreeMap<SourceId, EntryFilter>,
    merged: EntryFilter,
    outputs: BTreeMap<String, NamedOutputFilter>,
    verdicts: Mutex<VerdictCache>,
}

/// What a named output accepts.
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
    /// It matches none of the `keep` rules.
    NotKept(RuleOwner),
    /// It does not match the output's query.
    QueryMismatch,
    /// It is in another language.
    OtherLanguage,
}

/// The owner of the rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuleOwner {
    /// The source.
    Source,
    /// All merged outputs.
    Merged,
    /// The output.
    Output,
}

impl Exclusion {
    /// For programs: the verdict, the rule's owner, the rule.
    pub(super) fn words(&self) -> (&'static str, &'static str, Option<&MatchedRule>) {
        match self {
            Self::Dropped(owner, rule) => ("dropped", owner.as_str(), Some(rule)),
            Self::NotKept(owner) => ("not-kept", owner.as_str(), None),
            Self::QueryMismatch => ("not-found", "output", None),
            Self::OtherLanguage => ("other-language", "output", None),
        }
    }
}

impl RuleOwner {
    /// Its word in the JSON reports.
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Merged => "serve",
            Self::Output => "output",
        }
    }
}

/// Compares the rules; the cached verdicts do not count.
impl PartialEq for OutputFilters {
    fn eq(&self, other: &Self) -> bool {
        (&self.sources, &self.merged, &self.outputs)
            == (&other.sources, &other.merged, &other.outputs)
    }
}

impl Eq for OutputFilters {}

impl OutputFilters {
    /// Parses the rules of the configuration.
    ///
    /// # Errors
    /// When one is not a valid query. The configuration checks them before.
    pub fn parse(
        sources: &[Arc<Source>],
        merged: &PublishRules,
        outputs: &[Output],
    ) -> Result<Self, QueryError> {
        let mut filters = Self { merged: EntryFilter::from_rules(merged)?, ..Self::default() };
        for source in sources.iter().filter(|source| !source.rules.is_empty()) {
            filters.sources.insert(source.id.clone(), EntryFilter::from_rules(&source.rules)?);
        }
        for output in outputs {
            let named = NamedOutputFilter {
                query: output
                    .query
                    .as_deref()
                    .map(|words| Query::parse_rule(words, output.rules.forms))
                    .transpose()?,
                languages: output.languages.clone(),
                filter: EntryFilter::from_rules(&output.rules)?,
            };
            filters.outputs.insert(output.id.clone(), named);
        }
        Ok(filters)
    }

    /// Whether every entry is in an output.
    pub fn accepts_all(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Source(id) => !self.sources.contains_key(id),
            Scope::All | Scope::Category(_) => self.sources.is_empty() && self.merged.accepts_all(),
            Scope::Output(_) => false,
        }
    }

    /// Whether an entry of a source with this information is in an output.
    pub(super) fn passes(
        &self,
        scope: &Scope,
        listed: &StoredEntry,
        info: Option<&SourceInfo>,
    ) -> bool {
        let (key, stamp) = ((scope.clone(), listed.id), EntryStamp::of(listed, info));
        if let Some((judged, passes)) = self.verdicts().get(&key)
            && *judged == stamp
        {
            return *passes;
        }
        let passes = self.evaluate(scope, &listed.source, &query_subject(listed, info));
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MAX_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(key, (stamp, passes));
        passes
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, VerdictCache> {
        // A panic cannot leave this map half changed.
        self.verdicts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The same verdict as `exclusion`, without collecting reasons.
    fn evaluate(&self, scope: &Scope, source: &SourceId, subject: &SearchableEntry<'_>) -> bool {
        self.filters(scope, source).all(|(_, filter)| filter.passes(subject))
            && self.named_filter(scope).is_none_or(|named| named.exclusion(subject).is_none())
    }

    /// Why an entry is not in an output; `None`: it is in it.
    pub fn exclusion(
        &self,
        scope: &Scope,
        source: &SourceId,
        subject: &SearchableEntry<'_>,
    ) -> Option<Exclusion> {
        let exclusion =
            self.filters(scope, source).find_map(|(owner, filter)| match filter.judge(subject) {
                FilterVerdict::Kept(_) => None,
                FilterVerdict::NotKept => Some(Exclusion::NotKept(owner)),
                FilterVerdict::Dropped(rule) => Some(Exclusion::Dropped(owner, rule)),
            });
        exclusion.or_else(|| self.named_filter(scope)?.exclusion(subject))
    }

    /// The rules that an entry of a source must pass for an output, in the order of evaluation.
    fn filters(
        &self,
        scope: &Scope,
        source: &SourceId,
    ) -> impl Iterator<Item = (RuleOwner, &EntryFilter)> {
        let source_rules = self.sources.get(source).map(|filter| (RuleOwner::Source, filter));
        let merged =
            (!matches!(scope, Scope::Source(_))).then_some((RuleOwner::Merged, &self.merged));
        let last = self.named_filter(scope).map(|named| (RuleOwner::Output, &named.filter));
        [source_rules, merged, last].into_iter().flatten()
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
        let has_language = |tag: &Language| {
            subject.language().is_some_and(|language| language.primary() == tag.primary())
        };
        let is_language_accepted =
            self.languages.is_empty() || self.languages.iter().any(has_language);
        (!is_language_accepted).then_some(Exclusion::OtherLanguage)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use rafid_feed::model::SafeHtml;

    fn rules(keep: &[&str], drop: &[&str]) -> PublishRules {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        PublishRules { keep: owned(keep), drop: owned(drop), forms: false }
    }

    #[test]
    fn an_entry_whose_text_arrives_later_is_judged_again() {
        let filters = OutputFilters::parse(&[], &rules(&[], &["مباراة"]), &[]).unwrap();
        let info = sample::info("a");
        let mut listed = sample::listed("a", "1", "افتتاح مكتبة");
        assert!(filters.passes(&Scope::All, &listed, Some(&info)));
        // Its identity and its feed's content stay the same; only the text of its page changes.
        listed.entry.content = Some(SafeHtml::from_trusted("<p>نتيجة مباراة الأمس</p>".to_owned()));
        listed.revision += 1;
        assert!(!filters.passes(&Scope::All, &listed, Some(&info)));
        assert!(filters.passes(&Scope::Source(listed.source.clone()), &listed, Some(&info)));
    }

    #[test]
    fn entries_of_a_renamed_source_are_judged_again() {
        let filters = OutputFilters::parse(&[], &rules(&["source:مرصد"], &[]), &[]).unwrap();
        let (listed, mut info) = (sample::listed("a", "1", "خبر"), sample::info("a"));
        assert!(!filters.passes(&Scope::All, &listed, Some(&info)));
        info.name = "مرصد".to_owned();
        assert!(filters.passes(&Scope::All, &listed, Some(&info)));
        assert!(filters.passes(&Scope::All, &listed, Some(&info)), "from the cache");
    }

    #[test]
    fn entries_of_an_untrusted_source_are_judged_again() {
        let filters = OutputFilters::parse(&[], &rules(&["عاجل:نعم"], &[]), &[]).unwrap();
        let (listed, mut info) = (sample::listed("a", "1", "عاجل: زلزال"), sample::info("a"));
        assert!(filters.passes(&Scope::All, &listed, Some(&info)));
        info.believes_breaking = false;
        assert!(!filters.passes(&Scope::All, &listed, Some(&info)));
    }

    #[test]
    fn every_output_inherits_rules() {
        let mut source = sample::source("a");
        source.rules = rules(&[], &["إعلان"]);
        let output = Output {
            query: Some("مكتبة".to_owned()),
            languages: vec![Language::parse("ar").unwrap()],
            ..sample::output("o", rules(&[], &["قديمة"]))
        };
        let merged = rules(&[], &["طقس"]);
        let filters = OutputFilters::parse(&[Arc::new(source)], &merged, &[output]).unwrap();
        let info = sample::info("a");
        let source_rules = Scope::Source(SourceId::new("a").unwrap());
        let named = Scope::Output("o".to_owned());
        for (title, expected) in [
            ("مكتبة جديدة", [true, true, true]),
            ("مكتبة قديمة", [true, true, false]),
            ("خبر آخر", [true, true, false]),
            ("طقس الغد", [true, false, false]),
            ("إعلان مكتبة", [false, false, false]),
        ] {
            let listed = sample::listed("a", title, title);
            let passes = [&source_rules, &Scope::All, &named]
                .map(|scope| filters.passes(scope, &listed, Some(&info)));
            assert_eq!(passes, expected, "{title}");
            for (scope, passes) in [&source_rules, &Scope::All, &named].into_iter().zip(passes) {
                let exclusion =
                    filters.exclusion(scope, &listed.source, &query_subject(&listed, Some(&info)));
                assert_eq!(exclusion.is_none(), passes, "{title}: the cached verdict is the same");
            }
        }
        assert!(
            !filters.accepts_all(&source_rules)
                && !filters.accepts_all(&Scope::All)
                && !filters.accepts_all(&named)
        );
        assert!(filters.accepts_all(&Scope::Source(SourceId::new("b").unwrap())));
    }
}
