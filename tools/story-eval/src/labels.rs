//! The labels of a window and its story assignments → precision, recall and F1 of pairs, and `BCubed`, each with the
//! interval of a bootstrap over the labeled events, and without each day.
//!
//! There are two kinds of labels, known by their keys: `clusters` (lists of ids that are one story; an id in no list
//! is a story of its own) with `ambiguous_pairs_excluded`; and `positive` pairs of the same text with `grey` pairs,
//! where only pairs of different sources count. With `entries` only these ids of the window are judged.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::path::Path;

use rafid::model::{EntryId, SourceId};
use serde::Deserialize;
use serde_json::Value;

use super::bootstrap::interval;
use super::quality::Quality;
use super::read_bytes;
use super::window::id_as_text;

/// The content of a file of labels.
#[derive(Debug, Deserialize)]
pub(super) struct Labels {
    /// The ids that were labeled; `None`: all of the window.
    entries: Option<Vec<Value>>,
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

/// An entry and what was decided about it.
#[derive(Debug, Clone)]
pub(super) struct JudgedEntry {
    /// Its id, as the labels name it.
    pub(super) name: String,
    pub(super) source: SourceId,
    /// Days since 1970-01-01.
    pub(super) day: i64,
    pub(super) story: EntryId,
    pub(super) text_group: EntryId,
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
    pub(super) fn judge(&self, window: &[JudgedEntry]) -> String {
        let labeled: Option<BTreeSet<String>> =
            self.entries.as_ref().map(|ids| ids.iter().map(id_as_text).collect());
        let is_labeled = |entry: &&JudgedEntry| {
            labeled.as_ref().is_none_or(|labeled| labeled.contains(&entry.name))
        };
        let entries: Vec<JudgedEntry> = window.iter().filter(is_labeled).cloned().collect();
        let entries = &entries[..];
        let mut text = String::new();
        // Writing into a String cannot fail.
        if let Some(clusters) = &self.clusters {
            let excluded = pairs(&self.ambiguous_pairs_excluded);
            let judged = JudgedStories::new(entries, clusters, &excluded);
            let _ = write!(text, "{}", judged.with_intervals());
            let days: BTreeSet<i64> = entries.iter().map(|entry| entry.day).collect();
            for day in days.iter().filter(|_| days.len() > 1) {
                let others = entries.iter().filter(|entry| entry.day != *day);
                let others: Vec<JudgedEntry> = others.cloned().collect();
                let judged = JudgedStories::new(&others, clusters, &excluded);
                let (pairs, groups) = (judged.pairs(None), judged.b_cubed(None));
                let _ = writeln!(
                    text,
                    "stories, without day {day}: F1 {:.3}, BCubed {:.3}",
                    pairs.f1(),
                    groups.f1()
                );
            }
        }
        if let Some(positive) = &self.positive {
            let _ = writeln!(text, "texts, pairs: {}", self.judge_texts(entries, positive));
        }
        text
    }

