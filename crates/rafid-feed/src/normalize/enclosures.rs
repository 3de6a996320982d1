//! Enclosures as written → those with a web address, each once, with their known properties.

use url::Url;

use super::{absolute_url, pictures, text};
use crate::model::{Enclosure, RawEnclosure};

/// The most enclosures of one entry; a gallery has fewer.
const MOST_ENCLOSURES: usize = 64;
/// Longer than any recording (ten days): a larger number means something else.
const LONGEST_SECONDS: u64 = 10 * 24 * 3600;

/// File name extensions and their media types, sorted (IANA media types registry, and `audio/mp4`
/// for `m4a` and `m4b` as podcasts use them).
const MEDIA_TYPES: &[(&str, &str)] = &[
    ("aac", "audio/aac"),
    ("avif", "image/avif"),
    ("doc", "application/msword"),
    ("epub", "application/epub+zip"),
    ("flac", "audio/flac"),
    ("gif", "image/gif"),
    ("jpeg", "image/jpeg"),
    ("jpg", "image/jpeg"),
    ("m3u8", "application/vnd.apple.mpegurl"),
    ("m4a", "audio/mp4"),
    ("m4b", "audio/mp4"),
    ("m4v", "video/mp4"),
    ("mov", "video/quicktime"),
    ("mp3", "audio/mpeg"),
    ("mp4", "video/mp4"),
    ("oga", "audio/ogg"),
    ("ogg", "audio/ogg"),
    ("ogv", "video/ogg"),
    ("opus", "audio/ogg"),
    ("pdf", "application/pdf"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("torrent", "application/x-bittorrent"),
    ("wav", "audio/wav"),
    ("webm", "video/webm"),
    ("webp", "image/webp"),
    ("zip", "application/zip"),
];

/// The enclosures, in their order.
pub(super) fn normalize_enclosures(raw: &[RawEnclosure], base: Option<&Url>) -> Vec<Enclosure> {
    let mut found: Vec<Enclosure> = Vec::new();
    for file in raw {
        let Some(url) = absolute_url::absolute_web_url(&file.url, base) else { continue };
        let media_type = media_type(file.media_type.as_deref(), &url);
        // Recordings are served through addresses that count, too, and they are no counters.
        let is_counter = is_picture(file, media_type.as_deref()) && pictures::is_counter(&url);
        if is_counter || found.iter().any(|known| known.url == url) {
            continue;
        }
        found.push(Enclosure {
            media_type,
            length_bytes: file.length.as_deref().and_then(parse_length),
            duration_seconds: file.duration.as_deref().and_then(parse_duration),
            title: text::plain_text_of_words(file.title.as_deref()),
            url,
        });
        if found.len() == MOST_ENCLOSURES {
            break;
        }
    }
    found
}

/// Whether a file is a picture, by its type or `medium`.
fn is_picture(file: &RawEnclosure, media_type: Option<&str>) -> bool {
    let starts_with_image = |claim: Option<&str>| {
        claim.and_then(|claim| claim.get(..5)).is_some_and(|w| w.eq_ignore_ascii_case("image"))
    };
    starts_with_image(media_type) || starts_with_image(file.media_type.as_deref())
}

/// The stated value if it is a media type, else the type of the file name.
fn media_type(claim: Option<&str>, url: &str) -> Option<String> {
    claimed_media_type(claim).or_else(|| media_type_by_extension(url).map(str::to_owned))
}

/// The stated value, lower case, without parameters; `None`: it is no media type, as `image` alone.
pub(super) fn claimed_media_type(claim: Option<&str>) -> Option<String> {
    let claim = claim.and_then(|claim| claim.split(';').next()).unwrap_or_default();
    let claim = claim.trim().to_ascii_lowercase();
    let is_token = |part: &str| {
        !part.is_empty()
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || b"!#$&^_.+-".contains(&b))
    };
    let is_type =
        claim.split_once('/').is_some_and(|(kind, form)| is_token(kind) && is_token(form));
    is_type.then_some(claim)
}

fn media_type_by_extension(url: &str) -> Option<&'static str> {
    let path = url.split(['?', '#']).next()?;
    let extension = path.rsplit('/').next()?.rsplit_once('.')?.1.to_ascii_lowercase();
    let at = MEDIA_TYPES.binary_search_by(|(known, _)| (*known).cmp(extension.as_str())).ok()?;
    MEDIA_TYPES.get(at).map(|(_, media_type)| *media_type)
}

