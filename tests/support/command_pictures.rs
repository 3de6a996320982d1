//! Commands in a folder of their own, and what a terminal shows of them, compared with a picture in
//! `tests/fixtures/terminal`.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::program::{err, out};

/// A folder in which commands run, and what a terminal shows of them.
pub struct Terminal {
    folder: tempfile::TempDir,
    shown: String,
}

impl Terminal {
    /// An empty folder.
    pub fn empty() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), shown: String::new() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub fn write(&self, name: &str, text: &str) {
        std::fs::write(self.path(name), text).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// Runs a command and shows what it prints.
    pub fn run(&mut self, words: &[&str]) {
        self.run_with(&[], words);
    }

    /// Runs a command and shows nothing of it.
    pub fn run_unseen(&mut self, words: &[&str]) {
        let shown = self.shown.len();
        self.run(words);
        self.shown.truncate(shown);
    }

    /// The same with variables of the environment.
    pub fn run_with(&mut self, variables: &[(&str, &str)], words: &[&str]) {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
        for name in ["RUST_LOG", "RAFID_CONFIG", "RAFID_DATA", "RAFID_LISTEN", "VISUAL", "EDITOR"] {
            command.env_remove(name);
        }
        command.envs(variables.iter().copied()).env("NO_COLOR", "1").stdin(Stdio::null());
        let output = command.args(words).current_dir(self.folder.path()).output().unwrap();
        let set: String =
            variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
        writeln!(self.shown, "$ {set}rafid {}", words.join(" ")).unwrap();
        for text in [out(&output), err(&output)] {
            let text = text.replace(&self.folder.path().display().to_string(), "/folder");
            self.shown.push_str(&text);
        }
        writeln!(self.shown, "exit {}\n", output.status.code().unwrap()).unwrap();
    }

    /// Shows a file.
    pub fn show(&mut self, name: &str) {
        let text = self.text(name);
        writeln!(self.shown, "$ cat {name}\n{text}").unwrap();
    }

    /// Compares what was shown with the picture.
    pub fn check(self, name: &str) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let golden = root.join("tests/fixtures/terminal").join(format!("{name}.txt"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            std::fs::create_dir_all(golden.parent().unwrap()).unwrap();
            std::fs::write(&golden, &self.shown).unwrap();
        }
        let expected = std::fs::read_to_string(&golden).unwrap_or_default();
        let mut lines = self.shown.lines().zip(expected.lines());
        let difference = lines.find(|(got, wanted)| got != wanted);
        assert!(self.shown == expected, "{name}: first difference (got, expected): {difference:?}");
    }
}
