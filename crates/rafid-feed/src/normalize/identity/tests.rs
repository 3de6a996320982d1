//! Entries as published, one line each → the identities that distinguish them.

use super::*;
use crate::model::{RawLink, RawText};

const SITE: &str = "https://a.example/";

/// `guid | link | title | date | content`; an empty part is absent.
fn entry(words: &str) -> RawEntry {
    let parts: Vec<&str> = words.split('|').map(str::trim).collect();
    let part = |index: usize| {
        parts.get(index).filter(|part| !part.is_empty()).map(|part| (*part).to_owned())
    };
    let text = |value: String| RawText { value, ..RawText::default() };
    RawEntry {
        guid: part(0),
        links: part(1).map(|href| RawLink { href, ..RawLink::default() }).into_iter().collect(),
        title: part(2).map(text),
        published: part(3),
        content: part(4).map(text),
        ..RawEntry::default()
    }
}

fn inputs(raw: &RawEntry) -> IdentityInputs<'_> {
    let at = |day: &String| format!("{day}T12:00:00Z").parse().unwrap();
    IdentityInputs {
        guid: raw.guid.as_deref(),
        guid_may_be_link: true,
        link: raw.links.first().map(|link| link.href.as_str()),
        title: raw.title.as_ref().map_or("", |title| &title.value),
        published_at: raw.published.as_ref().map(at),
        raw,
    }
}

fn site_names() -> SiteNames {
    let title = crate::model::PlainText::from_trusted("صدى السنديان".to_owned());
    SiteNames::collect(Some(&title), None, &crate::normalize::SourceHints::default())
}

fn decided(entries: &[&str]) -> Vec<Identity> {
    let entries: Vec<RawEntry> = entries.iter().map(|words| entry(words)).collect();
    let inputs: Vec<IdentityInputs> = entries.iter().map(inputs).collect();
    decide_identities(&inputs, Some(SITE), &site_names())
}

/// The kind of key of every entry; no two different entries have the same key.
fn check(entries: &[&str], expected: &[IdentityKind]) {
    let identities = decided(entries);
    let kinds: Vec<IdentityKind> = identities.iter().map(|identity| identity.kind).collect();
    assert_eq!(kinds, expected, "{entries:?}");
    for (index, one) in identities.iter().enumerate() {
        for (other_index, other) in identities.iter().enumerate().skip(index + 1) {
            let same = (one.kind, &one.key) == (other.kind, &other.key);
            assert_eq!(
                same,
                entries[index] == entries[other_index],
                "{} and {}",
                entries[index],
                entries[other_index]
            );
        }
    }
}

use IdentityKind::{Content, Guid, Link, LinkAndTitle, TitleAndDate};

#[test]
fn every_kind_of_key_is_used() {
    check(&["g1|https://a.example/1|x", "g2|https://a.example/1|x"], &[Guid, Guid]);
    check(&["|https://a.example/1|x", "|https://a.example/2|x"], &[Link, Link]);
    check(&["|https://a.example/l|x", "|https://a.example/l|y"], &[LinkAndTitle, LinkAndTitle]);
    check(&["||x|2026-11-23", "||x|2026-11-24"], &[TitleAndDate, TitleAndDate]);
    check(&["||x||نص", "||||نص آخر"], &[Content, Content]);
    check(&["||x|2026-11-23|a", "||x|2026-11-23|b"], &[Content, Content]);
}

#[test]
fn guids_shared_by_different_entries_are_not_trusted() {
    // One constant guid for all: the links are the keys.
    check(&["<post-id>|https://a.example/1|x", "<post-id>|https://a.example/2|y"], &[Link, Link]);
    // Two bad guids in ten: no guid of the feed is trusted, except for an entry that has no link.
    let entries: Vec<String> = (0..10)
        .map(|n| match n {
            0 | 1 => format!("same|https://a.example/{n}|x {n}"),
            2 => "g2||x 2".to_owned(),
            _ => format!("g{n}|https://a.example/{n}|x {n}"),
        })
        .collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let mut expected = [Link; 10];
    expected[2] = Guid;
    check(&entries, &expected);
    // Missing guids count as bad ones.
    check(
        &["|https://a.example/1|x", "|https://a.example/2|y", "g|https://a.example/3|z"],
        &[Link, Link, Link],
    );
}

