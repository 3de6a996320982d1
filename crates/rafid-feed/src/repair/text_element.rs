//! A text element while it is open: its pieces → one text, and the decision whether a tag in it is markup
//! of the text or the next element of the feed.
//!
//! As long as there is only text, references are resolved once and the result is plain text. As soon as
//! there is markup, the whole is HTML: text pieces are escaped, except those that contain escaped markup
//! (publishers escape some tags and forget others).

use std::borrow::Cow;

use super::element_roles::{ElementRole, FieldKind};
use super::entities::Entities;
use super::namespaces::{Namespace, split_prefix};
use super::text_pieces::{ContentMode, PieceKind, TextPieces, escape_into, push_as_markup};
use super::tokens::parse_attributes;

/// Open HTML elements that are tracked in one text; deeper ones are still markup.
const MOST_OPEN_TAGS: usize = 256;

/// Elements without an end tag (HTML Living Standard section 13.1.2), sorted.
const VOID_ELEMENTS: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Where a complete text is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextTarget {
    /// To the entry or feed.
    Field(FieldKind, u8),
    /// In the person, picture or origin that contains it.
    ContainerPart(ContainerPart),
    /// Nowhere.
    Nothing,
}

/// A part of a person, picture or origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerPart {
    Name,
    Email,
    Url,
    Title,
    Id,
    Width,
    Height,
}

/// What a text is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TextPurpose {
    /// For readers.
    ForReaders,
    /// Its type is one of data; its elements decide.
    Undecided,
    /// It is data.
    ForPrograms,
}

/// A text element while it is open.
#[derive(Debug)]
pub(super) struct TextElement<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    pub(super) target: TextTarget,
    pub(super) mode: ContentMode,
    /// Whether it is an element of XHTML itself.
    pub(super) is_xhtml: bool,
    /// Whether it is plain text unless it says otherwise (Media RSS, `media:description`).
    pub(super) is_plain_by_default: bool,
    /// What it is for.
    pub(super) purpose: TextPurpose,
    /// The attributes of the first element in it.
    first_tag: Option<&'a str>,
    open_tags: Vec<&'a str>,
    /// An element without an end tag is open: nothing but its own end tag may follow, as in XHTML.
    open_void: Option<&'a str>,
    pieces: TextPieces<'a>,
    had_cdata: bool,
    /// Pieces outside any element of the text: a single element is a wrapper of the whole.
    top_level_count: usize,
}

/// The effect of an end tag on a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EndTagEffect<'a> {
    /// It ends no markup of the text.
    Nothing,
    /// It ends the markup that was opened last.
    ClosesLast,
    /// It ends markup in which this element is still open.
    ClosesAround(&'a str),
}

impl<'a> TextElement<'a> {
    pub(super) fn new(name: &'a str, target: TextTarget, mode: ContentMode) -> Self {
        let pieces = match mode {
            ContentMode::Inline => TextPieces::Markup(String::new()),
            _ => TextPieces::Empty,
        };
        Self {
            name,
            target,
            mode,
            is_xhtml: false,
            is_plain_by_default: false,
            purpose: TextPurpose::ForReaders,
            first_tag: None,
            open_tags: Vec::new(),
            open_void: None,
            pieces,
            had_cdata: false,
            top_level_count: 0,
        }
    }

    /// Whether it may contain markup.
    pub(super) fn is_rich(&self) -> bool {
        match self.target {
            TextTarget::Field(field, _) => {
                matches!(
                    field,
                    FieldKind::Title | FieldKind::Summary | FieldKind::Content | FieldKind::Rights
                )
            }
            TextTarget::ContainerPart(part) => part == ContainerPart::Title,
            TextTarget::Nothing => self.mode == ContentMode::Inline,
        }
    }

    /// Whether it is the text of an entry, or the description of a feed.
    pub(super) fn is_body(&self) -> bool {
        matches!(self.target, TextTarget::Field(FieldKind::Summary | FieldKind::Content, _))
    }

    /// Whether a start tag in it is its markup, and not the next element of the feed.
    pub(super) fn is_own_markup(
        &self,
        ns: Namespace,
        name: &str,
        role: Option<ElementRole>,
        attrs: &str,
    ) -> bool {
        let (prefix, local) = split_prefix(name);
        match role {
            _ if !self.is_rich() => false,
            _ if ns == Namespace::Xhtml => true,
            None => true,
            Some(ElementRole::Entry | ElementRole::Channel) => false,
            Some(_) if !prefix.is_empty() || !matches!(ns, Namespace::Core | Namespace::Atom) => {
                false
            }
            Some(_) => self.is_body() && self.is_ambiguous_html(local, attrs),
        }
    }

