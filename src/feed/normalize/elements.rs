//! The names of HTML elements → what becomes of them. What is not in the table is unknown: its tags
//! go and its text stays.

/// What an element is to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Kept, stands within a line.
    Inline,
    /// `a`: kept when it leads somewhere.
    Link,
    /// `ruby`.
    Ruby,
    /// `rt`, `rp`: only within `ruby`.
    RubyText,
    /// Kept, ends a paragraph.
    Block,
    /// `p`.
    Paragraph,
    /// `h1` to `h6`.
    Heading,
    /// `ul`, `ol`.
    List,
    /// `li`.
    Item,
    /// `dt`, `dd`.
    Term,
    /// `table`.
    Table,
    /// `caption`.
    Caption,
    /// `thead`, `tbody`, `tfoot`.
    Rows,
    /// `tr`.
    Row,
    /// `td`, `th`.
    Cell,
    /// `br`: no content.
    Break,
    /// `hr`: no content, ends a paragraph.
    Rule,
    /// A picture: kept when it has an address.
    Picture,
    /// Another page or program inside this one: becomes a link to it.
    Frame,
    /// Sound or film: becomes a link to it.
    Media,
    /// `source`: where a film or sound is.
    Source,
    /// The tags go, the content stays.
    Hollow,
    /// Tags and content go.
    Gone,
    /// Tags and all that follows go, when the end is missing: nobody shows half a script.
    Code,
}

/// An element: its name, the name it is written as, its role.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Element {
    /// The name as read, lower case.
    pub(super) name: &'static str,
    /// The name as written: obsolete elements get their successor's.
    pub(super) written: &'static str,
    /// What it is to us.
    pub(super) role: Role,
}

const fn row(name: &'static str, role: Role) -> Element {
    Element { name, written: name, role }
}

const fn renamed(name: &'static str, written: &'static str, role: Role) -> Element {
    Element { name, written, role }
}

/// Sorted by name. Rows: the elements of the HTML Living Standard (section 4), its obsolete ones
/// (section 16.2), `amp-img` of AMP pages, which feeds copy, and
/// of `MathML` the notes that say a formula once more.
#[rustfmt::skip]
pub(super) const ELEMENTS: &[Element] = &[
    row("a", Role::Link),
    row("abbr", Role::Inline),
    renamed("acronym", "abbr", Role::Inline),
    row("address", Role::Block),
    renamed("amp-img", "img", Role::Picture),
    row("annotation", Role::Gone),
    row("annotation-xml", Role::Gone),
    row("applet", Role::Gone),
    row("area", Role::Hollow),
    row("article", Role::Block),
    row("aside", Role::Block),
    row("audio", Role::Media),
    row("b", Role::Inline),
    row("base", Role::Hollow),
    row("bdi", Role::Inline),
    row("bdo", Role::Inline),
    row("big", Role::Hollow),
    row("blockquote", Role::Block),
    renamed("body", "div", Role::Block),
    row("br", Role::Break),
    row("button", Role::Gone),
    row("canvas", Role::Gone),
    row("caption", Role::Caption),
    renamed("center", "div", Role::Block),
    row("cite", Role::Inline),
    row("code", Role::Inline),
    row("col", Role::Hollow),
    row("colgroup", Role::Hollow),
    row("datalist", Role::Gone),
    row("dd", Role::Term),
    row("del", Role::Inline),
    row("details", Role::Block),
    row("dfn", Role::Inline),
    renamed("dialog", "div", Role::Block),
    renamed("dir", "ul", Role::List),
    row("div", Role::Block),
    row("dl", Role::Block),
    row("dt", Role::Term),
    row("em", Role::Inline),
    row("embed", Role::Frame),
    renamed("fieldset", "div", Role::Block),
    row("figcaption", Role::Block),
    row("figure", Role::Block),
    row("font", Role::Hollow),
    row("footer", Role::Block),
    row("form", Role::Gone),
    row("frame", Role::Frame),
    row("frameset", Role::Hollow),
    row("h1", Role::Heading),
    row("h2", Role::Heading),
    row("h3", Role::Heading),
    row("h4", Role::Heading),
    row("h5", Role::Heading),
    row("h6", Role::Heading),
    row("head", Role::Gone),
    row("header", Role::Block),
    renamed("hgroup", "div", Role::Block),
    row("hr", Role::Rule),
    row("html", Role::Hollow),
    row("i", Role::Inline),
    row("iframe", Role::Frame),
    renamed("image", "img", Role::Picture),
    row("img", Role::Picture),
    row("input", Role::Hollow),
    row("ins", Role::Inline),
    row("kbd", Role::Inline),
    row("label", Role::Hollow),
    row("legend", Role::Hollow),
    row("li", Role::Item),
    row("link", Role::Hollow),
    renamed("listing", "pre", Role::Block),
    row("main", Role::Block),
    row("map", Role::Hollow),
    row("mark", Role::Inline),
    row("marquee", Role::Hollow),
    row("math", Role::Hollow),
    renamed("menu", "ul", Role::List),
    row("meta", Role::Hollow),
    row("nav", Role::Block),
    row("nobr", Role::Hollow),
    row("noembed", Role::Hollow),
    row("noframes", Role::Hollow),
    row("noscript", Role::Hollow),
    row("object", Role::Frame),
    row("ol", Role::List),
    row("optgroup", Role::Hollow),
    row("option", Role::Hollow),
    row("p", Role::Paragraph),
    row("param", Role::Hollow),
    row("picture", Role::Hollow),
    row("pre", Role::Block),
    row("q", Role::Inline),
    row("rp", Role::RubyText),
    row("rt", Role::RubyText),
    row("ruby", Role::Ruby),
    row("s", Role::Inline),
    row("samp", Role::Inline),
    row("script", Role::Code),
    renamed("search", "div", Role::Block),
    row("section", Role::Block),
    row("select", Role::Gone),
    row("small", Role::Inline),
    row("source", Role::Source),
    row("span", Role::Inline),
    renamed("strike", "s", Role::Inline),
    row("strong", Role::Inline),
    row("style", Role::Code),
    row("sub", Role::Inline),
    row("summary", Role::Block),
    row("sup", Role::Inline),
    row("svg", Role::Gone),
    row("table", Role::Table),
    row("tbody", Role::Rows),
    row("td", Role::Cell),
    row("template", Role::Gone),
    row("textarea", Role::Gone),
    row("tfoot", Role::Rows),
    row("th", Role::Cell),
    row("thead", Role::Rows),
    row("time", Role::Inline),
    row("title", Role::Gone),
    row("tr", Role::Row),
    row("track", Role::Hollow),
    renamed("tt", "code", Role::Inline),
    row("u", Role::Inline),
    row("ul", Role::List),
    row("var", Role::Inline),
    row("video", Role::Media),
    row("wbr", Role::Hollow),
    renamed("xmp", "pre", Role::Block),
];

