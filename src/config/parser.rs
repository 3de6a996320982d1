//! The table of the whole file → settings, drafts of sources, and what is wrong. What is wrong with
//! one key is always told; what is wrong between keys only when the syntax is whole, for a broken
//! line hides keys.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::diagnostic::{Diagnostic, Diagnostics};
use super::settings::Config;
use super::source::{self, SourceDraft};
use super::suggest::suggest_nearest;
use super::value::{ConfigEnvironment, ConfigKey, Section, truncate_for_quoting};
use super::{article_selectors, output, page_selectors, sections};

/// What a file may hold, and the headings that say so.
const SECTIONS: [(&str, &str); 7] = [
    ("site", "[site]"),
    ("polling", "[polling]"),
    ("store", "[store]"),
    ("serve", "[serve]"),
    ("websub", "[websub]"),
    ("source", "[[source]]"),
    ("output", "[[output]]"),
];

/// What was read so far.
#[derive(Default)]
pub(super) struct ConfigParser {
    /// The sources.
    drafts: Vec<SourceDraft>,
    /// The outputs.
    outputs: Vec<output::OutputDraft>,
    /// What is wrong with a key or a value.
    mistakes: Diagnostics,
    /// What is wrong with what is there and what is not: worth nothing while the syntax is broken.
    cross_key_mistakes: Diagnostics,
    /// What is allowed but unwise.
    notes: Diagnostics,
    /// Where `[websub]` is switched on without an address of its own.
    websub_without_callback: Option<Range<usize>>,
}

impl ConfigParser {
    /// Reads every section into `config`, and every source into a draft.
    pub(super) fn parse_root(
        &mut self,
        root: &DeTable<'_>,
        around: ConfigEnvironment<'_>,
        config: &mut Config,
    ) {
        for (name, value) in root {
            let key = name.get_ref().as_ref();
            let Some((_, heading)) = SECTIONS.iter().find(|(section, _)| *section == key) else {
                self.mistakes.push(unknown_section(key, name.span()));
                continue;
            };
            match value.get_ref() {
                DeValue::Array(tables) if key == "source" => {
                    for table in tables {
                        self.parse_source(heading, table, around);
                    }
                }
                DeValue::Array(tables) if key == "output" => {
                    for table in tables {
                        self.parse_output(heading, table, around);
                    }
                }
                DeValue::Table(table) if !is_table_list(key) => {
                    let section = Section { heading, table, environment: around, section_of };
                    self.parse_section(key, &section, config);
                }
                _ => self.mistakes.push(wrong_table_kind(key, heading, name.span())),
            }
        }
    }

    /// Compares the sources with each other and puts them into `config`; the mistakes and the
    /// notes. `broken` is what the parser could not read.
    pub(super) fn finish(
        mut self,
        text: &str,
        broken: &[toml::de::Error],
        config: &mut Config,
    ) -> (Diagnostics, Diagnostics) {
        if !broken.is_empty() {
            return (syntax_errors(text, broken, self.mistakes), self.notes);
        }
        config.sources = source::finish_sources(self.drafts, &mut self.mistakes);
        config.outputs = output::finish_outputs(self.outputs, &config.sources, &mut self.mistakes);
        if config.websub.enabled
            && config.push_base().is_none()
            && let Some(place) = self.websub_without_callback
        {
            let message = "hubs need a public address to call back, and there is none";
            let help = "give `callback` in `[websub]`, or `address` in `[site]`";
            self.cross_key_mistakes.push(Diagnostic::at(place, message).with_help(help));
        }
        self.mistakes.0.append(&mut self.cross_key_mistakes.0);
        (self.mistakes, self.notes)
    }

    fn parse_section(&mut self, key: &str, section: &Section<'_>, config: &mut Config) {
        let mistakes = &mut self.mistakes;
        match key {
            "site" => section.parse_keys(sections::SITE_KEYS, &mut config.site, mistakes),
            "store" => section.parse_keys(sections::STORE_KEYS, &mut config.store, mistakes),
            "serve" => section.parse_keys(sections::SERVE_KEYS, &mut config.serve, mistakes),
            "websub" => {
                section.parse_keys(sections::WEBSUB_KEYS, &mut config.websub, mistakes);
                let is_told = section.span_of("callback").is_some();
                self.websub_without_callback = section.span_of("enabled").filter(|_| !is_told);
            }
            _ => self.parse_polling(section, config),
        }
    }

    fn parse_polling(&mut self, section: &Section<'_>, config: &mut Config) {
        let polling = &mut config.polling;
        let before = self.mistakes.0.len();
        section.parse_keys(sections::POLLING_KEYS, polling, &mut self.mistakes);
        // A bound that was not understood says nothing about the others.
        if self.mistakes.0.len() == before {
            self.cross_key_mistakes.0.extend(sections::check_poll_bounds(section, polling).0);
        }
        for (key, length) in [("every", polling.every), ("at_least", polling.at_least)] {
            self.notes.0.extend(sections::warn_if_impolite(section, key, length));
        }
    }

