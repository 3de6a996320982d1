//! A text element while it is open: its pieces → one text, and the question whether a tag in it is
//! markup of the text or the next element of the feed.
//!
//! As long as there is only text, references are resolved once and the words are the publisher's. As
//! soon as there is markup, the whole is HTML: pieces that were text are escaped, but not those that
//! hold escaped markup (publishers escape some tags and forget others).

use std::borrow::Cow;

use super::entities::Entities;
use super::names::{Ns, split};
use super::roles::{Field, Role};
use super::tokens::attributes;

/// Open HTML elements that are remembered within one text; deeper ones are markup all the same.
const REMEMBERED: usize = 256;

/// Elements without an end tag (HTML Living Standard section 13.1.2), sorted.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Where a text goes when it is whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Target {
    /// To the entry or feed.
    Facts(Field, u8),
    /// To the person, picture or origin around it.
    Part(Part),
    /// Nowhere.
    Nothing,
}

/// A part of a person, picture or origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Name,
    Email,
    Url,
    Title,
    Id,
    Width,
    Height,
}

/// How a text is carried, by the word of its element.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Carried {
    /// As text or escaped markup.
    #[default]
    Escaped,
    /// As inline markup.
    Inline,
    /// As base64 (Atom 0.3, and Atom 1.0 for media types that are no text).
    Base64,
}

/// A text element while it is open.
#[derive(Debug)]
pub(super) struct Leaf<'a> {
    /// Its name as written.
    pub(super) name: &'a str,
    pub(super) target: Target,
    pub(super) carried: Carried,
    /// Whether it is an element of XHTML itself.
    pub(super) is_xhtml: bool,
    /// The attributes of the first element in it.
    first_tag: Option<&'a str>,
    html: Vec<&'a str>,
    /// An element without an end is open: nothing but its own end tag may follow, and does in XHTML.
    void: Option<&'a str>,
    held: Held<'a>,
    had_cdata: bool,
    /// Pieces outside any element of the text: one element alone is its wrapper.
    tops: usize,
}

/// What an end tag is to a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Closes<'a> {
    /// It ends no markup of it.
    Nothing,
    /// It ends the markup that was opened last.
    Last,
    /// It ends markup in which this is still open.
    Around(&'a str),
}

