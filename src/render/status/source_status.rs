//! The report on one source: its JSON, its state in words, how severe that is, and the sentences of
//! `rafid status`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::findings::{
    ClockStatus, FrozenStatus, FullTextStatus, HijackedStatus, LostStatus, MovedStatus, PushStatus,
    RefusedStatus, SilentStatus, SourceError, duplicate_feed_in_english,
};
use super::poll_reason;

/// The report on one source. A finding that is `None` was not made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct SourceStatus {
    /// Its id.
    pub id: String,
    /// Its name as it is shown.
    pub name: String,
    /// Where it is, without credentials.
    pub url: String,
    /// The list that it comes from; `None`: the configuration names it.
    pub list: Option<String>,
    /// The name of its first category, as it is shown.
    pub category: Option<String>,
    /// The names of all its categories, as they are shown.
    pub categories: Vec<String>,
    /// The last request; `None`: none yet.
    pub last_poll: Option<Timestamp>,
    /// The last good answer; `None`: none yet.
    pub last_success: Option<Timestamp>,
    /// The last time that an entry was new or changed; `None`: never yet.
    pub last_change: Option<Timestamp>,
    /// The next poll; `None`: not known yet.
    pub next_poll: Option<Timestamp>,
    /// Why it is then (a stable word).
    pub reason: String,
    /// Failures since the last success.
    pub failures: u32,
    /// The last failure; `None` once a poll succeeded.
    pub last_error: Option<SourceError>,
    /// What is wrong with its publisher's clock; `None`: nothing, as far as is known.
    pub clock: Option<ClockStatus>,
    /// It answers well and has had nothing new for longer than its rhythm explains.
    pub silent: Option<SilentStatus>,
    /// Somebody else seems to write it.
    pub hijacked: Option<HijackedStatus>,
    /// The dates of its entries carry no information.
    pub frozen_dates: Option<FrozenStatus>,
    /// It refuses our requests.
    pub refused: Option<RefusedStatus>,
    /// The word of each finding that is reported: `quiet`, `empty`, `frozen-dates`, `hijacked`, `refused`.
    pub findings: Vec<String>,
    /// Its feed is gone from its address.
    pub lost: Option<LostStatus>,
    /// The id of an earlier source that is the same feed.
    pub same_as: Option<String>,
    /// It redirects permanently: the operator may change its address.
    pub moved: Option<MovedStatus>,
    /// Its subscription at a hub (WebSub).
    pub push: Option<PushStatus>,
    /// What became of the pages of its entries; `None`: they are not requested.
    pub full_text: Option<FullTextStatus>,
    /// How many of its entries are stored.
    pub entries: u64,
    /// How many entries its feed had at the last reading.
    pub feed_entries: u64,
    /// How many warnings the last reading gave.
    pub warnings_count: u64,
    /// The first few warnings of the last reading.
    pub warnings: Vec<String>,
}

/// The state of a source as a whole, by its most severe finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceState {
    /// The last poll failed, as often in a row as this.
    Failing(u32),
    /// It was never read.
    Waiting,
    /// It is read, and somebody else seems to write it.
    Hijacked,
    /// It is read, and brings nothing new.
    Silent,
    /// It is read.
    Good,
}

impl SourceState {
    /// The class in the stylesheet.
    pub fn css_class(self) -> &'static str {
        match self {
            Self::Failing(_) => "failing",
            Self::Waiting => "waiting",
            Self::Hijacked => "hijacked",
            Self::Silent => "silent",
            Self::Good => "good",
        }
    }

    /// For the page.
    pub fn in_arabic(self) -> &'static str {
        match self {
            Self::Failing(_) => "متعثّر",
            Self::Waiting => "لم يُقرأ بعد",
            Self::Hijacked => "يُشتبه في اختطافه",
            Self::Silent => "متوقف عن النشر",
            Self::Good => "يعمل",
        }
    }

    /// For the terminal.
    pub fn in_english(self) -> String {
        match self {
            Self::Failing(count) => format!("failing ({count})"),
            Self::Waiting => "waiting".to_owned(),
            Self::Hijacked => "hijacked".to_owned(),
            Self::Silent => "silent".to_owned(),
            Self::Good => "ok".to_owned(),
        }
    }
}

