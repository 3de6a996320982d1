//! A bare text, copied from a page → its title and its blocks.
//!
//! The title is the last short line without a final stop before the first paragraph; a long line without
//! one above it is the page's ticker.

use super::blocks::TextBlock;
use super::trim::{self, TrimmedText};
use super::{ExtractError, boilerplate};
use crate::model::{ArticleEvidence, RawArticle, RawBlock, RemovedBlock};

/// Bytes of a text that are read, at most; the longest articles have a twentieth of this.
const MOST_BYTES: usize = 1024 * 1024;
/// Words of a title: a label has fewer, a paragraph more.
const TITLE_WORDS: std::ops::RangeInclusive<usize> = 3..=40;

/// Extracts the article from a text.
///
/// # Errors
/// When no line is left.
pub(super) fn extract_from_text(text: &str) -> Result<RawArticle, ExtractError> {
    let read = &text[..text.floor_char_boundary(MOST_BYTES)];
    let mut blocks: Vec<TextBlock> = read.lines().filter_map(TextBlock::from_text).collect();
    let mut above = Vec::new();
    let title = take_title(&mut blocks, &mut above);
    let TrimmedText { blocks, attributions, left_out } =
        trim::trim_blocks(blocks, title.as_deref());
    above.extend(left_out);
    if blocks.is_empty() {
        return Err(ExtractError::NoText);
    }
    Ok(RawArticle {
        title,
        site_name: None,
        byline: None,
        published: None,
        language: None,
        direction: None,
        image: None,
        blocks: blocks.into_iter().map(to_raw_block).collect(),
        attributions,
        evidence: ArticleEvidence::Lines,
        removed: above,
    })
}

/// Takes the title out, and the lines above it.
fn take_title(blocks: &mut Vec<TextBlock>, above: &mut Vec<RemovedBlock>) -> Option<String> {
    let is_end_of_head =
        |block: &TextBlock| trim::is_paragraph(block) && trim::ends_like_a_sentence(&block.text);
    let head = blocks.iter().position(is_end_of_head)?;
    let is_title = |block: &TextBlock| {
        TITLE_WORDS.contains(&block.word_count())
            && !trim::is_paragraph(block)
            && !trim::is_page_date(&block.text)
            && boilerplate::line_verdict(&block.text).is_none()
    };
    let at = blocks[..head].iter().rposition(is_title)?;
    let behind = blocks.split_off(at + 1);
    let title = blocks.pop().map(|block| block.text);
    let dropped = std::mem::replace(blocks, behind);
    above.extend(
        dropped.into_iter().map(|block| RemovedBlock { reason: "ticker", text: block.text }),
    );
    title
}

/// A block in the form that the article holds.
pub(super) fn to_raw_block(block: TextBlock) -> RawBlock {
    RawBlock { kind: block.kind, text: block.text, html: block.html }
}
