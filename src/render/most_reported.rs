//! The newest entries of an output → the stories that the most sources report now.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::arabic_wording::SOURCES;
use super::local_clock::LocalClock;
use super::other_tellings::{source_count, story_page_address};
use super::page_moment::PageMoment;
use super::{root_path, summary, text_direction};
use crate::model::{EntryId, Publication};

/// The number of stories in the list.
const SHOWN_STORIES: usize = 5;
/// Fewer sources do not make a story large.
pub(super) const LARGE_STORY: usize = 3;
/// The list is of the last day.
const SPAN: SignedDuration = SignedDuration::from_hours(24);

/// The stories that the most sources report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MostReported {
    /// Whether all stories of the last day were looked at.
    pub is_of_whole_day: bool,
    /// The stories, the one with the most sources first.
    pub stories: Vec<ReportedStory>,
}

/// One of these stories.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReportedStory {
    /// The headline of its entry in the output.
    pub title: String,
    /// The language of the headline.
    pub lang: Option<String>,
    /// The direction of the headline, as in HTML.
    pub dir: &'static str,
    /// The address of its page.
    pub href: String,
    /// The number of its sources in words.
    pub sources: String,
}

/// The stories of the last day in a feed that several sources report; `None`: there are not two of them.
pub fn find_most_reported(
    feed: &Publication,
    moment: PageMoment,
    clock: &LocalClock,
) -> Option<MostReported> {
    let mut known: BTreeSet<EntryId> = BTreeSet::new();
    let mut found: Vec<(usize, ReportedStory)> = Vec::new();
    let root = root_path(&feed.base);
    let entries = feed.entries.iter();
    for listed in entries.filter(|listed| moment.is_within(listed.listed_at, SPAN)) {
        let Some(story) = feed.stories.get(&listed.id) else { continue };
        let count = source_count(listed, story);
        if count < LARGE_STORY || !known.insert(story.id) {
            continue;
        }
        let title = summary::entry_headline(&listed.entry);
        let reported = ReportedStory {
            dir: text_direction::direction_of_line(&title, &listed.entry),
            title,
            lang: listed.entry.language.as_ref().map(ToString::to_string),
            href: story_page_address(&root, story, feed.is_folder),
            sources: clock.count(count as u64, &SOURCES),
        };
        found.push((count, reported));
    }
    // The sort is stable: of stories with as many sources the newest comes first.
    found.sort_by_key(|(count, _)| std::cmp::Reverse(*count));
    found.truncate(SHOWN_STORIES);
    let oldest = feed.entries.last().map(|listed| listed.listed_at);
    let is_of_whole_day = oldest.is_some_and(|oldest| !moment.is_within(oldest, SPAN));
    let stories: Vec<ReportedStory> = found.into_iter().map(|(_, reported)| reported).collect();
    (stories.len() > 1).then_some(MostReported { is_of_whole_day, stories })
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::render::sample;

    fn moment(at: &str) -> PageMoment {
        PageMoment::for_page(at.parse::<Timestamp>().unwrap(), 300)
    }

    #[test]
    fn the_stories_of_the_day_are_sorted_by_their_sources() {
        let mut feed = sample::publication();
        sample::join_story(&mut feed, 0, &["x1", "x2"]);
        sample::join_story(&mut feed, 1, &["x1", "x2", "x3", "x3"]);
        sample::join_story(&mut feed, 2, &["x1"]);
        let clock = LocalClock::default();
        let now = moment("2026-11-24T09:00:00Z");
        let reported = find_most_reported(&feed, now, &clock).unwrap();
        let shown: Vec<&str> = reported.stories.iter().map(|it| it.sources.as_str()).collect();
        assert_eq!(shown, ["4 مصادر", "3 مصادر"], "two sources are no large story");
        let story = feed.stories[&feed.entries[1].id].id;
        assert_eq!(reported.stories[0].href, format!("/story/{story}"));
        assert_eq!(
            find_most_reported(&feed, moment("2026-11-27T09:00:00Z"), &clock),
            None,
            "days ago"
        );
        feed.stories.remove(&feed.entries[0].id);
        assert_eq!(find_most_reported(&feed, now, &clock), None, "one story is no list");
    }

    #[test]
    fn a_short_feed_does_not_speak_of_a_day() {
        let mut feed = sample::publication();
        sample::join_story(&mut feed, 0, &["x1", "x2"]);
        sample::join_story(&mut feed, 1, &["x1", "x2"]);
        let now = moment("2026-11-24T09:00:00Z");
        feed.entries.truncate(2);
        assert!(!find_most_reported(&feed, now, &LocalClock::default()).unwrap().is_of_whole_day);
        let mut old = (*feed.entries[1]).clone();
        old.listed_at = "2026-11-20T00:00:00Z".parse().unwrap();
        feed.entries.push(old.into());
        assert!(find_most_reported(&feed, now, &LocalClock::default()).unwrap().is_of_whole_day);
    }
}
