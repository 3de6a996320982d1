//! Clean markup, as publishers write it → the part that is kept.

use super::*;

#[test]
fn each_kind_of_text_has_its_own_reading() {
    let check = |kind: TextKind, input: &str, expected: &str| {
        assert_eq!(html(kind, input), expected, "{kind:?} {input:?}");
    };
    check(TextKind::Text, "a <b>x</b> &amp; c", "a &lt;b&gt;x&lt;/b&gt; &amp;amp; c");
    check(TextKind::Text, "واحد\r\nاثنان\r\n \r\nثلاثة\n", "<p>واحد<br>اثنان</p><p>ثلاثة</p>");
    check(TextKind::Text, " \n ", "");
    check(TextKind::Html, "<b>x</b>", "<b>x</b>");
    check(TextKind::Html, "<foo>x</foo> &lt;b&gt;", "x &lt;b&gt;");
    check(TextKind::Html, "&lt;p&gt;x&lt;/p&gt;", "<p>x</p>");
    check(TextKind::Html, "the &lt;b&gt; tag", "the &lt;b&gt; tag");
    check(TextKind::Unspecified, "<b>x</b> &lt;i&gt;y&lt;/i&gt;", "<b>x</b> &lt;i&gt;y&lt;/i&gt;");
    check(TextKind::Unspecified, "&lt;p dir=&quot;rtl&quot;&gt;x", "<p dir=\"rtl\">x</p>");
    check(
        TextKind::Unspecified,
        "&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;",
        "&amp;lt;p&amp;gt;x&amp;lt;/p&amp;gt;",
    );
    check(TextKind::Unspecified, "a < b &amp; List<T> &copy;", "a &lt; b &amp; List&lt;T&gt; ©");
    check(TextKind::Unspecified, "نص\n\nآخر", "<p>نص</p><p>آخر</p>");
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
fn allowed_markup_stays() {
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
    let found = body(
        TextKind::Html,
        "<img src=/p.gif width=1><img src=/e.png width=9><img src=/x.jpg width=90><img src=/y.jpg>",
    );
    let picture = found.picture.unwrap();
    assert_eq!((picture.url.as_str(), picture.width), ("https://a.example/x.jpg", Some(90)));
}

#[test]
fn a_plain_text_that_is_html_as_a_whole_is_read_as_html() {
    let whole = body(TextKind::Text, "<p>نص <b>غامق</b></p>\n<p>x</p>");
    assert_eq!(whole.html.unwrap().as_str(), "<p>نص <b>غامق</b></p>\n<p>x</p>");
    assert_eq!(whole.losses[0].0, "html-as-text");
    for plain in ["اكتب <p>نص</p>", "<p>نص</p> هكذا", "<مثال>نص</مثال>", "<b>"]
    {
        let shown = body(TextKind::Text, plain);
        assert!(shown.html.unwrap().as_str().contains("&lt;"), "{plain}");
        assert_eq!(shown.losses, [], "{plain}");
    }
}

#[test]
fn the_picture_of_a_text_is_no_button() {
    let lead = |markup: &str| {
        body(TextKind::Html, markup)
            .picture
            .map(|picture| picture.url.replace("https://a.example", ""))
    };
    let photo = Some("/photo.jpg".to_owned());
    for before in [
        "<a href='https://www.facebook.com/sharer.php?u=x'><img src=/1.png></a>",
        "<a href='https://wa.me/?text=x'><span><img src=/1.png></span></a>",
        "<img src=/1.png style='width:24px'>",
        "<img src=/whatsapp-icon.png>",
        "<img src=/1.png class='avatar'>",
    ] {
        assert_eq!(lead(&format!("{before}<img src=/photo.jpg>")), photo, "{before}");
    }
    assert_eq!(lead("<a href='https://x.com/a/1'><img src=/photo.jpg></a>"), photo);
    assert_eq!(lead("<video poster=/photo.jpg src=/1.mp4></video><img src=/2.jpg>"), photo);
}

#[test]
fn frames_video_and_audio_become_links() {
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
