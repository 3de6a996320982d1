//! `rafid status`: each source's health, from the running daemon or the store.

use std::fmt::Write;
use std::sync::Arc;

use comfy_table::{ContentArrangement, Table, presets};
use jiff::Timestamp;
use serde_json::Value;

use super::args::Common;
use super::{Failed, ask, isolated, load, print, tell};
use crate::daemon::publish::Press;
use crate::daemon::run::translate;
use crate::feed::render::status;

/// Asks whoever holds the store, and prints what it says.
pub(super) fn run(common: &Common, json: bool) -> Result<(), Failed> {
    let config = load::config(common)?;
    let text = if let Some(base) = ask::daemon(&config)? {
        String::from_utf8_lossy(&ask::get(&base, "status.json")?).into_owned()
    } else {
        let press = Press {
            store: load::store(&config)?,
            edition: Arc::new(translate::edition(&config, None)),
            started_at: Timestamp::now(),
            config_error: None,
        };
        let report = press.report().map_err(|error| Failed::working(format!("error: {error}")))?;
        status::json(&report)
    };
    if json {
        return print(&format!("{text}\n"));
    }
    let report: Value = serde_json::from_str(&text)
        .map_err(|error| Failed::working(format!("error: the daemon's answer is odd: {error}")))?;
    if let Some(error) = report["config_error"].as_str() {
        tell(&format!("the daemon refused the newest configuration:\n{error}\n"));
    }
    print(&for_people(&report, Timestamp::now()))
}

/// The report as a table, those in trouble first, and what ails them below.
fn for_people(report: &Value, now: Timestamp) -> String {
    let empty = Vec::new();
    let mut sources: Vec<&Value> = report["sources"].as_array().unwrap_or(&empty).iter().collect();
    sources.sort_by_key(|source| source["failures"].as_u64() == Some(0));
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
    // Writing into a String cannot fail.
    for source in sources.iter().filter(|source| !source["last_error"].is_null()) {
        let error = &source["last_error"];
        let _ = write!(
            text,
            "\n{}: {} failures in a row, the last {}\n  {}: {}\n  {}\n",
            word(&source["id"]),
            source["failures"],
            moment(&error["at"], now),
            word(&error["stage"]),
            word(&error["message"]),
            word(&source["url"]),
        );
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
    for source in sources.iter().filter(|source| !source["moved"].is_null()) {
        let _ = write!(
            text,
            "\n{}: moved permanently to {}; change its url in the configuration\n",
            word(&source["id"]),
            word(&source["moved"]["to"]),
        );
    }
    text
}

fn row(source: &Value, now: Timestamp) -> [String; 8] {
    let failures = source["failures"].as_u64().unwrap_or(0);
    let state = match (failures, source["last_success"].is_null()) {
        (0, true) => "waiting".to_owned(),
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

fn word(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}

/// `3 min ago`, `in 2 h`, `-`.
fn moment(value: &Value, now: Timestamp) -> String {
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
}
