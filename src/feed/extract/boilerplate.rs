//! A line → whether it is one that Arabic sites write around every article.
//!
//! Lines meet the table under their match keys, so hamza, vowels, tatweel and punctuation do not
//! matter. A row counts at a line's start or for the whole line only: the same words stand in the
//! middle of honest sentences. What could begin an honest sentence, too (`اشترك في`: subscribe to,
//! took part in), counts in short lines only.

use std::sync::LazyLock;

use crate::feed::arabic::MatchKey;

/// What a line of the table tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// This line is no part of the article.
    Line,
    /// Nothing behind it is, either, if most of the article stands before it.
    End,
}

/// Where in a line the words must stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    Whole,
    Start,
}

/// Words of a line that begins with such words, at most.
const SHORT: usize = 12;
/// For words that begin no honest sentence.
const LONG: usize = 40;

/// (words, where they stand, words of the line at most, what that tells)
type Row = (&'static str, At, usize, Told);

/// Words before other articles: in a line with one of them, or alone above several.
#[rustfmt::skip]
const OTHERS: &[Row] = &[
    ("اقرأ أيضا", At::Start, LONG, Told::Line),
    ("اقرأ المزيد", At::Start, LONG, Told::Line),
    ("اقرأ كذلك", At::Start, SHORT, Told::Line),
    ("اقرأوا أيضا", At::Start, LONG, Told::Line),
    ("طالع أيضا", At::Start, LONG, Told::Line),
    ("شاهد أيضا", At::Start, LONG, Told::Line),
    ("شاهد المزيد", At::Start, SHORT, Told::Line),
    ("قد يهمك", At::Start, SHORT, Told::Line),
    ("قد يعجبك", At::Start, SHORT, Told::Line),
    ("للمزيد", At::Start, SHORT, Told::Line),
    ("لقراءة المزيد", At::Start, LONG, Told::Line),
    ("المزيد من الأخبار", At::Start, SHORT, Told::End),
    ("المزيد من", At::Start, 5, Told::Line),
    ("المزيد", At::Whole, SHORT, Told::Line),
    ("مواضيع ذات صلة", At::Start, 6, Told::End),
    ("موضوعات ذات صلة", At::Start, 6, Told::End),
    ("مقالات ذات صلة", At::Start, 6, Told::End),
    ("أخبار ذات صلة", At::Start, 6, Told::End),
    ("مواضيع متعلقة", At::Start, 6, Told::End),
    ("موضوعات متعلقة", At::Start, 6, Told::End),
    ("أخبار متعلقة", At::Start, 6, Told::End),
    ("أخبار مشابهة", At::Start, 6, Told::End),
    ("مواضيع مشابهة", At::Start, 6, Told::End),
    ("مقالات مشابهة", At::Start, 6, Told::End),
    ("المواضيع ذات الصلة", At::Start, 6, Told::End),
    ("الأخبار ذات الصلة", At::Start, 6, Told::End),
    ("ذات صلة", At::Whole, SHORT, Told::End),
    ("مواضيع مرتبطة", At::Start, 6, Told::End),
    ("أخبار مرتبطة", At::Start, 6, Told::End),
    ("مقالات متعلقة", At::Start, 6, Told::End),
    ("أخبار أخرى", At::Whole, SHORT, Told::End),
    ("مقالات أخرى", At::Whole, SHORT, Told::End),
    ("مواضيع أخرى", At::Whole, SHORT, Told::End),
    ("الأكثر رواجا", At::Start, 5, Told::End),
    ("الأكثر قراءة", At::Start, 5, Told::End),
    ("الأكثر مشاهدة", At::Start, 5, Told::End),
    ("الأكثر تداولا", At::Start, 5, Told::End),
    ("الأكثر تعليقا", At::Start, 5, Told::End),
    ("الأكثر شيوعا", At::Start, 5, Told::End),
    ("آخر الأخبار", At::Whole, SHORT, Told::End),
    ("أحدث الأخبار", At::Whole, SHORT, Told::End),
    ("أهم الأخبار", At::Whole, SHORT, Told::End),
    ("اخترنا لك", At::Start, 5, Told::End),
    ("اخترنا لكم", At::Start, 5, Told::End),
    ("من نفس القسم", At::Whole, SHORT, Told::End),
    ("المقال السابق", At::Start, SHORT, Told::Line),
    ("المقال التالي", At::Start, SHORT, Told::Line),
    ("المقالة السابقة", At::Start, SHORT, Told::Line),
    ("المقالة التالية", At::Start, SHORT, Told::Line),
    ("الخبر السابق", At::Start, SHORT, Told::Line),
    ("الخبر التالي", At::Start, SHORT, Told::Line),
    ("السابق", At::Whole, SHORT, Told::Line),
    ("التالي", At::Whole, SHORT, Told::Line),
    ("Read more", At::Start, SHORT, Told::Line),
    ("Read also", At::Start, SHORT, Told::Line),
    ("Related", At::Whole, SHORT, Told::End),
    ("Related articles", At::Whole, SHORT, Told::End),
    ("Related news", At::Whole, SHORT, Told::End),
    ("Related posts", At::Whole, SHORT, Told::End),
    ("Related stories", At::Whole, SHORT, Told::End),
    ("Most read", At::Whole, SHORT, Told::End),
    ("More news", At::Whole, SHORT, Told::End),
    ("You may also like", At::Start, SHORT, Told::End),
    ("Next Previous", At::Whole, SHORT, Told::Line),
    ("Next", At::Whole, SHORT, Told::Line),
    ("Previous", At::Whole, SHORT, Told::Line),
];

#[rustfmt::skip]
const ROWS: &[Row] = &[
    // Readers' words.
    ("اترك تعليقا", At::Start, 5, Told::End),
    ("اترك ردا", At::Start, 5, Told::End),
    ("اترك رد", At::Start, 5, Told::End),
    ("ترك الرد", At::Start, 5, Told::End),
    ("أضف تعليق", At::Start, 5, Told::End),
    ("أضف تعليقا", At::Start, 5, Told::End),
    ("أضف تعليقك", At::Start, 5, Told::End),
    ("إضافة تعليق", At::Start, 5, Told::End),
    ("اكتب تعليق", At::Start, 5, Told::End),
    ("اكتب تعليقك", At::Start, 5, Told::End),
    ("شارك برأيك", At::Start, 5, Told::End),
    ("إلغاء الرد", At::Whole, SHORT, Told::End),
    ("التعليقات", At::Start, 5, Told::End),
    ("لا توجد تعليقات", At::Start, 6, Told::End),
    ("لا يوجد تعليقات", At::Start, 6, Told::End),
    ("لن يتم نشر عنوان بريدك الإلكتروني", At::Start, LONG, Told::End),
    ("الحقول الإلزامية مشار إليها", At::Start, LONG, Told::End),
    ("احفظ اسمي", At::Start, LONG, Told::End),
    ("Leave a Reply", At::Start, SHORT, Told::End),
    ("Comments", At::Whole, SHORT, Told::End),
    // Sharing, following, printing.
    ("مشاركة عبر", At::Start, SHORT, Told::Line),
    ("مشاركة على", At::Start, SHORT, Told::Line),
    ("مشاركة", At::Whole, SHORT, Told::Line),
    ("شارك هذا", At::Start, SHORT, Told::Line),
    ("شارك المقال", At::Start, SHORT, Told::Line),
    ("شارك الخبر", At::Start, SHORT, Told::Line),
    ("شارك الموضوع", At::Start, SHORT, Told::Line),
    ("شارك على", At::Start, SHORT, Told::Line),
    ("شارك عبر", At::Start, SHORT, Told::Line),
    ("شارك مع", At::Start, 5, Told::Line),
    ("شاركها", At::Start, SHORT, Told::Line),
    ("شاركه على", At::Start, SHORT, Told::Line),
    ("شارك", At::Whole, SHORT, Told::Line),
    ("انشر على", At::Start, 6, Told::Line),
    ("غرد", At::Whole, SHORT, Told::Line),
    ("إرسال", At::Whole, SHORT, Told::Line),
    ("أرسل لصديق", At::Start, 5, Told::Line),
    ("أرسل إلى صديق", At::Start, 5, Told::Line),
    ("طباعة", At::Start, 6, Told::Line),
    ("اطبع", At::Whole, SHORT, Told::Line),
    ("حفظ", At::Whole, SHORT, Told::Line),
    ("استمع", At::Whole, SHORT, Told::Line),
    ("استمع إلى المقال", At::Start, SHORT, Told::Line),
    ("تكبير الخط", At::Start, 6, Told::Line),
    ("تصغير الخط", At::Start, 6, Told::Line),
    ("حجم الخط", At::Start, 6, Told::Line),
    ("انسخ الرابط", At::Start, 6, Told::Line),
    ("نسخ الرابط", At::Start, 6, Told::Line),
    ("تم النسخ", At::Start, 6, Told::Line),
    ("تم نسخ الرابط", At::Start, 6, Told::Line),
    ("رابط مختصر", At::Start, 6, Told::Line),
    ("الرابط المختصر", At::Start, 6, Told::Line),
    ("فيسبوك", At::Start, 4, Told::Line),
    ("تويتر", At::Start, 4, Told::Line),
    ("واتساب", At::Start, 4, Told::Line),
    ("تيليغرام", At::Start, 4, Told::Line),
    ("تلغرام", At::Start, 4, Told::Line),
    ("البريد الإلكتروني", At::Whole, SHORT, Told::Line),
    ("تابعونا", At::Start, SHORT, Told::Line),
    ("تابعنا", At::Start, SHORT, Told::Line),
    ("تابع أخبارنا", At::Start, SHORT, Told::Line),
    ("تابعوا آخر الأخبار", At::Start, LONG, Told::Line),
    ("تابع آخر الأخبار", At::Start, LONG, Told::Line),
    ("لمتابعة آخر", At::Start, LONG, Told::Line),
    ("لمتابعة أخبار", At::Start, SHORT, Told::Line),
    ("لمتابعة المزيد", At::Start, LONG, Told::Line),
    ("اشترك في", At::Start, 8, Told::Line),
    ("اشترك الآن", At::Start, 8, Told::Line),
    ("اشتركوا في", At::Start, 8, Told::Line),
    ("اشترك", At::Whole, SHORT, Told::Line),
    ("إشترك لمشاهدة", At::Start, SHORT, Told::Line),
    ("انضم إلى قناتنا", At::Start, LONG, Told::Line),
    ("انضموا إلى قناتنا", At::Start, LONG, Told::Line),
    ("انضم إلينا", At::Start, SHORT, Told::Line),
    ("حمل التطبيق", At::Start, SHORT, Told::Line),
    ("حمل تطبيق", At::Start, SHORT, Told::Line),
    ("حمل الآن", At::Start, SHORT, Told::Line),
    ("حملوا تطبيق", At::Start, SHORT, Told::Line),
    ("يمكنكم استلام", At::Start, LONG, Told::Line),
    ("يمكنكم تسلم", At::Start, LONG, Told::Line),
    ("Share this", At::Start, SHORT, Told::Line),
    ("Follow us", At::Start, SHORT, Told::Line),
    ("Google Play", At::Whole, SHORT, Told::Line),
    ("App Store", At::Whole, SHORT, Told::Line),
    // Counters and dates of the page.
    ("عدد القراءات", At::Start, 6, Told::Line),
    ("عدد المشاهدات", At::Start, 6, Told::Line),
    ("عدد الزيارات", At::Start, 6, Told::Line),
    ("مشاهدات", At::Start, 4, Told::Line),
    ("القراءات", At::Start, 4, Told::Line),
    ("الزيارات", At::Start, 4, Told::Line),
    ("وقت القراءة", At::Start, 6, Told::Line),
    ("مدة القراءة", At::Start, 6, Told::Line),
    ("تاريخ النشر", At::Start, SHORT, Told::Line),
    ("تاريخ التحديث", At::Start, SHORT, Told::Line),
    ("آخر تحديث", At::Start, 10, Told::Line),
    ("نشر في", At::Start, 8, Told::Line),
    ("نشر بتاريخ", At::Start, 10, Told::Line),
    ("تم النشر", At::Start, 10, Told::Line),
    ("رقم الخبر", At::Start, 6, Told::Line),
    ("كود الخبر", At::Start, 6, Told::Line),
    // Labels, advertisements, marks of agencies.
    ("الوسوم", At::Start, LONG, Told::Line),
    ("وسوم", At::Whole, SHORT, Told::Line),
    ("كلمات دلالية", At::Start, LONG, Told::Line),
    ("كلمات مفتاحية", At::Start, LONG, Told::Line),
    ("الكلمات الدلالية", At::Start, LONG, Told::Line),
    ("الكلمات المفتاحية", At::Start, LONG, Told::Line),
    ("الدلائل", At::Start, 4, Told::Line),
    ("Tags", At::Start, 6, Told::Line),
    ("إعلان", At::Whole, SHORT, Told::Line),
    ("إعلانات", At::Whole, SHORT, Told::Line),
    ("مساحة إعلانية", At::Start, 5, Told::Line),
    ("Advertisement", At::Whole, SHORT, Told::Line),
    ("انتهى", At::Whole, SHORT, Told::Line),
    ("يتبع", At::Whole, SHORT, Told::Line),
    ("NNNN", At::Whole, SHORT, Told::Line),
    ("للتواصل", At::Start, 10, Told::Line),
    // The page itself.
    ("زر الذهاب إلى الأعلى", At::Start, 6, Told::End),
    ("العودة إلى الأعلى", At::Start, 6, Told::End),
    ("الرئيسية", At::Whole, SHORT, Told::Line),
    ("إغلاق", At::Whole, SHORT, Told::Line),
    ("جميع الحقوق محفوظة", At::Start, LONG, Told::End),
    ("حقوق النشر محفوظة", At::Start, LONG, Told::End),
    ("جميع المقالات المنشورة تمثل رأي", At::Start, LONG, Told::Line),
    ("هذا الموقع يستخدم", At::Start, LONG, Told::Line),
    ("يستخدم هذا الموقع", At::Start, LONG, Told::Line),
];

/// Words that only a site's rules hold; two of them in one piece, or one with a link, make it such.
const POLICIES: &[&str] = &[
    "سياسة الخصوصية",
    "شروط الاستخدام",
    "استخدام الموقع",
    "إرشادات الاستخدام",
    "لا تعبر عن رأي",
    "لا تعبر بالضرورة عن",
    "لا يعبر بالضرورة عن",
    "وجهات نظر أصحابها",
    "وجهة نظر صاحبها",
    "التعليقات قبل نشرها",
    "ملفات تعريف الارتباط",
    "إدارة الموقع",
];

struct Keyed {
    key: MatchKey,
    row: Row,
}

static KEYED: LazyLock<Vec<Keyed>> = LazyLock::new(|| {
    OTHERS.iter().chain(ROWS).map(|row| Keyed { key: MatchKey::of(row.0), row: *row }).collect()
});

static POLICY_KEYS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| POLICIES.iter().map(|words| MatchKey::of(words)).collect());

