//! Text → loose tokens, in one linear walk: what is not markup is text, markup without an end extends to
//! the end of the document, and nothing is an error.

use memchr::{memchr, memmem};

/// One piece of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum XmlToken<'a> {
    /// Character data, references unresolved.
    Text(&'a str),
    /// The inside of a CDATA section.
    Cdata(&'a str),
    /// A start tag; `attributes` is the text after the name.
    Start { name: &'a str, attributes: &'a str, closed: bool },
    /// An end tag.
    End(&'a str),
    /// A DOCTYPE declaration: the inside of its brackets (or all of it), and the name it begins with.
    Doctype(&'a str, &'a str),
    /// The inside of a processing instruction, or of an XML declaration.
    Instruction(&'a str),
    /// A comment, or an invalid declaration.
    Other,
}

/// What is wrong with one token that was read anyway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct TokenFault {
    /// The code of its warning.
    pub(super) code: &'static str,
    /// What was found and what was done.
    pub(super) detail: &'static str,
    /// Where the first of them is.
    pub(super) at: usize,
    /// How many there are.
    pub(super) count: usize,
}

/// Iterates over a text's tokens, each with its byte offset.
pub(super) struct XmlTokens<'a> {
    text: &'a str,
    at: usize,
    fault: Option<TokenFault>,
}

impl<'a> XmlTokens<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, fault: None }
    }

    /// The fault of the last token, taken out.
    pub(super) fn take_fault(&mut self) -> Option<TokenFault> {
        self.fault.take()
    }

    fn set_fault(&mut self, at: usize, code: &'static str, detail: &'static str) {
        self.fault = Some(TokenFault { code, detail, at, count: 1 });
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The text up to `mark`, which is skipped; the whole rest when there is no `mark`.
    fn read_until(&mut self, skip: usize, mark: &str) -> &'a str {
        let inside = self.rest().get(skip..).unwrap_or_default();
        let found = memmem::find(inside.as_bytes(), mark.as_bytes());
        if found.is_none() {
            let detail = "markup that begins with <! or <? never ends: it is taken up to the end of \
                          the document";
            self.set_fault(self.at, "unterminated-markup", detail);
        }
        let end = found.unwrap_or(inside.len());
        let part = inside.get(..end).unwrap_or_default();
        self.at += skip + end + found.map_or(0, |_| mark.len());
        part
    }

    fn read_markup(&mut self) -> XmlToken<'a> {
        let rest = self.rest();
        match rest.as_bytes().get(1) {
            Some(b'/') => self.read_end_tag(rest.get(2..).unwrap_or_default()),
            Some(b'!') => self.read_declaration(rest),
            Some(b'?') => XmlToken::Instruction(self.read_until(2, "?>")),
            _ => self.read_start_tag(),
        }
    }

    /// What begins with `<!`.
    fn read_declaration(&mut self, rest: &'a str) -> XmlToken<'a> {
        if rest.starts_with("<!--") {
            self.read_until(4, "-->");
            return XmlToken::Other;
        }
        if starts_with_word(rest, "<![CDATA[") {
            return XmlToken::Cdata(self.read_until(9, "]]>"));
        }
        if starts_with_word(rest, "<!DOCTYPE") {
            let name = rest.get("<!DOCTYPE".len()..).unwrap_or_default().trim_start();
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '['));
            let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
            return XmlToken::Doctype(self.read_doctype(), name);
        }
        let at = self.at;
        self.read_until(2, ">");
        let detail = "<! begins no comment, CDATA section or document type: it is passed over up to \
                      the next >";
        self.set_fault(at, "malformed-markup", detail);
        XmlToken::Other
    }

    fn read_end_tag(&mut self, inside: &'a str) -> XmlToken<'a> {
        let at = self.at;
        let end = inside.bytes().position(|byte| matches!(byte, b'>' | b'<'));
        let end = end.unwrap_or(inside.len());
        let is_closed = inside.get(end..).is_some_and(|after| after.starts_with('>'));
        self.at += 2 + end + usize::from(is_closed);
        let mut words = inside.get(..end).unwrap_or_default().split_ascii_whitespace();
        let name = words.next().unwrap_or_default();
        let (name, after_name) = name.split_once('&').unwrap_or((name, ""));
        if !is_closed {
            self.set_fault(
                at,
                "unterminated-tag",
                "an end tag has no >: it ends where the next begins",
            );
        } else if words.next().is_some() || !after_name.is_empty() {
            let detail = "an end tag holds more than a name: the rest of it is passed over";
            self.set_fault(at, "malformed-markup", detail);
        }
        XmlToken::End(name)
    }

    fn read_start_tag(&mut self) -> XmlToken<'a> {
        let at = self.at;
        let inside = self.rest().get(1..).unwrap_or_default();
        let TagEnd { at: end, has_mark, fault } = find_tag_end(inside);
        self.at += 1 + end + usize::from(has_mark);
        if let Some((code, detail)) = fault {
            self.set_fault(at, code, detail);
        }
        let tag = inside.get(..end).unwrap_or_default();
        let (tag, closed) = match tag.trim_end().strip_suffix('/') {
            Some(open) => (open, true),
            None => (tag, false),
        };
        // A reference is no part of a name (`<title&nbsp;>`).
        let ends_name = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'/' | b'&');
        let cut = tag.bytes().position(ends_name);
        let cut = cut.unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(cut);
        if attributes.starts_with('&') && self.fault.is_none() {
            let detail = "a reference stands behind the name in a tag: it is passed over";
            self.set_fault(at, "malformed-markup", detail);
        }
        XmlToken::Start { name, attributes, closed }
    }

    /// A DOCTYPE may hold declarations in brackets.
    fn read_doctype(&mut self) -> &'a str {
        let inside = self.rest();
        let end = inside.find('>').unwrap_or(inside.len());
        match inside.get(..end).and_then(|head| head.find('[')) {
            Some(open) => {
                let inside = self.read_until(open + 1, "]");
                self.read_until(0, ">");
                inside
            }
            None => self.read_until(0, ">"),
        }
    }
}

