//! A category → whether it names a topic. The rows are defaults of content management systems,
//! names of page areas in themes, and words that are true of all news, in the languages of Arab
//! newsrooms and their systems. `docs/reading-feeds.md` says what happens to each kind.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use crate::arabic::MatchKey;

/// The value of a category for readers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CategoryValue {
    /// It names no category, or a place on the publisher's page.
    Meaningless,
    /// It is true of any news: useful only when there is nothing more specific.
    General,
    /// A section of real outlets that some systems also put on everything.
    CatchAll,
    /// It announces breaking news: no topic, but a flag.
    Breaking,
    /// It names a topic.
    Topic,
}

/// Defaults of content management systems, areas of a page, lists that a page shows.
const MEANINGLESS: &[&str] = &[
    "اختيارات المحرر",
    "اخترنا لك",
    "اخترنا لكم",
    "آخر الأخبار",
    "آخر الأنباء",
    "أحدث الأخبار",
    "أهم الأخبار",
    "أهم الأنباء",
    "أبرز الأخبار",
    "الأكثر قراءة",
    "الأكثر مشاهدة",
    "البانر",
    "الخبر الرئيسي",
    "الرئيسي",
    "الرئيسية",
    "السلايدر",
    "السلايد شو",
    "السليدر",
    "الشريط الإخباري",
    "الشريط المتحرك",
    "الصفحة الرئيسية",
    "المقالات المميزة",
    "الموضوع الرئيسي",
    "الواجهة",
    "أخبار الرئيسية",
    "أخبار الشريط",
    "أخبار السلايدر",
    "أخبار رئيسية",
    "أخبار مثبتة",
    "أخبار مميزة",
    "بدون تصنيف",
    "بلا تصنيف",
    "دون تصنيف",
    "خبر رئيسي",
    "خبر مميز",
    "رئيسي",
    "رئيسية",
    "سلايد",
    "سلايدر",
    "سلايدر الرئيسية",
    "سلايد شو",
    "شريط الأخبار",
    "شريط إخباري",
    "غير مصنف",
    "غير مصنفة",
    "لا تصنيف",
    "لا يوجد تصنيف",
    "مانشيت",
    "مميز",
    "مميزة",
    "موضوع رئيسي",
    "مواضيع مميزة",
    "واجهة",
    "واجهة الموقع",
    "a la une",
    "à la une",
    "accueil",
    "alle",
    "allgemein",
    "banner",
    "breaking ticker",
    "carousel",
    "carrusel",
    "category",
    "default",
    "destacada",
    "destacadas",
    "destacado",
    "destacados",
    "editor's pick",
    "editor's picks",
    "editors picks",
    "en portada",
    "featured",
    "featured article",
    "featured articles",
    "featured news",
    "featured post",
    "featured posts",
    "front page",
    "frontpage",
    "head line",
    "headline",
    "headlines",
    "highlight",
    "highlights",
    "home",
    "home page",
    "homepage",
    "hot news",
    "inicio",
    "joomla",
    "la une",
    "last news",
    "latest",
    "latest news",
    "lead story",
    "main",
    "main news",
    "main page",
    "main slider",
    "main story",
    "manchete",
    "mise en avant",
    "most popular",
    "most read",
    "most viewed",
    "must read",
    "new",
    "newest",
    "news ticker",
    "no category",
    "none",
    "non classé",
    "non classe",
    "nouveautés",
    "página principal",
    "pinned",
    "popular",
    "portada",
    "post",
    "posts",
    "recent",
    "recent news",
    "recent posts",
    "root",
    "sans catégorie",
    "sem categoria",
    "senza categoria",
    "sin categoría",
    "sin categorizar",
    "slide",
    "slider",
    "slideshow",
    "sticky",
    "sub slider",
    "ticker",
    "titulares",
    "top",
    "top news",
    "top slider",
    "top stories",
    "top story",
    "trending",
    "trending now",
    "uncategorised",
    "uncategorized",
    "última noticia",
    "últimas noticias",
    "une",
    "unkategorisiert",
];

/// True of any news.
const GENERAL: &[&str] = &[
    "أخبار",
    "أخبار عامة",
    "أخبار متفرقة",
    "أخبار متنوعة",
    "أخبار منوعة",
    "أخبار الموقع",
    "أخبار اليوم",
    "أخرى",
    "الأخبار",
    "الأخبار العامة",
    "العام",
    "العامة",
    "تصنيف عام",
    "جميع الأخبار",
    "خبر",
    "عام",
    "عامة",
    "عموميات",
    "قسم الأخبار",
    "كل الأخبار",
    "متفرقات",
    "متنوع",
    "متنوعة",
    "مقال",
    "مقالة",
    "مواضيع عامة",
    "مواضيع متنوعة",
    "actualidad",
    "actualité",
    "actualités",
    "actu",
    "all",
    "all news",
    "article",
    "articles",
    "aktuelles",
    "autres",
    "blog",
    "divers",
    "general",
    "general news",
    "général",
    "haber",
    "haberler",
    "info",
    "infos",
    "misc",
    "miscellaneous",
    "nachrichten",
    "news",
    "noticia",
    "noticias",
    "other",
    "others",
    "otros",
    "toutes les actualités",
    "varia",
    "varios",
];

/// Sections of real outlets.
const CATCH_ALL: &[&str] = &[
    "المنوعات",
    "لايف ستايل",
    "منوعات",
    "منوعات وفن",
    "life style",
    "lifestyle",
    "magazine",
    "variety",
];

/// The rows by their match keys.
static TABLE: LazyLock<BTreeMap<MatchKey, CategoryValue>> = LazyLock::new(|| {
    let rows = |rows: &'static [&str], value| rows.iter().map(move |it| (MatchKey::of(it), value));
    rows(CATCH_ALL, CategoryValue::CatchAll)
        .chain(rows(GENERAL, CategoryValue::General))
        .chain(rows(MEANINGLESS, CategoryValue::Meaningless))
        .collect()
});

/// The value, in any feed, of the category with this key.
pub(super) fn category_value(key: &MatchKey) -> CategoryValue {
    TABLE.get(key).copied().unwrap_or(CategoryValue::Topic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_and_is_in_one_table_only() {
        let tables = [
            (MEANINGLESS, CategoryValue::Meaningless),
            (GENERAL, CategoryValue::General),
            (CATCH_ALL, CategoryValue::CatchAll),
        ];
        for (rows, expected) in tables {
            for row in rows {
                assert_eq!(category_value(&MatchKey::of(row)), expected, "{row}");
            }
        }
    }

    #[test]
    fn spellings_make_no_difference_and_topics_are_not_rows() {
        let check = |name: &str, expected| {
            assert_eq!(category_value(&MatchKey::of(name)), expected, "{name}");
        };
        check("غير مصنّفة", CategoryValue::Meaningless);
        check("الرئيسيّـة", CategoryValue::Meaningless);
        check("SLIDER", CategoryValue::Meaningless);
        check("Non-Classé", CategoryValue::Meaningless);
        check("اخبار", CategoryValue::General);
        check("News", CategoryValue::General);
        check("Life-Style", CategoryValue::CatchAll);
        for topic in [
            "اقتصاد",
            "أخبار الاقتصاد",
            "أخبار عالمية",
            "محليات",
            "رأي",
            "مقالات",
            "مدونات",
            "تقارير",
            "فيديو",
            "مجتمع",
            "ثقافة وفن",
            "صحة",
            "الأولى",
            "الأخيرة",
            "عاجل",
            "World News",
            "Opinion",
            "Home & Garden",
            "",
        ] {
            check(topic, CategoryValue::Topic);
        }
    }
}
