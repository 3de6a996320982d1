//! A text → its spam terms: words of the businesses that take over expired domains, such as gambling,
//! pills, escorts, loans, cryptocurrency giveaways, and their counterparts in Arabic.
//!
//! The words of one row have the same meaning. Newsrooms also use them, so a single word proves nothing. A
//! *seller's phrase* is used only by those who sell. The rows come from the campaigns that search engines
//! and their users complain about most: Indonesian (`gacor`, `togel`), Turkish (`bahis`), Thai, Chinese and
//! Russian gambling, pills, and the Arabic ones for casinos, bets, charms and loans.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, AhoCorasickKind, StartKind};
use memchr::memchr3;
use rafid_feed::arabic::MatchKey;

/// Spam terms, one row per meaning.
const NAMED: [&[&str]; 17] = [
    &["casino", "casinos", "kasino", "kazino", "cassino", "казино", "كازينو", "كازينوهات"],
    &[
        "betting",
        "bookmaker",
        "bookmakers",
        "sportsbook",
        "bahis",
        "iddaa",
        "apuestas",
        "букмекер",
        "مراهنات",
    ],
    &["gambling", "judi", "قمار", "مقامرة", "مقامرات"],
    &["slots", "slot machine", "slot online", "tragamonedas", "ماكينات القمار", "سلوتس"],
    &["poker", "بوكر"],
    &["roulette", "rulet", "روليت"],
    &["blackjack", "بلاك جاك"],
    &["baccarat", "باكارات"],
    &["jackpot", "جاكبوت"],
    &["togel", "gacor", "maxwin"],
    &["1xbet", "mostbet", "melbet", "betwinner", "linebet", "sbobet", "vavada"],
    &["viagra", "sildenafil", "فياجرا", "فياغرا", "فياقرا"],
    &["cialis", "tadalafil", "سيالس", "سياليس"],
    &["escort", "escorts", "call girls"],
    &["payday loan", "payday loans", "قرض فوري", "قروض فورية", "قرض بدون كفيل"],
    &["crypto giveaway", "bitcoin giveaway", "free bitcoin"],
    &["جلب الحبيب", "شيخ روحاني", "حبوب الاجهاض", "سايتوتك"],
];

/// Sellers' phrases.
const SOLD: [&str; 62] = [
    "slot gacor",
    "situs slot",
    "situs judi",
    "situs togel",
    "judi online",
    "judi slot",
    "judi bola",
    "agen judi",
    "agen slot",
    "bandar togel",
    "bandar slot",
    "togel online",
    "togel hari ini",
    "rtp slot",
    "slot maxwin",
    "link slot",
    "link gacor",
    "slot88",
    "poker online",
    "deposit pulsa",
    "bahis siteleri",
    "bahis sitesi",
    "kacak bahis",
    "canli bahis",
    "casino siteleri",
    "canli casino",
    "slot siteleri",
    "deneme bonusu",
    "bonus veren siteler",
    "guncel giris",
    "yeni giris adresi",
    "escort bayan",
    "casino bonus",
    "casino bonuses",
    "best online casino",
    "best online casinos",
    "casino en ligne",
    "casino sin deposito",
    "free spins",
    "no deposit bonus",
    "promo code 1xbet",
    "1xbet promo code",
    "казино онлайн",
    "онлайн казино",
    "игровые автоматы",
    "ставки на спорт",
    "buy viagra",
    "buy cialis",
    "cheap viagra",
    "generic viagra",
    "generic cialis",
    "viagra online",
    "cialis online",
    "كازينو اون لاين",
    "العاب كازينو",
    "افضل كازينو",
    "مواقع كازينو",
    "بونص ترحيبي",
    "بونص بدون ايداع",
    "لفات مجانية",
    "كود برومو 1xbet",
    "رقم شيخ روحاني",
];

/// Sellers' phrases in scripts without spaces between words: they are searched anywhere in a text.
const UNSPACED: [&str; 12] = [
    "สล็อต",
    "บาคาร่า",
    "คาสิโน",
    "แทงบอล",
    "พนันออนไลน์",
    "เว็บพนัน",
    "博彩",
    "娱乐城",
    "赌场",
    "百家乐",
    "オンラインカジノ",
    "카지노",
];

