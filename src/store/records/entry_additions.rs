//! The fields of an entry that came after format 2 of the store ↔ the additions of its record.

use rafid_feed::model::{
    Chapter, ChapterFile, Entry, Episode, EpisodeKind, Image, Participant, Transcript,
};
use serde::{Deserialize, Serialize};

use super::RecordError;
use super::additions::{append_additions, read_additions};
use super::entry_parts::{
    ImageV1, PersonV1, person_of, person_str, plain_text, plain_text_str, to_owned_text,
};

/// Fields are only ever added at the end, each with a list or an option of its own.
#[derive(Default, PartialEq, Serialize, Deserialize)]
struct EntryAdditionsV1<'a> {
    #[serde(borrow)]
    contributors: Vec<PersonV1<'a>>,
    image_alt: Option<&'a str>,
    more_images: Vec<(ImageV1<'a>, Option<&'a str>)>,
    episode: Option<EpisodeV1<'a>>,
}

#[derive(PartialEq, Serialize, Deserialize)]
struct EpisodeV1<'a> {
    number: Option<u32>,
    season: Option<u32>,
    kind: u8,
    is_explicit: Option<bool>,
    #[serde(borrow)]
    transcripts: Vec<(&'a str, Option<&'a str>, Option<&'a str>, bool)>,
    chapter_file: Option<(&'a str, Option<&'a str>)>,
    chapters: Vec<(u64, &'a str, Option<&'a str>, Option<&'a str>)>,
    participants: Vec<(PersonV1<'a>, [Option<&'a str>; 3])>,
}

/// Adds the bytes of an entry's additions.
pub(super) fn append_entry_additions(
    entry: &Entry,
    fields: Vec<u8>,
) -> Result<Vec<u8>, postcard::Error> {
    let image_alt = entry.image.as_ref().and_then(|image| plain_text_str(image.alt.as_ref()));
    let additions = EntryAdditionsV1 {
        contributors: entry.contributors.iter().map(person_str).collect(),
        image_alt,
        more_images: entry
            .more_images
            .iter()
            .map(|image| (ImageV1::of(image), plain_text_str(image.alt.as_ref())))
            .collect(),
        episode: entry.episode.as_deref().map(EpisodeV1::of),
    };
    append_additions(&additions, fields)
}

/// Adds the additions in the bytes behind the fields of an entry's record to the entry.
pub(super) fn read_entry_additions(bytes: &[u8], entry: Entry) -> Result<Entry, RecordError> {
    let additions: EntryAdditionsV1<'_> = read_additions(bytes)?;
    let alt = additions.image_alt.map(plain_text);
    let more_images = additions.more_images.into_iter();
    Ok(Entry {
        contributors: additions.contributors.into_iter().map(person_of).collect(),
        image: entry.image.map(|image| Image { alt, ..image }),
        more_images: more_images
            .map(|(image, alt)| Image { alt: alt.map(plain_text), ..image.into_image() })
            .collect(),
        episode: additions.episode.map(EpisodeV1::into_episode).transpose()?.map(Box::new),
        ..entry
    })
}

impl<'a> EpisodeV1<'a> {
    fn of(episode: &'a Episode) -> Self {
        let transcript = |it: &'a Transcript| {
            (it.url.as_str(), it.media_type.as_deref(), it.language.as_deref(), it.is_captions)
        };
        let chapter = |it: &'a Chapter| {
            (it.start_ms, it.title.as_str(), it.url.as_deref(), it.image_url.as_deref())
        };
        let participant = |it: &'a Participant| {
            let words = [plain_text_str(it.role.as_ref()), plain_text_str(it.group.as_ref())];
            let [role, group] = words;
            (person_str(&it.person), [role, group, it.image_url.as_deref()])
        };
        let chapter_file = episode.chapter_file.as_ref();
        Self {
            number: episode.number,
            season: episode.season,
            kind: kind_code(episode.kind),
            is_explicit: episode.is_explicit,
            transcripts: episode.transcripts.iter().map(transcript).collect(),
            chapter_file: chapter_file.map(|file| (file.url.as_str(), file.media_type.as_deref())),
            chapters: episode.chapters.iter().map(chapter).collect(),
            participants: episode.participants.iter().map(participant).collect(),
        }
    }

    fn into_episode(self) -> Result<Episode, RecordError> {
        let transcripts = self.transcripts.into_iter();
        let chapters = self.chapters.into_iter();
        let participants = self.participants.into_iter();
        Ok(Episode {
            number: self.number,
            season: self.season,
            kind: kind_of_code(self.kind)?,
            is_explicit: self.is_explicit,
            transcripts: transcripts
                .map(|(url, media_type, language, is_captions)| Transcript {
                    url: url.to_owned(),
                    media_type: to_owned_text(media_type),
                    language: to_owned_text(language),
                    is_captions,
                })
                .collect(),
            chapter_file: self.chapter_file.map(|(url, media_type)| ChapterFile {
                url: url.to_owned(),
                media_type: to_owned_text(media_type),
            }),
            chapters: chapters
                .map(|(start_ms, title, url, image)| Chapter {
                    start_ms,
                    title: plain_text(title),
                    url: to_owned_text(url),
                    image_url: to_owned_text(image),
                })
                .collect(),
            participants: participants
                .map(|(person, [role, group, image])| Participant {
                    person: person_of(person),
                    role: role.map(plain_text),
                    group: group.map(plain_text),
                    image_url: to_owned_text(image),
                })
                .collect(),
        })
    }
}

