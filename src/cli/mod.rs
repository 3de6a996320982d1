//! The command line: arguments → one of the commands → an exit code. One small file per subcommand.
//!
//! Standard output is for data, standard error for everything else. Exit codes: 0 success, 1 failure while
//! working, 2 wrong usage (the code of clap), 78 wrong configuration (`EX_CONFIG` of sysexits.h).

mod access_args;
mod add;
mod additions;
mod args;
mod article;
mod atomic_write;
mod backup;
mod build;
mod check;
mod config_texts;
mod country;
mod daemon_client;
mod daemon_stream;
mod edit_config;
mod edit_sources;
mod editable_config;
mod explain;
mod export;
mod export_args;
mod export_entries;
mod filter;
mod find_feeds;
mod healthcheck;
mod help;
mod import;
mod init;
mod list;
mod list_outputs;
mod load;
mod log;
mod log_filter;
mod manual;
mod open_while_serving;
mod output_file;
mod output_token;
mod parquet;
mod parse;
mod parse_args;
mod passwd;
mod poll;
mod poll_by_daemon;
mod probe;
mod progress;
mod progress_line;
mod recovery_log;
mod restore;
mod run;
mod search;
mod source_args;
mod staged_folder;
mod status;
mod time_argument;

use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use clap::FromArgMatches;
use serde::Serialize;

use access_args::OutputCommand;
use args::{Arguments, Command};

/// Why a command ended without success.
#[derive(Debug)]
pub struct CliError {
    code: u8,
    message: String,
}

/// Exit code of a failure while working.
const EXIT_FAILURE: u8 = 1;
/// Exit code of wrong usage, the same as clap's.
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

/// Runs the program: parses the arguments and runs the command that they name.
pub fn main() -> ExitCode {
    let matches = help::command_for(std::env::args_os()).get_matches();
    let arguments = Arguments::from_arg_matches(&matches).unwrap_or_else(|error| error.exit());
    let common = &arguments.common;
    let is_daemon = matches!(arguments.command, None | Some(Command::Run));
    log::start_logging(common, is_daemon);
    let done = match &arguments.command {
        None | Some(Command::Run) => run::run(common),
        Some(Command::Poll(args)) => poll::run(common, args),
        Some(Command::Check { json, no_store }) => check::run(common, *json, *no_store),
        Some(Command::Add(args)) => add::run(common, args),
        Some(Command::Import { file, options }) => import::run(common, file, *options),
        Some(Command::Export(args)) => export::run(common, args),
        Some(Command::Backup(args)) => backup::run(common, args),
        Some(Command::Restore(args)) => restore::run(common, args),
        Some(Command::Build { dir, json }) => build::run(common, dir, *json),
        Some(Command::Parse(args)) => parse::run(common, args),
        Some(Command::Filter(args)) => filter::run(common, args),
        Some(Command::Explain(args)) => explain::run(common, args),
        Some(Command::Article(args)) => article::run(common, args),
        Some(Command::Probe { url, json }) => probe::run(common, url, *json),
        Some(Command::Search(args)) => search::run(common, args),
        Some(Command::Status(args)) => status::run(common, args),
        Some(Command::Init(args)) => init::run(common, args),
        Some(Command::List(args)) => list::run(common, args),
        Some(Command::Set(args)) => edit_sources::set_keys(common, args),
        Some(Command::Enable(args)) => edit_sources::enable_sources(common, args),
        Some(Command::Disable(args)) => edit_sources::disable_sources(common, args),
        Some(Command::Remove(args)) => edit_sources::remove_sources(common, args),
        Some(Command::Edit(args)) => edit_config::run(common, args),
        Some(Command::Output(args)) => match &args.command {
            OutputCommand::List(args) => list_outputs::run(common, args),
            OutputCommand::Token(args) => output_token::run(common, args),
        },
        Some(Command::Passwd(args)) => passwd::run(args),
        Some(Command::Healthcheck) => healthcheck::run(common),
        Some(Command::Completions { shell }) => manual::print_completions(*shell),
        Some(Command::Man { dir }) => manual::write_man_pages(dir),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            if !error.message.is_empty() {
                // A standard error that is closed cannot report its own loss.
                let _ = writeln!(anstream::stderr(), "{}", error.message);
            }
            ExitCode::from(error.code)
        }
    }
}

/// The most threads for DNS, files, parsing and rendering: the systemd unit allows 128 tasks, and a host name
/// that cannot be resolved occupies its thread for seconds.
const BLOCKING_THREADS: usize = 64;

/// A runtime for commands that wait on the network.
fn start_runtime() -> Result<tokio::runtime::Runtime, CliError> {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .build();
    built.map_err(|error| CliError::working(format!("error: the system gives no threads: {error}")))
}

/// Prints text to standard output; a reader that closes early (`| head`) is not a failure.
fn print(text: &str) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(CliError::working(format!("error: standard output cannot be written: {error}")))
        }
        _ => Ok(()),
    }
}

/// Prints text with colors, which are removed where standard output does not show them.
fn print_styled(text: &str) -> Result<(), CliError> {
    let choice = anstream::AutoStream::choice(&io::stdout());
    let mut plain = anstream::AutoStream::new(Vec::new(), choice);
    // Writing into memory cannot fail.
    let _ = plain.write_all(text.as_bytes());
    print(&String::from_utf8_lossy(&plain.into_inner()))
}

/// Prints one JSON document, indented.
fn print_json(value: &impl Serialize) -> Result<(), CliError> {
    // Our own types always serialize.
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    print(&text)
}

/// Prints a line to standard error.
fn eprint(text: &str) {
    // A standard error that is closed cannot report its own loss.
    let _ = writeln!(anstream::stderr(), "{text}");
}

/// Text of unknown direction for standard output. On a terminal it is isolated (UAX #9: FSI and PDI), so that it
/// does not reorder the line. Elsewhere a program reads it and gets the text alone.
fn bidi_isolate(text: &str) -> String {
    bidi_isolate_for_stream(&io::stdout(), text)
}

/// The same for standard error.
fn bidi_isolate_for_stderr(text: &str) -> String {
    bidi_isolate_for_stream(&io::stderr(), text)
}

fn bidi_isolate_for_stream(stream: &impl IsTerminal, text: &str) -> String {
    if stream.is_terminal() { format!("\u{2068}{text}\u{2069}") } else { text.to_owned() }
}

/// A number with its noun: `1 source`, `2 sources`, `0 categories`.
fn pluralize(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nouns_agree_with_their_number() {
        let shown = [0, 1, 2].map(|count| pluralize(count, "category", "categories"));
        assert_eq!(shown, ["0 categories", "1 category", "2 categories"]);
    }
}
