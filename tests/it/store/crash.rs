//! Separate processes: killed at any moment, traced, or without disk space.
//!
//! The child is this test program itself; its environment names the task. It prints lines that
//! start with `> `. A line counts when it is complete.

use std::env;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rafid::model::{SourceId, StoredEntry};
use rafid::store::{Commit, Store, StoreError};

use super::make::{
    all_new, check_journal, entry, names_of, next, not_modified, now, open, source, state, store,
};

const TASK: &str = "RAFID_STORE_TASK";
const FOLDER: &str = "RAFID_STORE_FOLDER";
const FIRST: &str = "RAFID_STORE_FIRST";

/// Not a test: the task of a child.
#[test]
fn child() {
    let (Ok(task), Ok(folder)) = (env::var(TASK), env::var(FOLDER)) else { return };
    let folder = Path::new(&folder);
    let first = env::var(FIRST).map_or(0, |first| first.parse().unwrap());
    match task.as_str() {
        "hold" => {
            let serves = Some("http://127.0.0.1:4711".to_owned());
            let settings = rafid::store::StoreOptions { serves, ..super::make::options(folder) };
            let _store = Store::open(&settings, now()).unwrap().store;
            say("open");
            // Runs until the parent ends, in whatever way.
            std::io::stdin().read_to_end(&mut Vec::new()).unwrap();
        }
        "commit forever" => commit_numbers(&store(folder), first..),
        "commit groups forever" => commit_groups(&store(folder), first..),
        "commit ten" => commit_numbers(&store(folder), first..first + 10),
        "commit until it fails" => commit_until_it_fails(folder),
        "open" => {
            let settings = super::make::options(folder);
            match Store::open(&settings, now()) {
                Ok(opened) => say(&format!("opened {:?}", opened.recovery.set_aside)),
                Err(error) => say(&error.to_string()),
            }
        }
        other => panic!("no such task: {other}"),
    }
}

fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    // The test harness may have started a line of its own.
    writeln!(out, "\n> {line}").unwrap();
    out.flush().unwrap();
}

/// Commit `n` is one poll of one of five sources, in rotation.
fn commit_numbers(store: &Store, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        store.commit(&[poll(number)], 1_000_000).unwrap();
        say(&number.to_string());
    }
}

/// Commit `n` is a group of polls, one of each of sixty sources. Together they exceed one batch, and their
/// batches exceed one of the database's buffers.
fn commit_groups(store: &Store, numbers: impl Iterator<Item = u32>) {
    for number in numbers {
        let group: Vec<Commit> = polls_of(number).map(poll).collect();
        store.commit(&group, 1_000_000).unwrap();
        say(&number.to_string());
    }
}

fn polls_of(group: u32) -> std::ops::Range<u32> {
    100_000 + group * 60..100_000 + (group + 1) * 60
}

/// Poll `n` brings ten new entries and leaves its number in the state.
fn poll(number: u32) -> Commit {
    all_new(&source_of(number), number, entries_of(number))
}

fn source_of(poll: u32) -> SourceId {
    if poll < 100_000 {
        source(["a", "b", "c", "d", "e"][(poll % 5) as usize])
    } else {
        source(&format!("s{}", poll % 60))
    }
}

fn entries_of(poll: u32) -> Vec<StoredEntry> {
    let of = source_of(poll);
    let numbers = u64::from(poll) * 10..u64::from(poll) * 10 + 10;
    numbers.map(|n| entry(&of, n, i64::from(poll), 1_500)).collect()
}

fn commit_until_it_fails(folder: &Path) {
    let store = store(folder);
    let mut number = 0;
    let mut attempt = |store: &Store| {
        number += 1;
        store.commit(&[poll(number)], 1_000_000)
    };
    let first = loop {
        match attempt(&store) {
            Ok(()) => say("kept"),
            Err(error) => break error,
        }
    };
    assert!(matches!(first, StoreError::Database { .. } | StoreError::Poisoned { .. }), "{first}");
    for _ in 0..3 {
        let error = attempt(&store).unwrap_err();
        assert!(matches!(error, StoreError::Poisoned { .. }), "{error}");
        say(&error.to_string());
    }
    assert!(matches!(store.flush(), Err(StoreError::Poisoned { .. })));
    assert!(matches!(
        store.prune_source(&source("a"), &super::before(0, 1)),
        Err(StoreError::Poisoned { .. })
    ));
}

