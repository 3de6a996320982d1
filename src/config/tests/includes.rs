//! A main file and the files that it includes → one configuration, or what is wrong, with the file of each mistake.

use std::fs;

use tempfile::TempDir;

use super::*;

/// A folder with these files; the first is the main file.
fn folder_with(files: &[(&str, &str)]) -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let main = folder.path().join(files[0].0);
    (folder, main)
}

fn source(id: &str) -> String {
    format!("[[source]]\nid = \"{id}\"\nurl = \"https://{id}.example/feed\"\n")
}

/// What a person reads about these files, with the folder left out.
fn message(files: &[(&str, &str)]) -> String {
    let (folder, main) = folder_with(files);
    let text = match load(&main) {
        Ok(config) => config.notes.join("\n\n"),
        Err(error) => error.to_string(),
    };
    text.replace(&format!("{}/", folder.path().display()), "")
}

const MAIN: &str = "include = [\"conf.d/*.toml\"]\n";

#[test]
fn included_sources_and_outputs_follow_the_own_ones() {
    let (folder, main) = folder_with(&[
        (
            "feeds.toml",
            &format!("{MAIN}[[output]]\nname = \"o\"\nsources = [\"b\"]\n{}", source("own")),
        ),
        ("conf.d/b.toml", &source("b")),
        ("conf.d/a.toml", "[[source]]\nid = \"a\"\nurl = \"file:lists/a.xml\"\ncategory = \"x\"\n"),
        ("conf.d/c.toml", "[[output]]\nname = \"p\"\ncategories = [\"x\"]\n"),
        ("conf.d/d.toml.off", "[broken"),
    ]);
    let config = load(&main).unwrap();
    let ids: Vec<&str> = config.sources.iter().map(|source| source.id.as_str()).collect();
    assert_eq!(ids, ["own", "a", "b"]);
    let outputs: Vec<&str> = config.outputs.iter().map(|output| output.id.as_str()).collect();
    assert_eq!(outputs, ["o", "p"]);
    let file = folder.path().join("lists/a.xml").display().to_string();
    assert_eq!(
        config.sources[1].location.to_string(),
        format!("file:{file}"),
        "from the main folder"
    );
    let included = ["a", "b", "c"].map(|name| folder.path().join(format!("conf.d/{name}.toml")));
    assert_eq!(config.included, included);
    assert!(config.notes.is_empty());
}

#[test]
fn a_pattern_without_a_file_is_a_warning() {
    let none = message(&[
        ("feeds.toml", "include = [\"conf.d/*.toml\", \"*.toml\", \"a.toml\"]\n"),
        ("a.toml", ""),
    ]);
    assert!(none.contains("warning: `include`: no further file matches `conf.d/*.toml`"), "{none}");
    assert!(none.contains("feeds.toml:1:12"), "{none}");
    let again = "no further file matches `a.toml`";
    assert!(none.contains(again) && !none.contains("`*.toml`"), "it is included once: {none}");
    let own = message(&[("feeds.toml", "include = [\"*.toml\", \"feeds.toml\"]\n")]);
    assert_eq!(own.matches("no further file").count(), 2, "no file includes itself: {own}");
}

#[test]
fn mistakes_name_their_files() {
    let all = message(&[
        ("feeds.toml", &format!("{MAIN}[site]\ntitel = \"س\"\n{}", source("a"))),
        ("conf.d/1.toml", "# ملف\n[[source]]\nurl = \"https://b.example/\"\nnaem = \"ب\"\n"),
        ("conf.d/2.toml", &format!("\n{}\n{}", source("c"), source("a"))),
        ("conf.d/3.toml", "[[output]]\nname = \"o\"\nsources = [\"d\"]\n"),
    ]);
    for place in ["feeds.toml:3:1", "conf.d/1.toml:4:1", "conf.d/2.toml:8:7", "conf.d/3.toml:3:12"]
    {
        assert!(all.contains(&format!("--> {place}")), "{place} in {all}");
    }
    assert!(
        all.contains("the id `a` is given twice") && all.contains("::: feeds.toml:5:6"),
        "{all}"
    );
    let counts =
        "5 mistakes: 1 in feeds.toml, 1 in conf.d/1.toml, 2 in conf.d/2.toml, 1 in conf.d/3.toml";
    assert!(all.ends_with(counts), "{all}");
}

#[test]
fn the_summary_names_the_files_with_mistakes() {
    let wrong = |count: usize| "[[source]]\n".repeat(count);
    let summary = |included: &[(&str, usize)]| {
        let included: Vec<(&str, String)> =
            included.iter().map(|(name, count)| (*name, wrong(*count))).collect();
        let mut files: Vec<(&str, &str)> = vec![("feeds.toml", MAIN)];
        files.extend(included.iter().map(|(name, text)| (*name, text.as_str())));
        message(&files).lines().last().unwrap_or_default().to_owned()
    };
    assert_eq!(summary(&[("conf.d/1.toml", 3)]), "conf.d/1.toml: 3 mistakes");
    assert_eq!(
        summary(&[("conf.d/1.toml", 70), ("conf.d/2.toml", 70)]),
        "140 mistakes, 40 of them not shown: 70 in conf.d/1.toml, 70 in conf.d/2.toml"
    );
    let names = ["1", "2", "3", "4", "5", "6", "7"].map(|name| format!("conf.d/{name}.toml"));
    let seven: Vec<(&str, usize)> = names.iter().map(|name| (name.as_str(), 2)).collect();
    let first_five = "2 in conf.d/1.toml, 2 in conf.d/2.toml, 2 in conf.d/3.toml, 2 in conf.d/4.toml, \
                 2 in conf.d/5.toml";
    assert_eq!(summary(&seven[..6]), format!("12 mistakes: {first_five}, 2 in another file"));
    assert_eq!(summary(&seven), format!("14 mistakes: {first_five}, 4 in 2 other files"));
}

