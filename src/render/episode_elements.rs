//! What an entry says of itself as an episode → the elements of a podcast: Apple's (`itunes:`), those of
//! podcastindex.org (`podcast:`) and Podlove's simple chapters (`psc:`).

use rafid_feed::model::{Chapter, Entry, Episode, Participant, PlainText, Transcript};

use super::feed_elements::ExtensionElement;
use super::{href, xml_text};
use crate::model::Publication;

const ITUNES: (&str, &str) = ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd");
const PODCAST: (&str, &str) = ("podcast", "https://podcastindex.org/namespace/1.0");
const CHAPTERS: (&str, &str) = ("psc", "http://podlove.org/simple-chapters");

/// The namespaces that entries of a publication need for these elements.
pub(super) fn used_namespaces(publication: &Publication) -> Vec<(&'static str, &'static str)> {
    let is_used =
        |test: fn(&Entry) -> bool| publication.entries.iter().any(|listed| test(&listed.entry));
    let mut used = Vec::new();
    if is_used(is_episode) {
        used.push(ITUNES);
    }
    if is_used(|entry| entry.episode.as_deref().is_some_and(has_podcast_elements)) {
        used.push(PODCAST);
    }
    if is_used(|entry| entry.episode.as_deref().is_some_and(|it| !it.chapters.is_empty())) {
        used.push(CHAPTERS);
    }
    used
}

/// What an RSS feed with episodes says of itself, as Apple and W3C's validator require it: whether any is explicit, a category,
/// and the operator, if there is an e-mail address.
pub(super) fn channel_elements(
    publication: &Publication,
    contact_mail: Option<String>,
) -> Vec<ExtensionElement> {
    let mut entries = publication.entries.iter().map(|listed| &listed.entry);
    if !entries.clone().any(is_episode) {
        return Vec::new();
    }
    let element = |local| ExtensionElement::new(ITUNES.0, local);
    let is_explicit =
        entries.any(|it| it.episode.as_deref().and_then(|it| it.is_explicit) == Some(true));
    let mut elements = vec![
        element("explicit").with_text(is_explicit.to_string()),
        element("category").with_attribute("text", Some("News".to_owned())),
    ];
    elements.extend(contact_mail.map(|mail| ExtensionElement {
        children: vec![element("email").with_text(mail)],
        ..element("owner")
    }));
    elements
}

/// Whether an entry is an episode: it says so, or its file plays for some time.
fn is_episode(entry: &Entry) -> bool {
    entry.episode.is_some() || play_seconds(entry).is_some()
}

/// The seconds that the first file of an entry plays.
fn play_seconds(entry: &Entry) -> Option<u64> {
    entry.enclosures.first().and_then(|file| file.duration_seconds)
}

fn has_podcast_elements(episode: &Episode) -> bool {
    !episode.transcripts.is_empty()
        || !episode.participants.is_empty()
        || episode.chapter_file.is_some()
}

/// The elements of an entry; nothing if it is no episode.
pub(super) fn episode_elements(entry: &Entry) -> Vec<ExtensionElement> {
    if !is_episode(entry) {
        return Vec::new();
    }
    let mut elements = Vec::new();
    let mut add = |local: &'static str, text: Option<String>| {
        let element = |text| ExtensionElement::new(ITUNES.0, local).with_text(text);
        elements.extend(text.map(element));
    };
    let episode = entry.episode.as_deref();
    add("duration", play_seconds(entry).map(|seconds| seconds.to_string()));
    let number = |number: Option<u32>| number.map(|number| number.to_string());
    add("episode", number(episode.and_then(|it| it.number)));
    add("season", number(episode.and_then(|it| it.season)));
    let kind = episode.and_then(|it| it.kind);
    add("episodeType", kind.map(|kind| kind.as_str().to_owned()));
    add("explicit", episode.and_then(|it| it.is_explicit).map(|it| it.to_string()));
    let names: Vec<_> = entry.authors.iter().map(|it| xml_line(&it.name)).collect();
    add("author", (!names.is_empty()).then(|| names.join(", ")));
    elements.extend(entry.image.iter().map(|image| {
        let address = Some(href::encode_href(&image.url));
        ExtensionElement::new(ITUNES.0, "image").with_attribute("href", address)
    }));
    if let Some(episode) = episode {
        elements.extend(podcast_elements(episode));
    }
    elements
}

fn podcast_elements(episode: &Episode) -> Vec<ExtensionElement> {
    let mut elements: Vec<_> = episode.transcripts.iter().map(transcript_element).collect();
    elements.extend(episode.chapter_file.iter().map(|file| {
        // The specification requires the type; this is the one that it names.
        let media_type = file.media_type.as_deref().unwrap_or("application/json+chapters");
        ExtensionElement::new(PODCAST.0, "chapters")
            .with_attribute("url", Some(href::encode_href(&file.url)))
            .with_attribute("type", Some(xml_text::xml_line(media_type)))
    }));
    elements.extend(episode.participants.iter().map(participant_element));
    if !episode.chapters.is_empty() {
        elements.push(ExtensionElement {
            children: episode.chapters.iter().map(chapter_element).collect(),
            ..ExtensionElement::new(CHAPTERS.0, "chapters")
                .with_attribute("version", Some("1.2".to_owned()))
        });
    }
    elements
}

fn transcript_element(transcript: &Transcript) -> ExtensionElement {
    let words = |words: &Option<String>| words.as_deref().map(xml_text::xml_line);
    let media_type = words(&transcript.media_type).unwrap_or_else(|| "text/plain".to_owned());
    ExtensionElement::new(PODCAST.0, "transcript")
        .with_attribute("url", Some(href::encode_href(&transcript.url)))
        .with_attribute("type", Some(media_type))
        .with_attribute("language", words(&transcript.language))
        .with_attribute("rel", transcript.is_captions.then(|| "captions".to_owned()))
}

fn participant_element(participant: &Participant) -> ExtensionElement {
    let address = |url: &Option<String>| url.as_deref().map(href::encode_href);
    ExtensionElement::new(PODCAST.0, "person")
        .with_text(xml_line(&participant.person.name))
        .with_attribute("role", participant.role.as_ref().map(xml_line))
        .with_attribute("group", participant.group.as_ref().map(xml_line))
        .with_attribute("href", address(&participant.person.url))
        .with_attribute("img", address(&participant.image_url))
}

fn chapter_element(chapter: &Chapter) -> ExtensionElement {
    let address = |url: &Option<String>| url.as_deref().map(href::encode_href);
    ExtensionElement::new(CHAPTERS.0, "chapter")
        .with_attribute("start", Some(play_time(chapter.start_ms)))
        .with_attribute("title", Some(xml_line(&chapter.title)))
        .with_attribute("href", address(&chapter.url))
        .with_attribute("image", address(&chapter.image_url))
}

fn xml_line(text: &PlainText) -> String {
    xml_text::xml_line(text.as_str())
}

/// Normal play time (RFC 2326 section 3.6): `HH:MM:SS.mmm`.
fn play_time(ms: u64) -> String {
    let (seconds, ms) = (ms / 1_000, ms % 1_000);
    let (minutes, seconds) = (seconds / 60, seconds % 60);
    format!("{:02}:{:02}:{seconds:02}.{ms:03}", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn play_times_have_all_their_digits() {
        assert_eq!(play_time(62_500), "00:01:02.500");
        assert_eq!(play_time(7_200_001), "02:00:00.001");
    }
}