/// What the table tells of a line; `None`: nothing.
pub(super) fn told_of(line: &str) -> Option<Told> {
    if is_only_an_address(line) {
        return Some(Told::Line);
    }
    let key = MatchKey::of(line);
    let (bytes, words) = (key.as_bytes(), key.word_count());
    KEYED.iter().find(|keyed| fits(keyed, bytes, words)).map(|keyed| keyed.row.3)
}

/// Words that a heading may have behind those of the table: «اقرأ أيضًا في الرياضة».
const MORE_WORDS: usize = 2;

/// What a text announces that stands alone, as a heading of other articles does; `None`: nothing.
pub(super) fn announced_by(heading: &str) -> Option<Told> {
    // What it names behind a colon is all that it announces.
    if heading.split_once(':').is_some_and(|(_, named)| !named.trim().is_empty()) {
        return None;
    }
    let key = MatchKey::of(heading);
    let (bytes, words) = (key.as_bytes(), key.word_count());
    let is_heading =
        |keyed: &&Keyed| words <= keyed.key.word_count() + MORE_WORDS && fits(keyed, bytes, words);
    KEYED.iter().take(OTHERS.len()).find(is_heading).map(|keyed| keyed.row.3)
}

fn fits(keyed: &Keyed, line: &[u8], words: usize) -> bool {
    let (_, at, most_words, _) = keyed.row;
    let Some(rest) = line.strip_prefix(keyed.key.as_bytes()) else { return false };
    match at {
        At::Whole => rest.is_empty(),
        At::Start => (rest.is_empty() || rest.starts_with(b" ")) && words <= most_words,
    }
}

