//! Texts that make HTML parsers slow, as a publisher could put them into the body of an entry.

/// Name and text of each, about `size` bytes long.
pub fn all(size: usize) -> Vec<(&'static str, String)> {
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
        (
            "long link in every paragraph",
            format!("<p><a href=https://a.example/{}>", "x".repeat(8_000)) + &fill("<p>z"),
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
