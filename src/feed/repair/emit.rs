//! The facts of an entry or feed → the canonical document, and what the strict parsers would drop.
//!
//! A text that holds signs of markup stands in a CDATA section, so that nothing needs escaping; the
//! document is flat (depth at most 4). A field that the crate carries faithfully goes into the document
//! alone; one of which the crate would lose something goes beside it too. Dates go beside it always:
//! `atom_syndication` reads some of them wrongly and refuses a whole feed over others.

use std::borrow::Cow;

use memchr::{memchr_iter, memchr3, memmem};

use super::facts::{Facts, Text};
use super::roles::Field;
use crate::feed::model::{
    Canonical, Format, RawCategory, RawEnclosure, RawEntry, RawFeed, RawLink, RawPace, RawPerson,
    RawText, TextKind,
};

/// Room is made for so many entries at most before they are seen.
const MOST_AWAITED: usize = 1_000;
/// Bytes of a document whose entries are counted, to tell about how many there are in all.
const COUNTED_BYTES: usize = 32 * 1024;

/// Writes one canonical document.
#[derive(Debug)]
pub(super) struct Writer {
    canonical: Canonical,
    body: String,
    entries: Vec<RawEntry>,
}

impl Writer {
    /// Begins a document for a text, with room for what will most probably be written: memory that
    /// is outgrown is copied, and memory beyond need is fetched from the system and given back.
    pub(super) fn new(canonical: Canonical, text: &str) -> Self {
        let mut body = String::with_capacity(text.len() + text.len() / 8);
        let entry: &[u8] = if canonical == Canonical::Atom { b"<entry" } else { b"<item" };
        let beginning = text.as_bytes().get(..COUNTED_BYTES).unwrap_or(text.as_bytes());
        let counted = memmem::find_iter(beginning, entry).count();
        let awaited = counted * (text.len() / COUNTED_BYTES + 1) + 1;
        body.push_str(match canonical {
            Canonical::Atom => "<feed xmlns=\"http://www.w3.org/2005/Atom\">",
            _ => {
                "<rss version=\"2.0\" xmlns:content=\"http://purl.org/rss/1.0/modules/content/\" \
                 xmlns:dc=\"http://purl.org/dc/elements/1.1/\"><channel>"
            }
        });
        Self { canonical, body, entries: Vec::with_capacity(awaited.min(MOST_AWAITED)) }
    }

    pub(super) fn entries_count(&self) -> usize {
        self.entries.len()
    }

    /// Adds an entry; its facts are taken out.
    pub(super) fn entry(&mut self, facts: &mut Facts<'_>) {
        let is_atom = self.canonical == Canonical::Atom;
        let (summary, content) =
            if is_atom { ("summary", "content") } else { ("description", "content:encoded") };
        self.body.push_str(if is_atom { "<entry>" } else { "<item>" });
        let title = self.text("title", facts.title.take());
        let summary = self.text(summary, facts.summary.take());
        let content = self.text(content, facts.content.take());
        let links = self.links(facts.take_links());
        let authors = self.people(std::mem::take(&mut facts.authors));
        let enclosures = self.enclosures(facts);
        self.guid(facts);
        self.categories(&facts.categories);
        self.body.push_str(if is_atom { "</entry>" } else { "</item>" });
        self.entries.push(RawEntry {
            title,
            summary,
            content,
            links,
            authors,
            enclosures,
            published: facts.published.take(),
            updated: facts.updated.take(),
            images: facts.take_images(),
            origin: facts.origin.take(),
            language: facts.own_language.take().or_else(|| facts.take_word(Field::Language)),
            direction: facts.direction.take(),
            base: facts.base.take(),
            rights: facts.take_word(Field::Rights),
            comments: facts.take_word(Field::Comments),
            comments_feed: facts.take_word(Field::CommentsFeed),
            comments_count: facts.take_word(Field::CommentsCount),
            place: facts.take_place(),
            guid: None,
            guid_is_permalink: None,
            categories: Vec::new(),
        });
    }

    /// Adds the feed's own facts and ends the document: its body, the feed's facts beside it, and
    /// those of its entries.
    pub(super) fn finish(
        mut self,
        format: Format,
        mut facts: Facts<'_>,
    ) -> (String, RawFeed, Vec<RawEntry>) {
        let is_atom = self.canonical == Canonical::Atom;
        let subtitle = if is_atom { "subtitle" } else { "description" };
        let beside = RawFeed {
            title: self.text("title", facts.title.take()),
            subtitle: self.text(subtitle, facts.summary.take()),
            links: self.links(facts.take_links()),
            ..RawFeed::default()
        };
        self.categories(&facts.categories);
        self.body.push_str(if is_atom { "</feed>" } else { "</channel></rss>" });
        let pace = RawPace {
            ttl: facts.take_word(Field::Ttl),
            skip_hours: std::mem::take(&mut facts.hours),
            skip_days: std::mem::take(&mut facts.days),
            update_period: facts.take_word(Field::UpdatePeriod),
            update_frequency: facts.take_word(Field::UpdateFrequency),
            update_base: facts.take_word(Field::UpdateBase),
        };
        let feed = RawFeed {
            format: Some(format),
            id: facts.guid.take().map(|guid| guid.value.into_owned()),
            language: facts.take_word(Field::Language).or_else(|| facts.own_language.take()),
            direction: facts.direction.take(),
            base: facts.base.take(),
            images: facts.take_images(),
            updated: facts.updated.take(),
            published: facts.published.take(),
            authors: std::mem::take(&mut facts.authors),
            rights: facts.take_word(Field::Rights),
            generator: facts.take_word(Field::Generator),
            pace,
            ..beside
        };
        (self.body, feed, self.entries)
    }

