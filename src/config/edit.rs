//! The text of a config and new sources → the text with these sources, and everything else byte for
//! byte as it was: comments, order, spelling.
//!
//! Every edit is verified: the new text is parsed, and must hold the values of the old one plus the new
//! sources.

use std::ops::Range;
use std::path::Path;

use rafid_feed::model::Language;
use toml_edit::{Document, Value};

use super::line_index::line_and_column;
use super::source_address;
use crate::model::{Category, SourceId};

/// Some editors write this before the first line.
pub(super) const BOM: char = '\u{FEFF}';

/// The text of a new file: the main settings as comments, no source.
pub fn starter_config() -> &'static str {
    include_str!("starter.toml")
}

/// A source to be written. Values that the configuration would refuse are left out, except the address.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSource {
    /// The address of the feed.
    pub url: String,
    /// Its permanent name; `None`: it follows from the address.
    pub id: Option<String>,
    /// The name to show.
    pub name: Option<String>,
    /// The categories.
    pub categories: Vec<String>,
    /// The publisher's page.
    pub site: Option<String>,
    /// The language of its entries.
    pub language: Option<String>,
}

/// Why a text was not edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// The text is no TOML.
    #[error("the file is no TOML: {reason} on line {line}")]
    Broken {
        /// The line, from 1.
        line: usize,
        /// What the parser found.
        reason: String,
    },
    /// The address of a new source is wrong. It is not repeated, since it may hold a password.
    #[error("the url of the new source number {number}: {reason}")]
    Url {
        /// Which of them, from 1.
        number: usize,
        /// What was found and expected.
        reason: String,
    },
    /// The sources are written in a way that cannot be edited.
    #[error(
        "the file writes its sources in an unusual way, expected [[source]] tables: edit it by hand"
    )]
    UnsupportedLayout,
    /// A key is written as a table of its own.
    #[error("`{key}` is written as a table of its own: change it with `rafid edit`")]
    TableKey {
        /// The key.
        key: &'static str,
    },
}

/// Appends the sources to the text, each as a `[[source]]` of its own after a blank line. The new text
/// begins with the old one. Duplicate ids and addresses are not checked here but by `parse`.
///
/// # Errors
/// When the text is broken or unusual, and when an address is wrong.
pub fn append_sources(text: &str, sources: &[NewSource]) -> Result<String, EditError> {
    let before = parse_values(text)?;
    if sources.is_empty() {
        return Ok(text.to_owned());
    }
    let mut blocks = String::new();
    for (index, source) in sources.iter().enumerate() {
        let number = index + 1;
        source_address::parse_source_address(source.url.trim(), Path::new("/"))
            .map_err(|bad| EditError::Url { number, reason: bad.reason })?;
        blocks.push('\n');
        blocks.push_str(&source_block(source));
    }
    if text.trim_start_matches(BOM).is_empty() || text.ends_with("\n\n") {
        blocks = blocks.trim_start().to_owned();
    } else if !text.ends_with('\n') {
        blocks.insert(0, '\n');
    }
    if text.contains("\r\n") {
        blocks = blocks.replace('\n', "\r\n");
    }
    let edited = format!("{text}{blocks}");
    let after = parse_values(&edited).map_err(|_| EditError::UnsupportedLayout)?;
    let kept = after.sources.get(..before.sources.len()) == Some(before.sources.as_slice())
        && after.sources.len() == before.sources.len() + sources.len()
        && after.others == before.others;
    if kept { Ok(edited) } else { Err(EditError::UnsupportedLayout) }
}

/// The values of a text, for comparing.
#[derive(PartialEq)]
pub(super) struct ComparedValues {
    /// The sources, in the order of the text.
    pub(super) sources: Vec<toml::Value>,
    /// Everything else.
    others: toml::Table,
}

/// A text with the places of its values.
pub(super) fn parse_document(text: &str) -> Result<Document<&str>, EditError> {
    Document::parse(text).map_err(|error| broken_text(text, error.span(), error.message()))
}

fn broken_text(text: &str, place: Option<Range<usize>>, reason: &str) -> EditError {
    let (line, _) = line_and_column(text, place.map_or(0, |place| place.start));
    EditError::Broken { line, reason: reason.to_owned() }
}

/// The values of a text.
pub(super) fn parse_values(text: &str) -> Result<ComparedValues, EditError> {
    let mut others: toml::Table =
        toml::from_str(text).map_err(|error| broken_text(text, error.span(), error.message()))?;
    let sources = match others.remove("source") {
        None => Vec::new(),
        Some(toml::Value::Array(sources)) => sources,
        Some(_) => return Err(EditError::UnsupportedLayout),
    };
    Ok(ComparedValues { sources, others })
}

