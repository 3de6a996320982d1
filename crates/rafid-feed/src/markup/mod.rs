//! Markup as publishers write it → texts and tags, in one linear pass that never fails.
//!
//! Tokens are those of the HTML tokenizer (HTML Living Standard, section 13.2.5), with three exceptions
//! that browsers do not make: a comment without an end ends at its first `>`, and so does a tag whose quote
//! is never closed; of a CDATA section in a text only its delimiters are dropped. Text is not decoded: the
//! caller resolves its entities once. `linearize` rewrites a whole page so that an HTML parser turns it
//! into a tree in linear time; `selectors` parses the selectors that an operator applies to that tree.

mod linearize;
mod selectors;
mod to_text;

use memchr::memchr;

pub(crate) use linearize::linearize;
pub(crate) use selectors::parse_selector;
pub use to_text::{markup_to_lines, markup_to_text};

/// Attributes of one tag that are read; one `<a>` with 200,000 of them took the HTML parser 39 seconds
/// (measured), and no honest tag has more than a dozen.
const MOST_ATTRIBUTES: usize = 64;

/// One piece of markup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MarkupToken<'a> {
    /// Text, entities unresolved.
    Text(&'a str),
    /// A start tag.
    Start(MarkupTag<'a>),
    /// An end tag.
    End(MarkupTag<'a>),
    /// A comment, a declaration, a processing instruction, a delimiter of a CDATA section.
    Comment,
    /// A tag that is cut by the end of the text.
    Unfinished(&'a str),
}

/// A tag as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MarkupTag<'a> {
    /// Its name, in any case.
    pub(crate) name: &'a str,
    /// The text between the name and the `>`.
    inside: &'a str,
    /// The whole tag.
    pub(crate) raw: &'a str,
}

impl<'a> MarkupTag<'a> {
    /// The start tag that is cut by the end of a text, as far as it is there. `None`: it is not a start
    /// tag.
    pub(crate) fn broken_off(raw: &'a str) -> Option<Self> {
        let inner = raw.strip_prefix('<')?;
        let inner = inner.starts_with(|c: char| c.is_ascii_alphabetic()).then_some(inner)?;
        let name_end = inner.find(|c: char| c.is_ascii_whitespace() || c == '/');
        let (name, inside) = inner.split_at(name_end.unwrap_or(inner.len()));
        Some(Self { name, inside, raw })
    }

    /// Whether it is written as an empty element (`<br/>`, `<p />`); the slash at the end of an unquoted
    /// address (`<a href=https://a.example/>`) does not count.
    pub(crate) fn is_empty_element(&self) -> bool {
        self.inside.strip_suffix('/').is_some_and(|before| {
            before.is_empty()
                || before.ends_with(|c: char| c.is_ascii_whitespace() || "\"'/".contains(c))
        })
    }

    /// Whether it has anything that looks like an attribute with a value.
    pub(crate) fn has_values(&self) -> bool {
        self.inside.contains('=')
    }

    /// The first attributes of the tag as written: name and undecoded value.
    pub(crate) fn attributes(&self) -> impl Iterator<Item = (&'a str, &'a str)> + use<'a> {
        TagAttributes { rest: self.inside }.take(MOST_ATTRIBUTES)
    }
}

/// Splits markup into tokens.
#[derive(Debug, Clone)]
pub(crate) struct Scanner<'a> {
    rest: &'a str,
    /// There are no more ends of comments: remembered, so that a million of comments cost one search.
    no_comment_ends: bool,
    /// Elements without any further end tag, for the same reason.
    never_ended: Vec<&'static str>,
    /// A CDATA section has begun and not ended yet.
    is_in_cdata: bool,
}

impl<'a> Scanner<'a> {
    /// A scanner at the beginning of `markup`.
    pub(crate) fn new(markup: &'a str) -> Self {
        Self { rest: markup, no_comment_ends: false, never_ended: Vec::new(), is_in_cdata: false }
    }

    /// The tokens, each with the number of bytes before it.
    pub(crate) fn with_offsets(mut self) -> impl Iterator<Item = (usize, MarkupToken<'a>)> {
        let length = self.rest.len();
        std::iter::from_fn(move || {
            let at = length - self.rest.len();
            self.next().map(|token| (at, token))
        })
    }

    /// Moves past the end tag of `name` and returns whether there is one; otherwise nothing moves. For
    /// elements whose content is not used.
    pub(crate) fn skip_past_end_of(&mut self, name: &'static str) -> bool {
        self.take_to_end_of(name).is_some()
    }

