//! `rafid explain`: an entry → everything that is known about its place in the outputs and why it has it, from
//! the running daemon or the store.

use std::fmt::Write;

use serde_json::Value;
use url::form_urlencoded;

use super::args::{CommonArgs, ExplainArgs};
use super::{CliError, EXIT_USAGE, bidi_isolate, daemon_client, filter, load, print};
use crate::http::Resource;

/// The most letters of an identity's key or name that are shown: some guids are whole texts.
const MAX_KEY_LETTERS: usize = 120;

/// Requests the explanation and prints it.
pub(super) fn run(common: &CommonArgs, args: &ExplainArgs) -> Result<(), CliError> {
    let loaded = load::load_config_leniently(common)?;
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("entry", &args.entry);
    let path = format!("explain.json?{}", query.finish());
    let bytes =
        daemon_client::get_as_operator(loaded, &path, &Resource::Explanation(args.entry.clone()))?;
    let report: Value = daemon_client::parse_json_response(&bytes)?;
    if report["entry"].is_null() {
        let message = format!(
            "error: no stored entry has the id or the link {:?}\n  `rafid search <words of its title>` \
             finds entries; old ones are removed (`keep`, `keep_entries`)",
            args.entry
        );
        return Err(CliError { code: EXIT_USAGE, message });
    }
    if args.json {
        return print(&format!("{}\n", String::from_utf8_lossy(&bytes)));
    }
    print(&as_text(&report))
}

/// The report in five parts: the entry, the three ways in which it may be repeated, and the outputs.
fn as_text(report: &Value) -> String {
    let mut text = String::new();
    push_entry(&mut text, report);
    push_identity(&mut text, &report["identity"]);
    push_text_group(&mut text, report);
    push_story(&mut text, report);
    push_outputs(&mut text, report);
    text
}

fn push_entry(text: &mut String, report: &Value) {
    let entry = &report["entry"];
    // Writing into a String cannot fail.
    let _ = writeln!(text, "{}\n  {}", entry_title(entry), describe_source(entry));
    for (name, key) in [("link", "link"), ("id", "id"), ("published", "published_at")] {
        let _ = writeln!(text, "  {name:<11}{}", text_or_dash(&entry[key]));
    }
    if entry["updated_at"].is_string() {
        let _ = writeln!(text, "  {:<11}{}", "updated", text_or_dash(&entry["updated_at"]));
    }
    let _ = writeln!(text, "  {:<11}{}", "first seen", text_or_dash(&entry["first_seen_at"]));
    let why = match text_or_dash(&entry["listed_by"]) {
        "published" => "the publisher's date",
        "updated" => "the publisher's date of the last change, as it gives no other",
        "first-seen-as-date-was-ahead" => {
            "when it was first seen, as the publisher's date is later than that"
        }
        "first-seen-as-undated" => "when it was first seen, as the publisher gives no date",
        "day-in-link" => "the day in its link, as the publisher gives no date",
        "estimated-as-undated" => "an estimate, as many entries without a date came at once",
        _ => "the date that the publisher gave when it was first seen; the date is another one now",
    };
    let _ = writeln!(text, "  {:<11}{}: {why}", "listed", text_or_dash(&entry["listed_at"]));
    let clock = &entry["clock"];
    if clock.is_object() {
        let by = match text_or_dash(&clock["by"]) {
            "settings" => "as the configuration says",
            _ => "as its readings show",
        };
        let _ = writeln!(
            text,
            "  {:<11}the publisher's is {}, {by}: dates are moved",
            "clock",
            text_or_dash(&clock["offset"])
        );
    }
    let others = report["also_at_this_link"].as_array().into_iter().flatten();
    for other in others {
        let _ = writeln!(text, "  {:<11}{}", "also there", text_or_dash(other));
    }
}

fn push_identity(text: &mut String, identity: &Value) {
    let rung = match text_or_dash(&identity["rung"]) {
        "guid" => format!("guid {}", describe_key(text_or_dash(&identity["key"]))),
        "link" => format!("link {}", describe_key(text_or_dash(&identity["key"]))),
        "link-and-title" => "link and title together".to_owned(),
        "title-and-date" => "title and date".to_owned(),
        _ => "content".to_owned(),
    };
    let _ = writeln!(text, "\n1. The same entry again\n  known by its {rung}");
    let others = identity["also"].as_array().into_iter().flatten();
    let others =
        others.map(|name| describe_weaker_identity(text_or_dash(name))).collect::<Vec<_>>();
    if !others.is_empty() {
        let _ = writeln!(text, "  else by {}", others.join(", "));
    }
    let names = match identity["names_count"].as_u64() {
        Some(1) => "1 name".to_owned(),
        count => format!("{} names", count.unwrap_or_default()),
    };
    let changes = match identity["changes_count"].as_u64() {
        None | Some(0) => "never changed".to_owned(),
        Some(count) => {
            let times = if count == 1 { "once".to_owned() } else { format!("{count} times") };
            format!("changed {times}, last dated {}", text_or_dash(&identity["changed_at"]))
        }
    };
    let _ = writeln!(text, "  {names} remembered; {changes}");
}

