//! `rafid passwd`: a password, from the terminal or from standard input → the line about its reader for `users` under
//! `[serve]`.

use std::io::{self, BufRead, IsTerminal, Read};

use ring::rand::{SecureRandom, SystemRandom};

use super::access_args::PasswdArgs;
use super::{CliError, EXIT_USAGE, eprint, print};
use crate::http::hash_password;
use crate::model::SiteUser;

/// A longer text is no password, but a file that was fed by mistake.
const MAX_PASSWORD_BYTES: u64 = 500;

/// Reads the password and prints the line.
pub(super) fn run(args: &PasswdArgs) -> Result<(), CliError> {
    if !SiteUser::is_name(&args.name) {
        return Err(usage_error("a name has 1 to 64 bytes, no colon, and no blank at its ends"));
    }
    let password = if io::stdin().is_terminal() { prompt_twice()? } else { read_from_input()? };
    if password.is_empty() {
        return Err(usage_error("the password is empty"));
    }
    let mut salt = [0; 16];
    let filled = SystemRandom::new().fill(&mut salt);
    filled.map_err(|_| CliError::working("error: the system has no random numbers"))?;
    let password = hash_password(password.as_bytes(), salt)
        .ok_or_else(|| CliError::working("error: the password could not be hashed"))?;
    let user = SiteUser { name: args.name.clone(), password };
    if args.bare {
        return print(&format!("{user}\n"));
    }
    if io::stdout().is_terminal() {
        eprint("write this under [serve]; further readers are further members of the array:");
    }
    // A name has no control characters: only these two need an escape (TOML 1.0, basic strings).
    let line = user.to_string().replace('\\', "\\\\").replace('"', "\\\"");
    print(&format!("users = [\"{line}\"]\n"))
}

fn usage_error(message: &str) -> CliError {
    CliError { code: EXIT_USAGE, message: format!("error: {message}") }
}

/// The first line of standard input.
fn read_from_input() -> Result<String, CliError> {
    let mut line = Vec::new();
    let input = io::stdin().lock();
    let read = input.take(MAX_PASSWORD_BYTES + 2).read_until(b'\n', &mut line);
    read.map_err(|error| CliError::working(format!("error: standard input: {error}")))?;
    password_of_line(line)
}

fn password_of_line(line: Vec<u8>) -> Result<String, CliError> {
    let line = String::from_utf8(line).map_err(|_| usage_error("the password is not UTF-8"))?;
    let password = line.trim_end_matches(['\n', '\r']);
    if password.len() as u64 > MAX_PASSWORD_BYTES {
        return Err(usage_error("the password is longer than 500 bytes"));
    }
    Ok(password.to_owned())
}

/// The password, typed twice the same.
fn prompt_twice() -> Result<String, CliError> {
    let first = prompt("password: ")?;
    if prompt("the same again: ")? == first {
        Ok(first)
    } else {
        Err(CliError::working("error: the two passwords differ; nothing was made"))
    }
}

/// A line that is typed and not shown.
fn prompt(words: &str) -> Result<String, CliError> {
    anstream::eprint!("{words}");
    let typed = {
        let _hidden = HiddenInput::begin();
        read_from_input()
    };
    // The line break that was typed is not shown either.
    eprint("");
    typed
}

/// A terminal that does not show what is typed, as long as this value lives.
struct HiddenInput {
    #[cfg(unix)]
    before: Option<rustix::termios::Termios>,
}

#[cfg(unix)]
impl HiddenInput {
    fn begin() -> Self {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};

        let before = tcgetattr(io::stdin()).ok();
        if let Some(mut hidden) = before.clone() {
            hidden.local_modes.remove(LocalModes::ECHO);
            // A terminal that refuses shows what is typed, as it does for other programs.
            let _ = tcsetattr(io::stdin(), OptionalActions::Flush, &hidden);
        }
        Self { before }
    }
}

#[cfg(unix)]
impl Drop for HiddenInput {
    fn drop(&mut self) {
        if let Some(before) = &self.before {
            let now = rustix::termios::OptionalActions::Now;
            let _ = rustix::termios::tcsetattr(io::stdin(), now, before);
        }
    }
}

#[cfg(not(unix))]
impl HiddenInput {
    fn begin() -> Self {
        Self {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_a_line_without_its_end() {
        let check = |line: &[u8], expected: Option<&str>| {
            assert_eq!(password_of_line(line.to_vec()).ok().as_deref(), expected, "{line:?}");
        };
        check("سرّ \n".as_bytes(), Some("سرّ "));
        check(b"a\r\n", Some("a"));
        check(b"a", Some("a"));
        check(b"", Some(""));
        check(b"\xff\n", None);
        check(&[b'a'; 501], None);
    }
}