    /// Names that HTML and feeds share: the surrounding elements and the attributes decide.
    fn is_ambiguous_html(&self, local: &str, attrs: &str) -> bool {
        let inside = |outer: &[&str]| {
            self.open_tags
                .iter()
                .any(|open| outer.iter().any(|name| open.eq_ignore_ascii_case(name)))
        };
        let has_attribute = |names: &[&str]| {
            parse_attributes(attrs)
                .any(|own| names.iter().any(|name| own.name.eq_ignore_ascii_case(name)))
        };
        match local.to_ascii_lowercase().as_str() {
            "link" => {
                let is_style_sheet = parse_attributes(attrs).any(|own| {
                    own.name.eq_ignore_ascii_case("rel")
                        && own.value.to_ascii_lowercase().contains("style")
                });
                is_style_sheet
                    || has_attribute(&["rel"]) && inside(&["head", "html", "div", "p", "body"])
            }
            "source" => has_attribute(&["src", "srcset"]),
            "summary" => inside(&["details"]),
            "title" => inside(&["head", "html", "svg"]),
            "image" => inside(&["svg"]),
            "body" => true,
            _ => false,
        }
    }

    /// Adds text and resolves its references.
    pub(super) fn push_text(&mut self, raw: &'a str, entities: &mut Entities) {
        if self.open_tags.is_empty() && !raw.trim().is_empty() {
            self.top_level_count += 2;
        }
        if let (TextPieces::Markup(markup), ContentMode::Inline) = (&mut self.pieces, self.mode)
            && !raw.contains('<')
            && !entities.has_declarations()
        {
            // What is escaped for XML is escaped for HTML, too.
            markup.push_str(raw);
            return;
        }
        let text = entities.resolve(raw);
        match &mut self.pieces {
            TextPieces::Markup(markup) => push_as_markup(markup, &text, self.mode),
            pieces => pieces.push(text, PieceKind::Text),
        }
    }

    /// Adds the inside of a CDATA section.
    pub(super) fn push_cdata(&mut self, raw: &'a str) {
        self.had_cdata = true;
        self.top_level_count += 2;
        match &mut self.pieces {
            TextPieces::Markup(markup) if self.mode == ContentMode::Inline => {
                escape_into(markup, raw);
            }
            TextPieces::Markup(markup) => markup.push_str(raw),
            pieces => pieces.push(Cow::Borrowed(raw), PieceKind::Cdata),
        }
    }

    /// Notes that the next tag is of an element that is no element of HTML.
    pub(super) fn note_foreign_tag(&mut self) {
        if self.purpose == TextPurpose::Undecided && self.open_tags.is_empty() {
            self.purpose = TextPurpose::ForPrograms;
        }
    }

    /// Whether it is data for programs.
    pub(super) fn is_data(&self) -> bool {
        self.purpose == TextPurpose::ForPrograms
    }

    /// Whether a CDATA section in it ended too early: its true end is in the text after it.
    pub(super) fn has_late_cdata_end(&self, words: &str) -> bool {
        self.had_cdata && words.contains("]]>")
    }

