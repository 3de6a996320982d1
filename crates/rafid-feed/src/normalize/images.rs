//! Pictures as written → the lead picture of an entry and its others: each once, without those that only
//! decorate, count readers or repeat another one in a smaller size.

use url::Url;

use super::{absolute_url, attributes, decorations, pictures, text};
use crate::model::{Enclosure, Image, RawImage};

/// The most pictures of one entry beside the lead; a gallery in a feed has fewer.
const MOST_IMAGES: usize = 32;

/// Endings of the names of pictures, sorted.
const PICTURE_ENDINGS: [&str; 7] = ["avif", "gif", "jpeg", "jpg", "png", "svg", "webp"];

/// The best of several pictures: the widest, if widths are stated, else the first.
pub(super) fn best_image(raw: &[RawImage], base: Option<&Url>) -> Option<Image> {
    let images: Vec<Image> = raw.iter().filter_map(|image| normalize_image(image, base)).collect();
    let best = best_of(&images)?;
    images.into_iter().nth(best)
}

/// The lead picture of an entry and its others, in order. `from_text` is the first in its text.
pub(super) fn images_of_entry(
    raw: &[RawImage],
    enclosures: &[Enclosure],
    from_text: Option<Image>,
    base: Option<&Url>,
) -> (Option<Image>, Vec<Image>) {
    let mut images = Vec::new();
    let mut groups = Vec::new();
    for written in raw {
        let Some(image) = normalize_image(written, base) else { continue };
        if !decorations::is_decoration(&image.url, image.width, image.height) {
            images.push(image);
            groups.push(written.group);
        }
    }
    if images.len() < 2 {
        let lead = images.pop().or_else(|| image_among(enclosures)).or(from_text);
        return (lead, Vec::new());
    }
    let best = best_of(&images);
    let (lead, mut others) = split_lead(images, &groups, best.unwrap_or_default());
    others.retain(|image| !enclosures.iter().any(|file| file.url == image.url));
    others.truncate(MOST_IMAGES);
    (lead, others)
}

/// The picture at `lead`, and the others, of which each stands once and in its widest form.
fn split_lead(
    images: Vec<Image>,
    groups: &[Option<usize>],
    lead: usize,
) -> (Option<Image>, Vec<Image>) {
    let keys: Vec<String> = images.iter().map(|image| picture_key(&image.url)).collect();
    let is_same = |a: usize, b: usize| {
        keys.get(a) == keys.get(b)
            || matches!((groups.get(a), groups.get(b)), (Some(Some(x)), Some(Some(y))) if x == y)
    };
    // The first of each picture, by its place among all of them.
    let mut firsts: Vec<(usize, Image)> = Vec::new();
    for (at, image) in images.into_iter().enumerate() {
        match firsts.iter_mut().find(|(first, _)| is_same(*first, at)) {
            Some((_, known)) if at == lead || (known.width < image.width && !is_same(at, lead)) => {
                let smaller = std::mem::replace(known, image);
                fill_gaps(known, smaller);
            }
            Some((_, known)) => fill_gaps(known, image),
            None => firsts.push((at, image)),
        }
    }
    let Some(place) = firsts.iter().position(|(first, _)| is_same(*first, lead)) else {
        return (None, Vec::new());
    };
    let (_, image) = firsts.remove(place);
    (Some(image), firsts.into_iter().map(|(_, image)| image).collect())
}

/// Adds what the same picture states elsewhere.
fn fill_gaps(known: &mut Image, other: Image) {
    known.credit = known.credit.take().or(other.credit);
    known.alt = known.alt.take().or(other.alt);
}

/// The place of the best picture: the widest, if widths are stated, else the first.
fn best_of(images: &[Image]) -> Option<usize> {
    let mut best: Option<(usize, &Image)> = None;
    for (at, image) in images.iter().enumerate() {
        if best.is_none_or(|(_, best)| best.width < image.width) {
            best = Some((at, image));
        }
    }
    best.map(|(at, _)| at)
}

/// Parameters of addresses that say how a picture is delivered and not which it is, sorted (the addresses of
/// imgix, Cloudinary, Akamai, Fastly, `WordPress.com`, Drupal and of papers' own servers, as they occur in
/// feeds).
const DELIVERY_PARAMETERS: [&str; 37] = [
    "auto",
    "bg",
    "cb",
    "crop",
    "dpr",
    "expires",
    "fit",
    "fm",
    "format",
    "h",
    "height",
    "imwidth",
    "itok",
    "ixlib",
    "max",
    "mode",
    "op",
    "ops",
    "q",
    "quality",
    "resize",
    "rmode",
    "s",
    "scale",
    "sig",
    "signature",
    "size",
    "ssl",
    "strip",
    "t",
    "time",
    "ts",
    "v",
    "ver",
    "version",
    "w",
    "width",
];

/// The address of a picture without what states its size or delivery only: parameters behind the name of a
/// file, and the size in the name (`-300x200`, `WordPress`).
fn picture_key(url: &str) -> String {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let path = path.split('#').next().unwrap_or_default();
    let Some((name, ending)) = path.rsplit_once('.') else { return url.to_owned() };
    if PICTURE_ENDINGS.binary_search(&ending.to_ascii_lowercase().as_str()).is_err() {
        return url.to_owned();
    }
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let without_size = name.rsplit_once('-').filter(|(_, size)| {
        size.split_once('x').is_some_and(|(width, height)| is_number(width) && is_number(height))
    });
    let name = without_size.map_or(name, |(name, _)| name);
    let after_scheme = name.split_once("://").map_or(name, |(_, rest)| rest);
    let query = query.split('#').next().unwrap_or_default();
    let says_which = |parameter: &&str| {
        let name = parameter.split('=').next().unwrap_or_default().to_ascii_lowercase();
        !name.is_empty() && DELIVERY_PARAMETERS.binary_search(&name.as_str()).is_err()
    };
    let which: Vec<&str> = query.split('&').filter(says_which).collect();
    format!("{after_scheme}.{ending}?{}", which.join("&"))
}

