//! The names of HTML elements → their role. A name outside the table is unknown: its tags are
//! removed and its text stays.

/// The role of an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HtmlRole {
    /// Kept, part of a line.
    Inline,
    /// `a`: kept when its address is usable.
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
    /// Audio or video: becomes a link to it.
    Media,
    /// `source`: the address of audio or video.
    Source,
    /// The tags are removed, the content stays.
    Unwrapped,
    /// Tags and content are removed.
    Dropped,
    /// Tags and content are removed; if the end tag is missing, everything that follows, so that no
    /// half script is shown.
    Code,
}

/// An element: its name, the name to write, its role.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct HtmlElement {
    /// The name as read, lower case.
    pub(super) name: &'static str,
    /// The name to write: obsolete elements are replaced by their successors.
    pub(super) written: &'static str,
    /// Its role.
    pub(super) role: HtmlRole,
}

const fn row(name: &'static str, role: HtmlRole) -> HtmlElement {
    HtmlElement { name, written: name, role }
}

const fn renamed(name: &'static str, written: &'static str, role: HtmlRole) -> HtmlElement {
    HtmlElement { name, written, role }
}

/// Sorted by name. Rows: the elements of the HTML Living Standard (section 4), its obsolete ones
/// (section 16.2), `amp-img` of AMP pages, which feeds copy, and the annotations of `MathML` that
/// repeat a formula.
#[rustfmt::skip]
pub(super) const ELEMENTS: &[HtmlElement] = &[
    row("a", HtmlRole::Link),
    row("abbr", HtmlRole::Inline),
    renamed("acronym", "abbr", HtmlRole::Inline),
    row("address", HtmlRole::Block),
    renamed("amp-img", "img", HtmlRole::Picture),
    row("annotation", HtmlRole::Dropped),
    row("annotation-xml", HtmlRole::Dropped),
    row("applet", HtmlRole::Dropped),
    row("area", HtmlRole::Unwrapped),
    row("article", HtmlRole::Block),
    row("aside", HtmlRole::Block),
    row("audio", HtmlRole::Media),
    row("b", HtmlRole::Inline),
    row("base", HtmlRole::Unwrapped),
    row("bdi", HtmlRole::Inline),
    row("bdo", HtmlRole::Inline),
    row("big", HtmlRole::Unwrapped),
    row("blockquote", HtmlRole::Block),
    renamed("body", "div", HtmlRole::Block),
    row("br", HtmlRole::Break),
    row("button", HtmlRole::Dropped),
    row("canvas", HtmlRole::Dropped),
    row("caption", HtmlRole::Caption),
    renamed("center", "div", HtmlRole::Block),
    row("cite", HtmlRole::Inline),
    row("code", HtmlRole::Inline),
    row("col", HtmlRole::Unwrapped),
    row("colgroup", HtmlRole::Unwrapped),
    row("datalist", HtmlRole::Dropped),
    row("dd", HtmlRole::Term),
    row("del", HtmlRole::Inline),
    row("details", HtmlRole::Block),
    row("dfn", HtmlRole::Inline),
    renamed("dialog", "div", HtmlRole::Block),
    renamed("dir", "ul", HtmlRole::List),
    row("div", HtmlRole::Block),
    row("dl", HtmlRole::Block),
    row("dt", HtmlRole::Term),
    row("em", HtmlRole::Inline),
    row("embed", HtmlRole::Frame),
    renamed("fieldset", "div", HtmlRole::Block),
    row("figcaption", HtmlRole::Block),
    row("figure", HtmlRole::Block),
    row("font", HtmlRole::Unwrapped),
    row("footer", HtmlRole::Block),
    row("form", HtmlRole::Dropped),
    row("frame", HtmlRole::Frame),
    row("frameset", HtmlRole::Unwrapped),
    row("h1", HtmlRole::Heading),
    row("h2", HtmlRole::Heading),
    row("h3", HtmlRole::Heading),
    row("h4", HtmlRole::Heading),
    row("h5", HtmlRole::Heading),
    row("h6", HtmlRole::Heading),
    row("head", HtmlRole::Dropped),
    row("header", HtmlRole::Block),
    renamed("hgroup", "div", HtmlRole::Block),
    row("hr", HtmlRole::Rule),
    row("html", HtmlRole::Unwrapped),
    row("i", HtmlRole::Inline),
    row("iframe", HtmlRole::Frame),
    renamed("image", "img", HtmlRole::Picture),
    row("img", HtmlRole::Picture),
    row("input", HtmlRole::Unwrapped),
    row("ins", HtmlRole::Inline),
    row("kbd", HtmlRole::Inline),
    row("label", HtmlRole::Unwrapped),
    row("legend", HtmlRole::Unwrapped),
    row("li", HtmlRole::Item),
    row("link", HtmlRole::Unwrapped),
    renamed("listing", "pre", HtmlRole::Block),
    row("main", HtmlRole::Block),
    row("map", HtmlRole::Unwrapped),
    row("mark", HtmlRole::Inline),
    row("marquee", HtmlRole::Unwrapped),
    row("math", HtmlRole::Unwrapped),
    renamed("menu", "ul", HtmlRole::List),
    row("meta", HtmlRole::Unwrapped),
    row("nav", HtmlRole::Block),
    row("nobr", HtmlRole::Unwrapped),
    row("noembed", HtmlRole::Unwrapped),
    row("noframes", HtmlRole::Unwrapped),
    row("noscript", HtmlRole::Unwrapped),
    row("object", HtmlRole::Frame),
    row("ol", HtmlRole::List),
    row("optgroup", HtmlRole::Unwrapped),
    row("option", HtmlRole::Unwrapped),
    row("p", HtmlRole::Paragraph),
    row("param", HtmlRole::Unwrapped),
    row("picture", HtmlRole::Unwrapped),
    row("pre", HtmlRole::Block),
    row("q", HtmlRole::Inline),
    row("rp", HtmlRole::RubyText),
    row("rt", HtmlRole::RubyText),
    row("ruby", HtmlRole::Ruby),
    row("s", HtmlRole::Inline),
    row("samp", HtmlRole::Inline),
    row("script", HtmlRole::Code),
    renamed("search", "div", HtmlRole::Block),
    row("section", HtmlRole::Block),
    row("select", HtmlRole::Dropped),
    row("small", HtmlRole::Inline),
    row("source", HtmlRole::Source),
    row("span", HtmlRole::Inline),
    renamed("strike", "s", HtmlRole::Inline),
    row("strong", HtmlRole::Inline),
    row("style", HtmlRole::Code),
    row("sub", HtmlRole::Inline),
    row("summary", HtmlRole::Block),
    row("sup", HtmlRole::Inline),
    row("svg", HtmlRole::Dropped),
    row("table", HtmlRole::Table),
    row("tbody", HtmlRole::Rows),
    row("td", HtmlRole::Cell),
    row("template", HtmlRole::Dropped),
    row("textarea", HtmlRole::Dropped),
    row("tfoot", HtmlRole::Rows),
    row("th", HtmlRole::Cell),
    row("thead", HtmlRole::Rows),
    row("time", HtmlRole::Inline),
    row("title", HtmlRole::Dropped),
    row("tr", HtmlRole::Row),
    row("track", HtmlRole::Unwrapped),
    renamed("tt", "code", HtmlRole::Inline),
    row("u", HtmlRole::Inline),
    row("ul", HtmlRole::List),
    row("var", HtmlRole::Inline),
    row("video", HtmlRole::Media),
    row("wbr", HtmlRole::Unwrapped),
    renamed("xmp", "pre", HtmlRole::Block),
];

