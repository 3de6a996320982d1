//! The files of a configuration → their texts; edits of them → the files, once the whole configuration was checked
//! with all of them. Nothing is written before.

use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};

use super::args::CommonArgs;
use super::source_args::EditOptions;
use super::{CliError, EXIT_USAGE, atomic_write, eprint, load, print_json, print_styled};
use crate::config::source_edit::{EditHunk, SourceEdit, edit_source, source_ids};
use crate::config::{self, ConfigFiles, FileDraft};
use crate::model::Source;

/// The texts of a configuration, before edits are written.
pub(super) struct ConfigTexts {
    /// The main file.
    path: PathBuf,
    /// All files, the main one first.
    texts: Vec<ConfigText>,
    /// What was edited so far.
    changes: Vec<ConfigEdit>,
    /// The options of the command line.
    common: CommonArgs,
}

/// A file of the configuration.
struct ConfigText {
    /// Its path, as messages show it.
    shown: PathBuf,
    text: String,
    is_edited: bool,
}

/// An edit of neighboring lines of a file.
struct ConfigEdit {
    file: PathBuf,
    hunk: EditHunk,
}

impl ConfigTexts {
    /// Reads all files. Their values may have mistakes: an edit can be what fixes them.
    pub(super) fn read(common: &CommonArgs) -> Result<Self, CliError> {
        let path = load::config_path(common)?;
        let files = ConfigFiles::from_main_file(&path);
        let folder = config::folder_of(&path);
        let beside = path.parent().unwrap_or(Path::new(""));
        let included = files.included().into_iter().map(|included| {
            included.strip_prefix(&folder).map_or_else(|_| included.clone(), |it| beside.join(it))
        });
        let mut texts = Vec::new();
        for shown in std::iter::once(path.clone()).chain(included) {
            let text = std::fs::read_to_string(&shown).map_err(|error| {
                let message = format!("error: cannot read {}: {error}", shown.display());
                CliError::configuration(message)
            })?;
            texts.push(ConfigText { shown, text, is_edited: false });
        }
        Ok(Self { path, texts, changes: Vec::new(), common: common.clone() })
    }

    /// Edits a source in the file that it stands in. Returns whether anything changed.
    pub(super) fn edit(&mut self, id: &str, edit: &SourceEdit) -> Result<bool, CliError> {
        for file in &mut self.texts {
            let edited = edit_source(&file.text, id, edit).map_err(|error| {
                let message = format!("error: {}: {error}", file.shown.display());
                CliError::configuration(message)
            })?;
            let Some(edited) = edited else { continue };
            let has_changed = !edited.hunks.is_empty();
            file.text = edited.text;
            file.is_edited |= has_changed;
            let shown = &file.shown;
            let edits = edited.hunks.into_iter();
            self.changes.extend(edits.map(|hunk| ConfigEdit { file: shown.clone(), hunk }));
            return Ok(has_changed);
        }
        Err(self.unknown_source(id))
    }

    /// The file that a source stands in, with its text.
    pub(super) fn file_of_source(&self, id: &str) -> Result<(&Path, &str), CliError> {
        let holds_source =
            |file: &&ConfigText| source_ids(&file.text).iter().any(|known| known == id);
        let file = self.texts.iter().find(holds_source).ok_or_else(|| self.unknown_source(id))?;
        Ok((&file.shown, &file.text))
    }

    fn unknown_source(&self, id: &str) -> CliError {
        if let Some(source) = load::find_listed_source(&self.common, id) {
            return from_list_error(&source);
        }
        let known: Vec<String> = self.texts.iter().flat_map(|it| source_ids(&it.text)).collect();
        load::unknown_source(id, known.iter().map(String::as_str))
    }

    /// The main file with its text.
    pub(super) fn main_file(&self) -> (&Path, &str) {
        (&self.path, self.texts.first().map_or("", |main| &main.text))
    }

