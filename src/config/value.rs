//! A value of the file → the value that a setting needs, or what was expected and what was found;
//! and a table of the file → a struct, by the rows of its keys.

use std::ffi::OsString;
use std::fmt::Display;
use std::ops::Range;
use std::path::Path;
use std::time::Duration;

use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::key_row::{KeyTable, ValueKind};
use super::key_table::place_of_misplaced_key;
use super::redact::redact_secrets;
use super::shell_variable::find_shell_variable;
use super::suggest::suggest_nearest;
use super::suggest_value;
use super::units;

/// Values and keys are quoted up to this many letters: enough to recognize them.
const MAX_QUOTED_LETTERS: usize = 60;
/// A line of text has at most this many letters: more is no title and no name.
const MAX_LINE_LETTERS: usize = 500;

/// Parses the value of one key into the settings.
pub(super) type ParseKey<T> = fn(&mut T, &ConfigValue<'_>) -> Result<(), Diagnostics>;

/// What surrounds the file: values that the file names without holding them come from there.
#[derive(Clone, Copy)]
pub(super) struct ConfigEnvironment<'a> {
    /// The folder of the configuration.
    pub(super) folder: &'a Path,
    /// Looks up an environment variable.
    pub(super) variable: &'a dyn Fn(&str) -> Option<OsString>,
    /// How secrets that are kept elsewhere and are missing there are treated.
    pub(super) secrets: SecretPolicy,
}

/// How a secret that is kept elsewhere and is missing there is treated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretPolicy {
    /// It is a mistake: publishers are polled with it.
    Required,
    /// It is left out: no publisher is polled.
    Optional,
}

/// A table of the file, before it is parsed.
#[derive(Clone, Copy)]
pub(super) struct Section<'a> {
    /// The keys that it may have.
    pub(super) keys: &'static KeyTable,
    /// Its keys and values.
    pub(super) table: &'a DeTable<'a>,
    /// What surrounds the file.
    pub(super) environment: ConfigEnvironment<'a>,
}

impl Section<'_> {
    /// Parses every key into `settings`; a setting with a wrong value stays as it is. There is a parser for
    /// each row of the table of keys.
    pub(super) fn parse_keys<T>(
        &self,
        parsers: &[(&str, ParseKey<T>)],
        settings: &mut T,
        diagnostics: &mut Diagnostics,
    ) {
        for (name, value) in self.table {
            let word = name.get_ref().as_ref();
            let parser = parsers.iter().find(|(name, _)| *name == word);
            let (Some(row), Some((_, parse))) = (self.keys.find(word), parser) else {
                diagnostics.push(self.unknown_key(word, name.span()));
                continue;
            };
            let value = ConfigValue::new(row.name, row.kind, value, self.environment);
            diagnostics.collect(parse(settings, &value));
        }
    }

    /// Where the value of a key is; `None`: the key is not given.
    pub(super) fn span_of(&self, name: &str) -> Option<Range<usize>> {
        self.table.get(name).map(Spanned::span)
    }

    /// The number that a key is given without a unit; `None`: it is given otherwise, or not at all.
    pub(super) fn bare_number(&self, name: &str) -> Option<u64> {
        self.table.get(name).and_then(|value| whole_number(value.get_ref()))
    }

    fn unknown_key(&self, word: &str, span: Range<usize>) -> Diagnostic {
        let heading = self.keys.heading;
        let message = format!("`{}` is no key of `{heading}`", truncate_for_quoting(word));
        let diagnostic = Diagnostic::at(span, message);
        let names = || self.keys.keys.iter().map(|row| row.name);
        if let Some(row) = suggest_nearest(word, names()).and_then(|near| self.keys.find(near)) {
            return diagnostic.with_help(format!("did you mean `{}`: {}?", row.name, row.hint));
        }
        if let Some(place) = place_of_misplaced_key(self.keys, word) {
            return diagnostic.with_help(format!("it belongs {place}"));
        }
        let names: Vec<_> = names().collect();
        diagnostic.with_help(format!("its keys are {}", names.join(", ")))
    }
}

