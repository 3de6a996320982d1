//! The text of `feeds.toml` → `Config`, or every mistake at once with line and column.
//!
//! | file | turns |
//! | --- | --- |
//! | `reading` | the whole table of the file → settings and drafts of sources |
//! | `given` | values of the file → typed values; tables → structs, by tables of keys |
//! | `sections`, `source`, `discretion`, `page`, `article`, `labels`, `output`, `headers`, `ignore`, `address`, `words` | each setting's own rule |
//! | `secret` | a value that stands elsewhere: a variable, a file, a credential of systemd → its text |
//! | `seen` | sources → what is wrong between two of them |
//! | `settings` | the result: what the rest of the program sees |
//! | `mistake`, `report`, `mask`, `suggest` | what is wrong → what a person reads, without secrets |
//! | `edit` | a text and sources → the text with them, everything else byte for byte as it was |
//! | `known` | a text → the sources that stand in it, for comparing |
//! | `locate` | the environment → which file |

mod article_selectors;
mod category_settings;
mod diagnostic;
mod diagnostic_report;
pub mod edit;
mod existing_sources;
mod headers;
mod ignored_findings;
pub mod locate;
mod output;
mod page_selectors;
mod parser;
mod redact;
mod secret;
mod sections;
mod settings;
mod source;
mod source_address;
mod source_privacy;
mod suggest;
#[cfg(test)]
mod tests;
mod uniqueness;
mod units;
mod value;

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use diagnostic_report::DiagnosticReport;
use parser::ConfigParser;
use value::{ConfigEnvironment, SecretPolicy};

pub use diagnostic_report::{ConfigError, LocatedDiagnostic};
pub use edit::NewSource;
pub use existing_sources::{ExistingSource, ExistingSources};
pub use settings::{
    Config, HostPort, PollingSettings, ServeSettings, SiteSettings, StoreSettings, WebSubSettings,
};

/// A file longer than this is no list of sources: ten thousand of them, as many as a subscription
/// list may bring, have 400 bytes each.
const MAX_FILE_BYTES: usize = 4 << 20;
/// A line longer than this was not written by a person, and cannot be shown to one.
const MAX_LINE_BYTES: usize = 64 << 10;

/// Reads the file at `path`. Relative paths in it are beside it.
///
/// # Errors
/// When there is no such file, when it cannot be read, and when it says something wrong: then the
/// error holds every mistake.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, SecretPolicy::Required)
}

/// The same for who asks no publisher: secrets that are kept elsewhere (`{ env = … }` and the like) may be
/// missing, as they are in an operator's shell, and are then left out.
///
/// # Errors
/// As `load`.
pub fn load_without_secrets(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, SecretPolicy::Optional)
}

fn load_with(path: &Path, secrets: SecretPolicy) -> Result<Config, ConfigError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), source },
    };
    let bytes = read_limited(path).map_err(unreadable)?;
    if bytes.len() > MAX_FILE_BYTES {
        return Err(too_long(path));
    }
    let folder = folder_of(path);
    match std::str::from_utf8(&bytes) {
        Ok(text) => {
            let around = ConfigEnvironment {
                folder: &folder,
                variable: &read_environment_variable,
                secrets,
            };
            parse_in_environment(text, path, &default_store_folder(&folder), around)
        }
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let good = String::from_utf8_lossy(good);
            let (line, column) = diagnostic_report::line_and_column(&good, good.len());
            Err(ConfigError::NotUtf8 { path: path.to_owned(), line, column })
        }
    }
}

/// What can be understood of a file that `load` refuses, every other setting at its default: enough to find
/// the daemon that runs by an earlier state of it.
pub fn load_leniently(path: &Path) -> Config {
    let folder = folder_of(path);
    let bytes = read_limited(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let text = if check_length(&text, path).is_ok() { &*text } else { "" };
    let around = ConfigEnvironment {
        folder: &folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Optional,
    };
    parse_text(text, path, &default_store_folder(&folder), around).0
}

/// Where the file stands, absolute.
pub fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.parent().unwrap_or(Path::new("/")).to_owned()
}

