//! `rafid status`: each source's health, from the running daemon or the store; the first line says from
//! which of them, and since when it runs or rests.

use std::fmt::Write;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use rafid_feed::model::ClockOffset;
use serde_json::{Value, json};

use super::args::CommonArgs;
use super::{CliError, bidi_isolate, daemon_client, eprint, findings, load, print};
use crate::config::Config;
use crate::render::status;
use crate::store::closed_since;

/// Asks whoever holds the store, and prints what it says.
pub(super) fn run(common: &CommonArgs, json: bool) -> Result<(), CliError> {
    let understood = load::load_config_leniently(common)?;
    let (text, answered_by) = if let Some(base) = daemon_client::find_daemon_leniently(&understood)?
    {
        understood.warn_if_refused();
        let text = String::from_utf8_lossy(&daemon_client::get(&base, "status.json")?).into_owned();
        let since = daemon_client::parse_json_response(text.as_bytes())?["started_at"].clone();
        (text, json!({ "kind": "daemon", "address": base.as_str(), "since": since }))
    } else {
        report_from_store(&understood.into_config()?)?
    };
    if json {
        return print(&format!("{}\n", insert_first_key(&text, "answered_by", &answered_by)));
    }
    let report = daemon_client::parse_json_response(text.as_bytes())?;
    let now = Timestamp::now();
    print(&format!("{}\n\n", answered_by_line(&answered_by, now)))?;
    if let Some(error) = report["config_error"].as_str() {
        eprint(&format!("the daemon refused the newest configuration:\n{error}\n"));
    }
    print_store_problems(&report["store"], now);
    let clock = &report["system_clock"];
    if clock.is_object() {
        eprint(&format!("{}\n", system_clock_line(clock, now)));
    }
    let search = &report["search"];
    if let Some(error) = search["error"].as_str() {
        eprint(&format!(
            "searching fails, first seen {}: {error}\n",
            relative_time(&search["since"], now)
        ));
    }
    print(&as_text(&report, now))
}

/// The report of a store that no daemon has, and what it is from.
fn report_from_store(config: &Config) -> Result<(String, Value), CliError> {
    let folder = &config.store.path;
    let since = closed_since(folder);
    let press = load::open_renderer(config)?;
    let report =
        press.status_report().map_err(|error| CliError::working(format!("error: {error}")))?;
    let folder = folder.display().to_string();
    Ok((status::status_json(&report), json!({ "kind": "store", "folder": folder, "since": since })))
}

/// An object with a key before all others; what is no object stays as it is.
fn insert_first_key(object: &str, key: &str, value: &Value) -> String {
    match object.trim_start().strip_prefix('{') {
        Some(rest) => format!("{{\n  \"{key}\": {value},{rest}"),
        None => object.to_owned(),
    }
}

/// Whom the report is from, and since when it runs or rests.
fn answered_by_line(answered_by: &Value, now: Timestamp) -> String {
    let at = &answered_by["since"];
    let since = at.as_str().and_then(|at| at.parse::<Timestamp>().ok()).map(|since| {
        format!(" since {} ({})", since.strftime("%Y-%m-%d %H:%M:%S UTC"), relative_time(at, now))
    });
    let since = since.unwrap_or_default();
    if let Some(address) = answered_by["address"].as_str() {
        return format!("a running daemon at {address}{since}");
    }
    let folder = text_or_dash(&answered_by["folder"]);
    format!("no daemon runs; the store in {folder} is at rest{since}")
}

/// What is wrong with the store, on standard error.
fn print_store_problems(store: &Value, now: Timestamp) {
    if let Some(error) = store["error"].as_str() {
        eprint(&format!("{error}\n"));
    }
    for aside in store["set_aside"].as_array().into_iter().flatten() {
        let (name, at) = (text_or_dash(&aside["name"]), relative_time(&aside["at"], now));
        eprint(&format!(
            "the database was broken and set aside ({at}) as {name} in the store's folder; a new one was \
             begun\n  move or delete that folder to end this message\n"
        ));
    }
}