impl<'a> Iterator for XmlTokens<'a> {
    type Item = (usize, XmlToken<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let at = self.at;
        if is_markup(rest) {
            return Some((at, self.read_markup()));
        }
        // A `<` that begins no markup is text, together with what follows it.
        if rest.starts_with('<') {
            self.record_bare_less_than(at);
        }
        let mut end = 1.max(rest.chars().next().map_or(0, char::len_utf8));
        while let Some(next) = memchr(b'<', rest.as_bytes().get(end..).unwrap_or_default()) {
            end += next;
            if rest.get(end..).is_some_and(is_markup) {
                self.at += end;
                return Some((at, XmlToken::Text(rest.get(..end).unwrap_or_default())));
            }
            self.record_bare_less_than(at + end);
            end += 1;
        }
        self.at = self.text.len();
        Some((at, XmlToken::Text(rest)))
    }
}

impl XmlTokens<'_> {
    fn record_bare_less_than(&mut self, at: usize) {
        match &mut self.fault {
            Some(fault) => fault.count += 1,
            None => {
                self.set_fault(at, "bare-less-than", "a < that begins no markup is kept as it is");
            }
        }
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether a text begins with markup: `<` and a letter, `!`, `?` or `/`.
fn is_markup(text: &str) -> bool {
    let mut chars = text.chars();
    if chars.next() != Some('<') {
        return false;
    }
    match chars.next() {
        Some('!' | '?') => true,
        Some('/') => chars.next().is_some_and(is_name_start),
        Some(c) => is_name_start(c),
        None => false,
    }
}

fn is_name_start(c: char) -> bool {
    c.is_ascii_alphabetic() || c == '_' || (c as u32 > 0x7f && c.is_alphabetic())
}

/// Where a tag ends.
struct TagEnd {
    /// In bytes after its `<`.
    at: usize,
    /// Whether a `>` ends it.
    has_mark: bool,
    /// Code and text of what is wrong with it.
    fault: Option<(&'static str, &'static str)>,
}

/// Where a tag ends. Quotes count after `=` only, and a `<` that begins a new tag after an unclosed quote
/// ends the tag.
fn find_tag_end(text: &str) -> TagEnd {
    const UNCLOSED_TAG: (&str, &str) =
        ("unterminated-tag", "a tag has no >: it ends where the next begins, or the document");
    const UNCLOSED_QUOTE: (&str, &str) =
        ("unclosed-quote", "the quote around a value never closes: the tag ends at its first >");
    const BARE_LESS_THAN: (&str, &str) = ("bare-less-than", "a < in a value is kept as it is");
    let bytes = text.as_bytes();
    // Most tags contain nothing but their name.
    let odd = |byte: &u8| matches!(*byte, b'>' | b'<' | b'=');
    if let Some(at) = bytes.iter().position(odd)
        && bytes.get(at) == Some(&b'>')
    {
        return TagEnd { at, has_mark: true, fault: None };
    }
    let mut quote = 0_u8;
    let mut after_equals = false;
    let mut fault = None;
    for (at, byte) in bytes.iter().enumerate() {
        match (*byte, quote) {
            (b'>', 0) => return TagEnd { at, has_mark: true, fault },
            (b'<', 0) => return TagEnd { at, has_mark: false, fault: Some(UNCLOSED_TAG) },
            (b'<', _) => fault = Some(BARE_LESS_THAN),
            (b'"' | b'\'', 0) if after_equals => quote = *byte,
            (byte, open) if open != 0 && byte == open => quote = 0,
            _ => {}
        }
        after_equals =
            quote == 0 && (*byte == b'=' || (after_equals && byte.is_ascii_whitespace()));
    }
    // A quote that is never closed: the tag ends at its first `>`, even though the quote is open.
    match text.find('>').filter(|_| quote != 0) {
        Some(at) => TagEnd { at, has_mark: true, fault: Some(UNCLOSED_QUOTE) },
        None => TagEnd { at: bytes.len(), has_mark: false, fault: Some(UNCLOSED_TAG) },
    }
}

/// An attribute as written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct XmlAttribute<'a> {
    pub(super) name: &'a str,
    /// References unresolved.
    pub(super) value: &'a str,
    pub(super) form: AttributeForm,
}

