//! Any clock and any health, as parts of a poll state.

use super::*;
use crate::model::{
    AccessDenied, AdoptedRedirect, Baseline, DateHistory, DeniedBy, EntryProfile, Freshness,
    HijackFinding, LetterCounts, Retention, SourceHealth, StuckDates, WritingProfile,
};

fn verdict() -> impl Strategy<Value = ClockVerdict> {
    let offset = (-1440..=1440_i32).prop_filter_map("zero", ClockOffset::from_minutes);
    prop_oneof![
        Just(ClockVerdict::Unknown),
        Just(ClockVerdict::Right),
        offset.clone().prop_map(ClockVerdict::Suspected),
        offset.prop_map(ClockVerdict::Off),
    ]
}

fn observation() -> impl Strategy<Value = ClockObservation> {
    let length = || -700_000_000_000..=700_000_000_000_i64;
    let rest = (option::of(length()), option::of(length()));
    (at(), length(), length(), rest).prop_map(|(at, gap_seconds, age_seconds, rest)| {
        ClockObservation {
            at,
            gap_seconds,
            age_seconds,
            built_seconds: rest.0,
            made_seconds: rest.1,
        }
    })
}

pub(super) fn clock() -> impl Strategy<Value = ClockState> {
    let ended = (option::of(at()), any::<u8>());
    (verdict(), option::of(at()), ended, text(), vec(observation(), 0..25)).prop_map(
        |(verdict, since, (ended_at, ended_count), read_under, observations)| ClockState {
            verdict,
            since,
            ended_at,
            ended_count,
            read_under,
            observations,
        },
    )
}

fn letters() -> impl Strategy<Value = LetterCounts> {
    any::<[u32; 3]>().prop_map(|[arabic, latin, other]| LetterCounts { arabic, latin, other })
}

fn profile() -> impl Strategy<Value = EntryProfile> {
    (any::<i32>(), letters(), any::<bool>(), texts())
        .prop_map(|(day, letters, sells, words)| EntryProfile { day, letters, sells, words })
}

fn writing() -> impl Strategy<Value = WritingProfile> {
    let baseline =
        (any::<[u32; 3]>(), letters()).prop_map(|([entries, foreign, spam], letters)| Baseline {
            entries,
            letters,
            foreign,
            spam,
        });
    let hijacked = (at(), any::<[u8; 2]>(), texts()).prop_map(|(since, shares, words)| {
        let [arabic_before, arabic_now] = shares;
        HijackFinding { since, arabic_before, arabic_now, words }
    });
    (baseline, vec(profile(), 0..13), option::of(hijacked))
        .prop_map(|(baseline, newest, hijacked)| WritingProfile { baseline, newest, hijacked })
}

fn dates() -> impl Strategy<Value = DateHistory> {
    let stuck = (any::<u32>(), any::<u8>(), at(), at())
        .prop_map(|(entries, days, since, until)| StuckDates { entries, days, since, until });
    let instants = (option::of(at()), option::of(at()), option::of(at()));
    (instants, any::<u8>(), any::<u64>(), option::of(stuck), any::<u8>()).prop_map(
        |((newest, stamp, stamped_since), moves, longest_seconds, stuck, stamps)| DateHistory {
            newest,
            moves,
            longest_seconds,
            stuck,
            stamp,
            stamps,
            stamped_since,
        },
    )
}

fn access_denied() -> impl Strategy<Value = AccessDenied> {
    let by = prop_oneof![
        Just(DeniedBy::Server),
        Just(DeniedBy::Cloudflare),
        Just(DeniedBy::AwsWaf),
        Just(DeniedBy::Vercel),
    ];
    (by, any::<u16>(), at(), any::<u32>()).prop_map(|(by, status, since, count)| AccessDenied {
        by,
        status,
        since,
        count,
    })
}

pub(super) fn health() -> impl Strategy<Value = SourceHealth> {
    (any::<u64>(), writing(), dates(), option::of(access_denied())).prop_map(
        |(stands_for, writing, dates, access_denied)| SourceHealth {
            stands_for,
            writing,
            dates,
            access_denied,
            ..SourceHealth::default()
        },
    )
}

pub(super) fn freshness() -> impl Strategy<Value = Freshness> {
    (option::of(any::<u64>()), option::of(any::<u64>())).prop_map(
        |(fresh_seconds, retry_after_seconds)| Freshness {
            fresh_seconds,
            retry_after_seconds,
            clock_ahead_seconds: None,
        },
    )
}

pub(super) fn retention() -> impl Strategy<Value = Retention> {
    (option::of(any::<u64>()), any::<usize>())
        .prop_map(|(keep_seconds, entries)| Retention { keep_seconds, entries })
}

pub(super) fn adopted() -> impl Strategy<Value = AdoptedRedirect> {
    (text(), text(), at(), at()).prop_map(|(from, to, since, at)| AdoptedRedirect {
        from,
        to,
        since,
        at,
    })
}
