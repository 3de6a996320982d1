//! Feeds as they were and as they go on → whether that is told. The honest ones are as many as the others.

use rafid_feed::model::{Identity, IdentityKind, PlainText, SafeHtml};

use super::*;

fn day(day: i64) -> Timestamp {
    Timestamp::from_second(1_795_046_400 + day * DAY).unwrap()
}

fn entry(title: &str, summary: &str) -> Entry {
    let identity =
        Identity { kind: IdentityKind::Guid, key: title.to_owned(), weaker_names: Vec::new() };
    let summary =
        (!summary.is_empty()).then(|| SafeHtml::from_trusted(format!("<p>{summary}</p>")));
    Entry { summary, ..Entry::titled(identity, PlainText::from_trusted(title.to_owned())) }
}

const ARABIC: (&str, &str) =
    ("مجلس المدينة يقر ميزانية الطرق الجديدة", "وافق المجلس على إصلاح الشوارع الرئيسة قبل الشتاء.");
const SPORT: (&str, &str) =
    ("الهلال يفوز 3-1 في النهائي", "راهن المدرب على الشباب فسجل اللاعب هدفين، وترعى 1xBet البطولة.");
const ENGLISH: (&str, &str) = (
    "The council agrees on a budget for roads",
    "The main streets will be repaired before winter.",
);
const SLOTS: (&str, &str) =
    ("Daftar slot gacor hari ini gampang menang", "Situs judi online terpercaya dan bandar togel.");
const BAHIS: (&str, &str) = (
    "Güvenilir bahis siteleri ve deneme bonusu",
    "Canlı casino oyunları için güncel giriş adresi.",
);
const ARABIC_SHOP: (&str, &str) =
    ("أفضل كازينو اون لاين في الخليج", "احصل على بونص ترحيبي مع ألعاب كازينو ولفات مجانية.");
const RAID: (&str, &str) =
    ("الشرطة تداهم كازينو سريًا وتضبط أدوات قمار", "أوقفت الشرطة سبعة كانوا يديرون المراهنات.");
const PLAIN_ENGLISH_CASINO: (&str, &str) =
    ("Casino night with roulette and poker", "Read our guide to gambling and betting tonight.");

type Words = (&'static str, &'static str);

fn many(words: Words, count: usize) -> Vec<Words> {
    vec![words; count]
}

/// What a source that was as `before` at its first reading is found to be after readings on these days.
fn found(before: &[Words], readings: &[(i64, Vec<Words>)]) -> WritingProfile {
    let entries = |words: &[Words]| -> Vec<Entry> {
        words.iter().map(|(title, summary)| entry(title, summary)).collect()
    };
    let mut voice = WritingProfile::default();
    let before = entries(before);
    learn_baseline(&mut voice, &before.iter().collect::<Vec<_>>(), day(0));
    for (at, words) in readings {
        let entries = entries(words);
        record_and_judge(&mut voice, &entries.iter().collect::<Vec<_>>(), day(*at));
    }
    voice
}

fn check(before: &[Words], readings: &[(i64, Vec<Words>)], expected: bool) {
    let voice = found(before, readings);
    assert_eq!(voice.hijacked.is_some(), expected, "{readings:?}: {voice:?}");
    assert!(voice.newest.len() <= MOST_NEWEST);
}

/// One entry a day from day 1 on.
fn daily(words: Words, days: i64) -> Vec<(i64, Vec<Words>)> {
    (1..=days).map(|day| (day, vec![words])).collect()
}

#[test]
fn feeds_that_somebody_else_writes() {
    let arabic = many(ARABIC, 30);
    check(&arabic, &[(1, many(SLOTS, 10))], true);
    check(&arabic, &[(1, many(BAHIS, 3))], true);
    check(&arabic, &daily(SLOTS, 3), true);
    // By twenty entries it is known what is usual, wherever they stand.
    check(&many(ARABIC, 20), &[(1, many(SLOTS, 3))], true);
    // In its own language.
    check(&arabic, &[(1, many(ARABIC_SHOP, 3))], true);
    check(&arabic, &[(1, [ARABIC_SHOP, ARABIC, ARABIC_SHOP, ARABIC_SHOP].into())], true);
    // In words that newsrooms write, too, but in another script.
    check(&arabic, &[(1, many(PLAIN_ENGLISH_CASINO, 3))], true);
    // In another script without a word that is known.
    check(&arabic, &daily(ENGLISH, 6), true);
    check(&arabic, &daily(("Новости производства и торговли", "Подробности на сайте."), 6), true);
    // A feed in English that is taken over.
    check(&many(ENGLISH, 30), &[(1, many(BAHIS, 4))], true);
    // Thai has no spaces.
    let thai = ("เว็บสล็อตออนไลน์และบาคาร่า", "สมัครคาสิโนวันนี้");
    check(&arabic, &[(1, many(thai, 3))], true);
}

