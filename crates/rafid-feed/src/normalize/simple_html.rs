//! Markup of the simplest kind → the same markup as the sanitizer writes it; any other markup → `None`.
//!
//! Most texts hold paragraphs, links, lists and pictures only (6,725 of 7,011 texts in test feeds), and `rewrite`
//! has made them well-nested. A parser, a tree and a serializer change nothing in them except that a link gets its
//! `rel` and a hard space its name, and take thirteen times the instructions of this check. It does not trust
//! `rewrite`: it reads every byte, and the slightest doubt means `None`, that is, the sanitizer.
//!
//! | part | accepted |
//! | --- | --- |
//! | text | no control character; of `&`, `<` and `>` only `&amp;`, `&lt;`, `&gt;` |
//! | element | kept, written in lower case, no `caption`, no `ruby`, no inline element but `span` within the same element |
//! | nesting | each end tag ends the innermost element; no block in a paragraph or heading; items in lists; each cell in a row of a row group, nothing beside it |
//! | attribute | allowed for its element, once, in double quotes |
//! | address | `http` or `https` with a plain host, see `is_plain_address` |

use memchr::{memchr, memchr3};

use super::attributes::{self, GENERIC};
use super::elements::{self, HtmlElement, HtmlRole};

/// The most elements that may be open at once: half of what `nesting` opens.
const MOST_OPEN: usize = 64;
/// What the sanitizer adds to every link.
const LINK_RELATION: &str = " rel=\"noopener noreferrer\"";
/// The references that the sanitizer writes in a text; the last one in values only.
const REFERENCES: [&str; 4] = ["&amp;", "&lt;", "&gt;", "&quot;"];

/// The markup as the sanitizer writes it; `None`: only the sanitizer can say.
pub(super) fn clean_simple(html: &str) -> Option<String> {
    if html.bytes().fold(false, |any, byte| any | is_control(byte)) || html.starts_with('\u{FEFF}')
    {
        return None;
    }
    let mut reader = SimpleReader {
        html,
        rest: html,
        copied: 0,
        out: String::with_capacity(html.len()),
        open: Vec::new(),
    };
    while !reader.rest.is_empty() {
        reader.read_text()?;
        if !reader.rest.is_empty() {
            reader.read_tag()?;
        }
    }
    if !reader.open.is_empty() {
        return None;
    }
    reader.copy_to_here();
    let out = reader.out;
    Some(if out.contains('\u{A0}') { out.replace('\u{A0}', "&nbsp;") } else { out })
}

/// A parser drops NUL and changes the carriage return; the others stand in no simple text.
fn is_control(byte: u8) -> bool {
    byte < b' ' && byte != b'\n' && byte != b'\t'
}

struct SimpleReader<'a> {
    html: &'a str,
    /// What is not read yet.
    rest: &'a str,
    /// The bytes of `html` that stand in `out`.
    copied: usize,
    out: String,
    open: Vec<&'static HtmlElement>,
}

