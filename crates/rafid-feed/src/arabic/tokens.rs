//! A match key → tokens: words are cut where the kind of letter changes, one leading article or
//! conjunction is removed, spellings that differ in more than single letters are unified, stop
//! words are marked.
//!
//! Endings stay. Cutting them by rule turns names into other words (the ends of «فلسطين» and
//! «لبنان» look like plurals) and did not find more; words that differ only in their endings share
//! letter sequences.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use super::letters::cut_by_kind;
use super::match_key::MatchKey;
use super::stop_words::{is_stop_word, phrase_length};
use super::word_table::{WordTable, word_hash};

/// A word for comparing. Like its key, it offers only comparison and hashing.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MatchToken<'k> {
    stem: &'k str,
    is_stop_word: bool,
}

impl MatchToken<'_> {
    /// The token's bytes, for hashing and for an index; never for display.
    pub fn as_bytes(&self) -> &[u8] {
        self.stem.as_bytes()
    }

    /// Whether it says nothing about an event: a function word, an agency's name, an honorific, a
    /// word of news agency style.
    pub fn is_stop_word(&self) -> bool {
        self.is_stop_word
    }

    /// The sequences of `length` letters in the word, from the first letter to the last, as bytes
    /// for hashing; none when the word is shorter.
    pub fn letter_ngrams(&self, length: usize) -> impl Iterator<Item = &[u8]> {
        let stem = self.stem;
        let starts = stem.char_indices().map(|(start, _)| start);
        let ends = stem.char_indices().map(|(start, c)| start + c.len_utf8());
        starts
            .zip(ends.skip(length.saturating_sub(1)))
            .map(|(start, end)| &stem.as_bytes()[start..end])
    }
}

impl std::fmt::Debug for MatchToken<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({} bytes)", self.stem.len())
    }
}

impl MatchKey {
    /// The bytes of the key's tokens in order, as `MatchToken::as_bytes` returns them, without the
    /// check for stop words: a fifth of the work.
    pub fn stems(&self) -> impl Iterator<Item = &[u8]> {
        self.cut_words().map(|word| stem_of_word(word).as_bytes())
    }

    /// The words of the key, cut where the kind of letter changes.
    pub(super) fn cut_words(&self) -> impl Iterator<Item = &str> {
        cut_by_kind(self.as_str())
    }

    /// The key's tokens in order, including stop words.
    pub fn tokens(&self) -> Vec<MatchToken<'_>> {
        let words: Vec<&str> = self.cut_words().collect();
        let mut tokens = Vec::with_capacity(words.len());
        let mut of_phrase = 0;
        for (index, word) in words.iter().enumerate() {
            let hash = word_hash(word);
            of_phrase = usize::max(of_phrase, phrase_length(&words[index..], hash));
            let is_stop_word = of_phrase > 0 || is_stop_word(word, hash);
            of_phrase = of_phrase.saturating_sub(1);
            tokens.push(MatchToken { stem: stem_of_word(word), is_stop_word });
        }
        tokens
    }
}

/// Beginnings of words in which «و» belongs to the word, so that «وزير» and «الوزير» give the same
/// token; sorted, and none begins another one.
const WORDS_WITH_OWN_WAW: &str = "
    واتس واجب واجد واجه واحات واحد واحه وادي وارد وارسو وازن واسط واسع واشنط واصل واعد واعظ وافد وافق
    واقع واقي والد واهم وباي وتير وثايق وثن وثوق وثيق وجبات وجبه وجدان وجدت وجهات وجهت وجهه وجود وجوه
    وحدات وحده وحشي وحوش وحيد وداع ودايع ودود وديع وراث وردت ورده ورشه ورطه ورود وريث وريد وزار وزرا
    وزعت وزنه وزير وساد وساط وسام وسايل وسطا وسطي وسيط وسيل وشاح وشيك وصال وصاي وصفت وصفه وصلت وصول وصيف
    وصيه وضعت وضعي وضوح وطني وظايف وظيف وعكه وعود وعوره وفاق وفاه وفره وفود وفيات وفير وقاحه وقاي وقعت
    وقفت وقفه وقود وقوع وقوف وكال وكيل ولادات ولاده ولايات ولايه ولدت وليد وليم وهران وهمي ووهان ويستهام
    ويكي ويليام ويمبلدون ويندوز وينستون";

static OWN_WAW: LazyLock<Vec<&str>> =
    LazyLock::new(|| WORDS_WITH_OWN_WAW.split_whitespace().collect());

const ARTICLE: &str = "ال";

