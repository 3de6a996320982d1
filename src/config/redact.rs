//! A text of settings → the same text with stars in place of its secrets and the same length in bytes,
//! so that every span still fits and no secret is printed beside a mistake.
//!
//! Secrets are the members of `users`, the user-info of addresses (`https://name:word@host/`) and the values of headers:
//! those of inline tables (`headers = { … }`), of keys that begin with `header`, and of tables whose
//! heading contains `header`. The input is the bare text, which may be broken: where a quote or a brace
//! is missing, too much is redacted rather than too little, up to the next heading.

/// The text with stars for secrets.
pub(super) fn redact_secrets(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    redact_user_info(text, &mut bytes);
    redact_header_values(text, &mut bytes);
    redact_users(text, &mut bytes);
    String::from_utf8(bytes).unwrap_or_else(|_| "*".repeat(text.len()))
}

/// Addresses within one word that are examined. One that holds another as a parameter is common, more is not.
const MAX_SCHEME_MARKS: usize = 8;

/// Stars for everything between the scheme and the `@` of an authority.
fn redact_user_info(text: &str, bytes: &mut [u8]) {
    let ends_word = |c: char| c.is_whitespace() || "\"'".contains(c);
    let mut start = 0;
    for word in text.split_inclusive(ends_word) {
        let marks: Vec<usize> =
            match word.match_indices("://").map(|(at, _)| at).take(MAX_SCHEME_MARKS).collect() {
                none if Vec::is_empty(&none) => word.find(':').into_iter().collect(),
                marks => marks,
            };
        for mark in marks {
            // The URL standard accepts any number of slashes or backslashes for two (section 4.4).
            let after = word.get(mark + 1..).unwrap_or_default();
            let address = after.trim_start_matches(['/', '\\']);
            let begin = start + mark + 1 + after.len() - address.len();
            overwrite_with_stars(bytes, begin..begin + user_info_length(address));
        }
        start += word.len();
    }
}

/// The length of the user-info in an address after its scheme. A `/` in a password is not allowed in an
/// authority, but people write it: a `:` without a port after it shows this case. An escape of TOML may
/// hide anything, also an `@`.
fn user_info_length(address: &str) -> usize {
    if address.contains('\\') {
        return address.trim_end_matches(['"', '\'']).len();
    }
    let authority = address.find(['/', '?', '#']).map_or(address, |end| &address[..end]);
    match (authority.rfind('@'), address.rfind('@')) {
        (Some(at), _) => at,
        (None, Some(at)) if !ends_in_port(authority) => at,
        _ => 0,
    }
}

/// Whether an authority is a host alone, or a host with a port: `host`, `host:80`, `[::1]`.
fn ends_in_port(authority: &str) -> bool {
    let port = authority.rsplit_once(':').map_or("", |(_, port)| port);
    authority.ends_with(']') || port.bytes().all(|b| b.is_ascii_digit())
}

/// The state of the scan for headers.
#[derive(Default)]
struct HeaderScanner {
    /// Open braces since one that followed `=`.
    depth: usize,
    /// After the `=` of a secret value.
    in_value: bool,
    /// The quote that is open.
    quote: Option<u8>,
    /// In a table whose heading contains `header`.
    in_table: bool,
    /// On a line whose key begins with `header`, or in such a table.
    on_line: bool,
    /// The last byte that is not a space.
    last: u8,
}

fn redact_header_values(text: &str, bytes: &mut [u8]) {
    let mut state = HeaderScanner::default();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        state.begin_line(line.trim_start());
        for (index, byte) in line.bytes().enumerate() {
            if state.comment_begins(byte) {
                break;
            }
            if state.is_secret(byte) {
                overwrite_with_stars(bytes, start + index..start + index + 1);
            }
        }
        start += line.len();
    }
}

impl HeaderScanner {
    fn begin_line(&mut self, line: &str) {
        self.quote = None;
        if line.starts_with('[') {
            *self = Self { in_table: line.contains("header"), ..Self::default() };
        }
        self.on_line = self.in_table || line.starts_with("header");
        self.in_value &= self.depth > 0;
    }

    fn comment_begins(&self, byte: u8) -> bool {
        byte == b'#' && self.quote.is_none()
    }

    /// Advances by one byte; whether it belongs to a secret value.
    fn is_secret(&mut self, byte: u8) -> bool {
        if let Some(open) = self.quote {
            if byte == open {
                self.quote = None;
            }
            return self.in_value && byte != open && !byte.is_ascii_control();
        }
        let last = self.last;
        if !byte.is_ascii_whitespace() {
            self.last = byte;
        }
        match byte {
            b'"' | b'\'' => self.quote = Some(byte),
            b'{' if last == b'=' || self.depth > 0 => {
                self.depth += 1;
                self.in_value = false;
            }
            b'}' => {
                self.depth = self.depth.saturating_sub(1);
                self.in_value = false;
            }
            b',' => self.in_value = false,
            b'=' => self.in_value = self.depth > 0 || self.on_line,
            _ => return self.in_value && !byte.is_ascii_whitespace(),
        }
        false
    }
}

