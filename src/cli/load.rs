//! The configuration as the command line wants it: which file, and the words that stand above it; the
//! store that it names, to write or only to read.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::CommonArgs;
use super::{CliError, EXIT_USAGE, eprint, pluralize};
use crate::config::locate::{self, locate};
use crate::config::{self, Config, ConfigError};
use crate::model::{Source, SourceId};
use crate::poller::{ConfigLoader, settings};
use crate::publish::Renderer;
use crate::store::{self, BrokenDatabase, OpenedStore, Store};

/// Which file the configuration is; an error names the places that were looked at.
pub(super) fn config_path(common: &CommonArgs) -> Result<PathBuf, CliError> {
    let located = locate(common.config.as_deref(), |name| std::env::var_os(name), Path::is_file);
    located.map_err(|nowhere| CliError::configuration(format!("error: {nowhere}")))
}

/// Loads the configuration with the command line's words in force, for who asks no publisher: secrets that
/// are kept elsewhere may be missing, as they are in an operator's shell. What is unwise in it is summed up
/// in a line: `check` shows it whole.
pub(super) fn load_config(common: &CommonArgs) -> Result<Config, CliError> {
    let path = config_path(common)?;
    finish_loading(common, &path, config::load_without_secrets(&path))
}

/// The same for who asks publishers: a secret that is not there is a mistake.
pub(super) fn load_config_for_fetching(common: &CommonArgs) -> Result<Config, CliError> {
    let path = config_path(common)?;
    finish_loading(common, &path, config::load(&path))
}

fn finish_loading(
    common: &CommonArgs,
    path: &Path,
    loaded: Result<Config, ConfigError>,
) -> Result<Config, CliError> {
    let config = loaded.map_err(|error| config_error(&error))?;
    report_note_count(&config, path);
    Ok(apply_args(config, common))
}

fn report_note_count(config: &Config, path: &Path) {
    if !config.notes.is_empty() {
        let count = pluralize(config.notes.len(), "warning", "warnings");
        eprint(&format!("{}: {count}; `rafid check` shows them", path.display()));
    }
}

/// A configuration as far as it can be understood.
pub(super) struct LenientConfig {
    /// What is understood, with the command line's words in force.
    pub(super) config: Config,
    /// Why the file is refused; `None`: it is not.
    pub(super) error: Option<CliError>,
}

impl LenientConfig {
    /// Says that the file is refused, though the daemon answers.
    pub(super) fn warn_if_refused(&self) {
        if let Some(refused) = &self.error {
            eprint(&refused.message);
            eprint("warning: the running daemon answers by what the file said when it read it\n");
        }
    }

    /// The configuration, where the whole file can be used.
    pub(super) fn into_config(self) -> Result<Config, CliError> {
        match self.error {
            Some(refused) => Err(refused),
            None => Ok(self.config),
        }
    }
}

/// The configuration for what a running daemon can answer, whatever the file has become since it started.
/// Only a file that is not there is an error.
pub(super) fn load_config_leniently(common: &CommonArgs) -> Result<LenientConfig, CliError> {
    let path = config_path(common)?;
    match config::load_without_secrets(&path) {
        Ok(config) => {
            report_note_count(&config, &path);
            Ok(LenientConfig { config: apply_args(config, common), error: None })
        }
        Err(error @ ConfigError::Missing { .. }) => Err(config_error(&error)),
        Err(error) => {
            let config = apply_args(config::load_leniently(&path), common);
            Ok(LenientConfig { config, error: Some(config_error(&error)) })
        }
    }
}

/// Why a configuration is refused, for people: mistakes in colour, what the system says in words.
pub(super) fn config_error(error: &ConfigError) -> CliError {
    let text = match (error, std::error::Error::source(error)) {
        // Colours that a terminal does not want are taken out again on the way there.
        (ConfigError::Invalid(_), _) => error.colored(),
        (ConfigError::Unreadable { source, .. }, Some(reason))
            if source.kind() == ErrorKind::PermissionDenied =>
        {
            format!(
                "error: {error}: {reason}\n  run this as the user that the daemon runs as, or as root; \
                 `rafid status` and `rafid search` answer without the file while a daemon runs"
            )
        }
        (_, Some(reason)) => format!("error: {error}: {reason}"),
        (_, None) => format!("error: {error}"),
    };
    CliError::configuration(text)
}

