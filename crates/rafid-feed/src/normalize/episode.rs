//! What an entry says of itself as an episode, as written → an `Episode`; a value that is no value is
//! left out.

use url::Url;

use super::{absolute_url, enclosures, people, text};
use crate::model::{
    Chapter, ChapterFile, Episode, EpisodeKind, Participant, RawChapter, RawEpisode,
    RawParticipant, RawTranscript, Transcript,
};

/// A chapter that begins later than ten days after the beginning means something else.
const LONGEST_MS: u64 = 10 * 24 * 3_600_000;

/// Reads an episode; `None`: nothing in it has a meaning.
pub(super) fn normalize_episode(raw: &RawEpisode, base: Option<&Url>) -> Option<Box<Episode>> {
    let mut chapters: Vec<Chapter> =
        raw.chapters.iter().filter_map(|chapter| normalize_chapter(chapter, base)).collect();
    chapters.sort_by_key(|chapter| chapter.start_ms);
    let transcripts = raw.transcripts.iter();
    let participants = raw.participants.iter();
    let episode = Episode {
        number: raw.number.as_deref().and_then(parse_number),
        season: raw.season.as_deref().and_then(parse_number),
        kind: raw.kind.as_deref().and_then(EpisodeKind::parse),
        is_explicit: raw.explicit.as_deref().and_then(parse_explicit),
        transcripts: transcripts.filter_map(|raw| normalize_transcript(raw, base)).collect(),
        chapter_file: raw.chapter_file.as_ref().and_then(|(url, media_type)| {
            Some(ChapterFile {
                url: absolute_url::absolute_web_url(url, base)?,
                media_type: enclosures::claimed_media_type(media_type.as_deref()),
            })
        }),
        chapters,
        participants: participants.filter_map(|raw| normalize_participant(raw, base)).collect(),
    };
    (episode != Episode::default()).then(|| Box::new(episode))
}

fn normalize_transcript(raw: &RawTranscript, base: Option<&Url>) -> Option<Transcript> {
    let language = text::plain_text_of_words(raw.language.as_deref());
    Some(Transcript {
        url: absolute_url::absolute_web_url(&raw.url, base)?,
        media_type: enclosures::claimed_media_type(raw.media_type.as_deref()),
        language: language.map(|language| language.as_str().to_owned()),
        is_captions: raw.rel.as_deref().is_some_and(|rel| rel.eq_ignore_ascii_case("captions")),
    })
}

fn normalize_chapter(raw: &RawChapter, base: Option<&Url>) -> Option<Chapter> {
    let web = |url: &Option<String>| absolute_url::absolute_web_url(url.as_deref()?, base);
    Some(Chapter {
        start_ms: parse_play_time(&raw.start)?,
        title: text::plain_text_of_words(raw.title.as_deref())?,
        url: web(&raw.href),
        image_url: web(&raw.image),
    })
}

fn normalize_participant(raw: &RawParticipant, base: Option<&Url>) -> Option<Participant> {
    let mut people = people::normalize_authors(std::slice::from_ref(&raw.person), base);
    Some(Participant {
        person: people.pop()?,
        role: text::plain_text_of_words(raw.role.as_deref()),
        group: text::plain_text_of_words(raw.group.as_deref()),
        image_url: raw.image.as_deref().and_then(|url| absolute_url::absolute_web_url(url, base)),
    })
}

/// Apple's specification: a number from 1. The podcast namespace allows `12.5`, which is no number of an
/// episode elsewhere.
fn parse_number(words: &str) -> Option<u32> {
    words.trim().parse().ok().filter(|number| *number > 0)
}

/// `true` and `false` today; `yes`, `explicit`, `no` and `clean` in earlier versions of the specification.
fn parse_explicit(words: &str) -> Option<bool> {
    match words.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "explicit" => Some(true),
        "false" | "no" | "clean" => Some(false),
        _ => None,
    }
}

/// Normal play time (RFC 2326 section 3.6, as Podlove's chapters use it) in milliseconds: `HH:MM:SS.mmm`,
/// `MM:SS` or seconds.
fn parse_play_time(words: &str) -> Option<u64> {
    let (whole, fraction) = words.trim().split_once('.').unwrap_or((words.trim(), ""));
    let parts: Vec<&str> = whole.split(':').collect();
    if parts.len() > 3 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut seconds = 0_u64;
    for part in parts {
        seconds = seconds.checked_mul(60)?.checked_add(part.parse().ok()?)?;
    }
    let thousandths: String = fraction.chars().chain("000".chars()).take(3).collect();
    let ms = seconds.checked_mul(1000)?.checked_add(thousandths.parse().ok()?)?;
    (ms <= LONGEST_MS).then_some(ms)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::RawPerson;

    #[test]
    fn play_times_numbers_and_warnings() {
        for (words, expected) in [
            ("00:01:02.5", Some(62_500)),
            ("1:02", Some(62_000)),
            (" 7 ", Some(7_000)),
            ("0.0019", Some(1)),
            ("1:2:3:4", None),
            ("1:x", None),
            ("-1", None),
            ("1.x", None),
            ("9999:00:00", None),
        ] {
            assert_eq!(parse_play_time(words), expected, "{words}");
        }
        for (words, expected) in [(" 003", Some(3)), ("0", None), ("12.5", None), ("x", None)] {
            assert_eq!(parse_number(words), expected, "{words}");
        }
        for (words, expected) in
            [("Yes", Some(true)), ("TRUE", Some(true)), ("clean", Some(false)), ("", None)]
        {
            assert_eq!(parse_explicit(words), expected, "{words}");
        }
    }

    #[test]
    fn an_episode_has_web_addresses_and_chapters_in_order() {
        let base = Url::parse("https://a.example/").unwrap();
        let chapter = |start: &str, title: &str| RawChapter {
            start: start.into(),
            title: Some(title.into()),
            href: Some("javascript:x".into()),
            image: Some("/c.jpg".into()),
        };
        let person = RawPerson { name: Some(" سمر ".into()), ..RawPerson::default() };
        let transcript = |url: &str| RawTranscript {
            url: url.into(),
            media_type: Some("Text/VTT; charset=utf-8".into()),
            rel: Some("captions".into()),
            language: None,
        };
        let raw = RawEpisode {
            kind: Some("Bonus".into()),
            chapters: vec![chapter("2:00", "ب"), chapter("0", "ا"), chapter("x", "ج")],
            transcripts: vec![transcript("/1.vtt"), transcript("data:x")],
            participants: vec![RawParticipant { person, ..RawParticipant::default() }],
            ..RawEpisode::default()
        };
        let episode = normalize_episode(&raw, Some(&base)).unwrap();
        assert_eq!(episode.kind, Some(EpisodeKind::Bonus));
        let chapters: Vec<_> =
            episode.chapters.iter().map(|it| (it.start_ms, it.title.as_str())).collect();
        assert_eq!(chapters, [(0, "ا"), (120_000, "ب")]);
        let first = &episode.chapters[0];
        assert_eq!(
            (first.url.as_deref(), first.image_url.as_deref()),
            (None, Some("https://a.example/c.jpg"))
        );
        assert_eq!(episode.transcripts.len(), 1);
        let transcript = &episode.transcripts[0];
        assert_eq!(transcript.media_type.as_deref(), Some("text/vtt"));
        assert!(transcript.is_captions);
        assert_eq!(episode.participants[0].person.name.as_str(), "سمر");
        let nothing = RawEpisode { number: Some("x".into()), ..RawEpisode::default() };
        assert_eq!(normalize_episode(&nothing, None), None);
    }
}