/// Prefixes of names that office programs leave in texts, sorted (Office Open XML and Word's HTML):
/// always markup, whatever the name.
const OFFICE_PREFIXES: &[&str] = &["m:", "o:", "st1:", "v:", "w:"];

/// The longest name in the table.
const LONGEST_NAME: usize = 14;

/// The element with a name, in any case; `None`: there is no such element.
pub(super) fn find_element(name: &str) -> Option<&'static HtmlElement> {
    if name.len() > LONGEST_NAME {
        return None;
    }
    let mut lower = [0; size_of::<u128>()];
    lower[..name.len()].copy_from_slice(name.as_bytes());
    lower.make_ascii_lowercase();
    let at = NAME_NUMBERS.binary_search(&u128::from_be_bytes(lower)).ok()?;
    // A name that ends with NULs has the number of the name without them.
    ELEMENTS.get(at).filter(|row| row.name.len() == name.len())
}

/// The names of `ELEMENTS` as numbers, which are sorted as the names are and compared in one step.
const NAME_NUMBERS: [u128; ELEMENTS.len()] = name_numbers();

const fn name_numbers() -> [u128; ELEMENTS.len()] {
    let mut numbers = [0; ELEMENTS.len()];
    let mut at = 0;
    while at < ELEMENTS.len() {
        let name = ELEMENTS[at].name.as_bytes();
        let mut bytes = [0; size_of::<u128>()];
        let mut place = 0;
        while place < name.len() {
            bytes[place] = name[place];
            place += 1;
        }
        numbers[at] = u128::from_be_bytes(bytes);
        at += 1;
    }
    numbers
}

