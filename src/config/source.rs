//! The `[[source]]` tables → `Source`s; what can be wrong between two of them stands in `seen`.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use rafid_feed::dates;
use rafid_feed::model::{
    ArticleSelectors, CategorySettings, ClockSetting, Language, PageSelectors,
};
use url::Url;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::sections::{parse_interval, parse_language};
use super::source_address::{self, SourceAddress};
use super::source_privacy::SourcePrivacy;
use super::suggest::suggest_nearest;
use super::uniqueness::SourceUniqueness;
use super::value::{ConfigKey, ConfigValue, Section, set_some, set_value};
use super::{
    article_selectors, category_settings, headers, ignored_findings, output, page_selectors,
};
use crate::model::{Category, Finding, Location, PublicUrl, PublishRules, Source, SourceId};

/// Charsets that Arabic feeds are in: the ones that are suggested for a misspelled label.
const CHARSETS: [&str; 6] =
    ["utf-8", "windows-1256", "iso-8859-6", "windows-1252", "utf-16le", "utf-16be"];

/// Categories of one source, at most: each is an output that its entries are rendered in.
const MAX_CATEGORIES: usize = 20;

/// A source as far as its own table tells.
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

pub(super) const SOURCE_KEYS: &[ConfigKey<SourceDraft>] = &[
    ConfigKey {
        name: "url",
        description: "the address of the feed",
        parse: |draft, given| set_some(&mut draft.address, parse_url(given)),
    },
    ConfigKey {
        name: "public_url",
        description: "the address that is published instead of `url`",
        parse: |draft, given| set_some(&mut draft.privacy.public_url, given.public_address()),
    },
    ConfigKey {
        name: "private",
        description: "whether no address of it is published",
        parse: |draft, given| set_value(&mut draft.privacy.is_private, given.boolean()),
    },
    ConfigKey {
        name: "id",
        description: "the name it keeps for ever",
        parse: |draft, given| set_some(&mut draft.id, parse_source_id(given)),
    },
    ConfigKey {
        name: "name",
        description: "the name to show",
        parse: |draft, given| set_some(&mut draft.name, given.text_line()),
    },
    ConfigKey {
        name: "category",
        description: "the category it belongs to",
        parse: |draft, given| set_some(&mut draft.category, parse_category(given)),
    },
    ConfigKey {
        name: "categories",
        description: "the categories it belongs to, where it is more than one",
        parse: |draft, given| {
            draft.categories = parse_categories(given)?;
            Ok(())
        },
    },
    ConfigKey {
        name: "site",
        description: "the publisher's page",
        parse: |draft, given| set_some(&mut draft.site, given.public_address()),
    },
    ConfigKey {
        name: "language",
        description: "the language of its entries",
        parse: |draft, given| set_some(&mut draft.language, parse_language(given)),
    },
    ConfigKey {
        name: "charset",
        description: "its charset, whatever it says",
        parse: |draft, given| set_some(&mut draft.charset, parse_charset(given)),
    },
    ConfigKey {
        name: "timezone",
        description: "the zone of its dates that name none",
        parse: |draft, given| set_some(&mut draft.timezone, parse_timezone(given)),
    },
    ConfigKey {
        name: "clock",
        description: "whether its clock is believed",
        parse: |draft, given| set_value(&mut draft.clock, parse_clock(given)),
    },
    ConfigKey {
        name: "page",
        description: "where entries stand in a page without a feed",
        parse: |draft, given| {
            draft.page = Some(page_selectors::parse_page_selectors(given)?);
            Ok(())
        },
    },
    ConfigKey {
        name: "full_text",
        description: "whether its articles' pages are fetched",
        parse: |draft, given| set_value(&mut draft.full_text, given.boolean()),
    },
    ConfigKey {
        name: "article",
        description: "where the text stands in those pages",
        parse: |draft, given| {
            draft.article = article_selectors::parse_article_selectors(given)?;
            Ok(())
        },
    },
    ConfigKey {
        name: "every",
        description: "how often it is polled",
        parse: |draft, given| set_some(&mut draft.every, parse_interval(given)),
    },
    ConfigKey {
        name: "user_agent",
        description: "the name that this publisher sees",
        parse: |draft, given| set_some(&mut draft.user_agent, given.header_value()),
    },
    ConfigKey {
        name: "headers",
        description: "further headers of its polls",
        parse: |draft, given| {
            draft.headers = headers::parse_headers(given)?;
            Ok(())
        },
    },
    ConfigKey {
        name: "cap",
        description: "its entries in a merged feed, at most",
        parse: |draft, given| set_some(&mut draft.cap, given.integer(1..=1000)),
    },
    ConfigKey {
        name: "keep",
        description: "queries of which one must find an entry of it",
        parse: |draft, given| output::parse_rules(&mut draft.rules.keep, given),
    },
    ConfigKey {
        name: "drop",
        description: "queries of which none may find an entry of it",
        parse: |draft, given| output::parse_rules(&mut draft.rules.drop, given),
    },
    ConfigKey {
        name: "junk_categories",
        description: "categories of its entries that are dropped",
        parse: |draft, given| {
            category_settings::parse_category_names(&mut draft.labels.junk, given)
        },
    },
    ConfigKey {
        name: "keep_categories",
        description: "categories of its entries that are never dropped",
        parse: |draft, given| {
            category_settings::parse_category_names(&mut draft.labels.keep, given)
        },
    },
    ConfigKey {
        name: "breaking",
        description: "whether its word that news is breaking is believed",
        parse: |draft, given| {
            set_value(&mut draft.labels.breaking, category_settings::parse_breaking_setting(given))
        },
    },
    ConfigKey {
        name: "push",
        description: "whether hubs may push it",
        parse: |draft, given| {
            set_value(&mut draft.push_disabled, given.boolean().map(|push| !push))
        },
    },
    ConfigKey {
        name: "ignore",
        description: "findings that are not told of it",
        parse: |draft, given| {
            draft.ignore = ignored_findings::parse_ignored_findings(given)?;
            Ok(())
        },
    },
    ConfigKey {
        name: "enabled",
        description: "whether it is polled and published",
        parse: |draft, given| {
            set_value(&mut draft.disabled, given.boolean().map(|enabled| !enabled))
        },
    },
];

