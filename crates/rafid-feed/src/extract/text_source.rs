//! The text by layout, the text around the headline, and the text of the structured data → the one that is
//! the article's.
//!
//! | question | answer |
//! | --- | --- |
//! | Are blocks of the layout's text another article's? | they are not around the headline, and together they have less than a quarter of the words there |
//! | Is the page's own summary the text? | it has two words of the title, the headline has no paragraph around it, and the text found elsewhere has less than a quarter of its words |
//! | Is the structured text used? | it is a tenth longer than the layout's and contains most of its words; or four fifths of it are on the page, and little of it in the layout's text |
//! | Does the layout's text have foreign blocks at its beginning or end? | the structured text is on the page, is complete, and contains most of the layout's text: blocks before its first and after its last one are dropped, if they are few |
//! | Is a part of the layout's text another article's? | the structured text is on the page, is complete, and contains less than most of the layout's text: blocks are dropped whose elements contain nothing of the structured text |

use std::collections::BTreeSet;

use super::blocks::TextBlock;
use super::trim::{self, TrimmedText};
use crate::arabic::MatchKey;
use crate::model::ArticleEvidence;

/// How much longer a structured text must be than the layout's, in percent, to be used: it has no
/// paragraphs, and often lacks or repeats a heading.
const LONGER_PERCENT: usize = 110;
/// Words that two texts of one article have in common, in percent of the one that is contained.
const SAME_PERCENT: usize = 60;
/// Words of a text, in percent, that are on the page which shows it; some are spelled differently there.
const SHOWN_PERCENT: usize = 80;
/// Words of the blocks before and after the structured text, in percent of the layout's, at most: with more,
/// the structured text is only a part of the article.
const EDGES_PERCENT: usize = 25;
/// Words of the title in a summary of its article; a summary of the whole site has fewer.
const TITLE_WORDS: usize = 2;
/// Words of a lead that are in its article, in percent.
const LEAD_PERCENT: usize = 25;

/// The layout's text without blocks that are not around the headline and have few of the words there; the
/// headline's own text if no block is left. (A lead beside the headline has the words of its article.)
pub(super) fn without_other_articles(
    mut layout: TrimmedText,
    headline: TrimmedText,
) -> TrimmedText {
    let headline_texts: BTreeSet<&str> =
        headline.blocks.iter().map(|block| block.text.as_str()).collect();
    let is_around = |block: &TextBlock| headline_texts.contains(block.text.as_str());
    let outside = layout.blocks.iter().filter(|block| !is_around(block));
    let words = significant_words(&join_texts(&headline.blocks));
    let outside_words = significant_words(&join_texts(outside));
    if words.is_empty() || share_percent(&words, &outside_words) >= LEAD_PERCENT {
        return layout;
    }
    if !layout.blocks.iter().any(is_around) {
        return headline;
    }
    let blocks = std::mem::take(&mut layout.blocks).into_iter();
    let (own, others): (Vec<TextBlock>, Vec<TextBlock>) = blocks.partition(is_around);
    layout.blocks = own;
    layout.leave_out("related", others);
    layout
}

/// Whether a page's own summary is about its title, and a text is not about the summary.
pub(super) fn is_summary_of_other(
    title: Option<&str>,
    summary: &TextBlock,
    text: &TrimmedText,
) -> bool {
    let title = significant_words(&MatchKey::of(title.unwrap_or_default()));
    let summary = significant_words(&join_texts([summary]));
    let is_about_title = title.intersection(&summary).count() >= TITLE_WORDS;
    is_about_title && {
        let words = significant_words(&join_texts(&text.blocks));
        share_percent(&summary, &words) < LEAD_PERCENT
    }
}

fn join_texts<'a>(blocks: impl IntoIterator<Item = &'a TextBlock>) -> MatchKey {
    let texts: Vec<&str> = blocks.into_iter().map(|block| block.text.as_str()).collect();
    MatchKey::of(&texts.join(" "))
}

fn significant_words(key: &MatchKey) -> BTreeSet<Vec<u8>> {
    let tokens = key.tokens().into_iter().filter(|token| !token.is_stop_word());
    tokens.map(|token| token.as_bytes().to_vec()).collect()
}

