//! A value of the file → the value that a setting wants, or what was expected and what was found;
//! and a table of the file → a struct, driven by a table of keys.

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::{Range, RangeInclusive};
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::redact::redact_secrets;
use super::suggest::suggest_nearest;
use super::{secret, units};

/// Values and keys are quoted up to so many letters: enough to know them again.
const MAX_QUOTED_LETTERS: usize = 60;
/// A line of text has at most so many letters: more is no title and no name.
const MAX_LINE_LETTERS: usize = 500;

/// One key that a table of the file may have.
pub(super) struct ConfigKey<T> {
    /// Its name.
    pub(super) name: &'static str,
    /// What it is for, in a few words: advice for who misspelled it.
    pub(super) description: &'static str,
    /// Reads its value into the settings.
    pub(super) parse: fn(&mut T, &ConfigValue<'_>) -> Result<(), Diagnostics>,
}

/// What stands around the file: the values that it names without holding them come from there.
#[derive(Clone, Copy)]
pub(super) struct ConfigEnvironment<'a> {
    /// The config's folder.
    pub(super) folder: &'a Path,
    /// Looks up the environment.
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// What becomes of secrets that are kept elsewhere and are not there.
    pub(super) secrets: SecretPolicy,
}

/// What becomes of a secret that is kept elsewhere and is not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretPolicy {
    /// It is a mistake: publishers are asked with it.
    Required,
    /// It is left out: nobody is asked.
    Optional,
}

/// A table of the file, before it is read.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    /// As the file writes it: `[polling]`, `[[source]]`.
    pub(super) heading: &'static str,
    /// Its keys and values.
    pub(super) table: &'a DeTable<'a>,
    /// What stands around the file.
    pub(super) environment: ConfigEnvironment<'a>,
    /// Where a key that is none of its own belongs, if anywhere.
    pub(super) section_of: fn(&str) -> Option<&'static str>,
}

impl Section<'_> {
    /// Reads every key into `into`; what is wrong stays as it was.
    pub(super) fn parse_keys<T>(
        &self,
        keys: &[ConfigKey<T>],
        into: &mut T,
        mistakes: &mut Diagnostics,
    ) {
        for (name, value) in self.table {
            let Some(key) = keys.iter().find(|key| key.name == name.get_ref()) else {
                mistakes.push(self.unknown_key(name, keys));
                continue;
            };
            let given = ConfigValue::new(key.name, value, self.environment);
            mistakes.collect((key.parse)(into, &given));
        }
    }

    /// Where the value of a key stands; `None`: the key is not given.
    pub(super) fn span_of(&self, name: &str) -> Option<Range<usize>> {
        self.table.get(name).map(Spanned::span)
    }

    /// The number that a key is given without a unit; `None`: it is given otherwise, or not at all.
    pub(super) fn bare_number(&self, name: &str) -> Option<u64> {
        self.table.get(name).and_then(|value| whole_number(value.get_ref()))
    }

    fn unknown_key<T>(&self, name: &Spanned<impl AsRef<str>>, keys: &[ConfigKey<T>]) -> Diagnostic {
        let word = name.get_ref().as_ref();
        let message = format!("`{}` is no key of `{}`", truncate_for_quoting(word), self.heading);
        let mistake = Diagnostic::at(name.span(), message);
        let near = suggest_nearest(word, keys.iter().map(|key| key.name));
        if let Some(key) = near.and_then(|near| keys.iter().find(|key| key.name == near)) {
            return mistake.with_help(format!("did you mean `{}`: {}?", key.name, key.description));
        }
        if let Some(home) = (self.section_of)(word) {
            return mistake.with_help(format!("it belongs in `{home}`"));
        }
        let names: Vec<_> = keys.iter().map(|key| key.name).collect();
        mistake.with_help(format!("its keys are {}", names.join(", ")))
    }
}