#[test]
fn programs_read_the_file_of_each_mistake() {
    let (folder, main) = folder_with(&[("feeds.toml", MAIN), ("conf.d/1.toml", "\n[[source]]\n")]);
    let found = load(&main).unwrap_err().diagnostics();
    let file = folder.path().join("conf.d/1.toml").display().to_string();
    let places: Vec<_> = found.iter().map(|it| (it.file.clone(), it.line, it.column)).collect();
    assert_eq!(places, [(file, 2, 1)]);
    fs::remove_file(&main).unwrap();
    let missing = load(&main).unwrap_err().diagnostics();
    assert_eq!((&missing[0].file, missing[0].line), (&main.display().to_string(), 0));
}

#[test]
fn a_broken_file_hides_no_mistake_of_the_others() {
    let all = message(&[
        ("feeds.toml", MAIN),
        ("conf.d/1.toml", "[[source]]\nurl = https://b.example/\n"),
        ("conf.d/2.toml", "[[source]]\nurl = \"c.example\"\n"),
    ]);
    assert!(all.contains("conf.d/1.toml:2:") && all.contains("conf.d/2.toml:2:7"), "{all}");
}

#[test]
fn an_included_file_has_no_settings() {
    let all = message(&[
        ("feeds.toml", MAIN),
        ("conf.d/1.toml", "include = [\"*\"]\n[polling]\nevery = \"1h\"\n[sources]\n"),
    ]);
    for words in [
        "`include` stands in an included file",
        "`[polling]` stands in an included file",
        "holds `[[source]]`, `[[output]]` and `[[list]]` alone",
        "did you mean `[[source]]`?",
    ] {
        assert!(all.contains(words), "{words} in {all}");
    }
}

#[test]
fn the_key_stands_at_the_top() {
    for (text, help) in [
        (
            "[site]\ninclude = [\"a.toml\"]\n",
            "it belongs at the top of the file, above all sections",
        ),
        ("inculde = [\"a.toml\"]\n", "did you mean `include`?"),
        ("include = \"a.toml\"\n", "put it in brackets"),
        ("include = [\"*/a.toml\"]\n", "write a pattern for each folder"),
        ("include = [\"conf.d/\"]\n", "expected a file, found a folder"),
    ] {
        let shown = message(&[("feeds.toml", text)]);
        assert!(shown.contains(help), "{help} in {shown}");
    }
}

#[test]
fn files_that_cannot_be_read_are_named() {
    let (folder, main) = folder_with(&[("feeds.toml", MAIN), ("conf.d/a.toml", "")]);
    let path = folder.path().join("conf.d/a.toml");
    fs::write(&path, b"# \xd8\xa3\n\xff").unwrap();
    let shown = load(&main).unwrap_err().to_string();
    assert!(shown.contains("conf.d/a.toml is not UTF-8"), "{shown}");
    assert!(shown.contains("on line 2, column 1") && shown.contains("feeds.toml:1:12"), "{shown}");
    fs::write(&path, format!("\n# {}", "a".repeat(100_000))).unwrap();
    let shown = load(&main).unwrap_err().to_string();
    assert!(shown.contains("conf.d/a.toml is too long"), "{shown}");
    assert!(shown.contains("65536 bytes in line 2"), "{shown}");
}

#[test]
fn drafts_take_the_place_of_their_files() {
    let (folder, main) = folder_with(&[
        ("feeds.toml", &format!("{MAIN}{}", source("own"))),
        ("conf.d/a.toml", &source("a")),
    ]);
    let ids = |drafts: &[(&str, String)]| {
        let drafts: Vec<FileDraft> = drafts
            .iter()
            .map(|(name, text)| FileDraft { path: folder.path().join(name), text: text.clone() })
            .collect();
        let config = parse_with_drafts(&main, &drafts).map_err(|error| error.to_string())?;
        Ok::<_, String>(
            config.sources.iter().map(|source| source.id.to_string()).collect::<Vec<_>>(),
        )
    };
    assert_eq!(ids(&[]).unwrap(), ["own", "a"]);
    assert_eq!(ids(&[("conf.d/a.toml", source("b"))]).unwrap(), ["own", "b"]);
    let main_draft = format!("{MAIN}{}", source("new"));
    let both = [("feeds.toml", main_draft), ("conf.d/a.toml", source("b"))];
    assert_eq!(ids(&both).unwrap(), ["new", "b"]);
    let refused = ids(&[("conf.d/a.toml", source("own"))]).unwrap_err();
    assert!(refused.contains("conf.d/a.toml:3:7") && refused.contains("listed twice"), "{refused}");
    assert_eq!(fs::read_to_string(&main).unwrap(), format!("{MAIN}{}", source("own")));
}

#[test]
fn disabled_sources_are_kept_apart() {
    let off = format!("{}enabled = false\ncategory = \"س\"\n", source("off"));
    let (_folder, main) = folder_with(&[("feeds.toml", &format!("{off}{}", source("on")))]);
    let config = load(&main).unwrap();
    assert_eq!((config.sources.len(), config.disabled.len()), (1, 1));
    assert_eq!(config.disabled[0].id.as_str(), "off");
    assert!(config.source(&config.disabled[0].id).is_none());
    assert_eq!(config.disabled[0].categories[0].name, "س");
}