/// Beginnings of the names that office programs leave in texts, sorted (Office Open XML and Word's
/// HTML): markup, whoever knows it.
const OFFICE: &[&str] = &["m:", "o:", "st1:", "v:", "w:"];

/// The longest name in the table.
const LONGEST_NAME: usize = 14;

/// The element of a name in whatever case; `None`: there is no such element.
pub(super) fn find(name: &str) -> Option<&'static Element> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let mut lower = [0; LONGEST_NAME];
    let lower = &mut lower[..name.len()];
    lower.copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let at = ELEMENTS.binary_search_by(|row| row.name.as_bytes().cmp(lower)).ok()?;
    ELEMENTS.get(at)
}

/// A link that we write ourselves.
pub(super) const LINK: Element = row("a", Role::Link);
/// A paragraph that we write ourselves.
pub(super) const PARAGRAPH: Element = row("p", Role::Paragraph);
/// The rows of a table that nobody wrote.
pub(super) const IMPLIED_ROWS: Element = row("tbody", Role::Rows);
/// The row that a cell must stand in.
pub(super) const IMPLIED_ROW: Element = row("tr", Role::Row);
/// The cell that anything in a row must stand in.
pub(super) const IMPLIED_CELL: Element = row("td", Role::Cell);

/// Whether a tag of this name is surely markup, where nobody said that a text is HTML.
pub(super) fn is_known(name: &str) -> bool {
    let begins =
        |start: &&str| name.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    find(name).is_some() || OFFICE.iter().any(begins)
}

impl Role {
    /// Whether the element stands within a line of text: its tags do not part two words.
    pub(super) fn is_inline(self) -> bool {
        matches!(self, Self::Inline | Self::Link | Self::Ruby | Self::RubyText | Self::Hollow)
    }

    /// Whether the sanitiser may let it through.
    pub(super) fn is_kept(self) -> bool {
        !matches!(
            self,
            Self::Frame | Self::Media | Self::Source | Self::Hollow | Self::Gone | Self::Code
        )
    }

    /// Whether what is open outside of it cannot be closed from inside of it.
    pub(super) fn is_wall(self) -> bool {
        matches!(self, Self::Cell | Self::Caption | Self::Table)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_and_every_row_is_found() {
        assert!(ELEMENTS.is_sorted_by(|one, next| one.name < next.name));
        for element in ELEMENTS {
            assert_eq!(find(&element.name.to_uppercase()), Some(element), "{}", element.name);
            assert!(element.name.len() <= LONGEST_NAME, "{}", element.name);
            let written = find(element.written).unwrap();
            assert_eq!(written.role, element.role, "{} is written as its own kind", element.name);
            assert_eq!(written.written, written.name, "{}", element.name);
        }
        assert!(OFFICE.is_sorted());
        for start in OFFICE {
            assert!(is_known(&format!("{start}x")) && is_known(&start.to_uppercase()), "{start}");
        }
        assert!(is_known("P") && !is_known("std::string") && !is_known("ب"));
        for unknown in ["", "o:p", "foo", "بحث", "figcaptions", "x-averylongname"] {
            assert_eq!(find(unknown), None, "{unknown}");
        }
    }
}
