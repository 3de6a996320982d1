//! `rafid status`: each source's health, from the running daemon or the store; the first line says from
//! which of them, and since when it runs or rests.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::args::Common;
use super::findings;
use super::{Failed, ask, isolated, load, print, tell};
use crate::config::Config;
use crate::daemon::store::at_rest_since;
use crate::feed::model::ClockOffset;
use crate::feed::render::status;

/// Asks whoever holds the store, and prints what it says.
pub(super) fn run(common: &Common, json: bool) -> Result<(), Failed> {
    let understood = load::understood(common)?;
    let (text, answered_by) = if let Some(base) = ask::daemon_of(&understood)? {
        understood.warn();
        let text = String::from_utf8_lossy(&ask::get(&base, "status.json")?).into_owned();
        let since = ask::report(text.as_bytes())?["started_at"].clone();
        (text, json!({ "kind": "daemon", "address": base.as_str(), "since": since }))
    } else {
        at_rest(&understood.whole()?)?
    };
    if json {
        return print(&format!("{}\n", with_first(&text, "answered_by", &answered_by)));
    }
    let report = ask::report(text.as_bytes())?;
    let now = Timestamp::now();
    print(&format!("{}\n\n", first_line(&answered_by, now)))?;
    if let Some(error) = report["config_error"].as_str() {
        tell(&format!("the daemon refused the newest configuration:\n{error}\n"));
    }
    tell_of_store(&report["store"], now);
    let clock = &report["system_clock"];
    if clock.is_object() {
        tell(&format!("{}\n", system_clock(clock, now)));
    }
    let search = &report["search"];
    if let Some(error) = search["error"].as_str() {
        tell(&format!("searching fails, first seen {}: {error}\n", moment(&search["since"], now)));
    }
    print(&for_people(&report, now))
}

/// The report of a store that no daemon has, and what it is from.
fn at_rest(config: &Config) -> Result<(String, Value), Failed> {
    let folder = &config.store.path;
    let since = at_rest_since(folder);
    let press = load::press(config)?;
    let report = press.report().map_err(|error| Failed::working(format!("error: {error}")))?;
    let folder = folder.display().to_string();
    Ok((status::json(&report), json!({ "kind": "store", "folder": folder, "since": since })))
}

/// An object with a key before all others; what is no object stays as it is.
fn with_first(object: &str, key: &str, value: &Value) -> String {
    match object.trim_start().strip_prefix('{') {
        Some(rest) => format!("{{\n  \"{key}\": {value},{rest}"),
        None => object.to_owned(),
    }
}

/// Whom the report is from, and since when it runs or rests.
fn first_line(answered_by: &Value, now: Timestamp) -> String {
    let at = &answered_by["since"];
    let since = at.as_str().and_then(|at| at.parse::<Timestamp>().ok()).map(|since| {
        format!(" since {} ({})", since.strftime("%Y-%m-%d %H:%M:%S UTC"), moment(at, now))
    });
    let since = since.unwrap_or_default();
    if let Some(address) = answered_by["address"].as_str() {
        return format!("a running daemon at {address}{since}");
    }
    let folder = word(&answered_by["folder"]);
    format!("no daemon runs; the store in {folder} is at rest{since}")
}

/// What is wrong with the store, on standard error.
fn tell_of_store(store: &Value, now: Timestamp) {
    if let Some(error) = store["error"].as_str() {
        tell(&format!("{error}\n"));
    }
    for aside in store["set_aside"].as_array().into_iter().flatten() {
        let (name, at) = (word(&aside["name"]), moment(&aside["at"], now));
        tell(&format!(
            "the database was broken and set aside ({at}) as {name} in the store's folder; a new one was \
             begun\n  move or delete that folder to end this message\n"
        ));
    }
}

