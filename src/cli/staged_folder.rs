//! Files → a folder that is written elsewhere first and then replaces an earlier one as a whole, so that a web
//! server never sees half of it.
//!
//! | at the target | what is done |
//! | --- | --- |
//! | nothing | the new folder is moved there |
//! | files of an earlier build, and perhaps files of others (`CNAME`) | the files of others are taken over, then the folders are exchanged at once |
//! | folders of others, or a target that cannot be moved (a mount) | the files are replaced one by one, those that link to others last |
//!
//! The list `.rafid-files` names the files of a build; files that the next build does not write are deleted.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::atomic_write;

/// The file that lists the files of a build, one per line.
const LIST_FILE: &str = ".rafid-files";

/// A folder that is being written.
pub(super) struct StagedFolder {
    /// Where it is going to be.
    target: PathBuf,
    /// Where it is written.
    staging: PathBuf,
    files: BTreeSet<String>,
}

/// How a folder was installed.
pub(super) enum InstallMethod {
    /// At once.
    AtOnce,
    /// File by file, for this reason.
    FileByFile(String),
}

impl StagedFolder {
    /// Starts a folder that replaces `dir` later: beside it, or inside it where nothing can be created beside it.
    pub(super) fn begin(dir: &Path) -> io::Result<Self> {
        let target = fs::canonicalize(dir).or_else(|_| std::path::absolute(dir))?;
        if let Some(parent) = target.parent() {
            fs::create_dir_all(parent)?;
        }
        let suffix = format!("rafid-{}", std::process::id());
        let name = target.file_name().map(|name| name.to_string_lossy().into_owned());
        let sibling = name.map(|name| target.with_file_name(format!(".{name}.{suffix}")));
        let made = sibling.and_then(|sibling| fs::create_dir(&sibling).ok().map(|()| sibling));
        let staging = if let Some(sibling) = made {
            sibling
        } else {
            let inside = target.join(format!(".{suffix}"));
            fs::create_dir_all(&inside)?;
            inside
        };
        Ok(Self { target, staging, files: BTreeSet::new() })
    }

    /// Writes one file.
    pub(super) fn write_file(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let file = self.staging.join(path);
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::write(&file, bytes)?;
        self.files.insert(path.to_owned());
        Ok(())
    }

    /// How many files were written.
    pub(super) fn file_count(&self) -> usize {
        self.files.len()
    }

    /// Moves the folder to its target.
    pub(super) fn install(mut self) -> io::Result<InstallMethod> {
        let list: Vec<&str> = self.files.iter().map(String::as_str).collect();
        fs::write(self.staging.join(LIST_FILE), list.join("\n"))?;
        self.files.insert(LIST_FILE.to_owned());
        match self.install_at_once() {
            Ok(()) => Ok(InstallMethod::AtOnce),
            Err(reason) => {
                self.install_file_by_file()?;
                Ok(InstallMethod::FileByFile(reason.to_string()))
            }
        }
    }

    fn install_at_once(&self) -> io::Result<()> {
        if self.staging.starts_with(&self.target) {
            return Err(io::Error::other("nothing can be created beside it"));
        }
        let metadata = match fs::metadata(&self.target) {
            Ok(metadata) => metadata,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return fs::rename(&self.staging, &self.target);
            }
            Err(error) => return Err(error),
        };
        for name in self.foreign_files()? {
            let (from, to) = (self.target.join(&name), self.staging.join(&name));
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
        }
        // A folder of another user keeps its permissions as far as we may set them.
        let _ = fs::set_permissions(&self.staging, metadata.permissions());
        exchange(&self.staging, &self.target)
    }

    /// The files at the target that no build wrote.
    fn foreign_files(&self) -> io::Result<Vec<String>> {
        let before = self.files_of_earlier_build();
        let is_own_name = |name: &str| {
            let folder = format!("{name}/");
            let is_own = |file: &String| file == name || file.starts_with(&folder);
            before.iter().chain(&self.files).any(is_own)
        };
        let mut foreign = Vec::new();
        for entry in fs::read_dir(&self.target)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if is_own_name(&name) {
                continue;
            }
            if !entry.file_type()?.is_file() {
                return Err(io::Error::other(format!("it holds {name}, which is not ours")));
            }
            foreign.push(name);
        }
        Ok(foreign)
    }

    /// The files of an earlier build.
    fn files_of_earlier_build(&self) -> BTreeSet<String> {
        let list = fs::read_to_string(self.target.join(LIST_FILE)).unwrap_or_default();
        let is_within = |file: &&str| {
            Path::new(file).components().all(|it| matches!(it, std::path::Component::Normal(_)))
        };
        list.lines().filter(is_within).map(ToOwned::to_owned).collect()
    }

    /// Linked files come before the files that link to them; files of the earlier build that were not written again
    /// are deleted last.
    fn install_file_by_file(&self) -> io::Result<()> {
        let before = self.files_of_earlier_build();
        let is_linking = |file: &&String| !(file.starts_with("story/") || file.contains("older-"));
        let (linking, linked): (Vec<_>, Vec<_>) = self.files.iter().partition(is_linking);
        for file in linked.into_iter().chain(linking) {
            let (from, to) = (self.staging.join(file), self.target.join(file));
            if let Some(folder) = to.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::rename(&from, &to)
                .or_else(|_| atomic_write::write_atomically(&to, &fs::read(&from)?))?;
        }
        for file in before.difference(&self.files) {
            let path = self.target.join(file);
            if fs::remove_file(&path).is_ok()
                && let Some(folder) = path.parent().filter(|folder| *folder != self.target)
            {
                // A folder that is not empty stays.
                let _ = fs::remove_dir(folder);
            }
        }
        Ok(())
    }
}

