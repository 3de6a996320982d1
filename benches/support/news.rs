//! A number → an entry of a synthetic Arabic newspaper, always the same one, with the vocabulary of
//! a language: few words make up half of the text, and hundreds of thousands of forms make up the
//! rest.
//!
//! Frequencies follow Zipf: the word of rank r is one of 12.6 r words, as in 780,000 words of real
//! news (measured: r times its share is 0.07 at rank 100, 0.13 at 1,000 and 10,000). Forms are
//! stems of roots and patterns with the usual Arabic prefixes and suffixes. Lengths are those of
//! real feeds: titles of 5 to 12 words, summaries of 18 to 42, and every third entry a text of 80
//! to 500.

#![allow(
    dead_code,
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::unwrap_used
)]

/// The number of forms in the vocabulary.
const FORMS: f64 = 300_000.0;
/// The number of stems.
const STEMS: u64 = 14_000;

/// The most common words, in this order.
const COMMON: [&str; 48] = [
    "في",
    "من",
    "على",
    "أن",
    "إلى",
    "التي",
    "عن",
    "مع",
    "الذي",
    "ما",
    "خلال",
    "بعد",
    "هذا",
    "إن",
    "هذه",
    "بين",
    "قال",
    "كان",
    "كما",
    "لا",
    "أو",
    "كل",
    "قبل",
    "عام",
    "ذلك",
    "اليوم",
    "حيث",
    "غير",
    "كانت",
    "وقال",
    "رئيس",
    "أكد",
    "مجلس",
    "المدينة",
    "وزير",
    "الحكومة",
    "أمس",
    "منطقة",
    "الأمن",
    "العام",
    "الماضي",
    "الوزارة",
    "جديدة",
    "أعلنت",
    "مدينة",
    "الأولى",
    "الدولة",
    "العمل",
];
/// Letters of roots.
const LETTERS: [char; 24] = [
    'ب', 'ت', 'ج', 'ح', 'خ', 'د', 'ر', 'ز', 'س', 'ش', 'ص', 'ض', 'ط', 'ع', 'غ', 'ف', 'ق', 'ك', 'ل',
    'م', 'ن', 'ه', 'ذ', 'ث',
];
/// Patterns of words: 1, 2 and 3 are the letters of the root.
const PATTERNS: [&str; 20] = [
    "123",
    "1ا23",
    "12ا3",
    "12ي3",
    "12و3",
    "م12و3",
    "م123",
    "ت12ي3",
    "إ12ا3",
    "ا1ت2ا3",
    "است12ا3",
    "م1ا23",
    "مت123",
    "12ا2ي3",
    "أ12ا3",
    "ا1ت2اء",
    "م12ا3",
    "ت1ا23",
    "1ا2ئ3",
    "من123",
];
/// Prefixes, the more common ones more often.
const BEFORE: [&str; 16] =
    ["", "", "", "", "", "ال", "ال", "ال", "ال", "و", "وال", "ب", "بال", "لل", "ل", "ي"];
/// Suffixes, likewise.
const BEHIND: [&str; 16] =
    ["", "", "", "", "", "", "ة", "ة", "ات", "ين", "ون", "ه", "ها", "ية", "ي", "هم"];

/// Title, summary and text of an entry; the text is empty if the feed has none.
pub fn entry(number: u64) -> [String; 3] {
    let mut random = Random(mixed(number));
    let title = words(&mut random, 5, 12);
    let summary = words(&mut random, 18, 42);
    let text = if number.is_multiple_of(3) { words(&mut random, 80, 500) } else { String::new() };
    [title, summary, text]
}

fn words(random: &mut Random, least: u64, most: u64) -> String {
    let count = least + random.next() % (most - least + 1);
    (0..count).map(|_| word(rank(random.next()))).collect::<Vec<_>>().join(" ")
}

/// The rank of a random word: the inverse of Zipf's distribution.
fn rank(random: u64) -> u64 {
    FORMS.powf((random >> 11) as f64 / (1_u64 << 53) as f64) as u64 - 1
}

/// The form of a rank.
pub fn word(rank: u64) -> String {
    if let Some(common) = COMMON.get(rank as usize) {
        return (*common).to_owned();
    }
    let seed = mixed(rank);
    let pick = |from: &[&'static str], by: u64| from[(by % from.len() as u64) as usize];
    let (before, behind) = (pick(&BEFORE, seed >> 32), pick(&BEHIND, seed >> 40));
    format!("{before}{}{behind}", stem(seed % STEMS))
}

fn stem(number: u64) -> String {
    let root = mixed(number / PATTERNS.len() as u64 + 77);
    let letter = |place: u32| LETTERS[(root >> (place * 8)) as usize % LETTERS.len()];
    let pattern = PATTERNS[(number % PATTERNS.len() as u64) as usize];
    let letters = pattern.chars().map(|c| c.to_digit(10).map_or(c, letter));
    letters.collect()
}

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = mixed(self.0);
        self.0
    }
}

/// `splitmix64`.
fn mixed(number: u64) -> u64 {
    let number = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    number ^ (number >> 31)
}
