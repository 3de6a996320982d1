//! JSON as programs write it by hand → its value, as far as the text goes. A fault costs what it hits, and
//! nothing else.
//!
//! | fault | reading |
//! | --- | --- |
//! | a comma too many, or none between two values | what is a value is read |
//! | the text ends too early | what is open ends after its last whole value |
//! | a line break or another control character in a text | it is read; most control characters are dropped |
//! | a quotation mark in a text without its `\` | it belongs to the text, unless what follows it follows values |
//! | `\'`, `\x27` and other escapes that JSON does not know | the character that is meant |
//! | half a surrogate pair | U+FFFD |
//! | comments, keys without quotation marks, `'…'`, `NaN`, `undefined`, `007` | as scripts read them; no number is `null` |
//!
//! One pass, linear in the length of the text.

use serde_json::{Map, Value};

/// Brackets open at once, at most; `serde_json` reads no deeper.
const DEEPEST: usize = 128;
/// Bytes of a key that is looked for behind a quotation mark; the longest of JSON Feed has 19.
const LONGEST_KEY: usize = 40;

/// The value of a text. `None`: it is too deep, or has no whole value.
pub(super) fn read_loose_json(text: &str) -> Option<Value> {
    let mut reader = LooseReader { text, at: 0, is_too_deep: false };
    let value = reader.read_value(0, Inside::Nothing);
    value.filter(|_| !reader.is_too_deep)
}

/// What a value or key is in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Inside {
    Nothing,
    List,
    Object,
    /// It is the key of an object.
    Key,
}

struct LooseReader<'a> {
    text: &'a str,
    at: usize,
    is_too_deep: bool,
}

