//! Days of entries, decided with and without restarts → the same decisions, to the last digit of the score.

mod kept_features;
mod made_up_words;

use std::path::Path;

use jiff::SignedDuration;
use rafid_feed::model::{Entry, Identity, IdentityKind, PlainText, SafeHtml};

use made_up_words::{vectors, words};

use super::super::story_assigner::utc_day;
use super::*;
use crate::model::{EntryId, PollState, SourceId, StoredEntry, StoryMethod, StoryRecord};
use crate::store::StoreOptions;
use crate::story::WINDOW;

/// Entries that arrive at once.
#[derive(Clone)]
struct Arrival {
    at: Timestamp,
    new: Vec<StoredEntry>,
    changed: Vec<StoredEntry>,
}

fn start() -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * 20_600)
}

fn listed(source: &str, key: &str, listed_at: Timestamp, texts: (String, String)) -> StoredEntry {
    let source = SourceId::new(source).unwrap();
    let identity = Identity { kind: IdentityKind::Guid, key: key.into(), weaker_names: Vec::new() };
    let id = EntryId::for_identity(&source, &identity);
    let entry = Entry {
        summary: Some(SafeHtml::from_trusted(format!("<p>{}</p>", texts.1))),
        ..Entry::titled(identity, PlainText::from_trusted(texts.0))
    };
    StoredEntry {
        id,
        source,
        entry,
        first_seen_at: listed_at,
        listed_at,
        changed_at: listed_at,
        revision: 0,
        fingerprints: Vec::new(),
        content_hash: 1,
    }
}

/// Three sources report events that begin every eight hours, each in its own words. Some entries are old
/// when they arrive; some are corrected on the same day or the next. On the fourth day no entry arrives.
fn days() -> Vec<Arrival> {
    let mut arrivals: Vec<Arrival> = Vec::new();
    for hour in (0..24 * 7).filter(|hour| hour % 2 == 0 && hour / 24 != 3) {
        let at = start() + SignedDuration::from_hours(hour) + SignedDuration::from_micros(700);
        let hour = usize::try_from(hour).unwrap();
        let (event, version) = (hour / 8, hour % 8 / 2);
        let source = ["a", "b", "c", "d"][version];
        let title = words(event * 7 % 90 * 10, 4) + " " + &words(event + version, 2);
        let lead = words(event * 7 % 90 * 10 + version, 6) + " " + &words(900 + hour / 5 % 40, 5);
        let age = match hour % 10 {
            4 => 71,
            6 => 50,
            _ => 0,
        };
        let listed_at = at - SignedDuration::from_hours(age) - SignedDuration::from_micros(300);
        let entry = listed(source, &hour.to_string(), listed_at, (title, lead));
        let entry = StoredEntry { first_seen_at: at, ..entry };
        let corrected = arrivals.last().filter(|_| hour % 12 == 0).map(|before| {
            let mut corrected = before.new[0].clone();
            let lead = words(hour, 9);
            corrected.entry.summary = Some(SafeHtml::from_trusted(format!("<p>{lead}</p>")));
            corrected
        });
        let changed = corrected.into_iter().collect();
        arrivals.push(Arrival { at, new: vec![entry], changed });
    }
    arrivals
}

/// The writer, which can be restarted.
struct TestWriter {
    folder: tempfile::TempDir,
    open: Option<(Store, StoryState)>,
    /// Whether an output shows stories.
    shows_stories: bool,
    /// Whether the last days are loaded from the start.
    loads_ahead: bool,
    /// What befalls the folder of the store before each restart, by its number.
    befalls: fn(&Path, usize),
    restarts: usize,
}