/// A link that the program writes itself.
pub(super) const LINK: HtmlElement = row("a", HtmlRole::Link);
/// A paragraph that the program writes itself.
pub(super) const PARAGRAPH: HtmlElement = row("p", HtmlRole::Paragraph);
/// The row group that HTML implies in a table.
pub(super) const IMPLIED_ROWS: HtmlElement = row("tbody", HtmlRole::Rows);
/// The row that HTML requires around a cell.
pub(super) const IMPLIED_ROW: HtmlElement = row("tr", HtmlRole::Row);
/// The cell that HTML requires around any content of a row.
pub(super) const IMPLIED_CELL: HtmlElement = row("td", HtmlRole::Cell);

/// Whether a tag of this name is certainly markup in a text of undeclared format.
pub(super) fn is_known(name: &str) -> bool {
    let begins =
        |start: &&str| name.get(..start.len()).is_some_and(|s| s.eq_ignore_ascii_case(start));
    find_element(name).is_some() || OFFICE_PREFIXES.iter().any(begins)
}

impl HtmlRole {
    /// Whether the element is part of a line of text: its tags do not separate two words.
    pub(super) fn is_inline(self) -> bool {
        matches!(self, Self::Inline | Self::Link | Self::Ruby | Self::RubyText | Self::Unwrapped)
    }

    /// Whether the sanitizer may keep it.
    pub(super) fn is_kept(self) -> bool {
        !matches!(
            self,
            Self::Frame | Self::Media | Self::Source | Self::Unwrapped | Self::Dropped | Self::Code
        )
    }

    /// Whether an end tag inside the element cannot close anything outside of it.
    pub(super) fn is_boundary(self) -> bool {
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
            assert_eq!(
                find_element(&element.name.to_uppercase()),
                Some(element),
                "{}",
                element.name
            );
            assert!(element.name.len() <= LONGEST_NAME, "{}", element.name);
            let written = find_element(element.written).unwrap();
            assert_eq!(written.role, element.role, "{} is written as its own kind", element.name);
            assert_eq!(written.written, written.name, "{}", element.name);
        }
        assert!(OFFICE_PREFIXES.is_sorted());
        for start in OFFICE_PREFIXES {
            assert!(is_known(&format!("{start}x")) && is_known(&start.to_uppercase()), "{start}");
        }
        assert!(is_known("P") && !is_known("std::string") && !is_known("ب"));
        for unknown in ["", "a\0", "o:p", "foo", "بحث", "figcaptions", "x-averylongname"] {
            assert_eq!(find_element(unknown), None, "{unknown}");
        }
    }
}
