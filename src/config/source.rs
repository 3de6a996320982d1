//! The `[[source]]` tables → `Source`s: a parser for each row. `uniqueness` finds what is wrong between two of
//! them.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Language, PageSelectors,
};
use url::Url;

use super::common_values::{check_count, parse_language, parse_list, parse_rules, parse_timezone};
use super::diagnostic::{Diagnostic, Diagnostics, shift_span};
use super::source_address::{self, SourceAddress};
use super::source_privacy::SourcePrivacy;
use super::suggest::suggest_nearest;
use super::uniqueness::SourceUniqueness;
use super::value::{ConfigValue, ParseKey, Section, set_some, set_value};
use super::{article_selectors, category_settings, headers, ignored_findings, page_selectors};
use crate::model::{Category, Finding, Location, PublicUrl, PublishRules, Source, SourceId};

/// Charsets that Arabic feeds are in: the ones that are suggested for a misspelled label.
const CHARSETS: [&str; 6] =
    ["utf-8", "windows-1256", "iso-8859-6", "windows-1252", "utf-16le", "utf-16be"];

/// A source as far as its own table says.
#[derive(Default)]
pub(super) struct SourceDraft {
    address: Option<(SourceAddress, Range<usize>)>,
    privacy: SourcePrivacy,
    id: Option<(SourceId, Range<usize>)>,
    name: Option<String>,
    category: Option<Category>,
    categories: Vec<Category>,
    site: Option<Url>,
    language: Option<Language>,
    charset: Option<String>,
    timezone: Option<String>,
    clock: ClockSetting,
    page: Option<PageSelectors>,
    full_text: bool,
    article: ArticleSelectors,
    every: Option<Duration>,
    user_agent: Option<String>,
    headers: Vec<(String, String)>,
    cap: Option<usize>,
    rules: PublishRules,
    labels: CategorySettings,
    push_disabled: bool,
    ignore: Vec<Finding>,
    disabled: bool,
}

pub(super) const SOURCE_PARSERS: &[(&str, ParseKey<SourceDraft>)] = &[
    ("url", |draft, value| set_some(&mut draft.address, parse_url(value))),
    ("public_url", |draft, value| set_some(&mut draft.privacy.public_url, value.public_address())),
    ("private", |draft, value| set_value(&mut draft.privacy.is_private, value.boolean())),
    ("id", |draft, value| set_some(&mut draft.id, parse_source_id(value))),
    ("name", |draft, value| set_some(&mut draft.name, value.text_line())),
    ("category", |draft, value| set_some(&mut draft.category, parse_category(value))),
    ("categories", |draft, value| {
        draft.categories = parse_categories(value)?;
        Ok(())
    }),
    ("site", |draft, value| set_some(&mut draft.site, value.public_address())),
    ("language", |draft, value| set_some(&mut draft.language, parse_language(value))),
    ("charset", |draft, value| set_some(&mut draft.charset, parse_charset(value))),
    ("timezone", |draft, value| set_some(&mut draft.timezone, parse_timezone(value))),
    ("clock", |draft, value| set_value(&mut draft.clock, parse_clock(value))),
    ("page", |draft, value| {
        draft.page = Some(page_selectors::parse_page_selectors(value)?);
        Ok(())
    }),
    ("full_text", |draft, value| set_value(&mut draft.full_text, value.boolean())),
    ("article", |draft, value| {
        draft.article = article_selectors::parse_article_selectors(value)?;
        Ok(())
    }),
    ("every", |draft, value| set_some(&mut draft.every, value.duration())),
    ("user_agent", |draft, value| set_some(&mut draft.user_agent, value.header_value())),
    ("headers", |draft, value| {
        draft.headers = headers::parse_headers(value)?;
        Ok(())
    }),
    ("cap", |draft, value| set_some(&mut draft.cap, value.integer())),
    ("keep", |draft, value| parse_rules(&mut draft.rules.keep, value)),
    ("drop", |draft, value| parse_rules(&mut draft.rules.drop, value)),
    ("forms", |draft, value| set_value(&mut draft.rules.forms, value.boolean())),
    ("junk_categories", |draft, value| {
        category_settings::parse_category_names(&mut draft.labels.junk, value)
    }),
    ("keep_categories", |draft, value| {
        category_settings::parse_category_names(&mut draft.labels.keep, value)
    }),
    ("breaking", |draft, value| {
        set_value(&mut draft.labels.breaking, category_settings::parse_breaking_setting(value))
    }),
    ("push", |draft, value| set_value(&mut draft.push_disabled, value.boolean().map(|push| !push))),
    ("ignore", |draft, value| {
        draft.ignore = ignored_findings::parse_ignored_findings(value)?;
        Ok(())
    }),
    ("enabled", |draft, value| {
        set_value(&mut draft.disabled, value.boolean().map(|enabled| !enabled))
    }),
];

