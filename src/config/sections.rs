//! The values of `[site]`, `[polling]`, `[store]`, `[serve]`, `[stories]` and `[websub]` → settings: a parser for each row.

use std::time::Duration;

use url::Url;

use super::common_values::{parse_language, parse_rules, parse_story_display, parse_timezone};
use super::diagnostic::{Diagnostic, Diagnostics};
use super::settings::{
    HostPort, PollingSettings, ServeSettings, SiteSettings, StoreSettings, StoriesSettings,
    WebSubSettings,
};
use super::suggest::suggest_nearest;
use super::users::parse_users;
use super::value::{ConfigValue, ParseKey, Section, set_some, set_value};
use super::{secret, units};
use crate::model::{
    ContentPolicy, Digits, MonthNames, PerSource, StoryVectorsChoice, Visibility, WeekStart,
};

/// Publishers call polling more often than this impolite (rachelbythebay.com and ctrl.blog ask for
/// an hour, most readers keep a quarter of one).
const POLITE_INTERVAL: Duration = Duration::from_mins(15);

pub(super) const SITE_PARSERS: &[(&str, ParseKey<SiteSettings>)] = &[
    ("title", |site, value| set_value(&mut site.title, value.text_line())),
    ("description", |site, value| set_value(&mut site.description, value.text_line())),
    ("address", |site, value| set_some(&mut site.address, parse_base_address(value))),
    ("language", |site, value| set_value(&mut site.language, parse_language(value))),
    ("timezone", |site, value| set_some(&mut site.timezone, parse_timezone(value))),
    ("months", |site, value| set_value(&mut site.date_style.months, parse_months(value))),
    ("digits", |site, value| set_value(&mut site.date_style.digits, parse_digits(value))),
    ("hijri", |site, value| set_value(&mut site.date_style.has_hijri, value.boolean())),
    ("week_start", |site, value| {
        set_value(&mut site.date_style.week_start, parse_week_start(value))
    }),
    ("contact", |site, value| set_some(&mut site.contact, parse_contact(value))),
];

pub(super) const POLLING_PARSERS: &[(&str, ParseKey<PollingSettings>)] = &[
    ("every", |polling, value| set_value(&mut polling.every, value.duration())),
    ("at_least", |polling, value| set_value(&mut polling.at_least, value.duration())),
    ("at_most", |polling, value| set_value(&mut polling.at_most, value.duration())),
    ("concurrency", |polling, value| set_value(&mut polling.concurrency, value.integer())),
    ("per_host", |polling, value| set_value(&mut polling.per_host, value.integer())),
    ("timeout", |polling, value| set_value(&mut polling.timeout, value.duration())),
    ("max_bytes", |polling, value| set_value(&mut polling.max_bytes, value.size())),
    ("user_agent", |polling, value| set_some(&mut polling.user_agent, value.header_value())),
    ("proxy", |polling, value| {
        polling.proxy = parse_proxy(value)?;
        Ok(())
    }),
    ("allow_private", |polling, value| {
        polling.allow_private = parse_allowed_hosts(value)?;
        Ok(())
    }),
];

pub(super) const STORE_PARSERS: &[(&str, ParseKey<StoreSettings>)] = &[
    ("path", |store, value| set_value(&mut store.path, value.text_line().map(Into::into))),
    ("keep", |store, value| set_value(&mut store.keep, parse_retention(value))),
    ("keep_entries", |store, value| set_value(&mut store.keep_entries, value.integer())),
    ("cache_bytes", |store, value| set_value(&mut store.cache_bytes, value.size())),
    ("recovery_percent", |store, value| {
        set_value(&mut store.recovery_percent, parse_recovery_percent(value))
    }),
];

