//! The fields of an entry or feed → the canonical document, and beside it what the strict parsers would
//! drop.
//!
//! A text that contains markup is written in a CDATA section, so that nothing needs escaping; the document
//! is flat (depth at most 4). A field that the crate parses faithfully is written to the document only; a
//! field of which the crate would lose something is kept beside it as well. Dates are always kept beside
//! it: `atom_syndication` reads some of them wrongly and rejects a whole feed because of others.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr3, memmem};

use super::element_roles::FieldKind;
use super::feed_fields::{FeedFields, FieldText};
use crate::model::{
    CanonicalFormat, Format, RawCategory, RawEnclosure, RawEntry, RawFeed, RawLink, RawPerson,
    RawPollHints, RawText, TextKind,
};

/// Entries for which memory is reserved in advance, at most.
const MOST_ENTRIES_RESERVED: usize = 1_000;
/// Bytes of a document in which entries are counted, to estimate how many there are in all.
const COUNT_SAMPLE_BYTES: usize = 32 * 1024;

/// Writes one canonical document.
#[derive(Debug)]
pub(super) struct CanonicalWriter {
    canonical: CanonicalFormat,
    body: String,
    entries: Vec<RawEntry>,
}

impl CanonicalWriter {
    /// Begins a document for a text and reserves the memory that it will probably need: a buffer that
    /// grows is copied, and one that is too large costs time of the system.
    pub(super) fn new(canonical: CanonicalFormat, text: &str) -> Self {
        let mut body = String::with_capacity(text.len() + text.len() / 8);
        let entry: &[u8] = if canonical == CanonicalFormat::Atom { b"<entry" } else { b"<item" };
        let beginning = text.as_bytes().get(..COUNT_SAMPLE_BYTES).unwrap_or(text.as_bytes());
        let counted = memmem::find_iter(beginning, entry).count();
        let expected = counted * (text.len() / COUNT_SAMPLE_BYTES + 1) + 1;
        body.push_str(match canonical {
            CanonicalFormat::Atom => "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            _ => {
                "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
                 xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>"
            }
        });
        Self { canonical, body, entries: Vec::with_capacity(expected.min(MOST_ENTRIES_RESERVED)) }
    }

    pub(super) fn entries_count(&self) -> usize {
        self.entries.len()
    }

    /// Adds an entry; its fields are taken out of `fields`.
    pub(super) fn write_entry(&mut self, fields: &mut FeedFields<'_>) {
        let is_atom = self.canonical == CanonicalFormat::Atom;
        let (summary, content) =
            if is_atom { ("summary", "content") } else { ("description", "content:encoded") };
        self.body.push_str(if is_atom { "<entry>" } else { "<item>" });
        let title = self.write_text("title", fields.title.take_best());
        let summary = self.write_text(summary, fields.summary.take_best());
        let content = self.write_text(content, fields.content.take_best());
        let links = self.write_links(fields.take_links());
        let authors = self.write_people(fields.take_authors());
        let enclosures = self.write_enclosures(fields);
        self.write_guid(fields);
        self.write_categories(&fields.categories);
        self.body.push_str(if is_atom { "</entry>" } else { "</item>" });
        self.entries.push(RawEntry {
            title,
            summary,
            content,
            links,
            authors,
            contributors: std::mem::take(&mut fields.contributors),
            enclosures,
            published: fields.published.take_best(),
            updated: fields.updated.take_best(),
            images: fields.take_images(),
            origin: fields.origin.take(),
            language: fields.own_language.take().or_else(|| fields.take_text(FieldKind::Language)),
            direction: fields.direction.take(),
            base: fields.base.take(),
            rights: fields.take_text(FieldKind::Rights),
            comments: fields.take_text(FieldKind::Comments),
            comments_feed: fields.take_text(FieldKind::CommentsFeed),
            comments_count: fields.take_text(FieldKind::CommentsCount),
            place: fields.take_coordinates(),
            episode: fields.episode.take(),
            guid: None,
            guid_is_permalink: None,
            categories: Vec::new(),
        });
    }

    /// Adds the feed's own fields and ends the document: its body, the feed's fields beside it, and those
    /// of its entries.
    pub(super) fn finish(
        mut self,
        format: Format,
        mut fields: FeedFields<'_>,
    ) -> (String, RawFeed, Vec<RawEntry>) {
        let is_atom = self.canonical == CanonicalFormat::Atom;
        let subtitle = if is_atom { "subtitle" } else { "description" };
        let beside = RawFeed {
            title: self.write_text("title", fields.title.take_best()),
            subtitle: self.write_text(subtitle, fields.summary.take_best()),
            links: self.write_links(fields.take_links()),
            ..RawFeed::default()
        };
        self.write_categories(&fields.categories);
        self.body.push_str(if is_atom { "</feed>" } else { "</channel></rss>" });
        let poll_hints = RawPollHints {
            ttl: fields.take_text(FieldKind::Ttl),
            skip_hours: std::mem::take(&mut fields.hours),
            skip_days: std::mem::take(&mut fields.days),
            update_period: fields.take_text(FieldKind::UpdatePeriod),
            update_frequency: fields.take_text(FieldKind::UpdateFrequency),
            update_base: fields.take_text(FieldKind::UpdateBase),
        };
        let feed = RawFeed {
            format: Some(format),
            id: fields.guid.take_best().map(|guid| guid.value.into_owned()),
            language: fields.take_text(FieldKind::Language).or_else(|| fields.own_language.take()),
            direction: fields.direction.take(),
            base: fields.base.take(),
            images: fields.take_images(),
            updated: fields.updated.take_best(),
            published: fields.published.take_best(),
            authors: std::mem::take(&mut fields.authors),
            rights: fields.take_text(FieldKind::Rights),
            generator: fields.take_text(FieldKind::Generator),
            moved_to: fields.take_text(FieldKind::MovedTo),
            podcast_guid: fields.take_text(FieldKind::PodcastGuid),
            poll_hints,
            ..beside
        };
        (self.body, feed, self.entries)
    }

    /// Writes a text; returns it whole when the crate would lose something of it.
    fn write_text(&mut self, name: &str, text: Option<FieldText<'_>>) -> Option<RawText> {
        let text = text?;
        let is_atom = self.canonical == CanonicalFormat::Atom;
        let attributes = match text.kind {
            TextKind::Html if is_atom => " type=\"html\"",
            TextKind::Text if is_atom => " type=\"text\"",
            _ => "",
        };
        self.write_element(name, attributes, &text.value);
        let crate_kind = if is_atom {
            text.kind != TextKind::Unspecified
        } else {
            text.kind == TextKind::Unspecified
        };
        let more = text.language.is_some() || text.direction.is_some() || text.base.is_some();
        (!crate_kind || more).then(|| RawText {
            value: text.value.into_owned(),
            kind: text.kind,
            language: text.language,
            direction: text.direction,
            base: text.base,
        })
    }

    /// A single plain link is written to the document only; several, or one with more attributes, are kept
    /// beside it.
    fn write_links(&mut self, links: Vec<RawLink>) -> Vec<RawLink> {
        let page =
            links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
        if let Some(page) = page {
            match self.canonical {
                CanonicalFormat::Atom => {
                    self.write_empty_element("link", &[("href", Some(&page.href))]);
                }
                _ => self.write_element("link", "", &page.href),
            }
        }
        let is_plain =
            |link: &RawLink| *link == RawLink { href: link.href.clone(), ..RawLink::default() };
        if links.len() == 1 && links.iter().all(is_plain) { Vec::new() } else { links }
    }

    /// People with nothing but a name (or what RSS takes for one) are written to the document only.
    fn write_people(&mut self, people: Vec<RawPerson>) -> Vec<RawPerson> {
        let is_plain = |person: &RawPerson| person.email.is_none() && person.url.is_none();
        if !people.iter().all(is_plain) {
            return people;
        }
        for name in people.iter().filter_map(|person| person.name.as_deref()) {
            match self.canonical {
                CanonicalFormat::Atom => {
                    self.body.push_str("<author>");
                    self.write_element("name", "", name);
                    self.body.push_str("</author>");
                }
                _ => self.write_element("dc:creator", "", name),
            }
        }
        Vec::new()
    }

    /// A single enclosure is written to the document only; several, or one with more attributes, are kept
    /// beside it.
    fn write_enclosures(&mut self, fields: &mut FeedFields<'_>) -> Vec<RawEnclosure> {
        let mut files = std::mem::take(&mut fields.enclosures);
        if let (Some(first), Some(duration)) = (files.first_mut(), fields.duration.take()) {
            first.duration.get_or_insert(duration);
        }
        let Some(first) = files.first() else { return files };
        let attributes = [
            (
                if self.canonical == CanonicalFormat::Atom { "href" } else { "url" },
                Some(&first.url),
            ),
            ("type", first.media_type.as_ref()),
            ("length", first.length.as_ref()),
            ("rel", None),
        ];
        match self.canonical {
            CanonicalFormat::Atom => {
                let enclosure = "enclosure".to_owned();
                let [href, kind, length, _] = attributes;
                self.write_empty_element("link", &[href, kind, length, ("rel", Some(&enclosure))]);
            }
            _ => self.write_empty_element("enclosure", &attributes),
        }
        let is_plain = files.len() == 1 && first.duration.is_none() && first.title.is_none();
        if is_plain { Vec::new() } else { files }
    }

    fn write_guid(&mut self, fields: &mut FeedFields<'_>) {
        let Some(guid) = fields.guid.take_best() else { return };
        match (self.canonical, guid.is_permalink) {
            (CanonicalFormat::Atom, _) => self.write_element("id", "", &guid.value),
            (_, Some(false)) => self.write_element("guid", " isPermaLink=\"false\"", &guid.value),
            _ => self.write_element("guid", "", &guid.value),
        }
    }

    fn write_categories(&mut self, categories: &[RawCategory]) {
        for category in categories {
            if self.canonical == CanonicalFormat::Atom {
                let attributes = [
                    ("term", Some(&category.term)),
                    ("label", category.label.as_ref()),
                    ("scheme", category.scheme.as_ref()),
                ];
                self.write_empty_element("category", &attributes);
            } else {
                let shown = category.label.as_ref().unwrap_or(&category.term);
                self.body.push_str("<category");
                self.write_attribute("domain", category.scheme.as_deref());
                self.body.push('>');
                self.write_character_data(shown);
                self.body.push_str("</category>");
            }
        }
    }

    fn write_element(&mut self, name: &str, attributes: &str, text: &str) {
        self.body.extend(["<", name, attributes, ">"]);
        self.write_character_data(text);
        self.body.extend(["</", name, ">"]);
    }

    fn write_empty_element(&mut self, name: &str, attributes: &[(&str, Option<&String>)]) {
        self.body.extend(["<", name]);
        for (attribute, value) in attributes {
            self.write_attribute(attribute, value.map(String::as_str));
        }
        self.body.push_str("/>");
    }

    fn write_attribute(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.body.extend([" ", name, "=\"", &escaped_attribute(value), "\""]);
        }
    }

    /// Text as it is, or in a CDATA section; a `]]>` inside is split over two sections.
    fn write_character_data(&mut self, text: &str) {
        // A parser would turn a carriage return into a newline.
        if memchr3(b'<', b'&', b'\r', text.as_bytes()).is_none() {
            self.body.push_str(text);
            return;
        }
        self.body.push_str("<![CDATA[");
        let mut rest = text;
        while let Some(at) = find_cdata_end(rest.as_bytes()) {
            self.body.extend([&rest[..at], "]]]]><![CDATA[>"]);
            rest = &rest[at + 3..];
        }
        self.body.push_str(rest);
        self.body.push_str("]]>");
    }
}

