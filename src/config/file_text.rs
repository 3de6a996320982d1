//! A file of the configuration → its text, within the limits.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use super::diagnostic_report::ConfigError;
use super::line_index::line_and_column;

/// A longer file is no list of sources: ten thousand sources leave 400 bytes for each. More sources stand in
/// included files.
const MAX_FILE_BYTES: usize = 4 << 20;
/// A longer line was not written by a person, and cannot be shown to one.
const MAX_LINE_BYTES: usize = 64 << 10;

/// A text that is to take the place of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileDraft {
    /// The file.
    pub path: PathBuf,
    /// The text.
    pub text: String,
}

/// Reads a file; `shown` is its path in messages.
///
/// # Errors
/// When it does not exist, cannot be read, is too long, or is not UTF-8.
pub(super) fn read_config_text(path: &Path, shown: &Path) -> Result<String, ConfigError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => ConfigError::Missing { path: shown.to_owned() },
        _ => ConfigError::Unreadable { path: shown.to_owned(), source },
    };
    let bytes = read_limited(path).map_err(unreadable)?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(file_too_long(shown));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let good = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        let good = String::from_utf8_lossy(good);
        let (line, column) = line_and_column(&good, good.len());
        ConfigError::NotUtf8 { path: shown.to_owned(), line, column }
    })?;
    check_length(&text, shown)?;
    Ok(text)
}

/// The sound part of a file, for a reader that needs only some of its settings.
pub(super) fn read_config_text_leniently(path: &Path) -> String {
    let bytes = read_limited(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes).into_owned();
    if check_length(&text, path).is_ok() { text } else { String::new() }
}

/// The file, or as much of it as shows that it is too long.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Checks that neither a text nor one of its lines is too long; `shown` is the path in messages.
pub(super) fn check_length(text: &str, shown: &Path) -> Result<(), ConfigError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(file_too_long(shown));
    }
    match text.split('\n').position(|line| line.len() > MAX_LINE_BYTES) {
        Some(index) => Err(ConfigError::TooLong {
            path: shown.to_owned(),
            limit: MAX_LINE_BYTES,
            whole: format!("line {}", index + 1),
        }),
        None => Ok(()),
    }
}

fn file_too_long(shown: &Path) -> ConfigError {
    let whole = "the file".to_owned();
    ConfigError::TooLong { path: shown.to_owned(), limit: MAX_FILE_BYTES, whole }
}
