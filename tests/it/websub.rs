//! Journeys of WebSub: the real binary, and a hub on loopback that the test plays.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::support::origin::ReceivedRequest;
use crate::support::program::{Home, Program, with_polling};
use crate::support::web::{self, Response, get};
use crate::support::{Origin, Page, feeds};

const OLD: (&str, &str, &str, u8) = ("a1", "افتتاح مكتبة في حي الزيتون", "نص أول", 20);
const PUSHED: (&str, &str, &str, u8) = ("a2", "عاجل: وصول القافلة", "نص ثانٍ", 21);
const FORGED: (&str, &str, &str, u8) = ("a3", "خبر مدسوس", "نص ثالث", 22);
const WEBSUB: &str = "[websub]\nenabled = true\ncallback = \"https://hooks.example/below\"\n\n";

/// What the hub knows about a request to it.
struct Subscription {
    mode: String,
    topic: String,
    /// The path of the callback as the daemon sees it: a proxy serves the paths below the address.
    path: String,
    secret: Option<String>,
}

impl Subscription {
    /// The next request to the hub.
    fn next(origin: &Origin) -> Self {
        let subscription =
            origin.wait_for(|subscription: &ReceivedRequest| subscription.path == "/hub");
        assert_eq!((subscription.method.as_str(), subscription.status), ("POST", 202));
        assert_eq!(subscription.headers["content-type"], "application/x-www-form-urlencoded");
        let mut form: BTreeMap<String, String> =
            form_urlencoded::parse(subscription.body.as_bytes()).into_owned().collect();
        let callback = Url::parse(&form["hub.callback"]).unwrap();
        assert_eq!(callback.host_str(), Some("hooks.example"));
        let path = callback.path().strip_prefix("/below").unwrap().to_owned();
        assert!(path.len() >= "/websub/".len() + 32, "128 bits: {path}");
        let mut take = |name: &str| form.remove(name);
        Self {
            mode: take("hub.mode").unwrap(),
            topic: take("hub.topic").unwrap(),
            path,
            secret: take("hub.secret"),
        }
    }

    /// Sends the hub's verification to the callback.
    fn send_verification(&self, program: &Program, mode: &str, topic: &str) -> Response {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("hub.mode", mode).append_pair("hub.topic", topic);
        query.append_pair("hub.challenge", "ch-1").append_pair("hub.lease_seconds", "3600");
        get(program.address, &format!("{}?{}", self.path, query.finish()))
    }

    /// Verifies with the callback that the request was intended.
    fn verify(&self, program: &Program) {
        let answer = self.send_verification(program, &self.mode, &self.topic);
        assert_eq!((answer.status, answer.text().as_str()), (200, "ch-1"));
    }

    /// Pushes `body`, signed with `secret`.
    fn push(&self, program: &Program, body: &str, secret: &str) -> Response {
        let signature = signature(body, secret);
        let headers = [("content-type", "text/xml"), ("x-hub-signature", signature.as_str())];
        web::post(program.address, &self.path, &headers, body)
    }

    fn secret(&self) -> &str {
        self.secret.as_deref().unwrap()
    }
}

fn signature(body: &str, secret: &str) -> String {
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
    let mut text = "sha256=".to_owned();
    for byte in ring::hmac::sign(&key, body.as_bytes()).as_ref() {
        let _ = write!(text, "{byte:02x}");
    }
    text
}

/// A feed at `/rss` that names the hub `/hub` in its headers.
fn origin() -> Origin {
    let origin = Origin::start();
    let links = format!("<{}>; rel=\"hub\", </topic>; rel=\"self\"", origin.url("/hub"));
    origin.put("/rss", Page::xml(feeds::rss("وكالة", &[OLD])).header("link", &links));
    origin.put("/hub", Page::status(202));
    origin
}

fn source(origin: &Origin) -> String {
    format!("[[source]]\nid = \"a\"\nurl = \"{}\"\n", origin.url("/rss"))
}

