//! The configuration as the command line wants it: which file, and the words that stand above it; the
//! store that it names, to write or only to read.

use std::io::ErrorKind;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Common;
use super::{Failed, USAGE, counted, tell};
use crate::config::locate::{self, locate};
use crate::config::{self, Config, ConfigError};
use crate::daemon::publish::Press;
use crate::daemon::run::{Reread, translate};
use crate::daemon::store::{self, Opened, SetAside, Store};
use crate::feed::model::{Source, SourceId};

/// Which file the configuration is; an error names the places that were looked at.
pub(super) fn path(common: &Common) -> Result<PathBuf, Failed> {
    let located = locate(common.config.as_deref(), |name| std::env::var_os(name), Path::is_file);
    located.map_err(|nowhere| Failed::configuration(format!("error: {nowhere}")))
}

/// Loads the configuration with the command line's words in force, for who asks no publisher: secrets that
/// are kept elsewhere may be missing, as they are in an operator's shell. What is unwise in it is summed up
/// in a line: `check` shows it whole.
pub(super) fn config(common: &Common) -> Result<Config, Failed> {
    let path = path(common)?;
    ready(common, &path, config::load_without_secrets(&path))
}

/// The same for who asks publishers: a secret that is not there is a mistake.
pub(super) fn config_to_fetch(common: &Common) -> Result<Config, Failed> {
    let path = path(common)?;
    ready(common, &path, config::load(&path))
}

fn ready(
    common: &Common,
    path: &Path,
    loaded: Result<Config, ConfigError>,
) -> Result<Config, Failed> {
    let config = loaded.map_err(|error| refused(&error))?;
    sum_up_notes(&config, path);
    Ok(with_words(config, common))
}

fn sum_up_notes(config: &Config, path: &Path) {
    if !config.notes.is_empty() {
        let count = counted(config.notes.len(), "warning", "warnings");
        tell(&format!("{}: {count}; `rafid check` shows them", path.display()));
    }
}

/// A configuration as far as it can be understood.
pub(super) struct Understood {
    /// What is understood, with the command line's words in force.
    pub(super) config: Config,
    /// Why the file is refused; `None`: it is not.
    pub(super) refused: Option<Failed>,
}

impl Understood {
    /// Says that the file is refused, though the daemon answers.
    pub(super) fn warn(&self) {
        if let Some(refused) = &self.refused {
            tell(&refused.message);
            tell("warning: the running daemon answers by what the file said when it read it\n");
        }
    }

    /// The configuration, where the whole file can be used.
    pub(super) fn whole(self) -> Result<Config, Failed> {
        match self.refused {
            Some(refused) => Err(refused),
            None => Ok(self.config),
        }
    }
}

/// The configuration for what a running daemon can answer, whatever the file has become since it started.
/// Only a file that is not there is an error.
pub(super) fn understood(common: &Common) -> Result<Understood, Failed> {
    let path = path(common)?;
    match config::load_without_secrets(&path) {
        Ok(config) => {
            sum_up_notes(&config, &path);
            Ok(Understood { config: with_words(config, common), refused: None })
        }
        Err(error @ ConfigError::Missing { .. }) => Err(refused(&error)),
        Err(error) => {
            let config = with_words(config::salvage(&path), common);
            Ok(Understood { config, refused: Some(refused(&error)) })
        }
    }
}

/// Why a configuration is refused, for people: mistakes in colour, what the system says in words.
pub(super) fn refused(error: &ConfigError) -> Failed {
    let text = match (error, std::error::Error::source(error)) {
        // Colours that a terminal does not want are taken out again on the way there.
        (ConfigError::Mistakes(_), _) => error.coloured(),
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
    Failed::configuration(text)
}

/// Reads the same file again, with the same words in force.
pub(super) fn again(common: &Common, config: &Config) -> Reread {
    let (common, path) = (common.clone(), config.path.clone());
    Arc::new(move || config::load(&path).map(|config| with_words(config, &common)))
}

/// The source that a word of the command line names by its id.
pub(super) fn source<'a>(config: &'a Config, word: &str) -> Result<&'a Arc<Source>, Failed> {
    SourceId::new(word).ok().and_then(|id| config.source(&id)).ok_or_else(|| {
        let message =
            format!("error: no source has the id {word:?}: see `rafid status` for the ids");
        Failed { code: USAGE, message }
    })
}

pub(super) fn with_words(mut config: Config, common: &Common) -> Config {
    if let Some(folder) = &common.data {
        config.store.path.clone_from(folder);
    }
    if let Some(listen) = common.listen {
        config.serve.listen = listen;
    }
    config
}

/// Who answers for the store while no daemon does. The store is only read.
pub(super) fn press(config: &Config) -> Result<Press, Failed> {
    Ok(Press {
        store: reading(config, &[])?,
        edition: Arc::new(translate::edition(config, None)),
        started_at: jiff::Timestamp::now(),
        config_error: None,
        search: None,
    })
}

/// Opens a copy of the store, which is not changed, and of what else is named of its folder.
pub(super) fn reading(config: &Config, beside: &[&str]) -> Result<Store, Failed> {
    look_for_earlier(config)?;
    let opened = Store::open_copy(&translate::store_settings(config), beside);
    opened.map_err(|error| Failed::working(format!("error: {error}")))
}

/// The store was beside the file, whatever the file's folder, until its place followed that folder. What
/// stands there must neither be lost in silence nor be taken for the one that is used.
fn look_for_earlier(config: &Config) -> Result<(), Failed> {
    let folder = config.path.parent().unwrap_or(Path::new("/"));
    let (earlier, now) = (locate::beside(folder), &config.store.path);
    let is_default = *now == locate::store_of(folder, |name| std::env::var_os(name));
    let is_there = |place: &Path| store::is_there(place).ok();
    if !is_default || earlier == *now || is_there(&earlier) != Some(true) {
        return Ok(());
    }
    let (earlier, now) = (earlier.display(), now.display());
    if is_there(&config.store.path) == Some(false) {
        return Err(Failed::configuration(format!(
            "error: the store of this configuration is looked for in {now}, where there is none; an earlier \
             one stands in {earlier}\n  to go on with it, move what is in that folder there, or write path = \
             \"data\" under [store]; to begin a new one, delete that folder"
        )));
    }
    tracing::warn!(%earlier, used = %now, "an earlier store stands beside the configuration; it is not used");
    Ok(())
}

/// What root writes into another user's store, that user may be unable to read at its next start.
fn look_at_owner(folder: &Path) {
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
pub(super) fn store(config: &Config) -> Result<Store, Failed> {
    look_for_earlier(config)?;
    look_at_owner(&config.store.path);
    let opened = Store::open(&translate::store_settings(config), jiff::Timestamp::now());
    let Opened { store, set_aside } =
        opened.map_err(|error| Failed::working(format!("error: {error}")))?;
    if let Some(place) = set_aside {
        tracing::error!(
            moved_to = %place.display(),
            "the store was broken and is set aside; starting with an empty one"
        );
    }
    for SetAside { path, .. } in store.set_aside() {
        tracing::warn!(
            path = %path.display(),
            "a broken database stands there; move or delete it to end this warning"
        );
    }
    Ok(store)
}
