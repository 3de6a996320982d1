//! JSON with the faults of programs that write it by hand → valid JSON with the same values, as far as the
//! text goes.
//!
//! | fault | reading |
//! | --- | --- |
//! | a comma before `]` or `}` | it is dropped |
//! | the text ends too early | what is open is closed after the last whole value |
//! | a line break or another control character in a text | it is escaped |
//! | `\'`, `\x` and other escapes that JSON does not know | the character itself |
//! | half a surrogate pair | U+FFFD |
//!
//! One pass, linear in the length of the text.

/// Brackets open at once, at most; `serde_json` reads no deeper.
const DEEPEST: usize = 128;

/// The text without these faults. `None`: it has no such fault, or it is too deep.
pub(super) fn salvage_json(text: &str) -> Option<String> {
    let mut salvage = JsonSalvage::default();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        if salvage.in_text {
            rest = salvage.take_in_text(c, rest);
        } else if !salvage.take_outside(c) {
            return None;
        }
        if salvage.is_complete {
            break;
        }
    }
    let fixed = salvage.finish();
    (fixed != text.trim_end()).then_some(fixed)
}

#[derive(Default)]
struct JsonSalvage {
    out: String,
    /// The closing brackets of what is open.
    open: Vec<char>,
    in_text: bool,
    /// Where a comma is that nothing follows yet.
    comma_at: Option<usize>,
    /// The length of the output and what is open after the last whole value.
    whole: (usize, usize),
    is_complete: bool,
}

impl JsonSalvage {
    /// Takes a character outside of texts. `false`: it is too deep.
    fn take_outside(&mut self, c: char) -> bool {
        match c {
            '"' => self.in_text = true,
            '[' | '{' => self.open.push(if c == '[' { ']' } else { '}' }),
            ']' | '}' => {
                if let Some(at) = self.comma_at.take() {
                    self.out.remove(at);
                }
                if self.open.pop().is_none() {
                    return true;
                }
            }
            ',' => self.note_whole(),
            _ => {}
        }
        match c {
            ',' => self.comma_at = Some(self.out.len()),
            c if c.is_ascii_whitespace() => {}
            _ => self.comma_at = None,
        }
        self.out.push(c);
        if matches!(c, ']' | '}') {
            self.note_whole();
            self.is_complete = self.open.is_empty();
        }
        self.open.len() <= DEEPEST
    }

    fn note_whole(&mut self) {
        self.whole = (self.out.len(), self.open.len());
    }

    /// Takes a character of a text; returns what follows.
    fn take_in_text<'a>(&mut self, c: char, rest: &'a str) -> &'a str {
        match c {
            '"' => {
                self.in_text = false;
                self.out.push('"');
            }
            '\\' => return self.take_escape(rest),
            '\n' => self.out.push_str("\\n"),
            '\t' => self.out.push_str("\\t"),
            c if (c as u32) < 0x20 => {}
            c => self.out.push(c),
        }
        rest
    }

    /// Takes what follows a backslash; returns what follows it.
    fn take_escape<'a>(&mut self, rest: &'a str) -> &'a str {
        let Some(c) = rest.chars().next() else { return rest };
        let after = &rest[c.len_utf8()..];
        match c {
            '"' | '\\' | '/' | 'b' | 'f' | 'n' | 'r' | 't' => self.out.extend(['\\', c]),
            'u' => return self.take_unit(after),
            c => self.out.push(c),
        }
        after
    }

    /// Takes `XXXX` of `\uXXXX`, and the second half of a pair.
    fn take_unit<'a>(&mut self, rest: &'a str) -> &'a str {
        let unit = |text: &str| {
            text.get(..4)
                .filter(|hex| hex.bytes().all(|b| b.is_ascii_hexdigit()))
                .and_then(|hex| u16::from_str_radix(hex, 16).ok())
        };
        let Some(first) = unit(rest) else {
            self.out.push('u');
            return rest;
        };
        let (digits, after) = rest.split_at(4);
        if !(0xD800..0xE000).contains(&first) {
            self.out.extend(["\\u", digits]);
            return after;
        }
        let second = after.strip_prefix("\\u").and_then(unit);
        if first < 0xDC00 && second.is_some_and(|unit| (0xDC00..0xE000).contains(&unit)) {
            let (pair, after) = after.split_at(6);
            self.out.extend(["\\u", digits, pair]);
            return after;
        }
        self.out.push_str("\\ufffd");
        after
    }

    fn finish(mut self) -> String {
        if !self.is_complete {
            let (length, open_count) = self.whole;
            self.out.truncate(length);
            self.open = closers_of(&self.out);
            debug_assert_eq!(self.open.len(), open_count);
            self.out.extend(self.open.iter().rev());
        }
        self.out
    }
}

/// The brackets that close what is open at the end of a text without faults.
fn closers_of(text: &str) -> Vec<char> {
    let mut open = Vec::new();
    let (mut in_text, mut is_escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' if in_text => is_escaped = true,
            '"' => in_text = !in_text,
            '[' if !in_text => open.push(']'),
            '{' if !in_text => open.push('}'),
            ']' | '}' if !in_text => _ = open.pop(),
            _ => {}
        }
    }
    open
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn faults_are_undone() {
        let check = |text: &str, expected: &str| {
            let fixed = salvage_json(text).unwrap();
            assert_eq!(fixed, expected, "{text}");
            serde_json::from_str::<Value>(&fixed).unwrap();
        };
        check(r#"{"a": [1, 2, ], }"#, r#"{"a": [1, 2 ] }"#);
        check(r#"{"a": [{"b": 1}, {"c": "x, "#, r#"{"a": [{"b": 1}]}"#);
        check(r#"{"a": [{"b": 1, "c": "x"#, r#"{"a": [{"b": 1}]}"#);
        check(r#"{"a": [{"b": 1}, "#, r#"{"a": [{"b": 1}]}"#);
        check("{\"a\": \"x\ny\tz\u{1}\"}", r#"{"a": "x\ny\tz"}"#);
        check(r#"{"a": "it\'s \x"}"#, r#"{"a": "it's x"}"#);
        check(r#"{"a": "\ud83d\ude00 \ud83d \ude00"}"#, r#"{"a": "\ud83d\ude00 \ufffd \ufffd"}"#);
        check(r#"{"a": 1} <!-- cached -->"#, r#"{"a": 1}"#);
        check(r#"{"a": ",]", "b": 1,}"#, r#"{"a": ",]", "b": 1}"#);
    }

    #[test]
    fn valid_or_deep_json_is_left_alone() {
        assert_eq!(salvage_json("{\"a\": [1, \"\\n\\u0041\"]}\n"), None);
        assert_eq!(salvage_json(&"[".repeat(DEEPEST + 1)), None);
    }

    proptest! {
        #[test]
        fn a_document_cut_anywhere_is_read(end in 0_usize..200) {
            let whole = "{\"version\": \"x\", \"items\": [{\"id\": \"1\", \"title\": \"عنوان \\u0627\", \"tags\": [\"a\", \"b\"]}, \
                {\"id\": 2, \"n\": null}, {\"id\": \"3\", \"text\": \"\\\"x\\\"\"}]}";
            let end = whole.floor_char_boundary(end.min(whole.len()));
            if let Some(fixed) = salvage_json(&whole[..end]) {
                prop_assert!(fixed.is_empty() || serde_json::from_str::<Value>(&fixed).is_ok(), "{fixed}");
            }
        }
    }
}
