//! The container image: that its build gets every file that the compiler reads, and that what runs in it has few
//! rights and answers its health check. No container is started: that needs a daemon of Docker.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::program::{Home, Program};
use crate::support::{Origin, Page, feeds};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text_of(name: &str) -> String {
    fs::read_to_string(project().join(name)).unwrap()
}

/// The instructions of the Dockerfile: each with its words.
fn instructions() -> Vec<(String, String)> {
    let text = text_of("Dockerfile");
    let lines = text.lines().filter(|line| !line.starts_with('#'));
    let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let lines = joined.lines().filter_map(|line| line.split_once(' '));
    lines.map(|(name, rest)| (name.to_owned(), rest.trim().to_owned())).collect()
}

/// The words of the instructions with a name, in the last stage: that is the image.
fn of_image(name: &str) -> Vec<String> {
    let all = instructions();
    let last = all.iter().rposition(|(name, _)| name == "FROM").unwrap();
    all[last..].iter().filter(|(it, _)| it == name).map(|(_, rest)| rest.clone()).collect()
}

/// The words of an instruction that is written as a JSON list, perhaps after options.
fn words_of(name: &str) -> Vec<String> {
    let instruction = of_image(name).concat();
    serde_json::from_str(&instruction[instruction.find('[').unwrap()..]).unwrap()
}

/// A variable that the image sets.
fn variable(name: &str) -> String {
    let all = of_image("ENV").join(" ");
    let value = all.split(' ').find_map(|it| it.strip_prefix(name)?.strip_prefix('='));
    value.unwrap_or_else(|| panic!("{name} in {all}")).to_owned()
}

/// Whether the context of the build has a path, by `.dockerignore`: the last line that matches decides.
fn is_in_context(path: &str) -> bool {
    let mut is_in = true;
    for line in text_of(".dockerignore").lines().filter(|line| !line.starts_with('#')) {
        let (pattern, takes) = match line.strip_prefix('!') {
            Some(pattern) => (pattern, true),
            None => (line, false),
        };
        let matches = |part: &str| match pattern.strip_prefix("**/") {
            Some(".*") => part.starts_with('.'),
            Some(name) => part == name,
            None => false,
        };
        let below = |folder: &str| path == folder || path.starts_with(&format!("{folder}/"));
        if pattern == "*" || below(pattern) || path.split('/').any(matches) {
            is_in = takes;
        }
    }
    is_in
}

/// The Rust files below a folder that are no tests.
fn sources_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_str().unwrap();
        if name == "tests" || name.starts_with("sample") {
            continue;
        }
        if path.is_dir() {
            sources_below(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            found.push(path);
        }
    }
}

/// The files that the compiler takes into the program, by the words that name them in its sources.
fn files_of_the_build() -> Vec<String> {
    let mut sources = Vec::new();
    for folder in ["src", "crates/rafid-feed/src"] {
        sources_below(&project().join(folder), &mut sources);
    }
    let mut files = Vec::new();
    for source in &sources {
        let text = fs::read_to_string(source).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
        let folder = source.parent().unwrap();
        for (word, folder) in [
            ("include_str!(\"", folder.to_owned()),
            ("include_bytes!(\"", folder.to_owned()),
            ("#[template(path = \"", project().join("templates")),
        ] {
            for rest in text.split(word).skip(1) {
                let named = folder.join(rest.split('"').next().unwrap());
                files.push(fs::canonicalize(&named).unwrap());
            }
        }
    }
    files.extend(sources);
    let root = fs::canonicalize(project()).unwrap();
    files.iter().map(|file| file.strip_prefix(&root).unwrap().display().to_string()).collect()
}

#[test]
fn the_context_has_what_the_compiler_reads_and_no_secret() {
    let files = files_of_the_build();
    for file in ["src/main.rs", "templates/style.css", "templates/page.html", "Cargo.lock"] {
        assert!(files.iter().any(|it| it == file), "{file}: does the search still work?");
    }
    for file in &files {
        assert!(is_in_context(file), "{file} is missing from the build: see .dockerignore");
    }
    for file in [
        ".git/config",
        "config/feeds.toml",
        "rafid-data/key",
        "data/river/db",
        "target/debug/rafid",
        "crates/.env",
        "tools/target/x",
        ".env",
    ] {
        assert!(!is_in_context(file), "{file} is sent to the build: see .dockerignore");
    }
}