impl<'a> LooseReader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn next_char(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn skip_gaps(&mut self) {
        self.at = self.text.len() - without_gaps(self.rest()).len();
    }

    /// Reads one value. `None`: nothing is there, or the text ends in it.
    fn read_value(&mut self, depth: usize, inside: Inside) -> Option<Value> {
        self.skip_gaps();
        let first = self.next_char()?;
        match first {
            '{' | '[' if depth == DEEPEST => {
                self.is_too_deep = true;
                self.at = self.text.len();
                None
            }
            '{' => Some(self.read_object(depth + 1)),
            '[' => Some(self.read_list(depth + 1)),
            '"' | '\'' => self.read_text(first, inside).map(Value::String),
            _ => self.read_word(),
        }
    }

    fn read_list(&mut self, depth: usize) -> Value {
        let mut values = Vec::new();
        self.at += 1;
        loop {
            self.skip_gaps();
            match self.next_char() {
                None => break,
                Some(']') => {
                    self.at += 1;
                    break;
                }
                // The end of the object that the list is in, which lacks its own.
                Some('}') if depth > 1 => break,
                Some(',' | ':' | '}') => self.at += 1,
                Some(_) => {
                    let value = self.read_value(depth, Inside::List);
                    // The text ends right behind the beginning of an object.
                    values.extend(value.filter(|it| !(self.rest().is_empty() && is_hollow(it))));
                }
            }
        }
        Value::Array(values)
    }

    fn read_object(&mut self, depth: usize) -> Value {
        let mut members = Map::new();
        self.at += 1;
        loop {
            self.skip_gaps();
            match self.next_char() {
                None => break,
                Some('}') => {
                    self.at += 1;
                    break;
                }
                // The end of the list that the object is in, which lacks its own.
                Some(']') if depth > 1 => break,
                Some(',' | ':' | ']') => self.at += 1,
                // A value without a key.
                Some('{' | '[') => _ = self.read_value(depth, Inside::Object),
                Some(_) => self.read_member(depth, &mut members),
            }
        }
        Value::Object(members)
    }

    /// Reads a key and its value; a key without one is dropped.
    fn read_member(&mut self, depth: usize, members: &mut Map<String, Value>) {
        let key = match self.next_char() {
            Some(quote @ ('"' | '\'')) => self.read_text(quote, Inside::Key),
            _ => Some(self.take_word().to_owned()),
        };
        self.skip_gaps();
        let Some(key) = key.filter(|_| self.rest().starts_with(':')) else { return };
        self.at += 1;
        self.skip_gaps();
        if self.rest().starts_with([',', '}', ']']) {
            return;
        }
        if let Some(value) = self.read_value(depth, Inside::Object) {
            members.insert(key, value);
        }
    }

    /// Takes what is no text, list or object, up to the next sign that JSON gives a meaning; at least one
    /// character.
    fn take_word(&mut self) -> &'a str {
        let rest = self.rest();
        let is_end = |c: char| c.is_whitespace() || ",:{}[]\"'".contains(c);
        let first = rest.chars().next().map_or(0, char::len_utf8);
        let length = rest.get(first..).and_then(|more| more.find(is_end));
        let word = length.map_or(rest, |length| rest.get(..first + length).unwrap_or(rest));
        self.at += word.len();
        word
    }

    /// Reads a number or one of the words of JSON and of scripts; another word is no value. A number at the
    /// end of the text may be cut.
    fn read_word(&mut self) -> Option<Value> {
        let word = self.take_word();
        if self.rest().is_empty() {
            return None;
        }
        match word {
            "true" | "True" => return Some(Value::Bool(true)),
            "false" | "False" => return Some(Value::Bool(false)),
            _ => {}
        }
        let unsigned = word.trim_start_matches('+');
        let (sign, digits) =
            unsigned.strip_prefix('-').map_or(("", unsigned), |digits| ("-", digits));
        if digits.is_empty() {
            return Some(Value::Null);
        }
        let whole = digits.trim_start_matches('0');
        let zero = if whole.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
        let number = serde_json::from_str(&format!("{sign}{zero}{whole}")).map(Value::Number);
        Some(number.unwrap_or(Value::Null))
    }

    /// Reads a text that begins with a quotation mark. `None`: the document ends in it.
    fn read_text(&mut self, quote: char, inside: Inside) -> Option<String> {
        let mut out = String::new();
        self.at += 1;
        loop {
            let rest = self.rest();
            // What has no meaning of its own is taken at once.
            let is_special = |c: char| c == quote || c == '\\' || c < ' ';
            let plain = rest.find(is_special)?;
            let (before, rest) = rest.split_at(plain);
            out.push_str(before);
            self.at += plain;
            let c = rest.chars().next()?;
            self.at += c.len_utf8();
            match c {
                '\\' => self.read_escape(&mut out)?,
                c if c == quote => {
                    if may_follow(self.rest(), &out, inside) {
                        return Some(out);
                    }
                    out.push(c);
                }
                '\n' | '\t' => out.push(c),
                _ => {}
            }
        }
    }

    /// Reads what follows a backslash.
    fn read_escape(&mut self, out: &mut String) -> Option<()> {
        let c = self.next_char()?;
        self.at += c.len_utf8();
        match c {
            'b' => out.push('\u{8}'),
            'f' => out.push('\u{c}'),
            'n' => out.push('\n'),
            'r' => out.push('\r'),
            't' => out.push('\t'),
            'u' => match self.read_hexadecimal(4) {
                Some(unit) => out.push(self.read_character(unit)),
                None => out.push(c),
            },
            'x' => {
                let character = self.read_hexadecimal(2).and_then(char::from_u32);
                out.push(character.unwrap_or(c));
            }
            other => out.push(other),
        }
        Some(())
    }

    /// The character of a unit of UTF-16, of which the second half of a pair may follow.
    fn read_character(&mut self, first: u32) -> char {
        let before = self.at;
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 2;
            if let Some(second @ 0xDC00..0xE000) = self.read_hexadecimal(4) {
                let scalar = 0x1_0000 + ((first - 0xD800) << 10) + (second - 0xDC00);
                return char::from_u32(scalar).unwrap_or(char::REPLACEMENT_CHARACTER);
            }
            self.at = before;
        }
        char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    /// Reads as many hexadecimal digits; takes nothing if there are fewer.
    fn read_hexadecimal(&mut self, count: usize) -> Option<u32> {
        let digits = self.rest().get(..count)?;
        let value = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        let value = value.then(|| u32::from_str_radix(digits, 16).ok()).flatten()?;
        self.at += count;
        Some(value)
    }
}

/// Whether a value is a list or an object without anything in it.
fn is_hollow(value: &Value) -> bool {
    value.as_array().is_some_and(Vec::is_empty) || value.as_object().is_some_and(Map::is_empty)
}