    /// Writes a text; gives it back whole when the crate would lose something of it.
    fn text(&mut self, name: &str, text: Option<Text<'_>>) -> Option<RawText> {
        let text = text?;
        let is_atom = self.canonical == Canonical::Atom;
        let attributes = match text.kind {
            TextKind::Html if is_atom => " type=\"html\"",
            TextKind::Text if is_atom => " type=\"text\"",
            _ => "",
        };
        self.element(name, attributes, &text.value);
        let crate_kind =
            if is_atom { text.kind != TextKind::Unsaid } else { text.kind == TextKind::Unsaid };
        let more = text.language.is_some() || text.direction.is_some() || text.base.is_some();
        (!crate_kind || more).then(|| RawText {
            value: text.value.into_owned(),
            kind: text.kind,
            language: text.language,
            direction: text.direction,
            base: text.base,
        })
    }

    /// A lone plain link goes through the crate; several, or one that says more, go beside it.
    fn links(&mut self, links: Vec<RawLink>) -> Vec<RawLink> {
        let page =
            links.iter().find(|link| link.rel.as_deref().is_none_or(|rel| rel == "alternate"));
        if let Some(page) = page {
            match self.canonical {
                Canonical::Atom => self.empty("link", &[("href", Some(&page.href))]),
                _ => self.element("link", "", &page.href),
            }
        }
        let is_plain =
            |link: &RawLink| *link == RawLink { href: link.href.clone(), ..RawLink::default() };
        if links.len() == 1 && links.iter().all(is_plain) { Vec::new() } else { links }
    }

    /// People with nothing but a name (or what RSS takes for one) go through the crate.
    fn people(&mut self, people: Vec<RawPerson>) -> Vec<RawPerson> {
        let is_plain = |person: &RawPerson| person.email.is_none() && person.url.is_none();
        if !people.iter().all(is_plain) {
            return people;
        }
        for name in people.iter().filter_map(|person| person.name.as_deref()) {
            match self.canonical {
                Canonical::Atom => {
                    self.body.push_str("<author>");
                    self.element("name", "", name);
                    self.body.push_str("</author>");
                }
                _ => self.element("dc:creator", "", name),
            }
        }
        Vec::new()
    }

    /// A lone file goes through the crate; several, or one that says more, go beside it.
    fn enclosures(&mut self, facts: &mut Facts<'_>) -> Vec<RawEnclosure> {
        let mut files = std::mem::take(&mut facts.enclosures);
        if let (Some(first), Some(duration)) = (files.first_mut(), facts.duration.take()) {
            first.duration.get_or_insert(duration);
        }
        let Some(first) = files.first() else { return files };
        let facts = [
            (if self.canonical == Canonical::Atom { "href" } else { "url" }, Some(&first.url)),
            ("type", first.media_type.as_ref()),
            ("length", first.length.as_ref()),
            ("rel", None),
        ];
        match self.canonical {
            Canonical::Atom => {
                let enclosure = "enclosure".to_owned();
                let [href, kind, length, _] = facts;
                self.empty("link", &[href, kind, length, ("rel", Some(&enclosure))]);
            }
            _ => self.empty("enclosure", &facts),
        }
        let is_plain = files.len() == 1 && first.duration.is_none() && first.title.is_none();
        if is_plain { Vec::new() } else { files }
    }

    fn guid(&mut self, facts: &mut Facts<'_>) {
        let Some(guid) = facts.guid.take() else { return };
        match (self.canonical, guid.is_permalink) {
            (Canonical::Atom, _) => self.element("id", "", &guid.value),
            (_, Some(false)) => self.element("guid", " isPermaLink=\"false\"", &guid.value),
            _ => self.element("guid", "", &guid.value),
        }
    }

    fn categories(&mut self, categories: &[RawCategory]) {
        for category in categories {
            if self.canonical == Canonical::Atom {
                let facts = [
                    ("term", Some(&category.term)),
                    ("label", category.label.as_ref()),
                    ("scheme", category.scheme.as_ref()),
                ];
                self.empty("category", &facts);
            } else {
                let shown = category.label.as_ref().unwrap_or(&category.term);
                self.body.push_str("<category");
                self.attribute("domain", category.scheme.as_deref());
                self.body.push('>');
                self.words(shown);
                self.body.push_str("</category>");
            }
        }
    }

