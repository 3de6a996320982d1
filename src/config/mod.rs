//! The text of `feeds.toml` → `Config`, or every mistake at once with line and column.
//!
//! | file | turns |
//! | --- | --- |
//! | `site_keys`, `serve_keys`, `output_keys`, `source_keys`, `nested_keys` | **one row per key**: name, type and bounds, default, example, meaning, part of the hash |
//! | `key_row`, `value_kind`, `key_table`, `hash_part` | what a row holds; all tables together |
//! | `file_text`, `line_index` | a file → its text, within limits; a byte of it → its line |
//! | `include`, `config_files` | the patterns of `include` → files and their texts; the files to watch |
//! | `parser` | the tables of all files → settings and drafts of sources |
//! | `value` | values of the file → typed values; tables → structs, by the rows of their keys |
//! | `sections`, `source`, `output`, `page_selectors`, `article_selectors` | a parser for each row |
//! | `common_values`, `category_settings`, `headers`, `ignored_findings`, `source_address`, `source_privacy`, `units` | the rules of single values |
//! | `secret`, `shell_variable` | a value that is kept elsewhere: a variable, a file, a credential of systemd → its text |
//! | `uniqueness` | sources → what is wrong between two of them |
//! | `users` | the array `users` → the readers who may log in |
//! | `access_checks` | the addresses of `[serve]` → what is wrong between them, and what is open to others |
//! | `odd_rules` | the queries of a table → what is allowed and surely not meant |
//! | `lists` | lists of feeds that are kept elsewhere → sources |
//! | `config_diff` | two configurations → the keys that differ |
//! | `settings`, `source_hash` | the result: what the rest of the program sees |
//! | `diagnostic`, `diagnostic_report`, `redact`, `suggest`, `suggest_value` | what is wrong → what a person reads, without secrets |
//! | `manual` | the rows → the man page feeds.toml(5) |
//! | `edit` | a text and sources → the text with them, everything else byte for byte as it was |
//! | `source_edit` | a text and an edit of one source → the text with it, and the lines that differ |
//! | `key_assignment` | words such as `every=30m` → the keys that an edit sets |
//! | `existing_sources` | texts → their sources, for comparing |
//! | `locate` | the environment → which file |
//!
//! From the rows follow known keys and suggestions, bounds and their messages, the hash of a source, and, compared
//! by tests (`UPDATE_GOLDEN=1` writes them), the comments of `feeds.toml`, `docs/configuration.md` and
//! `feeds.schema.json`.

mod access_checks;
mod article_selectors;
mod category_settings;
mod common_values;
pub mod config_diff;
mod config_files;
mod diagnostic;
mod diagnostic_report;
pub mod edit;
mod existing_sources;
mod file_text;
mod hash_part;
mod headers;
mod ignored_findings;
mod include;
pub mod key_assignment;
mod key_row;
mod key_table;
mod line_index;
pub mod lists;
pub mod locate;
mod manual;
mod nested_keys;
mod odd_rules;
mod output;
mod output_keys;
mod page_selectors;
mod parser;
mod redact;
mod secret;
mod sections;
mod serve_keys;
mod settings;
mod shell_variable;
mod site_keys;
mod source;
mod source_address;
pub mod source_edit;
mod source_hash;
mod source_keys;
mod source_privacy;
mod suggest;
mod suggest_value;
#[cfg(test)]
mod tests;
mod uniqueness;
mod units;
mod users;
mod value;
mod value_kind;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use diagnostic_report::{DiagnosticReport, FileText};
use include::MainFile;
use parser::ConfigParser;
use value::{ConfigEnvironment, SecretPolicy};

use crate::model::{SourceList, StoryVectorsChoice};

