//! A page as served → one that an HTML parser turns into a tree in linear time.
//!
//! The time of HTML parsers grows with the square of the nesting and of the attributes of a tag (measured:
//! 64 KiB of open `<div>` take 1.9 seconds, one tag with 200,000 attributes 39 seconds). Therefore every
//! element gets its end tag here, where browsers imply it (HTML Living Standard, section 13.2.6.4), the
//! nesting is limited, and elements without words are left out.

use super::{MarkupTag, MarkupToken, Scanner};

/// Elements open at once; real pages have fewer than a hundred.
const DEEPEST: usize = 256;
/// Elements of one page: real front pages have up to 10,000. The time of selectors with `~` grows with
/// their square.
const MOST_ELEMENTS: usize = 50_000;

/// Bytes of a page that are read; real front pages have up to three million.
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Tags that are read, start and end: those of all elements, and as many that are skipped.
const MOST_TAGS: usize = 4 * MOST_ELEMENTS;

/// Elements that are left out with their content.
const DROPPED_ELEMENTS: [&str; 10] = [
    "script", "style", "noscript", "template", "svg", "math", "iframe", "noembed", "noframes",
    "xmp",
];
/// Tags that would change how the rest of the page is parsed.
const DROPPED_TAGS: [&str; 3] = ["plaintext", "frameset", "frame"];
/// Elements without an end tag (HTML Living Standard section 13.1.2).
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];
/// Blocks: they end an open paragraph, and the end tag of an inline element does not reach out of them.
const BLOCKS: [&str; 39] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "button",
    "caption",
    "center",
    "dd",
    "details",
    "dialog",
    "dir",
    "div",
    "dl",
    "dt",
    "fieldset",
    "figcaption",
    "figure",
    "footer",
    "form",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hgroup",
    "li",
    "main",
    "menu",
    "nav",
    "ol",
    "p",
    "pre",
    "search",
    "section",
    "summary",
    "table",
    "ul",
];
/// Parts of tables, which do not end a paragraph outside the table.
const CELLS: [&str; 6] = ["td", "th", "tr", "tbody", "thead", "tfoot"];
/// Elements that an implied end or an end tag never reaches out of.
const BOUNDARY_ELEMENTS: [&str; 7] = ["table", "td", "th", "caption", "object", "button", "select"];

/// A page with limited nesting and explicit end tags.
#[derive(Debug, Default)]
pub(crate) struct LinearizedPage {
    /// The page.
    pub(crate) html: String,
    /// Tags that were skipped because they were too deep or beyond the limits.
    pub(crate) dropped_count: usize,
    elements_count: usize,
    open: Vec<String>,
    /// Elements open beyond `DEEPEST`.
    too_deep_count: usize,
    /// Those of `html`, `head` and `body` that occurred: each counts once.
    seen: Vec<String>,
}

/// Limits the nesting of a page and writes its end tags.
pub(crate) fn linearize(page: &str) -> LinearizedPage {
    let mut linear =
        LinearizedPage { html: String::with_capacity(page.len()), ..LinearizedPage::default() };
    linear.html.push_str("<!DOCTYPE html>");
    let read = &page[..page.floor_char_boundary(MOST_BYTES)];
    linear.dropped_count += usize::from(read.len() < page.len());
    let mut scanner = Scanner::new(read);
    let mut tags_count = 0;
    while let Some(token) = scanner.next() {
        tags_count += usize::from(matches!(token, MarkupToken::Start(_) | MarkupToken::End(_)));
        if tags_count > MOST_TAGS {
            linear.dropped_count += 1;
            break;
        }
        match token {
            MarkupToken::Text(text) => linear.html.push_str(&text.replace('<', "&lt;")),
            MarkupToken::Start(tag) => {
                let name = tag.name.to_ascii_lowercase();
                if let Some(left_out) = DROPPED_ELEMENTS.iter().find(|left_out| **left_out == name)
                {
                    if !(matches!(*left_out, "svg" | "math") && tag.is_empty_element()) {
                        scanner.skip_past_end_of(left_out);
                    }
                } else {
                    linear.start_element(name, tag);
                }
            }
            MarkupToken::End(tag) => linear.end_element(&tag.name.to_ascii_lowercase()),
            MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
        }
    }
    linear.close_to(0);
    linear
}

