//! Markup as published → well-nested markup of known elements only, in linear time, so that no
//! input can make the sanitizer slow.
//!
//! | found | written |
//! | --- | --- |
//! | a known element | the same, with its known attributes |
//! | an unknown element, a comment | its text, nothing |
//! | script, style, form, drawing, formula | nothing |
//! | a page, program, video or audio inside the page | a link to it |
//! | a picture | the picture at its real address; nothing for tracking pixels and for its `noscript` twin |
//! | a link | the resolved link; only its text when the address is not usable |

use url::Url;

use super::elements::{self, HtmlElement, HtmlRole};
use super::nesting::NestedMarkup;
use super::{absolute_url, attributes, decorations, pictures, text};
use crate::markup::{MarkupTag, MarkupToken, Scanner};
use crate::model::Image;

/// The most markup of one text that is written, in bytes: resolved addresses make a text longer
/// than the 256 KiB that are read of it, but no honest text grows to four times its length.
const MOST_WRITTEN_BYTES: usize = 1024 * 1024;
/// The tokens within a video that are searched for its address.
const MOST_SOURCES: usize = 32;

/// The result for one text.
pub(super) struct Rewritten {
    /// The markup.
    pub(super) html: String,
    /// The first picture in it that does not only decorate.
    pub(super) picture: Option<Image>,
    /// The number of tags that were dropped because they were too deep.
    pub(super) flattened_count: usize,
    /// Whether the end was cut off because the text grew too much.
    pub(super) is_cut: bool,
}

/// Rewrites the markup of a text whose relative addresses resolve against `base`.
pub(super) fn rewrite(markup: &str, base: Option<&Url>) -> Rewritten {
    let mut writer = Rewriter {
        scanner: Scanner::new(markup),
        tree: NestedMarkup::with_capacity(markup.len()),
        base,
        picture: None,
        last_picture: String::new(),
        open_link: None,
    };
    let mut is_cut = false;
    while let Some(token) = writer.scanner.next() {
        if writer.tree.len() > MOST_WRITTEN_BYTES {
            is_cut = true;
            break;
        }
        writer.rewrite_token(token);
    }
    let (html, flattened_count) = writer.tree.finish();
    Rewritten { html, picture: writer.picture, flattened_count, is_cut }
}

struct Rewriter<'a> {
    scanner: Scanner<'a>,
    tree: NestedMarkup,
    base: Option<&'a Url>,
    picture: Option<Image>,
    last_picture: String,
    /// Where the open link leads.
    open_link: Option<String>,
}

impl<'a> Rewriter<'a> {
    fn rewrite_token(&mut self, token: MarkupToken<'a>) {
        match token {
            MarkupToken::Text(text) => self.tree.push_escaped_text(&htmlize::unescape(text)),
            MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
            MarkupToken::Start(tag) => {
                if let Some(element) = elements::find_element(tag.name) {
                    self.rewrite_start(element, &tag);
                }
            }
            MarkupToken::End(tag) => {
                if let Some(element) = elements::find_element(tag.name) {
                    if element.role == HtmlRole::Link {
                        self.open_link = None;
                    }
                    self.tree.end_element(element);
                }
            }
        }
    }

    fn rewrite_start(&mut self, element: &'static HtmlElement, tag: &MarkupTag<'a>) {
        match element.role {
            HtmlRole::Unwrapped | HtmlRole::Source => {}
            HtmlRole::Dropped | HtmlRole::Code => self.skip_content(element, tag),
            HtmlRole::Frame => self.rewrite_frame(element, tag),
            HtmlRole::Media => self.rewrite_media(element, tag),
            HtmlRole::Picture => self.rewrite_picture(element, tag),
            HtmlRole::Link => self.rewrite_link(element, tag),
            HtmlRole::Break | HtmlRole::Rule => self.tree.push_void(element, ""),
            _ => {
                self.tree
                    .start_element(element, &attributes::kept_attributes(element, tag, self.base));
                if tag.is_empty_element() {
                    self.tree.end_element(element);
                }
            }
        }
    }

    fn skip_content(&mut self, element: &HtmlElement, tag: &MarkupTag) {
        if tag.is_empty_element() {
            return;
        }
        if !self.scanner.skip_past_end_of(element.name) && element.role == HtmlRole::Code {
            self.scanner.skip_all();
        }
    }