#[test]
fn the_dependencies_are_built_from_manifests_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let all = instructions();
    let stage = all.iter().skip_while(|(name, _)| name != "WORKDIR");
    let stage = stage.take_while(|(name, _)| name != "FROM");
    let (mut copied, mut built) = (0, false);
    for (name, rest) in stage {
        if name == "COPY" {
            let mut words: Vec<&str> = rest.split(' ').collect();
            let folder = scratch.path().join(words.pop().unwrap());
            fs::create_dir_all(&folder).unwrap();
            for file in words {
                let target = folder.join(Path::new(file).file_name().unwrap());
                fs::copy(project().join(file), target).unwrap();
                copied += 1;
            }
        } else if name == "RUN" {
            let (prepare, last) = rest.rsplit_once("&&").unwrap();
            built = last.trim().starts_with("cargo build --profile dist --locked");
            let mut shell = Command::new("sh");
            shell.args(["-ec", prepare]).current_dir(scratch.path());
            assert!(shell.status().unwrap().success(), "{prepare}");
        }
    }
    assert!(copied >= 4 && built, "the stage was not found");
    // Cargo reads all manifests before it misses the program.
    let cargo = Command::new(env!("CARGO"))
        .args(["check", "--locked", "--offline", "--bin", "no-such-program"])
        .current_dir(scratch.path())
        .env("CARGO_TARGET_DIR", scratch.path().join("target"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&cargo.stderr).into_owned();
    assert!(said.contains("no bin target named `no-such-program`"), "{said}");
}

#[test]
fn the_image_has_few_rights_and_pinned_parts() {
    let user = of_image("USER").concat();
    let ids: Vec<u32> = user.split(':').map(|id| id.parse().unwrap()).collect();
    assert!(!ids.is_empty() && !ids.contains(&0), "{user}");
    let all = instructions();
    let stages: Vec<&str> = all
        .iter()
        .filter(|(name, _)| name == "FROM")
        .filter_map(|(_, rest)| rest.split_once(" AS "))
        .map(|(_, stage)| stage)
        .collect();
    for (name, rest) in &all {
        assert_ne!(name, "ADD", "COPY does what is meant, and fetches nothing");
        if name == "FROM" {
            let image = rest.split(' ').next().unwrap();
            let tag = image.rsplit('/').next().unwrap().split_once(':').map(|(_, tag)| tag);
            let is_pinned = stages.contains(&image) || tag.is_some_and(|tag| tag != "latest");
            assert!(is_pinned, "{image} changes by itself");
        }
    }
    let port = of_image("EXPOSE").concat();
    assert!(variable("RAFID_LISTEN").ends_with(&format!(":{port}")), "{port}");
    assert_eq!(of_image("VOLUME").concat(), variable("RAFID_DATA"));
    let program = format!("rust-version = \"{}\"", rust_of(&all));
    assert!(text_of("Cargo.toml").contains(&program), "{program} is what the project needs");
}

/// The version of Rust that the image is built with.
fn rust_of(all: &[(String, String)]) -> String {
    let mut images = all.iter().filter(|(name, _)| name == "FROM").map(|(_, rest)| rest);
    let image = images.find_map(|rest| rest.strip_prefix("rust:")).unwrap();
    image.split('-').next().unwrap().to_owned()
}

#[test]
fn the_service_of_compose_is_that_image_with_its_configuration_as_a_folder() {
    let text = text_of("compose.yaml");
    let port = of_image("EXPOSE").concat();
    let folder = PathBuf::from(variable("RAFID_CONFIG"));
    let folder = folder.parent().unwrap().display();
    for line in [
        format!("- \"127.0.0.1:{port}:{port}\""),
        format!("- ./config:{folder}:ro"),
        format!("- data:{}", variable("RAFID_DATA")),
        "read_only: true".to_owned(),
        "- no-new-privileges:true".to_owned(),
    ] {
        assert!(text.lines().any(|it| it.trim() == line), "{line} in {text}");
    }
}

/// The daemon by the words of the image, with these folders.
fn start(home: &Home) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
    command
        .env("RAFID_CONFIG", home.config())
        .env("RAFID_DATA", home.folder.path().join("volume"))
        .current_dir("/");
    Program::start_command(command)
}

#[test]
fn the_health_check_follows_the_daemon() {
    let origin = Origin::start();
    origin.put("/feed", Page::xml(feeds::rss("وكالة", &[("a1", "افتتاح مكتبة", "نص", 20)])));
    let home = Home::new(&origin, &format!("[[source]]\nurl = \"{}\"\n", origin.url("/feed")));
    let words = words_of("HEALTHCHECK");
    let (binary, words) = words.split_first().unwrap();
    assert_eq!(words_of("ENTRYPOINT").first(), Some(binary));
    assert_eq!(words_of("CMD")[..], ["run", "--log-format", "json"]);
    let program = start(&home);
    let check = |address: String| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rafid"));
        command.args(words).env("RAFID_CONFIG", home.config()).env("RAFID_LISTEN", address);
        command.output().unwrap().status.code()
    };
    let address = program.address.to_string();
    assert_eq!(check(address.clone()), Some(0));
    assert!(program.stop().success());
    assert_eq!(check(address), Some(1));
}
