//! The `headers` of a source → request headers, lower case. Their values are never repeated in a
//! mistake: they may be secrets.

use http::{HeaderName, HeaderValue};
use toml::Spanned;
use toml::de::DeValue;

use super::given::{Around, Given, clipped};
use super::mistake::{Mistake, Mistakes};
use super::secret;

const OF_THE_CONNECTION: &str = "it belongs to the connection, which rafid makes itself";
const OF_THE_STATE: &str = "rafid sends what the publisher gave it last time";

/// Headers that a source may not set, and why. Hop-by-hop ones are those of RFC 9110 section 7.6.1
/// and RFC 2616 section 13.5.1; conditional and range ones those of RFC 9110 sections 13 and 14.
/// Sorted.
const REFUSED: [(&str, &str); 19] = [
    ("accept-encoding", "rafid unpacks the answer itself"),
    ("connection", OF_THE_CONNECTION),
    ("content-length", "a poll has no body"),
    ("host", "it comes from the address"),
    ("if-match", OF_THE_STATE),
    ("if-modified-since", OF_THE_STATE),
    ("if-none-match", OF_THE_STATE),
    ("if-range", OF_THE_STATE),
    ("if-unmodified-since", OF_THE_STATE),
    ("keep-alive", OF_THE_CONNECTION),
    ("proxy-authenticate", OF_THE_CONNECTION),
    ("proxy-authorization", "write the password into `proxy`"),
    ("proxy-connection", OF_THE_CONNECTION),
    ("range", "a feed is read as a whole"),
    ("te", OF_THE_CONNECTION),
    ("trailer", OF_THE_CONNECTION),
    ("transfer-encoding", OF_THE_CONNECTION),
    ("upgrade", OF_THE_CONNECTION),
    ("user-agent", "use the key `user_agent`"),
];

/// Reads the table, in the order of the names as written.
pub(super) fn read(given: &Given<'_>) -> Result<Vec<(String, String)>, Mistakes> {
    let table = given.table("a table such as { X-Token = \"…\" }")?;
    let mut mistakes = Mistakes::default();
    let mut headers: Vec<(String, String)> = Vec::new();
    for (name, value) in table {
        let header = header(name, value, given.around);
        let Some((lower, value)) = mistakes.sift(header) else { continue };
        if headers.iter().any(|(other, _)| *other == lower) {
            let message = format!("the header `{lower}` is given twice");
            mistakes.push(Mistake::at(name.span(), message));
        }
        headers.extend(value.map(|value| (lower, value)));
    }
    if mistakes.0.is_empty() { Ok(headers) } else { Err(mistakes) }
}

fn header<'a>(
    name: &'a Spanned<impl AsRef<str>>,
    value: &'a Spanned<DeValue<'a>>,
    around: Around<'a>,
) -> Result<(String, Option<String>), Mistakes> {
    let shown = clipped(name.get_ref().as_ref());
    let Ok(known) = HeaderName::from_bytes(name.get_ref().as_ref().as_bytes()) else {
        let message = format!("`{shown}` is no name of a header: expected letters and hyphens");
        return Err(Mistake::at(name.span(), message).into());
    };
    if let Ok(index) = REFUSED.binary_search_by_key(&known.as_str(), |(name, _)| name) {
        let message = format!("the header `{shown}` is not for a source to set");
        return Err(Mistake::at(name.span(), message).help(REFUSED[index].1).into());
    }
    let name = known.as_str().to_owned();
    let Some(text) = secret::text(&Given::new(&shown, value, around), secret::HEADER)? else {
        return Ok((name, None));
    };
    if HeaderValue::from_str(&text).is_err() {
        let message =
            format!("the value of `{shown}` cannot be sent: expected a string of ASCII letters");
        return Err(Mistake::at(value.span(), message).into());
    }
    Ok((name, Some(text)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::given::Secrets;

    #[test]
    fn every_refused_header_is_found_and_the_table_is_sorted() {
        assert!(REFUSED.is_sorted());
        let around =
            Around { folder: Path::new("/"), variable: &|_| None, secrets: Secrets::Needed };
        for (name, _) in REFUSED {
            let name = Spanned::new(0..1, name.to_uppercase());
            let value = Spanned::new(2..3, DeValue::String("x".into()));
            assert!(header(&name, &value, around).unwrap_err().0[0].help.is_some());
        }
    }
}