    /// A link without a usable address still ends the link before it, as in a browser.
    fn rewrite_link(&mut self, element: &'static HtmlElement, tag: &MarkupTag) {
        let href = attributes::attribute_value(tag, "href");
        self.open_link = None;
        match href.and_then(|href| absolute_url::absolute_web_or_mail_url(&href, self.base)) {
            Some(address) if !tag.is_empty_element() => {
                let mut written = String::new();
                attributes::push_attribute(&mut written, "href", &address);
                written.push_str(&attributes::kept_attributes(element, tag, self.base));
                self.tree.start_element(element, &written);
                self.open_link = Some(address);
            }
            _ => self.tree.end_element(element),
        }
    }

    fn rewrite_picture(&mut self, element: &'static HtmlElement, tag: &MarkupTag) {
        let Some(picture) = pictures::picture_of_tag(tag, self.base) else { return };
        if picture.url == self.last_picture {
            return;
        }
        self.last_picture.clone_from(&picture.url);
        let mut written = String::new();
        attributes::push_attribute(&mut written, "src", &picture.url);
        written.push_str(&attributes::kept_attributes(element, tag, self.base));
        self.tree.push_void(element, &written);
        let is_decoration = || {
            let has = |name, is_such: fn(&str) -> bool| {
                attributes::attribute_value(tag, name).is_some_and(|value| is_such(&value))
            };
            decorations::is_decoration(&picture.url, picture.width, picture.height)
                || has("class", decorations::has_decoration_class)
                || has("style", decorations::is_small_by_style)
        };
        let is_button = || self.open_link.as_deref().is_some_and(decorations::is_share_form);
        if self.picture.is_none() && !is_button() && !is_decoration() {
            let alt = attributes::attribute_value(tag, "alt");
            let alt = text::plain_text_of_words(alt.as_deref());
            self.picture = Some(Image { alt, ..picture });
        }
    }

    fn rewrite_frame(&mut self, element: &HtmlElement, tag: &MarkupTag) {
        let has_content = !matches!(element.name, "embed" | "frame") && !tag.is_empty_element();
        let names = ["src", "data-src", "data-lazy-src", "data"];
        let address = names.iter().find_map(|name| self.address_of(tag, name));
        // The content for browsers without frames is worth keeping only when there is no link.
        if has_content && (address.is_some() || element.name == "iframe") {
            self.scanner.skip_past_end_of(element.name);
        }
        if let Some(address) = address {
            self.push_link_to(&address, tag);
        }
    }

    fn rewrite_media(&mut self, element: &HtmlElement, tag: &MarkupTag) {
        let address = ["src", "data-src"]
            .iter()
            .find_map(|name| self.address_of(tag, name))
            .or_else(|| self.find_media_source());
        if let Some(address) = address {
            if self.picture.is_none() {
                // The still that stands for a video shows what the video shows.
                self.picture = self.address_of(tag, "poster").map(Image::of_url);
            }
            if !tag.is_empty_element() {
                self.scanner.skip_past_end_of(element.name);
            }
            self.push_link_to(&address, tag);
        }
    }

    /// The address of the first `source` in the video or audio that has just begun.
    fn find_media_source(&self) -> Option<String> {
        for token in self.scanner.clone().take(MOST_SOURCES) {
            let (MarkupToken::Start(tag) | MarkupToken::End(tag)) = token else { continue };
            match (elements::find_element(tag.name)?.role, token) {
                (HtmlRole::Source, MarkupToken::Start(_)) => {
                    if let Some(address) = self.address_of(&tag, "src") {
                        return Some(address);
                    }
                }
                (HtmlRole::Media, _) => return None,
                _ => {}
            }
        }
        None
    }

    fn address_of(&self, tag: &MarkupTag, name: &str) -> Option<String> {
        let value = attributes::attribute_value(tag, name)?;
        absolute_url::absolute_web_url(&value, self.base)
            .filter(|address| !pictures::is_counter(address))
    }

    fn push_link_to(&mut self, address: &str, tag: &MarkupTag) {
        let title = attributes::attribute_value(tag, "title").map(|title| title.trim().to_owned());
        let title = title.filter(|title| !title.is_empty());
        let text = title
            .or_else(|| absolute_url::display_host(address))
            .unwrap_or_else(|| address.to_owned());
        let mut written = String::new();
        attributes::push_attribute(&mut written, "href", address);
        self.tree.push_link_paragraph(&written, &text);
    }
}