/// Beginnings of words in which «ل» belongs to the word, so that «للبنان» and «للاعب» give the tokens of «لبنان» and
/// «اللاعب»; before `$` a whole word.
const WORDS_WITH_OWN_LAM: &str = "
    لاجي لاحق لاذقي لازم لاعب لافت لاهاي لايح لبن$ لبنان لجان لجنه لجو$ لحظ لحم$ لحوم لحيه لسان لصوص
    لطيف لعب$ لعبه لغات لغه لغوي لقا$ لقاح لقب$ لقطات لقطه لندن لهج لوا$ لوازم لوايح لوبي لوحات لوحه
    لوزان لوكسمبور لون$ لياق ليال ليبرال ليبي ليره ليل$ ليله ليلي$";

static OWN_LAM: LazyLock<Vec<&str>> =
    LazyLock::new(|| WORDS_WITH_OWN_LAM.split_whitespace().collect());

fn begins_with_own_lam(word: &str) -> bool {
    OWN_LAM.iter().any(|own| match own.strip_suffix('$') {
        Some(whole) => word == whole,
        None => word.starts_with(own),
    })
}

/// A folded word, of letters of one kind, in its final form: its token. ASCII words are already final: the tables contain
/// only Arabic.
pub(crate) fn stem_of_word(word: &str) -> &str {
    if word.as_bytes().first().is_some_and(u8::is_ascii) {
        return word;
    }
    final_form(word, without_prefix(word))
}

/// The word without one leading article or conjunction: those of the stemmer light10, which leaves two letters after
/// an article and three after «و» alone. Behind «و» every article is removed («وللجامعة», «وبالمدينة»).
fn without_prefix(word: &str) -> &str {
    let stripped = match word.strip_prefix('و') {
        Some(_) if begins_with_own_waw(word) => None,
        Some(behind) => {
            without_article(behind).or_else(|| Some(behind).filter(|rest| has_letters(rest, 3)))
        }
        None => without_article(word),
    };
    stripped.unwrap_or(word)
}

fn without_article(word: &str) -> Option<&str> {
    let mut letters = word.chars();
    let first = letters.next();
    let behind = letters.as_str();
    let rest = match first {
        Some('ل') if behind.starts_with('ل') && begins_with_own_lam(behind) => Some(behind),
        Some('ا' | 'ل') => behind.strip_prefix('ل'),
        Some('ب' | 'ك' | 'ف') => behind.strip_prefix(ARTICLE),
        _ => None,
    };
    rest.filter(|rest| has_letters(rest, 2))
}

/// Whether a word has at least `count` characters; cheaper than counting them.
pub fn has_letters(word: &str, count: usize) -> bool {
    // No letter has more than four bytes.
    word.len() >= 4 * count || word.chars().nth(count - 1).is_some()
}

fn begins_with_own_waw(word: &str) -> bool {
    let behind = OWN_WAW.partition_point(|beginning| *beginning <= word);
    let before = behind.checked_sub(1).and_then(|row| OWN_WAW.get(row));
    before.is_some_and(|beginning| word.starts_with(beginning))
}

/// Spellings of one word that differ in more than what the key folds, by the folded word without
/// its prefix; sorted.
const SPELLINGS: [(&str, &str); 60] = [
    ("اردوجان", "اردوغان"),
    ("اسراييليون", "اسراييلي"),
    ("اسراييليين", "اسراييلي"),
    ("اف", "الف"),
    ("اميركا", "امريكا"),
    ("اميركي", "امريكي"),
    ("اميركيا", "امريكيا"),
    ("اميركيه", "امريكيه"),
    ("اميركيون", "امريكيون"),
    ("اميركيين", "امريكيين"),
    ("انترنيت", "انترنت"),
    ("انكلترا", "انجلترا"),
    ("انكليزي", "انجليزي"),
    ("انكليزيه", "انجليزيه"),
    ("اوردوغان", "اردوغان"),
    ("بيونج", "بيونغ"),
    ("تليفزيون", "تلفزيون"),
    ("تليفزيوني", "تلفزيوني"),
    ("تليفزيونيه", "تلفزيونيه"),
    ("جرحي", "جريح"),
    ("جنيهات", "جنيه"),
    ("جوتيريش", "غوتيريش"),
    ("جوجل", "غوغل"),
    ("حوثيون", "حوثي"),
    ("حوثيين", "حوثي"),
    ("دولارات", "دولار"),
    ("ريالات", "ريال"),
    ("سعوديون", "سعودي"),
    ("سعوديين", "سعودي"),
    ("سوريه", "سوريا"),
    ("سوريون", "سوري"),
    ("سوريين", "سوري"),
    ("شيون", "شوون"),
    ("عراقيون", "عراقي"),
    ("عراقيين", "عراقي"),
    ("فايسبوك", "فيسبوك"),
    ("فلسطينيون", "فلسطيني"),
    ("فلسطينيين", "فلسطيني"),
    ("قتلي", "قتيل"),
    ("قوقل", "غوغل"),
    ("كوغل", "غوغل"),
    ("كيماوي", "كيميايي"),
    ("كيماويات", "كيمياييات"),
    ("كيماويه", "كيمياييه"),
    ("لوكسمبورج", "لوكسمبورغ"),
    ("مسيول", "مسوول"),
    ("مسيولون", "مسوولون"),
    ("مسيولين", "مسوولين"),
    ("مسيوليه", "مسووليه"),
    ("مصريون", "مصري"),
    ("مصريين", "مصري"),
    ("ملايين", "مليون"),
    ("مليارات", "مليار"),
    ("ناتانياهو", "نتنياهو"),
    ("نتانياهو", "نتنياهو"),
    ("هامبورج", "هامبورغ"),
    ("هونج", "هونغ"),
    ("واشنطون", "واشنطن"),
    ("يانج", "يانغ"),
    ("يوتوب", "يوتيوب"),
];

