//! `rafid article`, as a person at a terminal sees it.

use serde_json::Value;

use crate::support::program::Home;
use crate::support::{Origin, Page};

const PAGE: &str = "<!DOCTYPE html><html lang=ar dir=rtl><head><meta property=og:title \
    content='مكتبة تفتح أبوابها'></head><body><article><h1>مكتبة تفتح أبوابها</h1><p>افتتحت البلدية \
    صباح اليوم مكتبة عامة في <b onclick=x()>الحي القديم</b> بحضور سكان المدينة.</p><p>وقالت مديرتها إن \
    الرفوف تضم عشرين ألف كتاب، نصفها للأطفال والفتيان.</p><p>المصدر: وكالات</p><p>اقرأ أيضاً: خبر \
    آخر</p><script>alert(1)</script></article></body></html>";

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn an_article_is_printed_as_text_html_and_json() {
    let origin = Origin::start();
    origin.put("/a", Page::xml(PAGE).content_type("text/html; charset=utf-8"));
    let home = Home::new(&origin, "");
    let printed = home.command(&["article", &origin.url("/a")]);
    let expected = "مكتبة تفتح أبوابها\n\nافتتحت البلدية صباح اليوم مكتبة عامة في الحي القديم بحضور سكان \
                    المدينة.\n\nوقالت مديرتها إن الرفوف تضم عشرين ألف كتاب، نصفها للأطفال \
                    والفتيان.\n\nالمصدر: وكالات\n";
    assert_eq!(text(&printed.stdout), expected, "{}", text(&printed.stderr));
    assert!(origin.requests()[0].headers["accept"].starts_with("text/html"));

    let html = home.command_fed(&["article", "-", "--format", "html"], PAGE.as_bytes());
    let html = text(&html.stdout);
    assert!(
        html.starts_with("<article dir=\"rtl\" lang=\"ar\">\n<h1>مكتبة تفتح أبوابها</h1>\n<p>")
    );
    assert!(html.contains("<b>الحي القديم</b>") && !html.contains("onclick"), "{html}");
    assert!(html.ends_with("<footer>المصدر: وكالات</footer>\n</article>\n"), "{html}");

    let json = home.command_fed(&["article", "-", "--format", "json"], PAGE.as_bytes());
    let short = home.command_fed(&["article", "-", "--json"], PAGE.as_bytes());
    assert_eq!((text(&short.stdout), short.status.code()), (text(&json.stdout), Some(0)));
    let json: Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["attributions"][0]["name"], "وكالات");
    assert_eq!(json["evidence"], "layout");
    assert_eq!(json["left_out"][0]["reason"], "title");
    assert_eq!(json["left_out"][1]["reason"], "boilerplate");
    assert_eq!(json["text"].as_str().unwrap().lines().count(), 3);
}

#[test]
fn a_page_without_an_article_is_reported() {
    let origin = Origin::start();
    let home = Home::new(&origin, "");
    let check = |words: &[&str], code: i32, expected: &str| {
        let output = home.command_fed(words, b"<p>***</p>");
        assert_eq!(output.status.code(), Some(code), "{words:?}");
        assert!(text(&output.stderr).contains(expected), "{}", text(&output.stderr));
    };
    check(&["article", "-"], 1, "error: -: extract: nothing reads like an article");
    check(&["article", "-", "--keep", "p["], 1, "`p[` is no selector: it ends too early");
    let nowhere = ["article", "-", "--timezone", "Asia/Nowhere"];
    check(&nowhere, 2, "expected a zone such as Asia/Riyadh");
    check(&["article", "nothing.html"], 1, "cannot read nothing.html");
    check(&["article", &origin.url("/none")], 1, "error: fetch:");
}
