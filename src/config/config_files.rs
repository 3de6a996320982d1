//! The path of the main file → all files of the configuration, for watching them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use rafid_feed::hash::Digest;
use toml::de::{DeTable, DeValue};

use super::file_text::read_config_text_leniently;
use super::include::{expand_pattern, identity_of_file};
use super::locate::folder_of;
use super::site_keys::INCLUDE;

/// The files that a configuration is made of. Included files are looked up at each call: they come and go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigFiles {
    main: PathBuf,
    folder: PathBuf,
    patterns: Vec<String>,
}

impl ConfigFiles {
    /// The files of the configuration at `path`. A main file that cannot be read includes nothing.
    pub fn from_main_file(path: &Path) -> Self {
        let patterns = parse_patterns(&read_config_text_leniently(path));
        Self { main: path.to_owned(), folder: folder_of(path), patterns }
    }

    /// The main file.
    pub fn main(&self) -> &Path {
        &self.main
    }

    /// The files that are included at this moment, in their order, each once. Folders that cannot be read have none.
    pub fn included(&self) -> Vec<PathBuf> {
        let mut seen = BTreeSet::from([identity_of_file(&self.main)]);
        let names = self
            .patterns
            .iter()
            .flat_map(|pattern| expand_pattern(&self.folder, pattern).unwrap_or_default());
        let paths = names.map(|name| self.folder.join(name));
        paths.filter(|path| seen.insert(identity_of_file(path))).collect()
    }
}

/// A hash of the texts of all files, the main one first: whether files still hold what a configuration was made of.
pub fn hash_of_texts<T: AsRef<[u8]>>(texts: impl IntoIterator<Item = T>) -> [u8; 16] {
    let mut digest = Digest::new("rafid configuration 1");
    for text in texts {
        digest.add_with_length(text);
    }
    digest.to_128()
}

/// The patterns of a main file, which may have mistakes.
fn parse_patterns(text: &str) -> Vec<String> {
    let (root, _) = DeTable::parse_recoverable(text);
    let Some(DeValue::Array(members)) = root.get_ref().get(INCLUDE).map(toml::Spanned::get_ref)
    else {
        return Vec::new();
    };
    let patterns = members.iter().filter_map(|member| member.get_ref().as_str());
    patterns.map(|pattern| pattern.trim().to_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn included_files_are_found_as_they_come() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("feeds.toml");
        std::fs::write(
            &path,
            "include = [\"*.list\", 1, \"x/y.toml\", \"a.list\", \"*.toml\"]\n[broken",
        )
        .unwrap();
        let files = ConfigFiles::from_main_file(&path);
        assert_eq!(files.main(), path);
        assert!(files.included().is_empty());
        let list = folder.path().join("a.list");
        std::fs::write(&list, "").unwrap();
        std::fs::write(folder.path().join("b.list"), "").unwrap();
        assert_eq!(files.included(), [list, folder.path().join("b.list")]);
        std::fs::write(&path, "").unwrap();
        assert!(ConfigFiles::from_main_file(&path).included().is_empty());
        let none = ConfigFiles::from_main_file(&folder.path().join("none"));
        assert!(none.included().is_empty());
    }
}
