//! What was decided about an entry's story → who has the same text, who tells of the same event, and what
//! made them alike.

use serde_json::{Value, json};

use super::super::renderer::Renderer;
use super::super::story_lookup::StoryLookup;
use crate::model::{EntryId, StoredEntry, StoryMethod, StoryRecord};
use crate::store::StoreError;
use crate::story::{
    CROWD_MERGE, CROWD_SIZE, PlainTexts, SAME_TEXT_SHARE, StorySettings, compare_tellings,
};

/// Words that are told of what makes two tellings alike, at most: the rest adds little.
const MAX_WORDS: usize = 12;

/// The entries that have the text of an entry, in the order of arrival.
pub(super) fn text_group_json(
    tellings: &StoryLookup<'_>,
    told: &StoryRecord,
) -> Result<Value, StoreError> {
    let group = told.assignment.text_group;
    let members = tellings.members(told.assignment.story)?;
    let of_group = members.iter().filter(|member| member.assignment.text_group == group);
    let members = of_group.map(|member| telling_json(tellings, member));
    Ok(json!({ "id": group.to_urn(), "members": members.collect::<Result<Vec<_>, _>>()? }))
}

/// The story of an entry, why it is its, and who tells of it.
pub(super) fn story_json(
    press: &Renderer,
    tellings: &StoryLookup<'_>,
    listed: &StoredEntry,
    told: &StoryRecord,
) -> Result<Value, StoreError> {
    let it = &told.assignment;
    let settings = StorySettings::default();
    let members = tellings.members(it.story)?;
    let shown = members.iter().map(|member| telling_json(tellings, member));
    Ok(json!({
        "id": it.story.to_urn(),
        "method": it.method.as_str(),
        "score": it.score.map(round_score),
        "thresholds": {
            "same_text": round_score(SAME_TEXT_SHARE),
            "joins": round_score(settings.merge),
            "related": round_score(settings.related),
            "crowd": CROWD_SIZE,
            "joins_crowd": round_score(settings.merge.max(CROWD_MERGE)),
        },
        "nearest": telling_json_by_id(tellings, it.nearest)?,
        "alike_now": current_similarity(press, listed, told)?,
        "related": telling_json_by_id(tellings, it.related)?,
        "tellings": shown.collect::<Result<Vec<_>, _>>()?,
        "stands": representative_json(tellings, listed, members.first().map(|first| first.id))?,
    }))
}

/// Who stands for the story in the merged feed; null: nobody else tells of it, or all stand.
fn representative_json(
    tellings: &StoryLookup<'_>,
    listed: &StoredEntry,
    first: Option<EntryId>,
) -> Result<Value, StoreError> {
    let standing = if tellings.collapses() { tellings.representative_of(listed)? } else { None };
    Ok(standing.map_or(Value::Null, |id| {
        let why = if first == Some(id) { "arrived-first" } else { "first-that-may-stand" };
        json!({ "id": id.to_urn(), "why": why })
    }))
}

/// The words that make an entry and the one that came nearest alike, by how rare they are now. Null: they
/// were not compared, or one is no longer kept.
fn current_similarity(
    press: &Renderer,
    listed: &StoredEntry,
    told: &StoryRecord,
) -> Result<Value, StoreError> {
    let by_words = matches!(told.assignment.method, StoryMethod::First | StoryMethod::SameEvent);
    let Some(nearest) = told.assignment.nearest.filter(|_| by_words) else {
        return Ok(Value::Null);
    };
    let Some(nearest) = press.store.story_record(nearest)? else { return Ok(Value::Null) };
    let Some(other) = press.store.entry(nearest.id, nearest.listed_at)? else {
        return Ok(Value::Null);
    };
    let (one, two) = (PlainTexts::from_entry(listed), PlainTexts::from_entry(&other));
    let days = press.store.daily_term_counts()?;
    let found =
        compare_tellings(&one.story_input(told.seen_at), &two.story_input(nearest.seen_at), days);
    let words = found.words.iter().take(MAX_WORDS);
    let words = words.map(|it| json!({ "word": it.word, "share": round_score(it.share) }));
    Ok(json!({ "cosine": round_score(found.cosine), "words": words.collect::<Vec<_>>() }))
}

/// An entry that a decision names.
fn telling_json_by_id(
    tellings: &StoryLookup<'_>,
    id: Option<EntryId>,
) -> Result<Value, StoreError> {
    let Some(id) = id else { return Ok(Value::Null) };
    match tellings.story_record(id)? {
        Some(told) => telling_json(tellings, &told),
        None => Ok(json!({ "id": id.to_urn(), "is_kept": false })),
    }
}

/// A telling in a few words.
pub(super) fn telling_json(
    tellings: &StoryLookup<'_>,
    told: &StoryRecord,
) -> Result<Value, StoreError> {
    let Some((listed, card)) = tellings.stored_telling(told)? else {
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
        "score": told.assignment.score.map(round_score),
        "text_group": told.assignment.text_group.to_urn(),
    }))
}

/// Four decimals: more would be noise.
fn round_score(number: f32) -> f64 {
    (f64::from(number) * 1e4).round() / 1e4
}
