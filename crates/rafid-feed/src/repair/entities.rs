//! References in text → characters: XML's five, HTML's names, numbers with the windows-1252 meaning of 128
//! to 159 (as browsers do), joined surrogate pairs, a document's own short entities.

use std::borrow::Cow;
use std::collections::BTreeMap;

use memchr::memchr;

/// Bytes that an entity of the document's own may stand for.
const LONGEST_ENTITY_BYTES: usize = 256;
/// Entities that a document may define.
const MOST_ENTITIES: usize = 100;
/// Bytes that all entities of the document's own may insert together: a fixed sum, whatever the document's
/// size.
const EXPANSION_BYTES: usize = 64 * 1024;

/// A document's own entities, and how much they have inserted.
#[derive(Debug, Default)]
pub(super) struct Entities {
    declared: BTreeMap<String, String>,
    /// Whether the document refers to external entities: HTML's may be among them.
    has_foreign: bool,
    spent_bytes: usize,
    repairs: Vec<RepairedReferences>,
}

/// References of one kind that were repaired.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct RepairedReferences {
    pub(super) error: EntityError,
    /// Where the first of them is, in bytes of the text that was resolved.
    pub(super) at: usize,
    pub(super) count: usize,
}

/// What can be wrong with a reference.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntityError {
    /// No known reference begins with it.
    BareAmpersand,
    /// It stands for a character that no feed may hold.
    ForbiddenCharacter,
    /// Its name is one of HTML's.
    HtmlEntity,
    /// Its number is that of a byte of windows-1252, or it is half a surrogate pair.
    Windows1252Number,
    /// No `;` ends it.
    Unterminated,
    /// The document's own entities would insert too much.
    OverBudget,
}

impl EntityError {
    /// Code and text of its warning.
    pub(super) const fn code_and_text(self) -> (&'static str, &'static str) {
        match self {
            Self::BareAmpersand => {
                ("bare-ampersand", "an & that begins no known reference is kept as it is")
            }
            Self::ForbiddenCharacter => {
                ("bad-reference", "a reference to a character that no feed may hold is dropped")
            }
            Self::HtmlEntity => (
                "html-reference",
                "a reference by a name of HTML, which XML does not know, is read",
            ),
            Self::Windows1252Number => (
                "reference-by-byte",
                "a reference by the number of a byte of windows-1252, or by halves of UTF-16, is \
                 read as the character that is meant",
            ),
            Self::Unterminated => ("reference-without-end", "a reference without its ; is read"),
            Self::OverBudget => (
                "entity-flood",
                "the document's own entities bring in too much: the later ones are dropped",
            ),
        }
    }
}

impl Entities {
    /// Whether the document defines entities of its own.
    pub(super) fn has_declarations(&self) -> bool {
        !self.declared.is_empty()
    }

    /// Whether there are repairs to take.
    pub(super) fn has_repairs(&self) -> bool {
        !self.repairs.is_empty()
    }

    /// The repairs since the last call.
    pub(super) fn take_repairs(&mut self) -> Vec<RepairedReferences> {
        std::mem::take(&mut self.repairs)
    }

    fn record(&mut self, error: EntityError, at: usize) {
        match self.repairs.iter_mut().find(|repaired| repaired.error == error) {
            Some(repaired) => repaired.count += 1,
            None => self.repairs.push(RepairedReferences { error, at, count: 1 }),
        }
    }

    /// Reads the literal entities of a DOCTYPE; external ones and nested ones are skipped.
    pub(super) fn declare(&mut self, doctype: &str) {
        self.has_foreign |= ["PUBLIC", "SYSTEM"].iter().any(|word| doctype.contains(word));
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
            let value = value
                .filter(|value| value.len() <= LONGEST_ENTITY_BYTES && !value.contains('%'))
                .and_then(replacement_text)
                .filter(|value| value.len() <= LONGEST_ENTITY_BYTES);
            if let Some(value) = value
                && self.declared.len() < MOST_ENTITIES
            {
                self.declared.entry(name.to_owned()).or_insert(value);
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
            let at = text.len() - rest.len();
            rest = self.resolve_reference(at, after, &mut resolved);
            let next = memchr(b'&', rest.as_bytes()).unwrap_or(rest.len());
            let (plain, more) = rest.split_at(next);
            resolved.push_str(plain);
            rest = more;
        }
        Cow::Owned(resolved)
    }

