//! A feed's title, the operator's name for it and its hosts → the names of the site: a category or
//! the end of a title that only repeats one of them is meaningless.

use url::Url;

use super::SourceHints;
use crate::arabic::MatchKey;
use crate::model::PlainText;

/// The signs that may separate a title from the name of its site. A dash must be between spaces.
const SEPARATORS: [char; 7] = ['|', '¦', '-', '–', '—', ':', '•'];
/// The most separators that are tried, from the end of the title: names of sites contain some, too.
const MOST_SEPARATORS: usize = 4;

/// The names of a site.
#[derive(Debug, Default)]
pub(super) struct SiteNames(Vec<MatchKey>);

impl SiteNames {
    /// Collects the names of a feed's site.
    pub(super) fn collect(
        title: Option<&PlainText>,
        site: Option<&str>,
        hints: &SourceHints<'_>,
    ) -> Self {
        let mut names = Self::default();
        for name in title.map(PlainText::as_str).into_iter().chain(hints.name) {
            names.add(name);
        }
        let site = site.and_then(|site| Url::parse(site).ok());
        for host in site.iter().chain(hints.url).filter_map(Url::host_str) {
            names.add(host);
            for prefix in ["www.", "m."] {
                host.strip_prefix(prefix).into_iter().for_each(|bare| names.add(bare));
            }
        }
        names
    }

    fn add(&mut self, name: &str) {
        let key = MatchKey::of(name);
        if !key.is_empty() && !self.0.contains(&key) {
            self.0.push(key);
        }
    }

    /// Whether a key is one of the names.
    pub(super) fn contains(&self, key: &MatchKey) -> bool {
        self.0.contains(key)
    }

    /// A title without the site's name at its end; unchanged if it does not end so, or contains
    /// nothing else.
    pub(super) fn without_name<'a>(&self, title: &'a str) -> &'a str {
        // Most titles contain no separator: two bytes begin those that are not ASCII.
        if !title.bytes().any(|byte| matches!(byte, b'|' | b'-' | b':' | 0xC2 | 0xE2)) {
            return title;
        }
        for (at, separator) in title.rmatch_indices(SEPARATORS).take(MOST_SEPARATORS) {
            let (head, tail) = (&title[..at], &title[at + separator.len()..]);
            let before = head.trim_end_matches(SEPARATORS);
            let is_between_spaces =
                before.ends_with(char::is_whitespace) && tail.starts_with(char::is_whitespace);
            let parts = is_between_spaces || !matches!(separator, "-" | "–" | "—" | ":");
            if parts && self.contains(&MatchKey::of(tail)) {
                let head =
                    head.trim_end_matches(|c: char| c.is_whitespace() || SEPARATORS.contains(&c));
                return if head.is_empty() { title } else { head };
            }
        }
        title
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> SiteNames {
        let url = Url::parse("https://www.sindiyan.example/rss").unwrap();
        let hints =
            SourceHints { url: Some(&url), name: Some("السنديان"), ..Default::default() };
        let title = PlainText::from_trusted("صدى السنديان - أخبار المدينة".to_owned());
        SiteNames::collect(Some(&title), Some("https://m.sindiyan.example/"), &hints)
    }

    #[test]
    fn titles_lose_only_the_name_of_their_site() {
        let check = |title: &str, expected: &str| {
            assert_eq!(names().without_name(title), expected, "{title}");
        };
        for end in [
            " | السنديان",
            "| السنديان",
            " - السنديان",
            " – السنديان",
            " — السّنديان",
            " :: السنديان",
            " : السنديان",
            " • السنديان",
            " | صدى السنديان - أخبار المدينة",
            " - صدى السنديان - أخبار المدينة",
            " | sindiyan.example",
            " - WWW.Sindiyan.Example",
        ] {
            check(&format!("افتتاح المكتبة{end}"), "افتتاح المكتبة");
        }
        check("افتتاح المكتبة - فيديو | السنديان", "افتتاح المكتبة - فيديو");
        for title in [
            "افتتاح المكتبة - الميناء",
            "افتتاح المكتبة | صدى",
            "افتتاح المكتبة - أخبار المدينة",
            "افتتاح المكتبة -السنديان",
            "الوزير: السنديان",
            "افتتاح السنديان",
            "السنديان",
            "| السنديان",
            " - السنديان | ",
            "السنديان - افتتاح المكتبة",
            "",
        ] {
            check(title, title);
        }
    }

    #[test]
    fn without_a_site_name_titles_are_unchanged() {
        let names = SiteNames::collect(None, None, &SourceHints::default());
        assert_eq!(names.without_name("أ | ب"), "أ | ب");
        assert_eq!(names.without_name("أ | "), "أ | ");
    }
}
