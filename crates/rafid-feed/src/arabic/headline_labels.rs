//! A title → the labels before its news («عاجل:», «شاهد..», "Breaking |"), and whether one of them
//! announces breaking news; a category → whether it announces breaking news.
//!
//! A label is a phrase of the tables below that a mark separates from the title: a colon, a bar, a
//! dash, dots, a slash, an exclamation mark, or brackets around it. A phrase for breaking news is
//! also a label when a hash or an alarm sign precedes it, or when it is repeated. A phrase that an
//! ordinary word follows is part of the title: «عاجل الشفاء», «شاهد عيان يروي», «خاص بالطلاب».
//! Quotation marks separate nothing: «عاجل» in quotation marks is also the name of a newspaper.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::MatchKey;
use super::letters::is_letter;
use crate::model::{Entry, PlainText};

/// Phrases for breaking news, as Arabic newsrooms write them in titles and categories, then those
/// of newsrooms in neighboring languages.
const BREAKING_ROWS: &[&str] = &[
    "آخر خبر عاجل",
    "أخبار عاجلة",
    "أنباء عاجلة",
    "الأخبار العاجلة",
    "الخبر العاجل",
    "خبر عاجل",
    "خبر عاجل وهام",
    "عاجل",
    "عاجل الآن",
    "عاجل جدا",
    "عاجل وخطير",
    "عاجل وهام",
    "عاجل ومهم",
    "نبأ عاجل",
    "هام وعاجل",
    // Persian and Urdu.
    "فوری",
    "خبر فوری",
    "بریکنگ نیوز",
    "alerte info",
    "breaking",
    "breaking news",
    "dernière minute",
    "eilmeldung",
    "flash info",
    "just in",
    "news alert",
    "news flash",
    "newsflash",
    "son dakika",
    "última hora",
    "urgent",
    "urgente",
];

/// The category and the label for breaking news.
pub const BREAKING: &str = "عاجل";

/// Labels for the form or status of an article: with or without such a label, a title is the same.
const FORM_ROWS: &[&str] = &[
    "استمع",
    "إنفوجراف",
    "إنفوجرافيك",
    "إنفوغراف",
    "إنفوغرافيك",
    "بالأرقام",
    "بالأسماء",
    "بالتفاصيل",
    "بالصوت",
    "بالصوت والصورة",
    "بالصور",
    "بالصور والفيديو",
    "بالصورة",
    "بالفيديو",
    "بالفيديو والصور",
    "بالوثائق",
    "بث مباشر",
    "بودكاست",
    "تحديث",
    "تغطية مباشرة",
    "حصري",
    "حصريا",
    "خاص",
    "خاص وحصري",
    "شاهد",
    "شاهدوا",
    "صور",
    "صور وفيديو",
    "صوت وصورة",
    "فيديو",
    "فيديو وصور",
    "فيديوجراف",
    "فيديوغراف",
    "مباشر",
    "متابعة",
    "محدث",
    "exclusive",
    "gallery",
    "in pictures",
    "infographic",
    "live",
    "photos",
    "podcast",
    "update",
    "updated",
    "video",
    "watch",
];

/// The number of words in the longest row.
const MOST_WORDS: usize = 4;
/// At most this many labels of a title are read; two are common («عاجل | بالفيديو: …»).
const MOST_LABELS: usize = 4;
/// With fewer entries, nothing can be said about how a source uses its label.
const FEWEST_ENTRIES: usize = 10;

/// Whether a label for breaking news is meaningless because more than half of `all` entries have
/// it.
pub fn is_overused(flagged: usize, all: usize) -> bool {
    all >= FEWEST_ENTRIES && flagged > all / 2
}

/// Whether an entry announces breaking news, in its title or by a category.
pub fn is_breaking(entry: &Entry) -> bool {
    is_breaking_title(entry.title.as_str())
        || entry.categories.iter().any(|name| is_breaking_category(name.as_str()))
}

/// The categories of an entry that name its topic, without those for breaking news.
pub fn topic_categories(entry: &Entry) -> impl Iterator<Item = &PlainText> {
    entry.categories.iter().filter(|name| !is_breaking_category(name.as_str()))
}

/// Whether a title announces breaking news.
fn is_breaking_title(title: &str) -> bool {
    HeadlineLabels::from_title(title).is_breaking
}

/// Whether a category announces breaking news and names no topic.
fn is_breaking_category(name: &str) -> bool {
    is_breaking_key(&MatchKey::of(name))
}

/// The same check for a category's key.
pub fn is_breaking_key(key: &MatchKey) -> bool {
    TABLE.get(key) == Some(&LabelKind::Breaking)
}

