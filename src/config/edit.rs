//! The text of a config and a wish → the text with the wish done, and everything else byte for byte
//! as it was: comments, order, spelling.
//!
//! Nothing is edited on trust: the new text is read again, and must say what the old one said plus
//! or minus the sources in question.

use std::ops::Range;
use std::path::Path;

use toml_edit::{Document, Item, Table, Value};

use crate::feed::model::{Category, Language, SourceId};

use super::{address, report};

/// What some editors write before the first line.
const BOM: char = '\u{FEFF}';

/// The text of a new file: what can be said, as comments; no source.
pub fn template() -> &'static str {
    include_str!("starter.toml")
}

/// A source to be written. Whatever the config would refuse is left out, the address excepted.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NewSource {
    /// The address of the feed.
    pub url: String,
    /// The name it keeps for ever; `None`: it follows from the address.
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
    /// The text is broken already.
    #[error("the file is no TOML: {reason} on line {line}")]
    Broken {
        /// The line, from 1.
        line: usize,
        /// What the parser found.
        reason: String,
    },
    /// The address of a new source is none. It is not repeated, it may hold a password.
    #[error("the url of the new source number {number}: {reason}")]
    Url {
        /// Which of them, from 1.
        number: usize,
        /// What was found and expected.
        reason: String,
    },
    /// No source has this id.
    #[error("there is no source with the id `{0}`")]
    Unknown(String),
    /// The sources are written in a way that is not edited.
    #[error(
        "the file writes its sources in an unusual way, expected [[source]] tables: edit it by hand"
    )]
    Unusual,
}

