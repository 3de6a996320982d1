//! The entries of one document → how each is recognized.
//!
//! | kind | key | taken when |
//! | --- | --- | --- |
//! | guid | the guid, without trackers if it is an address | the feed's guids are trusted, and no other entry has it |
//! | link | the link in its form for comparing | it is a page, and no other entry has it |
//! | link and title | both | no other entry has both |
//! | guid | as above | the feed's guids are not trusted, but this one is unique |
//! | title and date | both | no other entry has both |
//! | content | a hash of its texts, date and files | always |
//!
//! The feed is judged as a whole: when more than one guid in twenty (and at least two) is missing
//! or shared by different entries, its guids are not trusted. "No other entry" means no *different*
//! entry: a copy of the same entry has the same key, and the program's `decide::identity_match`
//! finds the repetition.
//!
//! Weaker names connect two documents in which an entry has different kinds of keys: the link and a
//! guid that is an address (`link:`), the title on its day (`title:`, four words or more), the same
//! without the labels before it («عاجل:») and without the site's name behind it, and, if there is
//! no guid and no link, the text at its instant (`text:`). An entry gets a weaker name only if the
//! name is unique in this document, and never for the site's own page. In every other key, labels
//! count: the keys that were stored before labels were recognized stay valid. `docs/identity.md`
//! describes all of this with examples.

use std::borrow::Cow;
use std::collections::btree_map::Entry as Slot;
use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use jiff::tz::Offset;

use super::site_names::SiteNames;
use super::{link, link_form};
use crate::arabic::{MatchKey, without_labels};
use crate::dates;
use crate::hash::Digest;
use crate::model::{Identity, IdentityKind, RawEntry};

/// If more than one guid in this many is missing or shared, the feed's guids are not trusted.
const BAD_GUID_ONE_IN: usize = 20;
/// Fewer bad guids may be an accident.
const FEWEST_BAD_GUIDS: usize = 2;
/// Shorter titles are used again for other news («أسعار الذهب اليوم» has three words).
const FEWEST_WORDS: usize = 4;

/// The values of an entry that distinguish it from others.
#[derive(Debug, Clone, Copy)]
pub(super) struct IdentityInputs<'a> {
    /// Its guid, not blank.
    pub(super) guid: Option<&'a str>,
    /// Whether the guid may be the address of the entry.
    pub(super) guid_may_be_link: bool,
    /// Its link, canonical.
    pub(super) link: Option<&'a str>,
    /// Its title.
    pub(super) title: &'a str,
    /// The publication date that the publisher claims.
    pub(super) published_at: Option<Timestamp>,
    /// All values of the entry.
    pub(super) raw: &'a RawEntry,
}

/// The identities of a feed's entries, in their order. `site` is the feed's own page.
pub(super) fn decide_identities(
    inputs: &[IdentityInputs],
    site: Option<&str>,
    site_names: &SiteNames,
) -> Vec<Identity> {
    let site = site.and_then(link_form::link_form);
    let names: Vec<IdentityNames> = inputs
        .iter()
        .map(|inputs| IdentityNames::from_inputs(inputs, site.as_deref(), site_names))
        .collect();
    let shared = SharedKeys::from_names(&names);
    let mut identities: Vec<Identity> =
        names.iter().map(|names| shared.decide_identity(names)).collect();
    assign_weaker_names(names, &mut identities);
    identities
}

/// The indices of entries whose guid is that of an earlier entry.
pub(super) fn repeated_guids(inputs: &[IdentityInputs]) -> Vec<usize> {
    let guids = || inputs.iter().map(|inputs| inputs.guid);
    if are_distinct(guids().flatten().map(name_sum).collect()) {
        return Vec::new();
    }
    let mut known = BTreeSet::new();
    let is_repeated = |(index, guid): (usize, Option<_>)| (!known.insert(guid?)).then_some(index);
    guids().enumerate().filter_map(is_repeated).collect()
}

