//! The nearest stories of an entry and the thresholds → the decision about it.

use super::repetition::Repetition;
use super::score::NearestStory;
use super::thresholds::{CROWD_MERGE, CROWD_SIZE, StorySettings};
use crate::model::{EntryId, StoryAssignment, StoryMethod};

/// The decision by the nearest story, and the nearest story that accepts the entry. If the nearest event
/// already has another text of the same source, this entry is separate news, and belongs to no event that
/// is less near.
pub(super) fn assign_by_event(
    settings: StorySettings,
    id: EntryId,
    nearest_stories: [Option<NearestStory>; 2],
) -> StoryAssignment {
    let [nearest, open] = nearest_stories;
    let merge = |nearest: &NearestStory| {
        if nearest.size < CROWD_SIZE { settings.merge } else { settings.merge.max(CROWD_MERGE) }
    };
    let is_beside = nearest.is_some_and(|nearest| {
        nearest.repetition == Repetition::OtherText && nearest.score >= merge(&nearest)
    });
    let joined = open.filter(|open| open.score >= merge(open) && !is_beside);
    let nearest = joined.or(nearest);
    let is_related = |nearest: &NearestStory| joined.is_none() && nearest.score >= settings.related;
    StoryAssignment {
        story: joined.map_or(id, |joined| joined.story),
        text_group: id,
        method: if joined.is_some() { StoryMethod::SameEvent } else { StoryMethod::First },
        score: nearest.map(|nearest| nearest.score),
        closeness: None,
        nearest: nearest.map(|nearest| nearest.member),
        related: nearest.filter(is_related).map(|nearest| nearest.story),
    }
}

/// The decision about an entry that is a story of its own.
pub(super) fn assignment_alone(id: EntryId, method: StoryMethod) -> StoryAssignment {
    let (score, closeness, nearest, related) = (None, None, None, None);
    StoryAssignment { story: id, text_group: id, method, score, closeness, nearest, related }
}
