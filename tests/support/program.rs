//! The real binary with its own configuration, and its log.

use std::cell::Cell;
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Output, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};

use serde_json::Value;

use super::origin::{DEADLINE, Origin};
use super::small_disk::SmallDisk;

/// Log messages that report stale outputs and finished outputs in the cache, each with the number of the
/// last change.
const CHANGED: &str = "outputs are to be rendered";
const RENDERED: &str = "outputs rendered";
/// Log messages that entries were added to the search index, and that it holds all that are stored.
const INDEXED: &str = "search index updated";
const READY: &str = "search index ready";
/// Log messages with the address: the outputs are served, or a notice that the store is being opened.
const SERVING: &str = "serving";
const OPENING: &str = "the store is still being opened; clients get a notice meanwhile";

/// A folder with a configuration, in which the binary runs.
pub struct Home {
    pub folder: tempfile::TempDir,
}

impl Home {
    /// A configuration that allows requests to `origin`, followed by these sections and sources.
    pub fn new(origin: &Origin, rest: &str) -> Self {
        let home = Self { folder: tempfile::tempdir().unwrap() };
        home.write(&with_polling(origin, rest));
        home
    }

    pub fn config(&self) -> PathBuf {
        self.folder.path().join("feeds.toml")
    }

    pub fn write(&self, text: &str) {
        std::fs::write(self.config(), text).unwrap();
    }

    /// A command of the binary that ends by itself.
    pub fn command(&self, words: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_rafid"))
            .args(words)
            .current_dir(self.folder.path())
            .env_remove("RUST_LOG")
            .env("NO_COLOR", "1")
            .output()
            .unwrap()
    }

    /// The same with input on its standard input.
    pub fn command_fed(&self, words: &[&str], input: &[u8]) -> Output {
        let mut child = Command::new(env!("CARGO_BIN_EXE_rafid"))
            .args(words)
            .current_dir(self.folder.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that refuses its arguments ends without reading.
        let fed = child.stdin.take().unwrap().write_all(input);
        assert!(fed.is_ok() || fed.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe));
        child.wait_with_output().unwrap()
    }

    /// The same by a process that sees a small disk.
    pub fn command_on(&self, disk: &SmallDisk, words: &[&str]) -> Output {
        let mut command = disk.command(Path::new(env!("CARGO_BIN_EXE_rafid")), self.folder.path());
        command.args(words).env_remove("RUST_LOG").env("NO_COLOR", "1").output().unwrap()
    }

    /// The daemon, serving.
    pub fn run(&self) -> Program {
        Program::start(self.folder.path(), None)
    }

    /// The daemon while it is still opening its store, once it serves a notice about that.
    pub fn run_with_slow_store(&self) -> Program {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
        command.current_dir(self.folder.path());
        Program::launch(command, OPENING)
    }

    /// The daemon as a process that sees a small disk.
    pub fn run_on(&self, disk: &SmallDisk) -> Program {
        let program = Path::new(env!("CARGO_BIN_EXE_rafid"));
        Program::start_command(disk.command(program, self.folder.path()))
    }

    /// The same under a supervisor that listens at a socket, as systemd does.
    pub fn run_supervised(&self, socket: &Path) -> Program {
        Program::start(self.folder.path(), Some(socket))
    }
}

/// The polling section that allows requests to an origin on loopback, followed by `rest`.
pub fn with_polling(origin: &Origin, rest: &str) -> String {
    format!("[polling]\nallow_private = [\"{}\"]\n\n{rest}", origin.address)
}

/// The standard output of a command.
pub fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The standard error of a command.
pub fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// The standard output of a command, which is JSON.
pub fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", out(output)))
}

/// The running daemon.
pub struct Program {
    child: Child,
    lines: Receiver<Value>,
    /// The last change that was logged so far.
    changed: Cell<u64>,
    /// The last change that is rendered; `None`: none so far.
    rendered: Cell<Option<u64>>,
    /// Whether entries were added to the search index.
    indexed: Cell<bool>,
    /// Where it serves.
    pub address: SocketAddr,
}

