//! Rules on trial → what they make of the stored entries, and why, as JSON. Nothing is changed.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::press::{Press, subject};
use super::sieve::{Held, Sieve, Whose};
use crate::daemon::store::{Newest, StoreError};
use crate::feed::model::{ListedEntry, Rules, Scope, SourceCard, SourceId};
use crate::feed::query::{Filter, QueryError, Reason, Told, Verdict};

/// The media type of the answer.
pub(super) const MEDIA_TYPE: &str = "application/json; charset=utf-8";
/// Entries that are judged, the newest; nobody reads the reasons of more.
const JUDGED: usize = 5_000;

/// The rules in force, and one that is tried beside them.
struct Trial<'a> {
    scope: &'a Scope,
    sieve: &'a Sieve,
    tried: Filter,
}

/// What became of one entry.
enum Fate {
    Passes(Option<Told>),
    Held(Held),
    /// A tried rule drops it, or none that keeps finds it.
    Tried(Option<Told>),
}

/// Judges the newest entries of an output by the rules in force and by `tried` beside them. `None`: there
/// is no such output. The inner error: a tried rule is no query.
///
/// # Errors
/// When the store cannot be read.
pub(super) fn of(
    press: &Press,
    scope: &Scope,
    tried: &Rules,
) -> Result<Option<Result<String, QueryError>>, StoreError> {
    let Some(cards) = press.cards(scope)? else { return Ok(None) };
    let tried = match Filter::read(tried) {
        Ok(tried) => tried,
        Err(error) => return Ok(Some(Err(error))),
    };
    let sources = cards.keys().cloned().collect();
    let newest = Newest {
        sources: &sources,
        limit: JUDGED,
        before: None,
        per_source: None,
        caps: &BTreeMap::new(),
        fits: None,
    };
    let entries = press.store.newest(&newest)?;
    let trial = Trial { scope, sieve: &press.edition.sieve, tried };
    let judged: Vec<(Value, bool)> =
        entries.iter().map(|listed| trial.row(listed, &cards)).collect();
    let held_count = judged.iter().filter(|(_, passes)| !passes).count();
    let report = json!({
        "judged": judged.len(),
        "passes": judged.len() - held_count,
        "held": held_count,
        "entries": judged.into_iter().map(|(row, _)| row).collect::<Vec<_>>(),
    });
    // Our own shapes always serialise.
    Ok(Some(Ok(serde_json::to_string(&report).unwrap_or_default())))
}

impl Trial<'_> {
    fn row(&self, listed: &ListedEntry, cards: &BTreeMap<SourceId, SourceCard>) -> (Value, bool) {
        let fate = self.fate(listed, cards.get(&listed.source));
        let (verdict, whose, told) = match &fate {
            Fate::Passes(told) => ("passes", "", told.as_ref()),
            Fate::Held(held) => words_of(held),
            Fate::Tried(Some(told)) => ("dropped", "tried", Some(told)),
            Fate::Tried(None) => ("not-kept", "tried", None),
        };
        let row = json!({
            "id": listed.id.to_urn(),
            "source": listed.source.as_str(),
            "listed_at": listed.listed_at.to_string(),
            "title": listed.entry.title.as_str(),
            "link": listed.entry.link,
            "verdict": verdict,
            "rule_of": whose,
            "rule": told.map(|told| told.rule.as_str()),
            "reasons": told.map_or_else(Vec::new, reasons_of),
        });
        (row, matches!(fate, Fate::Passes(_)))
    }

    fn fate(&self, listed: &ListedEntry, card: Option<&SourceCard>) -> Fate {
        let subject = subject(listed, card);
        if let Some(held) = self.sieve.judge(self.scope, &listed.source, &subject) {
            return Fate::Held(held);
        }
        match self.tried.judge(&subject) {
            Verdict::Kept(told) => Fate::Passes(told),
            Verdict::NotKept => Fate::Tried(None),
            Verdict::Dropped(told) => Fate::Tried(Some(told)),
        }
    }
}

/// Why an entry is not in an output, in words for programs: the verdict, whose rule it is, the rule.
pub(super) fn words_of(held: &Held) -> (&'static str, &'static str, Option<&Told>) {
    match held {
        Held::Dropped(whose, told) => ("dropped", whose_word(*whose), Some(told)),
        Held::NotKept(whose) => ("not-kept", whose_word(*whose), None),
        Held::NotFound => ("not-found", "output", None),
        Held::Language => ("other-language", "output", None),
    }
}

/// What of a rule matches, and where.
pub(super) fn reasons_of(told: &Told) -> Vec<Value> {
    let reason = |it: &Reason| json!({ "term": it.term, "field": it.field.as_str() });
    told.reasons.iter().map(reason).collect()
}

fn whose_word(whose: Whose) -> &'static str {
    match whose {
        Whose::Source => "source",
        Whose::Merged => "serve",
        Whose::Output => "output",
    }
}