/// Reads the same file again, with the same words in force.
pub(super) fn config_loader(common: &CommonArgs, config: &Config) -> ConfigLoader {
    let (common, path) = (common.clone(), config.path.clone());
    Arc::new(move || config::load(&path).map(|config| apply_args(config, &common)))
}

/// The source that a word of the command line names by its id.
pub(super) fn find_source<'a>(config: &'a Config, word: &str) -> Result<&'a Arc<Source>, CliError> {
    SourceId::new(word).ok().and_then(|id| config.source(&id)).ok_or_else(|| {
        let message =
            format!("error: no source has the id {word:?}: see `rafid status` for the ids");
        CliError { code: EXIT_USAGE, message }
    })
}

pub(super) fn apply_args(mut config: Config, common: &CommonArgs) -> Config {
    if let Some(folder) = &common.data {
        config.store.path.clone_from(folder);
    }
    if let Some(listen) = common.listen {
        config.serve.listen = listen;
    }
    config
}

/// Who answers for the store while no daemon does. The store is only read.
pub(super) fn open_renderer(config: &Config) -> Result<Renderer, CliError> {
    Ok(Renderer {
        store: open_store_copy(config, &[])?,
        site: Arc::new(settings::build_site(config, None)),
        started_at: jiff::Timestamp::now(),
        config_error: None,
        search: None,
    })
}

/// Opens a copy of the store, which is not changed, and of what else is named of its folder.
pub(super) fn open_store_copy(config: &Config, beside: &[&str]) -> Result<Store, CliError> {
    check_for_earlier_store(config)?;
    let opened = Store::open_copy(&settings::store_settings(config), beside);
    opened.map_err(|error| CliError::working(format!("error: {error}")))
}

/// The store was beside the file, whatever the file's folder, until its place followed that folder. What
/// stands there must neither be lost in silence nor be taken for the one that is used.
fn check_for_earlier_store(config: &Config) -> Result<(), CliError> {
    let folder = config.path.parent().unwrap_or(Path::new("/"));
    let (earlier, now) = (locate::store_beside_config(folder), &config.store.path);
    let is_default = *now == locate::default_store_folder(folder, |name| std::env::var_os(name));
    let is_there = |place: &Path| store::database_exists(place).ok();
    if !is_default || earlier == *now || is_there(&earlier) != Some(true) {
        return Ok(());
    }
    let (earlier, now) = (earlier.display(), now.display());
    if is_there(&config.store.path) == Some(false) {
        return Err(CliError::configuration(format!(
            "error: the store of this configuration is looked for in {now}, where there is none; an earlier \
             one stands in {earlier}\n  to go on with it, move what is in that folder there, or write path = \
             \"data\" under [store]; to begin a new one, delete that folder"
        )));
    }
    tracing::warn!(%earlier, used = %now, "an earlier store stands beside the configuration; it is not used");
    Ok(())
}

/// What root writes into another user's store, that user may be unable to read at its next start.
fn warn_if_other_owner(folder: &Path) {
    let uid_of = |path: &Path| std::fs::metadata(path).ok().map(|file| file.uid());
    let (Some(owner), Some(own)) = (uid_of(folder), uid_of(Path::new("/proc/self"))) else {
        return;
    };
    if owner != own {
        tracing::warn!(
            folder = %folder.display(),
            owner,
            "the store belongs to another user, who may be unable to read what is written now; run this as \
             that user (`sudo -u '#{owner}'`)"
        );
    }
}

/// Opens the store for writing; who else holds it, and what was set aside, is told.
pub(super) fn open_store(config: &Config) -> Result<Store, CliError> {
    check_for_earlier_store(config)?;
    warn_if_other_owner(&config.store.path);
    let opened = Store::open(&settings::store_settings(config), jiff::Timestamp::now());
    let OpenedStore { store, set_aside } =
        opened.map_err(|error| CliError::working(format!("error: {error}")))?;
    if let Some(place) = set_aside {
        tracing::error!(
            moved_to = %place.display(),
            "the store was broken and is set aside; starting with an empty one"
        );
    }
    for BrokenDatabase { path, .. } in store.broken_databases() {
        tracing::warn!(
            path = %path.display(),
            "a broken database stands there; move or delete it to end this warning"
        );
    }
    Ok(store)
}
