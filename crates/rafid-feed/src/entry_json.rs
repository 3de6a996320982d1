//! What JSON Feed has no field for in an entry → JSON: its pictures, its contributors, what it says of itself
//! as an episode. `rafid parse` and the feeds of the daemon have the same keys.

use serde_json::{Map, Value, json};

use crate::model::{Chapter, Entry, Episode, Image, Participant, Person, PlainText, Transcript};

/// How an output writes addresses and words into JSON.
#[derive(Debug, Clone, Copy)]
pub struct JsonEncoder {
    /// For addresses.
    pub address: fn(&str) -> String,
    /// For words.
    pub words: fn(&str) -> String,
}

impl JsonEncoder {
    /// As they are.
    pub const PLAIN: Self = Self { address: str::to_owned, words: str::to_owned };

    fn text(self, text: Option<&PlainText>) -> Option<String> {
        text.map(|text| (self.words)(text.as_str()))
    }

    fn url(self, url: Option<&String>) -> Option<String> {
        url.map(|url| (self.address)(url))
    }
}

/// The pictures of an entry, the lead first.
pub fn images_to_json(entry: &Entry, encoder: JsonEncoder) -> Vec<Value> {
    let images = entry.image.iter().chain(&entry.more_images);
    images.map(|image| image_to_json(image, encoder)).collect()
}

fn image_to_json(image: &Image, encoder: JsonEncoder) -> Value {
    let mut object = Map::new();
    object.insert("url".into(), (encoder.address)(&image.url).into());
    insert_some(&mut object, "width", image.width);
    insert_some(&mut object, "height", image.height);
    insert_some(&mut object, "alt", encoder.text(image.alt.as_ref()));
    insert_some(&mut object, "credit", encoder.text(image.credit.as_ref()));
    Value::Object(object)
}

/// The contributors of an entry, as JSON Feed writes authors.
pub fn contributors_to_json(entry: &Entry, encoder: JsonEncoder) -> Vec<Value> {
    let people = entry.contributors.iter();
    people.map(|person| Value::Object(person_to_json(person, encoder))).collect()
}

fn person_to_json(person: &Person, encoder: JsonEncoder) -> Map<String, Value> {
    let mut object = Map::new();
    object.insert("name".into(), (encoder.words)(person.name.as_str()).into());
    insert_some(&mut object, "url", encoder.url(person.url.as_ref()));
    object
}

/// What an entry says of itself as an episode; what it does not say is left out.
pub fn episode_to_json(episode: &Episode, encoder: JsonEncoder) -> Value {
    let mut object = Map::new();
    insert_some(&mut object, "episode", episode.number);
    insert_some(&mut object, "season", episode.season);
    insert_some(&mut object, "type", episode.kind.map(crate::model::EpisodeKind::as_str));
    insert_some(&mut object, "explicit", episode.is_explicit);
    let mut insert_list = |key: &str, list: Vec<Value>| {
        if !list.is_empty() {
            object.insert(key.into(), Value::Array(list));
        }
    };
    let transcripts = episode.transcripts.iter();
    insert_list("transcripts", transcripts.map(|it| transcript_to_json(it, encoder)).collect());
    let chapters = episode.chapters.iter();
    insert_list("chapters", chapters.map(|it| chapter_to_json(it, encoder)).collect());
    let participants = episode.participants.iter();
    insert_list("persons", participants.map(|it| participant_to_json(it, encoder)).collect());
    if let Some(file) = &episode.chapter_file {
        let mut chapters = Map::new();
        chapters.insert("url".into(), (encoder.address)(&file.url).into());
        insert_some(&mut chapters, "mime_type", file.media_type.as_deref().map(encoder.words));
        object.insert("chapters_file".into(), Value::Object(chapters));
    }
    Value::Object(object)
}

fn transcript_to_json(transcript: &Transcript, encoder: JsonEncoder) -> Value {
    let mut object = Map::new();
    object.insert("url".into(), (encoder.address)(&transcript.url).into());
    insert_some(&mut object, "mime_type", transcript.media_type.as_deref().map(encoder.words));
    insert_some(&mut object, "language", transcript.language.as_deref().map(encoder.words));
    insert_some(&mut object, "captions", transcript.is_captions.then_some(true));
    Value::Object(object)
}

fn chapter_to_json(chapter: &Chapter, encoder: JsonEncoder) -> Value {
    let mut object = Map::new();
    object.insert("start_ms".into(), json!(chapter.start_ms));
    object.insert("title".into(), (encoder.words)(chapter.title.as_str()).into());
    insert_some(&mut object, "url", encoder.url(chapter.url.as_ref()));
    insert_some(&mut object, "image", encoder.url(chapter.image_url.as_ref()));
    Value::Object(object)
}

fn participant_to_json(participant: &Participant, encoder: JsonEncoder) -> Value {
    let mut object = person_to_json(&participant.person, encoder);
    insert_some(&mut object, "role", encoder.text(participant.role.as_ref()));
    insert_some(&mut object, "group", encoder.text(participant.group.as_ref()));
    insert_some(&mut object, "image", encoder.url(participant.image_url.as_ref()));
    Value::Object(object)
}

fn insert_some(object: &mut Map<String, Value>, key: &str, value: Option<impl Into<Value>>) {
    if let Some(value) = value {
        object.insert(key.into(), value.into());
    }
}
