//! Mistakes and their text → what a person reads: the file, the line, the column, and a caret under
//! the words. Carets fit after Arabic: columns are those of a terminal, not bytes.

use std::fmt;
use std::ops::Range;
use std::path::PathBuf;

use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::redact;

/// Mistakes beyond this number are counted, not shown: no one reads on.
const MAX_SHOWN: usize = 100;

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error(
        "there is no {path}: make it with `rafid add <URL>`, or copy the feeds.toml that comes with \
         rafid"
    )]
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
        let Self::Invalid(report) = self else {
            return vec![LocatedDiagnostic {
                line: 0,
                column: 0,
                message: self.to_string(),
                help: None,
            }];
        };
        let locate = |diagnostic: &Diagnostic| {
            let (line, column) = line_and_column(&report.text, diagnostic.span.start);
            let (message, help) = (diagnostic.message.clone(), diagnostic.help.clone());
            LocatedDiagnostic { line, column, message, help }
        };
        report.diagnostics.iter().map(locate).collect()
    }
}

/// One mistake for programs, with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatedDiagnostic {
    /// The line, from 1; 0: the file was not parsed.
    pub line: usize,
    /// The column in letters, from 1; 0: the file was not parsed.
    pub column: usize,
    /// What was found and what was expected.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

/// The mistakes of one text, ready to be shown; secrets are redacted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiagnosticReport {
    path: String,
    text: String,
    diagnostics: Vec<Diagnostic>,
}

/// Plain, without colors.
impl fmt::Display for DiagnosticReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.render(&Renderer::plain(), &Level::ERROR))
    }
}

impl DiagnosticReport {
    /// Sorts the mistakes of `text` by their places; `path` is shown as given.
    pub(super) fn new(path: &str, text: &str, diagnostics: Diagnostics) -> Self {
        let mut diagnostics = diagnostics.0;
        diagnostics.sort_by_key(|diagnostic| diagnostic.span.start);
        Self { path: path.to_owned(), text: redact::redact_secrets(text), diagnostics }
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
        let hidden = self.diagnostics.len().saturating_sub(MAX_SHOWN);
        let count = match self.diagnostics.len() {
            1 => "1 mistake".to_owned(),
            more => format!("{more} mistakes"),
        };
        let rest = if hidden > 0 { format!(", {hidden} of them not shown") } else { String::new() };
        parts.push(format!("{}: {count}{rest}", self.path));
        parts.join("\n\n")
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
        let place = LineSpan::locate(&self.text, span);
        Snippet::source(place.line)
            .line_start(place.number)
            .path(self.path.as_str())
            .annotation(annotate(place.span))
    }
}

/// A span within its line.
struct LineSpan<'a> {
    /// The number of the line, from 1.
    number: usize,
    /// The line without its end.
    line: &'a str,
    /// The part of the line that the span covers.
    span: Range<usize>,
}

impl<'a> LineSpan<'a> {
    fn locate(text: &'a str, span: &Range<usize>) -> Self {
        let start = text.floor_char_boundary(span.start.min(text.len()));
        let (before, after) = text.split_at(start);
        // A byte order mark belongs to no line.
        let top = if before.starts_with('\u{FEFF}') { '\u{FEFF}'.len_utf8() } else { 0 };
        let line_start = before.rfind('\n').map_or(top, |newline| newline + 1);
        let line_end = after.find('\n').map_or(text.len(), |newline| start + newline);
        let line = text.get(line_start..line_end).unwrap_or_default();
        let line = line.strip_suffix('\r').unwrap_or(line);
        let within = |at: usize| line.floor_char_boundary(at.saturating_sub(line_start));
        Self {
            number: before.matches('\n').count() + 1,
            line,
            span: within(start)..within(span.end.max(start)),
        }
    }
}

/// The line and the column (in letters), both from 1, of a byte of `text`.
pub(super) fn line_and_column(text: &str, at: usize) -> (usize, usize) {
    let place = LineSpan::locate(text, &(at..at));
    let column = place.line.get(..place.span.start).map_or(0, |before| before.chars().count());
    (place.number, column + 1)
}
