//! Files with mistakes → what a person reads about them.

use std::fs;

use super::*;

#[test]
fn bad_files_are_explained() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for entry in fs::read_dir(root().join("tests/fixtures/config")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "toml") {
            continue;
        }
        count += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let got = shown(name, &fs::read_to_string(&path).unwrap());
        assert!(
            !got.contains("secret\"") && !got.contains("secret@"),
            "{name} reveals a secret:\n{got}"
        );
        let golden = path.with_extension("txt");
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &got).unwrap();
        }
        if fs::read_to_string(&golden).unwrap_or_default() != got {
            wrong.push(format!("{name}:\n{got}"));
        }
    }
    assert!(count >= 15, "only {count} fixtures");
    assert!(wrong.is_empty(), "UPDATE_GOLDEN=1 accepts:\n{}", wrong.join("\n"));
}

#[test]
fn colors_are_for_terminals_only() {
    let error = read("[site]\ntitel = \"س\"").unwrap_err();
    assert!(!error.to_string().contains('\u{1b}'));
    assert!(error.colored().contains('\u{1b}'));
    assert_eq!(error.diagnostics().len(), 1);
}

#[test]
fn a_flood_of_mistakes_is_counted() {
    let error = read(&"[[source]]\n".repeat(500)).unwrap_err();
    assert_eq!(error.diagnostics().len(), 500);
    let text = error.to_string();
    assert_eq!(text.matches("error: ").count(), 100);
    assert!(text.ends_with("feeds.toml: 500 mistakes, 400 of them not shown"));
}

#[test]
fn files_that_cannot_be_read_have_errors_of_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("feeds.toml");
    let message = || load(&path).unwrap_err().to_string();
    let shown = path.display();
    let missing =
        format!("there is no {shown}: make it with `rafid init`, or with `rafid add <URL>`");
    assert_eq!(message(), missing);
    fs::write(&path, b"[site]\ntitle = \"\xd8\xa3\xff\"").unwrap();
    let bytes = format!("{shown} is not UTF-8: the first wrong byte is on line 2, column 11");
    assert_eq!(message(), bytes);
    fs::write(&path, " ".repeat(100_000)).unwrap();
    assert_eq!(message(), format!("{shown} is too long: expected at most 65536 bytes in line 1"));
    fs::write(&path, "أ\n".repeat(2 << 20)).unwrap();
    assert_eq!(
        message(),
        format!("{shown} is too long: expected at most 4194304 bytes in the file")
    );
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    assert_eq!(message(), format!("cannot read {shown}"));
    assert!(!matches!(load(&path), Err(ConfigError::Invalid(_))));
}
