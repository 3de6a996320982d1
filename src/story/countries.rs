//! The words of a title → the countries that it names. Two titles that name different countries rarely report one event,
//! however alike the rest is: elections, floods, talks and matches follow one template everywhere.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use rafid_feed::arabic::{MatchKey, MatchToken};

use super::term_hash::{mix_bits, text_hash};

/// One country in each line: its names, and after a bar the adjective from which the names of its people and things
/// follow. Names of two words count only as a whole. An adjective behind `~` is also the name of persons, or another
/// word, and counts only with an ending. (Amman and Oman are written alike, and so are Mali and "financial".)
const COUNTRIES: &str = "
    السعودية | سعودي
    مصر | مصري
    الإمارات | إماراتي
    قطر | قطري
    الكويت | كويتي
    البحرين | بحريني
    سلطنة عمان | عماني
    اليمن | يمني
    العراق | عراقي
    سوريا | سوري
    لبنان | لبناني
    الأردن | أردني
    فلسطين | فلسطيني
    إسرائيل | إسرائيلي
    السودان | ~سوداني
    جنوب السودان |
    ليبيا | ليبي
    تونس | تونسي
    الجزائر | جزائري
    المغرب | مغربي
    موريتانيا | موريتاني
    الصومال | صومالي
    جيبوتي | جيبوتي
    إيران | إيراني
    تركيا | ~تركي
    أفغانستان | أفغاني
    باكستان | باكستاني
    الهند | هندي
    بنغلاديش,بنجلاديش | بنغلاديشي
    سريلانكا | سريلانكي
    نيبال | نيبالي
    ميانمار | ميانماري
    تايلاند | تايلاندي
    ماليزيا | ماليزي
    إندونيسيا | إندونيسي
    الفلبين | فلبيني
    فيتنام | فيتنامي
    سنغافورة | سنغافوري
    الصين | صيني
    تايوان | تايواني
    اليابان | ياباني
    كوريا الشمالية |
    كوريا الجنوبية |
    أستراليا | أسترالي
    نيوزيلندا | نيوزيلندي
    روسيا | روسي
    أوكرانيا | أوكراني
    بيلاروسيا | بيلاروسي
    جورجيا | جورجي
    أرمينيا | أرميني
    أذربيجان | أذربيجاني
    كازاخستان | كازاخستاني
    أوزبكستان | أوزبكي
    بريطانيا,إنجلترا,المملكة المتحدة | بريطاني
    فرنسا | فرنسي
    ألمانيا | ألماني
    إيطاليا | إيطالي
    إسبانيا | إسباني
    البرتغال | برتغالي
    هولندا | هولندي
    بلجيكا | بلجيكي
    سويسرا | سويسري
    النمسا | نمساوي
    اليونان | يوناني
    قبرص | قبرصي
    السويد | سويدي
    النرويج | نرويجي
    الدنمارك | دنماركي
    فنلندا | فنلندي
    أيرلندا | أيرلندي
    بولندا | بولندي
    المجر |
    رومانيا | ~روماني
    بلغاريا | بلغاري
    صربيا | صربي
    كرواتيا | كرواتي
    البوسنة | بوسني
    ألبانيا | ألباني
    كوسوفو | كوسوفي
    أمريكا,الولايات المتحدة | أمريكي
    كندا | ~كندي
    المكسيك | مكسيكي
    كوبا | كوبي
    هايتي | هايتي
    البرازيل | برازيلي
    الأرجنتين | أرجنتيني
    تشيلي | تشيلي
    كولومبيا | كولومبي
    فنزويلا | فنزويلي
    بيرو | بيروفي
    الإكوادور | إكوادوري
    بوليفيا | بوليفي
    أوروغواي | أوروغواني
    إثيوبيا | إثيوبي
    إريتريا | إريتري
    كينيا | كيني
    أوغندا | أوغندي
    تنزانيا | تنزاني
    رواندا | رواندي
    الكونغو | كونغولي
    نيجيريا | نيجيري
    النيجر |
    تشاد | تشادي
    السنغال | سنغالي
    غانا | غاني
    الكاميرون | كاميروني
    غينيا | غيني
    بوركينا فاسو |
    جنوب أفريقيا |
    زيمبابوي | زيمبابوي
    موزمبيق | موزمبيقي
    أنغولا | أنغولي
    مدغشقر | مدغشقري";

/// The endings of an adjective: feminine, plural, adverbial.
const ENDINGS: [&str; 6] = ["", "ة", "ون", "ين", "ات", "ا"];

/// Prepositions of one letter, which a name may have in front.
const FRONT_LETTERS: [&str; 4] = ["ب", "ل", "ك", "ف"];

