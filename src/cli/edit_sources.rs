//! `rafid set`, `enable`, `disable` and `remove`: sources and what changes about them → the files of the configuration,
//! with everything else as it was.

use super::args::CommonArgs;
use super::config_texts::ConfigTexts;
use super::source_args::{EditSourcesArgs, SetArgs};
use super::{CliError, EXIT_USAGE, eprint};
use crate::config::key_assignment::parse_assignments;
use crate::config::source_edit::SourceEdit;

/// Removes sources.
pub(super) fn remove_sources(common: &CommonArgs, args: &EditSourcesArgs) -> Result<(), CliError> {
    edit_sources(common, args, &SourceEdit::Remove)?;
    if !args.options.dry_run {
        eprint("what is stored of them stays until it is too old (`keep` in [store])");
    }
    Ok(())
}

/// Enables sources.
pub(super) fn enable_sources(common: &CommonArgs, args: &EditSourcesArgs) -> Result<(), CliError> {
    edit_sources(common, args, &SourceEdit::Enable)
}

/// Disables sources.
pub(super) fn disable_sources(common: &CommonArgs, args: &EditSourcesArgs) -> Result<(), CliError> {
    edit_sources(common, args, &SourceEdit::Disable)
}

/// Sets keys of one source.
pub(super) fn set_keys(common: &CommonArgs, args: &SetArgs) -> Result<(), CliError> {
    let keys = parse_assignments(&args.assignments)
        .map_err(|error| CliError { code: EXIT_USAGE, message: format!("error: {error}") })?;
    let changes_id = keys.iter().any(|edit| edit.key == "id");
    let texts = apply_edit(common, [&args.source], &SourceEdit::SetKeys(keys))?;
    texts.write(args.options)?;
    if changes_id {
        eprint("a source with another id is a new source: what is stored stays with the old one");
    }
    Ok(())
}

fn edit_sources(
    common: &CommonArgs,
    args: &EditSourcesArgs,
    edit: &SourceEdit,
) -> Result<(), CliError> {
    // In the order of the command line, each once.
    let mut ids: Vec<&String> = Vec::new();
    for id in &args.sources {
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    apply_edit(common, ids, edit)?.write(args.options)
}

/// The texts with an edit of these sources.
fn apply_edit<'a>(
    common: &CommonArgs,
    ids: impl IntoIterator<Item = &'a String>,
    edit: &SourceEdit,
) -> Result<ConfigTexts, CliError> {
    let mut texts = ConfigTexts::read(common)?;
    for id in ids {
        if !texts.edit(id, edit)? {
            eprint(&format!("{id}: nothing to change"));
        }
    }
    Ok(texts)
}
