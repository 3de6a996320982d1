//! Words that say nothing about an event: function words, names of agencies, honorifics, words of
//! news agency style. Agencies' names and honorifics are common enough to make different events
//! look alike; protocol news is the worst.
//!
//! The rows are written as in print and folded once. The words of a phrase count only together:
//! «فرانس برس» is an agency, «فرانس» alone is not.

use std::sync::LazyLock;

use super::match_key::MatchKey;
use super::word_table::{WordTable, word_hash};

/// Function words: particles, pronouns, relatives, prepositions with their pronouns, auxiliaries.
const FUNCTION_WORDS: &str = "
    و ف ب ك ل يا أو أم بل لا لم لن ما مما ممن عما إن أن أنه أنها أنهم أنهما إنه إنها إنهم إنما لأن لأنه لأنها
    كأن لكن لكنه لكنها ليت لعل إذ إذا إذن لو لولا كي لكي حتى قد لقد سوف هل أي أيا أية أيضا ثم
    من منه منها منهم منهما عن عنه عنها عنهم في فيه فيها فيهم فيما إلى إليه إليها إليهم على عليه عليها عليهم
    مع معه معها معهم معا له لها لهم لهما لنا لي به بها بهم بنا بما لما كما كلما منذ مذ خلال عبر حول حين حينما
    عند عندما عنده لدى لديه لديها لديهم بين بينما بينهم بينها بينهما بعد بعدما قبل قبيل عقب إثر أثناء
    ضد نحو دون بدون سوى غير عدا خلا مثل مثلما تحت فوق أمام وراء خلف جانب ضمن بحسب حسب حسبما وفق وفقا
    هو هي هم هن هما أنا نحن أنت أنتم هذا هذه هذان هذين هاتان هاتين هؤلاء ذلك تلك أولئك ذاك هنا هناك هنالك
    الذي التي الذين اللذين اللتين اللذان اللتان اللواتي اللاتي ذو ذا ذي ذات كل كلا كلتا كلها كله كلهم بعض بعضها
    بعضهم جميع كان كانت كانوا يكون تكون يكن تكن كن ليس ليست ليسوا لست ظل ظلت بات باتت صار صارت
    متى أين كيف كم لماذا ماذا أما إما ألا إلا كذلك هكذا حيث حيثما بينها نفسه نفسها ذاته ذاتها أنفسهم
    أول أمس اليوم الآن غدا فقط جدا نحوه إياه وسط
    the of and to in on for at by with from is are was an a as it its";

/// Names of agencies and outlets.
const AGENCIES: &str = "
    واس رويترز سانا وفا بترا وام كونا نينا واع سبأ الأناضول وكالة وكالات متابعات
    أفب reuters afp ap cnn bbc spa سبوتنيك شينخوا تاس إيفي بلومبرغ بلومبيرغ";

/// Names that are also ordinary words (a town, "with us", "before"): recognized only in a dateline.
const DATELINE_NAMES: &str = "قنا بنا وات العمانية سبق الوئام";

/// Honorifics and formulas.
const HONORIFICS: &str = "
    سمو سموه سموها سموهم السمو صاحب صاحبة معالي معاليه فخامة فخامته جلالة جلالته سعادة سعادته سيادة
    سيادته فضيلة فضيلته دولته حفظه حفظهم حفظهما يحفظه رعاه أيده الشريفين";

/// Words of news agency style: they announce a report or attribute a quotation.
const WIRE_WORDS: &str = "
    عاجل شاهد بالفيديو فيديو بالصور صور صورة بالصورة خاص حصري حصريا انفراد تحديث مباشر
    قال قالت قالوا يقول تقول وقال أضاف أضافت أضاف يضيف أوضح أوضحت أكد أكدت أكدوا يؤكد تؤكد
    أعلن أعلنت أعلنوا يعلن تعلن أفاد أفادت ذكر ذكرت أشار أشارت يشير صرح صرحت كشف كشفت يكشف تكشف
    نقلا نقلت مصدر مصادر بيان بيانا تصريح تصريحات";

/// Names of agencies and outlets that are phrases, one per row.
const AGENCY_PHRASES: [&str; 14] = [
    "فرانس برس",
    "وكالة الأنباء",
    "أ ف ب",
    "د ب أ",
    "أ ش أ",
    "أ ب",
    "أسوشيتد برس",
    "أسوشييتد برس",
    "أنباء الشرق الأوسط",
    "سي إن إن",
    "بي بي سي",
    "سكاي نيوز عربية",
    "فرانس 24",
    "يو بي آي",
];

/// Honorifics and formulas that are phrases, one per row.
const HONORIFIC_PHRASES: [&str; 14] = [
    "خادم الحرمين الشريفين",
    "خادم الحرمين",
    "صاحب السمو الملكي الأمير",
    "صاحب السمو الملكي",
    "صاحب السمو الأمير",
    "صاحب السمو الشيخ",
    "صاحب السمو",
    "صاحبة السمو الملكي الأميرة",
    "صاحبة السمو",
    "حفظه الله",
    "حفظهم الله",
    "رعاه الله",
    "أيده الله",
    "آل سعود",
];

