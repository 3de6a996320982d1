//! `RecentlyUsed`: values that cost something to make, kept while they are used, within a number of bytes.
//!
//! They are in two generations. What is used moves to the younger one; when that is full, the older one is
//! forgotten and the younger one takes its place. So nothing is forgotten that was used lately, and no order has
//! to be kept.

use std::collections::BTreeMap;

/// Values by their keys.
#[derive(Debug)]
pub struct RecentlyUsed<K, V> {
    most_bytes: usize,
    young: BTreeMap<K, (V, usize)>,
    young_bytes: usize,
    old: BTreeMap<K, (V, usize)>,
}

impl<K: Ord + Clone, V> RecentlyUsed<K, V> {
    /// Keeps up to two generations with this many bytes each.
    pub fn new(most_bytes: usize) -> Self {
        Self { most_bytes, young: BTreeMap::new(), young_bytes: 0, old: BTreeMap::new() }
    }

    /// The value of a key, which counts as used.
    pub fn find(&mut self, key: &K) -> Option<&V> {
        if !self.young.contains_key(key) {
            let (value, bytes) = self.old.remove(key)?;
            self.put(key.clone(), value, bytes);
        }
        self.young.get(key).map(|(value, _)| value)
    }

    /// Puts a value that takes about `bytes`, instead of the one before. One that is too large is not kept.
    pub fn put(&mut self, key: K, value: V, bytes: usize) {
        self.remove(&key);
        if bytes > self.most_bytes {
            return;
        }
        if self.young_bytes + bytes > self.most_bytes {
            self.old = std::mem::take(&mut self.young);
            self.young_bytes = 0;
        }
        self.young_bytes += bytes;
        self.young.insert(key, (value, bytes));
    }

    fn remove(&mut self, key: &K) {
        self.old.remove(key);
        if let Some((_, bytes)) = self.young.remove(key) {
            self.young_bytes -= bytes;
        }
    }

    /// The number of values that it holds.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// The number of bytes that it holds, as they were counted.
    #[cfg(test)]
    fn bytes(&self) -> usize {
        self.young.values().chain(self.old.values()).map(|(_, bytes)| bytes).sum()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_is_used_stays_and_the_rest_makes_room() {
        let mut kept = RecentlyUsed::new(2);
        let mut known = |number: u32, bytes: usize, used: u32| {
            kept.put(number, number * 10, bytes);
            kept.find(&used);
            let generations = [&kept.young, &kept.old];
            (1..=5)
                .filter(|it| generations.iter().any(|young| young.contains_key(it)))
                .collect::<Vec<u32>>()
        };
        assert_eq!(known(1, 1, 1), [1]);
        assert_eq!(known(2, 1, 1), [1, 2]);
        assert_eq!(known(3, 1, 1), [1, 2, 3]);
        assert_eq!(known(4, 1, 1), [1, 3, 4], "2 was not used");
        assert_eq!(known(5, 3, 1), [1, 3, 4], "too large");
        assert_eq!(kept.find(&4), Some(&40));
        kept.put(4, 7, 1);
        assert_eq!(kept.find(&4), Some(&7));
        assert_eq!(kept.find(&2), None);
    }

    proptest! {
        #[test]
        fn a_found_value_is_the_last_one_and_the_bytes_are_bounded(
            steps in proptest::collection::vec((0..12_u32, 0..9_usize, any::<bool>()), 0..80),
        ) {
            let mut kept = RecentlyUsed::new(10);
            let mut last = BTreeMap::new();
            for (step, (key, bytes, puts)) in steps.into_iter().enumerate() {
                if puts {
                    kept.put(key, step, bytes);
                    last.insert(key, step);
                }
                if let Some(found) = kept.find(&key) {
                    prop_assert_eq!(Some(found), last.get(&key));
                }
                prop_assert!(kept.bytes() <= 20);
            }
        }
    }
}