    /// Checks the configuration with all edits, prints them, and writes the files.
    pub(super) fn write(&self, options: EditOptions) -> Result<(), CliError> {
        let edited: Vec<&ConfigText> = self.texts.iter().filter(|file| file.is_edited).collect();
        if !edited.is_empty() {
            self.check(&edited)?;
        }
        if options.json {
            print_json(&self.to_json(options.dry_run))?;
        } else {
            print_styled(&self.to_string())?;
        }
        for file in edited {
            if options.dry_run {
                let shown = file.shown.display();
                eprint(&format!("nothing was written into {shown} (--dry-run)"));
            } else {
                write_config(&file.shown, &file.text)?;
            }
        }
        Ok(())
    }

    /// Refuses edits that leave a configuration with mistakes. If it had none before, the words of the command are
    /// what is wrong.
    fn check(&self, edited: &[&ConfigText]) -> Result<(), CliError> {
        let draft =
            |file: &&ConfigText| FileDraft { path: file.shown.clone(), text: file.text.clone() };
        let drafts: Vec<FileDraft> = edited.iter().map(draft).collect();
        let Err(error) = config::parse_with_drafts(&self.path, &drafts) else { return Ok(()) };
        let mut refused = load::config_error(&error);
        if config::load_without_secrets(&self.path).is_ok() {
            refused.code = EXIT_USAGE;
            refused.message.push_str("\nnothing was written: this is what the edit would lead to");
        } else {
            refused.message.push_str("\nnothing was written: `rafid edit` opens the file");
        }
        Err(refused)
    }

    fn to_json(&self, is_dry_run: bool) -> Value {
        let change = |it: &ConfigEdit| {
            json!({
                "file": it.file.display().to_string(),
                "line": it.hunk.line,
                "removed": it.hunk.removed,
                "added": it.hunk.added,
            })
        };
        json!({
            "schema_version": 1,
            "written": !is_dry_run && !self.changes.is_empty(),
            "changes": self.changes.iter().map(change).collect::<Vec<_>>(),
        })
    }
}

/// What to do about a source that no file of the configuration holds.
fn from_list_error(source: &Source) -> CliError {
    let list = source.list.as_ref().map(ToString::to_string).unwrap_or_default();
    let url = source.published_location();
    let message = format!(
        "error: the source `{0}` comes from the list `{list}`, which is kept elsewhere\n  a source of your own with \
         its address takes its place:\n\n  [[source]]\n  id = \"{0}\"\n  url = \"{url}\"\n\n  and there it has any \
         key, such as `enabled = false`",
        source.id
    );
    CliError { code: EXIT_USAGE, message }
}

/// The changes as lines: those that go with `-`, those that come with `+`.
impl std::fmt::Display for ConfigTexts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let colored = |color: AnsiColor| Style::new().fg_color(Some(color.into()));
        let (red, green) = (colored(AnsiColor::Red), colored(AnsiColor::Green));
        for ConfigEdit { file, hunk } in &self.changes {
            writeln!(f, "{}:{}", file.display(), hunk.line)?;
            for line in &hunk.removed {
                writeln!(f, "{red}-{line}{red:#}")?;
            }
            for line in &hunk.added {
                writeln!(f, "{green}+{line}{green:#}")?;
            }
        }
        Ok(())
    }
}

/// Replaces a file of the configuration, and says so.
pub(super) fn write_config(path: &Path, text: &str) -> Result<(), CliError> {
    replace_config(path, text)?;
    eprint(&format!("written: {}; a running daemon notices it by itself", path.display()));
    Ok(())
}

/// Replaces a file of the configuration.
pub(super) fn replace_config(path: &Path, text: &str) -> Result<(), CliError> {
    atomic_write::write_atomically(path, text.as_bytes()).map_err(|error| {
        let advice = match error.kind() {
            std::io::ErrorKind::PermissionDenied => {
                "\n  run this as the user that the file belongs to, or as root"
            }
            _ => "",
        };
        CliError::working(format!("error: cannot write {}: {error}{advice}", path.display()))
    })
}
