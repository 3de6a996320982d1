//! Signatures → those that share a band with another one: texts that are worth comparing. They stand one after
//! another in blocks. For each band a block has a hash table of chains; the links of a chain are beside the
//! signatures, so that a band of a member takes two bytes and its share of the table. What a chain leads to is
//! compared with the band itself, so that the size of the table, which depends on the past, decides nothing.
//!
//! A signature that leaves makes room for the next one.

use super::day_counts::reserve_some;
use super::shingles::{BANDS, Signature};

/// The end of a chain.
const END: u16 = u16::MAX;
/// The signatures of a block: each has a number of two bytes.
const BLOCK: usize = END as usize;
/// The member of a place that is vacant.
const VACANT: u32 = u32::MAX;
/// The length that chains have on average before the tables grow.
const CHAIN_LENGTH: usize = 3;
/// The chains of the smallest table.
const FIRST_CHAINS: usize = 64;

/// Where a signature is: its block, and its place there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct SignaturePlace {
    block: u16,
    place: u16,
}

/// The signatures of the members of the window.
#[derive(Debug, Clone, Default)]
pub(super) struct BandIndex {
    blocks: Vec<SignatureBlock>,
}

impl BandIndex {
    /// Calls `visit` for each member that shares a band; a member may occur more than once.
    pub(super) fn visit_similar<'s>(
        &'s self,
        signature: &Signature,
        mut visit: impl FnMut(u32, &'s Signature),
    ) {
        for block in &self.blocks {
            block.visit_similar(signature, &mut visit);
        }
    }

    /// Adds the signature of a member.
    pub(super) fn insert(&mut self, signature: Signature, member: u32) -> SignaturePlace {
        let block = self.blocks.iter().position(|block| block.count < BLOCK);
        let block = block.unwrap_or_else(|| {
            self.blocks.push(SignatureBlock::default());
            self.blocks.len() - 1
        });
        let place = self.blocks[block].insert(signature, member);
        SignaturePlace { block: u16::try_from(block).unwrap_or(u16::MAX), place }
    }

    /// Removes a signature.
    pub(super) fn remove(&mut self, at: SignaturePlace) {
        if let Some(block) = self.blocks.get_mut(usize::from(at.block)) {
            block.remove(at.place);
        }
    }

    /// The signature at a place.
    pub(super) fn get(&self, at: SignaturePlace) -> Option<&Signature> {
        let block = self.blocks.get(usize::from(at.block))?;
        block.places.get(usize::from(at.place)).map(|linked| &linked.signature)
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.blocks.iter().map(SignatureBlock::heap_bytes).sum()
    }
}

/// A signature with the next one in the chain of each of its bands.
#[derive(Debug, Clone)]
struct LinkedSignature {
    signature: Signature,
    next: [u16; BANDS],
    member: u32,
}

/// Some signatures.
#[derive(Debug, Clone, Default)]
struct SignatureBlock {
    places: Vec<LinkedSignature>,
    vacant: Vec<u16>,
    count: usize,
    /// The heads of the chains, one band after another.
    heads: Vec<u16>,
}

impl SignatureBlock {
    fn visit_similar<'s>(
        &'s self,
        signature: &Signature,
        visit: &mut impl FnMut(u32, &'s Signature),
    ) {
        for (number, key) in signature.bands().enumerate() {
            let Some(head) = self.head_of(number, key) else { continue };
            let mut at = self.heads[head];
            while let Some(linked) = self.places.get(usize::from(at)) {
                if linked.signature.band(number) == signature.band(number) {
                    visit(linked.member, &linked.signature);
                }
                at = linked.next[number];
            }
        }
    }

    fn insert(&mut self, signature: Signature, member: u32) -> u16 {
        let linked = LinkedSignature { signature, next: [END; BANDS], member };
        let place = if let Some(place) = self.vacant.pop() {
            self.places[usize::from(place)] = linked;
            place
        } else {
            reserve_some(&mut self.places, 1);
            self.places.push(linked);
            u16::try_from(self.places.len() - 1).unwrap_or(END)
        };
        self.count += 1;
        let chains = self.heads.len() / BANDS;
        if self.count > chains * CHAIN_LENGTH {
            self.heads = vec![END; (chains * 2).max(FIRST_CHAINS) * BANDS];
            let all = (0..END).zip(&self.places).filter(|(_, linked)| linked.member != VACANT);
            let all: Vec<u16> = all.map(|(place, _)| place).collect();
            for place in all {
                self.link(place);
            }
        } else {
            self.link(place);
        }
        place
    }

