//! Golden feeds: one folder for each fault of a publisher, in `tests/fixtures/feeds/<fault>/`.
//!
//! | file | what it is |
//! | --- | --- |
//! | `feed.*` | the document, as bytes |
//! | `served.toml` | how it was served, and the operator's settings, where they matter |
//! | `expected.txt` | the expected reading, for a person to review |
//!
//! `UPDATE_GOLDEN=1 cargo test --test it golden::` writes `expected.txt` again: review the difference before
//! you commit it.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use rafid_feed::arabic::is_breaking;
use rafid_feed::entry_json::{JsonEncoder, episode_to_json};
use rafid_feed::model::{
    CategorySettings, ClockSetting, Document, Entry, Feed, Language, PageSelectors, ReadHints,
};
use rafid_feed::pipeline::{self, ParsedFeed};

#[test]
fn every_fault_is_read_as_expected() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    let folders = folders();
    assert!(folders.len() > 40, "the fixtures are there");
    for folder in folders {
        let read = describe_reading(&folder);
        let file = folder.join("expected.txt");
        if update {
            fs::write(&file, &read).unwrap();
        } else if fs::read_to_string(&file).unwrap_or_default() != read {
            wrong.push(format!("── {}\n{read}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "read otherwise than expected:\n{}", wrong.join("\n"));
}

#[test]
fn a_document_cut_anywhere_gives_a_result() {
    for folder in folders() {
        let bytes = fs::read(document_of(&folder)).unwrap();
        for end in (0..bytes.len()).step_by(37) {
            let document = Document { bytes: bytes[..end].to_vec(), ..Document::default() };
            let _ = pipeline::read_feed(&document, ReadHints::default());
        }
    }
}

#[test]
fn selectors_of_the_docs_are_those_that_are_read_here() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = fs::read_to_string(root.join("docs/page-sources.md")).unwrap();
    for name in ["page-by-selectors", "page-of-a-channel"] {
        let served = root.join("tests/fixtures/feeds").join(name).join("served.toml");
        let served = fs::read_to_string(served).unwrap();
        let (_, selectors) = served.split_once("[page]\n").unwrap();
        let of_docs = format!("[source.page]\n{}\n```", selectors.trim_end());
        assert!(docs.contains(&of_docs), "docs/page-sources.md holds otherwise:\n{of_docs}");
    }
}

fn folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/feeds");
    let mut folders: Vec<_> =
        fs::read_dir(root).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

fn document_of(folder: &Path) -> PathBuf {
    let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let is_feed = |path: &PathBuf| path.file_stem().is_some_and(|stem| stem == "feed");
    files.into_iter().find(is_feed).unwrap()
}

fn describe_reading(folder: &Path) -> String {
    let served = fs::read_to_string(folder.join("served.toml")).unwrap_or_default();
    let served: toml::Table = served.parse().unwrap();
    let word = |key: &str| served.get(key).map(|value| value.as_str().unwrap());
    let document = Document {
        bytes: fs::read(document_of(folder)).unwrap(),
        content_type: word("content_type").map(ToOwned::to_owned),
        url: word("url").map(|url| url.parse().unwrap()),
    };
    let page = served.get("page").map(|page| {
        let key = |name: &str| page.get(name).map(|value| value.as_str().unwrap().to_owned());
        PageSelectors {
            entry: key("entry").unwrap(),
            title: key("title"),
            link: key("link"),
            date: key("date"),
            summary: key("summary"),
            image: key("image"),
        }
    });
    let language = word("language").map(|tag| Language::parse(tag).unwrap());
    let list = |key: &str| {
        let members = served.get(key).into_iter().flat_map(|list| list.as_array().unwrap());
        members.map(|member| member.as_str().unwrap().to_owned()).collect()
    };
    let labels = CategorySettings {
        junk: list("junk_categories"),
        keep: list("keep_categories"),
        ..CategorySettings::default()
    };
    let hints = ReadHints {
        name: word("name"),
        labels: Some(&labels),
        charset: word("charset"),
        language: language.as_ref(),
        timezone: word("timezone"),
        clock: word("clock").map_or(ClockSetting::Auto, |clock| clock.parse().unwrap()),
        page: page.as_ref(),
        read_at: word("read_at").map(|at| at.parse().unwrap()),
        ..ReadHints::default()
    };
    match pipeline::read_feed(&document, hints) {
        Ok(reading) => of_reading(&reading),
        Err(error) => format!("no feed: {}: {error}\n", error.stage().as_str()),
    }
}

/// A text that grows by lines `name: value`, without absent values.
#[derive(Default)]
struct ReadingText(String);

impl ReadingText {
    fn line(&mut self, indent: &str, name: &str, value: impl ToString) {
        writeln!(self.0, "{indent}{name}: {}", value.to_string().replace('\n', "\\n")).unwrap();
    }

    fn some(&mut self, indent: &str, name: &str, value: Option<impl ToString>) {
        if let Some(value) = value {
            self.line(indent, name, value);
        }
    }
}

fn of_reading(reading: &ParsedFeed) -> String {
    let mut text = ReadingText::default();
    text.line("", "format", reading.format.as_str());
    text.line("", "charset", format!("{} ({})", reading.charset, reading.evidence.as_str()));
    write_feed(&mut text, &reading.feed);
    for warning in &reading.feed.warnings {
        let place = warning.position.map_or(String::new(), |p| format!(" {}:{}", p.line, p.column));
        let entry = warning.entry.map_or(String::new(), |entry| format!(" entry {entry}"));
        let head =
            format!("{} {}{place}{entry} ×{}", warning.stage.as_str(), warning.code, warning.count);
        text.line("", "warning", format!("{head}: {}", warning.detail));
    }
    for entry in &reading.feed.entries {
        text.0.push('\n');
        write_entry(&mut text, entry);
    }
    text.0
}

fn write_feed(text: &mut ReadingText, feed: &Feed) {
    text.some("", "title", feed.title.as_ref());
    text.some("", "subtitle", feed.subtitle.as_ref());
    text.some("", "site", feed.site.as_ref());
    text.some("", "self", feed.self_link.as_ref());
    for hub in &feed.hubs {
        text.line("", "hub", hub);
    }
    text.some("", "language", feed.language.as_ref());
    text.line("", "direction", feed.direction.as_str());
    text.some("", "image", feed.image.as_ref().map(|image| &image.url));
    text.some("", "rights", feed.rights.as_ref());
    text.some("", "updated", feed.updated_at);
    text.some("", "ttl seconds", feed.poll_hints.ttl_seconds);
    text.some("", "update seconds", feed.poll_hints.update_seconds);
    if feed.poll_hints.skip_hours != 0 {
        text.line("", "skip hours", format!("{:024b}", feed.poll_hints.skip_hours));
    }
    if feed.poll_hints.skip_days != 0 {
        text.line("", "skip days", format!("{:07b}", feed.poll_hints.skip_days));
    }
}

fn write_entry(text: &mut ReadingText, entry: &Entry) {
    text.line("", "entry", entry.title.as_str());
    let identity = &entry.identity;
    text.line("  ", "identity", format!("{} {}", identity.kind.as_str(), identity.key));
    text.some("  ", "guid", entry.guid.as_ref());
    text.some("  ", "link", entry.link.as_ref());
    text.some("  ", "published", entry.published_at);
    text.some("  ", "updated", entry.updated_at);
    for author in &entry.authors {
        let url = author.url.as_deref().map_or(String::new(), |url| format!(" <{url}>"));
        text.line("  ", "author", format!("{}{url}", author.name));
    }
    for person in &entry.contributors {
        let url = person.url.as_deref().map_or(String::new(), |url| format!(" <{url}>"));
        text.line("  ", "contributor", format!("{}{url}", person.name));
    }
    for category in &entry.categories {
        text.line("  ", "category", category);
    }
    text.some("  ", "breaking", is_breaking(entry).then_some("yes"));
    text.some("  ", "summary", entry.summary.as_ref());
    text.some("  ", "content", entry.content.as_ref());
    for file in &entry.enclosures {
        let media_type = file.media_type.as_deref().unwrap_or("?");
        let details = [("bytes", file.length_bytes), ("seconds", file.duration_seconds)];
        let details = details.map(|(unit, n)| n.map_or(String::new(), |n| format!(", {n} {unit}")));
        text.line("  ", "file", format!("{} ({media_type}{})", file.url, details.concat()));
    }
    for image in entry.image.iter().chain(&entry.more_images) {
        let size =
            image.width.zip(image.height).map_or(String::new(), |(w, h)| format!(" {w}×{h}"));
        let credit = image.credit.as_ref().map_or(String::new(), |by| format!(" by {by}"));
        let alt = image.alt.as_ref().map_or(String::new(), |alt| format!(": {alt}"));
        text.line("  ", "image", format!("{}{size}{credit}{alt}", image.url));
    }
    if let Some(episode) = &entry.episode {
        text.line("  ", "episode", episode_to_json(episode, JsonEncoder::PLAIN));
    }
    text.some("  ", "language", entry.language.as_ref());
    text.line("  ", "direction", entry.direction.as_str());
    if let Some(origin) = &entry.origin {
        let title = origin.title.as_ref().map_or("?", |title| title.as_str());
        text.line("  ", "origin", format!("{title} <{}>", origin.url.as_deref().unwrap_or("?")));
    }
    text.some("  ", "rights", entry.rights.as_ref());
    text.some("  ", "licence", entry.licence.as_ref());
    text.some("  ", "comments", entry.comments.as_ref());
    text.some("  ", "comments feed", entry.comments_feed.as_ref());
    text.some("  ", "comments count", entry.comments_count);
    if let Some(point) = entry.point {
        text.line("  ", "point", format!("{} {}", point.latitude_e7, point.longitude_e7));
    }
}
