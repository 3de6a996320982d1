//! The labels of a window and its story assignments → precision, recall and F1 of pairs, and `BCubed`.
//!
//! There are two kinds of labels, known by their keys: `clusters` (lists of ids that are one story; an id in no list
//! is a story of its own) with `ambiguous_pairs_excluded`; and `positive` pairs of the same text with `grey` pairs,
//! where only pairs of different sources count.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use rafid::model::{EntryId, SourceId};
use serde::Deserialize;
use serde_json::Value;

use super::read_bytes;
use super::window::id_as_text;

/// The content of a file of labels.
#[derive(Debug, Deserialize)]
pub(super) struct Labels {
    /// Ids that are one story.
    clusters: Option<Vec<Vec<Value>>>,
    /// Pairs that do not count.
    #[serde(default)]
    ambiguous_pairs_excluded: Vec<Vec<Value>>,
    /// Pairs of the same text; what follows the two ids is ignored.
    positive: Option<Vec<Vec<Value>>>,
    /// Pairs that do not count.
    #[serde(default)]
    grey: Vec<Vec<Value>>,
}

/// The ids of two entries, the smaller one first.
type Pair = (String, String);

impl Labels {
    /// Reads a file of labels.
    pub(super) fn read_file(file: &Path) -> Result<Self, String> {
        let bytes = read_bytes(file)?;
        let file = file.display();
        let labels: Self = serde_json::from_slice(&bytes)
            .map_err(|error| format!("error: {file} holds no labels: {error}"))?;
        if labels.clusters.is_none() && labels.positive.is_none() {
            return Err(format!(
                "error: {file} holds no labels: expected `clusters` or `positive`"
            ));
        }
        Ok(labels)
    }

    /// The quality of the assignments, in a few lines.
    pub(super) fn judge(
        &self,
        stories: &BTreeMap<String, EntryId>,
        texts: &BTreeMap<String, EntryId>,
        sources: &BTreeMap<String, SourceId>,
    ) -> String {
        let mut text = String::new();
        // Writing into a String cannot fail.
        if let Some(clusters) = &self.clusters {
            let labeled = labeled(clusters, stories);
            let excluded = pairs(&self.ambiguous_pairs_excluded);
            let expected = pairs_in_groups(&labeled);
            let found = pairs_in_groups(stories);
            let _ = writeln!(
                text,
                "stories, pairs: {}",
                Quality::measure(&found, &expected, &excluded)
            );
            let _ = writeln!(text, "stories, BCubed: {}", b_cubed(stories, &labeled));
        }
        if let Some(positive) = &self.positive {
            let is_counted = |pair: &Pair| sources.get(&pair.0) != sources.get(&pair.1);
            let expected = pairs(positive).into_iter().filter(is_counted).collect();
            let found = pairs_in_groups(texts).into_iter().filter(is_counted).collect();
            let quality = Quality::measure(&found, &expected, &pairs(&self.grey));
            let _ = writeln!(text, "texts, pairs: {quality}");
        }
        text
    }
}

/// Precision, recall, and their harmonic mean.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Quality {
    precision: f64,
    recall: f64,
}

impl Quality {
    fn measure(
        found: &BTreeSet<Pair>,
        expected: &BTreeSet<Pair>,
        excluded: &BTreeSet<Pair>,
    ) -> Self {
        let counted = |pairs: &BTreeSet<Pair>| pairs.difference(excluded).count();
        let right = found.intersection(expected).filter(|pair| !excluded.contains(*pair)).count();
        Self { precision: share(right, counted(found)), recall: share(right, counted(expected)) }
    }
}

impl std::fmt::Display for Quality {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let sum = self.precision + self.recall;
        let f1 = if sum > 0.0 { 2.0 * self.precision * self.recall / sum } else { 0.0 };
        let Self { precision, recall } = self;
        write!(f, "precision {precision:.3}, recall {recall:.3}, F1 {f1:.3}")
    }
}

/// A share; the share of an empty whole is 1.
#[expect(clippy::cast_precision_loss, reason = "pairs of a window are far below 2^53")]
fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 1.0 } else { part as f64 / whole as f64 }
}