/// Stars for the value of `users`, also where it is misspelled as `user`: on the line of the key, and while its bracket
/// is open, up to the next heading.
fn redact_users(text: &str, bytes: &mut [u8]) {
    let (mut start, mut is_open) = (0, false);
    for line in text.split_inclusive('\n') {
        let assigned =
            line.split_once('=').filter(|(key, _)| ["user", "users"].contains(&key.trim()));
        is_open &= !line.trim_start().starts_with('[');
        let begin = match assigned {
            Some((key, _)) => Some(key.len() + 1),
            None => is_open.then_some(0),
        };
        let mut quote = None;
        for (index, byte) in line.bytes().enumerate().skip(begin.unwrap_or(line.len())) {
            match (byte, quote) {
                (b'"' | b'\'', None) => quote = Some(byte),
                (_, Some(open)) if byte == open => quote = None,
                (b'[', None) => is_open = true,
                (b']', None) => is_open = false,
                (b'{' | b'}' | b',' | b'=', None) => {}
                _ if byte.is_ascii_whitespace() => {}
                _ => overwrite_with_stars(bytes, start + index..start + index + 1),
            }
        }
        start += line.len();
    }
}

fn overwrite_with_stars(bytes: &mut [u8], range: std::ops::Range<usize>) {
    if let Some(secret) = bytes.get_mut(range) {
        secret.fill(b'*');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(redact_secrets(text), expected);
        assert_eq!(redact_secrets(text).len(), text.len());
    }

    #[test]
    fn user_info_is_redacted_and_other_addresses_are_not() {
        check(r#"url = "https://me:pass@a.example/x""#, r#"url = "https://*******@a.example/x""#);
        check(r#"url = "https://me@a.example/""#, r#"url = "https://**@a.example/""#);
        check(r#"url = "https://me:p/w@a.example/""#, r#"url = "https://******@a.example/""#);
        check(r#"url = "https://me:p@w@a.example/""#, r#"url = "https://******@a.example/""#);
        check("url = 'https://أنا:س@a.example/", "url = 'https://*********@a.example/");
        check(r#"url = "https:///me:p@a.example/""#, r#"url = "https:///****@a.example/""#);
        check(r#"url = "https:me:p@a.example/""#, r#"url = "https:****@a.example/""#);
        check(r#"url = "me:p@a.example/""#, r#"url = "me:*@a.example/""#);
        check(r#"url = "http://b/?u=http://me:p@a/""#, r#"url = "http://b/?u=http://****@a/""#);
        check(r#"url = "https://me:p\u0040a/""#, r#"url = "https://************""#);
        for plain in [
            r#"url = "https://a.example/@somebody/feed""#,
            r#"url = "https://a.example:8080/@somebody""#,
            r#"url = "http://[::1]/@somebody""#,
            r#"contact = "me@a.example""#,
            r#"every = "1h", listen = "[::1]:80""#,
            "# https://a.example/ me@a.example",
        ] {
            check(plain, plain);
        }
    }

    #[test]
    fn header_values_are_redacted() {
        check("headers = { A = \"b c\", D = 'e' }", "headers = { A = \"***\", D = '*' }");
        check("haeders={A=\"b\"} # note", "haeders={A=\"*\"} # note");
        check("headers = { A = b", "headers = { A = *");
        check(
            "headers = { A = \"b\nname = \"c\"\n[x]\ny = \"z\"",
            "headers = { A = \"*\n**** = \"*\"\n[x]\ny = \"z\"",
        );
        check("headers.A = \"b\"\nname = \"c\"", "headers.A = \"*\"\nname = \"c\"");
        check(
            "[source.headers]\nA = \"b\"\n[[source]]\nid = \"c\"",
            "[source.headers]\nA = \"*\"\n[[source]]\nid = \"c\"",
        );
        check(
            "source = [{ url = \"u\", headers = { A = \"b\" } }]",
            "source = [{ url = \"u\", headers = { A = \"*\" } }]",
        );
        check(
            "headers = {\n A = \"b\",\n C = \"d\"\n}\nname = \"e\"",
            "headers = {\n A = \"*\",\n C = \"*\"\n}\nname = \"e\"",
        );
    }

    #[test]
    fn users_are_redacted() {
        check("users = [\"a:b c\", 'd']\nx = \"y\"", "users = [\"*** *\", '*']\nx = \"y\"");
        check("users = [\n \"a:]b\",\n]\nx = \"y\"", "users = [\n \"****\",\n]\nx = \"y\"");
        check("user = \"a:b\"\n[x]\ny = \"z\"", "user = \"***\"\n[x]\ny = \"z\"");
        for plain in ["listen = \"users\"", "user_agent = \"a\"\nevery = 7", "# users = 7"] {
            check(plain, plain);
        }
    }

    proptest::proptest! {
        #[test]
        fn every_text_keeps_its_length(text in "[a\u{627}\"'{}=,:/@#\\[\\]\n heders]{0,60}") {
            proptest::prop_assert_eq!(redact_secrets(&text).len(), text.len());
        }
    }
}