fn parse_url(given: &ConfigValue<'_>) -> Result<(SourceAddress, Range<usize>), Diagnostic> {
    let text = given.string("an address such as \"https://news.example/feed\"")?;
    let address =
        source_address::parse_source_address(text, given.environment.folder).map_err(|bad| {
            let mistake = given.error(bad.reason);
            Diagnostic { help: bad.help, ..mistake }
        })?;
    Ok((address, given.span.clone()))
}

fn parse_source_id(given: &ConfigValue<'_>) -> Result<(SourceId, Range<usize>), Diagnostic> {
    let what = "1 to 64 lower-case letters, digits and inner hyphens";
    let id = SourceId::new(given.string(what)?).map_err(|_| given.expected_error(what))?;
    Ok((id, given.span.clone()))
}

fn parse_category(given: &ConfigValue<'_>) -> Result<Category, Diagnostic> {
    let what = "a name with at least one letter or digit";
    Category::new(&given.text_line()?).ok_or_else(|| given.expected_error(what))
}

fn parse_categories(given: &ConfigValue<'_>) -> Result<Vec<Category>, Diagnostics> {
    let found = output::parse_list(given, "a category's name", parse_category)?;
    if found.len() > MAX_CATEGORIES {
        return Err(given
            .error(format_args!("expected at most {MAX_CATEGORIES} categories"))
            .into());
    }
    Ok(found.into_iter().map(|(category, _)| category).collect())
}

fn parse_charset(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let what = "a charset such as \"windows-1256\"";
    let label = given.string(what)?;
    match encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => Ok(encoding.name().to_owned()),
        None => Err(match suggest_nearest(label, CHARSETS) {
            Some(near) => given.expected_error(what).with_help(format!("did you mean \"{near}\"?")),
            None => given
                .expected_error(what)
                .with_help("the labels are those of encoding.spec.whatwg.org"),
        }),
    }
}

pub(super) fn parse_timezone(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let what = "a time zone such as \"Asia/Riyadh\" or \"+03:00\"";
    let name = given.string(what)?;
    if dates::parse_zone(name).is_some() {
        Ok(name.to_owned())
    } else {
        Err(given.expected_error(what))
    }
}

fn parse_clock(given: &ConfigValue<'_>) -> Result<ClockSetting, Diagnostic> {
    let what = ClockSetting::EXPECTED;
    given.string(what)?.parse().map_err(|_| given.expected_error(what))
}

/// Files are read this often unless said otherwise: an edit shows within a minute, and looking
/// costs nothing.
const FILE_POLL_INTERVAL: Duration = Duration::from_mins(1);

/// Reads one `[[source]]`.
pub(super) fn parse_source(section: &Section<'_>, mistakes: &mut Diagnostics) -> SourceDraft {
    let mut draft = SourceDraft::default();
    section.parse_keys(SOURCE_KEYS, &mut draft, mistakes);
    mistakes.collect(category_settings::check_category_settings(&draft.labels, section));
    mistakes.collect(draft.privacy.check(section));
    if let Some((address, place)) = &draft.address
        && let Some(secret) = &address.authorization
    {
        if draft.headers.iter().any(|(name, _)| name == "authorization") {
            let message = "both the address and the headers give an `Authorization`";
            let mistake = Diagnostic::at(place.clone(), message);
            let headers = section.span_of("headers").unwrap_or_else(|| place.clone());
            mistakes.push(mistake.with_related(headers, "the headers"));
        }
        draft.headers.push(("authorization".to_owned(), secret.clone()));
    }
    draft
}

/// The sources among the drafts that are enabled, after all of them were compared.
pub(super) fn finish_sources(
    drafts: Vec<SourceDraft>,
    mistakes: &mut Diagnostics,
) -> Vec<Arc<Source>> {
    let mut seen = SourceUniqueness::default();
    let mut sources = Vec::new();
    for mut draft in drafts {
        let address = draft.address.take();
        let id = seen.claim(address.as_ref(), draft.id.take(), mistakes);
        if let (Some((address, _)), Some(id), false) = (address, id, draft.disabled) {
            let categories = seen.merge_categories(draft.all_categories());
            sources.push(Arc::new(draft.into_source(id, address, categories)));
        }
    }
    sources
}

impl SourceDraft {
    /// The interval that a publisher of its own is asked in; files have no publisher to disturb.
    pub(super) fn configured_interval(&self) -> Option<Duration> {
        let is_file = |(address, _): &(SourceAddress, Range<usize>)| {
            matches!(address.location, Location::File(_))
        };
        self.every.filter(|_| !self.address.as_ref().is_some_and(is_file))
    }

    /// What `category` says, and behind it what `categories` says.
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
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::config::parse;

    #[test]
    fn a_clock_is_read_and_part_of_what_a_document_depends_on() {
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
        assert_eq!(config.source_hash(&config.sources[0]), hashes[0], "as when nothing is said");
        let count = hashes.len();
        hashes.sort_unstable();
        hashes.dedup();
        assert_eq!(hashes.len(), count);
    }
}
