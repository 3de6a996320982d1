//! Text → loose tokens, in one linear walk: what is not markup is text, what never ends goes to the
//! end of the document, and nothing is an error.

use memchr::{memchr, memmem};

/// One piece of the document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Token<'a> {
    /// Character data, references unresolved.
    Text(&'a str),
    /// The inside of a CDATA section.
    Cdata(&'a str),
    /// A start tag; `attributes` is the text behind the name.
    Start { name: &'a str, attributes: &'a str, closed: bool },
    /// An end tag.
    End(&'a str),
    /// A DOCTYPE declaration: the inside of its brackets (or all of it), and the name it begins with.
    Doctype(&'a str, &'a str),
    /// A comment or processing instruction.
    Other,
}

/// Walks a text's tokens; each comes with its byte offset.
pub(super) struct Tokens<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Tokens<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The part up to `mark`, which is stepped over; all of the rest when `mark` never comes.
    fn up_to(&mut self, skip: usize, mark: &str) -> &'a str {
        let inside = self.rest().get(skip..).unwrap_or_default();
        let (part, used) = match memmem::find(inside.as_bytes(), mark.as_bytes()) {
            Some(end) => (inside.get(..end).unwrap_or_default(), end + mark.len()),
            None => (inside, inside.len()),
        };
        self.at += skip + used;
        part
    }

    fn markup(&mut self) -> Token<'a> {
        let rest = self.rest();
        if rest.starts_with("<!--") {
            self.up_to(4, "-->");
            return Token::Other;
        }
        if starts_with_word(rest, "<![CDATA[") {
            return Token::Cdata(self.up_to(9, "]]>"));
        }
        if starts_with_word(rest, "<!DOCTYPE") {
            let name = rest.get("<!DOCTYPE".len()..).unwrap_or_default().trim_start();
            let end = name.find(|c: char| c.is_whitespace() || matches!(c, '>' | '['));
            let name = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
            return Token::Doctype(self.doctype(), name);
        }
        if rest.starts_with("<?") {
            self.up_to(2, "?>");
            return Token::Other;
        }
        if rest.starts_with("<!") {
            self.up_to(2, ">");
            return Token::Other;
        }
        if let Some(inside) = rest.strip_prefix("</") {
            let end = inside.find(['>', '<']).unwrap_or(inside.len());
            let name = inside.get(..end).unwrap_or_default();
            let closed = usize::from(inside.get(end..).is_some_and(|after| after.starts_with('>')));
            self.at += 2 + end + closed;
            return Token::End(name.split_ascii_whitespace().next().unwrap_or_default());
        }
        self.start_tag()
    }

    fn start_tag(&mut self) -> Token<'a> {
        let inside = self.rest().get(1..).unwrap_or_default();
        let (end, mark) = end_of_tag(inside);
        self.at += 1 + end + usize::from(mark);
        let tag = inside.get(..end).unwrap_or_default();
        let (tag, closed) = match tag.trim_end().strip_suffix('/') {
            Some(open) => (open, true),
            None => (tag, false),
        };
        let cut = tag.find(|c: char| c.is_ascii_whitespace() || c == '/').unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(cut);
        Token::Start { name, attributes, closed }
    }

    /// A DOCTYPE may hold declarations in brackets.
    fn doctype(&mut self) -> &'a str {
        let inside = self.rest();
        let end = inside.find('>').unwrap_or(inside.len());
        match inside.get(..end).and_then(|head| head.find('[')) {
            Some(open) => {
                let inside = self.up_to(open + 1, "]");
                self.up_to(0, ">");
                inside
            }
            None => self.up_to(0, ">"),
        }
    }
}

impl<'a> Iterator for Tokens<'a> {
    type Item = (usize, Token<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let at = self.at;
        if is_markup(rest) {
            return Some((at, self.markup()));
        }
        // A `<` that begins no markup is text, together with what follows it.
        let mut end = 1.max(rest.chars().next().map_or(0, char::len_utf8));
        while let Some(next) = memchr(b'<', rest.as_bytes().get(end..).unwrap_or_default()) {
            end += next;
            if rest.get(end..).is_some_and(is_markup) {
                self.at += end;
                return Some((at, Token::Text(rest.get(..end).unwrap_or_default())));
            }
            end += 1;
        }
        self.at = self.text.len();
        Some((at, Token::Text(rest)))
    }
}

fn starts_with_word(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Whether a text begins with markup: `<` and a letter, or the other beginnings.
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

/// Where a tag ends, and whether a `>` is there. Quotes count behind `=` only, and a `<` that begins
/// a new tag behind an unclosed quote ends the tag.
fn end_of_tag(text: &str) -> (usize, bool) {
    let bytes = text.as_bytes();
    let mut quote = 0_u8;
    let mut after_equals = false;
    for (at, byte) in bytes.iter().enumerate() {
        match (*byte, quote) {
            (b'>', 0) => return (at, true),
            (b'<', 0) => return (at, false),
            (b'"' | b'\'', 0) if after_equals => quote = *byte,
            (byte, open) if open != 0 && byte == open => quote = 0,
            _ => {}
        }
        after_equals =
            quote == 0 && (*byte == b'=' || (after_equals && byte.is_ascii_whitespace()));
    }
    if quote == 0 {
        return (bytes.len(), false);
    }
    // The quote never closed: the tag ends at its first `>`, whatever the quote says.
    text.find('>').map_or((bytes.len(), false), |end| (end, true))
}

/// An attribute: name as written, value with references unresolved.
pub(super) fn attributes(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = text;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        let end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=')?.max(1);
        let (name, after) = rest.split_at_checked(end)?;
        let Some(value) = after.trim_start().strip_prefix('=') else {
            rest = after;
            return Some((name, ""));
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
        Some((name, value))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[Token<'_>]) {
        let got: Vec<_> = Tokens::of(text).map(|(_, token)| token).collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn markup_is_told_from_text() {
        let start = |name, attributes| Token::Start { name, attributes, closed: false };
        check("a < b <c>", &[Token::Text("a < b "), start("c", "")]);
        check("<3 & <", &[Token::Text("<3 & <")]);
        check("<a x='>'>t</a >", &[start("a", " x='>'"), Token::Text("t"), Token::End("a")]);
        check("<a x='1>t", &[start("a", " x='1"), Token::Text("t")]);
        check("<br/>", &[Token::Start { name: "br", attributes: "", closed: true }]);
        check("<![CDATA[a]]>b", &[Token::Cdata("a"), Token::Text("b")]);
        check("<![CDATA[a", &[Token::Cdata("a")]);
        check("<!-- <a> --><?x ?>", &[Token::Other, Token::Other]);
        check(
            "<!DOCTYPE r [<!ENTITY a 'b'>]><a",
            &[Token::Doctype("<!ENTITY a 'b'>", "r"), start("a", "")],
        );
        check("</a<b>", &[Token::End("a"), start("b", "")]);
        check("سلام", &[Token::Text("سلام")]);
    }

    #[test]
    fn attributes_are_read_as_they_come() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            assert_eq!(attributes(text).collect::<Vec<_>>(), expected, "{text}");
        };
        check(
            " a='1' b=\"2\" c=3 d e = '5'/",
            &[("a", "1"), ("b", "2"), ("c", "3"), ("d", ""), ("e", "5")],
        );
        check(" =x a='", &[("=", ""), ("x", ""), ("a", "")]);
        check("", &[]);
    }
}
