//! Feeds before and after → whether they are reported as hijacked. There are as many honest feeds as others.

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

/// The profile of a source with the entries `before` in its first document, after the documents of these days.
fn found(before: &[Words], readings: &[(i64, Vec<Words>)]) -> WritingProfile {
    let samples = |words: &[Words]| -> Vec<WritingSample> {
        let samples = newest_entries(words).iter().map(|(title, summary)| entry(title, summary));
        samples.map(|entry| sample_writing(&entry)).collect()
    };
    let mut profile = WritingProfile::default();
    learn_baseline(&mut profile, samples(before), day(0));
    for (at, words) in readings {
        record_and_judge(&mut profile, samples(words), day(*at));
    }
    profile
}

fn check(before: &[Words], readings: &[(i64, Vec<Words>)], expected: bool) {
    let profile = found(before, readings);
    assert_eq!(profile.hijacked.is_some(), expected, "{readings:?}: {profile:?}");
    assert!(profile.newest.len() <= MAX_NEWEST);
}

/// One entry a day from day 1 on.
fn daily(words: Words, days: i64) -> Vec<(i64, Vec<Words>)> {
    (1..=days).map(|day| (day, vec![words])).collect()
}

#[test]
fn hijacked_feeds_are_detected() {
    let arabic = many(ARABIC, 30);
    check(&arabic, &[(1, many(SLOTS, 10))], true);
    check(&arabic, &[(1, many(BAHIS, 3))], true);
    check(&arabic, &daily(SLOTS, 3), true);
    // Twenty entries are enough for a baseline.
    check(&many(ARABIC, 20), &[(1, many(SLOTS, 3))], true);
    // In the feed's own language.
    check(&arabic, &[(1, many(ARABIC_SHOP, 3))], true);
    check(&arabic, &[(1, [ARABIC_SHOP, ARABIC, ARABIC_SHOP, ARABIC_SHOP].into())], true);
    // In words that newsrooms also use, but in another script.
    check(&arabic, &[(1, many(PLAIN_ENGLISH_CASINO, 3))], true);
    // In another script without spam terms.
    check(&arabic, &daily(ENGLISH, 6), true);
    check(&arabic, &daily(("Новости производства и торговли", "Подробности на сайте."), 6), true);
    // A hijacked feed in English.
    check(&many(ENGLISH, 30), &[(1, many(BAHIS, 4))], true);
    // Thai has no spaces.
    let thai = ("เว็บสล็อตออนไลน์และบาคาร่า", "สมัครคาสิโนวันนี้");
    check(&arabic, &[(1, many(thai, 3))], true);
}

#[test]
fn honest_feeds_are_not_reported() {
    let arabic = many(ARABIC, 30);
    check(&arabic, &daily(ARABIC, 40), false);
    check(&arabic, &[(1, many(SPORT, 12))], false);
    // A raid on a casino: one entry, a whole day, and for days in one entry of three.
    check(&arabic, &[(1, vec![RAID])], false);
    check(&arabic, &[(1, many(RAID, 12))], false);
    check(&arabic, &(1..9).map(|day| (day, vec![RAID, ARABIC, ARABIC])).collect::<Vec<_>>(), false);
    // A day of English, one English entry a day, a feed that mixes languages.
    check(&arabic, &[(1, many(ENGLISH, 12)), (2, many(ARABIC, 3))], false);
    check(&arabic, &(1..30).map(|n| (n, vec![ENGLISH, ARABIC])).collect::<Vec<_>>(), false);
    let mixed = [many(ARABIC, 24), many(ENGLISH, 6)].concat();
    check(&mixed, &daily(ENGLISH, 12), false);
    // English from the first document on.
    check(&many(ENGLISH, 30), &daily(ENGLISH, 12), false);
    // A monthly, and a feed with too few entries for a baseline.
    check(&arabic, &(1..9).map(|n| (n * 30, many(ARABIC, 2))).collect::<Vec<_>>(), false);
    check(&many(ARABIC, 19), &[(1, many(SLOTS, 3))], false);
    // A feed that was always about casinos; one with titles that are hardly words.
    check(&many(RAID, 30), &daily(RAID, 12), false);
    check(&arabic, &daily(("3-1", ""), 12), false);
    // Two spam entries are an accident.
    check(&arabic, &[(1, many(SLOTS, 2)), (2, many(ARABIC, 9))], false);
    check(&arabic, &[(1, many(ARABIC, 9)), (2, many(SLOTS, 2))], false);
    // Short Arabic titles and one long English text.
    let long = ("A long report", "Many words of it, and many more of them. ".repeat(40));
    let long: Words = (long.0, long.1.leak());
    check(
        &arabic,
        &(1..9).map(|n| (n, vec![("خبر قصير عن المدينة", ""), long])).collect::<Vec<_>>(),
        false,
    );
}

#[test]
fn a_finding_has_its_evidence() {
    let finding = found(&many(ARABIC, 30), &[(1, many(ARABIC, 4)), (2, many(BAHIS, 8))]).hijacked;
    let finding = finding.unwrap();
    assert_eq!((finding.since, finding.arabic_before, finding.arabic_now), (day(2), 100, 0));
    assert_eq!(finding.words.len(), 3, "{finding:?}");
    assert!(finding.words.contains(&"bahis siteleri".to_owned()), "{finding:?}");
}

#[test]
fn a_finding_ends_when_the_feed_is_as_before_and_can_return() {
    let arabic = many(ARABIC, 30);
    let spam = (1, many(SLOTS, 30));
    let profile = found(&arabic, &[spam.clone(), (90, many(SLOTS, 99))]);
    assert!(profile.hijacked.is_some(), "a hundred of them are not usual");
    assert_eq!((profile.baseline.spam, profile.baseline.entries), (0, 24));
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 1))], true);
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 2))], false);
    check(&arabic, &[spam.clone(), (5, many(ENGLISH, 3))], true);
    check(&arabic, &[spam.clone(), (5, many(ARABIC, 9)), (9, many(SLOTS, 3))], true);
}

#[test]
fn the_baseline_follows_slowly() {
    let profile =
        found(&many(ARABIC, 30), &(1..700).map(|n| (n, vec![ARABIC])).collect::<Vec<_>>());
    assert!(
        (BASELINE_ENTRIES / 2..=BASELINE_ENTRIES).contains(&profile.baseline.entries),
        "{:?}",
        profile.baseline
    );
    assert_eq!(arabic_percent(profile.baseline.letters), 100);
}
