//! The keys of `[site]`, `[polling]`, `[store]`, `[serve]` and `[websub]`: a new one is a new row.

use std::time::Duration;

use rafid_feed::model::Language;
use url::Url;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::settings::{
    HostPort, PollingSettings, ServeSettings, SiteSettings, StoreSettings, WebSubSettings,
};
use super::source::parse_timezone;
use super::suggest::suggest_nearest;
use super::value::{ConfigKey, ConfigValue, Section, set_some, set_value};
use super::{output, secret, units};
use crate::model::{ContentPolicy, PerSource};

const SECOND: Duration = Duration::from_secs(1);
const DAY: Duration = Duration::from_hours(24);
const TEN_MINUTES: Duration = Duration::from_mins(10);
/// No interval is longer: a feed that is asked more rarely is better asked by hand.
const MONTH: Duration = Duration::from_hours(31 * 24);
/// Longer than anybody keeps news; `forever` is for the rest.
const CENTURY: Duration = Duration::from_hours(36_500 * 24);
const KIB: u64 = 1 << 10;
const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;

/// Publishers call polling more often than this impolite (rachelbythebay.com and ctrl.blog ask for
/// an hour, most readers keep a quarter of one).
const POLITE_INTERVAL: Duration = Duration::from_mins(15);

pub(super) const SITE_KEYS: &[ConfigKey<SiteSettings>] = &[
    ConfigKey {
        name: "title",
        description: "the title of the outputs",
        parse: |site, given| set_value(&mut site.title, given.text_line()),
    },
    ConfigKey {
        name: "description",
        description: "one line on what the outputs hold",
        parse: |site, given| set_value(&mut site.description, given.text_line()),
    },
    ConfigKey {
        name: "address",
        description: "the public base address",
        parse: |site, given| set_some(&mut site.address, parse_base_address(given)),
    },
    ConfigKey {
        name: "language",
        description: "the language of the title",
        parse: |site, given| set_value(&mut site.language, parse_language(given)),
    },
    ConfigKey {
        name: "timezone",
        description: "the zone of the times on the pages",
        parse: |site, given| set_some(&mut site.timezone, parse_timezone(given)),
    },
    ConfigKey {
        name: "contact",
        description: "an e-mail address or a URL of the operator",
        parse: |site, given| set_some(&mut site.contact, parse_contact(given)),
    },
];

pub(super) const POLLING_KEYS: &[ConfigKey<PollingSettings>] = &[
    ConfigKey {
        name: "every",
        description: "the interval until a feed's own rhythm is known",
        parse: |polling, given| set_value(&mut polling.every, parse_interval(given)),
    },
    ConfigKey {
        name: "at_least",
        description: "the shortest interval",
        parse: |polling, given| set_value(&mut polling.at_least, parse_interval(given)),
    },
    ConfigKey {
        name: "at_most",
        description: "the longest interval",
        parse: |polling, given| set_value(&mut polling.at_most, parse_interval(given)),
    },
    ConfigKey {
        name: "concurrency",
        description: "polls at the same time",
        parse: |polling, given| set_value(&mut polling.concurrency, given.integer(1..=512)),
    },
    ConfigKey {
        name: "per_host",
        description: "polls at the same time of one host",
        parse: |polling, given| set_value(&mut polling.per_host, given.integer(1..=2)),
    },
    ConfigKey {
        name: "timeout",
        description: "how long one poll may take",
        parse: |polling, given| {
            set_value(&mut polling.timeout, given.duration(SECOND..=TEN_MINUTES))
        },
    },
    ConfigKey {
        name: "max_bytes",
        description: "the largest document",
        parse: |polling, given| set_value(&mut polling.max_bytes, given.size(64 * KIB..=256 * MIB)),
    },
    ConfigKey {
        name: "user_agent",
        description: "the name that publishers see",
        parse: |polling, given| set_some(&mut polling.user_agent, given.header_value()),
    },
    ConfigKey {
        name: "proxy",
        description: "the proxy that polls go through",
        parse: |polling, given| {
            polling.proxy = parse_proxy(given)?;
            Ok(())
        },
    },
    ConfigKey {
        name: "allow_private",
        description: "private addresses that may be polled",
        parse: |polling, given| {
            polling.allow_private = parse_allowed_hosts(given)?;
            Ok(())
        },
    },
];

pub(super) const STORE_KEYS: &[ConfigKey<StoreSettings>] = &[
    ConfigKey {
        name: "path",
        description: "the folder of the store",
        parse: |store, given| set_value(&mut store.path, given.text_line().map(Into::into)),
    },
    ConfigKey {
        name: "keep",
        description: "how long entries are kept",
        parse: |store, given| set_value(&mut store.keep, parse_retention(given)),
    },
    ConfigKey {
        name: "keep_entries",
        description: "entries kept of one source",
        parse: |store, given| set_value(&mut store.keep_entries, given.integer(1..=100_000)),
    },
    ConfigKey {
        name: "cache_bytes",
        description: "memory for the store's cache",
        parse: |store, given| set_value(&mut store.cache_bytes, given.size(8 * MIB..=16 * GIB)),
    },
];

