//! Tags in any order → markup that the sanitizer does not change.

use proptest::prelude::*;

use super::*;

/// Tags of every kind in any order, some with attributes.
fn soup() -> impl Strategy<Value = String> {
    let names: Vec<&'static str> = ELEMENTS.iter().map(|element| element.name).collect();
    let tag = (prop::sample::select(names), 0..8_u8, 0..3_u8);
    let piece = prop_oneof![
        4 => tag.prop_map(|(name, what, attributes)| {
            let attributes = match attributes {
                0 => "",
                1 => " href=/x src=y.jpg dir=rtl title='a\"b'",
                _ => " href='javascript:x' onclick=y style='direction:rtl'",
            };
            match what {
                0..4 => format!("<{name}{attributes}>"),
                4..7 => format!("</{name}>"),
                _ => format!("<{name}{attributes}/>"),
            }
        }),
        3 => prop::sample::select(vec![
            "x", "نص", " ", "\n", "&nbsp;", "&lt;b&gt;", "<!-- c -->", "<foo>", "&amp;lt;", "<![CDATA[", "\u{a0}",
        ]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..40).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]

    #[test]
    fn sanitizing_twice_is_sanitizing_once(input in soup()) {
        let clean = |input: &str| {
            let body = sanitize_within_budget(input, Some(&base()), &mut SanitizeBudget::default());
            body.html.map(|html| html.as_str().to_owned()).unwrap_or_default()
        };
        let once = clean(&input);
        assert_harmless(&once, &input);
        prop_assert_eq!(&clean(&once), &once);
    }

    #[test]
    fn the_sanitizer_changes_nothing_but_links(input in soup()) {
        let rewritten = rewrite::rewrite(&input, Some(&base())).html;
        let cleaned = sanitizer().clean(&rewritten).to_string();
        let plain = cleaned.replace(" rel=\"noopener noreferrer\"", "").replace("&nbsp;", "\u{a0}");
        prop_assert_eq!(&plain, &rewritten);
    }
}
