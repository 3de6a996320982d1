//! A path and query → the resource.
//!
//! | path | resource |
//! | --- | --- |
//! | `/`, `/category/<slug>/`, `/source/<id>/`, `/output/<id>/` | the page; `?before=<cursor>`: an older one |
//! | the same with `?density=compact` | that page with headlines alone |
//! | the same with `feed.xml`, `atom.xml`, `feed.json` | the feed; for a person's browser a page about it, unless the query has `raw` |
//! | the same with `?after=<number>` | the page of what arrived since this number of the journal |
//! | the same with `archive/<page>/`, and that with `feed.xml`, `atom.xml`, `feed.json` | a closed page of the archive |
//! | `/search?q=<words>` (`sort=new` or `best`, `before=<cursor>`; `category=`, `source=` and `within=` are added to the words) | the page of a search; `/search.json`: the same for programs |
//! | `/search/<words>/` with `feed.xml`, `atom.xml`, `feed.json`; `/search/feed.xml?q=<words>` | the page and the feeds of a search |
//! | `/private/<token>/` with all that `/output/<id>/` has | a private output (`request_access`) |
//! | `/sources` | the sources for readers |
//! | `/sources.opml`, `/status` (`?show=failing`; `sort=name`, `news` or `entries`), `/status.json` | the lists |
//! | `/picture/<id>` (`?v=<version>`: only for caches) | the copy of a picture that pages show |
//! | `/story/<id>` | a story with every source's version |
//! | `/explain.json?entry=<words>` | what is known about an entry, and why it is listed where it is; for the operator only |
//! | `/folder?file=<path>` | a file of the folder that `rafid build` writes; for the operator only |
//! | `/export.jsonl` | stored entries, a line each, as a stream; for the operator only |
//! | `/backup` | a backup of the store, as a stream; for the operator only |
//! | `POST /poll?source=<id>` | polls sources now (`stream_route`); for the operator only |
//! | `/filter.json` | what filter rules do with the stored entries; for the operator only |
//! | `/style.css`, `/icon.svg`, `/icon.png`, `/favicon.ico`, `/manifest.webmanifest`, `/robots.txt` | files of the program |
//! | `/healthz`, `/readyz`, `/metrics` | answered here |
//! | `/category/<slug>`, `/source/<id>`, `/output/<id>`, `archive/<page>` | a redirect to the same path with `/` |
//!
//! Names may be percent-encoded or raw UTF-8; a name that cannot be a slug or an id gives 404.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::resource::{Audience, OutputFormat, Resource, SearchFormat};
use super::stream_route::{StreamResource, parse_export};
use crate::model::{
    ArchiveAddress, EntryId, PageDensity, PictureId, PublishRules, Scope, SearchOrder, SourceId,
    StatusOrder, make_slug,
};

/// What a request addresses.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Route {
    /// A rendered resource.
    Rendered(Resource),
    /// A resource that only the operator may see.
    OperatorOnly(Resource),
    /// What only the operator may see, too large to be rendered in memory.
    OperatorStream(StreamResource),
    /// A file of the program.
    File {
        /// Its name.
        name: &'static str,
        /// The requested version.
        version: Option<String>,
    },
    /// The liveness check.
    Healthz,
    /// The readiness check.
    Readyz,
    /// The counters.
    Metrics,
    /// A redirect to another path, relative to the requested one (a proxy may have removed a prefix).
    Redirect(String),
    /// Nothing.
    NotFound,
}

/// The longest cursor that we make, in bytes: an instant and an id, with room for twice that.
const MAX_CURSOR_BYTES: usize = 128;

/// What is encoded in a slug: everything but ASCII letters, digits and hyphens.
const ENCODED_IN_SLUG: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-');

/// The files of the program.
const FILES: [&str; 6] =
    ["style.css", "icon.svg", "icon.png", "favicon.ico", "manifest.webmanifest", "robots.txt"];

/// Whether a notice at `path` is a page by default, when the client does not say: feeds, files and JSON are
/// for programs.
pub(super) fn has_pages(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_for_programs = ["/healthz", "/readyz", "/metrics"].contains(&path);
    !is_for_programs && !name.contains('.')
}