#[test]
fn a_few_bad_guids_affect_only_their_entries() {
    let entries: Vec<String> = (0..40)
        .map(|n| {
            let guid = if n < 2 { "same".to_owned() } else { format!("g{n}") };
            format!("{guid}|https://a.example/{n}|x {n}")
        })
        .collect();
    let entries: Vec<&str> = entries.iter().map(String::as_str).collect();
    let mut expected = [Guid; 40];
    expected[..2].fill(Link);
    check(&entries, &expected);
}

#[test]
fn the_same_entry_twice_has_one_key() {
    check(&["g|https://a.example/1|x", "g|https://a.example/1|x"], &[Guid, Guid]);
    check(&["|https://a.example/1|x", "|https://a.example/1|x"], &[Link, Link]);
    check(&["||x|2026-11-23", "||x|2026-11-23"], &[TitleAndDate, TitleAndDate]);
    let again = decided(&["g|https://a.example/1|x||a", "g|https://m.a.example/1?utm_id=3|x||b"]);
    assert_eq!(again[0], again[1], "the same guid, link and title: an entry that was edited");
}

#[test]
fn a_link_to_the_site_identifies_no_entry() {
    check(
        &["|https://www.a.example|x|2026-11-23", "|https://a.example/|y|2026-11-23"],
        &[TitleAndDate, TitleAndDate],
    );
    let blog = entry("|https://a.example/blog/|x|2026-11-23");
    assert_eq!(
        decide_identities(&[inputs(&blog)], Some("https://a.example/blog"), &site_names())[0].kind,
        TitleAndDate
    );
    assert_eq!(decide_identities(&[inputs(&blog)], Some(SITE), &site_names())[0].kind, Link);
}

/// Whether a second document finds the entry of the first by one of its names.
fn bridged(before: &str, after: &str) -> bool {
    let (before, after) = (&decided(&[before])[0], &decided(&[after])[0]);
    (before.kind, &before.key) == (after.kind, &after.key)
        || before.weaker_names.iter().any(|name| after.weaker_names.contains(name))
}

#[test]
fn weaker_names_connect_two_documents() {
    let check = |before: &str, after: &str, expected: bool| {
        assert_eq!(bridged(before, after), expected, "{before} → {after}");
    };
    // A guid that is a link full of trackers, and the same from a feed that has moved to https.
    check("http://a.example/1?utm_source=a|", "http://a.example/1?utm_source=b|", true);
    check("http://a.example/1|", "https://a.example/1|", true);
    // Different guid schemes.
    check(
        "https://a.example/?p=1|https://a.example/x",
        "https://a.example/x|https://a.example/x",
        true,
    );
    check("tag:a.example,2026:1|https://a.example/x", "urn:1|https://a.example/x/", true);
    check("g|https://a.example/x|one", "|https://a.example/x|other", true);
    // A headline is unique on its day.
    check(
        "1||افتتاح مكتبة السنديان اليوم|2026-11-23",
        "2||إفتتاح مكتبه السنديان اليوم|2026-11-23",
        true,
    );
    check(
        "1||افتتاح مكتبة السنديان اليوم|2026-11-23",
        "2||افتتاح مكتبة السنديان اليوم|2026-11-24",
        false,
    );
    check("1||أسعار الذهب اليوم|2026-11-23", "2||أسعار الذهب اليوم|2026-11-23", false);
    check("1|https://a.example/|x", "2|https://a.example/|y", false);
    check("1||x", "2||x", false);
}

#[test]
fn weaker_names_are_unique_in_a_document() {
    let both = decided(&[
        "1|https://a.example/live|افتتاح مكتبة السنديان اليوم|2026-11-23",
        "2|https://a.example/live|افتتاح مكتبة السنديان اليوم|2026-11-23",
        "3|https://a.example/3|x",
    ]);
    assert!(both[0].weaker_names.is_empty() && both[1].weaker_names.is_empty(), "{both:?}");
    assert_eq!(both[2].weaker_names, ["link:a.example/3"]);
    let word = entry("https://a.example/7||x");
    assert_eq!(
        decide_identities(&[inputs(&word)], None, &site_names())[0].weaker_names,
        ["link:a.example/7"]
    );
    let no_link = IdentityInputs { guid_may_be_link: false, ..inputs(&word) };
    assert!(decide_identities(&[no_link], None, &site_names())[0].weaker_names.is_empty());
}

