//! A line → whether Arabic sites write it around every article.
//!
//! Lines are compared with the table by their match keys, so hamza, vowels, tatweel and punctuation do not
//! matter. A row applies at the start of a line or to the whole line only: the same words occur in the
//! middle of ordinary sentences. Words that may also begin an ordinary sentence (`اشترك في`: subscribe to,
//! took part in) apply in short lines only.

use std::sync::LazyLock;

use crate::arabic::MatchKey;

/// What a row of the table says about a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineVerdict {
    /// This line is not part of the article.
    DropLine,
    /// Neither is anything after it, if most of the article is before it.
    EndOfArticle,
}

/// Where in a line the words must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum MatchPosition {
    Whole,
    Start,
}

/// Words of a line that begins with such words, at most.
const SHORT_LINE_WORDS: usize = 12;
/// The same for words that begin no ordinary sentence.
const LONG_LINE_WORDS: usize = 40;

/// (words, their position, words of the line at most, verdict)
type BoilerplateRow = (&'static str, MatchPosition, usize, LineVerdict);

/// Words before other articles: in a line with one of them, or alone above several.
#[rustfmt::skip]
const OTHER_ARTICLE_ROWS: &[BoilerplateRow] = &[
    ("اقرأ أيضا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("اقرأ المزيد", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("اقرأ كذلك", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("اقرأوا أيضا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("طالع أيضا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("شاهد أيضا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("شاهد المزيد", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("قد يهمك", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("قد يعجبك", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("للمزيد", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("لقراءة المزيد", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المزيد من الأخبار", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("المزيد من", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("المزيد", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("مواضيع ذات صلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("موضوعات ذات صلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("مقالات ذات صلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("أخبار ذات صلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("مواضيع متعلقة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("موضوعات متعلقة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("أخبار متعلقة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("أخبار مشابهة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("مواضيع مشابهة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("مقالات مشابهة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("المواضيع ذات الصلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("الأخبار ذات الصلة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("ذات صلة", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("مواضيع مرتبطة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("أخبار مرتبطة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("مقالات متعلقة", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("أخبار أخرى", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("مقالات أخرى", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("مواضيع أخرى", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("الأكثر رواجا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("الأكثر قراءة", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("الأكثر مشاهدة", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("الأكثر تداولا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("الأكثر تعليقا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("الأكثر شيوعا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("آخر الأخبار", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("أحدث الأخبار", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("أهم الأخبار", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("اخترنا لك", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("اخترنا لكم", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("من نفس القسم", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("المقال السابق", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("المقال التالي", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("المقالة السابقة", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("المقالة التالية", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("الخبر السابق", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("الخبر التالي", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("السابق", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("التالي", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Read more", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Read also", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Related", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Related articles", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Related news", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Related posts", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Related stories", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Most read", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("More news", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("You may also like", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Next Previous", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Next", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Previous", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
];

#[rustfmt::skip]
const BOILERPLATE_ROWS: &[BoilerplateRow] = &[
    // Comments of readers.
    ("اترك تعليقا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("اترك ردا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("اترك رد", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("ترك الرد", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("أضف تعليق", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("أضف تعليقا", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("أضف تعليقك", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("إضافة تعليق", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("اكتب تعليق", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("اكتب تعليقك", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("شارك برأيك", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("إلغاء الرد", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("التعليقات", MatchPosition::Start, 5, LineVerdict::EndOfArticle),
    ("لا توجد تعليقات", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("لا يوجد تعليقات", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("لن يتم نشر عنوان بريدك الإلكتروني", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::EndOfArticle),
    ("الحقول الإلزامية مشار إليها", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::EndOfArticle),
    ("احفظ اسمي", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Leave a Reply", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    ("Comments", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::EndOfArticle),
    // Sharing, following, printing.
    ("مشاركة عبر", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("مشاركة على", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("مشاركة", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك هذا", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك المقال", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك الخبر", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك الموضوع", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك على", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك عبر", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك مع", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("شاركها", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شاركه على", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("شارك", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("انشر على", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("غرد", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("إرسال", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("أرسل لصديق", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("أرسل إلى صديق", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("طباعة", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("اطبع", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("حفظ", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("استمع", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("استمع إلى المقال", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تكبير الخط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("تصغير الخط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("حجم الخط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("انسخ الرابط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("نسخ الرابط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("تم النسخ", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("تم نسخ الرابط", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("رابط مختصر", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("الرابط المختصر", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("فيسبوك", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("تويتر", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("واتساب", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("تيليغرام", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("تلغرام", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("البريد الإلكتروني", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تابعونا", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تابعنا", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تابع أخبارنا", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تابعوا آخر الأخبار", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("تابع آخر الأخبار", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("لمتابعة آخر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("لمتابعة أخبار", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("لمتابعة المزيد", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("اشترك في", MatchPosition::Start, 8, LineVerdict::DropLine),
    ("اشترك الآن", MatchPosition::Start, 8, LineVerdict::DropLine),
    ("اشتركوا في", MatchPosition::Start, 8, LineVerdict::DropLine),
    ("اشترك", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("إشترك لمشاهدة", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("انضم إلى قناتنا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("انضموا إلى قناتنا", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("انضم إلينا", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("حمل التطبيق", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("حمل تطبيق", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("حمل الآن", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("حملوا تطبيق", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("يمكنكم استلام", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("يمكنكم تسلم", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("Share this", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Follow us", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("Google Play", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("App Store", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    // Counters and dates of the page.
    ("عدد القراءات", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("عدد المشاهدات", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("عدد الزيارات", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("مشاهدات", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("القراءات", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("الزيارات", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("وقت القراءة", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("مدة القراءة", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("تاريخ النشر", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("تاريخ التحديث", MatchPosition::Start, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("آخر تحديث", MatchPosition::Start, 10, LineVerdict::DropLine),
    ("نشر في", MatchPosition::Start, 8, LineVerdict::DropLine),
    ("نشر بتاريخ", MatchPosition::Start, 10, LineVerdict::DropLine),
    ("تم النشر", MatchPosition::Start, 10, LineVerdict::DropLine),
    ("رقم الخبر", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("كود الخبر", MatchPosition::Start, 6, LineVerdict::DropLine),
    // Labels, advertisements, credits of agencies.
    ("الوسوم", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("وسوم", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("كلمات دلالية", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("كلمات مفتاحية", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الكلمات الدلالية", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الكلمات المفتاحية", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الدلائل", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("Tags", MatchPosition::Start, 6, LineVerdict::DropLine),
    ("إعلان", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("إعلانات", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("مساحة إعلانية", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("Advertisement", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("انتهى", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("يتبع", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("NNNN", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("للتواصل", MatchPosition::Start, 10, LineVerdict::DropLine),
    // The page itself.
    ("زر الذهاب إلى الأعلى", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("العودة إلى الأعلى", MatchPosition::Start, 6, LineVerdict::EndOfArticle),
    ("الرئيسية", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("جار التحميل", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("جاري التحميل", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("يتم التحميل", MatchPosition::Start, 5, LineVerdict::DropLine),
    ("الرجاء الانتظار", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("يرجى الانتظار", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("تحميل المزيد", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("عرض المزيد", MatchPosition::Start, 4, LineVerdict::DropLine),
    ("Loading", MatchPosition::Start, 3, LineVerdict::DropLine),
    ("إغلاق", MatchPosition::Whole, SHORT_LINE_WORDS, LineVerdict::DropLine),
    ("جميع الحقوق محفوظة", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::EndOfArticle),
    ("حقوق النشر محفوظة", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::EndOfArticle),
    ("جميع المقالات المنشورة تمثل رأي", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقالات المنشورة تعبر عن", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقالات المنشورة لا تعبر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقال يعبر عن رأي", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقال يعبر عن وجهة نظر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقال لا يعبر بالضرورة", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقالة تعبر عن رأي", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقالة تعبر عن وجهة نظر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("المقالة لا تعبر بالضرورة", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("هذا المقال يعبر عن", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("هذا المقال لا يعبر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("هذه المقالة تعبر عن", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("هذه المقالة لا تعبر", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الآراء الواردة في هذا المقال", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الآراء الواردة في هذه المقالة", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("الآراء الواردة في المقال", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("هذا الموقع يستخدم", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
    ("يستخدم هذا الموقع", MatchPosition::Start, LONG_LINE_WORDS, LineVerdict::DropLine),
];

/// Words that occur only in a site's rules; a block with two of them, or with one and a link, is part of
/// these rules.
const POLICIES: &[&str] = &[
    "سياسة الخصوصية",
    "شروط الاستخدام",
    "استخدام الموقع",
    "إرشادات الاستخدام",
    "لا تعبر عن رأي",
    "لا تعبر بالضرورة عن",
    "لا يعبر بالضرورة عن",
    "يعكس بالضرورة",
    "تعكس بالضرورة",
    "المقال يعبر عن",
    "المقالة تعبر عن",
    "عن رأي صاحبه",
    "عن رأي صاحبها",
    "عن رأي أصحابها",
    "عن رأي كاتبه",
    "عن رأي كاتبها",
    "رأي الصحيفة",
    "رأي الموقع",
    "وجهات نظر أصحابها",
    "وجهة نظر صاحبها",
    "التعليقات قبل نشرها",
    "ملفات تعريف الارتباط",
    "إدارة الموقع",
];

struct KeyedRow {
    key: MatchKey,
    row: BoilerplateRow,
}

static KEYED: LazyLock<Vec<KeyedRow>> = LazyLock::new(|| {
    OTHER_ARTICLE_ROWS
        .iter()
        .chain(BOILERPLATE_ROWS)
        .map(|row| KeyedRow { key: MatchKey::of(row.0), row: *row })
        .collect()
});

static POLICY_KEYS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| POLICIES.iter().map(|words| MatchKey::of(words)).collect());

/// The verdict of the table on a line; `None`: there is no row for it.
pub(super) fn line_verdict(line: &str) -> Option<LineVerdict> {
    if is_only_an_address(line) || is_only_hashtags(line) {
        return Some(LineVerdict::DropLine);
    }
    let key = MatchKey::of(line);
    let (bytes, words) = (key.as_bytes(), key.word_count());
    KEYED.iter().find(|keyed| matches_row(keyed, bytes, words)).map(|keyed| keyed.row.3)
}

/// Words that a heading may have after those of the table: «اقرأ أيضًا في الرياضة».
const MORE_WORDS: usize = 2;

/// The verdict on a text that is alone in its line, as a heading of other articles is; `None`: there is no
/// row for it.
pub(super) fn heading_verdict(heading: &str) -> Option<LineVerdict> {
    // The text after a colon is all that it announces.
    if heading.split_once(':').is_some_and(|(_, named)| !named.trim().is_empty()) {
        return None;
    }
    let key = MatchKey::of(heading);
    let (bytes, words) = (key.as_bytes(), key.word_count());
    let is_heading = |keyed: &&KeyedRow| {
        words <= keyed.key.word_count() + MORE_WORDS && matches_row(keyed, bytes, words)
    };
    KEYED.iter().take(OTHER_ARTICLE_ROWS.len()).find(is_heading).map(|keyed| keyed.row.3)
}

fn matches_row(keyed: &KeyedRow, line: &[u8], words: usize) -> bool {
    let (_, at, most_words, _) = keyed.row;
    let Some(rest) = line.strip_prefix(keyed.key.as_bytes()) else { return false };
    match at {
        MatchPosition::Whole => rest.is_empty(),
        MatchPosition::Start => (rest.is_empty() || rest.starts_with(b" ")) && words <= most_words,
    }
}

/// Whether a block contains the rules of a site and no news; `links`: whether it links to them.
pub(super) fn is_policy(text: &str, links: LinkPresence) -> bool {
    let key = MatchKey::of(text);
    let found = POLICY_KEYS
        .iter()
        .filter(|policy| contains_words(key.as_bytes(), policy.as_bytes()))
        .count();
    found >= 2 || (found == 1 && links == LinkPresence::Some)
}

/// Whether a block contains links.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LinkPresence {
    None,
    Some,
}

fn contains_words(text: &[u8], words: &[u8]) -> bool {
    memchr::memmem::find(text, words).is_some()
}

/// Whether a line consists of hashtags.
fn is_only_hashtags(line: &str) -> bool {
    let mut words = line.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric));
    let is_tag =
        |word: &str| word.trim_start_matches(['(', '،', ',', '|']).starts_with(['#', '＃']);
    words.next().is_some_and(is_tag) && words.all(is_tag)
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
        for (words, _, _, verdict) in OTHER_ARTICLE_ROWS.iter().chain(BOILERPLATE_ROWS) {
            assert!(line_verdict(words).is_some(), "{words}");
            assert!(
                !MatchKey::of(words).is_empty()
                    && MatchKey::of(words).word_count() <= SHORT_LINE_WORDS
            );
            let _ = verdict;
        }
    }

    #[test]
    fn lines_in_every_spelling() {
        let check = |line: &str, expected: Option<LineVerdict>| {
            assert_eq!(line_verdict(line), expected, "{line}");
        };
        check("إقرأ أيضاً: خبر آخر عن المدينة", Some(LineVerdict::DropLine));
        check("إقــرأ المزيد...", Some(LineVerdict::DropLine));
        check("التعليقات (12)", Some(LineVerdict::EndOfArticle));
        check("اترك تعليقاً", Some(LineVerdict::EndOfArticle));
        check("// انتهى //", Some(LineVerdict::DropLine));
        check("«الأكثر قراءةً»", Some(LineVerdict::EndOfArticle));
        check("زر الذهاب إلى الأعلى", Some(LineVerdict::EndOfArticle));
        check("desk@news.example", Some(LineVerdict::DropLine));
        check("https://news.example/1", Some(LineVerdict::DropLine));
        check("اشترك في النشرة البريدية", Some(LineVerdict::DropLine));
        check("اشترك في أعمال المؤتمر ممثلون عن عشرين دولة من المنطقة وخارجها", None);
        check("شارك الوزير في افتتاح المعرض", None);
        check("#الزيتون #مكتبات_عامة ، #كتب", Some(LineVerdict::DropLine));
        check("#الزيتون تتصدر قوائم المدن القارئة", None);
        check("جارٍ التحميل...", Some(LineVerdict::DropLine));
        check("جار التحميل على الشاحنات منذ ساعات الصباح الأولى", None);
        check(
            "المقال يعبّر عن رأي صاحبه ولا يعكس بالضرورة رأي الصحيفة.",
            Some(LineVerdict::DropLine),
        );
        check("المقال يعبر الحدود في صندوق من الكتب", None);
        check("طباعة الكتب في المدينة تزدهر بعد سنوات طويلة من الركود", None);
        check("التعليقات التي أثارها القرار لم تتوقف منذ صباح أمس", None);
        check("المزيد", Some(LineVerdict::DropLine));
        check("المزيد", Some(LineVerdict::DropLine));
    }

    #[test]
    fn headings_announce_other_articles() {
        let check = |text: &str, expected: Option<LineVerdict>| {
            assert_eq!(heading_verdict(text), expected, "{text}");
        };
        check("اقرأ أيضاً:", Some(LineVerdict::DropLine));
        check("اقرأ أيضًا في الرياضة", Some(LineVerdict::DropLine));
        check("مقالات ذات صلة", Some(LineVerdict::EndOfArticle));
        check("اقرأ أيضاً: خبر آخر", None);
        check("شارك على", None);
        check("مقالات ذات صلة مباشرة بموضوع الندوة العلمية", None);
    }

    #[test]
    fn rules_of_a_site_are_detected_by_two_signs() {
        let check = |text: &str, links: LinkPresence, expected: bool| {
            assert_eq!(is_policy(text, links), expected, "{text}");
        };
        check(
            "الآراء أدناه لا تعبر عن رأي الموقع بل تعكس وجهات نظر أصحابها",
            LinkPresence::None,
            true,
        );
        check("راجع سياسة الخصوصية", LinkPresence::Some, true);
        check("أقر البرلمان سياسة الخصوصية الجديدة", LinkPresence::None, false);
    }
}
