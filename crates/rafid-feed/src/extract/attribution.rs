//! A line → the source of the article: a line of its own (`المصدر: …`, `(رويترز)`), a word at the end of
//! the last paragraph, or a dateline at the beginning of the first (`دمشق - سانا:`).
//!
//! Lines of their own become metadata; names within the text are reported and stay where they are. Names of
//! agencies are also ordinary words (`وات`, `سبأ`): they count between punctuation marks only.

use std::sync::LazyLock;

use crate::arabic::MatchKey;
use crate::model::Attribution;

/// Words before a name, which a punctuation mark may have to follow.
const LABELS: &[&str] = &["المصدر", "المصادر", "مصدر الخبر", "مصدر", "نقلا عن", "بالاتفاق مع"];
/// Those that also make a line of their own without a punctuation mark after them.
const LABELS_WITHOUT_MARK: &[&str] = &["نقلا عن", "بالاتفاق مع"];
/// Words of a name, at most: `الدائرة الإعلامية للائتلاف الوطني السوري` has five.
const MOST_NAME_WORDS: usize = 12;

/// Agencies and the words that papers write in their place, as in datelines and brackets.
const AGENCIES: &[&str] = &[
    "رويترز",
    "أ ف ب",
    "أ.ف.ب",
    "ا ف ب",
    "أف ب",
    "فرانس برس",
    "وكالة فرانس برس",
    "د ب أ",
    "د.ب.أ",
    "أ ش أ",
    "أ.ش.أ",
    "أ ب",
    "أ.ب",
    "أسوشيتد برس",
    "أسوشييتد برس",
    "واس",
    "سانا",
    "الأناضول",
    "وكالة الأناضول",
    "وات",
    "وفا",
    "بترا",
    "قنا",
    "وام",
    "كونا",
    "بنا",
    "العمانية",
    "نينا",
    "واع",
    "سبأ",
    "وال",
    "ونا",
    "لانا",
    "معا",
    "شينخوا",
    "سبوتنيك",
    "نوفوستي",
    "تاس",
    "إرنا",
    "فارس",
    "ومع",
    "وأج",
    "وكالات",
    "وكالة",
    "الوكالات",
    "متابعات",
    "خاص",
    "CNN",
    "AFP",
    "AP",
    "Reuters",
    "DPA",
    "بي بي سي",
    "سكاي نيوز عربية",
    "الجزيرة",
    "العربية",
    "العربية نت",
];

static AGENCY_KEYS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| AGENCIES.iter().map(|name| MatchKey::of(name)).collect());

/// Whether a whole text is the name of one or more agencies (`رويترز - أ ف ب`).
pub(super) fn is_agency(text: &str) -> bool {
    let parts: Vec<&str> = text
        .split(['-', '–', '—', '/', '،', ',', '+', '|', '&'])
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .collect();
    !parts.is_empty() && parts.iter().all(|part| AGENCY_KEYS.contains(&MatchKey::of(part)))
}

/// The source that a line of its own names; `None`: it is an ordinary line. A name may be empty: it is in
/// the next line then.
pub(super) fn attribution_line(line: &str) -> Option<Attribution> {
    let bare =
        line.trim_matches(|c: char| c.is_whitespace() || "*•-–—\u{200f}\u{200e}".contains(c));
    let name = without_label(bare).or_else(|| {
        let inner = bare.trim_matches(['(', ')', '[', ']', '«', '»', '.']).trim();
        is_agency(inner).then_some(inner)
    })?;
    let words = name.split_whitespace().count();
    (words <= MOST_NAME_WORDS)
        .then(|| Attribution { line: Some(line.to_owned()), name: clean_name(name) })
}

fn without_label(line: &str) -> Option<&str> {
    LABELS.iter().find_map(|label| {
        let rest = after_words(line, label)?;
        let unmarked = rest.trim_start();
        match unmarked.strip_prefix([':', '：', '-', '–', '—', '/', '|']) {
            Some(name) => Some(name.trim()),
            None if LABELS_WITHOUT_MARK.contains(label) && ends_like_a_line(unmarked) => {
                Some(unmarked)
            }
            None => None,
        }
    })
}

/// Whether the rest is not the beginning of a sentence.
fn ends_like_a_line(rest: &str) -> bool {
    let words = rest.split_whitespace().count();
    (1..=6).contains(&words)
}

