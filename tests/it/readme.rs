//! What the READMEs promise a new user exists: the paths that they name, and the example that needs no
//! network.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Folders of the project, as they begin a path in a text.
const FOLDERS: [&str; 10] = [
    ".ci/",
    "benches/",
    "crates/",
    "docs/",
    "examples/",
    "fuzz/",
    "packaging/",
    "src/",
    "tests/",
    "tools/",
];

/// The paths of the project in a text: words that start with one of its folders.
fn paths_in(text: &str) -> Vec<String> {
    let is_end = |c: char| c.is_whitespace() || "`()[]|,;:\"'«»".contains(c);
    let words = text.split(is_end).map(|word| word.trim_end_matches(['.', '،', '؛']));
    let named = words.filter(|word| FOLDERS.iter().any(|folder| word.starts_with(folder)));
    named.map(|word| word.split('#').next().unwrap().to_owned()).collect()
}

/// `src/fetch/{a,b}.rs` names two files.
fn exists(path: &str) -> bool {
    match path.split_once('{') {
        Some((folder, _)) => root().join(folder).is_dir(),
        None => root().join(path).exists(),
    }
}

#[test]
fn every_path_in_the_documents_exists() {
    let docs = std::fs::read_dir(root().join("docs")).unwrap();
    let docs = docs.map(|entry| entry.unwrap().path());
    let texts = ["README.md", "README.ar.md", "feeds.toml"].map(|name| root().join(name));
    let mut named = 0;
    for text in texts.into_iter().chain(docs).filter(|path| path.is_file()) {
        for path in paths_in(&std::fs::read_to_string(&text).unwrap()) {
            assert!(exists(&path), "{} names {path}, which does not exist", text.display());
            named += 1;
        }
    }
    assert!(named > 20, "only {named} paths were found: does the search still work?");
}

/// The commands below a heading that install the program, as the guide writes them.
fn installation(name: &str) -> Vec<String> {
    let text = std::fs::read_to_string(root().join(name)).unwrap();
    let blocks = text.split("```sh\n").skip(1).map(|block| block.split("```").next().unwrap());
    let block = blocks.into_iter().find(|block| block.contains("systemctl enable")).unwrap();
    block.lines().map(ToOwned::to_owned).collect()
}

/// Runs the commands that put files in place, below `scratch` and as this user.
fn install(commands: &[String], scratch: &Path) {
    let below = |place: &str| format!(" {}{place}", scratch.display());
    for line in commands.iter().filter(|line| line.contains(" install ")) {
        // The group is created by a command that only root may run.
        let mut line = line.replace("sudo ", "").replace(" -g rafid", "");
        for place in ["/usr/", "/etc/"] {
            line = line.replace(&format!(" {place}"), &below(place));
        }
        let line = line.replace("target/release/rafid", env!("CARGO_BIN_EXE_rafid"));
        let done = Command::new("sh").args(["-c", &line]).current_dir(root()).status().unwrap();
        assert!(done.success(), "{line}");
    }
}

#[test]
fn the_installation_sets_sound_rights_and_overwrites_no_configuration() {
    let commands = installation("docs/guide.md");
    assert_eq!(commands, installation("docs/guide.ar.md"));
    let scratch = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(scratch.path().join("usr/bin")).unwrap();
    let mode = |place: &str| {
        let file = std::fs::metadata(scratch.path().join(place)).unwrap();
        std::os::unix::fs::PermissionsExt::mode(&file.permissions()) & 0o777
    };
    let config = scratch.path().join("etc/rafid/feeds.toml");
    install(&commands, scratch.path());
    std::fs::write(&config, "# mine\n").unwrap();
    install(&commands, scratch.path());
    assert_eq!(std::fs::read_to_string(config).unwrap(), "# mine\n", "overwritten");
    assert_eq!(mode("usr/bin/rafid"), 0o755);
    assert_eq!(mode("etc/rafid/feeds.toml"), 0o640);
    assert_eq!(mode("etc/systemd/system/rafid.service"), 0o644);
    assert_eq!(mode("etc/sysusers.d/rafid.conf"), 0o644);
    let users = std::fs::read_to_string(root().join("packaging/rafid.sysusers")).unwrap();
    let unit = std::fs::read_to_string(root().join("packaging/rafid.service")).unwrap();
    // The user that runs it must be able to read what its group can read.
    assert!(users.lines().any(|line| line.starts_with("u rafid ")), "{users}");
    for line in ["User=rafid", "Group=rafid", "StateDirectory=rafid"] {
        assert!(unit.lines().any(|it| it == line), "{line} in {unit}");
    }
}

fn rafid(words: &[&str], data: &Path) -> Output {
    let output = Command::new(env!("CARGO_BIN_EXE_rafid"))
        .args(words)
        .args(["--config", "examples/offline/feeds.toml", "--data"])
        .arg(data)
        .current_dir(root())
        .output()
        .unwrap();
    assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    output
}

#[test]
fn the_example_without_a_network_works() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data");
    let polled = rafid(&["poll", "--all", "--json"], &data);
    let polled: Value = serde_json::from_slice(&polled.stdout).unwrap();
    assert_eq!((&polled["polled"], &polled["failed"]), (&Value::from(4), &Value::from(0)));
    let site = home.path().join("site");
    rafid(&["build", site.to_str().unwrap()], &data);
    let feed = std::fs::read_to_string(site.join("feed.json")).unwrap();
    let feed: Value = serde_json::from_str(&feed).unwrap();
    let items = feed["items"].as_array().unwrap();
    assert_eq!(items.len(), 11, "four feeds, one of them broken, and one story that three tell");
    let item = items.iter().find(|item| !item["_rafid"]["story"].is_null()).unwrap();
    assert_eq!(item["_rafid"]["story"]["also"].as_array().unwrap().len(), 2, "{item}");
}

/// The files of a folder by path, without the instants at which our own clock first saw an entry, which only
/// JSON has.
fn files_of(folder: &Path) -> std::collections::BTreeMap<String, String> {
    let mut files = std::collections::BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(folder_here) = waiting.pop() {
        for entry in std::fs::read_dir(folder_here).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
                continue;
            }
            let bytes = std::fs::read(&path).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            let mut parts = text.split("\"first_seen_at\":\"");
            let mut kept = parts.next().unwrap().to_owned();
            for part in parts {
                kept.push_str(part.split_once('"').unwrap().1);
            }
            files.insert(path.strip_prefix(folder).unwrap().display().to_string(), kept);
        }
    }
    files
}

#[test]
fn the_same_documents_give_the_same_outputs() {
    let mut first = None;
    for run in 0..5 {
        let home = tempfile::tempdir().unwrap();
        let (data, site) = (home.path().join("data"), home.path().join("site"));
        rafid(&["poll", "--all"], &data);
        rafid(&["build", site.to_str().unwrap()], &data);
        let files = files_of(&site);
        assert!(
            files.contains_key("atom.xml") && files.keys().any(|file| file.starts_with("story/"))
        );
        let before = first.get_or_insert_with(|| files.clone());
        for (path, text) in &files {
            assert_eq!(before.get(path), Some(text), "{path} in run {run}");
        }
        assert_eq!(before.len(), files.len());
    }
}