/// Turkish letters that campaigns write with and without their marks.
const TURKISH: [(char, char); 12] = [
    ('Ç', 'c'),
    ('Ö', 'o'),
    ('Ü', 'u'),
    ('ç', 'c'),
    ('ö', 'o'),
    ('ü', 'u'),
    ('Ğ', 'g'),
    ('ğ', 'g'),
    ('İ', 'i'),
    ('ı', 'i'),
    ('Ş', 's'),
    ('ş', 's'),
];

/// The spam terms of a text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct SpamTerms {
    /// Whether it contains a seller's phrase.
    pub(super) sells: bool,
    /// The terms as the table spells them, in the order of the text, each once.
    pub(super) words: Vec<&'static str>,
}

/// A row, prepared for comparison.
struct SpamTermRow {
    /// The tokens after the first one.
    rest: Vec<Vec<u8>>,
    spelling: &'static str,
    meaning: usize,
    sells: bool,
}

/// Rows by their first token, the longest first.
static ROWS: LazyLock<BTreeMap<Vec<u8>, Vec<SpamTermRow>>> = LazyLock::new(|| {
    let mut rows: BTreeMap<Vec<u8>, Vec<SpamTermRow>> = BTreeMap::new();
    for (meaning, spelling, sells) in
        all_spellings().filter(|(_, spelling, _)| !is_unspaced(spelling))
    {
        let mut tokens = token_bytes(&match_key_of(spelling)).into_iter();
        let Some(first) = tokens.next() else { continue };
        rows.entry(first).or_default().push(SpamTermRow {
            rest: tokens.collect(),
            spelling,
            meaning,
            sells,
        });
    }
    for rows in rows.values_mut() {
        rows.sort_by_key(|row| std::cmp::Reverse(row.rest.len()));
    }
    rows
});

/// Every spelling, with the number of its meaning and whether it is a seller's phrase.
fn all_spellings() -> impl Iterator<Item = (usize, &'static str, bool)> {
    let named = NAMED.iter().enumerate();
    let named =
        named.flat_map(|(meaning, row)| row.iter().map(move |word| (meaning, *word, false)));
    let sold = SOLD.into_iter().chain(UNSPACED).zip(NAMED.len()..);
    named.chain(sold.map(|(phrase, meaning)| (meaning, phrase, true)))
}

/// Whether a letter of the scripts of `UNSPACED` may begin with a byte in UTF-8. None of Arabic, Latin, Greek and Cyrillic
/// does, nor a quotation mark or a dash.
fn may_begin_unspaced(byte: u8) -> bool {
    byte == 0xE0 || byte >= 0xE3
}

fn is_unspaced(spelling: &str) -> bool {
    UNSPACED.contains(&spelling)
}

/// The longest, and so the rarest, token of each row: a text without any of these contains no row.
static NEEDLES: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    let longest = |(_, spelling, _)| {
        let tokens = token_bytes(&match_key_of(spelling));
        tokens.into_iter().max_by_key(Vec::len)
    };
    any_of(all_spellings().filter(|(_, spelling, _)| !is_unspaced(spelling)).filter_map(longest))
});

/// The phrases that may be anywhere in a text.
static ANYWHERE: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| any_of(UNSPACED.iter().map(|phrase| phrase.as_bytes().to_vec())));

/// A search for any of some texts, a table lookup for each byte: every entry of every document is searched. `None`: they
/// are too many, which a test would show.
fn any_of(texts: impl Iterator<Item = Vec<u8>>) -> Option<AhoCorasick> {
    let texts: BTreeSet<Vec<u8>> = texts.collect();
    let mut builder = AhoCorasick::builder();
    builder.kind(Some(AhoCorasickKind::DFA)).start_kind(StartKind::Unanchored).prefilter(false);
    builder.build(texts).ok()
}

/// Finds the spam terms in a text, in linear time.
pub(super) fn find_spam_terms(text: &str) -> SpamTerms {
    let mut found = SpamTerms::default();
    let key = match_key_of(text);
    // Hardly any text contains one, and splitting every text into tokens would cost ten times as much.
    if NEEDLES.as_ref().is_none_or(|needles| needles.is_match(key.as_bytes())) {
        find_rows(&key, &mut found);
    }
    let has_unspaced = text.bytes().fold(false, |has, byte| has | may_begin_unspaced(byte));
    if has_unspaced && ANYWHERE.as_ref().is_none_or(|phrases| phrases.is_match(text.as_bytes())) {
        for phrase in UNSPACED.into_iter().filter(|phrase| text.contains(phrase)) {
            found.sells = true;
            found.words.push(phrase);
        }
    }
    found
}