/// The first enclosure that is a picture.
fn image_among(enclosures: &[Enclosure]) -> Option<Image> {
    let is_image = |file: &&Enclosure| {
        file.media_type.as_deref().is_some_and(|media_type| media_type.starts_with("image/"))
            && !decorations::is_decoration(&file.url, None, None)
    };
    let file = enclosures.iter().find(is_image)?;
    Some(Image { alt: file.title.clone(), ..Image::of_url(file.url.clone()) })
}

fn normalize_image(raw: &RawImage, base: Option<&Url>) -> Option<Image> {
    let pixels = |value: &Option<String>| value.as_deref().and_then(attributes::parse_pixels);
    let (width, height) = (pixels(&raw.width), pixels(&raw.height));
    let url = absolute_url::absolute_web_url(&raw.url, base)?;
    let shows = !pictures::is_tiny(width, height) && !pictures::is_counter(&url);
    let credit = text::plain_text_of_words(raw.credit.as_deref());
    let alt = text::plain_text_of_words(raw.alt.as_deref());
    shows.then_some(Image { url, width, height, credit, alt })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "https://a.example/1.jpg";
    const TWO: &str = "https://a.example/2.jpg";

    fn image(url: &str, width: &str) -> RawImage {
        RawImage {
            url: url.into(),
            width: (!width.is_empty()).then(|| width.into()),
            ..RawImage::default()
        }
    }

    fn file(url: &str) -> Enclosure {
        Enclosure {
            url: url.into(),
            media_type: Some("image/jpeg".into()),
            length_bytes: None,
            duration_seconds: None,
            title: None,
        }
    }

    /// The addresses of the pictures of an entry, the lead first.
    fn urls(raw: &[RawImage], enclosures: &[Enclosure]) -> Vec<String> {
        let (lead, more) = images_of_entry(raw, enclosures, None, None);
        lead.into_iter().chain(more).map(|image| image.url).collect()
    }

    #[test]
    fn the_widest_picture_is_the_best() {
        let check = |raw: &[RawImage], expected: Option<&str>| {
            assert_eq!(best_image(raw, None).map(|best| best.url).as_deref(), expected);
            assert_eq!(urls(raw, &[]).first().map(String::as_str), expected);
        };
        check(&[image(ONE, ""), image(TWO, "")], Some(ONE));
        check(&[image(ONE, "150"), image(TWO, "640px")], Some(TWO));
        check(&[image(ONE, ""), image(TWO, "1")], Some(ONE));
        check(&[image("data:x", ""), image("https://pixel.wp.com/x", "9")], None);
    }

    #[test]
    fn portraits_are_no_pictures_of_entries() {
        let portrait = image("https://0.gravatar.com/avatar/a?s=96", "96");
        assert_eq!(urls(&[portrait.clone(), image(ONE, "")], &[]), [ONE]);
        assert!(urls(std::slice::from_ref(&portrait), &[]).is_empty());
        assert!(best_image(&[portrait], None).is_some(), "a feed's picture may be a portrait");
    }

    #[test]
    fn a_picture_in_several_sizes_is_one() {
        let sizes = [
            image("https://a.example/p.jpg?w=140", "140"),
            image("https://a.example/p.jpg?w=700", "700"),
            image("https://a.example/p-300x200.jpg", "300"),
            image(TWO, "600"),
            image("http://a.example/2-150x150.jpg", "150"),
        ];
        assert_eq!(urls(&sizes, &[]), ["https://a.example/p.jpg?w=700", TWO]);
        let mut group =
            [image("https://a.example/i?n=1", ""), image("https://a.example/i?n=2", "")];
        assert_eq!(urls(&group, &[]).len(), 2, "a script gives different pictures");
        group[0].group = Some(7);
        group[1].group = Some(7);
        group[1].credit = Some("سمر".into());
        let (lead, more) = images_of_entry(&group, &[], None, None);
        let lead = lead.unwrap();
        assert_eq!((lead.url.as_str(), more.len()), ("https://a.example/i?n=1", 0));
        assert_eq!(lead.credit.unwrap().as_str(), "سمر");
    }

    #[test]
    fn a_parameter_may_name_the_picture() {
        let pictures = [
            image("https://a.example/p.jpg?id=1&w=300", ""),
            image("https://a.example/p.jpg?w=900&id=1", ""),
            image("https://a.example/p.jpg?id=2#x", ""),
            image("https://a.example/p.jpg?", ""),
        ];
        let expected = [0, 2, 3].map(|at: usize| pictures[at].url.clone());
        assert_eq!(urls(&pictures, &[]), expected);
        assert!(DELIVERY_PARAMETERS.is_sorted());
    }

    #[test]
    fn a_gallery_is_kept_in_order_and_files_are_not_repeated() {
        let gallery: Vec<RawImage> =
            (0..50).map(|n| image(&format!("https://a.example/{n}.jpg"), "")).collect();
        let found = urls(&gallery, &[file("https://a.example/1.jpg")]);
        assert_eq!(found.len(), 1 + MOST_IMAGES);
        assert_eq!(found[1], TWO);
        assert_eq!(urls(&[], &[file(TWO)]), [TWO], "a picture that is a file stands for the entry");
        assert!(PICTURE_ENDINGS.is_sorted());
    }
}
