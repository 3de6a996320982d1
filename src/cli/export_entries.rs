//! `rafid export --format jsonl|parquet`: the stored entries → a file for researchers, from the running daemon or
//! else from the store. `docs/export.md` has the columns.

use std::io::{self, ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rafid_feed::dates::parse_zone;
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::args::CommonArgs;
use super::daemon_stream::{StreamFailure, incomplete_error, stream_as_operator};
use super::export_args::ExportArgs;
use super::output_file::{FileAccess, OutputFile};
use super::parquet::ParquetWriter;
use super::progress_line::ProgressLine;
use super::time_argument::TimeArgument;
use super::{CliError, EXIT_USAGE, daemon_client, eprint, load, pluralize};
use crate::config::Config;
use crate::model::{ExportFilter, SourceId};
use crate::publish::{EXPORT_COLUMNS, ExportError, ExportSummary};
use crate::query::Query;

/// The format of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum EntryFormat {
    /// One JSON object a line.
    Lines,
    /// Apache Parquet.
    Parquet,
}

/// Writes the entries.
pub(super) fn run(
    common: &CommonArgs,
    args: &ExportArgs,
    format: EntryFormat,
) -> Result<(), CliError> {
    let path = args.output.clone().unwrap_or_else(|| PathBuf::from("-"));
    let is_terminal = path == Path::new("-") && io::stdout().is_terminal();
    if format == EntryFormat::Parquet && is_terminal {
        return Err(usage_error("Parquet is no text: write it into a file with --output"));
    }
    let loaded = load::load_config_leniently(common)?;
    let filter = filter_from_args(args, &loaded.config)?;
    let daemon = daemon_client::find_daemon_leniently(&loaded)?;
    let output = OutputFile::create(&path, FileAccess::Usual)?;
    let mut writer =
        EntryWriter::new(output, format, !is_terminal).map_err(|error| output_error(&error))?;
    let written = if let Some(base) = daemon {
        loaded.warn_if_refused();
        let path = request_path(&filter);
        let streamed = stream_as_operator(&loaded.config, &base, &path, &mut writer);
        match streamed {
            Ok(()) if writer.summary.is_none() => Err(incomplete_error(&base)),
            Ok(()) => Ok(()),
            Err(StreamFailure::Daemon(error)) => Err(error),
            Err(StreamFailure::Output(error)) => Err(output_error(&error)),
        }
    } else {
        let renderer = load::open_renderer(&loaded.into_config()?)?;
        match renderer.export_entries(&filter, &mut writer) {
            Ok(_) => Ok(()),
            Err(ExportError::Output(error)) => Err(output_error(&error)),
            Err(error) => Err(CliError::working(format!("error: {error}"))),
        }
    };
    match written {
        // A reader that closes early (`| head`) is not a failure.
        Err(_) if writer.is_reader_gone => Ok(()),
        Err(error) => Err(error),
        Ok(()) => report(writer, &path),
    }
}

fn report(writer: EntryWriter, path: &Path) -> Result<(), CliError> {
    let summary = writer.summary.unwrap_or(ExportSummary { exported: 0, unreadable: 0 });
    let is_reader_gone = writer.is_reader_gone;
    match writer.finish() {
        Ok(()) => {}
        Err(error) if is_reader_gone || error.kind() == ErrorKind::BrokenPipe => return Ok(()),
        Err(error) => return Err(output_error(&error)),
    }
    let count = usize::try_from(summary.exported).unwrap_or(usize::MAX);
    let place = if path == Path::new("-") {
        "written".to_owned()
    } else {
        format!("written into {}", path.display())
    };
    eprint(&format!("{} {place}", pluralize(count, "entry", "entries")));
    if summary.unreadable > 0 {
        eprint(&format!(
            "warning: {} of the store cannot be read and are left out; see the log",
            summary.unreadable
        ));
    }
    Ok(())
}

fn usage_error(message: &str) -> CliError {
    CliError { code: EXIT_USAGE, message: format!("error: {message}") }
}

fn output_error(error: &io::Error) -> CliError {
    CliError::working(format!("error: the export cannot be written: {error}"))
}

