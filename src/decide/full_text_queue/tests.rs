//! Which pages are requested and how often, and what an entry becomes.

use rafid_feed::model::{Identity, IdentityKind, PlainText, PublishedAttribution, SafeHtml};

use super::*;
use crate::model::SourceId;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + hour * 3600).unwrap()
}

fn html(text: &str) -> SafeHtml {
    SafeHtml::from_trusted(text.to_owned())
}

fn entry(link: Option<&str>, published: Option<i64>) -> Entry {
    let also = vec!["link:a.example/1".to_owned()];
    let identity = Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: also };
    Entry {
        link: link.map(str::to_owned),
        published_at: published.map(at),
        ..Entry::titled(identity, PlainText::from_trusted("عنوان".to_owned()))
    }
}

fn listed(number: u32, hour: i64) -> StoredEntry {
    let source = SourceId::new("a").unwrap();
    let key = number.to_string();
    let identity = Identity { kind: IdentityKind::Guid, key, weaker_names: Vec::new() };
    let link = format!("https://a.example/{number}");
    StoredEntry {
        id: EntryId::for_identity(&source, &identity),
        source,
        entry: entry(Some(&link), Some(hour)),
        first_seen_at: at(hour),
        listed_at: at(hour),
        changed_at: at(hour),
        revision: 0,
        fingerprints: Vec::new(),
        content_hash: 0,
    }
}

#[test]
fn pages_of_recent_entries_are_requested() {
    let check = |link: Option<&str>, published: Option<i64>, revision: u32, expected: bool| {
        let entry = entry(link, published);
        assert_eq!(page_address(&entry, revision, at(0)).is_some(), expected, "{entry:?}");
    };
    let link = Some("https://a.example/1");
    check(link, Some(0), 0, true);
    check(link, None, 0, true);
    check(link, Some(5), 0, true);
    check(link, Some(-72), 4, true);
    check(link, Some(-73), 0, false);
    check(link, Some(0), 5, false);
    check(None, Some(0), 0, false);
    check(Some("https://a.example/"), Some(0), 0, false);
    check(Some("https://a.example"), Some(0), 0, false);
    check(Some("https://a.example/?p=7"), Some(0), 0, true);
    let mut shared = entry(link, Some(0));
    shared.identity.weaker_names = vec!["title:x".to_owned()];
    assert_eq!(page_address(&shared, 0, at(0)), None, "other entries have its link, too");
}

#[test]
fn a_failure_is_tried_again_and_then_given_up() {
    let mut pages = FullTextState::default();
    let first = listed(1, 0);
    update_queue(&mut pages, &BTreeMap::new(), [&first].into_iter(), at(0));
    assert_eq!(due_pages(&pages, at(0)).count(), 1);
    for (tries, wait_minutes) in [(1, 15), (2, 60), (3, 240)] {
        let outcomes = BTreeMap::from([(first.id, PageFetchOutcome::Failed(tries))]);
        update_queue(&mut pages, &outcomes, std::iter::empty(), at(0));
        assert!(!is_given_up(tries));
        let due_at = at(0) + SignedDuration::from_mins(wait_minutes);
        assert_eq!(pages.pending[0].not_before, due_at, "{tries}");
        assert_eq!(due_pages(&pages, at(0)).count(), 0);
    }
    let last = BTreeMap::from([(first.id, PageFetchOutcome::Failed(4))]);
    update_queue(&mut pages, &last, std::iter::empty(), at(0));
    assert!(is_given_up(4) && pages.pending.is_empty());
}

#[test]
fn a_finished_page_is_not_pending_and_a_delay_is_no_failure() {
    let mut pages = FullTextState::default();
    let (one, two) = (listed(1, 0), listed(2, -1));
    let outcomes = BTreeMap::from([
        (one.id, PageFetchOutcome::Done),
        (two.id, PageFetchOutcome::NotBefore(at(7))),
    ]);
    update_queue(&mut pages, &outcomes, [&one, &two].into_iter(), at(0));
    let expected = PendingPage { id: two.id, listed_at: at(-1), tries: 0, not_before: at(7) };
    assert_eq!(pages.pending, [expected]);
    // An entry that is listed again is pending only once.
    update_queue(&mut pages, &BTreeMap::new(), [&two].into_iter(), at(0));
    assert_eq!(pages.pending.len(), 1);
    update_queue(&mut pages, &BTreeMap::new(), std::iter::empty(), at(72));
    assert!(pages.pending.is_empty(), "too old");
}

