//! The shipped configurations, judged by the JSON Schema that editors get (`feeds.schema.json`).

use std::path::Path;

use jsonschema::Validator;
use serde_json::Value;

fn validator() -> Validator {
    let schema: Value = serde_json::from_str(include_str!("../../feeds.schema.json")).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// The mistakes of a configuration, each with its place.
fn mistakes(text: &str) -> Vec<String> {
    let config: Value = toml::from_str(text).unwrap();
    let validator = validator();
    let mistakes = validator.iter_errors(&config);
    mistakes.map(|mistake| format!("{}: {mistake}", mistake.instance_path())).collect()
}

#[test]
fn what_is_shipped_is_valid() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for name in ["feeds.toml", "examples/offline/feeds.toml"] {
        let text = std::fs::read_to_string(root.join(name)).unwrap();
        let found = mistakes(&text);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}

#[test]
fn mistakes_are_found_where_they_are() {
    let check = |text: &str, place: &str| {
        let found = mistakes(text);
        assert!(found.iter().any(|mistake| mistake.starts_with(place)), "{text}: {found:?}");
    };
    let source = "[[source]]\nid = \"a\"\nurl = \"https://a.example/feed\"\n";
    assert_eq!(mistakes(source), [""; 0]);
    check("[server]\n", ": ");
    check(&format!("{source}keep = \"word\"\n"), "/source/0");
    check("[[source]]\nurl = 5\n", "/source/0/url");
    check("[site]\nmonths = \"alexandria\"\n", "/site/months");
}