    /// The markup in it that has no end tag yet.
    pub(super) fn unclosed_tag(&self) -> Option<&'a str> {
        self.open_void.or_else(|| self.open_tags.last().copied())
    }

    /// Adds a start tag as markup, of which it may be known that it has an end tag; returns the element
    /// before it that lacks an end tag, by the rules of XML.
    pub(super) fn open_tag(
        &mut self,
        name: &'a str,
        attrs: &'a str,
        closed: bool,
        has_end_tag: bool,
    ) -> Option<&'a str> {
        let (_, local) = split_prefix(name);
        let unclosed = self.open_void.take();
        if self.open_tags.is_empty() {
            self.top_level_count += 1;
            if self.top_level_count == 1 {
                self.first_tag = Some(attrs);
            }
        }
        let is_void = is_void_element(local);
        self.open_void = Some(local).filter(|_| is_void && !closed && !has_end_tag);
        let markup = self.pieces.as_markup(self.mode);
        markup.push('<');
        markup.push_str(local);
        if !attrs.is_empty() && !attrs.starts_with(char::is_whitespace) {
            markup.push(' ');
        }
        markup.push_str(attrs);
        markup.push('>');
        if closed && !is_void {
            markup.extend(["</", local, ">"]);
        }
        if !closed && (!is_void || has_end_tag) && self.open_tags.len() < MOST_OPEN_TAGS {
            self.open_tags.push(local);
        }
        unclosed
    }

    /// Opens markup of which only the words count.
    pub(super) fn open_words(&mut self, name: &'a str, closed: bool) {
        let (_, local) = split_prefix(name);
        if closed || is_void_element(local) {
            self.pieces.push(Cow::Borrowed(" "), PieceKind::Text);
        } else if self.open_tags.len() < MOST_OPEN_TAGS {
            self.open_tags.push(local);
        }
    }

    /// Adds an end tag that closes markup of this text.
    pub(super) fn close_tag(&mut self, name: &str) -> EndTagEffect<'a> {
        let (_, local) = split_prefix(name);
        let void = self.open_void.take();
        if void.is_some_and(|void| void.eq_ignore_ascii_case(local)) {
            return EndTagEffect::ClosesLast;
        }
        let Some(open) = self.open_tags.iter().rposition(|open| open.eq_ignore_ascii_case(local))
        else {
            self.open_void = void;
            return EndTagEffect::Nothing;
        };
        let still_open = void
            .or_else(|| self.open_tags.last().copied().filter(|_| open + 1 < self.open_tags.len()));
        self.open_tags.truncate(open);
        if self.is_rich() && !is_void_element(local) {
            self.pieces.as_markup(self.mode).extend(["</", local, ">"]);
        }
        still_open.map_or(EndTagEffect::ClosesLast, EndTagEffect::ClosesAround)
    }

    /// Whether an end tag closes this element.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let (own, other) = (split_prefix(self.name).1, split_prefix(name).1);
        own.eq_ignore_ascii_case(other)
    }

    /// Whether it contains markup.
    pub(super) fn has_markup(&self) -> bool {
        matches!(self.pieces, TextPieces::Markup(_))
    }

    /// The attributes of the element that wraps the whole text, if there is one.
    pub(super) fn wrapper_attributes(&self) -> Option<&'a str> {
        self.first_tag.filter(|_| self.top_level_count == 1)
    }

    /// The whole text without surrounding white space and without a `div` that wraps all of its inline
    /// markup.
    pub(super) fn into_text(self) -> Cow<'a, str> {
        let whole = match self.pieces {
            TextPieces::Empty => return Cow::Borrowed(""),
            TextPieces::Single(text, _) => text,
            TextPieces::Several(pieces) => {
                Cow::Owned(pieces.iter().map(|(text, _)| text.as_ref()).collect::<String>())
            }
            TextPieces::Markup(markup)
                if self.mode == ContentMode::Inline && self.top_level_count == 1 =>
            {
                Cow::Owned(without_wrapping_div(markup))
            }
            TextPieces::Markup(markup) => Cow::Owned(markup),
        };
        let whole = trimmed(whole);
        // A CDATA section that ended too early leaves its true end in the text.
        match whole.strip_suffix("]]>") {
            Some(inside) if self.had_cdata => Cow::Owned(inside.trim_end().to_owned()),
            _ => whole,
        }
    }
}

fn trimmed(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
        Cow::Owned(text) if text.trim().len() == text.len() => Cow::Owned(text),
        Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
    }
}

fn is_void_element(local: &str) -> bool {
    VOID_ELEMENTS.iter().any(|void| void.eq_ignore_ascii_case(local))
}