impl SimpleReader<'_> {
    /// Reads up to the next tag.
    fn read_text(&mut self) -> Option<()> {
        if self.is_between_cells() && !self.rest.starts_with('<') {
            return None;
        }
        while let Some(at) = memchr3(b'<', b'&', b'>', self.rest.as_bytes()) {
            self.rest = self.rest.get(at..)?;
            if self.rest.starts_with('<') {
                return Some(());
            }
            self.rest = after_reference(self.rest, &REFERENCES[..3])?;
        }
        self.rest = "";
        Some(())
    }

    /// Reads a tag; the rest begins with it.
    fn read_tag(&mut self) -> Option<()> {
        let inner = self.rest.strip_prefix('<')?;
        if let Some(inner) = inner.strip_prefix('/') {
            let element = self.open.pop()?;
            self.rest = inner.strip_prefix(element.written)?.strip_prefix('>')?;
            return Some(());
        }
        let end = inner.bytes().position(|byte| !byte.is_ascii_alphanumeric())?;
        let (name, attributes) = inner.split_at_checked(end)?;
        let element = elements::find_element(name)?;
        // The name as written here, not one that only resembles it.
        if element.written != name || !element.role.is_kept() || !self.may_begin(element) {
            return None;
        }
        self.rest = attributes;
        self.read_attributes(element)?;
        if element.role == HtmlRole::Link {
            self.copy_to_here();
            self.out.push_str(LINK_RELATION);
        }
        self.rest = self.rest.strip_prefix('>')?;
        if !matches!(element.role, HtmlRole::Break | HtmlRole::Rule | HtmlRole::Picture) {
            self.open.push(element);
        }
        // A parser drops the line break at the beginning of a `pre`.
        (name != "pre" || !self.rest.starts_with('\n')).then_some(())
    }

    /// Whether a parser puts the element exactly here and moves or ends nothing for it.
    fn may_begin(&self, element: &HtmlElement) -> bool {
        let outer = self.open.last();
        let is_in = |role: HtmlRole| outer.is_some_and(|outer| outer.role == role);
        let is_line =
            |open: &HtmlElement| matches!(open.role, HtmlRole::Paragraph | HtmlRole::Heading);
        let is_in_line = || self.open.iter().any(|open| is_line(open));
        let place = match element.role {
            HtmlRole::Rows => is_in(HtmlRole::Table),
            HtmlRole::Row => is_in(HtmlRole::Rows),
            HtmlRole::Cell => is_in(HtmlRole::Row),
            _ if self.is_between_cells() => false,
            HtmlRole::Break | HtmlRole::Picture => true,
            // Parsers rebuild nested formatting elements, and end a link for the next one; `span` is no such element.
            HtmlRole::Inline | HtmlRole::Link => {
                element.written == "span"
                    || self.open.iter().all(|open| open.written != element.written)
            }
            HtmlRole::Block
            | HtmlRole::Paragraph
            | HtmlRole::Heading
            | HtmlRole::List
            | HtmlRole::Table
            | HtmlRole::Rule => !is_in_line(),
            HtmlRole::Item => is_in(HtmlRole::List) && !is_in_line(),
            HtmlRole::Term => outer.is_some_and(|outer| outer.written == "dl") && !is_in_line(),
            _ => false,
        };
        place && self.open.len() < MOST_OPEN
    }

    /// Whether a parser moves out of the table what begins here.
    fn is_between_cells(&self) -> bool {
        let innermost = self.open.last().map(|open| open.role);
        matches!(innermost, Some(HtmlRole::Table | HtmlRole::Rows | HtmlRole::Row))
    }

    /// Reads the attributes up to the end of the tag.
    fn read_attributes(&mut self, element: &HtmlElement) -> Option<()> {
        let own = attributes::own_names(element);
        // The names fit: an element has at most five of its own and two general ones.
        let mut seen = 0_u8;
        while let Some(attribute) = self.rest.strip_prefix(' ') {
            let (name, value) = attribute.split_once("=\"")?;
            let index = GENERIC.iter().chain(own).position(|known| *known == name)?;
            let bit = 1_u8.checked_shl(u32::try_from(index).ok()?)?;
            if seen & bit != 0 {
                return None;
            }
            seen |= bit;
            let (value, rest) = value.split_at_checked(memchr(b'"', value.as_bytes())?)?;
            let is_address = matches!(name, "href" | "src" | "cite");
            if !is_plain_value(value) || (is_address && !is_plain_address(value)) {
                return None;
            }
            self.rest = rest.strip_prefix('"')?;
        }
        Some(())
    }

    /// Copies what is read and not copied yet.
    fn copy_to_here(&mut self) {
        let here = self.html.len() - self.rest.len();
        self.out.push_str(&self.html[self.copied..here]);
        self.copied = here;
    }
}

/// What follows the reference at the start; `None`: another one stands there.
fn after_reference<'a>(text: &'a str, references: &[&str]) -> Option<&'a str> {
    references.iter().find_map(|reference| text.strip_prefix(reference))
}

/// Whether the value of an attribute stays as it is.
fn is_plain_value(value: &str) -> bool {
    let mut rest = value;
    while let Some(at) = memchr3(b'<', b'&', b'>', rest.as_bytes()) {
        match rest.get(at..).and_then(|from| after_reference(from, &REFERENCES)) {
            Some(after) => rest = after,
            None => return false,
        }
    }
    true
}

/// Whether an address is certainly one of the web for every parser of addresses: a host of letters, digits,
/// hyphens and dots that is no number and no Punycode, perhaps with a port. What follows cannot fail (URL
/// Standard, section 4.4).
fn is_plain_address(address: &str) -> bool {
    let Some(rest) = address.strip_prefix("https://").or_else(|| address.strip_prefix("http://"))
    else {
        return false;
    };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end).unwrap_or_default();
    let (host, port) = authority.split_once(':').unwrap_or((authority, "80"));
    // Five digits may be more than 65,535.
    (1..=4).contains(&port.len())
        && port.bytes().all(|byte| byte.is_ascii_digit())
        && host.split('.').all(is_plain_label)
        // A last part that begins with a digit may make the host an IPv4 address.
        && host.rsplit('.').next().is_some_and(|last| last.starts_with(|c: char| c.is_ascii_lowercase()))
}

