//! Markup → text blocks: one for every paragraph, heading, list item, or line that a break ends.
//!
//! Inline elements stay in a block as written and end with it; block elements end a block. Figures with
//! their captions, forms and buttons are not part of the article. Tables with headings stay whole; other
//! tables are layout only.

use crate::markup::{MarkupTag, MarkupToken, Scanner};
use crate::model::BlockKind;

/// A block of text of a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TextBlock {
    pub(super) kind: BlockKind,
    /// Its text, entities resolved, white space collapsed; never empty.
    pub(super) text: String,
    /// Its markup.
    pub(super) html: String,
    /// Characters of its text that are in links.
    pub(super) linked_count: usize,
    /// The number of the element that contains it, paragraphs and lists aside; `None`: a bare text has no
    /// elements.
    pub(super) container: Option<usize>,
    /// The name and the classes of that element; empty: it has no element.
    pub(super) container_kind: String,
}

impl TextBlock {
    /// A block without markup.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        let text = collapse_spaces(text);
        let html = escape_text(&text);
        let kind = BlockKind::Paragraph;
        (!text.is_empty()).then(|| Self {
            kind,
            text,
            html,
            linked_count: 0,
            container: None,
            container_kind: String::new(),
        })
    }

    /// Words in it.
    pub(super) fn word_count(&self) -> usize {
        self.text.split(' ').count()
    }

    /// Whether most of it leads to other pages.
    pub(super) fn is_mostly_links(&self) -> bool {
        self.linked_count * 2 > self.text.chars().count()
    }
}

/// Blocks of one page, at most; long articles have two hundred.
const MOST_BLOCKS: usize = 5_000;
/// Elements that stay within a block.
const INLINE: [&str; 27] = [
    "a", "abbr", "b", "bdi", "bdo", "big", "cite", "code", "data", "del", "dfn", "em", "i", "ins",
    "kbd", "mark", "q", "s", "small", "strike", "strong", "sub", "sup", "time", "u", "var", "wbr",
];
/// Elements that are skipped without ending a block; their text stays.
const TRANSPARENT: [&str; 4] = ["span", "font", "tt", "acronym"];
/// Block elements whose blocks belong to the same container as their neighbors.
const TRANSPARENT_BLOCKS: [&str; 6] = ["br", "dl", "hr", "ol", "p", "ul"];
/// Elements that are not part of the article, with all their content.
const DROPPED_ELEMENTS: [&str; 18] = [
    "audio", "button", "canvas", "dialog", "embed", "figure", "form", "iframe", "img", "input",
    "nav", "noscript", "object", "script", "select", "style", "textarea", "video",
];
/// Those of them without an end tag.
const VOID_ELEMENTS: [&str; 3] = ["embed", "img", "input"];

/// Splits markup into blocks.
pub(super) fn split_into_blocks(markup: &str) -> Vec<TextBlock> {
    let mut cutter = BlockSplitter::default();
    let mut scanner = Scanner::new(markup);
    while let Some(token) = scanner.next()
        && cutter.blocks.len() < MOST_BLOCKS
    {
        match token {
            MarkupToken::Text(text) => cutter.push_text(text),
            MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
            MarkupToken::Start(tag) => cutter.start_element(tag, &mut scanner),
            MarkupToken::End(tag) => cutter.end_element(&tag.name.to_ascii_lowercase()),
        }
    }
    cutter.finish_block();
    cutter.blocks
}

/// The blocks so far, and the state of the splitting.
#[derive(Default)]
struct BlockSplitter {
    blocks: Vec<TextBlock>,
    text: String,
    html: String,
    linked_count: usize,
    /// Inline elements that are open in this block.
    open: Vec<String>,
    /// The open elements that give a block its kind.
    open_blocks: Vec<(String, BlockKind)>,
    /// The open elements that contain blocks, each with its number and its kind.
    containers: Vec<(String, usize, String)>,
    containers_count: usize,
}

impl BlockSplitter {
    fn push_text(&mut self, raw: &str) {
        let text = htmlize::unescape(raw);
        let before = self.text.chars().count();
        self.text.push_str(&text);
        if self.open.iter().any(|name| name == "a") {
            self.linked_count += self.text.chars().count() - before;
        }
        self.html.push_str(raw);
    }

    fn start_element(&mut self, tag: MarkupTag<'_>, scanner: &mut Scanner<'_>) {
        let name = tag.name.to_ascii_lowercase();
        if let Some(gone) = DROPPED_ELEMENTS.iter().find(|gone| **gone == name) {
            if !VOID_ELEMENTS.contains(gone) && !tag.is_empty_element() {
                scanner.skip_past_end_of(gone);
            }
        } else if INLINE.contains(&name.as_str()) {
            self.html.push_str(tag.raw);
            if name != "wbr" {
                self.open.push(name);
            }
        } else if name == "table" {
            self.keep_or_open_table(scanner);
        } else if !TRANSPARENT.contains(&name.as_str()) {
            self.finish_block();
            if let Some(kind) = block_kind(&name) {
                self.open_blocks.push((name, kind));
            } else if !TRANSPARENT_BLOCKS.contains(&name.as_str()) {
                self.containers_count += 1;
                let class = tag.attributes().find(|(name, _)| name.eq_ignore_ascii_case("class"));
                let kind = format!("{name} {}", class.map_or("", |(_, class)| class));
                self.containers.push((name, self.containers_count, kind));
            }
        }
    }