/// The single words, folded.
static FOLDED_WORDS: LazyLock<WordTable> = LazyLock::new(|| {
    let rows = [FUNCTION_WORDS, AGENCIES, HONORIFICS, WIRE_WORDS];
    WordTable::new(rows.iter().flat_map(|row| row.split_whitespace()).flat_map(folded_words))
});

/// The first words of phrases.
static PHRASE_BEGINNINGS: LazyLock<WordTable> = LazyLock::new(|| {
    WordTable::new(FOLDED_PHRASES.iter().filter_map(|phrase| phrase.first()).cloned())
});

/// The phrases, folded and sorted, each as its words.
static FOLDED_PHRASES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let phrases = AGENCY_PHRASES.iter().chain(&HONORIFIC_PHRASES);
    let mut folded: Vec<Vec<String>> = phrases.map(|phrase| folded_words(phrase)).collect();
    folded.sort_unstable();
    folded
});

/// The names that a dateline can contain, folded, each as its words.
static AGENCY_NAMES: LazyLock<Vec<Vec<String>>> = LazyLock::new(|| {
    let single = [AGENCIES, DATELINE_NAMES].into_iter().flat_map(str::split_whitespace);
    single.chain(AGENCY_PHRASES).chain(["عين اليوم"]).map(folded_words).collect()
});

/// Whether a text contains the name of an agency or an outlet, as whole words.
pub(super) fn contains_agency(text: &str) -> bool {
    let key = MatchKey::of(text);
    let words: Vec<&str> = key.cut_words().collect();
    AGENCY_NAMES.iter().any(|name| words.windows(name.len()).any(|run| run == name.as_slice()))
}

fn folded_words(text: &str) -> Vec<String> {
    MatchKey::of(text).words().map(str::to_owned).collect()
}

/// Whether a folded word of this hash, with its prefix, is on the list; a leading «و» or «ف» is allowed before a
/// word of at least two letters.
pub(super) fn is_stop_word(word: &str, hash: usize) -> bool {
    let words = &*FOLDED_WORDS;
    let without = word.strip_prefix('و').or_else(|| word.strip_prefix('ف'));
    let without = without.filter(|rest| rest.chars().nth(1).is_some());
    words.contains(word, hash) || without.is_some_and(|rest| words.contains(rest, word_hash(rest)))
}

/// The number of words, from the first on, that form a phrase on the list: the longest such phrase;
/// 0: none. `hash` is that of the first word.
pub(super) fn phrase_length(words: &[&str], hash: usize) -> usize {
    let Some(first) = words.first().filter(|first| PHRASE_BEGINNINGS.contains(first, hash)) else {
        return 0;
    };
    let phrases = &*FOLDED_PHRASES;
    let start =
        phrases.partition_point(|phrase| phrase.first().is_some_and(|w| w.as_str() < *first));
    let same_first =
        phrases.iter().skip(start).take_while(|phrase| phrase.first().is_some_and(|w| w == first));
    let fits = |phrase: &&Vec<String>| {
        phrase.len() <= words.len() && phrase.iter().zip(words).all(|(one, other)| one == other)
    };
    same_first.filter(fits).map(Vec::len).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_listed(word: &str) -> bool {
        is_stop_word(word, word_hash(word))
    }

    #[test]
    fn every_row_can_match() {
        for word in [FUNCTION_WORDS, AGENCIES, HONORIFICS, WIRE_WORDS]
            .iter()
            .flat_map(|row| row.split_whitespace())
        {
            let folded = folded_words(word);
            assert!(!folded.is_empty(), "{word}");
            assert!(folded.iter().all(|word| is_listed(word)), "{word}");
        }
        for phrase in AGENCY_PHRASES.into_iter().chain(HONORIFIC_PHRASES) {
            let words = folded_words(phrase);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(
                phrase_length(&words, words.first().map_or(0, |word| word_hash(word))),
                words.len(),
                "{phrase}"
            );
        }
    }

    #[test]
    fn agencies_are_whole_words() {
        for name in AGENCIES
            .split_whitespace()
            .chain(DATELINE_NAMES.split_whitespace())
            .chain(AGENCY_PHRASES)
        {
            assert!(contains_agency(&format!("الرياض ({name})")), "{name}");
            let more = if name.is_ascii() { "x" } else { "ين" };
            assert!(!contains_agency(&format!("{more}{name}{more}")), "{name}");
        }
        assert!(contains_agency("فرانس24/ أ ف ب"));
        assert!(!contains_agency("الرياض"));
    }

    #[test]
    fn phrases_count_only_together() {
        let check = |text: &str, expected: usize| {
            let words = folded_words(text);
            let words: Vec<&str> = words.iter().map(String::as_str).collect();
            assert_eq!(
                phrase_length(&words, words.first().map_or(0, |word| word_hash(word))),
                expected,
                "{text}"
            );
        };
        check("صاحب السمو الملكي الأمير محمد", 4);
        check("صاحب السمو الأميرة", 2);
        check("خادم الفندق", 0);
        check("فرانس", 0);
        check("", 0);
    }

    #[test]
    fn meaningful_words_are_not_on_the_list() {
        for word in ["سوريا", "وزير", "وفد", "قطر", "زلزال", "انتخابات", "فوز", "فيضان"]
        {
            assert!(!is_listed(&folded_words(word)[0]), "{word}");
        }
        assert!(is_listed("وفي") && is_listed("فقال") && is_listed("والتي"));
    }
}
