//! Sentences → the words that stand for theirs, the first numbers of their vectors and some cosines, as the program that
//! trained the vectors computed them (`assets/story-vectors-2010-2017.golden.json`).

use rafid_feed::arabic::MatchKey;
use serde::Deserialize;

use super::*;
use crate::story::sample_vectors::vectors_file;
use crate::story::story_vectors::StoryVectors;

#[derive(Deserialize)]
struct Golden {
    sentences: Vec<GoldenSentence>,
    /// Numbers of two sentences, and the cosine of their vectors.
    cosines: Vec<(usize, usize, f32)>,
}

#[derive(Deserialize)]
struct GoldenSentence {
    title: String,
    summary: String,
    title_keys: Vec<String>,
    summary_keys: Vec<String>,
    vector_first_8: Vec<f32>,
}

/// A number of a vector of length one differs by less than this from the number that its byte stands for.
const STEP: f32 = 0.002;

fn vector_of(vectors: &WordVectors, title: &str, summary: &str) -> Option<SentenceVector> {
    let mut words = SentenceWords::new(vectors);
    words.add_title(&MatchKey::of(title).tokens());
    words.add_summary(&MatchKey::of(summary).tokens());
    words.into_vector()
}

#[test]
fn vectors_are_those_of_the_training() {
    let golden = include_str!("../../../assets/story-vectors-2010-2017.golden.json");
    let golden: Golden = serde_json::from_str(golden).unwrap();
    let origin = StoryVectors::default();
    let vectors = origin.vectors().unwrap();
    let found: Vec<Option<SentenceVector>> = golden
        .sentences
        .iter()
        .map(|sentence| {
            let found_words = |text: &str| -> Vec<u16> {
                let key = MatchKey::of(text);
                let tokens = key.tokens();
                let meant = tokens.iter().filter(|token| has_meaning(token));
                meant.filter_map(|token| find_word(vectors, token)).collect()
            };
            let expected = |words: &[String]| -> Vec<u16> {
                words.iter().map(|word| vectors.find(word.as_bytes()).unwrap()).collect()
            };
            let GoldenSentence { title, summary, .. } = sentence;
            assert_eq!(found_words(title), expected(&sentence.title_keys), "{title}");
            assert_eq!(found_words(summary), expected(&sentence.summary_keys), "{summary}");
            let vector = vector_of(vectors, title, summary);
            if let Some(vector) = &vector {
                let scale = vector.inverse_length();
                for (byte, expected) in vector.0.iter().zip(&sentence.vector_first_8) {
                    let number = f32::from(*byte) * scale;
                    assert!((number - expected).abs() < STEP, "{number} {expected}: {title}");
                }
            }
            vector
        })
        .collect();
    for (one, other, expected) in golden.cosines {
        let cosine = found[one].unwrap().cosine(&found[other].unwrap());
        assert!((cosine - expected).abs() < 0.004, "{one} and {other}: {cosine} {expected}");
    }
    let without: Vec<usize> = (0..found.len()).filter(|at| found[*at].is_none()).collect();
    assert_eq!(without, [9], "numbers alone");
}

#[test]
fn a_sentence_has_a_vector_if_most_of_its_words_have() {
    let vectors = WordVectors::from_bytes(vectors_file(&["اخبار", "زلزال", "قوي"])).unwrap();
    let check = |title: &str, expected: bool| {
        assert_eq!(vector_of(&vectors, title, "").is_some(), expected, "{title}");
    };
    check("زلزال قوي", true);
    check("زلزال قوي بركان", true);
    check("زلزال بركان", false);
    check("earthquake زلزال near island", false);
    check("", false);
    check("٣٫٥ ١٢", false);
}

#[test]
fn vectors_come_back_from_bytes() {
    let vectors = WordVectors::from_bytes(vectors_file(&["اخبار", "زلزال"])).unwrap();
    let vector = vector_of(&vectors, "زلزال", "").unwrap();
    assert_eq!(SentenceVector::from_bytes(&vector.to_bytes()), Some(vector));
    assert!((vector.cosine(&vector) - 1.0).abs() < 1e-6);
    assert_eq!(SentenceVector::from_bytes(&[1; 95]), None);
    assert_eq!(SentenceVector::from_bytes(&[0; 96]), None, "it has no direction");
}
