//! The tables of the main file and of each included one → settings, drafts of sources, and what is wrong. What is
//! wrong with one key is always reported; what is wrong between keys only when the syntax of all files is whole,
//! since a broken line hides keys.
//!
//! An included file holds lists alone (`[[source]]`, `[[output]]`, `[[list]]`): every setting has one place.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::access_checks::AccessSpans;
use super::diagnostic::{Diagnostic, Diagnostics};
use super::include::{IncludePattern, TOP_PARSERS, TopKeys};
use super::key_row::{KeyTable, TableKind};
use super::key_table::{SECTIONS, section_of};
use super::lists::list_section::{self, ListDraft};
use super::odd_rules::warn_of_odd_rules;
use super::settings::Config;
use super::site_keys::TOP;
use super::source::{self, SourceDraft};
use super::suggest::suggest_nearest;
use super::value::{ConfigEnvironment, ConfigValue, Section, truncate_for_quoting};
use super::{output, sections};

/// What is parsed so far.
#[derive(Default)]
pub(super) struct ConfigParser {
    /// What is at the top of the main file.
    top: TopKeys,
    /// The sources.
    drafts: Vec<SourceDraft>,
    /// The outputs.
    outputs: Vec<output::OutputDraft>,
    /// The lists that are kept elsewhere.
    lists: Vec<ListDraft>,
    /// What is wrong with a key or a value.
    diagnostics: Diagnostics,
    /// What is wrong between keys, and what is missing: meaningless while the syntax is broken.
    cross_key_diagnostics: Diagnostics,
    /// What is allowed but unwise.
    notes: Diagnostics,
    /// Where `[serve]` says who may see what.
    access: AccessSpans,
    /// The place of `enabled` in a `[websub]` without an address of its own.
    websub_without_callback: Option<Range<usize>>,
    /// Whether the syntax of a file is broken.
    is_broken: bool,
}

impl ConfigParser {
    /// Parses every section of the main file into `config`, and every source into a draft.
    pub(super) fn parse_main(
        &mut self,
        text: &str,
        environment: ConfigEnvironment<'_>,
        config: &mut Config,
    ) {
        let (root, broken) = DeTable::parse_recoverable(text);
        for (name, value) in root.get_ref() {
            let word = name.get_ref().as_ref();
            let top_key = TOP.find(word).zip(TOP_PARSERS.iter().find(|(name, _)| *name == word));
            if let Some((row, (_, parse))) = top_key {
                let value = ConfigValue::new(row.name, row.kind, value, environment);
                self.diagnostics.collect(parse(&mut self.top, &value));
                continue;
            }
            let Some(keys) = find_section(word) else {
                self.diagnostics.push(unknown_section(word, name.span()));
                continue;
            };
            match value.get_ref() {
                DeValue::Table(table) if keys.kind == TableKind::Section => {
                    self.parse_section(&Section { keys, table, environment }, config);
                }
                _ => self.parse_list_table(keys, name.span(), value, environment),
            }
        }
        self.end_file(text, &broken);
    }

    /// The patterns of `include`. Empty if the main file is broken: they may be half of what was meant.
    pub(super) fn include_patterns(&mut self) -> Vec<IncludePattern> {
        let patterns = std::mem::take(&mut self.top.include);
        if self.is_broken { Vec::new() } else { patterns }
    }

    /// Parses an included file, whose text begins at `start` of the range of all files.
    pub(super) fn parse_included(
        &mut self,
        text: &str,
        start: usize,
        environment: ConfigEnvironment<'_>,
    ) {
        let mut own = Self::default();
        let (root, broken) = DeTable::parse_recoverable(text);
        for (name, value) in root.get_ref() {
            let word = name.get_ref().as_ref();
            match find_section(word) {
                Some(keys) if keys.kind == TableKind::List => {
                    own.parse_list_table(keys, name.span(), value, environment);
                }
                Some(keys) => own.diagnostics.push(not_in_included_file(keys.heading, name.span())),
                None if TOP.find(word).is_some() => {
                    own.diagnostics.push(not_in_included_file(word, name.span()));
                }
                None => own.diagnostics.push(unknown_section(word, name.span())),
            }
        }
        own.end_file(text, &broken);
        self.append(own, start);
    }

    fn append(&mut self, mut other: Self, start: usize) {
        other.drafts.iter_mut().for_each(|draft| draft.shift(start));
        other.outputs.iter_mut().for_each(|draft| draft.shift(start));
        other.lists.iter_mut().for_each(|draft| draft.shift(start));
        self.drafts.append(&mut other.drafts);
        self.outputs.append(&mut other.outputs);
        self.lists.append(&mut other.lists);
        self.diagnostics.append_shifted(other.diagnostics, start);
        self.cross_key_diagnostics.append_shifted(other.cross_key_diagnostics, start);
        self.notes.append_shifted(other.notes, start);
        self.is_broken |= other.is_broken;
    }