/// Why the clock is doubted, and what that means.
fn system_clock(clock: &Value, now: Timestamp) -> String {
    let ahead = clock["ahead_seconds"].as_i64().unwrap_or_default();
    let hours = ahead.unsigned_abs().div_ceil(3600);
    let by = if hours < 48 { format!("{hours} h") } else { format!("{} d", hours / 24) };
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let what = match word(&clock["contradicted_by"]) {
        "hosts" => "the clocks of several hosts",
        "jump" => "the time that has passed since it was last confirmed",
        _ => "the newest commit in the store",
    };
    let since = moment(&clock["since"], now);
    format!(
        "the system clock may be wrong: it is {by} {side} {what} (first seen {since}); nothing is \
         pruned until it is confirmed"
    )
}

/// The report as a table, those in trouble first, and what ails them below.
fn for_people(report: &Value, now: Timestamp) -> String {
    let empty = Vec::new();
    let mut sources: Vec<&Value> = report["sources"].as_array().unwrap_or(&empty).iter().collect();
    sources.sort_by_key(|source| {
        let is_well = ["hijacked", "silent", "frozen_dates"].map(|key| source[key].is_null());
        (source["failures"].as_u64() == Some(0), is_well)
    });
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header([
        "SOURCE",
        "STATE",
        "LAST SUCCESS",
        "NEXT POLL",
        "WHY THEN",
        "PUSH",
        "ENTRIES",
        "NAME",
    ]);
    for source in &sources {
        table.add_row(row(source, now));
    }
    let mut text = format!("{table}\n");
    push_ailments(&mut text, &sources, now);
    text
}

/// What ails the sources, one kind after the other.
fn push_ailments(text: &mut String, sources: &[&Value], now: Timestamp) {
    // Writing into a String cannot fail.
    for source in sources.iter().filter(|source| !source["last_error"].is_null()) {
        let error = &source["last_error"];
        let _ = write!(
            text,
            "\n{}: {}, the last {}\n  {}: {}\n  {}\n",
            word(&source["id"]),
            in_a_row(source["failures"].as_u64().unwrap_or_default()),
            moment(&error["at"], now),
            word(&error["stage"]),
            word(&error["message"]),
            word(&source["url"]),
        );
    }
    for source in sources.iter().filter(|source| source["clock"].is_object()) {
        let _ = write!(text, "\n{}: {}\n", word(&source["id"]), clock(&source["clock"]));
    }
    for source in sources.iter().filter(|source| !source["push"]["trouble"].is_null()) {
        let push = &source["push"];
        let _ = write!(
            text,
            "\n{}: not pushed ({}) by {}\n  {}\n",
            word(&source["id"]),
            word(&push["state"]),
            word(&push["hub"]),
            word(&push["trouble"]),
        );
    }
    for source in sources.iter().filter(|source| source["full_text"].is_object()) {
        let _ = write!(text, "\n{}: {}\n", word(&source["id"]), pages(&source["full_text"], now));
    }
    for source in sources {
        for line in life(source, now) {
            let _ = write!(text, "\n{}: {line}\n", word(&source["id"]));
        }
    }
    for source in sources.iter().filter(|source| source["reason"] == "gone") {
        let _ = write!(
            text,
            "\n{}: gone for good (410), asked only once a month; remove it from the configuration \
             or give its new url\n",
            word(&source["id"]),
        );
    }
    for source in sources.iter().filter(|source| !source["moved"].is_null()) {
        let moved = &source["moved"];
        let asked = match moved["adopted_at"].as_str() {
            Some(_) => format!(" and is asked there (since {})", moment(&moved["adopted_at"], now)),
            None => String::new(),
        };
        let _ = write!(
            text,
            "\n{}: moved permanently to {}{asked}; change its url in the configuration\n",
            word(&source["id"]),
            word(&moved["to"]),
        );
    }
}

