//! Refreshes of a list, one after another → its copy, its problem and its next refresh.

use std::path::Path;

use rafid_feed::model::Document;

use super::*;

const HOUR: i64 = 3600;

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_795_000_000 + hour * HOUR).unwrap()
}

fn list(url: &str) -> RemoteList {
    let text = format!("[[list]]\nid = \"dawn\"\nurl = \"{url}\"\n");
    crate::config::parse(&text, Path::new("x"), Path::new("/etc")).unwrap().lists.remove(0)
}

fn dawn() -> RemoteList {
    list("https://lists.example/a.opml")
}

fn validators(tag: &str) -> Validators {
    let url = "https://lists.example/a.opml".to_owned();
    Validators { etag: Some(tag.into()), last_modified: None, url }
}

/// A document with these feeds, and its tag.
fn document(names: &[&str], tag: &str) -> ListResponse {
    let lines = names.iter().map(|name| format!("https://{name}.example/\n"));
    text(&lines.collect::<String>(), tag)
}

fn text(text: &str, tag: &str) -> ListResponse {
    let document = Document { bytes: text.into(), ..Document::default() };
    ListResponse::Document {
        document,
        validators: Some(validators(tag)),
        freshness: Freshness::default(),
    }
}

fn failed(status: u16) -> ListResponse {
    let message = format!("it answered {status}");
    ListResponse::Failed { message, status, freshness: Freshness::default() }
}

fn not_modified() -> ListResponse {
    ListResponse::NotModified { validators: None, freshness: Freshness::default() }
}

/// A list that is refreshed again and again.
struct Refreshes {
    list: RemoteList,
    known: StoredList,
}

impl Refreshes {
    fn new(list: RemoteList) -> Self {
        let known = StoredList::new(list_address_hash(&list.location), at(0));
        Self { list, known }
    }

    fn refresh(&mut self, hour: i64, fetched: ListResponse) -> ListChange {
        let (known, change) = update_list(&self.list, self.known.clone(), fetched, at(hour));
        self.known = known;
        change
    }

    fn ids(&self) -> String {
        let feeds = self.known.copy.iter().flat_map(|copy| &copy.feeds);
        feeds.map(|feed| feed.id.as_str().replace("dawn-", "").replace("-example", "")).collect()
    }

    fn tag(&self) -> Option<&str> {
        std::str::from_utf8(self.known.validators.as_ref()?.etag.as_deref()?).ok()
    }

    /// The kind of the problem, and the hour since when.
    fn problem(&self) -> Option<(&'static str, i64)> {
        let problem = self.known.problem.as_ref()?;
        Some((problem.kind.as_str(), problem.since.duration_since(at(0)).as_hours()))
    }

    /// The minutes until the next refresh, without the delay of this list.
    fn wait_minutes(&self) -> i64 {
        let wait = self.known.due_at.duration_since(self.known.checked_at.unwrap());
        wait.as_mins() * 100 / 110
    }
}

fn ids(change: &ListChange) -> [String; 3] {
    let ListChange::Replaced { added, removed, changed } = change else { panic!("{change:?}") };
    let joined = |ids: &[SourceId]| ids.iter().map(|id| id.as_str().replace("dawn-", "")).collect();
    [added, removed, changed].map(|ids| joined(ids))
}

#[test]
fn feeds_come_and_go_with_the_list() {
    let mut refreshes = Refreshes::new(dawn());
    let change = refreshes.refresh(0, document(&["a", "b"], "1"));
    assert_eq!(ids(&change), ["a-exampleb-example", "", ""]);
    assert_eq!((refreshes.ids().as_str(), refreshes.tag()), ("ab", Some("1")));
    assert_eq!(refreshes.refresh(24, not_modified()), ListChange::Same);
    assert_eq!((refreshes.tag(), refreshes.known.succeeded_at), (Some("1"), Some(at(24))));
    assert_eq!(refreshes.refresh(48, document(&["a", "b"], "2")), ListChange::Same);
    assert_eq!(refreshes.tag(), Some("2"));
    let change = refreshes.refresh(72, text("https://c.example/\nhttps://b.example/ اسم\n", "3"));
    assert_eq!(ids(&change), ["c-example", "a-example", "b-example"]);
    assert_eq!((refreshes.ids().as_str(), refreshes.problem()), ("cb", None));
}

