//! The table of the whole file → settings, drafts of sources, and what is wrong. What is wrong with
//! one key is always reported; what is wrong between keys only when the syntax is whole, since a broken
//! line hides keys.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::key_row::{KeyTable, TableKind};
use super::key_table::{SECTIONS, section_of};
use super::settings::Config;
use super::source::{self, SourceDraft};
use super::suggest::suggest_nearest;
use super::value::{ConfigEnvironment, Section, truncate_for_quoting};
use super::{output, sections};

/// What is parsed so far.
#[derive(Default)]
pub(super) struct ConfigParser {
    /// The sources.
    drafts: Vec<SourceDraft>,
    /// The outputs.
    outputs: Vec<output::OutputDraft>,
    /// What is wrong with a key or a value.
    diagnostics: Diagnostics,
    /// What is wrong between keys, and what is missing: meaningless while the syntax is broken.
    cross_key_diagnostics: Diagnostics,
    /// What is allowed but unwise.
    notes: Diagnostics,
    /// The place of `enabled` in a `[websub]` without an address of its own.
    websub_without_callback: Option<Range<usize>>,
}

impl ConfigParser {
    /// Parses every section into `config`, and every source into a draft.
    pub(super) fn parse_root(
        &mut self,
        root: &DeTable<'_>,
        environment: ConfigEnvironment<'_>,
        config: &mut Config,
    ) {
        for (name, value) in root {
            let Some(keys) = find_section(name.get_ref()) else {
                self.diagnostics.push(unknown_section(name.get_ref(), name.span()));
                continue;
            };
            match value.get_ref() {
                DeValue::Array(tables) if keys.kind == TableKind::List => {
                    for table in tables {
                        self.parse_member(keys, table, environment);
                    }
                }
                DeValue::Table(table) if keys.kind == TableKind::Section => {
                    self.parse_section(&Section { keys, table, environment }, config);
                }
                _ => self.diagnostics.push(wrong_table_kind(keys, name.span())),
            }
        }
    }

    /// Compares the sources with each other and puts them into `config`; returns the mistakes and the
    /// notes. `broken` holds the errors of the TOML parser.
    pub(super) fn finish(
        mut self,
        text: &str,
        broken: &[toml::de::Error],
        config: &mut Config,
    ) -> (Diagnostics, Diagnostics) {
        if !broken.is_empty() {
            return (syntax_errors(text, broken, self.diagnostics), self.notes);
        }
        config.sources = source::finish_sources(self.drafts, &mut self.diagnostics).into();
        config.outputs =
            output::finish_outputs(self.outputs, &config.sources, &mut self.diagnostics);
        if config.websub.enabled
            && config.push_base().is_none()
            && let Some(span) = self.websub_without_callback
        {
            let message = "hubs need a public address to call back, and there is none";
            let help = "give `callback` in `[websub]`, or `address` in `[site]`";
            self.cross_key_diagnostics.push(Diagnostic::at(span, message).with_help(help));
        }
        self.diagnostics.0.append(&mut self.cross_key_diagnostics.0);
        (self.diagnostics, self.notes)
    }

    fn parse_section(&mut self, section: &Section<'_>, config: &mut Config) {
        let diagnostics = &mut self.diagnostics;
        match section.keys.name {
            "site" => section.parse_keys(sections::SITE_PARSERS, &mut config.site, diagnostics),
            "store" => section.parse_keys(sections::STORE_PARSERS, &mut config.store, diagnostics),
            "serve" => section.parse_keys(sections::SERVE_PARSERS, &mut config.serve, diagnostics),
            "websub" => {
                section.parse_keys(sections::WEBSUB_PARSERS, &mut config.websub, diagnostics);
                let has_callback = section.span_of("callback").is_some();
                self.websub_without_callback = section.span_of("enabled").filter(|_| !has_callback);
            }
            _ => self.parse_polling(section, config),
        }
    }