fn default_store_folder(folder: &Path) -> PathBuf {
    locate::default_store_folder(folder, |name| std::env::var_os(name))
}

/// The file, or as much of it as shows that it is too long.
fn read_limited(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(MAX_FILE_BYTES).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Reads a text. `path` is where it is from, as mistakes show it; `folder` is where it stands, where
/// relative paths begin, and where the store is when the text does not say.
///
/// # Errors
/// When the text is too long, and when it says something wrong: then the error holds every mistake.
pub fn parse(text: &str, path: &Path, folder: &Path) -> Result<Config, ConfigError> {
    let around = ConfigEnvironment {
        folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Required,
    };
    parse_in_environment(text, path, &locate::store_beside_config(folder), around)
}

/// The same for who asks no publisher, as in `load_without_secrets`.
///
/// # Errors
/// As `parse`.
pub fn parse_without_secrets(
    text: &str,
    path: &Path,
    folder: &Path,
) -> Result<Config, ConfigError> {
    let around = ConfigEnvironment {
        folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Optional,
    };
    parse_in_environment(text, path, &locate::store_beside_config(folder), around)
}

fn read_environment_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The same with an environment and a default place of the store that are given.
fn parse_in_environment(
    text: &str,
    path: &Path,
    store: &Path,
    around: ConfigEnvironment<'_>,
) -> Result<Config, ConfigError> {
    check_length(text, path)?;
    let (config, report) = parse_text(text, path, store, around);
    if report.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(report)) }
}

/// What a text says, and what is wrong with it.
fn parse_text(
    text: &str,
    path: &Path,
    store: &Path,
    around: ConfigEnvironment<'_>,
) -> (Config, DiagnosticReport) {
    let folder = around.folder;
    let shown = path.display().to_string();
    let (root, broken) = DeTable::parse_recoverable(text);
    let mut reading = ConfigParser::default();
    let mut config = Config {
        path: path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name)),
        site: SiteSettings::default(),
        polling: PollingSettings::default(),
        store: StoreSettings { path: store.to_owned(), ..StoreSettings::default() },
        serve: ServeSettings::default(),
        websub: WebSubSettings::default(),
        sources: Vec::new(),
        outputs: Vec::new(),
        notes: Vec::new(),
    };
    reading.parse_root(root.get_ref(), around, &mut config);
    let (mistakes, notes) = reading.finish(text, &broken, &mut config);
    config.store.path = folder.join(&config.store.path);
    config.notes = DiagnosticReport::new(&shown, text, notes).warnings();
    (config, DiagnosticReport::new(&shown, text, mistakes))
}

/// Reads an address to listen at, as `listen` and `--listen` have it.
///
/// # Errors
/// What was expected instead, in words.
pub fn parse_listen_address(words: &str) -> Result<std::net::SocketAddr, String> {
    units::parse_listen(words).ok_or_else(|| match units::add_brackets(words) {
        Some(better) => format!("write {better}"),
        None => format!("expected {}", units::LISTEN_EXPECTED),
    })
}

/// Whether two addresses lead to the same feed in all likelihood: `http` and `https`, `www.` and a
/// slash at the end make no difference. What is no address is the same as nothing.
pub fn is_same_address(one: &str, other: &str) -> bool {
    let canonical = |text| {
        source_address::parse_source_address(text, Path::new("/")).map(|address| address.canonical)
    };
    matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}

fn check_length(text: &str, path: &Path) -> Result<(), ConfigError> {
    if text.len() > MAX_FILE_BYTES {
        return Err(too_long(path));
    }
    match text.split('\n').position(|line| line.len() > MAX_LINE_BYTES) {
        Some(index) => Err(ConfigError::TooLong {
            path: path.to_owned(),
            limit: MAX_LINE_BYTES,
            whole: format!("line {}", index + 1),
        }),
        None => Ok(()),
    }
}

fn too_long(path: &Path) -> ConfigError {
    let whole = "the file".to_owned();
    ConfigError::TooLong { path: path.to_owned(), limit: MAX_FILE_BYTES, whole }
}
