//! The feeds of the last copy, and those that a list names now → feeds with permanent ids. A feed keeps its id for as
//! long as it is in the list, whatever comes and goes beside it: the id of a new feed is made of the id of the list
//! and of its address, with a hash of the whole address where another feed has that id.

use std::collections::{BTreeMap, BTreeSet};

use rafid_feed::normalize::to_line;
use rafid_feed::opml::Outline;

use crate::config::source_address::{ID_LETTERS, SourceAddress, hashed_id, parse_source_address};
use crate::model::{ListedFeed, SourceId};

/// A longer text is no name; the rest of it is left out.
const NAME_LETTERS: usize = 200;

/// The feeds of a list with their ids, each address once. `before` are those of the last copy.
pub(super) fn identify_feeds(
    list: &SourceId,
    before: &[ListedFeed],
    outlines: Vec<Outline>,
) -> Vec<ListedFeed> {
    let known: BTreeMap<String, &SourceId> = before
        .iter()
        .filter_map(|feed| Some((address_of(&feed.url)?.canonical, &feed.id)))
        .collect();
    let outlines: Vec<(SourceAddress, Outline)> = outlines
        .into_iter()
        .filter_map(|outline| Some((address_of(&outline.url)?, outline)))
        .collect();
    let kept = outlines.iter().filter_map(|(address, _)| known.get(&address.canonical));
    let mut taken: BTreeSet<SourceId> = kept.map(|id| (*id).clone()).collect();
    let mut positions: BTreeMap<String, usize> = BTreeMap::new();
    let mut feeds: Vec<ListedFeed> = Vec::new();
    for (address, outline) in outlines {
        let first = positions.get(&address.canonical).and_then(|at| feeds.get_mut(*at));
        if let Some(first) = first {
            add_missing_categories(&mut first.categories, category_names(&outline.categories));
            continue;
        }
        let id = match known.get(&address.canonical) {
            Some(id) => (*id).clone(),
            None => new_feed_id(list, &address, &taken),
        };
        taken.insert(id.clone());
        positions.insert(address.canonical, feeds.len());
        feeds.push(listed_feed(id, outline));
    }
    feeds
}

fn address_of(url: &str) -> Option<SourceAddress> {
    parse_source_address(url, std::path::Path::new("/")).ok()
}

/// A feed in several folders has all of them.
fn add_missing_categories(categories: &mut Vec<String>, more: Vec<String>) {
    for name in more {
        if !categories.contains(&name) {
            categories.push(name);
        }
    }
}

/// The texts of a list are those of a stranger: what is shown of them is one line without what breaks other texts.
fn listed_feed(id: SourceId, outline: Outline) -> ListedFeed {
    ListedFeed {
        id,
        url: outline.url,
        title: short_line(&outline.title),
        site: outline.site_url,
        categories: category_names(&outline.categories),
        language: outline.language,
    }
}

/// A name without a letter or a digit makes no category.
fn category_names(folders: &[String]) -> Vec<String> {
    let names = folders.iter().map(|name| short_line(name));
    names.filter(|name| name.contains(char::is_alphanumeric)).collect()
}

fn short_line(text: &str) -> String {
    let start = text
        .char_indices()
        .nth(NAME_LETTERS)
        .map_or(text, |(end, _)| text.get(..end).unwrap_or(text));
    to_line(start).as_str().to_owned()
}

