//! The rows of the keys → the man page feeds.toml(5), and the texts that it shares with `docs/configuration.md`.

use super::key_row::{KeyRow, KeyTable};
use super::key_table::SECTIONS;
use super::nested_keys::{ARTICLE, PAGE, SECRET};
use super::site_keys::TOP;

/// What applies to the whole file: a heading and its paragraphs. Code is in backticks.
pub(super) const TOPICS: [(&str, &[&str]); 4] = [
    (
        "The file",
        &[
            "`feeds.toml` is the configuration of Rafid and its list of sources: a TOML file in UTF-8. Only the \
             `url` of a source is required. The shipped file explains every key in Arabic. `include` names files \
             with further sources.",
            "`rafid check` reports every mistake with its line and column, `rafid add` appends a source. A \
             running daemon applies a change by itself; while the file has mistakes it keeps the settings \
             that it has, and the log and `/status` report the mistakes.",
        ],
    ),
    (
        "Where it is",
        &[
            "The first of these is used: the file that `--config` or `RAFID_CONFIG` names, then `feeds.toml` \
             in `$CONFIGURATION_DIRECTORY`, in the working directory, in `$XDG_CONFIG_HOME/rafid` (or else \
             `~/.config/rafid`), and in `/etc/rafid`.",
        ],
    ),
    (
        "Values",
        &[
            "A length of time is a number of seconds or a string such as `\"90s\"`, `\"30m\"`, `\"1h30m\"`, \
             `\"2d\"` and `\"1w\"`. A size is a number of bytes or a string such as `\"64KiB\"`, `\"16MiB\"` and \
             `\"1GiB\"`; `KB`, `MB` and `GB` are powers of 1000.",
        ],
    ),
    (
        "Changes that fetch a document again",
        &[
            "Some keys decide how a document is fetched or understood. After a change of such a key the next \
             poll fetches the whole document and reads it with the new value; its description says so.",
        ],
    ),
];

/// All tables, in the order of the documents.
pub(super) fn documented_tables() -> Vec<&'static KeyTable> {
    [&TOP].into_iter().chain(SECTIONS).chain([&PAGE, &ARTICLE, &SECRET]).collect()
}

/// The type of a key with its default or an example. Code is in backticks.
pub(super) fn value_text(row: &KeyRow) -> String {
    let kind = row.kind.to_string();
    // The value that follows is an example, and another paragraph describes the forms of times and sizes.
    let ends = [" (", ", such as ", " such as "].map(|end| kind.find(end).unwrap_or(kind.len()));
    let kind = kind.get(..ends.into_iter().min().unwrap_or_default()).unwrap_or(&kind);
    match (row.default, row.example) {
        ("", example) => format!("{kind}; for example `{example}`"),
        (default, _) => format!("{kind}; default `{default}`"),
    }
}

/// The meaning of a key, with what a change of it causes.
pub(super) fn meaning_text(row: &KeyRow) -> String {
    let effect = if row.hash.is_some() { " A change fetches the document again." } else { "" };
    format!("{}{effect}", row.english)
}

/// The man page feeds.toml(5), in roff.
pub fn manual_page() -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(
        ".TH feeds.toml 5 \"\" \"rafid {version}\"\n.SH NAME\nfeeds.toml \\- configuration and list of \
         sources of rafid\n.SH DESCRIPTION\n"
    );
    for (title, paragraphs) in TOPICS {
        page.extend([".SS ", title, "\n"]);
        for paragraph in paragraphs {
            page.extend([".PP\n", &roff_text(paragraph), "\n"]);
        }
    }
    page.push_str(".SH KEYS\n");
    for table in documented_tables() {
        let heading = roff_text(table.heading).replace('"', "\\(dq");
        page.extend([".SS \"", &heading, "\"\n", &roff_text(table.english), "\n"]);
        for row in table.keys {
            let (value, meaning) = (roff_text(&value_text(row)), roff_text(&meaning_text(row)));
            page.extend([".TP\n\\fB", row.name, "\\fR: ", &value, "\n", &meaning, "\n"]);
        }
    }
    page.push_str(
        ".SH SEE ALSO\n\\fBrafid\\fR(1), \\fBrafid\\-check\\fR(1), \\fBrafid\\-add\\fR(1)\n",
    );
    page
}

/// A paragraph in roff: code is bold.
fn roff_text(text: &str) -> String {
    let escaped = text.replace('\\', "\\e").replace('-', "\\-");
    let mut roff = String::new();
    for (index, part) in escaped.split('`').enumerate() {
        if index > 0 {
            roff.push_str(if index % 2 == 1 { "\\fB" } else { "\\fR" });
        }
        roff.push_str(part);
    }
    // A line that begins so would be a request.
    if roff.starts_with(['.', '\'']) { format!("\\&{roff}") } else { roff }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_manual_has_every_key_and_no_accidental_request() {
        let page = manual_page();
        for table in documented_tables() {
            for row in table.keys {
                assert!(page.contains(&format!("\n\\fB{}\\fR: ", row.name)), "{}", row.name);
            }
        }
        let requests = [".TH ", ".SH ", ".SS ", ".PP", ".TP"];
        for line in page.lines().filter(|line| line.starts_with(['.', '\''])) {
            assert!(requests.iter().any(|request| line.starts_with(request)), "{line}");
        }
    }

    #[test]
    fn code_is_bold_and_nothing_is_lost() {
        assert_eq!(roff_text("`a-b` is \"c\""), "\\fBa\\-b\\fR is \"c\"");
        assert_eq!(roff_text(".x \\d"), "\\&.x \\ed");
    }
}
