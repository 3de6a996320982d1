//! A text with its attributes → `SafeHtml`.
//!
//! | kind | holds | reading |
//! | --- | --- | --- |
//! | text | tags from its beginning to its end | sanitized, with a warning |
//! | text | other | escaped; lines stay lines, addresses are links |
//! | HTML | tags | sanitized |
//! | undeclared | tags | sanitized |
//! | HTML, undeclared | only escaped tags (`&lt;p&gt;…`) | unescaped once, sanitized |
//! | HTML, undeclared | tags, and beside them escaped blocks | these unescaped once, sanitized |
//! | undeclared | neither | entities resolved, escaped; blank lines separate paragraphs, addresses are links |
//!
//! Sanitizing has two steps: `rewrite` turns the markup into simple, well-nested markup in linear
//! time, and `ammonia`, an allow-list on a real HTML parser, makes the final decision, except about
//! markup so simple that `simple_html` can say what `ammonia` writes. Each text and each feed has a
//! limit; beyond the feed's limit its texts lose their markup, not their words.

use std::borrow::Cow;
use std::sync::OnceLock;

use ammonia::{Builder, UrlRelative};
use url::Url;

use super::elements::ELEMENTS;
use super::{
    attributes, half_escaped, markup_detection, plain_text, rewrite, simple_html, slim_markup, text,
};
use crate::model::{Image, RawText, SafeHtml, TextKind};

/// The most bytes of one text that are read, after what is not shown of it was dropped; one of 12,374 texts
/// in real feeds is longer.
const MOST_BYTES: usize = 256 * 1024;
/// The most bytes of markup of one feed that are sanitized: 5,000 entries of 1.6 KiB (the mean of
/// 12,374 texts in real feeds is 1.4 KiB).
const MOST_BYTES_OF_FEED: usize = 8 * 1024 * 1024;

/// The remaining bytes of a feed that may be sanitized.
#[derive(Debug)]
pub(super) struct SanitizeBudget {
    left_bytes: usize,
}

impl Default for SanitizeBudget {
    fn default() -> Self {
        Self { left_bytes: MOST_BYTES_OF_FEED }
    }
}