impl TestWriter {
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            open: None,
            shows_stories: true,
            loads_ahead: false,
            befalls: |_, _| {},
            restarts: 0,
        }
    }

    fn restart(&mut self) {
        self.open = None;
        (self.befalls)(self.folder.path(), self.restarts);
        self.restarts += 1;
    }

    /// Decides and stores, as the writer does.
    fn take(&mut self, arrival: &Arrival) -> Vec<StoryRecord> {
        let (folder, loads_ahead) = (self.folder.path(), self.loads_ahead);
        let (store, stories) = self.open.get_or_insert_with(|| {
            let settings =
                StoreOptions { cache_bytes: 1 << 20, ..StoreOptions::new(folder.to_owned()) };
            let store = Store::open(&settings, arrival.at).unwrap().store;
            let load = || StoryLoading::start(&store, &vectors(), arrival.at).unwrap();
            let loading = loads_ahead.then(load);
            (store, loading.map_or(StoryState::NotLoaded, StoryState::Loading))
        });
        let source = arrival.new[0].source.clone();
        let mut commit = Commit {
            state: PollState::new([0; 16], arrival.at),
            new: arrival.new.clone(),
            changed: arrival.changed.clone(),
            restored: Vec::new(),
            story_records: Vec::new(),
            observed: Vec::new(),
            is_whole: true,
            source,
        };
        let texts = self.shows_stories.then(|| StoryTexts::new(vectors()));
        stories.assign_all(store, std::slice::from_mut(&mut commit), texts, arrival.at);
        // Each source has a commit of its own.
        let correction = Commit {
            source: commit.changed.first().map_or(commit.source.clone(), |it| it.source.clone()),
            new: Vec::new(),
            changed: std::mem::take(&mut commit.changed),
            story_records: Vec::new(),
            ..commit.clone()
        };
        let records = commit.story_records.clone();
        store.commit(&[commit, correction], 1_000).unwrap();
        stories.keep_features(store);
        stories.store_closed_days(store).unwrap();
        records
    }
}

fn decide_all(
    arrivals: &[Arrival],
    is_restart: impl Fn(Option<&Arrival>, &Arrival) -> bool,
) -> Vec<StoryRecord> {
    decide_with(TestWriter::new(), arrivals, is_restart)
}

fn decide_with(
    mut writer: TestWriter,
    arrivals: &[Arrival],
    is_restart: impl Fn(Option<&Arrival>, &Arrival) -> bool,
) -> Vec<StoryRecord> {
    let mut all = Vec::new();
    let mut before = None;
    for arrival in arrivals {
        if is_restart(before, arrival) {
            writer.restart();
        }
        all.extend(writer.take(arrival));
        before = Some(arrival);
    }
    all
}

fn day(arrival: &Arrival) -> i64 {
    utc_day(arrival.at)
}

fn check(
    name: &str,
    arrivals: &[Arrival],
    is_restart: impl Fn(Option<&Arrival>, &Arrival) -> bool,
) {
    let without = decide_all(arrivals, |_, _| false);
    let with = decide_all(arrivals, is_restart);
    assert_eq!(with.len(), without.len());
    for (index, (with, without)) in with.iter().zip(&without).enumerate() {
        assert_eq!(with, without, "entry {index} {name}");
    }
}

#[test]
fn days_with_restarts_give_the_stories_of_days_without() {
    let arrivals = days();
    let decided = decide_all(&arrivals, |_, _| false);
    let count = |method| decided.iter().filter(|it| it.assignment.method == method).count();
    assert!(count(StoryMethod::SameEvent) > 20 && count(StoryMethod::First) > 10, "{decided:?}");
    let is_new_day = |before: Option<&Arrival>, now: &Arrival| {
        before.is_some_and(|before| day(before) != day(now))
    };
    check("with a restart on every new day", &arrivals, is_new_day);
    for one in 1..7 {
        let is_this = |before: Option<&Arrival>, now: &Arrival| {
            is_new_day(before, now) && day(now) == day(&arrivals[0]) + one
        };
        check(&format!("with a restart on day {one}"), &arrivals, is_this);
    }
    check("with a restart before every one, as from cron", &arrivals, |_, _| true);
    let every_third = |_: Option<&Arrival>, now: &Arrival| now.at.as_second() / 7_200 % 3 == 0;
    check("with restarts within the days", &arrivals, every_third);
}

