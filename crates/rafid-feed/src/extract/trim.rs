//! Blocks of a page → those of the article, its source, and why the others do not belong to it.
//!
//! In this order: lines in the table are dropped, and everything after a line that ends an article; also
//! blocks that mostly link to other pages, and a site's rules after the text; lines with the source become
//! metadata. What is then left before the first paragraph is dropped unless it reads like a sentence or is
//! next to it, and so is a run of short lines after the last paragraph: the lines of a poem are in the
//! middle of their article, labels and counters are not. A ticker is one long line without a final stop, at
//! the top, that shares no words with the title.

use super::attribution;
use super::blocks::TextBlock;
use super::boilerplate::{self, LineVerdict, LinkPresence};
use crate::arabic::MatchKey;
use crate::dates::{self, DateDoubt};
use crate::model::{Attribution, BlockKind, RemovedBlock};

/// Words of a block that is a paragraph in any case.
const PARAGRAPH_WORDS: usize = 25;
/// Words of a block that is a paragraph if it ends like a sentence.
const SENTENCE_WORDS: usize = 8;
/// Words of a line that may be the whole text of an article, at least.
const SHORT_TEXT_WORDS: usize = 5;
/// Words of a line that is kept before the first paragraph: a lead has more, a date fewer.
const LEAD_WORDS: usize = 12;
/// A run of this many short lines after the last paragraph is what the page has below the article: its
/// labels, its counters, other headlines.
const RUN_OF_LINES: usize = 3;
/// Characters of a ticker, at least (fifteen headlines have a thousand).
const TICKER_CHARACTERS: usize = 400;
/// Words in common with the title that show that a first line belongs to it.
const WORDS_OF_TITLE: usize = 2;
/// Letters of a significant word.
const SIGNIFICANT_LETTERS: usize = 4;
/// Percent of the text that must precede a line that ends an article: some pages have their list of other
/// articles in the middle.
const MOST_PERCENT: usize = 50;

/// The blocks that are left, and those that are not.
#[derive(Debug, Default)]
pub(super) struct TrimmedText {
    pub(super) blocks: Vec<TextBlock>,
    pub(super) attributions: Vec<Attribution>,
    pub(super) left_out: Vec<RemovedBlock>,
}

impl TrimmedText {
    /// Words of the text.
    pub(super) fn word_count(&self) -> usize {
        self.blocks.iter().map(TextBlock::word_count).sum()
    }

    /// The text of a short article: lines that are no date and no byline; `None`: it has no such line.
    pub(super) fn into_short_text(mut self) -> Option<Self> {
        let is_text = |block: &TextBlock| {
            block.word_count() >= SHORT_TEXT_WORDS
                && !block.is_mostly_links()
                && !is_page_date(&block.text)
        };
        self.blocks.retain(is_text);
        (!self.blocks.is_empty()).then_some(self)
    }

    /// Replaces all blocks by one.
    pub(super) fn replace_by(&mut self, block: TextBlock) {
        let others = std::mem::replace(&mut self.blocks, vec![block]);
        self.leave_out("related", others);
    }

    /// Records blocks that are removed for one reason.
    pub(super) fn leave_out(&mut self, reason: &'static str, blocks: Vec<TextBlock>) {
        for block in blocks {
            self.drop_block(reason, block);
        }
    }

    fn drop_block(&mut self, reason: &'static str, block: TextBlock) {
        self.left_out.push(RemovedBlock { reason, text: block.text });
    }

    fn add_attribution(&mut self, found: Attribution) {
        let is_known = self.attributions.iter().any(|known| {
            MatchKey::of(&known.name) == MatchKey::of(&found.name) && !known.name.is_empty()
        });
        if !is_known {
            self.attributions.push(found);
        }
    }
}

/// Keeps the article's own blocks.
pub(super) fn trim_blocks(blocks: Vec<TextBlock>, title: Option<&str>) -> TrimmedText {
    let mut out = TrimmedText::default();
    let judged = judge_blocks(blocks, title, &mut out);
    let first = judged.iter().position(is_paragraph);
    let last = judged.iter().rposition(is_paragraph);
    let (Some(first), Some(last)) = (first, last) else {
        // Nothing reads like a paragraph: a note of two lines is an article, too.
        out.blocks = judged;
        return out;
    };
    let lines_behind = judged.len() - last - 1;
    let place = |at: usize| judged.get(at).and_then(|block| block.container);
    let (head, tail) = (place(first), place(last));
    for (index, block) in judged.into_iter().enumerate() {
        let is_beside =
            |other: Option<usize>| block.container.is_some() && block.container == other;
        if index < first && !(is_lead(&block) || (is_beside(head) && !is_page_date(&block.text))) {
            out.drop_block("before", block);
        } else if index > last
            && lines_behind >= RUN_OF_LINES
            && !is_beside(tail)
            && !ends_like_a_sentence(&block.text)
        {
            out.drop_block("behind", block);
        } else {
            out.blocks.push(block);
        }
    }
    record_agencies(&mut out);
    out
}