/// A value as the file gives it, with its place.
pub(super) struct ConfigValue<'a> {
    /// Its key.
    pub(super) key: &'a str,
    /// Its type and bounds.
    pub(super) kind: ValueKind,
    /// Its place, in bytes.
    pub(super) span: Range<usize>,
    /// What surrounds the file.
    pub(super) environment: ConfigEnvironment<'a>,
    value: &'a DeValue<'a>,
}

impl<'a> ConfigValue<'a> {
    /// The value of `key`.
    pub(super) fn new(
        key: &'a str,
        kind: ValueKind,
        value: &'a Spanned<DeValue<'a>>,
        environment: ConfigEnvironment<'a>,
    ) -> Self {
        Self { key, kind, span: value.span(), environment, value: value.get_ref() }
    }

    /// The type of the key was expected, and this was found.
    pub(super) fn kind_error(&self) -> Diagnostic {
        self.expected_error(self.kind)
    }

    /// `expected` was expected, and this was found.
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

    /// The string, without the blanks around it. A variable of a shell in it is a mistake.
    pub(super) fn string(&self) -> Result<&'a str, Diagnostic> {
        self.string_as(self.kind)
    }

    /// The same; `expected` says what it should be.
    pub(super) fn string_as(&self, expected: impl Display) -> Result<&'a str, Diagnostic> {
        let text = self.verbatim(expected)?.trim();
        match find_shell_variable(text) {
            None => Ok(text),
            Some(variable) => Err(self.unexpanded_variable_error(variable)),
        }
    }

    fn unexpanded_variable_error(&self, name: &str) -> Diagnostic {
        self.error(format_args!("`${{{name}}}` would stand as it is written")).with_help(format!(
            "write the value itself; only values of `headers` and `proxy` can be kept elsewhere: \
             {{ env = \"{name}\" }}"
        ))
    }

    /// The string as it is written, whatever it holds; `expected` says what it should be.
    pub(super) fn verbatim(&self, expected: impl Display) -> Result<&'a str, Diagnostic> {
        match self.value {
            DeValue::String(text) => Ok(text),
            _ => Err(self.expected_error(expected)),
        }
    }

    /// Whether the value is a table.
    pub(super) fn is_table(&self) -> bool {
        matches!(self.value, DeValue::Table(_))
    }

    /// One line of text that is not blank.
    pub(super) fn text_line(&self) -> Result<String, Diagnostic> {
        let text = self.string_as(ValueKind::Line)?;
        if text.is_empty() || text.contains(char::is_control) {
            return Err(self.expected_error(ValueKind::Line));
        }
        if text.chars().count() > MAX_LINE_LETTERS {
            return Err(self.error(format_args!("expected at most {MAX_LINE_LETTERS} letters")));
        }
        Ok(text.to_owned())
    }

    /// Text that a header of a request can hold.
    pub(super) fn header_value(&self) -> Result<String, Diagnostic> {
        let text = self.string()?;
        let fits = !text.is_empty() && http::HeaderValue::from_str(text).is_ok();
        if fits { Ok(text.to_owned()) } else { Err(self.kind_error()) }
    }

    /// `true` or `false`.
    pub(super) fn boolean(&self) -> Result<bool, Diagnostic> {
        match self.value {
            DeValue::Boolean(truth) => Ok(*truth),
            _ => Err(self.expected_error(ValueKind::Boolean)),
        }
    }

    /// A whole number within the bounds of the key.
    pub(super) fn integer(&self) -> Result<usize, Diagnostic> {
        let (low, high) = self.kind.integer_bounds();
        let number = self.bare_number().and_then(|number| usize::try_from(number).ok());
        number.filter(|number| (low..=high).contains(number)).ok_or_else(|| self.kind_error())
    }

    /// A length of time within the bounds of the key: a number of seconds, or words.
    pub(super) fn duration(&self) -> Result<Duration, Diagnostic> {
        let (low, high) = self.kind.duration_bounds();
        let length = self.any_duration();
        let is_allowed = |length: &Duration| (low..=high).contains(length);
        length.filter(is_allowed).ok_or_else(|| {
            let suggested = self.value.as_str().and_then(suggest_value::suggest_duration);
            let is_better = |words: &String| {
                units::parse_duration(words).is_some_and(|length| is_allowed(&length))
            };
            self.kind_error().with_suggestion(suggested.filter(is_better))
        })
    }

    /// The value as a whole number without a unit; `None`: another type.
    pub(super) fn bare_number(&self) -> Option<u64> {
        whole_number(self.value)
    }

    /// A length of time of any size; `None`: another type or form.
    pub(super) fn any_duration(&self) -> Option<Duration> {
        match self.value {
            DeValue::String(text) => units::parse_duration(text),
            _ => self.bare_number().map(Duration::from_secs),
        }
    }

    /// A size in bytes within the bounds of the key: a number, or words.
    pub(super) fn size(&self) -> Result<u64, Diagnostic> {
        let (low, high) = self.kind.size_bounds();
        let bytes = match self.value {
            DeValue::String(text) => units::parse_size(text),
            _ => self.bare_number(),
        };
        bytes.filter(|bytes| (low..=high).contains(bytes)).ok_or_else(|| self.kind_error())
    }

    /// An `http` or `https` address. The address itself is not repeated, it may hold a password.
    pub(super) fn web_address(&self) -> Result<Url, Diagnostic> {
        self.web_address_in(self.string_as(ValueKind::WebAddress)?, ValueKind::WebAddress)
    }

    /// The same in a text that the value names.
    pub(super) fn web_address_in(
        &self,
        text: &str,
        expected: ValueKind,
    ) -> Result<Url, Diagnostic> {
        let url = Url::parse(text)
            .map_err(|error| self.error(format_args!("expected {expected}: {error}")))?;
        match url.scheme() {
            "http" | "https" => Ok(url),
            other => {
                let other = truncate_for_quoting(other);
                Err(self.error(format_args!("expected an http or https address, found `{other}:`")))
            }
        }
    }

    /// A `web_address` that is safe to publish: without user-info.
    pub(super) fn public_address(&self) -> Result<Url, Diagnostic> {
        let url = self.web_address()?;
        if url.username().is_empty() && url.password().is_none() {
            Ok(url)
        } else {
            Err(self.error("expected an address without a name and a password"))
        }
    }

    /// The members of an array, each with the same key; `expected` says what the value should be.
    pub(super) fn array(&self, expected: impl Display) -> Result<Vec<ConfigValue<'a>>, Diagnostic> {
        let kind = self.kind.member_kind();
        let member = |member: &'a Spanned<DeValue<'a>>| {
            ConfigValue::new(self.key, kind, member, self.environment)
        };
        match self.value {
            DeValue::Array(members) => Ok(members.iter().map(member).collect()),
            DeValue::String(_) => {
                Err(self.expected_error(expected).with_help("put it in brackets: [\"…\"]"))
            }
            _ => Err(self.expected_error(expected)),
        }
    }

    /// The keys and values of a table.
    pub(super) fn table(&self) -> Result<&'a DeTable<'a>, Diagnostic> {
        match self.value {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.kind_error()),
        }
    }
}

/// Stores a parsed value in its setting.
pub(super) fn set_value<T>(place: &mut T, value: Result<T, Diagnostic>) -> Result<(), Diagnostics> {
    *place = value?;
    Ok(())
}

/// The same for a setting that may be absent.
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

/// The beginning of a word on one line, enough to recognize it.
pub(super) fn truncate_for_quoting(word: &str) -> String {
    let line = |text: &str| text.replace(char::is_control, " ");
    match word.char_indices().nth(MAX_QUOTED_LETTERS) {
        Some((end, _)) => format!("{}…", line(word.get(..end).unwrap_or_default())),
        None => line(word),
    }
}