#[test]
fn the_last_good_copy_stays_whatever_comes() {
    let mut refreshes = Refreshes::new(dawn());
    refreshes.refresh(0, document(&["a", "b", "c"], "1"));
    for (hour, fetched, kind, since) in [
        (1, failed(500), "fetch", 1),
        (2, text("<html>maintenance</html>", "x"), "unreadable", 2),
        (3, text("<opml><outline xmlUrl='https://d.example/'/>", "x"), "unreadable", 2),
        (4, text("<opml></opml>", "x"), "empty", 4),
        (5, document(&["a"], "x"), "shrunk", 5),
    ] {
        let change = refreshes.refresh(hour, fetched);
        assert!(matches!(change, ListChange::Kept(_)), "{change:?}");
        assert_eq!(refreshes.problem(), Some((kind, since)));
        assert_eq!((refreshes.ids().as_str(), refreshes.tag()), ("abc", Some("1")), "{kind}");
    }
    assert_eq!((refreshes.known.failures, refreshes.known.succeeded_at), (5, Some(at(0))));
    assert_eq!(refreshes.refresh(6, not_modified()), ListChange::Same, "it is what it was");
    assert_eq!((refreshes.problem(), refreshes.known.failures), (None, 0));
}

#[test]
fn a_list_that_stays_short_is_believed_after_three_days() {
    let mut refreshes = Refreshes::new(dawn());
    refreshes.refresh(0, document(&["a", "b", "c", "d"], "1"));
    refreshes.refresh(1, document(&["a", "b"], "2"));
    assert_eq!(refreshes.ids(), "ab", "half is no accident");
    refreshes.refresh(2, document(&["a", "b", "c", "d"], "3"));
    refreshes.refresh(10, document(&["a"], "4"));
    refreshes.refresh(81, document(&["b"], "5"));
    assert_eq!((refreshes.ids().as_str(), refreshes.problem()), ("abcd", Some(("shrunk", 10))));
    refreshes.refresh(82, document(&["b"], "6"));
    assert_eq!(
        (refreshes.ids().as_str(), refreshes.problem(), refreshes.tag()),
        ("b", None, Some("6"))
    );
}

#[test]
fn a_list_at_another_address_is_another_list_with_the_same_ids() {
    let mut refreshes = Refreshes::new(dawn());
    refreshes.refresh(0, document(&["a", "b", "c"], "1"));
    refreshes.list = list("https://elsewhere.example/b.opml");
    refreshes.refresh(1, document(&["c"], "2"));
    assert_eq!(refreshes.ids(), "c", "it did not shrink");
    assert_eq!(refreshes.known.address, list_address_hash(&refreshes.list.location));
}

#[test]
fn the_next_refresh_is_when_the_server_and_the_operator_want_it() {
    let day = 24 * 60;
    let mut refreshes = Refreshes::new(dawn());
    let mut waits = Vec::new();
    for _ in 0..9 {
        refreshes.refresh(0, failed(500));
        waits.push(refreshes.wait_minutes() / 15 * 15);
    }
    assert!(waits[0] <= 15 && waits.is_sorted() && *waits.last().unwrap() <= day, "{waits:?}");
    refreshes.refresh(0, document(&["a"], "1"));
    assert!(
        (day * 9 / 10..=day).contains(&refreshes.wait_minutes()),
        "{}",
        refreshes.wait_minutes()
    );
    refreshes.refresh(0, failed(404));
    assert!((54..=60).contains(&refreshes.wait_minutes()), "{}", refreshes.wait_minutes());
    let slow = |seconds| Freshness { fresh_seconds: Some(seconds), ..Freshness::default() };
    let unchanged =
        |seconds| ListResponse::NotModified { validators: None, freshness: slow(seconds) };
    refreshes.refresh(0, unchanged(60));
    assert!(refreshes.wait_minutes() >= day * 9 / 10, "no header makes it faster");
    refreshes.list.refresh = std::time::Duration::from_hours(2);
    refreshes.refresh(0, unchanged(10 * 3600));
    assert!(refreshes.wait_minutes() >= 9 * 60, "{}", refreshes.wait_minutes());
    let retry = Freshness { retry_after_seconds: Some(2 * 24 * 3600), ..Freshness::default() };
    let busy = ListResponse::Failed { message: String::new(), status: 429, freshness: retry };
    refreshes.refresh(0, busy);
    assert!(refreshes.wait_minutes() >= 2 * day * 9 / 10);
    refreshes.refresh(0, failed(410));
    assert!(refreshes.wait_minutes() >= 27 * day, "it is gone");
    let (failures, problem) = (refreshes.known.failures, refreshes.known.problem.clone());
    let retry = Freshness { retry_after_seconds: Some(600), ..Freshness::default() };
    let change = refreshes.refresh(1, ListResponse::Postponed { freshness: retry });
    assert_eq!((change, refreshes.known.waits_for_server), (ListChange::Postponed, true));
    assert_eq!((refreshes.known.failures, &refreshes.known.problem), (failures, &problem));
    let wait = refreshes.known.due_at.duration_since(at(1)).as_mins();
    assert!((10..=11).contains(&wait), "{wait}");
    let mut file = Refreshes::new(list("file:a.txt"));
    file.refresh(0, failed(0));
    assert!(file.wait_minutes() <= 1);
}
