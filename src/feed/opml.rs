//! Subscription lists: OPML (opml.org/spec2.opml) ↔ `Outline`s. Folders become categories; what is
//! not `http` or `https` is left out, whatever a list claims (newsboat's `exec:` was an attack). A page
//! without a feed is written as a link: no reader could subscribe to it, and none is read back.

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};

use super::model::Source;

/// A list longer than this is an attack, not a list.
const LONGEST: usize = 10_000;
/// Folders deeper than this count as their outermost ones.
const DEEPEST: usize = 64;

/// The media type of a list (registered nowhere; the customary one).
pub const MEDIA_TYPE: &str = "text/x-opml; charset=utf-8";

/// One subscription of a list.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Outline {
    /// The name to show; empty when the list gives none.
    pub title: String,
    /// Where its address leads.
    pub kind: OutlineKind,
    /// The address: `http` or `https`.
    pub url: String,
    /// The site's page.
    pub site_url: Option<String>,
    /// The innermost folder it stands in, or its own `category`.
    pub category: Option<String>,
    /// The language tag as written.
    pub language: Option<String>,
}

/// Where an outline leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OutlineKind {
    /// To a feed (`type="rss"`, which stands for every format).
    #[default]
    Feed,
    /// To a page that has no feed (`type="link"`).
    Page,
}

impl OutlineKind {
    /// The kind that a source is listed as.
    pub fn of(source: &Source) -> Self {
        if source.page.is_some() { Self::Page } else { Self::Feed }
    }
}

/// Why a text is no subscription list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpmlError {
    /// There is no `opml` element.
    #[error("this is no OPML: expected an <opml> element")]
    NotOpml,
    /// The markup breaks before anything was found.
    #[error("the OPML is broken at byte {byte}: {reason}")]
    Broken {
        /// Where, from the start of the text.
        byte: u64,
        /// What the parser found.
        reason: String,
    },
    /// More subscriptions than a list can have.
    #[error("the OPML names more than {LONGEST} feeds")]
    TooLong,
}

/// Reads a list. A list that breaks in the middle gives what stood before.
///
/// # Errors
/// When nothing of it is a list, or it is too long.
pub fn read(text: &str) -> Result<Vec<Outline>, OpmlError> {
    let mut reader = Reader::from_str(text);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_dangling_amp = true;
    config.allow_unmatched_ends = true;
    let mut list = List::default();
    loop {
        match reader.read_event() {
            Ok(Event::Start(element)) => list.open(&element)?,
            Ok(Event::Empty(element)) => {
                list.open(&element)?;
                list.close(element.local_name().as_ref());
            }
            Ok(Event::End(element)) => list.close(element.local_name().as_ref()),
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(_) if !list.outlines.is_empty() => break,
            Err(error) => {
                let byte = reader.error_position();
                return Err(OpmlError::Broken { byte, reason: error.to_string() });
            }
        }
    }
    if list.is_opml { Ok(list.outlines) } else { Err(OpmlError::NotOpml) }
}

#[derive(Default)]
struct List {
    is_opml: bool,
    folders: Vec<Option<String>>,
    outlines: Vec<Outline>,
}

impl List {
    fn open(&mut self, element: &BytesStart<'_>) -> Result<(), OpmlError> {
        match element.local_name().as_ref().to_ascii_lowercase().as_slice() {
            b"opml" => self.is_opml = true,
            b"outline" => return self.outline(element),
            _ => {}
        }
        Ok(())
    }

    fn outline(&mut self, element: &BytesStart<'_>) -> Result<(), OpmlError> {
        let title = attribute(element, "text").or_else(|| attribute(element, "title"));
        let feed = attribute(element, "xmlurl").filter(|url| is_web(url));
        let is_feed = feed.is_some();
        if let Some(url) = feed {
            if self.outlines.len() == LONGEST {
                return Err(OpmlError::TooLong);
            }
            let own = attribute(element, "category");
            self.outlines.push(Outline {
                title: title.clone().unwrap_or_default(),
                kind: OutlineKind::Feed,
                url,
                site_url: attribute(element, "htmlurl").filter(|url| is_web(url)),
                category: self.folder().or_else(|| own.as_deref().and_then(last_part)),
                language: attribute(element, "language"),
            });
        }
        if self.folders.len() < DEEPEST {
            self.folders.push(title.filter(|_| !is_feed));
        }
        Ok(())
    }

    fn close(&mut self, name: &[u8]) {
        if name.eq_ignore_ascii_case(b"outline") {
            self.folders.pop();
        }
    }

