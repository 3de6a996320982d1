//! Short articles with the teasers of other articles around them.

use super::*;

/// Teasers as sites show them: each a headline that links to another page, and a paragraph.
const TEASERS: [(&str, &str); 5] = [
    (
        OTHERS[0],
        "وصلت القافلة صباح أمس إلى الميناء وعلى متن شاحناتها أدوية وأغذية تكفي سكان المدينة شهرين.",
    ),
    (
        OTHERS[1],
        "يدخل الفريق مباراته المقبلة من دون قائده الذي أصيب في التدريب الأخير قبل السفر بيومين.",
    ),
    (
        OTHERS[2],
        "تراجعت أسعار القمح في السوق للشهر الثاني بعد موسم حصاد فاق كل ما توقعه المزارعون والتجار.",
    ),
    (OTHERS[3], "تبدأ الحملة مطلع الأسبوع وتشمل ثلاثين قرية لا تصل إليها الحافلات إلا مرتين كل أسبوع."),
    (OTHERS[4], "يضم المعرض مئتي لوحة لرسامين شباب يعرض معظمهم أعماله أمام الجمهور للمرة الأولى."),
];

/// A single paragraph, as breaking news has it.
const SHORT: &str = "افتتحت بلدية الزيتون صباح اليوم مكتبة عامة في الحي القديم.";

/// The teasers in a shape: `T` stands for a headline, `P` for a paragraph.
fn teasers(shape: &str) -> String {
    let shown = TEASERS.map(|(title, text)| shape.replace('T', title).replace('P', text));
    shown.concat()
}

fn cards(element: &str) -> String {
    teasers(&format!("<{element} class=card><a href=/x>T</a><p>P</p></{element}>"))
}

fn page(inside: &str) -> String {
    format!(
        "<html lang=ar><head><title>{TITLE}</title></head><body><main>{inside}</main></body></html>"
    )
}

/// Checks a page with one paragraph of its own.
fn check_short(name: &str, inside: &str) -> RawArticle {
    check(name, &page(inside), &[SHORT])
}

#[test]
fn text_beside_an_article_or_after_a_heading_of_others_is_not_its_own() {
    let own = format!("<article><h1>{TITLE}</h1><div class=body><p>{SHORT}</p></div></article>");
    let cards = cards("div");
    let article = check_short("aside", &format!("{own}<aside>{cards}</aside>"));
    assert_eq!(article.removed.iter().filter(|out| out.reason == "aside").count(), 1);
    check_short("complementary", &format!("{own}<div role=complementary>{cards}</div>"));
    for heading in ["مقالات ذات صلة", "اقرأ أيضًا", "المزيد من الأخبار", "الأكثر قراءةً", "Related news"]
    {
        let box_of = format!("<section class=more><h2>{heading}</h2>{cards}</section>");
        check_short(heading, &format!("{own}{box_of}"));
        let within = own.replace("</article>", &format!("{box_of}</article>"));
        check_short(heading, &within);
        let bold = format!("<div><b>{heading}</b><br>{cards}</div>");
        check_short(heading, &format!("<h1>{TITLE}</h1><div><p>{SHORT}</p></div>{bold}"));
    }
    let wrapped =
        format!("<div><div class=top><h3>أخبار متعلقة</h3></div><div>{cards}</div></div>");
    check_short("a heading in an element of its own", &format!("{own}{wrapped}"));
    let flat = teasers("<h4><a href=/x>T</a></h4><p>P</p>");
    let flat = format!("<h1>{TITLE}</h1><p>{SHORT}</p><h3>مواضيع ذات صلة</h3>{flat}");
    check_short("teasers in no element of their own", &flat);
}

#[test]
fn teasers_without_a_heading_are_not_its_text() {
    let own = format!("<h1>{TITLE}</h1><div class=body><p>{SHORT}</p></div>");
    check_short("no article", &format!("<div>{own}<div class=grid>{}</div></div>", cards("div")));
    check_short("articles", &format!("<div>{own}</div><div>{}</div>", cards("article")));
    check_short("an article", &format!("<article>{own}</article><div>{}</div>", cards("div")));
    let linked = teasers("<div class=t><a href=/x><h3>T</h3><p>P</p></a></div>");
    check_short("wholly linked", &format!("<div>{own}</div><div>{linked}</div>"));
    let bare = teasers("<p>P</p>");
    check_short("without links", &format!("<div>{own}</div><div>{bare}</div>"));
}

