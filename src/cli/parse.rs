//! `rafid parse`: a file or standard input → what is understood of it, or why it is no feed.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use jiff::Timestamp;
use url::Url;

use super::args::{Common, Parse};
use super::{Failed, load, print_json, understood};
use crate::feed::model::{Document, Location, Source};
use crate::feed::pipeline::{self, Hints};

/// Reads the document and prints the reading; the configuration is read only for a source in it.
pub(super) fn run(common: &Common, asked: &Parse) -> Result<(), Failed> {
    let source = asked.source.as_deref().map(|id| named(common, id)).transpose()?;
    let known = source.as_deref().map(Hints::of).unwrap_or_default();
    let hints = Hints {
        charset: asked.charset.as_deref().or(known.charset),
        timezone: asked.timezone.as_deref().or(known.timezone),
        clock: asked.clock.unwrap_or(known.clock),
        read_at: Some(Timestamp::now()),
        ..known
    };
    let document = Document {
        bytes: bytes_of(&asked.file)?,
        content_type: asked.content_type.clone(),
        url: asked.url.clone().or_else(|| source.as_deref().and_then(address_of)),
    };
    let (reading, words) = pipeline::explain(&document, hints).map_err(|error| {
        let (file, stage) = (asked.file.display(), error.stage().as_str());
        Failed::working(format!("error: {file}: {stage}: {error}"))
    })?;
    print_json(&understood::json_feed(&reading, &words))
}

fn named(common: &Common, id: &str) -> Result<Arc<Source>, Failed> {
    load::source(&load::config(common)?, id).cloned()
}

fn address_of(source: &Source) -> Option<Url> {
    match &source.location {
        Location::Web(url) => Some(url.clone()),
        Location::File(_) => None,
    }
}

/// The bytes of a file, or of standard input for `-`.
pub(super) fn bytes_of(file: &Path) -> Result<Vec<u8>, Failed> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => {
            Err(Failed::working(format!("error: cannot read {}: {error}", file.display())))
        }
    }
}
