//! Mistakes and their text → what a person reads: the file, the line, the column, and a caret under
//! the words. Carets fit after Arabic: columns are those of a terminal, not bytes.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::LazyLock;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::line_index::LineIndex;
use super::redact;

/// Mistakes beyond this number are counted, not shown: no one reads on.
const MAX_SHOWN: usize = 100;
/// The summary names this number of files with mistakes; the others are counted.
const NAMED_FILES: usize = 5;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("there is no {path}: make it with `rafid init`, or with `rafid add <URL>`")]
    Missing {
        /// The file that was looked for.
        path: PathBuf,
    },
    /// The system cannot read the file.
    #[error("cannot read {path}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// The system's reason.
        source: std::io::Error,
    },
    /// The file is not UTF-8, which TOML requires (toml.io/en/v1.0.0, "Spec").
    #[error("{path} is not UTF-8: the first wrong byte is on line {line}, column {column}")]
    NotUtf8 {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// The letter of the line, from 1.
        column: usize,
    },
    /// The file, or one of its lines, is longer than any real one.
    #[error("{path} is too long: expected at most {limit} bytes in {whole}")]
    TooLong {
        /// The file.
        path: PathBuf,
        /// The limit.
        limit: usize,
        /// What the limit is of: the file, or a line by its number.
        whole: String,
    },
    /// The file has mistakes: all of them, each with its place.
    #[error("{0}")]
    Invalid(DiagnosticReport),
}

impl ConfigError {
    /// As `Display`, with the colors of a terminal (ANSI escapes).
    pub fn colored(&self) -> String {
        match self {
            Self::Invalid(report) => report.render(&Renderer::styled(), &Level::ERROR),
            other => other.to_string(),
        }
    }

    /// Every mistake for programs; a file that cannot be read is one mistake without a place.
    pub fn diagnostics(&self) -> Vec<LocatedDiagnostic> {
        let path = match self {
            Self::Invalid(report) => return report.located_diagnostics(),
            Self::Missing { path }
            | Self::Unreadable { path, .. }
            | Self::NotUtf8 { path, .. }
            | Self::TooLong { path, .. } => path,
        };
        let (file, message) = (path.display().to_string(), self.to_string());
        vec![LocatedDiagnostic { file, line: 0, column: 0, message, help: None }]
    }
}

/// One mistake for programs, with its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedDiagnostic {
    /// The file, as messages show it.
    pub file: String,
    /// The line, from 1; 0: the file was not parsed.
    pub line: usize,
    /// The column in letters, from 1; 0: the file was not parsed.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// A text that mistakes are in, and where it begins in the range of all files.
pub(super) struct FileText<'a> {
    /// The path, as messages show it.
    pub(super) path: String,
    /// The text.
    pub(super) text: &'a str,
    /// Where it begins: 0 is the main file.
    pub(super) start: usize,
}

/// A file that mistakes are in; secrets are redacted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct ReportedFile {
    path: String,
    text: String,
    lines: LineIndex,
    start: usize,
}

impl ReportedFile {
    fn new(file: &FileText<'_>) -> Self {
        let text = redact::redact_secrets(file.text);
        let lines = LineIndex::new(&text);
        Self { path: file.path.clone(), text, lines, start: file.start }
    }
}

/// The mistakes of one configuration, ready to be shown; secrets are redacted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiagnosticReport {
    /// The files that the mistakes are in, by their start.
    files: Vec<ReportedFile>,
    diagnostics: Vec<Diagnostic>,
}

/// Plain, without colors.
impl fmt::Display for DiagnosticReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain(), &Level::ERROR))
    }
}

