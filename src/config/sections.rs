//! The keys of `[site]`, `[polling]`, `[store]`, `[serve]` and `[websub]`: a new one is a new row.

use std::time::Duration;

use url::Url;

use crate::feed::model::{ContentPolicy, Language, PerSource};

use super::given::{Given, Key, Section, set, set_some};
use super::mistake::{Mistake, Mistakes};
use super::output;
use super::secret;
use super::settings::{HostPort, Polling, Serve, Site, StoreSettings, WebSub};
use super::source::timezone;
use super::suggest::nearest;
use super::words;

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
const POLITE: Duration = Duration::from_mins(15);

pub(super) const SITE: &[Key<Site>] = &[
    Key {
        name: "title",
        about: "the title of the outputs",
        read: |site, given| set(&mut site.title, given.line()),
    },
    Key {
        name: "description",
        about: "one line on what the outputs hold",
        read: |site, given| set(&mut site.description, given.line()),
    },
    Key {
        name: "address",
        about: "the public base address",
        read: |site, given| set_some(&mut site.address, address(given)),
    },
    Key {
        name: "language",
        about: "the language of the title",
        read: |site, given| set(&mut site.language, language(given)),
    },
    Key {
        name: "timezone",
        about: "the zone of the times on the pages",
        read: |site, given| set_some(&mut site.timezone, timezone(given)),
    },
    Key {
        name: "contact",
        about: "an e-mail address or a URL of the operator",
        read: |site, given| set_some(&mut site.contact, contact(given)),
    },
];

pub(super) const POLLING: &[Key<Polling>] = &[
    Key {
        name: "every",
        about: "the interval until a feed's own rhythm is known",
        read: |polling, given| set(&mut polling.every, interval(given)),
    },
    Key {
        name: "at_least",
        about: "the shortest interval",
        read: |polling, given| set(&mut polling.at_least, interval(given)),
    },
    Key {
        name: "at_most",
        about: "the longest interval",
        read: |polling, given| set(&mut polling.at_most, interval(given)),
    },
    Key {
        name: "concurrency",
        about: "polls at the same time",
        read: |polling, given| set(&mut polling.concurrency, given.whole(1..=512)),
    },
    Key {
        name: "per_host",
        about: "polls at the same time of one host",
        read: |polling, given| set(&mut polling.per_host, given.whole(1..=2)),
    },
    Key {
        name: "timeout",
        about: "how long one poll may take",
        read: |polling, given| set(&mut polling.timeout, given.duration(SECOND..=TEN_MINUTES)),
    },
    Key {
        name: "max_bytes",
        about: "the largest document",
        read: |polling, given| set(&mut polling.max_bytes, given.size(64 * KIB..=256 * MIB)),
    },
    Key {
        name: "user_agent",
        about: "the name that publishers see",
        read: |polling, given| set_some(&mut polling.user_agent, given.header_value()),
    },
    Key {
        name: "proxy",
        about: "the proxy that polls go through",
        read: |polling, given| {
            polling.proxy = proxy(given)?;
            Ok(())
        },
    },
    Key {
        name: "allow_private",
        about: "private addresses that may be polled",
        read: |polling, given| {
            polling.allow_private = allow_private(given)?;
            Ok(())
        },
    },
];

pub(super) const STORE: &[Key<StoreSettings>] = &[
    Key {
        name: "path",
        about: "the folder of the store",
        read: |store, given| set(&mut store.path, given.line().map(Into::into)),
    },
    Key {
        name: "keep",
        about: "how long entries are kept",
        read: |store, given| set(&mut store.keep, keep(given)),
    },
    Key {
        name: "keep_entries",
        about: "entries kept of one source",
        read: |store, given| set(&mut store.keep_entries, given.whole(1..=100_000)),
    },
    Key {
        name: "cache_bytes",
        about: "memory for the store's cache",
        read: |store, given| set(&mut store.cache_bytes, given.size(8 * MIB..=16 * GIB)),
    },
];

