//! A small file system of memory at a folder, seen only by the programs that are started in it: it can be full or
//! read-only, and it is gone with the test, however that ends.
//!
//! It needs the right to mount (root, or user namespaces). Where the machine gives neither, tests say so and end.

use std::fs::{File, OpenOptions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Mounts, says so, and stays until the standard input is closed: the file system lives as long.
const HOLD: &str = "mkdir -p \"$1\" && mount -t tmpfs -o size=\"$2\" rafid-test \"$1\" && echo mounted && exec cat";
/// As much as is written at a time until nothing more fits.
const PIECE: usize = 64 * 1024;
const FILLER: &str = "filler";

/// A mounted file system. Dropping it unmounts it.
pub struct SmallDisk {
    holder: Child,
    folder: PathBuf,
}

impl SmallDisk {
    /// Mounts one of `size` (as mount(8) reads it) at `folder`; `None`: this machine does not allow it.
    pub fn mount(folder: &Path, size: &str) -> Option<Self> {
        let mut holder = Command::new("unshare")
            .arg(if is_root() { "-m" } else { "-Urm" })
            .args(["sh", "-c", HOLD, "sh"])
            .arg(folder)
            .arg(size)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .ok()?;
        let mut line = String::new();
        BufReader::new(holder.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let disk = Self { holder, folder: folder.to_owned() };
        if line == "mounted\n" {
            return Some(disk);
        }
        println!("skipped: nothing can be mounted here");
        None
    }

    /// A command that sees it, in `folder`.
    pub fn command(&self, program: &Path, folder: &Path) -> Command {
        let mut command = Command::new("nsenter");
        command.arg("-t").arg(self.holder.id().to_string()).arg("-m");
        if !is_root() {
            command.args(["-U", "--preserve-credentials"]);
        }
        // The folder that a command starts in is lost in another namespace.
        command.args(["sh", "-c", "cd \"$0\" && exec \"$@\""]).arg(folder).arg(program);
        command
    }

    /// A file of it, as this process sees it.
    pub fn path(&self, name: &str) -> PathBuf {
        let root = PathBuf::from(format!("/proc/{}/root", self.holder.id()));
        root.join(self.folder.strip_prefix("/").unwrap()).join(name)
    }

    /// Fills it to the last byte.
    pub fn fill(&self) {
        let mut filler =
            OpenOptions::new().create(true).append(true).open(self.path(FILLER)).unwrap();
        let piece = vec![b'x'; PIECE];
        for size in [PIECE, 4096, 1] {
            while filler.write_all(&piece[..size]).is_ok() {}
        }
    }

    /// Fills it but for so many bytes.
    pub fn leave(&self, bytes: u64) {
        self.fill();
        let filler = OpenOptions::new().write(true).open(self.path(FILLER)).unwrap();
        filler.set_len(filler.metadata().unwrap().len() - bytes).unwrap();
    }

    /// Makes room again.
    pub fn free(&self) {
        std::fs::remove_file(self.path(FILLER)).unwrap();
    }

    /// Mounts it again with `ro` or `rw`.
    pub fn remount(&self, option: &str) {
        let mut command = self.command(Path::new("mount"), Path::new("/"));
        // In a user namespace only the mount can be changed, not the file system behind it.
        let options = format!("remount,bind,{option}");
        assert!(command.args(["-o", &options]).arg(&self.folder).status().unwrap().success());
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        drop(self.holder.stdin.take());
        let _ = self.holder.wait();
    }
}

fn is_root() -> bool {
    File::open("/proc/self/status").and_then(|file| file.metadata()).is_ok_and(|it| it.uid() == 0)
}
