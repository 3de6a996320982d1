//! Subscriptions are stored beside everything else, and a push forgets nothing.

use rafid::model::{Secret, Subscription, SubscriptionState};

use super::entries;
use super::make::{all_new, at, names_of, source, store};

fn subscription(name: &str, token: &str) -> Subscription {
    Subscription {
        source: source(name),
        topic: format!("https://{name}.example/feed"),
        hub: "https://hub.example/".to_owned(),
        base: "https://news.example/".to_owned(),
        token: Secret::new(token),
        secret: Secret::new("secret"),
        state: SubscriptionState::Wanted,
        pending_request: None,
        attempts: 0,
        next_at: at(1),
        last_error: None,
        made_at: at(1),
        pushed_at: None,
        is_trusted: false,
    }
}

#[test]
fn subscriptions_survive_until_they_are_deleted() {
    let folder = tempfile::tempdir().unwrap();
    let opened = store(folder.path());
    assert_eq!(opened.subscriptions().unwrap(), []);
    let (one, two) = (subscription("a", "1"), subscription("b", "2"));
    let old = subscription("a", "3");
    for it in [&two, &one, &old] {
        opened.save_subscription(it).unwrap();
    }
    let one = Subscription { state: SubscriptionState::Active { until: at(9) }, ..one };
    opened.save_subscription(&one).unwrap();
    drop(opened);
    let opened = store(folder.path());
    assert_eq!(opened.subscriptions().unwrap(), [one.clone(), two, old.clone()]);
    opened.delete_subscription(&Secret::new("2")).unwrap();
    opened.delete_subscription(&Secret::new("2")).unwrap();
    assert_eq!(opened.subscriptions().unwrap(), [one, old]);
}

#[test]
fn a_push_forgets_nothing_of_a_bulk_feed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    // The feed holds four thousand entries; a push brings the next one.
    let bulk = all_new(&a, 4_000, entries("a", 1..4_001));
    store.commit(&[bulk], 10).unwrap();
    let push = all_new(&a, 4_000, entries("a", 4_001..4_002));
    store.commit(&[push], 10).unwrap();
    let known = names_of(&store, &a);
    assert_eq!(known.len(), 4_001);
}
