//! The file `tokens` in the store's folder: the tokens of private outputs, a line of `id token` for each. It is beside
//! the database, so that a command changes it while a daemon has the store open. Only the folder's user can read it.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use ring::rand::{SecureRandom, SystemRandom};

use super::private_file::replace_private_file;
use crate::model::OutputToken;

const TOKENS: &str = "tokens";

/// Where the tokens of the store in `folder` are.
pub fn output_tokens_path(folder: &Path) -> PathBuf {
    folder.join(TOKENS)
}

/// The tokens by the ids of their outputs. Lines of another form are left out.
///
/// # Errors
/// When the file exists and cannot be read.
pub fn read_output_tokens(folder: &Path) -> io::Result<BTreeMap<String, OutputToken>> {
    let text = match fs::read_to_string(output_tokens_path(folder)) {
        Ok(text) => text,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    let parse = |line: &str| {
        let (id, token) = line.split_once(' ')?;
        Some((id.to_owned(), OutputToken::parse(token)?))
    };
    Ok(text.lines().filter_map(parse).collect())
}

/// Replaces the tokens at once. The file belongs to the user of the folder, also when root writes it.
///
/// # Errors
/// When it cannot be written.
pub fn write_output_tokens(
    folder: &Path,
    tokens: &BTreeMap<String, OutputToken>,
) -> io::Result<()> {
    let lines: Vec<String> =
        tokens.iter().map(|(id, token)| format!("{id} {}\n", token.as_str())).collect();
    replace_private_file(folder, &output_tokens_path(folder), lines.concat().as_bytes())
}

/// A token that no one can guess.
///
/// # Errors
/// When the system has no random numbers.
pub fn new_output_token() -> io::Result<OutputToken> {
    let mut random = [0; 16];
    let filled = SystemRandom::new().fill(&mut random);
    filled.map_err(|_| io::Error::other("the system has no random numbers"))?;
    Ok(OutputToken::new(random))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn tokens_are_kept_for_the_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path().join("data");
        assert!(read_output_tokens(&folder).unwrap().is_empty(), "there is no folder yet");
        let (one, other) = (new_output_token().unwrap(), new_output_token().unwrap());
        assert_ne!(one, other);
        let tokens = BTreeMap::from([("كتب".to_owned(), one), ("b".to_owned(), other)]);
        for tokens in [&tokens, &BTreeMap::new(), &tokens] {
            write_output_tokens(&folder, tokens).unwrap();
            assert_eq!(read_output_tokens(&folder).unwrap(), *tokens);
        }
        let path = output_tokens_path(&folder);
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "no draft is left");
        fs::write(&path, "\nb\nc 00\nd x 1\n").unwrap();
        assert!(read_output_tokens(&folder).unwrap().is_empty());
    }
}
