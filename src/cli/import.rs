//! `rafid import`: an OPML list → sources written into the configuration; those that stand there
//! already are passed over.

use std::io::Read;
use std::path::Path;

use super::args::Common;
use super::{Failed, add, load, tell};
use crate::config::{self, NewSource, is_same_address};
use crate::feed::decode;
use crate::feed::model::{Document, Location};
use crate::feed::opml;

/// Reads the list and writes what is new.
pub(super) fn run(common: &Common, file: &Path, dry_run: bool) -> Result<(), Failed> {
    let failed = |error: &dyn std::fmt::Display| {
        Failed::working(format!("error: {}: {error}", file.display()))
    };
    let bytes = bytes_of(file).map_err(|error| failed(&error))?;
    let document = Document { bytes, ..Document::default() };
    let text = decode::decode(&document, None).map_err(|error| failed(&error))?;
    let outlines = opml::read(&text.text).map_err(|error| failed(&error))?;
    let mut there: Vec<String> = match load::path(common).ok().map(|path| config::load(&path)) {
        Some(Ok(config)) => {
            let web = config.sources.iter().filter(|s| matches!(s.location, Location::Web(_)));
            web.map(|source| source.location.to_string()).collect()
        }
        Some(Err(error)) => return Err(load::refused(&error)),
        None => Vec::new(),
    };
    let mut new = Vec::new();
    let count = outlines.len();
    for outline in outlines {
        if there.iter().any(|known| is_same_address(known, &outline.url)) {
            continue;
        }
        there.push(outline.url.clone());
        new.push(NewSource {
            url: outline.url,
            id: None,
            name: Some(outline.title).filter(|title| !title.is_empty()),
            category: outline.category,
            site: outline.site_url,
            language: outline.language,
        });
    }
    tell(&format!("{count} feeds in the list, {} of them new", new.len()));
    if new.is_empty() { Ok(()) } else { add::add_all(common, &new, dry_run) }
}

fn bytes_of(file: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == Path::new("-") {
        std::io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        std::fs::File::open(file)?.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}
