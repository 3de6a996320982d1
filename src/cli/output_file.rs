//! Bytes → standard output, or a file that appears only when it is complete: until then it is called `NAME.part`.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::CliError;

/// Where a command writes its data.
pub(super) enum OutputFile {
    /// Standard output.
    Stdout(io::Stdout),
    /// A file.
    Part {
        file: File,
        /// Where it is written.
        part: PathBuf,
        /// Where it is going to be.
        path: PathBuf,
    },
}

/// Who may read a new file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FileAccess {
    /// Everyone that the umask of this process allows.
    Usual,
    /// Only this user: the file holds secrets.
    Private,
}

impl OutputFile {
    /// Standard output for `-`, else a file. A file that exists is replaced at the end.
    pub(super) fn create(path: &Path, access: FileAccess) -> Result<Self, CliError> {
        if path == Path::new("-") {
            return Ok(Self::Stdout(io::stdout()));
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        let part = path.with_file_name(format!("{}.part", name.unwrap_or_default()));
        let mut options = OpenOptions::new();
        options.create(true).truncate(true).write(true).read(true);
        #[cfg(unix)]
        if access == FileAccess::Private {
            // A file that is left of an earlier try may have other permissions.
            let _ = fs::remove_file(&part);
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        }
        let file = options.open(&part).map_err(|error| write_error(&part, &error))?;
        Ok(Self::Part { file, part, path: path.to_owned() })
    }

    /// Where the bytes are until the end; `None`: they went to standard output.
    pub(super) fn part_path(&self) -> Option<&Path> {
        match self {
            Self::Stdout(_) => None,
            Self::Part { part, .. } => Some(part),
        }
    }

    /// Puts the complete file in its place. Once this returns, it survives a power cut.
    pub(super) fn finish(mut self) -> Result<(), CliError> {
        self.flush().map_err(|error| CliError::working(format!("error: {error}")))?;
        if let Self::Part { file, part, path } = &self {
            let done = file.sync_all().and_then(|()| fs::rename(part, path));
            done.map_err(|error| write_error(path, &error))?;
            // The name is durable when its folder is.
            let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
            let _ = File::open(folder.unwrap_or(Path::new("."))).and_then(|it| it.sync_all());
        }
        Ok(())
    }
}

fn write_error(path: &Path, error: &io::Error) -> CliError {
    CliError::working(format!("error: cannot write {}: {error}", path.display()))
}

impl Write for OutputFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stdout(out) => out.write(bytes),
            Self::Part { file, .. } => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stdout(out) => out.flush(),
            Self::Part { file, .. } => file.flush(),
        }
    }
}

impl Drop for OutputFile {
    fn drop(&mut self) {
        if let Self::Part { part, .. } = self {
            // After `finish` nothing is there any more.
            let _ = fs::remove_file(part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_when_it_is_complete_or_not_at_all() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.jsonl");
        let mut file = OutputFile::create(&path, FileAccess::Usual).unwrap();
        file.write_all(b"one").unwrap();
        assert!(!path.exists() && folder.path().join("x.jsonl.part").exists());
        file.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"one");
        let mut file = OutputFile::create(&path, FileAccess::Private).unwrap();
        file.write_all(b"half").unwrap();
        drop(file);
        assert_eq!(fs::read(&path).unwrap(), b"one", "what was there stays");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
        assert!(OutputFile::create(&folder.path().join("none/x"), FileAccess::Usual).is_err());
    }
}