#[test]
fn bounds_hold_and_the_newest_come_first() {
    let mut pages = FullTextState::default();
    let many: Vec<StoredEntry> =
        (0..150).map(|number| listed(number, i64::from(number % 60) - 60)).collect();
    update_queue(&mut pages, &BTreeMap::new(), many.iter(), at(0));
    assert_eq!(pages.pending.len(), MAX_PENDING);
    assert_eq!(pages.pending[0].listed_at, at(-1));
    assert!(pages.pending.is_sorted_by_key(|page| std::cmp::Reverse(page.listed_at)));
    let midnight = Timestamp::from_second(1_795_046_400).unwrap();
    let mut requested = 0;
    while has_daily_budget(&mut pages, midnight) {
        pages.requested_count += 1;
        requested += 1;
    }
    assert_eq!(requested, 240);
    assert!(!has_daily_budget(&mut pages, midnight + SignedDuration::from_secs(24 * 3600 - 1)));
    assert!(has_daily_budget(&mut pages, midnight + SignedDuration::from_secs(24 * 3600)));
}

#[test]
fn errors_are_stored_short() {
    let mut pages = FullTextState::default();
    record_error(&mut pages, "https://a.example/", &"خ".repeat(9_999), at(0));
    let trouble = pages.last_error.unwrap();
    assert_eq!((trouble.message.chars().count(), trouble.at), (500, at(0)));
}

#[test]
fn a_page_text_replaces_that_of_the_feed() {
    let given = |text: Option<&str>| PageText {
        html: text.map(html),
        attributions: vec![PublishedAttribution {
            line: None,
            name: PlainText::from_trusted("واس".to_owned()),
        }],
        validators: None,
    };
    let check =
        |own: (Option<&str>, Option<&str>), page: Option<&str>, expected: [Option<&str>; 2]| {
            let mut entry =
                Entry { summary: own.0.map(html), content: own.1.map(html), ..entry(None, None) };
            apply_page_text(&mut entry, given(page));
            let texts = [&entry.summary, &entry.content];
            assert_eq!(texts.map(|text| text.as_ref().map(SafeHtml::as_str)), expected, "{own:?}");
            let of_page = entry.page.clone().unwrap();
            assert_eq!((of_page.is_text, of_page.attributions.len()), (page.is_some(), 1));
            entry
        };
    check((Some("s"), Some("c")), Some("p"), [Some("s"), Some("p")]);
    check((None, Some("c")), Some("p"), [Some("c"), Some("p")]);
    check((None, None), Some("p"), [None, Some("p")]);
    let kept = check((Some("s"), Some("c")), None, [Some("s"), Some("c")]);
    assert!(!kept.page.unwrap().is_text);
    // A second text replaces the first one, which did not come from the feed.
    let mut twice = check((None, None), Some("p"), [None, Some("p")]);
    apply_page_text(&mut twice, given(Some("q")));
    assert_eq!((twice.summary, twice.content), (None, Some(html("q"))));
    // A shorter one does not.
    let mut worse = check((Some("s"), None), Some("p"), [Some("s"), Some("p")]);
    apply_page_text(&mut worse, given(None));
    assert!(worse.page.as_ref().unwrap().is_text && worse.content == Some(html("p")));
}

#[test]
fn a_page_text_survives_a_change_in_the_feed() {
    let mut earlier = Entry { content: Some(html("c")), ..entry(None, None) };
    apply_page_text(&mut earlier, PageText { html: Some(html("p")), ..PageText::default() });
    let mut changed = Entry { content: Some(html("c2")), ..entry(None, None) };
    preserve_page_text(&mut changed, &earlier);
    assert_eq!((changed.summary, changed.content), (Some(html("c2")), Some(html("p"))));
    let (plain, mut same) = (entry(None, None), entry(None, None));
    preserve_page_text(&mut same, &plain);
    assert_eq!(same, plain);
}
