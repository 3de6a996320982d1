//! Markup with parts that were escaped once too often (`<p><img></p>&lt;p&gt;…&lt;/p&gt;`) → the
//! same with those parts as markup.
//!
//! An article about HTML contains such text, too, but within a paragraph or `<code>`. So a text is
//! unescaped only if it is outside of all elements, begins with the tag of a block, ends with a tag
//! and is certainly markup.

use super::elements::{self, HtmlElement, HtmlRole};
use super::markup_detection;
use crate::markup::{MarkupTag, MarkupToken, Scanner};

/// The markup with such parts unescaped; `None`: there are no such parts.
pub(super) fn unescape_blocks(markup: &str) -> Option<String> {
    if !markup.contains("&lt;") {
        return None;
    }
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut done = 0;
    for (at, token) in Scanner::new(markup).with_offsets() {
        match token {
            MarkupToken::Start(tag) if opens_block(&tag) => depth += 1,
            MarkupToken::End(tag) if elements::find_element(tag.name).is_some_and(has_content) => {
                depth = depth.saturating_sub(1);
            }
            MarkupToken::Text(text) if depth == 0 => {
                if let Some(block) = unescaped_block(text) {
                    out.push_str(&markup[done..at]);
                    out.push_str(&block);
                    done = at + text.len();
                }
            }
            _ => {}
        }
    }
    out.push_str(&markup[done..]);
    (done > 0).then_some(out)
}

/// An escaped block, as markup.
fn unescaped_block(text: &str) -> Option<String> {
    let once = text.contains("&lt;").then(|| markup_detection::unescaped(text))?;
    let trimmed = once.trim();
    let begins = match Scanner::new(trimmed).next() {
        Some(MarkupToken::Start(tag)) => elements::find_element(tag.name).is_some_and(is_block),
        _ => false,
    };
    (begins && trimmed.ends_with('>') && markup_detection::has_sure_markup(trimmed))
        .then(|| once.into_owned())
}

fn opens_block(tag: &MarkupTag<'_>) -> bool {
    !tag.is_empty_element() && elements::find_element(tag.name).is_some_and(has_content)
}

fn has_content(element: &HtmlElement) -> bool {
    !matches!(element.role, HtmlRole::Break | HtmlRole::Rule | HtmlRole::Picture | HtmlRole::Source)
}

fn is_block(element: &HtmlElement) -> bool {
    matches!(
        element.role,
        HtmlRole::Block
            | HtmlRole::Paragraph
            | HtmlRole::Heading
            | HtmlRole::List
            | HtmlRole::Table
            | HtmlRole::Unwrapped
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_blocks_beside_markup() {
        let check = |markup: &str, expected: Option<&str>| {
            assert_eq!(unescape_blocks(markup).as_deref(), expected, "{markup}");
        };
        check(
            "<p><img src=a></p>&lt;p class=&quot;p1&quot;&gt;نصّ &amp;amp; نص&lt;/p&gt;",
            Some("<p><img src=a></p><p class=\"p1\">نصّ &amp; نص</p>"),
        );
        check(
            "<img src=a> &lt;div&gt;خبر&lt;/div&gt; <br>",
            Some("<img src=a> <div>خبر</div> <br>"),
        );
        check(
            "<img src=a/>&lt;p&gt;أ&lt;/p&gt;&lt;p&gt;ب&lt;/p&gt;",
            Some("<img src=a/><p>أ</p><p>ب</p>"),
        );
        // Shown on purpose, or not certainly markup.
        check("<p>الوسم &lt;p class=\"x\"&gt;نص&lt;/p&gt; للفقرات</p>", None);
        check("<p>&lt;p&gt;نص&lt;/p&gt;</p>", None);
        check("<pre>&lt;div id=a&gt;x&lt;/div&gt;</pre>", None);
        check("<br>يبدأ &lt;p&gt;بكلام&lt;/p&gt;", None);
        check("<br>&lt;p&gt;لا ينتهي", None);
        check("<br>&lt;b&gt;سطر&lt;/b&gt;", None);
        check("<br>&lt;3 &gt;", None);
        check("<p>نص</p>", None);
        check("<p>لا ينتهي &lt;p&gt;نص&lt;/p&gt;", None);
    }
}
