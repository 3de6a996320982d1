//! Whole pages of many kinds.

use super::*;

fn page(inside: &str) -> String {
    format!(
        "<!DOCTYPE html><html lang=ar dir=rtl><head><title>{TITLE} | صحيفة الزيتون</title>\
         <meta property=og:site_name content='صحيفة الزيتون'></head><body><header><nav><ul>{}</ul></nav>\
         </header>{inside}<footer>جميع الحقوق محفوظة</footer></body></html>",
        links(&["الرئيسية", "سياسة", "رياضة"])
    )
}

#[test]
fn a_page_with_all_the_noise_around() {
    let inside = format!(
        "<ul class=breaking>{}</ul><article><h1>{TITLE}</h1><div class=meta><a rel=author>نور</a>\
         <span>الأربعاء 25 نوفمبر 2026 - 10:30</span><span>1,204</span></div>\
         <div class=share>شارك على: فيسبوك تويتر واتساب</div><div class=entry>{}<p><b>اقرأ أيضاً:</b> \
         <a href=/y>{}</a></p>{}<p>المصدر: وكالة الزيتون</p><p>تابعونا على <a>فيسبوك</a></p></div>\
         <div class=tags>{}</div></article><section><h3>مقالات ذات صلة</h3>{}</section>\
         <div id=respond><h3>اترك تعليقاً <a>إلغاء الرد</a></h3><form><p>لن يتم نشر عنوان بريدك \
         الإلكتروني.</p><textarea></textarea></form></div><a id=top>زر الذهاب إلى الأعلى</a>",
        links(&OTHERS),
        paragraphs(&BODY[..2]),
        OTHERS[0],
        paragraphs(&BODY[2..]),
        links(&["ثقافة", "كتب"]),
        around("<h4><a>", &OTHERS, "</a></h4>"),
    );
    let article = check("wordpress", &page(&inside), &BODY);
    assert_eq!(article.evidence, ArticleEvidence::Layout);
    let [said] = article.attributions.as_slice() else { panic!("{:?}", article.attributions) };
    assert_eq!(said.name, "وكالة الزيتون");
    assert_eq!(said.line.as_deref(), Some("المصدر: وكالة الزيتون"));
    assert_eq!(article.site_name.as_deref(), Some("صحيفة الزيتون"));
    assert_eq!(article.byline.as_deref(), Some("نور"));
}

#[test]
fn a_ticker_glued_together_within_the_text() {
    let glued = OTHERS.concat().repeat(2);
    let inside = format!("<h1>{TITLE}</h1><div><p>{glued}</p>{}</div>", paragraphs(&BODY));
    let article = check("ticker", &page(&inside), &BODY);
    assert_eq!(article.removed.iter().filter(|out| out.reason == "ticker").count(), 1);
}

#[test]
fn an_old_page_of_tables_and_breaks() {
    let inside = format!(
        "<table width=980><tr><td><a href=/>الرئيسية</a> | <a href=/s>سياسة</a></td></tr><tr>\
         <td width=680><font size=5><b>{TITLE}</b></font><br><font size=2>الأحد 22 نوفمبر 2026م - \
         11:45 ص</font><br><div class=tools><a>طباعة</a> <a>أرسل لصديق</a></div><div id=news>{}</div>\
         <br><div>عدد القراءات : 512</div><div>التعليقات 0 | أضف تعليقك</div></td><td width=300>\
         <b>مواضيع ذات صلة</b><br>{}</td></tr></table>",
        BODY.join("<br><br>"),
        around("<a>", &OTHERS, "</a><br>"),
    );
    check("tables", &page(&inside), &BODY);
}

#[test]
fn structured_data_is_used_where_the_page_shows_less() {
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"headline\":\"{TITLE}\",\
         \"datePublished\":\"2026-11-25\",\"articleBody\":\"{}\"}}</script>",
        BODY.join("\\n")
    );
    let short = format!("<article><h1>{TITLE}</h1><p>{}</p></article>", BODY[0]);
    let article = check("teaser", &page(&format!("{data}{short}")), &BODY);
    assert_eq!(article.evidence, ArticleEvidence::StructuredData);
    assert_eq!(article.published.as_deref(), Some("2026-11-25"));

    let whole = format!("<article><h1>{TITLE}</h1>{}</article>", paragraphs(&BODY));
    let article = check("both", &page(&format!("{data}{whole}")), &BODY);
    assert_eq!(article.evidence, ArticleEvidence::Layout, "it has the paragraphs");

    let other = data.replace(BODY[0], OTHERS[0]).replace(BODY[1], &OTHERS.join(" ").repeat(9));
    let other = other.replace(BODY[2], "خبر");
    check("another article's data", &page(&format!("{other}{whole}")), &BODY);
}

