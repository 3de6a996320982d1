//! Subscriptions stand in the store beside everything else, and a push forgets nothing.

use rafid::feed::model::{Secret, Standing, Subscription};

use super::entries;
use super::make::{all_new, at, source, store};

fn subscription(name: &str, token: &str) -> Subscription {
    Subscription {
        source: source(name),
        topic: format!("https://{name}.example/feed"),
        hub: "https://hub.example/".to_owned(),
        base: "https://news.example/".to_owned(),
        token: Secret::new(token),
        secret: Secret::new("secret"),
        standing: Standing::Wanted,
        asked: None,
        attempts: 0,
        next_at: at(1),
        trouble: None,
        made_at: at(1),
        pushed_at: None,
        is_trusted: false,
    }
}

#[test]
fn subscriptions_survive_until_they_are_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    let opened = store(folder.path());
    assert_eq!(opened.subscriptions().unwrap(), []);
    let (one, two) = (subscription("a", "1"), subscription("b", "2"));
    let old = subscription("a", "3");
    for it in [&two, &one, &old] {
        opened.keep_subscription(it).unwrap();
    }
    let one = Subscription { standing: Standing::Active { until: at(9) }, ..one };
    opened.keep_subscription(&one).unwrap();
    drop(opened);
    let opened = store(folder.path());
    assert_eq!(opened.subscriptions().unwrap(), [one.clone(), two, old.clone()]);
    opened.forget_subscription(&Secret::new("2")).unwrap();
    opened.forget_subscription(&Secret::new("2")).unwrap();
    assert_eq!(opened.subscriptions().unwrap(), [one, old]);
}

#[test]
fn a_push_forgets_nothing_of_a_bulk_feed() {
    let folder = tempfile::tempdir().unwrap();
    let store = store(folder.path());
    let a = source("a");
    // The feed holds four thousand entries; a push brings the one after them.
    let bulk = all_new(&a, 4_000, entries("a", 1..4_001));
    store.commit(&[bulk], 10).unwrap();
    let push = all_new(&a, 4_000, entries("a", 4_001..4_002));
    store.commit(&[push], 10).unwrap();
    let known = store.known(&a).unwrap().by_fingerprint;
    assert_eq!(known.len(), 4_001);
}
