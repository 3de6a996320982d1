//! An address as its publisher wrote it → the address in an output: percent-encoded, so that every reader and
//! validator accepts it, and without user-info. Comparison and storage use the address as written.
//!
//! The encoded characters are those that the URL Standard encodes in paths and queries, and those that it
//! leaves there but that no URI may contain (RFC 3986 section 2): `[ ] \ ^ { | }` and a backtick. A `%`
//! stays, whatever follows it, so that nothing is encoded twice. A host in other letters becomes its ASCII
//! name.

use std::borrow::Cow;

use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use url::Url;

use super::xml_text;

/// Characters that no path, query or fragment contains; everything but ASCII is encoded anyway.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An address for an output.
pub(super) fn encode_href(written: &str) -> String {
    let line = xml_text::xml_line(written);
    let address = line.trim();
    let Some((scheme, rest)) = address.split_once("://").filter(|(scheme, _)| is_scheme(scheme))
    else {
        return encode_path(address);
    };
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let (authority, after) = rest.split_at(end);
    format!("{scheme}://{}{}", ascii_authority(authority), encode_path(after))
}

/// An address for an output that people read: encoded letters are decoded.
pub(super) fn readable(address: &str) -> String {
    let mut decoded = String::with_capacity(address.len());
    let mut rest = address;
    while let Some(at) = rest.find('%') {
        let (before, tail) = rest.split_at(at);
        decoded.push_str(before);
        let length =
            tail.as_bytes().chunks(3).take_while(|three| is_encoded_high_byte(three)).count() * 3;
        let (run, after) = tail.split_at(length.max(1));
        match percent_decode_str(run).decode_utf8() {
            Ok(letters) if letters.chars().all(char::is_alphanumeric) => decoded.push_str(&letters),
            _ => decoded.push_str(run),
        }
        rest = after;
    }
    decoded.push_str(rest);
    decoded
}

/// Markup of our own writer, with the addresses of its links and images encoded for outputs.
pub(super) fn encode_hrefs_in_html(html: &str) -> Cow<'_, str> {
    if needs_no_encoding(html) && !html.contains('@') {
        return Cow::Borrowed(html);
    }
    let mut output = String::with_capacity(html.len());
    let mut rest = html;
    while let Some(at) = rest.find('<') {
        let (before, tail) = rest.split_at(at);
        let (tag, after) = tail.split_at(end_of_tag(tail));
        output.push_str(before);
        push_encoded_tag(&mut output, tag);
        rest = after;
    }
    output.push_str(rest);
    Cow::Owned(output)
}

fn is_scheme(word: &str) -> bool {
    !word.is_empty()
        && word.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

/// Whether the bytes start like `%d8`: an encoded byte of a letter beyond ASCII.
fn is_encoded_high_byte(three: &[u8]) -> bool {
    matches!(three, [b'%', b'8'..=b'9' | b'a'..=b'f' | b'A'..=b'F', low] if low.is_ascii_hexdigit())
}

/// The host and port of an authority, in ASCII letters.
fn ascii_authority(authority: &str) -> Cow<'_, str> {
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:[]%".contains(&byte);
    if host.bytes().all(is_plain) {
        return Cow::Borrowed(host);
    }
    let Ok(url) = Url::parse(&format!("http://{host}/")) else {
        return Cow::Owned(encode_path(host));
    };
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Cow::Owned(format!("{}{port}", url.host_str().unwrap_or_default()))
}

/// A path, query and fragment; a second `#` belongs to the fragment.
fn encode_path(after: &str) -> String {
    let encode = |part: &str| utf8_percent_encode(part, ENCODED).to_string();
    match after.split_once('#') {
        Some((before, fragment)) => {
            format!("{}#{}", encode(before), encode(fragment).replace('#', "%23"))
        }
        None => encode(after),
    }
}

/// Whether no address in the markup can need encoding.
fn needs_no_encoding(html: &str) -> bool {
    html.is_ascii()
        && !html.contains(['[', '\\', ']', '^', '`', '{', '|', '}'])
        && !html.contains("&lt;")
        && !html.contains("&gt;")
        && !html.contains("&quot;")
}

