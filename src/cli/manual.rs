//! `rafid completions` and `rafid man`: the grammar of the command line → shell completions and man pages.

use std::path::Path;

use clap::CommandFactory;

use super::args::Arguments;
use super::{CliError, print};
use crate::config::manual_page;

/// Prints completions for a shell.
pub(super) fn print_completions(shell: clap_complete::Shell) -> Result<(), CliError> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), "rafid", &mut script);
    print(&String::from_utf8_lossy(&script))
}

/// Writes a man page for the program, one for each command, and one for `feeds.toml`.
pub(super) fn write_man_pages(dir: &Path) -> Result<(), CliError> {
    let written = std::fs::create_dir_all(dir)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), dir))
        .and_then(|()| std::fs::write(dir.join("feeds.toml.5"), manual_page()));
    written.map_err(|error| {
        CliError::working(format!("error: cannot write into {}: {error}", dir.display()))
    })
}
