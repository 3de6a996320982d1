//! `rafid restore`: a backup → a store, in the folder that the configuration names.

use std::cell::RefCell;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;

use super::args::CommonArgs;
use super::backup::{describe, describe_progress};
use super::export_args::RestoreArgs;
use super::progress_line::ProgressLine;
use super::{CliError, eprint, load, print_json};
use crate::poller::settings;
use crate::store::{RestoreChoice, restore_backup};

/// Restores the backup.
pub(super) fn run(common: &CommonArgs, args: &RestoreArgs) -> Result<(), CliError> {
    let started = Instant::now();
    let config = load::load_config(common)?;
    load::warn_if_other_owner(&config.store.path);
    let choice = RestoreChoice { replaces_store: args.force, accepts_damage: args.force };
    let progress = RefCell::new(ProgressLine::new(true));
    let restored = restore_backup(
        &args.file,
        &settings::store_settings(&config),
        choice,
        Timestamp::now(),
        &|it| progress.borrow_mut().show(|| describe_progress("read", it)),
    );
    drop(progress);
    let restored = restored.map_err(|error| CliError::working(format!("error: {error}")))?;
    let (contents, folder) = (restored.contents, config.store.path.display().to_string());
    let lost = contents.expected_records.map(|written| written.saturating_sub(contents.records));
    if args.json {
        return print_json(&json!({
            "schema_version": 1,
            "folder": folder,
            "entries": contents.entries,
            "sources": contents.sources,
            "records": contents.records,
            "damaged_blocks": contents.damaged_blocks,
            "lost_records": lost,
            "taken_at": contents.taken_at.map(|at| at.to_string()),
            "set_aside": restored.set_aside.map(|path| path.display().to_string()),
            "seconds": started.elapsed().as_secs_f64(),
        }));
    }
    let taken = contents.taken_at.map(|at| format!(", as of {at:.0}")).unwrap_or_default();
    eprint(&format!("{} restored into {folder}{taken}", describe(&contents)));
    if !contents.is_intact() {
        let lost = lost.map_or_else(|| "an unknown number of".to_owned(), |it| it.to_string());
        eprint(&format!("warning: the backup is damaged: {lost} records could not be restored"));
    }
    if let Some(aside) = restored.set_aside {
        eprint(&format!("the store of before is set aside in {}", aside.display()));
    }
    Ok(())
}
