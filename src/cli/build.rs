//! `rafid build`: the whole site → static files in a folder, from the store or, when a daemon holds it, from
//! the daemon. Every link leads to a file of the folder or to another site.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use super::args::Common;
use super::swap::{Aside, Placed};
use super::{Failed, ask, load, tell};
use crate::daemon::publish::{files_of, more_files};
use crate::daemon::run::translate;
use crate::daemon::serve::Wanted;
use crate::feed::render;

/// Writes the files aside and puts them in the place of those of an earlier build.
pub(super) fn run(common: &Common, dir: &Path) -> Result<(), Failed> {
    let config = load::config(common)?;
    let failed = |error: std::io::Error| {
        Failed::working(format!("error: cannot write {}: {error}", dir.display()))
    };
    let mut aside = Aside::begin(dir).map_err(failed)?;
    let mut walk = Walk::new(files_of(&translate::edition(&config, None)));
    let mut put = |path: &str, bytes: &[u8]| aside.put(path, bytes).map_err(failed);
    if let Some(base) = ask::daemon(&config)? {
        ask::folder(&config, &base, &mut |bytes| walk.step(bytes, &mut put))?;
    } else {
        let press = load::press(&config)?;
        let mut bytes = None;
        while let Some(path) = walk.step(bytes.take(), &mut put)? {
            bytes = ask::printed(&press, &Wanted::File(path))?;
        }
    }
    for asset in render::ASSETS {
        put(asset.file, asset.bytes)?;
    }
    let count = aside.count();
    if let Placed::OneByOne(reason) = aside.finish().map_err(failed)? {
        tell(&format!(
            "{} cannot be replaced as a whole ({reason}): its files were replaced one by one",
            dir.display()
        ));
    }
    tell(&format!("{count} files written into {}", dir.display()));
    Ok(())
}

/// The files of a folder, those that others lead to behind them.
struct Walk {
    waiting: VecDeque<String>,
    seen: BTreeSet<String>,
    /// The one that was asked for last.
    asked: Option<String>,
}

impl Walk {
    fn new(files: Vec<String>) -> Self {
        Self { seen: files.iter().cloned().collect(), waiting: files.into(), asked: None }
    }

    /// Takes the bytes of the file that was asked for, and tells which one is asked for next.
    fn step(
        &mut self,
        bytes: Option<Vec<u8>>,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), Failed>,
    ) -> Result<Option<String>, Failed> {
        if let (Some(path), Some(bytes)) = (self.asked.take(), bytes) {
            for file in more_files(&path, &String::from_utf8_lossy(&bytes)) {
                if self.seen.insert(file.clone()) {
                    self.waiting.push_back(file);
                }
            }
            put(&path, &bytes)?;
        }
        self.asked = self.waiting.pop_front();
        Ok(self.asked.clone())
    }
}