    fn remove(&mut self, place: u16) {
        let Some(linked) = self.places.get_mut(usize::from(place)) else { return };
        linked.member = VACANT;
        let linked = linked.clone();
        self.count = self.count.saturating_sub(1);
        if self.count == 0 {
            *self = Self::default();
            return;
        }
        self.vacant.push(place);
        for (number, key) in linked.signature.bands().enumerate() {
            let Some(head) = self.head_of(number, key) else { continue };
            let next = linked.next[number];
            let mut at = self.heads[head];
            if at == place {
                self.heads[head] = next;
                continue;
            }
            while let Some(before) = self.places.get_mut(usize::from(at)) {
                if before.next[number] == place {
                    before.next[number] = next;
                    break;
                }
                at = before.next[number];
            }
        }
    }

    fn link(&mut self, place: u16) {
        let Some(linked) = self.places.get(usize::from(place)) else { return };
        let mut next = [END; BANDS];
        for ((number, key), next) in linked.signature.bands().enumerate().zip(&mut next) {
            let Some(head) = self.head_of(number, key) else { continue };
            *next = std::mem::replace(&mut self.heads[head], place);
        }
        self.places[usize::from(place)].next = next;
    }

    /// The place of the head of the chain for this key of a band.
    fn head_of(&self, band: usize, key: u64) -> Option<usize> {
        let chains = self.heads.len() / BANDS;
        let chain = key.checked_rem(u64::try_from(chains).ok()?)?;
        Some(band * chains + usize::try_from(chain).ok()?)
    }

    fn heap_bytes(&self) -> usize {
        self.places.capacity() * size_of::<LinkedSignature>()
            + (self.heads.capacity() + self.vacant.capacity()) * size_of::<u16>()
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
        let (mut index, mut members) = (BandIndex::default(), BTreeMap::new());
        let bands = |number: u32| signature(number).bands().collect::<Vec<u64>>();
        for number in 0..600 {
            members.insert(number, index.insert(signature(number), number));
            if number >= 300 {
                let leaving = (number - 300) * 7 % 300;
                index.remove(members.remove(&leaving).unwrap());
            }
        }
        for (number, place) in &members {
            assert_eq!(index.get(*place), Some(&signature(*number)));
        }
        for number in [3, 310, 599] {
            let mut found = Vec::new();
            index.visit_similar(&signature(number), |found_one, _| found.push(found_one));
            found.sort_unstable();
            found.dedup();
            let shares = |other: &&u32| {
                bands(**other).iter().zip(bands(number)).any(|(one, other)| *one == other)
            };
            assert_eq!(found, members.keys().filter(shares).copied().collect::<Vec<_>>());
            assert_eq!(found.len() >= 10, number >= 300, "{found:?}");
        }
        let bytes = index.heap_bytes();
        assert!(
            bytes < 320 * (size_of::<LinkedSignature>() + 40),
            "{bytes}: places are used again"
        );
        for place in members.into_values() {
            index.remove(place);
        }
        assert_eq!(index.heap_bytes(), 0);
    }

    #[test]
    fn a_full_block_is_followed_by_another() {
        let mut index = BandIndex::default();
        let signature = signature(1);
        let full = SignatureBlock { count: BLOCK, ..SignatureBlock::default() };
        index.blocks.push(full);
        let place = index.insert(signature.clone(), 7);
        assert_eq!(place, SignaturePlace { block: 1, place: 0 });
        let mut found = Vec::new();
        index.visit_similar(&signature, |member, _| found.push(member));
        found.dedup();
        assert_eq!(found, [7]);
        index.blocks[0].count = 1;
        assert_eq!(index.insert(signature, 8).block, 0);
    }
}