/// `BCubed` (Bagga and Baldwin 1998): for each entry, how much of its group is right and how much of its labeled
/// group was found; the means over all entries. No pair is excluded.
fn b_cubed<G: Ord, L: Ord>(groups: &BTreeMap<String, G>, labels: &BTreeMap<String, L>) -> Quality {
    let (found, expected) = (members(groups), members(labels));
    let (mut precision, mut recall) = (0.0, 0.0);
    for (name, group) in groups {
        let own: &BTreeSet<&String> = &found[group];
        let labeled = labels.get(name).and_then(|label| expected.get(label));
        let right = labeled.map_or(1, |labeled| own.intersection(labeled).count());
        precision += share(right, own.len());
        recall += share(right, labeled.map_or(1, BTreeSet::len));
    }
    let mean = |sum: f64| sum * share(1, groups.len().max(1));
    Quality { precision: mean(precision), recall: mean(recall) }
}

/// Each entry of the window with its labeled group; an entry in no cluster has a group of its own.
fn labeled(clusters: &[Vec<Value>], window: &BTreeMap<String, EntryId>) -> BTreeMap<String, usize> {
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for (number, cluster) in clusters.iter().enumerate() {
        labels.extend(cluster.iter().map(|id| (id_as_text(id), number)));
    }
    let alone = window.keys().zip(clusters.len()..);
    alone.map(|(name, own)| (name.clone(), labels.get(name).copied().unwrap_or(own))).collect()
}

fn pairs(rows: &[Vec<Value>]) -> BTreeSet<Pair> {
    let pair = |row: &Vec<Value>| Some(ordered(id_as_text(row.first()?), id_as_text(row.get(1)?)));
    rows.iter().filter_map(pair).collect()
}

fn ordered(one: String, other: String) -> Pair {
    if one < other { (one, other) } else { (other, one) }
}

/// All pairs of entries in the same group.
fn pairs_in_groups<G: Ord>(groups: &BTreeMap<String, G>) -> BTreeSet<Pair> {
    let mut found = BTreeSet::new();
    for members in members(groups).values() {
        for (index, one) in members.iter().enumerate() {
            let others = members.iter().skip(index + 1);
            found.extend(others.map(|other| ordered((*one).clone(), (*other).clone())));
        }
    }
    found
}

fn members<G: Ord>(groups: &BTreeMap<String, G>) -> BTreeMap<&G, BTreeSet<&String>> {
    let mut found: BTreeMap<&G, BTreeSet<&String>> = BTreeMap::new();
    for (name, group) in groups {
        found.entry(group).or_default().insert(name);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn groups(words: &str) -> BTreeMap<String, char> {
        words.split(' ').map(|word| (word[1..].to_owned(), word.chars().next().unwrap())).collect()
    }

    #[test]
    fn pairs_are_compared() {
        let check = |found: &str, excluded: &[(&str, &str)], expected: &str| {
            let labels = pairs_in_groups(&groups("x1 x2 x3 y4 z5"));
            let excluded = excluded.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect();
            let quality = Quality::measure(&pairs_in_groups(&groups(found)), &labels, &excluded);
            assert_eq!(quality.to_string(), expected, "{found}");
        };
        check("a1 a2 a3 b4 c5", &[], "precision 1.000, recall 1.000, F1 1.000");
        check("a1 a2 b3 b4 c5", &[], "precision 0.500, recall 0.333, F1 0.400");
        check("a1 a2 b3 b4 c5", &[("3", "4")], "precision 1.000, recall 0.333, F1 0.500");
        check("a1 b2 c3 d4 e5", &[], "precision 1.000, recall 0.000, F1 0.000");
    }

    #[test]
    fn b_cubed_is_the_mean_over_entries() {
        // Five entries: precision 1, 1, 1/2, 1/2, 1; recall 2/3, 2/3, 1/3, 1, 1.
        let quality = b_cubed(&groups("a1 a2 b3 b4 c5"), &groups("x1 x2 x3 y4 z5"));
        assert_eq!(quality.to_string(), "precision 0.800, recall 0.733, F1 0.765");
    }
}