/// A text that is safe to show, and the findings on the way.
#[derive(Debug, Default)]
pub(super) struct SanitizedText {
    /// The markup; `None`: there is nothing to show.
    pub(super) html: Option<SafeHtml>,
    /// The first picture in it.
    pub(super) picture: Option<Image>,
    /// Removed or repaired parts: the code and the words of a warning.
    pub(super) losses: Vec<(&'static str, String)>,
}

/// Sanitizes a text whose relative addresses resolve against `base`.
pub(super) fn sanitize_text(
    raw: &RawText,
    base: Option<&Url>,
    budget: &mut SanitizeBudget,
) -> SanitizedText {
    let value = within_limit(&raw.value, raw.kind);
    let is_cut = value.1;
    let value = value.0.as_ref();
    let mut body = match raw.kind {
        TextKind::Text if markup_detection::is_markup_as_a_whole(value) => {
            let mut body = sanitize_markup(value, base, budget);
            let detail = "a text that should be plain is HTML as a whole: it is read as HTML";
            body.losses.push(("html-as-text", detail.to_owned()));
            body
        }
        TextKind::Text => sanitize_plain_text(value, true),
        TextKind::Html if value.contains('<') => sanitize_markup(value, base, budget),
        TextKind::Unspecified if markup_detection::has_markup(value) => {
            sanitize_markup(value, base, budget)
        }
        TextKind::Html | TextKind::Unspecified if !value.contains('&') => {
            sanitize_plain_text(value, false)
        }
        TextKind::Html | TextKind::Unspecified => {
            let once = markup_detection::unescaped(value);
            if markup_detection::has_sure_markup(&once) {
                unescape_and_sanitize(&once, base, budget)
            } else {
                sanitize_plain_text(&once, false)
            }
        }
    };
    if is_cut {
        let (all, kept) = (raw.value.len(), value.len());
        let detail = format!("a text of {all} bytes: only its first {kept} are kept");
        body.losses.push(("text-cut", detail));
    }
    body
}

fn sanitize_markup(value: &str, base: Option<&Url>, budget: &mut SanitizeBudget) -> SanitizedText {
    match half_escaped::unescape_blocks(value) {
        Some(once) => unescape_and_sanitize(&once, base, budget),
        None => sanitize_within_budget(value, base, budget),
    }
}

/// Markup that was escaped once too often, in whole or in part, as it should have been.
fn unescape_and_sanitize(
    once: &str,
    base: Option<&Url>,
    budget: &mut SanitizeBudget,
) -> SanitizedText {
    let mut body = sanitize_within_budget(once, base, budget);
    let detail = "a text was escaped once too often: it is read once more".to_owned();
    body.losses.push(("escaped-twice", detail));
    body
}

/// The part of the text that is read, and whether something that could be shown is missing: up to the last
/// gap or tag before the limit. Embedded pictures and the like do not count.
fn within_limit(text: &str, kind: TextKind) -> (Cow<'_, str>, bool) {
    if text.len() <= MOST_BYTES {
        return (Cow::Borrowed(text), false);
    }
    let slim = match kind {
        TextKind::Text => Cow::Borrowed(text),
        TextKind::Html | TextKind::Unspecified => Cow::Owned(slim_markup::drop_unshown(text)),
    };
    if slim.len() <= MOST_BYTES {
        return (slim, false);
    }
    let room = &slim[..slim.floor_char_boundary(MOST_BYTES)];
    let end =
        room.rfind(|c: char| c == '>' || c.is_ascii_whitespace()).map_or(room.len(), |at| at + 1);
    (Cow::Owned(room[..end].to_owned()), true)
}

/// A text without markup, in which line breaks may have a meaning.
fn sanitize_plain_text(text: &str, keeps_lines: bool) -> SanitizedText {
    let html = plain_text::text_to_markup(text, keeps_lines);
    SanitizedText { html: non_empty_html(html), ..SanitizedText::default() }
}

fn non_empty_html(html: String) -> Option<SafeHtml> {
    (!html.is_empty()).then(|| SafeHtml::from_trusted(html))
}

fn sanitize_within_budget(
    markup: &str,
    base: Option<&Url>,
    budget: &mut SanitizeBudget,
) -> SanitizedText {
    let Some(left) = budget.left_bytes.checked_sub(markup.len()) else {
        let mut body =
            sanitize_plain_text(&text::strip_tags(markup, TextKind::Html, MOST_BYTES), false);
        let detail = format!("over {MOST_BYTES_OF_FEED} bytes of markup: texts lose their markup");
        body.losses.push(("markup-dropped", detail));
        return body;
    };
    budget.left_bytes = left;
    let rewritten = rewrite::rewrite(markup, base);
    let mut losses = Vec::new();
    if rewritten.is_cut {
        losses.push(("text-cut", "a text that grows when it is resolved: cut".to_owned()));
    }
    if rewritten.flattened_count > 0 {
        let detail = format!("{} tags stand too deep: left out", rewritten.flattened_count);
        losses.push(("nesting-flattened", detail));
    }
    let html = clean_markup(&rewritten.html);
    SanitizedText { html: non_empty_html(html), picture: rewritten.picture, losses }
}

/// The allowed part of the markup. Tests and fuzzers check the short way against the sanitizer.
fn clean_markup(html: &str) -> String {
    let full = || sanitizer().clean(html).to_string();
    let Some(clean) = simple_html::clean_simple(html) else { return full() };
    if cfg!(any(test, fuzzing)) {
        assert_eq!(clean, full(), "the short way differs from the sanitizer for {html}");
    }
    clean
}

/// Whether a value begins like a web address, as `rewrite` writes it.
fn is_web_address(value: &str) -> bool {
    value.starts_with("https://") || value.starts_with("http://")
}

/// The allow-list: the output of `rewrite` and nothing else.
fn sanitizer() -> &'static Builder<'static> {
    static SANITIZER: OnceLock<Builder<'static>> = OnceLock::new();
    SANITIZER.get_or_init(|| {
        let kept = ELEMENTS.iter().filter(|element| element.role.is_kept());
        let mut builder = Builder::default();
        builder
            .tags(kept.map(|element| element.written).collect())
            .clean_content_tags(["script", "style"].into_iter().collect())
            .tag_attributes(
                attributes::ALLOWED
                    .iter()
                    .map(|(element, names)| (*element, names.iter().copied().collect()))
                    .collect(),
            )
            .generic_attributes(attributes::GENERIC.iter().copied().collect())
            .url_schemes(["http", "https", "mailto"].into_iter().collect())
            .url_relative(UrlRelative::Deny)
            // `ammonia` does not take every `cite` for an address.
            .attribute_filter(|_, name, value| {
                let is_allowed = name != "cite" || is_web_address(value);
                is_allowed.then_some(Cow::Borrowed(value))
            });
        builder
    })
}

#[cfg(test)]
mod tests;
