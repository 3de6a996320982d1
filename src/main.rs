//! The `rafid` program: command-line arguments → an exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    rafid::cli::main()
}
