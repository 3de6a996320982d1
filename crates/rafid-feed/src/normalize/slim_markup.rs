//! A very long markup → the same without what no reader is shown: embedded files, styles, scripts, forms,
//! drawings, comments, tags of unknown elements. What is left is short enough to be read whole, unless the
//! words themselves are long.

use super::elements::{self, HtmlRole};
use crate::markup::{MarkupTag, MarkupToken, Scanner};

/// Bytes of an attribute's value; a longer one is no address that a browser follows.
const LONGEST_KEPT_VALUE: usize = 2_048;
/// Attributes that no reader is shown and that name no picture.
const UNSHOWN_ATTRIBUTES: [&str; 3] = ["class", "id", "style"];

/// The markup without what is not shown.
pub(super) fn drop_unshown(markup: &str) -> String {
    let mut slim = String::new();
    let mut scanner = Scanner::new(markup);
    while let Some(token) = scanner.next() {
        match token {
            MarkupToken::Text(text) => slim.push_str(text),
            MarkupToken::Start(tag) | MarkupToken::End(tag) if is_only_a_wrapper(&tag) => {}
            MarkupToken::Start(tag) if skip_unshown(&mut scanner, &tag) => {}
            MarkupToken::Start(tag) => push_slim_tag(&mut slim, &tag),
            MarkupToken::End(tag) => slim.push_str(tag.raw),
            MarkupToken::Unfinished(raw) => slim.push_str(raw),
            MarkupToken::Comment => {}
        }
    }
    slim
}

/// Whether only what is in an element is shown, as of those of `MathML`.
fn is_only_a_wrapper(tag: &MarkupTag<'_>) -> bool {
    elements::find_element(tag.name).is_none_or(|element| element.role == HtmlRole::Unwrapped)
}

/// Skips an element of which nothing is shown, if it has its end tag.
fn skip_unshown(scanner: &mut Scanner<'_>, tag: &MarkupTag<'_>) -> bool {
    let unshown = elements::find_element(tag.name)
        .filter(|element| matches!(element.role, HtmlRole::Dropped | HtmlRole::Code));
    unshown.is_some_and(|element| !tag.is_empty_element() && scanner.skip_past_end_of(element.name))
}

fn push_slim_tag(slim: &mut String, tag: &MarkupTag) {
    if !tag.has_values() {
        slim.push_str(tag.raw);
        return;
    }
    slim.extend(["<", tag.name]);
    for (name, value) in tag.attributes().filter(|(name, value)| is_kept(name, value)) {
        let quote = if value.contains('"') { "'" } else { "\"" };
        slim.extend([" ", name, "=", quote, value, quote]);
    }
    slim.push_str(if tag.is_empty_element() { " />" } else { ">" });
}

fn is_kept(name: &str, value: &str) -> bool {
    let starts_with = |text: &str, start: &str| {
        text.get(..start.len()).is_some_and(|own| own.eq_ignore_ascii_case(start))
    };
    value.len() <= LONGEST_KEPT_VALUE
        && !starts_with(value.trim_start(), "data:")
        && !starts_with(name, "on")
        && !UNSHOWN_ATTRIBUTES.iter().any(|unshown| unshown.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_stays() {
        let check = |markup: &str, expected: &str| {
            assert_eq!(drop_unshown(markup), expected, "{markup}");
        };
        check("<p>a <b>b</b> &amp; c<br/></p><br", "<p>a <b>b</b> &amp; c<br/></p><br");
        check("<p style='x' CLASS=y onclick='z' dir=rtl>a", "<p dir=\"rtl\">a");
        check(
            "<img src='data:image/png;base64,AA' data-src='/a.jpg' />",
            "<img data-src=\"/a.jpg\" />",
        );
        check("<a href='/?q=\"x\"'>a</a><!-- b -->", "<a href='/?q=\"x\"'>a</a>");
        check("a<script>b < c</SCRIPT>d<style>e</style><svg><path/></svg>f", "adf");
        check("a<script>b", "a<script>b");
        check("<math><mi>x</mi> <mo>=</mo></math> <o:p>y</o:p><font>z</font>", "x = yz");
        let long = format!("<img alt='كلمة' src='/{}'>", "x".repeat(LONGEST_KEPT_VALUE));
        check(&long, "<img alt=\"كلمة\">");
    }
}
