//! How a fetch of a picture ended, and what was known → what is known now, and when the picture is fetched again.
//!
//! | answer | picture of an entry | icon, no copy yet | icon with a copy |
//! | --- | --- | --- | --- |
//! | a picture | kept with its entry | again after 30 to 45 days | the same; the new copy takes the place of the old one |
//! | no picture (404, a page, damaged) | never again | again after 30 to 45 days | again after a week; the third such answer in a row removes the copy |
//! | it may succeed later | after 15 minutes, 2 and 12 hours, then never | the same, then once a week | again after a week |
//!
//! Publishers give a new picture a new address, but their icon changes at its old one. Validators are not kept: the
//! name of the file is all that is known about a copy, and an icon is requested some ten times a year.

use jiff::Timestamp;
use rafid_feed::hash::{digest_32, digest_64};

use super::kept_picture::{IconCheck, KeptPicture, PictureState};
use super::thumbnail::EncodedThumbnail;
use crate::model::{PictureId, PictureOwner};

/// A picture that could not be fetched is tried again after these seconds. Most failures pass within an hour, and
/// after a day its entry is on no first page.
pub(super) const RETRY_SECONDS: [i64; 3] = [15 * 60, 2 * 3600, 12 * 3600];
const DAY: i64 = 24 * 3600;
/// An icon is looked at again after these seconds: sites change theirs once in some years.
pub(super) const ICON_SECONDS: i64 = 30 * DAY;
/// Up to these seconds more, by its id: the icons that the first start fetched in one hour are not looked at again in one.
pub(super) const ICON_SPREAD_SECONDS: i64 = 15 * DAY;
/// An icon that could not be fetched for a day is tried again after these seconds.
pub(super) const ICON_RETRY_SECONDS: i64 = 7 * DAY;
/// A copy goes after this number of answers in a row that there is no icon: two weeks of a broken site do not take it.
const MAX_ICON_MISSES: u8 = 3;

/// How a fetch ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PictureOutcome {
    /// With a copy.
    Copied(EncodedThumbnail),
    /// It may succeed later.
    Failed,
    /// There is no picture.
    Gone,
}

/// What is known after a fetch of a picture; `before`: what was known.
pub(super) fn state_after(
    (id, owner): (PictureId, PictureOwner),
    before: Option<PictureState>,
    outcome: &PictureOutcome,
    now: Timestamp,
) -> PictureState {
    let is_icon = owner == PictureOwner::Source;
    let now = now.as_second();
    match (outcome, before) {
        (PictureOutcome::Copied(copy), _) => PictureState::Ready {
            format: copy.format,
            width: copy.width,
            height: copy.height,
            bytes: copy.bytes.len() as u64,
            check: is_icon.then(|| IconCheck {
                // 0 is that of an icon without a version.
                version: digest_32(&copy.bytes).max(1),
                misses: 0,
                due_at: now.saturating_add(ICON_SECONDS + icon_spread(id)),
            }),
        },
        (_, Some(PictureState::Ready { format, width, height, bytes, check })) if is_icon => {
            let check = check.unwrap_or(UNVERSIONED);
            let misses = check.misses + u8::from(*outcome == PictureOutcome::Gone);
            if misses >= MAX_ICON_MISSES {
                return without_icon(now, id);
            }
            let due_at = now.saturating_add(ICON_RETRY_SECONDS);
            let check = Some(IconCheck { misses, due_at, ..check });
            PictureState::Ready { format, width, height, bytes, check }
        }
        (PictureOutcome::Gone, _) if is_icon => without_icon(now, id),
        (PictureOutcome::Gone, _) => PictureState::Gone,
        (PictureOutcome::Failed, before) => state_after_failure(is_icon, before, now),
    }
}

/// The check of an icon whose version is not known.
const UNVERSIONED: IconCheck = IconCheck { version: 0, misses: 0, due_at: 0 };

fn state_after_failure(is_icon: bool, before: Option<PictureState>, now: i64) -> PictureState {
    let tries = match before {
        Some(PictureState::Failed { tries, .. }) => tries,
        Some(PictureState::Ready { .. } | PictureState::Gone) | None => 0,
    };
    match RETRY_SECONDS.get(usize::from(tries)) {
        Some(wait) => {
            let (tries, retry_at) = (tries.saturating_add(1), now.saturating_add(*wait));
            PictureState::Failed { tries, retry_at }
        }
        None if is_icon => {
            PictureState::Failed { tries, retry_at: now.saturating_add(ICON_RETRY_SECONDS) }
        }
        None => PictureState::Gone,
    }
}

/// There is no icon at present.
fn without_icon(now: i64, id: PictureId) -> PictureState {
    let retry_at = now.saturating_add(ICON_SECONDS + icon_spread(id));
    PictureState::Failed { tries: all_tries(), retry_at }
}

/// The tries after which a failure is no passing one.
fn all_tries() -> u8 {
    u8::try_from(RETRY_SECONDS.len()).unwrap_or(u8::MAX)
}

/// The seconds by which the checks of this icon are later than others.
pub(super) fn icon_spread(id: PictureId) -> i64 {
    let spread = ICON_SPREAD_SECONDS.unsigned_abs();
    i64::try_from(digest_64(id.to_string()) % spread).unwrap_or_default()
}

