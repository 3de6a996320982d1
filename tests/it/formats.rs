//! `docs/formats.md` → whether its table agrees with the code: the roles of elements, the keys of the JSON
//! parser, the fields of entry and feed.
//!
//! The test reads the sources as text, so that it sees every row of tables that are private to the library.

use std::collections::{BTreeMap, BTreeSet};

const PAGE: &str = include_str!("../../docs/formats.md");
const ROLES: &str = include_str!("../../crates/rafid-feed/src/repair/element_roles.rs");
const JSON: &str = include_str!("../../crates/rafid-feed/src/parse/json.rs");
const MODEL: &str = include_str!("../../crates/rafid-feed/src/model/entry.rs");

/// The prefix of each namespace on the page.
const PREFIXES: &[(&str, &str)] = &[
    ("Core", ""),
    ("Rdf", "rdf:"),
    ("Dc", "dc:"),
    ("DcTerms", "dcterms:"),
    ("Content", "content:"),
    ("Media", "media:"),
    ("Itunes", "itunes:"),
    ("Podcast", "podcast:"),
    ("Chapters", "psc:"),
    ("Syndication", "sy:"),
    ("Slash", "slash:"),
    ("CommentApi", "wfw:"),
    ("Thread", "thr:"),
    ("GeoRss", "georss:"),
    ("Geo", "geo:"),
    ("Gml", "gml:"),
    ("Xhtml", "xhtml:"),
    ("Licence", "cc:"),
    ("FeedBurner", "feedburner:"),
    ("Prism", "prism:"),
    ("Sitemap", "sitemap:"),
    ("News", "news:"),
    ("SitemapImage", "image:"),
];

/// Fields of an entry or feed that no single element fills; the notes of the page describe them.
const FIELDS_WITHOUT_ELEMENT: &[&str] =
    &["date_order", "direction", "identity", "page", "warnings"];

/// Strings of the JSON parser that look like keys: the version, relations of links, a kind of value.
const NOT_JSON_KEYS: &[&str] = &["alternate", "hub", "next", "related", "self", "version"];

/// The rows of the page's table by their role, as cells.
fn page_rows() -> BTreeMap<String, Vec<&'static str>> {
    let rows = PAGE.lines().skip_while(|line| !line.starts_with("| role |")).skip(2);
    let rows = rows.take_while(|line| line.starts_with('|'));
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split(" | ").map(str::trim).collect();
        assert_eq!(cells.len(), 9, "cells of {row}");
        (cells[0].trim_matches('`').to_owned(), cells)
    })
    .collect()
}

/// The words in backticks of a column.
fn quoted_in_column(column: usize) -> BTreeSet<&'static str> {
    let rows = page_rows();
    rows.values().flat_map(|cells| cells[column].split('`').skip(1).step_by(2)).collect()
}

/// `CommentsFeed` → `comments_feed`.
fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// The elements of every role, by rank, as the table of roles has them.
fn roles_in_code() -> BTreeMap<String, BTreeMap<u8, Vec<String>>> {
    let (_, table) = ROLES.split_once("const ROLES").unwrap();
    let (table, _) = table.split_once("];").unwrap();
    let mut roles: BTreeMap<String, BTreeMap<u8, Vec<String>>> = BTreeMap::new();
    for row in table.split("(Namespace::").skip(1) {
        let mut parts = row.splitn(3, ',').map(str::trim);
        let (namespace, name, role) =
            (parts.next().unwrap(), parts.next().unwrap().trim_matches('"'), parts.next().unwrap());
        let prefix = PREFIXES.iter().find(|(known, _)| *known == namespace);
        let prefix = prefix.unwrap_or_else(|| panic!("no prefix for {namespace}")).1;
        // `Text(F::Title, 0)`, `Container(ContainerElement::Person)`, `Group`: the last name counts.
        let role = role.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, ')' | ','));
        let (role, rank) = match role.rsplit_once(", ") {
            Some((role, rank)) => (role, rank.parse().unwrap()),
            None => (role, 0),
        };
        let role = role.rsplit([':', '(']).next().unwrap();
        let ranks = roles.entry(snake_case(role)).or_default();
        ranks.entry(rank).or_default().push(format!("`{prefix}{name}`"));
    }
    roles
}

/// The public fields of a struct of the model.
fn fields_of(name: &str) -> BTreeSet<&'static str> {
    let (_, body) = MODEL.split_once(&format!("pub struct {name} {{")).unwrap();
    let (body, _) = body.split_once("\n}").unwrap();
    let fields = body.lines().filter_map(|line| line.trim().strip_prefix("pub "));
    fields.filter_map(|field| Some(field.split_once(':')?.0)).collect()
}

#[test]
fn the_page_and_the_table_of_roles_have_the_same_elements() {
    let (page, code) = (page_rows(), roles_in_code());
    assert!(code.len() > 30, "the table of roles was read");
    assert_eq!(page.keys().collect::<Vec<_>>(), code.keys().collect::<Vec<_>>(), "the roles");
    for (role, ranks) in code {
        let expected: Vec<String> = ranks.values().map(|names| names.join(", ")).collect();
        assert_eq!(page[&role][1], expected.join("; "), "the elements of {role}");
    }
}

#[test]
fn the_page_and_the_json_parser_have_the_same_keys() {
    let code = JSON.split("#[cfg(test)]").next().unwrap();
    let strings = code.split('"').skip(1).step_by(2);
    let is_key = |text: &&str| {
        !text.is_empty() && text.bytes().all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    };
    let mut keys: BTreeSet<&str> = strings.filter(is_key).collect();
    for other in NOT_JSON_KEYS {
        assert!(keys.remove(other), "{other} is not in the parser");
    }
    assert_eq!(quoted_in_column(2), keys);
}

#[test]
fn the_page_and_the_model_have_the_same_fields() {
    for (name, column) in [("Entry", 3), ("Feed", 4)] {
        let mut fields = fields_of(name);
        fields.retain(|field| !FIELDS_WITHOUT_ELEMENT.contains(field));
        assert_eq!(quoted_in_column(column), fields, "{name}");
    }
}