#[test]
fn honest_feeds() {
    let arabic = many(ARABIC, 30);
    check(&arabic, &daily(ARABIC, 40), false);
    check(&arabic, &[(1, many(SPORT, 12))], false);
    // A raid on a casino, told once, all day long, and for days in one entry of three.
    check(&arabic, &[(1, vec![RAID])], false);
    check(&arabic, &[(1, many(RAID, 12))], false);
    check(&arabic, &(1..9).map(|day| (day, vec![RAID, ARABIC, ARABIC])).collect::<Vec<_>>(), false);
    // A day of English, an English piece a day, a feed that mixes.
    check(&arabic, &[(1, many(ENGLISH, 12)), (2, many(ARABIC, 3))], false);
    check(&arabic, &(1..30).map(|n| (n, vec![ENGLISH, ARABIC])).collect::<Vec<_>>(), false);
    let mixed = [many(ARABIC, 24), many(ENGLISH, 6)].concat();
    check(&mixed, &daily(ENGLISH, 12), false);
    // English from its first reading on.
    check(&many(ENGLISH, 30), &daily(ENGLISH, 12), false);
    // A monthly, and one of whom too little is known.
    check(&arabic, &(1..9).map(|n| (n * 30, many(ARABIC, 2))).collect::<Vec<_>>(), false);
    check(&many(ARABIC, 19), &[(1, many(SLOTS, 3))], false);
    // A feed about those trades, as it always was; one whose titles are hardly words.
    check(&many(RAID, 30), &daily(RAID, 12), false);
    check(&arabic, &daily(("3-1", ""), 12), false);
    // Two are an accident.
    check(&arabic, &[(1, many(SLOTS, 2)), (2, many(ARABIC, 9))], false);
    check(&arabic, &[(1, many(ARABIC, 9)), (2, many(SLOTS, 2))], false);
    // Short Arabic titles beside one long English text.
    let long = ("A long report", "Many words of it, and many more of them. ".repeat(40));
    let long: Words = (long.0, long.1.leak());
    check(
        &arabic,
        &(1..9).map(|n| (n, vec![("خبر قصير عن المدينة", ""), long])).collect::<Vec<_>>(),
        false,
    );
}

#[test]
fn what_is_found_is_told_with_its_evidence() {
    let told = found(&many(ARABIC, 30), &[(1, many(ARABIC, 4)), (2, many(BAHIS, 8))]).hijacked;
    let told = told.unwrap();
    assert_eq!((told.since, told.arabic_before, told.arabic_now), (day(2), 100, 0));
    assert_eq!(told.words.len(), 3, "{told:?}");
    assert!(told.words.contains(&"bahis siteleri".to_owned()), "{told:?}");
}

#[test]
fn it_ends_when_the_feed_is_as_before_and_can_begin_again() {
    let arabic = many(ARABIC, 30);
    let spam = (1, many(SLOTS, 30));
    let voice = found(&arabic, &[spam.clone(), (90, many(SLOTS, 99))]);
    assert!(voice.hijacked.is_some(), "a hundred of them are not usual");
    assert_eq!((voice.baseline.spam, voice.baseline.entries), (0, 24));
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 1))], true);
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 2))], false);
    check(&arabic, &[spam.clone(), (5, many(ENGLISH, 3))], true);
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 9)), (9, many(SLOTS, 3))], true);
}

#[test]
fn what_is_usual_follows_slowly() {
    let voice = found(&many(ARABIC, 30), &(1..700).map(|n| (n, vec![ARABIC])).collect::<Vec<_>>());
    assert!(
        (MOST_USUAL / 2..=MOST_USUAL).contains(&voice.baseline.entries),
        "{:?}",
        voice.baseline
    );
    assert_eq!(arabic_percent(voice.baseline.letters), 100);
}
