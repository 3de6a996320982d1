//! What stands within an article and is not its text: posts, captions, times, notes; and what is.

use super::*;

fn page(inside: &str) -> String {
    format!(
        "<html lang=ar><head><title>{TITLE}</title></head><body><main>{inside}</main></body></html>"
    )
}

/// Checks an article with something between its first and its other paragraphs: nothing of it is left but
/// `stays`.
fn check_between(name: &str, between: &str, stays: &[&str]) -> RawArticle {
    let (before, after) = (paragraphs(&BODY[..1]), paragraphs(&BODY[1..]));
    let inside = format!(
        "<article><h1>{TITLE}</h1><div class=text>{before}{between}{after}</div></article>"
    );
    let expected: Vec<&str> = [&BODY[..1], stays, &BODY[1..]].concat();
    check(name, &page(&inside), &expected)
}

fn reasons(article: &RawArticle) -> Vec<&str> {
    article.removed.iter().map(|out| out.reason).collect()
}

#[test]
fn posts_of_networks_are_dropped() {
    for class in ["twitter-tweet", "instagram-media x", "tiktok-embed"] {
        let post = format!(
            "<blockquote class='{class}'><p>شاهدوا القاعة الجديدة قبل افتتاحها بساعة واحدة.</p>&mdash; بلدية \
             الزيتون (@zaytoun) <a href=https://x.example/1>May 3, 2026</a></blockquote>"
        );
        assert_eq!(reasons(&check_between(class, &post, &[])), ["embed"]);
    }
    let quote = "قراءة كتاب واحد تكفي لتفتح باباً جديداً أمام طفل.";
    check_between("a quote", &format!("<blockquote>{quote}</blockquote>"), &[quote]);
}

#[test]
fn captions_are_dropped_wherever_they_stand() {
    let words = "القاعة الكبرى في مكتبة الزيتون قبل افتتاحها بساعة (تصوير: نور)";
    for shape in [
        "<div class=wp-caption><img src=a><p class=wp-caption-text>C</p></div>",
        "<div><img src=a><div>C</div></div>",
        "<div class=pic><a href=a.jpg><img src=a></a><br>C</div>",
        "<table><tr><td><img src=a><p>C</p></td></tr></table>",
        "<p><img src=a></p><p class=image-caption>C</p>",
    ] {
        let article = check_between(shape, &shape.replace('C', words), &[]);
        assert_eq!(reasons(&article), ["caption"], "{shape}");
    }
    let sentence = "وافتتحت القاعة الكبرى في مكتبة الزيتون قبل ساعة من وصول الضيوف.";
    let beside = format!("<div><img src=a><p>{sentence}</p></div>");
    check_between("a paragraph beside a picture", &beside, &[sentence]);
    // Breaking news: a picture and a line.
    let line = "افتتاح مكتبة عامة في الحي القديم من مدينة الزيتون صباح اليوم";
    let inside = format!("<article><h1>{TITLE}</h1><div><img src=a><p>{line}</p></div></article>");
    check("the only text", &page(&inside), &[line]);
}

#[test]
fn times_of_live_reports_are_dropped_and_all_posts_stay() {
    let times = ["10:40 (توقيت مكة)", "منذ 15 دقيقة", "الساعة 9:30 صباحاً"];
    let headings = ["وصول الضيوف", "كلمة المديرة", "قص الشريط"];
    let posts = times.iter().zip(headings).zip(BODY).map(|((time, heading), text)| {
        format!("<div class=live><span class=at>{time}</span><h4>{heading}</h4><p>{text}</p></div>")
    });
    let posts = posts.collect::<Vec<_>>().concat();
    let lead = "تفتح مكتبة عامة أبوابها اليوم في حي الزيتون، وننقل لكم ما يجري فيها ساعة بساعة.";
    let inside = format!("<article><h1>{TITLE}</h1><p>{lead}</p>{posts}</article>");
    let expected = [lead, headings[0], BODY[0], headings[1], BODY[1], headings[2], BODY[2]];
    check("live", &page(&inside), &expected);
    // Days are headings of what happened on them.
    check_between("a day", "<p>25 نوفمبر 2026</p>", &["25 نوفمبر 2026"]);
    check_between("a sentence", "<p>افتتحت القاعة عند 10:40.</p>", &["افتتحت القاعة عند 10:40."]);
}

#[test]
fn notes_of_sites_are_dropped() {
    for note in [
        "المقال يعبّر عن رأي صاحبه ولا يعكس بالضرورة رأي الصحيفة.",
        "جارٍ التحميل...",
        "#الزيتون #مكتبات_عامة #كتب",
        "إعلان",
    ] {
        check_between(note, &format!("<p>{note}</p>"), &[]);
    }
    check_between(
        "a note",
        "<div>ما ورد في المقال يعبر عن رأي صاحبه فقط.</div>",
        &["ما ورد في المقال يعبر عن رأي صاحبه فقط."],
    );
    let end = format!(
        "<article><h1>{TITLE}</h1>{}<div>ما ورد في المقال يعبر عن رأي صاحبه فقط.</div></article>",
        paragraphs(&BODY)
    );
    check("a note at the end", &page(&end), &BODY);
}

#[test]
fn links_within_the_text_take_no_paragraph_with_them() {
    let links = around("<p><a href=/x>", &OTHERS[..2], "</a></p>");
    for shown in [links.as_str(), &links[..links.len() / 2]] {
        let shown = shown.rfind("</p>").map_or(shown, |end| &shown[..end + 4]);
        check_between("links", &format!("<p><strong>اقرأ أيضًا</strong></p>{shown}"), &[]);
    }
}

#[test]
fn structured_data_cuts_what_the_page_adds_at_its_ends() {
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{}\"}}</script>",
        BODY.join(" ")
    );
    let inside = format!(
        "{data}<h1>{TITLE}</h1><div>{}<p>{}</p><p>{}</p></div>",
        paragraphs(&BODY),
        OTHERS[0],
        OTHERS[1]
    );
    let article = check("headlines behind", &page(&inside), &BODY);
    assert_eq!(article.evidence, ArticleEvidence::Layout);
    // The data are a part of the article: what follows is not cut.
    let part = data.replace(&format!(" {} {}", BODY[1], BODY[2]), "");
    let inside = format!("{part}<article><h1>{TITLE}</h1>{}</article>", paragraphs(&BODY));
    check("a part", &page(&inside), &BODY);
}

#[test]
fn pages_without_headings_have_a_headline() {
    let short = "افتتحت بلدية الزيتون صباح اليوم مكتبة عامة في الحي القديم.";
    let teaser = "</a><br>تفاصيل الخبر في الصفحة التالية مع صور ومقابلات من المكان.<br>";
    let others = around("<a href=/x>", &OTHERS, teaser);
    let table = format!(
        "<table><tr><td><font><b>{TITLE}</b></font><br>{short}</td><td>{others}</td></tr></table>"
    );
    check("a table", &page(&table), &[short]);
    let blog = format!(
        "<div class=post><h3 class=post-title>{TITLE}</h3><div>{short}</div></div>\
         <div class=side><h2>عن المدونة</h2><p>{}</p></div>",
        OTHERS.join("، ")
    );
    check("a blog", &page(&blog), &[short]);
}
