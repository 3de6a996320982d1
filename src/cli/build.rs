//! `rafid build`: the whole site → static files in a folder, from the running daemon or else from the store. Every
//! link leads to a file of the folder or to another site.

use std::collections::{BTreeSet, VecDeque};
use std::path::Path;

use serde_json::json;

use super::args::CommonArgs;
use super::staged_folder::{InstallMethod, StagedFolder};
use super::{CliError, daemon_client, eprint, load, print_json};
use crate::http::Resource;
use crate::poller::settings;
use crate::publish::{linked_files, site_files};
use crate::render::{self, web_manifest};

/// Writes the files into a staged folder, which then replaces the files of an earlier build.
pub(super) fn run(common: &CommonArgs, dir: &Path, json: bool) -> Result<(), CliError> {
    let config = load::load_config(common)?;
    let write_error = |error: std::io::Error| {
        CliError::working(format!("error: cannot write {}: {error}", dir.display()))
    };
    let mut staged = StagedFolder::begin(dir).map_err(write_error)?;
    let site = settings::build_site(&config, None);
    let mut crawl = SiteCrawl::new(site_files(&site));
    let mut write = |path: &str, bytes: &[u8]| staged.write_file(path, bytes).map_err(write_error);
    if let Some(base) = daemon_client::find_daemon(&config)? {
        daemon_client::fetch_site_files(&config, &base, &mut |bytes| {
            crawl.next_file(bytes, &mut write)
        })?;
    } else {
        let renderer = load::open_renderer(&config)?;
        let mut bytes = None;
        while let Some(path) = crawl.next_file(bytes.take(), &mut write)? {
            bytes = daemon_client::render_locally(&renderer, &Resource::SiteFile(path))?;
        }
    }
    for asset in render::ASSETS {
        write(asset.file, asset.bytes)?;
    }
    let manifest = web_manifest::render_web_manifest(&site.frame());
    write(web_manifest::FILE, manifest.as_bytes())?;
    let count = staged.file_count();
    let installed = staged.install().map_err(write_error)?;
    if json {
        let is_whole = !matches!(installed, InstallMethod::FileByFile(_));
        let folder = dir.display().to_string();
        print_json(&json!({
            "schema_version": 1,
            "folder": folder,
            "files": count,
            "replaced_as_a_whole": is_whole,
        }))?;
    }
    if let InstallMethod::FileByFile(reason) = installed {
        eprint(&format!(
            "{} cannot be replaced as a whole ({reason}): its files were replaced one by one",
            dir.display()
        ));
    }
    eprint(&format!("{count} files written into {}", dir.display()));
    Ok(())
}

/// The files of a site: those that are known from the start, then those that they link to.
struct SiteCrawl {
    queue: VecDeque<String>,
    seen: BTreeSet<String>,
    /// The one that was requested last.
    requested: Option<String>,
}

impl SiteCrawl {
    fn new(files: Vec<String>) -> Self {
        Self { seen: files.iter().cloned().collect(), queue: files.into(), requested: None }
    }

    /// Takes the bytes of the file that was requested last. Returns the file to request next.
    fn next_file(
        &mut self,
        bytes: Option<Vec<u8>>,
        write: &mut impl FnMut(&str, &[u8]) -> Result<(), CliError>,
    ) -> Result<Option<String>, CliError> {
        if let (Some(path), Some(bytes)) = (self.requested.take(), bytes) {
            for file in linked_files(&path, &String::from_utf8_lossy(&bytes)) {
                if self.seen.insert(file.clone()) {
                    self.queue.push_back(file);
                }
            }
            write(&path, &bytes)?;
        }
        self.requested = self.queue.pop_front();
        Ok(self.requested.clone())
    }
}
