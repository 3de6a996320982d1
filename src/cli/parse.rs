//! `rafid parse`: a file or standard input → what is understood of it, or why it is no feed.

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

/// Reads the document and prints the reading; the configuration is read only for a source in it.
pub(super) fn run(common: &CommonArgs, asked: &ParseArgs) -> Result<(), CliError> {
    let source = asked.source.as_deref().map(|id| load_source(common, id)).transpose()?;
    let known = source.as_deref().map(Source::read_hints).unwrap_or_default();
    let hints = ReadHints {
        charset: asked.charset.as_deref().or(known.charset),
        timezone: asked.timezone.as_deref().or(known.timezone),
        clock: asked.clock.unwrap_or(known.clock),
        read_at: Some(Timestamp::now()),
        ..known
    };
    let document = Document {
        bytes: read_file_or_stdin(&asked.file)?,
        content_type: asked.content_type.clone(),
        url: asked.url.clone().or_else(|| source.as_deref().and_then(web_url)),
    };
    let (reading, words) =
        pipeline::read_feed_with_raw_values(&document, hints).map_err(|error| {
            let (file, stage) = (asked.file.display(), error.stage().as_str());
            CliError::working(format!("error: {file}: {stage}: {error}"))
        })?;
    print_json(&parsed_json::reading_as_json_feed(&reading, &words))
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
