//! Signatures → those that share a band with another one: texts that are worth comparing. For each band there is
//! a hash table of chains; the links of a chain are beside the signatures, so that a band of a member takes four
//! bytes and its share of the table. What a chain leads to is compared with the band itself, so that the size of
//! the table, which depends on the past, decides nothing.

use super::shingles::{BANDS, Signature};

/// The end of a chain.
const END: u32 = u32::MAX;
/// The length that chains have on average before the tables grow.
const CHAIN_LENGTH: usize = 3;
/// The chains of the smallest table.
const FIRST_CHAINS: usize = 64;

/// A signature in the index, with the next one in the chain of each of its bands.
#[derive(Debug, Clone)]
pub(super) struct LinkedSignature {
    /// The signature.
    pub(super) signature: Signature,
    next: Box<[u32; BANDS]>,
}

impl LinkedSignature {
    /// The bytes that it takes beside itself.
    pub(super) const HEAP_BYTES: usize = size_of::<[u32; BANDS]>() + Signature::HEAP_BYTES;

    /// A signature that is in no chain yet.
    pub(super) fn new(signature: Signature) -> Self {
        Self { signature, next: Box::new([END; BANDS]) }
    }
}

/// Where the members of the index are.
pub(super) trait LinkedSignatures {
    /// The signature of a member.
    fn linked(&self, number: u32) -> Option<&LinkedSignature>;
    /// The same, to change its links.
    fn linked_mut(&mut self, number: u32) -> Option<&mut LinkedSignature>;
}

/// The heads of the chains, one band after another.
#[derive(Debug, Clone, Default)]
pub(super) struct BandIndex {
    heads: Vec<u32>,
    members: usize,
}

impl BandIndex {
    /// Calls `visit` for each member that shares a band; a member may occur more than once.
    pub(super) fn visit_similar<'m>(
        &self,
        signature: &Signature,
        members: &'m impl LinkedSignatures,
        mut visit: impl FnMut(u32, &'m Signature),
    ) {
        for (number, key) in signature.bands().enumerate() {
            let Some(head) = self.head_of(number, key) else { continue };
            let mut at = self.heads[head];
            while let Some(linked) = members.linked(at) {
                if linked.signature.band(number) == signature.band(number) {
                    visit(at, &linked.signature);
                }
                at = linked.next[number];
            }
        }
    }

    /// Adds a member, which `members` already holds; `all` gives the numbers of all members.
    pub(super) fn insert<M: LinkedSignatures>(
        &mut self,
        member: u32,
        members: &mut M,
        all: impl FnOnce(&M) -> Vec<u32>,
    ) {
        self.members += 1;
        let chains = self.heads.len() / BANDS;
        if self.members > chains * CHAIN_LENGTH {
            self.heads = vec![END; (chains * 2).max(FIRST_CHAINS) * BANDS];
            for member in all(members) {
                self.link(member, members);
            }
        } else {
            self.link(member, members);
        }
    }

    /// Removes a member.
    pub(super) fn remove(&mut self, member: u32, members: &mut impl LinkedSignatures) {
        let Some(linked) = members.linked(member).cloned() else { return };
        self.members = self.members.saturating_sub(1);
        for (number, key) in linked.signature.bands().enumerate() {
            let Some(head) = self.head_of(number, key) else { continue };
            let next = linked.next[number];
            let mut at = self.heads[head];
            if at == member {
                self.heads[head] = next;
                continue;
            }
            while let Some(before) = members.linked_mut(at) {
                if before.next[number] == member {
                    before.next[number] = next;
                    break;
                }
                at = before.next[number];
            }
        }
    }

    /// The bytes that it takes.
    pub(super) fn heap_bytes(&self) -> usize {
        self.heads.capacity() * size_of::<u32>()
    }

    fn link(&mut self, member: u32, members: &mut impl LinkedSignatures) {
        let Some(linked) = members.linked_mut(member) else { return };
        let LinkedSignature { signature, next } = linked;
        for ((number, key), next) in signature.bands().enumerate().zip(next.iter_mut()) {
            let Some(head) = self.head_of(number, key) else { continue };
            *next = std::mem::replace(&mut self.heads[head], member);
        }
    }

    /// The place of the head of the chain for this key of a band.
    fn head_of(&self, band: usize, key: u64) -> Option<usize> {
        let chains = self.heads.len() / BANDS;
        let chain = key.checked_rem(u64::try_from(chains).ok()?)?;
        Some(band * chains + usize::try_from(chain).ok()?)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::story::term_hash::mix_bits;
    use crate::story::text_words::TextWord;

    impl LinkedSignatures for BTreeMap<u32, LinkedSignature> {
        fn linked(&self, number: u32) -> Option<&LinkedSignature> {
            self.get(&number)
        }

        fn linked_mut(&mut self, number: u32) -> Option<&mut LinkedSignature> {
            self.get_mut(&number)
        }
    }

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
            members.insert(number, LinkedSignature::new(signature(number)));
            let all = |members: &BTreeMap<u32, LinkedSignature>| members.keys().copied().collect();
            index.insert(number, &mut members, all);
            if number >= 300 {
                let leaving = (number - 300) * 7 % 300;
                index.remove(leaving, &mut members);
                members.remove(&leaving);
            }
        }
        for number in [3, 310, 599] {
            let mut found = Vec::new();
            index.visit_similar(&signature(number), &members, |found_one, _| found.push(found_one));
            found.sort_unstable();
            found.dedup();
            let shares = |other: &&u32| {
                bands(**other).iter().zip(bands(number)).any(|(one, other)| *one == other)
            };
            assert_eq!(found, members.keys().filter(shares).copied().collect::<Vec<_>>());
            assert_eq!(found.len() >= 10, number >= 300, "{found:?}");
        }
    }
}