/// A weaker name as in `docs/identity.md`: titles and texts are hashes.
fn describe_weaker_identity(name: &str) -> String {
    match name.split_once(':') {
        Some(("link", link)) => format!("its link {}", describe_key(link)),
        Some(("title", rest)) => {
            format!("its title on {}", rest.rsplit(' ').next().unwrap_or_default())
        }
        Some(("text", _)) => "its text at its instant".to_owned(),
        _ => describe_key(name),
    }
}

fn push_text_group(text: &mut String, report: &Value) {
    let _ = writeln!(text, "\n2. The same text again");
    let members: Vec<&Value> =
        report["text_group"]["members"].as_array().into_iter().flatten().collect();
    if report["story"].is_null() {
        let _ = writeln!(text, "  not decided: it was stored before stories existed");
    } else if members.len() < 2 {
        let _ = writeln!(text, "  no other entry has its text");
    }
    for member in members.iter().filter(|_| members.len() > 1) {
        let how = match (&member["method"], member["score"].as_f64()) {
            (method, Some(likeness)) if method == "same-text" => {
                format!("{:.0} % of the runs of words are the same", likeness * 100.0)
            }
            _ => "the first with this text".to_owned(),
        };
        let _ = writeln!(text, "  {}: {how}", describe_telling(member, report));
    }
}

/// The parts of the similarity to the nearest entry, as far as they are known.
fn push_similarity(text: &mut String, alike: &Value) {
    let Some(cosine) = alike["cosine"].as_f64() else { return };
    let words = alike["words"].as_array().into_iter().flatten().map(|it| {
        let share = it["share"].as_f64().unwrap_or_default();
        format!("{} {share:.2}", bidi_isolate(text_or_dash(&it["word"])))
    });
    let words = words.collect::<Vec<_>>().join(", ");
    let _ = writeln!(
        text,
        "  alike by {words}\n    (of {cosine:.2} in all, computed now by how rare words were in \
         the last days)"
    );
    let vectors = &alike["vectors"];
    let number = |value: &Value| value.as_f64().unwrap_or_default();
    if vectors.is_object() {
        let [one, other] = [0, 1].map(|index| number(&vectors["closeness"][index]));
        let _ = writeln!(
            text,
            "  by the vectors of their words {:.2}; {:.2} above what is near to everything \
             ({one:.2} and {other:.2})",
            number(&vectors["cosine"]),
            number(&vectors["above_closeness"]),
        );
    }
    if alike["other_countries"] == true {
        let _ = writeln!(text, "  their titles name different countries");
    }
    let of_one_source = match text_or_dash(&alike["same_source"]) {
        "text" => "its source reported the same text",
        "edition" => "its source reported another edition of the series: they stay apart",
        "other-text" => "its source reported it with another text: they stay apart",
        _ => "",
    };
    if !of_one_source.is_empty() {
        let _ = writeln!(text, "  {of_one_source}");
    }
    let _ = writeln!(
        text,
        "  {:.2} by all of that, before the costs of time and of one source",
        number(&alike["similarity"])
    );
}

fn push_story(text: &mut String, report: &Value) {
    let story = &report["story"];
    let _ = writeln!(text, "\n3. The same event in other words");
    if story.is_null() {
        let _ = writeln!(text, "  not decided: it was stored before stories existed");
        return;
    }
    let _ = writeln!(text, "  {}", describe_decision(story));
    for (name, key) in [("nearest", "nearest"), ("related", "related")] {
        if story[key].is_object() {
            let _ = writeln!(text, "  {name}: {}", describe_telling(&story[key], report));
        }
    }
    push_similarity(text, &story["alike_now"]);
    let members: Vec<&Value> = story["tellings"].as_array().into_iter().flatten().collect();
    if members.len() < 2 {
        let _ = writeln!(text, "  no other entry belongs to it");
        return;
    }
    let _ = writeln!(text, "  {} entries, in the order of arrival:", members.len());
    for (number, it) in (1..).zip(members) {
        let represents = match text_or_dash(&story["stands"]["why"]) {
            _ if it["id"] != story["stands"]["id"] => "",
            "arrived-first" => "; represents the story in the merged feed, as it arrived first",
            _ => "; represents the story in the merged feed, as the first that may be there",
        };
        let how = match text_or_dash(&it["method"]) {
            "same-text" => "same text",
            "same-event" => "same event",
            _ => "began the story",
        };
        let published = if it["is_published"] == false { "; not published" } else { "" };
        let line = describe_telling(it, report);
        let at = text_or_dash(&it["arrived_at"]);
        let _ = writeln!(text, "  {number:>3}. {at} {line}: {how}{published}{represents}");
    }
}

