//! Days of a newsroom with a wrong clock, polled by the schedule → what is listed, reported and stored.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use rafid_feed::model::{ClockSetting, Document};
use rafid_feed::pipeline;

use super::{bounds, poll_result, remembered_after, retention, source};
use crate::decide::prepared_entries::PreparedEntries;
use crate::ingest::{DecideInput, NetworkStatus, PollBody, UpdateReport, decide_poll};
use crate::model::{EntryId, PollState, SeenEntry, SeenIndex, Source, StoredEntry};

const HOUR: i64 = 3600;
/// Minutes from one entry to the next, repeated.
const PAUSES: [i64; 9] = [7, 22, 4, 31, 13, 2, 18, 40, 9];

/// How the newsroom writes dates: the time of UTC with the name of another zone.
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
    text: String,
    changed_count: usize,
    reported: Vec<String>,
}

fn start() -> Timestamp {
    "2026-11-23T06:00:00Z".parse().unwrap()
}

/// When entry `number` was really published.
fn published(number: usize) -> Timestamp {
    let round: i64 = PAUSES.iter().sum();
    let rounds = i64::try_from(number / PAUSES.len()).unwrap();
    let minutes = rounds * round + PAUSES[..number % PAUSES.len()].iter().sum::<i64>();
    Timestamp::from_second(start().as_second() + minutes * 60).unwrap()
}

/// The document of `now`: the last twenty entries, and when it was created.
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
            text: String::new(),
            changed_count: 0,
            reported: Vec::new(),
        }
    }

    /// Polls whenever it is due, for this many hours.
    fn go(&mut self, hours: i64, habit: Habit) -> &mut Self {
        let end = self.state.schedule.due_at.as_second() + hours * HOUR;
        while self.state.schedule.due_at.as_second() < end {
            self.poll(habit);
        }
        self
    }

    fn poll(&mut self, habit: Habit) -> UpdateReport {
        let now = self.state.schedule.due_at;
        let text = document(habit, now);
        let body = if text == self.text {
            PollBody::NotModified { validators: None }
        } else {
            let document = Document { bytes: text.clone().into_bytes(), ..Document::default() };
            let reading = pipeline::read_feed(&document, self.source.read_hints()).unwrap();
            PollBody::Changed {
                reading: Box::new(reading),
                validators: None,
                body_hash: None,
                offer: None,
                held: crate::ingest::ReservedMemory::default(),
            }
        };
        self.text = text;
        let kept = &self.kept;
        let earlier = |seen: &SeenEntry| kept.get(&seen.id).cloned();
        let input = DecideInput {
            known: &self.known,
            prepared: &PreparedEntries::default(),
            earlier: &earlier,
            bounds: bounds(),
            config_hash: [9; 16],
            retention: retention(),
            network: NetworkStatus::Up,
            push_interval: None,
        };
        let result = poll_result(body, 200);
        let (commit, report) = decide_poll(&self.source, result, self.state.clone(), &input, now);
        self.known.extend(remembered_after(&commit));
        self.changed_count += commit.changed.len();
        self.kept.extend(commit.new.into_iter().map(|listed| (listed.id, listed)));
        self.reported.extend(report.clock.map(|change| change.to_string()));
        self.state = commit.state;
        report
    }

    /// How many hours the newest entry's date and listing time are wrong.
    fn newest_is_off_by(&self) -> (i64, i64) {
        let newest = self.kept.values().max_by_key(|listed| listed.first_seen_at).unwrap();
        let number: usize = newest.entry.guid.as_ref().unwrap().parse().unwrap();
        let truth = published(number).as_second();
        let off = |at: Timestamp| (at.as_second() - truth).div_euclid(HOUR);
        (off(newest.entry.published_at.unwrap()), off(newest.listed_at))
    }
}

#[test]
fn a_clock_behind_is_detected_reported_and_corrected() {
    let mut days = Days::new(ClockSetting::Auto);
    assert_eq!(days.go(2, BEHIND).newest_is_off_by(), (-3, -3));
    assert!(days.reported.is_empty() && days.state.document.warnings.is_empty());
    let first = days.kept.values().min_by_key(|listed| listed.listed_at).unwrap().clone();
    days.go(46, BEHIND);
    assert_eq!(
        days.reported,
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
fn a_fixed_clock_is_trusted_at_once() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(48, BEHIND).go(2, RIGHT);
    assert_eq!(days.newest_is_off_by(), (0, 0));
    assert_eq!(
        days.reported.last().unwrap(),
        "the publisher's clock is no longer 3 hours behind, as a new entry would be dated in the \
         future: dates are left as they are"
    );
    assert!(days.state.document.warnings.is_empty());
    days.go(48, RIGHT);
    assert_eq!((days.reported.len(), days.state.health.clock.verdict.as_str()), (3, "right"));
    assert_eq!(days.changed_count, 0);
}

#[test]
fn a_clock_ahead_is_corrected_within_hours() {
    let mut days = Days::new(ClockSetting::Auto);
    assert_eq!(days.go(1, AHEAD).newest_is_off_by(), (2, 0), "never listed in the future");
    days.go(6, AHEAD);
    assert_eq!(
        days.reported.last().unwrap(),
        "the publisher's clock is 2 hours ahead: dates are moved"
    );
    assert_eq!(days.newest_is_off_by(), (0, 0));
    days.go(6, RIGHT);
    assert_eq!(
        days.reported.last().unwrap(),
        "the publisher's clock is no longer 2 hours ahead, as new entries are dated as they \
         appear: dates are left as they are"
    );
    assert_eq!((days.newest_is_off_by(), days.changed_count), ((0, 0), 0));
}

#[test]
fn a_right_clock_is_not_reported() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(96, RIGHT);
    assert!(days.reported.is_empty() && days.state.document.warnings.is_empty());
    assert_eq!((days.newest_is_off_by(), days.changed_count), ((0, 0), 0));
    assert_eq!(days.state.health.clock.verdict.as_str(), "right");
}

#[test]
fn the_operators_setting_overrides_the_verdict() {
    let check = |setting: &str, habit: Habit, off: i64, reported: &[&str]| {
        let mut days = Days::new(setting.parse().unwrap());
        days.go(48, habit);
        assert_eq!(days.newest_is_off_by(), (off, off.min(0)), "{setting}");
        assert_eq!(days.reported, reported, "{setting}");
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
fn another_setting_starts_again() {
    let mut days = Days::new(ClockSetting::Auto);
    days.go(48, BEHIND);
    let reported = days.reported.len();
    let other = Source { clock: ClockSetting::Wall, ..Source::clone(&days.source) };
    days.source = Arc::new(other);
    days.go(3, BEHIND);
    assert_eq!((days.newest_is_off_by(), days.reported.len()), ((0, 0), reported));
    let other = Source { timezone: Some("+01:00".into()), ..Source::clone(&days.source) };
    days.source = Arc::new(other);
    days.text.clear();
    days.poll(BEHIND);
    assert!(days.state.health.clock.observations.len() < 2);
}
