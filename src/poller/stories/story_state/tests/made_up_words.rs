//! Numbers → words that no language has, and vectors for most of them.

use std::sync::LazyLock;

use crate::story::StoryVectors;
use crate::story::sample_vectors::vectors_file;

/// `count` made-up words, from number `from` on.
pub(super) fn words(from: usize, count: usize) -> String {
    let letter = |digit: usize| "بتثجحخدذرز".chars().nth(digit).unwrap();
    let word = |number: usize| {
        let digits = [number / 100 % 10, number / 10 % 10, number % 10];
        let stem: String = digits.map(letter).iter().collect();
        format!("{stem}ون")
    };
    (from..from + count).map(word).collect::<Vec<_>>().join(" ")
}

/// Vectors for these words, but for every tenth: some entries have none.
pub(super) fn vectors() -> StoryVectors {
    static VECTORS: LazyLock<StoryVectors> = LazyLock::new(|| {
        let all = words(0, 1_000);
        let mut known: Vec<&str> = all.split(' ').filter(|word| !word.starts_with('ز')).collect();
        known.sort_unstable();
        StoryVectors::from_bytes(vectors_file(&known)).unwrap()
    });
    VECTORS.clone()
}