/// How an entry came to its story, in words.
fn describe_decision(story: &Value) -> String {
    let limits = &story["thresholds"];
    let number = |value: &Value| format!("{:.2}", value.as_f64().unwrap_or_default());
    let from = format!("joins from {}", number(&limits["joins"]));
    let crowd = format!("{} in a story of {}", number(&limits["joins_crowd"]), limits["crowd"]);
    let score = story["score"].as_f64().map(|_| number(&story["score"]));
    match (text_or_dash(&story["method"]), score) {
        ("same-text", Some(likeness)) => {
            format!(
                "joined by its text: likeness {likeness}; from {}",
                number(&limits["same_text"])
            )
        }
        ("same-event", Some(score)) => {
            format!("joined by its content: score {score}; {from}, {crowd}")
        }
        ("too-short", _) => "alone: fewer than four different words that say something".to_owned(),
        ("too-old", _) => "alone: it was older than three days when it arrived".to_owned(),
        (_, Some(near)) if story["score"].as_f64() >= limits["joins"].as_f64() => {
            format!(
                "began a story: the nearest one scored {near}, but its source has another text in it"
            )
        }
        (_, Some(score)) => {
            let related = number(&limits["related"]);
            format!("began a story: the nearest one scored {score}; {from}, related from {related}")
        }
        _ => "began a story: none had anything in common with it".to_owned(),
    }
}

fn push_outputs(text: &mut String, report: &Value) {
    let _ = writeln!(text, "\nOutputs");
    let outputs: Vec<&Value> = report["outputs"].as_array().into_iter().flatten().collect();
    if outputs.is_empty() {
        let _ = writeln!(text, "  none: its source is not in the configuration");
    }
    for output in outputs {
        let name = bidi_isolate(text_or_dash(&output["name"]));
        let name = match text_or_dash(&output["scope"]) {
            "all" => "the merged feed".to_owned(),
            "category" => format!("category {name}"),
            "output" => format!("output {name}"),
            _ => "the source's own feed".to_owned(),
        };
        let _ = writeln!(text, "  {name}: {}", describe_output_state(output, report));
    }
}

fn describe_output_state(output: &Value, report: &Value) -> String {
    match text_or_dash(&output["state"]) {
        "holds" => format!("holds it, {} of {}", output["place"], output["entries_count"]),
        "collapsed" => format!("holds the story as {}", describe_telling(&output["by"], report)),
        "beyond-limit" => {
            format!("full, its {} entries are newer; its pages go on", output["limit"])
        }
        "source-limit" => format!("has {} of its source, and takes no more", output["limit"]),
        "unknown" => "does not hold it; the reason is not certain".to_owned(),
        _ => filter::describe_reason(output),
    }
}

/// An entry of the story in a few words; the entry that is explained is marked.
fn describe_telling(it: &Value, report: &Value) -> String {
    if it["is_kept"] == false {
        return format!("{}, no longer stored", text_or_dash(&it["id"]));
    }
    let is_this_entry = it["id"] == report["entry"]["id"];
    let mark = if is_this_entry { " (this entry)" } else { "" };
    format!("{}, {}{mark}", entry_title(it), describe_source(it))
}

fn entry_title(it: &Value) -> String {
    match it["title"].as_str() {
        Some("") | None => "(without a title)".to_owned(),
        Some(title) => bidi_isolate(title),
    }
}

fn describe_source(it: &Value) -> String {
    let id = text_or_dash(&it["source"]);
    match it["source_name"].as_str() {
        Some(name) => format!("{} ({id})", bidi_isolate(name)),
        None => id.to_owned(),
    }
}

/// A publisher's own identifier of an entry, made safe for a terminal: without characters that move the cursor or
/// reorder the line.
fn describe_key(words: &str) -> String {
    let reorders = |c: char| matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let mut letters = words.chars().filter(|c| !c.is_control() && !reorders(*c));
    let mut shown: String = letters.by_ref().take(MAX_KEY_LETTERS).collect();
    if letters.next().is_some() {
        shown.push('…');
    }
    bidi_isolate(&shown)
}

/// The text of a value; `-` where it has none.
fn text_or_dash(value: &Value) -> &str {
    value.as_str().unwrap_or("-")
}
