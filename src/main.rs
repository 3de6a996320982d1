//! The `rafid` program: command-line arguments → an exit code.

use std::process::ExitCode;

/// Its settings are in `.cargo/config.toml`.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

fn main() -> ExitCode {
    rafid::cli::main()
}