/// Text for an attribute in double quotes; white space becomes a space.
fn escaped_attribute(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '"', '\n', '\r', '\t']) {
        return Cow::Borrowed(text);
    }
    let mut safe = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '"' => safe.push_str("&quot;"),
            '\n' | '\r' | '\t' => safe.push(' '),
            other => safe.push(other),
        }
    }
    Cow::Owned(safe)
}

/// Where `]]>` is. Its first character is rare in any text.
fn find_cdata_end(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b']', bytes).find(|at| bytes.get(at + 1..at + 3) == Some(b"]>".as_slice()))
}

#[cfg(test)]
mod tests {
    use super::super::feed_fields::Guid;
    use super::*;

    fn text(value: &str, kind: TextKind) -> FieldText<'_> {
        FieldText { value: value.into(), kind, language: None, direction: None, base: None }
    }

    fn written(canonical: CanonicalFormat, mut fields: FeedFields<'_>) -> (String, RawEntry) {
        let mut writer = CanonicalWriter::new(canonical, "");
        writer.write_entry(&mut fields);
        let (body, _, mut entries) = writer.finish(Format::Rss, FeedFields::default());
        (body, entries.remove(0))
    }

    #[test]
    fn plain_fields_are_in_the_document_only() {
        let mut fields = FeedFields::default();
        fields.title.offer(0, text("a ]]> b & <c>", TextKind::Unspecified));
        fields.guid.offer(0, Guid { value: "1".into(), is_permalink: Some(false) });
        fields.add_link(0, RawLink { href: "x".into(), ..RawLink::default() });
        fields.add_author(RawPerson { name: Some("سمر".into()), ..RawPerson::default() });
        let (body, beside) = written(CanonicalFormat::Rss, fields);
        assert_eq!(beside, RawEntry::default());
        let channel = rss::Channel::read_from(body.as_bytes()).unwrap();
        let item = &channel.items[0];
        assert_eq!(item.title.as_deref(), Some("a ]]> b & <c>"));
        assert_eq!(item.link.as_deref(), Some("x"));
        assert!(!item.guid.as_ref().unwrap().permalink);
    }

    #[test]
    fn what_the_crates_would_lose_is_kept_beside_the_document() {
        let mut fields = FeedFields::default();
        fields.title.offer(0, text("a", TextKind::Html));
        for url in ["1.mp3?a&b=\"", "2.mp3"] {
            fields.add_enclosure(RawEnclosure { url: url.into(), ..RawEnclosure::default() });
        }
        fields.published.offer(0, "أمس".into());
        let (body, beside) = written(CanonicalFormat::Rss, fields);
        assert_eq!(beside.title.unwrap().kind, TextKind::Html);
        assert_eq!(beside.enclosures.len(), 2);
        assert_eq!(beside.published.as_deref(), Some("أمس"));
        let channel = rss::Channel::read_from(body.as_bytes()).unwrap();
        assert_eq!(channel.items[0].enclosure.as_ref().unwrap().url, "1.mp3?a&b=\"");
    }

    #[test]
    fn atom_is_accepted_by_its_crate() {
        let mut fields = FeedFields::default();
        fields.title.offer(0, text("<b>a</b>", TextKind::Html));
        fields.content.offer(0, text("plain & simple", TextKind::Text));
        fields.categories.push(RawCategory {
            term: "t".into(),
            label: Some("ل".into()),
            scheme: None,
        });
        fields.add_enclosure(RawEnclosure { url: "1.mp3".into(), ..RawEnclosure::default() });
        let (body, beside) = written(CanonicalFormat::Atom, fields);
        assert_eq!(beside, RawEntry::default());
        let feed = atom_syndication::Feed::read_from(body.as_bytes()).unwrap();
        let entry = &feed.entries[0];
        assert_eq!(entry.title.value, "<b>a</b>");
        assert_eq!(entry.content.as_ref().unwrap().value.as_deref(), Some("plain & simple"));
        assert_eq!(entry.links[0].rel, "enclosure");
        assert_eq!(entry.categories[0].label.as_deref(), Some("ل"));
    }
}
