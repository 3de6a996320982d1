//! What the operator said and the environment → which `feeds.toml`. The first place that has one
//! wins; files are never merged.
//!
//! | place | for |
//! | --- | --- |
//! | the path that was given (`--config`, `RAFID_CONFIG`) | it alone, whether it is there or not |
//! | `$CONFIGURATION_DIRECTORY` | a systemd service (systemd.exec(5), `ConfigurationDirectory=`) |
//! | the working folder | a person trying it out |
//! | `$XDG_CONFIG_HOME/rafid`, else `~/.config/rafid` | a person's own (XDG Base Directory 0.8) |
//! | `/etc/rafid` | the machine |

use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What the file is called everywhere.
const NAME: &str = "feeds.toml";

/// There is no `feeds.toml` in any of the places.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no {NAME}; looked for {}; make one with `rafid add <URL>`, or name one with --config",
    shown(.looked_at)
)]
pub struct Nowhere {
    /// The files that were looked for, in turn.
    pub looked_at: Vec<PathBuf>,
}

fn shown(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// Which file to read: `explicit` if it is given, else the first of the places where `exists` finds
/// one. `variable` looks up the environment.
///
/// # Errors
/// `Nowhere`, with the places that were looked at.
pub fn locate(
    explicit: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> Result<PathBuf, Nowhere> {
    if let Some(path) = explicit {
        return Ok(path.to_owned());
    }
    let places = places(variable);
    match places.iter().find(|path| exists(path)) {
        Some(path) => Ok(path.clone()),
        None => Err(Nowhere { looked_at: places }),
    }
}

fn places(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    // An empty variable is an unset one; a relative path is invalid (XDG Base Directory).
    let absolute = |name: &str| {
        let value = variable(name).filter(|value| !value.is_empty());
        value.map(PathBuf::from).filter(|path| path.is_absolute())
    };
    let mut folders: Vec<PathBuf> = Vec::new();
    if let Some(list) = variable("CONFIGURATION_DIRECTORY") {
        // systemd joins several with colons.
        folders.extend(std::env::split_paths(&list).filter(|path| path.is_absolute()));
    }
    folders.push(PathBuf::new());
    let own = absolute("XDG_CONFIG_HOME").or_else(|| Some(absolute("HOME")?.join(".config")));
    folders.extend(own.map(|folder| folder.join("rafid")));
    folders.push(PathBuf::from("/etc/rafid"));
    folders.into_iter().map(|folder| folder.join(NAME)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Variables<'a> = &'a [(&'a str, &'a str)];

    /// `there` are the files that exist; what is found, or the places that were looked at.
    fn check(explicit: Option<&str>, variables: Variables<'_>, there: &[&str], expected: &str) {
        let found = locate(
            explicit.map(Path::new),
            |name| variables.iter().find(|(key, _)| *key == name).map(|(_, value)| value.into()),
            |path| there.iter().any(|file| path == Path::new(file)),
        );
        let got = match found {
            Ok(path) => path.display().to_string(),
            Err(nowhere) => shown(&nowhere.looked_at),
        };
        assert_eq!(got, expected, "{explicit:?} {variables:?} {there:?}");
    }

    #[test]
    fn the_first_place_wins() {
        let all =
            ["/run/c/feeds.toml", "feeds.toml", "/x/rafid/feeds.toml", "/etc/rafid/feeds.toml"];
        let variables: Variables<'_> =
            &[("CONFIGURATION_DIRECTORY", "/run/c"), ("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")];
        check(Some("mine.toml"), variables, &all, "mine.toml");
        for (index, place) in all.iter().enumerate() {
            check(None, variables, &all[index..], place);
        }
        check(None, variables, &[], &all.join(", "));
    }

    #[test]
    fn the_environment_as_it_comes() {
        check(None, &[], &[], "feeds.toml, /etc/rafid/feeds.toml");
        let home = [("HOME", "/h")];
        check(None, &home, &[], "feeds.toml, /h/.config/rafid/feeds.toml, /etc/rafid/feeds.toml");
        let odd = [("HOME", "/h"), ("XDG_CONFIG_HOME", ""), ("CONFIGURATION_DIRECTORY", "")];
        check(None, &odd, &["/h/.config/rafid/feeds.toml"], "/h/.config/rafid/feeds.toml");
        let relative = [("XDG_CONFIG_HOME", "x"), ("CONFIGURATION_DIRECTORY", "y")];
        check(None, &relative, &[], "feeds.toml, /etc/rafid/feeds.toml");
        let several = [("CONFIGURATION_DIRECTORY", "/a:/b")];
        let places = "/a/feeds.toml, /b/feeds.toml, feeds.toml, /etc/rafid/feeds.toml";
        check(None, &several, &[], places);
    }

    #[test]
    fn the_error_says_where_and_what_to_do() {
        let nowhere =
            Nowhere { looked_at: vec!["feeds.toml".into(), "/etc/rafid/feeds.toml".into()] };
        assert_eq!(
            nowhere.to_string(),
            "there is no feeds.toml; looked for feeds.toml, /etc/rafid/feeds.toml; make one with \
             `rafid add <URL>`, or name one with --config"
        );
    }
}