/// Writes the sources behind the text, each as a `[[source]]` of its own with a blank line before
/// it. The old text is the beginning of the new one. Whether an id or an address stands there
/// already is `parse`'s question.
///
/// # Errors
/// When the text is broken or unusual, and when an address is none.
pub fn append_sources(text: &str, sources: &[NewSource]) -> Result<String, EditError> {
    let before = values(text)?;
    if sources.is_empty() {
        return Ok(text.to_owned());
    }
    let mut blocks = String::new();
    for (index, source) in sources.iter().enumerate() {
        let number = index + 1;
        address::read(source.url.trim(), Path::new("/"))
            .map_err(|bad| EditError::Url { number, reason: bad.reason })?;
        blocks.push('\n');
        blocks.push_str(&block(source));
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
    let after = values(&edited).map_err(|_| EditError::Unusual)?;
    let kept = after.sources.get(..before.sources.len()) == Some(before.sources.as_slice())
        && after.sources.len() == before.sources.len() + sources.len()
        && after.others == before.others;
    if kept { Ok(edited) } else { Err(EditError::Unusual) }
}

/// Takes the source with this id out of the text, with the comment lines that stand directly above
/// it; comments at the top of the file, and those behind a blank line, stay.
///
/// # Errors
/// When the text is broken or unusual, and when no source has the id.
pub fn remove_source(text: &str, id: &str) -> Result<String, EditError> {
    let mut expected = values(text)?;
    let document = Document::parse(text).map_err(|_| EditError::Unusual)?;
    let tables = match document.get("source") {
        Some(Item::ArrayOfTables(tables)) => tables,
        Some(_) => return Err(EditError::Unusual),
        None => return Err(EditError::Unknown(id.to_owned())),
    };
    let found = tables.iter().enumerate().find(|(_, table)| has_id(table, id));
    let (index, table) = found.ok_or_else(|| EditError::Unknown(id.to_owned()))?;
    let range = lines_of(text, table).ok_or(EditError::Unusual)?;
    let (before, after) = (text.get(..range.start), text.get(range.end..));
    let edited = [before.unwrap_or_default(), after.unwrap_or_default()].concat();
    expected.sources.remove(index);
    let kept = values(&edited).is_ok_and(|values| values == expected);
    if kept { Ok(edited) } else { Err(EditError::Unusual) }
}

/// What a text says, for comparing.
#[derive(PartialEq)]
struct Values {
    sources: Vec<toml::Value>,
    others: toml::Table,
}

fn values(text: &str) -> Result<Values, EditError> {
    let mut others: toml::Table = toml::from_str(text).map_err(|error| EditError::Broken {
        line: report::line_and_column(text, error.span().map_or(0, |span| span.start)).0,
        reason: error.message().to_owned(),
    })?;
    let sources = match others.remove("source") {
        None => Vec::new(),
        Some(toml::Value::Array(sources)) => sources,
        Some(_) => return Err(EditError::Unusual),
    };
    Ok(Values { sources, others })
}

fn block(source: &NewSource) -> String {
    let line = |text: &Option<String>| {
        let text: String =
            text.as_deref()?.chars().filter(|c| !c.is_control() || *c == '\n').collect();
        let words: Vec<_> = text.split_whitespace().collect();
        // As many letters as a line of the config may have.
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

/// Whether the source has this id, or its address makes it.
fn has_id(table: &Table, id: &str) -> bool {
    let word = |key| table.get(key).and_then(Item::as_str).map(str::trim);
    match (word("id"), word("url")) {
        (Some(own), _) => own == id,
        (None, Some(url)) => address::read(url, Path::new("/"))
            .is_ok_and(|address| address.id.is_some_and(|made| made.as_str() == id)),
        (None, None) => false,
    }
}

/// The bytes to take out: whole lines, from the comments above the heading to the last key, and the
/// blank line that would stand there twice. `None`: the parser gave no place.
fn lines_of(text: &str, table: &Table) -> Option<Range<usize>> {
    // A byte order mark belongs to no line.
    let top = if text.starts_with(BOM) { BOM.len_utf8() } else { 0 };
    let line_start = |at: usize| Some(text.get(..at)?.rfind('\n').map_or(top, |end| end + 1));
    let line_above = |start: usize| text.get(line_start(start.checked_sub(1)?)?..start);
    let heading = line_start(table.span()?.start)?;
    let mut start = heading;
    while let Some(comment) = line_above(start).filter(|line| line.trim_start().starts_with('#')) {
        start -= comment.len();
    }
    if start == top {
        start = heading;
    }
    let last = end_of(table);
    let mut end = text.get(last..)?.find('\n').map_or(text.len(), |newline| last + newline + 1);
    let is_blank = |line: &&str| line.trim().is_empty();
    if start == top {
        let below = text.get(end..)?.split_inclusive('\n').next();
        end += below.filter(is_blank).map_or(0, str::len);
    } else {
        start -= line_above(start).filter(is_blank).map_or(0, str::len);
    }
    Some(start..end)
}

/// The last byte of a table and of everything in it.
fn end_of(table: &Table) -> usize {
    let inside = table.iter().map(|(_, item)| match item {
        Item::Table(table) => end_of(table),
        Item::ArrayOfTables(tables) => tables.iter().map(end_of).max().unwrap_or(0),
        Item::Value(value) => value.span().map_or(0, |span| span.end),
        Item::None => 0,
    });
    inside.max().unwrap_or(0).max(table.span().map_or(0, |span| span.end))
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
    fn what_the_config_would_refuse_is_left_out() {
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
    fn a_block_is_taken_out_whole_and_alone() {
        let check = |id: &str, lines: std::ops::RangeInclusive<usize>| {
            let kept: String = FILE
                .split_inclusive('\n')
                .enumerate()
                .filter(|(index, _)| !lines.contains(&(index + 1)))
                .map(|(_, line)| line)
                .collect();
            assert_eq!(remove_source(FILE, id).unwrap(), kept, "{id}");
        };
        check("a", 7..=11);
        check("b-example", 12..=18);
        check("c", 19..=22);
        let removed = |text: &str, expected: &str| {
            assert_eq!(remove_source(text, "a").unwrap(), expected, "{text:?}");
        };
        removed(
            "[[source]]\nid = 'a'\n\n# س\n[[source]]\nid = 'b'\n",
            "# س\n[[source]]\nid = 'b'\n",
        );
        removed("# أعلى الملف\n[[source]]\nid = 'a'", "# أعلى الملف\n");
        removed("[[source]]\r\nid = 'a'\r\n", "");
        removed("x = 1\n[[source]]\nid = 'a' # س\n#y = 2\n", "x = 1\n#y = 2\n");
        removed("[[source]]\nid = 'a'\nheaders.x.y = [\n1,\n2,\n]\n[site]\n", "[site]\n");
    }

    #[test]
    fn what_cannot_be_edited_is_refused() {
        let append = |text: &str| append_sources(text, &[new("https://n.example/")]).unwrap_err();
        let broken = append("[site]\ntitle = س\n");
        assert!(matches!(broken, EditError::Broken { line: 2, .. }), "{broken}");
        assert_eq!(append("source = []"), EditError::Unusual);
        assert_eq!(append("source = 1"), EditError::Unusual);
        assert_eq!(append("[source]"), EditError::Unusual);
        let bad = append_sources("", &[new("https://a/"), new("n.example")]).unwrap_err();
        assert_eq!(
            bad.to_string(),
            "the url of the new source number 2: this is no address: relative URL without a base"
        );
        assert_eq!(remove_source("", "a"), Err(EditError::Unknown("a".into())));
        assert_eq!(remove_source(FILE, "x"), Err(EditError::Unknown("x".into())));
        assert_eq!(remove_source("source = [{ id = 'a' }]", "a"), Err(EditError::Unusual));
        assert_eq!(
            remove_source("[[source]]\nid = 'a'\n[site]\n[source.headers]\nx = 'y'\n", "a"),
            Err(EditError::Unusual),
            "the block is not in one piece"
        );
    }
}
