//! A piece of work → the number of machine instructions that it takes, counted by
//! `valgrind --tool=callgrind`: the same on a busy and on an idle machine, so that a difference of a
//! few percent is a change of the program.
//!
//! Two ways: work of the library runs in this very program, started again under callgrind, which
//! counts only while [`count_here`] runs; and another program is counted from its start to its end.

use std::hint::black_box;
use std::path::Path;
use std::process::{Command, Stdio};

/// Names the row that a program under callgrind works on.
pub const ROW_VARIABLE: &str = "RAFID_BENCH_ROW";
/// The folder that the row was prepared in.
pub const FOLDER_VARIABLE: &str = "RAFID_BENCH_FOLDER";

/// Whether valgrind is installed.
pub fn is_installed() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Runs the work; under [`count_row`] only the instructions in here count. Its name is the one that
/// callgrind looks for, therefore it is never inlined, and what follows the call keeps it from
/// becoming a jump.
#[inline(never)]
pub fn count_here(work: &mut dyn FnMut()) {
    work();
    black_box(());
}

/// The instructions of [`count_here`] in this program when it works on a row.
pub fn count_row(name: &str, folder: &Path) -> u64 {
    let own = std::env::current_exe().unwrap();
    let mut command = callgrind(folder);
    command.arg("--toggle-collect=*count_here*").arg(own);
    command.env(ROW_VARIABLE, name).env(FOLDER_VARIABLE, folder);
    finish(command, folder)
}

/// All instructions of a program that runs in the folder.
pub fn count_program(program: &str, args: &[&str], folder: &Path) -> u64 {
    let mut command = callgrind(folder);
    command.arg(program).args(args);
    finish(command, folder)
}

fn callgrind(folder: &Path) -> Command {
    let mut command = Command::new("valgrind");
    let out = folder.join("callgrind.out");
    command
        .args(["--tool=callgrind", "--quiet"])
        .arg(format!("--callgrind-out-file={}", out.display()))
        .current_dir(folder)
        .stdout(Stdio::null());
    command
}

fn finish(mut command: Command, folder: &Path) -> u64 {
    let status = command.status().unwrap();
    assert!(status.success(), "{command:?} failed");
    let text = std::fs::read_to_string(folder.join("callgrind.out")).unwrap();
    let totals = text.lines().rev().find_map(|line| line.strip_prefix("totals: ")).unwrap();
    let count = totals.trim().parse().unwrap();
    assert!(count > 0, "callgrind counted nothing in {command:?}");
    count
}
