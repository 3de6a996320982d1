//! The story record of an entry → the entries with the same text, the entries of the same event, and the
//! words that made them similar.

use serde_json::{Value, json};

use super::super::site_reader::SiteReader;
use super::super::story_lookup::StoryLookup;
use super::super::vectors_file::load_story_vectors;
use crate::model::{EntryId, StoredEntry, StoryMethod, StoryRecord, StoryVectorsChoice};
use crate::store::StoreError;
use crate::story::{
    CROWD_MERGE, CROWD_SIZE, ComparedEntry, PlainTexts, SAME_TEXT_SHARE, StorySettings,
    VectorSimilarity, compare_tellings,
};

/// The maximum number of reported words that make two entries similar. Further words add little.
const MAX_WORDS: usize = 12;

/// The entries with the same text as an entry, in the order of arrival.
pub(super) fn text_group_json(
    stories: &StoryLookup<'_>,
    record: &StoryRecord,
) -> Result<Value, StoreError> {
    let group = record.assignment.text_group;
    let members = stories.members(record.assignment.story)?;
    let of_group = members.iter().filter(|member| member.assignment.text_group == group);
    let members = of_group.map(|member| member_json(stories, member));
    Ok(json!({ "id": group.to_urn(), "members": members.collect::<Result<Vec<_>, _>>()? }))
}

/// The story of an entry, why the entry belongs to it, and its members.
pub(super) fn story_json(
    reader: SiteReader<'_>,
    stories: &StoryLookup<'_>,
    listed: &StoredEntry,
    record: &StoryRecord,
) -> Result<Value, StoreError> {
    let it = &record.assignment;
    let settings = StorySettings::new(reader.site.story_vectors != StoryVectorsChoice::Off);
    let members = stories.members(it.story)?;
    let shown = members.iter().map(|member| member_json(stories, member));
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
        "nearest": member_json_by_id(stories, it.nearest)?,
        "alike_now": current_similarity(reader, listed, record)?,
        "related": member_json_by_id(stories, it.related)?,
        "tellings": shown.collect::<Result<Vec<_>, _>>()?,
        "stands": representative_json(stories, listed, members.first().map(|first| first.id))?,
    }))
}

/// The representative of the story in the merged feed; null: the story has no other members, or the feed
/// shows all of them.
fn representative_json(
    stories: &StoryLookup<'_>,
    listed: &StoredEntry,
    first: Option<EntryId>,
) -> Result<Value, StoreError> {
    let representative =
        if stories.collapses() { stories.representative_of(listed.id)? } else { None };
    Ok(representative.map_or(Value::Null, |id| {
        let why = if first == Some(id) { "arrived-first" } else { "first-that-may-stand" };
        json!({ "id": id.to_urn(), "why": why })
    }))
}

/// The words that an entry and the most similar one have in common, weighted by how rare they are now. Null:
/// the two were not compared, or one is no longer stored.
fn current_similarity(
    reader: SiteReader<'_>,
    listed: &StoredEntry,
    record: &StoryRecord,
) -> Result<Value, StoreError> {
    let by_words = matches!(record.assignment.method, StoryMethod::First | StoryMethod::SameEvent);
    let Some(nearest) = record.assignment.nearest.filter(|_| by_words) else {
        return Ok(Value::Null);
    };
    let Some(nearest) = reader.store.story_record(nearest)? else { return Ok(Value::Null) };
    let Some(other) = reader.store.entry(nearest.id, nearest.listed_at)? else {
        return Ok(Value::Null);
    };
    let (one, two) = (PlainTexts::from_entry(listed), PlainTexts::from_entry(&other));
    let days = reader.store.daily_term_counts()?;
    let vectors = load_story_vectors(&reader.site.story_vectors);
    let compared = [(&one, record), (&two, &nearest)].map(|(texts, record)| ComparedEntry {
        input: texts.story_input(record.seen_at),
        closeness: record.assignment.closeness,
    });
    let found = compare_tellings(compared, days, vectors.vectors());
    let words = found.words.iter().take(MAX_WORDS);
    let words = words.map(|it| json!({ "word": it.word, "share": round_score(it.share) }));
    Ok(json!({
        "similarity": round_score(found.similarity),
        "cosine": round_score(found.cosine),
        "vectors": found.vectors.map(vectors_json),
        "other_countries": found.names_other_countries,
        "same_source": found.repetition,
        "words": words.collect::<Vec<_>>(),
    }))
}

fn vectors_json(found: VectorSimilarity) -> Value {
    json!({
        "cosine": round_score(found.cosine),
        "closeness": found.closeness.map(round_score),
        "above_closeness": round_score(found.above_closeness),
    })
}

/// An entry that a story record names.
fn member_json_by_id(stories: &StoryLookup<'_>, id: Option<EntryId>) -> Result<Value, StoreError> {
    let Some(id) = id else { return Ok(Value::Null) };
    match stories.story_record(id)? {
        Some(record) => member_json(stories, &record),
        None => Ok(json!({ "id": id.to_urn(), "is_kept": false })),
    }
}

/// A member of a story in a few fields.
pub(super) fn member_json(
    stories: &StoryLookup<'_>,
    record: &StoryRecord,
) -> Result<Value, StoreError> {
    let Some((listed, info)) = stories.stored_member(record)? else {
        return Ok(json!({ "id": record.id.to_urn(), "is_kept": false }));
    };
    Ok(json!({
        "id": record.id.to_urn(),
        "is_kept": true,
        "title": listed.entry.title.as_str(),
        "link": listed.entry.link,
        "source": record.source.as_str(),
        "source_name": info.as_ref().map(|info| info.name.as_str()),
        "is_published": stories.is_published(&listed, info.as_deref()),
        "listed_at": record.listed_at.to_string(),
        "arrived_at": record.seen_at.to_string(),
        "method": record.assignment.method.as_str(),
        "score": record.assignment.score.map(round_score),
        "text_group": record.assignment.text_group.to_urn(),
    }))
}

/// Four decimals. Further ones are noise.
fn round_score(number: f32) -> f64 {
    (f64::from(number) * 1e4).round() / 1e4
}
