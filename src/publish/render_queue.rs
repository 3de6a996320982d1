//! Outputs that are to be rendered → the next one: feeds before pages and lists, since programs come for feeds by
//! the clock, and those of all sources first.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::http::Resource;

/// One rendering of all stale outputs.
pub(super) struct RenderRound {
    /// What is still to be rendered.
    pub(super) queue: RenderQueue,
    /// When it began.
    pub(super) begun_at: Instant,
    /// The last change that every output of the round includes.
    pub(super) change: u64,
    /// The number of outputs that were rendered.
    pub(super) rendered: usize,
}

/// The outputs of one round of rendering that are still to be rendered.
#[derive(Debug, Default)]
pub(super) struct RenderQueue {
    /// Feeds sort before everything else, and the scope of all sources before all others.
    waiting: BTreeSet<Resource>,
}

impl RenderQueue {
    /// Adds outputs; those that wait already stay once.
    pub(super) fn add(&mut self, resources: impl IntoIterator<Item = Resource>) {
        self.waiting.extend(resources);
    }

    /// The output to render next; `None`: the round is over.
    pub(super) fn take_next(&mut self) -> Option<Resource> {
        self.waiting.pop_first()
    }

    /// An output was rendered out of turn.
    pub(super) fn remove(&mut self, resource: &Resource) {
        self.waiting.remove(resource);
    }

    /// Whether an output waits.
    pub(super) fn contains(&self, resource: &Resource) -> bool {
        self.waiting.contains(resource)
    }

    /// Whether nothing waits.
    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::OutputFormat;
    use crate::model::{Scope, SourceId};

    #[test]
    fn feeds_come_first_and_those_of_all_sources_before_others() {
        let page = |scope| Resource::Page { scope, before: None };
        let feed = |scope, format| Resource::Feed { scope, format };
        let source = || Scope::Source(SourceId::new("a").unwrap());
        let mut queue = RenderQueue::default();
        queue.add([
            Resource::Opml,
            page(source()),
            page(Scope::All),
            feed(source(), OutputFormat::Rss),
            feed(Scope::All, OutputFormat::Json),
            feed(Scope::All, OutputFormat::Rss),
            feed(Scope::Category("ا".to_owned()), OutputFormat::Atom),
            feed(Scope::All, OutputFormat::Rss),
        ]);
        queue.remove(&page(Scope::All));
        let order: Vec<Resource> = std::iter::from_fn(|| queue.take_next()).collect();
        let expected = [
            feed(Scope::All, OutputFormat::Rss),
            feed(Scope::All, OutputFormat::Json),
            feed(Scope::Category("ا".to_owned()), OutputFormat::Atom),
            feed(source(), OutputFormat::Rss),
            page(source()),
            Resource::Opml,
        ];
        assert_eq!(order, expected);
        assert!(queue.is_empty());
    }
}