/// An id that no feed of the list has: two addresses have no hashed id in common.
#[expect(clippy::expect_used, reason = "an id and a hash are an id")]
fn new_feed_id(list: &SourceId, address: &SourceAddress, taken: &BTreeSet<SourceId>) -> SourceId {
    let made = address.id.as_ref().map_or("feed", SourceId::as_str);
    let whole = format!("{list}-{made}");
    let plain = SourceId::new(&whole).ok().filter(|id| address.id.is_some() && !taken.contains(id));
    let hashed = || hashed_id(&whole, &address.canonical, ID_LETTERS);
    plain.or_else(hashed).expect("it begins with the id of the list")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(url: &str) -> Outline {
        Outline { url: url.to_owned(), ..Outline::default() }
    }

    fn identify(before: &[ListedFeed], urls: &[&str]) -> Vec<ListedFeed> {
        let list = SourceId::new("dawn").unwrap();
        identify_feeds(&list, before, urls.iter().map(|url| outline(url)).collect())
    }

    fn ids(feeds: &[ListedFeed]) -> Vec<&str> {
        feeds.iter().map(|feed| feed.id.as_str()).collect()
    }

    #[test]
    fn a_feed_keeps_its_id_whatever_comes_and_goes() {
        let (one, two, three) =
            ("https://a.example/feed", "https://a.example/rss", "https://b.example/x");
        let first = identify(&[], &[one, two, three]);
        let [a, a_too, b] = ids(&first)[..] else { panic!("{first:?}") };
        assert_eq!((a, b), ("dawn-a-example", "dawn-b-example-x"));
        assert!(a_too.starts_with("dawn-a-example-") && a_too.len() == "dawn-a-example-".len() + 8);
        // The order does not matter, nor does the feed that had the shorter id.
        assert_eq!(ids(&identify(&first, &[three, two, one])), [b, a_too, a]);
        let without = identify(&first, &[two, three]);
        assert_eq!(ids(&without), [a_too, b]);
        assert_eq!(ids(&identify(&without, &[two, one])), [a_too, a]);
        // The same feed under https, with another name.
        let renamed = Outline {
            title: " اسم\n جديد ".to_owned(),
            ..outline("http://www.b.example/x/")
        };
        let list = SourceId::new("dawn").unwrap();
        let moved = identify_feeds(&list, &without, vec![renamed]);
        assert_eq!((ids(&moved), moved[0].title.as_str()), (vec![b], "اسم جديد"));
    }

    #[test]
    fn an_address_is_one_feed_in_all_its_folders() {
        let folder = |url: &str, name: &str| Outline {
            categories: vec![name.to_owned(), "كل".to_owned()],
            ..outline(url)
        };
        let list = SourceId::new("dawn").unwrap();
        let outlines =
            vec![folder("https://a.example/", "علوم"), folder("http://a.example", "صحة")];
        let feeds = identify_feeds(&list, &[], outlines);
        assert_eq!(feeds.len(), 1);
        assert_eq!(feeds[0].categories, ["علوم", "كل", "صحة"]);
    }

    #[test]
    fn names_are_lines_that_break_nothing() {
        let hostile = Outline {
            title: format!("\u{202E}أ\u{1b}[31mب\u{FFFE}\n{}", "ج".repeat(300)),
            categories: vec!["\u{202E}\t".to_owned(), "ع\u{0}لوم".to_owned()],
            ..outline("https://a.example/")
        };
        let list = SourceId::new("dawn").unwrap();
        let feed = identify_feeds(&list, &[], vec![hostile]).remove(0);
        let is_balanced =
            feed.title.matches('\u{202E}').count() == feed.title.matches('\u{202C}').count();
        assert!(
            is_balanced && !feed.title.contains(['\u{1b}', '\u{FFFE}', '\n']),
            "{:?}",
            feed.title
        );
        assert!(feed.title.chars().count() <= NAME_LETTERS + 1, "{:?}", feed.title);
        assert_eq!(feed.categories, ["علوم"]);
    }

    #[test]
    fn every_address_has_an_id() {
        let long = format!("https://a.example/{}", "x/".repeat(60));
        let feeds = identify(&[], &[&long, &format!("{long}y"), "https://a.example/%ff?"]);
        let ids: BTreeSet<&str> = ids(&feeds).into_iter().collect();
        assert_eq!(ids.len(), 3);
        assert!(ids.iter().all(|id| id.chars().count() <= ID_LETTERS));
    }
}