/// Codes on disk are fixed here and never change.
fn kind_code(kind: Option<EpisodeKind>) -> u8 {
    match kind {
        None => 0,
        Some(EpisodeKind::Full) => 1,
        Some(EpisodeKind::Trailer) => 2,
        Some(EpisodeKind::Bonus) => 3,
    }
}

fn kind_of_code(code: u8) -> Result<Option<EpisodeKind>, RecordError> {
    Ok(match code {
        0 => None,
        1 => Some(EpisodeKind::Full),
        2 => Some(EpisodeKind::Trailer),
        3 => Some(EpisodeKind::Bonus),
        _ => return Err(RecordError::Field("episode kind")),
    })
}

#[cfg(test)]
mod tests {
    use rafid_feed::model::{Person, PlainText};

    use super::*;
    use crate::model::StoredEntry;
    use crate::store::records::stored_entry;
    use crate::store::records::tests::plain_entry::{listed, read_back};

    fn text(words: &str) -> PlainText {
        PlainText::from_trusted(words.to_owned())
    }

    fn rich(listed: &StoredEntry) -> StoredEntry {
        let person = Person { name: text("لينا"), url: Some("https://a.example/lina".into()) };
        let image = Image {
            url: "https://a.example/1.jpg".into(),
            width: Some(640),
            height: None,
            credit: Some(text("سمر")),
            alt: Some(text("ميناء")),
        };
        let episode = Episode {
            number: Some(7),
            season: Some(2),
            kind: Some(EpisodeKind::Trailer),
            is_explicit: Some(false),
            transcripts: vec![Transcript {
                url: "https://a.example/7.vtt".into(),
                media_type: Some("text/vtt".into()),
                language: Some("ar".into()),
                is_captions: true,
            }],
            chapter_file: Some(ChapterFile {
                url: "https://a.example/7.json".into(),
                media_type: None,
            }),
            chapters: vec![Chapter {
                start_ms: 62_500,
                title: text("البداية"),
                url: None,
                image_url: Some("https://a.example/c.jpg".into()),
            }],
            participants: vec![Participant {
                person: person.clone(),
                role: Some(text("ضيفة")),
                group: None,
                image_url: None,
            }],
        };
        let entry = Entry {
            contributors: vec![person],
            image: Some(image.clone()),
            more_images: vec![Image { alt: None, ..image.clone() }, image],
            episode: Some(Box::new(episode)),
            ..listed.entry.clone()
        };
        StoredEntry { entry, ..listed.clone() }
    }

    #[test]
    fn additions_come_back_and_an_entry_without_them_has_no_byte_of_them() {
        let plain = listed();
        let fields = stored_entry::encode(&plain).unwrap();
        assert_eq!(append_entry_additions(&plain.entry, fields.clone()).unwrap(), fields);
        assert_eq!(read_back(&plain, &fields), plain);
        let rich = rich(&plain);
        let with_additions = stored_entry::encode(&rich).unwrap();
        assert_eq!(read_back(&rich, &with_additions), rich);
        assert!(with_additions.len() > fields.len());
    }

    #[test]
    fn broken_additions_are_refused() {
        let rich = rich(&listed());
        let additions = append_entry_additions(&rich.entry, Vec::new()).unwrap();
        for length in 1..additions.len() {
            let cut = read_entry_additions(&additions[..length], rich.entry.clone());
            assert!(cut.is_err(), "cut at {length}");
        }
        assert!(kind_of_code(4).is_err());
    }
}
