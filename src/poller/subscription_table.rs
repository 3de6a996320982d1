//! Subscriptions → each of them by its token and by its source: hubs name the token, and the schedule of each source
//! depends on its subscription.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{Secret, SourceId, Subscription, SubscriptionState};

/// The subscriptions of all sources, current and ending ones.
#[derive(Debug, Default)]
pub(super) struct SubscriptionTable {
    by_token: BTreeMap<Secret, Subscription>,
    tokens_of: BTreeMap<SourceId, BTreeSet<Secret>>,
    /// Whether a subscription changed since `take_changed`.
    has_changed: bool,
}

impl SubscriptionTable {
    /// Adds a subscription, or replaces the one with its token.
    pub(super) fn insert(&mut self, subscription: Subscription) {
        let (source, token) = (subscription.source.clone(), subscription.token.clone());
        self.remove(&token);
        self.tokens_of.entry(source).or_default().insert(token.clone());
        self.by_token.insert(token, subscription);
        self.has_changed = true;
    }

    /// Removes the subscription with this token.
    pub(super) fn remove(&mut self, token: &Secret) {
        let Some(removed) = self.by_token.remove(token) else { return };
        self.has_changed = true;
        if let Some(tokens) = self.tokens_of.get_mut(&removed.source) {
            tokens.remove(token);
            if tokens.is_empty() {
                self.tokens_of.remove(&removed.source);
            }
        }
    }

    /// The subscription with this token.
    pub(super) fn get(&self, token: &Secret) -> Option<&Subscription> {
        self.by_token.get(token)
    }

    /// The subscription of a source that is not being ended.
    pub(super) fn current(&self, source: &SourceId) -> Option<&Subscription> {
        let mut own = self.tokens_of.get(source)?.iter().filter_map(|token| self.get(token));
        own.find(|it| it.state != SubscriptionState::Leaving)
    }

    /// All tokens, sorted.
    pub(super) fn tokens(&self) -> Vec<Secret> {
        self.by_token.keys().cloned().collect()
    }

    /// Whether there is no subscription.
    pub(super) fn is_empty(&self) -> bool {
        self.by_token.is_empty()
    }

    /// Whether a subscription changed since the last call: a request to its hub may be due.
    pub(super) fn take_changed(&mut self) -> bool {
        std::mem::take(&mut self.has_changed)
    }
}

impl FromIterator<Subscription> for SubscriptionTable {
    fn from_iter<T: IntoIterator<Item = Subscription>>(subscriptions: T) -> Self {
        let mut table = Self::default();
        for subscription in subscriptions {
            table.insert(subscription);
        }
        table
    }
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::poller::new_subscription::new_subscription;

    fn subscription(source: &str, token: &str) -> Subscription {
        let (topic, hub) = ("https://a.example/".to_owned(), "https://hub.example/".to_owned());
        let base = "https://news.example/".to_owned();
        let source = SourceId::new(source).unwrap();
        let made = new_subscription(source, (topic, hub), base, Timestamp::UNIX_EPOCH).unwrap();
        Subscription { token: Secret::new(token), ..made }
    }

    fn leaving(source: &str, token: &str) -> Subscription {
        Subscription { state: SubscriptionState::Leaving, ..subscription(source, token) }
    }

    #[test]
    fn the_current_subscription_of_a_source_is_the_one_that_is_not_ended() {
        let mut table: SubscriptionTable =
            [leaving("a", "1"), subscription("a", "2"), subscription("b", "3")]
                .into_iter()
                .collect();
        let current = |table: &SubscriptionTable, source: &str| {
            let found = table.current(&SourceId::new(source).unwrap());
            found.map(|it| it.token.reveal().to_owned())
        };
        assert_eq!(current(&table, "a").as_deref(), Some("2"));
        assert_eq!(current(&table, "b").as_deref(), Some("3"));
        assert_eq!(current(&table, "c"), None);
        table.insert(leaving("a", "2"));
        assert_eq!(current(&table, "a"), None, "both are ended");
        table.insert(subscription("a", "0"));
        table.remove(&Secret::new("2"));
        assert_eq!(current(&table, "a").as_deref(), Some("0"));
        let tokens: Vec<String> = table.tokens().iter().map(|it| it.reveal().to_owned()).collect();
        assert_eq!(tokens, ["0", "1", "3"]);
        for token in tokens {
            table.remove(&Secret::new(token));
        }
        assert!(table.is_empty() && table.tokens_of.is_empty());
    }

    #[test]
    fn a_change_is_reported_once() {
        let mut table = SubscriptionTable::default();
        assert!(!table.take_changed());
        table.insert(subscription("a", "1"));
        assert!(table.take_changed() && !table.take_changed());
        table.remove(&Secret::new("2"));
        assert!(!table.take_changed(), "there was no such subscription");
        table.remove(&Secret::new("1"));
        assert!(table.take_changed());
    }
}
