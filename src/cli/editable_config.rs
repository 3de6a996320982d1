//! The file of the configuration that sources are appended to ↔ its text, and the sources that are in it already.

use std::path::{Path, PathBuf};

use url::Url;

use super::args::CommonArgs;
use super::config_texts::replace_config;
use super::source_args::EditOptions;
use super::{CliError, eprint, load, pluralize, print};
use crate::config::{self, Config, ConfigError, ExistingSource, ExistingSources, NewSource, edit};

/// The file that sources are written into, before they are written.
pub(super) struct EditableConfig {
    path: PathBuf,
    text: String,
    is_new: bool,
    /// The sources that are in it, in the files that it includes, and in the copies of its lists.
    pub(super) existing: ExistingSources,
}

impl EditableConfig {
    /// The configuration file, or a new one: the one that was named, else `feeds.toml` in this folder.
    pub(super) fn read(common: &CommonArgs) -> Result<Self, CliError> {
        let path = load::config_path(common).unwrap_or_else(|_| Path::new("feeds.toml").to_owned());
        let (text, is_new) = match std::fs::read_to_string(&path) {
            Ok(text) => (text, false),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                (edit::starter_config().to_owned(), true)
            }
            Err(error) => {
                let message = format!("error: cannot read {}: {error}", path.display());
                return Err(CliError::configuration(message));
            }
        };
        let config = config::parse_without_secrets(&text, &path, folder_of(&path));
        let config = config.map_err(|error| load::config_error(&error))?;
        let mut existing = ExistingSources::default();
        let mut add_text = |text: &str, path: &Path| {
            existing.add_text(text, path).map_err(|error| {
                CliError::configuration(format!("error: {}: {error}", path.display()))
            })
        };
        add_text(&text, &path)?;
        for included in &config.included {
            let text = std::fs::read_to_string(included).map_err(|error| {
                let message = format!("error: cannot read {}: {error}", included.display());
                CliError::configuration(message)
            })?;
            add_text(&text, included)?;
        }
        if !config.lists.is_empty()
            && let Ok(loaded) = config::load_without_secrets(&path)
        {
            let loaded = load::apply_args(loaded, common);
            loaded.sources.iter().for_each(|source| existing.add_listed(source));
        }
        Ok(Self { path, text, is_new, existing })
    }

    /// The file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Reports the source that has this address; `None`: there is no such source.
    pub(super) fn report_existing(&self, url: &Url) -> Option<&ExistingSource> {
        let existing = self.existing.find_by_url(url.as_str());
        if let Some(ExistingSource { id, file, line, list }) = existing {
            let place = match list {
                Some(list) => format!("from the list `{list}`"),
                None => format!("{}:{line}", file.display()),
            };
            eprint(&format!("already there as `{id}` ({place})"));
        }
        existing
    }

    /// The settings that feeds are tested with: those of the file, above all its proxy.
    pub(super) fn parse_for_fetching(&self) -> Result<Config, CliError> {
        let config = config::parse(&self.text, &self.path, folder_of(&self.path));
        config.map_err(|error| load::config_error(&error))
    }
}

fn folder_of(path: &Path) -> &Path {
    path.parent().unwrap_or(Path::new(""))
}

/// Writes sources into the configuration file, or shows what would be written. The new text is checked before
/// it replaces the file.
pub(super) fn write_sources(
    target: &EditableConfig,
    sources: &[NewSource],
    options: EditOptions,
) -> Result<(), CliError> {
    let EditableConfig { path, text: before, is_new, .. } = target;
    let after = edit::append_sources(before, sources)
        .map_err(|error| CliError::configuration(format!("error: {}: {error}", path.display())))?;
    config::parse_without_secrets(&after, path, folder_of(path)).map_err(|error| match error {
        ConfigError::TooLong { limit, .. } if after.len() > limit => {
            too_long_error(path, sources.len(), after.len(), limit)
        }
        error => load::config_error(&error),
    })?;
    let written = after.strip_prefix(before.trim_end()).unwrap_or(&after).trim_start();
    if !options.json {
        print(&format!("{}\n", written.trim_end()))?;
    }
    if options.dry_run {
        eprint(&format!("nothing was written into {} (--dry-run)", path.display()));
        return Ok(());
    }
    replace_config(path, &after)?;
    let done = if *is_new { "made and written" } else { "written" };
    eprint(&format!("{done}: {}; a running daemon notices it by itself", path.display()));
    Ok(())
}

/// More sources than one file can hold.
fn too_long_error(path: &Path, count: usize, length: usize, limit: usize) -> CliError {
    let path = path.display();
    CliError::configuration(format!(
        "error: nothing was written: with {} more {path} would have {length} bytes, and a file of the \
         configuration has at most {limit}\n  split the list, import each part into an empty file of its own \
         (`touch conf.d/1.toml`, `rafid -c conf.d/1.toml import PART`), and write \
         include = [\"conf.d/*.toml\"] at the top of {path}",
        pluralize(count, "source", "sources")
    ))
}
