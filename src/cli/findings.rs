//! What was found out about a source, as the report tells it → lines for people, with what can be done.

use jiff::Timestamp;
use serde_json::Value;

use super::status::{relative_time, text_or_dash};

/// The lines, one for each finding beside silence.
pub(super) fn finding_lines(source: &Value, now: Timestamp) -> Vec<String> {
    let told = |key: &str, line: fn(&Value, Timestamp) -> String| {
        source[key].is_object().then(|| line(&source[key], now))
    };
    let lines = [
        told("hijacked", hijacked_line),
        told("frozen_dates", frozen_dates_line),
        told("refused", refused_line),
    ];
    lines.into_iter().flatten().collect()
}

fn hijacked_line(hijacked: &Value, now: Timestamp) -> String {
    let (before, after) = (&hijacked["arabic_percent_before"], &hijacked["arabic_percent_now"]);
    let words = hijacked["words"].as_array().map(Vec::as_slice).unwrap_or_default();
    let words: Vec<&str> = words.iter().map(text_or_dash).collect();
    let words =
        if words.is_empty() { String::new() } else { format!("; it says {}", words.join(", ")) };
    format!(
        "somebody else seems to write it, first seen {}: {before} % of its letters were Arabic, now \
         {after} %{words}\n  look at its site; remove it or give its new url, or say ignore = \
         [\"hijacked\"] if its publisher changed it",
        relative_time(&hijacked["since"], now),
    )
}

fn frozen_dates_line(frozen: &Value, now: Timestamp) -> String {
    let since = relative_time(&frozen["since"], now);
    match frozen["newest"].as_str() {
        Some(newest) => format!(
            "new entries come, and the newest date that they claim stays {newest} (first seen \
             {since}); they are placed by when they were first seen"
        ),
        None => format!(
            "it dates all of its entries anew with every document (first seen {since}); they stay \
             where they were first placed"
        ),
    }
}

fn refused_line(refused: &Value, now: Timestamp) -> String {
    let by = match refused["by"].as_str() {
        Some("cloudflare") => " (a browser challenge of Cloudflare)",
        Some("aws-waf") => " (a browser challenge of AWS WAF)",
        Some("vercel") => " (a browser challenge of Vercel)",
        _ => "",
    };
    let before =
        if refused["answered_before"] == true { "it answered before" } else { "it never answered" };
    format!(
        "refuses our requests with {}{by}, first seen {}; {before}\n  write to the publisher, look \
         for another address of the same feed, or send with `headers` what the publisher gave you; \
         rafid never pretends to be a browser",
        refused["status"],
        relative_time(&refused["since"], now),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn findings_are_told_with_advice() {
        let now = Timestamp::from_second(1_000_000).unwrap();
        let at = "1970-01-09T13:46:40Z";
        let check = |key: &str, value: Value, expected: &str| {
            let told = finding_lines(&json!({ key: value }), now);
            assert!(told.len() == 1 && told[0].starts_with(expected), "{told:?}");
        };
        assert!(finding_lines(&json!({"hijacked": null, "refused": null}), now).is_empty());
        let told = |words: Value| {
            json!({
                "since": at, "arabic_percent_before": 98, "arabic_percent_now": 2, "words": words,
            })
        };
        let line = "somebody else seems to write it, first seen 3 d ago: 98 % of its letters were \
                    Arabic, now 2 %; it says slot gacor, togel\n  look at its site;";
        check("hijacked", told(json!(["slot gacor", "togel"])), line);
        check("hijacked", told(json!([])), line.split_once("; it says").unwrap().0);
        let still = json!({"kind": "still", "since": at, "newest": "2019-01-01T00:00:00Z"});
        let line = "new entries come, and the newest date that they claim stays \
                    2019-01-01T00:00:00Z (first seen 3 d ago)";
        check("frozen_dates", still, line);
        let stamped = json!({"kind": "stamped", "since": at, "newest": null});
        check("frozen_dates", stamped, "it dates all of its entries anew with every document");
        let refused = |by: &str, before: bool| json!({"by": by, "status": 403, "since": at, "answered_before": before});
        let line = "refuses our requests with 403, first seen 3 d ago; it answered before\n  write";
        check("refused", refused("server", true), line);
        let line = "refuses our requests with 403 (a browser challenge of Cloudflare), first seen \
                    3 d ago; it never answered\n";
        check("refused", refused("cloudflare", false), line);
        for by in ["aws-waf", "vercel"] {
            check("refused", refused(by, false), "refuses our requests with 403 (a browser");
        }
    }
}