/// Whether a part of a host is plain.
fn is_plain_label(label: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=63).contains(&label.len())
        && label.bytes().all(is_plain)
        && !label.starts_with('-')
        && !label.ends_with('-')
        && !label.starts_with("xn--")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn simple_markup_is_accepted() {
        let check = |html: &str, expected: &str| {
            assert_eq!(clean_simple(html).as_deref(), Some(expected), "{html}");
        };
        for same in [
            "",
            "خبر &amp; &lt;b&gt;",
            "<p dir=\"rtl\">نص <b>غامق</b> <em>x</em><br>سطر</p>\n<p>ثان</p>",
            "<ul><li>أ</li><li value=\"3\"><ol start=\"2\"><li>ب</li></ol></li></ul>",
            "<dl><dt>x</dt><dd><p>y</p></dd></dl><hr>",
            "<strong><div>x</div></strong>",
            "<img src=\"https://a.example/1.jpg?a=1&amp;b=2\" alt=\"&quot;x&quot; &lt;\">",
            "<pre>x\ny</pre>",
            "<table><tbody><tr><th>x</th><td colspan=\"2\"><p>y</p></td></tr></tbody></table>",
            "<span>x<span dir=\"rtl\">y</span></span>",
        ] {
            check(same, same);
        }
        check(
            "<a href=\"http://a.example:8080\" title=\"x\">و\u{A0}ن</a>",
            "<a href=\"http://a.example:8080\" title=\"x\" rel=\"noopener noreferrer\">و&nbsp;ن</a>",
        );
        check("<a>x</a>", "<a rel=\"noopener noreferrer\">x</a>");
    }

    /// Every kind of doubt.
    #[rustfmt::skip]
    const DOUBTFUL: &[&str] = &[
        "\u{FEFF}x", "x\0", "a\rb", "a > b", "a < b", "&nbsp;", "&#60;", "&ampx", "x & y", "&quot;", "<p>", "</p>",
        "<p>x</b>", "<b><i>x</b></i>", "<p><p>x</p></p>", "<p><div>x</div></p>", "<h1><h2>x</h2></h1>",
        "<a><a>x</a></a>", "<b><i><b>x</b></i></b>", "<li>x</li>", "<ul><div><li>x</li></div></ul>",
        "<dl><div><dt>x</dt></div></dl>", "<table>\n<tbody></tbody></table>", "<table><tr></tr></table>",
        "<tbody></tbody>", "<table><caption>x</caption></table>", "<table><tbody><tr>x</tr></tbody></table>",
        "<table><tbody><tr><b></b></tr></tbody></table>", "<table><br></table>", "<p><table></table></p>",
        "<table><tbody><tr><td>x</td>\n</tr></tbody></table>",
        "<b><table><tbody><tr><td><b>x</b></td></tr></tbody></table></b>", "<tr>x</tr>", "<ruby>x</ruby>",
        "<pre>\nx</pre>", "<P>x</P>", "<p/>", "<br/>", "<br></br>", "<p >x</p>", "<p>x</p >", "<!-- x -->",
        "<!DOCTYPE html>", "<?x?>", "<![CDATA[x]]>", "<script>x</script>", "<style>x</style>", "<svg></svg>",
        "<math></math>", "<iframe></iframe>", "<image>", "<strike>x</strike>", "<foo>x</foo>",
        "<p onclick=\"x\">y</p>", "<p style=\"x\">y</p>", "<p class=\"x\">y</p>", "<p dir=rtl>y</p>",
        "<p dir='rtl'>y</p>", "<p dir>y</p>", "<p DIR=\"rtl\">y</p>", "<p dir=\"rtl\" dir=\"ltr\">y</p>",
        "<p  dir=\"rtl\">y</p>", "<p dir=\"rtl\"lang=\"ar\">y</p>", "<p dir=\"<b>\">y</p>", "<p dir=\"a&b\">y</p>",
        "<p dir=\"rtl>y</p>", "<p title=\"x\">y</p>", "<a rel=\"x\">y</a>", "<a href=\"x\">y</a>",
        "<a href=\"//a.example\">y</a>", "<a href=\"javascript:x\">y</a>", "<a href=\"https:x\">y</a>",
        "<a href=\"mailto:x\">y</a>", "<a href=\" https://a.example/\">y</a>",
        "<a href=\"HTTPS://a.example/\">y</a>", "<img src=\"data:x\">", "<img src=\"https://\">",
        "<img src=\"https://a.example:99999/\">", "<img src=\"https://1.2.3.4/\">", "<img src=\"https://a.0x7/\">",
        "<img src=\"https://xn--a/\">", "<img src=\"https://u@a.example/\">", "<img src=\"https://a..b/\">",
        "<img src=\"https://a.b./\">", "<img src=\"https://a\\b/\">", "<img src=\"https://a&amp;b/\">",
        "<img src=\"https://[::1]/\">", "<q cite=\"javascript:x\">y</q>",
    ];

    #[test]
    fn any_doubt_is_left_to_the_sanitizer() {
        for html in DOUBTFUL {
            assert_eq!(clean_simple(html), None, "{html}");
        }
        let deep = |depth: usize| "<div>".repeat(depth) + "x" + &"</div>".repeat(depth);
        assert_eq!(clean_simple(&deep(MOST_OPEN)), Some(deep(MOST_OPEN)));
        assert_eq!(clean_simple(&deep(MOST_OPEN + 1)), None);
    }

    #[test]
    fn every_attribute_has_a_bit() {
        for (_, names) in attributes::ALLOWED {
            assert!(GENERIC.len() + names.len() <= 8, "{names:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_plain_address_is_one_for_the_parser(
            host in "[a-z0-9.xn-]{1,12}(:[0-9]{0,6})?",
            rest in "([/?#\\\\@:]([ -~]|[ء-ي\u{80}-\u{FF}]){0,12})?",
        ) {
            let address = format!("https://{host}{rest}");
            if is_plain_address(&address) {
                let parsed = url::Url::parse(&address);
                proptest::prop_assert!(parsed.is_ok_and(|url| url.scheme() == "https"), "{}", address);
            }
        }
    }
}
