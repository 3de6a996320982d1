//! Counts of terms per day → the weight of each term: the inverse document frequency over the last seven
//! days. Counts are whole numbers, so that the order of arrival does not matter and a day loaded from the
//! store equals the day that was saved.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::term_hash::is_part_term;
use crate::model::DailyTermCounts;

/// The number of days kept, including today: a week of news, with its Friday.
pub const DAYS: i64 = 7;

/// Documents that are assumed before the first one, with none of the terms: without them, in the first hours
/// every term would be rare, or every term common. (Measured: 0 to 300 differ by less than the sample's
/// noise; the more, the more stable the scores of the first day.)
const UNSEEN_DOCUMENTS: u32 = 100;

/// The weight of a part of a word, relative to a word that is as rare, because there are many parts.
/// (Measured: .7 to 1 are alike, and .8 is the most stable when sources or hours are left out.)
const PART_WEIGHT: f32 = 0.8;

/// The id of a term while anything refers to it; ids are reused.
pub(super) type TermId = u32;

/// The counts of all days.
#[derive(Debug, Clone, Default)]
pub(super) struct Statistics {
    days: BTreeMap<i64, DayCounts>,
    documents: u32,
    ids: BTreeMap<u64, TermId>,
    terms: Vec<TermStatistics>,
    free: Vec<TermId>,
}

#[derive(Debug, Clone, Default)]
struct DayCounts {
    documents: u32,
    counts: BTreeMap<TermId, u32>,
}

#[derive(Debug, Clone, Default)]
struct TermStatistics {
    hash: u64,
    /// The number of documents with the term, over all days.
    documents: u32,
    /// Minus the logarithm of that number.
    rarity: f32,
    /// The number of entries in the window and of daily counts that use it: at 0 its id is free.
    holders: u32,
}

impl Statistics {
    /// Imports what `day_counts` returned.
    pub(super) fn import_days(&mut self, days: Vec<DailyTermCounts>) {
        for day in days {
            let counts =
                day.terms.into_iter().map(|(hash, count)| (self.acquire_id(hash), count)).collect();
            let kept = DayCounts { documents: day.documents_count, counts };
            self.documents += kept.documents;
            for (id, count) in &kept.counts {
                self.update_term(*id, |term| term.set_documents(term.documents + count));
            }
            let before = self.days.insert(day.day, kept).unwrap_or_default();
            self.drop_day(before);
        }
    }

    /// A day's counts, for the store; `None`: nothing was counted on it.
    pub(super) fn day_counts(&self, day: i64) -> Option<DailyTermCounts> {
        let kept = self.days.get(&day)?;
        let hash = |id: &TermId| self.terms.get(*id as usize).map_or(0, |term| term.hash);
        let mut terms: Vec<(u64, u32)> =
            kept.counts.iter().map(|(id, count)| (hash(id), *count)).collect();
        terms.sort_unstable();
        Some(DailyTermCounts { day, documents_count: kept.documents, terms })
    }

    /// Removes the days that are too old on `today`.
    pub(super) fn move_to(&mut self, today: i64) {
        while let Some(first) = self.days.first_entry().filter(|day| *day.key() <= today - DAYS) {
            let day = first.remove();
            self.drop_day(day);
        }
    }

    /// Counts one document on a day.
    pub(super) fn count(&mut self, day: i64, terms: &[(TermId, u8)]) {
        let mut kept = self.days.remove(&day).unwrap_or_default();
        self.documents += 1;
        kept.documents += 1;
        for (id, _) in terms {
            let count = kept.counts.entry(*id).or_default();
            *count += 1;
            let is_new = *count == 1;
            self.update_term(*id, |term| {
                term.set_documents(term.documents + 1);
                term.holders += u32::from(is_new);
            });
        }
        self.days.insert(day, kept);
    }

    /// Undoes the count of one document on a day.
    pub(super) fn uncount(&mut self, day: i64, terms: &[(TermId, u8)]) {
        let Some(mut kept) = self.days.remove(&day) else { return };
        self.documents -= 1;
        kept.documents -= 1;
        for (id, _) in terms {
            let Some(count) = kept.counts.get_mut(id) else { continue };
            *count -= 1;
            let is_gone = *count == 0;
            self.update_term(*id, |term| term.set_documents(term.documents - 1));
            if is_gone {
                kept.counts.remove(id);
                self.release_id(*id);
            }
        }
        self.days.insert(day, kept);
    }

    /// The id of a term, which the caller holds until it calls `release_id`.
    pub(super) fn acquire_id(&mut self, hash: u64) -> TermId {
        let id = match self.ids.get(&hash) {
            Some(id) => *id,
            None => self.new_id(hash),
        };
        self.update_term(id, |term| term.holders += 1);
        id
    }

    fn new_id(&mut self, hash: u64) -> TermId {
        let term = TermStatistics { hash, ..TermStatistics::default() };
        let id = self.free.pop().unwrap_or_else(|| {
            self.terms.push(TermStatistics::default());
            // Terms are bounded by the window, far below four billion.
            TermId::try_from(self.terms.len() - 1).unwrap_or(TermId::MAX)
        });
        self.update_term(id, |free| *free = term);
        self.ids.insert(hash, id);
        id
    }

    /// Releases an id.
    pub(super) fn release_id(&mut self, id: TermId) {
        let mut is_free = None;
        self.update_term(id, |term| {
            term.holders -= 1;
            is_free = (term.holders == 0).then_some(term.hash);
        });
        if let Some(hash) = is_free {
            self.ids.remove(&hash);
            self.free.push(id);
        }
    }

