//! Attributes of an element → their meaning: links, enclosures, pictures, categories, and how a text is
//! encoded.

use std::borrow::Cow;

use super::entities::Entities;
use super::namespaces::{Namespace, NamespaceScopes, split_prefix};
use super::text_pieces::ContentMode;
use super::tokens::{AttributeForm, parse_attributes};
use crate::model::{
    RawCategory, RawChapter, RawEnclosure, RawImage, RawLink, RawTranscript, TextKind,
};

/// Attributes of one element that are read; more are an attack.
const MOST_ATTRIBUTES: usize = 64;
/// Bytes of an attribute's value; no useful value is longer.
const LONGEST_VALUE: usize = 64 * 1024;
/// Characters of a name that a warning repeats.
const LONGEST_QUOTED: usize = 40;

/// Names with a capital letter, among those that are read.
const NAMES_WITH_CAPITAL: [&str; 2] = ["isPermaLink", "fileSize"];
/// The other names that are read.
const LOWER_CASE_NAMES: [&str; 29] = [
    "about", "base", "dir", "domain", "duration", "group", "height", "href", "hreflang", "image",
    "img", "label", "lang", "length", "medium", "mode", "rel", "resource", "role", "scheme", "src",
    "start", "term", "text", "title", "type", "url", "version", "width",
];

/// The attributes of one element with their references resolved; the first of a name wins.
#[derive(Debug, Default)]
pub(super) struct ElementAttributes<'a> {
    list: Vec<(&'a str, Cow<'a, str>)>,
    /// What is wrong with them, each with the name of the attribute.
    pub(super) faults: Vec<(AttributeFault, &'a str)>,
}

/// What can be wrong with an attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeFault {
    Unquoted,
    WithoutValue,
    RunTogether,
    Repeated,
    Miscased,
    /// It is too long, or there are too many.
    Dropped,
}

impl AttributeFault {
    /// The code of its warning.
    pub(super) const fn code(self) -> &'static str {
        match self {
            Self::Unquoted => "unquoted-attribute",
            Self::WithoutValue => "attribute-without-value",
            Self::RunTogether => "attributes-run-together",
            Self::Repeated => "repeated-attribute",
            Self::Miscased => "name-case",
            Self::Dropped => "attributes-dropped",
        }
    }

    /// What was found and done about the attribute `name`.
    pub(super) fn describe(self, name: &str) -> String {
        let name: String = name.chars().take(LONGEST_QUOTED).collect();
        match self {
            Self::Unquoted => format!("the value of {name} stands without quotes"),
            Self::WithoutValue => format!("{name} has no value and is passed over"),
            Self::RunTogether => format!("no white space stands before {name}"),
            Self::Repeated => format!("{name} stands twice in one tag: the first is taken"),
            Self::Miscased => format!("the attribute {name} is written in another case"),
            Self::Dropped => format!(
                "an element has more than {MOST_ATTRIBUTES} attributes, or one of more than \
                 {LONGEST_VALUE} bytes: {name} is left out"
            ),
        }
    }
}

