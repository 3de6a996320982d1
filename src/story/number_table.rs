//! Numbers by what they stand for: a hash table of four bytes a place, whose keys are kept elsewhere. A `BTreeMap`
//! from ids of 16 bytes takes seven times the memory. Its order is never seen.

/// A place without a number.
const VACANT: u32 = u32::MAX;
/// The places of the smallest table that has any.
const FIRST_PLACES: usize = 16;

/// A table of numbers. The caller gives the hash of a number's key, and says which number has the key.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberTable {
    /// Empty, or a power of two of places; at most three quarters of them are taken.
    places: Vec<u32>,
    count: usize,
}

impl NumberTable {
    /// The number with a key of this hash that `is_wanted`.
    pub(super) fn find(&self, hash: u64, is_wanted: impl Fn(u32) -> bool) -> Option<u32> {
        self.place_of(hash, is_wanted).and_then(|place| self.places.get(place)).copied()
    }

    /// Adds a number whose key is not in the table; `hash_of` gives the hash of the key of each number.
    pub(super) fn insert(&mut self, number: u32, hash_of: impl Fn(u32) -> u64) {
        if (self.count + 1) * 4 > self.places.len() * 3 {
            self.resize((self.places.len() * 2).max(FIRST_PLACES), &hash_of);
        }
        self.put(number, hash_of(number));
        self.count += 1;
    }

    /// Removes the number with a key of this hash that `is_wanted`. `hash_of` must still know its key.
    pub(super) fn remove(
        &mut self,
        hash: u64,
        is_wanted: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u64,
    ) {
        let Some(mut gap) = self.place_of(hash, is_wanted) else { return };
        self.count -= 1;
        let mask = self.places.len() - 1;
        // Numbers behind the gap move into it, unless they would leave the run that starts at their own place.
        let mut place = gap;
        loop {
            place = (place + 1) & mask;
            let number = self.places[place];
            if number == VACANT {
                break;
            }
            let own = first_place(hash_of(number), mask);
            if place.wrapping_sub(own) & mask >= place.wrapping_sub(gap) & mask {
                self.places[gap] = number;
                gap = place;
            }
        }
        self.places[gap] = VACANT;
        if self.places.len() > FIRST_PLACES && self.count * 8 < self.places.len() {
            self.resize(self.places.len() / 2, &hash_of);
        }
    }

    /// Puts `number` in the place of another one with the same key.
    pub(super) fn replace(&mut self, hash: u64, is_wanted: impl Fn(u32) -> bool, number: u32) {
        if let Some(place) = self.place_of(hash, is_wanted) {
            self.places[place] = number;
        }
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<u32>()
    }

    fn place_of(&self, hash: u64, is_wanted: impl Fn(u32) -> bool) -> Option<usize> {
        let mask = self.places.len().checked_sub(1)?;
        let mut place = first_place(hash, mask);
        loop {
            match *self.places.get(place)? {
                VACANT => return None,
                number if is_wanted(number) => return Some(place),
                _ => place = (place + 1) & mask,
            }
        }
    }

    fn put(&mut self, number: u32, hash: u64) {
        let mask = self.places.len() - 1;
        let mut place = first_place(hash, mask);
        while self.places[place] != VACANT {
            place = (place + 1) & mask;
        }
        self.places[place] = number;
    }

    fn resize(&mut self, places: usize, hash_of: &impl Fn(u32) -> u64) {
        let before = std::mem::replace(&mut self.places, vec![VACANT; places]);
        for number in before.into_iter().filter(|number| *number != VACANT) {
            self.put(number, hash_of(number));
        }
    }
}

fn first_place(hash: u64, mask: usize) -> usize {
    usize::try_from(hash & u64::try_from(mask).unwrap_or(0)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::story::term_hash::mix_bits;

    /// Few different hashes, so that runs are long and wrap around.
    fn hash_of(number: u32) -> u64 {
        mix_bits(u64::from(number)) & 0xff
    }

    #[test]
    fn numbers_are_found_until_they_are_removed() {
        let mut table = NumberTable::default();
        let mut expected = std::collections::BTreeSet::new();
        for step in 0..4_000_u64 {
            let number = u32::try_from(mix_bits(step) % 300).unwrap();
            if expected.insert(number) {
                table.insert(number, hash_of);
            } else {
                expected.remove(&number);
                table.remove(hash_of(number), |it| it == number, hash_of);
            }
            if step % 50 == 0 {
                for number in 0..300 {
                    let found = table.find(hash_of(number), |it| it == number);
                    assert_eq!(found.is_some(), expected.contains(&number), "{number} at {step}");
                }
            }
        }
        for number in expected {
            table.remove(hash_of(number), |it| it == number, hash_of);
        }
        assert_eq!((table.count, table.places.len()), (0, FIRST_PLACES), "it shrinks");
    }

    #[test]
    fn a_number_takes_the_place_of_another() {
        let mut table = NumberTable::default();
        assert_eq!(table.find(1, |_| true), None);
        table.insert(7, hash_of);
        table.replace(hash_of(7), |it| it == 7, 9);
        assert_eq!(table.find(hash_of(7), |it| it == 9), Some(9));
    }
}