/// The countries by the hashes of their names and adjectives, numbered from 1 in the order of the lines.
static NUMBERS: LazyLock<BTreeMap<u64, u16>> = LazyLock::new(|| {
    let mut numbers = BTreeMap::new();
    for (number, line) in (1..).zip(COUNTRIES.trim().lines()) {
        let (names, adjective) = line.split_once('|').unwrap_or((line, ""));
        let adjective = Some(adjective.trim()).filter(|adjective| !adjective.is_empty());
        let of_people = adjective.into_iter().flat_map(|adjective| {
            let (adjective, endings) = match adjective.strip_prefix('~') {
                Some(ambiguous) => (ambiguous, &ENDINGS[1..]),
                None => (adjective, &ENDINGS[..]),
            };
            endings.iter().map(move |ending| format!("{adjective}{ending}"))
        });
        for name in names.trim().split(',').map(str::to_owned).chain(of_people) {
            let key = MatchKey::of(&name);
            let words: Vec<&[u8]> = key.stems().collect();
            let hash = words.iter().map(|word| text_hash(word)).reduce(hash_of_two);
            numbers.extend(hash.map(|hash| (hash, number)));
        }
    }
    numbers
});

/// The countries that a title names: their numbers in ascending order, each once.
pub(super) fn countries_in(title: &[MatchToken<'_>]) -> Vec<u16> {
    let mut found = Vec::new();
    let mut index = 0;
    while let Some(word) = title.get(index) {
        let (own, bare) = hashes_of(word.as_bytes());
        let next = title.get(index + 1).map(|next| text_hash(next.as_bytes()));
        let of_two = next.and_then(|next| {
            let forms = [Some(own), bare].into_iter().flatten();
            forms.map(|own| hash_of_two(own, next)).find_map(|hash| NUMBERS.get(&hash))
        });
        let of_one = || NUMBERS.get(&own).or_else(|| NUMBERS.get(&bare?));
        found.extend(of_two.or_else(of_one));
        index += 1 + usize::from(of_two.is_some());
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether both lists name countries, and none of them is in both.
pub(super) fn are_different(one: &[u16], other: &[u16]) -> bool {
    !one.is_empty() && !other.is_empty() && !one.iter().any(|number| other.contains(number))
}

fn hash_of_two(one: u64, other: u64) -> u64 {
    mix_bits(one ^ other.rotate_left(1))
}

/// The hash of a word, and of what remains without a letter in front.
fn hashes_of(word: &[u8]) -> (u64, Option<u64>) {
    let bare = FRONT_LETTERS.iter().find_map(|letter| word.strip_prefix(letter.as_bytes()));
    (text_hash(word), bare.map(text_hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn countries(title: &str) -> Vec<u16> {
        countries_in(&MatchKey::of(title).tokens())
    }

    #[test]
    fn names_and_adjectives_of_one_country_are_the_same() {
        let check = |titles: &[&str]| {
            let first = countries(titles[0]);
            assert_eq!(first.len(), 1, "{}", titles[0]);
            for title in titles {
                assert_eq!(countries(title), first, "{title}");
            }
        };
        check(&["قتلى في مصر", "وفد مصري بالجزيرة", "بمصر", "المصرية", "ومصر"]);
        check(&["الولايات المتحدة", "بالولايات المتحدة", "أميركا", "للأمريكيين", "أميركية"]);
        check(&["السعودية", "للسعودية", "سعوديون", "السعودي"]);
        check(&["كوريا الشمالية تطلق صاروخا", "لكوريا الشمالية"]);
        check(&["جنوب السودان", "بجنوب السودان"]);
        check(&["فرنسا", "الفرنسيون", "لفرنسا"]);
    }

    #[test]
    fn every_line_is_a_country_of_its_own() {
        let mut seen = std::collections::BTreeSet::new();
        for line in COUNTRIES.trim().lines() {
            for name in line.split('|').next().unwrap().trim().split(',') {
                let found = countries(name);
                assert_eq!(found.len(), 1, "{name}: {found:?}");
                seen.extend(found);
            }
        }
        assert_eq!(seen.len(), COUNTRIES.trim().lines().count());
        assert!(countries("زلزال في الجزيرة خلف عشرات القتلى").is_empty());
    }

    #[test]
    fn titles_differ_if_none_of_their_countries_is_the_same() {
        let check = |one: &str, other: &str, expected: bool| {
            assert_eq!(
                are_different(&countries(one), &countries(other)),
                expected,
                "{one} / {other}"
            );
        };
        check("انتخابات في العراق", "انتخابات في تونس", true);
        check("انتخابات في العراق", "انتخابات في الإقليم", false);
        check("قمة بين العراق وتونس", "انتخابات في تونس", false);
        check("السودان", "جنوب السودان", true);
        check("كوريا الجنوبية", "كوريا الشمالية", true);
    }
}