#[test]
fn keys_do_not_depend_on_other_entries() {
    let alone = decided(&["g1|https://a.example/1|x"]);
    let among = decided(&["g0|https://a.example/0|y", "g1|https://a.example/1|x"]);
    assert_eq!(alone[0], among[1]);
}

#[test]
fn labels_and_the_site_name_are_not_part_of_a_title() {
    let check = |before: &str, after: &str, expected: bool| {
        let line = |title: &str| format!("{title}||{title}|2026-11-23");
        assert_eq!(bridged(&line(before), &line(after)), expected, "{before} → {after}");
    };
    let plain = "افتتاح مكتبة السنديان اليوم";
    for other in [
        "عاجل: افتتاح مكتبة السنديان اليوم",
        "#عاجل إفتتاح مكتبه السنديان اليوم",
        "عاجل ¦ بالفيديو.. افتتاح مكتبة السنديان اليوم",
        "شاهد.. افتتاح مكتبة السنديان اليوم",
        "(صور) افتتاح مكتبة السنديان اليوم",
        "حصري - افتتاح مكتبة السنديان اليوم",
        "افتتاح مكتبة السنديان اليوم ¦ صدى السنديان",
        "افتتاح مكتبة السنديان اليوم - صدى السنديان",
        "خاص: افتتاح مكتبة السنديان اليوم :: صدى السنديان",
    ] {
        check(plain, other, true);
        check(other, plain, true);
    }
    for other in [
        "عاجل افتتاح مكتبة السنديان اليوم",
        "شاهد عيان: افتتاح مكتبة السنديان اليوم",
        "خاص بالطلاب: افتتاح مكتبة السنديان اليوم",
        "الميناء: افتتاح مكتبة السنديان اليوم",
        "افتتاح مكتبة السنديان اليوم ¦ الميناء",
        "افتتاح مكتبة السنديان اليوم - صدى الميناء",
    ] {
        check(plain, other, false);
    }
    check("عاجل: افتتاح مكتبة السنديان اليوم", "شاهد: افتتاح مكتبة الميناء اليوم", false);
    check("فيديو", "صور", false);
    // Without its label a title may be too short to identify an entry.
    check("فيديو: أسعار الذهب اليوم", "بالصور: أسعار الذهب اليوم", false);
    check("فيديو: أسعار الذهب اليوم", "فيديو- أسعار الذهب اليوم", true);
}

#[test]
fn titles_that_differ_only_in_labels_stay_different_in_a_document() {
    let both = decided(&[
        "1||افتتاح مكتبة السنديان اليوم|2026-11-23",
        "2||فيديو: افتتاح مكتبة السنديان اليوم|2026-11-23",
    ]);
    assert!(both[0].weaker_names.is_empty(), "{both:?}");
    assert_eq!(both[1].weaker_names.len(), 1, "its own title: {both:?}");
}

/// Names that were stored before labels were recognized in titles: an upgrade changes none of them,
/// so no published entry appears again as new.
#[test]
fn names_of_earlier_versions_are_unchanged() {
    let check = |words: &str, kind: IdentityKind, key: &str, name: &str| {
        let found = &decided(&[words, "|https://a.example/l|y"])[0];
        assert_eq!((found.kind, found.key.as_str()), (kind, key), "{words}");
        assert!(name.is_empty() || found.weaker_names.iter().any(|own| own == name), "{found:?}");
    };
    check(
        "||عاجل: افتتاح مكتبة السنديان اليوم|2026-11-23",
        TitleAndDate,
        "4cf13f37827606290777e96e8f6cb352 2026-11-23T12:00:00Z",
        "title:4cf13f37827606290777e96e8f6cb352 2026-11-23",
    );
    check(
        "7|https://a.example/7|شاهد.. افتتاح مكتبة السنديان اليوم - صدى السنديان|2026-11-23",
        Guid,
        "7",
        "title:f7241c3ca7b56ae9049efdf6aced600b 2026-11-23",
    );
    check(
        "|https://a.example/l|عاجل: x|2026-11-23",
        LinkAndTitle,
        "a.example/l 51b4d24ed2586c4aa2ccf8fe2ac5e8a3",
        "",
    );
}