/// A value as the file gives it, with its place.
pub(super) struct ConfigValue<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// Where it stands, in bytes.
    pub(super) span: Range<usize>,
    /// What stands around the file.
    pub(super) environment: ConfigEnvironment<'a>,
    value: &'a DeValue<'a>,
}

impl<'a> ConfigValue<'a> {
    /// The value of `key`.
    pub(super) fn new(
        key: &'a str,
        value: &'a Spanned<DeValue<'a>>,
        around: ConfigEnvironment<'a>,
    ) -> Self {
        Self { key, span: value.span(), environment: around, value: value.get_ref() }
    }

    /// `expected` was wanted, and this was found.
    pub(super) fn expected_error(&self, expected: impl Display) -> Diagnostic {
        let found = self.describe_found();
        self.error(format_args!("expected {expected}, found {found}"))
    }

    /// The value is wrong for a reason of its own.
    pub(super) fn error(&self, reason: impl Display) -> Diagnostic {
        Diagnostic::at(self.span.clone(), format!("`{}`: {reason}", self.key))
    }

    fn describe_found(&self) -> String {
        match self.value {
            DeValue::String(text) if text.trim().is_empty() => "nothing".to_owned(),
            DeValue::String(text) => format!("`{}`", truncate_for_quoting(&redact_secrets(text))),
            DeValue::Integer(number) => truncate_for_quoting(&number.to_string()),
            DeValue::Float(_) => "a number with a point".to_owned(),
            DeValue::Boolean(truth) => truth.to_string(),
            DeValue::Datetime(_) => "a date".to_owned(),
            DeValue::Array(_) => "an array".to_owned(),
            DeValue::Table(_) => "a table".to_owned(),
        }
    }

