//! The real binary on a store that a bench made: what it takes of processor and memory, as `/proc` reports it.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

/// Ticks of `/proc/self/stat` in a second (`getconf CLK_TCK` on every Linux).
const TICKS: f64 = 100.0;

/// The program that is measured.
fn program() -> String {
    std::env::var("RAFID_BENCH_PROGRAM").unwrap_or_else(|_| env!("CARGO_BIN_EXE_rafid").to_owned())
}

/// The running program.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    lines: Receiver<serde_json::Value>,
    address: SocketAddr,
    pub began: Instant,
}

impl Daemon {
    pub fn start(home: &Path) -> Self {
        let began = Instant::now();
        let mut child = Command::new(program())
            .args(["run", "--listen", "127.0.0.1:0", "--log-format", "json"])
            .current_dir(home)
            .stderr(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let line = serde_json::from_str(&line).unwrap_or(serde_json::Value::String(line));
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        let mut daemon = Self { child, lines, address: SocketAddr::from(([0; 4], 0)), began };
        let serving = daemon.wait_for("serving");
        daemon.address = serving["address"].as_str().unwrap().parse().unwrap();
        daemon
    }

    pub fn wait_for(&self, message: &str) -> serde_json::Value {
        loop {
            let line = self.lines.recv().unwrap();
            if line["level"] == "ERROR" || line["level"] == "WARN" {
                println!("    {line}");
            }
            if line["message"] == message {
                return line;
            }
        }
    }

    pub fn cpu(&self) -> f64 {
        cpu_seconds(&self.child.id().to_string())
    }

    /// The time until the first feed is served.
    pub fn report_start(&self, what: &str) {
        while self.status_of("/feed.xml") != 200 {
            std::thread::sleep(Duration::from_millis(20));
        }
        self.report(&format!("{what}: first feed"));
    }

    pub fn report(&self, what: &str) {
        let (cpu, took) = (self.cpu(), self.began.elapsed());
        println!("{what}: {cpu:.2} s CPU, {took:.1?} after the start, {}", memory(self.child.id()));
    }

    pub fn measure_search(&self, words: &str) {
        let (cpu, began) = (self.cpu(), Instant::now());
        assert_eq!(self.status_of(&format!("/search.json?q={words}")), 200);
        let (took, cpu) = (began.elapsed(), self.cpu() - cpu);
        println!("search for a common word, first time: {took:.1?}, {cpu:.2} s CPU");
    }

    /// The processor time of the daemon for an entry that is given by its link: the oldest one of its source.
    pub fn measure_explanation(&self, home: &Path, link: &str) {
        let cpu = self.cpu();
        let mut program = Command::new(program());
        let output = program.args(["explain", "--json", link]).current_dir(home).output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success() && text.contains(link), "{output:?}");
        println!("explain by link: {:.2} s CPU of the daemon", self.cpu() - cpu);
    }

    fn status_of(&self, path: &str) -> u16 {
        let mut stream = TcpStream::connect(self.address).unwrap();
        let head =
            format!("GET {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", self.address);
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let head = String::from_utf8_lossy(&answer[..answer.len().min(64)]).into_owned();
        head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0)
    }

    pub fn stop(mut self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
        self.child.wait().unwrap();
    }
}

/// User and system time of a process (proc(5)).
pub fn cpu_seconds(process: &str) -> f64 {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).unwrap();
    let fields: Vec<&str> = text.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap()) / TICKS
}

/// Resident memory, its parts and its peak.
fn memory(process: u32) -> String {
    let text = fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let megabytes = |name: &str| {
        let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or("0");
        let kilobytes = line.split_whitespace().next().and_then(|word| word.parse::<u64>().ok());
        kilobytes.unwrap_or_default() * 1_024 / 1_000_000
    };
    let [all, own, files, peak] = ["VmRSS:", "RssAnon:", "RssFile:", "VmHWM:"].map(megabytes);
    format!("{all} MB resident ({own} own, {files} of files; {peak} at most)")
}