    /// Resolves one reference, whose `&` is at `at`; returns the text after it.
    fn resolve_reference<'a>(
        &mut self,
        at: usize,
        after: &'a str,
        resolved: &mut String,
    ) -> &'a str {
        if self.declared.is_empty()
            && let Some((c, rest)) = common_reference(after)
        {
            resolved.push(c);
            return rest;
        }
        if let Some(number) = after.strip_prefix('#') {
            let Some(numeric) = parse_numeric(number) else {
                return self.keep_ampersand(at, after, resolved);
            };
            let unterminated = numeric.is_unterminated.then_some(EntityError::Unterminated);
            for error in [numeric.error, unterminated].into_iter().flatten() {
                self.record(error, at);
            }
            resolved.extend(numeric.character);
            return numeric.rest;
        }
        let end = after.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '.' | '-'));
        let Some((name, rest)) = end.and_then(|end| after.split_at_checked(end)) else {
            return self.keep_ampersand(at, after, resolved);
        };
        let Some(rest) = rest.strip_prefix(';') else {
            return self.keep_ampersand(at, after, resolved);
        };
        if let Some(value) = self.declared.get(name) {
            self.spent_bytes += value.len();
            if self.spent_bytes <= EXPANSION_BYTES {
                resolved.push_str(value);
            } else {
                self.record(EntityError::OverBudget, at);
            }
            return rest;
        }
        if let Some(c) = xml_entity(name) {
            resolved.push(c);
            return rest;
        }
        let whole = format!("&{name};");
        match htmlize::unescape(whole.as_str()) {
            Cow::Owned(value) if value != whole => {
                resolved.push_str(&value);
                if !self.has_foreign {
                    self.record(EntityError::HtmlEntity, at);
                }
                rest
            }
            _ => self.keep_ampersand(at, after, resolved),
        }
    }

    fn keep_ampersand<'a>(&mut self, at: usize, after: &'a str, resolved: &mut String) -> &'a str {
        self.record(EntityError::BareAmpersand, at);
        resolved.push('&');
        after
    }
}

/// What an entity stands for (XML 1.0 sections 4.4 and 4.5): references by number are resolved where it is
/// declared, XML's own where it is used. `None`: it refers to another entity.
fn replacement_text(written: &str) -> Option<String> {
    let by_number = |number: &str| {
        Some(parse_numeric(&format!("{number};"))?.character.map(String::from).unwrap_or_default())
    };
    let declared = replace_references(written, |name| match name.strip_prefix('#') {
        Some(number) => by_number(number),
        None => Some(format!("&{name};")),
    })?;
    replace_references(&declared, |name| match name.strip_prefix('#') {
        Some(number) => by_number(number),
        None => xml_entity(name).map(String::from),
    })
}

/// A text with each of its references replaced. `None`: a reference is broken, or has no replacement.
fn replace_references(text: &str, replacement: impl Fn(&str) -> Option<String>) -> Option<String> {
    let mut parts = text.split('&');
    let mut replaced = parts.next()?.to_owned();
    for part in parts {
        let (name, behind) = part.split_once(';')?;
        replaced.push_str(&replacement(name)?);
        replaced.push_str(behind);
    }
    Some(replaced)
}

/// The most common references: what markup in feeds is written with.
fn common_reference(after: &str) -> Option<(char, &str)> {
    let (c, length) = match after.as_bytes() {
        [b'l', b't', b';', ..] => ('<', 3),
        [b'g', b't', b';', ..] => ('>', 3),
        [b'a', b'm', b'p', b';', ..] => ('&', 4),
        [b'q', b'u', b'o', b't', b';', ..] => ('"', 5),
        _ => return None,
    };
    after.get(length..).map(|rest| (c, rest))
}

/// The references that XML knows (XML 1.0 section 4.6): nearly all that occur.
fn xml_entity(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

/// A reference by number.
struct NumericReference<'a> {
    /// `None`: a character that no feed may hold.
    character: Option<char>,
    error: Option<EntityError>,
    is_unterminated: bool,
    /// The text after it.
    rest: &'a str,
}

