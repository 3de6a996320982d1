//! The machine instructions of one 304 over a connection that stays open: Rafid, bare axum that compares the entity tag,
//! and a loop that compares nothing. What the loop takes is the work of the client and of the sockets.
//!
//! `cargo bench --bench not_modified`. In the profile dev the libraries are optimized and Rafid is not, so that only its
//! own row is of use, compared with an earlier one. Skipped where valgrind is missing.

#![allow(clippy::unwrap_used, clippy::print_stdout, unreachable_pub, missing_docs)]
#![allow(clippy::cast_precision_loss)] // measurements are printed, not compared

mod support {
    #[allow(dead_code)] // no whole program is counted
    pub mod callgrind;
    pub mod connection;
}

use support::callgrind::{ROW_VARIABLE, count_row, is_installed};
use support::connection::{REQUESTS, serve_and_request};

const ROWS: [&str; 3] = ["loop", "axum", "rafid"];

fn main() {
    if let Ok(name) = std::env::var(ROW_VARIABLE) {
        serve_and_request(&name);
        return;
    }
    if !is_installed() {
        println!("not_modified: skipped, valgrind is not installed");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let [sockets, axum, rafid] = ROWS.map(|name| count_row(name, folder.path()) / REQUESTS);
    println!("| 304 by | instructions | without client and sockets |\n| --- | --: | --: |");
    for (name, count) in [("axum", axum), ("Rafid", rafid)] {
        println!("| {name} | {count} | {} |", count.saturating_sub(sockets));
    }
    let ratio = |a: u64, b: u64| a as f64 / b as f64;
    println!(
        "\nRafid / axum: {:.2}, without client and sockets {:.2}",
        ratio(rafid, axum),
        ratio(rafid.saturating_sub(sockets), axum.saturating_sub(sockets))
    );
}
