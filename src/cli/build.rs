//! `rafid build`: the whole site → static files in a folder, from the store or, when a daemon holds it, from
//! the daemon. Every link leads to a file of the folder or to another site.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use super::args::CommonArgs;
use super::staged_folder::{InstallMethod, StagedFolder};
use super::{CliError, daemon_client, eprint, load};
use crate::http::Resource;
use crate::poller::settings;
use crate::publish::{linked_files, site_files};
use crate::render;

/// Writes the files aside and puts them in the place of those of an earlier build.
pub(super) fn run(common: &CommonArgs, dir: &Path) -> Result<(), CliError> {
    let config = load::load_config(common)?;
    let failed = |error: std::io::Error| {
        CliError::working(format!("error: cannot write {}: {error}", dir.display()))
    };
    let mut aside = StagedFolder::begin(dir).map_err(failed)?;
    let mut walk = SiteCrawl::new(site_files(&settings::build_site(&config, None)));
    let mut put = |path: &str, bytes: &[u8]| aside.write_file(path, bytes).map_err(failed);
    if let Some(base) = daemon_client::find_daemon(&config)? {
        daemon_client::fetch_site_files(&config, &base, &mut |bytes| {
            walk.next_file(bytes, &mut put)
        })?;
    } else {
        let press = load::open_renderer(&config)?;
        let mut bytes = None;
        while let Some(path) = walk.next_file(bytes.take(), &mut put)? {
            bytes = daemon_client::render_locally(&press, &Resource::SiteFile(path))?;
        }
    }
    for asset in render::ASSETS {
        put(asset.file, asset.bytes)?;
    }
    let count = aside.file_count();
    if let InstallMethod::FileByFile(reason) = aside.install().map_err(failed)? {
        eprint(&format!(
            "{} cannot be replaced as a whole ({reason}): its files were replaced one by one",
            dir.display()
        ));
    }
    eprint(&format!("{count} files written into {}", dir.display()));
    Ok(())
}

/// The files of a folder, those that others lead to behind them.
struct SiteCrawl {
    queue: VecDeque<String>,
    seen: BTreeSet<String>,
    /// The one that was asked for last.
    requested: Option<String>,
}

impl SiteCrawl {
    fn new(files: Vec<String>) -> Self {
        Self { seen: files.iter().cloned().collect(), queue: files.into(), requested: None }
    }

    /// Takes the bytes of the file that was asked for, and tells which one is asked for next.
    fn next_file(
        &mut self,
        bytes: Option<Vec<u8>>,
        put: &mut impl FnMut(&str, &[u8]) -> Result<(), CliError>,
    ) -> Result<Option<String>, CliError> {
        if let (Some(path), Some(bytes)) = (self.requested.take(), bytes) {
            for file in linked_files(&path, &String::from_utf8_lossy(&bytes)) {
                if self.seen.insert(file.clone()) {
                    self.queue.push_back(file);
                }
            }
            put(&path, &bytes)?;
        }
        self.requested = self.queue.pop_front();
        Ok(self.requested.clone())
    }
}
