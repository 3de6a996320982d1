//! References in text → characters: XML's five, HTML's names, numbers with the windows-1252 meaning
//! of 128 to 159 (as browsers do), surrogate pairs joined, a document's own short entities.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memchr;

/// A document's own entity may stand for this much and no more.
const LONGEST_ENTITY_BYTES: usize = 256;
/// A document may define this many entities.
const MOST_ENTITIES: usize = 100;
/// All that a document's own entities may bring in together, as a multiple of nothing: a fixed sum.
const EXPANSION_BYTES: usize = 64 * 1024;

/// A document's own entities, and how much they may still bring in.
#[derive(Debug, Default)]
pub(super) struct Entities {
    own: BTreeMap<String, String>,
    spent_bytes: usize,
    /// References that stayed as they were because nothing is known of them.
    bare_count: usize,
    /// References to characters that no feed may hold.
    dropped_count: usize,
}

impl Entities {
    /// Whether the document defines entities of its own.
    pub(super) fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// References kept as they were, and dropped ones, since the last time it was asked.
    pub(super) fn take_counts(&mut self) -> (usize, usize) {
        (std::mem::take(&mut self.bare_count), std::mem::take(&mut self.dropped_count))
    }

    /// Takes the literal entities of a DOCTYPE; external ones and nested ones are passed over.
    pub(super) fn declare(&mut self, doctype: &str) {
        for declaration in doctype.split("<!ENTITY").skip(1) {
            let Some((name, rest)) = declaration.trim_start().split_once(char::is_whitespace)
            else {
                continue;
            };
            let rest = rest.trim_start();
            let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
            let Some(quote) = quote else { continue };
            let value =
                rest.get(1..).and_then(|rest| rest.split_once(quote)).map(|(value, _)| value);
            let Some(value) = value.filter(|value| value.len() <= LONGEST_ENTITY_BYTES) else {
                continue;
            };
            if self.own.len() < MOST_ENTITIES && !value.contains(['&', '<', '%']) {
                self.own.entry(name.to_owned()).or_insert_with(|| value.to_owned());
            }
        }
    }

    /// The text with its references resolved once.
    pub(super) fn resolve<'a>(&mut self, text: &'a str) -> Cow<'a, str> {
        let Some(first) = memchr(b'&', text.as_bytes()) else { return Cow::Borrowed(text) };
        let mut resolved = String::with_capacity(text.len());
        let (before, mut rest) = text.split_at(first);
        resolved.push_str(before);
        while let Some(after) = rest.strip_prefix('&') {
            rest = self.reference(after, &mut resolved);
            let next = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
            let (plain, more) = rest.split_at(next);
            resolved.push_str(plain);
            rest = more;
        }
        Cow::Owned(resolved)
    }

    /// Resolves one reference; gives what stands behind it.
    fn reference<'a>(&mut self, after: &'a str, resolved: &mut String) -> &'a str {
        if let Some(number) = after.strip_prefix('#') {
            let Some((c, rest)) = numeric(number) else { return self.bare(after, resolved) };
            match c {
                Some(c) => resolved.push(c),
                None => self.dropped_count += 1,
            }
            return rest;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'));
        let Some((name, rest)) = end.and_then(|end| after.split_at_checked(end)) else {
            return self.bare(after, resolved);
        };
        let Some(rest) = rest.strip_prefix(';') else { return self.bare(after, resolved) };
        if let Some(value) = self.own.get(name) {
            self.spent_bytes += value.len();
            if self.spent_bytes <= EXPANSION_BYTES {
                resolved.push_str(value);
            }
            return rest;
        }
        if let Some(c) = common(name) {
            resolved.push(c);
            return rest;
        }
        let whole = format!("&{name};");
        match htmlize::unescape(whole.as_str()) {
            Cow::Owned(value) if value != whole => {
                resolved.push_str(&value);
                rest
            }
            _ => self.bare(after, resolved),
        }
    }

    fn bare<'a>(&mut self, after: &'a str, resolved: &mut String) -> &'a str {
        self.bare_count += 1;
        resolved.push('&');
        after
    }
}

/// The references that make up nearly all (XML 1.0 section 4.6, and `&nbsp;`).
fn common(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        "nbsp" => '\u{A0}',
        _ => return None,
    })
}

/// `1575;`, `x627;`: the character (`None` for one that no feed may hold), and what stands behind it.
fn numeric(number: &str) -> Option<(Option<char>, &str)> {
    let (value, rest) = code_point(number)?;
    let high = (0xD800..0xDC00).contains(&value);
    if high
        && let Some((low, after)) = rest.strip_prefix("&#").and_then(code_point)
        && (0xDC00..0xE000).contains(&low)
    {
        let joined = 0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        return Some((char::from_u32(joined), after));
    }
    let c = match u8::try_from(value) {
        Ok(byte @ 128..=159) => {
            let (text, _, _) = encoding_rs::WINDOWS_1252.decode(std::slice::from_ref(&byte));
            text.chars().next()
        }
        _ => char::from_u32(value),
    };
    Some((c.filter(|c| !is_forbidden(*c)), rest))
}

/// What XML 1.0 forbids (section 2.2).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

fn code_point(number: &str) -> Option<(u32, &str)> {
    let hex = number.strip_prefix(['x', 'X']);
    let (digits, radix) = hex.map_or((number, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.is_empty() {
        return None;
    }
    // A number too large for any character stands for none.
    let value = u32::from_str_radix(digits.trim_start_matches('0'), radix);
    let value = value.unwrap_or(if digits.bytes().all(|b| b == b'0') { 0 } else { u32::MAX });
    Some((value, rest.strip_prefix(';').unwrap_or(rest)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_resolved_once() {
        let check = |text: &str, expected: &str| {
            assert_eq!(Entities::default().resolve(text), expected, "{text}");
        };
        check("a &amp;amp; b", "a &amp; b");
        check("&lt;p&gt; &quot;&apos;", "<p> \"'");
        check("&nbsp;&laquo;خبر&raquo;", "\u{a0}«خبر»");
        check("&#1575;&#x627;&#X627;", "ااا");
        check("&#150;&#128;", "–€");
        check("&#xD83D;&#xDE00;", "😀");
        check("a&#xD83D;b&#0;c&#8;d&#xFFFFFFFFF;", "abcd");
        check("a & b && &unknown; &#; &#x; &", "a & b && &unknown; &#; &#x; &");
        check("?a=1&copy=2", "?a=1&copy=2");
    }

    #[test]
    fn a_documents_own_entities_are_short_and_flat() {
        let mut entities = Entities::default();
        entities.declare("<!ENTITY agency 'وكالة'> <!ENTITY bomb '&agency;&agency;'><!ENTITY x SYSTEM 'file:///etc/passwd'>");
        assert_eq!(entities.resolve("&agency; &bomb; &x;"), "وكالة &bomb; &x;");
        let flood = "&agency;".repeat(100_000);
        assert!(entities.resolve(&flood).len() <= EXPANSION_BYTES);
    }
}
