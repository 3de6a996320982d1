//! How far a long command is → one line on standard error that replaces itself, if that is a terminal.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

/// Often enough to look alive.
const REDRAW_TIME: Duration = Duration::from_millis(200);

/// The line; it is erased at the end.
pub(super) struct ProgressLine {
    is_shown: bool,
    drawn_at: Option<Instant>,
}

impl ProgressLine {
    /// A line that is not drawn yet, and never if it is not wanted.
    pub(super) fn new(is_wanted: bool) -> Self {
        Self { is_shown: is_wanted && io::stderr().is_terminal(), drawn_at: None }
    }

    /// Shows these words instead of those before, unless they are only a moment old.
    pub(super) fn show(&mut self, words: impl FnOnce() -> String) {
        let is_due = self.drawn_at.is_none_or(|at| at.elapsed() >= REDRAW_TIME);
        if self.is_shown && is_due {
            self.drawn_at = Some(Instant::now());
            draw(&words());
        }
    }
}

impl Drop for ProgressLine {
    fn drop(&mut self) {
        if self.drawn_at.is_some() {
            draw("");
        }
    }
}

/// Replaces the current line of the terminal (ECMA-48: erase in line).
fn draw(words: &str) {
    let mut out = io::stderr().lock();
    // A standard error that is closed cannot report its own loss.
    let _ = write!(out, "\r\u{1b}[2K{words}");
    let _ = out.flush();
}