pub(super) const SERVE_PARSERS: &[(&str, ParseKey<ServeSettings>)] = &[
    ("listen", |serve, value| set_value(&mut serve.listen, parse_listen(value))),
    ("admin_listen", |serve, value| set_some(&mut serve.admin_listen, parse_listen(value))),
    ("status", |serve, value| set_value(&mut serve.status, parse_visibility(value))),
    ("metrics", |serve, value| set_value(&mut serve.metrics, parse_visibility(value))),
    ("users", |serve, value| {
        serve.users = parse_users(value)?;
        Ok(())
    }),
    ("entries", |serve, value| set_value(&mut serve.entries, value.integer())),
    ("page_entries", |serve, value| set_value(&mut serve.page_entries, value.integer())),
    ("per_source", |serve, value| set_value(&mut serve.per_source, parse_per_source(value))),
    ("content", |serve, value| set_value(&mut serve.content, parse_content_policy(value))),
    ("stories", |serve, value| set_value(&mut serve.stories, parse_story_display(value))),
    ("search", |serve, value| set_value(&mut serve.search, value.boolean())),
    ("pictures", |serve, value| set_value(&mut serve.pictures, value.boolean())),
    ("pictures_bytes", |serve, value| set_value(&mut serve.pictures_bytes, value.size())),
    ("keep", |serve, value| parse_rules(&mut serve.rules.keep, value)),
    ("drop", |serve, value| parse_rules(&mut serve.rules.drop, value)),
    ("forms", |serve, value| set_value(&mut serve.rules.forms, value.boolean())),
];

pub(super) const STORIES_PARSERS: &[(&str, ParseKey<StoriesSettings>)] =
    &[("vectors", |stories, value| set_value(&mut stories.vectors, parse_vectors_choice(value)))];

pub(super) const WEBSUB_PARSERS: &[(&str, ParseKey<WebSubSettings>)] = &[
    ("enabled", |websub, value| set_value(&mut websub.enabled, value.boolean())),
    ("callback", |websub, value| set_some(&mut websub.callback, parse_base_address(value))),
];

/// A note when an interval is one that publishers dislike.
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
        // A number without a unit is rarely meant as seconds.
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
    let mut diagnostics = Diagnostics::default();
    let [at_least, every, at_most] =
        [("at_least", polling.at_least), ("every", polling.every), ("at_most", polling.at_most)];
    for ((low_key, low), (high_key, high)) in [(at_least, every), (every, at_most)] {
        if low <= high {
            continue;
        }
        let describe = |key, length| {
            let origin = if section.span_of(key).is_some() { "" } else { ", the default" };
            format!("`{key}` ({}{origin})", units::format_duration(length))
        };
        let message = format!("{} is above {}", describe(low_key, low), describe(high_key, high));
        let order =
            || "`at_least` must not be above `every`, nor `every` above `at_most`".to_owned();
        let help = section.bare_number(high_key).map_or_else(order, missing_unit_help);
        let diagnostic = |place| Diagnostic::at(place, message.clone()).with_help(help.clone());
        match (section.span_of(low_key), section.span_of(high_key)) {
            (Some(low), Some(high)) => {
                diagnostics.push(diagnostic(low).with_related(high, "the other one"));
            }
            (Some(place), None) | (None, Some(place)) => diagnostics.push(diagnostic(place)),
            (None, None) => {}
        }
    }
    diagnostics
}

fn parse_vectors_choice(value: &ConfigValue<'_>) -> Result<StoryVectorsChoice, Diagnostic> {
    let text = value.text_line()?;
    Ok(match text.as_str() {
        "off" => StoryVectorsChoice::Off,
        path => StoryVectorsChoice::File(path.into()),
    })
}

fn parse_base_address(value: &ConfigValue<'_>) -> Result<Url, Diagnostic> {
    let mut url = value.public_address()?;
    let surplus = [(url.query().is_some(), "a query"), (url.fragment().is_some(), "a fragment")];
    if let Some((_, what)) = surplus.iter().find(|(found, _)| *found) {
        return Err(value.error(format_args!("expected an address without {what}")));
    }
    if !url.path().ends_with('/') {
        let folder = format!("{}/", url.path());
        url.set_path(&folder);
    }
    Ok(url)
}

fn parse_contact(value: &ConfigValue<'_>) -> Result<String, Diagnostic> {
    let text = value.string()?;
    let visible = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if visible && text.contains("://") {
        return value.public_address().map(|_| text.to_owned());
    }
    let is_mail = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if visible && is_mail { Ok(text.to_owned()) } else { Err(value.kind_error()) }
}

/// The address of the proxy, from the file or from where it is kept.
fn parse_proxy(value: &ConfigValue<'_>) -> Result<Option<Url>, Diagnostics> {
    let text = secret::resolve_value(value)?;
    Ok(text.map(|text| value.web_address_in(&text, value.kind)).transpose()?)
}

