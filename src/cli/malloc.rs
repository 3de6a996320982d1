//! The environment → the same program with few heaps: glibc reads how many it may keep when a program
//! starts, and never again.
//!
//! Many threads with a heap each keep what a document took once. After a first pass over 1,000 sources
//! that is 143 MB against 76 MB with two heaps (measured), and with several documents near the limit at
//! once 302 MB against 232 MB. Asking the allocator itself would take unsafe code.

/// What glibc calls the number of its heaps.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENA_LIMIT_VARIABLE: &str = "MALLOC_ARENA_MAX";

/// Starts the program anew in this process, with two heaps, unless the environment says how many. Where
/// that cannot be done, or another allocator is at work, nothing happens.
pub(super) fn limit_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    if std::env::var_os(ARENA_LIMIT_VARIABLE).is_none()
        && let Ok(program) = std::env::current_exe()
    {
        use std::os::unix::process::CommandExt;
        let mut words = std::env::args_os();
        let mut anew = std::process::Command::new(program);
        if let Some(name) = words.next() {
            anew.arg0(name);
        }
        // It comes back only where it failed: then the program goes on as it is.
        let error = anew.args(words).env(ARENA_LIMIT_VARIABLE, "2").exec();
        tracing::debug!(%error, "the program could not be started with fewer heaps");
    }
}
