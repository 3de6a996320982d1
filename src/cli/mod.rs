//! The command line: words → one of the commands → an exit code. One small file per subcommand.
//!
//! Standard output is for data, standard error for everything else. Exit codes: 0 success, 1 failure
//! while working, 2 wrong usage (clap's), 78 wrong configuration (`EX_CONFIG` of sysexits.h).

mod add;
mod args;
mod article;
mod atomic_write;
mod build;
mod check;
mod daemon_client;
mod explain;
mod export;
mod filter;
mod find_feeds;
mod healthcheck;
mod import;
mod load;
mod log;
mod malloc;
mod manual;
mod parse;
mod parsed_json;
mod poll;
mod probe;
mod progress;
mod run;
mod search;
mod staged_folder;
mod status;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use args::{Arguments, Command};

/// Why a command ended without success.
#[derive(Debug)]
pub struct CliError {
    code: u8,
    message: String,
}

/// Exit code of a failure while working.
const EXIT_FAILURE: u8 = 1;
/// Exit code of wrong usage, as clap has it.
const EXIT_USAGE: u8 = 2;
/// Exit code of a wrong configuration.
const EXIT_CONFIG: u8 = 78;

impl CliError {
    fn working(message: impl Into<String>) -> Self {
        Self { code: EXIT_FAILURE, message: message.into() }
    }

    fn configuration(message: impl Into<String>) -> Self {
        Self { code: EXIT_CONFIG, message: message.into() }
    }
}

/// Runs the program: reads the words it was called with, does what they say.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let common = &arguments.common;
    log::start_logging(common);
    let done = match &arguments.command {
        None | Some(Command::Run) => run::run(common),
        Some(Command::Poll(words)) => poll::run(common, words),
        Some(Command::Check { json, no_store }) => check::run(common, *json, *no_store),
        Some(Command::Add(words)) => add::run(common, words),
        Some(Command::Import { file, dry_run }) => import::run(common, file, *dry_run),
        Some(Command::Export { .. }) => export::run(common),
        Some(Command::Build { dir }) => build::run(common, dir),
        Some(Command::Parse(words)) => parse::run(common, words),
        Some(Command::Filter(words)) => filter::run(common, words),
        Some(Command::Explain(words)) => explain::run(common, words),
        Some(Command::Article(words)) => article::run(common, words),
        Some(Command::Probe { url, json }) => probe::run(common, url, *json),
        Some(Command::Search(words)) => search::run(common, words),
        Some(Command::Status { json }) => status::run(common, *json),
        Some(Command::Healthcheck) => healthcheck::run(common),
        Some(Command::Completions { shell }) => manual::print_completions(*shell),
        Some(Command::Man { dir }) => manual::write_man_pages(dir),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            if !failed.message.is_empty() {
                // Nobody is left to tell when standard error is gone.
                let _ = writeln!(anstream::stderr(), "{}", failed.message);
            }
            ExitCode::from(failed.code)
        }
    }
}

/// Threads for names, files, reading and rendering at most: the service's unit allows 128 tasks,
/// and a name that cannot be resolved holds its thread for seconds.
const BLOCKING_THREADS: usize = 64;

/// A runtime for commands that wait on the network.
fn start_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build();
    built.map_err(|error| CliError::working(format!("error: the system gives no threads: {error}")))
}

/// Prints text to standard output; a reader that left early (`| head`) is no failure.
fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::working(format!("error: standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints one JSON document, indented.
fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    // Our own shapes always serialise.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    print(&text)
}

/// Tells the user something on standard error.
fn eprint(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Words of unknown direction for standard output: on a terminal isolated, so that they do not turn the
/// line around (UAX #9: FSI and PDI). Elsewhere a program reads them, and gets the words alone.
fn bidi_isolate(words: &str) -> String {
    bidi_isolate_for_stream(&io::stdout(), words)
}

/// The same for standard error.
fn bidi_isolate_for_stderr(words: &str) -> String {
    bidi_isolate_for_stream(&io::stderr(), words)
}

fn bidi_isolate_for_stream(stream: &impl IsTerminal, words: &str) -> String {
    if stream.is_terminal() { format!("\u{2068}{words}\u{2069}") } else { words.to_owned() }
}

/// A number with its noun: `1 source`, `2 sources`, `0 categories`.
fn pluralize(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let shown = [0, 1, 2].map(|count| pluralize(count, "category", "categories"));
        assert_eq!(shown, ["0 categories", "1 category", "2 categories"]);
    }
}