    /// The weights of the terms now.
    pub(super) fn weights(&self) -> Weights<'_> {
        let documents = rounded_ln(f64::from(self.documents + UNSEEN_DOCUMENTS + 1));
        Weights { documents, terms: &self.terms, damped: &DAMPED }
    }

    /// The number of documents with a term.
    pub(super) fn documents_with(&self, id: TermId) -> u32 {
        self.terms.get(id as usize).map_or(0, |term| term.documents)
    }

    fn drop_day(&mut self, day: DayCounts) {
        self.documents -= day.documents;
        for (id, count) in day.counts {
            self.update_term(id, |term| term.set_documents(term.documents - count));
            self.release_id(id);
        }
    }

    fn update_term(&mut self, id: TermId, change: impl FnOnce(&mut TermStatistics)) {
        if let Some(term) = self.terms.get_mut(id as usize) {
            change(term);
        }
    }
}

/// The weights of the terms at one moment.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<'s> {
    /// The logarithm of the number of documents.
    documents: f32,
    terms: &'s [TermStatistics],
    damped: &'static [f32; 256],
}

impl Weights<'_> {
    /// The weight of a term that occurs `count` times in a document: the damped count times the inverse
    /// document frequency. The caller holds the term.
    pub(super) fn weight_of(&self, id: TermId, count: u8) -> f32 {
        let rarity = |term: &TermStatistics| {
            let share = if is_part_term(term.hash) { PART_WEIGHT } else { 1.0 };
            share * (self.documents + term.rarity)
        };
        let rarity = self.terms.get(id as usize).map_or(0.0, rarity);
        self.damped[usize::from(count)] * rarity.max(0.0)
    }
}

/// A word that occurs twice weighs more than one that occurs once, but not twice as much: `1 + ln n`.
static DAMPED: LazyLock<[f32; 256]> = LazyLock::new(|| {
    let damped = |count: u8| if count == 0 { 0.0 } else { 1.0 + rounded_ln(f64::from(count)) };
    std::array::from_fn(|count| u8::try_from(count).map_or(0.0, damped))
});

impl TermStatistics {
    fn set_documents(&mut self, documents: u32) {
        self.documents = documents;
        self.rarity = -rounded_ln(f64::from(documents) + 0.5);
    }
}

/// The natural logarithm, rounded so that the last bits, which may differ between machines, are removed.
#[expect(clippy::cast_possible_truncation, reason = "rounding is intended")]
fn rounded_ln(number: f64) -> f32 {
    number.ln() as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(statistics: &mut Statistics, day: i64, hashes: &[u64]) -> Vec<(TermId, u8)> {
        let terms: Vec<_> = hashes.iter().map(|hash| (statistics.acquire_id(*hash), 1)).collect();
        statistics.count(day, &terms);
        terms
    }

    #[test]
    fn rare_terms_weigh_more() {
        let mut statistics = Statistics::default();
        for _ in 0..10 {
            counted(&mut statistics, 0, &[1]);
        }
        let terms = counted(&mut statistics, 0, &[1, 3]);
        let weights = statistics.weights();
        let [common, rare] = [terms[0].0, terms[1].0].map(|id| weights.weight_of(id, 1));
        assert!((common - (112.0_f32 / 11.5).ln()).abs() < 1e-5, "{common}");
        assert!((rare - (112.0_f32 / 1.5).ln()).abs() < 1e-5, "{rare}");
        let (part, word) = (statistics.acquire_id(20), statistics.acquire_id(21));
        statistics.count(0, &[(part, 1), (word, 1)]);
        let weights = statistics.weights();
        assert!(
            (weights.weight_of(part, 1) / weights.weight_of(word, 1) - PART_WEIGHT).abs() < 1e-5
        );
        let rare = weights.weight_of(terms[1].0, 1);
        assert!((weights.weight_of(terms[1].0, 3) / rare - (1.0 + 3.0_f32.ln())).abs() < 1e-5);
    }

    #[test]
    fn old_days_are_removed_and_ids_are_reused() {
        let mut statistics = Statistics::default();
        let terms = counted(&mut statistics, 0, &[1, 2]);
        counted(&mut statistics, 6, &[2]);
        statistics.release_id(terms[0].0);
        statistics.release_id(terms[1].0);
        statistics.move_to(6);
        assert_eq!(statistics.documents_with(terms[0].0), 1);
        statistics.move_to(7);
        assert_eq!((statistics.documents, statistics.documents_with(terms[1].0)), (1, 1));
        assert_eq!(statistics.acquire_id(9), terms[0].0, "the number of what nobody holds");
        statistics.move_to(100);
        assert!(statistics.days.is_empty() && statistics.documents == 0);
    }

    #[test]
    fn a_day_is_loaded_as_it_was_saved() {
        let mut statistics = Statistics::default();
        counted(&mut statistics, 3, &[7, 5]);
        counted(&mut statistics, 3, &[5]);
        let day = statistics.day_counts(3).unwrap();
        let expected = DailyTermCounts { day: 3, documents_count: 2, terms: vec![(5, 2), (7, 1)] };
        assert_eq!(day, expected);
        let mut other = Statistics::default();
        other.import_days(vec![day.clone()]);
        assert_eq!(other.day_counts(3), Some(day));
        assert_eq!(other.documents, 2);
        let five = other.acquire_id(5);
        assert_eq!(other.documents_with(five), 2);
    }

    #[test]
    fn uncount_undoes_count() {
        let mut statistics = Statistics::default();
        counted(&mut statistics, 3, &[5]);
        let before = statistics.day_counts(3);
        let terms = counted(&mut statistics, 3, &[5, 7]);
        statistics.uncount(3, &terms);
        assert_eq!(statistics.day_counts(3), before);
        assert_eq!(statistics.documents_with(terms[1].0), 0);
    }
}
