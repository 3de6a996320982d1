//! An agency's report as outlets print it → its lines, without the dateline, the attribution and
//! the text that the page adds around it. For comparing only: the displayed text keeps its
//! dateline.
//!
//! Words are compared folded, and only whole words at the beginning of a line or alone on it: «واس»
//! and «شارك» are also parts of ordinary words.

use std::sync::LazyLock;

use super::match_key::MatchKey;
use super::stop_words::contains_agency;

/// Beginnings of lines that are not part of a report.
const BOILERPLATE_BEGINNINGS: [&str; 30] = [
    "اقرأ أيضا",
    "اقرأ المزيد",
    "اقرأوا أيضا",
    "شاهد أيضا",
    "المزيد من الأخبار",
    "مواضيع ذات صلة",
    "موضوعات ذات صلة",
    "مقالات ذات صلة",
    "أخبار ذات صلة",
    "اترك تعليقا",
    "إلغاء الرد",
    "لن يتم نشر عنوان بريدك",
    "الحقول الإلزامية",
    "التعليقات",
    "أضف تعليق",
    "زر الذهاب إلى الأعلى",
    "مشاركة عبر",
    "شارك هذا الموضوع",
    "شارك المقال",
    "شاركها",
    "انسخ الرابط",
    "تم النسخ",
    "تابعونا على",
    "تابعنا على",
    "اشترك في",
    "حمل التطبيق",
    "يمكنكم استلام إشعارات",
    "يمكنكم تسلم إشعارات",
    "جميع المقالات المنشورة تمثل",
    "مصدر الخبر",
];

/// Lines that are not part of a report when they contain nothing else.
const BOILERPLATE_LINES: [&str; 10] =
    ["طباعة", "انتهى", "يتبع", "المزيد", "للمزيد", "next", "previous", "nnnn", "خاص", "المصدر"];

/// The longest dateline, in letters: sixty to the agency's name, twenty-five more to the sign after
/// it (measured on 19 outlets).
const DATELINE_CHARS_MAX: usize = 85;

/// A longer line is a paragraph, and no boilerplate.
const BOILERPLATE_BYTES: usize = 400;

static FOLDED_BEGINNINGS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| fold_rows(&BOILERPLATE_BEGINNINGS));
static FOLDED_LINES: LazyLock<Vec<MatchKey>> = LazyLock::new(|| fold_rows(&BOILERPLATE_LINES));

fn fold_rows(rows: &[&str]) -> Vec<MatchKey> {
    rows.iter().map(|row| MatchKey::of(row)).collect()
}

/// The lines of a report without boilerplate, in order, each with its key; each line is folded once.
pub fn report_lines(text: &str) -> impl Iterator<Item = (&str, MatchKey)> {
    let lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let mut is_first = true;
    lines.filter_map(move |line| {
        let rest = if is_first { without_dateline(line) } else { line };
        if rest.is_empty() {
            return None;
        }
        // Boilerplate lines are short, so a paragraph is not folded to check it.
        let key = (rest.len() <= BOILERPLATE_BYTES).then(|| MatchKey::of(rest));
        if key.as_ref().is_some_and(|key| is_boilerplate(rest, key)) {
            return None;
        }
        is_first = false;
        Some((rest, key.unwrap_or_else(|| MatchKey::of(rest))))
    })
}

/// The line without «الرياض - واس:» at its beginning, and without the «الوئام - رويترز:» of an
/// outlet that republishes an agency's text.
fn without_dateline(line: &str) -> &str {
    without_one_dateline(without_one_dateline(line))
}

fn without_one_dateline(line: &str) -> &str {
    let is_sign = |c: char| matches!(c, ':' | '-' | '–' | '—');
    let head_end = line.char_indices().nth(DATELINE_CHARS_MAX).map_or(line.len(), |(end, _)| end);
    let mut signs = line[..head_end].match_indices(is_sign);
    let after_agency = signs.find(|(at, _)| contains_agency(&line[..*at]));
    match after_agency {
        Some((at, _)) => line[at..].trim_start_matches(|c: char| is_sign(c) || c.is_whitespace()),
        None => line,
    }
}

fn is_boilerplate(line: &str, key: &MatchKey) -> bool {
    key.is_empty()
        || FOLDED_LINES.contains(key)
        || FOLDED_BEGINNINGS.iter().any(|row| key.begins_with(row))
        || is_attribution(line, key)
}

/// Whether a line is «المصدر: رويترز» or «(أ ف ب)»: few words, one of them an agency.
fn is_attribution(line: &str, key: &MatchKey) -> bool {
    let is_named = line.starts_with(['(', '[', '*']) || line.starts_with("المصدر");
    is_named && key.word_count() <= 6 && contains_agency(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &str) -> Vec<&str> {
        report_lines(text).map(|(line, _)| line).collect()
    }

    #[test]
    fn datelines_are_removed() {
        let check = |line: &str, expected: &str| assert_eq!(lines(line), [expected], "{line}");
        check("دمشق-سانا: افتتح المعرض", "افتتح المعرض");
        check("الرياض - واس: افتتح المعرض", "افتتح المعرض");
        check("لندن - د ب أ – افتتح المعرض", "افتتح المعرض");
        check("فرانس24/ أ ف ب - افتتح المعرض", "افتتح المعرض");
        check("دبي، الإمارات العربية المتحدة (CNN)-- افتتح المعرض", "افتتح المعرض");
        check("الوئام - رويترز: افتتح المعرض", "افتتح المعرض");
        check("واس - الرياض: افتتح المعرض", "الرياض: افتتح المعرض");
        check("المدير: افتتح المعرض", "المدير: افتتح المعرض");
        check("المواسم - والمعارض", "المواسم - والمعارض");
        check("افتتح المعرض", "افتتح المعرض");
    }

    #[test]
    fn text_of_the_page_is_removed() {
        assert_eq!(
            lines(
                "طباعة\n\nافتتح المعرض\n  اقرأ أيضاً: معرض آخر\n(رويترز)\nالمصدر: وكالات\n— — —\nوحضره كثيرون"
            ),
            ["افتتح المعرض", "وحضره كثيرون"]
        );
        assert_eq!(lines("شاركهم الفرح\nالمصدر الأول للدخل"), ["شاركهم الفرح", "المصدر الأول للدخل"]);
        assert!(lines("").is_empty());
    }

    #[test]
    fn every_row_can_match() {
        let is_boilerplate = |line: &str| is_boilerplate(line, &MatchKey::of(line));
        for row in BOILERPLATE_BEGINNINGS {
            assert!(is_boilerplate(row) && is_boilerplate(&format!("{row}: كلمة")), "{row}");
            assert!(!is_boilerplate(&format!("{row}كلمة")), "{row} is a whole word");
        }
        for row in BOILERPLATE_LINES {
            assert!(is_boilerplate(&format!("// {row} //")), "{row}");
            assert!(!is_boilerplate(&format!("{row} كلمة")), "{row} stands alone");
        }
    }
}
