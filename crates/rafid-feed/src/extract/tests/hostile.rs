//! Pages that are made to take long or to fill the memory: the result stays small. `benches/hostile.rs`
//! measures the time.

use proptest::prelude::*;

use super::*;

#[test]
fn floods_give_a_result_of_limited_size() {
    let body = paragraphs(&BODY);
    let flood = |piece: &str, count: usize| {
        format!("<h1>{TITLE}</h1><div>{body}</div>{}", piece.repeat(count))
    };
    for (piece, count) in [
        ("<div>", 3_000),
        ("<a href=x>", 3_000),
        ("<b><i>", 2_000),
        ("<table><tr><td>", 1_000),
        ("<p>x</p>", 8_000),
        ("&amp;", 20_000),
        ("<script type=application/ld+json>{\"@type\":\"Article\"}</script>", 500),
    ] {
        if let Ok(article) = extract(&flood(piece, count), &ArticleSelectors::default()) {
            let bytes: usize = article.blocks.iter().map(|block| block.html.len()).sum();
            assert!(bytes < 200_000, "{piece}: {bytes}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn nothing_panics(page in "(<[/a-z!]{0,6}( [a-z]+=?['\"]?)?>?|[ا-ي .:]{1,20}|&[a-z#0-9]{0,5};?){0,60}") {
        let _ = extract(&page, &ArticleSelectors::default());
    }
}