/// Decides between the layout's text and the structured text; `page` holds all blocks of the page.
pub(super) fn choose_text_source(
    layout: TrimmedText,
    structured: TrimmedText,
    page: &[TextBlock],
) -> (TrimmedText, ArticleEvidence) {
    let structured_words = word_set_of(&structured.blocks);
    let layout_words = word_set_of(&layout.blocks);
    let is_longer = structured.word_count() * 100 > layout.word_count() * LONGER_PERCENT;
    let holds_layout = share_percent(&layout_words, &structured_words) >= SAME_PERCENT;
    let is_in_layout = share_percent(&structured_words, &layout_words) >= SAME_PERCENT;
    let is_on_page = share_percent(&structured_words, &word_set_of(page)) >= SHOWN_PERCENT;
    if (is_longer && holds_layout) || (is_on_page && !is_in_layout) {
        return (structured, ArticleEvidence::StructuredData);
    }
    if is_on_page && !holds_layout && is_complete(&structured) {
        return (without_unconfirmed(layout, &structured_words), ArticleEvidence::Layout);
    }
    if is_on_page && is_complete(&structured) {
        return (without_foreign_edges(layout, &structured_words), ArticleEvidence::Layout);
    }
    (layout, ArticleEvidence::Layout)
}

/// The layout's text from its first to its last block that is in the structured text, if the others have
/// few of its words.
fn without_foreign_edges(
    mut layout: TrimmedText,
    structured_words: &BTreeSet<String>,
) -> TrimmedText {
    let is_own =
        |block: &TextBlock| share_percent(&word_set_of([block]), structured_words) >= SHOWN_PERCENT;
    let first = layout.blocks.iter().position(is_own);
    let last = layout.blocks.iter().rposition(is_own);
    let (Some(first), Some(last)) = (first, last) else { return layout };
    let own_words: usize = layout.blocks[first..=last].iter().map(TextBlock::word_count).sum();
    if own_words * 100 < layout.word_count() * (100 - EDGES_PERCENT) {
        return layout;
    }
    let behind = layout.blocks.split_off(last + 1);
    let own = layout.blocks.split_off(first);
    let before = std::mem::replace(&mut layout.blocks, own);
    layout.leave_out("related", before);
    layout.leave_out("related", behind);
    layout
}

/// The layout's text without the blocks of elements that contain nothing of the structured text.
fn without_unconfirmed(
    mut layout: TrimmedText,
    structured_words: &BTreeSet<String>,
) -> TrimmedText {
    let is_confirmed = |block: &&TextBlock| {
        share_percent(&word_set_of([*block]), structured_words) >= SHOWN_PERCENT
    };
    let places: BTreeSet<Option<usize>> =
        layout.blocks.iter().filter(is_confirmed).map(|block| block.container).collect();
    if places.is_empty() {
        return layout;
    }
    let (own, others): (Vec<TextBlock>, Vec<TextBlock>) = std::mem::take(&mut layout.blocks)
        .into_iter()
        .partition(|block| places.contains(&block.container));
    layout.blocks = own;
    layout.leave_out("related", others);
    layout
}

/// Whether a structured text is more than the beginning of a text.
fn is_complete(structured: &TrimmedText) -> bool {
    let last = structured.blocks.last().map(|block| block.text.as_str()).unwrap_or_default();
    trim::ends_like_a_sentence(last) && !last.ends_with('…') && !last.ends_with("...")
}

fn word_set_of<'a>(blocks: impl IntoIterator<Item = &'a TextBlock>) -> BTreeSet<String> {
    let words = blocks.into_iter().flat_map(|block| block.text.split(' '));
    words.map(str::to_owned).collect()
}

/// How many of `some` are among `all`, in percent; 100 if `some` is empty.
fn share_percent<T: Ord>(some: &BTreeSet<T>, all: &BTreeSet<T>) -> usize {
    if some.is_empty() { 100 } else { some.intersection(all).count() * 100 / some.len() }
}
