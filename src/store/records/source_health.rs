//! A `Health` ↔ its part of a poll state's record.

use serde::{Deserialize, Serialize};

use super::{RecordError, instant_of, optional_instant, optional_milliseconds};
use crate::model::{
    AccessDenied, Baseline, DateHistory, DeniedBy, EntryProfile, HijackFinding, LetterCounts,
    SourceHealth, StuckDates, WritingProfile,
};

#[derive(Serialize, Deserialize)]
pub(super) struct HealthV1<'a> {
    stands_for: u64,
    usual: UsualV1,
    #[serde(borrow)]
    newest: Vec<SampleV1<'a>>,
    #[serde(borrow)]
    hijacked: Option<HijackedV1<'a>>,
    dates: DatesV1,
    refusal: Option<RefusalV1>,
}

/// Letters by script: Arabic, Latin, other.
type LettersV1 = [u32; 3];

#[derive(Serialize, Deserialize)]
struct UsualV1 {
    entries: u32,
    letters: LettersV1,
    foreign: u32,
    trading: u32,
}

#[derive(Serialize, Deserialize)]
struct SampleV1<'a> {
    day: i32,
    letters: LettersV1,
    sells: bool,
    #[serde(borrow)]
    words: Vec<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct HijackedV1<'a> {
    since_ms: i64,
    arabic_before: u8,
    arabic_now: u8,
    #[serde(borrow)]
    words: Vec<&'a str>,
}

#[derive(Serialize, Deserialize)]
struct DatesV1 {
    newest_ms: Option<i64>,
    moves: u8,
    longest_seconds: u64,
    stuck: Option<StuckV1>,
    stamp_ms: Option<i64>,
    stamps: u8,
    stamped_ms: Option<i64>,
}

#[derive(Serialize, Deserialize)]
struct StuckV1 {
    entries: u32,
    days: u8,
    since_ms: i64,
    until_ms: i64,
}

#[derive(Serialize, Deserialize)]
struct RefusalV1 {
    by: u8,
    status: u16,
    since_ms: i64,
    count: u32,
}

impl<'a> HealthV1<'a> {
    pub(super) fn of(health: &'a SourceHealth) -> Self {
        let voice = &health.writing;
        Self {
            stands_for: health.stands_for,
            usual: UsualV1 {
                entries: voice.baseline.entries,
                letters: letter_counts_to_array(voice.baseline.letters),
                foreign: voice.baseline.foreign,
                trading: voice.baseline.spam,
            },
            newest: voice.newest.iter().map(SampleV1::of).collect(),
            hijacked: voice.hijacked.as_ref().map(|hijacked| HijackedV1 {
                since_ms: hijacked.since.as_millisecond(),
                arabic_before: hijacked.arabic_before,
                arabic_now: hijacked.arabic_now,
                words: hijacked.words.iter().map(String::as_str).collect(),
            }),
            dates: DatesV1::of(&health.dates),
            refusal: health.access_denied.as_ref().map(RefusalV1::of),
        }
    }

    pub(super) fn into_health(self) -> Result<SourceHealth, RecordError> {
        let usual = Baseline {
            entries: self.usual.entries,
            letters: letter_counts(self.usual.letters),
            foreign: self.usual.foreign,
            spam: self.usual.trading,
        };
        let hijacked = self.hijacked.map(|hijacked| {
            Ok::<_, RecordError>(HijackFinding {
                since: instant_of(hijacked.since_ms, "hijacked")?,
                arabic_before: hijacked.arabic_before,
                arabic_now: hijacked.arabic_now,
                words: to_owned_words(hijacked.words),
            })
        });
        let newest = self.newest.into_iter().map(SampleV1::into_sample).collect();
        Ok(SourceHealth {
            stands_for: self.stands_for,
            writing: WritingProfile { baseline: usual, newest, hijacked: hijacked.transpose()? },
            dates: self.dates.into_dates()?,
            access_denied: self.refusal.map(RefusalV1::into_refusal).transpose()?,
            ..SourceHealth::default()
        })
    }
}

fn letter_counts_to_array(letters: LetterCounts) -> LettersV1 {
    [letters.arabic, letters.latin, letters.other]
}

fn letter_counts([arabic, latin, other]: LettersV1) -> LetterCounts {
    LetterCounts { arabic, latin, other }
}

fn to_owned_words(words: Vec<&str>) -> Vec<String> {
    words.into_iter().map(str::to_owned).collect()
}

impl<'a> SampleV1<'a> {
    fn of(sample: &'a EntryProfile) -> Self {
        Self {
            day: sample.day,
            letters: letter_counts_to_array(sample.letters),
            sells: sample.sells,
            words: sample.words.iter().map(String::as_str).collect(),
        }
    }

    fn into_sample(self) -> EntryProfile {
        let letters = letter_counts(self.letters);
        EntryProfile {
            day: self.day,
            letters,
            sells: self.sells,
            words: to_owned_words(self.words),
        }
    }
}

impl DatesV1 {
    fn of(dates: &DateHistory) -> Self {
        Self {
            newest_ms: optional_milliseconds(dates.newest),
            moves: dates.moves,
            longest_seconds: dates.longest_seconds,
            stuck: dates.stuck.map(|stuck| StuckV1 {
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

/// Numbers on disk are given here and never move, however the nouns are ordered.
impl RefusalV1 {
    fn of(refusal: &AccessDenied) -> Self {
        let by = match refusal.by {
            DeniedBy::Server => 0,
            DeniedBy::Cloudflare => 1,
            DeniedBy::AwsWaf => 2,
            DeniedBy::Vercel => 3,
        };
        let since_ms = refusal.since.as_millisecond();
        Self { by, status: refusal.status, since_ms, count: refusal.count }
    }

    fn into_refusal(self) -> Result<AccessDenied, RecordError> {
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
