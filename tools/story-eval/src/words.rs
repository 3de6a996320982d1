//! Entries → their words as matching sees them, one line of JSON each, for the training of word vectors
//! (`tools/story-vectors`).

use rafid_feed::arabic::{MatchKey, MatchToken};
use serde::Serialize;

use super::window::WindowEntry;

#[derive(Serialize)]
struct EntryLine {
    day: i64,
    title: Vec<String>,
    summary: Vec<String>,
    text: Vec<String>,
}

/// The words of all entries.
pub(super) fn print_words(window: &[WindowEntry]) -> String {
    let mut text = String::new();
    for entry in window {
        let [title, summary, body] =
            [&entry.title, &entry.summary, &entry.body].map(|text| words_of(text));
        let line = EntryLine { day: entry.day(), title, summary, text: body };
        // Our own types always serialize.
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    text
}

/// The words with a meaning: no stop words, numbers or single letters, which have no vectors.
fn words_of(text: &str) -> Vec<String> {
    let key = MatchKey::of(text);
    let tokens = key.tokens();
    let has_meaning = |token: &&MatchToken<'_>| {
        !token.is_stop_word()
            && token.letter_ngrams(2).next().is_some()
            && !token.as_bytes().first().is_some_and(u8::is_ascii_digit)
    };
    let words = tokens.iter().filter(has_meaning).map(MatchToken::as_bytes);
    words.map(|word| String::from_utf8_lossy(word).into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_folded_and_those_without_meaning_left_out() {
        let words = words_of("الزلزال في الجزيرة: 7 قتلى و ج");
        assert_eq!(words, ["زلزال", "جزيره", "قتيل"]);
    }
}