/// Words that begin with «ال» as letters of their own (ألمانيا, ألعاب, التزام, إلغاء), without these two letters;
/// sorted. What is also a common word with the article before it (التهم, الهام) is not among them.
const WORDS_WITH_OWN_ARTICLE: &str = "
    اباما ات باني بانيا بانيه بانيون بانيين برت برتو بسه بوم بومات تباس تباسا تحاق تحاقه تحاقها تحق تحقت
    تحقوا تراس تزام تزاما تزامات تزامه تزامها تزم تزمت تزموا تفات تفاف تفت تفتت تقا تقاط تقاوه تقت تقط
    تقطت تقوا تقي تهاب تهابات تيام حاح حاق حان حقت زام زامي زاميه زم زمت عاب غا غام غاوه غاوها غت غي غيت
    فاظ فين فيه قا قاب قاوه قت قي قيت كترون كترونات كتروني كترونيا كترونيات كترونيه كسندر مام مان ماني
    مانيا مانيه مانيون مانيين منيوم واح وان وانا ومنيوم يات ياس ياف يزابث يزابيث يكس";

static OWN_ARTICLE: LazyLock<Vec<&str>> =
    LazyLock::new(|| WORDS_WITH_OWN_ARTICLE.split_whitespace().collect());

/// The words without prefix that do not stay as they are: one look-up decides for both tables.
static CHANGED: LazyLock<WordTable> = LazyLock::new(|| {
    let respelled = SPELLINGS.iter().map(|(spelling, _)| *spelling);
    let words: BTreeSet<&str> = respelled.chain(OWN_ARTICLE.iter().copied()).collect();
    WordTable::new(words.into_iter().map(ToOwned::to_owned))
});

/// The final form of a word whose prefix is removed.
fn final_form<'w>(word: &'w str, bare: &'w str) -> &'w str {
    if !CHANGED.contains(bare, word_hash(bare)) {
        return bare;
    }
    let prefix = &word[..word.len() - bare.len()];
    if prefix.ends_with(ARTICLE) && OWN_ARTICLE.binary_search(&bare).is_ok() {
        return &word[prefix.len() - ARTICLE.len()..];
    }
    canonical_spelling(bare)
}