/// The text behind white space and comments.
fn without_gaps(text: &str) -> &str {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        let comment = if rest.starts_with("//") {
            rest.split_once('\n')
        } else if rest.starts_with("/*") {
            rest.split_once("*/")
        } else {
            return rest;
        };
        rest = comment.map_or("", |(_, behind)| behind);
    }
}

/// Whether this is what follows a text, so that the quotation mark before it ends that text.
fn may_follow(rest: &str, text: &str, inside: Inside) -> bool {
    let rest = rest.trim_start();
    // A comment is not looked through: that would take long behind each of many marks.
    if rest.starts_with("//") || rest.starts_with("/*") {
        return true;
    }
    if inside == Inside::Key {
        // A key may lack its value.
        let is_alone = rest.starts_with([',', '}', ']']) && is_plain_key(text);
        return is_alone || rest.starts_with(':');
    }
    match rest.chars().next() {
        None => true,
        Some('}') => inside != Inside::List,
        Some(']') => true,
        Some(',') if inside == Inside::Object => is_member_or_end(rest[1..].trim_start()),
        Some(',') => true,
        Some('"' | '\'') => inside == Inside::Object && has_key(rest),
        Some(_) => false,
    }
}

/// Whether a text is what keys are: one word.
fn is_plain_key(text: &str) -> bool {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '$' | '.');
    text.len() <= LONGEST_KEY && text.chars().all(is_name)
}

/// Whether this is what follows a comma in an object.
fn is_member_or_end(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with([',', '}', ']', '/']) || has_key(rest)
}