/// What became of the pages of a source's entries, and what last went wrong with one.
fn pages(full_text: &Value, now: Timestamp) -> String {
    let kinds = [
        ("taken", "taken"),
        ("shorter", "shorter than the feed"),
        ("other", "of another text"),
        ("refused", "refused by robots.txt"),
        ("failed", "failed"),
        ("waiting", "waiting"),
    ];
    let told = kinds.iter().filter_map(|(key, what)| {
        let count = full_text[key].as_u64().filter(|count| *count > 0)?;
        Some(format!("{count} {what}"))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    let told = if told.is_empty() { "none yet".to_owned() } else { told };
    let error = &full_text["last_error"];
    let last = match error["message"].as_str() {
        Some(message) => {
            let (url, at) = (word(&error["url"]), moment(&error["at"], now));
            format!("\n  {message} ({at})\n  {url}")
        }
        None => String::new(),
    };
    format!("pages of entries: {told}{last}")
}

/// What a source's life shows beside its failures.
fn life(source: &Value, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    let silent = &source["silent"];
    let since = moment(&silent["since"], now);
    match silent["patience_seconds"].as_u64() {
        _ if silent.is_null() => {}
        Some(seconds) => lines.push(format!(
            "answers well, but the last news came {since}; it is seldom silent for more than {} d",
            seconds.div_ceil(24 * 3600),
        )),
        None => lines.push(format!("answers well, but its feed is empty; first seen {since}")),
    }
    if let Some(first) = source["same_as"].as_str() {
        lines.push(format!("the same feed as {first}; one of them is enough"));
    }
    let lost = &source["lost"];
    if !lost.is_null() {
        lines.push(sought(lost, now));
    }
    lines.extend(findings::lines(source, now));
    lines
}

/// What was found of a feed that is gone from its address.
fn sought(lost: &Value, now: Timestamp) -> String {
    let gone = format!("gone from its address, first seen {}", moment(&lost["since"], now));
    let found = &lost["found"];
    let url = word(&found["url"]);
    let why = match found["likeness"].as_str() {
        Some("entries") => format!("it holds {} of its known entries", found["shared_entries"]),
        Some("title") => "it has the same title".to_owned(),
        Some(_) => "its site names it".to_owned(),
        None => {
            let at = moment(&lost["searched_at"], now);
            let is_sought = lost["searched_at"].is_string();
            let outcome = format!("; its site names no such feed (asked {at})");
            return if is_sought { gone + &outcome } else { gone };
        }
    };
    format!("{gone}; found at {url} ({why}): to take it, write\n  url = \"{url}\"")
}

fn in_a_row(failures: u64) -> String {
    if failures == 1 { "1 failure".to_owned() } else { format!("{failures} failures in a row") }
}

/// What is wrong with a publisher's clock, and what can be done about it.
fn clock(clock: &Value) -> String {
    let (offset, setting) = (word(&clock["offset"]), word(&clock["setting"]));
    let minutes = clock["offset_minutes"].as_i64().and_then(|minutes| i32::try_from(minutes).ok());
    let advice = minutes.and_then(ClockOffset::from_minutes).map_or_else(String::new, |offset| {
        format!("say clock = \"{}\" in the configuration if it is", offset.as_setting())
    });
    match (clock["corrected"] == true, setting) {
        (true, _) => format!(
            "its clock is {offset}, dates are moved; say clock = \"trust\" in the configuration \
             if it is right"
        ),
        (false, "auto") => format!("its clock seems to be {offset}, dates are not moved; {advice}"),
        (false, _) => {
            let is = if clock["verdict"] == "off" { "is" } else { "seems to be" };
            format!("its clock {is} {offset} under clock = \"{setting}\"")
        }
    }
}

fn row(source: &Value, now: Timestamp) -> [String; 8] {
    let failures = source["failures"].as_u64().unwrap_or(0);
    let state = match (failures, source["last_success"].is_null()) {
        (0, true) => "waiting".to_owned(),
        (0, false) if !source["hijacked"].is_null() => "hijacked".to_owned(),
        (0, false) if !source["silent"].is_null() => "silent".to_owned(),
        (0, false) => "ok".to_owned(),
        (count, _) => format!("failing ({count})"),
    };
    [
        word(&source["id"]).to_owned(),
        state,
        moment(&source["last_success"], now),
        moment(&source["next_poll"], now),
        word(&source["reason"]).to_owned(),
        word(&source["push"]["state"]).to_owned(),
        source["entries"].to_string(),
        isolated(word(&source["name"])),
    ]
}

/// The text of a value; `-` where it is none.
pub(super) fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// `3 min ago`, `in 2 h`, `-`.
pub(super) fn moment(value: &Value, now: Timestamp) -> String {
    let Some(at) = value.as_str().and_then(|at| at.parse::<Timestamp>().ok()) else {
        return "-".to_owned();
    };
    let seconds = at.as_second() - now.as_second();
    let (count, unit) = match seconds.unsigned_abs() {
        s @ 0..60 => (s, "s"),
        s @ 60..7_200 => (s / 60, "min"),
        s @ 7_200..172_800 => (s / 3_600, "h"),
        s => (s / 86_400, "d"),
    };
    if seconds > 0 { format!("in {count} {unit}") } else { format!("{count} {unit} ago") }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn moments_are_told_from_now() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |seconds: i64, expected: &str| {
            let at = Timestamp::from_second(1_000_000 + seconds).unwrap().to_string();
            assert_eq!(moment(&json!(at), now), expected);
        };
        check(0, "0 s ago");
        check(-90, "1 min ago");
        check(3 * 3600, "in 3 h");
        check(3 * 86_400, "in 3 d");
        assert_eq!(moment(&Value::Null, now), "-");
    }

    #[test]
    fn the_first_line_says_who_answers() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = "1970-01-12T13:45:40Z";
        let address = "http://127.0.0.1:8080/";
        let daemon = json!({"kind": "daemon", "address": address, "since": at});
        assert_eq!(
            first_line(&daemon, now),
            "a running daemon at http://127.0.0.1:8080/ since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        let store = |since: Value| json!({"kind": "store", "folder": "/d", "since": since});
        assert_eq!(
            first_line(&store(json!(at)), now),
            "no daemon runs; the store in /d is at rest since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        let unknown = first_line(&store(Value::Null), now);
        assert_eq!(unknown, "no daemon runs; the store in /d is at rest");
        let report = with_first("{\n  \"a\": 1\n}", "answered_by", &store(Value::Null));
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!((&report["a"], &report["answered_by"]["folder"]), (&json!(1), &json!("/d")));
    }

    #[test]
    fn those_in_trouble_come_first_with_what_ails_them() {
        let source = |id: &str, failures: u32, error: Value| {
            json!({
                "id": id, "name": "اسم", "url": "https://a.example/", "failures": failures,
                "last_success": null, "next_poll": null, "reason": "new", "entries": 3,
                "last_error": error, "moved": null, "push": {
                    "state": "denied", "hub": "https://hub.example/", "trouble": "no more",
                },
            })
        };
        let error = json!({"stage": "fetch", "message": "no answer", "at": "1970-01-12T13:46:40Z"});
        let report = json!({"sources": [source("good", 0, Value::Null), source("bad", 2, error)]});
        let text = for_people(&report, Timestamp::from_second(1_000_000).unwrap());
        assert!(text.find("bad").unwrap() < text.find("good").unwrap(), "{text}");
        assert!(text.contains("bad: not pushed (denied) by https://hub.example/\n  no more\n"));
        assert!(text.contains("bad: 2 failures in a row, the last 0 s ago\n  fetch: no answer"));
    }

    #[test]
    fn odd_lives_are_told() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = "1970-01-09T13:46:40Z";
        let check = |key: &str, value: Value, expected: &[&str]| {
            assert_eq!(life(&json!({ key: value }), now), expected);
        };
        check("silent", Value::Null, &[]);
        let quiet = json!({"kind": "quiet", "since": at, "patience_seconds": 86_401});
        let line =
            "answers well, but the last news came 3 d ago; it is seldom silent for more than 2 d";
        check("silent", quiet, &[line]);
        let empty = json!({"kind": "empty", "since": at, "patience_seconds": null});
        check("silent", empty, &["answers well, but its feed is empty; first seen 3 d ago"]);
        check("same_as", json!("a"), &["the same feed as a; one of them is enough"]);
        let lost = |found: Value| json!({"since": at, "searched_at": at, "found": found});
        let gone = "gone from its address, first seen 3 d ago; its site names no such feed \
                    (asked 3 d ago)";
        check("lost", lost(Value::Null), &[gone]);
        let url = "https://a.example/feed";
        let found = json!({"url": url, "likeness": "entries", "shared_entries": 5});
        let proposed = "gone from its address, first seen 3 d ago; found at \
                        https://a.example/feed (it holds 5 of its known entries): to take it, \
                        write\n  url = \"https://a.example/feed\"";
        check("lost", lost(found), &[proposed]);
    }

    #[test]
    fn pages_are_told_with_what_last_went_wrong() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |full_text: Value, expected: &str| assert_eq!(pages(&full_text, now), expected);
        check(json!({"taken": 0, "last_error": null}), "pages of entries: none yet");
        let error = json!({
            "url": "https://a.example/1", "message": "robots.txt forbids it",
            "at": "1970-01-12T13:45:40Z",
        });
        check(
            json!({"taken": 3, "refused": 1, "waiting": 0, "last_error": error}),
            "pages of entries: 3 taken, 1 refused by robots.txt\n  robots.txt forbids it (1 min ago)\n  \
             https://a.example/1",
        );
    }

    #[test]
    fn clocks_that_are_off_are_told_with_advice() {
        let check = |verdict: &str, corrected: bool, setting: &str, expected: &str| {
            let told = clock(&json!({
                "verdict": verdict, "offset_minutes": -180, "offset": "3 hours behind",
                "since": null, "corrected": corrected, "setting": setting,
            }));
            assert_eq!(told, expected);
        };
        let moved = "its clock is 3 hours behind, dates are moved; say clock = \"trust\" in the \
                     configuration if it is right";
        check("off", true, "auto", moved);
        let seems = "its clock seems to be 3 hours behind, dates are not moved; say clock = \
                     \"-03:00\" in the configuration if it is";
        check("suspected", false, "auto", seems);
        check("off", false, "trust", "its clock is 3 hours behind under clock = \"trust\"");
        let under = "its clock seems to be 3 hours behind under clock = \"wall\"";
        check("suspected", false, "wall", under);
    }

    #[test]
    fn what_the_operator_should_change_is_told() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let check = |reason: &str, moved: Value, expected: &str| {
            let source = json!({
                "id": "a", "name": "اسم", "url": "https://a.example/", "failures": 0,
                "last_success": null, "next_poll": null, "reason": reason, "entries": 3,
                "last_error": null, "moved": moved,
            });
            let text = for_people(&json!({"sources": [source]}), now);
            assert!(text.contains(expected), "{text}");
        };
        check("gone", Value::Null, "a: gone for good (410), asked only once a month; remove it");
        let to = "https://b.example/";
        let seen = json!({"to": to, "since": "1970-01-02T00:00:00Z", "adopted_at": null});
        check("rhythm", seen, "a: moved permanently to https://b.example/; change its url");
        let at = "1970-01-10T13:46:40Z";
        let adopted = json!({"to": to, "since": "1970-01-02T00:00:00Z", "adopted_at": at});
        let expected = "moved permanently to https://b.example/ and is asked there (since 2 d ago); \
                        change its url";
        check("rhythm", adopted, expected);
    }
}