impl Program {
    fn start(folder: &Path, supervisor: Option<&Path>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
        if let Some(socket) = supervisor {
            command.env("NOTIFY_SOCKET", socket);
        }
        command.current_dir(folder);
        Self::start_command(command)
    }

    /// The daemon by a command that names its configuration.
    pub fn start_command(command: Command) -> Self {
        Self::launch(command, SERVING)
    }

    /// Starts it, and waits for the message that names its address.
    fn launch(mut command: Command, message: &str) -> Self {
        let mut child = command
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .args(["--log-level", "info,rafid::publish=debug,rafid::cli::progress=debug"])
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                // A line that is no JSON was printed for people before logging began.
                let value = serde_json::from_str(&line).unwrap_or(Value::String(line));
                if sender.send(value).is_err() {
                    return;
                }
            }
        });
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let (changed, rendered) = (Cell::new(0), Cell::new(None));
        let indexed = Cell::new(false);
        let mut program = Self { child, lines, changed, rendered, indexed, address };
        let serving = program.wait_for(message, |_| true);
        program.address = serving["address"].as_str().unwrap().parse().unwrap();
        program
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Waits for a log line with this message that matches.
    pub fn wait_for(&self, message: &str, fits: impl Fn(&Value) -> bool) -> Value {
        self.wait_for_one_of(&[message], fits)
    }

    /// Waits for a log line with one of these messages.
    pub fn wait_for_any(&self, messages: &[&str]) -> Value {
        self.wait_for_one_of(messages, |_| true)
    }

    /// The same for one of several messages.
    fn wait_for_one_of(&self, messages: &[&str], fits: impl Fn(&Value) -> bool) -> Value {
        let mut lines = Vec::new();
        loop {
            let line = self.lines.recv_timeout(DEADLINE);
            if let Ok(line) = &line {
                self.note(line);
            }
            match line {
                Ok(line) if messages.iter().any(|it| line["message"] == *it) && fits(&line) => {
                    return line;
                }
                Ok(line) => lines.push(line.to_string()),
                Err(RecvTimeoutError::Timeout) => {
                    panic!("no {messages:?} in {DEADLINE:?}; logged:\n{}", lines.join("\n"))
                }
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("it ended without {messages:?}; logged:\n{}", lines.join("\n"))
                }
            }
        }
    }

    /// Waits until a poll of a source is stored.
    pub fn polled(&self, source: &str) -> Value {
        self.wait_for("polled", |line| line["source"] == source)
    }

    /// Waits until entries were added to the search index, if that did not happen yet.
    pub fn indexed(&self) {
        let has_entries = |line: &Value| line["message"] == INDEXED || line["entries"] != 0;
        while !self.indexed.get() {
            self.wait_for_one_of(&[INDEXED, READY], has_entries);
        }
    }

    fn note(&self, line: &Value) {
        let change = || line["change"].as_u64().unwrap();
        if line["message"] == CHANGED {
            self.changed.set(self.changed.get().max(change()));
        } else if line["message"] == RENDERED {
            self.rendered.set(self.rendered.get().max(Some(change())));
        } else if line["message"] == INDEXED || line["message"] == READY && line["entries"] != 0 {
            self.indexed.set(true);
        }
    }

    /// Waits until the outputs contain every change that was waited for before.
    pub fn rendered(&self) {
        while self.rendered.get() < Some(self.changed.get()) {
            self.wait_for(RENDERED, |_| true);
        }
    }

    pub fn signal(&self, name: &str) {
        let pid = self.pid().to_string();
        assert!(Command::new("kill").args(["-s", name, &pid]).status().unwrap().success());
    }

    /// Waits until it ends.
    pub fn ended(mut self) -> ExitStatus {
        self.child.wait().unwrap()
    }

    /// Requests it to stop and waits until it has.
    pub fn stop(self) -> ExitStatus {
        self.signal("TERM");
        self.ended()
    }

    /// Ends it as a power cut would, as far as a process can.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