    fn parse_output(
        &mut self,
        heading: &'static str,
        table: &Spanned<DeValue<'_>>,
        around: ConfigEnvironment<'_>,
    ) {
        let place = table.span();
        let DeValue::Table(keys) = table.get_ref() else {
            self.mistakes.push(wrong_table_kind("output", heading, place));
            return;
        };
        let section = Section { heading, table: keys, environment: around, section_of };
        if self.outputs.len() == output::MAX_OUTPUTS {
            let message = format!("expected at most {} outputs", output::MAX_OUTPUTS);
            self.cross_key_mistakes.push(Diagnostic::at(place.clone(), message));
        }
        self.outputs.push(output::parse_output(&section, place, &mut self.mistakes));
    }

    fn parse_source(
        &mut self,
        heading: &'static str,
        table: &Spanned<DeValue<'_>>,
        around: ConfigEnvironment<'_>,
    ) {
        let DeValue::Table(keys) = table.get_ref() else {
            self.mistakes.push(wrong_table_kind("source", heading, table.span()));
            return;
        };
        let section = Section { heading, table: keys, environment: around, section_of };
        let draft = source::parse_source(&section, &mut self.mistakes);
        if section.span_of("url").is_none() {
            let mistake = Diagnostic::at(table.span(), "this source has no `url`");
            self.cross_key_mistakes.push(mistake.with_help("write url = \"https://…\" below it"));
        }
        if let Some(every) = draft.configured_interval() {
            self.notes.0.extend(sections::warn_if_impolite(&section, "every", every));
        }
        self.drafts.push(draft);
    }
}

/// The heading of the section that has this key; `None` when none has.
pub(super) fn section_of(key: &str) -> Option<&'static str> {
    fn has<T>(keys: &[ConfigKey<T>], name: &str) -> bool {
        keys.iter().any(|key| key.name == name)
    }
    let homes = [
        (has(sections::SITE_KEYS, key), "[site]"),
        (has(sections::POLLING_KEYS, key), "[polling]"),
        (has(sections::STORE_KEYS, key), "[store]"),
        (has(sections::SERVE_KEYS, key), "[serve]"),
        (has(source::SOURCE_KEYS, key), "[[source]]"),
        (has(sections::WEBSUB_KEYS, key), "[websub]"),
        (has(page_selectors::PAGE_KEYS, key), "[source.page]"),
        (has(article_selectors::ARTICLE_KEYS, key), "[source.article]"),
        (has(output::OUTPUT_KEYS, key), "[[output]]"),
    ];
    homes.into_iter().find(|(has, _)| *has).map(|(_, heading)| heading)
}

fn unknown_section(key: &str, place: Range<usize>) -> Diagnostic {
    let mistake = Diagnostic::at(
        place,
        format!("`{}` is no section of this file", truncate_for_quoting(key)),
    );
    let near = suggest_nearest(key, SECTIONS.iter().map(|(name, _)| *name));
    let heading = near.and_then(|near| SECTIONS.iter().find(|(name, _)| *name == near));
    if let Some((_, heading)) = heading {
        return mistake.with_help(format!("did you mean `{heading}`?"));
    }
    if let Some(home) = section_of(key) {
        return mistake.with_help(format!("it belongs in `{home}`"));
    }
    let headings: Vec<_> = SECTIONS.iter().map(|(_, heading)| *heading).collect();
    mistake.with_help(format!("the sections are {}", headings.join(", ")))
}

/// Whether a section may stand any number of times.
fn is_table_list(key: &str) -> bool {
    matches!(key, "source" | "output")
}

fn wrong_table_kind(key: &str, heading: &str, place: Range<usize>) -> Diagnostic {
    let what = if is_table_list(key) { "a list of tables" } else { "a table" };
    Diagnostic::at(place, format!("expected `{key}` to be {what}"))
        .with_help(format!("write `{heading}`"))
}

/// Broken syntax, one mistake a line: what the parser stumbles over next follows from the first.
/// Of the other mistakes those above it; below, the parser may have taken one table for another.
fn syntax_errors(text: &str, broken: &[toml::de::Error], others: Diagnostics) -> Diagnostics {
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let line_of = |at: usize| ends.partition_point(|end| *end < at);
    let mut lines = BTreeSet::new();
    let mut mistakes = Diagnostics::default();
    for error in broken {
        let span = error.span().unwrap_or(0..0);
        if lines.insert(line_of(span.start)) {
            mistakes.push(Diagnostic::at(span, error.message()));
        }
    }
    let first = lines.first().copied().unwrap_or(usize::MAX);
    // A value that the parser made up has an empty place.
    let is_above =
        |mistake: &Diagnostic| !mistake.span.is_empty() && line_of(mistake.span.start) < first;
    mistakes.0.extend(others.0.into_iter().filter(is_above));
    mistakes
}