/// Whether a piece holds the rules of a site and not news; `has_links`: it leads to them.
pub(super) fn is_policy(text: &str, links: Links) -> bool {
    let key = MatchKey::of(text);
    let found =
        POLICY_KEYS.iter().filter(|policy| holds(key.as_bytes(), policy.as_bytes())).count();
    found >= 2 || (found == 1 && links == Links::Some)
}

/// Whether a piece leads anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    None,
    Some,
}

fn holds(text: &[u8], words: &[u8]) -> bool {
    memchr::memmem::find(text, words).is_some()
}

/// An address of the web or of a mailbox, alone in its line.
fn is_only_an_address(line: &str) -> bool {
    let line = line.trim();
    !line.contains(' ')
        && (line.starts_with("http://")
            || line.starts_with("https://")
            || line.starts_with("www.")
            || (line.contains('@') && line.contains('.')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_can_match_its_own_words() {
        for (words, _, _, told) in OTHERS.iter().chain(ROWS) {
            assert!(told_of(words).is_some(), "{words}");
            assert!(!MatchKey::of(words).is_empty() && MatchKey::of(words).word_count() <= SHORT);
            let _ = told;
        }
    }

    #[test]
    fn lines_in_every_spelling() {
        let check =
            |line: &str, expected: Option<Told>| assert_eq!(told_of(line), expected, "{line}");
        check("إقرأ أيضاً: خبر آخر عن المدينة", Some(Told::Line));
        check("إقــرأ المزيد...", Some(Told::Line));
        check("التعليقات (12)", Some(Told::End));
        check("اترك تعليقاً", Some(Told::End));
        check("// انتهى //", Some(Told::Line));
        check("«الأكثر قراءةً»", Some(Told::End));
        check("زر الذهاب إلى الأعلى", Some(Told::End));
        check("desk@news.example", Some(Told::Line));
        check("https://news.example/1", Some(Told::Line));
        check("اشترك في النشرة البريدية", Some(Told::Line));
        check("اشترك في أعمال المؤتمر ممثلون عن عشرين دولة من المنطقة وخارجها", None);
        check("شارك الوزير في افتتاح المعرض", None);
        check("طباعة الكتب في المدينة تزدهر بعد سنوات طويلة من الركود", None);
        check("التعليقات التي أثارها القرار لم تتوقف منذ صباح أمس", None);
        check("المزيد", Some(Told::Line));
        check("المزيد", Some(Told::Line));
    }

    #[test]
    fn headings_announce_other_articles() {
        let check = |text: &str, expected: Option<Told>| {
            assert_eq!(announced_by(text), expected, "{text}");
        };
        check("اقرأ أيضاً:", Some(Told::Line));
        check("اقرأ أيضًا في الرياضة", Some(Told::Line));
        check("مقالات ذات صلة", Some(Told::End));
        check("اقرأ أيضاً: خبر آخر", None);
        check("شارك على", None);
        check("مقالات ذات صلة مباشرة بموضوع الندوة العلمية", None);
    }

    #[test]
    fn rules_of_a_site_are_told_by_two_signs() {
        let check = |text: &str, links: Links, expected: bool| {
            assert_eq!(is_policy(text, links), expected, "{text}");
        };
        check("الآراء أدناه لا تعبر عن رأي الموقع بل تعكس وجهات نظر أصحابها", Links::None, true);
        check("راجع سياسة الخصوصية", Links::Some, true);
        check("أقر البرلمان سياسة الخصوصية الجديدة", Links::None, false);
    }
}
