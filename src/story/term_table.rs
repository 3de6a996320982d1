//! Numbers by the ids of terms, in a small table: an array by id would be as long as the vocabulary of a week.

use super::counted_term::TermId;

/// A free place. (Ids have fewer bits.)
const FREE: TermId = TermId::MAX;
/// The places of a new table, a power of two.
const PLACES: usize = 256;

/// The numbers of terms; 0 for those that it does not have.
pub(super) struct TermTable {
    /// Each term at the first free place from that of its id on. Half of the places or more are free.
    places: Vec<(TermId, u32)>,
    /// The terms that it has.
    ids: Vec<TermId>,
}

impl TermTable {
    /// A table without terms.
    pub(super) fn new() -> Self {
        Self { places: vec![(FREE, 0); PLACES], ids: Vec::new() }
    }

    /// The number of a term.
    #[inline]
    pub(super) fn get(&self, id: TermId) -> u32 {
        self.places[self.place_of(id)].1
    }

    /// The number of a term, to be changed.
    #[inline]
    pub(super) fn get_mut(&mut self, id: TermId) -> &mut u32 {
        let mut place = self.place_of(id);
        if self.places[place].0 == FREE {
            if (self.ids.len() + 1) * 2 > self.places.len() {
                self.grow();
                place = self.place_of(id);
            }
            self.places[place].0 = id;
            self.ids.push(id);
        }
        &mut self.places[place].1
    }

    /// Removes all terms, and returns them with their numbers.
    pub(super) fn take_all(&mut self) -> Vec<(TermId, u32)> {
        let ids = std::mem::take(&mut self.ids);
        let taken = ids.iter().map(|id| (*id, self.get(*id))).collect();
        self.places.fill((FREE, 0));
        self.ids = ids;
        self.ids.clear();
        taken
    }

    /// The place of a term, or the free one where it would be.
    #[inline]
    fn place_of(&self, id: TermId) -> usize {
        let mask = self.places.len() - 1;
        // Ids are given one after another; an odd factor without a pattern spreads them.
        let mut place = (id.wrapping_mul(0x9e37_79b1) >> 8) as usize & mask;
        while self.places[place].0 != id && self.places[place].0 != FREE {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        let count = self.places.len() * 2;
        let before = std::mem::replace(&mut self.places, vec![(FREE, 0); count]);
        for (id, number) in before.into_iter().filter(|(id, _)| *id != FREE) {
            let place = self.place_of(id);
            self.places[place] = (id, number);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn numbers_are_those_of_a_map() {
        let mut table = TermTable::new();
        for round in 1..4_u32 {
            let mut plain = BTreeMap::new();
            for at in 0..256 * round {
                let id = at * at % 50_021 * 251;
                *table.get_mut(id) += at;
                *plain.entry(id).or_insert(0) += at;
                assert_eq!(table.get(id), plain[&id]);
                assert_eq!(table.get(id + 1), plain.get(&(id + 1)).copied().unwrap_or(0));
            }
            let all: BTreeMap<TermId, u32> = table.take_all().into_iter().collect();
            assert_eq!(all, plain);
            assert_eq!(table.get(0), 0);
        }
    }
}
