//! `rafid edit`: a file of the configuration → the operator's editor, on a copy → the file, once the whole configuration
//! was checked with it. A copy with mistakes is edited again, or kept for the next `rafid edit`.

use std::fs::{self, OpenOptions};
use std::io::{self, BufRead, ErrorKind, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::args::CommonArgs;
use super::config_texts::{ConfigTexts, write_config};
use super::find_feeds::is_interactive;
use super::source_args::EditArgs;
use super::{CliError, eprint, load};
use crate::config::{self, FileDraft};

/// The editor where neither `VISUAL` nor `EDITOR` names one (POSIX has no other).
const DEFAULT_EDITOR: &str = "vi";

/// Opens the editor until the copy has no mistakes, or the operator gives up.
pub(super) fn run(common: &CommonArgs, args: &EditArgs) -> Result<(), CliError> {
    let texts = ConfigTexts::read(common)?;
    let (path, before) = match &args.source {
        Some(id) => texts.file_of_source(id)?,
        None => texts.main_file(),
    };
    let main = texts.main_file().0;
    let copy = EditedCopy::create(path, before)?;
    loop {
        open_editor(&copy.path)?;
        let text = copy.read()?;
        if text == before {
            copy.remove();
            eprint(&format!("nothing was changed in {}", path.display()));
            return Ok(());
        }
        let draft = FileDraft { path: path.to_owned(), text };
        match config::parse_with_drafts(main, std::slice::from_ref(&draft)) {
            Ok(_) => return copy.install(path, before, &draft.text),
            Err(error) => {
                let mut refused = load::config_error(&error);
                if !is_interactive() || !wants_to_edit_again(&refused.message)? {
                    refused.message.push_str(&copy.advice(path));
                    return Err(refused);
                }
            }
        }
    }
}

/// The copy that is edited.
struct EditedCopy {
    path: PathBuf,
}

impl EditedCopy {
    /// A copy beside the file, for its owner alone; or the one of an earlier edit that had mistakes. Its name begins
    /// with a dot, so that no pattern of `include` takes it for a list.
    fn create(file: &Path, text: &str) -> Result<Self, CliError> {
        let stem = file.file_stem().unwrap_or_default().to_string_lossy();
        let path = file.with_file_name(format!(".{stem}.edit.toml"));
        let created = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        match created.and_then(|mut copy| copy.write_all(text.as_bytes())) {
            Ok(()) => {}
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {
                let (path, file) = (path.display(), file.display());
                eprint(&format!(
                    "{path} is left of an earlier edit and is opened again; delete it to begin with {file}"
                ));
            }
            Err(error) => {
                let message = format!(
                    "error: cannot write {}: {error}\n  run this as the user that {} belongs to, or as root",
                    path.display(),
                    file.display()
                );
                return Err(CliError::working(message));
            }
        }
        Ok(Self { path })
    }

    fn read(&self) -> Result<String, CliError> {
        fs::read_to_string(&self.path).map_err(|error| {
            CliError::working(format!("error: cannot read {}: {error}", self.path.display()))
        })
    }

    /// Puts the text in place of the file, if no one changed that meanwhile.
    fn install(&self, file: &Path, before: &str, text: &str) -> Result<(), CliError> {
        if fs::read_to_string(file).is_ok_and(|now| now != before) {
            let message = format!("error: {} was changed meanwhile", file.display());
            return Err(CliError::working(message + &self.advice(file)));
        }
        write_config(file, text)?;
        self.remove();
        Ok(())
    }

    fn advice(&self, file: &Path) -> String {
        format!(
            "\n{} stays as it was; your edit is kept in {}: `rafid edit` opens it again",
            file.display(),
            self.path.display()
        )
    }

    fn remove(&self) {
        // A copy that stays is opened by the next edit.
        let _ = fs::remove_file(&self.path);
    }
}

/// Runs the operator's editor and waits for its end. Its name may have arguments, as the shell splits them.
fn open_editor(path: &Path) -> Result<(), CliError> {
    let named = |name: &str| std::env::var(name).ok().filter(|words| !words.trim().is_empty());
    let editor = named("VISUAL").or_else(|| named("EDITOR"));
    let editor = editor.unwrap_or_else(|| DEFAULT_EDITOR.to_owned());
    let status = Command::new("sh").arg("-c").arg(format!("{editor} \"$0\"")).arg(path).status();
    let failed = |reason: String| {
        Err(CliError::working(format!(
            "error: the editor `{editor}` {reason}\n  name another one in VISUAL or EDITOR; {} keeps what was edited",
            path.display()
        )))
    };
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => failed(format!("failed: {status}")),
        Err(error) => failed(format!("cannot be started: {error}")),
    }
}

/// Shows the mistakes and prompts. The end of the input means no.
fn wants_to_edit_again(mistakes: &str) -> Result<bool, CliError> {
    eprint(mistakes);
    let _ = write!(io::stderr(), "edit again? [Y/n]: ");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    let read = read.map_err(|error| CliError::working(format!("error: no answer: {error}")))?;
    Ok(read > 0 && !matches!(line.trim().to_ascii_lowercase().as_str(), "n" | "no" | "q"))
}
