//! Entries without dates, pruned entries, and more entries than are kept → their listing times, and which of
//! them are listed.

use super::*;
use crate::model::{EntryId, ObservedEntry, RememberedEntry};

#[test]
fn undated_entries_are_from_now_only_if_they_come_one_by_one() {
    let item = |number: u32, more: &str| {
        format!("<item><guid>{number}</guid><title>خبر {number}</title>{more}</item>")
    };
    let read = |items: &str, before: Option<&Commit>, now: Timestamp| {
        let state = before.map_or_else(|| PollState::new([0; 16], at(0)), |it| it.state.clone());
        decided_poll(new_document(items), state, before, now).0
    };
    let many: String = (0..118).map(|number| item(number, "")).collect();
    let first = read(&many, None, at(10));
    assert!(first.new.iter().all(|new| at(10).duration_since(new.listed_at).as_hours() >= 24));
    assert!(first.new.is_sorted_by(|one, next| one.listed_at > next.listed_at));
    assert!(first.new.iter().all(|new| new.entry.published_at.is_none()), "the claim is theirs");
    let later = read(&format!("{}{many}", item(200, "")), Some(&first), at(50));
    assert_eq!((later.new.len(), later.new[0].listed_at), (1, at(50)));
    let others: String = (300..418).map(|number| item(number, "")).collect();
    let renamed = read(&others, Some(&first), at(50));
    assert!(renamed.new.iter().all(|new| new.listed_at < at(10)), "all at once are not of now");
    // The day in the link, and implausible dates.
    let linked = item(1, "<link>https://a.example/2026/11/20/x</link>");
    let place = read(&linked, None, at(10)).new[0].listed_at;
    assert!(place.to_string().starts_with("2026-11-20T00:00:00.00"), "{place}");
    let dated = |number| item(number, "<pubDate>Mon, 23 Nov 2037 00:00:00 GMT</pubDate>");
    let ahead: String = (0..20).map(dated).collect();
    let ahead = read(&ahead, None, at(10));
    assert!(ahead.new.iter().all(|new| new.listed_at < at(10)));
    assert!(ahead.new.iter().all(|new| new.entry.published_at > Some(at(10))));
}

#[test]
fn entries_beyond_the_retention_are_neither_counted_nor_listed() {
    let day = |day: u32| {
        format!(
            "<item><guid>{day}</guid><title>خبر {day}</title><pubDate>{day} Nov 2026</pubDate></item>"
        )
    };
    let items: String = (1..21).map(day).collect();
    let keep = |entries: usize, known: &SeenIndex| {
        let input = DecideInput {
            known,
            prepared: &PreparedEntries::default(),
            earlier: &|_| None,
            bounds: bounds(),
            config_hash: [9; 16],
            retention: Retention { keep_seconds: None, entries },
            network: NetworkStatus::Up,
            push_interval: None,
        };
        decide_poll(&source(), new_document(&items), PollState::new([0; 16], at(0)), &input, at(10))
    };
    let (commit, report) = keep(3, &SeenIndex::default());
    let days: Vec<_> = commit.new.iter().map(|new| new.entry.guid.clone().unwrap()).collect();
    assert_eq!((days.join(" ").as_str(), report.new_count), ("18 19 20", 3));
    assert_eq!((commit.observed.len(), commit.state.document.entries_count), (20, 20));
    // Newer stored entries count, too.
    let mut known = SeenIndex::default();
    known.extend([(5, 1), (6, 2)].map(|(minute, number)| {
        let id = EntryId::from_bytes([number; 16]);
        let entry = SeenEntry { id, listed_at: at(minute), content_hash: 0 };
        RememberedEntry { seen: ObservedEntry { entry, fingerprints: Vec::new() }, is_kept: true }
    }));
    assert_eq!(keep(3, &known).1.new_count, 1);
    assert_eq!(keep(2, &known).1.new_count, 0);
    assert_eq!((keep(1_000, &known).1.new_count, keep(20, &known).1.new_count), (20, 18));
}

#[test]
fn a_pruned_entry_that_is_still_in_the_feed_is_stored_again() {
    let (first, _) = decided_poll(new_document(ITEM), PollState::new([0; 16], at(0)), None, at(10));
    let place = first.new[0].listed_at;
    let dropped = Commit { new: Vec::new(), ..first };
    for item in [ITEM.to_owned(), ITEM.replace("خبر أول", "آخر")] {
        let (second, report) =
            decided_poll(new_document(&item), dropped.state.clone(), Some(&dropped), at(20));
        assert_eq!((second.new.len(), second.changed.len(), second.observed.len()), (0, 0, 1));
        assert_eq!(
            (second.restored[0].listed_at, second.restored[0].first_seen_at),
            (place, at(20))
        );
        assert!(report.changes_outputs() && second.is_whole);
        assert_eq!((report.new_count, report.restored_count), (0, 1), "it is no news");
        assert_eq!(second.state.schedule.changed_at, dropped.state.schedule.changed_at);
    }
}
