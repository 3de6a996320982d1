//! The patterns of `include` → the files that they name, with their texts.
//!
//! | pattern | files |
//! | --- | --- |
//! | `conf.d/*.toml` | those of the folder whose names match, sorted by name: `*` is any letters, `?` is one |
//! | `lists/sport.toml` | this file |
//!
//! Patterns begin at the folder of the main file. As in a shell, a name that begins with a dot needs a pattern that
//! begins with one: drafts of editors have such names. A file that several patterns name is included once, and the
//! main file never. A pattern that names no file is no mistake: a folder may be empty, or come later.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, ErrorKind};
use std::ops::Range;
use std::path::{Path, PathBuf};

use super::common_values::{check_count, parse_list};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::diagnostic_report::ConfigError;
use super::file_text::{FileDraft, check_length, read_config_text};
use super::value::{ConfigValue, ParseKey};

/// More files are no lists that people keep, and each is looked at every second.
const MAX_INCLUDED_FILES: usize = 1_000;
/// The included files together: sixteen of the largest, enough for half a million sources.
const MAX_INCLUDED_BYTES: usize = 64 << 20;

/// The keys at the top of the main file.
#[derive(Default)]
pub(super) struct TopKeys {
    /// The patterns of `include`.
    pub(super) include: Vec<IncludePattern>,
}

pub(super) const TOP_PARSERS: &[(&str, ParseKey<TopKeys>)] = &[("include", |top, value| {
    let found = parse_list(value, parse_pattern)?;
    check_count(value, found.len(), "patterns")?;
    top.include =
        found.into_iter().map(|(pattern, span)| IncludePattern { pattern, span }).collect();
    Ok(())
})];

/// A pattern with its place in the main file.
pub(super) struct IncludePattern {
    pub(super) pattern: String,
    pub(super) span: Range<usize>,
}

/// An included file.
pub(super) struct IncludedFile {
    /// Its path, as messages show it.
    pub(super) shown: PathBuf,
    /// Its text.
    pub(super) text: String,
}

/// Where files are included from.
pub(super) struct MainFile<'a> {
    /// The path of the main file, as messages show it.
    pub(super) shown: &'a Path,
    /// Its path in the file system.
    pub(super) path: &'a Path,
    /// Its folder in the file system.
    pub(super) folder: &'a Path,
    /// Texts that are read in place of included files.
    pub(super) drafts: &'a [FileDraft],
}

fn parse_pattern(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let text = value.text_line()?;
    let path = Path::new(&text);
    let folder = path.parent().unwrap_or(Path::new("")).to_string_lossy();
    if path.file_name().is_none() || text.ends_with('/') {
        return Err(value
            .error("expected a file, found a folder")
            .with_help("write \"conf.d/*.toml\""));
    }
    if has_wildcard(&folder) {
        let help = "write a pattern for each folder";
        return Err(value.error("`*` and `?` stand in the name of a file alone").with_help(help));
    }
    Ok(text)
}

fn has_wildcard(text: &str) -> bool {
    text.contains(['*', '?'])
}

/// The included files in order, what is wrong with them, and what is unwise.
pub(super) fn read_included_files(
    patterns: &[IncludePattern],
    main: &MainFile<'_>,
) -> (Vec<IncludedFile>, Diagnostics, Diagnostics) {
    let mut reader = IncludeReader::default();
    reader.seen.insert(identity_of_file(main.path));
    let drafts = main.drafts.iter();
    reader.drafts = drafts.map(|it| (identity_of_file(&it.path), it.text.as_str())).collect();
    for IncludePattern { pattern, span } in patterns {
        let before = reader.files.len();
        if let Err(message) = reader.read_pattern(pattern, main) {
            let message = format!("`include`: {message}");
            reader.diagnostics.push(Diagnostic::at(span.clone(), message));
        } else if reader.files.len() == before {
            let message = format!("`include`: no further file matches `{pattern}`");
            let help = "the path begins at the folder of the file that it stands in";
            reader.notes.push(Diagnostic::at(span.clone(), message).with_help(help));
        }
    }
    (reader.files, reader.diagnostics, reader.notes)
}

#[derive(Default)]
struct IncludeReader<'a> {
    drafts: BTreeMap<PathBuf, &'a str>,
    seen: BTreeSet<PathBuf>,
    files: Vec<IncludedFile>,
    bytes_count: usize,
    diagnostics: Diagnostics,
    notes: Diagnostics,
}

impl IncludeReader<'_> {
    fn read_pattern(&mut self, pattern: &str, main: &MainFile<'_>) -> Result<(), String> {
        let names = expand_pattern(main.folder, pattern)
            .map_err(|error| format!("cannot read the folder of `{pattern}`: {error}"))?;
        for name in names {
            let path = main.folder.join(&name);
            let identity = identity_of_file(&path);
            let draft = self.drafts.get(&identity).copied();
            if !self.seen.insert(identity) {
                continue;
            }
            if self.files.len() == MAX_INCLUDED_FILES {
                return Err(format!("expected at most {MAX_INCLUDED_FILES} files in all"));
            }
            let shown = main.shown.parent().unwrap_or(Path::new("")).join(&name);
            let text = match draft {
                Some(draft) => check_length(draft, &shown).map(|()| draft.to_owned()),
                None => read_config_text(&path, &shown),
            };
            let text = text.map_err(|error| match error {
                ConfigError::Unreadable { source, .. } => {
                    format!("cannot read {}: {source}", shown.display())
                }
                other => other.to_string(),
            })?;
            self.bytes_count += text.len();
            if self.bytes_count > MAX_INCLUDED_BYTES {
                return Err(format!("expected at most {MAX_INCLUDED_BYTES} bytes in all files"));
            }
            self.files.push(IncludedFile { shown, text });
        }
        Ok(())
    }
}