    /// The same; returns the text before the end tag, as written. `None`: there is no end tag.
    pub(crate) fn take_to_end_of(&mut self, name: &'static str) -> Option<&'a str> {
        if self.never_ended.contains(&name) {
            return None;
        }
        let mut from = 0;
        while let Some(at) = self.rest[from..].find("</").map(|at| from + at) {
            let after = &self.rest[at + 2..];
            let found = after
                .get(..name.len())
                .filter(|start| start.eq_ignore_ascii_case(name))
                .and_then(|_| after[name.len()..].chars().next());
            if found.is_some_and(|next| next == '>' || next == '/' || next.is_ascii_whitespace()) {
                let end = after.find('>').map_or(self.rest.len(), |end| at + 2 + end + 1);
                let content = &self.rest[..at];
                self.rest = &self.rest[end..];
                return Some(content);
            }
            from = at + 2;
        }
        self.never_ended.push(name);
        None
    }

    /// Skips what is left.
    pub(crate) fn skip_all(&mut self) {
        self.rest = "";
    }

    fn read_markup(&mut self) -> MarkupToken<'a> {
        let all = self.rest;
        let mut chars = all[1..].chars();
        match chars.next() {
            Some('!') if all.starts_with("<!--") => {
                let length = self.comment_length();
                self.take_bytes(length);
                MarkupToken::Comment
            }
            Some('!') if all.starts_with("<![CDATA[") => {
                self.take_bytes("<![CDATA[".len());
                self.is_in_cdata = true;
                MarkupToken::Comment
            }
            Some('!' | '?') => {
                let length = all.find('>').map_or(all.len(), |end| end + 1);
                self.take_bytes(length);
                MarkupToken::Comment
            }
            Some('/') => self.read_tag(2).map_or_else(|| self.read_unfinished(), MarkupToken::End),
            _ => self.read_tag(1).map_or_else(|| self.read_unfinished(), MarkupToken::Start),
        }
    }

    /// The text before the delimiter that is `at` bytes ahead, else the delimiter.
    fn read_cdata(&mut self, at: usize) -> MarkupToken<'a> {
        if at > 0 {
            return MarkupToken::Text(self.take_bytes(at));
        }
        self.take_bytes("]]>".len());
        self.is_in_cdata = false;
        MarkupToken::Comment
    }

    fn read_unfinished(&mut self) -> MarkupToken<'a> {
        let length = self.rest.len();
        MarkupToken::Unfinished(self.take_bytes(length))
    }

    /// The tag at the front, whose name is `start` bytes after the `<`.
    fn read_tag(&mut self, start: usize) -> Option<MarkupTag<'a>> {
        let all = self.rest;
        let name = all.as_bytes()[start..].iter();
        let name_end = start + name.take_while(|byte| !ends_name(**byte)).count();
        if name_end == all.len() {
            return None;
        }
        let inside_end = name_end + find_tag_end(&all[name_end..])?;
        let raw = self.take_bytes(inside_end + 1);
        Some(MarkupTag { name: &raw[start..name_end], inside: &raw[name_end..inside_end], raw })
    }

    /// HTML Living Standard, section 13.2.5.43 and following.
    fn comment_length(&mut self) -> usize {
        let all = self.rest;
        if let Some(abrupt) = ["<!-->", "<!--->"].iter().find(|start| all.starts_with(**start)) {
            return abrupt.len();
        }
        let mut from = "<!--".len();
        while !self.no_comment_ends {
            let Some(dashes) = all[from..].find("--").map(|at| from + at) else {
                self.no_comment_ends = true;
                break;
            };
            let after = &all[dashes + 2..];
            if let Some(end) = ["!>", ">"].into_iter().find(|end| after.starts_with(end)) {
                return dashes + 2 + end.len();
            }
            from = dashes + 1;
        }
        all.find('>').map_or(all.len(), |end| end + 1)
    }

    fn take_bytes(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Scanner<'a> {
    type Item = MarkupToken<'a>;

    fn next(&mut self) -> Option<MarkupToken<'a>> {
        if self.rest.is_empty() {
            return None;
        }
        let mut from = 0;
        let text_end = loop {
            let Some(at) = memchr(b'<', &self.rest.as_bytes()[from..]).map(|at| from + at) else {
                break self.rest.len();
            };
            if begins_markup(&self.rest[at + 1..]) {
                break at;
            }
            from = at + 1;
        };
        if self.is_in_cdata
            && let Some(at) = self.rest[..text_end].find("]]>")
        {
            return Some(self.read_cdata(at));
        }
        if text_end > 0 {
            return Some(MarkupToken::Text(self.take_bytes(text_end)));
        }
        Some(self.read_markup())
    }
}

