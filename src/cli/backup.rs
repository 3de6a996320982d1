//! `rafid backup`: the store → one file, from the running daemon or else from a copy of the store. The file is read
//! back before it gets its name.

use std::io::{BufWriter, IsTerminal, Write};
use std::path::Path;
use std::time::Instant;

use jiff::Timestamp;
use serde_json::json;
use url::Url;

use super::args::CommonArgs;
use super::daemon_stream::{StreamFailure, stream_as_operator};
use super::export_args::BackupArgs;
use super::load::{self, LenientConfig};
use super::output_file::{FileAccess, OutputFile};
use super::progress_line::ProgressLine;
use super::{CliError, EXIT_USAGE, daemon_client, eprint, pluralize, print_json};
use crate::store::{BackupContents, BackupProgress, inspect_backup};

/// Writes the backup.
pub(super) fn run(common: &CommonArgs, args: &BackupArgs) -> Result<(), CliError> {
    let started = Instant::now();
    let is_stdout = args.file == Path::new("-");
    let usage = if is_stdout && args.json {
        Some("standard output holds the backup itself: --json needs a file")
    } else if is_stdout && std::io::stdout().is_terminal() {
        Some("a backup is no text: name a file, or pass it on (`rafid backup - | …`)")
    } else {
        None
    };
    if let Some(usage) = usage {
        return Err(CliError { code: EXIT_USAGE, message: format!("error: {usage}") });
    }
    let loaded = load::load_config_leniently(common)?;
    let daemon = daemon_client::find_daemon_leniently(&loaded)?;
    // A backup holds the secrets of subscriptions.
    let mut output = OutputFile::create(&args.file, FileAccess::Private)?;
    let bytes = write_backup(loaded, daemon, &args.file, &mut output)?;
    let contents = output.part_path().map(|part| check_backup(part, bytes)).transpose()?;
    output.finish()?;
    match contents {
        Some(contents) if args.json => print_json(&json!({
            "schema_version": 1,
            "file": args.file.display().to_string(),
            "entries": contents.entries,
            "sources": contents.sources,
            "records": contents.records,
            "bytes": contents.bytes,
            "position": contents.position,
            "taken_at": contents.taken_at.map(|at| at.to_string()),
            "seconds": started.elapsed().as_secs_f64(),
        })),
        Some(contents) => {
            eprint(&format!("{} written into {}", describe(&contents), args.file.display()));
            Ok(())
        }
        None => {
            eprint(&format!("{} written", describe_bytes(bytes)));
            Ok(())
        }
    }
}

/// Writes the backup of the daemon, or of the store where none runs. Returns its length.
fn write_backup(
    loaded: LenientConfig,
    daemon: Option<Url>,
    path: &Path,
    output: &mut OutputFile,
) -> Result<u64, CliError> {
    let progress = ProgressLine::new(true);
    let mut counted = CountedWriter { out: BufWriter::new(output), bytes: 0, progress };
    if let Some(base) = daemon {
        loaded.warn_if_refused();
        let streamed = stream_as_operator(&loaded.config, &base, "backup", &mut counted);
        streamed.map_err(|failure| match failure {
            StreamFailure::Daemon(error) => error,
            StreamFailure::Output(error) => write_error(path, &error),
        })?;
    } else {
        let store = load::open_store_copy(&loaded.into_config()?, &[])?;
        let summary = store.write_backup(&mut counted, Timestamp::now(), &|_| {});
        let summary = summary.map_err(|error| CliError::working(format!("error: {error}")))?;
        if summary.unreadable > 0 {
            let count = summary.unreadable;
            eprint(&format!(
                "warning: {count} records of the store cannot be read and are left out"
            ));
        }
    }
    counted.flush().map_err(|error| write_error(path, &error))?;
    Ok(counted.bytes)
}

/// Reads the file back.
fn check_backup(part: &Path, bytes: u64) -> Result<BackupContents, CliError> {
    let mut progress = ProgressLine::new(true);
    let progress = std::cell::RefCell::new(&mut progress);
    let contents = inspect_backup(part, &|it| {
        progress.borrow_mut().show(|| describe_progress("checked", it));
    });
    let contents = contents.map_err(|error| CliError::working(format!("error: {error}")))?;
    if contents.is_intact() && contents.bytes == bytes {
        return Ok(contents);
    }
    Err(CliError::working(format!(
        "error: the backup is not read back as it was written ({} of its records can be read): is the disk \
         failing?",
        contents.records
    )))
}

/// `12 entries of 3 sources (1.2 MiB)`.
pub(super) fn describe(contents: &BackupContents) -> String {
    let count = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
    format!(
        "{} of {} ({})",
        pluralize(count(contents.entries), "entry", "entries"),
        pluralize(count(contents.sources), "source", "sources"),
        describe_bytes(contents.bytes)
    )
}

/// `41 % restored`.
pub(super) fn describe_progress(what: &str, progress: BackupProgress) -> String {
    match progress.total_bytes {
        Some(total) if total > 0 => format!("{} % {what}", progress.bytes * 100 / total),
        _ => format!("{} {what}", describe_bytes(progress.bytes)),
    }
}

/// `1.2 MiB`.
fn describe_bytes(bytes: u64) -> String {
    match bytes {
        ..1_024 => format!("{bytes} B"),
        1_024..1_048_576 => format!("{} KiB", bytes / 1_024),
        _ => format!("{}.{} MiB", bytes >> 20, ((bytes & 0xf_ffff) * 10) >> 20),
    }
}

fn write_error(path: &Path, error: &std::io::Error) -> CliError {
    CliError::working(format!("error: cannot write {}: {error}", path.display()))
}

/// Counts what is written and shows it.
struct CountedWriter<W> {
    out: W,
    bytes: u64,
    progress: ProgressLine,
}

impl<W: Write> Write for CountedWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let written = self.out.write(bytes)?;
        self.bytes += written as u64;
        let total = self.bytes;
        self.progress.show(|| format!("{} written", describe_bytes(total)));
        Ok(written)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_and_shares_are_readable() {
        let shown = [0, 1_023, 1_024, 1_048_575, 1_048_576, 1_572_864, 3 << 30].map(describe_bytes);
        let expected = ["0 B", "1023 B", "1 KiB", "1023 KiB", "1.0 MiB", "1.5 MiB", "3072.0 MiB"];
        assert_eq!(shown, expected);
        let at = |bytes, total_bytes| BackupProgress { records: 1, bytes, total_bytes };
        assert_eq!(describe_progress("checked", at(50, Some(200))), "25 % checked");
        assert_eq!(describe_progress("written", at(2_048, None)), "2 KiB written");
    }
}