#[test]
fn days_that_are_loaded_beside_the_first_polls_are_the_same() {
    let arrivals = days();
    let decided = decide_all(&arrivals, |_, _| false);
    let writer = TestWriter { loads_ahead: true, ..TestWriter::new() };
    let every_third = |_: Option<&Arrival>, now: &Arrival| now.at.as_second() / 7_200 % 3 == 0;
    assert_eq!(decide_with(writer, &arrivals, every_third), decided);
}

#[test]
fn what_brings_nothing_new_is_written_while_the_last_days_load() {
    let mut writer = TestWriter::new();
    let arrivals = days();
    arrivals.iter().take(20).for_each(|arrival| drop(writer.take(arrival)));
    let (store, _) = writer.open.take().unwrap();
    let now = arrivals[20].at;
    let mut stories = StoryState::Loading(StoryLoading::start(&store, &vectors(), now).unwrap());
    let mut quiet = Commit {
        source: arrivals[20].new[0].source.clone(),
        state: PollState::new([0; 16], now),
        new: Vec::new(),
        changed: Vec::new(),
        restored: Vec::new(),
        story_records: Vec::new(),
        observed: Vec::new(),
        is_whole: true,
    };
    let texts = || Some(StoryTexts::new(vectors()));
    let quiet_ones = std::slice::from_mut(&mut quiet);
    assert!(!stories.assign_all(&store, quiet_ones, texts(), now));
    assert!(matches!(stories, StoryState::Loading(_)), "it waits for nothing");
    quiet.new.clone_from(&arrivals[20].new);
    assert!(stories.assign_all(&store, std::slice::from_mut(&mut quiet), texts(), now));
    assert!(matches!(stories, StoryState::Loaded(_)) && quiet.story_records.len() == 1);
    // A stop ends a loading that nothing waits for.
    drop(StoryState::Loading(StoryLoading::start(&store, &vectors(), now).unwrap()));
}

#[test]
fn parts_of_a_millisecond_decide_nothing() {
    // Whole milliseconds are stored: then the second is just within three days of the first.
    let micros = SignedDuration::from_micros;
    let texts = || (words(0, 6), words(10, 12));
    let first = listed("a", "1", start() + micros(900), texts());
    let later = start() + WINDOW + micros(500);
    let second = listed("b", "2", later, texts());
    let arrival = |listed: StoredEntry, at| Arrival { at, new: vec![listed], changed: Vec::new() };
    let arrivals = [arrival(first.clone(), start() + micros(900)), arrival(second, later)];
    check("with a restart between", &arrivals, |before, _| before.is_some());
    let decided = decide_all(&arrivals, |_, _| false);
    assert_eq!(decided[1].assignment.story, first.id);
    assert_eq!(decided[1].seen_at, start() + WINDOW, "as it is stored");
}

#[test]
fn arrivals_never_go_back() {
    // Two responses that arrived at nearly the same time are stored in the other order.
    let midnight = start() + SignedDuration::from_hours(24);
    let second = SignedDuration::from_secs(1);
    let arrival = |source: &str, at: Timestamp| {
        let listed = listed(source, "1", at, (words(0, 6), words(10, 12)));
        Arrival { at, new: vec![listed], changed: Vec::new() }
    };
    let arrivals =
        [arrival("a", start()), arrival("b", midnight + second), arrival("c", midnight - second)];
    let decided = decide_all(&arrivals, |_, _| false);
    assert_eq!(decided[2].seen_at, decided[1].seen_at, "the day before is over");
    check("with restarts", &arrivals, |_, _| true);
}

