//! Tags in any order → markup that the sanitizer does not change.

use proptest::prelude::*;

use super::super::super::elements::HtmlElement;
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

    #[test]
    fn the_short_way_is_the_sanitizers(input in prop_oneof![soup(), near_simple()]) {
        let rewritten = rewrite::rewrite(&input, Some(&base())).html;
        for html in [&input, &rewritten] {
            if let Some(clean) = simple_html::clean_simple(html) {
                prop_assert_eq!(clean, sanitizer().clean(html).to_string());
            }
        }
    }
}

/// Texts and void elements that need no parser.
#[rustfmt::skip]
const PIECES: &[&str] = &[
    "x", "نص ", " ", "\n", "\u{a0}", "&amp;", "&lt;", "&gt;", "«س»", "<br>", "<hr>", "é", "\u{85}", "\u{ad}",
    "<img src=\"https://a.example/1?a&amp;b\">", "<img src=\"http://a.example/ \u{a0}\" alt=\"'&quot;\">",
];
/// Parts that do, or may.
#[rustfmt::skip]
const DOUBTFUL_PARTS: &[&str] = &[
    "&nbsp;", "&", "&amp", "<", ">", "\r\n", "\0", "</p>", "<p>", "</b>", "<li>", "<!--", "-->", "<table>",
    "</a>", "<svg>", "<script>", "]]>", "<a href=\"javascript:x\">", "<img src=\"https://a b/\">", "<br/>",
    "\u{feff}",
];
/// Attributes of both kinds.
#[rustfmt::skip]
const ATTRIBUTES: &[&str] = &[
    "", "", "", " dir=\"rtl\"", " lang=\"ar\" dir=\"ltr\"", " href=\"https://b.example/?q=س&amp;r\"",
    " title=\"<x>\"", " href=\"javascript:x\"", " onclick=\"x\"", " dir=\"&quot;\" dir=\"\"",
];

/// Well-nested markup of kept elements, now and then with a doubtful piece in it.
fn near_simple() -> impl Strategy<Value = String> {
    let is_written =
        |element: &&HtmlElement| element.role.is_kept() && element.name == element.written;
    let names: Vec<&'static str> = ELEMENTS.iter().filter(is_written).map(|row| row.name).collect();
    let piece = prop::sample::select(PIECES);
    let doubtful = prop::sample::select(DOUBTFUL_PARTS);
    let attributes = prop::sample::select(ATTRIBUTES);
    let leaf = prop_oneof![30 => piece, 1 => doubtful].prop_map(str::to_owned);
    leaf.prop_recursive(6, 40, 5, move |inner| {
        let content = prop::collection::vec(inner, 0..5);
        (prop::sample::select(names.clone()), attributes.clone(), content).prop_map(
            |(name, attributes, content)| {
                let content = content.concat();
                match name {
                    "br" | "hr" | "img" => format!("<{name}{attributes}>{content}"),
                    "ul" | "ol" => format!("<{name}><li{attributes}>{content}</li></{name}>"),
                    "table" | "tbody" | "tr" => format!(
                        "<table><tbody><tr><td{attributes}>{content}</td></tr></tbody></table>"
                    ),
                    "dl" => format!("<dl{attributes}><dt>{content}</dt></dl>"),
                    _ => format!("<{name}{attributes}>{content}</{name}>"),
                }
            },
        )
    })
}