pub(super) const SERVE: &[Key<Serve>] = &[
    Key {
        name: "listen",
        about: "where connections are taken",
        read: |serve, given| set(&mut serve.listen, listen(given)),
    },
    Key {
        name: "entries",
        about: "entries of a feed",
        read: |serve, given| set(&mut serve.entries, given.whole(1..=1000)),
    },
    Key {
        name: "page_entries",
        about: "entries of a page",
        read: |serve, given| set(&mut serve.page_entries, given.whole(1..=200)),
    },
    Key {
        name: "per_source",
        about: "how much of a merged feed one source may have",
        read: |serve, given| set(&mut serve.per_source, per_source(given)),
    },
    Key {
        name: "content",
        about: "how much of an entry is given",
        read: |serve, given| set(&mut serve.content, content(given)),
    },
    Key {
        name: "stories",
        about: "what becomes of one event that several entries tell",
        read: |serve, given| set(&mut serve.stories, output::stories(given)),
    },
    Key {
        name: "search",
        about: "whether entries can be searched for",
        read: |serve, given| set(&mut serve.search, given.truth()),
    },
    Key {
        name: "keep",
        about: "queries of which one must find an entry of a merged output",
        read: |serve, given| output::rules(&mut serve.rules.keep, given),
    },
    Key {
        name: "drop",
        about: "queries of which none may find an entry of a merged output",
        read: |serve, given| output::rules(&mut serve.rules.drop, given),
    },
];

pub(super) const WEBSUB: &[Key<WebSub>] = &[
    Key {
        name: "enabled",
        about: "whether hubs may push",
        read: |websub, given| set(&mut websub.enabled, given.truth()),
    },
    Key {
        name: "callback",
        about: "the public base address for hubs",
        read: |websub, given| set_some(&mut websub.callback, address(given)),
    },
];

/// An interval between two polls, of all sources or of one.
pub(super) fn interval(given: &Given<'_>) -> Result<Duration, Mistake> {
    given.duration(SECOND..=MONTH)
}

/// A note when an interval is one that publishers resent.
pub(super) fn impolite(section: &Section<'_>, key: &str, interval: Duration) -> Option<Mistake> {
    let place = section.place_of(key).filter(|_| interval < POLITE)?;
    let (short, polite) = (words::shown_duration(interval), words::shown_duration(POLITE));
    let message = format!("`{key}`: publishers call polls every {short} impolite");
    let help = match section.bare_number(key) {
        // Who leaves the unit out rarely means seconds.
        Some(number) => seconds_help(number),
        None => format!("{polite} or more is welcome everywhere"),
    };
    Some(Mistake::at(place, message).help(help))
}

fn seconds_help(number: u64) -> String {
    format!(
        "{number} without a unit is seconds: write \"{number}m\" for minutes, \"{number}h\" for hours"
    )
}

/// `at_least` ≤ `every` ≤ `at_most`, where the file gives at least one of a pair.
pub(super) fn check_bounds(section: &Section<'_>, polling: &Polling) -> Mistakes {
    let mut mistakes = Mistakes::default();
    let [at_least, every, at_most] =
        [("at_least", polling.at_least), ("every", polling.every), ("at_most", polling.at_most)];
    for ((low_key, low), (high_key, high)) in [(at_least, every), (every, at_most)] {
        if low <= high {
            continue;
        }
        let given = |key, length| {
            let origin = if section.place_of(key).is_some() { "" } else { ", the default" };
            format!("`{key}` ({}{origin})", words::shown_duration(length))
        };
        let message = format!("{} is above {}", given(low_key, low), given(high_key, high));
        let order =
            || "`at_least` must not be above `every`, nor `every` above `at_most`".to_owned();
        let help = section.bare_number(high_key).map_or_else(order, seconds_help);
        let mistake = |place| Mistake::at(place, message.clone()).help(help.clone());
        match (section.place_of(low_key), section.place_of(high_key)) {
            (Some(low), Some(high)) => mistakes.push(mistake(low).beside(high, "the other one")),
            (Some(place), None) | (None, Some(place)) => mistakes.push(mistake(place)),
            (None, None) => {}
        }
    }
    mistakes
}

/// A language tag.
pub(super) fn language(given: &Given<'_>) -> Result<Language, Mistake> {
    let what = "a language tag such as \"ar\" or \"ar-EG\"";
    Language::parse(given.string(what)?).ok_or_else(|| given.expected(what))
}

