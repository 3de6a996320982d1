//! The text that the layout gives, what stands around the headline, and what the page says to machines →
//! which of them is the article's.
//!
//! | question | answer |
//! | --- | --- |
//! | Is what the layout gives another article's? | no piece of it stands around the headline, and of the words around the headline it has less than a quarter |
//! | Is the text for machines taken? | it is a tenth longer than what is seen and holds most of its words; or four fifths of it stand on the page, and little of it in what is seen |
//! | Is something of what is seen another article's? | the text for machines stands on the page, is whole, and holds less than most of what is seen: pieces go that stand in other elements than those it holds |

use std::collections::BTreeSet;

use super::blocks::TextBlock;
use super::trim::{self, TrimmedText};
use crate::arabic::MatchKey;
use crate::model::{ArticleEvidence, RemovedBlock};

/// How much longer a text for machines must be than the one that is seen, in percent, to be taken:
/// it has no paragraphs, and often lacks or repeats a heading.
const LONGER_PERCENT: usize = 110;
/// Words that two texts of one article have in common, in percent of the one that is held.
const SAME_PERCENT: usize = 60;
/// Words of a text, in percent, that stand on the page which shows it; some are spelled otherwise there.
const SHOWN_PERCENT: usize = 80;
/// Words of a lead that stand in its article, in percent.
const LEAD_PERCENT: usize = 25;

/// Whether a text is another article's: it stands elsewhere than around the headline, and says little of
/// what is said there. (A lead beside the headline says in short what its article says.)
pub(super) fn is_other_article(seen: &TrimmedText, around: &TrimmedText) -> bool {
    let beside: BTreeSet<&str> = around.blocks.iter().map(|block| block.text.as_str()).collect();
    if seen.blocks.iter().any(|block| beside.contains(block.text.as_str())) {
        return false;
    }
    let [seen, around] = [seen, around].map(|text| {
        let texts: Vec<&str> = text.blocks.iter().map(|block| block.text.as_str()).collect();
        MatchKey::of(&texts.join(" "))
    });
    let telling = |key: &MatchKey| -> BTreeSet<Vec<u8>> {
        let tokens = key.tokens().into_iter().filter(|token| !token.is_stop_word());
        tokens.map(|token| token.as_bytes().to_vec()).collect()
    };
    let (seen, around) = (telling(&seen), telling(&around));
    !around.is_empty() && share_percent(&around, &seen) < LEAD_PERCENT
}

/// Whose text is taken, of what is seen and what is said to machines; `page` is all that the page shows.
pub(super) fn choose_text_source(
    seen: TrimmedText,
    said: TrimmedText,
    page: &[TextBlock],
) -> (TrimmedText, ArticleEvidence) {
    let said_words = word_set_of(&said.blocks);
    let seen_words = word_set_of(&seen.blocks);
    let is_longer = said.word_count() * 100 > seen.word_count() * LONGER_PERCENT;
    let holds_seen = share_percent(&seen_words, &said_words) >= SAME_PERCENT;
    let is_seen = share_percent(&said_words, &seen_words) >= SAME_PERCENT;
    let is_shown = share_percent(&said_words, &word_set_of(page)) >= SHOWN_PERCENT;
    if (is_longer && holds_seen) || (is_shown && !is_seen) {
        return (said, ArticleEvidence::StructuredData);
    }
    if is_shown && !holds_seen && is_complete(&said) {
        return (without_unconfirmed(seen, &said_words), ArticleEvidence::Layout);
    }
    (seen, ArticleEvidence::Layout)
}

/// What is seen without the pieces of elements that hold nothing of what is said.
fn without_unconfirmed(mut seen: TrimmedText, said: &BTreeSet<String>) -> TrimmedText {
    let is_said = |block: &&TextBlock| share_percent(&word_set_of([*block]), said) >= SHOWN_PERCENT;
    let places: BTreeSet<Option<usize>> =
        seen.blocks.iter().filter(is_said).map(|block| block.container).collect();
    if places.is_empty() {
        return seen;
    }
    let (own, others): (Vec<TextBlock>, Vec<TextBlock>) = std::mem::take(&mut seen.blocks)
        .into_iter()
        .partition(|block| places.contains(&block.container));
    seen.blocks = own;
    let others = others.into_iter();
    seen.left_out.extend(others.map(|block| RemovedBlock { reason: "related", text: block.text }));
    seen
}

/// Whether a text for machines is more than the beginning of one.
fn is_complete(said: &TrimmedText) -> bool {
    let last = said.blocks.last().map(|block| block.text.as_str()).unwrap_or_default();
    trim::ends_like_a_sentence(last) && !last.ends_with('…') && !last.ends_with("...")
}

fn word_set_of<'a>(blocks: impl IntoIterator<Item = &'a TextBlock>) -> BTreeSet<String> {
    let words = blocks.into_iter().flat_map(|block| block.text.split(' '));
    words.map(str::to_owned).collect()
}

/// How many of `some` are among `all`, in percent; of nothing all are.
fn share_percent<T: Ord>(some: &BTreeSet<T>, all: &BTreeSet<T>) -> usize {
    if some.is_empty() { 100 } else { some.intersection(all).count() * 100 / some.len() }
}
