//! Days of a newsroom whose clock is off, polled as the schedule says → what is listed, told and
//! remembered.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{ClockSetting, Document};
use rafid_feed::pipeline;

use crate::ingest::tests::{bounds, brought, retention, source};
use crate::ingest::{DecideInput, NetworkStatus, PollBody, UpdateReport, decide_poll};
use crate::model::{EntryId, PollState, SeenEntry, SeenIndex, Source, StoredEntry};

const HOUR: i64 = 3600;
/// Minutes from one piece of news to the next, over and over.
const PAUSES: [i64; 9] = [7, 22, 4, 31, 13, 2, 18, 40, 9];

/// What the newsroom's program writes: the wall clock of UTC under another zone's name.
#[derive(Clone, Copy)]
struct Habit {
    zone: &'static str,
}

const RIGHT: Habit = Habit { zone: "+0000" };
const BEHIND: Habit = Habit { zone: "+0300" };
const AHEAD: Habit = Habit { zone: "-0200" };

/// A newsroom and the one source that reads it.
struct Days {
    source: Arc<Source>,
    state: PollState,
    known: SeenIndex,
    kept: BTreeMap<EntryId, StoredEntry>,
    body: String,
    changed_count: usize,
    told: Vec<String>,
}

fn start() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

/// When piece `number` was truly published.
fn published(number: usize) -> Timestamp {
    let round: i64 = PAUSES.iter().sum();
    let rounds = i64::try_from(number / PAUSES.len()).unwrap();
    let minutes = rounds * round + PAUSES[..number % PAUSES.len()].iter().sum::<i64>();
    Timestamp::from_second(start().as_second() + minutes * 60).unwrap()
}

/// The document of `now`: the last twenty pieces, and when it was built.
fn document(habit: Habit, now: Timestamp) -> String {
    let wall = |at: Timestamp| at.strftime("%a, %d %b %Y %H:%M:%S").to_string();
    let count = (0..10_000).take_while(|number| published(*number) <= now).count();
    let item = |number: usize| {
        let (wall, zone) = (wall(published(number)), habit.zone);
        format!(
            "<item><guid>{number}</guid><title>خبر {number}</title><pubDate>{wall} {zone}</pubDate></item>"
        )
    };
    let items: String = (count.saturating_sub(20)..count).rev().map(item).collect();
    let built = wall(published(count - 1));
    format!(
        "<rss><channel><title>وكالة</title><lastBuildDate>{built} +0000</lastBuildDate>{items}\
         </channel></rss>"
    )
}

impl Days {
    fn new(setting: ClockSetting) -> Self {
        Self {
            source: Arc::new(Source { clock: setting, ..Source::clone(&source()) }),
            state: PollState::new([0; 16], start()),
            known: SeenIndex::default(),
            kept: BTreeMap::new(),
            body: String::new(),
            changed_count: 0,
            told: Vec::new(),
        }
    }

    /// Polls whenever it is due, for so many hours.
    fn go(&mut self, hours: i64, habit: Habit) -> &mut Self {
        let end = self.state.schedule.due_at.as_second() + hours * HOUR;
        while self.state.schedule.due_at.as_second() < end {
            self.poll(habit);
        }
        self
    }

    fn poll(&mut self, habit: Habit) -> UpdateReport {
        let now = self.state.schedule.due_at;
        let body = document(habit, now);
        let came = if body == self.body {
            PollBody::NotModified { validators: None }
        } else {
            let document = Document { bytes: body.clone().into_bytes(), ..Document::default() };
            let reading = pipeline::read_feed(&document, self.source.read_hints()).unwrap();
            PollBody::Changed {
                reading: Box::new(reading),
                validators: None,
                body_hash: None,
                offer: None,
                held: crate::ingest::ReservedMemory::default(),
            }
        };
        self.body = body;
        let kept = &self.kept;
        let earlier = |wanted: &SeenEntry| kept.get(&wanted.id).cloned();
        let memory = DecideInput {
            known: &self.known,
            earlier: &earlier,
            bounds: bounds(),
            config_hash: [9; 16],
            retention: retention(),
            network: NetworkStatus::Up,
            push_interval: None,
        };
        let polled = brought(came, 200);
        let (commit, report) = decide_poll(&self.source, polled, self.state.clone(), &memory, now);
        for remembered in &commit.observed {
            for print in &remembered.fingerprints {
                self.known.by_fingerprint.insert(*print, remembered.entry);
            }
        }
        self.changed_count += commit.changed.len();
        self.kept.extend(commit.new.into_iter().map(|listed| (listed.id, listed)));
        self.told.extend(report.clock.map(|change| change.to_string()));
        self.state = commit.state;
        report
    }

