//! The texts of an entry → all that the story memory compares of them. It depends on nothing but the texts,
//! so it is computed once, where a document is read, and the thread that decides only compares values.

use rafid_feed::model::Entry;

use super::entry_words::EntryWords;
use super::plain_texts::{plain_summary, plain_text};
use super::repetition::Repetition;
use super::shingles::Signature;
use super::terms::EntryTerms;
use super::text_words::text_words;
use crate::model::StoryInput;

/// What the story memory needs to know of the texts of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryFeatures {
    pub(super) fingerprint: TextFingerprint,
    pub(super) terms: EntryTerms,
}

impl StoryFeatures {
    /// The features of plain texts; `text` has one line per paragraph.
    pub fn from_texts(title: &str, summary: &str, text: &str) -> Self {
        Self {
            fingerprint: TextFingerprint::from_texts(title, summary, text),
            terms: EntryTerms::from_texts(title, summary, text),
        }
    }

    /// The features of an entry.
    pub fn from_entry(entry: &Entry) -> Self {
        Self::from_texts(entry.title.as_str(), &plain_summary(entry), &plain_text(entry))
    }

    /// The features of the texts of an input.
    pub(super) fn from_input(input: &StoryInput<'_>) -> Self {
        Self::from_texts(input.title, input.summary, input.text)
    }
}

/// What is needed of an entry's text to see whether another entry has the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextFingerprint {
    /// The signature of its text; `None`: the text is too short.
    pub(super) signature: Option<Signature>,
    /// Its words.
    pub(super) wording: EntryWords,
}

impl TextFingerprint {
    fn from_texts(title: &str, summary: &str, text: &str) -> Self {
        let words = text_words(comparable_text(summary, text));
        Self {
            signature: Signature::from_words(&words),
            wording: EntryWords::from_words(title, &words),
        }
    }
}

/// The relation of an entry to an earlier entry of the same source, of which the signature and the words are known;
/// `hours` is the time between them.
pub(super) fn compare_texts(
    entry: &TextFingerprint,
    (signature, wording): (Option<&Signature>, &EntryWords),
    hours: f32,
) -> Repetition {
    entry.wording.compare_with(wording, [entry.signature.as_ref(), signature], hours)
}

/// The text that is compared to find copies: the full text, or else the summary.
fn comparable_text<'a>(summary: &'a str, text: &'a str) -> &'a str {
    if text.trim().is_empty() { summary } else { text }
}