/// Whether a key begins here.
fn has_key(rest: &str) -> bool {
    let start = rest.get(..rest.floor_char_boundary(LONGEST_KEY)).unwrap_or_default();
    let (name, quote) = match start.chars().next() {
        Some(quote @ ('"' | '\'')) => (&start[1..], Some(quote)),
        _ => (start, None),
    };
    let is_name = |c: char| {
        c.is_ascii_alphanumeric()
            || matches!(c, '_' | '-' | '$' | '.')
            || quote.is_some() && c.is_alphanumeric()
    };
    let behind = name.trim_start_matches(is_name);
    // A document that ends in a key.
    if behind.is_empty() {
        return start.len() == rest.len() && quote.is_some();
    }
    match quote {
        Some(quote) => {
            let behind = behind.strip_prefix(quote).map(str::trim_start);
            behind.is_some_and(|behind| behind.is_empty() || behind.starts_with(':'))
        }
        None => behind.len() < name.len() && behind.trim_start().starts_with(':'),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn check(text: &str, expected: Value) {
        assert_eq!(read_loose_json(text), Some(expected), "{text}");
    }

    #[test]
    fn commas_are_forgiven() {
        check(r#"{"a": [1, 2, ], }"#, json!({"a": [1, 2]}));
        check(r#"[1 2,,3,"x""y"]"#, json!([1, 2, 3, "x\"\"y"]));
        check(r#"[{"a": 1}{"b": 2}]"#, json!([{"a": 1}, {"b": 2}]));
        check("{\"a\": \"x\"\n\"b\": 2 'c': 3}", json!({"a": "x", "b": 2, "c": 3}));
        check(r#"{"a": ",]", "b": 1,}"#, json!({"a": ",]", "b": 1}));
    }

    #[test]
    fn a_cut_text_ends_after_its_last_whole_value() {
        check(r#"{"a": [{"b": 1}, {"c": "x, "#, json!({"a": [{"b": 1}]}));
        check(r#"{"a": [{"b": 1, "c": "x"#, json!({"a": [{"b": 1}]}));
        check(r#"{"a": [{"b": 1}, {"c": 12"#, json!({"a": [{"b": 1}]}));
        check(r#"{"a": [{"b": 1}, "#, json!({"a": [{"b": 1}]}));
        check(r#"{"a": "x", "b"#, json!({"a": "x"}));
        check(r#"{"a": [1, {"b": 2], "c": 3}"#, json!({"a": [1, {"b": 2}], "c": 3}));
        check(r#"[{"a": [1, 2}, {"b": 3}]"#, json!([{"a": [1, 2]}, {"b": 3}]));
        check(r#"{"a": 1} <!-- cached -->"#, json!({"a": 1}));
    }

    #[test]
    fn quotation_marks_in_texts_belong_to_them() {
        check(r#"{"a": "قال "نعم" اليوم", "b": "x"}"#, json!({"a": "قال \"نعم\" اليوم", "b": "x"}));
        check(r#"{"a": "«أ»، "ب", وج", "b": 1}"#, json!({"a": "«أ»، \"ب\", وج", "b": 1}));
        check(r#"{"a": "آخر "كلمة"", "b": 1}"#, json!({"a": "آخر \"كلمة\"", "b": 1}));
        check(r#"{"a": {"b": "x"y"}}"#, json!({"a": {"b": "x\"y"}}));
        check(r#"{"a "b" c": 1, "d": 2}"#, json!({"a \"b\" c": 1, "d": 2}));
    }

    #[test]
    fn characters_and_escapes_that_json_does_not_know_are_read() {
        check("{\"a\": \"x\ny\tz\u{1}\"}", json!({"a": "x\ny\tz"}));
        check(r#"{"a": "it\'s \q \x27 \u00"}"#, json!({"a": "it's q ' u00"}));
        check(r#"{"a": "\ud83d\ude00 \ud83d \ude00 \ud83d\u0041"}"#, json!({"a": "😀 � � �A"}));
        check(r#"{"a": "\"\\\/\b\f\n\r\t"}"#, json!({"a": "\"\\/\u{8}\u{c}\n\r\t"}));
    }

    #[test]
    fn scripts_are_read_as_scripts_read_them() {
        check("{a: 'b', /* c */ d_e: 1 // f\n}", json!({"a": "b", "d_e": 1}));
        check(
            "{\"a\": NaN, \"b\": undefined, \"c\": True}",
            json!({"a": null, "b": null, "c": true}),
        );
        check("[007, +5, .5, -0.5, -, 1e3, 0]", json!([7, 5, 0.5, -0.5, null, 1e3, 0]));
        check("{\"a\": new Date(5), \"b\": 1}", json!({"a": null, "b": 1}));
        check("{\"a\":, \"b\": 1, \"c\": }", json!({"b": 1}));
        check("[{\"a\", \"b\": 1}, {\"c\"}, {\"d\": 2}]", json!([{"b": 1}, {}, {"d": 2}]));
    }

    #[test]
    fn valid_json_has_its_own_value_and_deep_json_has_none() {
        for text in [
            r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "n": [null, -1.5e3]}]}"#,
            r#"{"a": "x, \"b\": {}]", "": {"": [[], {}]}}"#,
            "[\"a\", \"b\\n\\u0041\"]",
        ] {
            check(text, serde_json::from_str(text).unwrap());
        }
        assert_eq!(read_loose_json(&"[".repeat(DEEPEST + 1)), None);
        check(&"[".repeat(2), json!([]));
        assert_eq!(read_loose_json("  "), None);
        assert_eq!(read_loose_json("\"a"), None);
    }

    /// Any JSON value that is an object or a list.
    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[ -~ا-ي\n\"\\\\]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec(("[a-z_]{1,8}", inner), 0..4)
                    .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
            ]
        })
        .prop_filter("an object or a list", |value| value.is_object() || value.is_array())
    }

    proptest! {
        #[test]
        fn valid_json_is_read_as_it_is(value in any_json()) {
            prop_assert_eq!(read_loose_json(&value.to_string()), Some(value.clone()));
            prop_assert_eq!(read_loose_json(&format!("{value:#}")), Some(value));
        }

        #[test]
        fn a_document_cut_anywhere_keeps_what_is_whole(value in any_json(), end in 0_usize..200) {
            let text = format!("{{\"version\": \"x\", \"items\": [{value}]}}");
            let end = text.floor_char_boundary(end.min(text.len()));
            let read = read_loose_json(&text[..end]);
            if end >= "{\"version\": \"x\",".len() {
                prop_assert_eq!(&read.unwrap()["version"], "x");
            }
        }

        #[test]
        fn any_text_is_read_or_not(text in "[\\[\\]{}:,\"'\\\\/*0-9a-z \n]{0,60}") {
            let _ = read_loose_json(&text);
        }
    }
}