pub(super) const SERVE_KEYS: &[ConfigKey<ServeSettings>] = &[
    ConfigKey {
        name: "listen",
        description: "where connections are taken",
        parse: |serve, given| set_value(&mut serve.listen, parse_listen(given)),
    },
    ConfigKey {
        name: "entries",
        description: "entries of a feed",
        parse: |serve, given| set_value(&mut serve.entries, given.integer(1..=1000)),
    },
    ConfigKey {
        name: "page_entries",
        description: "entries of a page",
        parse: |serve, given| set_value(&mut serve.page_entries, given.integer(1..=200)),
    },
    ConfigKey {
        name: "per_source",
        description: "how much of a merged feed one source may have",
        parse: |serve, given| set_value(&mut serve.per_source, parse_per_source(given)),
    },
    ConfigKey {
        name: "content",
        description: "how much of an entry is given",
        parse: |serve, given| set_value(&mut serve.content, parse_content_policy(given)),
    },
    ConfigKey {
        name: "stories",
        description: "what becomes of one event that several entries tell",
        parse: |serve, given| set_value(&mut serve.stories, output::parse_story_mode(given)),
    },
    ConfigKey {
        name: "search",
        description: "whether entries can be searched for",
        parse: |serve, given| set_value(&mut serve.search, given.boolean()),
    },
    ConfigKey {
        name: "keep",
        description: "queries of which one must find an entry of a merged output",
        parse: |serve, given| output::parse_rules(&mut serve.rules.keep, given),
    },
    ConfigKey {
        name: "drop",
        description: "queries of which none may find an entry of a merged output",
        parse: |serve, given| output::parse_rules(&mut serve.rules.drop, given),
    },
];

pub(super) const WEBSUB_KEYS: &[ConfigKey<WebSubSettings>] = &[
    ConfigKey {
        name: "enabled",
        description: "whether hubs may push",
        parse: |websub, given| set_value(&mut websub.enabled, given.boolean()),
    },
    ConfigKey {
        name: "callback",
        description: "the public base address for hubs",
        parse: |websub, given| set_some(&mut websub.callback, parse_base_address(given)),
    },
];

/// An interval between two polls, of all sources or of one.
pub(super) fn parse_interval(given: &ConfigValue<'_>) -> Result<Duration, Diagnostic> {
    given.duration(SECOND..=MONTH)
}

/// A note when an interval is one that publishers resent.
pub(super) fn warn_if_impolite(
    section: &Section<'_>,
    key: &str,
    interval: Duration,
) -> Option<Diagnostic> {
    let place = section.span_of(key).filter(|_| interval < POLITE_INTERVAL)?;
    let (short, polite) =
        (units::format_duration(interval), units::format_duration(POLITE_INTERVAL));
    let message = format!("`{key}`: publishers call polls every {short} impolite");
    let help = match section.bare_number(key) {
        // Who leaves the unit out rarely means seconds.
        Some(number) => missing_unit_help(number),
        None => format!("{polite} or more is welcome everywhere"),
    };
    Some(Diagnostic::at(place, message).with_help(help))
}

fn missing_unit_help(number: u64) -> String {
    format!(
        "{number} without a unit is seconds: write \"{number}m\" for minutes, \"{number}h\" for hours"
    )
}

/// `at_least` ≤ `every` ≤ `at_most`, where the file gives at least one of a pair.
pub(super) fn check_poll_bounds(section: &Section<'_>, polling: &PollingSettings) -> Diagnostics {
    let mut mistakes = Diagnostics::default();
    let [at_least, every, at_most] =
        [("at_least", polling.at_least), ("every", polling.every), ("at_most", polling.at_most)];
    for ((low_key, low), (high_key, high)) in [(at_least, every), (every, at_most)] {
        if low <= high {
            continue;
        }
        let given = |key, length| {
            let origin = if section.span_of(key).is_some() { "" } else { ", the default" };
            format!("`{key}` ({}{origin})", units::format_duration(length))
        };
        let message = format!("{} is above {}", given(low_key, low), given(high_key, high));
        let order =
            || "`at_least` must not be above `every`, nor `every` above `at_most`".to_owned();
        let help = section.bare_number(high_key).map_or_else(order, missing_unit_help);
        let mistake = |place| Diagnostic::at(place, message.clone()).with_help(help.clone());
        match (section.span_of(low_key), section.span_of(high_key)) {
            (Some(low), Some(high)) => {
                mistakes.push(mistake(low).with_related(high, "the other one"))
            }
            (Some(place), None) | (None, Some(place)) => mistakes.push(mistake(place)),
            (None, None) => {}
        }
    }
    mistakes
}

/// A language tag.
pub(super) fn parse_language(given: &ConfigValue<'_>) -> Result<Language, Diagnostic> {
    let what = "a language tag such as \"ar\" or \"ar-EG\"";
    Language::parse(given.string(what)?).ok_or_else(|| given.expected_error(what))
}