fn find_rows(key: &MatchKey, found: &mut SpamTerms) {
    let tokens = token_bytes(key);
    let mut meanings = BTreeSet::new();
    let mut rest = tokens.as_slice();
    while let Some((first, behind)) = rest.split_first() {
        rest = behind;
        let rows = ROWS.get(first).map_or(&[][..], Vec::as_slice);
        let Some(row) = rows.iter().find(|row| behind.starts_with(&row.rest)) else { continue };
        // The words inside a phrase do not count again.
        rest = behind.get(row.rest.len()..).unwrap_or_default();
        found.sells |= row.sells;
        if meanings.insert(row.meaning) {
            found.words.push(row.spelling);
        }
    }
}

/// How many different meanings some terms have; a term that is no longer in the table has its own meaning.
pub(super) fn count_meanings<'a>(words: impl Iterator<Item = &'a str>) -> usize {
    let meaning = |word: &str| all_spellings().find(|row| row.1 == word).map(|row| row.0);
    let words: BTreeSet<&str> = words.collect();
    let known: BTreeSet<usize> = words.iter().filter_map(|word| meaning(word)).collect();
    known.len() + words.iter().filter(|word| meaning(word).is_none()).count()
}

/// The match key of a text without Turkish marks.
fn match_key_of(text: &str) -> MatchKey {
    // All of these letters begin with one of these bytes in UTF-8; «» do not.
    if memchr3(0xC3, 0xC4, 0xC5, text.as_bytes()).is_none() {
        return MatchKey::of(text);
    }
    let plain = |c: char| TURKISH.iter().find(|row| row.0 == c).map_or(c, |row| row.1);
    MatchKey::of(&text.chars().map(plain).collect::<String>())
}

fn token_bytes(key: &MatchKey) -> Vec<Vec<u8>> {
    key.tokens().iter().map(|token| token.as_bytes().to_vec()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_matches_and_is_unique() {
        let mut seen = BTreeSet::new();
        for (_, spelling, sells) in all_spellings() {
            let found = find_spam_terms(&format!("x {spelling} y"));
            assert_eq!((found.words, found.sells), (vec![spelling], sells), "{spelling}");
            assert!(seen.insert(token_bytes(&match_key_of(spelling))), "{spelling} stands twice");
        }
        assert!(TURKISH.is_sorted() && NEEDLES.is_some() && ANYWHERE.is_some());
        assert!(UNSPACED.iter().all(|phrase| may_begin_unspaced(phrase.as_bytes()[0])));
        assert!(!"كازينو «رهان» – “казино”".bytes().any(may_begin_unspaced));
        let is_checked = |c: char| matches!(c.to_string().as_bytes()[0], 0xC3..=0xC5);
        assert!(TURKISH.iter().all(|row| is_checked(row.0)));
    }

    #[test]
    fn spelling_variants_match_and_parts_of_words_do_not() {
        let check = |text: &str, sells: bool, expected: &[&str]| {
            let found = find_spam_terms(text);
            assert_eq!((found.sells, found.words.as_slice()), (sells, expected), "{text}");
        };
        check("SLOT GACOR hari ini, Judi Online terpercaya", true, &["slot gacor", "judi online"]);
        check("Güvenilir BAHİS SİTELERİ 2026", true, &["bahis siteleri"]);
        check("Kaçak bahis ve canlı casino", true, &["kacak bahis", "canli casino"]);
        check("𝗦𝗟𝗢𝗧 𝗚𝗔𝗖𝗢𝗥", true, &["slot gacor"]);
        check("เว็บสล็อตออนไลน์", true, &["สล็อต"]);
        check("أَلْعَابُ الكَازِينُو والمراهنات", true, &["العاب كازينو", "مراهنات"]);
        check("إغلاق كازينو في وسط المدينة", false, &["كازينو"]);
        check("casino, Casinos and كازينو", false, &["casino"]);
        check("a time slot; the Casinotown online judicial board", false, &[]);
        check("رهان المدرب على الشباب وقمر صناعي", false, &[]);
        check("", false, &[]);
    }

    #[test]
    fn meanings_are_counted() {
        let check = |words: &[&str], expected: usize| {
            assert_eq!(count_meanings(words.iter().copied()), expected, "{words:?}");
        };
        check(&["casino", "كازينو"], 1);
        check(&["casino", "قمار", "slot gacor"], 3);
        check(&["casino", "a word of an older table"], 2);
    }
}
