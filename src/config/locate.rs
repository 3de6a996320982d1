//! The command line and the environment → which `feeds.toml`, and where its store is. The first place that
//! has a file wins; files are never merged.
//!
//! | place | for |
//! | --- | --- |
//! | the given path (`--config`, `RAFID_CONFIG`) | this file alone, whether it exists or not |
//! | `$CONFIGURATION_DIRECTORY` | a systemd service (systemd.exec(5), `ConfigurationDirectory=`) |
//! | the working folder | a first try |
//! | `$XDG_CONFIG_HOME/rafid`, else `~/.config/rafid` | the files of a user (XDG Base Directory 0.8) |
//! | `/etc/rafid` | the machine |
//!
//! The store's folder is the given one (`--data`, `RAFID_DATA`, else `path` under `[store]`). If none is given,
//! it follows from the folder of the file, for a service and for a user at a shell alike:
//!
//! | the file is in | the store |
//! | --- | --- |
//! | `$XDG_CONFIG_HOME/rafid`, else `~/.config/rafid` | `$XDG_DATA_HOME/rafid`, else `~/.local/share/rafid` |
//! | `$CONFIGURATION_DIRECTORY`, and `$STATE_DIRECTORY` is set | the latter (systemd.exec(5)) |
//! | `/etc/rafid`, or `/etc/rafid-…` of a second service | the folder of the same name in `/var/lib` |
//! | any other | `data` beside the file |

use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

/// The name of the file in every place.
const CONFIG_FILE_NAME: &str = "feeds.toml";
/// The name of the program's own folders.
const APP_FOLDER_NAME: &str = "rafid";
/// The name of the store beside a file.
const STORE_FOLDER_NAME: &str = "data";

/// No place has a `feeds.toml`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "there is no {CONFIG_FILE_NAME}; looked for {}\n  make one with `rafid init` or `rafid add <URL>`, or name one with --config",
    join_paths(.searched)
)]
pub struct ConfigNotFound {
    /// The files that were looked for, in order.
    pub searched: Vec<PathBuf>,
}

fn join_paths(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ")
}

/// The file to read: `explicit` if it is given, else the first place where `exists` finds a file.
/// `variable` looks up the environment.
///
/// # Errors
/// `ConfigNotFound`, with the places that were tried.
pub fn locate(
    explicit: Option<&Path>,
    variable: impl Fn(&str) -> Option<OsString>,
    exists: impl Fn(&Path) -> bool,
) -> Result<PathBuf, ConfigNotFound> {
    if let Some(path) = explicit {
        return Ok(path.to_owned());
    }
    let places = candidate_folders(variable);
    match places.iter().find(|path| exists(path)) {
        Some(path) => Ok(path.clone()),
        None => Err(ConfigNotFound { searched: places }),
    }
}

fn candidate_folders(variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let mut folders = folders_from_variable("CONFIGURATION_DIRECTORY", &variable);
    folders.push(PathBuf::new());
    folders.extend(user_folder("XDG_CONFIG_HOME", ".config", &variable));
    folders.push(Path::new("/etc").join(APP_FOLDER_NAME));
    folders.into_iter().map(|folder| folder.join(CONFIG_FILE_NAME)).collect()
}

/// The folders of a variable of systemd, which joins several with colons.
fn folders_from_variable(name: &str, variable: impl Fn(&str) -> Option<OsString>) -> Vec<PathBuf> {
    let list = variable(name).unwrap_or_default();
    std::env::split_paths(&list).filter(|path| path.is_absolute()).collect()
}

