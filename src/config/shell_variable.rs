//! A value of the file → the variable of a shell that it names, which no one expands here.

/// The name in `${NAME}`, the first that a text holds.
pub(super) fn find_shell_variable(text: &str) -> Option<&str> {
    text.match_indices("${").find_map(|(at, mark)| {
        let name = text.get(at + mark.len()..)?.split_once('}')?.0;
        is_variable_name(name).then_some(name)
    })
}

/// The name of a word that is `$NAME` and nothing else.
pub(super) fn parse_bare_variable(word: &str) -> Option<&str> {
    let name = word.strip_prefix('$')?;
    (name.len() > 2 && is_variable_name(name) && !name.contains(|c: char| c.is_ascii_lowercase()))
        .then_some(name)
}

fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
