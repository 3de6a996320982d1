//! Series of polls → the verdict about a clock, from change to change.

use rafid_feed::model::{Identity, IdentityKind, PlainText};

use super::*;

/// A part of a series: polls that each brought something new; times are in minutes.
#[derive(Clone, Copy)]
struct Stretch<'a> {
    /// The number of polls; 0: nothing new came in the gap.
    polls: usize,
    /// The time between two polls.
    gap: i64,
    /// Ages of the newest new entry before any correction, repeated in this order.
    ages: &'a [i64],
    /// The age of the document by its own date.
    built: Option<i64>,
    /// The time between an entry's own date and its creation.
    made: Option<i64>,
}

const PLAIN: Stretch = Stretch { polls: 0, gap: 15, ages: &[], built: None, made: None };

/// The ages with a right clock, in polls every quarter of an hour.
const HONEST: [i64; 5] = [2, 9, 1, 13, 6];
/// The ages with a clock three hours behind, two hours behind, three hours ahead and two hours ahead.
const BEHIND_3: [i64; 5] = [182, 189, 181, 193, 186];
const BEHIND_2: [i64; 5] = [122, 129, 121, 133, 126];
const AHEAD_3: [i64; 5] = [-178, -171, -179, -167, -174];
const AHEAD_2: [i64; 5] = [-118, -111, -119, -107, -114];

fn honest(polls: usize) -> Stretch<'static> {
    Stretch { polls, ages: &HONEST, built: Some(1), ..PLAIN }
}

fn behind_3(polls: usize) -> Stretch<'static> {
    Stretch { polls, ages: &BEHIND_3, built: Some(1), ..PLAIN }
}

fn ahead_3(polls: usize) -> Stretch<'static> {
    Stretch { polls, ages: &AHEAD_3, ..PLAIN }
}

/// Nothing new for this many hours.
fn quiet(hours: i64) -> Stretch<'static> {
    Stretch { gap: hours * 60, ..PLAIN }
}

fn minutes(at: Timestamp, count: i64) -> Timestamp {
    Timestamp::from_second(at.as_second() + count * MINUTE).unwrap()
}

struct Series {
    state: ClockState,
    now: Timestamp,
    verdicts: Vec<String>,
}

impl Series {
    fn new() -> Self {
        let now = "2026-11-23T06:00:00Z".parse().unwrap();
        Self { state: ClockState::default(), now, verdicts: Vec::new() }
    }

    fn go(&mut self, stretch: &Stretch<'_>) {
        if stretch.polls == 0 {
            self.now = minutes(self.now, stretch.gap);
        }
        for (_, age) in (0..stretch.polls).zip(stretch.ages.iter().cycle()) {
            let before = self.now;
            self.now = minutes(self.now, stretch.gap);
            let reading = ClockReading {
                newest: Some(minutes(self.now, -age)),
                made_seconds: stretch.made.map(|made| made * MINUTE),
                built_at: stretch.built.map(|built| minutes(self.now, -built)),
            };
            let was = self.state.verdict;
            self.state =
                judge_clock(std::mem::take(&mut self.state), &reading, Some(before), self.now);
            if self.state.verdict != was {
                self.verdicts.push(word(self.state.verdict));
            }
            assert!(self.state.observations.len() <= MAX_OBSERVATIONS);
        }
    }
}

fn word(verdict: ClockVerdict) -> String {
    let offset = verdict.offset().map_or(String::new(), |offset| format!(" {offset}"));
    format!("{}{offset}", verdict.as_str())
}