impl<'a> ElementAttributes<'a> {
    /// Parses the attributes; blank values count as absent.
    pub(super) fn parse(raw: &'a str, entities: &mut Entities) -> Self {
        if raw.is_empty() {
            return Self::default();
        }
        let mut list: Vec<(&str, Cow<'_, str>)> = Vec::new();
        let mut faults = Vec::new();
        let mut all = parse_attributes(raw);
        for found in all.by_ref().take(MOST_ATTRIBUTES) {
            let name = found.name;
            match found.form {
                AttributeForm::Quoted => {}
                AttributeForm::RunTogether => faults.push((AttributeFault::RunTogether, name)),
                AttributeForm::Unquoted => faults.push((AttributeFault::Unquoted, name)),
                AttributeForm::WithoutValue => faults.push((AttributeFault::WithoutValue, name)),
            }
            if list.iter().any(|(known, _)| *known == name) {
                faults.push((AttributeFault::Repeated, name));
            }
            if is_miscased(split_prefix(name).1) {
                faults.push((AttributeFault::Miscased, name));
            }
            if found.value.len() > LONGEST_VALUE {
                faults.push((AttributeFault::Dropped, name));
            } else if !found.value.trim().is_empty() {
                let value = match entities.resolve(found.value) {
                    Cow::Borrowed(value) => Cow::Borrowed(value.trim()),
                    Cow::Owned(value) => Cow::Owned(value.trim().to_owned()),
                };
                list.push((name, value));
            }
        }
        faults.extend(all.next().map(|more| (AttributeFault::Dropped, more.name)));
        Self { list, faults }
    }

    /// Whether no attribute has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// An attribute by its local name, in any case and with any prefix except `xml:` and `xmlns:`.
    pub(super) fn get(&self, searched: &str) -> Option<&str> {
        let found = self.list.iter().find(|(name, _)| {
            let is_long_enough = name.len() >= searched.len();
            is_long_enough && {
                let (prefix, local) = split_prefix(name);
                local.eq_ignore_ascii_case(searched) && prefix != "xml" && prefix != "xmlns"
            }
        });
        found.map(|(_, value)| value.as_ref())
    }

    /// An attribute of the XML namespace (`xml:lang`, `xml:base`).
    pub(super) fn get_xml(&self, searched: &str) -> Option<&str> {
        let found = self.list.iter().find(|(name, _)| {
            let (prefix, local) = split_prefix(name);
            prefix.eq_ignore_ascii_case("xml") && local.eq_ignore_ascii_case(searched)
        });
        found.map(|(_, value)| value.as_ref())
    }

    fn get_owned(&self, searched: &str) -> Option<String> {
        self.get(searched).map(ToOwned::to_owned)
    }

    /// Declares the namespaces among the attributes.
    pub(super) fn declare_namespaces(raw: &'a str, scopes: &mut NamespaceScopes<'a>) {
        for found in parse_attributes(raw).take(MOST_ATTRIBUTES) {
            scopes.declare(found.name, found.value);
        }
    }
}

/// Whether a name is one that is read, spelled in another case.
fn is_miscased(local: &str) -> bool {
    if local.bytes().any(|byte| byte.is_ascii_uppercase()) {
        !NAMES_WITH_CAPITAL.contains(&local)
            && NAMES_WITH_CAPITAL
                .iter()
                .chain(&LOWER_CASE_NAMES)
                .any(|name| name.eq_ignore_ascii_case(local))
    } else {
        local.starts_with(['i', 'f'])
            && NAMES_WITH_CAPITAL.iter().any(|name| name.eq_ignore_ascii_case(local))
    }
}

/// A link, if the element has an address; relations lose the prefix of IANA's registry.
pub(super) fn link_from(attrs: &ElementAttributes<'_>) -> Option<RawLink> {
    let rel = attrs.get("rel").map(|rel| {
        let rel = rel.to_ascii_lowercase();
        let registry = rel.rsplit_once("/assignments/relation/").map(|(_, name)| name.to_owned());
        registry.unwrap_or(rel)
    });
    Some(RawLink {
        href: attrs.get_owned("href")?,
        rel,
        media_type: attrs.get_owned("type"),
        hreflang: attrs.get_owned("hreflang"),
        title: attrs.get_owned("title"),
    })
}

/// An enclosure: RSS `enclosure`, Atom `link rel="enclosure"`, `media:content`.
pub(super) fn enclosure_from(attrs: &ElementAttributes<'_>) -> Option<RawEnclosure> {
    Some(RawEnclosure {
        url: attrs.get_owned("url").or_else(|| attrs.get_owned("href"))?,
        media_type: attrs.get_owned("type").or_else(|| attrs.get_owned("medium")),
        length: attrs.get_owned("length").or_else(|| attrs.get_owned("fileSize")),
        duration: attrs.get_owned("duration"),
        title: attrs.get_owned("title"),
    })
}

/// Whether `media:content` is a picture, by its `medium` or `type`, else by the extension of its address.
pub(super) fn is_picture(attrs: &ElementAttributes<'_>) -> bool {
    let starts_with = |name: &str, start: &str| {
        attrs
            .get(name)
            .map(|value| value.get(..start.len()).is_some_and(|v| v.eq_ignore_ascii_case(start)))
    };
    starts_with("medium", "image").or_else(|| starts_with("type", "image")).unwrap_or_else(|| {
        let path =
            attrs.get("url").and_then(|url| url.split(['?', '#']).next()).unwrap_or_default();
        let end = path.rsplit('.').next().unwrap_or_default();
        ["jpg", "jpeg", "png", "gif", "webp", "avif"].iter().any(|e| e.eq_ignore_ascii_case(end))
    })
}

/// A picture by its `url`, `href` or `rdf:resource`.
pub(super) fn picture_from(attrs: &ElementAttributes<'_>) -> Option<RawImage> {
    let url = attrs.get_owned("url").or_else(|| attrs.get_owned("href"));
    Some(RawImage {
        url: url.or_else(|| attrs.get_owned("resource"))?,
        width: attrs.get_owned("width"),
        height: attrs.get_owned("height"),
        ..RawImage::default()
    })
}

/// A transcript (podcastindex.org/namespace/1.0), if it has an address.
pub(super) fn transcript_from(attrs: &ElementAttributes<'_>) -> Option<RawTranscript> {
    Some(RawTranscript {
        url: attrs.get_owned("url")?,
        media_type: attrs.get_owned("type"),
        language: attrs.get_owned("language"),
        rel: attrs.get_owned("rel"),
    })
}

/// A chapter (podlove.org/simple-chapters), if it has a start.
pub(super) fn chapter_from(attrs: &ElementAttributes<'_>) -> Option<RawChapter> {
    Some(RawChapter {
        start: attrs.get_owned("start")?,
        title: attrs.get_owned("title"),
        href: attrs.get_owned("href"),
        image: attrs.get_owned("image"),
    })
}

/// An Atom category, by its `term` or, without one, its `label`.
pub(super) fn category_from(attrs: &ElementAttributes<'_>) -> Option<RawCategory> {
    let (term, label) = (attrs.get_owned("term"), attrs.get_owned("label"));
    let term = term.or_else(|| label.clone())?;
    let label = label.filter(|label| *label != term);
    Some(RawCategory { term, label, scheme: attrs.get_owned("scheme") })
}

/// How a text is to be read and how it is encoded, by `type` and `mode` (RFC 4287 section 3.1.1 and
/// 4.1.3.3, Atom 0.3 section 3.1). Without a type: Atom's default is text, RSS has none.
pub(super) fn text_type(attrs: &ElementAttributes<'_>, ns: Namespace) -> (TextKind, ContentMode) {
    if attrs.is_empty() {
        let kind = if ns == Namespace::Atom { TextKind::Text } else { TextKind::Unspecified };
        return (kind, ContentMode::Escaped);
    }
    let media_type = attrs.get("type").map(str::to_ascii_lowercase);
    let media_type = media_type.as_deref().map(|t| t.split(';').next().unwrap_or(t).trim());
    let (kind, mode) = match media_type {
        None if ns == Namespace::Atom => (TextKind::Text, ContentMode::Escaped),
        None => (TextKind::Unspecified, ContentMode::Escaped),
        Some("text" | "text/plain") => (TextKind::Text, ContentMode::Escaped),
        Some("html" | "text/html") => (TextKind::Html, ContentMode::Escaped),
        Some("xhtml") => (TextKind::Html, ContentMode::Inline),
        Some(t) if is_xml_type(t) => (TextKind::Html, ContentMode::Inline),
        Some(t) if t.starts_with("text/") => (TextKind::Text, ContentMode::Escaped),
        // RFC 4287 section 4.1.3.3, rule 6: any other media type is base64.
        Some(t) if t.contains('/') => (TextKind::Text, ContentMode::Base64),
        Some(_) => (TextKind::Unspecified, ContentMode::Escaped),
    };
    match attrs.get("mode") {
        Some(own) if own.eq_ignore_ascii_case("base64") => (kind, ContentMode::Base64),
        Some(own) if own.eq_ignore_ascii_case("escaped") => (kind, ContentMode::Escaped),
        _ => (kind, mode),
    }
}

/// Whether the type of a text is one of XML other than XHTML: it may be data for programs (RFC 4287 section
/// 4.1.3.3, rule 4).
pub(super) fn may_be_data(attrs: &ElementAttributes<'_>) -> bool {
    let media_type = attrs.get("type").map(str::to_ascii_lowercase);
    media_type
        .as_deref()
        .map(|t| t.split(';').next().unwrap_or(t).trim())
        .is_some_and(|t| is_xml_type(t) && !t.contains("html"))
}

/// Whether a media type is one of XML (RFC 7303).
fn is_xml_type(media_type: &str) -> bool {
    media_type.ends_with("/xml") || media_type.ends_with("+xml")
}

#[cfg(test)]
mod tests {
    use super::*;
    use {ContentMode::*, TextKind::*};