#[derive(Debug)]
enum Held<'a> {
    Nothing,
    /// One piece, as nearly all texts are.
    Piece(Cow<'a, str>, Piece),
    Text(Vec<(Cow<'a, str>, Piece)>),
    Markup(String),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    Text,
    Cdata,
}

impl<'a> Leaf<'a> {
    pub(super) fn new(name: &'a str, target: Target, carried: Carried) -> Self {
        let held = match carried {
            Carried::Inline => Held::Markup(String::new()),
            _ => Held::Nothing,
        };
        Self {
            name,
            target,
            carried,
            is_xhtml: false,
            first_tag: None,
            html: Vec::new(),
            void: None,
            held,
            had_cdata: false,
            tops: 0,
        }
    }

    /// Whether markup may stand in it.
    fn is_rich(&self) -> bool {
        match self.target {
            Target::Facts(field, _) => {
                matches!(field, Field::Title | Field::Summary | Field::Content | Field::Rights)
            }
            Target::Part(part) => part == Part::Title,
            Target::Nothing => self.carried == Carried::Inline,
        }
    }

    fn is_body(&self) -> bool {
        matches!(self.target, Target::Facts(Field::Summary | Field::Content, _))
    }

    /// Whether a start tag in it is its markup, and not the next element of the feed.
    pub(super) fn keeps(&self, ns: Ns, name: &str, role: Option<Role>, attrs: &str) -> bool {
        let (prefix, local) = split(name);
        match role {
            _ if !self.is_rich() => false,
            _ if ns == Ns::Xhtml => true,
            None => true,
            Some(Role::Entry | Role::Channel) => false,
            Some(_) if !prefix.is_empty() || !matches!(ns, Ns::Core | Ns::Atom) => false,
            Some(_) => self.is_body() && self.is_html_here(local, attrs),
        }
    }

    /// Names that HTML and feeds share: what stands around and on the tag decides.
    fn is_html_here(&self, local: &str, attrs: &str) -> bool {
        let inside = |outer: &[&str]| {
            self.html.iter().any(|open| outer.iter().any(|name| open.eq_ignore_ascii_case(name)))
        };
        let says = |wanted: &[&str]| {
            attributes(attrs).any(|own| wanted.iter().any(|w| own.name.eq_ignore_ascii_case(w)))
        };
        match local.to_ascii_lowercase().as_str() {
            "link" => {
                let is_of_pages = attributes(attrs).any(|own| {
                    own.name.eq_ignore_ascii_case("rel")
                        && own.value.to_ascii_lowercase().contains("style")
                });
                is_of_pages || says(&["rel"]) && inside(&["head", "html", "div", "p", "body"])
            }
            "source" => says(&["src", "srcset"]),
            "summary" => inside(&["details"]),
            "title" => inside(&["head", "html", "svg"]),
            "image" => inside(&["svg"]),
            "body" => true,
            _ => false,
        }
    }

    /// Takes text; references are resolved here.
    pub(super) fn text(&mut self, raw: &'a str, entities: &mut Entities) {
        if self.html.is_empty() && !raw.trim().is_empty() {
            self.tops += 2;
        }
        if let (Held::Markup(markup), Carried::Inline) = (&mut self.held, self.carried)
            && !raw.contains('<')
            && !entities.has_own()
        {
            // Escaped as XML is escaped as HTML too.
            markup.push_str(raw);
            return;
        }
        let text = entities.resolve(raw);
        match &mut self.held {
            Held::Markup(markup) => push_as_markup(markup, &text, self.carried),
            _ => self.hold(text, Piece::Text),
        }
    }

    /// Takes the inside of a CDATA section.
    pub(super) fn cdata(&mut self, raw: &'a str) {
        self.had_cdata = true;
        self.tops += 2;
        match &mut self.held {
            Held::Markup(markup) if self.carried == Carried::Inline => escape_into(markup, raw),
            Held::Markup(markup) => markup.push_str(raw),
            _ => self.hold(Cow::Borrowed(raw), Piece::Cdata),
        }
    }

    /// Adds a piece to a text that has no markup yet.
    fn hold(&mut self, text: Cow<'a, str>, kind: Piece) {
        self.held = match std::mem::replace(&mut self.held, Held::Nothing) {
            Held::Piece(first, first_kind) => Held::Text(vec![(first, first_kind), (text, kind)]),
            Held::Text(mut pieces) => {
                pieces.push((text, kind));
                Held::Text(pieces)
            }
            Held::Nothing | Held::Markup(_) => Held::Piece(text, kind),
        };
    }

    /// Whether a CDATA section that stood in it was closed too early: its true end stands in the text
    /// behind it.
    pub(super) fn ends_cdata_late(&self, words: &str) -> bool {
        self.had_cdata && words.contains("]]>")
    }

    /// The markup in it that has no end yet.
    pub(super) fn unclosed(&self) -> Option<&'a str> {
        self.void.or_else(|| self.html.last().copied())
    }

    /// Takes a start tag as markup; gives the element before it that should have had an end in XML.
    pub(super) fn open(&mut self, name: &'a str, attrs: &'a str, closed: bool) -> Option<&'a str> {
        let (_, local) = split(name);
        let unclosed = self.void.take();
        if self.html.is_empty() {
            self.tops += 1;
            if self.tops == 1 {
                self.first_tag = Some(attrs);
            }
        }
        let is_void = VOID.iter().any(|void| void.eq_ignore_ascii_case(local));
        self.void = Some(local).filter(|_| is_void && !closed);
        let markup = self.markup();
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
        if !closed && !is_void && self.html.len() < REMEMBERED {
            self.html.push(local);
        }
        unclosed
    }

    /// Takes an end tag that closes markup of this text.
    pub(super) fn close(&mut self, name: &str) -> Closes<'a> {
        let (_, local) = split(name);
        let void = self.void.take();
        if void.is_some_and(|void| void.eq_ignore_ascii_case(local)) {
            return Closes::Last;
        }
        let Some(open) = self.html.iter().rposition(|open| open.eq_ignore_ascii_case(local)) else {
            self.void = void;
            return Closes::Nothing;
        };
        let around =
            void.or_else(|| self.html.last().copied().filter(|_| open + 1 < self.html.len()));
        self.html.truncate(open);
        let markup = self.markup();
        markup.extend(["</", local, ">"]);
        around.map_or(Closes::Last, Closes::Around)
    }

    /// Whether an end tag is this element's own.
    pub(super) fn is_named(&self, name: &str) -> bool {
        let (own, other) = (split(self.name).1, split(name).1);
        own.eq_ignore_ascii_case(other)
    }

    /// Whether any markup stands in it.
    pub(super) fn has_markup(&self) -> bool {
        matches!(self.held, Held::Markup(_))
    }

    /// The attributes of the element that wraps the whole text, if one does.
    pub(super) fn wrapper(&self) -> Option<&'a str> {
        self.first_tag.filter(|_| self.tops == 1)
    }

    fn markup(&mut self) -> &mut String {
        if !matches!(self.held, Held::Markup(_)) {
            let mut markup = String::new();
            let pieces = match std::mem::replace(&mut self.held, Held::Nothing) {
                Held::Piece(text, kind) => vec![(text, kind)],
                Held::Text(pieces) => pieces,
                Held::Nothing | Held::Markup(_) => Vec::new(),
            };
            for (text, piece) in pieces {
                match piece {
                    Piece::Text => push_as_markup(&mut markup, &text, self.carried),
                    Piece::Cdata => markup.push_str(&text),
                }
            }
            self.held = Held::Markup(markup);
        }
        match &mut self.held {
            Held::Markup(markup) => markup,
            Held::Nothing | Held::Piece(..) | Held::Text(_) => {
                unreachable!("just turned into markup")
            }
        }
    }

    /// The whole text, white space around it gone; a lone wrapping `div` of inline markup is opened.
    pub(super) fn whole(self) -> Cow<'a, str> {
        let whole = match self.held {
            Held::Nothing => return Cow::Borrowed(""),
            Held::Piece(text, _) => text,
            Held::Text(pieces) => {
                Cow::Owned(pieces.iter().map(|(text, _)| text.as_ref()).collect::<String>())
            }
            Held::Markup(markup) if self.carried == Carried::Inline && self.tops == 1 => {
                Cow::Owned(unwrapped(markup))
            }
            Held::Markup(markup) => Cow::Owned(markup),
        };
        let whole = trimmed(whole);
        // A CDATA section that was closed too early leaves its true end behind.
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

