//! Publishers' texts, clean, broken and hostile → the HTML that is kept of them.

use std::time::Instant;

use proptest::prelude::*;

use super::*;

fn base() -> Url {
    Url::parse("https://a.example/news/1").unwrap()
}

fn body(kind: TextKind, value: &str) -> Body {
    let raw = RawText { value: value.to_owned(), kind, ..RawText::default() };
    of(&raw, Some(&base()), &mut Allowance::default())
}

fn html(kind: TextKind, value: &str) -> String {
    body(kind, value).html.map(|html| html.as_str().to_owned()).unwrap_or_default()
}

/// Markup, whatever its kind.
fn check(input: &str, expected: &str) {
    assert_eq!(html(TextKind::Html, input), expected, "{input}");
}

#[test]
fn each_kind_is_read_in_its_way() {
    let check = |kind: TextKind, input: &str, expected: &str| {
        assert_eq!(html(kind, input), expected, "{kind:?} {input:?}");
    };
    check(TextKind::Text, "a <b>x</b> &amp; c", "a &lt;b&gt;x&lt;/b&gt; &amp;amp; c");
    check(TextKind::Text, "واحد\r\nاثنان\r\n \r\nثلاثة\n", "<p>واحد\nاثنان</p><p>ثلاثة</p>");
    check(TextKind::Text, " \n ", "");
    check(TextKind::Html, "<b>x</b>", "<b>x</b>");
    check(TextKind::Html, "<foo>x</foo> &lt;b&gt;", "x &lt;b&gt;");
    check(TextKind::Html, "&lt;p&gt;x&lt;/p&gt;", "<p>x</p>");
    check(TextKind::Html, "the &lt;b&gt; tag", "the &lt;b&gt; tag");
    check(TextKind::Unsaid, "<b>x</b> &lt;i&gt;y&lt;/i&gt;", "<b>x</b> &lt;i&gt;y&lt;/i&gt;");
    check(TextKind::Unsaid, "&lt;p dir=&quot;rtl&quot;&gt;x", "<p dir=\"rtl\">x</p>");
    check(
        TextKind::Unsaid,
        "&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;",
        "&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;",
    );
    check(TextKind::Unsaid, "a < b &amp; List<T> &copy;", "a &lt; b &amp; List&lt;T&gt; ©");
    check(TextKind::Unsaid, "نص\n\nآخر", "<p>نص</p><p>آخر</p>");
}

#[test]
fn direction_and_language_stay() {
    check("<p dir=\"rtl\" lang=\"ar\" class=\"x\">نص</p>", "<p dir=\"rtl\" lang=\"ar\">نص</p>");
    check("<span style='direction: rtl'>نص</span>", "<span dir=\"rtl\">نص</span>");
    check("<bdo dir=ltr>x</bdo><bdi>y</bdi>", "<bdo dir=\"ltr\">x</bdo><bdi>y</bdi>");
    check(
        "<table dir=rtl><tr><td>x</table>",
        "<table dir=\"rtl\"><tbody><tr><td>x</td></tr></tbody></table>",
    );
}

#[test]
fn what_is_worth_keeping_stays() {
    for kept in [
        "<h2>عنوان</h2><p>نص <em>مهم</em><br>و<sub>2</sub></p>",
        "<ul><li>واحد</li><li>اثنان<ol start=\"3\"><li>x</li></ol></li></ul>",
        "<dl><dt>x</dt><dd>y</dd></dl>",
        "<blockquote cite=\"https://b.example/\"><p>x</p></blockquote>",
        "<figure><img src=\"https://a.example/x.jpg\" alt=\"ص\" width=\"640\" height=\"480\"><figcaption>x</figcaption></figure>",
        "<table><caption>x</caption><thead><tr><th scope=\"col\">x</th></tr></thead><tbody><tr><td colspan=\"2\">y</td></tr></tbody></table>",
        "<details><summary>x</summary><p>y</p></details>",
        "<ruby>漢<rp>(</rp><rt>x</rt><rp>)</rp></ruby>",
        "<pre>a\n  b</pre>",
        "x<hr>y",
        "<a href=\"https://b.example/?a=1&amp;b=2\" title=\"t\" rel=\"noopener noreferrer\">x</a>",
        "<time datetime=\"2026-11-24\">اليوم</time>",
        "<i>a</i>&nbsp;b &amp; &lt;c&gt;",
    ] {
        check(kept, kept);
    }
}

