//! A `SourceHealth` ↔ its part of a poll state's record.

use serde::{Deserialize, Serialize};

use super::{RecordError, instant_of, optional_instant, optional_milliseconds};
use crate::model::{
    AccessDenied, Baseline, DateHistory, DeniedBy, EntryProfile, HijackFinding, LetterCounts,
    SourceHealth, StuckDates, WritingProfile,
};

#[derive(Serialize, Deserialize)]
pub(super) struct SourceHealthV1<'a> {
    stands_for: u64,
    baseline: BaselineV1,
    #[serde(borrow)]
    newest: Vec<EntryProfileV1<'a>>,
    #[serde(borrow)]
    hijacked: Option<HijackFindingV1<'a>>,
    dates: DateHistoryV1,
    access_denied: Option<AccessDeniedV1>,
}

/// Letters by script: Arabic, Latin, other.
type LetterCountsV1 = [u32; 3];

#[derive(Serialize, Deserialize)]
struct BaselineV1 {
    entries: u32,
    letters: LetterCountsV1,
    foreign: u32,
    spam: u32,
}

#[derive(Serialize, Deserialize)]
struct EntryProfileV1<'a> {
    day: i32,
    letters: LetterCountsV1,
    sells: bool,
    #[serde(borrow)]
    words: Vec<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct HijackFindingV1<'a> {
    since_ms: i64,
    arabic_before: u8,
    arabic_now: u8,
    #[serde(borrow)]
    words: Vec<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct DateHistoryV1 {
    newest_ms: Option<i64>,
    moves: u8,
    longest_seconds: u64,
    stuck: Option<StuckDatesV1>,
    stamp_ms: Option<i64>,
    stamps: u8,
    stamped_ms: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StuckDatesV1 {
    entries: u32,
    days: u8,
    since_ms: i64,
    until_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct AccessDeniedV1 {
    by: u8,
    status: u16,
    since_ms: i64,
    count: u32,
}

impl<'a> SourceHealthV1<'a> {
    pub(super) fn of(health: &'a SourceHealth) -> Self {
        let writing = &health.writing;
        Self {
            stands_for: health.stands_for,
            baseline: BaselineV1 {
                entries: writing.baseline.entries,
                letters: letter_counts_to_array(writing.baseline.letters),
                foreign: writing.baseline.foreign,
                spam: writing.baseline.spam,
            },
            newest: writing.newest.iter().map(EntryProfileV1::of).collect(),
            hijacked: writing.hijacked.as_ref().map(|hijacked| HijackFindingV1 {
                since_ms: hijacked.since.as_millisecond(),
                arabic_before: hijacked.arabic_before,
                arabic_now: hijacked.arabic_now,
                words: hijacked.words.iter().map(String::as_str).collect(),
            }),
            dates: DateHistoryV1::of(&health.dates),
            access_denied: health.access_denied.as_ref().map(AccessDeniedV1::of),
        }
    }

    pub(super) fn into_health(self) -> Result<SourceHealth, RecordError> {
        let baseline = Baseline {
            entries: self.baseline.entries,
            letters: letter_counts(self.baseline.letters),
            foreign: self.baseline.foreign,
            spam: self.baseline.spam,
        };
        let hijacked = self.hijacked.map(|hijacked| {
            Ok::<_, RecordError>(HijackFinding {
                since: instant_of(hijacked.since_ms, "hijacked")?,
                arabic_before: hijacked.arabic_before,
                arabic_now: hijacked.arabic_now,
                words: to_owned_words(hijacked.words),
            })
        });
        let newest = self.newest.into_iter().map(EntryProfileV1::into_profile).collect();
        Ok(SourceHealth {
            stands_for: self.stands_for,
            writing: WritingProfile { baseline, newest, hijacked: hijacked.transpose()? },
            dates: self.dates.into_dates()?,
            access_denied: self
                .access_denied
                .map(AccessDeniedV1::into_access_denied)
                .transpose()?,
            ..SourceHealth::default()
        })
    }
}

fn letter_counts_to_array(letters: LetterCounts) -> LetterCountsV1 {
    [letters.arabic, letters.latin, letters.other]
}

fn letter_counts([arabic, latin, other]: LetterCountsV1) -> LetterCounts {
    LetterCounts { arabic, latin, other }
}

fn to_owned_words(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl<'a> EntryProfileV1<'a> {
    fn of(profile: &'a EntryProfile) -> Self {
        Self {
            day: profile.day,
            letters: letter_counts_to_array(profile.letters),
            sells: profile.sells,
            words: profile.words.iter().map(String::as_str).collect(),
        }
    }

    fn into_profile(self) -> EntryProfile {
        let letters = letter_counts(self.letters);
        EntryProfile {
            day: self.day,
            letters,
            sells: self.sells,
            words: to_owned_words(self.words),
        }
    }
}

impl DateHistoryV1 {
    fn of(dates: &DateHistory) -> Self {
        Self {
            newest_ms: optional_milliseconds(dates.newest),
            moves: dates.moves,
            longest_seconds: dates.longest_seconds,
            stuck: dates.stuck.map(|stuck| StuckDatesV1 {
                entries: stuck.entries,
                days: stuck.days,
                since_ms: stuck.since.as_millisecond(),
                until_ms: stuck.until.as_millisecond(),
            }),
            stamp_ms: optional_milliseconds(dates.stamp),
            stamps: dates.stamps,
            stamped_ms: optional_milliseconds(dates.stamped_since),
        }
    }

    fn into_dates(self) -> Result<DateHistory, RecordError> {
        let stuck = self.stuck.map(|stuck| {
            Ok::<_, RecordError>(StuckDates {
                entries: stuck.entries,
                days: stuck.days,
                since: instant_of(stuck.since_ms, "stuck")?,
                until: instant_of(stuck.until_ms, "stuck")?,
            })
        });
        Ok(DateHistory {
            newest: optional_instant(self.newest_ms, "newest")?,
            moves: self.moves,
            longest_seconds: self.longest_seconds,
            stuck: stuck.transpose()?,
            stamp: optional_instant(self.stamp_ms, "stamp")?,
            stamps: self.stamps,
            stamped_since: optional_instant(self.stamped_ms, "stamp")?,
        })
    }
}

/// Codes on disk are fixed here and never change, whatever the order of the enum.
impl AccessDeniedV1 {
    fn of(access_denied: &AccessDenied) -> Self {
        let by = match access_denied.by {
            DeniedBy::Server => 0,
            DeniedBy::Cloudflare => 1,
            DeniedBy::AwsWaf => 2,
            DeniedBy::Vercel => 3,
        };
        let since_ms = access_denied.since.as_millisecond();
        Self { by, status: access_denied.status, since_ms, count: access_denied.count }
    }

    fn into_access_denied(self) -> Result<AccessDenied, RecordError> {
        let by = match self.by {
            0 => DeniedBy::Server,
            1 => DeniedBy::Cloudflare,
            2 => DeniedBy::AwsWaf,
            3 => DeniedBy::Vercel,
            _ => return Err(RecordError::Field("refusal")),
        };
        let since = instant_of(self.since_ms, "refusal")?;
        Ok(AccessDenied { by, status: self.status, since, count: self.count })
    }
}
