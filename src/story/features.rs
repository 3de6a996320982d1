//! The texts of an entry → all that the story memory compares of them. It depends on nothing but the texts,
//! so it is computed once, where a document is read, and the thread that decides only compares values.

use rafid_feed::arabic::{MatchKey, without_labels};
use rafid_feed::model::Entry;

use super::entry_words::{EntryWords, WordLists};
use super::plain_texts::{plain_summary, plain_text};
use super::repetition::Repetition;
use super::sentence_vector::{SentenceVector, SentenceWords};
use super::shingles::Signature;
use super::terms::{EntryTerms, FoundTerms, compared_text};
use super::text_words::text_words;
use super::word_vectors::WordVectors;
use crate::model::StoryInput;

/// What the story memory needs to know of the texts of an entry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryFeatures {
    pub(super) fingerprint: TextFingerprint,
    pub(super) terms: EntryTerms,
    /// `None`: vectors are off, or too few of its words have one.
    pub(super) vector: Option<SentenceVector>,
}

impl StoryFeatures {
    /// The features of plain texts; `text` has one line per paragraph. Without `vectors` they have none.
    pub fn from_texts(
        title: &str,
        (summary, text): (&str, &str),
        vectors: Option<&WordVectors>,
    ) -> Self {
        let mut terms = FoundTerms::default();
        let mut sentence = vectors.map(SentenceWords::new);
        let title_key = MatchKey::of(title);
        let title_tokens = title_key.tokens();
        terms.add_title(&title_tokens);
        let (compared, has_summary) = (compared_text(summary, text), !summary.trim().is_empty());
        if let Some(sentence) = &mut sentence {
            sentence.add_title(&title_tokens);
            // Otherwise its lines are read below.
            if has_summary && compared != summary {
                sentence.add_summary(&MatchKey::of(summary).tokens());
            }
        }
        let words = text_words(compared, |tokens| {
            terms.add_lead(tokens);
            match &mut sentence {
                Some(sentence) if !has_summary => sentence.add_text(tokens),
                Some(sentence) if compared == summary => sentence.add_summary(tokens),
                _ => {}
            }
        });
        let news = without_labels(title);
        let wording = if news == title {
            EntryWords::from_words(&title_tokens, &words)
        } else {
            EntryWords::from_words(&MatchKey::of(news).tokens(), &words)
        };
        let fingerprint = TextFingerprint { signature: Signature::from_words(&words), wording };
        let vector = sentence.and_then(SentenceWords::into_vector);
        Self { fingerprint, terms: terms.into_terms(), vector }
    }

    /// The features of an entry.
    pub fn from_entry(entry: &Entry, vectors: Option<&WordVectors>) -> Self {
        let texts = (&*plain_summary(entry), &*plain_text(entry));
        Self::from_texts(entry.title.as_str(), texts, vectors)
    }

    /// The features of the texts of an input.
    pub fn from_input(input: &StoryInput<'_>, vectors: Option<&WordVectors>) -> Self {
        Self::from_texts(input.title, (input.summary, input.text), vectors)
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
    (signature, wording): (Option<&Signature>, WordLists<'_>),
    hours: f32,
) -> Repetition {
    entry.wording.lists().compare_with(wording, [entry.signature.as_ref(), signature], hours)
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
            let features = StoryFeatures::from_texts(&title, (&summary, &text), None);
            let terms = EntryTerms::from_texts(&title, &summary, &text);
            proptest::prop_assert_eq!(features.terms, terms);
            let words = text_words(compared_text(&summary, &text), |_| {});
            let news = MatchKey::of(without_labels(&title));
            let wording = EntryWords::from_words(&news.tokens(), &words);
            proptest::prop_assert_eq!(features.fingerprint.wording, wording);
        }
    }
}