fn parse_url(value: &ConfigValue<'_>) -> Result<(SourceAddress, Range<usize>), Diagnostic> {
    let text = value.string()?;
    let address =
        source_address::parse_source_address(text, value.environment.folder).map_err(|bad| {
            let diagnostic = value.error(bad.reason);
            Diagnostic { help: bad.help, ..diagnostic }
        })?;
    Ok((address, value.span.clone()))
}

fn parse_source_id(value: &ConfigValue<'_>) -> Result<(SourceId, Range<usize>), Diagnostic> {
    let id = SourceId::new(value.string()?).map_err(|_| value.kind_error())?;
    Ok((id, value.span.clone()))
}

fn parse_category(value: &ConfigValue<'_>) -> Result<Category, Diagnostic> {
    let what = "a name with at least one letter or digit";
    Category::new(&value.text_line()?).ok_or_else(|| value.expected_error(what))
}

fn parse_categories(value: &ConfigValue<'_>) -> Result<Vec<Category>, Diagnostics> {
    let found = parse_list(value, parse_category)?;
    check_count(value, found.len(), "categories")?;
    Ok(found.into_iter().map(|(category, _)| category).collect())
}

fn parse_charset(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let label = value.string()?;
    match encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => Ok(encoding.name().to_owned()),
        None => Err(match suggest_nearest(label, CHARSETS) {
            Some(near) => value.kind_error().with_help(format!("did you mean \"{near}\"?")),
            None => {
                value.kind_error().with_help("the labels are those of encoding.spec.whatwg.org")
            }
        }),
    }
}

fn parse_clock(value: &ConfigValue<'_>) -> Result<ClockSetting, Diagnostic> {
    value.string()?.parse().map_err(|_| value.kind_error())
}

/// The interval of files without an `every`: an edit shows within a minute, and reading costs
/// nothing.
const FILE_POLL_INTERVAL: Duration = Duration::from_mins(1);

/// Parses one `[[source]]`.
pub(super) fn parse_source(section: &Section<'_>, diagnostics: &mut Diagnostics) -> SourceDraft {
    let mut draft = SourceDraft::default();
    section.parse_keys(SOURCE_PARSERS, &mut draft, diagnostics);
    diagnostics.collect(category_settings::check_category_settings(&draft.labels, section));
    diagnostics.collect(draft.privacy.check(section));
    diagnostics.collect(draft.move_user_info(section));
    draft
}

/// The sources of all drafts, in their order.
#[derive(Default)]
pub(super) struct FinishedSources {
    pub(super) enabled: Vec<Arc<Source>>,
    pub(super) disabled: Vec<Arc<Source>>,
}

/// The sources of the drafts, after a comparison of all of them.
pub(super) fn finish_sources(
    drafts: Vec<SourceDraft>,
    diagnostics: &mut Diagnostics,
) -> FinishedSources {
    let mut seen = SourceUniqueness::default();
    let mut sources = FinishedSources::default();
    for mut draft in drafts {
        let address = draft.address.take();
        let id = seen.claim(address.as_ref(), draft.id.take(), diagnostics);
        let (Some((address, _)), Some(id)) = (address, id) else { continue };
        let categories = draft.all_categories();
        if draft.disabled {
            // No category is named after a source that is not published.
            sources.disabled.push(Arc::new(draft.into_source(id, address, categories)));
        } else {
            let categories = seen.merge_categories(categories);
            sources.enabled.push(Arc::new(draft.into_source(id, address, categories)));
        }
    }
    sources
}

