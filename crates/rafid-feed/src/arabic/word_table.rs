//! Folded words → whether a word is among them, by a hash of its ends: each word of each text is looked up, and nearly
//! none is there.

/// Places for each word: three in four look-ups of other words end at an empty one.
const PLACES_PER_WORD: usize = 4;

/// A set of words.
pub(crate) struct WordTable {
    /// A power of two of places; an empty one is vacant.
    places: Vec<String>,
}

impl WordTable {
    /// The table of these words, none of which is empty.
    pub(crate) fn new(words: impl IntoIterator<Item = String>) -> Self {
        let words: Vec<String> = words.into_iter().collect();
        let count = (words.len() * PLACES_PER_WORD).next_power_of_two();
        let mut table = Self { places: vec![String::new(); count] };
        for word in words {
            let place = table.place_of(&word, word_hash(&word));
            table.places[place] = word;
        }
        table
    }

    /// Whether a word is among them.
    pub(crate) fn holds(&self, word: &str) -> bool {
        self.contains(word, word_hash(word))
    }

    /// Whether a word with this `word_hash` is among them.
    pub(super) fn contains(&self, word: &str, hash: usize) -> bool {
        !self.places[self.place_of(word, hash)].is_empty()
    }

    /// The place of a word, or the vacant one where it would be.
    fn place_of(&self, word: &str, hash: usize) -> usize {
        let mask = self.places.len() - 1;
        let mut place = hash & mask;
        while !self.places[place].is_empty() && self.places[place] != word {
            place = (place + 1) & mask;
        }
        place
    }
}

/// A hash of a word's first four and last four Arabic letters, and of its length.
pub(super) fn word_hash(word: &str) -> usize {
    let bytes = word.as_bytes();
    let ends = match (bytes.first_chunk(), bytes.last_chunk()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(23)
        }
        _ => bytes.iter().fold(0, |ends, byte| ends << 8 | u64::from(*byte)),
    };
    let hash = (ends ^ bytes.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    usize::try_from(hash >> 40).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_contains_its_words_and_no_others() {
        let words: Vec<String> = (0..700_u32).map(|number| format!("كلمة{number}")).collect();
        let table = WordTable::new(words.iter().take(350).cloned());
        for (number, word) in words.iter().enumerate() {
            assert_eq!(table.holds(word), number < 350, "{word}");
        }
        assert!(!table.holds(""));
        assert!(!WordTable::new([]).holds("كلمة"));
    }
}