    fn read(raw: &str) -> ElementAttributes<'_> {
        ElementAttributes::parse(raw, &mut Entities::default())
    }

    #[test]
    fn names_are_found_in_any_case_and_with_any_prefix() {
        let attrs = read("HREF='/a?x=1&amp;y=2&z' xml:base=\"b\" rdf:resource='r' type=''");
        assert_eq!(attrs.get("href"), Some("/a?x=1&y=2&z"));
        assert_eq!((attrs.get("base"), attrs.get_xml("base")), (None, Some("b")));
        assert_eq!(attrs.get("resource"), Some("r"));
        assert_eq!(attrs.get("type"), None);
    }

    #[test]
    fn faults_are_reported() {
        let check = |raw: &str, expected: &[(AttributeFault, &str)]| {
            assert_eq!(read(raw).faults, expected, "{raw}");
        };
        check(" href='a' xml:lang=\"ar\" isPermaLink='true' fileSize='1' viewBox='0' alt=''", &[]);
        check("href=a", &[(AttributeFault::Unquoted, "href")]);
        check("a href='b'", &[(AttributeFault::WithoutValue, "a")]);
        check("a='1'b='2'", &[(AttributeFault::RunTogether, "b")]);
        check("a='1' a='2'", &[(AttributeFault::Repeated, "a")]);
        check(
            "HREF='1' ispermalink='2'",
            &[(AttributeFault::Miscased, "HREF"), (AttributeFault::Miscased, "ispermalink")],
        );
        let long = format!("a='{}'", "x".repeat(LONGEST_VALUE + 1));
        check(&long, &[(AttributeFault::Dropped, "a")]);
        let many: Vec<String> = (0..=MOST_ATTRIBUTES).map(|n| format!("a{n}=''")).collect();
        check(&many.join(" "), &[(AttributeFault::Dropped, "a64")]);
    }

