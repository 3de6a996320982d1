//! Blocks of an article, and those of other pages of its source → the blocks that only this article has.
//!
//! A block that is on three pages with different addresses belongs to the site: a note of its editors, an
//! offer to subscribe. The known blocks are a value that goes in and comes out. A page that is requested
//! again counts once, and short blocks never count: «نعم» is in many interviews, and subheadings such as
//! «ماذا نعرف؟» are the custom of an outlet.

use super::super::arabic::MatchKey;
use super::super::hash;
use super::super::model::{RawArticle, RemovedBlock, RepeatedBlock, RepeatedBlocks};

/// Different pages on which a block must be.
const FEWEST_PAGES: usize = 3;
/// Words that a block must have to be compared.
const FEWEST_WORDS: usize = 6;
/// Blocks that are kept of one source: those of about twenty articles.
const MOST_MARKS: usize = 512;
/// Blocks of one page that are compared: sites add text around their articles, not in the middle.
const FIRST_BLOCKS: usize = 24;
const LAST_BLOCKS: usize = 40;

/// Removes the blocks that other pages have as well from an article, and records the rest. `address` is the
/// page's own.
pub(crate) fn drop_repeated(article: &mut RawArticle, address: &str, repeats: &mut RepeatedBlocks) {
    let page = hash::digest_32(address);
    let count = article.blocks.len();
    let mut index = 0;
    let mut dropped = Vec::new();
    article.blocks.retain(|block| {
        let is_compared = index < FIRST_BLOCKS || index + LAST_BLOCKS >= count;
        index += 1;
        let Some(mark) = text_hash(&block.text).filter(|_| is_compared) else { return true };
        let is_kept = count_pages_with(repeats, mark, page) < FEWEST_PAGES;
        if !is_kept {
            dropped.push(RemovedBlock { reason: "repeated", text: block.text.clone() });
        }
        is_kept
    });
    article.removed.append(&mut dropped);
    forget_oldest(repeats);
}

/// Records that a block is on a page; returns on how many pages it was found.
fn count_pages_with(repeats: &mut RepeatedBlocks, text: u64, page: u32) -> usize {
    let known = repeats.blocks.iter().position(|mark| mark.text == text);
    let fresh = || RepeatedBlock { text, pages: Vec::new() };
    let mut mark = known.map_or_else(fresh, |index| repeats.blocks.remove(index));
    if mark.pages.len() < FEWEST_PAGES && !mark.pages.contains(&page) {
        mark.pages.push(page);
    }
    let count = mark.pages.len();
    repeats.blocks.push(mark);
    count
}

/// Blocks that were found on one page only are dropped first, the oldest of them before the others.
fn forget_oldest(repeats: &mut RepeatedBlocks) {
    for fewest in 1..=FEWEST_PAGES {
        let mut surplus = repeats.blocks.len().saturating_sub(MOST_MARKS);
        repeats.blocks.retain(|mark| {
            let goes = surplus > 0 && mark.pages.len() <= fewest;
            surplus -= usize::from(goes);
            !goes
        });
    }
}

/// `None`: the block is too short.
fn text_hash(text: &str) -> Option<u64> {
    let key = MatchKey::of(text);
    (key.word_count() >= FEWEST_WORDS).then(|| hash::digest_64(key.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleEvidence, BlockKind, RawBlock};

    fn article(texts: &[&str]) -> RawArticle {
        let block = |text: &&str| RawBlock {
            kind: BlockKind::Paragraph,
            text: (*text).to_owned(),
            html: (*text).to_owned(),
        };
        RawArticle {
            title: None,
            site_name: None,
            byline: None,
            published: None,
            language: None,
            direction: None,
            image: None,
            blocks: texts.iter().map(block).collect(),
            attributions: Vec::new(),
            evidence: ArticleEvidence::Layout,
            removed: Vec::new(),
        }
    }

    const NOTE: &str = "اشترك في نشرتنا لتصلك أهم الأخبار كل صباح";

    /// Which blocks are left of a page, and how many were removed.
    fn check(repeats: &mut RepeatedBlocks, address: &str, texts: &[&str], expected: &[&str]) {
        let mut page = article(texts);
        drop_repeated(&mut page, address, repeats);
        let left: Vec<&str> = page.blocks.iter().map(|block| block.text.as_str()).collect();
        assert_eq!(left, expected, "{address}");
        assert_eq!(page.removed.len(), texts.len() - expected.len());
        assert!(page.removed.iter().all(|piece| piece.reason == "repeated"));
    }

    #[test]
    fn a_block_on_three_pages_is_removed() {
        let mut repeats = RepeatedBlocks::default();
        let text = "افتتحت البلدية مكتبة عامة في الحي القديم";
        check(&mut repeats, "/1", &[text, NOTE], &[text, NOTE]);
        check(&mut repeats, "/2", &["خبر ثان", NOTE], &["خبر ثان", NOTE]);
        // Spelled differently, it is the same.
        let spelled = "إشترك في نشرتنا لتصلك أهمّ الأخبار كل صباح";
        check(&mut repeats, "/3", &["خبر ثالث", spelled], &["خبر ثالث"]);
        check(&mut repeats, "/4", &[NOTE], &[]);
    }

    #[test]
    fn a_page_requested_again_counts_once_and_short_blocks_never() {
        let mut repeats = RepeatedBlocks::default();
        for _ in 0..5 {
            check(&mut repeats, "/1", &[NOTE], &[NOTE]);
        }
        for address in ["/1", "/2", "/3", "/4"] {
            check(&mut repeats, address, &["ماذا نعرف عن ذلك؟"], &["ماذا نعرف عن ذلك؟"]);
        }
    }

    #[test]
    fn known_blocks_are_limited_and_repeated_ones_are_kept() {
        let mut repeats = RepeatedBlocks::default();
        for page in 0..200 {
            let own: Vec<String> = (0..20)
                .map(|piece| format!("فقرة رقم {piece} من الصفحة {page} وفيها كلام كثير"))
                .collect();
            let mut texts: Vec<&str> = own.iter().map(String::as_str).collect();
            texts.push(NOTE);
            let expected = if page < 2 { &texts[..] } else { &texts[..20] };
            check(&mut repeats, &format!("/{page}"), &texts, expected);
            assert!(repeats.blocks.len() <= MOST_MARKS);
        }
        let long = vec!["كلام طويل لا يقارن في وسط الصفحة أبدا"; 200];
        let mut page = article(&long);
        drop_repeated(&mut page, "/long", &mut repeats);
        assert_eq!(page.blocks.len(), 200, "once on a page or often, it is one page");
    }
}