/// How an attribute is written. XML allows the first form only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum AttributeForm {
    Quoted,
    /// Quoted, without white space between it and the attribute before it.
    RunTogether,
    Unquoted,
    WithoutValue,
}

/// The attributes of a tag.
pub(super) fn parse_attributes(text: &str) -> impl Iterator<Item = XmlAttribute<'_>> {
    let mut rest = text;
    let mut follows_quote = false;
    std::iter::from_fn(move || {
        let start = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let is_apart = start.len() < rest.len() || !follows_quote;
        rest = start;
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=')?.max(1);
        let (name, after) = rest.split_at_checked(end)?;
        follows_quote = false;
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            return Some(XmlAttribute { name, value: "", form: AttributeForm::WithoutValue });
        };
        let value = value.trim_start();
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, after) = match quote {
            Some(quote) => {
                let inside = value.get(1..)?;
                inside.split_once(quote).unwrap_or((inside, ""))
            }
            None => {
                value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len()))
            }
        };
        rest = after;
        follows_quote = quote.is_some();
        let form = match quote {
            None => AttributeForm::Unquoted,
            Some(_) if is_apart => AttributeForm::Quoted,
            Some(_) => AttributeForm::RunTogether,
        };
        Some(XmlAttribute { name, value, form })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[XmlToken<'_>]) {
        let got: Vec<_> = XmlTokens::new(text).map(|(_, token)| token).collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn markup_is_distinguished_from_text() {
        let start = |name, attributes| XmlToken::Start { name, attributes, closed: false };
        check("a < b <c>", &[XmlToken::Text("a < b "), start("c", "")]);
        check("<3 & <", &[XmlToken::Text("<3 & <")]);
        check("<a x='>'>t</a >", &[start("a", " x='>'"), XmlToken::Text("t"), XmlToken::End("a")]);
        check("<a x='1>t", &[start("a", " x='1"), XmlToken::Text("t")]);
        check("<br/>", &[XmlToken::Start { name: "br", attributes: "", closed: true }]);
        check("<![CDATA[a]]>b", &[XmlToken::Cdata("a"), XmlToken::Text("b")]);
        check("<![CDATA[a", &[XmlToken::Cdata("a")]);
        check("<!-- <a> --><?x ?>", &[XmlToken::Other, XmlToken::Instruction("x ")]);
        check(
            "<!DOCTYPE r [<!ENTITY a 'b'>]><a",
            &[XmlToken::Doctype("<!ENTITY a 'b'>", "r"), start("a", "")],
        );
        check("</a<b>", &[XmlToken::End("a"), start("b", "")]);
        check("<b&nbsp;></b&nbsp;>", &[start("b", "&nbsp;"), XmlToken::End("b")]);
        check("سلام", &[XmlToken::Text("سلام")]);
    }

    #[test]
    fn faults_are_reported_with_their_position() {
        let check = |text: &str, expected: Option<(&str, usize, usize)>| {
            let mut tokens = XmlTokens::new(text);
            let mut found = None;
            while tokens.next().is_some() {
                let fault = tokens.take_fault();
                found = found.or(fault.map(|fault| (fault.code, fault.at, fault.count)));
            }
            assert_eq!(found, expected, "{text}");
        };
        check("<?xml ?><!-- a --><!DOCTYPE r [ <!ENTITY a 'b'> ]><a b='1>2' c=\"\"/>x</a>", None);
        check("a < b <c> <3", Some(("bare-less-than", 2, 1)));
        check("<c>a < b <3", Some(("bare-less-than", 5, 2)));
        check("<c d='<'>", Some(("bare-less-than", 0, 1)));
        check("x<a x='1>t", Some(("unclosed-quote", 1, 1)));
        check("x<a <b>", Some(("unterminated-tag", 1, 1)));
        check("x<a", Some(("unterminated-tag", 1, 1)));
        check("<a></a<b>", Some(("unterminated-tag", 3, 1)));
        check("<a></a b>", Some(("malformed-markup", 3, 1)));
        check("<a></a&nbsp;>", Some(("malformed-markup", 3, 1)));
        check("x<a&nbsp;></a>", Some(("malformed-markup", 1, 1)));
        check("<a><!b></a>", Some(("malformed-markup", 3, 1)));
        for markup in ["<!--", "<![CDATA[", "<?x"] {
            check(&format!("<a>{markup} a>"), Some(("unterminated-markup", 3, 1)));
        }
    }

    #[test]
    fn attributes_in_any_form_are_read() {
        use AttributeForm::{Quoted, RunTogether, Unquoted, WithoutValue};
        let check = |text: &str, expected: &[(&str, &str, AttributeForm)]| {
            let read = parse_attributes(text).map(|found| (found.name, found.value, found.form));
            assert_eq!(read.collect::<Vec<_>>(), expected, "{text}");
        };
        check(
            " a='1' b=\"2\" c=3 d e = '5'f=''/",
            &[
                ("a", "1", Quoted),
                ("b", "2", Quoted),
                ("c", "3", Unquoted),
                ("d", "", WithoutValue),
                ("e", "5", Quoted),
                ("f", "", RunTogether),
            ],
        );
        check(" =x a='", &[("=", "", WithoutValue), ("x", "", WithoutValue), ("a", "", Quoted)]);
        check("", &[]);
    }
}
