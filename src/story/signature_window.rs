//! The signatures of the entries in the window, one behind the other → those that share a band with another one: texts that
//! are worth comparing. All of them are looked at, which takes some thirty instructions each. Chains for each band
//! would be faster, and took half as many bytes again as the signatures.

use super::day_counts::reserve_some;
use super::shingles::Signature;

/// The member of a place that is vacant.
const VACANT: u32 = u32::MAX;

/// Where the signature of a member is.
pub(super) type SignaturePlace = u32;

/// The signatures of the members.
#[derive(Debug, Clone, Default)]
pub(super) struct SignatureWindow {
    places: Vec<PlacedSignature>,
    vacant: Vec<SignaturePlace>,
}

#[derive(Debug, Clone)]
struct PlacedSignature {
    signature: Signature,
    /// The number of the member.
    member: u32,
}

impl SignatureWindow {
    /// Calls `visit` for each member whose signature shares a band.
    pub(super) fn visit_similar<'s>(
        &'s self,
        signature: &Signature,
        mut visit: impl FnMut(u32, &'s Signature),
    ) {
        for placed in &self.places {
            if placed.signature.shares_band(signature) && placed.member != VACANT {
                visit(placed.member, &placed.signature);
            }
        }
    }

    /// Adds the signature of a member.
    pub(super) fn insert(&mut self, signature: Signature, member: u32) -> SignaturePlace {
        let placed = PlacedSignature { signature, member };
        if let Some(vacant) = self.vacant.pop()
            && let Some(place) = self.places.get_mut(vacant as usize)
        {
            *place = placed;
            return vacant;
        }
        reserve_some(&mut self.places, 1);
        self.places.push(placed);
        u32::try_from(self.places.len() - 1).unwrap_or(VACANT)
    }

    /// Removes a signature.
    pub(super) fn remove(&mut self, place: SignaturePlace) {
        if let Some(placed) = self.places.get_mut(place as usize) {
            placed.member = VACANT;
            self.vacant.push(place);
        }
        // Places at the end are given back; those between two signatures wait for the next ones.
        let used = self.places.iter().rposition(|placed| placed.member != VACANT);
        let count = used.map_or(0, |last| last + 1);
        if count < self.places.len() {
            self.places.truncate(count);
            self.vacant.retain(|place| (*place as usize) < count);
        }
        if self.places.capacity() > 64 && count * 4 < self.places.capacity() {
            self.places.shrink_to(count * 2);
            self.vacant.shrink_to(count);
        }
    }

    /// The signature at a place.
    pub(super) fn get(&self, place: SignaturePlace) -> Option<&Signature> {
        self.places.get(place as usize).map(|placed| &placed.signature)
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<PlacedSignature>()
            + self.vacant.capacity() * size_of::<SignaturePlace>()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
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
        assert!(bytes < 350 * size_of::<PlacedSignature>(), "{bytes}: places are used again");
        for place in members.into_values() {
            window.remove(place);
        }
        assert!(window.places.is_empty() && window.vacant.is_empty());
    }
}
