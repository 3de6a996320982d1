//! `rafid parse`: a file or standard input → what is understood of it, or why it is no feed.

use std::io::Read;
use std::path::Path;

use super::args::Parse;
use super::{Failed, print_json, understood};
use crate::feed::model::Document;
use crate::feed::pipeline::{self, Hints};

/// Reads the document and prints the reading.
pub(super) fn run(asked: &Parse) -> Result<(), Failed> {
    let bytes = bytes_of(&asked.file)?;
    let document =
        Document { bytes, content_type: asked.content_type.clone(), url: asked.url.clone() };
    let hints = Hints {
        charset: asked.charset.as_deref(),
        timezone: asked.timezone.as_deref(),
        language: None,
        page: None,
    };
    let (reading, words) = pipeline::explain(&document, hints).map_err(|error| {
        let (file, stage) = (asked.file.display(), error.stage().as_str());
        Failed::working(format!("error: {file}: {stage}: {error}"))
    })?;
    print_json(&understood::json_feed(&reading, &words))
}

fn bytes_of(file: &Path) -> Result<Vec<u8>, Failed> {
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
