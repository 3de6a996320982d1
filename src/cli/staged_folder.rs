//! A folder that is written aside and then takes the place of an earlier one as a whole, so that a web server
//! never sees half of it.
//!
//! | what stands there | what is done |
//! | --- | --- |
//! | nothing | the new folder is moved there |
//! | what an earlier build wrote, and perhaps files of others beside it (`CNAME`) | those files are taken along, then the folders change places at once |
//! | folders of others, or a place that cannot be moved (a mount) | the files are replaced one by one, those that lead to others last |
//!
//! What a build wrote is told by its list, `.rafid-files`; of that, what is written no longer goes.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use super::atomic_write;

/// The files that a build wrote, one a line.
const LIST_FILE: &str = ".rafid-files";

/// A folder that is being written.
pub(super) struct StagedFolder {
    /// Where it is to stand.
    target: PathBuf,
    /// Where it is written.
    staging: PathBuf,
    files: BTreeSet<String>,
}

/// How a folder came to its place.
pub(super) enum InstallMethod {
    /// At once.
    AtOnce,
    /// File by file, for this reason.
    FileByFile(String),
}

impl StagedFolder {
    /// Begins a folder that is to stand at `dir`: beside it, or in it where nothing can be made beside it.
    pub(super) fn begin(dir: &Path) -> io::Result<Self> {
        let place = fs::canonicalize(dir).or_else(|_| std::path::absolute(dir))?;
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        let mark = format!("rafid-{}", std::process::id());
        let name = place.file_name().map(|name| name.to_string_lossy().into_owned());
        let beside = name.map(|name| place.with_file_name(format!(".{name}.{mark}")));
        let made = beside.and_then(|beside| fs::create_dir(&beside).ok().map(|()| beside));
        let draft = if let Some(beside) = made {
            beside
        } else {
            let within = place.join(format!(".{mark}"));
            fs::create_dir_all(&within)?;
            within
        };
        Ok(Self { target: place, staging: draft, files: BTreeSet::new() })
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

    /// Puts the folder into its place.
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
            return Err(io::Error::other("nothing can be made beside it"));
        }
        let facts = match fs::metadata(&self.target) {
            Ok(facts) => facts,
            Err(error) if error.kind() == ErrorKind::NotFound => {
                return fs::rename(&self.staging, &self.target);
            }
            Err(error) => return Err(error),
        };
        for name in self.foreign_files()? {
            let (from, to) = (self.target.join(&name), self.staging.join(&name));
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop))?;
        }
        // Somebody else's folder keeps its permissions as far as we may set them.
        let _ = fs::set_permissions(&self.staging, facts.permissions());
        exchange(&self.staging, &self.target)
    }

    /// The files beside those of an earlier build.
    fn foreign_files(&self) -> io::Result<Vec<String>> {
        let before = self.files_of_earlier_build();
        let own = |name: &str| {
            let folder = format!("{name}/");
            let is_own = |file: &String| file == name || file.starts_with(&folder);
            before.iter().chain(&self.files).any(is_own)
        };
        let mut foreign = Vec::new();
        for entry in fs::read_dir(&self.target)? {
            let entry = entry?;
            let name = entry.file_name().to_string_lossy().into_owned();
            if own(&name) {
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

    /// Files that others lead to come before those, and what is written no longer goes last.
    fn install_file_by_file(&self) -> io::Result<()> {
        let before = self.files_of_earlier_build();
        let is_late = |file: &&String| !(file.starts_with("story/") || file.contains("older-"));
        let (late, early): (Vec<_>, Vec<_>) = self.files.iter().partition(is_late);
        for file in early.into_iter().chain(late) {
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
                // One that is not empty stays.
                let _ = fs::remove_dir(folder);
            }
        }
        Ok(())
    }
}

/// What was not put into its place, or what stood there before.
impl Drop for StagedFolder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.staging);
    }
}

/// Lets two folders change places at once.
#[cfg(target_os = "linux")]
fn exchange(one: &Path, other: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    match renameat_with(CWD, one, CWD, other, RenameFlags::EXCHANGE) {
        // Some file systems cannot.
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

/// The same in three steps: for a moment nothing stands there.
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
        let mut aside = StagedFolder::begin(dir).unwrap();
        for file in files {
            aside.write_file(file, file.as_bytes()).unwrap();
        }
        aside.install().unwrap()
    }

    /// What stands in a folder, without its list.
    fn found(dir: &Path) -> Vec<String> {
        let names = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<_> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.retain(|name| name != LIST_FILE);
        names.sort();
        names
    }

    #[test]
    fn a_folder_takes_the_place_of_an_earlier_one() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("site");
        assert!(matches!(
            built(&dir, &["index.html", "story/1/index.html"]),
            InstallMethod::AtOnce
        ));
        fs::write(dir.join("CNAME"), "news.example").unwrap();
        // Whoever looks at the folder of before keeps seeing all of it.
        let before = fs::File::open(dir.join("index.html")).unwrap();
        assert!(matches!(
            built(&dir, &["index.html", "story/2/index.html"]),
            InstallMethod::AtOnce
        ));
        assert_eq!(found(&dir), ["CNAME", "index.html", "story"]);
        assert_eq!(found(&dir.join("story")), ["2"], "what is written no longer goes");
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
    fn what_is_not_finished_leaves_nothing() {
        let home = tempfile::tempdir().unwrap();
        let dir = home.path().join("site");
        let mut aside = StagedFolder::begin(&dir).unwrap();
        aside.write_file("index.html", b"half").unwrap();
        drop(aside);
        assert!(found(home.path()).is_empty());
    }

    #[test]
    fn places_are_changed_in_steps_where_they_cannot_be_at_once() {
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