impl DiagnosticReport {
    /// Sorts the mistakes by their places. `files` begins with the main file and is sorted by start.
    pub(super) fn new(files: &[FileText<'_>], diagnostics: Diagnostics) -> Self {
        let mut diagnostics = diagnostics.0;
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        let related = diagnostics.iter().filter_map(|it| it.related.as_ref().map(|(span, _)| span));
        let spans = diagnostics.iter().map(|it| &it.span).chain(related);
        // A configuration may hold tens of megabytes: only files with mistakes are copied.
        let used: BTreeSet<usize> = spans
            .map(|span| files.partition_point(|file| file.start <= span.start).saturating_sub(1))
            .collect();
        let files_used = used.into_iter().filter_map(|index| files.get(index));
        Self { files: files_used.map(ReportedFile::new).collect(), diagnostics }
    }

    /// The file that a place is in.
    fn file_at(&self, at: usize) -> &ReportedFile {
        static NO_FILE: LazyLock<ReportedFile> = LazyLock::new(ReportedFile::default);
        self.files.iter().rev().find(|file| file.start <= at).unwrap_or(&NO_FILE)
    }

    fn located_diagnostics(&self) -> Vec<LocatedDiagnostic> {
        let locate = |diagnostic: &Diagnostic| {
            let at = diagnostic.span.start;
            let file = self.file_at(at);
            let own = at.saturating_sub(file.start);
            let (line, column) = file.lines.line_and_column(&file.text, own);
            let (message, help) = (diagnostic.message.clone(), diagnostic.help.clone());
            LocatedDiagnostic { file: file.path.clone(), line, column, message, help }
        };
        self.diagnostics.iter().map(locate).collect()
    }

    /// Whether there is no mistake.
    pub(super) fn is_empty(&self) -> bool {
        self.diagnostics.is_empty()
    }

    /// Each mistake as a warning of its own, plain.
    pub(super) fn warnings(&self) -> Vec<String> {
        let render = |diagnostic| self.render_one(diagnostic, &Renderer::plain(), &Level::WARNING);
        self.diagnostics.iter().map(render).collect()
    }

    fn render(&self, renderer: &Renderer, level: &Level<'static>) -> String {
        let mut parts: Vec<String> = self
            .diagnostics
            .iter()
            .take(MAX_SHOWN)
            .map(|diagnostic| self.render_one(diagnostic, renderer, level))
            .collect();
        parts.push(self.summary());
        parts.join("\n\n")
    }

    /// How many mistakes there are, and in which files.
    fn summary(&self) -> String {
        let hidden = self.diagnostics.len().saturating_sub(MAX_SHOWN);
        let count = match self.diagnostics.len() {
            1 => "1 mistake".to_owned(),
            more => format!("{more} mistakes"),
        };
        let rest = if hidden > 0 { format!(", {hidden} of them not shown") } else { String::new() };
        // The mistakes are in the order of the files.
        let by_file: Vec<(&str, usize)> = self
            .diagnostics
            .chunk_by(|one, next| self.path_of(one) == self.path_of(next))
            .filter_map(|of_file| Some((self.path_of(of_file.first()?), of_file.len())))
            .collect();
        if let [(path, _)] = by_file[..] {
            return format!("{path}: {count}{rest}");
        }
        let (named, others) = by_file.split_at(by_file.len().min(NAMED_FILES));
        let named = named.iter().map(|(path, count)| format!("{count} in {path}"));
        let in_others: usize = others.iter().map(|(_, count)| count).sum();
        let others = match others.len() {
            0 => None,
            1 => Some(format!("{in_others} in another file")),
            files => Some(format!("{in_others} in {files} other files")),
        };
        let places: Vec<String> = named.chain(others).collect();
        format!("{count}{rest}: {}", places.join(", "))
    }

    fn path_of(&self, diagnostic: &Diagnostic) -> &str {
        &self.file_at(diagnostic.span.start).path
    }

    fn render_one(
        &self,
        diagnostic: &Diagnostic,
        renderer: &Renderer,
        level: &Level<'static>,
    ) -> String {
        let primary = AnnotationKind::Primary;
        let mut group = Group::with_title(level.clone().primary_title(&diagnostic.message))
            .element(self.snippet(&diagnostic.span, |span| primary.span(span)));
        if let Some((span, label)) = &diagnostic.related {
            let context = AnnotationKind::Context;
            group = group.element(self.snippet(span, |span| context.span(span).label(*label)));
        }
        if let Some(help) = &diagnostic.help {
            group = group.element(Level::HELP.message(help));
        }
        // The renderer replaces C0 controls by pictures but keeps those of C1, which some terminals obey.
        renderer.render(&[group]).replace(|c| ('\u{80}'..='\u{9f}').contains(&c), "\u{fffd}")
    }

    /// The one line that `span` begins on, annotated.
    fn snippet<'a>(
        &'a self,
        span: &Range<usize>,
        annotate: impl FnOnce(Range<usize>) -> Annotation<'a>,
    ) -> Snippet<'a, Annotation<'a>> {
        let file = self.file_at(span.start);
        let own = |at: usize| at.saturating_sub(file.start);
        let place = file.lines.locate(&file.text, &(own(span.start)..own(span.end)));
        Snippet::source(place.line)
            .line_start(place.number)
            .path(file.path.as_str())
            .annotation(annotate(place.span))
    }
}