/// A title in two parts: its leading label for breaking news, as written, and the rest. The first
/// part is empty when the title does not begin with such a label; both parts joined are the title.
pub fn split_breaking_label(title: &str) -> (&str, &str) {
    title.split_at(HeadlineLabels::from_title(title).breaking_until)
}

/// A title without the labels before its news; unchanged when it has no labels or contains nothing
/// else.
pub fn without_labels(title: &str) -> &str {
    let news = HeadlineLabels::from_title(title).news;
    let has_labels = news.len() < title.len();
    if has_labels && !MatchKey::of(news).is_empty() { news } else { title }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LabelKind {
    Breaking,
    Form,
}

/// The rows by their match keys.
static TABLE: LazyLock<BTreeMap<MatchKey, LabelKind>> = LazyLock::new(|| {
    let rows = |rows: &'static [&str], kind| rows.iter().map(move |row| (MatchKey::of(row), kind));
    rows(FORM_ROWS, LabelKind::Form).chain(rows(BREAKING_ROWS, LabelKind::Breaking)).collect()
});
/// The first words of the rows: nearly all titles begin with another word and need no further
/// check.
static FIRST_WORDS: LazyLock<Vec<MatchKey>> = LazyLock::new(|| {
    let first = |row: &&str| row.split(' ').next().map(MatchKey::of);
    let mut words: Vec<MatchKey> =
        FORM_ROWS.iter().chain(BREAKING_ROWS).filter_map(first).collect();
    words.sort_unstable();
    words
});

/// The labels before the news of a title.
struct HeadlineLabels<'a> {
    is_breaking: bool,
    /// The end of the label for breaking news if the title begins with it, else 0.
    breaking_until: usize,
    news: &'a str,
}

impl<'a> HeadlineLabels<'a> {
    fn from_title(title: &'a str) -> Self {
        let mut labels = Self { is_breaking: false, breaking_until: 0, news: title };
        for index in 0..MOST_LABELS {
            let Some(label) = HeadlineLabel::at_start_of(labels.news) else { break };
            if label.kind == LabelKind::Breaking {
                labels.is_breaking = true;
                if index == 0 {
                    labels.breaking_until = label.end;
                }
            }
            labels.news = labels.news[label.news..].trim_start();
        }
        labels
    }
}

/// A label that is separated from the title.
struct HeadlineLabel {
    kind: LabelKind,
    /// The end of its phrases and of the bracket around them.
    end: usize,
    /// The start of the text after the label.
    news: usize,
}

impl HeadlineLabel {
    fn at_start_of(text: &str) -> Option<Self> {
        let start = text.find(is_word_character)?;
        let before = text[..start].trim_end();
        let (mut kind, mut end) = phrase_at(text, start)?;
        // Several phrases in a row: «عاجل بالفيديو:», and «عاجل عاجل», where the repetition is
        // enough.
        let mut is_set_off = before.ends_with('#') || before.contains(is_alert_sign);
        for _ in 1..MOST_LABELS {
            let next = end + text[end..].len() - text[end..].trim_start().len();
            let Some((other, other_end)) = phrase_at(text, next).filter(|_| next > end) else {
                break;
            };
            is_set_off |= (kind, other) == (LabelKind::Breaking, LabelKind::Breaking);
            kind = if kind == LabelKind::Breaking { kind } else { other };
            end = other_end;
        }
        is_set_off &= kind == LabelKind::Breaking && !text[end..].starts_with('_');
        let gap = text[end..].len() - text[end..].trim_start().len();
        if let Some(close) = before.chars().next_back().and_then(closing_sign)
            && text[end + gap..].starts_with(close)
        {
            end += gap + close.len_utf8();
            is_set_off |= !is_quotation(close);
        }
        let behind = mark_length(&text[end..]);
        let news = end + behind.or_else(|| is_set_off.then_some(0))?;
        Some(Self { kind, end, news })
    }
}

/// The longest row that begins at `start`: its kind, and its end.
fn phrase_at(text: &str, start: usize) -> Option<(LabelKind, usize)> {
    let mut end = word_end(text, start)?;
    if FIRST_WORDS.binary_search(&MatchKey::of(&text[start..end])).is_err() {
        return None;
    }
    let mut longest = None;
    for _ in 0..MOST_WORDS {
        if let Some(kind) = TABLE.get(&MatchKey::of(&text[start..end])) {
            longest = Some((*kind, end));
        }
        // One space between two words; a hashtag has an underscore there.
        let Some(next) = text[end..].strip_prefix([' ', '_']) else { break };
        let Some(further) = word_end(text, text.len() - next.len()) else { break };
        end = further;
    }
    longest
}

