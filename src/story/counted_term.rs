//! A term of an entry in four bytes: its id, and how often it occurs.

/// The id of a term while anything refers to it; ids are reused.
pub(super) type TermId = u32;

/// The bits of a count in a `CountedTerm`.
const COUNT_BITS: u32 = 8;

/// The number of ids. Terms are bounded by a week of news, far below it; a term that gets no id is left out.
pub(super) const IDS: usize = 1 << (u32::BITS - COUNT_BITS);

/// A term of an entry, with the number of its occurrences.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct CountedTerm(u32);

impl CountedTerm {
    /// A term that an id was acquired for.
    pub(super) fn new(id: TermId, count: u8) -> Self {
        Self(id << COUNT_BITS | u32::from(count))
    }

    /// The id of the term.
    #[inline]
    pub(super) fn id(self) -> TermId {
        self.0 >> COUNT_BITS
    }

    /// The number of its occurrences.
    #[inline]
    pub(super) fn count(self) -> u8 {
        u8::try_from(self.0 & u32::from(u8::MAX)).unwrap_or(u8::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_term_and_its_count_come_back() {
        for (id, count) in [(0, 0), (7, 255), (u32::try_from(IDS - 1).unwrap(), 1)] {
            let term = CountedTerm::new(id, count);
            assert_eq!((term.id(), term.count()), (id, count));
        }
    }
}
