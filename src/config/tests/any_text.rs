//! Any text at all → no panic, and edits that lose no byte.

use proptest::prelude::{Strategy, any, prop};

use super::*;

/// Texts that look like a config, more or less.
fn texts() -> impl Strategy<Value = String> {
    const PIECES: [&str; 48] = [
        "[",
        "[[",
        "]",
        "]]",
        "source",
        "site",
        "polling",
        "url",
        "id",
        "headers",
        "every",
        "=",
        " = ",
        "\"",
        "'",
        "\"\"\"",
        "{",
        "}",
        ",",
        ".",
        "\n",
        "\n[[source]]\n",
        "\n[polling]\n",
        "\n[source.headers]\n",
        "url = \"https://a.example/x\"\n",
        "https://a:b@c/",
        "\"file:a\"",
        "30m",
        "\"30m\"",
        "1",
        "true",
        "2026-01-01",
        "أخبار",
        "#",
        "\\u0040",
        "\t",
        " ",
        "\r\n",
        "\u{feff}",
        "1e5",
        "-",
        "0x",
        "\u{0}",
        "[site]\n",
        "[a.b]\n",
        "[a]\n",
        "[[a.b]]\n",
        "a.b = 1\n",
    ];
    let known = prop::collection::vec(prop::sample::select(&PIECES[..]), 0..30);
    let known = known.prop_map(|pieces| pieces.concat());
    proptest::prop_oneof![known, any::<String>()]
}

proptest::proptest! {
    #[test]
    fn no_text_makes_it_panic(text in texts()) {
        let _ = shown("x", &text);
        if let Err(error) = read(&text) {
            let _ = error.colored();
        }
    }

    #[test]
    fn no_edit_makes_it_panic_or_loses_a_byte(text in texts()) {
        let new = edit::NewSource { url: "https://new.example/".into(), ..Default::default() };
        if let Ok(edited) = edit::append_sources(&text, &[new]) {
            proptest::prop_assert!(edited.starts_with(&text));
        }
    }

    #[test]
    fn what_is_appended_is_read_back(
        name in "[^\\pC\\s]{1,20}",
        category in "[اأب ت\"'\\\\#]{1,9}س",
        words in "[a-z]{1,8}",
    ) {
        let new = edit::NewSource {
            url: format!("https://{words}.example/{words}?x='\"#"),
            id: Some(words.clone()),
            name: Some(name.clone()),
            categories: vec![category.clone()],
            site: Some(format!("https://{words}.example/")),
            language: Some("ar".into()),
        };
        let before = "# تعليق\n[site]\ntitle = 'س' # آخر\n";
        let text = edit::append_sources(before, std::slice::from_ref(&new)).unwrap();
        proptest::prop_assert!(text.starts_with(before));
        let config = read(&text).unwrap();
        let source = &config.sources[0];
        proptest::prop_assert_eq!(source.id.as_str(), &words);
        proptest::prop_assert_eq!(source.name.as_deref(), Some(name.as_str()));
        let words: Vec<_> = category.split_whitespace().collect();
        proptest::prop_assert_eq!(&source.categories[0].name, &words.join(" "));
    }
}
