//! `rafid build`: every output → static files in a folder, from the store or, when a daemon holds
//! it, from the daemon.

use std::fs;
use std::path::Path;

use super::args::Common;
use super::{Failed, ask, load, tell, write};
use crate::daemon::publish::paths_of;
use crate::daemon::run::translate;
use crate::feed::render;

/// Writes the files; those of an earlier build that are no longer wanted are left alone.
pub(super) fn run(common: &Common, dir: &Path) -> Result<(), Failed> {
    let config = load::config(common)?;
    let paths = paths_of(&translate::edition(&config, None));
    let files: Vec<(String, Vec<u8>)> = if let Some(base) = ask::daemon(&config)? {
        let asked: Vec<String> =
            paths.iter().map(|(path, _)| path.trim_end_matches("index.html").to_owned()).collect();
        let bodies = ask::get_all(&base, &asked)?;
        paths.into_iter().map(|(path, _)| path).zip(bodies).collect()
    } else {
        let press = load::press(&config)?;
        let mut files = Vec::new();
        for (path, wanted) in paths {
            files.extend(ask::printed(&press, &wanted)?.map(|body| (path, body)));
        }
        files
    };
    for (path, bytes) in files.iter().map(|(path, bytes)| (path.as_str(), bytes.as_slice())) {
        put(dir, path, bytes)?;
    }
    for asset in render::ASSETS {
        put(dir, asset.file, asset.bytes)?;
    }
    let count = files.len() + render::ASSETS.len();
    tell(&format!("{count} files written into {}", dir.display()));
    Ok(())
}

fn put(dir: &Path, path: &str, bytes: &[u8]) -> Result<(), Failed> {
    let file = dir.join(path);
    let made = file.parent().map_or(Ok(()), fs::create_dir_all);
    made.and_then(|()| write::whole(&file, bytes)).map_err(|error| {
        Failed::working(format!("error: cannot write {}: {error}", file.display()))
    })
}
