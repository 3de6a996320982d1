//! Redirects, day after day → which address is polled.

use super::*;
use crate::decide::redirect_adoption::{SeenAddress, StatedAddress, after_success};
use crate::model::FeedAddress;

const DAY: i64 = 24 * 3600;

/// The new response of a path.
type Page<'a> = (&'a str, Vec<u8>);
/// The day of a poll, what changes at the origin before it, and which paths it must request.
type Step<'a> = (i64, Vec<Page<'a>>, &'a [&'a str]);

fn to(status: &str, path: &str) -> Vec<u8> {
    bare(status, &[&format!("Location: {path}")])
}

fn whole(numbers: &[u32]) -> Vec<u8> {
    ok(&[], &feed(numbers))
}

async fn run(what: &str, world: &mut World, steps: Vec<Step<'_>>) {
    for (day, pages, expected) in steps {
        for (path, answer) in pages {
            world.send(path, answer);
        }
        world.now = at(day * DAY);
        let (requests, _) = world.poll().await;
        // Requests to the site of a lost feed are tested elsewhere.
        let paths = requests.iter().map(|request| request.path.clone()).filter(|path| path != "/");
        let paths: Vec<_> = paths.collect();
        assert_eq!(paths, expected, "{what}, day {day}");
    }
}

async fn check(what: &str, steps: Vec<Step<'_>>) {
    run(what, &mut World::new(), steps).await;
}

const BOTH: &[&str] = &["/feed", "/new"];

/// A source whose feed then moves permanently, and is polled at its new address on day 9.
async fn moved(status: &str, target: &str) -> World {
    let mut world = World::new();
    let steps = vec![
        (0, vec![("/feed", whole(&[1]))], &["/feed"] as &[_]),
        (1, vec![("/feed", to(status, target)), ("/new", whole(&[2, 1]))], BOTH),
        (4, vec![("/new", whole(&[3]))], BOTH),
        (7, vec![], BOTH),
        (8, vec![], BOTH),
        (9, vec![], &["/new"]),
    ];
    run("a move", &mut world, steps).await;
    world
}

#[tokio::test]
async fn a_lasting_redirect_is_adopted() {
    for status in ["301 Moved", "308 Moved"] {
        let world = moved(status, "/new").await;
        let adopted = world.state.address.adopted_redirect.unwrap();
        let urls = [adopted.from, adopted.to];
        assert_eq!(urls, ["/feed", "/new"].map(|path| world.origin.url(path).to_string()));
        assert_eq!((adopted.since, adopted.at), (at(DAY), at(8 * DAY)));
        assert_eq!(world.state.address.pending_redirect, None);
    }
    let days_apart = vec![
        (0, vec![("/feed", whole(&[1]))], &["/feed"] as &[_]),
        (1, vec![("/feed", to("301", "/new")), ("/new", whole(&[1]))], BOTH),
        (9, vec![], BOTH),
        (9, vec![], BOTH),
        (9, vec![], &["/new"]),
    ];
    check("seldom asked", days_apart).await;
    let always = vec![
        (0, vec![("/feed", to("301", "/new")), ("/new", whole(&[1]))], BOTH),
        (1, vec![("/new", whole(&[2, 1]))], BOTH),
        (8, vec![], BOTH),
        (9, vec![], &["/new"]),
    ];
    check("moved before it was added", always).await;
}

