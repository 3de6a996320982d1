//! The command line → its configuration (which file, and the options that override it) and the store that the
//! configuration names, for writing or only for reading.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::CommonArgs;
use super::{CliError, EXIT_USAGE, eprint, pluralize, recovery_log};
use crate::config::locate::{self, locate};
use crate::config::{self, Config, ConfigError};
use crate::model::{Source, SourceId};
use crate::poller::{ConfigLoader, settings};
use crate::publish::Renderer;
use crate::store::{self, BrokenDatabase, OpenedStore, Store, StoreOptions};

/// The path of the configuration file; an error names the places that were searched.
pub(super) fn config_path(common: &CommonArgs) -> Result<PathBuf, CliError> {
    let located = locate(common.config.as_deref(), |name| std::env::var_os(name), Path::is_file);
    located.map_err(|not_found| CliError::configuration(format!("error: {not_found}")))
}

/// Loads the configuration with the options of the command line, for commands that send no request to publishers:
/// secrets that are kept elsewhere may be missing, as they are in an operator's shell. Warnings are counted in one
/// line: `check` shows them in full.
pub(super) fn load_config(common: &CommonArgs) -> Result<Config, CliError> {
    let path = config_path(common)?;
    finish_loading(common, &path, config::load_without_secrets(&path))
}

/// The same for commands that send requests to publishers: a missing secret is a mistake.
pub(super) fn load_config_for_fetching(common: &CommonArgs) -> Result<Config, CliError> {
    let path = config_path(common)?;
    finish_loading(common, &path, config::load(&path))
}

fn finish_loading(
    common: &CommonArgs,
    path: &Path,
    loaded: Result<Config, ConfigError>,
) -> Result<Config, CliError> {
    let config = apply_args(loaded.map_err(|error| config_error(&error))?, common);
    report_note_count(&config, path);
    Ok(config)
}

fn report_note_count(config: &Config, path: &Path) {
    if !config.notes.is_empty() {
        let count = pluralize(config.notes.len(), "warning", "warnings");
        eprint(&format!("{}: {count}; `rafid check` shows them", path.display()));
    }
}

/// The valid part of a configuration.
pub(super) struct LenientConfig {
    /// That part, with the options of the command line.
    pub(super) config: Config,
    /// Why the file is refused; `None`: it is valid.
    pub(super) error: Option<CliError>,
}

impl LenientConfig {
    /// Warns that the file is refused, although the daemon answers.
    pub(super) fn warn_if_refused(&self) {
        if let Some(refused) = &self.error {
            eprint(&refused.message);
            eprint(
                "warning: the running daemon still uses the configuration that it read before\n",
            );
        }
    }

    /// The configuration, if the whole file is valid.
    pub(super) fn into_config(self) -> Result<Config, CliError> {
        match self.error {
            Some(refused) => Err(refused),
            None => Ok(self.config),
        }
    }
}

/// The configuration for commands that a running daemon can answer, even if the file has mistakes by now. Only a
/// missing file is an error.
pub(super) fn load_config_leniently(common: &CommonArgs) -> Result<LenientConfig, CliError> {
    let path = config_path(common)?;
    match config::load_without_secrets(&path) {
        Ok(config) => {
            let config = apply_args(config, common);
            report_note_count(&config, &path);
            Ok(LenientConfig { config, error: None })
        }
        Err(error @ ConfigError::Missing { .. }) => Err(config_error(&error)),
        Err(error) => {
            let config = apply_args(config::load_leniently(&path), common);
            Ok(LenientConfig { config, error: Some(config_error(&error)) })
        }
    }
}

/// Why a configuration is refused, for people: mistakes in color, or the message of the system.
pub(super) fn config_error(error: &ConfigError) -> CliError {
    let text = match (error, std::error::Error::source(error)) {
        // `anstream` removes the colors where the terminal does not show them.
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

/// Reads the same file again, with the same options of the command line.
pub(super) fn config_loader(common: &CommonArgs, config: &Config) -> ConfigLoader {
    let (common, path) = (common.clone(), config.path.clone());
    Arc::new(move || config::load(&path).map(|config| apply_args(config, &common)))
}

/// The source that an argument names by its id.
pub(super) fn find_source<'a>(config: &'a Config, word: &str) -> Result<&'a Arc<Source>, CliError> {
    SourceId::new(word)
        .ok()
        .and_then(|id| config.source(&id))
        .ok_or_else(|| unknown_source(word, config.sources.iter().map(|it| it.id.as_str())))
}