#[test]
fn links() {
    let rel = "rel=\"noopener noreferrer\"";
    check(
        "<a href=/x target=_blank>y</a>",
        &format!("<a href=\"https://a.example/x\" {rel}>y</a>"),
    );
    check("<a href=//b.example/أ>y</a>", &format!("<a href=\"https://b.example/أ\" {rel}>y</a>"));
    check(
        "<a href=mailto:x@a.example>y</a>",
        &format!("<a href=\"mailto:x@a.example\" {rel}>y</a>"),
    );
    check("<a name=top>y</a><a href='javascript:x'>z</a>", "yz");
    check(
        "<a href=/1>x<a href=/2>y</a>",
        &format!(
            "<a href=\"https://a.example/1\" {rel}>x</a><a href=\"https://a.example/2\" {rel}>y</a>"
        ),
    );
    check("<a href=/1></a>x", "x");
    check(
        "<p><a href=/1><div>x</div></a></p>",
        &format!("<div><a href=\"https://a.example/1\" {rel}>x</a></div>"),
    );
    check(
        "<a href=/1><table><tr><td><a href=/2>x</a></table>",
        &format!(
            "<a href=\"https://a.example/1\" {rel}><table><tbody><tr><td>x</td></tr></tbody></table></a>"
        ),
    );
}

#[test]
fn pictures() {
    let picture = "<img src=\"https://a.example/x.jpg\">";
    check("<img src=/x.jpg class=y onerror=z loading=lazy>", picture);
    check("<img src='data:image/gif;base64,R0' data-src=/x.jpg>", picture);
    check("<img data-src=/x.jpg><noscript><img src=/x.jpg></noscript>", picture);
    check("<picture><source srcset=/x.webp><img src=/x.jpg></picture>", picture);
    check("<amp-img src=/x.jpg></amp-img>", picture);
    check("<p>x<img src=https://feeds.feedburner.com/~r/x height=1 width=1></p>", "<p>x</p>");
    check("<p><img src=https://pixel.wp.com/b.gif></p>x", "x");
    let found =
        body(TextKind::Html, "<img src=/p.gif width=1><img src=/x.jpg width=9><img src=/y.jpg>");
    let picture = found.picture.unwrap();
    assert_eq!((picture.url.as_str(), picture.width), ("https://a.example/x.jpg", Some(9)));
}

#[test]
fn pages_films_and_sounds_become_links() {
    let link = |text: &str| {
        format!("<p><a href=\"https://v.example/1\" rel=\"noopener noreferrer\">{text}</a></p>")
    };
    check("<iframe src=https://v.example/1></iframe>", &link("v.example"));
    check("<iframe title=' فيديو ' data-src=https://v.example/1>x</iframe>", &link("فيديو"));
    check("<iframe src=https://v.example/1 />x", &format!("{}x", link("v.example")));
    check(
        "<p>a<iframe src=https://v.example/1></iframe>b</p>",
        &format!("<p>a</p>{}b", link("v.example")),
    );
    check(
        "<object data=https://v.example/1><embed src=https://v.example/1></object>",
        &link("v.example"),
    );
    check("<object><b>x</b></object>", "<b>x</b>");
    check("<video poster=/p.jpg><source src=https://v.example/1>x</video>", &link("v.example"));
    check("<audio src=https://v.example/1 title=a>x</audio>", &link("a"));
    check("<video>x</video><source src=https://v.example/1>", "x");
    check(
        "<iframe src='javascript:x'>y</iframe><iframe src=https://x.doubleclick.net/1></iframe>z",
        "z",
    );
    check(
        "<a href=https://b.example/><iframe src=https://v.example/1></iframe></a>",
        "<a href=\"https://b.example/\" rel=\"noopener noreferrer\"><p>v.example</p></a>",
    );
}

