//! Texts that are long or made to be slow → markup within the limits.

use std::time::Instant;

use super::*;

#[test]
fn long_texts_are_cut_and_feeds_have_an_allowance() {
    let long = format!("<p>{}</p><p>end</p>", "كلمة ".repeat(60_000));
    let cut = body(TextKind::Html, &long);
    let shown = cut.html.unwrap();
    assert!(shown.as_str().len() <= MOST_BYTES + 16 && !shown.as_str().contains("end"));
    assert!(shown.as_str().ends_with("كلمة </p>"), "cut between words");
    assert_eq!(cut.losses[0].0, "text-cut");

    let plain = body(TextKind::Text, &"كلمة ".repeat(60_000));
    assert!(plain.html.unwrap().as_str().len() <= MOST_BYTES);
    assert_eq!(plain.losses[0].0, "text-cut");
    // A long base in ten thousand addresses.
    let far = Url::parse(&format!("https://a.example/{}/", "x".repeat(1_900))).unwrap();
    let raw = RawText { value: "<img src=1><img src=2>".repeat(10_000), ..RawText::default() };
    let grown = of(&raw, Some(&far), &mut Allowance::default());
    assert!(grown.html.unwrap().as_str().len() < 2 * 1024 * 1024);
    assert_eq!(grown.losses[0].0, "text-cut");

    let raw = RawText { value: "<p>واحد <b>x</b></p>".into(), ..RawText::default() };
    let mut allowance = Allowance { left_bytes: raw.value.len() };
    let first = of(&raw, None, &mut allowance);
    assert_eq!(first.html.unwrap().as_str(), "<p>واحد <b>x</b></p>");
    let second = of(&raw, None, &mut allowance);
    assert_eq!(second.html.unwrap().as_str(), "واحد x");
    assert_eq!(second.losses[0].0, "markup-dropped");
}

/// Inputs that make HTML parsers slow, `size` bytes of each.
fn hostile(size: usize) -> Vec<(&'static str, String)> {
    let fill = |unit: &str| unit.repeat(size / unit.len() + 1);
    let half = |unit: &str| unit.repeat(size / 2 / unit.len() + 1);
    vec![
        ("nested div", fill("<div>")),
        ("nested div with text", fill("<div>x")),
        ("font and stray ends", half("<font>") + &half("</b></b>")),
        ("bold and stray ends", half("<b>") + &half("</i></i>")),
        ("a million attributes", format!("<a {}>x</a>", fill("b=1 "))),
        ("lists", fill("<ul><li>")),
        ("tables", fill("<table>")),
        ("tables with cells", fill("<table><tr><td>")),
        ("tables with text", fill("<table>x")),
        ("active formatting", fill("<p><b><i>")),
        ("active formatting with text", fill("<p><b>x<i>y")),
        (
            "links in paragraphs",
            fill("<p><a href=https://a.example/xxxxxxxxxxxxxxxxxxxxxxxxx>x<div>"),
        ),
        (
            "long link again and again",
            format!("<p><a href=https://a.example/{}>", "x".repeat(8_000)) + &fill("<div>y<p>z"),
        ),
        ("crossed ends", fill("<b><i>x</b>")),
        ("inline left open", fill("<span>x")),
        ("ends without beginnings", half("<div>") + &half("</section>")),
        ("open angles", fill("<")),
        ("open tags", fill("<a ")),
        ("open quotes", fill("<a href=\"")),
        ("comments", fill("<!--")),
        ("comments that nearly end", fill("<!-- -- ")),
        ("scripts", fill("<script>")),
        ("frames", fill("<iframe>")),
        ("films", fill("<video>")),
        ("films with sources", fill("<video><source>")),
        ("objects", fill("<object data=x>")),
        ("relative pictures", fill("<img src=x>")),
        ("entities", fill("&amp;")),
        ("numeric entities", fill("&#1111111111")),
        ("half entities", fill("&CounterClockwiseContourIntegra")),
        ("ruby", fill("<ruby><rt>")),
        ("headings", fill("<h1><b>")),
        ("definitions", fill("<dl><dd>")),
        ("white space in boxes", "<div>".repeat(120) + &fill(" ") + "x"),
        ("escaped tags", fill("&lt;div&gt;")),
        ("ends after beginnings", half("<b><i><u><s><p><li><dd><td><div><a>") + &half("</q>")),
    ]
}

#[test]
fn hostile_texts_cost_linear_time() {
    // Small, as tests are built without optimisation; the release figures come from the next test.
    for (name, text) in hostile(32 * 1024) {
        for kind in [TextKind::Html, TextKind::Unsaid] {
            let begun = Instant::now();
            let found = body(kind, &text);
            let seconds = begun.elapsed().as_secs_f64();
            assert!(seconds < 10.0, "{name} took {seconds} s");
            let bytes = found.html.map_or(0, |html| html.as_str().len());
            assert!(bytes <= 10 * text.len() + 64 * 1024, "{name} grew to {bytes} bytes");
        }
    }
}

/// `cargo test --release -- --ignored --nocapture figures`
#[test]
#[ignore = "prints figures; only meaningful in a release build"]
fn figures() {
    for (name, text) in hostile(1024 * 1024) {
        let begun = Instant::now();
        let found = body(TextKind::Html, &text);
        let bytes = found.html.map_or(0, |html| html.as_str().len());
        println!("{name}: {} bytes, {:?}, {bytes} bytes out", text.len(), begun.elapsed());
    }
    let sentence = "افتتح مجلس المدينة صباح اليوم مكتبة جديدة في حي السنديان بحضور السكان والطلاب. ";
    let paragraph =
        format!("<p dir=\"rtl\">{sentence}<a href=\"/x?i=1&amp;b=2\">رابط</a> {sentence}</p>\n");
    let text = paragraph.repeat(4) + "<img src=\"/1.jpg\" alt=\"x\"><br>";
    let begun = Instant::now();
    for _ in 0..30_000 {
        body(TextKind::Unsaid, &text);
    }
    println!("30,000 texts of {} bytes: {:?}", text.len(), begun.elapsed());
    let begun = Instant::now();
    for _ in 0..30_000 {
        rewrite::rewrite(&text, None);
    }
    println!("of these, rewriting: {:?}", begun.elapsed());
}
