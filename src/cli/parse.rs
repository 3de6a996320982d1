//! `rafid parse`: a file or standard input → the parsed feed as JSON, or why it is not a feed.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{Document, ReadHints};
use rafid_feed::pipeline;
use url::Url;

use super::args::{CommonArgs, ParseArgs};
use super::{CliError, load, parsed_json, print_json};
use crate::model::{Location, Source};

/// Parses the document and prints the result; the configuration is read only for `--source`.
pub(super) fn run(common: &CommonArgs, args: &ParseArgs) -> Result<(), CliError> {
    let source = args.source.as_deref().map(|id| load_source(common, id)).transpose()?;
    let from_source = source.as_deref().map(Source::read_hints).unwrap_or_default();
    let hints = ReadHints {
        charset: args.charset.as_deref().or(from_source.charset),
        timezone: args.timezone.as_deref().or(from_source.timezone),
        clock: args.clock.unwrap_or(from_source.clock),
        read_at: Some(Timestamp::now()),
        ..from_source
    };
    let document = Document {
        bytes: read_file_or_stdin(&args.file)?,
        content_type: args.content_type.clone(),
        url: args.url.clone().or_else(|| source.as_deref().and_then(web_url)),
    };
    let (reading, raw_values) =
        pipeline::read_feed_with_raw_values(&document, hints).map_err(|error| {
            let (file, stage) = (args.file.display(), error.stage().as_str());
            CliError::working(format!("error: {file}: {stage}: {error}"))
        })?;
    print_json(&parsed_json::reading_as_json_feed(&reading, &raw_values))
}

fn load_source(common: &CommonArgs, id: &str) -> Result<Arc<Source>, CliError> {
    load::find_source(&load::load_config(common)?, id).cloned()
}

fn web_url(source: &Source) -> Option<Url> {
    match &source.location {
        Location::Web(url) => Some(url.clone()),
        Location::File(_) => None,
    }
}

/// The bytes of a file, or of standard input for `-`.
pub(super) fn read_file_or_stdin(file: &Path) -> Result<Vec<u8>, CliError> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            Err(CliError::working(format!("error: cannot read {}: {error}", file.display())))
        }
    }
}
