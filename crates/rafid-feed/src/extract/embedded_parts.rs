//! An element within an article → whether it is a post of a social network, or the caption of a picture.
//!
//! | element | what it is |
//! | --- | --- |
//! | one of a class that the scripts of networks look for (`twitter-tweet`) | a post: its text and its signature are not the outlet's words |
//! | one with `caption` in its class and at most one paragraph | a caption |
//! | the only words beside a picture, in a `div` or a cell, at most thirty and without a final stop | a caption |
//!
//! Captions in `<figure>` are dropped with it.

use scraper::ElementRef;

use super::blocks::collapse_spaces;
use super::other_articles::ChildElement;
use super::trim;

/// Classes of embedded posts, as the networks document them.
const POST_CLASSES: [&str; 14] = [
    "bluesky-embed",
    "fb-post",
    "fb-video",
    "imgur-embed-pub",
    "instagram-media",
    "mastodon-embed",
    "reddit-embed-bq",
    "telegram-post",
    "text-post-media",
    "tiktok-embed",
    "tumblr-post",
    "twitter-tweet",
    "twitter-video",
    "wp-embedded-content",
];
/// Elements that show a picture with words beside it.
const PICTURE_BOXES: [&str; 4] = ["center", "div", "span", "td"];
/// Words of a caption without a mark of its own, at most.
const CAPTION_WORDS: usize = 30;

/// Whether an element is a post of a social network.
pub(super) fn is_embedded_post(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| POST_CLASSES.contains(&class))
}

/// Whether an element shows a picture.
pub(super) fn is_picture(element: ElementRef<'_>) -> bool {
    matches!(element.value().name(), "amp-img" | "img" | "picture")
}

/// Whether an element says by its class that it is a caption.
pub(super) fn is_marked_caption(element: ElementRef<'_>) -> bool {
    element.value().classes().any(|class| class.to_ascii_lowercase().contains("caption"))
}

/// The element with the only words beside a picture; `None`: the words are no caption, or there are
/// others. `own_words`: those of the parent itself.
pub(super) fn find_bare_caption<'a>(
    parent: ElementRef<'a>,
    own_words: usize,
    children: &[ChildElement<'a>],
) -> Option<ElementRef<'a>> {
    if !PICTURE_BOXES.contains(&parent.value().name())
        || !children.iter().any(|child| child.has_picture && !child.has_words())
    {
        return None;
    }
    let mut worded = children.iter().filter(|child| child.has_words());
    let caption = match (own_words, worded.next(), worded.next()) {
        (1.., None, _) => parent,
        (0, Some(child), None) if child.texts + child.titles <= 1 && !child.has_headline => {
            child.element
        }
        _ => return None,
    };
    let text = collapse_spaces(&caption.text().collect::<String>());
    let is_short = text.split(' ').count() <= CAPTION_WORDS;
    (is_short && !trim::ends_like_a_sentence(&text)).then_some(caption)
}

#[cfg(test)]
mod tests {
    use scraper::{Html, Selector};

    use super::*;

    #[test]
    fn every_class_of_a_post_is_known() {
        for class in POST_CLASSES {
            let html = Html::parse_fragment(&format!("<div class='x {class}'>y</div>"));
            let div = Selector::parse("div").unwrap();
            assert!(html.select(&div).all(is_embedded_post), "{class}");
        }
        let html = Html::parse_fragment("<div class='twitter'>y</div>");
        assert!(!html.root_element().descendent_elements().any(is_embedded_post));
    }
}
