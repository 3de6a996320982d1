//! The command line: words → one of the commands → an exit code. One small file per subcommand.
//!
//! Standard output is for data, standard error for everything else. Exit codes: 0 success, 1 failure
//! while working, 2 wrong usage (clap's), 78 wrong configuration (`EX_CONFIG` of sysexits.h).

mod add;
mod arenas;
mod args;
mod article;
mod ask;
mod build;
mod check;
mod explain;
mod export;
mod filter;
mod find;
mod findings;
mod healthcheck;
mod import;
mod load;
mod log;
mod manual;
mod parse;
mod poll;
mod probe;
mod progress;
mod run;
mod search;
mod status;
mod swap;
mod understood;
mod write;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use serde::Serialize;

use args::{Arguments, Command};

/// Why a command ended without success.
#[derive(Debug)]
pub struct Failed {
    code: u8,
    message: String,
}

/// Exit code of a failure while working.
const WORKING: u8 = 1;
/// Exit code of wrong usage, as clap has it.
const USAGE: u8 = 2;
/// Exit code of a wrong configuration.
const CONFIGURATION: u8 = 78;

impl Failed {
    fn working(message: impl Into<String>) -> Self {
        Self { code: WORKING, message: message.into() }
    }

    fn configuration(message: impl Into<String>) -> Self {
        Self { code: CONFIGURATION, message: message.into() }
    }
}

/// Runs the program: reads the words it was called with, does what they say.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let common = &arguments.common;
    log::start(common);
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
        Some(Command::Completions { shell }) => manual::completions(*shell),
        Some(Command::Man { dir }) => manual::pages(dir),
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
fn runtime() -> Result<tokio::runtime::Runtime, Failed> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build();
    built.map_err(|error| Failed::working(format!("error: the system gives no threads: {error}")))
}

/// Prints text to standard output; a reader that left early (`| head`) is no failure.
fn print(text: &str) -> Result<(), Failed> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failed::working(format!("error: standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints one JSON document, indented.
fn print_json(value: &impl Serialize) -> Result<(), Failed> {
    // Our own shapes always serialise.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    print(&text)
}

/// Tells the user something on standard error.
fn tell(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Words of unknown direction for standard output: on a terminal isolated, so that they do not turn the
/// line around (UAX #9: FSI and PDI). Elsewhere a program reads them, and gets the words alone.
fn isolated(words: &str) -> String {
    isolated_on(&io::stdout(), words)
}

/// The same for standard error.
fn isolated_in_message(words: &str) -> String {
    isolated_on(&io::stderr(), words)
}

fn isolated_on(stream: &impl IsTerminal, words: &str) -> String {
    if stream.is_terminal() { format!("\u{2068}{words}\u{2069}") } else { words.to_owned() }
}

/// A number with its noun: `1 source`, `2 sources`, `0 categories`.
fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one() {
        let shown = [0, 1, 2].map(|count| counted(count, "category", "categories"));
        assert_eq!(shown, ["0 categories", "1 category", "2 categories"]);
    }
}