    fn element(&mut self, name: &str, attributes: &str, text: &str) {
        self.body.extend(["<", name, attributes, ">"]);
        self.words(text);
        self.body.extend(["</", name, ">"]);
    }

    fn empty(&mut self, name: &str, attributes: &[(&str, Option<&String>)]) {
        self.body.extend(["<", name]);
        for (attribute, value) in attributes {
            self.attribute(attribute, value.map(String::as_str));
        }
        self.body.push_str("/>");
    }

    fn attribute(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.body.extend([" ", name, "=\"", &escaped(value), "\""]);
        }
    }

    /// Text as it is, or in a CDATA section; the end mark inside that is split over two.
    fn words(&mut self, text: &str) {
        // A return would come out as a new line.
        if memchr3(b'<', b'&', b'\r', text.as_bytes()).is_none() {
            self.body.push_str(text);
            return;
        }
        self.body.push_str("<![CDATA[");
        let mut rest = text;
        while let Some(at) = end_mark(rest.as_bytes()) {
            self.body.extend([&rest[..at], "]]]]><![CDATA[>"]);
            rest = &rest[at + 3..];
        }
        self.body.push_str(rest);
        self.body.push_str("]]>");
    }
}

/// Text for an attribute in double quotes; white space is kept as references.
fn escaped(text: &str) -> Cow<'_, str> {
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

/// Where `]]>` stands. Its first sign is rare in any text.
fn end_mark(bytes: &[u8]) -> Option<usize> {
    memchr_iter(b']', bytes).find(|at| bytes.get(at + 1..at + 3) == Some(b"]>".as_slice()))
}

#[cfg(test)]
mod tests {
    use super::super::facts::Guid;
    use super::*;

    fn text(value: &str, kind: TextKind) -> Text<'_> {
        Text { value: value.into(), kind, language: None, direction: None, base: None }
    }

    fn written(canonical: Canonical, mut facts: Facts<'_>) -> (String, RawEntry) {
        let mut writer = Writer::new(canonical, "");
        writer.entry(&mut facts);
        let (body, _, mut entries) = writer.finish(Format::Rss, Facts::default());
        (body, entries.remove(0))
    }

    #[test]
    fn plain_facts_go_through_the_crates_alone() {
        let mut facts = Facts::default();
        facts.title.offer(0, text("a ]]> b & <c>", TextKind::Unsaid));
        facts.guid.offer(0, Guid { value: "1".into(), is_permalink: Some(false) });
        facts.link(0, RawLink { href: "x".into(), ..RawLink::default() });
        facts.author(RawPerson { name: Some("سمر".into()), ..RawPerson::default() });
        let (body, beside) = written(Canonical::Rss, facts);
        assert_eq!(beside, RawEntry::default());
        let channel = rss::Channel::read_from(body.as_bytes()).unwrap();
        let item = &channel.items[0];
        assert_eq!(item.title.as_deref(), Some("a ]]> b & <c>"));
        assert_eq!(item.link.as_deref(), Some("x"));
        assert!(!item.guid.as_ref().unwrap().permalink);
    }

    #[test]
    fn what_the_crates_would_lose_goes_beside() {
        let mut facts = Facts::default();
        facts.title.offer(0, text("a", TextKind::Html));
        for url in ["1.mp3?a&b=\"", "2.mp3"] {
            facts.enclosure(RawEnclosure { url: url.into(), ..RawEnclosure::default() });
        }
        facts.published.offer(0, "أمس".into());
        let (body, beside) = written(Canonical::Rss, facts);
        assert_eq!(beside.title.unwrap().kind, TextKind::Html);
        assert_eq!(beside.enclosures.len(), 2);
        assert_eq!(beside.published.as_deref(), Some("أمس"));
        let channel = rss::Channel::read_from(body.as_bytes()).unwrap();
        assert_eq!(channel.items[0].enclosure.as_ref().unwrap().url, "1.mp3?a&b=\"");
    }

    #[test]
    fn atom_is_accepted_by_its_crate() {
        let mut facts = Facts::default();
        facts.title.offer(0, text("<b>a</b>", TextKind::Html));
        facts.content.offer(0, text("plain & simple", TextKind::Text));
        facts.categories.push(RawCategory {
            term: "t".into(),
            label: Some("ل".into()),
            scheme: None,
        });
        facts.enclosure(RawEnclosure { url: "1.mp3".into(), ..RawEnclosure::default() });
        let (body, beside) = written(Canonical::Atom, facts);
        assert_eq!(beside, RawEntry::default());
        let feed = atom_syndication::Feed::read_from(body.as_bytes()).unwrap();
        let entry = &feed.entries[0];
        assert_eq!(entry.title.value, "<b>a</b>");
        assert_eq!(entry.content.as_ref().unwrap().value.as_deref(), Some("plain & simple"));
        assert_eq!(entry.links[0].rel, "enclosure");
        assert_eq!(entry.categories[0].label.as_deref(), Some("ل"));
    }
}