#[tokio::test]
async fn an_unproven_redirect_changes_nothing() {
    let days = [1, 2, 5, 9, 20];
    let page = ok(&[], b"<!doctype html><html><body>login</body></html>");
    for (what, status, target) in [
        ("another feed", "301 Moved", whole(&[7])),
        ("a portal", "301 Moved", page),
        ("no feed at all", "308 Moved", bare("404 Not Found", &[])),
        ("a redirect for now", "302 Found", whole(&[1])),
        ("another one for now", "307 Temporary Redirect", whole(&[1])),
    ] {
        let mut steps = vec![(0, vec![("/feed", whole(&[1]))], &["/feed"] as &[_])];
        for day in days {
            let pages = vec![("/feed", to(status, "/new")), ("/new", target.clone())];
            steps.push((day, pages, BOTH));
        }
        steps.push((21, vec![("/feed", whole(&[1, 2]))], &["/feed"]));
        check(what, steps).await;
    }
    let there = || vec![("/feed", to("301", "/new")), ("/new", whole(&[1]))];
    let broken = vec![
        (0, vec![("/feed", whole(&[1]))], &["/feed"] as &[_]),
        (1, there(), BOTH),
        (2, vec![], BOTH),
        (6, vec![("/feed", whole(&[1]))], &["/feed"]),
        (7, there(), BOTH),
        (9, vec![], BOTH),
        (13, vec![], BOTH),
        (14, vec![], BOTH),
        (15, vec![], &["/new"]),
    ];
    check("a week without a break is needed", broken).await;
}

#[tokio::test]
async fn an_address_without_a_feed_is_given_up() {
    let mut world = moved("301", "/new").await;
    let gone = bare("404 Not Found", &[]);
    let steps = vec![
        (10, vec![("/new", gone), ("/feed", whole(&[4, 1]))], &["/new"] as &[_]),
        (11, vec![], &["/new"]),
        (12, vec![], &["/new"]),
        (16, vec![], &["/new"]),
        (17, vec![], &["/feed"]),
    ];
    run("not found for a week", &mut world, steps).await;
    assert_eq!((world.state.last_poll.failures, world.state.address.adopted_redirect), (0, None));

    let mut world = moved("301", "/new").await;
    let steps = vec![
        (10, vec![("/new", bare("410 Gone", &[]))], &["/new"] as &[_]),
        (11, vec![("/feed", whole(&[1]))], &["/feed"]),
    ];
    run("gone", &mut world, steps).await;

    let mut world = moved("301", "/new").await;
    let steps = vec![
        (30, vec![("/new", bare("500 Oh", &[]))], &["/new"] as &[_]),
        (31, vec![("/new", whole(&[5]))], &["/new"]),
        (32, vec![], &["/new"]),
    ];
    run("one failure after a month of sleep", &mut world, steps).await;
}

#[tokio::test]
async fn a_redirect_may_continue_or_lead_back() {
    let mut world = moved("301", "/new").await;
    let there = || vec![("/new", to("301", "/newer")), ("/newer", whole(&[3, 2]))];
    let steps = vec![
        (10, there(), &["/new", "/newer"] as &[_]),
        (13, vec![], &["/new", "/newer"]),
        (17, vec![], &["/new", "/newer"]),
        (18, vec![], &["/newer"]),
    ];
    run("further", &mut world, steps).await;
    assert_eq!(
        world.state.address.adopted_redirect.unwrap().from,
        world.origin.url("/feed").to_string()
    );

    let mut world = moved("301", "/new").await;
    let steps = vec![
        (
            10,
            vec![("/new", to("301", "/feed")), ("/feed", whole(&[3]))],
            &["/new", "/feed"] as &[_],
        ),
        (13, vec![], &["/new", "/feed"]),
        (17, vec![], &["/new", "/feed"]),
        (18, vec![], &["/feed"]),
    ];
    run("home", &mut world, steps).await;
    assert_eq!(world.state.address.adopted_redirect, None);
}

#[tokio::test]
async fn the_operators_new_address_is_polled() {
    let mut world = moved("301", "/new").await;
    let location = Location::Web(world.origin.url("/third"));
    world.source = Arc::new(Source { location, ..Source::clone(&world.source) });
    let steps = vec![(10, vec![("/third", whole(&[9]))], &["/third"] as &[_])];
    run("a new url", &mut world, steps).await;
    assert_eq!(world.state.address.adopted_redirect, None);
}