/// The end of the tag at the start; quoted values may contain a `>`.
fn end_of_tag(tail: &str) -> usize {
    let mut is_quoted = false;
    for (at, byte) in tail.bytes().enumerate() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'>' if !is_quoted => return at + 1,
            _ => {}
        }
    }
    tail.len()
}

/// Appends a tag with its addresses encoded; our own writer quotes every value with `"`.
fn push_encoded_tag(output: &mut String, tag: &str) {
    let mut rest = tag;
    while let Some((before, tail)) = rest.split_once("=\"") {
        let Some((value, after)) = tail.split_once('"') else { break };
        output.push_str(before);
        output.push_str("=\"");
        if before.ends_with(" href") || before.ends_with(" src") || before.ends_with(" cite") {
            output.push_str(&xml_text::escape_html(&encode_href(&unescape_attribute(value))));
        } else {
            output.push_str(value);
        }
        output.push('"');
        rest = after;
    }
    output.push_str(rest);
}

/// A value of our own writer, unescaped.
fn unescape_attribute(value: &str) -> String {
    let plain = value.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"");
    plain.replace("&nbsp;", "\u{a0}").replace("&#39;", "'").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_encoded_once_and_keep_every_other_byte() {
        let check =
            |written: &str, expected: &str| assert_eq!(encode_href(written), expected, "{written}");
        for same in [
            "https://a.example",
            "HTTP://A.example:80/x?",
            "https://a.example/%D8%A3%D8%AE?x=%d8&y=a+b'()*,;:@!$~#top",
            "https://a.example/%u0627/100%",
            "https://[::1]:81/x",
            "mailto:x@a.example?subject=a%20b",
        ] {
            check(same, same);
        }
        check(
            "https://a.example/أخبار?س=1#ف",
            "https://a.example/%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1?%D8%B3=1#%D9%81",
        );
        check(
            "https://a.example/a\"<b>^{c}|[d]`\\",
            "https://a.example/a%22%3Cb%3E%5E%7Bc%7D%7C%5Bd%5D%60%5C",
        );
        check("https://a.example/?f[a]={1|2}", "https://a.example/?f%5Ba%5D=%7B1%7C2%7D");
        check("https://a.example/#a#b", "https://a.example/#a%23b");
        check("https://me:s3cret@a.example/@x", "https://a.example/@x");
        check("https://me:s3cret@[::1]:81/", "https://[::1]:81/");
        check("https://مثال.example:8080/x", "https://xn--mgbh0fb.example:8080/x");
        check(" https://a.example/a b\n", "https://a.example/a%20b");
        check("mailto:x@a.example?subject=خبر", "mailto:x@a.example?subject=%D8%AE%D8%A8%D8%B1");
        check("\"<x>", "%22%3Cx%3E");
    }

    #[test]
    fn markup_has_encoded_addresses_and_keeps_its_text() {
        let check =
            |html: &str, expected: &str| assert_eq!(encode_hrefs_in_html(html), expected, "{html}");
        check(
            "<p title=\"[x] >\">خبر <a href=\"https://a.example/أ?x=1&amp;y=[2]\" title=\"ب\">ب href=\"ت\"</a></p>",
            "<p title=\"[x] >\">خبر <a href=\"https://a.example/%D8%A3?x=1&amp;y=%5B2%5D\" title=\"ب\">ب href=\"ت\"</a></p>",
        );
        check(
            "<img alt=\"\" src=\"https://me:pw@a.example/&lt;1&gt;.jpg\">",
            "<img alt=\"\" src=\"https://a.example/%3C1%3E.jpg\">",
        );
        check("<p>a &lt; b</p>", "<p>a &lt; b</p>");
        check("<a href=\"https://a.example/", "<a href=\"https://a.example/");
    }

    #[test]
    fn people_read_letters() {
        let check = |address: &str, expected: &str| assert_eq!(readable(address), expected);
        check(
            "https://a.example/%D8%A3%D8%AE/x%20y?%D8%B3=%d9",
            "https://a.example/أخ/x%20y?س=%d9",
        );
        check("https://a.example/%E2%80%AE%zz%", "https://a.example/%E2%80%AE%zz%");
    }
}