    fn end_element(&mut self, name: &str) {
        if INLINE.contains(&name) {
            if let Some(at) = self.open.iter().rposition(|open| open == name) {
                while self.open.len() > at {
                    self.close_innermost();
                }
            }
        } else if !TRANSPARENT.contains(&name) {
            self.finish_block();
            if let Some(at) = self.open_blocks.iter().rposition(|(open, _)| open == name) {
                self.open_blocks.truncate(at);
            }
            if let Some(at) = self.containers.iter().rposition(|(open, ..)| open == name) {
                self.containers.truncate(at);
            }
        }
    }

    /// A table with headings stays whole.
    fn keep_or_open_table(&mut self, scanner: &mut Scanner<'_>) {
        let mut ahead = scanner.clone();
        let Some(content) = ahead.take_to_end_of("table") else { return self.finish_block() };
        let is_of_data = Scanner::new(content).any(
            |token| matches!(token, MarkupToken::Start(tag) if tag.name.eq_ignore_ascii_case("th")),
        );
        self.finish_block();
        if !is_of_data {
            return;
        }
        for token in Scanner::new(content) {
            match token {
                MarkupToken::Text(text) => self.text.push_str(&htmlize::unescape(text)),
                _ => self.text.push(' '),
            }
        }
        self.html = format!("<table>{content}</table>");
        self.open_blocks.push(("table".to_owned(), BlockKind::Table));
        self.finish_block();
        self.open_blocks.pop();
        *scanner = ahead;
    }

    fn close_innermost(&mut self) {
        if let Some(name) = self.open.pop() {
            self.html.extend(["</", &name, ">"]);
        }
    }

    fn finish_block(&mut self) {
        while !self.open.is_empty() {
            self.close_innermost();
        }
        let kind = self.open_blocks.last().map_or(BlockKind::Paragraph, |(_, kind)| *kind);
        let raw = std::mem::take(&mut self.text);
        let html = std::mem::take(&mut self.html).trim().to_owned();
        let linked_count = std::mem::take(&mut self.linked_count);
        let text = match kind {
            BlockKind::Preformatted => raw.trim_matches('\n').to_owned(),
            _ => collapse_spaces(&raw),
        };
        if text.chars().any(char::is_alphanumeric) {
            let last = self.containers.last();
            let container = Some(last.map_or(0, |(_, number, _)| *number));
            let container_kind = last.map_or_else(String::new, |(.., kind)| kind.clone());
            let block = TextBlock { kind, text, html, linked_count, container, container_kind };
            self.blocks.push(block);
        }
    }
}

fn block_kind(name: &str) -> Option<BlockKind> {
    Some(match name {
        "h1" | "h2" | "h3" | "h4" | "h5" | "h6" => BlockKind::Heading,
        "li" | "dt" | "dd" => BlockKind::Item,
        "blockquote" => BlockKind::Quote,
        "pre" => BlockKind::Preformatted,
        _ => return None,
    })
}

/// The words with one space between them.
pub(super) fn collapse_spaces(text: &str) -> String {
    let is_gap = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{FEFF}');
    text.split(is_gap).filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

fn escape_text(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(markup: &str, expected: &[&str]) {
        let texts: Vec<String> =
            split_into_blocks(markup).into_iter().map(|block| block.text).collect();
        assert_eq!(texts, expected, "{markup}");
    }

    #[test]
    fn block_elements_and_breaks_end_a_block() {
        check("<p>أ</p><p>ب<br>ج</p>", &["أ", "ب", "ج"]);
        check("<div>أ <b>ب</b>\n ج</div>د", &["أ ب ج", "د"]);
        check("<ul><li>أ<li>ب</ul>", &["أ", "ب"]);
        check("<p>***</p><p> &nbsp; </p><p>x &amp; y</p>", &["x & y"]);
        check(
            "a<script>b</script>c<button>d</button><figure><figcaption>e</figcaption></figure>f",
            &["acf"],
        );
        check("<table><tr><td>أ</td><td>ب</td></tr></table>", &["أ", "ب"]);
        check("<table><tr><th>أ</th><td>ب</td></tr></table>ج", &["أ ب", "ج"]);
    }

    #[test]
    fn blocks_keep_their_inline_markup_and_end_it() {
        let html = |markup: &str| {
            split_into_blocks(markup).into_iter().map(|block| block.html).collect::<Vec<_>>()
        };
        assert_eq!(html("<p>a <b>b<i>c</p>d</b>"), ["a <b>b<i>c</i></b>", "d"]);
        assert_eq!(html("<p><span x=y>a</span></p>"), ["a"]);
    }

    #[test]
    fn links_are_counted_and_kinds_are_known() {
        let found =
            split_into_blocks("<p>اقرأ: <a href=x>خبر آخر</a></p><h2>عنوان</h2><blockquote><p>ق");
        assert!(found[0].is_mostly_links() && !found[1].is_mostly_links());
        let kinds: Vec<BlockKind> = found.iter().map(|block| block.kind).collect();
        assert_eq!(kinds, [BlockKind::Paragraph, BlockKind::Heading, BlockKind::Quote]);
    }

    #[test]
    fn a_flood_is_cut() {
        assert_eq!(split_into_blocks(&"<p>x</p>".repeat(MOST_BLOCKS + 9)).len(), MOST_BLOCKS);
    }
}