fn word_end(text: &str, start: usize) -> Option<usize> {
    let rest = text.get(start..)?;
    let length = rest.find(|c| !is_word_character(c)).unwrap_or(rest.len());
    (length > 0).then_some(start + length)
}

/// Letters, digits and the marks on them; also joiners and direction marks, which are invisible.
fn is_word_character(c: char) -> bool {
    is_letter(c)
        || c.is_numeric()
        || matches!(c, '\u{610}'..='\u{61A}' | '\u{64B}'..='\u{65F}' | '\u{670}'
            | '\u{61C}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'
            | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
}

/// The length of the mark behind a label, with the space around it. `None`: there is no mark.
fn mark_length(behind: &str) -> Option<usize> {
    let text = behind.trim_start();
    let mut chars = text.chars();
    let Some(first) = chars.next() else { return Some(behind.len()) };
    let next = chars.next();
    let is_mark = match first {
        ':' | '：' | '|' | '¦' | '│' | '–' | '—' | '−' | '…' | '/' | '\\' | '!' | '！' | '•'
        | '*' => true,
        // A hyphen within a word of Latin letters is part of the word.
        '-' => text.len() < behind.len() || next.is_none_or(|c| !c.is_ascii_alphanumeric()),
        '.' => next.is_none_or(|c| c == '.' || c.is_whitespace()),
        c => is_alert_sign(c),
    };
    let rest = text.trim_start_matches(|c: char| {
        c.is_whitespace() || is_alert_sign(c) || ":：|¦│–—−…/\\!！•*-.\u{FE0F}".contains(c)
    });
    is_mark.then_some(behind.len() - rest.len())
}

/// Whether newsrooms put this sign before urgent news.
fn is_alert_sign(c: char) -> bool {
    "🔴🟥🛑⭕🚨⚡‼❗⛔📢📣🔥🆘🔻⚠".contains(c)
}

/// The closing sign for an opening one.
fn closing_sign(open: char) -> Option<char> {
    Some(match open {
        '(' => ')',
        '[' => ']',
        '{' => '}',
        '【' => '】',
        '«' => '»',
        '“' => '”',
        '"' => '"',
        _ => return None,
    })
}

fn is_quotation(close: char) -> bool {
    matches!(close, '»' | '”' | '"')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_a_label_before_a_mark_and_not_before_a_word() {
        for (rows, kind) in [(BREAKING_ROWS, LabelKind::Breaking), (FORM_ROWS, LabelKind::Form)] {
            for row in rows {
                assert!(row.split(' ').count() <= MOST_WORDS, "{row}");
                let title = format!("{row}: افتتاح مكتبة الميناء");
                assert_eq!(without_labels(&title), "افتتاح مكتبة الميناء", "{row}");
                assert_eq!(is_breaking_title(&title), kind == LabelKind::Breaking, "{row}");
                assert_eq!(is_breaking_category(row), kind == LabelKind::Breaking, "{row}");
                let plain = format!("{row} افتتاح مكتبة الميناء");
                assert_eq!(without_labels(&plain), plain, "{row}");
                assert!(!is_breaking_title(&plain), "{row}");
            }
        }
    }

    #[test]
    fn breaking_labels_need_a_mark() {
        let check = |title: &str, begins: &str| {
            assert!(is_breaking_title(title), "{title}");
            let (label, rest) = split_breaking_label(title);
            assert_eq!((label, format!("{label}{rest}")), (begins, title.to_owned()));
        };
        check("عاجل: زلزال", "عاجل");
        check("عاجـل : زلزال", "عاجـل");
        check("عـــاجـــل | زلزال", "عـــاجـــل");
        check("عَاجِل – زلزال", "عَاجِل");
        check("عاجل- زلزال", "عاجل");
        check("عاجل-زلزال", "عاجل");
        check("عاجل — زلزال", "عاجل");
        check("عاجل .. زلزال", "عاجل");
        check("عاجل.. زلزال", "عاجل");
        check("عاجل… زلزال", "عاجل");
        check("عاجل. زلزال", "عاجل");
        check("عاجل / زلزال", "عاجل");
        check("عاجل! زلزال", "عاجل");
        check("عاجل ‼️ زلزال", "عاجل");
        check("خبر عاجل: زلزال", "خبر عاجل");
        check("#عاجل زلزال", "#عاجل");
        check("#عاجل| زلزال", "#عاجل");
        check("#خبر_عاجل زلزال", "#خبر_عاجل");
        check("🔴 عاجل زلزال", "🔴 عاجل");
        check("🔴عاجل | زلزال", "🔴عاجل");
        check("🚨🚨 عاجل زلزال", "🚨🚨 عاجل");
        check("[عاجل] زلزال", "[عاجل]");
        check("(عاجل) زلزال", "(عاجل)");
        check("( عاجل ) زلزال", "( عاجل )");
        check("«عاجل»: زلزال", "«عاجل»");
        check("| عاجل | زلزال", "| عاجل");
        check("عاجل عاجل زلزال", "عاجل عاجل");
        check("عاجل بالفيديو: زلزال", "عاجل بالفيديو");
        check("⚠️ عاجل زلزال", "⚠️ عاجل");
        check("\u{200f}عاجل\u{200f}: زلزال", "\u{200f}عاجل\u{200f}");
        check("\u{2067}عاجل\u{2069}: زلزال", "\u{2067}عاجل\u{2069}");
        check("عاجل", "عاجل");
        check("عاجل!", "عاجل");
        check("Breaking: quake", "Breaking");
        check("BREAKING NEWS - quake", "BREAKING NEWS");
        check("URGENT: quake", "URGENT");
        check("Última hora | sismo", "Última hora");
        // Behind another label the news is breaking, but the label is not the first one.
        check("بالفيديو | عاجل: زلزال", "");
        check("خاص.. عاجل.. زلزال", "");
    }

    #[test]
    fn a_word_of_the_title_is_not_a_label() {
        for title in [
            "عاجل الشفاء للمصابين",
            "عاجلا أم آجلا: ماذا بعد؟",
            "عاجلة: قصة",
            "العاجل: قصة",
            "«عاجل» ترصد معاناة أهالي الحي",
            "\"عاجل\" تنشر أسماء المقبولين",
            "عاجل، إلى من يهمه الأمر",
            "#عاجل_غزة زلزال",
            "🔴 خاص بالطلاب في الجامعات",
            "زلزال عاجل: تقرير",
            "زلزال | عاجل",
            "خبر: عاجلون",
            "Breaking-point reached in talks",
            "Breaking the bank: a story",
            "Urgent-care clinics reopen",
            "عاجل «الصحة» تعلن",
            "",
            "|",
            "🔴",
        ] {
            assert!(!is_breaking_title(title), "{title}");
            assert_eq!(split_breaking_label(title), ("", title));
            assert_eq!(without_labels(title), title);
        }
    }

    #[test]
    fn titles_lose_their_labels_and_nothing_else() {
        let check =
            |title: &str, expected: &str| assert_eq!(without_labels(title), expected, "{title}");
        check("عاجل: شاهد.. افتتاح المكتبة", "افتتاح المكتبة");
        check("شاهد بالفيديو.. افتتاح المكتبة", "افتتاح المكتبة");
        check("(فيديو) افتتاح المكتبة", "افتتاح المكتبة");
        check("[صور] - افتتاح المكتبة", "افتتاح المكتبة");
        check("حصري | «الميناء»: افتتاح المكتبة", "«الميناء»: افتتاح المكتبة");
        check("بالفيديو والصور: افتتاح المكتبة", "افتتاح المكتبة");
        check("Video: the library opens", "the library opens");
        // These words belong to the title.
        for title in [
            "شاهد عيان يروي: هكذا سقط الجسر",
            "خاص بالطلاب: مواعيد الامتحانات",
            "فيديو",
            "فيديو:",
            "صور نادرة.. من الميناء القديم",
            "مباشر القاهرة: افتتاح المكتبة",
            "تحديث الأنظمة: ماذا بعد؟",
            "Live-in carers: a report",
            "Watch makers: a report",
            "عاجل: شاهد!",
        ] {
            check(title, title);
        }
    }

    #[test]
    fn a_label_on_every_second_entry_is_overused() {
        let check = |flagged, all, expected| assert_eq!(is_overused(flagged, all), expected);
        check(6, 10, true);
        check(5, 10, false);
        check(9, 9, false);
        check(6, 11, true);
        check(5, 11, false);
        check(0, 0, false);
    }

    #[test]
    fn categories_are_topics_or_flags() {
        for name in ["عاجل", "عاجـل", " أخبار عاجلة ", "Breaking News", "#عاجل"]
        {
            assert!(is_breaking_category(name), "{name}");
        }
        for name in ["عاجل غزة", "أخبار", "Breaking Bad", "", "فيديو"] {
            assert!(!is_breaking_category(name), "{name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_title_is_read(title in "[#\\[(«🔴]{0,2}(عاجل|شاهد|خبر|breaking)?[ :|.\\-_)\\]»]{0,3}\\PC{0,40}") {
            let (label, rest) = split_breaking_label(&title);
            proptest::prop_assert_eq!(format!("{label}{rest}"), title.clone());
            proptest::prop_assert!(title.ends_with(without_labels(&title)));
            proptest::prop_assert!(label.is_empty() || is_breaking_title(&title));
        }
    }
}
