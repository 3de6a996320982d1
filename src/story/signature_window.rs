//! The signatures of the entries in the window, one behind the other → those that share a band with another one: texts that
//! are worth comparing. All of them are looked at, which takes some thirty instructions each. Chains for each band
//! would be faster, and took half as many bytes again as the signatures.

use super::placed_values::{Place, PlacedValues};
use super::shingles::Signature;

/// Where the signature of a member is.
pub(super) type SignaturePlace = Place;

/// The signatures of the members.
#[derive(Debug, Clone, Default)]
pub(super) struct SignatureWindow {
    places: PlacedValues<Signature>,
}

impl SignatureWindow {
    /// Calls `visit` for each member whose signature shares a band.
    pub(super) fn visit_similar<'s>(
        &'s self,
        signature: &Signature,
        mut visit: impl FnMut(u32, &'s Signature),
    ) {
        for (member, other) in self.places.iter() {
            if other.shares_band(signature) {
                visit(member, other);
            }
        }
    }

    /// Adds the signature of a member.
    pub(super) fn insert(&mut self, signature: Signature, member: u32) -> SignaturePlace {
        self.places.insert(member, signature)
    }

    /// Removes a signature.
    pub(super) fn remove(&mut self, place: SignaturePlace) {
        self.places.remove(place);
    }

    /// The signature at a place.
    pub(super) fn get(&self, place: SignaturePlace) -> Option<&Signature> {
        self.places.get(place)
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::story::placed_values::PlacedValue;
    use crate::story::term_hash::mix_bits;
    use crate::story::text_words::TextWord;

    /// Every tenth text is like the others of its ten.
    fn signature(number: u32) -> Signature {
        let word = |at: u64| {
            let own = if at == 7 { u64::from(number) } else { u64::from(number / 10) };
            TextWord { hash: mix_bits(own * 1_000 + at), is_variable: false, is_significant: true }
        };
        Signature::from_words(&(0..60).map(word).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn members_that_share_a_band_are_found_until_they_leave() {
        let (mut window, mut members) = (SignatureWindow::default(), BTreeMap::new());
        for number in 0..600 {
            members.insert(number, window.insert(signature(number), number));
            if number >= 300 {
                let leaving = (number - 300) * 7 % 300;
                window.remove(members.remove(&leaving).unwrap());
            }
        }
        for (number, place) in &members {
            assert_eq!(window.get(*place), Some(&signature(*number)));
        }
        let bands =
            |number: u32| -> Vec<[u8; 4]> { signature(number).to_bytes().as_chunks().0.to_vec() };
        for number in [3, 310, 599] {
            let mut found = Vec::new();
            window.visit_similar(&signature(number), |found_one, _| found.push(found_one));
            found.sort_unstable();
            let shares = |other: &&u32| {
                bands(**other).iter().zip(bands(number)).any(|(one, other)| *one == other)
            };
            assert_eq!(found, members.keys().filter(shares).copied().collect::<Vec<_>>());
            assert_eq!(found.len() >= 10, number >= 300, "{found:?}");
        }
        let bytes = window.heap_bytes();
        assert!(
            bytes < 350 * size_of::<PlacedValue<Signature>>(),
            "{bytes}: places are used again"
        );
        for place in members.into_values() {
            window.remove(place);
        }
        assert!(window.places.is_empty());
    }
}
