//! People and categories as written → those to show, without repeats.

use url::Url;

use super::{absolute_url, text};
use crate::arabic::MatchKey;
use crate::model::{Person, PlainText, RawCategory, RawPerson};

/// The most authors of one entry; a longer list does not name authors.
const MOST_AUTHORS: usize = 32;
/// The most categories of one entry; some publishers add a hundred search words.
const MOST_CATEGORIES: usize = 32;

/// The authors, in their order. A person with a page but no name is shown by the host of the page;
/// an email address alone must not be shown.
pub(super) fn normalize_authors(people: &[RawPerson], base: Option<&Url>) -> Vec<Person> {
    let mut found: Vec<Person> = Vec::new();
    for raw in people.iter().take(MOST_AUTHORS) {
        let url = raw.url.as_deref().and_then(|url| absolute_url::absolute_web_url(url, base));
        let name = text::plain_text_of_words(raw.name.as_deref()).or_else(|| {
            text::plain_text_of_words(absolute_url::display_host(url.as_deref()?).as_deref())
        });
        let Some(name) = name else { continue };
        match found.iter_mut().find(|known| known.name == name) {
            Some(known) => known.url = known.url.take().or(url),
            None => found.push(Person { name, url }),
        }
    }
    found
}

/// The categories, in their order, one of each spelling.
pub(super) fn normalize_categories(raw: &[RawCategory]) -> Vec<PlainText> {
    let mut keys: Vec<MatchKey> = Vec::new();
    let mut found = Vec::new();
    for category in raw {
        let words = text::plain_text_of_words(category.label.as_deref())
            .or_else(|| text::plain_text_of_words(Some(&category.term)));
        let Some(words) = words else { continue };
        let key = MatchKey::of(words.as_str());
        if key.is_empty() || keys.contains(&key) {
            continue;
        }
        if raw.len() > 1 {
            keys.push(key);
        }
        found.push(words);
        if found.len() == MOST_CATEGORIES {
            break;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn authors_have_names() {
        let person = |name: &str, email: &str, url: &str| {
            let non_empty = |words: &str| (!words.is_empty()).then(|| words.to_owned());
            RawPerson { name: non_empty(name), email: non_empty(email), url: non_empty(url) }
        };
        let people = [
            person(" سمر <b>حداد</b> ", "s@a.example", ""),
            person("", "x@a.example", ""),
            person("", "", "https://www.b.example/me"),
            person("سمر حداد", "", "/samar"),
            person("&quot;وكالة&quot;", "", "javascript:x"),
        ];
        let base = Url::parse("https://a.example/").unwrap();
        let found = normalize_authors(&people, Some(&base));
        let shown: Vec<_> = found.iter().map(|p| (p.name.as_str(), p.url.as_deref())).collect();
        assert_eq!(
            shown,
            [
                ("سمر حداد", Some("https://a.example/samar")),
                ("b.example", Some("https://www.b.example/me")),
                ("\"وكالة\"", None),
            ]
        );
        assert_eq!(normalize_authors(&vec![person("x", "", ""); 10_000], None).len(), 1);
    }

    #[test]
    fn categories_have_no_repeats() {
        let check = |terms: &[&str], expected: &[&str]| {
            let raw: Vec<RawCategory> = terms
                .iter()
                .map(|term| RawCategory { term: (*term).to_owned(), ..RawCategory::default() })
                .collect();
            let found = normalize_categories(&raw);
            let shown: Vec<&str> = found.iter().map(PlainText::as_str).collect();
            assert_eq!(shown, expected, "{terms:?}");
        };
        check(&["أخبار", "اخبار ", "اقتصاد", "أخـبار", "", "…"], &["أخبار", "اقتصاد"]);
        check(&["R&amp;D"], &["R&D"]);
        let many: Vec<String> = (0..100).map(|n| format!("c{n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        check(&many, &many[..MOST_CATEGORIES]);
        let labelled = RawCategory {
            term: "econ".into(),
            label: Some("اقتصاد".into()),
            ..RawCategory::default()
        };
        assert_eq!(normalize_categories(&[labelled])[0].as_str(), "اقتصاد");
    }
}
