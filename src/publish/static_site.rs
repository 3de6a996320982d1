//! The whole site as a folder of files for any web server: the list of files, and the content of each.
//!
//! | path | content |
//! | --- | --- |
//! | `index.html`, `feed.xml`, `atom.xml`, `feed.json`; the same below `category/<slug>/`, `output/<id>/`, `source/<id>/` | the page, the feeds |
//! | `older-<number>-<cursor>.html` beside `index.html` | an older page |
//! | `archive/<page>/` beside `index.html`, with the same four files | a closed page of the archive |
//! | `story/<id>/index.html` | a story with all of its entries |
//! | `sources.opml` | the list of sources |
//!
//! A private output is not among them: the files of a folder are for everyone.
//! The files themselves link to the stories, older pages and archive pages that exist.

use std::collections::BTreeSet;

use super::cursor;
use super::published_site::PublishedSite;
use crate::http::{OutputFormat, Resource};
use crate::model::{ArchiveAddress, EntryId, Scope, SourceId};
use crate::render;

/// The maximum number of older pages of an output: two thousand entries with pages of forty. Otherwise a
/// store of several years would make a folder of gigabytes.
pub(super) const MAX_OLDER_PAGES: usize = 50;

const INDEX: &str = "index.html";
const OPML: &str = "sources.opml";
/// The page and the feeds of a folder.
const FILE_NAMES: [&str; 4] =
    [INDEX, render::rss::FILE, render::atom::FILE, render::json_feed::FILE];

/// The files that every static site has.
pub fn site_files(site: &PublishedSite) -> Vec<String> {
    let categories = site.categories().into_iter().map(|c| format!("category/{}/", c.slug));
    let outputs = site.public_outputs().map(|output| format!("output/{}/", output.id));
    let sources = site.sources.iter().map(|source| format!("source/{}/", source.id));
    let folders = std::iter::once(String::new()).chain(categories).chain(outputs).chain(sources);
    let files = folders.flat_map(|folder| FILE_NAMES.map(|name| format!("{folder}{name}")));
    files.chain([OPML.to_owned()]).collect()
}

/// Further files that the text of one file links to.
pub fn linked_files(path: &str, text: &str) -> BTreeSet<String> {
    const ID: usize = 36;
    let folder = path.rfind('/').map_or("", |end| &path[..=end]);
    let output_folder = split_archive_folder(folder.trim_end_matches('/')).0;
    let output_folder =
        if output_folder.is_empty() { String::new() } else { format!("{output_folder}/") };
    let mut files = BTreeSet::new();
    for (at, begin) in text.match_indices("story/") {
        let id = text.get(at + begin.len()..at + begin.len() + ID).and_then(EntryId::parse);
        files.extend(id.map(|id| format!("story/{id}/{INDEX}")));
    }
    for (at, begin) in text.match_indices("archive/") {
        let page = text[at + begin.len()..].split('/').next().and_then(ArchiveAddress::parse);
        // Each of the four files leads to the next page.
        if let Some(page) = page {
            let page_folder = format!("{output_folder}archive/{page}/");
            files.extend(FILE_NAMES.map(|name| format!("{page_folder}{name}")));
        }
    }
    for (at, _) in text.match_indices("older-") {
        let name = text[at..].split_inclusive(".html").next().unwrap_or_default();
        let file = format!("{folder}{name}");
        if parse_older_page(name).is_some() && parse_site_path(&file).is_some() {
            files.insert(file);
        }
    }
    files
}