    fn judge_texts(&self, entries: &[JudgedEntry], positive: &[Vec<Value>]) -> Quality {
        let sources: BTreeMap<&str, &SourceId> =
            entries.iter().map(|entry| (entry.name.as_str(), &entry.source)).collect();
        let grey = pairs(&self.grey);
        let is_counted = |pair: &Pair| {
            sources.get(pair.0.as_str()) != sources.get(pair.1.as_str()) && !grey.contains(pair)
        };
        let expected: BTreeSet<Pair> = pairs(positive).into_iter().filter(is_counted).collect();
        let groups = entries.iter().map(|entry| (entry.name.as_str(), entry.text_group));
        let found: BTreeSet<Pair> =
            pairs_in_groups(groups).into_iter().filter(is_counted).collect();
        let right = found.intersection(&expected).count();
        Quality::of_counts(number(right), number(found.len()), number(expected.len()))
    }
}

/// Entries with their labels, prepared for figures of which each entry or pair is a part.
struct JudgedStories {
    /// The number of labeled stories: the units of the bootstrap.
    units: usize,
    /// Whether a pair was found, whether it is expected, and the units of its entries.
    pairs: Vec<(bool, bool, [usize; 2])>,
    /// `BCubed` of each entry, and its unit.
    entries: Vec<(Quality, usize)>,
}

impl JudgedStories {
    fn new(entries: &[JudgedEntry], clusters: &[Vec<Value>], excluded: &BTreeSet<Pair>) -> Self {
        let units = units_of(entries, clusters);
        let unit_of = |name: &str| units.get(name).copied().unwrap_or_default();
        let stories = || entries.iter().map(|entry| (entry.name.as_str(), entry.story));
        let found = pairs_in_groups(stories());
        let expected = pairs_in_groups(units.iter().map(|(name, unit)| (*name, *unit)));
        let counted = found.union(&expected).filter(|pair| !excluded.contains(*pair));
        let pairs = counted.map(|pair| {
            let units = [&pair.0, &pair.1].map(|name| unit_of(name));
            (found.contains(pair), expected.contains(pair), units)
        });
        let by_story = members(stories());
        let by_unit = members(units.iter().map(|(name, unit)| (*name, *unit)));
        let of_entries = entries.iter().map(|entry| {
            let unit = unit_of(&entry.name);
            let (own, labeled) = (&by_story[&entry.story], &by_unit[&unit]);
            let right = own.intersection(labeled).count();
            let counts = [right, own.len(), labeled.len()].map(number);
            (Quality::of_counts(counts[0], counts[1], counts[2]), unit)
        });
        Self {
            units: units.values().max().map_or(0, |last| last + 1),
            pairs: pairs.collect(),
            entries: of_entries.collect(),
        }
    }

    /// Precision and recall of pairs; `weights` says how often each unit counts.
    fn pairs(&self, weights: Option<&[f64]>) -> Quality {
        let (mut right, mut found, mut expected) = (0.0, 0.0, 0.0);
        for (is_found, is_expected, units) in &self.pairs {
            let of_unit = |unit: usize| weights.map_or(1.0, |weights| weights[unit]);
            let weight = f64::midpoint(of_unit(units[0]), of_unit(units[1]));
            found += if *is_found { weight } else { 0.0 };
            expected += if *is_expected { weight } else { 0.0 };
            right += if *is_found && *is_expected { weight } else { 0.0 };
        }
        Quality::of_counts(right, found, expected)
    }

    /// `BCubed` (Bagga and Baldwin 1998): for each entry, how much of its group is right and how much of its labeled
    /// group was found; the means over all entries. No pair is excluded.
    fn b_cubed(&self, weights: Option<&[f64]>) -> Quality {
        let (mut precision, mut recall, mut all) = (0.0, 0.0, 0.0);
        for (quality, unit) in &self.entries {
            let weight = weights.map_or(1.0, |weights| weights[*unit]);
            precision += weight * quality.precision;
            recall += weight * quality.recall;
            all += weight;
        }
        Quality {
            precision: Quality::of_counts(precision, all, all).precision,
            recall: Quality::of_counts(recall, all, all).recall,
        }
    }

    fn with_intervals(&self) -> String {
        let bounds = |figure: &dyn Fn(&[f64]) -> f64| {
            let (low, high) = interval(self.units, figure);
            format!("{low:.3} to {high:.3}")
        };
        format!(
            "stories, pairs: {}; 95 % of F1: {}, of precision: {}\n\
             stories, BCubed: {}; 95 % of F1: {}\n",
            self.pairs(None),
            bounds(&|weights| self.pairs(Some(weights)).f1()),
            bounds(&|weights| self.pairs(Some(weights)).precision),
            self.b_cubed(None),
            bounds(&|weights| self.b_cubed(Some(weights)).f1()),
        )
    }
}

#[expect(clippy::cast_precision_loss, reason = "pairs of a window are far below 2^53")]
fn number(count: usize) -> f64 {
    count as f64
}

/// The number of the labeled story of each entry; an entry in no cluster has one of its own.
fn units_of<'e>(entries: &'e [JudgedEntry], clusters: &[Vec<Value>]) -> BTreeMap<&'e str, usize> {
    let mut labels: BTreeMap<String, usize> = BTreeMap::new();
    for (number, cluster) in clusters.iter().enumerate() {
        labels.extend(cluster.iter().map(|id| (id_as_text(id), number)));
    }
    let alone = entries.iter().zip(clusters.len()..);
    alone
        .map(|(entry, own)| (entry.name.as_str(), labels.get(&entry.name).copied().unwrap_or(own)))
        .collect()
}