/// Checks the verdicts of a series one after the other, starting without one.
fn check(what: &str, series: &[Stretch<'_>], expected: &str) {
    let mut all = Series::new();
    for stretch in series {
        all.go(stretch);
    }
    assert_eq!(all.verdicts.join(", "), expected, "{what}");
}

#[test]
fn an_honest_clock_is_right() {
    check("seven observations are too few", &[honest(7)], "");
    check("eight are enough", &[honest(60)], "right");
    let skewed = Stretch { ages: &[-3, 5, -4, 2, -1], ..honest(30) };
    check("two good clocks differ by minutes", &[skewed], "right");
    let rare = Stretch { gap: 60, ages: &[5, 40, 22, 58, 11, 3, 30], ..honest(60) };
    check("polled every hour", &[rare], "right");
    let late = Stretch { ages: &[2, 9, 1, 13, 6, 3, 11, 8, 300], ..honest(60) };
    check("one in nine is late", &[late], "right");
}

#[test]
fn a_slow_publisher_is_not_corrected() {
    let ages = [200, 340, 95, 410, 62, 1000, 77, 181, 130];
    check("late as it comes", &[Stretch { ages: &ages, ..honest(100) }], "");
    let ages = [183, 200, 236, 195, 219, 188, 230, 205, 181, 222];
    check("three to four hours late", &[Stretch { ages: &ages, ..honest(100) }], "");
    let ages = [212, 214, 219, 211, 216];
    check("three and a half hours late", &[Stretch { ages: &ages, ..honest(100) }], "");
    let sparse = Stretch { gap: 60, ages: &[182, 215, 199, 220, 186, 205], ..honest(100) };
    check("polled every hour, written every half", &[sparse], "");
    let long = Stretch { gap: 90, ages: &[62, 75, 61, 80, 66], ..honest(100) };
    check("as old as it may be between two polls", &[long], "");
    let ages = [0, 1450, 1440, 20, 1443];
    check("days old", &[Stretch { ages: &ages, ..honest(100) }], "");
}

#[test]
fn a_clock_behind_needs_a_day_of_evidence_and_other_evidence() {
    let off = "suspected 3 hours behind, off 3 hours behind";
    check("eleven observations", &[behind_3(11)], "");
    check("twelve", &[behind_3(23)], "suspected 3 hours behind");
    check("twenty-four", &[behind_3(200)], off);
    let ages = [182, 189, 181, 193, 186, 184, 190, 187, 240];
    check("one in nine is late", &[Stretch { ages: &ages, ..behind_3(100) }], off);
    let ages = [182, 189, 181, 250, 186, 184];
    check("one in six is", &[Stretch { ages: &ages, ..behind_3(100) }], "");
    let rare = Stretch { gap: 60, ..behind_3(100) };
    check("polled every hour, and always something just written", &[rare], off);
    let check_built = |what: &str, built: Option<i64>, expected: &str| {
        check(what, &[Stretch { built, ..behind_3(100) }], expected);
    };
    let suspected = "suspected 3 hours behind";
    check_built("no building date", None, suspected);
    check_built("a cache of three hours", Some(181), suspected);
    check_built("a building date by the same clock", Some(180), suspected);
    check_built("a building date in the future", Some(-60), suspected);
    check_built("built a while ago", Some(20), off);
}

#[test]
fn the_creation_of_entries_is_evidence() {
    let made = |ages, made| Stretch { ages, made: Some(made), polls: 100, ..PLAIN };
    let off = "suspected 3 hours behind, off 3 hours behind";
    check("made ten minutes before they came", &[made(&BEHIND_3, 170)], off);
    let suspected = "suspected 3 hours behind";
    check("made long before", &[made(&BEHIND_3, 60)], suspected);
    check("made after the correction: an edit", &[made(&BEHIND_3, 200)], suspected);
    let edits = [made(&BEHIND_3, 170), made(&BEHIND_3, 200)];
    let mixed = edits.map(|stretch| Stretch { polls: 12, ..stretch });
    check("and edits among them", &mixed, suspected);
    let hour = [62, 69, 61, 73, 66];
    let built = Stretch { ages: &hour, ..behind_3(100) };
    check("an hour may be the feed's builder", &[built], "suspected 1 hour behind");
    check("or not", &[made(&hour, 58)], "suspected 1 hour behind, off 1 hour behind");
}

#[test]
fn a_right_clock_has_no_future_entries() {
    check("three observations", &[ahead_3(3)], "");
    check("four", &[ahead_3(7)], "suspected 3 hours ahead");
    let off = "suspected 3 hours ahead, off 3 hours ahead";
    check("eight", &[ahead_3(100)], off);
    let rare = Stretch { gap: 60, ages: &[-175, -160, -140, -171, -131, -150], ..ahead_3(60) };
    check("polled every hour", &[rare], "off 3 hours ahead");
    let all = "right, unknown, suspected 3 hours ahead, off 3 hours ahead";
    check("a clock that was right once", &[honest(30), ahead_3(30)], all);
    let half = Stretch { ages: &[-208, -201, -209, -197, -204], ..ahead_3(60) };
    check("no whole hours", &[half], "");
    let far = Stretch { ages: &[-898, -891, -899, -887], ..ahead_3(60) };
    check("fifteen hours: no zone", &[far], "");
    let far = Stretch { ages: &[-838, -831, -839, -827], ..ahead_3(60) };
    check("fourteen", &[far], "suspected 14 hours ahead, off 14 hours ahead");
}

#[test]
fn scheduled_posts_do_not_show_a_wrong_clock() {
    let ages = [2, -55, 7, 4, 11, 9];
    check("now and then", &[Stretch { ages: &ages, ..honest(100) }], "");
    let half = Stretch { gap: 100, ages: &[-58, 20, -55, 45, -57, 30], ..honest(100) };
    check("every second one", &[half], "");
    let ages = [-4000, -300, 60, -58, -1441, 8];
    check("a calendar", &[Stretch { ages: &ages, ..honest(100) }], "");
    let ages = [-59, -57, -58, -59, -57, 3, -58, 2];
    check("most of them", &[Stretch { ages: &ages, ..honest(100) }], "suspected 1 hour ahead");
}

#[test]
fn a_fixed_clock_is_no_longer_corrected() {
    let before = "suspected 3 hours behind, off 3 hours behind";
    let at_once = format!("{before}, unknown");
    check("behind: at once", &[behind_3(30), honest(1)], &at_once);
    check("and not yet right", &[behind_3(30), honest(7)], &at_once);
    check("and right soon", &[behind_3(30), honest(30)], &format!("{at_once}, right"));
    let before = "suspected 3 hours ahead, off 3 hours ahead";
    check("ahead: no sooner", &[ahead_3(30), honest(7)], before);
    check("ahead: than eight times", &[ahead_3(30), honest(8)], &format!("{before}, right"));
    let late = Stretch { ages: &[30, 100], ..honest(100) };
    check("late entries prove nothing", &[ahead_3(30), late], before);
    check("nor does silence", &[ahead_3(30), quiet(300), ahead_3(10)], before);
    let suspected = "suspected 3 hours behind";
    check("a suspicion ends, too", &[behind_3(15), honest(1)], &format!("{suspected}, unknown"));
}

#[test]
fn daylight_saving_time_is_detected() {
    let behind_2 = |polls| Stretch { ages: &BEHIND_2, ..behind_3(polls) };
    let ahead_2 = |polls| Stretch { ages: &AHEAD_2, ..ahead_3(polls) };
    check(
        "behind, to less: at once no longer, and again after a day's rest",
        &[behind_3(24), quiet(24 * 200), behind_2(30), quiet(24), behind_2(24)],
        "suspected 3 hours behind, off 3 hours behind, unknown, suspected 2 hours behind, \
         off 2 hours behind",
    );
    check(
        "behind, to more: from one to the other",
        &[behind_2(24), quiet(24 * 200), behind_3(24)],
        "suspected 2 hours behind, off 2 hours behind, off 3 hours behind",
    );
    check(
        "ahead, to less",
        &[ahead_3(8), quiet(24 * 200), ahead_2(8)],
        "suspected 3 hours ahead, off 3 hours ahead, off 2 hours ahead",
    );
    check(
        "ahead, to more",
        &[ahead_2(8), quiet(24 * 200), ahead_3(30), quiet(24), ahead_3(8)],
        "suspected 2 hours ahead, off 2 hours ahead, unknown, suspected 3 hours ahead, \
         off 3 hours ahead",
    );
}

#[test]
fn a_failed_correction_waits_longer_each_time() {
    let mut series = Series::new();
    series.go(&behind_3(24));
    for days in [1, 2, 4, 8, 16, 32, 32] {
        // One entry that was scheduled for later.
        series.go(&Stretch { polls: 1, ..honest(1) });
        assert_eq!(word(series.state.verdict), "unknown");
        series.go(&behind_3(40));
        series.go(&quiet(24 * days - 15));
        series.go(&behind_3(10));
        assert_eq!(word(series.state.verdict), "suspected 3 hours behind", "day {days}");
        series.go(&quiet(24));
        series.go(&behind_3(24));
        assert_eq!(word(series.state.verdict), "off 3 hours behind", "day {days}");
    }
    series.go(&quiet(24 * 40));
    series.go(&honest(1));
    assert_eq!(series.state.ended_count, 1, "one that lasted long was good");
}

#[test]
fn polls_without_evidence_are_not_observed() {
    let taken = |stretch: Stretch<'_>| {
        let mut series = Series::new();
        series.go(&stretch);
        series.state.observations.len()
    };
    assert_eq!(taken(honest(10)), 10);
    assert_eq!(taken(Stretch { gap: 1, ..honest(61) }), 5, "one each quarter of an hour");
    assert_eq!(taken(Stretch { gap: 120, ..honest(5) }), 5);
    assert_eq!(taken(Stretch { gap: 121, ..honest(5) }), 0, "too long ago");
    assert_eq!(taken(Stretch { gap: -15, ..honest(5) }), 0, "our clock was set back");
    let batch = Stretch { gap: 1, ..behind_3(150) };
    check("one batch is not many observations", &[batch], "");
    let now = Series::new().now;
    let reading = ClockReading { newest: Some(minutes(now, 180)), ..ClockReading::default() };
    let first = judge_clock(ClockState::default(), &reading, None, now);
    assert_eq!(first, ClockState::default(), "a first reading");
    let nothing = judge_clock(ClockState::default(), &ClockReading::default(), Some(now), now);
    assert_eq!(nothing, ClockState::default(), "nothing new");
}