fn parse_base_address(given: &ConfigValue<'_>) -> Result<Url, Diagnostic> {
    let mut url = given.public_address()?;
    let surplus = [(url.query().is_some(), "a query"), (url.fragment().is_some(), "a fragment")];
    if let Some((_, what)) = surplus.iter().find(|(found, _)| *found) {
        return Err(given.error(format_args!("expected an address without {what}")));
    }
    if !url.path().ends_with('/') {
        let folder = format!("{}/", url.path());
        url.set_path(&folder);
    }
    Ok(url)
}

fn parse_contact(given: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let what = "an e-mail address or a URL, in ASCII letters";
    let text = given.string(what)?;
    let visible = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if visible && text.contains("://") {
        return given.public_address().map(|_| text.to_owned());
    }
    let is_mail = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if visible && is_mail { Ok(text.to_owned()) } else { Err(given.expected_error(what)) }
}

/// The address of the proxy, written out or kept elsewhere.
fn parse_proxy(given: &ConfigValue<'_>) -> Result<Option<Url>, Diagnostics> {
    let what = "an address such as \"http://proxy.example:3128\"";
    let text = secret::resolve_value(given, what)?;
    Ok(text.map(|text| given.web_address_in(&text, what)).transpose()?)
}

fn parse_allowed_hosts(given: &ConfigValue<'_>) -> Result<Vec<HostPort>, Diagnostics> {
    let what = "a host with a port, such as \"127.0.0.1:8081\" or \"[::1]:80\"";
    let mut mistakes = Diagnostics::default();
    let mut hosts = Vec::new();
    for member in given.array("an array such as [\"127.0.0.1:8081\"]")? {
        let host = member.string(what).and_then(|text| {
            units::parse_host_port(text)
                .ok_or_else(|| suggest_brackets(text, member.expected_error(what)))
        });
        hosts.extend(mistakes.collect(host));
    }
    if mistakes.0.is_empty() { Ok(hosts) } else { Err(mistakes) }
}

fn parse_retention(given: &ConfigValue<'_>) -> Result<Option<Duration>, Diagnostic> {
    if given.string("").is_ok_and(|word| word == "forever") {
        return Ok(None);
    }
    match given.any_duration() {
        Some(Duration::ZERO) => Ok(None),
        Some(length) if length < DAY => Err(retention_too_short(given, length)),
        Some(length) if length <= CENTURY => Ok(Some(length)),
        _ => Err(given.expected_error("a length of time such as \"90d\", or \"forever\"")),
    }
}

/// Nobody keeps news for less than a day: a number without its unit was meant as days, and `m` as months.
fn retention_too_short(given: &ConfigValue<'_>, length: Duration) -> Diagnostic {
    let shown = units::format_duration(length);
    match given.bare_number() {
        Some(number) => given
            .error(format_args!(
                "{number} without a unit is seconds, and news is kept for a day at least"
            ))
            .with_help(format!("write \"{number}d\" for days")),
        None => given
            .error(format_args!("{shown} is too short: news is kept for a day at least"))
            .with_help(
                "`d` is days, `w` weeks, `m` minutes; months are written as days, such as \"90d\"",
            ),
    }
}

fn parse_per_source(given: &ConfigValue<'_>) -> Result<PerSource, Diagnostic> {
    match (given.string(""), given.integer(1..=1000)) {
        (Ok("share"), _) => Ok(PerSource::Share),
        (Ok("any"), _) => Ok(PerSource::Any),
        (_, Ok(most)) => Ok(PerSource::AtMost(most)),
        _ => Err(given.expected_error("a whole number from 1 to 1000, \"share\", or \"any\"")),
    }
}

fn parse_listen(given: &ConfigValue<'_>) -> Result<std::net::SocketAddr, Diagnostic> {
    let text = given.string(units::LISTEN_EXPECTED)?;
    units::parse_listen(text)
        .ok_or_else(|| suggest_brackets(text, given.expected_error(units::LISTEN_EXPECTED)))
}

/// A mistake, with advice where only the brackets of an address of IPv6 are missing.
fn suggest_brackets(text: &str, mistake: Diagnostic) -> Diagnostic {
    match units::add_brackets(text) {
        Some(better) => mistake.with_help(format!("write \"{better}\"")),
        None => mistake,
    }
}

fn parse_content_policy(given: &ConfigValue<'_>) -> Result<ContentPolicy, Diagnostic> {
    let what = "\"summary\" or \"full\"";
    let word = given.string(what)?;
    match word {
        "summary" => Ok(ContentPolicy::Summary),
        "full" => Ok(ContentPolicy::Full),
        _ => {
            let mistake = given.expected_error(what);
            Err(match suggest_nearest(word, ["summary", "full"]) {
                Some(near) => mistake.with_help(format!("did you mean \"{near}\"?")),
                None => mistake,
            })
        }
    }
}