pub use config_files::{ConfigFiles, hash_of_texts};
pub use diagnostic_report::{ConfigError, LocatedDiagnostic};
pub use edit::NewSource;
pub use existing_sources::{ExistingSource, ExistingSources};
pub use file_text::FileDraft;
pub use locate::folder_of;
pub use manual::manual_page;
pub use settings::{
    Config, HostPort, PollingSettings, ServeSettings, SiteSettings, StoreSettings, StoriesSettings,
    WebSubSettings,
};
pub use suggest::suggest_nearest;

/// Reads the file at `path`, and the files that it includes. Relative paths in all of them begin at its folder.
///
/// # Errors
/// When the file does not exist, cannot be read, or has mistakes: then the error holds all of them.
pub fn load(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, SecretPolicy::Required)
}

/// The same for commands that poll no publisher: secrets that are kept elsewhere (`{ env = … }` and the like)
/// may be missing, as they are in an operator's shell, and are then left out.
///
/// # Errors
/// As `load`.
pub fn load_without_secrets(path: &Path) -> Result<Config, ConfigError> {
    load_with(path, SecretPolicy::Optional)
}

fn load_with(path: &Path, secrets: SecretPolicy) -> Result<Config, ConfigError> {
    let text = file_text::read_config_text(path, path)?;
    let folder = folder_of(path);
    let environment =
        ConfigEnvironment { folder: &folder, variable: &read_environment_variable, secrets };
    parse_in_environment(&text, path, &default_store_folder(&folder), environment)
}

/// The sound part of a file that `load` refuses, every other setting at its default: enough to find the
/// daemon that runs with an earlier version of the file.
pub fn load_leniently(path: &Path) -> Config {
    let folder = folder_of(path);
    let text = file_text::read_config_text_leniently(path);
    let environment = ConfigEnvironment {
        folder: &folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Optional,
    };
    let place = TextPlace { path, store: &default_store_folder(&folder), drafts: &[] };
    parse_text(&text, &place, environment).0
}

fn default_store_folder(folder: &Path) -> PathBuf {
    locate::default_store_folder(folder, |name| std::env::var_os(name))
}

/// Parses a text. `path` is where it is from, as mistakes show it. Relative paths begin at `folder`, which
/// also holds the store if the text does not name another.
///
/// # Errors
/// When the text is too long, or has mistakes: then the error holds all of them.
pub fn parse(text: &str, path: &Path, folder: &Path) -> Result<Config, ConfigError> {
    let environment = ConfigEnvironment {
        folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Required,
    };
    parse_in_environment(text, path, &locate::store_beside_config(folder), environment)
}

/// The same for commands that poll no publisher, as in `load_without_secrets`.
///
/// # Errors
/// As `parse`.
pub fn parse_without_secrets(
    text: &str,
    path: &Path,
    folder: &Path,
) -> Result<Config, ConfigError> {
    let environment = ConfigEnvironment {
        folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Optional,
    };
    parse_in_environment(text, path, &locate::store_beside_config(folder), environment)
}

/// Parses the configuration at `path` as it would be with these texts in place of their files, which stay as they
/// are. Secrets that are kept elsewhere may be missing, as in `load_without_secrets`.
///
/// # Errors
/// As `load`.
pub fn parse_with_drafts(path: &Path, drafts: &[FileDraft]) -> Result<Config, ConfigError> {
    let folder = folder_of(path);
    let environment = ConfigEnvironment {
        folder: &folder,
        variable: &read_environment_variable,
        secrets: SecretPolicy::Optional,
    };
    let main = include::identity_of_file(path);
    let text = match drafts.iter().find(|it| include::identity_of_file(&it.path) == main) {
        Some(draft) => draft.text.clone(),
        None => file_text::read_config_text(path, path)?,
    };
    file_text::check_length(&text, path)?;
    let place = TextPlace { path, store: &default_store_folder(&folder), drafts };
    let (config, report) = parse_text(&text, &place, environment);
    if report.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(report)) }
}

