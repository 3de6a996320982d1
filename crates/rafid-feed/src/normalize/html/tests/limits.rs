//! Texts and feeds beyond the limits → the part within the limits, and the warnings about the rest.

use super::*;

#[test]
fn long_texts_are_cut_and_feeds_have_a_budget() {
    let long = format!("<p>{}</p><p>end</p>", "كلمة ".repeat(60_000));
    let cut = body(TextKind::Html, &long);
    let shown = cut.html.unwrap();
    assert!(shown.as_str().len() <= MOST_BYTES + 16 && !shown.as_str().contains("end"));
    assert!(shown.as_str().ends_with("كلمة </p>"), "cut between words");
    assert_eq!(cut.losses[0].0, "text-cut");

    let picture = format!("<img src='data:image/png;base64,{}'>", "A".repeat(2 * MOST_BYTES));
    let whole = body(TextKind::Html, &format!("<p>أول</p>{picture}<p style='x'>آخر</p>"));
    assert_eq!(whole.html.unwrap().as_str(), "<p>أول</p><p>آخر</p>");
    assert_eq!(whole.losses, []);
    for unshown in ["script", "style", "svg", "form"] {
        let words = "x ".repeat(MOST_BYTES);
        let text = format!("<p>أول</p><{unshown}>{words}</{unshown}><p>آخر</p>");
        let whole = body(TextKind::Html, &text);
        assert_eq!(whole.html.unwrap().as_str(), "<p>أول</p><p>آخر</p>", "{unshown}");
        assert_eq!(whole.losses, [], "{unshown}");
    }

    let plain = body(TextKind::Text, &"كلمة ".repeat(60_000));
    assert!(plain.html.unwrap().as_str().len() <= MOST_BYTES);
    assert_eq!(plain.losses[0].0, "text-cut");
    // A long base in ten thousand addresses.
    let far = Url::parse(&format!("https://a.example/{}/", "x".repeat(1_900))).unwrap();
    let raw = RawText { value: "<img src=1><img src=2>".repeat(10_000), ..RawText::default() };
    let grown = sanitize_text(&raw, Some(&far), &mut SanitizeBudget::default());
    assert!(grown.html.unwrap().as_str().len() < 2 * 1024 * 1024);
    assert_eq!(grown.losses[0].0, "text-cut");

    let raw = RawText { value: "<p>واحد <b>x</b></p>".into(), ..RawText::default() };
    let mut budget = SanitizeBudget { left_bytes: raw.value.len() };
    let first = sanitize_text(&raw, None, &mut budget);
    assert_eq!(first.html.unwrap().as_str(), "<p>واحد <b>x</b></p>");
    let second = sanitize_text(&raw, None, &mut budget);
    assert_eq!(second.html.unwrap().as_str(), "واحد x");
    assert_eq!(second.losses[0].0, "markup-dropped");
}