/// Parses `1575;`, `x627;` and the like.
fn parse_numeric(number: &str) -> Option<NumericReference<'_>> {
    let (value, is_ended, rest) = code_point(number)?;
    let high = (0xD800..0xDC00).contains(&value);
    if high
        && let Some((low, is_low_ended, after)) = rest.strip_prefix("&#").and_then(code_point)
        && (0xDC00..0xE000).contains(&low)
    {
        let joined = 0x1_0000 + ((value - 0xD800) << 10) + (low - 0xDC00);
        return Some(NumericReference {
            character: char::from_u32(joined),
            error: Some(EntityError::Windows1252Number),
            is_unterminated: !is_ended || !is_low_ended,
            rest: after,
        });
    }
    let byte = u8::try_from(value).ok().filter(|byte| matches!(byte, 128..=159));
    let character = match byte {
        Some(byte) => encoding_rs::WINDOWS_1252.decode(&[byte]).0.chars().next(),
        None => char::from_u32(value),
    };
    let character = character.filter(|c| !is_forbidden(*c));
    let error = match character {
        None => Some(EntityError::ForbiddenCharacter),
        Some(_) => byte.map(|_| EntityError::Windows1252Number),
    };
    Some(NumericReference { character, error, is_unterminated: !is_ended, rest })
}

/// What XML 1.0 forbids (section 2.2).
fn is_forbidden(c: char) -> bool {
    matches!(c, '\0'..='\u{8}' | '\u{B}' | '\u{C}' | '\u{E}'..='\u{1F}' | '\u{FFFE}' | '\u{FFFF}')
}

/// The number, whether a `;` ends it, and the text after it.
fn code_point(number: &str) -> Option<(u32, bool, &str)> {
    let hex = number.strip_prefix(['x', 'X']);
    let (digits, radix) = hex.map_or((number, 10), |digits| (digits, 16));
    let end = digits.find(|c: char| !c.is_digit(radix)).unwrap_or(digits.len());
    let (digits, rest) = digits.split_at(end);
    if digits.is_empty() {
        return None;
    }
    // A number too large for any character is no character.
    let value = u32::from_str_radix(digits.trim_start_matches('0'), radix);
    let value = value.unwrap_or(if digits.bytes().all(|b| b == b'0') { 0 } else { u32::MAX });
    let after = rest.strip_prefix(';');
    Some((value, after.is_some(), after.unwrap_or(rest)))
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
    fn repairs_are_reported_with_their_position() {
        let check = |text: &str, expected: &[(EntityError, usize, usize)]| {
            let mut entities = Entities::default();
            let _ = entities.resolve(text);
            let mended = entities.take_repairs();
            let told: Vec<_> = mended.iter().map(|m| (m.error, m.at, m.count)).collect();
            assert_eq!(told, expected, "{text}");
            assert!(entities.take_repairs().is_empty());
        };
        check("a &amp;&lt;&gt;&quot;&apos;&#1575;&#x1F600;", &[]);
        check(
            "a & b &x; &nbsp;",
            &[(EntityError::BareAmpersand, 2, 2), (EntityError::HtmlEntity, 10, 1)],
        );
        check("a&#0;&#xD800;", &[(EntityError::ForbiddenCharacter, 1, 2)]);
        check("a&#150;&#xD83D;&#xDE00;", &[(EntityError::Windows1252Number, 1, 2)]);
        check("a&#39 b", &[(EntityError::Unterminated, 1, 1)]);
        let mut entities = Entities::default();
        entities.declare("html PUBLIC '-//Netscape Communications//DTD RSS 0.91//EN'");
        assert_eq!(entities.resolve("&eacute;"), "é");
        assert!(entities.take_repairs().is_empty(), "the document's own type has such names");
    }

    #[test]
    fn a_documents_own_entities_are_short_and_flat() {
        let mut entities = Entities::default();
        entities.declare(
            "rss [<!ENTITY agency 'وكالة'> <!ENTITY bomb '&agency;&agency;'><!ENTITY x SYSTEM 'file:///etc/passwd'>\
             <!ENTITY nbsp '&#160;'><!ENTITY co \"شركة &amp; أخوات &#x62E;\"><!ENTITY lt '&#38;#60;'>\
             <!ENTITY tag '<b>x</b>'><!ENTITY broken 'a & b'><!ENTITY co 'آخر'>",
        );
        assert_eq!(entities.resolve("&co;&nbsp;&lt; &tag;"), "شركة & أخوات خ\u{a0}< <b>x</b>");
        assert!(entities.take_repairs().is_empty(), "they are declared");
        assert_eq!(entities.resolve("&broken;"), "&broken;");
        assert_eq!(entities.resolve("&agency; &bomb; &x;"), "وكالة &bomb; &x;");
        entities.take_repairs();
        let flood = "&agency;".repeat(100_000);
        assert!(entities.resolve(&flood).len() <= EXPANSION_BYTES);
        assert_eq!(entities.take_repairs()[0].error, EntityError::OverBudget);
    }
}
