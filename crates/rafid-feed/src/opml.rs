//! Subscription lists: OPML (opml.org/spec2.opml) ↔ `Outline`s. Folders become categories. An address that
//! is not `http` or `https` is skipped with the reason (newsboat's `exec:` was used for attacks). A page
//! without a feed is written as a link, to which no reader can subscribe, and is not read back.
//!
//! | outline | meaning |
//! | --- | --- |
//! | with an `xmlUrl` | a subscription; `feed://host/` is `http://host/`, `feed:https://host/` is `https://host/` |
//! | `type="HTML+XPath"` and the like (FreshRSS) | skipped: a page with rules of another program |
//! | `type="rss"` without `xmlUrl`, `type="include"` | skipped |
//! | anything else | a folder, or a link that is ignored |

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

/// A longer list is an attack: twice as many feeds as a daemon was ever measured with.
const MOST_OUTLINES: usize = 100_000;
/// Categories of one outline; more than this do not help to sort.
const MOST_CATEGORIES: usize = 20;
/// Folders nested deeper than this are ignored.
const DEEPEST: usize = 64;

/// The customary media type of a list; no type is registered.
pub const MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// One subscription of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The name to show; empty when the list gives none.
    pub title: String,
    /// What its address points to.
    pub kind: OutlineKind,
    /// The address: `http` or `https`.
    pub url: String,
    /// The site's page.
    pub site_url: Option<String>,
    /// The folders that contain it, the innermost first, then its own `category`; each once.
    pub categories: Vec<String>,
    /// The language tag as written.
    pub language: Option<String>,
}

/// The content of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SubscriptionList {
    /// What can be subscribed to, in the list's order.
    pub outlines: Vec<Outline>,
    /// What cannot be subscribed to, in the list's order.
    pub skipped: Vec<SkippedOutline>,
    /// Whether the list was read to its end; `false`: it breaks in the middle, or ends early.
    pub is_complete: bool,
}

/// An outline that looks like a subscription and is not one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SkippedOutline {
    /// The list's name for it; empty when there is no name.
    pub title: String,
    /// Why. The address is not repeated: it may contain a password.
    pub reason: String,
    /// The line of the list that it begins on, from 1.
    pub line: usize,
}

/// What an outline points to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutlineKind {
    /// A feed (`type="rss"`, which stands for every format).
    #[default]
    Feed,
    /// A page without a feed (`type="link"`).
    Page,
}

/// Why a text is not a subscription list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// There is no `opml` element.
    #[error("this is no OPML: expected an <opml> element")]
    NotOpml,
    /// The markup is broken before the first subscription.
    #[error("the OPML is broken at byte {byte}: {reason}")]
    Broken {
        /// Where, from the start of the text.
        byte: u64,
        /// What the parser found.
        reason: String,
    },
    /// It has more subscriptions than are read.
    #[error("the OPML names more than {MOST_OUTLINES} feeds: split it into several lists")]
    TooLong,
}

/// Reads a list. A list that breaks in the middle yields the subscriptions before that place.
///
/// # Errors
/// When the text is not a list, or the list is too long.
pub fn read_opml(text: &str) -> Result<SubscriptionList, OpmlError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    let mut list = OpmlReader { line: 1, ..OpmlReader::default() };
    let mut counted = 0;
    loop {
        // Each event begins where the one before it ended.
        let start = usize::try_from(reader.buffer_position()).unwrap_or(text.len());
        list.line += text.get(counted..start).unwrap_or_default().matches('\n').count();
        counted = start;
        match reader.read_event() {
            Ok(Event::Start(element)) => list.open_element(&element)?,
            Ok(Event::Empty(element)) => {
                list.open_element(&element)?;
                list.close_element(element.local_name().as_ref());
            }
            Ok(Event::End(element)) => list.close_element(element.local_name().as_ref()),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) if !list.found.outlines.is_empty() => break,
            Err(error) => {
                let byte = reader.error_position();
                return Err(OpmlError::Broken { byte, reason: error.to_string() });
            }
        }
    }
    if list.is_opml { Ok(list.found) } else { Err(OpmlError::NotOpml) }
}

#[derive(Default)]
struct OpmlReader {
    is_opml: bool,
    /// The line of the current element.
    line: usize,
    folders: Vec<Option<String>>,
    found: SubscriptionList,
}

impl OpmlReader {
    fn open_element(&mut self, element: &BytesStart<'_>) -> Result<(), OpmlError> {
        match element.local_name().as_ref().to_ascii_lowercase().as_slice() {
            b"opml" => self.is_opml = true,
            b"outline" => return self.read_outline(element),
            _ => {}
        }
        Ok(())
    }