/// The names that may identify an entry.
struct IdentityNames<'a> {
    guid: Option<Cow<'a, str>>,
    /// The hash of the title's match key.
    title: Option<[u8; 16]>,
    published_at: Option<Timestamp>,
    raw: &'a RawEntry,
    /// The weaker names: of the link, if it is a page; of the guid, if it is another page, or of
    /// the text if there is no guid and no link; of the title on its day, as it is and without
    /// labels and site name.
    weaker: [Option<String>; 4],
}

/// The prefix of the weaker name of a page.
const LINK_PREFIX: &str = "link:";

impl<'a> IdentityNames<'a> {
    fn from_inputs(
        inputs: &IdentityInputs<'a>,
        site: Option<&str>,
        site_names: &SiteNames,
    ) -> Self {
        let page = |address: &str| {
            let mut name = String::with_capacity(LINK_PREFIX.len() + address.len());
            name.push_str(LINK_PREFIX);
            let is_web = link_form::push_link_form(&mut name, address);
            let form = &name[LINK_PREFIX.len()..];
            (is_web && !link_form::is_home_page(form) && Some(form) != site).then_some(name)
        };
        let link = inputs.link.and_then(page);
        let guid_page = inputs.guid.filter(|_| inputs.guid_may_be_link).and_then(page);
        let second = if inputs.guid.is_none() && link.is_none() {
            text_name(inputs)
        } else {
            guid_page.filter(|page| link.as_ref() != Some(page))
        };
        let key = MatchKey::of(inputs.title);
        let news = without_labels(site_names.without_name(inputs.title));
        let bare = (news.len() < inputs.title.len()).then(|| MatchKey::of(news));
        let title = (!key.is_empty()).then(|| digest([key.as_bytes()].into_iter()));
        let on_its_day = |key: &MatchKey, title: &[u8; 16]| {
            let at = inputs.published_at.filter(|_| key.word_count() >= FEWEST_WORDS);
            at.map(|at| title_on_day(title, at))
        };
        let bare = bare.filter(|bare| *bare != key);
        Self {
            guid: inputs.guid.map(|guid| {
                link::canonical_link(guid, None).map_or(Cow::Borrowed(guid), Cow::Owned)
            }),
            title,
            published_at: inputs.published_at,
            raw: inputs.raw,
            weaker: [
                link,
                second,
                title.and_then(|title| on_its_day(&key, &title)),
                bare.and_then(|bare| on_its_day(&bare, &digest([bare.as_bytes()].into_iter()))),
            ],
        }
    }

    /// The link in its form for comparing, if it is a page.
    fn link(&self) -> Option<&str> {
        self.weaker[0].as_deref()?.get(LINK_PREFIX.len()..)
    }

    /// The key of the given kind.
    fn key_of_kind(&self, kind: IdentityKind) -> Option<Cow<'_, str>> {
        let both = |one: &str, other: &str| Cow::Owned(format!("{one} {other}"));
        match kind {
            IdentityKind::Guid => self.guid.as_deref().map(Cow::Borrowed),
            IdentityKind::Link => self.link().map(Cow::Borrowed),
            IdentityKind::LinkAndTitle => Some(both(self.link()?, &hex(&self.title?))),
            IdentityKind::TitleAndDate => {
                Some(both(&hex(&self.title?), &self.published_at?.to_string()))
            }
            IdentityKind::Content => Some(Cow::Owned(hex(&content_digest(self.raw)))),
        }
    }

    /// The values that make two entries with one key different. With one guid: link and title, and
    /// the content if there is no link; with any other key: link, title and content.
    fn distinguishing_values(
        &self,
        kind: IdentityKind,
    ) -> (Option<&str>, Option<[u8; 16]>, [u8; 16]) {
        let guid_is_enough = kind == IdentityKind::Guid && self.weaker[0].is_some();
        let content = if guid_is_enough { [0; 16] } else { content_digest(self.raw) };
        (self.link(), self.title, content)
    }
}