/// The source of a list that is kept elsewhere, by its id. `None`: no list names it, or the configuration has mistakes.
pub(super) fn find_listed_source(common: &CommonArgs, word: &str) -> Option<Arc<Source>> {
    let path = config_path(common).ok()?;
    let config = apply_args(config::load_without_secrets(&path).ok()?, common);
    let source = config.source(&SourceId::new(word).ok()?)?;
    source.list.as_ref().map(|_| Arc::clone(source))
}

/// The error about an id that no source has; `known` are those that sources have.
pub(super) fn unknown_source<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> CliError {
    // A slip in two letters is another word.
    let near = config::suggest_nearest(word, known).filter(|_| word.chars().count() > 2);
    let advice = match near {
        Some(near) => format!("did you mean `{near}`?"),
        None => "see `rafid list` for the ids".to_owned(),
    };
    let message = format!("error: no source has the id {word:?}: {advice}");
    CliError { code: EXIT_USAGE, message }
}

/// The configuration with the options of the command line, which take precedence, and with the tokens and the
/// copies of lists that are in the folder of its store.
pub(super) fn apply_args(mut config: Config, common: &CommonArgs) -> Config {
    if let Some(folder) = &common.data {
        config.store.path.clone_from(folder);
    }
    if let Some(listen) = common.listen {
        config.serve.listen = listen;
    }
    settings::apply_output_tokens(&mut config);
    settings::apply_lists(&mut config);
    config
}

/// What renders outputs from the store while no daemon runs. The store is only read.
pub(super) fn open_renderer(config: &Config) -> Result<Renderer, CliError> {
    Ok(Renderer {
        store: open_store_copy(config, &[])?,
        site: Arc::new(settings::build_site(config, None)),
        started_at: jiff::Timestamp::now(),
        config_error: None,
        polling_pause: None,
        polled_at: None,
        search: None,
        archives: Arc::default(),
        pictures: None,
    })
}

/// Opens a copy of the store and of the named files of its folder; the store itself does not change.
pub(super) fn open_store_copy(config: &Config, extra_files: &[&str]) -> Result<Store, CliError> {
    check_for_earlier_store(config)?;
    let opened = Store::open_copy(&settings::store_settings(config), extra_files);
    opened.map_err(|error| CliError::working(format!("error: {error}")))
}

/// Earlier versions put the store beside the configuration file, in whatever folder that was. Such a store must
/// neither be lost silently nor be taken for the store that is in use.
fn check_for_earlier_store(config: &Config) -> Result<(), CliError> {
    let folder = config.path.parent().unwrap_or(Path::new("/"));
    let (earlier, now) = (locate::store_beside_config(folder), &config.store.path);
    let is_default = *now == locate::default_store_folder(folder, |name| std::env::var_os(name));
    let has_database = |place: &Path| store::database_exists(place).ok();
    if !is_default || earlier == *now || has_database(&earlier) != Some(true) {
        return Ok(());
    }
    let (earlier, now) = (earlier.display(), now.display());
    if has_database(&config.store.path) == Some(false) {
        return Err(CliError::configuration(format!(
            "error: the store of this configuration is expected in {now}, which holds no store; an earlier one \
             is in {earlier}\n  to keep using it, move its files there, or write path = \"data\" under \
             [store]; to start a new one, delete that folder"
        )));
    }
    tracing::warn!(%earlier, used = %now, "an earlier store is beside the configuration; it is not used");
    Ok(())
}

/// Warns about a store of another user: that user may be unable to read what root writes into it.
pub(super) fn warn_if_other_owner(folder: &Path) {
    let owner_of = |path: &Path| std::fs::metadata(path).ok().map(|file| file.uid());
    let (Some(owner), Some(own)) = (owner_of(folder), owner_of(Path::new("/proc/self"))) else {
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

/// How the store of a configuration is opened for writing.
pub(super) fn store_options(config: &Config) -> Result<StoreOptions, CliError> {
    check_for_earlier_store(config)?;
    warn_if_other_owner(&config.store.path);
    let on_progress = recovery_log::extend_start;
    Ok(StoreOptions { on_progress, ..settings::store_settings(config) })
}

/// Opens the store for writing; an error names the process that has it open, and the log names broken databases.
pub(super) fn open_store(options: &StoreOptions) -> Result<Store, CliError> {
    let OpenedStore { store, recovery } = Store::open(options, jiff::Timestamp::now())
        .map_err(|error| CliError::working(format!("error: {error}")))?;
    recovery_log::log_recovery(&recovery);
    for BrokenDatabase { path, .. } in store.broken_databases() {
        tracing::warn!(
            path = %path.display(),
            "a broken database is there; move or delete it to end this warning"
        );
    }
    Ok(store)
}