    /// The string, without the blanks around it; `what` says what it should have been. A variable of a
    /// shell in it is a mistake.
    pub(super) fn string(&self, what: &str) -> Result<&'a str, Diagnostic> {
        let text = self.verbatim(what)?.trim();
        match secret::find_shell_variable(text) {
            None => Ok(text),
            Some(variable) => Err(secret::unexpanded_variable_error(self, variable)),
        }
    }

    /// The string as it is written, whatever it holds.
    pub(super) fn verbatim(&self, what: &str) -> Result<&'a str, Diagnostic> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected_error(what)),
        }
    }

    /// Whether the value is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    /// One line of text that is not blank.
    pub(super) fn text_line(&self) -> Result<String, Diagnostic> {
        let what = "a line of text";
        let text = self.string(what)?;
        if text.is_empty() || text.contains(char::is_control) {
            return Err(self.expected_error(what));
        }
        if text.chars().count() > MAX_LINE_LETTERS {
            return Err(self.error(format_args!("expected at most {MAX_LINE_LETTERS} letters")));
        }
        Ok(text.to_owned())
    }

    /// Text that may stand in a header of a request.
    pub(super) fn header_value(&self) -> Result<String, Diagnostic> {
        let what = "a line of ASCII letters, as HTTP headers hold";
        let text = self.string(what)?;
        let fits = !text.is_empty() && http::HeaderValue::from_str(text).is_ok();
        if fits { Ok(text.to_owned()) } else { Err(self.expected_error(what)) }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, Diagnostic> {
        match self.value {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.expected_error("true or false")),
        }
    }

    /// A whole number within `range`.
    pub(super) fn integer(&self, range: RangeInclusive<usize>) -> Result<usize, Diagnostic> {
        let number = self.bare_number().and_then(|number| usize::try_from(number).ok());
        number.filter(|number| range.contains(number)).ok_or_else(|| {
            let (low, high) = range.into_inner();
            self.expected_error(format_args!("a whole number from {low} to {high}"))
        })
    }

    /// A length of time within `range`: a number of seconds, or words.
    pub(super) fn duration(&self, range: RangeInclusive<Duration>) -> Result<Duration, Diagnostic> {
        self.any_duration().filter(|length| range.contains(length)).ok_or_else(|| {
            let low = units::format_duration(*range.start());
            let high = units::format_duration(*range.end());
            self.expected_error(format_args!(
                "a length of time from {low} to {high} (seconds, or words such as \"30m\" and \
                 \"1h30m\")"
            ))
        })
    }

    /// The value as a whole number without a unit; `None`: it is none.
    pub(super) fn bare_number(&self) -> Option<u64> {
        whole_number(self.value)
    }

    /// A length of time of any size; `None`: it is none.
    pub(super) fn any_duration(&self) -> Option<Duration> {
        match self.value {
            DeValue::String(text) => units::parse_duration(text),
            _ => self.bare_number().map(Duration::from_secs),
        }
    }

    /// A size in bytes within `range`: a number, or words.
    pub(super) fn size(&self, range: RangeInclusive<u64>) -> Result<u64, Diagnostic> {
        let bytes = match self.value {
            DeValue::String(text) => units::parse_size(text),
            _ => self.bare_number(),
        };
        bytes.filter(|bytes| range.contains(bytes)).ok_or_else(|| {
            let low = units::format_size(*range.start());
            let high = units::format_size(*range.end());
            self.expected_error(format_args!(
                "a size from {low} to {high} (bytes, or words such as \"16MiB\")"
            ))
        })
    }

    /// An `http` or `https` address. The address itself is not repeated, it may hold a password.
    pub(super) fn web_address(&self) -> Result<Url, Diagnostic> {
        let what = "an address such as \"https://news.example/\"";
        self.web_address_in(self.string(what)?, what)
    }

    /// The same in a text that the value names.
    pub(super) fn web_address_in(&self, text: &str, what: &str) -> Result<Url, Diagnostic> {
        let url = Url::parse(text)
            .map_err(|error| self.error(format_args!("expected {what}: {error}")))?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            other => {
                let other = truncate_for_quoting(other);
                Err(self.error(format_args!("expected an http or https address, found `{other}:`")))
            }
        }
    }

    /// A `web_address` that everybody may see: without user-info.
    pub(super) fn public_address(&self) -> Result<Url, Diagnostic> {
        let url = self.web_address()?;
        if url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(self.error("expected an address without a name and a password"))
        }
    }

    /// The members of an array, each with the same key.
    pub(super) fn array(&self, what: &str) -> Result<Vec<ConfigValue<'a>>, Diagnostic> {
        match self.value {
            DeValue::Array(members) => Ok(members
                .iter()
                .map(|member| ConfigValue { value: member.get_ref(), span: member.span(), ..*self })
                .collect()),
            DeValue::String(_) => {
                Err(self.expected_error(what).with_help("put it in brackets: [\"…\"]"))
            }
            _ => Err(self.expected_error(what)),
        }
    }

    /// The keys and values of a table.
    pub(super) fn table(&self, what: &str) -> Result<&'a DeTable<'a>, Diagnostic> {
        match self.value {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.expected_error(what)),
        }
    }
}

/// Puts a value that was read into its place; for the rows of key tables.
pub(super) fn set_value<T>(place: &mut T, value: Result<T, Diagnostic>) -> Result<(), Diagnostics> {
    *place = value?;
    Ok(())
}

/// As `set`, for what may be absent.
pub(super) fn set_some<T>(
    place: &mut Option<T>,
    value: Result<T, Diagnostic>,
) -> Result<(), Diagnostics> {
    *place = Some(value?);
    Ok(())
}

fn whole_number(value: &DeValue<'_>) -> Option<u64> {
    match value {
        DeValue::Integer(number) => u64::from_str_radix(number.as_str(), number.radix()).ok(),
        _ => None,
    }
}

/// The beginning of a word on one line, enough to know it again.
pub(super) fn truncate_for_quoting(word: &str) -> String {
    let line = |text: &str| text.replace(char::is_control, " ");
    match word.char_indices().nth(MAX_QUOTED_LETTERS) {
        Some((end, _)) => format!("{}…", line(word.get(..end).unwrap_or_default())),
        None => line(word),
    }
}