    fn parse_polling(&mut self, section: &Section<'_>, config: &mut Config) {
        let polling = &mut config.polling;
        let before = self.diagnostics.0.len();
        section.parse_keys(sections::POLLING_PARSERS, polling, &mut self.diagnostics);
        // A bound with a mistake says nothing about the others.
        if self.diagnostics.0.len() == before {
            self.cross_key_diagnostics.0.extend(sections::check_poll_bounds(section, polling).0);
        }
        for (key, length) in [("every", polling.every), ("at_least", polling.at_least)] {
            self.notes.0.extend(sections::warn_if_impolite(section, key, length));
        }
    }

    /// One table of a list: a source or an output.
    fn parse_member(
        &mut self,
        keys: &'static KeyTable,
        table: &Spanned<DeValue<'_>>,
        environment: ConfigEnvironment<'_>,
    ) {
        let span = table.span();
        let DeValue::Table(table) = table.get_ref() else {
            self.diagnostics.push(wrong_table_kind(keys, span));
            return;
        };
        let section = Section { keys, table, environment };
        match keys.name {
            "source" => self.parse_source(&section, span),
            _ => self.parse_output(&section, span),
        }
    }

    fn parse_output(&mut self, section: &Section<'_>, span: Range<usize>) {
        if self.outputs.len() == output::MAX_OUTPUTS {
            let message = format!("expected at most {} outputs", output::MAX_OUTPUTS);
            self.cross_key_diagnostics.push(Diagnostic::at(span.clone(), message));
        }
        self.outputs.push(output::parse_output(section, span, &mut self.diagnostics));
    }

    fn parse_source(&mut self, section: &Section<'_>, span: Range<usize>) {
        let draft = source::parse_source(section, &mut self.diagnostics);
        if section.span_of("url").is_none() {
            let diagnostic = Diagnostic::at(span, "this source has no `url`");
            let help = "write url = \"https://…\" below it";
            self.cross_key_diagnostics.push(diagnostic.with_help(help));
        }
        if let Some(every) = draft.configured_interval() {
            self.notes.0.extend(sections::warn_if_impolite(section, "every", every));
        }
        self.drafts.push(draft);
    }
}

fn unknown_section(key: &str, span: Range<usize>) -> Diagnostic {
    let message = format!("`{}` is no section of this file", truncate_for_quoting(key));
    let diagnostic = Diagnostic::at(span, message);
    let near = suggest_nearest(key, SECTIONS.iter().map(|table| table.name));
    if let Some(table) = near.and_then(find_section) {
        return diagnostic.with_help(format!("did you mean `{}`?", table.heading));
    }
    if let Some(heading) = section_of(key) {
        return diagnostic.with_help(format!("it belongs in `{heading}`"));
    }
    let headings: Vec<_> = SECTIONS.iter().map(|table| table.heading).collect();
    diagnostic.with_help(format!("the sections are {}", headings.join(", ")))
}

fn find_section(name: &str) -> Option<&'static KeyTable> {
    SECTIONS.iter().find(|table| table.name == name).copied()
}

fn wrong_table_kind(keys: &KeyTable, span: Range<usize>) -> Diagnostic {
    let expected = if keys.kind == TableKind::List { "a list of tables" } else { "a table" };
    Diagnostic::at(span, format!("expected `{}` to be {expected}", keys.name))
        .with_help(format!("write `{}`", keys.heading))
}

/// Broken syntax, one mistake per line: further errors of a line follow from the first. Of the other
/// mistakes those above it: below, the parser may have taken one table for another.
fn syntax_errors(text: &str, broken: &[toml::de::Error], others: Diagnostics) -> Diagnostics {
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let line_of = |at: usize| ends.partition_point(|end| *end < at);
    let mut lines = BTreeSet::new();
    let mut diagnostics = Diagnostics::default();
    for error in broken {
        let span = error.span().unwrap_or(0..0);
        if lines.insert(line_of(span.start)) {
            diagnostics.push(Diagnostic::at(span, error.message()));
        }
    }
    let first = lines.first().copied().unwrap_or(usize::MAX);
    // A value that the parser made up has an empty span.
    let is_above = |diagnostic: &Diagnostic| {
        !diagnostic.span.is_empty() && line_of(diagnostic.span.start) < first
    };
    diagnostics.0.extend(others.0.into_iter().filter(is_above));
    diagnostics
}