/// The state of all sources, or of some.
fn parse_status(query: Option<&str>) -> Route {
    let failing_only = match query_parameter(query, "show").as_deref() {
        None => false,
        Some("failing") => true,
        Some(_) => return Route::NotFound,
    };
    let order = StatusOrder::from_word(&query_parameter(query, "sort").unwrap_or_default());
    let Some(order) = order else { return Route::NotFound };
    // The dispatcher raises the audience for the operator.
    Route::Rendered(Resource::Status { failing_only, order, audience: Audience::Public })
}

/// The route of `path?query`.
pub(super) fn parse_route(path: &str, query: Option<&str>) -> Route {
    match path {
        "/sources.opml" => return Route::Rendered(Resource::Opml),
        "/sources" => return Route::Rendered(Resource::Sources),
        "/status" => return parse_status(query),
        "/status.json" => {
            return Route::Rendered(Resource::StatusJson { audience: Audience::Public });
        }
        "/filter.json" => return parse_filter_dry_run(query),
        "/folder" => return parse_site_file(query),
        "/explain.json" => return parse_explain(query),
        "/export.jsonl" => {
            return parse_export(query).map_or(Route::NotFound, Route::OperatorStream);
        }
        "/backup" => return Route::OperatorStream(StreamResource::Backup),
        "/healthz" => return Route::Healthz,
        "/readyz" => return Route::Readyz,
        "/metrics" => return Route::Metrics,
        _ => {}
    }
    let (parts, count) = split_path(path);
    match parts[..count] {
        ["", "story", id] => {
            EntryId::parse(id).map_or(Route::NotFound, |id| Route::Rendered(Resource::Story(id)))
        }
        ["", "picture", id] => PictureId::parse(id)
            .map_or(Route::NotFound, |id| Route::Rendered(Resource::Picture(id))),
        ["", "search"] => parse_search(Some(filtered_words(query)), SearchPath::Page, query),
        ["", "search.json"] => parse_search(query_parameter(query, "q"), SearchPath::Json, query),
        ["", "search", file] => {
            parse_search(query_parameter(query, "q"), SearchPath::File(file), query)
        }
        ["", "search", words, file] => {
            let words = percent_decode_str(words).decode_utf8().ok().map(String::from);
            parse_search(words, SearchPath::File(file), query)
        }
        ["", "archive", page, file] => parse_archive(Some(Scope::All), page, file),
        ["", "archive", page] => redirect_to_archive(page),
        ["", kind, name, "archive", rest] => match rest.split_once('/') {
            Some((page, file)) => parse_archive(parse_scope(kind, name), page, file),
            None => redirect_to_archive(rest),
        },
        ["", file] => match FILES.iter().find(|name| **name == file) {
            Some(name) => Route::File { name, version: query_parameter(query, "v") },
            None => parse_feed_or_page(Some(Scope::All), file, query),
        },
        ["", kind, name, file] => parse_feed_or_page(parse_scope(kind, name), file, query),
        ["", kind, name] if parse_scope(kind, name).is_some() => {
            let name = percent_decode_str(name).collect::<Vec<u8>>();
            let name = String::from_utf8_lossy(&name);
            let name = utf8_percent_encode(&name, ENCODED_IN_SLUG);
            Route::Redirect(format!("{name}/"))
        }
        _ => Route::NotFound,
    }
}

/// The parts between slashes, and how many there are; the fifth has all the rest.
fn split_path(path: &str) -> ([&str; 5], usize) {
    let (mut parts, mut count, mut rest) = ([""; 5], 0, path);
    while count < 4
        && let Some(at) = rest.bytes().position(|byte| byte == b'/')
    {
        (parts[count], rest) = (&rest[..at], &rest[at + 1..]);
        count += 1;
    }
    parts[count] = rest;
    (parts, count + 1)
}

/// What is known about an entry. Parameter: `entry`.
fn parse_explain(query: Option<&str>) -> Route {
    let words = query_parameter(query, "entry").filter(|words| words.len() <= MAX_QUERY_BYTES);
    words.map_or(Route::NotFound, |words| Route::OperatorOnly(Resource::Explanation(words)))
}

