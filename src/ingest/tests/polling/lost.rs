//! A feed that is gone, day after day → the requests to its site, and what is proposed.

use super::*;
use crate::model::Likeness;

const DAY: i64 = 24 * 3600;

/// Polls on a day; returns the requested paths.
async fn requested(world: &mut World, day: i64) -> Vec<String> {
    world.now = at(day * DAY);
    world.poll().await.0.iter().map(|request| request.path.clone()).collect()
}

fn page(links: &[&str]) -> Vec<u8> {
    let links = links.iter().fold(String::new(), |mut links, href| {
        write!(links, "<link rel=alternate type='application/rss+xml' href='{href}'>").unwrap();
        links
    });
    ok(&["Content-Type: text/html"], format!("<html><head>{links}</head></html>").as_bytes())
}

fn gone() -> Vec<u8> {
    bare("404 Not Found", &[])
}

/// A source that is read on day 0 and gone from day 1 on; its site names these feeds.
async fn lost(links: &[&str]) -> World {
    let mut world = World::new();
    world.send("/feed", ok(&[], &feed(&[1, 2, 3])));
    assert_eq!(requested(&mut world, 0).await, ["/feed"]);
    world.send("/feed", gone());
    world.send("/", page(links));
    assert_eq!(requested(&mut world, 1).await, ["/feed"]);
    assert_eq!(requested(&mut world, 3).await, ["/feed"], "not before it is gone for days");
    world
}

fn found(world: &World) -> Option<(String, Likeness)> {
    let found = world.state.address.lost.as_ref()?.rediscovered.as_ref()?;
    Some((found.url.clone(), found.likeness))
}

#[tokio::test]
async fn its_site_is_searched_once_a_week_and_feeds_are_only_proposed() {
    let mut world = lost(&["/feed", "/other", "/new", "/more", "/last"]).await;
    world.send("/new", ok(&[], &feed(&[4, 3, 2])));
    let other = String::from_utf8(feed(&[9])).unwrap().replace("وكالة", "أخرى");
    world.send("/other", ok(&[], other.as_bytes()));
    assert_eq!(requested(&mut world, 4).await, ["/feed", "/", "/other", "/new"]);
    let new = world.origin.url("/new").to_string();
    assert_eq!(found(&world), Some((new.clone(), Likeness::Entries(2))));
    for day in [5, 7, 10] {
        assert_eq!(requested(&mut world, day).await, ["/feed"], "day {day}: never asked by itself");
        assert_eq!(found(&world), Some((new.clone(), Likeness::Entries(2))));
    }
    assert_eq!(requested(&mut world, 11).await, ["/feed", "/", "/other", "/new"]);
    world.send("/feed", ok(&[], &feed(&[4, 3])));
    assert_eq!(requested(&mut world, 12).await, ["/feed"]);
    assert_eq!(world.state.address.lost, None, "it is back");
}

#[tokio::test]
async fn the_same_title_is_enough_and_nothing_in_common_is_not() {
    let mut world = lost(&["/titled"]).await;
    world.send("/titled", ok(&[], &feed(&[70])));
    assert_eq!(requested(&mut world, 4).await, ["/feed", "/", "/titled"]);
    assert_eq!(found(&world).unwrap().1, Likeness::Title);
    // Addresses of our own network are refused, like everywhere else.
    let mut world = lost(&["http://10.0.0.1/feed", "/titled"]).await;
    world.send("/titled", ok(&[], &feed(&[70])));
    assert_eq!(requested(&mut world, 4).await, ["/feed", "/", "/titled"]);
    assert_eq!(found(&world).unwrap().0, world.origin.url("/titled").to_string());
    let mut world = lost(&["/a", "/b", "/c", "/d"]).await;
    assert_eq!(requested(&mut world, 4).await, ["/feed", "/", "/a", "/b", "/c"], "three at most");
    let lost = world.state.address.lost.clone().unwrap();
    assert_eq!(
        (lost.since, lost.searched_at, lost.rediscovered),
        (at(DAY), Some(at(4 * DAY)), None)
    );
}

#[tokio::test]
async fn what_counts_as_gone() {
    // A web page in place of the feed.
    let mut world = lost(&["/new"]).await;
    world.send("/new", ok(&[], &feed(&[3])));
    world.send("/feed", page(&[]));
    assert_eq!(requested(&mut world, 5).await, ["/feed", "/", "/new"]);
    // 410 is enough at once.
    let mut world = World::new();
    world.send("/feed", bare("410 Gone", &[]));
    world.send("/", page(&["/new"]));
    world.send("/new", ok(&[], &feed(&[3])));
    assert_eq!(requested(&mut world, 0).await, ["/feed", "/", "/new"]);
    assert_eq!(found(&world).unwrap().1, Likeness::NamedOnly, "nothing was known of it");
    // Other failures do not count.
    let mut world = World::new();
    world.send("/feed", bare("500 Oops", &[]));
    for day in 0..9 {
        assert_eq!(requested(&mut world, day).await, ["/feed"]);
    }
    assert_eq!(world.state.address.lost, None);
}

#[tokio::test]
async fn a_site_that_the_feed_names_is_searched_only_on_its_own_host() {
    let named = |site: String| {
        let feed = String::from_utf8(feed(&[1])).unwrap();
        feed.replace("<channel>", &format!("<channel><link>{site}</link>")).into_bytes()
    };
    let mut world = World::new();
    let site = world.origin.url("/blog/").to_string();
    for (site, expected) in [
        (site.clone(), "/blog/"),
        // The same machine with another name is another host.
        (site.replace("127.0.0.1", "localhost"), "/"),
    ] {
        world.state = PollState::new([9; 16], at(0));
        world.send("/feed", ok(&[], &named(site)));
        requested(&mut world, 0).await;
        world.send("/feed", gone());
        requested(&mut world, 1).await;
        assert_eq!(requested(&mut world, 4).await, ["/feed", expected]);
    }
    let site = Some(world.origin.url("/by-operator"));
    world.source = Arc::new(Source { site, ..Source::clone(&world.source) });
    assert_eq!(requested(&mut world, 11).await, ["/feed", "/by-operator"]);
}