/// A running child. Dropping it kills it.
pub(crate) struct Child {
    process: std::process::Child,
    out: BufReader<std::process::ChildStdout>,
}

impl Child {
    pub(crate) fn start(task: &str, folder: &Path) -> Self {
        Self::start_as(Command::new(env::current_exe().unwrap()), task, folder, 0)
    }

    /// The command is this program, possibly run by another one.
    fn start_as(mut command: Command, task: &str, folder: &Path, first: u32) -> Self {
        let mut process = command
            .args(["--exact", "store::crash::child", "--nocapture"])
            .env(TASK, task)
            .env(FOLDER, folder)
            .env(FIRST, first.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let out = BufReader::new(process.stdout.take().unwrap());
        Self { process, out }
    }

    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// The next complete line of the child; `None`: it ended.
    fn line(&mut self) -> Option<String> {
        loop {
            let mut line = String::new();
            self.out.read_line(&mut line).unwrap();
            let line = line.strip_suffix('\n')?;
            if let Some(said) = line.strip_prefix("> ") {
                return Some(said.to_owned());
            }
        }
    }

    pub(crate) fn wait_for(&mut self, line: &str) {
        assert_eq!(self.line().as_deref(), Some(line));
    }

    /// SIGKILL on unix.
    pub(crate) fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Whether poll `number` was stored. It must be stored completely or not at all.
fn is_stored(store: &Store, number: u32) -> bool {
    let polled =
        store.poll_state(&source_of(number)).unwrap().map(|state| state.document.entries_count);
    let there = polled.is_some_and(|last| last >= number);
    let known = names_of(store, &source_of(number));
    for listed in entries_of(number) {
        let found = store.entry(listed.id, listed.listed_at).unwrap();
        assert_eq!(known.contains_key(&listed.content_hash), there, "poll {number}");
        assert_eq!(found, there.then_some(listed), "poll {number}");
    }
    there
}

/// Opens a store that was killed; nothing may be lost.
fn reopen(folder: &Path) -> Store {
    let opened = open(folder);
    assert_eq!(opened.recovery.set_aside, None, "killing breaks nothing");
    check_journal(&opened.store);
    opened.store
}

/// Starts a child that does `task` from `first` on, and kills it after this many acknowledgements and a
/// random moment more. Returns the number of commits that were acknowledged in all.
fn run_and_kill(task: &str, folder: &Path, first: u32, acknowledgements: u64, micros: u64) -> u32 {
    let mut acknowledged = first;
    let program = Command::new(env::current_exe().unwrap());
    let mut child = Child::start_as(program, task, folder, first);
    for _ in 0..acknowledgements {
        acknowledged = child.line().unwrap().parse::<u32>().unwrap() + 1;
    }
    // Waits for nothing: the test needs a random moment.
    std::thread::sleep(Duration::from_micros(micros));
    child.kill();
    while let Some(line) = child.line() {
        acknowledged = line.parse::<u32>().unwrap() + 1;
    }
    acknowledged
}

#[test]
fn acknowledged_commits_survive_a_kill_at_any_moment() {
    let folder = tempfile::tempdir().unwrap();
    drop(store(folder.path()));
    let (mut seed, mut end) = (20_261_123, 0);
    for round in 0..36 {
        seed = next(seed);
        // Every third child is killed while it starts or opens the store, the others while they commit.
        let acknowledgements = if round % 3 == 0 { 0 } else { 1 + seed % 30 };
        let micros = seed >> 8 & 0x7fff;
        end = run_and_kill("commit forever", folder.path(), end, acknowledgements, micros);
        let store = reopen(folder.path());
        assert!((0..end).all(|number| is_stored(&store, number)), "{end} were acknowledged");
        is_stored(&store, end);
        assert!(!is_stored(&store, end + 1), "one at a time");
    }
    assert!(end > 50, "{end}");
}

#[test]
fn an_acknowledged_group_survives_a_kill_and_others_leave_whole_polls() {
    let folder = tempfile::tempdir().unwrap();
    drop(store(folder.path()));
    let (mut seed, mut end) = (451, 0);
    for _ in 0..4 {
        seed = next(seed);
        let (task, micros) = ("commit groups forever", seed >> 8 & 0x3_ffff);
        end = run_and_kill(task, folder.path(), end, 1, micros);
        let store = reopen(folder.path());
        for group in 0..end {
            assert!(
                polls_of(group).all(|number| is_stored(&store, number)),
                "group {group} of {end}"
            );
        }
        let whole: Vec<bool> = polls_of(end).map(|number| is_stored(&store, number)).collect();
        assert!(whole.is_sorted_by(|one, next| one >= next), "in order: {whole:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn every_commit_reaches_fdatasync() {
    if Command::new("strace").arg("-V").output().is_err() {
        println!("skipped: strace not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let trace = folder.path().join("trace");
    let mut strace = Command::new("strace");
    strace.args(["-f", "-e", "trace=fdatasync,fsync,sync_file_range", "-o"]).arg(&trace);
    strace.arg(env::current_exe().unwrap());
    let mut child = Child::start_as(strace, "commit ten", &folder.path().join("store"), 0);
    let said = std::iter::from_fn(|| child.line()).count();
    child.process.wait().unwrap();
    if said == 0 {
        println!("skipped: strace cannot trace here");
        return;
    }
    assert_eq!(said, 10);
    let trace = std::fs::read_to_string(&trace).unwrap();
    let synced = trace.lines().filter(|line| line.contains(" fdatasync(") && line.ends_with("= 0"));
    let resumed = trace.matches("<... fdatasync resumed>").count();
    assert!(synced.count() + resumed > 10, "{trace}");
    assert!(!trace.contains("sync_file_range("), "{trace}");
}

#[cfg(target_os = "linux")]
#[test]
fn the_store_counts_its_syncs() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    for number in 0..5 {
        let before = store.sync_count();
        store.commit(&[not_modified(&source("a"), number)], 10).unwrap();
        assert!(store.sync_count() > before, "commit {number}");
    }
}

/// This program with files of at most this many blocks of 512 or 1,024 bytes. Writing more fails as on a full
/// disk, without ending the process.
#[cfg(unix)]
fn with_little_room(blocks: u32) -> Command {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(env::current_exe().unwrap());
    shell
}

#[cfg(unix)]
#[test]
fn after_a_failed_write_the_store_accepts_no_more_and_nothing_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    drop(store(folder.path()));
    let task = "commit until it fails";
    let mut child = Child::start_as(with_little_room(3_000), task, folder.path(), 0);
    let lines: Vec<String> = std::iter::from_fn(|| child.line()).collect();
    assert!(child.process.wait().unwrap().success(), "{lines:?}");
    let (done, refused) = lines.split_at(lines.len() - 3);
    assert!(done.len() > 3 && done.iter().all(|line| line == "kept"), "{lines:?}");
    let (start, end) =
        ("the store accepts no more writes since an earlier failure (", "): end this process");
    assert!(refused.iter().all(|line| line.starts_with(start) && line.ends_with(end)), "{lines:?}");
    let count = u32::try_from(done.len()).unwrap();
    // The end of the database's file may be torn; then it is built again.
    let opened = open(folder.path());
    assert_eq!(opened.recovery.lost, 0);
    let store = opened.store;
    assert!((1..=count).all(|number| is_stored(&store, number)));
    store.commit(&[not_modified(&source("a"), 7)], 1_000).unwrap();
    assert_eq!(store.poll_state(&source("a")).unwrap(), Some(state(7)));
}

#[cfg(unix)]
#[test]
fn without_space_for_a_new_database_the_broken_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    drop(super::make::open_without_log(folder.path()));
    let db = folder.path().join("river/db");
    std::fs::write(&db, [7; 5_000]).unwrap();
    let mut child = Child::start_as(with_little_room(1_500), "open", folder.path(), 0);
    let said = child.line().unwrap();
    let expected = format!("cannot create a new database in {}: ", folder.path().display());
    assert!(said.starts_with(&expected), "{said}");
    assert!(db.exists() && !folder.path().join("room").exists());
    assert!(open(folder.path()).recovery.set_aside.is_some(), "with room it is set aside");
}
