//! The `[[source]]` tables → `Source`s; what can be wrong between two of them stands in `seen`.

use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use url::Url;

use crate::feed::dates;
use crate::feed::model::{
    ArticleSelectors, Category, ClockSetting, Finding, LabelSettings, Language, Location,
    PageSelectors, PublicUrl, Rules, Source, SourceId,
};

use super::address::{self, Address};
use super::article;
use super::discretion::Discretion;
use super::given::{Given, Key, Section, set, set_some};
use super::headers;
use super::ignore;
use super::labels;
use super::mistake::{Mistake, Mistakes};
use super::output;
use super::page;
use super::sections::{interval, language};
use super::seen::Seen;
use super::suggest::nearest;

/// Charsets that Arabic feeds are in: the ones that are suggested for a misspelled label.
const CHARSETS: [&str; 6] =
    ["utf-8", "windows-1256", "iso-8859-6", "windows-1252", "utf-16le", "utf-16be"];

/// Categories of one source, at most: each is an output that its entries are rendered in.
const MOST_CATEGORIES: usize = 20;

/// A source as far as its own table tells.
#[derive(Default)]
pub(super) struct Draft {
    address: Option<(Address, Range<usize>)>,
    discretion: Discretion,
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
    rules: Rules,
    labels: LabelSettings,
    unpushed: bool,
    ignore: Vec<Finding>,
    disabled: bool,
}

pub(super) const SOURCE: &[Key<Draft>] = &[
    Key {
        name: "url",
        about: "the address of the feed",
        read: |draft, given| set_some(&mut draft.address, url(given)),
    },
    Key {
        name: "public_url",
        about: "the address that is published instead of `url`",
        read: |draft, given| set_some(&mut draft.discretion.public_url, given.public_address()),
    },
    Key {
        name: "private",
        about: "whether no address of it is published",
        read: |draft, given| set(&mut draft.discretion.is_private, given.truth()),
    },
    Key {
        name: "id",
        about: "the name it keeps for ever",
        read: |draft, given| set_some(&mut draft.id, id(given)),
    },
    Key {
        name: "name",
        about: "the name to show",
        read: |draft, given| set_some(&mut draft.name, given.line()),
    },
    Key {
        name: "category",
        about: "the category it belongs to",
        read: |draft, given| set_some(&mut draft.category, category(given)),
    },
    Key {
        name: "categories",
        about: "the categories it belongs to, where it is more than one",
        read: |draft, given| {
            draft.categories = categories(given)?;
            Ok(())
        },
    },
    Key {
        name: "site",
        about: "the publisher's page",
        read: |draft, given| set_some(&mut draft.site, given.public_address()),
    },
    Key {
        name: "language",
        about: "the language of its entries",
        read: |draft, given| set_some(&mut draft.language, language(given)),
    },
    Key {
        name: "charset",
        about: "its charset, whatever it says",
        read: |draft, given| set_some(&mut draft.charset, charset(given)),
    },
    Key {
        name: "timezone",
        about: "the zone of its dates that name none",
        read: |draft, given| set_some(&mut draft.timezone, timezone(given)),
    },
    Key {
        name: "clock",
        about: "whether its clock is believed",
        read: |draft, given| set(&mut draft.clock, clock(given)),
    },
    Key {
        name: "page",
        about: "where entries stand in a page without a feed",
        read: |draft, given| {
            draft.page = Some(page::read(given)?);
            Ok(())
        },
    },
    Key {
        name: "full_text",
        about: "whether its articles' pages are fetched",
        read: |draft, given| set(&mut draft.full_text, given.truth()),
    },
    Key {
        name: "article",
        about: "where the text stands in those pages",
        read: |draft, given| {
            draft.article = article::read(given)?;
            Ok(())
        },
    },
    Key {
        name: "every",
        about: "how often it is polled",
        read: |draft, given| set_some(&mut draft.every, interval(given)),
    },
    Key {
        name: "user_agent",
        about: "the name that this publisher sees",
        read: |draft, given| set_some(&mut draft.user_agent, given.header_value()),
    },
    Key {
        name: "headers",
        about: "further headers of its polls",
        read: |draft, given| {
            draft.headers = headers::read(given)?;
            Ok(())
        },
    },
    Key {
        name: "cap",
        about: "its entries in a merged feed, at most",
        read: |draft, given| set_some(&mut draft.cap, given.whole(1..=1000)),
    },
    Key {
        name: "keep",
        about: "queries of which one must find an entry of it",
        read: |draft, given| output::rules(&mut draft.rules.keep, given),
    },
    Key {
        name: "drop",
        about: "queries of which none may find an entry of it",
        read: |draft, given| output::rules(&mut draft.rules.drop, given),
    },
    Key {
        name: "junk_categories",
        about: "categories of its entries that are dropped",
        read: |draft, given| labels::categories(&mut draft.labels.junk, given),
    },
    Key {
        name: "keep_categories",
        about: "categories of its entries that are never dropped",
        read: |draft, given| labels::categories(&mut draft.labels.keep, given),
    },
    Key {
        name: "breaking",
        about: "whether its word that news is breaking is believed",
        read: |draft, given| set(&mut draft.labels.breaking, labels::breaking(given)),
    },
    Key {
        name: "push",
        about: "whether hubs may push it",
        read: |draft, given| set(&mut draft.unpushed, given.truth().map(|push| !push)),
    },
    Key {
        name: "ignore",
        about: "findings that are not told of it",
        read: |draft, given| {
            draft.ignore = ignore::read(given)?;
            Ok(())
        },
    },
    Key {
        name: "enabled",
        about: "whether it is polled and published",
        read: |draft, given| set(&mut draft.disabled, given.truth().map(|enabled| !enabled)),
    },
];