    fn read_outline(&mut self, element: &BytesStart<'_>) -> Result<(), OpmlError> {
        let title = attribute(element, "text").or_else(|| attribute(element, "title"));
        let address = attribute(element, "xmlurl");
        let is_folder = match subscription_address(element, address.as_deref()) {
            Some(Ok(url)) => {
                self.add_outline(element, title.clone().unwrap_or_default(), url)?;
                false
            }
            Some(Err(reason)) => {
                self.skip_outline(title.clone().unwrap_or_default(), reason)?;
                false
            }
            None => true,
        };
        if self.folders.len() < DEEPEST {
            self.folders.push(title.filter(|_| is_folder));
        }
        Ok(())
    }

    fn add_outline(
        &mut self,
        element: &BytesStart<'_>,
        title: String,
        url: String,
    ) -> Result<(), OpmlError> {
        if self.found.outlines.len() == MOST_OUTLINES {
            return Err(OpmlError::TooLong);
        }
        let own = attribute(element, "category").unwrap_or_default();
        let folders = self.folders.iter().rev().flatten().map(String::as_str);
        let mut categories: Vec<String> = Vec::new();
        for name in folders.chain(own.split([',', '/'])).map(str::trim) {
            let is_new = categories.iter().all(|other| other != name);
            if is_new && !name.is_empty() && categories.len() < MOST_CATEGORIES {
                categories.push(name.to_owned());
            }
        }
        self.found.outlines.push(Outline {
            title,
            kind: OutlineKind::Feed,
            url,
            site_url: attribute(element, "htmlurl").filter(|url| is_web(url)),
            categories,
            language: attribute(element, "language"),
        });
        Ok(())
    }

    fn skip_outline(&mut self, title: String, reason: String) -> Result<(), OpmlError> {
        if self.found.skipped.len() == MOST_OUTLINES {
            return Err(OpmlError::TooLong);
        }
        self.found.skipped.push(SkippedOutline { title, reason, line: self.line });
        Ok(())
    }

    fn close_element(&mut self, name: &[u8]) {
        if name.eq_ignore_ascii_case(b"outline") {
            self.folders.pop();
        } else if name.eq_ignore_ascii_case(b"opml") {
            self.found.is_complete = true;
        }
    }
}

/// The address that an outline subscribes to, or why there is no address. `None`: it is not a subscription.
fn subscription_address(
    element: &BytesStart<'_>,
    address: Option<&str>,
) -> Option<Result<String, String>> {
    let kind = attribute(element, "type").unwrap_or_default();
    // FreshRSS names the rules by which it reads a page or a document: HTML+XPath, JSON+DotNotation.
    let has_rules = kind.contains('+') && !kind.contains('/');
    Some(match address {
        Some(_) if has_rules => Err(format!(
            "it is no feed, but read by rules of another program ({kind}); a page can be read by \
             selectors: `[source.page]` in docs/page-sources.md"
        )),
        Some(address) => web_address(address).ok_or_else(|| describe_wrong_address(address)),
        None if kind.eq_ignore_ascii_case("include") => {
            Err("it includes another list; import that one by itself".to_owned())
        }
        None if kind.eq_ignore_ascii_case("rss") || kind.eq_ignore_ascii_case("atom") => {
            Err("it names no address (xmlUrl)".to_owned())
        }
        None => return None,
    })
}

/// Why an address is not a web address.
fn describe_wrong_address(address: &str) -> String {
    match url::Url::parse(address) {
        Ok(url) => format!("expected an http or https address, found `{}:`", url.scheme()),
        Err(error) => format!("its address is none: {error}"),
    }
}

/// A web address, also as `feed:` writes it: `feed://host/` and `feed:https://host/`. `None`: it is not
/// one.
pub fn web_address(written: &str) -> Option<String> {
    let written = written.trim();
    let is_feed = written.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("feed:"));
    if !is_feed {
        return is_web(written).then(|| written.to_owned());
    }
    let rest = written.get(5..).unwrap_or_default();
    let bare = rest.trim_start_matches('/');
    let has_scheme = ["http:", "https:"]
        .iter()
        .any(|scheme| bare.get(..scheme.len()).is_some_and(|it| it.eq_ignore_ascii_case(scheme)));
    // Without a scheme of its own it is an http address (draft-obasanjo-feed-URI-scheme-02, section 2).
    let address = if has_scheme { bare.to_owned() } else { format!("http://{bare}") };
    is_web(&address).then_some(address)
}

/// An attribute by its lower-case name, in any case, entities resolved; `None` when blank.
fn attribute(element: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = element
        .html_attributes()
        .with_checks(false)
        .flatten()
        .find(|attribute| attribute.key.as_ref().eq_ignore_ascii_case(name.as_bytes()))?;
    let raw = String::from_utf8_lossy(&found.value);
    let value = htmlize::unescape_attribute(raw.as_ref());
    let value = value.trim();
    (!value.is_empty()).then(|| value.to_owned())
}

