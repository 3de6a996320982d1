//! A page of results, best first → the cursors of the pages beside it: numbers of results that they skip.

use crate::search_index::MAX_SKIPPED;

/// The cursors of the next page and of the page before this page, which skips `before` results and shows up to `limit`.
/// No next page: there are no more results, or too many are skipped. No page before: it is the first, or this is.
pub(super) fn best_first(
    before: Option<u64>,
    limit: usize,
    has_more: bool,
) -> (Option<u64>, Option<u64>) {
    let (skipped, count) = (before.unwrap_or(0), u64::try_from(limit).unwrap_or(u64::MAX));
    let next = skipped.saturating_add(count);
    let next = Some(next).filter(|next| usize::try_from(*next).is_ok_and(|it| it <= MAX_SKIPPED));
    let newer = skipped.checked_sub(count).filter(|skipped| *skipped > 0);
    (next.filter(|_| has_more), newer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_before_and_after_a_page() {
        for (before, has_more, expected) in [
            (None, false, (None, None)),
            (None, true, (Some(40), None)),
            (Some(0), true, (Some(40), None)),
            // The first page is before it.
            (Some(40), true, (Some(80), None)),
            (Some(80), false, (None, Some(40))),
            // Another number of results on a page was configured.
            (Some(25), true, (Some(65), None)),
            (Some(100), true, (Some(140), Some(60))),
            (Some(9_960), true, (Some(10_000), Some(9_920))),
            (Some(10_000), true, (None, Some(9_960))),
            (Some(u64::MAX), true, (None, Some(u64::MAX - 40))),
        ] {
            assert_eq!(best_first(before, 40, has_more), expected, "{before:?}");
        }
    }
}