fn url(given: &Given<'_>) -> Result<(Address, Range<usize>), Mistake> {
    let text = given.string("an address such as \"https://news.example/feed\"")?;
    let address = address::read(text, given.around.folder).map_err(|bad| {
        let mistake = given.wrong(bad.reason);
        Mistake { help: bad.help, ..mistake }
    })?;
    Ok((address, given.span.clone()))
}

fn id(given: &Given<'_>) -> Result<(SourceId, Range<usize>), Mistake> {
    let what = "1 to 64 lower-case letters, digits and inner hyphens";
    let id = SourceId::new(given.string(what)?).map_err(|_| given.expected(what))?;
    Ok((id, given.span.clone()))
}

fn category(given: &Given<'_>) -> Result<Category, Mistake> {
    let what = "a name with at least one letter or digit";
    Category::new(&given.line()?).ok_or_else(|| given.expected(what))
}

fn categories(given: &Given<'_>) -> Result<Vec<Category>, Mistakes> {
    let found = output::list(given, "a category's name", category)?;
    if found.len() > MOST_CATEGORIES {
        return Err(given
            .wrong(format_args!("expected at most {MOST_CATEGORIES} categories"))
            .into());
    }
    Ok(found.into_iter().map(|(category, _)| category).collect())
}

fn charset(given: &Given<'_>) -> Result<String, Mistake> {
    let what = "a charset such as \"windows-1256\"";
    let label = given.string(what)?;
    match encoding_rs::Encoding::for_label_no_replacement(label.as_bytes()) {
        Some(encoding) => Ok(encoding.name().to_owned()),
        None => Err(match nearest(label, CHARSETS) {
            Some(near) => given.expected(what).help(format!("did you mean \"{near}\"?")),
            None => given.expected(what).help("the labels are those of encoding.spec.whatwg.org"),
        }),
    }
}

pub(super) fn timezone(given: &Given<'_>) -> Result<String, Mistake> {
    let what = "a time zone such as \"Asia/Riyadh\" or \"+03:00\"";
    let name = given.string(what)?;
    if dates::zone(name).is_some() { Ok(name.to_owned()) } else { Err(given.expected(what)) }
}

fn clock(given: &Given<'_>) -> Result<ClockSetting, Mistake> {
    let what = ClockSetting::EXPECTED;
    given.string(what)?.parse().map_err(|_| given.expected(what))
}

/// Files are read this often unless said otherwise: an edit shows within a minute, and looking
/// costs nothing.
const FILES_EVERY: Duration = Duration::from_mins(1);

/// Reads one `[[source]]`.
pub(super) fn read(section: &Section<'_>, mistakes: &mut Mistakes) -> Draft {
    let mut draft = Draft::default();
    section.read(SOURCE, &mut draft, mistakes);
    mistakes.sift(labels::agree(&draft.labels, section));
    mistakes.sift(draft.discretion.agree(section));
    if let Some((address, place)) = &draft.address
        && let Some(secret) = &address.authorization
    {
        if draft.headers.iter().any(|(name, _)| name == "authorization") {
            let message = "both the address and the headers give an `Authorization`";
            let mistake = Mistake::at(place.clone(), message);
            let headers = section.place_of("headers").unwrap_or_else(|| place.clone());
            mistakes.push(mistake.beside(headers, "the headers"));
        }
        draft.headers.push(("authorization".to_owned(), secret.clone()));
    }
    draft
}

/// The sources among the drafts that are enabled, after all of them were compared.
pub(super) fn finish(drafts: Vec<Draft>, mistakes: &mut Mistakes) -> Vec<Arc<Source>> {
    let mut seen = Seen::default();
    let mut sources = Vec::new();
    for mut draft in drafts {
        let address = draft.address.take();
        let id = seen.take(address.as_ref(), draft.id.take(), mistakes);
        if let (Some((address, _)), Some(id), false) = (address, id, draft.disabled) {
            let categories = seen.categories(draft.all_categories());
            sources.push(Arc::new(draft.into_source(id, address, categories)));
        }
    }
    sources
}

impl Draft {
    /// The interval that a publisher of its own is asked in; files have no publisher to disturb.
    pub(super) fn asked_every(&self) -> Option<Duration> {
        let is_file =
            |(address, _): &(Address, Range<usize>)| matches!(address.location, Location::File(_));
        self.every.filter(|_| !self.address.as_ref().is_some_and(is_file))
    }

    /// What `category` says, and behind it what `categories` says.
    fn all_categories(&mut self) -> Vec<Category> {
        self.category.take().into_iter().chain(std::mem::take(&mut self.categories)).collect()
    }

    fn into_source(self, id: SourceId, address: Address, categories: Vec<Category>) -> Source {
        let every = match address.location {
            Location::File(_) => Some(self.every.unwrap_or(FILES_EVERY)),
            Location::Web(_) => self.every,
        };
        Source {
            id,
            location: address.location,
            public_url: self.discretion.public_url.map(PublicUrl::chosen),
            is_private: self.discretion.is_private,
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
            push: !self.unpushed,
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
