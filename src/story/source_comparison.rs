//! An entry and the members of its source → whether it has the text of one of them again.

use super::features::{TextFingerprint, compare_texts};
use super::repetition::Repetition;
use super::statistics::Statistics;
use super::window::StoryWindow;
use super::window_member::WindowMember;
use crate::model::{EntryId, StoryArrival};

/// An entry that is compared with others of its source.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceComparison<'w> {
    pub window: &'w StoryWindow,
    pub arrival: &'w StoryArrival<'w>,
    pub fingerprint: &'w TextFingerprint,
    pub statistics: &'w Statistics,
}

impl SourceComparison<'_> {
    /// The relation to its source's entries in a story; without such entries it is `Text`, and the story accepts it.
    pub(super) fn with_source_in(&self, story: EntryId) -> Repetition {
        let Some(source) = self.window.source_number(self.arrival.source) else {
            return Repetition::Text;
        };
        let members = self.window.of_story(story).map(|(_, member)| member);
        let members = members.filter(|member| member.head.source == source);
        members.map(|member| self.with_member(member)).max().unwrap_or(Repetition::Text)
    }

    /// The relation to a member of its source.
    pub(super) fn with_member(&self, member: WindowMember<'_>) -> Repetition {
        let signature = self.window.signature_of(member);
        let wording = member.wording(self.statistics);
        let hours = member.hours_from(self.arrival);
        compare_texts(self.fingerprint, (signature, wording.lists()), hours)
    }
}
