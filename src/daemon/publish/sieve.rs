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

use super::flags::Flags;
use super::press::subject;
use super::stamp::Stamp;
use crate::daemon::store::{Store, StoreError};
use crate::feed::model::{
    EntryId, Language, ListedEntry, Output, PollState, Rules, Scope, Source, SourceCard, SourceId,
};
use crate::feed::query::{Filter, Query, QueryError, Subject, Told, Verdict};

/// Verdicts that are remembered, at most: 40 bytes each.
const MOST_VERDICTS: usize = 200_000;

/// What was judged, each under the stamp that it was judged with.
type Verdicts = HashMap<(Scope, EntryId), (Stamp, bool)>;

/// Which entries are published where.
#[derive(Debug, Default)]
pub struct Sieve {
    sources: BTreeMap<SourceId, Filter>,
    merged: Filter,
    outputs: BTreeMap<String, Named>,
    verdicts: Mutex<Verdicts>,
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

    /// Whether a source is believed when it says that news is breaking.
    pub(super) fn believes_breaking(
        &self,
        store: &Store,
        source: &Source,
        state: Option<&PollState>,
    ) -> Result<bool, StoreError> {
        self.flags.of(store, source, state)
    }

    /// Whether every entry is in an output.
    pub fn is_open(&self, scope: &Scope) -> bool {
        match scope {
            Scope::Source(id) => !self.sources.contains_key(id),
            Scope::All | Scope::Category(_) => self.sources.is_empty() && self.merged.is_open(),
            Scope::Output(_) => false,
        }
    }

    /// Whether an entry of a source with this card is in an output.
    pub(super) fn passes(
        &self,
        scope: &Scope,
        listed: &ListedEntry,
        card: Option<&SourceCard>,
    ) -> bool {
        let (key, stamp) = ((scope.clone(), listed.id), Stamp::of(listed, card));
        if let Some((judged, passes)) = self.verdicts().get(&key)
            && *judged == stamp
        {
            return *passes;
        }
        let passes = self.lets_pass(scope, &listed.source, &subject(listed, card));
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MOST_VERDICTS {
            verdicts.clear();
        }
        verdicts.insert(key, (stamp, passes));
        passes
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, Verdicts> {
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

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;
    use crate::feed::model::SafeHtml;

    fn rules(keep: &[&str], drop: &[&str]) -> Rules {
        let owned = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
        Rules { keep: owned(keep), drop: owned(drop) }
    }

    #[test]
    fn a_text_that_comes_later_is_judged_again() {
        let sieve = Sieve::read(&[], &rules(&[], &["مباراة"]), &[]).unwrap();
        let card = sample::card("a");
        let mut listed = sample::listed("a", "1", "افتتاح مكتبة");
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)));
        // Its identity and what its feed says stay: only the page's text is another.
        listed.entry.content = Some(SafeHtml::vouched("<p>نتيجة مباراة الأمس</p>".to_owned()));
        listed.revision += 1;
        assert!(!sieve.passes(&Scope::All, &listed, Some(&card)));
        assert!(sieve.passes(&Scope::Source(listed.source.clone()), &listed, Some(&card)));
    }

    #[test]
    fn a_source_that_is_called_otherwise_is_judged_again() {
        let sieve = Sieve::read(&[], &rules(&["source:مرصد"], &[]), &[]).unwrap();
        let (listed, mut card) = (sample::listed("a", "1", "خبر"), sample::card("a"));
        assert!(!sieve.passes(&Scope::All, &listed, Some(&card)));
        card.name = "مرصد".to_owned();
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)));
        assert!(sieve.passes(&Scope::All, &listed, Some(&card)), "from memory");
    }

    #[test]
    fn who_is_not_believed_is_judged_again() {
        let sieve = Sieve::read(&[], &rules(&["عاجل:نعم"], &[]), &[]).unwrap();
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
        let sieve = Sieve::read(&[Arc::new(source)], &merged, &[output]).unwrap();
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
                let held = sieve.judge(scope, &listed.source, &subject(&listed, Some(&card)));
                assert_eq!(held.is_none(), passes, "{title}: judged as remembered");
            }
        }
        assert!(!sieve.is_open(&own) && !sieve.is_open(&Scope::All) && !sieve.is_open(&named));
        assert!(sieve.is_open(&Scope::Source(SourceId::new("b").unwrap())));
    }
}