/// The program's folder below a variable of XDG, else below a folder in the user's home.
fn user_folder(
    name: &str,
    in_home: &str,
    variable: impl Fn(&str) -> Option<OsString>,
) -> Option<PathBuf> {
    // An empty variable is an unset one; a relative path is invalid (XDG Base Directory).
    let absolute = |name: &str| variable(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let above = absolute(name).or_else(|| Some(absolute("HOME")?.join(in_home)));
    above.map(|folder| folder.join(APP_FOLDER_NAME))
}

/// The store of a configuration that names none. `folder` is the folder of the file, absolute; `variable`
/// looks up the environment.
pub fn default_store_folder(folder: &Path, variable: impl Fn(&str) -> Option<OsString>) -> PathBuf {
    // Without `.` in it, so that equal paths compare equal.
    let folder: PathBuf = folder.components().collect();
    if user_folder("XDG_CONFIG_HOME", ".config", &variable).is_some_and(|own| own == folder)
        && let Some(store) = user_folder("XDG_DATA_HOME", ".local/share", &variable)
    {
        return store;
    }
    let is_of_service =
        folders_from_variable("CONFIGURATION_DIRECTORY", &variable).contains(&folder);
    let state = folders_from_variable("STATE_DIRECTORY", &variable).into_iter().next();
    if let Some(store) = state.filter(|_| is_of_service) {
        return store;
    }
    match system_service_name(&folder) {
        Some(name) => Path::new("/var/lib").join(name),
        None => store_beside_config(&folder),
    }
}

/// The folder of the file, absolute.
pub fn folder_of(path: &Path) -> PathBuf {
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    whole.parent().unwrap_or(Path::new("/")).to_owned()
}

/// The folder `data` beside a configuration. Development versions had every store there.
pub fn store_beside_config(folder: &Path) -> PathBuf {
    folder.join(STORE_FOLDER_NAME)
}

/// `rafid` of `/etc/rafid`, `rafid-sport` of `/etc/rafid-sport`.
fn system_service_name(folder: &Path) -> Option<&str> {
    let mut parts = folder.strip_prefix("/etc").ok()?.components();
    let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else { return None };
    let name = name.to_str()?;
    let rest = name.strip_prefix(APP_FOLDER_NAME)?;
    (rest.is_empty() || rest.starts_with('-')).then_some(name)
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
            Err(nowhere) => join_paths(&nowhere.searched),
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
            ConfigNotFound { searched: vec!["feeds.toml".into(), "/etc/rafid/feeds.toml".into()] };
        assert_eq!(
            nowhere.to_string(),
            "there is no feeds.toml; looked for feeds.toml, /etc/rafid/feeds.toml\n  make one with \
             `rafid init` or `rafid add <URL>`, or name one with --config"
        );
    }

    #[test]
    fn the_store_follows_the_file() {
        let check = |folder: &str, variables: Variables<'_>, expected: &str| {
            let variable =
                |name: &str| variables.iter().find(|(key, _)| *key == name).map(|(_, v)| v.into());
            let got = default_store_folder(Path::new(folder), variable);
            assert_eq!(got, Path::new(expected), "{folder} {variables:?}");
        };
        let home = ("HOME", "/h");
        check("/etc/rafid", &[], "/var/lib/rafid");
        check("/etc/rafid", &[home], "/var/lib/rafid");
        check("/etc/./rafid/", &[], "/var/lib/rafid");
        check("/etc/rafid-sport", &[], "/var/lib/rafid-sport");
        for other in ["/etc", "/etc/rafidity", "/etc/rafid/more", "/srv/news", "/h/.config"] {
            check(other, &[home], &format!("{other}/data"));
        }
        check("/h/.config/rafid", &[home], "/h/.local/share/rafid");
        check("/h/.config/rafid", &[], "/h/.config/rafid/data");
        let xdg = [home, ("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "/d")];
        check("/c/rafid", &xdg, "/d/rafid");
        check("/h/.config/rafid", &xdg, "/h/.config/rafid/data");
        check("/c/rafid", &[home, ("XDG_CONFIG_HOME", "/c")], "/h/.local/share/rafid");
        check("/c/rafid", &[("XDG_CONFIG_HOME", "/c"), ("XDG_DATA_HOME", "d")], "/c/rafid/data");
        let unit = [
            ("CONFIGURATION_DIRECTORY", "/etc/rafid:/etc/other"),
            ("STATE_DIRECTORY", "/var/lib/rafid:/var/lib/x"),
        ];
        check("/etc/rafid", &unit, "/var/lib/rafid");
        check("/etc/other", &unit, "/var/lib/rafid");
        check("/srv/news", &unit, "/srv/news/data");
        check("/srv/news", &[("STATE_DIRECTORY", "/s")], "/srv/news/data");
    }
}
