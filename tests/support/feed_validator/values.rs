//! Values of elements and attributes → whether the validator accepts them.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// The characters of a URI (RFC 2396), besides letters and digits.
const URI_MARKS: &str = ";/?:@&=+$.-_!~*'()%,#";

/// A full URI of ASCII characters.
pub fn is_full_uri(value: &str) -> bool {
    let Some((scheme, rest)) = value.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    let is_rest = !rest.is_empty()
        && rest.chars().all(|c| c.is_ascii_alphanumeric() || URI_MARKS.contains(c));
    let has_host = !matches!(scheme, "http" | "ftp")
        || rest.strip_prefix("//").is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    is_scheme
        && is_rest
        && has_host
        && (scheme != "tag" || is_tag(rest))
        && (scheme != "urn" || is_urn(rest))
}

/// The rest of a `tag:` URI (RFC 4151): authority, comma, date, colon, name.
fn is_tag(rest: &str) -> bool {
    let Some((authority, name)) = rest.split_once(',') else { return false };
    let Some((date, _)) = name.split_once(':') else { return false };
    let is_authority = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "@-._".contains(c);
    let digits: Vec<usize> = date.split('-').map(str::len).collect();
    !authority.is_empty()
        && authority.chars().all(is_authority)
        && date.chars().all(|c| c.is_ascii_digit() || c == '-')
        && (digits == [4] || digits == [4, 2] || digits == [4, 2, 2])
}

/// The rest of a `urn:` URI: a namespace and a name; a UUID is checked.
fn is_urn(rest: &str) -> bool {
    let Some((space, name)) = rest.split_once(':') else { return false };
    let groups: Vec<usize> = name.split('-').map(str::len).collect();
    let is_uuid =
        groups == [8, 4, 4, 4, 12] && name.chars().all(|c| c == '-' || c.is_ascii_hexdigit());
    !space.is_empty() && !name.is_empty() && (space != "uuid" || is_uuid)
}

/// An id whose spelling is the canonical one: no upper case in scheme, host or UUID, no `%`-escapes in lower case.
pub fn is_canonical(value: &str) -> bool {
    let Ok(parsed) = url::Url::parse(value) else { return false };
    let escapes = value.split('%').skip(1);
    let mut escapes = escapes.filter_map(|rest| rest.get(..2));
    let has_authority = value.contains("://");
    escapes.all(|escape| !escape.contains(|c: char| c.is_ascii_lowercase()))
        && (!has_authority || parsed.as_str() == value)
        && (!value.starts_with("urn:uuid:") || !value.contains(|c: char| c.is_ascii_uppercase()))
}

/// An address on the web whose host has a dot.
pub fn is_http_address(value: &str) -> bool {
    let rest = value.strip_prefix("https://").or_else(|| value.strip_prefix("http://"));
    let host = rest.map(|rest| rest.split(['/', ':']).next().unwrap_or_default());
    is_full_uri(value) && host.is_some_and(|host| host.contains('.'))
}

/// RFC 2822, with four digits for the year.
pub fn is_rfc_2822(value: &str) -> bool {
    let parser = DateTimeParser::new().relaxed_weekday(false);
    let year_digits = value.split(' ').nth(3).map(str::len);
    parser.parse_timestamp(value).is_ok_and(is_plausible) && year_digits == Some(4)
}

/// RFC 3339 with seconds and a zone.
pub fn is_rfc_3339(value: &str) -> bool {
    value.get(10..11) == Some("T") && value.parse::<Timestamp>().is_ok_and(is_plausible)
}

/// Not in the future, and not before the web.
fn is_plausible(at: Timestamp) -> bool {
    let (web, tolerance) =
        (Timestamp::from_second(631_152_000), jiff::SignedDuration::from_mins(10));
    at >= web.unwrap() && at <= Timestamp::now() + tolerance
}

/// A language with a code of two or three letters.
pub fn is_language(value: &str) -> bool {
    let language = value.split('-').next().unwrap_or_default();
    (2..=3).contains(&language.len()) && language.chars().all(|c| c.is_ascii_alphabetic())
}

/// `type/subtype`, and parameters.
pub fn is_media_type(value: &str) -> bool {
    let name = value.split(';').next().unwrap_or_default().trim();
    let is_token = |part: &str| {
        !part.is_empty()
            && !part.contains(|c: char| c.is_whitespace() || "()<>,;:\\\"/[]?=".contains(c))
    };
    name.split_once('/').is_some_and(|(kind, sort)| is_token(kind) && is_token(sort))
}

pub fn is_positive(value: &str) -> bool {
    value.parse::<u64>().is_ok_and(|number| number > 0)
}

/// Text without markup: no end tag, and no reference that is left after reading.
pub fn is_plain_text(value: &str) -> bool {
    let mut tags = value.split("</").skip(1).map(|rest| {
        let name = rest.split('>').next().unwrap_or_default();
        rest.contains('>') && super::html::is_tag(&name.to_ascii_lowercase())
    });
    let mut references = value.split('&').skip(1).map(|rest| {
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '#').unwrap_or(rest.len());
        let name = &rest[..end];
        let is_number = !name.is_empty() && !name.chars().all(char::is_alphabetic);
        is_number || htmlize::unescape(format!("&{name};")) != format!("&{name};")
    });
    !tags.any(|is_tag| is_tag) && !references.any(|is_reference| is_reference)
}