/// The text after the given words at the beginning of a line, in any spelling; `None`: the line begins with
/// other words.
fn after_words<'a>(line: &'a str, words: &str) -> Option<&'a str> {
    let key = MatchKey::of(words);
    let count = words.split(' ').count();
    let mut end = 0;
    for _ in 0..count {
        let rest = &line[end..];
        let start = end + (rest.len() - rest.trim_start().len());
        let word = line[start..].find(|c: char| c.is_whitespace() || ":：-–—/|".contains(c));
        end = word.map_or(line.len(), |at| start + at);
    }
    (MatchKey::of(&line[..end]) == key).then(|| &line[end..])
}

fn clean_name(name: &str) -> String {
    name.trim_matches(|c: char| c.is_whitespace() || ".:*\u{200f}\u{200e}".contains(c)).to_owned()
}

/// The agency in brackets at the end of a paragraph.
pub(super) fn attribution_at_end(paragraph: &str) -> Option<Attribution> {
    let inner = paragraph.trim_end().trim_end_matches('.').trim_end().strip_suffix([')', ']'])?;
    let (_, name) = inner.rsplit_once(['(', '['])?;
    is_agency(name).then(|| Attribution { line: None, name: name.trim().to_owned() })
}

/// Characters of a dateline before its mark, at most.
const LONGEST_DATELINE: usize = 85;

/// The agency in the dateline at the beginning of a paragraph.
pub(super) fn attribution_in_dateline(paragraph: &str) -> Option<Attribution> {
    let beginning: String = paragraph.chars().take(LONGEST_DATELINE).collect();
    let ends = beginning.match_indices([':', '-', '–', '—']).map(|(at, _)| at);
    for end in ends {
        let dateline = &beginning[..end];
        let parts = dateline.split(['-', '–', '—', '/', '،', ',', '(', ')']);
        let named =
            parts.map(str::trim).filter(|part| !part.is_empty()).find(|part| is_agency(part));
        if let Some(name) = named {
            return Some(Attribution { line: None, name: name.to_owned() });
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_name_the_source() {
        let check = |line: &str, expected: Option<&str>| {
            let found = attribution_line(line);
            assert_eq!(found.as_ref().map(|found| found.name.as_str()), expected, "{line}");
        };
        check("المصدر: الدائرة الإعلامية للائتلاف", Some("الدائرة الإعلامية للائتلاف"));
        check("المصدر : وكالات", Some("وكالات"));
        check("المَصدر/ رويترز.", Some("رويترز"));
        check("المصدر:", Some(""));
        check("مصدر الخبر: واس", Some("واس"));
        check("* نقلاً عن «الحياة»", Some("«الحياة»"));
        check("(رويترز)", Some("رويترز"));
        check("أ. ف. ب", Some("أ. ف. ب"));
        check("رويترز - أ ف ب", Some("رويترز - أ ف ب"));
        check("المصدر الأول للخبر كان شاهداً في المكان", None);
        check("قال مصدر: لا صحة للخبر", None);
        check("نقلاً عن مصادر في الوزارة أكدت أن القرار سيصدر غداً", None);
        check("واس تنشر بياناً", None);
    }

    #[test]
    fn words_within_the_text() {
        let end = |text: &str| attribution_at_end(text).map(|found| found.name);
        assert_eq!(end("وانتهى الاجتماع مساءً. (أ ف ب)").as_deref(), Some("أ ف ب"));
        assert_eq!(end("وانتهى الاجتماع (مساءً)."), None);
        let start = |text: &str| attribution_in_dateline(text).map(|found| found.name);
        assert_eq!(start("دمشق-سانا: افتتح").as_deref(), Some("سانا"));
        assert_eq!(start("لندن - د ب أ - قال").as_deref(), Some("د ب أ"));
        assert_eq!(start("دبي، الإمارات (CNN)-- أعلن").as_deref(), Some("CNN"));
        assert_eq!(start("قال واس: نعم"), None);
        assert_eq!(start("اجتمع الوفد في المدينة"), None);
    }

    #[test]
    fn every_agency_is_recognized() {
        for name in AGENCIES {
            assert!(is_agency(name), "{name}");
        }
    }
}