/// Whether the text after a `<` makes it markup: `a < b` and `<3` are text.
fn begins_markup(after: &str) -> bool {
    let mut bytes = after.bytes();
    match bytes.next() {
        Some(b'/' | b'?') => bytes.next().is_some_and(|b| b.is_ascii_alphabetic()),
        Some(b'!') => {
            after.starts_with("!--")
                || after.starts_with("![CDATA[")
                || bytes.next().is_some_and(|b| b.is_ascii_alphabetic())
        }
        Some(first) => first.is_ascii_alphabetic(),
        None => false,
    }
}

/// Where the `>` of a tag is, counted from the end of its name; `None`: the text ends in the tag.
fn find_tag_end(after_name: &str) -> Option<usize> {
    let mut rest = after_name;
    loop {
        rest = skip_gaps(rest);
        if rest.starts_with('>') {
            return Some(after_name.len() - rest.len());
        }
        if rest.is_empty() {
            return None;
        }
        let Some((_, after)) = split_attribute(rest) else {
            // The quote is never closed: the tag ends at its first `>`.
            let at = rest.find('>')?;
            return Some(after_name.len() - rest.len() + at);
        };
        rest = after;
    }
}

struct TagAttributes<'a> {
    rest: &'a str,
}

impl<'a> Iterator for TagAttributes<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = skip_gaps(self.rest);
        if rest.is_empty() {
            return None;
        }
        let (found, after) = split_attribute(rest)?;
        self.rest = after;
        Some(found)
    }
}

fn skip_gaps(text: &str) -> &str {
    let gap = text.bytes().take_while(|byte| byte.is_ascii_whitespace() || *byte == b'/').count();
    &text[gap..]
}

fn skip_whitespace(text: &str) -> &str {
    &text[text.bytes().take_while(u8::is_ascii_whitespace).count()..]
}

/// Whether the name of a tag ends before this byte.
const fn ends_name(byte: u8) -> bool {
    byte.is_ascii_whitespace() || matches!(byte, b'/' | b'>')
}

