//! Markup as published → markup that only holds what we know, well nested, in linear time: what the
//! sanitiser is given, so that no input makes it slow.
//!
//! | found | written |
//! | --- | --- |
//! | an element that we know | the same, with the attributes that we know |
//! | an unknown element, a comment | its text, nothing |
//! | script, style, form, drawing, formula | nothing |
//! | a page, program, film or sound inside the page | a link to it |
//! | a picture | the picture where it really is; nothing for pixels and for its `noscript` twin |
//! | a link | the link, resolved; its text when it leads nowhere we would go |

use url::Url;

use super::elements::{self, Element, Role};
use super::tree::Tree;
use super::{address, attributes, pictures};
use crate::feed::markup::{Scanner, Tag, Token};
use crate::feed::model::Image;

/// Markup of one text that is written, at most: resolved addresses make a text longer than the 256
/// KiB that are read of it, but no honest one four times as long.
const MOST_WRITTEN_BYTES: usize = 1024 * 1024;
/// Tokens within a film that are searched for its address.
const MOST_SOURCES: usize = 32;

/// What became of a text.
pub(super) struct Rewritten {
    /// The markup.
    pub(super) html: String,
    /// The first picture in it.
    pub(super) picture: Option<Image>,
    /// Tags that were dropped because they stood too deep.
    pub(super) flattened_count: usize,
    /// Whether it grew so much that its end was left out.
    pub(super) is_cut: bool,
}

/// Rewrites the markup of a text whose relative addresses stand at `base`.
pub(super) fn rewrite(markup: &str, base: Option<&Url>) -> Rewritten {
    let mut writer = Rewriter {
        scanner: Scanner::new(markup),
        tree: Tree::default(),
        base,
        picture: None,
        last_picture: String::new(),
    };
    let mut is_cut = false;
    while let Some(token) = writer.scanner.next() {
        if writer.tree.len() > MOST_WRITTEN_BYTES {
            is_cut = true;
            break;
        }
        writer.token(token);
    }
    let (html, flattened_count) = writer.tree.finish();
    Rewritten { html, picture: writer.picture, flattened_count, is_cut }
}

struct Rewriter<'a> {
    scanner: Scanner<'a>,
    tree: Tree,
    base: Option<&'a Url>,
    picture: Option<Image>,
    last_picture: String,
}

impl<'a> Rewriter<'a> {
    fn token(&mut self, token: Token<'a>) {
        match token {
            Token::Text(text) => self.tree.text(&htmlize::unescape(text)),
            Token::Comment | Token::Unfinished(_) => {}
            Token::Start(tag) => {
                if let Some(element) = elements::find(tag.name) {
                    self.start(element, &tag);
                }
            }
            Token::End(tag) => {
                if let Some(element) = elements::find(tag.name) {
                    self.tree.end(element);
                }
            }
        }
    }

    fn start(&mut self, element: &'static Element, tag: &Tag<'a>) {
        match element.role {
            Role::Hollow | Role::Source => {}
            Role::Gone | Role::Code => self.skip(element, tag),
            Role::Frame => self.frame(element, tag),
            Role::Media => self.media(element, tag),
            Role::Picture => self.picture(element, tag),
            Role::Link => self.link(element, tag),
            Role::Break | Role::Rule => self.tree.void(element, ""),
            _ => {
                self.tree.start(element, &attributes::of(element, tag, self.base));
                if tag.is_empty_element() {
                    self.tree.end(element);
                }
            }
        }
    }

    fn skip(&mut self, element: &Element, tag: &Tag) {
        if tag.is_empty_element() {
            return;
        }
        if !self.scanner.skip_past_end_of(element.name) && element.role == Role::Code {
            self.scanner.skip_all();
        }
    }

    /// A link that leads nowhere ends the one before it all the same, as in a browser.
    fn link(&mut self, element: &'static Element, tag: &Tag) {
        let href = attributes::find(tag, "href");
        match href.and_then(|href| address::web_or_mail(&href, self.base)) {
            Some(address) if !tag.is_empty_element() => {
                let mut written = String::new();
                attributes::push(&mut written, "href", &address);
                written.push_str(&attributes::of(element, tag, self.base));
                self.tree.start(element, &written);
            }
            _ => self.tree.end(element),
        }
    }

    fn picture(&mut self, element: &'static Element, tag: &Tag) {
        let Some(picture) = pictures::of(tag, self.base) else { return };
        if picture.url == self.last_picture {
            return;
        }
        self.last_picture.clone_from(&picture.url);
        let mut written = String::new();
        attributes::push(&mut written, "src", &picture.url);
        written.push_str(&attributes::of(element, tag, self.base));
        self.tree.void(element, &written);
        self.picture.get_or_insert(picture);
    }

    fn frame(&mut self, element: &Element, tag: &Tag) {
        let has_content = !matches!(element.name, "embed" | "frame") && !tag.is_empty_element();
        let said = ["src", "data-src", "data-lazy-src", "data"];
        let address = said.iter().find_map(|name| self.address_of(tag, name));
        // What a browser without frames would show is worth keeping only when there is no link.
        if has_content && (address.is_some() || element.name == "iframe") {
            self.scanner.skip_past_end_of(element.name);
        }
        if let Some(address) = address {
            self.link_to(&address, tag);
        }
    }

    fn media(&mut self, element: &Element, tag: &Tag) {
        let address = ["src", "data-src"]
            .iter()
            .find_map(|name| self.address_of(tag, name))
            .or_else(|| self.source_within());
        if let Some(address) = address {
            if !tag.is_empty_element() {
                self.scanner.skip_past_end_of(element.name);
            }
            self.link_to(&address, tag);
        }
    }

    /// The address of the first `source` in the film or sound that has just begun.
    fn source_within(&self) -> Option<String> {
        for token in self.scanner.clone().take(MOST_SOURCES) {
            let (Token::Start(tag) | Token::End(tag)) = token else { continue };
            match (elements::find(tag.name)?.role, token) {
                (Role::Source, Token::Start(_)) => {
                    if let Some(address) = self.address_of(&tag, "src") {
                        return Some(address);
                    }
                }
                (Role::Media, _) => return None,
                _ => {}
            }
        }
        None
    }

    fn address_of(&self, tag: &Tag, name: &str) -> Option<String> {
        let said = attributes::find(tag, name)?;
        address::web(&said, self.base).filter(|address| !pictures::is_counter(address))
    }

    fn link_to(&mut self, address: &str, tag: &Tag) {
        let title = attributes::find(tag, "title").map(|title| title.trim().to_owned());
        let title = title.filter(|title| !title.is_empty());
        let text = title.or_else(|| address::host(address)).unwrap_or_else(|| address.to_owned());
        let mut written = String::new();
        attributes::push(&mut written, "href", address);
        self.tree.link_paragraph(&written, &text);
    }
}