/// The resource in a file, and its number among the pages of its output; `None`: there is no such file.
pub(super) fn parse_site_path(path: &str) -> Option<(Resource, usize)> {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    if let Some(id) = folder.strip_prefix("story/").filter(|_| name == INDEX) {
        return Some((Resource::Story(EntryId::parse(id)?), 1));
    }
    if path == OPML {
        return Some((Resource::Opml, 1));
    }
    let (folder, page) = split_archive_folder(folder);
    let scope = match folder.split_once('/') {
        None if folder.is_empty() => Scope::All,
        Some(("category", slug)) => Scope::Category(slug.to_owned()),
        Some(("output", id)) => Scope::Output(id.to_owned()),
        Some(("source", id)) => Scope::Source(SourceId::new(id).ok()?),
        _ => return None,
    };
    let feeds = [
        (render::rss::FILE, OutputFormat::Rss),
        (render::atom::FILE, OutputFormat::Atom),
        (render::json_feed::FILE, OutputFormat::Json),
    ];
    let format = feeds.into_iter().find(|(file, _)| *file == name).map(|(_, format)| format);
    match (page, format) {
        (Some(page), Some(format)) => {
            return Some((Resource::ArchiveFeed { scope, format, page }, 1));
        }
        (Some(page), None) if name == INDEX => {
            return Some((Resource::ArchivePage { scope, page }, 1));
        }
        (Some(_), None) => return None,
        (None, Some(format)) => return Some((Resource::Feed { scope, format }, 1)),
        (None, None) => {}
    }
    if name == INDEX {
        return Some((Resource::Page { scope, before: None }, 1));
    }
    let (number, before) = parse_older_page(name)?;
    Some((Resource::Page { scope, before: Some(before) }, number))
}

/// A folder without a slash at its end → the folder of the output, and the page of its archive.
fn split_archive_folder(folder: &str) -> (&str, Option<ArchiveAddress>) {
    let page = folder.rsplit_once('/').and_then(|(rest, page)| {
        let rest = rest.strip_suffix("archive")?;
        let is_segment = rest.is_empty() || rest.ends_with('/');
        Some((rest.trim_end_matches('/'), ArchiveAddress::parse(page)?)).filter(|_| is_segment)
    });
    page.map_or((folder, None), |(rest, page)| (rest, Some(page)))
}