/// Deletes the staged folder: either it was not installed, or it holds the earlier files after the exchange.
impl Drop for StagedFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.staging);
    }
}

/// Exchanges two folders at once.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        // Some file systems do not support it.
        Err(rustix::io::Errno::INVAL | rustix::io::Errno::NOSYS) => {
            exchange_in_three_steps(one, other)
        }
        done => Ok(done?),
    }
}

#[cfg(not(target_os = "linux"))]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    exchange_in_three_steps(one, other)
}

/// The same in three steps: for a moment there is no folder at the target.
fn exchange_in_three_steps(one: &Path, other: &Path) -> io::Result<()> {
    let between = one.with_extension("old");
    fs::rename(other, &between)?;
    if let Err(error) = fs::rename(one, other) {
        fs::rename(&between, other)?;
        return Err(error);
    }
    fs::rename(&between, one)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn built(dir: &Path, files: &[&str]) -> InstallMethod {
        let mut staged = StagedFolder::begin(dir).unwrap();
        for file in files {
            staged.write_file(file, file.as_bytes()).unwrap();
        }
        staged.install().unwrap()
    }

    /// The names in a folder, without its list.
    fn found(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name != LIST_FILE);
        names.sort();
        names
    }

    #[test]
    fn a_folder_replaces_an_earlier_one() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("site");
        assert!(matches!(
            built(&dir, &["index.html", "story/1/index.html"]),
            InstallMethod::AtOnce
        ));
        fs::write(dir.join("CNAME"), "news.example").unwrap();
        // A reader of the earlier folder still sees all of it.
        let before = fs::File::open(dir.join("index.html")).unwrap();
        assert!(matches!(
            built(&dir, &["index.html", "story/2/index.html"]),
            InstallMethod::AtOnce
        ));
        assert_eq!(found(&dir), ["CNAME", "index.html", "story"]);
        assert_eq!(found(&dir.join("story")), ["2"], "a file that is not written again is deleted");
        assert_eq!(found(home.path()), ["site"], "nothing is left beside it");
        drop(before);
    }

    #[test]
    fn folders_of_others_stay_and_files_are_replaced_one_by_one() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("site");
        fs::create_dir_all(dir.join("data")).unwrap();
        fs::write(dir.join("data/x"), "x").unwrap();
        assert!(matches!(
            built(&dir, &["index.html", "older-2-x.html"]),
            InstallMethod::FileByFile(_)
        ));
        assert!(matches!(
            built(&dir, &["index.html", "source/a/feed.xml"]),
            InstallMethod::FileByFile(_)
        ));
        assert_eq!(found(&dir), ["data", "index.html", "source"]);
        assert_eq!(fs::read_to_string(dir.join("data/x")).unwrap(), "x");
        assert_eq!(found(home.path()), ["site"]);
    }

    #[test]
    fn an_unfinished_folder_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("site");
        let mut staged = StagedFolder::begin(&dir).unwrap();
        staged.write_file("index.html", b"half").unwrap();
        drop(staged);
        assert!(found(home.path()).is_empty());
    }

    #[test]
    fn folders_can_be_exchanged_in_steps() {
        let home = tempfile::tempdir().unwrap();
        let (one, other) = (home.path().join("one"), home.path().join("other"));
        for folder in [&one, &other] {
            fs::create_dir(folder).unwrap();
            fs::write(folder.join("name"), folder.file_name().unwrap().as_encoded_bytes()).unwrap();
        }
        exchange_in_three_steps(&one, &other).unwrap();
        assert_eq!(fs::read_to_string(one.join("name")).unwrap(), "other");
        assert_eq!(fs::read_to_string(other.join("name")).unwrap(), "one");
    }
}