    /// How many hours the newest entry's date and place are off.
    fn newest_is_off_by(&self) -> (i64, i64) {
        let newest = self.kept.values().max_by_key(|listed| listed.first_seen_at).unwrap();
        let number: usize = newest.entry.guid.as_ref().unwrap().parse().unwrap();
        let truth = published(number).as_second();
        let off = |at: Timestamp| (at.as_second() - truth).div_euclid(HOUR);
        (off(newest.entry.published_at.unwrap()), off(newest.listed_at))
    }
}

#[test]
fn a_clock_behind_is_recognised_told_and_corrected() {
    let mut days = Days::new(ClockSetting::Auto);
    assert_eq!(days.go(2, BEHIND).newest_is_off_by(), (-3, -3));
    assert!(days.told.is_empty() && days.state.document.warnings.is_empty());
    let first = days.kept.values().min_by_key(|listed| listed.listed_at).unwrap().clone();
    days.go(46, BEHIND);
    assert_eq!(
        days.told,
        [
            "the publisher's clock seems to be 3 hours behind: dates are not moved yet",
            "the publisher's clock is 3 hours behind: dates are moved",
        ]
    );
    assert_eq!(days.newest_is_off_by(), (0, 0));
    assert_eq!(
        days.state.document.warnings,
        ["normalize: the publisher's clock is 3 hours behind, as its readings show: dates of \
          entries are moved (20 times)"]
    );
    assert_eq!(days.changed_count, 0, "no entry changes because its date moves");
    assert_eq!(days.kept[&first.id], first, "what was listed stays where it is");
    let newest = days.state.schedule.recent[0].as_second();
    assert!(
        days.state.schedule.due_at.as_second() - newest < 2 * HOUR,
        "the rhythm is that of true dates"
    );
}

#[test]
fn a_clock_that_is_repaired_is_believed_at_once() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(48, BEHIND).go(2, RIGHT);
    assert_eq!(days.newest_is_off_by(), (0, 0));
    assert_eq!(
        days.told.last().unwrap(),
        "the publisher's clock is no longer 3 hours behind, as a new entry would be dated in the \
         future: dates are left as they are"
    );
    assert!(days.state.document.warnings.is_empty());
    days.go(48, RIGHT);
    assert_eq!((days.told.len(), days.state.health.clock.verdict.as_str()), (3, "right"));
    assert_eq!(days.changed_count, 0);
}

#[test]
fn a_clock_ahead_is_corrected_within_hours() {
    let mut days = Days::new(ClockSetting::Auto);
    assert_eq!(days.go(1, AHEAD).newest_is_off_by(), (2, 0), "never listed in the future");
    days.go(6, AHEAD);
    assert_eq!(
        days.told.last().unwrap(),
        "the publisher's clock is 2 hours ahead: dates are moved"
    );
    assert_eq!(days.newest_is_off_by(), (0, 0));
    days.go(6, RIGHT);
    assert_eq!(
        days.told.last().unwrap(),
        "the publisher's clock is no longer 2 hours ahead, as new entries are dated as they \
         appear: dates are left as they are"
    );
    assert_eq!((days.newest_is_off_by(), days.changed_count), ((0, 0), 0));
}

#[test]
fn an_honest_clock_is_no_news() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(96, RIGHT);
    assert!(days.told.is_empty() && days.state.document.warnings.is_empty());
    assert_eq!((days.newest_is_off_by(), days.changed_count), ((0, 0), 0));
    assert_eq!(days.state.health.clock.verdict.as_str(), "right");
}

#[test]
fn the_operators_word_overrules() {
    let check = |setting: &str, habit: Habit, off: i64, told: &[&str]| {
        let mut days = Days::new(setting.parse().unwrap());
        days.go(48, habit);
        assert_eq!(days.newest_is_off_by(), (off, off.min(0)), "{setting}");
        assert_eq!(days.told, told, "{setting}");
    };
    check("wall", BEHIND, 0, &[]);
    check("-03:00", BEHIND, 0, &[]);
    check("+2h", AHEAD, 0, &[]);
    let seems = "the publisher's clock seems to be 3 hours behind under the setting `trust`";
    let is = "the publisher's clock is 3 hours behind under the setting `trust`";
    check("trust", BEHIND, -3, &[seems, is]);
    let seems = "the publisher's clock seems to be 3 hours ahead under the setting `-03:00`";
    let is = "the publisher's clock is 3 hours ahead under the setting `-03:00`";
    check("-3h", RIGHT, 3, &[seems, is]);
}

#[test]
fn another_setting_begins_anew() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(48, BEHIND);
    let told = days.told.len();
    let other = Source { clock: ClockSetting::Wall, ..Source::clone(&days.source) };
    days.source = Arc::new(other);
    days.go(3, BEHIND);
    assert_eq!((days.newest_is_off_by(), days.told.len()), ((0, 0), told));
    let other = Source { timezone: Some("+01:00".into()), ..Source::clone(&days.source) };
    days.source = Arc::new(other);
    days.body.clear();
    days.poll(BEHIND);
    assert!(days.state.health.clock.observations.len() < 2);
}