    #[test]
    fn links_and_files() {
        let attrs = read("rel='http://www.iana.org/assignments/relation/Alternate' href='x'");
        assert_eq!(link_from(&attrs).unwrap().rel.as_deref(), Some("alternate"));
        assert_eq!(link_from(&read("rel='self'")), None);
        let file =
            enclosure_from(&read("url='a' medium='video' fileSize='3' duration='9'")).unwrap();
        assert_eq!(
            (file.media_type.as_deref(), file.length.as_deref()),
            (Some("video"), Some("3"))
        );
        for (raw, expected) in [
            ("url='a.jpg'", true),
            ("url='a.jpg?w=1' type='video/mp4'", false),
            ("url='a' medium='image'", true),
            ("url='a' type='IMAGE/png'", true),
            ("url='a'", false),
        ] {
            assert_eq!(is_picture(&read(raw)), expected, "{raw}");
        }
        let tag = category_from(&read("label='أخبار' term='news'")).unwrap();
        assert_eq!((tag.term.as_str(), tag.label.as_deref()), ("news", Some("أخبار")));
    }

    #[test]
    fn texts_state_their_type() {
        let check = |raw: &str, ns: Namespace, expected: (TextKind, ContentMode)| {
            assert_eq!(text_type(&read(raw), ns), expected, "{raw}");
        };
        check("", Namespace::Atom, (Text, Escaped));
        check("", Namespace::Core, (Unspecified, Escaped));
        check("type='TEXT'", Namespace::Atom, (Text, Escaped));
        check("type='text/html; charset=utf-8'", Namespace::Atom, (Html, Escaped));
        check("type='application/xhtml+xml'", Namespace::Atom, (Html, Inline));
        check("type='xhtml'", Namespace::Core, (Html, Inline));
        check("type='text/html' mode='escaped'", Namespace::Atom, (Html, Escaped));
        check("type='text/html' mode='base64'", Namespace::Atom, (Html, Base64));
        check("type='image/png'", Namespace::Atom, (Text, Base64));
        check("type='weird'", Namespace::Atom, (Unspecified, Escaped));
        let data = ["type='Text/XML; x=y'", "type='application/nitf+xml'"];
        assert!(data.iter().all(|raw| may_be_data(&read(raw))));
        let other = ["type='xhtml'", "type='application/xhtml+xml'", "type='text/html'", ""];
        assert!(!other.iter().any(|raw| may_be_data(&read(raw))));
    }
}