/// The number of an older page and the cursor that it starts after.
fn parse_older_page(name: &str) -> Option<(usize, String)> {
    let (number, before) = name.strip_prefix("older-")?.strip_suffix(".html")?.split_once('-')?;
    let number = number.parse().ok().filter(|number| (2..=MAX_OLDER_PAGES + 1).contains(number))?;
    cursor::parse_cursor(before)?;
    Some((number, before.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, TestStore, at};
    use super::*;
    use crate::model::StoredEntry;
    use crate::publish::Renderer;

    #[test]
    fn every_file_names_its_content() {
        let shop = TestStore::open();
        let renderer = shop.renderer(vec![sample::source("a")]);
        let files = site_files(&renderer.site);
        assert_eq!(files.len(), 4 + 4 + 4 + 1, "{files:?}");
        assert!(files.iter().all(|file| parse_site_path(file).is_some()), "{files:?}");
        let cursor = cursor::format_cursor(&sample::listed("a", "1", "خبر"));
        let page = |number: usize| format!("source/a/older-{number}-{cursor}.html");
        let scope = Scope::Source(SourceId::new("a").unwrap());
        let expected = Resource::Page { scope, before: Some(cursor.clone()) };
        assert_eq!(parse_site_path(&page(2)), Some((expected, 2)));
        for none in [&page(1), &page(52), "status", "x/index.html", "story/x/index.html", "../x"] {
            assert_eq!(parse_site_path(none), None, "{none}");
        }
    }

    fn text_of(renderer: &Renderer, path: &str) -> String {
        let resource = Resource::SiteFile(path.to_owned());
        let rendition = renderer.render(&resource, None, at(0)).unwrap();
        let rendition = rendition.unwrap_or_else(|| panic!("{path} does not exist"));
        String::from_utf8(rendition.body.to_vec()).unwrap()
    }

    #[test]
    fn older_pages_link_to_each_other_and_end() {
        let shop = TestStore::open();
        let entries: Vec<StoredEntry> = (0..3_000)
            .map(|number| StoredEntry {
                listed_at: at(-number),
                ..sample::listed("a", &number.to_string(), &format!("خبر {number}"))
            })
            .collect();
        for some in entries.chunks(1_000) {
            shop.keep_all("a", some.to_vec());
        }
        let renderer = shop.renderer(vec![sample::source("a")]);
        let (mut path, mut seen) = (INDEX.to_owned(), Vec::new());
        let mut count = 0;
        loop {
            let text = text_of(&renderer, &path);
            assert!(!text.contains("?before="), "{text}");
            let linked = linked_files(&path, &text);
            if let Some(newer) = seen.iter().nth_back(1).filter(|_| count > 1) {
                assert!(linked.contains(newer), "{path} leads back to {newer}");
            }
            let older = format!("older-{}-", count + 2);
            let Some(next) = linked.into_iter().find(|it| it.starts_with(&older)) else { break };
            seen.push(next.clone());
            (path, count) = (next, count + 1);
        }
        assert_eq!(count, MAX_OLDER_PAGES);
    }

    #[test]
    fn archive_pages_are_files_that_lead_to_each_other() {
        let shop = TestStore::open();
        let entries: Vec<StoredEntry> = (0..250)
            .map(|number| sample::listed("a", &number.to_string(), &format!("خبر {number}")))
            .collect();
        shop.keep_all("a", entries);
        let renderer = shop.renderer(vec![sample::source("a")]);
        let mut queue = vec![INDEX.to_owned(), "source/a/atom.xml".to_owned()];
        let mut found = BTreeSet::new();
        while let Some(path) = queue.pop() {
            let linked = linked_files(&path, &text_of(&renderer, &path)).into_iter();
            let archive = linked.filter(|it| it.contains("archive/"));
            queue.extend(archive.filter(|it| found.insert(it.clone())));
        }
        let expected = ["", "source/a/"].into_iter().flat_map(|folder| {
            (1..=3).flat_map(move |page| {
                FILE_NAMES.map(|name| format!("{folder}archive/{page}/{name}"))
            })
        });
        assert_eq!(found, expected.collect::<BTreeSet<_>>());
        let page = text_of(&renderer, "source/a/archive/2/feed.xml");
        assert!(page.contains("https://news.example/source/a/archive/1/feed.xml"), "{page}");
        for none in ["archive/4/feed.xml", "archive/x/feed.xml", "archive/1/x.xml"] {
            let resource = Resource::SiteFile(none.to_owned());
            assert!(renderer.render(&resource, None, at(0)).unwrap().is_none(), "{none}");
        }
        let slug = Scope::Category("archive".to_owned());
        let page = Resource::Page { scope: slug, before: None };
        assert_eq!(parse_site_path("category/archive/index.html"), Some((page, 1)));
    }

    #[test]
    fn story_pages_are_linked() {
        let shop = TestStore::open();
        let (one, two) = (sample::listed("a", "1", "خبر"), sample::listed("b", "1", "خبر"));
        shop.keep_with_stories(
            "a",
            0,
            vec![one.clone()],
            vec![sample::story_record(&one, one.id, 0)],
        );
        shop.keep_with_stories(
            "b",
            1,
            vec![two.clone()],
            vec![sample::story_record(&two, one.id, 1)],
        );
        let renderer = shop.renderer(["a", "b"].map(sample::source).into());
        let story = format!("story/{}/index.html", one.id);
        for path in [INDEX, "feed.xml", "atom.xml", "feed.json"] {
            let text = text_of(&renderer, path);
            assert!(text.contains(&format!("story/{}/", one.id)), "{path}: {text}");
            let mut linked = linked_files(path, &text);
            linked.retain(|it| it.starts_with("story/"));
            assert_eq!(linked, BTreeSet::from([story.clone()]), "{path}");
        }
        assert!(text_of(&renderer, &story).contains("<article"));
    }
}