/// What is known about a picture whose file an older version wrote: icons were looked at once. They are looked at
/// again within the next two weeks.
pub(super) fn with_check(id: PictureId, kept: KeptPicture, now: Timestamp) -> KeptPicture {
    if kept.owner != PictureOwner::Source {
        return kept;
    }
    let due_at = now.as_second().saturating_add(icon_spread(id));
    let state = match kept.state {
        PictureState::Ready { format, width, height, bytes, check: None } => {
            let check = Some(IconCheck { due_at, ..UNVERSIONED });
            PictureState::Ready { format, width, height, bytes, check }
        }
        PictureState::Gone => PictureState::Failed { tries: all_tries(), retry_at: due_at },
        state => state,
    };
    KeptPicture { state, ..kept }
}

/// When a picture is fetched again, if that is days after the last time, in seconds since 1970.
pub(super) fn rare_check_at(kept: &KeptPicture) -> Option<i64> {
    match kept.state {
        PictureState::Ready { check, .. } => Some(check?.due_at),
        PictureState::Failed { tries, retry_at } if tries >= all_tries() => Some(retry_at),
        PictureState::Failed { .. } | PictureState::Gone => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::model::{EntryId, PictureRole};
    use crate::pictures::PictureFormat;

    const NOW: i64 = 1_795_000_000;

    fn icon(number: usize) -> PictureId {
        PictureId::for_address(PictureRole::Icon, &format!("https://{number}.example/"))
    }

    fn copied(bytes: u8) -> PictureOutcome {
        let format = PictureFormat::WebP;
        PictureOutcome::Copied(EncodedThumbnail {
            bytes: vec![bytes],
            format,
            width: 48,
            height: 48,
        })
    }

    fn after(before: Option<PictureState>, outcome: &PictureOutcome, at: i64) -> PictureState {
        let now = Timestamp::from_second(NOW + at).unwrap();
        state_after((icon(0), PictureOwner::Source), before, outcome, now)
    }

    /// The version and misses of a copy, and the seconds until the icon is looked at again.
    fn check_of(state: PictureState, at: i64) -> (u32, u8, i64) {
        let PictureState::Ready { check: Some(check), .. } = state else { panic!("{state:?}") };
        (check.version, check.misses, check.due_at - NOW - at)
    }

    #[test]
    fn a_copy_stays_until_the_site_says_often_that_there_is_none() {
        let (failed, gone) = (PictureOutcome::Failed, PictureOutcome::Gone);
        let whole = ICON_SECONDS + icon_spread(icon(0));
        let first = after(None, &copied(1), 0);
        let (version, ..) = check_of(first, 0);
        assert!(version > 0);
        assert_eq!(check_of(first, 0), (version, 0, whole));
        assert_eq!(check_of(after(Some(first), &copied(1), 9), 9), (version, 0, whole));
        assert_ne!(check_of(after(Some(first), &copied(2), 9), 9).0, version);
        let mut state = first;
        for misses in [1, 2] {
            for _ in 0..9 {
                state = after(Some(state), &failed, 9);
                assert_eq!(check_of(state, 9), (version, misses - 1, ICON_RETRY_SECONDS));
            }
            state = after(Some(state), &gone, 9);
            assert_eq!(check_of(state, 9), (version, misses, ICON_RETRY_SECONDS));
        }
        assert_eq!(check_of(after(Some(state), &copied(1), 9), 9), (version, 0, whole));
        let without = after(Some(state), &gone, 9);
        assert_eq!(without, PictureState::Failed { tries: 3, retry_at: NOW + 9 + whole });
        assert_eq!(check_of(after(Some(without), &copied(3), 9), 9).1, 0);
    }

    #[test]
    fn an_icon_without_a_copy_is_never_given_up() {
        let whole = ICON_SECONDS + icon_spread(icon(0));
        let mut state = None;
        let waits = RETRY_SECONDS.into_iter().chain([ICON_RETRY_SECONDS; 3]);
        for (number, wait) in waits.enumerate() {
            let found = after(state, &PictureOutcome::Failed, 0);
            let tries = u8::try_from(number + 1).unwrap().min(3);
            assert_eq!(found, PictureState::Failed { tries, retry_at: NOW + wait });
            state = Some(found);
        }
        for before in [None, state, Some(PictureState::Gone)] {
            let found = after(before, &PictureOutcome::Gone, 0);
            assert_eq!(found, PictureState::Failed { tries: 3, retry_at: NOW + whole });
        }
    }

    #[test]
    fn checks_are_spread_over_days() {
        let mut of_hour: BTreeMap<i64, usize> = BTreeMap::new();
        for number in 0..1_000 {
            *of_hour.entry(icon_spread(icon(number)) / 3600).or_default() += 1;
        }
        let most = of_hour.values().max().copied().unwrap();
        assert!(most <= 12 && of_hour.len() > 300, "{most} of {} hours", of_hour.len());
        assert!(of_hour.keys().all(|hour| (0..15 * 24).contains(hour)));
    }

    #[test]
    fn icons_of_older_versions_get_a_time_and_pictures_of_entries_none() {
        let now = Timestamp::from_second(NOW).unwrap();
        let (format, width, height, bytes) = (PictureFormat::WebP, 48, 48, 100);
        let ready = PictureState::Ready { format, width, height, bytes, check: None };
        let entry = PictureOwner::Entry { listed_ms: 5, id: EntryId::from_bytes([1; 16]) };
        for state in [ready, PictureState::Gone] {
            let kept = KeptPicture { owner: entry, state };
            assert_eq!(with_check(icon(0), kept, now), kept);
            assert_eq!(rare_check_at(&kept), None);
            let icons = KeptPicture { owner: PictureOwner::Source, state };
            let checked = with_check(icon(0), icons, now);
            assert_eq!(rare_check_at(&checked), Some(NOW + icon_spread(icon(0))));
            let later = Timestamp::from_second(NOW + 99).unwrap();
            assert_eq!(with_check(icon(0), checked, later), checked, "once");
        }
    }
}