#[test]
fn what_is_left_open_ends() {
    check("<p>واحد<p>اثنان", "<p>واحد</p><p>اثنان</p>");
    check("<ul><li>x<li>y</ul>z", "<ul><li>x</li><li>y</li></ul>z");
    check("<dl><dt>x<dd>y<dt>z</dl>", "<dl><dt>x</dt><dd>y</dd><dt>z</dt></dl>");
    check("<p><b>x</p><p>y</p>", "<p><b>x</b></p><p>y</p>");
    check("<b><i>x</b>y</i>z", "<b><i>x</i></b><i>y</i>z");
    check("<b><p>x</b></p><p>y</p>", "<b><p>x</p></b><p>y</p>");
    check("<b><ul><li>x</b></li><li>y</li></ul>z", "<b><ul><li>x</li><li>y</li></ul></b>z");
    check("<h2>x<h3>y", "<h2>x</h2><h3>y</h3>");
    check("<div><p>x</div>y</p></div>", "<div><p>x</p></div>y");
    check("<p><b>x<ul><li>y</ul>", "<p><b>x</b></p><ul><li>y</li></ul>");
    check("<p><cite><table><tr><td>x</table>", "<table><tbody><tr><td>x</td></tr></tbody></table>");
    check("</p></div></td>x", "x");
    check("<ul><li><ul><li>x</ul></li><li>y", "<ul><li><ul><li>x</li></ul></li><li>y</li></ul>");
    check(
        "<table>x<tr>y<td>z<td>w<tr><td>v</table>u",
        "<table><tbody><tr><td>x</td></tr><tr><td>y</td><td>z</td><td>w</td></tr><tr><td>v</td></tr></tbody></table>u",
    );
    check("<tr><td>x</td></tr>", "x");
    check("<ruby>a<rt>b<rt>c</ruby><rt>d", "<ruby>a<rt>b</rt><rt>c</rt></ruby>d");
    check("<div/>x<p/>y<span/>z", "x\nyz");
}

#[test]
fn what_shows_nothing_goes() {
    check("<p>&nbsp;</p><p>x</p><p> <br> </p><div><p></p></div>", "<p>x</p>");
    check("<p><span></span></p>x<b></b>y", "xy");
    check("x<div class=feedflare> </div>y", "x\ny");
    check("x<b> </b>y", "x<b> </b>y");
    check(
        "<td></td><table><tr><td></td></tr></table>",
        "<table><tbody><tr><td></td></tr></tbody></table>",
    );
    check("<script>x</script><style>y</style><form><input>z</form><svg><text>u</text></svg>w", "w");
    check(
        "<math><semantics><mi>n</mi><annotation>\\n</annotation><annotation-xml><b>n</b></annotation-xml></semantics></math> bytes",
        "n bytes",
    );
    check("<!-- x --><?php y ?><!DOCTYPE html>z<![CDATA[w", "zw");
    check("x<script>y", "x");
    check("x<form>y", "xy");
    check("a\u{0}\u{1b}b\u{feff}c\rd", "abc\nd");
    check("<html><head><title>x</title></head><body>y</body></html>", "<div>y</div>");
}