fn canonical_spelling(word: &str) -> &str {
    match SPELLINGS.binary_search_by(|(spelling, _)| (*spelling).cmp(word)) {
        Ok(row) => SPELLINGS[row].1,
        Err(_) => word,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The stems of a text without its stop words.
    fn stems(text: &str) -> Vec<String> {
        let key = MatchKey::of(text);
        let content = key.tokens().into_iter().filter(|token| !token.is_stop_word());
        content.map(|token| token.stem.to_owned()).collect()
    }

    #[test]
    fn spellings_give_one_token() {
        let check =
            |one: &str, other: &str| assert_eq!(stems(one), stems(other), "{one} and {other}");
        check("سورية", "سوريا");
        check("السورية والأميركية", "سوريا أمريكية");
        check("القتلى", "قتيل");
        check("بالكيماوي", "الكيميائي");
        check("وزير الوزير والوزير بالوزير للوزير", "وزير وزير وزير وزير وزير");
        check("المدينة ومدينة والمدينة بالمدينة كالمدينة فالمدينة للمدينة", &"مدينه ".repeat(7));
        check("للبنان وللاعب للجنة للحقوق", "لبنان لاعب لجنة حقوق");
        check("الألمانية وألعاب بألمانيا", "ألمانية ألعاب ألمانيا");
        check("كوفيد19", "كوفيد 19");
        check("GPT4", "gpt 4");
        check("٣٫٥ ملايين", "3.5 مليون");
    }

    proptest::proptest! {
        #[test]
        fn stems_are_tokens_without_marks(text in "[ء-يa-z0-9 .«»]{0,60}") {
            let key = MatchKey::of(&text);
            let (stems, tokens): (Vec<_>, Vec<_>) = (key.stems().collect(), key.tokens());
            proptest::prop_assert_eq!(stems, tokens.iter().map(MatchToken::as_bytes).collect::<Vec<_>>());
        }
    }

    #[test]
    fn short_words_keep_their_beginning() {
        let check =
            |word: &str, expected: &str| assert_eq!(without_prefix(word), expected, "{word}");
        check("الم", "الم");
        check("الام", "ام");
        check("ولد", "ولد");
        check("ولدا", "لدا");
        check("وال", "وال");
        check("والي", "الي");
        check("والده", "والده");
        check("للم", "للم");
    }

    #[test]
    fn every_row_of_the_tables_can_match() {
        assert!(SPELLINGS.is_sorted_by_key(|row| row.0), "the spellings are sorted");
        for (spelling, one) in SPELLINGS {
            for word in [spelling, one] {
                assert_eq!(MatchKey::of(word).words().collect::<Vec<_>>(), [word], "folded");
                assert_eq!(without_prefix(word), word, "{word} has no prefix");
                assert_eq!(canonical_spelling(word), one, "{word}");
            }
        }
        for (prefix, letters) in
            [("وال", 2), ("بال", 2), ("كال", 2), ("فال", 2), ("ال", 2), ("لل", 2), ("و", 3)]
        {
            assert!(without_prefix(&format!("{prefix}ستر")) == "ستر", "{prefix}");
            let word = format!("{prefix}{}", "س".repeat(letters));
            assert_eq!(without_prefix(&word).chars().count(), letters, "{prefix}");
        }
        assert!(OWN_WAW.is_sorted());
        for rows in OWN_WAW.windows(2) {
            assert!(!rows[1].starts_with(rows[0]), "{rows:?}");
        }
        for beginning in OWN_WAW.iter() {
            assert_eq!(MatchKey::of(beginning).words().collect::<Vec<_>>(), [*beginning], "folded");
            assert_eq!(without_prefix(beginning), *beginning);
        }
        assert!(OWN_ARTICLE.is_sorted());
        for rest in OWN_ARTICLE.iter() {
            let word = format!("{ARTICLE}{rest}");
            assert_eq!(MatchKey::of(&word).words().collect::<Vec<_>>(), [word.as_str()], "folded");
            assert_eq!(without_prefix(&word), *rest);
            for prefix in ["", "و", "ال", "ب"] {
                assert_eq!(stem_of_word(&format!("{prefix}{word}")), word, "{prefix}{word}");
            }
        }
    }

    #[test]
    fn stop_words_are_marked() {
        assert_eq!(stems("عاجل: وقالت وكالة فرانس برس إن الزلزال"), ["زلزال"]);
        assert_eq!(stems("صاحب السمو الملكي الأمير محمد يستقبل الأمير"), ["محمد", "يستقبل", "امير"]);
        assert_eq!(stems("(أ ف ب) (د.ب.أ)"), Vec::<String>::new());
        let key = MatchKey::of("في المدينة");
        let marks: Vec<bool> = key.tokens().iter().map(MatchToken::is_stop_word).collect();
        assert_eq!(marks, [true, false], "stop words are there, and marked");
    }

    #[test]
    fn letter_ngrams_of_words() {
        let key = MatchKey::of("مدينة ab");
        let parts = |length: usize| -> Vec<Vec<u8>> {
            key.tokens()
                .iter()
                .flat_map(|t| t.letter_ngrams(length).map(<[u8]>::to_vec).collect::<Vec<_>>())
                .collect()
        };
        assert_eq!(parts(3), ["مدي", "دين", "ينه"].map(|part| part.as_bytes().to_vec()));
        assert_eq!(parts(2).len(), 5);
        assert!(parts(9).is_empty());
    }

    #[test]
    fn debug_output_shows_no_folded_text() {
        let key = MatchKey::of("القاهرة");
        assert_eq!(format!("{:?} {:?}", key, key.tokens()), "MatchKey(e) [Token(10 bytes)]");
    }
}