#[test]
fn two_paragraphs_stay_two() {
    let own = format!("<article><h1>{TITLE}</h1>{}</article>", paragraphs(&BODY[..2]));
    let cards = cards("div");
    let others = format!("<div class=related-posts><h2>مقالات ذات صلة</h2>{cards}</div>");
    check("two", &page(&format!("{own}{others}")), &BODY[..2]);
    let own = own.replace("article>", "div>");
    check("two without an article", &page(&format!("{own}{others}")), &BODY[..2]);
}

#[test]
fn a_structured_text_that_is_on_the_page_is_the_articles() {
    let data = format!(
        "<script type='application/ld+json'>{{\"@type\":\"NewsArticle\",\"articleBody\":\"{SHORT}\"}}</script>"
    );
    let bare = teasers("<p>P</p>");
    // There is no headline or heading that shows which text is the article's.
    let inside = format!("{data}<div><p>{SHORT}</p></div><div>{bare}</div>");
    check_short("machines", &inside);
    let inside = format!("{data}<div>{bare}</div><table><tr><td>{SHORT}</td></tr></table>");
    check_short("machines, behind", &inside);
    let cut = data.replace(SHORT, "افتتحت بلدية الزيتون صباح اليوم مكتبة عامة…");
    let whole = format!("{cut}<article><h1>{TITLE}</h1>{}</article>", paragraphs(&BODY));
    check("a beginning for machines", &page(&whole), &BODY);
}

#[test]
fn where_nothing_else_is_the_articles_own_its_summary_is() {
    let with_summary = |summary: &str, inside: &str| {
        page(inside)
            .replace("</title>", &format!("</title><meta name=description content='{summary}'>"))
    };
    let cards = cards("div");
    let video = format!("<h1>{TITLE}</h1><iframe src=/v></iframe><div>{cards}</div>");
    let article = check("a video", &with_summary(SHORT, &video), &[SHORT]);
    assert_eq!(article.evidence, ArticleEvidence::Summary);
    let video = format!("<article><h1>{TITLE}</h1><video src=/v></video></article>{cards}");
    check("a video in an article", &with_summary(SHORT, &video), &[SHORT]);
    let slogan = "موقع إخباري مستقل يتابع أحداث المنطقة والعالم على مدار الساعة";
    let own = format!("<div><p>{SHORT}</p></div>");
    check("a summary of the site", &with_summary(slogan, &own), &[SHORT]);
    let line = "افتتاح المكتبة بحضور الأهالي";
    let few =
        format!("<article><h1>{TITLE}</h1><p>{line} والتلاميذ</p></article><div>{cards}</div>");
    check("five words", &page(&few), &[&format!("{line} والتلاميذ")]);
}

#[test]
fn an_article_continues_after_links_to_others() {
    let list = format!("<h3>اقرأ أيضًا</h3><ul>{}</ul>", links(&OTHERS));
    let inside = format!(
        "<article><h1>{TITLE}</h1>{}{list}{}</article>",
        paragraphs(&BODY[..1]),
        paragraphs(&BODY[1..])
    );
    check("a list in the midst", &page(&inside), &BODY);
    let one =
        format!("<div class=also><span>مواضيع ذات صلة</span><a href=/x>{}</a></div>", OTHERS[0]);
    let inside = format!(
        "<h1>{TITLE}</h1><div>{}{one}{}</div>",
        paragraphs(&BODY[..1]),
        paragraphs(&BODY[1..])
    );
    check("one in the midst", &page(&inside), &BODY);
    let quote = "<aside>قراءة كتاب واحد تكفي لتفتح بابا جديدا أمام طفل صغير.</aside>";
    let inside = format!("<div><h1>{TITLE}</h1>{quote}{}</div>", paragraphs(&BODY));
    check("an aside in the midst", &page(&inside), &BODY);
}

#[test]
fn a_lead_beside_the_headline_is_not_the_whole_article() {
    let lead = "مكتبة عامة للأطفال والكبار تفتتح في الحي القديم من مدينة الزيتون بعد عامين.";
    let inside = format!(
        "<header><h1>{TITLE}</h1><p>{lead}</p></header><div class=body>{}</div>",
        paragraphs(&BODY)
    );
    let article = taken(&page(&inside));
    assert!(texts(&article).ends_with(&BODY), "{article:?}");
    let books = teasers("<div><h3><a href=/x>T</a></h3><p>P</p></div>");
    let inside = format!("<article><h1>{TITLE}</h1><p>{SHORT}</p>{books}</article>");
    assert!(texts(&taken(&page(&inside))).len() > 5, "a list of books is an article, too");
}