/// The attribute that `rest` begins with, and the text after it (HTML Living Standard, section 13.2.5.32
/// and following). `None`: its quote is never closed.
fn split_attribute(rest: &str) -> Option<((&str, &str), &str)> {
    // A leading `=` belongs to the name.
    let first = rest.chars().next().map_or(0, char::len_utf8);
    let behind = rest.as_bytes()[first..].iter();
    let name_end = first + behind.take_while(|byte| !ends_name(**byte) && **byte != b'=').count();
    let (name, after) = rest.split_at(name_end);
    let Some(value) = skip_whitespace(after).strip_prefix('=') else {
        return Some(((name, ""), after));
    };
    let value = skip_whitespace(value);
    if let Some(quote @ (b'"' | b'\'')) = value.as_bytes().first().copied() {
        let quoted = &value[1..];
        let end = memchr(quote, quoted.as_bytes())?;
        return Some(((name, &quoted[..end]), &quoted[end + 1..]));
    }
    let ends_value = |byte: u8| byte.is_ascii_whitespace() || byte == b'>';
    let end = value.bytes().take_while(|byte| !ends_value(*byte)).count();
    let (value, after) = value.split_at(end);
    Some(((name, value), after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The tokens, one line each.
    fn check(markup: &str, expected: &[&str]) {
        let shown: Vec<String> = Scanner::new(markup)
            .map(|token| match token {
                MarkupToken::Text(text) => format!("text {text}"),
                MarkupToken::Start(tag) => format!("start {}{}", tag.name, values(tag)),
                MarkupToken::End(tag) => format!("end {}", tag.name),
                MarkupToken::Comment => "comment".to_owned(),
                MarkupToken::Unfinished(raw) => format!("unfinished {raw}"),
            })
            .collect();
        assert_eq!(shown, expected, "{markup:?}");
    }

    fn values(tag: MarkupTag) -> String {
        let shown: Vec<String> =
            tag.attributes().map(|(name, value)| format!(" {name}=[{value}]")).collect();
        shown.concat()
    }

    #[test]
    fn texts_and_tags() {
        check("", &[]);
        check("a<b>c</b >d", &["text a", "start b", "text c", "end b", "text d"]);
        check("a < b <3 </3 <= c", &["text a < b <3 </3 <= c"]);
        check("<br/><BR />", &["start br", "start BR"]);
        check("<a href=x title='a>b' k = \"v\" on>", &["start a href=[x] title=[a>b] k=[v] on=[]"]);
        check("<a =x y=z/q>", &["start a =x=[] y=[z/q]"]);
        check("<o:p>x", &["start o:p", "text x"]);
        check("x<a hre", &["text x", "unfinished <a hre"]);
        check("<", &["text <"]);
    }

    #[test]
    fn comments_and_declarations() {
        check("a<!-- <b> -->c", &["text a", "comment", "text c"]);
        check(
            "<!-->c<!--->d<!--x--!>e",
            &["comment", "text c", "comment", "text d", "comment", "text e"],
        );
        check("<!DOCTYPE html><?xml v?>x", &["comment", "comment", "text x"]);
        check("<![CDATA[نص]]>", &["comment", "text نص", "comment"]);
        check(
            "a]]>b<![CDATA[<b>c]]>]]>",
            &["text a]]>b", "comment", "start b", "text c", "comment", "text ]]>"],
        );
    }

    #[test]
    fn unclosed_comments_quotes_and_cdata_sections() {
        check("<!-- a>b", &["comment", "text b"]);
        check("<a href=\"x>y</a>", &["start a", "text y", "end a"]);
        check("<a x='1' href=\"x>y", &["start a x=[1]", "text y"]);
    }

    #[test]
    fn contents_are_skipped_to_their_end() {
        let check = |markup: &str, name: &'static str, expected: bool, left: &str| {
            let mut scanner = Scanner::new(markup);
            scanner.next();
            assert_eq!(scanner.skip_past_end_of(name), expected, "{markup}");
            assert_eq!(scanner.rest, left, "{markup}");
        };
        check("<script>a</b></SCRIPT >x", "script", true, "x");
        check("<script>a</scripts>x", "script", false, "a</scripts>x");
        check("<style>a</style", "style", false, "a</style");
        let mut scanner = Scanner::new("<svg><svg>");
        assert!(!scanner.skip_past_end_of("svg"));
        assert_eq!(scanner.never_ended, ["svg"]);
    }

    #[test]
    fn empty_elements() {
        let check = |markup: &str, expected: bool| {
            let Some(MarkupToken::Start(tag)) = Scanner::new(markup).next() else {
                panic!("{markup}")
            };
            assert_eq!(tag.is_empty_element(), expected, "{markup}");
        };
        check("<br/>", true);
        check("<p />", true);
        check("<a href=\"x\"/>", true);
        check("<a href=https://a.example/>", false);
        check("<p>", false);
    }

    #[test]
    fn a_tag_cut_by_the_end_of_the_text() {
        let check = |raw: &str, expected: Option<&str>| {
            let shown =
                MarkupTag::broken_off(raw).map(|tag| format!("{}{}", tag.name, values(tag)));
            assert_eq!(shown.as_deref(), expected, "{raw}");
        };
        check("<a href=x title=\"y", Some("a href=[x]"));
        check("<a", Some("a"));
        check("</a", None);
    }

    #[test]
    fn only_the_first_attributes_are_read() {
        let many = format!("<a {}>", "x=1 ".repeat(MOST_ATTRIBUTES + 9));
        let Some(MarkupToken::Start(tag)) = Scanner::new(&many).next() else { panic!("no tag") };
        assert_eq!(tag.attributes().count(), MOST_ATTRIBUTES);
    }

    proptest::proptest! {
        #[test]
        fn nothing_is_lost_and_nothing_panics(markup in "(<[a-z!/?]{0,3}|[ =\"'>a-zأ-ي-]){0,40}") {
            let length: usize = Scanner::new(&markup)
                .map(|token| match token {
                    MarkupToken::Text(text) | MarkupToken::Unfinished(text) => text.len(),
                    MarkupToken::Start(tag) | MarkupToken::End(tag) => {
                        let _ = tag.attributes().count();
                        tag.raw.len()
                    }
                    MarkupToken::Comment => 0,
                })
                .sum();
            proptest::prop_assert!(length <= markup.len());
        }
    }
}
