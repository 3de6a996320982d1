//! A window of entries as JSON lines → one line per entry with its story, as the story memory of the daemon
//! assigns it; with labels, also how good the assignments are.
//!
//! `docs/stories.md` describes both files. Standard output is for data, standard error for everything else.
//! Exit codes: 0 success, 1 failure while working, 2 wrong usage (clap's).

mod labels;
mod window;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use rafid::model::{EntryId, StoryAssignment, StoryInput, StoryMethod};
use rafid::story::{StoryMemory, StorySettings};
use serde::Serialize;
use serde_json::Value;

use labels::Labels;
use window::WindowEntry;

/// Decide which entries of a window are the same story, and how good that is.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// The window as JSON lines (id, source, published, title, summary, body); - for standard input
    #[arg(long, value_name = "FILE")]
    eval: PathBuf,
    /// Labels as JSON (`clusters`, or `positive` pairs); the quality is printed on standard error
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,
    /// The score from which an entry joins a story
    #[arg(long, value_name = "SCORE", default_value_t = StorySettings::default().merge)]
    merge: f32,
}

fn main() -> ExitCode {
    match evaluate(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            print_error(&message);
            ExitCode::FAILURE
        }
    }
}

/// Reads the window, assigns its entries in order with an empty memory, and prints the assignments.
fn evaluate(arguments: &Arguments) -> Result<(), String> {
    let window = window::read_window(&arguments.eval)?;
    let labels = arguments.labels.as_deref().map(Labels::read_file).transpose()?;
    let settings = StorySettings { merge: arguments.merge, ..StorySettings::default() };
    let assignments = assign_stories(&window, settings);
    let names: BTreeMap<EntryId, &Value> =
        window.iter().map(|entry| (entry.entry_id, &entry.id)).collect();
    let mut text = String::new();
    for (entry, assignment) in window.iter().zip(&assignments) {
        // Our own types always serialize.
        let line = output_line(entry, assignment, &names);
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    print_data(&text)?;
    print_error(&summary(&assignments));
    if let Some(labels) = labels {
        let groups = |group: fn(&StoryAssignment) -> EntryId| {
            let pairs = window.iter().zip(&assignments);
            pairs.map(|(entry, found)| (entry.name(), group(found))).collect::<BTreeMap<_, _>>()
        };
        let sources = window.iter().map(|entry| (entry.name(), entry.source.clone())).collect();
        let (stories, texts) = (groups(|found| found.story), groups(|found| found.text_group));
        print_error(&labels.judge(&stories, &texts, &sources));
    }
    Ok(())
}

/// The bytes of a file, or of standard input for `-`.
fn read_bytes(file: &Path) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::new();
    let read = if file == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)
    } else {
        File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    match read {
        Ok(_) => Ok(bytes),
        Err(error) => Err(format!("error: cannot read {}: {error}", file.display())),
    }
}

/// Prints text to standard output; a reader that closes early (`| head`) is not a failure.
fn print_data(text: &str) -> Result<(), String> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(format!("error: standard output cannot be written: {error}"))
        }
        _ => Ok(()),
    }
}

/// Prints a line to standard error.
fn print_error(text: &str) {
    // A standard error that is closed cannot report its own loss.
    let _ = writeln!(io::stderr(), "{text}");
}

fn assign_stories(window: &[WindowEntry], settings: StorySettings) -> Vec<StoryAssignment> {
    let mut memory = StoryMemory::new(settings, Vec::new());
    let assign = |entry: &WindowEntry| {
        memory.assign(&StoryInput {
            id: entry.entry_id,
            source: &entry.source,
            listed_at: entry.published,
            seen_at: entry.published,
            title: &entry.title,
            summary: &entry.summary,
            text: &entry.body,
        })
    };
    window.iter().map(assign).collect()
}

/// The output for one entry.
#[derive(Serialize)]
struct OutputLine<'a> {
    id: &'a Value,
    story: Option<&'a &'a Value>,
    text_group: Option<&'a &'a Value>,
    method: &'static str,
    score: Option<f32>,
    nearest: Option<&'a &'a Value>,
    related: Option<&'a &'a Value>,
}

fn output_line<'a>(
    entry: &'a WindowEntry,
    assignment: &StoryAssignment,
    names: &'a BTreeMap<EntryId, &'a Value>,
) -> OutputLine<'a> {
    OutputLine {
        id: &entry.id,
        story: names.get(&assignment.story),
        text_group: names.get(&assignment.text_group),
        method: assignment.method.as_str(),
        score: assignment.score,
        nearest: assignment.nearest.and_then(|id| names.get(&id)),
        related: assignment.related.and_then(|id| names.get(&id)),
    }
}

fn summary(assignments: &[StoryAssignment]) -> String {
    let count_shared = |group: fn(&StoryAssignment) -> EntryId| {
        let mut groups: BTreeMap<EntryId, usize> = BTreeMap::new();
        for found in assignments {
            *groups.entry(group(found)).or_default() += 1;
        }
        groups.into_values().filter(|size| *size > 1).count()
    };
    let count_by = |method| assignments.iter().filter(|found| found.method == method).count();
    format!(
        "{} entries: {} stories and {} texts that are told more than once; {} by the same text, {} by the \
         same event",
        assignments.len(),
        count_shared(|found| found.story),
        count_shared(|found| found.text_group),
        count_by(StoryMethod::SameText),
        count_by(StoryMethod::SameEvent),
    )
}