/// A file of the exported site. Parameter: `file`.
fn parse_site_file(query: Option<&str>) -> Route {
    let path = query_parameter(query, "file").filter(|path| path.len() <= MAX_QUERY_BYTES);
    path.map_or(Route::NotFound, |path| Route::OperatorOnly(Resource::SiteFile(path)))
}

/// A dry run of filter rules. Parameters: `source` or `output`; any number of `keep` and `drop`.
fn parse_filter_dry_run(query: Option<&str>) -> Route {
    let all = |name: &str| -> Vec<String> {
        let pairs = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes());
        pairs.filter(|(key, _)| key == name).map(|(_, value)| value.into_owned()).collect()
    };
    let named = ["source", "output"]
        .into_iter()
        .find_map(|kind| Some((kind, query_parameter(query, kind)?)));
    let scope = match named {
        Some((kind, name)) => parse_scope(kind, &name),
        None => Some(Scope::All),
    };
    let rules = PublishRules {
        keep: all("keep"),
        drop: all("drop"),
        forms: query_parameter(query, "forms").is_some_and(|it| it == "yes"),
    };
    scope.map_or(Route::NotFound, |scope| {
        Route::OperatorOnly(Resource::FilterDryRun { scope, rules })
    })
}

fn parse_feed_or_page(scope: Option<Scope>, file: &str, query: Option<&str>) -> Route {
    let Some(scope) = scope else {
        return Route::NotFound;
    };
    match (file, feed_format(file)) {
        ("", _) => parse_page(scope, query),
        (_, Some(format)) => Route::Rendered(Resource::Feed { scope, format }),
        _ => Route::NotFound,
    }
}

/// The format of a feed with this file name.
fn feed_format(file: &str) -> Option<OutputFormat> {
    match file {
        "feed.xml" => Some(OutputFormat::Rss),
        "atom.xml" => Some(OutputFormat::Atom),
        "feed.json" => Some(OutputFormat::Json),
        _ => None,
    }
}

fn parse_archive(scope: Option<Scope>, page: &str, file: &str) -> Route {
    let (Some(scope), Some(page)) = (scope, ArchiveAddress::parse(page)) else {
        return Route::NotFound;
    };
    match (file, feed_format(file)) {
        ("", _) => Route::Rendered(Resource::ArchivePage { scope, page }),
        (_, Some(format)) => Route::Rendered(Resource::ArchiveFeed { scope, format, page }),
        _ => Route::NotFound,
    }
}

fn redirect_to_archive(page: &str) -> Route {
    ArchiveAddress::parse(page).map_or(Route::NotFound, |page| Route::Redirect(format!("{page}/")))
}

/// The longest query in bytes: the query language allows a thousand letters, of up to four bytes each.
const MAX_QUERY_BYTES: usize = 4_000;
/// The number of results that a program may request at once, and the default.
const MAX_HITS: usize = 100;
const DEFAULT_HITS: usize = 20;

#[derive(Clone, Copy)]
enum SearchPath<'a> {
    Page,
    Json,
    File(&'a str),
}

