//! Words → an automaton that walks the dictionary of an index: all that the dictionary has are found in one pass.
//!
//! The forms of a word share their first letters. Looked up one by one, each would lead through the same nodes of the
//! dictionary again, mostly to find that the next letter is missing. The walk goes through the parts of the dictionary that
//! begin like a form, one after the other.

use tantivy_fst::Automaton;

/// Words, as a tree of their bytes.
#[derive(Debug)]
pub(super) struct WordSet {
    /// The root, then each node behind the one above it.
    nodes: Vec<Node>,
    /// The words in order, cut into runs with the same first bytes: the first and the last word of each.
    runs: Vec<(Vec<u8>, Vec<u8>)>,
}

/// The bytes that the words of a run share: three Arabic letters. Instructions at 100,000 entries, for a rare word and for three
/// common ones: the same with two letters within 1 %, with four and five up to 15 % more.
const RUN_BYTES: usize = 6;

#[derive(Debug, Clone, Copy)]
struct Node {
    byte: u8,
    is_end_of_word: bool,
    first_child: Option<NodeNumber>,
    /// The next child of the same node, with a higher byte.
    sibling: Option<NodeNumber>,
}

type NodeNumber = u32;

impl WordSet {
    /// The set of these words.
    pub(super) fn new<'w>(words: impl IntoIterator<Item = &'w [u8]>) -> Self {
        let mut words: Vec<&[u8]> = words.into_iter().collect();
        words.sort_unstable();
        words.dedup();
        let root = Node { byte: 0, is_end_of_word: false, first_child: None, sibling: None };
        let mut set = Self { nodes: vec![root], runs: Vec::new() };
        // The nodes of the last word, each with its last child.
        let mut path: Vec<(usize, Option<usize>)> = vec![(0, None)];
        let mut before: &[u8] = &[];
        for word in words {
            let shared = before.iter().zip(word).take_while(|(one, other)| one == other).count();
            match set.runs.last_mut() {
                Some((_, last)) if shared >= RUN_BYTES => word.clone_into(last),
                _ => set.runs.push((word.to_owned(), word.to_owned())),
            }
            path.truncate(shared + 1);
            for byte in &word[shared..] {
                let number = set.nodes.len();
                set.nodes.push(Node { byte: *byte, ..root });
                if let Some((parent, last_child)) = path.last_mut() {
                    let link = NodeNumber::try_from(number).ok();
                    match last_child.replace(number) {
                        Some(last) => set.nodes[last].sibling = link,
                        None => set.nodes[*parent].first_child = link,
                    }
                }
                path.push((number, None));
            }
            if let Some((last, _)) = path.last() {
                set.nodes[*last].is_end_of_word = true;
            }
            before = word;
        }
        set
    }

    /// The first and the last word of each part of a dictionary that may have words of the set, in order. A walk tries every
    /// letter that follows in the dictionary, and most letters follow at the first ones: within such a part it skips those.
    pub(super) fn runs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.runs.iter().map(|(first, last)| (first.as_slice(), last.as_slice()))
    }

    fn node(&self, number: NodeNumber) -> Option<&Node> {
        self.nodes.get(number as usize)
    }
}

impl Automaton for WordSet {
    /// `None`: no word begins so.
    type State = Option<NodeNumber>;

    fn start(&self) -> Option<NodeNumber> {
        Some(0)
    }

    fn is_match(&self, state: &Option<NodeNumber>) -> bool {
        state.and_then(|number| self.node(number)).is_some_and(|node| node.is_end_of_word)
    }

    fn can_match(&self, state: &Option<NodeNumber>) -> bool {
        state.is_some()
    }

    fn accept(&self, state: &Option<NodeNumber>, byte: u8) -> Option<NodeNumber> {
        let mut next = self.node((*state)?)?.first_child;
        while let Some(number) = next {
            let child = self.node(number)?;
            if child.byte >= byte {
                return (child.byte == byte).then_some(number);
            }
            next = child.sibling;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use tantivy_fst::{IntoStreamer, Map};

    use super::*;

    fn contains(set: &WordSet, word: &str) -> bool {
        let end = word.bytes().fold(set.start(), |state, byte| set.accept(&state, byte));
        assert!(set.can_match(&end) || !set.is_match(&end), "{word}");
        set.is_match(&end)
    }

    proptest::proptest! {
        #[test]
        fn a_set_has_its_words_and_no_others(
            words in proptest::collection::vec("[اب]{0,4}", 0..12),
            others in proptest::collection::vec("[ابت]{0,5}", 12),
        ) {
            let set = WordSet::new(words.iter().map(String::as_bytes));
            for word in words.iter().chain(&others) {
                proptest::prop_assert_eq!(contains(&set, word), words.contains(word), "{:?}", word);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn the_runs_lead_to_all_words_that_a_dictionary_has(
            words in proptest::collection::vec("[ابتa]{1,6}", 0..12),
            others in proptest::collection::btree_set("[ابتaz]{1,6}", 0..60),
        ) {
            let dictionary: BTreeSet<&String> = words.iter().step_by(2).chain(&others).collect();
            let map = Map::from_iter(dictionary.iter().zip(0..)).unwrap();
            let set = WordSet::new(words.iter().map(String::as_bytes));
            let found = set.runs().flat_map(|(first, last)| {
                map.search(&set).ge(first).le(last).into_stream().into_str_keys().unwrap()
            });
            let sought: BTreeSet<&String> = words.iter().collect();
            let expected: Vec<&String> = dictionary.intersection(&sought).copied().collect();
            let found: Vec<String> = found.collect();
            proptest::prop_assert_eq!(found.iter().collect::<Vec<_>>(), expected);
        }
    }

    #[test]
    fn a_beginning_is_no_word() {
        let set = WordSet::new(["مدينة", "مدينتها", "ب"].map(str::as_bytes));
        for (word, is_there) in [("مدينة", true), ("مدين", false), ("ب", true), ("", false)]
        {
            assert_eq!(contains(&set, word), is_there, "{word}");
        }
        assert!(!contains(&WordSet::new([]), ""));
    }
}
