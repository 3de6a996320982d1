//! Counts of terms per day → the weight of each term: the inverse document frequency over the last seven
//! days. Counts are whole numbers, so that the order of arrival does not matter and a day loaded from the
//! store equals the day that was saved.

use std::collections::BTreeMap;

use super::counted_term::{CountedTerm, IDS, TermId};
use super::damping::{damped_counts, rounded_ln};
use super::day_counts::{DayCounts, reserve_some};
use super::number_table::NumberTable;
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

/// The counts of all days.
#[derive(Debug, Clone, Default)]
pub(super) struct Statistics {
    days: BTreeMap<i64, DayCounts>,
    documents: u32,
    /// Ids by the hash of their term.
    ids: NumberTable,
    terms: Vec<TermStatistics>,
    free: Vec<TermId>,
    /// Minus the logarithm of each number of documents that any term has or had.
    rarities: Vec<f32>,
    /// The day that is being counted.
    today: Option<i64>,
}

#[derive(Debug, Clone, Default)]
struct TermStatistics {
    hash: u64,
    /// The number of documents with the term, over all days.
    documents: u32,
    /// The number of entries in the window that have it. If both are 0, its id is free.
    members: u32,
}

impl Statistics {
    /// Imports what `day_counts` returned.
    pub(super) fn import_days(&mut self, days: Vec<DailyTermCounts>) {
        for day in days {
            let terms = day.terms.into_iter().filter(|(_, count)| *count > 0);
            let counts: BTreeMap<TermId, u32> =
                terms.filter_map(|(hash, count)| Some((self.find_or_add(hash)?, count))).collect();
            self.documents += day.documents_count;
            for (id, count) in &counts {
                self.change_documents(*id, |documents| documents + count);
            }
            let mut kept = DayCounts::new(day.documents_count, counts);
            kept.pack();
            let before = self.days.insert(day.day, kept).unwrap_or_default();
            self.drop_day(&before);
        }
    }

    /// A day's counts, for the store; `None`: nothing was counted on it.
    pub(super) fn day_counts(&self, day: i64) -> Option<DailyTermCounts> {
        let kept = self.days.get(&day)?;
        let mut terms: Vec<(u64, u32)> =
            kept.iter().map(|(id, count)| (self.hash_of(id), count)).collect();
        terms.sort_unstable();
        Some(DailyTermCounts { day, documents_count: kept.documents, terms })
    }

    /// Removes the days that are too old on `today`.
    pub(super) fn move_to(&mut self, today: i64) {
        if self.today == Some(today) {
            return;
        }
        self.today = Some(today);
        while let Some(first) = self.days.first_entry().filter(|day| *day.key() <= today - DAYS) {
            let day = first.remove();
            self.drop_day(&day);
        }
        self.days.range_mut(..today).for_each(|(_, day)| day.pack());
    }

    /// Counts one document on a day.
    pub(super) fn count(&mut self, day: i64, terms: &[CountedTerm]) {
        let mut kept = self.days.remove(&day).unwrap_or_default();
        self.documents += 1;
        kept.documents += 1;
        kept.change(|counts| {
            for term in terms {
                *counts.entry(term.id()).or_default() += 1;
                self.change_documents(term.id(), |documents| documents + 1);
            }
        });
        self.days.insert(day, kept);
    }

    /// Undoes the count of one document on a day.
    pub(super) fn uncount(&mut self, day: i64, terms: &[CountedTerm]) {
        let Some(mut kept) = self.days.remove(&day) else { return };
        self.documents -= 1;
        kept.documents -= 1;
        kept.change(|counts| {
            for term in terms {
                let Some(count) = counts.get_mut(&term.id()) else { continue };
                *count -= 1;
                if *count == 0 {
                    counts.remove(&term.id());
                }
                self.change_documents(term.id(), |documents| documents - 1);
                self.free_if_unused(term.id());
            }
        });
        self.days.insert(day, kept);
    }

    /// The id of a term. If the term is new, it is counted or held next. `None`: there are no more ids.
    pub(super) fn find_or_add(&mut self, hash: u64) -> Option<TermId> {
        let has_hash = |id: u32| self.terms.get(id as usize).is_some_and(|term| term.hash == hash);
        self.ids.find(hash, has_hash).or_else(|| self.new_id(hash))
    }

    /// Holds the id of a term for one more entry of the window.
    pub(super) fn hold(&mut self, id: TermId) {
        self.update_term(id, |term| term.members += 1);
    }

    /// Holds it for one less. `true`: no entry of the window has the term any more.
    pub(super) fn release(&mut self, id: TermId) -> bool {
        let mut members = 0;
        self.update_term(id, |term| {
            term.members = term.members.saturating_sub(1);
            members = term.members;
        });
        self.free_if_unused(id);
        members == 0
    }

    fn new_id(&mut self, hash: u64) -> Option<TermId> {
        let id = if let Some(id) = self.free.pop() {
            id
        } else {
            let id = Some(self.terms.len()).filter(|id| *id < IDS)?;
            reserve_some(&mut self.terms, 1);
            self.terms.push(TermStatistics::default());
            TermId::try_from(id).ok()?
        };
        self.change_documents(id, |_| 0);
        self.update_term(id, |free| *free = TermStatistics { hash, ..TermStatistics::default() });
        let terms = &self.terms;
        self.ids.insert(id, |id| terms.get(id as usize).map_or(0, |term| term.hash));
        Some(id)
    }

