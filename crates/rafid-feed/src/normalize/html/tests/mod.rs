//! Publishers' texts, clean, broken and hostile → the HTML that is kept of them.

mod any_markup;
mod attacks;
mod broken;
mod kept;
mod limits;
mod sanitizer_alone;

use super::*;

fn base() -> Url {
    Url::parse("https://a.example/news/1").unwrap()
}

fn body(kind: TextKind, value: &str) -> SanitizedText {
    let raw = RawText { value: value.to_owned(), kind, ..RawText::default() };
    sanitize_text(&raw, Some(&base()), &mut SanitizeBudget::default())
}

fn html(kind: TextKind, value: &str) -> String {
    body(kind, value).html.map(|html| html.as_str().to_owned()).unwrap_or_default()
}

/// Markup, declared as HTML and undeclared.
fn check(input: &str, expected: &str) {
    assert_eq!(html(TextKind::Html, input), expected, "{input}");
}

/// Scans the result with the same scanner: no tag may contain anything that runs.
fn assert_harmless(shown: &str, input: &str) {
    use crate::markup::{MarkupToken, Scanner};
    for token in Scanner::new(shown) {
        let (MarkupToken::Start(tag) | MarkupToken::End(tag)) = token else {
            assert!(matches!(token, MarkupToken::Text(_)), "{token:?} in {shown} of {input}");
            continue;
        };
        let element = super::super::elements::find_element(tag.name);
        assert!(element.is_some_and(|element| element.role.is_kept()), "{} of {input}", tag.raw);
        for (name, value) in tag.attributes() {
            let named = name == "rel"
                || attributes::GENERIC.contains(&name)
                || attributes::ALLOWED.iter().any(|(_, names)| names.contains(&name));
            assert!(named, "{name} in {} of {input}", tag.raw);
            if matches!(name, "href" | "src" | "cite") {
                let start = value.to_ascii_lowercase();
                let web = ["http://", "https://", "mailto:"].iter().any(|s| start.starts_with(s));
                assert!(web, "{value} in {} of {input}", tag.raw);
            }
        }
    }
}