impl SourceDraft {
    /// Puts the user-info of the address among the headers.
    pub(super) fn move_user_info(&mut self, section: &Section<'_>) -> Result<(), Diagnostic> {
        let Some((address, place)) = &self.address else { return Ok(()) };
        let Some(secret) = &address.authorization else { return Ok(()) };
        if self.headers.iter().any(|(name, _)| name == "authorization") {
            let message = "both the address and the headers give an `Authorization`";
            let diagnostic = Diagnostic::at(place.clone(), message);
            let headers = section.span_of("headers").unwrap_or_else(|| place.clone());
            return Err(diagnostic.with_related(headers, "the headers"));
        }
        self.headers.push(("authorization".to_owned(), secret.clone()));
        Ok(())
    }

    /// The address with its place; it is no longer in the draft.
    pub(super) fn take_address(&mut self) -> Option<(SourceAddress, Range<usize>)> {
        self.address.take()
    }

    /// The operator's id with its place; it is no longer in the draft.
    pub(super) fn take_id(&mut self) -> Option<(SourceId, Range<usize>)> {
        self.id.take()
    }

    /// Whether it is neither polled nor published.
    pub(super) fn is_disabled(&self) -> bool {
        self.disabled
    }

    /// The interval that its table gives.
    pub(super) fn every(&self) -> Option<Duration> {
        self.every
    }

    /// What the sources of a list have in common, and the headers of the requests for the list itself. It has the id
    /// and the address of the list.
    pub(super) fn into_template(
        mut self,
        id: SourceId,
        address: SourceAddress,
    ) -> (Source, Vec<(String, String)>) {
        let headers = std::mem::take(&mut self.headers);
        let (categories, every) = (self.all_categories(), self.every);
        let list = Some(id.clone());
        (Source { every, list, ..self.into_source(id, address, categories) }, headers)
    }

    /// Moves its places to the range of all files.
    pub(super) fn shift(&mut self, start: usize) {
        self.address.iter_mut().for_each(|(_, span)| shift_span(span, start));
        self.id.iter_mut().for_each(|(_, span)| shift_span(span, start));
    }

    /// The interval that the operator gives for a publisher; files have no publisher to disturb.
    pub(super) fn configured_interval(&self) -> Option<Duration> {
        let is_file = |(address, _): &(SourceAddress, Range<usize>)| {
            matches!(address.location, Location::File(_))
        };
        self.every.filter(|_| !self.address.as_ref().is_some_and(is_file))
    }

    /// The category of `category`, then those of `categories`.
    fn all_categories(&mut self) -> Vec<Category> {
        self.category.take().into_iter().chain(std::mem::take(&mut self.categories)).collect()
    }

    fn into_source(
        self,
        id: SourceId,
        address: SourceAddress,
        categories: Vec<Category>,
    ) -> Source {
        let every = match address.location {
            Location::File(_) => Some(self.every.unwrap_or(FILE_POLL_INTERVAL)),
            Location::Web(_) => self.every,
        };
        Source {
            id,
            location: address.location,
            public_url: self.privacy.public_url.map(PublicUrl::from_operator),
            is_private: self.privacy.is_private,
            name: self.name,
            site: self.site,
            categories,
            language: self.language,
            charset: self.charset,
            timezone: self.timezone,
            clock: self.clock,
            page: self.page,
            full_text: self.full_text,
            article: self.article,
            every,
            user_agent: self.user_agent,
            headers: self.headers,
            cap: self.cap,
            rules: self.rules,
            labels: self.labels,
            push: !self.push_disabled,
            ignore: self.ignore,
            list: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;

    #[test]
    fn a_clock_is_parsed_and_part_of_the_hash() {
        let mut hashes = Vec::new();
        for (keys, expected) in [
            ("", "auto"),
            ("clock = \"trust\"", "trust"),
            ("clock = \"wall\"", "wall"),
            ("clock = \" -3h \"", "-03:00"),
            ("clock = \"+03:00\"", "+03:00"),
            ("headers = { the-clock = \"wall\" }", "auto"),
        ] {
            let text = format!("[[source]]\nurl = \"https://a.example/\"\n{keys}");
            let config = parse(&text, Path::new("x"), Path::new("/etc/rafid")).unwrap();
            assert_eq!(config.sources[0].clock.to_string(), expected, "{keys}");
            hashes.push(config.source_hash(&config.sources[0]));
        }
        let auto = "[[source]]\nurl = \"https://a.example/\"\nclock = \"auto\"";
        let config = parse(auto, Path::new("x"), Path::new("/etc/rafid")).unwrap();
        assert_eq!(config.source_hash(&config.sources[0]), hashes[0], "as without the key");
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }
}