    /// `broken` holds the errors of the TOML parser.
    fn end_file(&mut self, text: &str, broken: &[toml::de::Error]) {
        if !broken.is_empty() {
            self.is_broken = true;
            let others = std::mem::take(&mut self.diagnostics);
            self.diagnostics = syntax_errors(text, broken, others);
        }
    }

    /// Adds what is wrong with the files that the main file includes, and what is unwise.
    pub(super) fn report_includes(&mut self, diagnostics: Diagnostics, notes: Diagnostics) {
        self.diagnostics.0.extend(diagnostics.0);
        self.notes.0.extend(notes.0);
    }

    /// Compares the sources with each other and puts them into `config`; returns the mistakes and the
    /// notes.
    pub(super) fn finish(mut self, config: &mut Config) -> (Diagnostics, Diagnostics) {
        if self.is_broken {
            return (self.diagnostics, self.notes);
        }
        let sources = source::finish_sources(self.drafts, &mut self.diagnostics);
        (config.sources, config.disabled) = (sources.enabled.into(), sources.disabled);
        if let Some(surplus) = self.outputs.get(output::MAX_OUTPUTS) {
            let message = format!("expected at most {} outputs", output::MAX_OUTPUTS);
            self.cross_key_diagnostics.push(Diagnostic::at(surplus.span.clone(), message));
        }
        config.lists = list_section::finish_lists(self.lists, &mut self.diagnostics);
        // The sources of lists come and go, and are not known here.
        let known = config.lists.is_empty().then_some(&config.sources);
        config.outputs = output::finish_outputs(self.outputs, known, &mut self.diagnostics);
        self.cross_key_diagnostics.0.extend(self.access.check_addresses(config));
        self.notes.0.extend(self.access.warn_of_open_access(config).0);
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

    /// The tables of a list: sources, outputs, or lists that are kept elsewhere.
    fn parse_list_table(
        &mut self,
        keys: &'static KeyTable,
        name: Range<usize>,
        value: &Spanned<DeValue<'_>>,
        environment: ConfigEnvironment<'_>,
    ) {
        match value.get_ref() {
            DeValue::Array(tables) if keys.kind == TableKind::List => {
                for table in tables {
                    self.parse_member(keys, table, environment);
                }
            }
            _ => self.diagnostics.push(wrong_table_kind(keys, name)),
        }
    }

    fn parse_section(&mut self, section: &Section<'_>, config: &mut Config) {
        let diagnostics = &mut self.diagnostics;
        match section.keys.name {
            "site" => section.parse_keys(sections::SITE_PARSERS, &mut config.site, diagnostics),
            "store" => section.parse_keys(sections::STORE_PARSERS, &mut config.store, diagnostics),
            "serve" => {
                section.parse_keys(sections::SERVE_PARSERS, &mut config.serve, diagnostics);
                self.notes.0.extend(warn_of_odd_rules(section).0);
                self.access = AccessSpans::of_section(section);
            }
            "stories" => {
                section.parse_keys(sections::STORIES_PARSERS, &mut config.stories, diagnostics);
            }
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

    /// One table of such a list.
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
        self.notes.0.extend(warn_of_odd_rules(&section).0);
        match keys.name {
            "source" => self.parse_source(&section, span),
            "list" => self.parse_remote_list(&section, span),
            _ => self.parse_output(&section, span),
        }
    }

    fn parse_output(&mut self, section: &Section<'_>, span: Range<usize>) {
        self.outputs.push(output::parse_output(section, span, &mut self.diagnostics));
    }

    fn parse_remote_list(&mut self, section: &Section<'_>, span: Range<usize>) {
        if section.span_of("url").is_none() {
            let diagnostic = Diagnostic::at(span.clone(), "this list has no `url`");
            let help = "write url = \"https://…\" below it";
            self.cross_key_diagnostics.push(diagnostic.with_help(help));
        }
        let draft = list_section::parse_list_section(section, span, &mut self.diagnostics);
        if let Some(every) = draft.source_interval() {
            self.notes.0.extend(sections::warn_if_impolite(section, "every", every));
        }
        self.lists.push(draft);
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
    let names = SECTIONS.iter().map(|table| table.name);
    let near = suggest_nearest(key, names.chain(TOP.keys.iter().map(|row| row.name)));
    if let Some(near) = near {
        let meant = find_section(near).map_or(near, |table| table.heading);
        return diagnostic.with_help(format!("did you mean `{meant}`?"));
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

fn not_in_included_file(what: &str, span: Range<usize>) -> Diagnostic {
    let message = format!("`{what}` stands in an included file");
    let help = "an included file holds `[[source]]`, `[[output]]` and `[[list]]` alone: write it in the file that \
                includes this one";
    Diagnostic::at(span, message).with_help(help)
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