/// Shapes of scripts that have got through one sanitiser or another.
const ATTACKS: &[&str] = &[
    "<script>alert(1)</script>",
    "<SCRIPT SRC=//x.example/x.js></SCRIPT>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<script/x>alert(1)</script>",
    "<script\n>alert(1)</script\n>",
    "<img src=x onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x'onerror='alert(1)'>",
    "<img \"\"\"><script>alert(1)</script>\">",
    "<img src=`x`onerror=alert(1)>",
    "<img src=\"x:gif\" onerror=\"alert(1)\">",
    "<img src=\"javascript:alert(1)\">",
    "<img src=data:image/svg+xml;base64,PHN2Zz4=>",
    "<img srcset='javascript:alert(1) 1x'>",
    "<img data-src='javascript:alert(1)'>",
    "<svg onload=alert(1)>",
    "<svg/onload=alert(1)//",
    "<svg><script>alert(1)</script></svg>",
    "<svg><a xlink:href='javascript:alert(1)'><text>x</text></a></svg>",
    "<svg><animate href=#x attributeName=href values=javascript:alert(1) /><a id=x>y</a></svg>",
    "<svg></p><style><a id=\"</style><img src=1 onerror=alert(1)>\">",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--><img src=1 onerror=alert(1)>\">",
    "<math href='javascript:alert(1)'>x</math>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href=' &#1; javascript:alert(1)'>x</a>",
    "<a href='java&#x0A;script:alert(1)'>x</a>",
    "<a href='java&Tab;script&colon;alert(1)'>x</a>",
    "<a href='JaVaScRiPt:alert(1)'>x</a>",
    "<a href='vbscript:alert(1)'>x</a>",
    "<a href='data:text/html,<script>alert(1)</script>'>x</a>",
    "<a href=\"https://a.example/\" onclick=\"alert(1)\">x</a>",
    "<a href=\"https://a.example/&quot; onmouseover=&quot;alert(1)\">x</a>",
    "<iframe src=javascript:alert(1)></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<object data=javascript:alert(1)></object>",
    "<embed src=data:text/html;base64,PHNjcmlwdD4=>",
    "<video><source onerror=alert(1)></video>",
    "<video src=x onloadstart=alert(1)>",
    "<form action=javascript:alert(1)><button>x</button></form>",
    "<button formaction=javascript:alert(1)>x</button>",
    "<input autofocus onfocus=alert(1)>",
    "<body onload=alert(1)>x",
    "<div style=\"background:url(javascript:alert(1))\">x</div>",
    "<style>@import 'javascript:alert(1)';</style>",
    "<link rel=stylesheet href=javascript:alert(1)>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<base href=javascript:alert(1)//>",
    "<table background=javascript:alert(1)><tr><td>x</td></tr></table>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<textarea><img title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<xmp><img title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
    "<title><img title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml?><img src=x onerror=alert(1)>",
    "<p title='\"><script>alert(1)</script>'>x</p>",
    "<abbr title='</abbr><script>alert(1)</script>'>x</abbr>",
    "<x onclick=alert(1)>x</x>",
    "<a href=https://a.example/ id=x name=y class=z style=w>x</a>",
    "<p dir='rtl\" onclick=\"alert(1)'>x</p>",
    "<p lang='ar\" onclick=\"alert(1)'>x</p>",
    "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;img src=x onerror=alert(1)&gt;",
];

/// Reads what came out with the same scanner: no tag may carry anything that runs.
fn assert_harmless(shown: &str, input: &str) {
    use crate::feed::markup::{Scanner, Token};
    for token in Scanner::new(shown) {
        let (Token::Start(tag) | Token::End(tag)) = token else {
            assert!(matches!(token, Token::Text(_)), "{token:?} in {shown} of {input}");
            continue;
        };
        let element = super::super::elements::find(tag.name);
        assert!(element.is_some_and(|element| element.role.is_kept()), "{} of {input}", tag.raw);
        for (name, value) in tag.attributes() {
            let named = name == "rel"
                || attributes::GENERIC.contains(&name)
                || attributes::ALLOWED.iter().any(|(_, names)| names.contains(&name));
            assert!(named, "{name} in {} of {input}", tag.raw);
            if matches!(name, "href" | "src" | "cite") {
                let start = value.to_ascii_lowercase();
                let web = ["http://", "https://", "mailto:"].iter().any(|s| start.starts_with(s));
                assert!(web, "{value} in {} of {input}", tag.raw);
            }
        }
    }
}

#[test]
fn attacks_are_harmless() {
    assert!(ATTACKS.len() >= 30);
    for attack in ATTACKS {
        for kind in [TextKind::Text, TextKind::Html, TextKind::Unsaid] {
            for input in
                [(*attack).to_owned(), format!("<p>{attack}</p>"), format!("<table>{attack}")]
            {
                assert_harmless(&html(kind, &input), &input);
            }
        }
    }
}

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

/// Tags in any order, of every kind, with attributes now and then.
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
    fn sanitising_twice_is_sanitising_once(input in soup()) {
        let clean = |input: &str| {
            let body = sanitised(input, Some(&base()), &mut Allowance::default());
            body.html.map(|html| html.as_str().to_owned()).unwrap_or_default()
        };
        let once = clean(&input);
        assert_harmless(&once, &input);
        prop_assert_eq!(&clean(&once), &once);
    }

    #[test]
    fn the_sanitiser_finds_nothing_to_change_but_links(input in soup()) {
        let rewritten = rewrite::rewrite(&input, Some(&base())).html;
        let cleaned = sanitiser().clean(&rewritten).to_string();
        let plain = cleaned.replace(" rel=\"noopener noreferrer\"", "").replace("&nbsp;", "\u{a0}");
        prop_assert_eq!(&plain, &rewritten);
    }
}