fn address(given: &Given<'_>) -> Result<Url, Mistake> {
    let mut url = given.public_address()?;
    let surplus = [(url.query().is_some(), "a query"), (url.fragment().is_some(), "a fragment")];
    if let Some((_, what)) = surplus.iter().find(|(found, _)| *found) {
        return Err(given.wrong(format_args!("expected an address without {what}")));
    }
    if !url.path().ends_with('/') {
        let folder = format!("{}/", url.path());
        url.set_path(&folder);
    }
    Ok(url)
}

fn contact(given: &Given<'_>) -> Result<String, Mistake> {
    let what = "an e-mail address or a URL, in ASCII letters";
    let text = given.string(what)?;
    let visible = !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic());
    if visible && text.contains("://") {
        return given.public_address().map(|_| text.to_owned());
    }
    let is_mail = text
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    if visible && is_mail { Ok(text.to_owned()) } else { Err(given.expected(what)) }
}

/// The address of the proxy, written out or kept elsewhere.
fn proxy(given: &Given<'_>) -> Result<Option<Url>, Mistakes> {
    let what = "an address such as \"http://proxy.example:3128\"";
    let text = secret::text(given, what)?;
    Ok(text.map(|text| given.web_address_in(&text, what)).transpose()?)
}

fn allow_private(given: &Given<'_>) -> Result<Vec<HostPort>, Mistakes> {
    let what = "a host with a port, such as \"127.0.0.1:8081\" or \"[::1]:80\"";
    let mut mistakes = Mistakes::default();
    let mut hosts = Vec::new();
    for member in given.members("an array such as [\"127.0.0.1:8081\"]")? {
        let host = member.string(what).and_then(|text| {
            words::host_port(text).ok_or_else(|| with_brackets(text, member.expected(what)))
        });
        hosts.extend(mistakes.sift(host));
    }
    if mistakes.0.is_empty() { Ok(hosts) } else { Err(mistakes) }
}

fn keep(given: &Given<'_>) -> Result<Option<Duration>, Mistake> {
    if given.string("").is_ok_and(|word| word == "forever") {
        return Ok(None);
    }
    match given.any_duration() {
        Some(Duration::ZERO) => Ok(None),
        Some(length) if length < DAY => Err(too_short(given, length)),
        Some(length) if length <= CENTURY => Ok(Some(length)),
        _ => Err(given.expected("a length of time such as \"90d\", or \"forever\"")),
    }
}

/// Nobody keeps news for less than a day: a number without its unit was meant as days, and `m` as months.
fn too_short(given: &Given<'_>, length: Duration) -> Mistake {
    let shown = words::shown_duration(length);
    match given.bare_number() {
        Some(number) => given
            .wrong(format_args!(
                "{number} without a unit is seconds, and news is kept for a day at least"
            ))
            .help(format!("write \"{number}d\" for days")),
        None => {
            given.wrong(format_args!("{shown} is too short: news is kept for a day at least")).help(
                "`d` is days, `w` weeks, `m` minutes; months are written as days, such as \"90d\"",
            )
        }
    }
}

fn per_source(given: &Given<'_>) -> Result<PerSource, Mistake> {
    match (given.string(""), given.whole(1..=1000)) {
        (Ok("share"), _) => Ok(PerSource::Share),
        (Ok("any"), _) => Ok(PerSource::Any),
        (_, Ok(most)) => Ok(PerSource::AtMost(most)),
        _ => Err(given.expected("a whole number from 1 to 1000, \"share\", or \"any\"")),
    }
}

fn listen(given: &Given<'_>) -> Result<std::net::SocketAddr, Mistake> {
    let text = given.string(words::LISTEN)?;
    words::listen(text).ok_or_else(|| with_brackets(text, given.expected(words::LISTEN)))
}

/// A mistake, with advice where only the brackets of an address of IPv6 are missing.
fn with_brackets(text: &str, mistake: Mistake) -> Mistake {
    match words::bracketed(text) {
        Some(better) => mistake.help(format!("write \"{better}\"")),
        None => mistake,
    }
}

fn content(given: &Given<'_>) -> Result<ContentPolicy, Mistake> {
    let what = "\"summary\" or \"full\"";
    let word = given.string(what)?;
    match word {
        "summary" => Ok(ContentPolicy::Summary),
        "full" => Ok(ContentPolicy::Full),
        _ => {
            let mistake = given.expected(what);
            Err(match nearest(word, ["summary", "full"]) {
                Some(near) => mistake.help(format!("did you mean \"{near}\"?")),
                None => mistake,
            })
        }
    }
}
