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

mod address;
mod article;
mod discretion;
pub mod edit;
mod given;
mod headers;
mod ignore;
mod known;
mod labels;
pub mod locate;
mod mask;
mod mistake;
mod output;
mod page;
mod reading;
mod report;
mod secret;
mod sections;
mod seen;
mod settings;
mod source;
mod suggest;
#[cfg(test)]
mod tests;
mod words;

use std::ffi::OsString;
use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use toml::de::DeTable;

use given::{Around, Secrets};
use reading::Reading;
use report::Report;

pub use edit::NewSource;
pub use known::{Known, Standing};
pub use report::{ConfigError, Told};
pub use settings::{Config, HostPort, Polling, Serve, Site, StoreSettings, WebSub};

/// A file longer than this is no list of sources: ten thousand of them, as many as a subscription
/// list may bring, have 400 bytes each.
const LONGEST_TEXT: usize = 4 << 20;
/// A line longer than this was not written by a person, and cannot be shown to one.
const LONGEST_LINE: usize = 64 << 10;

/// Reads the file at `path`. Relative paths in it are beside it.
///
/// # Errors
/// When there is no such file, when it cannot be read, and when it says something wrong: then the
/// error holds every mistake.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, Secrets::Needed)
}

/// The same for who asks no publisher: secrets that are kept elsewhere (`{ env = … }` and the like) may be
/// missing, as they are in an operator's shell, and are then left out.
///
/// # Errors
/// As `load`.
pub fn load_without_secrets(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, Secrets::Optional)
}

fn load_with(path: &Path, secrets: Secrets) -> Result<Config, ConfigError> {
    let unreadable = |source: std::io::Error| match source.kind() {
        ErrorKind::NotFound => ConfigError::Missing { path: path.to_owned() },
        _ => ConfigError::Unreadable { path: path.to_owned(), source },
    };
    let bytes = bytes_of(path).map_err(unreadable)?;
    if bytes.len() > LONGEST_TEXT {
        return Err(too_long(path));
    }
    let folder = folder_of(path);
    match std::str::from_utf8(&bytes) {
        Ok(text) => {
            let around = Around { folder: &folder, variable: &environment, secrets };
            parse_within(text, path, &store_of(&folder), around)
        }
        Err(error) => {
            let good = bytes.get(..error.valid_up_to()).unwrap_or_default();
            let good = String::from_utf8_lossy(good);
            let (line, column) = report::line_and_column(&good, good.len());
            Err(ConfigError::NotUtf8 { path: path.to_owned(), line, column })
        }
    }
}

/// What can be understood of a file that `load` refuses, every other setting at its default: enough to find
/// the daemon that runs by an earlier state of it.
pub fn salvage(path: &Path) -> Config {
    let folder = folder_of(path);
    let bytes = bytes_of(path).unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let text = if check_length(&text, path).is_ok() { &*text } else { "" };
    let around = Around { folder: &folder, variable: &environment, secrets: Secrets::Optional };
    read(text, path, &store_of(&folder), around).0
}

/// Where the file stands, absolute.
pub fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.parent().unwrap_or(Path::new("/")).to_owned()
}

fn store_of(folder: &Path) -> PathBuf {
    locate::store_of(folder, |name| std::env::var_os(name))
}

/// The file, or as much of it as shows that it is too long.
fn bytes_of(path: &Path) -> std::io::Result<Vec<u8>> {
    let limit = u64::try_from(LONGEST_TEXT).unwrap_or(u64::MAX).saturating_add(1);
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
    let around = Around { folder, variable: &environment, secrets: Secrets::Needed };
    parse_within(text, path, &locate::beside(folder), around)
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
    let around = Around { folder, variable: &environment, secrets: Secrets::Optional };
    parse_within(text, path, &locate::beside(folder), around)
}

fn environment(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The same with an environment and a default place of the store that are given.
fn parse_within(
    text: &str,
    path: &Path,
    store: &Path,
    around: Around<'_>,
) -> Result<Config, ConfigError> {
    check_length(text, path)?;
    let (config, report) = read(text, path, store, around);
    if report.is_empty() { Ok(config) } else { Err(ConfigError::Mistakes(report)) }
}

/// What a text says, and what is wrong with it.
fn read(text: &str, path: &Path, store: &Path, around: Around<'_>) -> (Config, Report) {
    let folder = around.folder;
    let shown = path.display().to_string();
    let (root, broken) = DeTable::parse_recoverable(text);
    let mut reading = Reading::default();
    let mut config = Config {
        path: path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name)),
        site: Site::default(),
        polling: Polling::default(),
        store: StoreSettings { path: store.to_owned(), ..StoreSettings::default() },
        serve: Serve::default(),
        websub: WebSub::default(),
        sources: Vec::new(),
        outputs: Vec::new(),
        notes: Vec::new(),
    };
    reading.root(root.get_ref(), around, &mut config);
    let (mistakes, notes) = reading.finish(text, &broken, &mut config);
    config.store.path = folder.join(&config.store.path);
    config.notes = Report::new(&shown, text, notes).warnings();
    (config, Report::new(&shown, text, mistakes))
}

/// Reads an address to listen at, as `listen` and `--listen` have it.
///
/// # Errors
/// What was expected instead, in words.
pub fn listen_address(words: &str) -> Result<std::net::SocketAddr, String> {
    words::listen(words).ok_or_else(|| match words::bracketed(words) {
        Some(better) => format!("write {better}"),
        None => format!("expected {}", words::LISTEN),
    })
}

/// Whether two addresses lead to the same feed in all likelihood: `http` and `https`, `www.` and a
/// slash at the end make no difference. What is no address is the same as nothing.
pub fn is_same_address(one: &str, other: &str) -> bool {
    let canonical = |text| address::read(text, Path::new("/")).map(|address| address.canonical);
    matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}

fn check_length(text: &str, path: &Path) -> Result<(), ConfigError> {
    if text.len() > LONGEST_TEXT {
        return Err(too_long(path));
    }
    match text.split('\n').position(|line| line.len() > LONGEST_LINE) {
        Some(index) => Err(ConfigError::TooLong {
            path: path.to_owned(),
            limit: LONGEST_LINE,
            whole: format!("line {}", index + 1),
        }),
        None => Ok(()),
    }
}

fn too_long(path: &Path) -> ConfigError {
    let whole = "the file".to_owned();
    ConfigError::TooLong { path: path.to_owned(), limit: LONGEST_TEXT, whole }
}