#[test]
fn headings_points_quotes_and_verse_stay() {
    let verse =
        ["يا دار عبلة بالجواء تكلمي", "وعمي صباحا دار عبلة واسلمي", "فوقفت فيها ناقتي وكأنها"];
    let inside = format!(
        "<h1>{TITLE}</h1><article><p>{}</p><h2>كتب للأطفال</h2><p>{}</p><blockquote>قراءة كتاب واحد \
         تكفي لتفتح باباً جديداً أمام طفل.</blockquote><ul><li>من التاسعة إلى الثامنة مساءً</li></ul>\
         <p>{}</p><p>{}</p></article>",
        BODY[0],
        BODY[1],
        BODY[2],
        verse.join("<br>"),
    );
    let quote = "قراءة كتاب واحد تكفي لتفتح باباً جديداً أمام طفل.";
    let point = "من التاسعة إلى الثامنة مساءً";
    let expected =
        [BODY[0], "كتب للأطفال", BODY[1], quote, point, BODY[2], verse[0], verse[1], verse[2]];
    check("structure", &page(&inside), &expected);
}

#[test]
fn a_sites_rules_and_counters_after_the_text_are_dropped() {
    let inside = format!(
        "<div id=content><h1>{TITLE}</h1><div class=text>{}</div><div class=rules><p>الآراء الواردة \
         أدناه لا تعبر عن رأي الموقع بل تعكس وجهات نظر أصحابها فقط.</p></div><div><p>ثقافة</p>\
         <p>كتب</p><p>مكتبات</p><p>0</p></div></div>",
        paragraphs(&BODY)
    );
    check("rules", &page(&inside), &BODY);
}

#[test]
fn agencies_within_the_text_are_reported_and_stay() {
    let first = format!("الزيتون - رويترز: {}", BODY[0]);
    let last = format!("{} (أ ف ب)", BODY[2]);
    let expected = [first.as_str(), BODY[1], last.as_str()];
    let inside = format!("<h1>{TITLE}</h1><article>{}</article>", paragraphs(&expected));
    let article = check("datelines", &page(&inside), &expected);
    let names: Vec<&str> = article.attributions.iter().map(|said| said.name.as_str()).collect();
    assert_eq!(names, ["رويترز", "أ ف ب"]);
    assert!(article.attributions.iter().all(|said| said.line.is_none()));
}

#[test]
fn the_operators_selectors_win() {
    let inside = format!(
        "<h1>{TITLE}</h1><main><div class=story>{}<p class=ad>اشتر الآن كتاباً واحداً واحصل على آخر مجاناً \
         مع كل طلب.</p></div></main>",
        paragraphs(&BODY)
    );
    let with = |keep: Option<&str>, drop: Option<&str>| {
        let selectors =
            ArticleSelectors { keep: keep.map(str::to_owned), drop: drop.map(str::to_owned) };
        extract(&page(&inside), &selectors)
    };
    let article = with(Some(".story"), Some(".ad")).unwrap();
    assert_eq!((texts(&article), article.evidence), (BODY.to_vec(), ArticleEvidence::Selectors));
    assert_eq!(texts(&with(None, Some(".ad, .share")).unwrap()), BODY);
    assert_eq!(with(Some(".story"), None).unwrap().blocks.len(), 4);
    let error = |keep: &str| with(Some(keep), None).unwrap_err().to_string();
    assert_eq!(error(".none"), "the page was read but the selector `.none` matches nothing");
    assert_eq!(error("p["), "`p[` is no selector: it ends too early");
}

#[test]
fn pages_without_an_article() {
    for page in ["", "<html><body></body></html>", "<p>***</p>", "<form><p>x</p></form>"] {
        let error = extract(page, &ArticleSelectors::default()).unwrap_err();
        assert_eq!(error, ExtractError::NoText, "{page}");
    }
}