/// What two paths of one file have in common.
pub(super) fn identity_of_file(path: &Path) -> PathBuf {
    std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())
}

/// The files that a pattern names, relative to `folder` like the pattern, sorted by name.
///
/// # Errors
/// When the folder exists and cannot be read.
pub(super) fn expand_pattern(folder: &Path, pattern: &str) -> io::Result<Vec<PathBuf>> {
    let pattern = Path::new(pattern);
    let Some(name_pattern) = pattern.file_name().and_then(|name| name.to_str()) else {
        return Ok(Vec::new());
    };
    // A link to a file counts as the file; a pipe would block.
    let is_file = |path: &Path| std::fs::metadata(path).is_ok_and(|found| found.is_file());
    if !has_wildcard(name_pattern) {
        let found = is_file(&folder.join(pattern)).then(|| pattern.to_owned());
        return Ok(found.into_iter().collect());
    }
    let parent = pattern.parent().unwrap_or(Path::new(""));
    let entries = match std::fs::read_dir(folder.join(parent)) {
        Ok(entries) => entries,
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            return Ok(Vec::new());
        }
        Err(error) => return Err(error),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name();
        let matches = name.to_str().is_some_and(|name| matches_name(name_pattern, name));
        if matches && is_file(&entry.path()) {
            names.push(parent.join(name));
        }
    }
    names.sort();
    Ok(names)
}

/// Whether a name matches a pattern with `*` and `?`.
fn matches_name(pattern: &str, name: &str) -> bool {
    if name.starts_with('.') && !pattern.starts_with('.') {
        return false;
    }
    let (pattern, name): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), name.chars().collect());
    let (mut at, mut in_name) = (0, 0);
    // Where the last star is, and how much of the name it covers: only the last one ever needs to cover more.
    let mut star: Option<(usize, usize)> = None;
    while in_name < name.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, in_name));
                at += 1;
            }
            (Some(letter), _) if *letter == '?' || Some(letter) == name.get(in_name) => {
                at += 1;
                in_name += 1;
            }
            (_, Some((place, covered))) => {
                star = Some((place, covered + 1));
                (at, in_name) = (place + 1, covered + 1);
            }
            (_, None) => return false,
        }
    }
    pattern.get(at..).is_some_and(|rest| rest.iter().all(|letter| *letter == '*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_question_marks_match_letters_of_a_name() {
        for (pattern, name, expected) in [
            ("*.toml", "a.toml", true),
            ("*.toml", ".toml", false),
            ("*.toml", ".a.toml", false),
            (".*.toml", ".a.toml", true),
            ("*.toml", "a.toml~", false),
            ("*.toml", "a.toml.toml", true),
            ("?.toml", "أ.toml", true),
            ("?.toml", "ab.toml", false),
            ("a*b*c", "a-bb-b-c", true),
            ("a*b*c", "a-bb-b-cd", false),
            ("*", "x", true),
            ("**", "x", true),
            ("a", "a", true),
            ("a", "A", false),
            ("a?", "a", false),
        ] {
            assert_eq!(matches_name(pattern, name), expected, "{pattern} {name}");
        }
        let long = "a".repeat(200);
        assert!(!matches_name(&format!("{}b", "*a".repeat(100)), &long), "in little time");
    }

    #[test]
    fn files_are_limited_in_all() {
        let folder = tempfile::tempdir().unwrap();
        let main = MainFile {
            shown: Path::new("feeds.toml"),
            path: &folder.path().join("feeds.toml"),
            folder: folder.path(),
            drafts: &[],
        };
        std::fs::write(folder.path().join("a.toml"), "#").unwrap();
        let mut reader =
            IncludeReader { bytes_count: MAX_INCLUDED_BYTES - 1, ..Default::default() };
        assert_eq!(reader.read_pattern("a.toml", &main), Ok(()));
        std::fs::write(folder.path().join("b.toml"), "#").unwrap();
        let error = reader.read_pattern("?.toml", &main).unwrap_err();
        assert_eq!(error, "expected at most 67108864 bytes in all files");
        for number in 0..=MAX_INCLUDED_FILES {
            std::fs::write(folder.path().join(format!("{number}.list")), "").unwrap();
        }
        let mut reader = IncludeReader::default();
        let error = reader.read_pattern("*.list", &main).unwrap_err();
        assert_eq!(error, "expected at most 1000 files in all");
    }

    #[test]
    fn patterns_name_files_sorted_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("conf.d");
        std::fs::create_dir(&place).unwrap();
        for name in ["b.toml", "a.toml", ".a.toml.new", "c.txt"] {
            std::fs::write(place.join(name), "").unwrap();
        }
        std::fs::create_dir(place.join("d.toml")).unwrap();
        std::os::unix::fs::symlink("b.toml", place.join("link.toml")).unwrap();
        std::os::unix::fs::symlink("gone", place.join("broken.toml")).unwrap();
        let names = |pattern: &str| {
            let found = expand_pattern(folder.path(), pattern).unwrap();
            found.iter().map(|path| path.display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("conf.d/*.toml"), ["conf.d/a.toml", "conf.d/b.toml", "conf.d/link.toml"]);
        assert_eq!(names("conf.d/c.txt"), ["conf.d/c.txt"]);
        for nothing in ["conf.d/x.toml", "conf.d", "none/*.toml", "conf.d/c.txt/*.toml", "*.toml"] {
            assert!(names(nothing).is_empty(), "{nothing}");
        }
        let whole = place.join("?.toml").display().to_string();
        assert_eq!(names(&whole).len(), 2, "a whole path");
    }
}
