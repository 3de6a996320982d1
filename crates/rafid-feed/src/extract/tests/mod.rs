//! Whole pages, written for these tests in the shapes that Arabic sites use → the article alone.

mod hostile;
mod leaks;
mod others;
mod pages;
mod texts;

use super::*;
use crate::model::ArticleEvidence;

/// Three paragraphs of an invented article.
const BODY: [&str; 3] = [
    "افتتحت بلدية الزيتون صباح اليوم مكتبة عامة في الحي القديم، بحضور عدد من الكتاب والناشرين وسكان المدينة.",
    "وقالت مديرة المكتبة إن الرفوف تضم عشرين ألف كتاب، نصفها للأطفال، وإن الإعارة ستبدأ مطلع الشهر المقبل.",
    "وأضافت أن البناء القديم رمم خلال عامين بتمويل من تبرعات الأهالي، وأنه سيبقى مفتوحاً كل يوم حتى المساء.",
];

/// Headlines of other articles.
const OTHERS: [&str; 6] = [
    "وصول قافلة المساعدات الثالثة إلى الميناء الشمالي",
    "الفريق الأول يستعد لمباراة نهاية الأسبوع بغياب قائده",
    "أسعار القمح تتراجع للشهر الثاني على التوالي",
    "وزارة الصحة تطلق حملة تطعيم في القرى البعيدة",
    "افتتاح معرض الرسم السنوي في قصر الثقافة",
    "تأجيل الانتخابات البلدية إلى مطلع الربيع",
];

const TITLE: &str = "مكتبة عامة تفتح أبوابها في حي الزيتون";

fn taken(page: &str) -> RawArticle {
    extract(page, &ArticleSelectors::default()).unwrap()
}

fn texts(article: &RawArticle) -> Vec<&str> {
    article.blocks.iter().map(|block| block.text.as_str()).collect()
}

/// Checks the title and the text of a page.
fn check(name: &str, page: &str, expected: &[&str]) -> RawArticle {
    let article = taken(page);
    assert_eq!(article.title.as_deref(), Some(TITLE), "{name}");
    assert_eq!(texts(&article), expected, "{name}: {:?}", article.removed);
    article
}

fn paragraphs(texts: &[&str]) -> String {
    around("<p>", texts, "</p>")
}

fn links(texts: &[&str]) -> String {
    around("<li><a href=/x>", texts, "</a></li>")
}

/// Every text between two pieces of markup.
fn around(start: &str, texts: &[&str], end: &str) -> String {
    texts.iter().flat_map(|text| [start, text, end]).collect()
}
