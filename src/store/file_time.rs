//! A file that was written → one whose time differs from that of any later write.

use std::fs;
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Sets the time of a file back a little: the clock of file systems stands still for milliseconds, and a write
/// that follows at once must give another time.
pub(super) fn set_back_time(path: &Path) -> std::io::Result<()> {
    let file = fs::File::options().write(true).open(path)?;
    file.set_modified(SystemTime::now() - Duration::from_secs(1))
}