fn titles(program: &Program) -> Vec<String> {
    let feed = get(program.address, "/feed.json").json();
    let items = feed["items"].as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

/// The titles once the outputs have this many.
fn titles_when(program: &Program, count: usize) -> Vec<String> {
    loop {
        let titles = titles(program);
        if titles.len() == count {
            return titles;
        }
        program.rendered();
    }
}

fn push_status(program: &Program) -> Value {
    get(program.address, "/status.json").json()["sources"][0]["push"].clone()
}

/// The status of the subscription is shown, its callback's address and its secret are not.
fn assert_secrets_stay_secret(
    home: &Home,
    program: &Program,
    origin: &Origin,
    subscription: &Subscription,
) {
    let status = push_status(program);
    assert_eq!((&status["state"], &status["hub"]), (&"active".into(), &origin.url("/hub").into()));
    assert!(!status["last_push"].is_null() && !status["lease_until"].is_null(), "{status}");
    let table = String::from_utf8(home.command(&["status"]).stdout).unwrap();
    assert!(table.contains("PUSH") && table.contains("active"), "{table}");
    let token = subscription.path.rsplit('/').next().unwrap();
    for text in [get(program.address, "/status").text(), status.to_string(), table] {
        assert!(
            !text.contains(token) && !text.contains(subscription.secret()),
            "a secret is shown"
        );
    }
}

#[test]
fn a_hub_is_subscribed_pushes_are_published_and_the_end_is_sent() {
    let origin = origin();
    let home = Home::new(&origin, &format!("{WEBSUB}{}", source(&origin)));
    let program = home.run();
    program.polled("a");
    let subscription = Subscription::next(&origin);
    assert_eq!(
        (subscription.mode.as_str(), subscription.topic.clone()),
        ("subscribe", origin.url("/topic"))
    );

    let push = feeds::rss("وكالة", &[PUSHED]);
    assert_eq!(
        subscription.push(&program, &push, subscription.secret()).status,
        410,
        "not verified yet"
    );
    assert_eq!(
        subscription.send_verification(&program, "subscribe", "https://other.example/").status,
        404
    );
    assert_eq!(
        subscription.send_verification(&program, "unsubscribe", &subscription.topic).status,
        404
    );
    subscription.verify(&program);
    program.wait_for("subscribed", |line| line["source"] == "a");

    let forged = feeds::rss("وكالة", &[FORGED]);
    assert_eq!(subscription.push(&program, &forged, "not the secret").status, 202);
    program.wait_for("a push without a good signature was dropped", |_| true);
    let unsigned =
        web::post(program.address, &subscription.path, &[("content-type", "text/xml")], &forged);
    assert_eq!(unsigned.status, 202);
    program.wait_for("a push without a good signature was dropped", |_| true);
    assert_eq!(subscription.push(&program, &push, subscription.secret()).status, 202);
    let pushed = program.wait_for("pushed", |line| line["source"] == "a");
    assert_eq!(pushed["new"], 1);
    assert_eq!(titles_when(&program, 2), [PUSHED.1, OLD.1], "beside what was there");

    assert_secrets_stay_secret(&home, &program, &origin, &subscription);
    assert!(program.stop().success());

    let program = home.run();
    let third = feeds::rss("وكالة", &[("a4", "بعد البدء من جديد", "نص", 23)]);
    assert_eq!(
        subscription.push(&program, &third, subscription.secret()).status,
        202,
        "it was remembered"
    );
    program.wait_for("pushed", |line| line["new"] == 1);
    home.write(&with_polling(&origin, WEBSUB));
    program.signal("HUP");
    let left = Subscription::next(&origin);
    assert_eq!((left.mode.as_str(), &left.path), ("unsubscribe", &subscription.path));
    assert_eq!(left.secret, None);
    assert_eq!(left.send_verification(&program, "subscribe", &left.topic).status, 404);
    left.verify(&program);
    program.wait_for("unsubscribed", |_| true);
    assert_eq!(subscription.push(&program, &push, subscription.secret()).status, 410);
    assert!(program.stop().success());
}

#[test]
fn polling_relaxes_while_pushes_arrive_and_tightens_when_they_do_not() {
    let origin = origin();
    let often = format!("every = 1\nat_least = 1\n\n{WEBSUB}{}", source(&origin));
    let home = Home::new(&origin, &often);
    let program = home.run();
    let subscription = Subscription::next(&origin);
    subscription.verify(&program);
    let both = feeds::rss("وكالة", &[PUSHED, OLD]);
    assert_eq!(subscription.push(&program, &both, subscription.secret()).status, 202);
    program.wait_for("pushed", |line| line["new"] == 1);
    program.wait_for("polled", |line| line["reason"] == "push");
    assert_eq!(push_status(&program)["relaxes_polling"], true);

    // A push that cannot be read triggers a poll of the source.
    assert_eq!(subscription.push(&program, "", subscription.secret()).status, 202);
    program.wait_for("a push cannot be read; the source is polled", |_| true);
    program.wait_for("polled", |line| line["reason"] == "push");

    origin.put("/rss", Page::xml(feeds::rss("وكالة", &[("a5", "لم يُدفع", "نص", 23)])));
    assert_eq!(subscription.push(&program, "ping", subscription.secret()).status, 202);
    program.wait_for("a poll found entries that no hub had pushed", |_| true);
    program.polled("a");
    assert_eq!(push_status(&program)["relaxes_polling"], false);
    assert_eq!(push_status(&program)["state"], "active");

    assert_eq!(subscription.push(&program, &both, subscription.secret()).status, 202);
    program.wait_for("pushed", |_| true);
    assert_eq!(push_status(&program)["relaxes_polling"], true);
    assert_eq!(subscription.send_verification(&program, "denied", &subscription.topic).status, 200);
    program.wait_for("the hub denied the subscription", |_| true);
    let status = push_status(&program);
    assert_eq!((&status["state"], &status["relaxes_polling"]), (&"denied".into(), &false.into()));
    assert!(program.stop().success());
}

#[test]
fn nothing_is_subscribed_and_no_one_may_push_unless_it_is_switched_on() {
    let origin = origin();
    let off = "[site]\naddress = \"https://hooks.example/\"\n\n";
    let home = Home::new(&origin, &format!("{off}{}", source(&origin)));
    let program = home.run();
    program.polled("a");
    assert_eq!(get(program.address, "/websub/0123").status, 404);
    assert_eq!(web::post(program.address, "/websub/0123", &[], "x").status, 405);

    let apart = format!("{WEBSUB}{}push = false\n", source(&origin));
    home.write(&with_polling(&origin, &apart));
    program.signal("HUP");
    program.wait_for("the configuration was read again", |_| true);
    assert_eq!(web::post(program.address, "/websub/0123", &[], "x").status, 410);
    assert!(push_status(&program).is_null());
    assert_eq!(origin.count("/hub", 202), 0);
    assert!(program.stop().success());
}

#[test]
fn the_next_hub_is_tried_when_the_first_refuses() {
    let origin = origin();
    let (bad, good) = (origin.url("/bad"), origin.url("/hub"));
    let links = format!("<{bad}>; rel=\"hub\", <{good}>; rel=\"hub\", </topic>; rel=\"self\"");
    let page = Page::xml(feeds::rss("وكالة", &[OLD])).header("link", &links);
    // From the second poll on, the only response is "not modified".
    origin.put("/rss", page.etag("\"1\""));
    origin.put("/bad", Page::status(404));
    let often = format!("every = 1\nat_least = 1\n\n{WEBSUB}{}", source(&origin));
    let home = Home::new(&origin, &often);
    let program = home.run();
    origin.wait_for(|subscription| subscription.path == "/bad");
    let subscription = Subscription::next(&origin);
    subscription.verify(&program);
    program.wait_for("subscribed", |line| line["hub"] == good.as_str());
    assert_eq!(push_status(&program)["state"], "active");
    assert_eq!(origin.count("/bad", 404), 1);
    assert!(program.stop().success());
}

#[test]
fn a_source_that_answers_not_modified_is_subscribed_too() {
    let origin = origin();
    let links = format!("<{}>; rel=\"hub\", </topic>; rel=\"self\"", origin.url("/hub"));
    let page = Page::xml(feeds::rss("وكالة", &[OLD])).header("link", &links);
    origin.put("/rss", page.etag("\"1\""));
    let home = Home::new(&origin, &source(&origin));
    let program = home.run();
    program.polled("a");
    assert!(program.stop().success());
    assert_eq!(origin.count("/hub", 202), 0);
    let often = format!("every = 1\nat_least = 1\n\n{WEBSUB}{}", source(&origin));
    home.write(&with_polling(&origin, &often));
    let polled = home.command(&["poll", "--all"]);
    assert!(polled.status.success(), "{polled:?}");
    let program = home.run();
    Subscription::next(&origin).verify(&program);
    program.wait_for("subscribed", |_| true);
    assert_eq!(origin.count("/rss", 200), 1, "it was read once");
    assert!(program.stop().success());
}

#[test]
fn switching_it_off_ends_the_subscriptions_at_the_hubs() {
    let origin = origin();
    let home = Home::new(&origin, &format!("{WEBSUB}{}", source(&origin)));
    let program = home.run();
    let subscription = Subscription::next(&origin);
    subscription.verify(&program);
    program.wait_for("subscribed", |_| true);
    home.write(&with_polling(&origin, &source(&origin)));
    program.signal("HUP");
    let left = Subscription::next(&origin);
    assert_eq!((left.mode.as_str(), &left.path), ("unsubscribe", &subscription.path));
    let push = feeds::rss("وكالة", &[PUSHED]);
    assert_eq!(
        subscription.push(&program, &push, subscription.secret()).status,
        410,
        "no push is accepted"
    );
    left.verify(&program);
    program.wait_for("unsubscribed", |_| true);
    assert_eq!(
        subscription.push(&program, &push, subscription.secret()).status,
        405,
        "the callback is closed"
    );
    assert!(program.stop().success());
}

#[test]
fn a_hub_sends_again_what_it_sent_while_polls_pause() {
    let origin = origin();
    let home = Home::new(&origin, &format!("{WEBSUB}{}", source(&origin)));
    let program = home.run();
    program.polled("a");
    let subscription = Subscription::next(&origin);
    // Nothing can be stored in a folder that is gone.
    let (data, away) = (home.folder.path().join("data"), home.folder.path().join("away"));
    std::fs::rename(&data, &away).unwrap();
    program.wait_for("the store is not where it was", |_| true);
    let push = feeds::rss("وكالة", &[PUSHED]);
    let (mode, topic) = (&subscription.mode, &subscription.topic);
    assert_eq!(subscription.send_verification(&program, mode, topic).status, 503);
    let refused = subscription.push(&program, &push, subscription.secret());
    assert_eq!(refused.status, 503, "not 410, which would end a subscription");
    assert_ne!(refused.header("retry-after"), "");
    std::fs::rename(&away, &data).unwrap();
    program.wait_for("the store is where it was again", |_| true);
    subscription.verify(&program);
    assert_eq!(subscription.push(&program, &push, subscription.secret()).status, 202);
    program.wait_for("pushed", |line| line["new"] == 1);
    assert_eq!(titles_when(&program, 2), [PUSHED.1, OLD.1]);
    assert!(program.stop().success());
}