/// Text among markup: escaped, unless it holds markup that its publisher escaped already.
fn push_as_markup(markup: &mut String, text: &str, carried: Carried) {
    if carried != Carried::Inline && holds_tag(text) {
        markup.push_str(text);
    } else {
        escape_into(markup, text);
    }
}

/// Whether a `<` stands before a letter, a slash or an exclamation mark.
fn holds_tag(text: &str) -> bool {
    text.as_bytes().windows(2).any(|pair| {
        matches!(pair, [b'<', next] if next.is_ascii_alphabetic() || matches!(next, b'/' | b'!'))
    })
}

fn escape_into(markup: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '&' => markup.push_str("&amp;"),
            '<' => markup.push_str("&lt;"),
            '>' => markup.push_str("&gt;"),
            other => markup.push(other),
        }
    }
}

/// The inside of a lone `div` (RFC 4287 section 3.1.1.3: it is no part of the content).
fn unwrapped(markup: String) -> String {
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

    fn leaf(field: Field, carried: Carried) -> Leaf<'static> {
        Leaf::new("x", Target::Facts(field, 0), carried)
    }

    #[test]
    fn pieces_become_one_text() {
        let mut entities = Entities::default();
        let mut one = leaf(Field::Title, Carried::Escaped);
        one.text(" a &lt;b&gt; ", &mut entities);
        one.cdata("&amp;");
        assert_eq!(one.whole(), "a <b> &amp;");
        let mut early = leaf(Field::Summary, Carried::Escaped);
        early.cdata("<p>a");
        early.text(" b ]]>", &mut entities);
        assert_eq!(early.whole(), "<p>a b");
        assert_eq!(leaf(Field::Title, Carried::Escaped).whole(), "");
    }

    #[test]
    fn markup_makes_the_whole_html() {
        let mut entities = Entities::default();
        let mut mixed = leaf(Field::Summary, Carried::Escaped);
        mixed.text("a &amp; b &lt; c ", &mut entities);
        mixed.open("br", "", true);
        mixed.open("A", " href='x'", false);
        mixed.text("&lt;i&gt;d&lt;/i&gt;", &mut entities);
        assert_eq!((mixed.close("a"), mixed.close("a")), (Closes::Last, Closes::Nothing));
        assert!(mixed.has_markup());
        assert_eq!(mixed.whole(), "a &amp; b &lt; c <br><A href='x'><i>d</i></a>");
    }

    #[test]
    fn markup_without_its_ends_is_noticed() {
        let mut inline = leaf(Field::Content, Carried::Inline);
        assert_eq!(inline.open("p", "", false), None);
        assert_eq!(inline.open("br", "", false), None);
        assert_eq!(inline.close("br"), Closes::Last, "as XHTML writes it");
        assert_eq!(inline.open("br", "", false), None);
        assert_eq!(inline.open("b", "", false), Some("br"));
        assert_eq!(inline.open("i", "", false), None);
        assert_eq!(inline.close("b"), Closes::Around("i"));
        assert_eq!(inline.unclosed(), Some("p"));
        assert_eq!(inline.close("p"), Closes::Last);
        assert_eq!(inline.unclosed(), None);
        assert_eq!(inline.whole(), "<p><br><br><b><i></b></p>");
    }

    #[test]
    fn inline_markup_keeps_its_escapes_and_loses_its_wrapper() {
        let mut entities = Entities::default();
        let mut inline = leaf(Field::Content, Carried::Inline);
        inline.text("\n ", &mut entities);
        inline.open("xhtml:div", " dir=\"rtl\"", false);
        inline.open("p", "", false);
        inline.text("a &lt;b&gt; &amp; c", &mut entities);
        inline.close("p");
        inline.open("span", "", true);
        inline.close("xhtml:div");
        inline.text(" ", &mut entities);
        assert_eq!(inline.wrapper(), Some(" dir=\"rtl\""));
        assert_eq!(inline.whole(), "<p>a &lt;b&gt; &amp; c</p><span></span>");
        let mut two = leaf(Field::Content, Carried::Inline);
        two.open("div", "", false);
        two.close("div");
        two.open("div", "", false);
        two.close("div");
        assert_eq!(two.whole(), "<div></div><div></div>");
    }

    #[test]
    fn shared_names_are_told_apart_by_their_surroundings() {
        let check = |field, around: &[&'static str], tag: &str, attrs, expected| {
            let mut text = leaf(field, Carried::Escaped);
            for name in around {
                text.open(name, "", false);
            }
            let role = super::super::roles::of(Ns::Core, tag).map(|(role, _)| role);
            assert_eq!(text.keeps(Ns::Core, tag, role, attrs), expected, "{tag} in {around:?}");
        };
        check(Field::Summary, &[], "p", "", true);
        check(Field::Title, &[], "b", "", true);
        check(Field::Guid, &[], "b", "", false);
        check(Field::Summary, &[], "link", "", false);
        check(Field::Summary, &["html", "head"], "link", " rel=stylesheet", true);
        check(Field::Summary, &["details"], "summary", "", true);
        check(Field::Title, &[], "pubDate", "", false);
        check(Field::Summary, &["video"], "source", " src='x'", true);
        check(Field::Summary, &[], "source", " url='x'", false);
        check(Field::Summary, &["svg"], "title", "", true);
        check(Field::Summary, &[], "item", "", false);
    }
}