#[test]
fn a_clock_that_was_set_back_stops_nothing() {
    let arrival = |key: &str, at: Timestamp| {
        let source = ["a", "b"][usize::from(key == "2")];
        let listed = listed(source, key, at, (words(0, 6), words(10, 12)));
        Arrival { at, new: vec![listed], changed: Vec::new() }
    };
    let ahead = start() + SignedDuration::from_hours(24 * 300);
    let minutes = SignedDuration::from_mins;
    let arrivals = [
        arrival("0", ahead),
        arrival("1", start() + minutes(1)),
        arrival("2", start() + minutes(2)),
    ];
    for restarts in [false, true] {
        let decided = decide_all(&arrivals, |_, _| restarts);
        assert_eq!(decided[2].assignment.story, decided[1].id, "restarts: {restarts}");
        assert_eq!(decided[2].seen_at, start() + minutes(2));
    }
}

#[test]
fn every_closed_day_is_stored() {
    let mut writer = TestWriter::new();
    for arrival in days() {
        writer.restart();
        writer.take(&arrival);
    }
    let (store, _) = writer.open.as_ref().unwrap();
    let kept = store.daily_term_counts().unwrap();
    let today = utc_day(start()) + 6;
    let days: Vec<i64> = kept.iter().map(|day| day.day).collect();
    assert!(
        days.is_sorted() && days.ends_with(&(today - 6..today).collect::<Vec<_>>()),
        "{days:?}"
    );
    let empty = kept.iter().find(|day| day.day == today - 3).unwrap();
    assert_eq!((empty.documents_count, empty.terms.len()), (0, 0), "no entry arrived on it");
}

#[test]
fn entries_of_a_version_without_stories_are_decided_at_the_first_write() {
    let hour = SignedDuration::from_hours;
    let mut writer = TestWriter::new();
    let texts = || (words(0, 6), words(10, 12));
    let now = start() + hour(100);
    let before = [("a", 1), ("b", 90), ("c", 95)]
        .map(|(source, at)| listed(source, "1", start() + hour(at), texts()));
    {
        let settings = StoreOptions {
            cache_bytes: 1 << 20,
            ..StoreOptions::new(writer.folder.path().to_owned())
        };
        let store = Store::open(&settings, now).unwrap().store;
        let commits = before.clone().map(|listed| Commit {
            source: listed.source.clone(),
            state: PollState::new([0; 16], now),
            new: vec![listed],
            changed: Vec::new(),
            restored: Vec::new(),
            story_records: Vec::new(),
            observed: Vec::new(),
            is_whole: true,
        });
        store.commit(&commits, 1_000).unwrap();
    }
    let arrival =
        Arrival { at: now, new: vec![listed("d", "1", now, texts())], changed: Vec::new() };
    let records = writer.take(&arrival);
    assert_eq!(records[0].assignment.story, before[1].id, "the first of the last three days");
    let (store, _) = writer.open.as_ref().unwrap();
    let kept = before.map(|listed| {
        store.story_record(listed.id).unwrap().map(|record| record.assignment.method)
    });
    assert_eq!(kept, [None, Some(StoryMethod::First), Some(StoryMethod::SameEvent)]);
}

#[test]
fn nothing_is_decided_until_an_output_shows_stories() {
    let hour = SignedDuration::from_hours;
    let mut writer = TestWriter::new();
    let texts = || (words(0, 6), words(10, 12));
    let mut take = |source: &str, shows_stories: bool, at: i64| {
        writer.shows_stories = shows_stories;
        let at = start() + hour(at);
        let listed = listed(source, "1", at, texts());
        let id = listed.id;
        let records = writer.take(&Arrival { at, new: vec![listed], changed: Vec::new() });
        let is_loaded = matches!(writer.open, Some((_, StoryState::Loaded(_))));
        (id, records.first().map(|record| record.assignment.story), is_loaded)
    };
    let (first, story, _) = take("a", true, 0);
    assert_eq!(story, Some(first));
    let (second, story, is_loaded) = take("b", false, 1);
    assert_eq!((story, is_loaded), (None, false), "neither decided nor kept in memory");
    let (_, story, _) = take("c", true, 2);
    assert_eq!(story, Some(first), "as if stories had always been shown");
    let (kept, _) = writer.open.as_ref().unwrap();
    let record = kept.story_record(second).unwrap().unwrap();
    assert_eq!(record.assignment.story, first);
}