/// The name of an entry that has no guid and no link: its text at its instant. It stays the same
/// when the title is edited.
fn text_name(inputs: &IdentityInputs<'_>) -> Option<String> {
    let texts = [&inputs.raw.summary, &inputs.raw.content].into_iter().flatten();
    let mut parts: Vec<&[u8]> = texts.map(|text| text.value.as_bytes()).collect();
    let at = inputs.published_at.filter(|_| !parts.is_empty())?.to_string();
    parts.push(at.as_bytes());
    Some(format!("text:{}", hex(&digest(parts.into_iter()))))
}

/// The keys of each kind that different entries share, and whether the guids are trusted.
struct SharedKeys {
    guids_are_trusted: bool,
    shared: BTreeSet<(IdentityKind, String)>,
}

impl SharedKeys {
    fn from_names(names: &[IdentityNames]) -> Self {
        let mut shared = shared_keys(IdentityKind::Guid, names);
        let is_bad = |names: &&IdentityNames| {
            let key = |guid: &str| (IdentityKind::Guid, guid.to_owned());
            names
                .guid
                .as_deref()
                .is_none_or(|guid| !shared.is_empty() && shared.contains(&key(guid)))
        };
        let bad = names.iter().filter(is_bad).count();
        if bad > 0 {
            for kind in [IdentityKind::Link, IdentityKind::LinkAndTitle, IdentityKind::TitleAndDate]
            {
                shared.append(&mut shared_keys(kind, names));
            }
        }
        Self {
            guids_are_trusted: bad < FEWEST_BAD_GUIDS || bad * BAD_GUID_ONE_IN <= names.len(),
            shared,
        }
    }

    fn decide_identity(&self, names: &IdentityNames) -> Identity {
        use IdentityKind::{Content, Guid, Link, LinkAndTitle, TitleAndDate};
        let kinds = if self.guids_are_trusted {
            [Guid, Link, LinkAndTitle, TitleAndDate]
        } else {
            [Link, LinkAndTitle, Guid, TitleAndDate]
        };
        let unshared = kinds.into_iter().find_map(|kind| {
            let unshared = (kind, names.key_of_kind(kind)?.into_owned());
            (self.shared.is_empty() || !self.shared.contains(&unshared)).then_some(unshared)
        });
        let (kind, key) = unshared.unwrap_or_else(|| (Content, hex(&content_digest(names.raw))));
        Identity { kind, key, weaker_names: Vec::new() }
    }
}

/// The keys of one kind that different entries share.
fn shared_keys(kind: IdentityKind, names: &[IdentityNames]) -> BTreeSet<(IdentityKind, String)> {
    let mut shared = BTreeSet::new();
    let keys = names.iter().filter_map(|names| names.key_of_kind(kind));
    if are_distinct(keys.map(|key| name_sum(&key)).collect()) {
        return shared;
    }
    let mut first: BTreeMap<SummedName<Cow<'_, str>>, _> = BTreeMap::new();
    for names in names {
        let Some(key) = names.key_of_kind(kind) else { continue };
        let values = names.distinguishing_values(kind);
        match first.entry(SummedName::new(key)) {
            Slot::Occupied(known) if *known.get() != values => {
                shared.insert((kind, known.key().1.clone().into_owned()));
            }
            Slot::Occupied(_) => {}
            Slot::Vacant(free) => _ = free.insert(values),
        }
    }
    shared
}

/// Gives each identity the weaker names that no other identity of this document has.
fn assign_weaker_names(names: Vec<IdentityNames>, identities: &mut [Identity]) {
    let all = names.iter().flat_map(|names| names.weaker.iter().flatten());
    if are_distinct(all.map(|name| name_sum(name)).collect()) {
        for (names, identity) in names.into_iter().zip(identities) {
            identity.weaker_names = names.weaker.into_iter().flatten().collect();
        }
        return;
    }
    // The first entry that has a name; `None`: another identity has the name, too.
    let mut owners: BTreeMap<SummedName<&str>, Option<usize>> = BTreeMap::new();
    for (index, names) in names.iter().enumerate() {
        for name in names.weaker.iter().flatten() {
            let owner = owners.entry(SummedName::new(name.as_str())).or_insert(Some(index));
            if owner.is_some_and(|owner| identities.get(owner) != identities.get(index)) {
                *owner = None;
            }
        }
    }
    let is_unique =
        |name: &String| owners.get(&SummedName::new(name.as_str())).is_some_and(Option::is_some);
    let unique: Vec<[bool; 4]> = names
        .iter()
        .map(|names| names.weaker.each_ref().map(|name| name.as_ref().is_some_and(is_unique)))
        .collect();
    for ((names, unique), identity) in names.into_iter().zip(unique).zip(identities) {
        let weaker = names.weaker.into_iter().zip(unique);
        identity.weaker_names =
            weaker.filter_map(|(name, is_unique)| name.filter(|_| is_unique)).collect();
    }
}

