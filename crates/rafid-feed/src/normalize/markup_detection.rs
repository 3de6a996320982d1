//! Text → whether it is markup, or markup that was escaped once too often.

use super::elements::{self, HtmlRole};
use crate::markup::{MarkupToken, Scanner};

/// The length of the longest entity, `&CounterClockwiseContourIntegral;`, between its `&` and `;`,
/// in bytes (HTML Living Standard, section 13.5).
const LONGEST_ENTITY: usize = 31;

/// Whether it contains a tag of a known element, or a comment: `a < b`, `<3` and `<Name>` are text.
pub(super) fn has_markup(text: &str) -> bool {
    text.contains('<')
        && Scanner::new(text).any(|token| match token {
            MarkupToken::Start(tag) | MarkupToken::End(tag) => elements::is_known(tag.name),
            MarkupToken::Comment => true,
            MarkupToken::Text(_) | MarkupToken::Unfinished(_) => false,
        })
}

/// Whether it is certainly markup: it contains a known element that opens and closes, one with an
/// attribute, or a line break. A headline about the `<b>` tag contains none of these.
pub(super) fn has_sure_markup(text: &str) -> bool {
    if !text.contains('<') {
        return false;
    }
    let mut opened = Vec::new();
    for token in Scanner::new(text) {
        match token {
            MarkupToken::Start(tag) => {
                let Some(element) = elements::find_element(tag.name) else { continue };
                if tag.has_values() || element.role == HtmlRole::Break {
                    return true;
                }
                if !opened.contains(&element.name) {
                    opened.push(element.name);
                }
            }
            MarkupToken::End(tag) => {
                if elements::find_element(tag.name)
                    .is_some_and(|element| opened.contains(&element.name))
                {
                    return true;
                }
            }
            MarkupToken::Text(_) | MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
        }
    }
    false
}

/// Whether a text is markup as a whole: it begins with a tag of a known element, ends with one, and is
/// certainly markup. A text about HTML has words around its examples.
pub(super) fn is_markup_as_a_whole(text: &str) -> bool {
    let text = text.trim();
    if !text.starts_with('<') || !text.ends_with('>') {
        return false;
    }
    let is_of_element = |token: Option<MarkupToken<'_>>| match token {
        Some(MarkupToken::Start(tag) | MarkupToken::End(tag)) => {
            elements::find_element(tag.name).is_some()
        }
        _ => false,
    };
    let last = text.rfind('<').and_then(|at| Scanner::new(&text[at..]).next());
    is_of_element(Scanner::new(text).next()) && is_of_element(last) && has_sure_markup(text)
}

/// Whether it contains a complete, known entity: `&quot;`, `&#1575;`, but not `&c` or `R&D;`.
pub(super) fn has_entity(text: &str) -> bool {
    text.match_indices('&').any(|(at, _)| {
        let name = |c: &u8| c.is_ascii_alphanumeric() || *c == b'#';
        let after = text.as_bytes().get(at + 1..).unwrap_or_default();
        let length = after.iter().take(LONGEST_ENTITY).take_while(|c| name(c)).count();
        after.get(length) == Some(&b';') && {
            let entity = &text[at..=at + 1 + length];
            htmlize::unescape(entity) != entity
        }
    })
}

/// Resolves entities once. Those without a semicolon are resolved only if no letter, digit or `=`
/// follows: `?a=1&copy=2` is an address.
pub(super) fn unescaped(text: &str) -> std::borrow::Cow<'_, str> {
    htmlize::unescape_attribute(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup() {
        let check = |text: &str, some: bool, sure: bool| {
            assert_eq!((has_markup(text), has_sure_markup(text)), (some, sure), "{text}");
        };
        check("نص", false, false);
        check("a < b, <3, </3, <= and <Name> here", false, false);
        check("the <b> tag", true, false);
        check("</b> and <b>", true, false);
        check("<b>x</B>", true, true);
        check("x<br>y", true, true);
        check("<img src=x>", true, true);
        check("<foo bar=1></foo>", false, false);
        check("<!-- x -->y", true, false);
        check("a <b", false, false);
    }

    #[test]
    fn markup_as_a_whole() {
        for text in ["<p>نص</p>", " <div><b>x</b> y</div>\n", "<p>x<br>", "<img src=x>"] {
            assert!(is_markup_as_a_whole(text), "{text}");
        }
        for text in [
            "نص",
            "<p>",
            "<b>x</b> y",
            "x <b>y</b>",
            "<مثال>x</مثال>",
            "<3 و <4>",
            "< b>x</b>",
            "<>",
        ] {
            assert!(!is_markup_as_a_whole(text), "{text}");
        }
    }

    #[test]
    fn entities() {
        let check = |text: &str, expected: bool| assert_eq!(has_entity(text), expected, "{text}");
        check("&quot;", true);
        check("a &#1575; b", true);
        check("&#x27;", true);
        check("&CounterClockwiseContourIntegral;", true);
        check("R&D; & &c &; &unknown; &quot", false);
        check("&&amp;", true);
    }
}
