//! The texts of an entry → all that the story memory compares of them. It depends on nothing but the texts,
//! so it is computed once, where a document is read, and the thread that decides only compares values.

use rafid_feed::arabic::{MatchKey, without_labels};
use rafid_feed::model::Entry;

use super::entry_words::EntryWords;
use super::plain_texts::{plain_summary, plain_text};
use super::repetition::Repetition;
use super::shingles::Signature;
use super::terms::{EntryTerms, FoundTerms, lead_text};
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
        let mut terms = FoundTerms::default();
        let title_key = MatchKey::of(title);
        let title_tokens = title_key.tokens();
        terms.add_title(&title_tokens);
        // The lead is often a line of the text that is compared, and is folded once then.
        let lead = lead_text(summary, text);
        let mut has_lead = false;
        let words = text_words(comparable_text(summary, text), |line, tokens| {
            if !has_lead && line == lead {
                terms.add_lead(tokens);
                has_lead = true;
            }
        });
        if !has_lead {
            terms.add_lead(&MatchKey::of(lead).tokens());
        }
        let news = without_labels(title);
        let wording = if news == title {
            EntryWords::from_words(&title_tokens, &words)
        } else {
            EntryWords::from_words(&MatchKey::of(news).tokens(), &words)
        };
        let fingerprint = TextFingerprint { signature: Signature::from_words(&words), wording };
        Self { fingerprint, terms: terms.into_terms() }
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

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_folded_once_gives_the_terms_of_each_text(
            title in "(عاجل: )?[ء-ي0-9 ]{0,40}",
            summary in "((الرياض - واس: )?[ء-ي«»0-9. ]{0,60}\n?){0,2}",
            text in "([ء-ي. ]{0,60}\n){0,3}",
            repeats in 0..2_usize,
        ) {
            let text = summary.repeat(repeats) + &text;
            let features = StoryFeatures::from_texts(&title, &summary, &text);
            let terms = EntryTerms::from_texts(&title, &summary, &text);
            proptest::prop_assert_eq!(features.terms, terms);
            let words = text_words(comparable_text(&summary, &text), |_, _| {});
            let news = MatchKey::of(without_labels(&title));
            let wording = EntryWords::from_words(&news.tokens(), &words);
            proptest::prop_assert_eq!(features.fingerprint.wording, wording);
        }
    }
}