fn source_block(source: &NewSource) -> String {
    let line = |text: &Option<String>| {
        let text: String =
            text.as_deref()?.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let words: Vec<_> = text.split_whitespace().collect();
        // The limit of a line in the configuration.
        Some(words.join(" ").chars().take(500).collect::<String>()).filter(|line| !line.is_empty())
    };
    let web = |text: &String| {
        url::Url::parse(text).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
    };
    let categories = source.categories.iter().filter_map(|name| line(&Some(name.clone())));
    let categories: Vec<String> = categories.filter(|it| Category::new(it).is_some()).collect();
    let keys = [
        ("url", Some(source.url.trim().to_owned())),
        ("id", source.id.clone().filter(|id| SourceId::new(id).is_ok())),
        ("name", line(&source.name)),
        ("category", categories.first().filter(|_| categories.len() == 1).cloned()),
        ("site", source.site.clone().filter(web)),
        ("language", source.language.clone().filter(|tag| Language::parse(tag).is_some())),
    ];
    let mut block = String::from("[[source]]\n");
    for (key, value) in keys {
        if let Some(value) = value {
            block.extend([key, " = ", &Value::from(value).to_string(), "\n"]);
        }
    }
    if categories.len() > 1 {
        let list: toml_edit::Array = categories.into_iter().collect();
        block.extend(["categories = ", &Value::from(list).to_string(), "\n"]);
    }
    block
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# أعلى الملف

[site]
title = 'س'   # بقي كما هو

# ── قسم ──

# عن الأول
[[source]]
id   = \"a\"  # تعليق
url = \"https://a.example/\"

# عن الثاني
# في سطرين
[[source]]
url = \"https://b.example/feed\"
[source.headers]
X-Token = \"t\"

[[source]]
id = \"c\"
url = \"https://c.example/\"
# آخر الملف
";

    fn new(url: &str) -> NewSource {
        NewSource { url: url.into(), ..NewSource::default() }
    }

    fn appended(text: &str, sources: &[NewSource], expected: &str) {
        assert_eq!(append_sources(text, sources).unwrap(), format!("{text}{expected}"), "{text:?}");
    }

    #[test]
    fn sources_are_written_at_the_end() {
        let one = [new("https://n.example/")];
        let block = "[[source]]\nurl = \"https://n.example/\"\n";
        appended("", &one, block);
        appended("# س", &one, &format!("\n\n{block}"));
        appended("# س\n", &one, &format!("\n{block}"));
        appended("# س\n\n", &one, block);
        appended("# س\r\n", &one, &format!("\n{block}").replace('\n', "\r\n"));
        appended(FILE, &one, &format!("\n{block}"));
        appended("", &[one[0].clone(), one[0].clone()], &format!("{block}\n{block}"));
        appended("# س", &[], "");
        let whole = NewSource {
            url: " https://n.example/ ".into(),
            id: Some("n".into()),
            name: Some("قال «هذا» \"ذاك\"\n وسكت".into()),
            categories: vec!["أخبار".into()],
            site: Some("https://n.example/".into()),
            language: Some("ar".into()),
        };
        appended(
            "",
            &[whole],
            "[[source]]\nurl = \"https://n.example/\"\nid = \"n\"\nname = 'قال «هذا» \"ذاك\" وسكت'\n\
             category = \"أخبار\"\nsite = \"https://n.example/\"\nlanguage = \"ar\"\n",
        );
    }

    #[test]
    fn several_categories_are_a_list() {
        let categories = ["اقتصاد", "!", "قال \"ذاك\""].map(ToOwned::to_owned).to_vec();
        let source = NewSource { categories, ..new("https://n.example/") };
        let list = "categories = [\"اقتصاد\", 'قال \"ذاك\"']";
        appended("", &[source], &format!("[[source]]\nurl = \"https://n.example/\"\n{list}\n"));
    }

    #[test]
    fn values_that_the_configuration_would_refuse_are_left_out() {
        let odd = NewSource {
            url: "https://n.example/".into(),
            id: Some("N N".into()),
            name: Some(" \n ".into()),
            categories: vec!["!".into()],
            site: Some("javascript:x".into()),
            language: Some("لغة".into()),
        };
        appended("", &[odd], "[[source]]\nurl = \"https://n.example/\"\n");
    }

    #[test]
    fn a_text_that_cannot_be_edited_is_refused() {
        let append = |text: &str| append_sources(text, &[new("https://n.example/")]).unwrap_err();
        let broken = append("[site]\ntitle = س\n");
        assert!(matches!(broken, EditError::Broken { line: 2, .. }), "{broken}");
        assert_eq!(append("source = []"), EditError::UnsupportedLayout);
        assert_eq!(append("source = 1"), EditError::UnsupportedLayout);
        assert_eq!(append("[source]"), EditError::UnsupportedLayout);
        let bad = append_sources("", &[new("https://a/"), new("n.example")]).unwrap_err();
        assert_eq!(
            bad.to_string(),
            "the url of the new source number 2: this is no address: relative URL without a base"
        );
    }
}