fn entry(guid: &str, link: &str, published: Option<i64>, updated: Option<i64>) -> Entry {
    let identity =
        Identity { kind: IdentityKind::Guid, key: guid.into(), weaker_names: Vec::new() };
    let at = |second: i64| Timestamp::from_second(second).unwrap();
    Entry {
        guid: Some(guid.to_owned()),
        link: Some(link.to_owned()),
        published_at: published.map(at),
        updated_at: updated.map(at),
        ..Entry::titled(identity, PlainText::from_trusted("خبر".to_owned()))
    }
}

#[test]
fn a_reading_has_the_newest_date_and_the_creation_times() {
    const AT: i64 = 1_795_400_000;
    let check = |entries: &[Entry], newest: Option<i64>, made: Option<i64>| {
        let reading = ClockReading::from_entries(entries.iter(), None);
        let seen = (reading.newest.map(Timestamp::as_second), reading.made_seconds);
        assert_eq!(seen, (newest, made), "{entries:?}");
    };
    check(&[], None, None);
    check(&[entry("a", "", None, None)], None, None);
    check(&[entry("a", "", Some(AT), Some(AT + 9))], Some(AT), None);
    check(&[entry("a", "", None, Some(AT))], Some(AT), None);
    let guid = |seconds: i64| format!("https://a.example/?t={seconds}");
    check(&[entry(&guid(AT + 600), "", Some(AT), None)], Some(AT), Some(600));
    check(&[entry("a", &guid(AT - 600), Some(AT), None)], Some(AT), Some(-600));
    check(
        &[entry(&guid(AT + 60), "", Some(AT), None), entry(&guid(AT), "", Some(AT - 90), None)],
        Some(AT),
        Some(90),
    );
    for nothing in ["17954000001", "179540000", "a4111222333b", "9999999999"] {
        check(&[entry(nothing, "", Some(AT), None)], Some(AT), None);
    }
}

proptest::proptest! {
    #[test]
    fn no_series_panics_or_exceeds_the_limits(
        polls in proptest::collection::vec(
            (-5_000..5_000_i64, proptest::num::i64::ANY, proptest::option::of(-900..900_i64)),
            0..60,
        ),
    ) {
        let mut series = Series::new();
        for (gap, newest, made) in polls {
            let before = series.now;
            series.now = minutes(series.now, gap);
            let reading = ClockReading {
                newest: Timestamp::from_second(newest).ok().or(Some(minutes(series.now, newest % 400))),
                made_seconds: made.map(|made| made * MINUTE),
                built_at: Some(Timestamp::MIN),
            };
            series.state = judge_clock(series.state, &reading, Some(before), series.now);
            proptest::prop_assert!(series.state.observations.len() <= MAX_OBSERVATIONS);
        }
    }
}
