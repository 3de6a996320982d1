//! A title whose letters are written as escapes of another format → the letters, where that is certain.
//!
//! | written | as in |
//! | --- | --- |
//! | `\u0627\u0644` | JSON, JavaScript |
//! | `%u0627%u0644` | addresses that JavaScript's `escape` writes |
//! | `%D8%A7%D9%84` | addresses (RFC 3986 section 2.1) |
//! | `=D8=A7=D9=84` | mail (RFC 2045 section 6.7) |
//! | `=?utf-8?B?2KfZhA==?=` | headers of mail (RFC 2047) |
//! | `#1575;#1604;` | HTML, without the `&` that a filter dropped |
//!
//! It is certain when the escapes give several letters beyond ASCII and nothing else is broken by it.

use memchr::{memchr, memchr3};

use super::encoded_words;

/// Letters beyond ASCII that the escapes must give: fewer may be an example in a headline.
const FEWEST_LETTERS: usize = 3;

/// Reads the escapes of one format.
type UndoEscapes = fn(&str) -> Option<String>;

/// The words without escapes, and the name of the escapes.
pub(super) fn undo_escapes(words: &str) -> Option<(String, &'static str)> {
    memchr3(b'\\', b'%', b'=', words.as_bytes()).or_else(|| memchr(b'#', words.as_bytes()))?;
    if let Some(read) = encoded_words::undo_encoded_words(words) {
        return Some((read, "encoded words of mail"));
    }
    let plain_letters = count_letters(words);
    let is_better = |decoded: &String| count_letters(decoded) >= plain_letters + FEWEST_LETTERS;
    let escapes: [(UndoEscapes, &'static str); 5] = [
        (|words| undo_units(words, "\\u"), "escapes of JSON"),
        (|words| undo_units(words, "%u"), "escapes of scripts"),
        (|words| undo_bytes(words, '%'), "escapes of addresses"),
        (|words| undo_bytes(words, '='), "escapes of mail"),
        (undo_references, "references without their &"),
    ];
    let mut read = escapes.iter().map(|(undo, name)| Some((undo(words)?, *name)));
    read.find_map(|found| found.filter(|(text, _)| is_better(text)))
}

fn count_letters(words: &str) -> usize {
    words.chars().filter(|c| !c.is_ascii() && c.is_alphabetic()).count()
}

/// Undoes `XXXX` behind a sign, pairs included. `None`: half a pair is left.
fn undo_units(words: &str, sign: &str) -> Option<String> {
    if !words.contains(sign) {
        return None;
    }
    let mut units: Vec<u16> = Vec::new();
    let mut rest = words;
    while let Some(c) = rest.chars().next() {
        let escape = rest.strip_prefix(sign).and_then(|hex| hex.get(..4));
        let unit = escape.and_then(|hex| u16::from_str_radix(hex, 16).ok());
        let is_quoted = rest.starts_with("\\\"") || rest.starts_with("\\/");
        let length = match unit {
            Some(unit) => {
                units.push(unit);
                6
            }
            None if is_quoted => 1,
            None => {
                units.extend(c.encode_utf16(&mut [0; 2]).iter());
                c.len_utf8()
            }
        };
        rest = rest.get(length..)?;
    }
    String::from_utf16(&units).ok()
}

/// Undoes `#1575;`. `None`: a number is no character.
fn undo_references(words: &str) -> Option<String> {
    let mut parts = words.split('#');
    let mut out = parts.next()?.to_owned();
    for part in parts {
        let number = part.split_once(';').filter(|(number, _)| {
            (3..=6).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit())
        });
        match number {
            Some((number, behind)) => {
                out.push(char::from_u32(number.parse().ok()?)?);
                out.push_str(behind);
            }
            None => out.extend(["#", part]),
        }
    }
    Some(out)
}

/// Undoes bytes that are written as a sign and two digits. `None`: the bytes are no UTF-8, or the words are
/// an address.
fn undo_bytes(words: &str, sign: char) -> Option<String> {
    if !words.contains(sign) || words.contains("://") {
        return None;
    }
    let has_spaces = words.contains(' ');
    let mut bytes = Vec::with_capacity(words.len());
    let mut parts = words.split(sign);
    bytes.extend(parts.next()?.bytes());
    for part in parts {
        let byte = part.get(..2).and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match byte {
            Some(byte) => {
                bytes.push(byte);
                bytes.extend(part.bytes().skip(2));
            }
            // The end of a line in mail, or a sign that is one.
            None if sign == '=' => bytes.extend(part.trim_start().bytes()),
            None => {
                bytes.push(b'%');
                bytes.extend(part.bytes());
            }
        }
    }
    let decoded = String::from_utf8(bytes).ok()?;
    Some(if sign == '%' && !has_spaces { decoded.replace('+', " ") } else { decoded })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(words: &str, expected: Option<&str>) {
        assert_eq!(undo_escapes(words).map(|found| found.0).as_deref(), expected, "{words}");
    }

    #[test]
    fn letters_that_are_escapes_are_read() {
        check(r"\u062e\u0628\u0631 \u0639\u0627\u062c\u0644", Some("خبر عاجل"));
        check(r#"\u0642\u0627\u0644 \"\u0646\u0639\u0645\" \ud83d\ude00"#, Some("قال \"نعم\" 😀"));
        check("%D8%AE%D8%A8%D8%B1+%D8%B9%D8%A7%D8%AC%D9%84", Some("خبر عاجل"));
        check("%D8%AE%D8%A8%D8%B1 %D8%B9", Some("خبر ع"));
        check("%u062e%u0628%u0631 %u0639", Some("خبر ع"));
        check("#1582;#1576;#1585; #1593; #وسم", Some("خبر ع #وسم"));
        check("=?UTF-8?B?2K7YqNix?=", Some("خبر"));
        check("=D8=AE=D8=A8=D8=B1 =\n=D8=B9=D8=A7=D8=AC=D9=84", Some("خبر عاجل"));
    }

    #[test]
    fn signs_stay_signs() {
        for plain in [
            "ارتفاع 5% و20%",
            "a = b و c = d",
            r"C:\users\u0041",
            "https://a.example/%D8%AE%D8%A8%D8%B1",
            "%D8%AE%D8%",
            r"\ud83d\u062e\u0628\u0631",
            "خبر = 50%",
            "خبر #2026; و#7",
            "المادة #1582; فقط",
            "",
        ] {
            check(plain, None);
        }
    }
}
