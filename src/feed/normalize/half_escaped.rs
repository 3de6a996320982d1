//! Markup of which some parts were escaped once too often (`<p><img></p>&lt;p&gt;…&lt;/p&gt;`) → the
//! same with those parts as the markup that they are.
//!
//! An article about HTML shows such text, too; it does so within a paragraph or `<code>`. So only what
//! stands in no element, begins with the tag of a block, ends with a tag and is markup beyond doubt is
//! taken for markup.

use super::elements::{self, Element, Role};
use super::signs;
use crate::feed::markup::{Scanner, Tag, Token};

/// The markup with such parts mended; `None`: there are none.
pub(super) fn mended(markup: &str) -> Option<String> {
    if !markup.contains("&lt;") {
        return None;
    }
    let mut out = String::new();
    let mut depth = 0_usize;
    let mut done = 0;
    for (at, token) in Scanner::new(markup).placed() {
        match token {
            Token::Start(tag) if opens(&tag) => depth += 1,
            Token::End(tag) if elements::find(tag.name).is_some_and(has_content) => {
                depth = depth.saturating_sub(1);
            }
            Token::Text(text) if depth == 0 => {
                if let Some(block) = block(text) {
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

/// A text that is an escaped block, as markup.
fn block(text: &str) -> Option<String> {
    let once = text.contains("&lt;").then(|| signs::unescaped(text))?;
    let trimmed = once.trim();
    let begins = match Scanner::new(trimmed).next() {
        Some(Token::Start(tag)) => elements::find(tag.name).is_some_and(is_block),
        _ => false,
    };
    (begins && trimmed.ends_with('>') && signs::has_sure_markup(trimmed)).then(|| once.into_owned())
}

fn opens(tag: &Tag<'_>) -> bool {
    !tag.is_empty_element() && elements::find(tag.name).is_some_and(has_content)
}

fn has_content(element: &Element) -> bool {
    !matches!(element.role, Role::Break | Role::Rule | Role::Picture | Role::Source)
}

fn is_block(element: &Element) -> bool {
    matches!(
        element.role,
        Role::Block | Role::Paragraph | Role::Heading | Role::List | Role::Table | Role::Hollow
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escaped_blocks_beside_markup() {
        let check = |markup: &str, expected: Option<&str>| {
            assert_eq!(mended(markup).as_deref(), expected, "{markup}");
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
        // Shown on purpose, or not beyond doubt.
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
