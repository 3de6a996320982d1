//! Rafid: arguments in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    rafid::cli::main()
}