fn parse_allowed_hosts(value: &ConfigValue<'_>) -> Result<Vec<HostPort>, Diagnostics> {
    let mut diagnostics = Diagnostics::default();
    let mut hosts = Vec::new();
    for member in value.array("an array such as [\"127.0.0.1:8081\"]")? {
        let host = member.string().and_then(|text| {
            units::parse_host_port(text).ok_or_else(|| suggest_brackets(text, member.kind_error()))
        });
        hosts.extend(diagnostics.collect(host));
    }
    if diagnostics.0.is_empty() { Ok(hosts) } else { Err(diagnostics) }
}

fn parse_retention(value: &ConfigValue<'_>) -> Result<Option<Duration>, Diagnostic> {
    if value.string().is_ok_and(|word| word == "forever") {
        return Ok(None);
    }
    let (shortest, longest) = value.kind.duration_bounds();
    match value.any_duration() {
        Some(Duration::ZERO) => Ok(None),
        Some(length) if length < shortest => Err(retention_too_short(value, length)),
        Some(length) if length <= longest => Ok(Some(length)),
        _ => Err(value.kind_error()),
    }
}

/// No one keeps news for less than a day: a number without a unit means days, and `m` months.
fn retention_too_short(value: &ConfigValue<'_>, length: Duration) -> Diagnostic {
    let shown = units::format_duration(length);
    match value.bare_number() {
        Some(number) => value
            .error(format_args!(
                "{number} without a unit is seconds, and news is kept for a day at least"
            ))
            .with_help(format!("write \"{number}d\" for days")),
        None => value
            .error(format_args!("{shown} is too short: news is kept for a day at least"))
            .with_help(
                "`d` is days, `w` weeks, `m` minutes; months are written as days, such as \"90d\"",
            ),
    }
}

fn parse_per_source(value: &ConfigValue<'_>) -> Result<PerSource, Diagnostic> {
    match (value.string(), value.integer()) {
        (Ok("share"), _) => Ok(PerSource::Share),
        (Ok("any"), _) => Ok(PerSource::Any),
        (_, Ok(most)) => Ok(PerSource::AtMost(most)),
        _ => Err(value.kind_error()),
    }
}

fn parse_recovery_percent(value: &ConfigValue<'_>) -> Result<Option<u16>, Diagnostic> {
    match (value.string(), value.integer()) {
        (Ok("off"), _) => Ok(None),
        (_, Ok(percent)) => Ok(u16::try_from(percent).ok()),
        _ => Err(value.kind_error()),
    }
}

fn parse_months(value: &ConfigValue<'_>) -> Result<MonthNames, Diagnostic> {
    MonthNames::from_word(value.string()?).ok_or_else(|| value.kind_error())
}

fn parse_digits(value: &ConfigValue<'_>) -> Result<Digits, Diagnostic> {
    Digits::from_word(value.string()?).ok_or_else(|| value.kind_error())
}

fn parse_week_start(value: &ConfigValue<'_>) -> Result<WeekStart, Diagnostic> {
    WeekStart::from_word(value.string()?).ok_or_else(|| value.kind_error())
}

fn parse_visibility(value: &ConfigValue<'_>) -> Result<Visibility, Diagnostic> {
    Visibility::from_word(value.string()?).ok_or_else(|| value.kind_error())
}

fn parse_listen(value: &ConfigValue<'_>) -> Result<std::net::SocketAddr, Diagnostic> {
    let text = value.string()?;
    units::parse_listen(text).ok_or_else(|| suggest_brackets(text, value.kind_error()))
}

/// Adds advice where only the brackets of an address of IPv6 are missing.
fn suggest_brackets(text: &str, diagnostic: Diagnostic) -> Diagnostic {
    match units::add_brackets(text) {
        Some(better) => diagnostic.with_help(format!("write \"{better}\"")),
        None => diagnostic,
    }
}

fn parse_content_policy(value: &ConfigValue<'_>) -> Result<ContentPolicy, Diagnostic> {
    let word = value.string()?;
    match word {
        "summary" => Ok(ContentPolicy::Summary),
        "full" => Ok(ContentPolicy::Full),
        _ => {
            let diagnostic = value.kind_error();
            Err(match suggest_nearest(word, ["summary", "full"]) {
                Some(near) => diagnostic.with_help(format!("did you mean \"{near}\"?")),
                None => diagnostic,
            })
        }
    }
}