impl LinearizedPage {
    fn start_element(&mut self, name: String, tag: MarkupTag<'_>) {
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b':'));
        if !is_name || DROPPED_TAGS.contains(&name.as_str()) {
            return;
        }
        if self.elements_count == MOST_ELEMENTS {
            self.dropped_count += 1;
            return;
        }
        if matches!(name.as_str(), "html" | "head" | "body") {
            if !self.seen.contains(&name) {
                self.write_tag(&name, tag);
                self.seen.push(name);
            }
            return;
        }
        if VOID_ELEMENTS.contains(&name.as_str()) {
            self.write_tag(&name, tag);
            return;
        }
        self.imply_ends(&name);
        if self.open.len() == DEEPEST {
            self.too_deep_count += 1;
            self.dropped_count += 1;
            return;
        }
        self.write_tag(&name, tag);
        self.open.push(name);
    }

    /// Ends the elements that cannot stay open where `name` begins.
    fn imply_ends(&mut self, name: &str) {
        let (ended, boundaries): (&[&str], &[&str]) = match name {
            "li" => (&["li"], &["ul", "ol", "menu", "dir"]),
            "dt" | "dd" => (&["dt", "dd"], &["dl"]),
            "option" | "optgroup" => (&["option"], &[]),
            "td" | "th" => (&["td", "th"], &["tr", "table"]),
            "tr" => (&["tr"], &["table"]),
            "tbody" | "thead" | "tfoot" => (&["tbody", "thead", "tfoot"], &["table"]),
            _ => (&[], &[]),
        };
        if !ended.is_empty() {
            let is_cell = CELLS.contains(&name);
            self.close_nearest(
                |open| ended.contains(&open),
                |open| {
                    boundaries.contains(&open) || (!is_cell && BOUNDARY_ELEMENTS.contains(&open))
                },
            );
        }
        if BLOCKS.contains(&name) {
            self.close_nearest(|open| open == "p", |open| BOUNDARY_ELEMENTS.contains(&open));
        }
    }

    fn end_element(&mut self, name: &str) {
        if self.too_deep_count > 0 && !VOID_ELEMENTS.contains(&name) {
            self.too_deep_count -= 1;
            return;
        }
        let is_block = BLOCKS.contains(&name);
        let is_cell = CELLS.contains(&name);
        self.close_nearest(
            |open| open == name,
            |open| match () {
                () if name == "table" => false,
                () if is_cell => open == "table",
                () if name == "li" => {
                    matches!(open, "ul" | "ol") || BOUNDARY_ELEMENTS.contains(&open)
                }
                () if is_block => BOUNDARY_ELEMENTS.contains(&open),
                () => BLOCKS.contains(&open) || CELLS.contains(&open),
            },
        );
    }

    /// Ends the innermost open element that `is_target` accepts and everything in it, unless a boundary is
    /// between.
    fn close_nearest(
        &mut self,
        is_target: impl Fn(&str) -> bool,
        is_boundary: impl Fn(&str) -> bool,
    ) {
        let reached = self.open.iter().rposition(|open| is_target(open) || is_boundary(open));
        if let Some(at) = reached
            && self.open.get(at).is_some_and(|open| is_target(open))
        {
            self.close_to(at);
        }
    }

    fn close_to(&mut self, count: usize) {
        while self.open.len() > count {
            let Some(name) = self.open.pop() else { return };
            self.html.extend(["</", &name, ">"]);
        }
    }

    fn write_tag(&mut self, name: &str, tag: MarkupTag<'_>) {
        self.elements_count += 1;
        self.html.extend(["<", name]);
        for (name, value) in tag.attributes() {
            if !name.contains(['"', '\'', '<', '>', '=']) {
                self.html.extend([" ", name, "=\"", &value.replace('"', "&quot;"), "\""]);
            }
        }
        self.html.push('>');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(page: &str, expected: &str) {
        assert_eq!(linearize(page).html.strip_prefix("<!DOCTYPE html>"), Some(expected), "{page}");
    }

    #[test]
    fn every_element_gets_its_end() {
        check("<ul><li>أ<li>ب</ul>", "<ul><li>أ</li><li>ب</li></ul>");
        check("<p>a<div>b</div>", "<p>a</p><div>b</div>");
        check("<div><p>a</div>b", "<div><p>a</p></div>b");
        check("<div><b>a</div>b</b>", "<div><b>a</b></div>b");
        check("<a><div>x</a>y</div>", "<a><div>xy</div></a>");
        check(
            "<table><tr><td>1<td>2<tr><td>3</table>",
            "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>",
        );
        check("<li><ul><li>x</ul></li><li>y", "<li><ul><li>x</li></ul></li><li>y</li>");
        check("<html><body class=a></body><body class=b>x", "<html><body class=\"a\">x");
    }

    #[test]
    fn elements_without_words_are_left_out() {
        check("a<script>if (a<b) '<p>'</script>b<svg><path/></svg>c<svg/>d", "abcd");
        check("a <<!-- x -->b>", "a &lt;b>");
        check("<br/><img src='a\"b' \"x>", "<br><img src=\"a&quot;b\">");
    }

    #[test]
    fn floods_stay_small() {
        let deep = linearize(&"<div>".repeat(100_000));
        assert_eq!(deep.html.matches("<div>").count(), DEEPEST);
        assert!(deep.dropped_count > MOST_ELEMENTS);
        let back = linearize(&format!("{}{}<p>x", "<div>".repeat(300), "</div>".repeat(300)));
        assert!(back.html.ends_with("</div><p>x</p>"), "{}", back.html);
        let wide = linearize(&"<i>x</i>".repeat(60_000));
        assert_eq!((wide.elements_count, wide.dropped_count), (MOST_ELEMENTS, 10_000));
        let fonts = "<p><font a=1></p>".repeat(5_000);
        let strays = linearize(&format!("{}<p>x", "</p>".repeat(MOST_TAGS)));
        assert_eq!((strays.elements_count, strays.dropped_count), (0, 1));
        let long = linearize(&"ب".repeat(MOST_BYTES));
        assert!(long.html.len() < MOST_BYTES + 20 && long.dropped_count == 1);
        assert!(linearize(&fonts).html.len() < 3 * fonts.len());
    }
}