/// What a text of the main file is parsed with.
struct TextPlace<'a> {
    /// The path of the file, as mistakes show it.
    path: &'a Path,
    /// The folder of the store, unless the text names another.
    store: &'a Path,
    /// Texts that are read in place of included files.
    drafts: &'a [FileDraft],
}

fn read_environment_variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// The same with an environment and a default folder of the store.
fn parse_in_environment(
    text: &str,
    path: &Path,
    store: &Path,
    environment: ConfigEnvironment<'_>,
) -> Result<Config, ConfigError> {
    file_text::check_length(text, path)?;
    let place = TextPlace { path, store, drafts: &[] };
    let (config, report) = parse_text(text, &place, environment);
    if report.is_empty() { Ok(config) } else { Err(ConfigError::Invalid(report)) }
}

/// The settings of a text, and what is wrong with it.
fn parse_text(
    text: &str,
    place: &TextPlace<'_>,
    environment: ConfigEnvironment<'_>,
) -> (Config, DiagnosticReport) {
    let folder = environment.folder;
    let TextPlace { path, store, drafts } = *place;
    let mut parser = ConfigParser::default();
    let mut config = Config {
        path: path.file_name().map_or_else(|| path.to_owned(), |name| folder.join(name)),
        site: SiteSettings::default(),
        polling: PollingSettings::default(),
        store: StoreSettings { path: store.to_owned(), ..StoreSettings::default() },
        serve: ServeSettings::default(),
        stories: StoriesSettings::default(),
        websub: WebSubSettings::default(),
        sources: SourceList::default(),
        disabled: Vec::new(),
        outputs: Vec::new(),
        lists: Vec::new(),
        included: Vec::new(),
        texts_hash: [0; 16],
        notes: Vec::new(),
    };
    parser.parse_main(text, environment, &mut config);
    let main = MainFile { shown: path, path: &config.path, folder, drafts };
    let (included, mistakes, notes) =
        include::read_included_files(&parser.include_patterns(), &main);
    parser.report_includes(mistakes, notes);
    let mut files = vec![FileText { path: path.display().to_string(), text, start: 0 }];
    let mut start = text.len() + 1;
    for file in &included {
        parser.parse_included(&file.text, start, environment);
        files.push(FileText { path: file.shown.display().to_string(), text: &file.text, start });
        // The end of a text is a place of its own.
        start += file.text.len() + 1;
    }
    let (diagnostics, notes) = parser.finish(&mut config);
    config.store.path = folder.join(&config.store.path);
    if let StoryVectorsChoice::File(path) = &mut config.stories.vectors {
        *path = folder.join(&*path);
    }
    config.texts_hash = hash_of_texts(files.iter().map(|file| file.text));
    config.included = included.iter().map(|file| file.shown.clone()).collect();
    config.notes = DiagnosticReport::new(&files, notes).warnings();
    (config, DiagnosticReport::new(&files, diagnostics))
}

/// Parses an address to listen at, the value of `listen` and `--listen`.
///
/// # Errors
/// What was expected instead, in words.
pub fn parse_listen_address(words: &str) -> Result<std::net::SocketAddr, String> {
    units::parse_listen(words).ok_or_else(|| match units::add_brackets(words) {
        Some(better) => format!("write {better}"),
        None => format!("expected {}", units::LISTEN_EXPECTED),
    })
}

/// Parses a length of time such as `90s`, `1h30m`, `2d`. `None`: another form.
pub fn parse_duration(words: &str) -> Option<std::time::Duration> {
    units::parse_duration(words)
}

/// Whether two addresses most likely lead to the same feed: `http` and `https`, `www.` and a slash at
/// the end make no difference. A text that is no address is the same as no other.
pub fn is_same_address(one: &str, other: &str) -> bool {
    let canonical = |text| {
        source_address::parse_source_address(text, Path::new("/")).map(|address| address.canonical)
    };
    matches!((canonical(one), canonical(other)), (Ok(one), Ok(other)) if one == other)
}