fn pairs(rows: &[Vec<Value>]) -> BTreeSet<Pair> {
    let pair =
        |row: &Vec<Value>| Some(ordered(&id_as_text(row.first()?), &id_as_text(row.get(1)?)));
    rows.iter().filter_map(pair).collect()
}

fn ordered(one: &str, other: &str) -> Pair {
    let (first, second) = if one < other { (one, other) } else { (other, one) };
    (first.to_owned(), second.to_owned())
}

/// All pairs of entries in the same group.
fn pairs_in_groups<'e, G: Ord>(groups: impl Iterator<Item = (&'e str, G)>) -> BTreeSet<Pair> {
    let mut found = BTreeSet::new();
    for members in members(groups).values() {
        for (index, one) in members.iter().enumerate() {
            found.extend(members.iter().skip(index + 1).map(|other| ordered(one, other)));
        }
    }
    found
}

fn members<'e, G: Ord>(
    groups: impl Iterator<Item = (&'e str, G)>,
) -> BTreeMap<G, BTreeSet<&'e str>> {
    let mut found: BTreeMap<G, BTreeSet<&str>> = BTreeMap::new();
    for (name, group) in groups {
        found.entry(group).or_default().insert(name);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Five entries in groups: `a1` is the entry 1 in the group a.
    fn judged(groups: &str, excluded: &[[u8; 2]]) -> JudgedStories {
        let entries = groups.split(' ').map(|word| {
            let group = EntryId::from_bytes([word.as_bytes()[0]; 16]);
            let source = SourceId::new("a").unwrap();
            let name = word[1..].to_owned();
            JudgedEntry { name, source, day: 0, story: group, text_group: group }
        });
        let clusters: Vec<Vec<Value>> = vec![vec![1.into(), 2.into(), 3.into()]];
        let excluded: Vec<Vec<Value>> =
            excluded.iter().map(|pair| pair.map(Value::from).to_vec()).collect();
        JudgedStories::new(&entries.collect::<Vec<_>>(), &clusters, &pairs(&excluded))
    }

    #[test]
    fn pairs_are_compared() {
        let check = |found: &str, excluded: &[[u8; 2]], expected: &str| {
            let quality = judged(found, excluded).pairs(None);
            assert_eq!(quality.to_string(), expected, "{found}");
        };
        check("a1 a2 a3 b4 c5", &[], "precision 1.000, recall 1.000, F1 1.000");
        check("a1 a2 b3 b4 c5", &[], "precision 0.500, recall 0.333, F1 0.400");
        check("a1 a2 b3 b4 c5", &[[3, 4]], "precision 1.000, recall 0.333, F1 0.500");
        check("a1 b2 c3 d4 e5", &[], "precision 1.000, recall 0.000, F1 0.000");
    }

    #[test]
    fn b_cubed_is_the_mean_over_entries() {
        // Five entries: precision 1, 1, 1/2, 1/2, 1; recall 2/3, 2/3, 1/3, 1, 1.
        let judged = judged("a1 a2 b3 b4 c5", &[]);
        let quality = judged.b_cubed(None);
        assert_eq!(quality.to_string(), "precision 0.800, recall 0.733, F1 0.765");
        // The event of three, then the entries 4 and 5, of which the event alone counts.
        let weights = [1.0, 0.0, 0.0, 0.0, 0.0, 0.0];
        assert_eq!(judged.units, 6);
        let of_event = judged.b_cubed(Some(&weights));
        assert_eq!(of_event.to_string(), "precision 0.833, recall 0.556, F1 0.667");
    }
}