/// The inside of a `div` that wraps the whole (RFC 4287 section 3.1.1.3: it is not part of the content).
fn without_wrapping_div(markup: String) -> String {
    let inside = markup
        .trim()
        .strip_suffix("</div>")
        .filter(|rest| rest.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("<div")))
        .and_then(|rest| rest.split_once('>'))
        .map(|(_, inside)| inside.to_owned());
    inside.unwrap_or(markup)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(field: FieldKind, carried: ContentMode) -> TextElement<'static> {
        TextElement::new("x", TextTarget::Field(field, 0), carried)
    }

    #[test]
    fn pieces_become_one_text() {
        let mut entities = Entities::default();
        let mut one = leaf(FieldKind::Title, ContentMode::Escaped);
        one.push_text(" a &lt;b&gt; ", &mut entities);
        one.push_cdata("&amp;");
        assert_eq!(one.into_text(), "a <b> &amp;");
        let mut early = leaf(FieldKind::Summary, ContentMode::Escaped);
        early.push_cdata("<p>a");
        early.push_text(" b ]]>", &mut entities);
        assert_eq!(early.into_text(), "<p>a b");
        assert_eq!(leaf(FieldKind::Title, ContentMode::Escaped).into_text(), "");
    }

    #[test]
    fn markup_makes_the_whole_html() {
        let mut entities = Entities::default();
        let mut mixed = leaf(FieldKind::Summary, ContentMode::Escaped);
        mixed.push_text("a &amp; b &lt; c ", &mut entities);
        mixed.open_tag("br", "", true, false);
        mixed.open_tag("A", " href='x'", false, false);
        mixed.push_text("&lt;i&gt;d&lt;/i&gt;", &mut entities);
        assert_eq!(
            (mixed.close_tag("a"), mixed.close_tag("a")),
            (EndTagEffect::ClosesLast, EndTagEffect::Nothing)
        );
        assert!(mixed.has_markup());
        assert_eq!(mixed.into_text(), "a &amp; b &lt; c <br><A href='x'><i>d</i></a>");
    }

    #[test]
    fn markup_without_end_tags_is_reported() {
        let mut inline = leaf(FieldKind::Content, ContentMode::Inline);
        assert_eq!(inline.open_tag("p", "", false, false), None);
        assert_eq!(inline.open_tag("br", "", false, false), None);
        assert_eq!(inline.close_tag("br"), EndTagEffect::ClosesLast, "as XHTML writes it");
        assert_eq!(inline.open_tag("br", "", false, false), None);
        assert_eq!(inline.open_tag("b", "", false, false), Some("br"));
        assert_eq!(inline.open_tag("i", "", false, false), None);
        assert_eq!(inline.close_tag("b"), EndTagEffect::ClosesAround("i"));
        assert_eq!(inline.unclosed_tag(), Some("p"));
        assert_eq!(inline.close_tag("p"), EndTagEffect::ClosesLast);
        assert_eq!(inline.unclosed_tag(), None);
        assert_eq!(inline.into_text(), "<p><br><br><b><i></b></p>");
    }

    #[test]
    fn inline_markup_keeps_its_escapes_and_loses_its_wrapper() {
        let mut entities = Entities::default();
        let mut inline = leaf(FieldKind::Content, ContentMode::Inline);
        inline.push_text("\n ", &mut entities);
        inline.open_tag("xhtml:div", " dir=\"rtl\"", false, false);
        inline.open_tag("p", "", false, false);
        inline.push_text("a &lt;b&gt; &amp; c", &mut entities);
        inline.close_tag("p");
        inline.open_tag("span", "", true, false);
        inline.close_tag("xhtml:div");
        inline.push_text(" ", &mut entities);
        assert_eq!(inline.wrapper_attributes(), Some(" dir=\"rtl\""));
        assert_eq!(inline.into_text(), "<p>a &lt;b&gt; &amp; c</p><span></span>");
        let mut two = leaf(FieldKind::Content, ContentMode::Inline);
        two.open_tag("div", "", false, false);
        two.close_tag("div");
        two.open_tag("div", "", false, false);
        two.close_tag("div");
        assert_eq!(two.into_text(), "<div></div><div></div>");
    }

    #[test]
    fn shared_names_are_distinguished_by_their_surroundings() {
        let check = |field, around: &[&'static str], tag: &str, attrs, expected| {
            let mut text = leaf(field, ContentMode::Escaped);
            for name in around {
                text.open_tag(name, "", false, false);
            }
            let role =
                super::super::element_roles::role_of(Namespace::Core, tag).map(|(role, _)| role);
            assert_eq!(
                text.is_own_markup(Namespace::Core, tag, role, attrs),
                expected,
                "{tag} in {around:?}"
            );
        };
        check(FieldKind::Summary, &[], "p", "", true);
        check(FieldKind::Title, &[], "b", "", true);
        check(FieldKind::Guid, &[], "b", "", false);
        check(FieldKind::Summary, &[], "link", "", false);
        check(FieldKind::Summary, &["html", "head"], "link", " rel=stylesheet", true);
        check(FieldKind::Summary, &["details"], "summary", "", true);
        check(FieldKind::Title, &[], "pubDate", "", false);
        check(FieldKind::Summary, &["video"], "source", " src='x'", true);
        check(FieldKind::Summary, &[], "source", " url='x'", false);
        check(FieldKind::Summary, &["svg"], "title", "", true);
        check(FieldKind::Summary, &[], "item", "", false);
    }
}
