//! What was decided about an entry's story → who has the same text, who tells of the same event, and what
//! made them alike.

use serde_json::{Value, json};

use super::super::press::Press;
use super::super::tellings::Tellings;
use crate::daemon::store::StoreError;
use crate::feed::model::{EntryId, ListedEntry, StoryMethod, Told};
use crate::feed::story::{CROWD, CROWD_MERGE, SAME_TEXT, StorySettings, Texts, alike};

/// Words that are told of what makes two tellings alike, at most: the rest adds little.
const MOST_WORDS: usize = 12;

/// The entries that have the text of an entry, in the order of arrival.
pub(super) fn text_group(tellings: &Tellings<'_>, told: &Told) -> Result<Value, StoreError> {
    let group = told.assignment.text_group;
    let members = tellings.members(told.assignment.story)?;
    let of_group = members.iter().filter(|member| member.assignment.text_group == group);
    let members = of_group.map(|member| telling(tellings, member));
    Ok(json!({ "id": group.to_urn(), "members": members.collect::<Result<Vec<_>, _>>()? }))
}

/// The story of an entry, why it is its, and who tells of it.
pub(super) fn story(
    press: &Press,
    tellings: &Tellings<'_>,
    listed: &ListedEntry,
    told: &Told,
) -> Result<Value, StoreError> {
    let it = &told.assignment;
    let settings = StorySettings::default();
    let members = tellings.members(it.story)?;
    let shown = members.iter().map(|member| telling(tellings, member));
    Ok(json!({
        "id": it.story.to_urn(),
        "method": it.method.as_str(),
        "score": it.score.map(decimal),
        "thresholds": {
            "same_text": decimal(SAME_TEXT),
            "joins": decimal(settings.merge),
            "related": decimal(settings.related),
            "crowd": CROWD,
            "joins_crowd": decimal(settings.merge.max(CROWD_MERGE)),
        },
        "nearest": other(tellings, it.nearest)?,
        "alike_now": alike_now(press, listed, told)?,
        "related": other(tellings, it.related)?,
        "tellings": shown.collect::<Result<Vec<_>, _>>()?,
        "stands": stands(tellings, listed, members.first().map(|first| first.id))?,
    }))
}

/// Who stands for the story in the merged feed; null: nobody else tells of it, or all stand.
fn stands(
    tellings: &Tellings<'_>,
    listed: &ListedEntry,
    first: Option<EntryId>,
) -> Result<Value, StoreError> {
    let standing = if tellings.collapses() { tellings.standing_for(listed)? } else { None };
    Ok(standing.map_or(Value::Null, |id| {
        let why = if first == Some(id) { "arrived-first" } else { "first-that-may-stand" };
        json!({ "id": id.to_urn(), "why": why })
    }))
}

/// The words that make an entry and the one that came nearest alike, by how rare they are now. Null: they
/// were not compared, or one is no longer kept.
fn alike_now(press: &Press, listed: &ListedEntry, told: &Told) -> Result<Value, StoreError> {
    let by_words = matches!(told.assignment.method, StoryMethod::First | StoryMethod::SameEvent);
    let Some(nearest) = told.assignment.nearest.filter(|_| by_words) else {
        return Ok(Value::Null);
    };
    let Some(nearest) = press.store.told(nearest)? else { return Ok(Value::Null) };
    let Some(other) = press.store.entry(nearest.id, nearest.listed_at)? else {
        return Ok(Value::Null);
    };
    let (one, two) = (Texts::of(listed), Texts::of(&other));
    let days = press.store.days_of_terms()?;
    let found = alike(&one.telling(told.seen_at), &two.telling(nearest.seen_at), days);
    let words = found.words.iter().take(MOST_WORDS);
    let words = words.map(|it| json!({ "word": it.word, "share": decimal(it.share) }));
    Ok(json!({ "cosine": decimal(found.cosine), "words": words.collect::<Vec<_>>() }))
}

/// An entry that a decision names.
fn other(tellings: &Tellings<'_>, id: Option<EntryId>) -> Result<Value, StoreError> {
    let Some(id) = id else { return Ok(Value::Null) };
    match tellings.told(id)? {
        Some(told) => telling(tellings, &told),
        None => Ok(json!({ "id": id.to_urn(), "is_kept": false })),
    }
}

/// A telling in a few words.
pub(super) fn telling(tellings: &Tellings<'_>, told: &Told) -> Result<Value, StoreError> {
    let Some((listed, card)) = tellings.kept(told)? else {
        return Ok(json!({ "id": told.id.to_urn(), "is_kept": false }));
    };
    Ok(json!({
        "id": told.id.to_urn(),
        "is_kept": true,
        "title": listed.entry.title.as_str(),
        "link": listed.entry.link,
        "source": told.source.as_str(),
        "source_name": card.as_ref().map(|card| card.name.as_str()),
        "is_published": tellings.is_published(&listed, card.as_deref()),
        "listed_at": told.listed_at.to_string(),
        "arrived_at": told.seen_at.to_string(),
        "method": told.assignment.method.as_str(),
        "score": told.assignment.score.map(decimal),
        "text_group": told.assignment.text_group.to_urn(),
    }))
}

/// Four decimals: more would be noise.
fn decimal(number: f32) -> f64 {
    (f64::from(number) * 1e4).round() / 1e4
}