impl SourceStatus {
    /// Its state as a whole.
    pub fn state(&self) -> SourceState {
        match (self.failures, self.last_success) {
            (0, None) => SourceState::Waiting,
            (0, Some(_)) if self.hijacked.is_some() => SourceState::Hijacked,
            (0, Some(_)) if self.silent.is_some() => SourceState::Silent,
            (0, Some(_)) => SourceState::Good,
            (count, _) => SourceState::Failing(count),
        }
    }

    /// The key that sources are sorted by: those that fail come first, then those that somebody else writes,
    /// then silent ones, then those whose dates carry no information.
    pub fn severity_key(&self) -> (bool, [bool; 3]) {
        let is_well = [self.hijacked.is_none(), self.silent.is_none(), self.frozen_dates.is_none()];
        (self.failures == 0, is_well)
    }
}

/// One kind of finding about a source → its sentences for the terminal.
type FindingLines = fn(&SourceStatus, Timestamp) -> Vec<String>;

/// The kinds of findings, in the order of the terminal.
const FINDING_GROUPS: [FindingLines; 7] = [
    |source, now| {
        let error = source.last_error.iter();
        error.map(|it| it.in_english(source.failures, &source.url, now)).collect()
    },
    |source, _| source.clock.iter().map(ClockStatus::in_english).collect(),
    |source, _| source.push.iter().filter_map(PushStatus::in_english).collect(),
    |source, now| source.full_text.iter().map(|it| it.in_english(now)).collect(),
    |source, now| {
        let lines = [
            source.silent.as_ref().map(|it| it.in_english(now)),
            source.same_as.as_deref().map(duplicate_feed_in_english),
            source.lost.as_ref().map(|it| it.in_english(now)),
            source.hijacked.as_ref().map(|it| it.in_english(now)),
            source.frozen_dates.as_ref().map(|it| it.in_english(now)),
            source.refused.as_ref().map(|it| it.in_english(now)),
        ];
        lines.into_iter().flatten().collect()
    },
    |source, _| poll_reason::reason_in_english(&source.reason).into_iter().collect(),
    |source, now| source.moved.iter().map(|it| it.in_english(now)).collect(),
];

/// What is wrong with the sources, for the terminal: the id of a source and a sentence about it, one kind of
/// finding after the other.
pub fn findings_in_english<'a>(
    sources: &[&'a SourceStatus],
    now: Timestamp,
) -> Vec<(&'a str, String)> {
    let mut lines = Vec::new();
    for group in FINDING_GROUPS {
        for source in sources {
            lines.extend(group(source, now).into_iter().map(|line| (source.id.as_str(), line)));
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at() -> Timestamp {
        Timestamp::from_second(1_000_000).unwrap()
    }

    #[test]
    fn the_most_severe_finding_is_the_state() {
        let hijacked = Some(HijackedStatus::default());
        let silent = Some(SilentStatus::default());
        let read = || SourceStatus { last_success: Some(at()), ..SourceStatus::default() };
        let check = |source: &SourceStatus, english: &str, class: &str| {
            let state = source.state();
            assert_eq!((state.in_english().as_str(), state.css_class()), (english, class));
        };
        check(&SourceStatus::default(), "waiting", "waiting");
        check(&read(), "ok", "good");
        check(&SourceStatus { silent: silent.clone(), ..read() }, "silent", "silent");
        let both = SourceStatus { silent, hijacked, ..read() };
        check(&both, "hijacked", "hijacked");
        check(&SourceStatus { failures: 3, ..both }, "failing (3)", "failing");
    }

    #[test]
    fn findings_are_grouped_by_kind() {
        let source = |id: &str, failures: u32| SourceStatus {
            id: id.to_owned(),
            failures,
            reason: "gone".to_owned(),
            last_error: (failures > 0).then(SourceError::default),
            same_as: Some("z".to_owned()),
            ..SourceStatus::default()
        };
        let (one, two) = (source("one", 2), source("two", 0));
        let lines = findings_in_english(&[&one, &two], at());
        let starts: Vec<(&str, &str)> =
            lines.iter().map(|(id, line)| (*id, line.split([' ', ',']).next().unwrap())).collect();
        let expected =
            [("one", "2"), ("one", "the"), ("two", "the"), ("one", "gone"), ("two", "gone")];
        assert_eq!(starts, expected);
    }
}
