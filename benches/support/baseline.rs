//! `benches/baseline.toml` and new counts → a table with the ratio of each row, and whether one of
//! them is above what the gate allows.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// A row fails above this multiple of its baseline. Compilers and C libraries of other machines
/// change counts by a few percent.
pub const ALLOWED: f64 = 1.10;
/// Below this multiple the table suggests a new baseline, so that a gain is not lost again unseen.
const GAINED: f64 = 0.95;
const HEAD: &str = "\
# Machine instructions of each row of benches/instructions.rs, for each profile it is built with.
# docs/performance.md says how it is written. A commit that raises a number says why.
";

/// The counts of one profile, and the day when they were taken.
type Section = (String, BTreeMap<String, u64>);

/// The profile this program was built with: `dev`, as in the gate, or `release`.
pub fn profile() -> &'static str {
    if cfg!(debug_assertions) { "dev" } else { "release" }
}

fn path() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("benches/baseline.toml")
}

fn sections() -> BTreeMap<String, Section> {
    let text = std::fs::read_to_string(path()).unwrap_or_default();
    let file: toml::Table = text.parse().unwrap();
    let section = |(name, value): (String, toml::Value)| {
        let table = value.as_table().unwrap();
        let measured = table["measured"].as_str().unwrap().to_owned();
        let counts = table.iter().filter_map(|(row, count)| {
            Some((row.clone(), u64::try_from(count.as_integer()?).unwrap()))
        });
        (name, (measured, counts.collect()))
    };
    file.into_iter().map(section).collect()
}

/// The baseline of a profile; empty if there is none.
pub fn counts_of(profile: &str) -> BTreeMap<String, u64> {
    sections().remove(profile).map(|(_, counts)| counts).unwrap_or_default()
}

/// Replaces the given rows of a profile in the file.
pub fn write_counts(profile: &str, counts: &BTreeMap<String, u64>, day: &str) {
    let mut all = sections();
    let (measured, rows) = all.entry(profile.to_owned()).or_default();
    day.clone_into(measured);
    rows.extend(counts.clone());
    let mut text = HEAD.to_owned();
    for (profile, (measured, rows)) in &all {
        write!(text, "\n[{profile}]\nmeasured = \"{measured}\"\n").unwrap();
        for (row, count) in rows {
            writeln!(text, "{row} = {count}").unwrap();
        }
    }
    std::fs::write(path(), text).unwrap();
}

/// The pages that may quote counts.
fn pages() -> Vec<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.clone(), root.join("docs")];
    let files = folders.iter().flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let pages = files.map(|file| file.unwrap().path());
    pages.filter(|path| path.extension().is_some_and(|end| end == "md")).collect()
}

/// Writes the counts behind their marks: `<!-- bench dev.story -->1,234`.
pub fn write_figures(profile: &str, counts: &BTreeMap<String, u64>) {
    for page in pages() {
        let before = std::fs::read_to_string(&page).unwrap();
        let mut text = before.clone();
        for (row, count) in counts {
            let mark = format!("<!-- bench {profile}.{row} -->");
            let mut parts = text.split(&mark);
            let mut written = parts.next().unwrap_or_default().to_owned();
            for part in parts {
                let after = part.trim_start_matches(|c: char| c.is_ascii_digit() || c == ',');
                written.extend([mark.as_str(), grouped(*count).as_str(), after]);
            }
            text = written;
        }
        if text != before {
            std::fs::write(&page, text).unwrap();
        }
    }
}

/// What a row of the table says.
pub struct Verdict {
    /// The row for the table.
    pub line: String,
    /// Whether the gate fails.
    pub is_failure: bool,
}

/// Compares a count with its baseline.
pub fn compare(row: &str, meaning: &str, count: u64, baseline: Option<u64>) -> Verdict {
    let Some(baseline) = baseline else {
        let line = format!("| {row} | – | {} | – | no baseline: {meaning} |", grouped(count));
        return Verdict { line, is_failure: true };
    };
    #[allow(clippy::cast_precision_loss)]
    let ratio = count as f64 / baseline as f64;
    let note = match ratio {
        ratio if ratio > ALLOWED => " **too many**:",
        ratio if ratio < GAINED => " fewer, write the baseline:",
        _ => "",
    };
    let (before, now) = (grouped(baseline), grouped(count));
    let line = format!("| {row} | {before} | {now} | {ratio:.3} |{note} {meaning} |");
    Verdict { line, is_failure: ratio > ALLOWED }
}

/// 1234567 → 1,234,567.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.char_indices() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
