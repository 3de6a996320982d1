//! The table of the whole file → settings, drafts of sources, and what is wrong. What is wrong with
//! one key is always told; what is wrong between keys only when the syntax is whole, for a broken
//! line hides keys.

use std::collections::BTreeSet;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::article;
use super::given::{Around, Key, Section, clipped};
use super::mistake::{Mistake, Mistakes};
use super::output;
use super::page;
use super::sections;
use super::settings::Config;
use super::source::{self, Draft};
use super::suggest::nearest;

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
pub(super) struct Reading {
    /// The sources.
    drafts: Vec<Draft>,
    /// The outputs.
    outputs: Vec<output::Draft>,
    /// What is wrong with a key or a value.
    mistakes: Mistakes,
    /// What is wrong with what is there and what is not: worth nothing while the syntax is broken.
    between: Mistakes,
    /// What is allowed but unwise.
    notes: Mistakes,
    /// Where `[websub]` is switched on without an address of its own.
    push: Option<Range<usize>>,
}

impl Reading {
    /// Reads every section into `config`, and every source into a draft.
    pub(super) fn root(&mut self, root: &DeTable<'_>, around: Around<'_>, config: &mut Config) {
        for (name, value) in root {
            let key = name.get_ref().as_ref();
            let Some((_, heading)) = SECTIONS.iter().find(|(section, _)| *section == key) else {
                self.mistakes.push(unknown(key, name.span()));
                continue;
            };
            match value.get_ref() {
                DeValue::Array(tables) if key == "source" => {
                    for table in tables {
                        self.source(heading, table, around);
                    }
                }
                DeValue::Array(tables) if key == "output" => {
                    for table in tables {
                        self.output(heading, table, around);
                    }
                }
                DeValue::Table(table) if !is_list(key) => {
                    let section = Section { heading, table, around, home_of };
                    self.section(key, &section, config);
                }
                _ => self.mistakes.push(misplaced(key, heading, name.span())),
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
    ) -> (Mistakes, Mistakes) {
        if !broken.is_empty() {
            return (syntax(text, broken, self.mistakes), self.notes);
        }
        config.sources = source::finish(self.drafts, &mut self.mistakes);
        config.outputs = output::finish(self.outputs, &config.sources, &mut self.mistakes);
        if config.websub.enabled
            && config.push_base().is_none()
            && let Some(place) = self.push
        {
            let message = "hubs need a public address to call back, and there is none";
            let help = "give `callback` in `[websub]`, or `address` in `[site]`";
            self.between.push(Mistake::at(place, message).help(help));
        }
        self.mistakes.0.append(&mut self.between.0);
        (self.mistakes, self.notes)
    }

    fn section(&mut self, key: &str, section: &Section<'_>, config: &mut Config) {
        let mistakes = &mut self.mistakes;
        match key {
            "site" => section.read(sections::SITE, &mut config.site, mistakes),
            "store" => section.read(sections::STORE, &mut config.store, mistakes),
            "serve" => section.read(sections::SERVE, &mut config.serve, mistakes),
            "websub" => {
                section.read(sections::WEBSUB, &mut config.websub, mistakes);
                let is_told = section.place_of("callback").is_some();
                self.push = section.place_of("enabled").filter(|_| !is_told);
            }
            _ => self.polling(section, config),
        }
    }

    fn polling(&mut self, section: &Section<'_>, config: &mut Config) {
        let polling = &mut config.polling;
        let before = self.mistakes.0.len();
        section.read(sections::POLLING, polling, &mut self.mistakes);
        // A bound that was not understood says nothing about the others.
        if self.mistakes.0.len() == before {
            self.between.0.extend(sections::check_bounds(section, polling).0);
        }
        for (key, length) in [("every", polling.every), ("at_least", polling.at_least)] {
            self.notes.0.extend(sections::impolite(section, key, length));
        }
    }

    fn output(&mut self, heading: &'static str, table: &Spanned<DeValue<'_>>, around: Around<'_>) {
        let place = table.span();
        let DeValue::Table(keys) = table.get_ref() else {
            self.mistakes.push(misplaced("output", heading, place));
            return;
        };
        let section = Section { heading, table: keys, around, home_of };
        if self.outputs.len() == output::MOST_OUTPUTS {
            let message = format!("expected at most {} outputs", output::MOST_OUTPUTS);
            self.between.push(Mistake::at(place.clone(), message));
        }
        self.outputs.push(output::read(&section, place, &mut self.mistakes));
    }

    fn source(&mut self, heading: &'static str, table: &Spanned<DeValue<'_>>, around: Around<'_>) {
        let DeValue::Table(keys) = table.get_ref() else {
            self.mistakes.push(misplaced("source", heading, table.span()));
            return;
        };
        let section = Section { heading, table: keys, around, home_of };
        let draft = source::read(&section, &mut self.mistakes);
        if section.place_of("url").is_none() {
            let mistake = Mistake::at(table.span(), "this source has no `url`");
            self.between.push(mistake.help("write url = \"https://…\" below it"));
        }
        if let Some(every) = draft.asked_every() {
            self.notes.0.extend(sections::impolite(&section, "every", every));
        }
        self.drafts.push(draft);
    }
}

/// The heading of the section that has this key; `None` when none has.
pub(super) fn home_of(key: &str) -> Option<&'static str> {
    fn has<T>(keys: &[Key<T>], name: &str) -> bool {
        keys.iter().any(|key| key.name == name)
    }
    let homes = [
        (has(sections::SITE, key), "[site]"),
        (has(sections::POLLING, key), "[polling]"),
        (has(sections::STORE, key), "[store]"),
        (has(sections::SERVE, key), "[serve]"),
        (has(source::SOURCE, key), "[[source]]"),
        (has(sections::WEBSUB, key), "[websub]"),
        (has(page::PAGE, key), "[source.page]"),
        (has(article::ARTICLE, key), "[source.article]"),
        (has(output::OUTPUT, key), "[[output]]"),
    ];
    homes.into_iter().find(|(has, _)| *has).map(|(_, heading)| heading)
}

fn unknown(key: &str, place: Range<usize>) -> Mistake {
    let mistake = Mistake::at(place, format!("`{}` is no section of this file", clipped(key)));
    let near = nearest(key, SECTIONS.iter().map(|(name, _)| *name));
    let heading = near.and_then(|near| SECTIONS.iter().find(|(name, _)| *name == near));
    if let Some((_, heading)) = heading {
        return mistake.help(format!("did you mean `{heading}`?"));
    }
    if let Some(home) = home_of(key) {
        return mistake.help(format!("it belongs in `{home}`"));
    }
    let headings: Vec<_> = SECTIONS.iter().map(|(_, heading)| *heading).collect();
    mistake.help(format!("the sections are {}", headings.join(", ")))
}

/// Whether a section may stand any number of times.
fn is_list(key: &str) -> bool {
    matches!(key, "source" | "output")
}

fn misplaced(key: &str, heading: &str, place: Range<usize>) -> Mistake {
    let what = if is_list(key) { "a list of tables" } else { "a table" };
    Mistake::at(place, format!("expected `{key}` to be {what}")).help(format!("write `{heading}`"))
}

/// Broken syntax, one mistake a line: what the parser stumbles over next follows from the first.
/// Of the other mistakes those above it; below, the parser may have taken one table for another.
fn syntax(text: &str, broken: &[toml::de::Error], others: Mistakes) -> Mistakes {
    let ends: Vec<usize> = text.match_indices('\n').map(|(end, _)| end).collect();
    let line_of = |at: usize| ends.partition_point(|end| *end < at);
    let mut lines = BTreeSet::new();
    let mut mistakes = Mistakes::default();
    for error in broken {
        let span = error.span().unwrap_or(0..0);
        if lines.insert(line_of(span.start)) {
            mistakes.push(Mistake::at(span, error.message()));
        }
    }
    let first = lines.first().copied().unwrap_or(usize::MAX);
    // A value that the parser made up has an empty place.
    let is_above =
        |mistake: &Mistake| !mistake.span.is_empty() && line_of(mistake.span.start) < first;
    mistakes.0.extend(others.0.into_iter().filter(is_above));
    mistakes
}
