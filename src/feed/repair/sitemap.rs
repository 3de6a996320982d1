//! A sitemap → whether it tells news (Google's news sitemaps do), and whose news they are. Its
//! addresses are entries, and are walked like those of any feed.

use super::entities::Entities;
use super::facts::{Facts, Text};
use super::names::split;
use super::roles::Field;
use super::tokens::{Token, Tokens};
use crate::feed::model::TextKind;

/// Whether a sitemap tells news: an address with `news:news`, or no address at all where news are
/// declared (a publisher that was silent for two days serves that).
pub(super) fn tells_news(text: &str, root_at: usize) -> bool {
    let text = text.get(root_at..).unwrap_or_default();
    let mut is_empty = true;
    for (_, token) in Tokens::of(text) {
        if let Token::Start { name, .. } = token {
            let local = split(name).1;
            if local.eq_ignore_ascii_case("news") {
                return true;
            }
            is_empty &= !local.eq_ignore_ascii_case("url");
        }
    }
    is_empty && text.contains("schemas/sitemap-news")
}

/// Says about the feed what its entries say of their publication: the first name and language.
pub(super) fn name_publication(text: &str, root_at: usize, feed: &mut Facts<'_>) {
    let mut entities = Entities::default();
    let mut open = None;
    let (mut name, mut language) = (None, None);
    for (_, token) in Tokens::of(text.get(root_at..).unwrap_or_default()) {
        let words = match token {
            Token::Start { name, .. } => {
                open = field_of(name);
                continue;
            }
            Token::End(_) => {
                open = None;
                continue;
            }
            Token::Text(words) if open.is_some() => entities.resolve(words),
            Token::Cdata(words) => words.into(),
            _ => continue,
        };
        let words = Some(words.trim()).filter(|words| !words.is_empty()).map(ToOwned::to_owned);
        match open {
            Some(Field::Title) => name = name.or(words),
            Some(_) => language = language.or(words),
            None => {}
        }
        if name.is_some() && language.is_some() {
            break;
        }
    }
    if let Some(name) = name {
        feed.title.offer(0, text_of(name));
    }
    if let Some(language) = language {
        feed.word(Field::Language, 0, language.into());
    }
}

fn field_of(name: &str) -> Option<Field> {
    let (prefix, local) = split(name);
    match local.to_ascii_lowercase().as_str() {
        "name" if !prefix.is_empty() => Some(Field::Title),
        "language" if !prefix.is_empty() => Some(Field::Language),
        _ => None,
    }
}

fn text_of(value: String) -> Text<'static> {
    Text {
        value: value.into(),
        kind: TextKind::Unsaid,
        language: None,
        direction: None,
        base: None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{RepairError, repair};
    use super::*;

    #[test]
    fn sitemaps_with_and_without_news() {
        let check = |inside: &str, expected: bool| {
            assert_eq!(tells_news(inside, 0), expected, "{inside}");
        };
        let declared = "<urlset xmlns:n='http://www.google.com/schemas/sitemap-news/0.9'>";
        check(&format!("{declared}<url><loc>x</loc><n:news/></url>"), true);
        check(&format!("{declared}</urlset>"), true);
        check(&format!("{declared}<url><loc>x</loc></url>"), false);
        check("<urlset></urlset>", false);
        check("<urlset><URL><news:NEWS>", true);
        assert_eq!(repair("<urlset><url><loc>x</loc></url></urlset>"), Err(RepairError::Sitemap));
    }

    #[test]
    fn the_first_publication_names_the_feed() {
        let mut feed = Facts::default();
        let text = "<urlset><url><news:news><news:publication><news:name> أ &amp; ب </news:name>\
                    <news:language>ar</news:language></news:publication></news:news></url>\
                    <url><news:name>ج</news:name></url>";
        name_publication(text, 0, &mut feed);
        assert_eq!(feed.title.take().map(|title| title.value.into_owned()), Some("أ & ب".into()));
        assert_eq!(feed.take_word(Field::Language).as_deref(), Some("ar"));
    }
}
