//! A window of entries as JSON lines → one line per entry with its story, as the story memory of the daemon
//! assigns it; with labels, also how good the assignments are.
//!
//! `docs/stories.md` describes both files. Standard output is for data, standard error for everything else.
//! Exit codes: 0 success, 1 failure while working, 2 wrong usage (clap's).

mod bootstrap;
mod labels;
mod quality;
mod window;
mod words;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use rafid::model::{EntryId, StoryAssignment, StoryInput, StoryMethod};
use rafid::story::{StoryFeatures, StoryMemory, StorySettings, StoryVectors};
use serde::Serialize;
use serde_json::Value;

use labels::{JudgedEntry, Labels};
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
    /// Entries that arrive before the window, as those of the days before; their dates are moved there
    #[arg(long, value_name = "FILE")]
    before: Option<PathBuf>,
    /// The file of word vectors, or off; without it those of the program
    #[arg(long, value_name = "FILE")]
    vectors: Option<PathBuf>,
    /// Of each entry read only the title and the summary
    #[arg(long)]
    no_body: bool,
    /// Print the words of each entry instead, as the training of vectors reads them
    #[arg(long)]
    words: bool,
    /// The score from which an entry joins a story; several give a row of figures each
    #[arg(long, value_name = "SCORE", value_delimiter = ',')]
    merge: Vec<f32>,
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

/// Reads the window, assigns its entries in order, and prints the assignments.
fn evaluate(arguments: &Arguments) -> Result<(), String> {
    let mut window = window::read_window(&arguments.eval)?;
    if arguments.words {
        return print_data(&words::print_words(&window));
    }
    let mut before = match &arguments.before {
        Some(file) => window::entries_before(window::read_window(file)?, &window),
        None => Vec::new(),
    };
    if arguments.no_body {
        window.iter_mut().chain(&mut before).for_each(|entry| entry.body.clear());
    }
    let labels = arguments.labels.as_deref().map(Labels::read_file).transpose()?;
    let vectors = read_vectors(arguments.vectors.as_deref())?;
    let settings = StorySettings::new(vectors.vectors().is_some());
    let lines =
        if arguments.merge.is_empty() { vec![settings.merge] } else { arguments.merge.clone() };
    let stream = Stream::new(&before, &window, &vectors);
    for merge in lines {
        let assignments = stream.assign_stories(StorySettings { merge, ..settings });
        if arguments.merge.len() < 2 {
            print_assignments(&window, &assignments)?;
        }
        print_error(&format!("merge {merge:.2}: {}", summary(&assignments)));
        if let Some(labels) = &labels {
            print_error(&labels.judge(&judged_entries(&window, &assignments)));
        }
    }
    Ok(())
}

fn print_assignments(
    window: &[WindowEntry],
    assignments: &[StoryAssignment],
) -> Result<(), String> {
    let names: BTreeMap<EntryId, &Value> =
        window.iter().map(|entry| (entry.entry_id, &entry.id)).collect();
    let mut text = String::new();
    for (entry, assignment) in window.iter().zip(assignments) {
        // Our own types always serialize.
        let line = output_line(entry, assignment, &names);
        text.push_str(&serde_json::to_string(&line).unwrap_or_default());
        text.push('\n');
    }
    print_data(&text)
}

fn judged_entries(window: &[WindowEntry], assignments: &[StoryAssignment]) -> Vec<JudgedEntry> {
    let pairs = window.iter().zip(assignments);
    let judged = pairs.map(|(entry, found)| JudgedEntry {
        name: entry.name(),
        source: entry.source.clone(),
        day: entry.day(),
        story: found.story,
        text_group: found.text_group,
    });
    judged.collect()
}

/// The vectors of a file, or none, or those of the program.
fn read_vectors(file: Option<&Path>) -> Result<StoryVectors, String> {
    match file {
        None => Ok(StoryVectors::default()),
        Some(off) if off == Path::new("off") => Ok(StoryVectors::off()),
        Some(file) => StoryVectors::from_bytes(read_bytes(file)?)
            .map_err(|error| format!("error: {}: {error}", file.display())),
    }
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

/// Entries in the order of their arrival, with their features.
struct Stream<'a> {
    entries: Vec<(&'a WindowEntry, StoryFeatures)>,
    /// How many of them are before the window.
    before: usize,
}

impl<'a> Stream<'a> {
    fn new(before: &'a [WindowEntry], window: &'a [WindowEntry], vectors: &StoryVectors) -> Self {
        let with_features = |entry: &'a WindowEntry| {
            (entry, StoryFeatures::from_input(&story_input(entry), vectors.vectors()))
        };
        let entries = before.iter().chain(window).map(with_features).collect();
        Self { entries, before: before.len() }
    }

    /// The assignments of the entries of the window.
    fn assign_stories(&self, settings: StorySettings) -> Vec<StoryAssignment> {
        let mut memory = StoryMemory::new(settings, Vec::new());
        let assignments = self.entries.iter().map(|(entry, features)| {
            memory.assign_features(&story_input(entry).arrival(), || features.clone())
        });
        assignments.skip(self.before).collect()
    }
}

fn story_input(entry: &WindowEntry) -> StoryInput<'_> {
    StoryInput {
        id: entry.entry_id,
        source: &entry.source,
        listed_at: entry.published,
        seen_at: entry.published,
        title: &entry.title,
        summary: &entry.summary,
        text: &entry.body,
    }
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
