//! What one new entry costs: a store of 1,000 sources with 30 entries each, one entry more, and the outputs
//! that are always warm (RSS, Atom, JSON Feed and the page of all sources) and the feed of its source rendered
//! again. Prints the time of the fastest of many rounds. Content codings are made when a client wants them, and are not in it.
//!
//! `cargo bench --profile dev --bench rendering`; without the profile it measures release builds.
//! `RAFID_BENCH_SOURCES=100` measures fewer sources. `RAFID_BENCH_INSTRUCTIONS=1` also counts machine instructions,
//! which takes many minutes.

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]

mod support {
    #[allow(dead_code)]
    pub mod callgrind;
    pub mod news;
    pub mod river;
    pub mod stored;
}

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use support::callgrind::{FOLDER_VARIABLE, ROW_VARIABLE, count_row};
use support::river::{self, ENTRIES};

/// What is rendered: the outputs that are always warm together and each alone, and the feed of one source.
const ROWS: [&str; 6] = ["all", "rss", "atom", "json", "page", "source"];
/// Rounds of which the fastest counts.
const ROUNDS: u64 = 15;

fn main() {
    if let Ok(row) = std::env::var(ROW_VARIABLE) {
        let folder = PathBuf::from(std::env::var_os(FOLDER_VARIABLE).unwrap());
        river::count_round(&row, &folder, sources());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    river::fill_store(folder.path(), sources());
    println!("{} sources with {ENTRIES} entries each", sources());
    ROWS.iter().zip(1..).for_each(|(row, number)| print_times(row, number, folder.path()));
    let wanted = std::env::var("RAFID_BENCH_INSTRUCTIONS").is_ok();
    if !wanted || !support::callgrind::is_installed() {
        return;
    }
    for row in ROWS {
        let millions = count_row(row, folder.path()) / 100_000;
        println!("{row}: {}.{} M instructions", millions / 10, millions % 10);
    }
}

fn sources() -> u64 {
    std::env::var("RAFID_BENCH_SOURCES").ok().and_then(|count| count.parse().ok()).unwrap_or(1_000)
}

fn print_times(row: &str, number: u64, folder: &Path) {
    let (renderer, resources) = (river::renderer(folder, sources()), river::resources(row));
    let start = Instant::now();
    let mut before = river::render(&renderer, &resources, &[]);
    let first = start.elapsed();
    let mut best = Duration::MAX;
    for round in 0..ROUNDS {
        river::store_news(&renderer.store, 3_000_000 + number * 1_000 + round);
        let start = Instant::now();
        before = river::render(&renderer, &resources, &before);
        best = best.min(start.elapsed());
    }
    println!("{row}: first {first:.2?}, after a new entry {best:.2?}");
}