/// Drops the blocks that are not the article's, each judged by itself.
fn judge_blocks(
    blocks: Vec<TextBlock>,
    title: Option<&str>,
    out: &mut TrimmedText,
) -> Vec<TextBlock> {
    let title_key = title.map(MatchKey::of);
    let total: usize = blocks.iter().map(TextBlock::word_count).sum();
    let mut paragraphs_left = blocks.iter().filter(|block| is_paragraph(block)).count();
    let (mut word_count, mut has_ended, mut has_begun) = (0, false, false);
    let mut kept: Vec<TextBlock> = Vec::new();
    let mut blocks = blocks.into_iter().peekable();
    while let Some(block) = blocks.next() {
        let is_most = word_count * 100 >= total * MOST_PERCENT;
        word_count += block.word_count();
        paragraphs_left -= usize::from(is_paragraph(&block));
        if !has_ended && let Some(mut found) = attribution::attribution_line(&block.text) {
            if found.name.is_empty()
                && let Some(next) = blocks.next_if(|next| next.word_count() < LEAD_WORDS)
            {
                found.name = next.text;
                found.line = found.line.map(|line| format!("{line} {}", found.name));
            }
            if !found.name.is_empty() {
                out.add_attribution(found);
                continue;
            }
        }
        let verdict = boilerplate::line_verdict(&block.text);
        has_ended |= verdict == Some(LineVerdict::EndOfArticle) && is_most;
        if has_ended {
            out.drop_block("behind", block);
        } else if verdict.is_some() {
            out.drop_block("boilerplate", block);
        } else if is_time_alone(&block) {
            out.drop_block("time", block);
        } else if title_key.as_ref() == Some(&MatchKey::of(&block.text)) {
            out.drop_block("title", block);
        } else if !has_begun && paragraphs_left > 0 && is_ticker(&block, title) {
            out.drop_block("ticker", block);
        } else if block.is_mostly_links() && block.word_count() < PARAGRAPH_WORDS {
            out.drop_block("links", block);
        } else if is_most && boilerplate::is_policy(&block.text, link_presence_of(&block)) {
            out.drop_block("policy", block);
        } else {
            has_begun |= is_paragraph(&block);
            kept.push(block);
        }
    }
    kept
}

fn link_presence_of(block: &TextBlock) -> LinkPresence {
    if block.linked_count > 0 { LinkPresence::Some } else { LinkPresence::None }
}

/// Whether a block reads like a paragraph.
pub(super) fn is_paragraph(block: &TextBlock) -> bool {
    let words = block.word_count();
    matches!(block.kind, BlockKind::Table)
        || words >= PARAGRAPH_WORDS
        || (words >= SENTENCE_WORDS && ends_like_a_sentence(&block.text))
}

/// Whether a line before the first paragraph may belong to it.
fn is_lead(block: &TextBlock) -> bool {
    block.word_count() >= LEAD_WORDS && !is_page_date(&block.text)
}

/// Whether a line is the date of a page, or shows a time of day, as lines with such a date do.
pub(super) fn is_page_date(text: &str) -> bool {
    let has_clock = text.as_bytes().windows(3).any(|three| {
        matches!(three, [before, b':', after] if before.is_ascii_digit() && after.is_ascii_digit())
    });
    has_clock || !text.chars().any(char::is_alphabetic) || dates::read_date(text, None).is_some()
}

/// Words of a line with a time and nothing else, at most.
const TIME_WORDS: usize = 8;

/// Whether a block is the time of a post («10:40 (توقيت مكة)», «منذ 5 دقائق»), as live reports have it
/// above each. A day alone stays: it may be the heading of what happened on it.
fn is_time_alone(block: &TextBlock) -> bool {
    let text = block.text.as_str();
    if block.kind == BlockKind::Heading || block.word_count() > TIME_WORDS {
        return false;
    }
    if !text.contains(':') {
        return dates::is_relative(text) && !ends_like_a_sentence(text);
    }
    let is_understood = |words: &str| {
        let reading = dates::read_in_context(words, &dates::DateContext::default());
        reading.is_some_and(|reading| {
            !reading.doubts.iter().any(|doubt| matches!(doubt, DateDoubt::UnreadPart(_)))
        })
    };
    // A time is understood behind any day.
    is_understood(text) || is_understood(&format!("2026-01-05 {text}"))
}

/// Whether a text ends with a mark that ends sentences; quotes and brackets after it do not matter.
pub(super) fn ends_like_a_sentence(text: &str) -> bool {
    let bare = text.trim_end_matches(|c: char| {
        c.is_whitespace() || "\"'”“’»)]\u{200f}\u{200e}\u{2069}\u{202c}".contains(c)
    });
    bare.ends_with(['.', '؟', '?', '!', '…', ':', '؛', '۔'])
}

/// Whether the first long line of a page consists of other articles' headlines.
fn is_ticker(block: &TextBlock, title: Option<&str>) -> bool {
    if block.text.chars().count() < TICKER_CHARACTERS || ends_like_a_sentence(&block.text) {
        return false;
    }
    title.is_none_or(|title| shared_words(&block.text, title) < WORDS_OF_TITLE)
}

fn shared_words(text: &str, title: &str) -> usize {
    let text = MatchKey::of(text);
    let title = MatchKey::of(title);
    let words = |key: &MatchKey| -> std::collections::BTreeSet<Vec<u8>> {
        let all = key.as_bytes().split(|byte| *byte == b' ');
        // An Arabic letter has two bytes.
        all.filter(|word| word.len() >= 2 * SIGNIFICANT_LETTERS).map(<[u8]>::to_vec).collect()
    };
    words(&text).intersection(&words(&title)).count()
}

/// Finds agencies at the beginning and at the end of the text.
fn record_agencies(out: &mut TrimmedText) {
    let first =
        out.blocks.first().and_then(|block| attribution::attribution_in_dateline(&block.text));
    let last = out.blocks.last().and_then(|block| attribution::attribution_at_end(&block.text));
    for found in [first, last].into_iter().flatten() {
        out.add_attribution(found);
    }
}
