//! `rafid parse`: files or standard input → each as JSON: the parsed feed, or why it is not a feed.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::json_output::{JsonContext, feed_to_json, refusal_to_json, unopened_to_json};
use rafid_feed::model::{Document, ReadHints};
use rafid_feed::{decode, pipeline};
use serde_json::Value;
use url::Url;

use super::args::CommonArgs;
use super::parse_args::ParseArgs;
use super::{CliError, eprint, load, print, print_json};
use crate::model::{Location, Source};

/// Parses every document and prints its result; the configuration is read only for `--source`. A
/// document that is no feed does not keep the next one from being read.
pub(super) fn run(common: &CommonArgs, args: &ParseArgs) -> Result<(), CliError> {
    let source = args.source.as_deref().map(|id| load_source(common, id)).transpose()?;
    let source = source.as_deref();
    let from_source = source.map(Source::read_hints).unwrap_or_default();
    let hints = ReadHints {
        charset: args.charset.as_deref().or(from_source.charset),
        timezone: args.timezone.as_deref().or(from_source.timezone),
        clock: args.clock.unwrap_or(from_source.clock),
        read_at: Some(Timestamp::now()),
        ..from_source
    };
    let mut is_complete = true;
    for file in &args.files {
        let url = args.url.clone().or_else(|| source.and_then(web_url));
        let (value, error) = parse_file(file, url, args, hints);
        if args.json_lines {
            print(&format!("{value}\n"))?;
        } else {
            print_json(&value)?;
        }
        if let Some(error) = error {
            eprint(&error);
            is_complete = false;
        }
    }
    if is_complete { Ok(()) } else { Err(CliError::working("")) }
}

/// The result of one file, and the message about it if it is no feed.
fn parse_file(
    file: &Path,
    url: Option<Url>,
    args: &ParseArgs,
    hints: ReadHints<'_>,
) -> (Value, Option<String>) {
    let name = file.display().to_string();
    let language = args.lang.advice_language();
    let context = JsonContext { file: Some(&name), language, ..JsonContext::default() };
    let bytes = match read_file_or_stdin(file) {
        Ok(bytes) => bytes,
        Err(error) => {
            let message = error.message.trim_start_matches("error: ");
            return (unopened_to_json(message, &context), Some(error.message));
        }
    };
    let document = Document { bytes, content_type: args.content_type.clone(), url };
    // The text is for quotes; it is not needed to read the feed.
    let decoded = decode::decode(&document, hints.charset).ok();
    let text = decoded.as_ref().map(|decoded| decoded.text.as_ref());
    let context = JsonContext { text, url: document.url.as_ref(), ..context };
    match pipeline::read_feed_with_raw_values(&document, hints) {
        Ok((parsed, raw_values)) => (feed_to_json(&parsed, &raw_values, &context), None),
        Err(error) => {
            let message = format!("error: {name}: {}: {error}", error.stage().as_str());
            (refusal_to_json(&error, &context), Some(message))
        }
    }
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
