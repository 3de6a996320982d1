//! The arguments of the commands that write the data of the store into a file, or read it back: `export`, `backup`,
//! `restore`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::time_argument::{TimeArgument, parse_time_argument};

/// Print the sources or the entries.
#[derive(Debug, Args)]
pub(super) struct ExportArgs {
    /// What is written
    #[arg(long, value_enum, default_value_t = ExportFormat::Opml)]
    pub format: ExportFormat,
    /// The same as --format opml, which is the default
    #[arg(long, conflicts_with = "format")]
    pub opml: bool,
    /// Only entries first seen at this time or later: 24h (ago), 2026-11-01, 2026-11-01T08:30:00Z
    #[arg(long, value_name = "TIME", value_parser = parse_time_argument)]
    pub since: Option<TimeArgument>,
    /// Only entries first seen before this time
    #[arg(long, value_name = "TIME", value_parser = parse_time_argument)]
    pub until: Option<TimeArgument>,
    /// Only entries that this query finds (docs/search.md)
    #[arg(long, value_name = "QUERY", allow_hyphen_values = true)]
    pub query: Option<String>,
    /// Only entries of this source (its id); several times: of these sources
    #[arg(long, value_name = "ID")]
    pub source: Vec<String>,
    /// The file, written completely or not at all; - for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// What `export` writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ExportFormat {
    /// The sources as OPML 2.0; on standard error what the list leaves out.
    Opml,
    /// The stored entries, one JSON object a line.
    Jsonl,
    /// The stored entries as Apache Parquet.
    Parquet,
}

/// Write a backup.
#[derive(Debug, Args)]
pub(super) struct BackupArgs {
    /// The file, written completely or not at all; - for standard output
    pub file: PathBuf,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}

/// Make a store from a backup.
#[derive(Debug, Args)]
pub(super) struct RestoreArgs {
    /// The backup
    pub file: PathBuf,
    /// Set the present store aside, if there is one, and restore what a damaged backup still holds
    #[arg(long)]
    pub force: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
}