/// Zero means "unknown" (RSS 2.0 requires a number).
fn parse_length(words: &str) -> Option<u64> {
    words.trim().parse().ok().filter(|bytes| *bytes > 0)
}

/// `HH:MM:SS`, `MM:SS` or seconds, with or without a fraction.
fn parse_duration(words: &str) -> Option<u64> {
    let parts: Vec<&str> = words.trim().split(':').collect();
    if parts.len() > 3 {
        return None;
    }
    let mut seconds = 0_u64;
    for part in &parts {
        let whole = part.split_once('.').map_or(*part, |(whole, _)| whole);
        seconds = seconds.checked_mul(60)?.checked_add(whole.trim().parse().ok()?)?;
    }
    (1..=LONGEST_SECONDS).contains(&seconds).then_some(seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enclosure(url: &str, media_type: &str) -> RawEnclosure {
        RawEnclosure {
            url: url.into(),
            media_type: Some(media_type.into()),
            ..RawEnclosure::default()
        }
    }

    #[test]
    fn enclosures_are_web_addresses_without_repeats() {
        let base = Url::parse("https://a.example/").unwrap();
        let raw = [
            enclosure("/1.mp3", "audio/mpeg"),
            enclosure("https://a.example/1.mp3", "audio/x"),
            enclosure("javascript:x", "audio/mpeg"),
            enclosure("data:audio/mpeg;base64,AA", "audio/mpeg"),
            enclosure("https://pixel.wp.com/g.gif", "image/gif"),
            enclosure("https://a.example/2 3.mp3", ""),
        ];
        let found = normalize_enclosures(&raw, Some(&base));
        let urls: Vec<&str> = found.iter().map(|file| file.url.as_str()).collect();
        assert_eq!(urls, ["https://a.example/1.mp3", "https://a.example/2%203.mp3"]);
        let many: Vec<RawEnclosure> = (0..999).map(|n| enclosure(&format!("/{n}"), "")).collect();
        assert_eq!(normalize_enclosures(&many, Some(&base)).len(), MOST_ENCLOSURES);
    }

    #[test]
    fn a_recording_behind_a_counter_is_a_recording() {
        let urls = [
            "https://feeds.feedburner.com/~r/a/~5/b/1.mp3",
            "https://rss.feedsportal.com/c/1.mp3",
            "https://sb.scorecardresearch.com/r/1.mp3",
            "https://feedproxy.google.com/~5/1.mp4",
        ];
        let raw = urls.map(|url| enclosure(url, "audio/mpeg"));
        let found = normalize_enclosures(&raw, None);
        assert_eq!(found.iter().map(|file| file.url.as_str()).collect::<Vec<_>>(), urls);
        let untyped = urls.map(|url| enclosure(url, ""));
        assert_eq!(normalize_enclosures(&untyped, None).len(), urls.len());
        let pictures =
            [("https://a.feedsportal.com/x", "image"), ("https://stats.wp.com/b", "image/gif")];
        let pictures = pictures.map(|(url, media_type)| enclosure(url, media_type));
        assert_eq!(normalize_enclosures(&pictures, None), []);
    }

    #[test]
    fn media_types_are_types() {
        let check = |claim: &str, name: &str, expected: Option<&str>| {
            let url = format!("https://a.example/{name}");
            assert_eq!(media_type(Some(claim), &url).as_deref(), expected, "{claim} {name}");
        };
        check("Audio/MPEG; charset=x", "x", Some("audio/mpeg"));
        check("image", "x.JPG?w=1", Some("image/jpeg"));
        check("image", "x", None);
        check("audio/", "x.mp3#t", Some("audio/mpeg"));
        check("a/b/c", "x.php", None);
        check("", "dir.mp3/x", None);
        assert!(MEDIA_TYPES.is_sorted());
        for (extension, media_type) in MEDIA_TYPES {
            check("", &format!("x.{extension}"), Some(media_type));
        }
    }

    #[test]
    fn lengths_and_durations() {
        let check = |words: &str, bytes: Option<u64>, seconds: Option<u64>| {
            assert_eq!((parse_length(words), parse_duration(words)), (bytes, seconds), "{words}");
        };
        check(" 1234 ", Some(1234), Some(1234));
        check("0", None, None);
        check("1:02:03", None, Some(3723));
        check("62:03", None, Some(3723));
        check("95.6", None, Some(95));
        check("1:2:3:4", None, None);
        check("-1", None, None);
        check("::", None, None);
        check("99999999999999999999:00", None, None);
        check("9999999", Some(9_999_999), None);
    }
}