fn is_web(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Writes a list as OPML 2.0, well-formed for any texts; first categories become folders, in the order of
/// their first outline. An outline with several categories has all of them in its `category`, too.
pub fn write_opml(title: &str, outlines: &[Outline]) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n");
    text.extend([
        "  <head>\n    <title>",
        &escape_attribute(title),
        "</title>\n  </head>\n  <body>\n",
    ]);
    let mut folders: Vec<Option<&str>> = Vec::new();
    for outline in outlines {
        let folder = outline.categories.first().map(String::as_str);
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    for folder in folders {
        let is_inside =
            |outline: &&Outline| outline.categories.first().map(String::as_str) == folder;
        let inside = outlines.iter().filter(is_inside);
        if let Some(name) = folder {
            text.extend(["    <outline text=\"", &escape_attribute(name), "\">\n"]);
        }
        for outline in inside {
            text.push_str(&outline_line(outline));
        }
        if folder.is_some() {
            text.push_str("    </outline>\n");
        }
    }
    text.push_str("  </body>\n</opml>\n");
    text
}

fn outline_line(outline: &Outline) -> String {
    let (kind, name) = match outline.kind {
        OutlineKind::Feed => ("rss", "xmlUrl"),
        OutlineKind::Page => ("link", "url"),
    };
    let mut line = format!(
        "      <outline type=\"{kind}\" text=\"{0}\" title=\"{0}\" {name}=\"{1}\"",
        escape_attribute(&outline.title),
        escape_attribute(&outline.url)
    );
    let paths = (outline.categories.len() > 1).then(|| category_paths(&outline.categories));
    let more =
        [("htmlUrl", &outline.site_url), ("language", &outline.language), ("category", &paths)];
    for (name, value) in more {
        if let Some(value) = value {
            line.extend([" ", name, "=\"", &escape_attribute(value), "\""]);
        }
    }
    line.push_str("/>\n");
    line
}

/// Categories as OPML 2.0 writes them: `/one,/two`. A slash or a comma in a name becomes a space.
fn category_paths(categories: &[String]) -> String {
    let path = |name: &String| format!("/{}", name.replace([',', '/'], " "));
    categories.iter().map(path).collect::<Vec<_>>().join(",")
}

/// Text for an attribute: markup is escaped, and what XML forbids is left out.
fn escape_attribute(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\t' | '\n' | '\r' => safe.push(' '),
            '\0'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}' => {}
            other => safe.push(other),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_as_other_programs_write_them() {
        let text = r#"<?xml version="1.0"?><opml version="1.1"><head><title>x</title></head><body>
            <outline text="سياسة">
              <outline text="خبر &amp; رأي" type="rss" xmlUrl="https://a.example/feed?x=1&y=2"
                htmlUrl="https://a.example/"/>
              <outline title="بلا نص" XMLURL="http://b.example/rss"/></outline>
            <outline text="وحيد" xmlUrl="https://c.example/f" category="/a/اقتصاد,/b"/>
            <outline text="هجوم" xmlUrl="exec:rm"/>
            </body></opml>"#;
        let SubscriptionList { outlines: list, skipped, is_complete } = read_opml(text).unwrap();
        assert!(is_complete);
        let short: Vec<_> = list
            .iter()
            .map(|o| (o.title.as_str(), o.url.as_str(), o.categories.join("+")))
            .collect();
        assert_eq!(
            short,
            [
                ("خبر & رأي", "https://a.example/feed?x=1&y=2", "سياسة".to_owned()),
                ("بلا نص", "http://b.example/rss", "سياسة".to_owned()),
                ("وحيد", "https://c.example/f", "a+اقتصاد+b".to_owned()),
            ]
        );
        assert_eq!(list[0].site_url.as_deref(), Some("https://a.example/"));
        let reason = "expected an http or https address, found `exec:`";
        let attack = SkippedOutline { title: "هجوم".into(), reason: reason.into(), line: 7 };
        assert_eq!(skipped, [attack]);
    }

    #[test]
    fn nested_folders_are_categories_the_innermost_first() {
        let text = "<opml><body><outline text='العالم'><outline text='آسيا'>\
            <outline text='a' xmlUrl='https://a.example/' category='/آسيا,/طقس'/></outline>\
            <outline text='b' xmlUrl='https://b.example/'/></outline>\
            <outline text='c' xmlUrl='https://c.example/'/></body></opml>";
        let list = read_opml(text).unwrap().outlines;
        let categories: Vec<_> = list.iter().map(|o| o.categories.join("+")).collect();
        assert_eq!(categories, ["آسيا+العالم+طقس", "العالم", ""]);
        assert_eq!(
            read_opml(&write_opml("x", &list)).unwrap().outlines,
            list,
            "written and read back"
        );
    }

    #[test]
    fn addresses_of_feeds_are_understood_as_they_are_written() {
        let check = |written: &str, expected: Option<&str>| {
            assert_eq!(web_address(written).as_deref(), expected, "{written}");
        };
        check("https://a.example/x", Some("https://a.example/x"));
        check("feed://a.example/x", Some("http://a.example/x"));
        check("feed:https://a.example/x", Some("https://a.example/x"));
        check(" FEED://HTTPS://a.example/x ", Some("HTTPS://a.example/x"));
        check("feed:a.example/x", Some("http://a.example/x"));
        for bad in ["feed:", "feed://", "feeds.xml", "file:///x", "javascript:x", "سfeed"] {
            check(bad, None);
        }
    }

    #[test]
    fn what_is_skipped_has_its_reason() {
        let text = "<opml><body><outline text='1' type='HTML+XPath' xmlUrl='https://a.example/'/>\
            <outline text='2' type='rss' xmlUrl='a.example/feed'/><outline text='3' type='rss'/>\
            <outline text='4' type='include' url='https://a.example/b.opml'/>\
            <outline text='5' type='link' url='https://a.example/'/><outline text='6'/>\
            <outline text='7' type='application/rss+xml' xmlUrl='https://b.example/'/></body></opml>";
        let SubscriptionList { outlines, skipped, is_complete } = read_opml(text).unwrap();
        assert!(outlines.len() == 1 && is_complete);
        let reasons = skipped
            .iter()
            .map(|it| (it.title.as_str(), it.reason.split([',', ':', ';']).next().unwrap()));
        let expected = [
            ("1", "it is no feed"),
            ("2", "its address is none"),
            ("3", "it names no address (xmlUrl)"),
            ("4", "it includes another list"),
        ];
        assert_eq!(reasons.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn a_list_that_breaks_is_not_complete() {
        let one = "<outline xmlUrl='https://a.example/'/>";
        for (rest, expected) in [
            ("</body></opml>", true),
            ("</body></OPML>\n<!-- x -->", true),
            ("", false),
            ("<outline xmlUrl='https://b.exam", false),
            ("</body><![CDATA[", false),
        ] {
            let list = read_opml(&format!("<opml><body>{one}{rest}")).unwrap();
            assert_eq!((list.outlines.len(), list.is_complete), (1, expected), "{rest}");
        }
        assert!(read_opml("<opml/>").unwrap().is_complete);
    }

    #[test]
    fn a_page_is_a_link_and_no_subscription() {
        let outline = |kind, url: &str| Outline {
            title: "بلدية".into(),
            kind,
            url: url.into(),
            categories: vec!["محليات".into()],
            ..Outline::default()
        };
        let page = outline(OutlineKind::Page, "https://a.example/news/");
        let feed = outline(OutlineKind::Feed, "https://a.example/feed");
        let text = write_opml("x", &[page, feed.clone()]);
        let link = "<outline type=\"link\" text=\"بلدية\" title=\"بلدية\" url=\"https://a.example/news/\"/>";
        assert!(text.contains(link), "{text}");
        assert_eq!(read_opml(&text).unwrap().outlines, [feed]);
    }

    #[test]
    fn other_texts_are_an_error_with_a_reason() {
        assert_eq!(read_opml("<html></html>"), Err(OpmlError::NotOpml));
        assert_eq!(read_opml(""), Err(OpmlError::NotOpml));
        let flood = "<outline xmlUrl='https://a.example/'/>".repeat(MOST_OUTLINES + 1);
        assert_eq!(read_opml(&format!("<opml>{flood}")), Err(OpmlError::TooLong));
    }

    proptest::proptest! {
        #[test]
        fn no_text_causes_a_panic(text in "[<>/ a-z\"'=&;]{0,200}") {
            let _ = read_opml(&text);
        }

        #[test]
        fn what_is_written_is_read_back(title in "\\PC{0,20}", name in "[^\\pC\\s]{1,20}", n in 0..3_usize) {
            let outline = Outline {
                title: name.clone(),
                kind: OutlineKind::Feed,
                url: format!("https://{n}.example/?a=1&b=2"),
                site_url: None,
                categories: (0..n).map(|at| format!("c{at}")).collect(),
                language: Some("ar".into()),
            };
            let text = write_opml(&title, std::slice::from_ref(&outline));
            proptest::prop_assert_eq!(read_opml(&text).unwrap().outlines, [outline]);
        }
    }
}