/// A name, sorted by a sum over its bytes first: the names of one feed have a common beginning,
/// which would be compared again and again.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct SummedName<T>(u64, T);

impl<T: AsRef<str>> SummedName<T> {
    fn new(name: T) -> Self {
        Self(name_sum(name.as_ref()), name)
    }
}

/// A sum over the bytes of a name. Names with different sums are different.
fn name_sum(name: &str) -> u64 {
    let (words, rest) = name.as_bytes().as_chunks::<8>();
    // The multiplier of FNV-1a; any order will do, so its quality hardly matters.
    let mix = |sum: u64, word: u64| (sum ^ word).rotate_left(5).wrapping_mul(0x0100_0000_01b3);
    let sum = words.iter().fold(0, |sum, word| mix(sum, u64::from_le_bytes(*word)));
    rest.iter().fold(sum, |sum, byte| mix(sum, u64::from(*byte)))
}

/// Whether no number occurs twice: then all names with these sums are different and need no
/// comparison, as in nearly all feeds.
fn are_distinct(mut sums: Vec<u64>) -> bool {
    sums.sort_unstable();
    sums.is_sorted_by(|one, next| one < next)
}

/// The hash of an entry's title, texts, publication date and files. Dates of change are left out: some
/// feeds move them at every poll.
fn content_digest(raw: &RawEntry) -> [u8; 16] {
    let texts = [&raw.title, &raw.summary, &raw.content].into_iter().flatten();
    let texts = texts.map(|text| text.value.as_str());
    let files = raw.enclosures.iter().map(|file| file.url.as_str());
    let date = raw.published.as_deref().filter(|words| !dates::is_relative(words));
    let values = texts.chain(date).chain(files);
    digest(values.map(str::as_bytes))
}

/// 128 bits of a hash over parts: titles and texts come from strangers, who must not be able to
/// make them collide.
fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> [u8; 16] {
    let mut digest = Digest::new("");
    parts.for_each(|part| digest.add_with_length(part));
    digest.to_128()
}

/// The weaker name of a title on the day of an instant.
fn title_on_day(title: &[u8; 16], at: Timestamp) -> String {
    let mut name = String::with_capacity("title: 2026-11-23".len() + 32);
    name.push_str("title:");
    push_hex(&mut name, title);
    let day = Offset::UTC.to_datetime(at).date();
    let digit =
        |value: i16| char::from(b'0' + u8::try_from(value.rem_euclid(10)).unwrap_or_default());
    let two = |value: i16| [digit(value / 10), digit(value)];
    name.push(' ');
    name.extend(two(day.year() / 100).into_iter().chain(two(day.year() % 100)));
    name.extend(std::iter::once('-').chain(two(day.month().into())));
    name.extend(std::iter::once('-').chain(two(day.day().into())));
    name
}

fn hex(bytes: &[u8; 16]) -> String {
    let mut digits = String::with_capacity(32);
    push_hex(&mut digits, bytes);
    digits
}

fn push_hex(out: &mut String, bytes: &[u8; 16]) {
    let digit = |value: u8| b"0123456789abcdef"[usize::from(value & 15)];
    let pairs = bytes.map(|byte| [digit(byte >> 4), digit(byte)]);
    out.push_str(std::str::from_utf8(pairs.as_flattened()).unwrap_or_default());
}

#[cfg(test)]
mod tests;