#[tokio::test]
async fn secrets_are_not_sent_to_the_new_address() {
    let mut world = World::new();
    let target = world.origin.url_by_name("/new").to_string();
    let headers = vec![("X-Key".to_owned(), "secret".to_owned())];
    world.source = Arc::new(Source { headers, ..Source::clone(&world.source) });
    world.send("/feed", to("301", &target));
    world.send("/new", whole(&[1]));
    let mut keys = Vec::new();
    for day in [0, 1, 8, 9] {
        world.now = at(day * DAY);
        let (requests, _) = world.poll().await;
        let paths = requests
            .iter()
            .map(|request| (request.path.clone(), request.header("x-key").is_some()));
        keys.push(paths.collect::<Vec<_>>());
    }
    let followed = vec![("/feed".to_owned(), true), ("/new".to_owned(), false)];
    let direct = vec![("/new".to_owned(), false)];
    assert_eq!(keys, [followed.clone(), followed.clone(), followed, direct]);
}

/// A feed that says it moves to a path.
fn stating(world: &World, numbers: &[u32], path: &str) -> Vec<u8> {
    let text = String::from_utf8(feed(numbers)).unwrap();
    let moves = format!("<itunes:new-feed-url>{}</itunes:new-feed-url>", world.origin.url(path));
    ok(&[], text.replace("</title><item>", &format!("</title>{moves}<item>")).as_bytes())
}

#[tokio::test]
async fn a_move_that_the_document_states_for_a_week_is_tried_once_and_adopted() {
    let mut world = World::new();
    let (here, there) = (stating(&world, &[1], "/new"), stating(&world, &[2, 1], "/new"));
    let steps = vec![
        (0, vec![("/feed", whole(&[1]))], &["/feed"] as &[_]),
        (1, vec![("/feed", here), ("/new", there)], &["/feed"]),
        (4, vec![], &["/feed"]),
        (9, vec![], &["/feed"]),
        (10, vec![], &["/new"]),
        (11, vec![], &["/new"]),
    ];
    run("a stated move", &mut world, steps).await;
    let adopted = world.state.address.adopted_redirect.unwrap();
    assert_eq!(adopted.to, world.origin.url("/new").to_string());
    assert_eq!((adopted.since, adopted.at), (at(DAY), at(10 * DAY)));
    assert_eq!(world.state.address.pending_redirect, None);
}

#[tokio::test]
async fn a_stated_move_to_anything_else_is_not_adopted() {
    for (what, target) in [
        ("another feed", whole(&[7])),
        ("no feed", bare("404 Not Found", &[])),
        ("a page", ok(&[], b"<!doctype html><html><body>x</body></html>")),
    ] {
        let mut world = World::new();
        let here = stating(&world, &[1], "/new");
        let steps = vec![
            (0, vec![("/feed", here), ("/new", target)], &["/feed"] as &[_]),
            (4, vec![], &["/feed"]),
            (8, vec![], &["/feed"]),
            (9, vec![], &["/new"]),
            (12, vec![("/feed", whole(&[2, 1]))], &["/feed"]),
            (20, vec![], &["/feed"]),
        ];
        run(what, &mut world, steps).await;
        assert_eq!(world.state.address.adopted_redirect, None, "{what}");
        assert_eq!(world.state.address.pending_redirect, None, "{what}: it says so no longer");
        assert_eq!(world.state.document.entries_count, 2, "{what}: nothing of it is taken");
    }
}

#[test]
fn a_redirect_from_https_to_http_is_not_adopted() {
    let check = |from: &str, to: &str, expected: bool| {
        let source =
            Source { location: Location::Web(from.parse().unwrap()), ..(*source()).clone() };
        let redirect =
            FollowedRedirect { status: 301, from: from.parse().unwrap(), to: to.parse().unwrap() };
        let mut address = FeedAddress::default();
        for day in [0, 1, 9] {
            let redirects = std::slice::from_ref(&redirect);
            let seen = SeenAddress { redirects, stated: &StatedAddress::Nothing };
            address = after_success(address, &source, seen, Some(true), at(day * DAY));
        }
        assert_eq!(address.adopted_redirect.is_some(), expected, "{from} {to}");
        assert_eq!(address.pending_redirect.is_some(), !expected, "it is reported all the same");
    };
    check("http://a.example/", "https://b.example/", true);
    check("https://a.example/", "https://b.example/", true);
    check("http://a.example/", "http://b.example/", true);
    check("https://a.example/", "http://a.example/", false);
}
