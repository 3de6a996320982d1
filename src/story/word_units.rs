//! The words of an entry ↔ numbers of two bytes: for each its distance to the one before, in ascending order of the ids,
//! and with it how often it occurs. Most words take one such number.

use super::counted_term::CountedTerm;

/// Set if the number goes on in the next unit.
const MORE: u16 = 1 << 15;
/// The bits of a number that say how often the word occurs: once, twice, three times, or as the next unit says.
const COUNT_BITS: u32 = 2;
const IN_NEXT_UNIT: u32 = (1 << COUNT_BITS) - 1;

/// Adds words, which are in ascending order.
pub(super) fn push_words(units: &mut Vec<u16>, words: &[CountedTerm]) {
    let mut before = 0;
    for word in words {
        let count = u32::from(word.count()).wrapping_sub(1).min(IN_NEXT_UNIT);
        let mut number = (word.id() - before) << COUNT_BITS | count;
        before = word.id();
        loop {
            let low = u16::try_from(number & u32::from(!MORE)).unwrap_or(0);
            number >>= 15;
            if number == 0 {
                units.push(low);
                break;
            }
            units.push(low | MORE);
        }
        if count == IN_NEXT_UNIT {
            units.push(u16::from(word.count()));
        }
    }
}

/// The words in units.
#[derive(Debug, Clone)]
pub(super) struct WordUnits<'u> {
    units: std::slice::Iter<'u, u16>,
    before: u32,
}

impl<'u> WordUnits<'u> {
    /// Those that `push_words` added.
    pub(super) fn new(units: &'u [u16]) -> Self {
        Self { units: units.iter(), before: 0 }
    }
}

impl Iterator for WordUnits<'_> {
    type Item = CountedTerm;

    fn next(&mut self) -> Option<CountedTerm> {
        let (mut number, mut shift) = (0, 0);
        loop {
            let unit = *self.units.next()?;
            number |= u32::from(unit & !MORE) << shift;
            shift += 15;
            if unit & MORE == 0 {
                break;
            }
        }
        self.before += number >> COUNT_BITS;
        let count = match number & IN_NEXT_UNIT {
            IN_NEXT_UNIT => *self.units.next()?,
            less => u16::try_from(less + 1).unwrap_or(1),
        };
        Some(CountedTerm::new(self.before, u8::try_from(count).unwrap_or(u8::MAX)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_come_back() {
        let words: Vec<CountedTerm> =
            [(0, 1), (1, 2), (8_192, 3), (8_193, 4), (40_000, 0), ((1 << 24) - 1, 255)]
                .map(|(id, count)| CountedTerm::new(id, count))
                .to_vec();
        let mut units = Vec::new();
        push_words(&mut units, &words);
        assert_eq!(WordUnits::new(&units).collect::<Vec<_>>(), words);
        assert_eq!(units.len(), 1 + 1 + 1 + 2 + 3 + 3);
        units.clear();
        push_words(&mut units, &[]);
        assert_eq!((units.len(), WordUnits::new(&units).next()), (0, None));
    }
}
