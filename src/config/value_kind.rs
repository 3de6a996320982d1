//! The type of a key → its bounds, and its description for a reader.

use std::fmt;
use std::time::Duration;

use rafid_feed::model::ClockSetting;

use super::key_row::ValueKind;
use super::units;
use crate::model::Finding;

impl ValueKind {
    /// The bounds of a whole number; a type without bounds has none.
    pub(super) fn integer_bounds(self) -> (usize, usize) {
        match self {
            Self::Integer { low, high } | Self::IntegerOrWord { low, high, .. } => (low, high),
            _ => (0, usize::MAX),
        }
    }

    /// The bounds of a length of time.
    pub(super) fn duration_bounds(self) -> (Duration, Duration) {
        match self {
            Self::Duration { low, high } | Self::DurationOrWord { low, high, .. } => (low, high),
            _ => (Duration::ZERO, Duration::MAX),
        }
    }

    /// The bounds of a size in bytes.
    pub(super) fn size_bounds(self) -> (u64, u64) {
        match self {
            Self::Size { low, high } => (low, high),
            _ => (0, u64::MAX),
        }
    }

    /// The type of the members of a list.
    pub(super) fn member_kind(self) -> Self {
        match self {
            Self::List { of, .. } => *of,
            other => other,
        }
    }

    /// The largest number of members of a list.
    pub(super) fn most_members(self) -> usize {
        match self {
            Self::List { most: Some(most), .. } => most,
            _ => usize::MAX,
        }
    }
}

/// As it follows "expected" in a message.
impl fmt::Display for ValueKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::BooleanOrWord(words) => {
                write!(f, "true, false or {}", quote_words(words, " or "))
            }
            Self::Word(words) => f.write_str(&quote_words(words, " or ")),
            Self::Integer { low, high } => write!(f, "a whole number from {low} to {high}"),
            Self::IntegerOrWord { low, high, words } => {
                write!(f, "a whole number from {low} to {high}, {}", quote_words(words, ", or "))
            }
            Self::Duration { low, high } => {
                let (low, high) = (units::format_duration(low), units::format_duration(high));
                write!(
                    f,
                    "a length of time from {low} to {high} (seconds, or words such as \"30m\" and \
                     \"1h30m\")"
                )
            }
            Self::DurationOrWord { word, .. } => {
                write!(f, "a length of time such as \"90d\", or \"{word}\"")
            }
            Self::Size { low, high } => {
                let (low, high) = (units::format_size(low), units::format_size(high));
                write!(f, "a size from {low} to {high} (bytes, or words such as \"16MiB\")")
            }
            Self::Selector { example } => write!(f, "a CSS selector such as \"{example}\""),
            Self::Finding => {
                let words = Finding::ALL.map(Finding::as_str);
                write!(f, "one of \"{}\"", words.join("\", \""))
            }
            Self::List { of, .. } => write!(f, "an array; each member is {of}"),
            Self::Table(table) => write!(f, "a table `{}` with selectors", table.heading),
            other => f.write_str(other.fixed_text()),
        }
    }
}

impl ValueKind {
    /// The description of a type that has no bounds.
    fn fixed_text(self) -> &'static str {
        match self {
            Self::Line => "a line of text",
            Self::HeaderValue => "a line of ASCII letters, as HTTP headers hold",
            Self::Boolean => "true or false",
            Self::WebAddress => "an address such as \"https://news.example/\"",
            Self::FeedAddress => "an address such as \"https://news.example/feed\"",
            Self::Proxy => "an address such as \"http://proxy.example:3128\"",
            Self::Listen => units::LISTEN_EXPECTED,
            Self::HostPort => "a host with a port, such as \"127.0.0.1:8081\" or \"[::1]:80\"",
            Self::Contact => "an e-mail address or a URL, in ASCII letters",
            Self::Language => "a language tag such as \"ar\" or \"ar-EG\"",
            Self::Charset => "a charset such as \"windows-1256\"",
            Self::TimeZone => "a time zone such as \"Asia/Riyadh\" or \"+03:00\"",
            Self::Clock => ClockSetting::EXPECTED,
            Self::Id => "1 to 64 lower-case letters, digits and inner hyphens",
            Self::SourceReference => "a source's id",
            Self::CategoryName => "a category's name",
            Self::FilePattern => "a file such as \"conf.d/*.toml\"",
            Self::Query => "a query such as \"title:رياضة\"",
            Self::HeaderSecret => "a string, or a table such as { env = \"TOKEN\" }",
            Self::User => "a line of `rafid passwd`, or a table such as { file = \"user\" }",
            Self::Headers => "a table such as { X-Token = \"…\" }",
            _ => "a string",
        }
    }
}

/// `"a", "b" or "c"`; `last` joins the last two.
fn quote_words(words: &[&str], last: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("\"{word}\"")).collect();
    match quoted.split_last() {
        Some((end, rest)) if !rest.is_empty() => format!("{}{last}{end}", rest.join(", ")),
        _ => quoted.concat(),
    }
}
