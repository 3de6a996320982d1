//! A word that is no month → the month that it misspells: one letter too many, too few, wrong, or
//! two letters exchanged («نوفبر», `Feburary`).

use super::months::MONTHS;

/// Shorter words are too similar to others: `mars`, `marti`.
const SHORTEST: usize = 5;

/// The longer one of word and name has at least this many letters.
const SHORTEST_LONGER: usize = 6;

/// The number of the only month that is one mistake away from `word`.
pub(super) fn nearest_month(word: &str) -> Option<u32> {
    let letters: Vec<char> = word.chars().collect();
    let near = |name: &&(&str, i8)| {
        let name: Vec<char> = name.0.chars().collect();
        letters.len().min(name.len()) >= SHORTEST
            && letters.len().max(name.len()) >= SHORTEST_LONGER
            && is_one_mistake(&letters, &name)
    };
    let mut found = MONTHS.iter().filter(near).map(|(_, number)| *number);
    let first = found.next()?;
    found.all(|number| number == first).then_some(u32::try_from(first).ok()?)
}

fn is_one_mistake(word: &[char], name: &[char]) -> bool {
    let same = word.iter().zip(name).take_while(|(a, b)| a == b).count();
    let (word, name) = (word.get(same..).unwrap_or_default(), name.get(same..).unwrap_or_default());
    match (word, name) {
        ([_, word @ ..], [_, name @ ..]) if word == name => true,
        ([a, b, word @ ..], [c, d, name @ ..]) if (a, b) == (d, c) && word == name => true,
        ([_, rest @ ..], name) if rest == name => true,
        (word, [_, rest @ ..]) if word == rest => true,
        _ => false,
    }
}