/// Why the clock is doubted, and what that means.
fn system_clock_line(clock: &Value, now: Timestamp) -> String {
    let ahead = clock["ahead_seconds"].as_i64().unwrap_or_default();
    let hours = ahead.unsigned_abs().div_ceil(3600);
    let by = if hours < 48 { format!("{hours} h") } else { format!("{} d", hours / 24) };
    let side = if ahead < 0 { "behind" } else { "ahead of" };
    let what = match text_or_dash(&clock["contradicted_by"]) {
        "hosts" => "the clocks of several hosts",
        "jump" => "the time that has passed since it was last confirmed",
        _ => "the newest commit in the store",
    };
    let since = relative_time(&clock["since"], now);
    format!(
        "the system clock may be wrong: it is {by} {side} {what} (first seen {since}); nothing is \
         pruned until it is confirmed"
    )
}

/// The report as a table, those in trouble first, and what ails them below.
fn as_text(report: &Value, now: Timestamp) -> String {
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
        table.add_row(table_row(source, now));
    }
    let mut text = format!("{table}\n");
    push_problems(&mut text, &sources, now);
    text
}

/// What ails the sources, one kind after the other.
fn push_problems(text: &mut String, sources: &[&Value], now: Timestamp) {
    // Writing into a String cannot fail.
    for source in sources.iter().filter(|source| !source["last_error"].is_null()) {
        let error = &source["last_error"];
        let _ = write!(
            text,
            "\n{}: {}, the last {}\n  {}: {}\n  {}\n",
            text_or_dash(&source["id"]),
            failure_count(source["failures"].as_u64().unwrap_or_default()),
            relative_time(&error["at"], now),
            text_or_dash(&error["stage"]),
            text_or_dash(&error["message"]),
            text_or_dash(&source["url"]),
        );
    }
    for source in sources.iter().filter(|source| source["clock"].is_object()) {
        let _ = write!(
            text,
            "\n{}: {}\n",
            text_or_dash(&source["id"]),
            publisher_clock_line(&source["clock"])
        );
    }
    for source in sources.iter().filter(|source| !source["push"]["trouble"].is_null()) {
        let push = &source["push"];
        let _ = write!(
            text,
            "\n{}: not pushed ({}) by {}\n  {}\n",
            text_or_dash(&source["id"]),
            text_or_dash(&push["state"]),
            text_or_dash(&push["hub"]),
            text_or_dash(&push["trouble"]),
        );
    }
    for source in sources.iter().filter(|source| source["full_text"].is_object()) {
        let _ = write!(
            text,
            "\n{}: {}\n",
            text_or_dash(&source["id"]),
            full_text_line(&source["full_text"], now)
        );
    }
    for source in sources {
        for line in lifetime_lines(source, now) {
            let _ = write!(text, "\n{}: {line}\n", text_or_dash(&source["id"]));
        }
    }
    for source in sources.iter().filter(|source| source["reason"] == "gone") {
        let _ = write!(
            text,
            "\n{}: gone for good (410), asked only once a month; remove it from the configuration \
             or give its new url\n",
            text_or_dash(&source["id"]),
        );
    }
    for source in sources.iter().filter(|source| !source["moved"].is_null()) {
        let moved = &source["moved"];
        let asked = match moved["adopted_at"].as_str() {
            Some(_) => {
                format!(" and is asked there (since {})", relative_time(&moved["adopted_at"], now))
            }
            None => String::new(),
        };
        let _ = write!(
            text,
            "\n{}: moved permanently to {}{asked}; change its url in the configuration\n",
            text_or_dash(&source["id"]),
            text_or_dash(&moved["to"]),
        );
    }
}

/// What became of the pages of a source's entries, and what last went wrong with one.
fn full_text_line(full_text: &Value, now: Timestamp) -> String {
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
            let (url, at) = (text_or_dash(&error["url"]), relative_time(&error["at"], now));
            format!("\n  {message} ({at})\n  {url}")
        }
        None => String::new(),
    };
    format!("pages of entries: {told}{last}")
}

/// What a source's life shows beside its failures.
fn lifetime_lines(source: &Value, now: Timestamp) -> Vec<String> {
    let mut lines = Vec::new();
    let silent = &source["silent"];
    let since = relative_time(&silent["since"], now);
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
        lines.push(lost_feed_line(lost, now));
    }
    lines.extend(findings::finding_lines(source, now));
    lines
}