    fn folder(&self) -> Option<String> {
        self.folders.iter().rev().flatten().next().cloned()
    }
}

/// OPML 2.0 gives categories as `/path/to,other`.
fn last_part(category: &str) -> Option<String> {
    let first = category.split(',').next()?;
    let last = first.rsplit('/').find(|part| !part.trim().is_empty())?;
    Some(last.trim().to_owned())
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

/// Writes a list as OPML 2.0, well-formed whatever the texts hold; categories become folders, in
/// the order of their first outline.
pub fn write(title: &str, outlines: &[Outline]) -> String {
    let mut text =
        String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n");
    text.extend(["  <head>\n    <title>", &escaped(title), "</title>\n  </head>\n  <body>\n"]);
    let mut folders: Vec<Option<&str>> = Vec::new();
    for outline in outlines {
        let folder = outline.category.as_deref();
        if !folders.contains(&folder) {
            folders.push(folder);
        }
    }
    for folder in folders {
        let inside = outlines.iter().filter(|outline| outline.category.as_deref() == folder);
        if let Some(name) = folder {
            text.extend(["    <outline text=\"", &escaped(name), "\">\n"]);
        }
        for outline in inside {
            text.push_str(&line(outline));
        }
        if folder.is_some() {
            text.push_str("    </outline>\n");
        }
    }
    text.push_str("  </body>\n</opml>\n");
    text
}

fn line(outline: &Outline) -> String {
    let (kind, name) = match outline.kind {
        OutlineKind::Feed => ("rss", "xmlUrl"),
        OutlineKind::Page => ("link", "url"),
    };
    let mut line = format!(
        "      <outline type=\"{kind}\" text=\"{0}\" title=\"{0}\" {name}=\"{1}\"",
        escaped(&outline.title),
        escaped(&outline.url)
    );
    let more = [("htmlUrl", &outline.site_url), ("language", &outline.language)];
    for (name, value) in more {
        if let Some(value) = value {
            line.extend([" ", name, "=\"", &escaped(value), "\""]);
        }
    }
    line.push_str("/>\n");
    line
}

/// Text for an attribute: markup escaped, what XML forbids left out.
fn escaped(text: &str) -> String {
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
        let list = read(text).unwrap();
        let short: Vec<_> = list
            .iter()
            .map(|o| (o.title.as_str(), o.url.as_str(), o.category.as_deref()))
            .collect();
        assert_eq!(
            short,
            [
                ("خبر & رأي", "https://a.example/feed?x=1&y=2", Some("سياسة")),
                ("بلا نص", "http://b.example/rss", Some("سياسة")),
                ("وحيد", "https://c.example/f", Some("اقتصاد")),
            ]
        );
        assert_eq!(list[0].site_url.as_deref(), Some("https://a.example/"));
    }

    #[test]
    fn a_page_is_a_link_that_nobody_subscribes_to() {
        let outline = |kind, url: &str| Outline {
            title: "بلدية".into(),
            kind,
            url: url.into(),
            category: Some("محليات".into()),
            ..Outline::default()
        };
        let page = outline(OutlineKind::Page, "https://a.example/news/");
        let feed = outline(OutlineKind::Feed, "https://a.example/feed");
        let text = write("x", &[page, feed.clone()]);
        let link = "<outline type=\"link\" text=\"بلدية\" title=\"بلدية\" url=\"https://a.example/news/\"/>";
        assert!(text.contains(link), "{text}");
        assert_eq!(read(&text).unwrap(), [feed]);
    }

    #[test]
    fn what_is_no_list_is_refused_with_the_reason() {
        assert_eq!(read("<html></html>"), Err(OpmlError::NotOpml));
        assert_eq!(read(""), Err(OpmlError::NotOpml));
        let flood = "<outline xmlUrl='https://a.example/'/>".repeat(LONGEST + 1);
        assert_eq!(read(&format!("<opml>{flood}")), Err(OpmlError::TooLong));
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[<>/ a-z\"'=&;]{0,200}") {
            let _ = read(&text);
        }

        #[test]
        fn what_is_written_is_read_back(title in "\\PC{0,20}", name in "[^\\pC\\s]{1,20}", n in 0..3_usize) {
            let outline = Outline {
                title: name.clone(),
                kind: OutlineKind::Feed,
                url: format!("https://{n}.example/?a=1&b=2"),
                site_url: None,
                category: (n > 0).then(|| format!("c{n}")),
                language: Some("ar".into()),
            };
            let text = write(&title, std::slice::from_ref(&outline));
            proptest::prop_assert_eq!(read(&text).unwrap(), [outline]);
        }
    }
}