/// The route of a search for `words`; `None` means that none are given.
fn parse_search(words: Option<String>, path: SearchPath<'_>, query: Option<&str>) -> Route {
    let words = words.unwrap_or_default();
    let order = query_parameter(query, "sort")
        .map_or(Some(SearchOrder::default()), |it| SearchOrder::from_word(&it));
    let before = query_parameter(query, "before").filter(|it| !it.is_empty());
    let before = before.map(|it| it.parse::<u64>()).transpose();
    let (Some(order), Ok(before)) = (order, before) else { return Route::NotFound };
    let limit = query_parameter(query, "limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(DEFAULT_HITS).clamp(1, MAX_HITS);
    let form = match path {
        SearchPath::Page | SearchPath::File("") => SearchFormat::Page { order, before },
        SearchPath::Json => SearchFormat::Json { order, before, limit },
        SearchPath::File("feed.xml") => SearchFormat::Feed(OutputFormat::Rss),
        SearchPath::File("atom.xml") => SearchFormat::Feed(OutputFormat::Atom),
        SearchPath::File("feed.json") => SearchFormat::Feed(OutputFormat::Json),
        SearchPath::File(_) => return Route::NotFound,
    };
    if words.len() > MAX_QUERY_BYTES {
        return Route::NotFound;
    }
    Route::Rendered(Resource::Search { words: words.trim().to_owned(), form })
}

/// The words of a search with the choices of its form. The page shows them in the field of the words, so that its
/// feeds and further pages need no parameters of their own.
fn filtered_words(query: Option<&str>) -> String {
    let words = query_parameter(query, "q").unwrap_or_default();
    let chosen = |field: &str| {
        let value = query_parameter(query, field)?.replace('"', " ");
        Some(format!("{field}:\"{}\"", value.trim())).filter(|_| !value.trim().is_empty())
    };
    let choices: Vec<String> =
        ["category", "source", "within"].into_iter().filter_map(chosen).collect();
    let words = words.trim();
    // "or" binds less than "and".
    let has_choice = ["|", " OR ", " أو ", " او "].iter().any(|it| words.contains(it));
    let first = match words {
        _ if choices.is_empty() => words.to_owned(),
        "" => String::new(),
        _ if has_choice => format!("({words}) "),
        _ => format!("{words} "),
    };
    first + &choices.join(" ")
}

fn parse_page(scope: Scope, query: Option<&str>) -> Route {
    let before = query_parameter(query, "before").filter(|cursor| !cursor.is_empty());
    let is_valid = |cursor: &String| {
        cursor.len() <= MAX_CURSOR_BYTES && cursor.bytes().all(|byte| byte.is_ascii_graphic())
    };
    if before.as_ref().is_some_and(|cursor| !is_valid(cursor)) {
        return Route::NotFound;
    }
    match query_parameter(query, "after").map(|number| number.parse()) {
        Some(Ok(after)) => Route::Rendered(Resource::NewSince { scope, after }),
        Some(Err(_)) => Route::NotFound,
        None => {
            match PageDensity::from_word(&query_parameter(query, "density").unwrap_or_default()) {
                Some(PageDensity::Normal) => Route::Rendered(Resource::Page { scope, before }),
                Some(PageDensity::Compact) => {
                    Route::Rendered(Resource::CompactPage { scope, before })
                }
                None => Route::NotFound,
            }
        }
    }
}

fn parse_scope(kind: &str, name: &str) -> Option<Scope> {
    let name = percent_decode_str(name).decode_utf8().ok()?;
    match kind {
        "category" if !name.is_empty() && make_slug(&name) == name => {
            Some(Scope::Category(name.into_owned()))
        }
        "output" if !name.is_empty() && make_slug(&name) == name => {
            Some(Scope::Output(name.into_owned()))
        }
        "source" => SourceId::new(&name).ok().map(Scope::Source),
        _ => None,
    }
}

fn query_parameter(query: Option<&str>, name: &str) -> Option<String> {
    url::form_urlencoded::parse(query?.as_bytes())
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(path: &str, query: Option<&str>, expected: &Route) {
        assert_eq!(&parse_route(path, query), expected, "{path} {query:?}");
    }

    fn feed(scope: Scope, format: OutputFormat) -> Route {
        Route::Rendered(Resource::Feed { scope, format })
    }

    fn page_of(scope: Scope, before: Option<&str>) -> Route {
        let before = before.map(str::to_owned);
        Route::Rendered(Resource::Page { scope, before })
    }

    #[test]
    fn feeds_and_pages() {
        let category = || Scope::Category("اقتصاد".to_owned());
        let source = || Scope::Source(SourceId::new("bbc").unwrap());
        check("/feed.xml", None, &feed(Scope::All, OutputFormat::Rss));
        check("/atom.xml", Some("x=1"), &feed(Scope::All, OutputFormat::Atom));
        check("/category/اقتصاد/feed.json", None, &feed(category(), OutputFormat::Json));
        let encoded = "/category/%D8%A7%D9%82%D8%AA%D8%B5%D8%A7%D8%AF/";
        check(encoded, None, &page_of(category(), None));
        check("/", Some("before=a-1"), &page_of(Scope::All, Some("a-1")));
        check("/", Some("before="), &page_of(Scope::All, None));
        let compact = |before: Option<&str>| {
            let before = before.map(str::to_owned);
            Route::Rendered(Resource::CompactPage { scope: category(), before })
        };
        check(encoded, Some("density=compact"), &compact(None));
        check(encoded, Some("density=compact&before=a-1"), &compact(Some("a-1")));
        check(encoded, Some("density=normal"), &page_of(category(), None));
        check("/", Some("density=odd"), &Route::NotFound);
        check("/source/bbc/atom.xml", None, &feed(source(), OutputFormat::Atom));
        let output = Scope::Output("سوريا".to_owned());
        check("/output/سوريا/atom.xml", None, &feed(output, OutputFormat::Atom));
        check("/source/b-c", None, &Route::Redirect("b-c/".to_owned()));
        check(
            &encoded[..encoded.len() - 1],
            None,
            &Route::Redirect(encoded["/category/".len()..].to_owned()),
        );
    }

    #[test]
    fn archives() {
        let category = || Scope::Category("اقتصاد".to_owned());
        let page = |rules, number| ArchiveAddress { rules, number };
        let seventh = page(None, 7);
        let html = |scope, page| Route::Rendered(Resource::ArchivePage { scope, page });
        check("/archive/7/", None, &html(Scope::All, seventh));
        check("/category/اقتصاد/archive/7/", Some("x"), &html(category(), seventh));
        let ruled = page(Some(0x0a0b_0c0d), 12);
        let (scope, format) = (Scope::Output("a".to_owned()), OutputFormat::Atom);
        check(
            "/output/a/archive/0a0b0c0d-12/atom.xml",
            None,
            &Route::Rendered(Resource::ArchiveFeed { scope, format, page: ruled }),
        );
        let (scope, format) = (Scope::All, OutputFormat::Json);
        let feed = Resource::ArchiveFeed { scope, format, page: seventh };
        check("/archive/7/feed.json", None, &Route::Rendered(feed));
        check("/archive/7", None, &Route::Redirect("7/".to_owned()));
        check("/source/a/archive/7", None, &Route::Redirect("7/".to_owned()));
        for path in [
            "/archive/",
            "/archive/0/",
            "/archive/07/",
            "/archive/7/other.xml",
            "/archive/7/x/feed.xml",
            "/source/a/archive/",
            "/source/A%20/archive/7/",
            "/source/a/archive/7/8/feed.xml",
            "/story/a/archive/7/",
        ] {
            check(path, None, &Route::NotFound);
        }
        let since = |scope, after| Route::Rendered(Resource::NewSince { scope, after });
        check("/", Some("after=17"), &since(Scope::All, 17));
        check("/category/اقتصاد/", Some("after=0"), &since(category(), 0));
        check("/", Some("after=x"), &Route::NotFound);
    }

    #[test]
    fn searches() {
        let looked = |words: &str, form: SearchFormat| {
            Route::Rendered(Resource::Search { words: words.to_owned(), form })
        };
        let page = |order, before| SearchFormat::Page { order, before };
        check("/search", None, &looked("", page(SearchOrder::Newest, None)));
        check("/search", Some("q=+a+b&before="), &looked("a b", page(SearchOrder::Newest, None)));
        let best = looked("%D8", page(SearchOrder::Best, Some(20)));
        check("/search", Some("q=%25D8&sort=best&before=20"), &best);
        let rss = looked("كتاب", SearchFormat::Feed(OutputFormat::Rss));
        check("/search/feed.xml", Some("q=%D9%83%D8%AA%D8%A7%D8%A8"), &rss);
        check("/search/%D9%83%D8%AA%D8%A7%D8%A8/feed.xml", None, &rss);
        check("/search/a%2Fb/", None, &looked("a/b", page(SearchOrder::Newest, None)));
        let json = SearchFormat::Json { order: SearchOrder::Newest, before: None, limit: 100 };
        check("/search.json", Some("q=a&limit=5000"), &looked("a", json));
        for (query, words) in [
            ("q=a&category=&source=", "a"),
            ("q=a&category=%D8%B5%D8%AD%D8%A9", "a category:\"صحة\""),
            ("category=a+%22b&source=c", "category:\"a  b\" source:\"c\""),
            ("q=a+OR+b&source=c", "(a OR b) source:\"c\""),
            ("q=a&within=week", "a within:\"week\""),
        ] {
            check("/search", Some(query), &looked(words, page(SearchOrder::Newest, None)));
        }
        check("/search", Some("q=a&sort=odd"), &Route::NotFound);
        check("/search", Some("q=a&before=x"), &Route::NotFound);
        check("/search/a/other.xml", None, &Route::NotFound);
        check("/search", Some(&format!("q={}", "a".repeat(4_001))), &Route::NotFound);
    }

    #[test]
    fn unknown_paths_and_invalid_names_lead_nowhere() {
        for path in [
            "",
            "x",
            "//",
            "/feed",
            "/category//",
            "/category/A/",
            "/source/../feed.xml",
            "/source/%2e%2e/",
            "/source/a%2Fb/",
            "/source/%FF/",
            "/source/a/b/feed.xml",
            "/source",
            "//example.org/",
            "/source//",
        ] {
            check(path, None, &Route::NotFound);
        }
        check("/", Some(&format!("before={}", "a".repeat(129))), &Route::NotFound);
        check("/", Some("before=%00"), &Route::NotFound);
    }

    #[test]
    fn operator_only_paths() {
        let explanation =
            |words: &str| Route::OperatorOnly(Resource::Explanation(words.to_owned()));
        check(
            "/explain.json",
            Some("entry=https%3A%2F%2Fa.example%2F1"),
            &explanation("https://a.example/1"),
        );
        check("/explain.json", None, &Route::NotFound);
        check("/explain.json", Some(&format!("entry={}", "a".repeat(4_001))), &Route::NotFound);
        let (scope, rules) =
            (Scope::All, PublishRules { drop: vec!["a".to_owned()], ..PublishRules::default() });
        check(
            "/filter.json",
            Some("drop=a"),
            &Route::OperatorOnly(Resource::FilterDryRun { scope, rules }),
        );
        check("/backup", None, &Route::OperatorStream(StreamResource::Backup));
        let all = StreamResource::Entries(crate::model::ExportFilter::default());
        check("/export.jsonl", None, &Route::OperatorStream(all));
        check("/export.jsonl", Some("since=now"), &Route::NotFound);
    }

    #[test]
    fn checks_metrics_files_and_redirects() {
        let version = Some("1".to_owned());
        check("/style.css", Some("v=1"), &Route::File { name: "style.css", version });
        for name in FILES {
            check(&format!("/{name}"), None, &Route::File { name, version: None });
        }
        let audience = Audience::Public;
        let status = |failing_only, order| {
            Route::Rendered(Resource::Status { failing_only, order, audience })
        };
        check("/status", None, &status(false, StatusOrder::Severity));
        check("/status", Some("show=failing"), &status(true, StatusOrder::Severity));
        check("/status", Some("sort=name"), &status(false, StatusOrder::Name));
        check("/status", Some("sort=news&show=failing"), &status(true, StatusOrder::OldestNews));
        check("/status", Some("sort=entries"), &status(false, StatusOrder::Entries));
        for odd in ["show=odd", "sort=odd", "sort=name&show=odd"] {
            check("/status", Some(odd), &Route::NotFound);
        }
        check("/status.json", None, &Route::Rendered(Resource::StatusJson { audience }));
        check("/sources", None, &Route::Rendered(Resource::Sources));
        check("/sources.opml", None, &Route::Rendered(Resource::Opml));
        check("/healthz", None, &Route::Healthz);
        check("/readyz", None, &Route::Readyz);
        check("/metrics", None, &Route::Metrics);
    }
}