/// What was found of a feed that is gone from its address.
fn lost_feed_line(lost: &Value, now: Timestamp) -> String {
    let gone = format!("gone from its address, first seen {}", relative_time(&lost["since"], now));
    let found = &lost["found"];
    let url = text_or_dash(&found["url"]);
    let why = match found["likeness"].as_str() {
        Some("entries") => format!("it holds {} of its known entries", found["shared_entries"]),
        Some("title") => "it has the same title".to_owned(),
        Some(_) => "its site names it".to_owned(),
        None => {
            let at = relative_time(&lost["searched_at"], now);
            let is_sought = lost["searched_at"].is_string();
            let outcome = format!("; its site names no such feed (asked {at})");
            return if is_sought { gone + &outcome } else { gone };
        }
    };
    format!("{gone}; found at {url} ({why}): to take it, write\n  url = \"{url}\"")
}

fn failure_count(failures: u64) -> String {
    if failures == 1 { "1 failure".to_owned() } else { format!("{failures} failures in a row") }
}

/// What is wrong with a publisher's clock, and what can be done about it.
fn publisher_clock_line(clock: &Value) -> String {
    let (offset, setting) = (text_or_dash(&clock["offset"]), text_or_dash(&clock["setting"]));
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

fn table_row(source: &Value, now: Timestamp) -> [String; 8] {
    let failures = source["failures"].as_u64().unwrap_or(0);
    let state = match (failures, source["last_success"].is_null()) {
        (0, true) => "waiting".to_owned(),
        (0, false) if !source["hijacked"].is_null() => "hijacked".to_owned(),
        (0, false) if !source["silent"].is_null() => "silent".to_owned(),
        (0, false) => "ok".to_owned(),
        (count, _) => format!("failing ({count})"),
    };
    [
        text_or_dash(&source["id"]).to_owned(),
        state,
        relative_time(&source["last_success"], now),
        relative_time(&source["next_poll"], now),
        text_or_dash(&source["reason"]).to_owned(),
        text_or_dash(&source["push"]["state"]).to_owned(),
        source["entries"].to_string(),
        bidi_isolate(text_or_dash(&source["name"])),
    ]
}

/// The text of a value; `-` where it is none.
pub(super) fn text_or_dash(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// `3 min ago`, `in 2 h`, `-`.
pub(super) fn relative_time(value: &Value, now: Timestamp) -> String {
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
            assert_eq!(relative_time(&json!(at), now), expected);
        };
        check(0, "0 s ago");
        check(-90, "1 min ago");
        check(3 * 3600, "in 3 h");
        check(3 * 86_400, "in 3 d");
        assert_eq!(relative_time(&Value::Null, now), "-");
    }

    #[test]
    fn the_first_line_says_who_answers() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = "1970-01-12T13:45:40Z";
        let address = "http://127.0.0.1:8080/";
        let daemon = json!({"kind": "daemon", "address": address, "since": at});
        assert_eq!(
            answered_by_line(&daemon, now),
            "a running daemon at http://127.0.0.1:8080/ since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        let store = |since: Value| json!({"kind": "store", "folder": "/d", "since": since});
        assert_eq!(
            answered_by_line(&store(json!(at)), now),
            "no daemon runs; the store in /d is at rest since 1970-01-12 13:45:40 UTC (1 min ago)"
        );
        let unknown = answered_by_line(&store(Value::Null), now);
        assert_eq!(unknown, "no daemon runs; the store in /d is at rest");
        let report = insert_first_key("{\n  \"a\": 1\n}", "answered_by", &store(Value::Null));
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
        let text = as_text(&report, Timestamp::from_second(1_000_000).unwrap());
        assert!(text.find("bad").unwrap() < text.find("good").unwrap(), "{text}");
        assert!(text.contains("bad: not pushed (denied) by https://hub.example/\n  no more\n"));
        assert!(text.contains("bad: 2 failures in a row, the last 0 s ago\n  fetch: no answer"));
    }

    #[test]
    fn odd_lives_are_told() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = "1970-01-09T13:46:40Z";
        let check = |key: &str, value: Value, expected: &[&str]| {
            assert_eq!(lifetime_lines(&json!({ key: value }), now), expected);
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
        let check = |full_text: Value, expected: &str| {
            assert_eq!(full_text_line(&full_text, now), expected)
        };
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
            let told = publisher_clock_line(&json!({
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
            let text = as_text(&json!({"sources": [source]}), now);
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
