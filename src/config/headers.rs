//! The `headers` of a source → request headers, lower case. Messages never repeat their values, which
//! may be secrets.

use http::{HeaderName, HeaderValue};
use toml::Spanned;
use toml::de::DeValue;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::key_row::ValueKind;
use super::secret;
use super::value::{ConfigEnvironment, ConfigValue, truncate_for_quoting};

const CONNECTION_HEADER_REASON: &str = "it belongs to the connection, which rafid makes itself";
const VALIDATOR_HEADER_REASON: &str = "rafid sends what the publisher gave it last time";

/// Headers that a source may not set, and why. Hop-by-hop ones are those of RFC 9110 section 7.6.1
/// and RFC 2616 section 13.5.1; conditional and range ones those of RFC 9110 sections 13 and 14.
/// Sorted.
const FORBIDDEN_HEADERS: [(&str, &str); 19] = [
    ("accept-encoding", "rafid unpacks the answer itself"),
    ("connection", CONNECTION_HEADER_REASON),
    ("content-length", "a poll has no body"),
    ("host", "it comes from the address"),
    ("if-match", VALIDATOR_HEADER_REASON),
    ("if-modified-since", VALIDATOR_HEADER_REASON),
    ("if-none-match", VALIDATOR_HEADER_REASON),
    ("if-range", VALIDATOR_HEADER_REASON),
    ("if-unmodified-since", VALIDATOR_HEADER_REASON),
    ("keep-alive", CONNECTION_HEADER_REASON),
    ("proxy-authenticate", CONNECTION_HEADER_REASON),
    ("proxy-authorization", "write the password into `proxy`"),
    ("proxy-connection", CONNECTION_HEADER_REASON),
    ("range", "a feed is read as a whole"),
    ("te", CONNECTION_HEADER_REASON),
    ("trailer", CONNECTION_HEADER_REASON),
    ("transfer-encoding", CONNECTION_HEADER_REASON),
    ("upgrade", CONNECTION_HEADER_REASON),
    ("user-agent", "use the key `user_agent`"),
];

/// Reads the table, in the order of the names as written.
pub(super) fn parse_headers(
    headers: &ConfigValue<'_>,
) -> Result<Vec<(String, String)>, Diagnostics> {
    let table = headers.table()?;
    let environment = headers.environment;
    let mut diagnostics = Diagnostics::default();
    let mut parsed: Vec<(String, String)> = Vec::new();
    for (name, value) in table {
        let header = parse_header(name, value, environment);
        let Some((lower, value)) = diagnostics.collect(header) else { continue };
        if parsed.iter().any(|(other, _)| *other == lower) {
            let message = format!("the header `{lower}` is given twice");
            diagnostics.push(Diagnostic::at(name.span(), message));
        }
        parsed.extend(value.map(|value| (lower, value)));
    }
    if diagnostics.0.is_empty() { Ok(parsed) } else { Err(diagnostics) }
}

fn parse_header<'a>(
    name: &'a Spanned<impl AsRef<str>>,
    value: &'a Spanned<DeValue<'a>>,
    environment: ConfigEnvironment<'a>,
) -> Result<(String, Option<String>), Diagnostics> {
    let shown = truncate_for_quoting(name.get_ref().as_ref());
    let Ok(known) = HeaderName::from_bytes(name.get_ref().as_ref().as_bytes()) else {
        let message = format!("`{shown}` is no name of a header: expected letters and hyphens");
        return Err(Diagnostic::at(name.span(), message).into());
    };
    if let Ok(index) = FORBIDDEN_HEADERS.binary_search_by_key(&known.as_str(), |(name, _)| name) {
        let message = format!("the header `{shown}` is not for a source to set");
        return Err(Diagnostic::at(name.span(), message)
            .with_help(FORBIDDEN_HEADERS[index].1)
            .into());
    }
    let name = known.as_str().to_owned();
    let header = ConfigValue::new(&shown, ValueKind::HeaderSecret, value, environment);
    let Some(text) = secret::resolve_value(&header)? else { return Ok((name, None)) };
    if HeaderValue::from_str(&text).is_err() {
        let message =
            format!("the value of `{shown}` cannot be sent: expected a string of ASCII letters");
        return Err(Diagnostic::at(value.span(), message).into());
    }
    Ok((name, Some(text)))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::config::value::SecretPolicy;

    #[test]
    fn every_forbidden_header_is_found_and_the_table_is_sorted() {
        assert!(FORBIDDEN_HEADERS.is_sorted());
        let environment = ConfigEnvironment {
            folder: Path::new("/"),
            variable: &|_| None,
            secrets: SecretPolicy::Required,
        };
        for (name, _) in FORBIDDEN_HEADERS {
            let name = Spanned::new(0..1, name.to_uppercase());
            let value = Spanned::new(2..3, DeValue::String("x".into()));
            assert!(parse_header(&name, &value, environment).unwrap_err().0[0].help.is_some());
        }
    }
}
