//! The effect of hostile clients on the real daemon and on an honest reader: wall time and memory
//! of the process, under attack and idle.
//!
//! `cargo bench --bench serving`

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]
#![allow(clippy::cast_precision_loss)] // measurements are printed, not compared

#[path = "../tests/support/mod.rs"]
mod support;

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use support::program::Home;
use support::web::request;
use support::{Origin, Page, feeds};

/// The limit of the server.
const CONNECTIONS: usize = 512;
/// The number of requests of the honest reader.
const REQUESTS: usize = 200;
const ENTRIES: usize = 100;
const TEXT: &str = "نص طويل عن خبر من الأخبار التي تُروى كل يوم. ";

type Attack = (&'static str, fn(SocketAddr) -> Option<TcpStream>);

/// Each occupies or abuses one connection; occupied connections stay open until the end.
const ATTACKS: [Attack; 5] = [
    ("silence", |to| TcpStream::connect(to).ok()),
    ("half a head", |to| send(to, b"GET /feed.xml HTTP/1.1\r\nHost: a\r\nX-Half:", 1)),
    ("answers not taken", |to| send(to, b"GET /feed.xml HTTP/1.1\r\nHost: a\r\n\r\n", 200)),
    ("flood of headers", |to| {
        let mut stream = send(to, b"GET / HTTP/1.1\r\n", 1)?;
        let _ = stream.write_all(&b"X: y\r\n".repeat(50_000));
        None
    }),
    ("endless body", |to| {
        let head = b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 10000000000\r\n\r\n";
        let mut stream = send(to, head, 1)?;
        let _ = stream.write_all(&[b'x'; 300_000]);
        None
    }),
];

fn main() {
    let origin = Origin::start();
    let text = TEXT.repeat(40);
    let guids: Vec<String> = (0..ENTRIES).map(|number| format!("g{number}")).collect();
    let entries: Vec<_> = guids.iter().map(|guid| (&**guid, &**guid, &*text, 20)).collect();
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &entries)));
    let source = format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/rss"));
    for (name, attack) in ATTACKS {
        // Each attack gets a fresh daemon, because peaks do not go down.
        let home = Home::new(&origin, &source);
        let program = home.run();
        program.wait_for("first pass", |_| true);
        program.rendered();
        let (address, pid) = (program.address, program.pid());
        let (idle, quiet) = (median(address), peak_kib(pid));
        let stop = Arc::new(AtomicBool::new(false));
        let crowd = crowd(address, attack, &stop);
        let attacked = median(address);
        stop.store(true, Ordering::Relaxed);
        let made: usize = crowd.into_iter().map(|thread| thread.join().unwrap()).sum();
        println!(
            "{name:18} {made:6} connections, honest reader {attacked:>9.2?} (idle {idle:.2?}, \
             x{:.1}), peak memory {} KiB (idle {quiet} KiB, x{:.2})",
            attacked.as_secs_f64() / idle.as_secs_f64(),
            peak_kib(pid),
            peak_kib(pid) as f64 / quiet as f64,
        );
    }
}

/// Sends `bytes` up to `times` times, for half a second at most.
fn send(to: SocketAddr, bytes: &[u8], times: usize) -> Option<TcpStream> {
    let mut stream = TcpStream::connect(to).ok()?;
    stream.set_write_timeout(Some(Duration::from_millis(500))).unwrap();
    for _ in 0..times {
        if stream.write_all(bytes).is_err() {
            break;
        }
    }
    Some(stream)
}

/// Four attackers that together hold more connections than the server allows, and keep opening new
/// ones. Returns once every connection is taken, or once that number was used up; each attacker
/// reports how many it opened.
fn crowd(
    address: SocketAddr,
    attack: fn(SocketAddr) -> Option<TcpStream>,
    stop: &Arc<AtomicBool>,
) -> Vec<JoinHandle<usize>> {
    let (full, filled) = std::sync::mpsc::channel();
    let attackers = (0..4).map(|_| {
        let (stop, full) = (Arc::clone(stop), full.clone());
        std::thread::spawn(move || {
            let (mut held, mut made) = (std::collections::VecDeque::new(), 0);
            while !stop.load(Ordering::Relaxed) {
                held.extend(attack(address));
                made += 1;
                if made == CONNECTIONS / 4 {
                    let _ = full.send(());
                }
                if held.len() > CONNECTIONS / 4 {
                    held.pop_front();
                }
            }
            made
        })
    });
    let attackers: Vec<_> = attackers.collect();
    for _ in 0..4 {
        filled.recv().unwrap();
    }
    attackers
}

/// The median time of a whole feed, including the connection. A request that the attackers pushed
/// out is repeated, as readers do, and the repetition counts.
fn median(address: SocketAddr) -> Duration {
    let mut times: Vec<Duration> = (0..REQUESTS)
        .map(|_| {
            let from = Instant::now();
            while request(address, "GET", "/feed.xml", &[]).is_none_or(|got| got.status != 200) {}
            from.elapsed()
        })
        .collect();
    times.sort();
    times[REQUESTS / 2]
}

/// The peak memory of the process, as Linux reports it; 0 on other systems.
fn peak_kib(pid: u32) -> u64 {
    let mut status = String::new();
    let file = std::fs::File::open(format!("/proc/{pid}/status"));
    let read = file.and_then(|mut file| file.read_to_string(&mut status));
    let line = read.ok().and_then(|_| status.lines().find(|line| line.starts_with("VmHWM")));
    line.and_then(|line| line.split_whitespace().nth(1)?.parse().ok()).unwrap_or(0)
}
