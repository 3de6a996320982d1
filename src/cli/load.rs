//! The configuration as the command line wants it: which file, and the words that stand above it; the
//! store that it names.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Common;
use super::{Failed, USAGE, counted, tell};
use crate::config::locate::locate;
use crate::config::{self, Config, ConfigError};
use crate::daemon::publish::Press;
use crate::daemon::run::{Reread, translate};
use crate::daemon::store::{Opened, Store};
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
    if !config.notes.is_empty() {
        let count = counted(config.notes.len(), "warning", "warnings");
        tell(&format!("{}: {count}; `rafid check` shows them", path.display()));
    }
    Ok(with_words(config, common))
}

/// Why a configuration is refused, for people: mistakes in colour, what the system says in words.
pub(super) fn refused(error: &ConfigError) -> Failed {
    let text = match (error, std::error::Error::source(error)) {
        // Colours that a terminal does not want are taken out again on the way there.
        (ConfigError::Mistakes(_), _) => error.coloured(),
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

/// Who answers for the store while no daemon does.
pub(super) fn press(config: &Config) -> Result<Press, Failed> {
    Ok(Press {
        store: store(config)?,
        edition: Arc::new(translate::edition(config, None)),
        started_at: jiff::Timestamp::now(),
        config_error: None,
        search: None,
    })
}

/// Opens the store; who else holds it, and what was set aside, is told.
pub(super) fn store(config: &Config) -> Result<Store, Failed> {
    let opened = Store::open(&translate::store_settings(config), jiff::Timestamp::now());
    let Opened { store, set_aside } =
        opened.map_err(|error| Failed::working(format!("error: {error}")))?;
    if let Some(place) = set_aside {
        tracing::error!(
            moved_to = %place.display(),
            "the store was broken and is set aside; starting with an empty one"
        );
    }
    Ok(store)
}