    fn free_if_unused(&mut self, id: TermId) {
        let Some(term) = self.terms.get(id as usize) else { return };
        if term.members > 0 || term.documents > 0 {
            return;
        }
        let (hash, terms) = (term.hash, &self.terms);
        let hash_of = |id: u32| terms.get(id as usize).map_or(0, |term| term.hash);
        self.ids.remove(hash, |other| other == id, hash_of);
        self.free.push(id);
    }

    /// The weights of the terms now.
    pub(super) fn weights(&self) -> Weights<'_> {
        let documents = rounded_ln(f64::from(self.documents + UNSEEN_DOCUMENTS + 1));
        Weights { documents, terms: &self.terms, rarities: &self.rarities, damped: damped_counts() }
    }

    /// The number of entries in the window with a term.
    pub(super) fn members_with(&self, id: TermId) -> u32 {
        self.terms.get(id as usize).map_or(0, |term| term.members)
    }

    /// The hash of a term.
    pub(super) fn hash_of(&self, id: TermId) -> u64 {
        self.terms.get(id as usize).map_or(0, |term| term.hash)
    }

    /// The number of documents with a term.
    #[inline]
    pub(super) fn documents_with(&self, id: TermId) -> u32 {
        self.terms.get(id as usize).map_or(0, |term| term.documents)
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.days.values().map(|day| size_of::<DayCounts>() + day.heap_bytes()).sum::<usize>()
            + self.ids.heap_bytes()
            + self.terms.capacity() * size_of::<TermStatistics>()
            + self.free.capacity() * size_of::<TermId>()
            + self.rarities.capacity() * size_of::<f32>()
    }

    fn drop_day(&mut self, day: &DayCounts) {
        self.documents -= day.documents;
        for (id, count) in day.iter() {
            self.change_documents(id, |documents| documents - count);
            self.free_if_unused(id);
        }
    }

    /// Changes the number of documents with a term.
    fn change_documents(&mut self, id: TermId, change: impl FnOnce(u32) -> u32) {
        let mut documents = 0;
        self.update_term(id, |term| {
            term.documents = change(term.documents);
            documents = term.documents;
        });
        let known = u32::try_from(self.rarities.len()).unwrap_or(u32::MAX);
        self.rarities.extend((known..=documents).map(rarity_of));
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
    rarities: &'s [f32],
    damped: &'static [f32; 256],
}

impl Weights<'_> {
    /// The weight of a term: its damped count times the inverse document frequency. The caller holds the term.
    #[inline]
    pub(super) fn weight_of(&self, term: CountedTerm) -> f32 {
        let Some(statistics) = self.terms.get(term.id() as usize) else { return 0.0 };
        let Some(rarity) = self.rarities.get(statistics.documents as usize) else { return 0.0 };
        let share = if is_part_term(statistics.hash) { PART_WEIGHT } else { 1.0 };
        let rarity = share * (self.documents + rarity);
        self.damped[usize::from(term.count())] * rarity.max(0.0)
    }
}

fn rarity_of(documents: u32) -> f32 {
    -rounded_ln(f64::from(documents) + 0.5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counted(statistics: &mut Statistics, day: i64, hashes: &[u64]) -> Vec<CountedTerm> {
        let ids = hashes.iter().map(|hash| statistics.find_or_add(*hash).unwrap());
        let terms: Vec<_> = ids.map(|id| CountedTerm::new(id, 1)).collect();
        for term in &terms {
            statistics.hold(term.id());
        }
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
        let [common, rare] = [terms[0], terms[1]].map(|term| weights.weight_of(term));
        assert!((common - (112.0_f32 / 11.5).ln()).abs() < 1e-5, "{common}");
        assert!((rare - (112.0_f32 / 1.5).ln()).abs() < 1e-5, "{rare}");
        let [part, word] = counted(&mut statistics, 0, &[20, 21])[..] else { panic!() };
        let weights = statistics.weights();
        assert!((weights.weight_of(part) / weights.weight_of(word) - PART_WEIGHT).abs() < 1e-5);
        let rare = weights.weight_of(terms[1]);
        let thrice = weights.weight_of(CountedTerm::new(terms[1].id(), 3));
        assert!((thrice / rare - (1.0 + 3.0_f32.ln())).abs() < 1e-5);
    }

    #[test]
    fn old_days_are_removed_and_ids_are_reused() {
        let mut statistics = Statistics::default();
        let terms = counted(&mut statistics, 0, &[1, 2]);
        counted(&mut statistics, 6, &[2]);
        for term in &terms {
            statistics.release(term.id());
        }
        statistics.move_to(6);
        assert_eq!(statistics.documents_with(terms[0].id()), 1);
        statistics.move_to(7);
        assert_eq!((statistics.documents, statistics.documents_with(terms[1].id())), (1, 1));
        assert_eq!(statistics.find_or_add(9), Some(terms[0].id()), "the id that nothing holds");
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
        let five = other.find_or_add(5).unwrap();
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
        assert_eq!(statistics.documents_with(terms[1].id()), 0);
    }
}
