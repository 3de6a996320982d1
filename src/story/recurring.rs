//! Words → whether they vary between the editions of a series (numbers, days, months, times of the day), and
//! whether they name such a series (prices, weather, results, bulletins).

use std::collections::BTreeSet;
use std::sync::LazyLock;

use rafid_feed::arabic::MatchKey;

use super::term_hash::text_hash;

/// Words that vary between editions, besides numbers.
const VARIABLES: &str = "
    السبت الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة
    يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر
    كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين
    جانفي فيفري أفريل ماي جوان جويلية أوت غشت شتنبر نونبر دجنبر
    محرم صفر ربيع جمادى رجب شعبان رمضان شوال القعدة الحجة
    الأول الأولى الثاني الثانية الثالث الثالثة الرابع الرابعة الخامس الخامسة السادس السادسة السابع السابعة
    الثامن الثامنة التاسع التاسعة العاشر العاشرة عشر عشرة
    الحادي الحادية نصف ربع ثلث
    واحد واحدة اثنان اثنين اثنتين ثلاث ثلاثة أربع أربعة خمس خمسة ست ستة سبع سبعة ثمان ثماني ثمانية تسع تسعة
    عشرون عشرين ثلاثون ثلاثين أربعون أربعين خمسون خمسين ستون ستين سبعون سبعين ثمانون ثمانين تسعون تسعين
    مئة مائة مئتان مئتين ألف ألفان ألفين آلاف مليون ملايين مليار
    صباح صباحا صباحية ظهر ظهرا ظهيرة عصر عصرا مساء مسائي مسائية ليل ليلا ليلة فجر فجرا منتصف
    اليوم أمس غدا غد البارحة
    monday tuesday wednesday thursday friday saturday sunday january february march april may june july
    august september october november december morning noon evening today yesterday tomorrow
    first second third fourth fifth sixth seventh eighth ninth tenth";

/// Words that name a series.
const SERIES: &str = "
    أسعار سعر صرف تسعيرة بورصة مؤشر
    طقس الأرصاد حرارة
    نتائج ترتيب مواعيد مواقيت جدول قرعة يانصيب
    نشرة موجز حصاد ملخص عناوين حلقة يوميات كاريكاتير
    أبراج برجك حظك توقعات
    prices weather forecast results fixtures lottery bulletin briefing edition episode horoscope";

/// Hashes of words. Every word of every text is looked up, and nearly none is among them.
struct WordHashes {
    /// In ascending order.
    hashes: Vec<u64>,
    /// A bit for the last twelve bits of each: what has none is not among them.
    marks: [u64; 64],
}

impl WordHashes {
    fn contains(&self, hash: u64) -> bool {
        let (place, mark) = mark_of(hash);
        self.marks[place] & mark != 0 && self.hashes.binary_search(&hash).is_ok()
    }
}

fn mark_of(hash: u64) -> (usize, u64) {
    (usize::try_from(hash >> 6 & 63).unwrap_or(0), 1 << (hash & 63))
}

static VARIABLE_HASHES: LazyLock<WordHashes> = LazyLock::new(|| {
    let mut hashes: Vec<u64> = stem_set(VARIABLES).iter().map(|stem| text_hash(stem)).collect();
    hashes.sort_unstable();
    let mut marks = [0; 64];
    for hash in &hashes {
        let (place, mark) = mark_of(*hash);
        marks[place] |= mark;
    }
    WordHashes { hashes, marks }
});
static SERIES_STEMS: LazyLock<BTreeSet<Vec<u8>>> = LazyLock::new(|| stem_set(SERIES));

fn stem_set(words: &str) -> BTreeSet<Vec<u8>> {
    MatchKey::of(words).stems().map(<[u8]>::to_vec).collect()
}

/// Whether a token with this `text_hash` varies between editions.
pub(super) fn is_variable(token: &[u8], hash: u64) -> bool {
    token.iter().any(u8::is_ascii_digit) || VARIABLE_HASHES.contains(hash)
}

/// Whether a token names a series.
pub(super) fn names_series(token: &[u8]) -> bool {
    SERIES_STEMS.contains(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_found_in_a_title() {
        let check = |rows: &str, is_match: fn(&[u8]) -> bool| {
            for word in rows.split_whitespace() {
                let key = MatchKey::of(word);
                assert!(key.tokens().iter().all(|token| is_match(token.as_bytes())), "{word}");
            }
        };
        check(VARIABLES, |token| is_variable(token, text_hash(token)));
        check(SERIES, names_series);
    }

    #[test]
    fn words_of_both_kinds_and_of_none() {
        let check = |word: &str, expected: (bool, bool)| {
            let key = MatchKey::of(word);
            let token = key.tokens()[0];
            let token = token.as_bytes();
            assert_eq!(
                (is_variable(token, text_hash(token)), names_series(token)),
                expected,
                "{word}"
            );
        };
        check("٤", (true, false));
        check("3.5", (true, false));
        check("للثلاثاء", (true, false));
        check("والأسعار", (false, true));
        check("الطقس", (false, true));
        check("زلزال", (false, false));
    }
}
