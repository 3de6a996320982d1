//! The cost of hostile documents for the real binary: CPU seconds and peak memory, compared with a
//! harmless feed in the same program.
//!
//! `cargo bench --bench hostile`. The limit is one second and 200 MB for each.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::format_push_string,
    clippy::format_collect,
    unreachable_pub,
    missing_docs
)]

#[path = "../tests/it/hostile/inputs.rs"]
mod inputs;

use std::fs;
use std::process::{Command, Stdio};
use std::time::Instant;

fn main() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("feed.xml");
    let harmless = inputs::Hostile {
        name: "a harmless feed",
        bytes: b"<rss><channel><item><title>x</title></item></channel></rss>".to_vec(),
        is_feed: true,
    };
    for hostile in std::iter::once(harmless).chain(inputs::all()) {
        fs::write(&file, &hostile.bytes).unwrap();
        let start = Instant::now();
        // `/usr/bin/time` prints the peak memory of its child in KB (`-f %M`).
        let output = Command::new("/usr/bin/time")
            .args(["-f", "%M", env!("CARGO_BIN_EXE_rafid"), "parse", "--format", "json"])
            .arg(&file)
            .stdout(Stdio::null())
            .output();
        let Ok(output) = output else {
            println!("skipped: /usr/bin/time is not installed");
            return;
        };
        let took = start.elapsed();
        let words = String::from_utf8_lossy(&output.stderr).into_owned();
        let kilobytes: u64 = words.lines().last().and_then(|n| n.parse().ok()).unwrap_or_default();
        println!(
            "{:<42} {:<8} {:>9} bytes {:>6.2} s {:>5} MB",
            hostile.name,
            if hostile.is_feed { "a feed" } else { "no feed" },
            hostile.bytes.len(),
            took.as_secs_f64(),
            kilobytes / 1_000
        );
    }
}