fn filter_from_args(args: &ExportArgs, config: &Config) -> Result<ExportFilter, CliError> {
    if let Some(query) = &args.query {
        Query::parse(query)
            .map_err(|error| usage_error(&format!("{query:?} is no query: {error}")))?;
    }
    let zone = config.site.timezone.as_deref().and_then(parse_zone).unwrap_or(TimeZone::UTC);
    let now = Timestamp::now();
    let resolve = |time: Option<TimeArgument>| {
        let Some(time) = time else { return Ok(None) };
        let at = time.resolve(now, &zone);
        at.map(Some).ok_or_else(|| usage_error("no clock shows this time"))
    };
    let sources = args.source.iter().map(|id| {
        // Entries of a source that is no longer configured are stored for a while.
        SourceId::new(id).map_err(|error| usage_error(&format!("{id:?} is no source: {error}")))
    });
    let (since, until) = (resolve(args.since)?, resolve(args.until)?);
    let sources = sources.collect::<Result<_, _>>()?;
    Ok(ExportFilter { since, until, sources, query: args.query.clone() })
}

fn request_path(filter: &ExportFilter) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    let times = [("since", filter.since), ("until", filter.until)];
    for (key, at) in times.into_iter().filter_map(|(key, at)| Some((key, at?))) {
        query.append_pair(key, &at.to_string());
    }
    for id in &filter.sources {
        query.append_pair("source", id.as_str());
    }
    if let Some(words) = &filter.query {
        query.append_pair("query", words);
    }
    format!("export.jsonl?{}", query.finish())
}

/// Lines of JSON, in pieces of any size → the file.
struct EntryWriter {
    file: EntryFile,
    /// The part of a line whose end has not arrived.
    line: Vec<u8>,
    count: u64,
    /// The last line; `None`: it has not arrived.
    summary: Option<ExportSummary>,
    is_reader_gone: bool,
    progress: ProgressLine,
}

enum EntryFile {
    Lines(io::BufWriter<OutputFile>),
    Parquet(Box<ParquetWriter<io::BufWriter<OutputFile>>>),
}

impl EntryWriter {
    fn new(output: OutputFile, format: EntryFormat, shows_progress: bool) -> io::Result<Self> {
        let output = io::BufWriter::new(output);
        let file = match format {
            EntryFormat::Lines => EntryFile::Lines(output),
            EntryFormat::Parquet => {
                EntryFile::Parquet(Box::new(ParquetWriter::new(output, EXPORT_COLUMNS)?))
            }
        };
        let (line, count, summary) = (Vec::new(), 0, None);
        let progress = ProgressLine::new(shows_progress);
        Ok(Self { file, line, count, summary, is_reader_gone: false, progress })
    }

    /// Writes a line, which ends with its line feed.
    fn write_line(&mut self, line: &[u8]) -> io::Result<()> {
        if line.starts_with(b"{\"exported\":") {
            self.summary = Some(serde_json::from_slice(line)?);
            return Ok(());
        }
        match &mut self.file {
            EntryFile::Lines(out) => out.write_all(line)?,
            EntryFile::Parquet(file) => {
                file.push_row(&serde_json::from_slice::<Map<String, Value>>(line)?)?;
            }
        }
        self.count += 1;
        let count = self.count;
        self.progress.show(|| format!("{count} entries"));
        Ok(())
    }

    fn finish(self) -> io::Result<()> {
        let out = match self.file {
            EntryFile::Lines(out) => out,
            EntryFile::Parquet(file) => file.finish()?,
        };
        let output = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        output.finish().map_err(|error| io::Error::other(error.message))
    }
}

impl Write for EntryWriter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut pieces = bytes.split_inclusive(|byte| *byte == b'\n');
        let written = pieces.try_for_each(|piece| {
            self.line.extend_from_slice(piece);
            if !piece.ends_with(b"\n") {
                return Ok(());
            }
            let line = std::mem::take(&mut self.line);
            self.write_line(&line)
        });
        self.is_reader_gone |=
            written.as_ref().is_err_and(|error| error.kind() == ErrorKind::BrokenPipe);
        written.map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
