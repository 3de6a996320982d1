//! Elements whose value is in their attributes → links, files, pictures, chapters, categories and licenses.

use std::borrow::Cow;

use super::super::attributes::{self, ElementAttributes};
use super::super::element_roles::{AttributeElement, FieldKind};
use super::super::feed_fields::{MEDIA_CONTENT_RANK, THUMBNAIL_RANK};
use super::super::namespaces::Namespace;
use super::start_tags::FeedElement;
use super::{FeedWalk, OpenKind, join_address};
use crate::model::{RawCategory, RawEnclosure, RawLink};

/// The rank of the address of content that is elsewhere: a link of the entry is better.
const CONTENT_ADDRESS_RANK: u8 = 40;

impl<'a> FeedWalk<'a> {
    /// Stores a link whose address is an attribute.
    pub(super) fn store_link(
        &mut self,
        element: &FeedElement<'a>,
        rank: u8,
        attrs: &ElementAttributes<'_>,
    ) -> bool {
        let Some(mut link) = attributes::link_from(attrs) else {
            self.link_follows = element.closed && element.ns == Namespace::Core;
            return false;
        };
        link.href = self.with_own_base(link.href, attrs);
        if link.rel.as_deref() == Some("replies") {
            self.store_replies(&link, attrs.get("count"));
        }
        if link.rel.as_deref() == Some("enclosure")
            && let Some(file) = attributes::enclosure_from(attrs)
        {
            self.current_fields().add_enclosure(file);
        }
        self.current_fields().add_link(rank, link);
        true
    }

    /// An address of an element that may have a base of its own.
    fn with_own_base(&self, href: String, attrs: &ElementAttributes<'_>) -> String {
        let Some(own) = attrs.get_xml("base") else { return href };
        join_address(self.current_base().as_deref(), own)
            .and_then(|base| join_address(Some(&base), &href))
            .unwrap_or(href)
    }

    /// Stores where the comments of an entry are, and how many there are (RFC 4685 sections 4 and 5).
    fn store_replies(&mut self, link: &RawLink, count: Option<&str>) {
        let is_page = link.media_type.as_deref().is_none_or(|own| own.contains("html"));
        let field = if is_page { FieldKind::Comments } else { FieldKind::CommentsFeed };
        let fields = self.current_fields();
        fields.offer_text(field, 1, link.href.clone().into());
        if let Some(count) = count {
            fields.offer_text(FieldKind::CommentsCount, 2, count.to_owned().into());
        }
    }

    /// Stores content that is elsewhere (RFC 4287 section 4.1.3.2): a page, or a file.
    pub(super) fn store_content_address(
        &mut self,
        element: &FeedElement<'a>,
        attrs: &ElementAttributes<'_>,
    ) -> bool {
        let is_atom = matches!(element.ns, Namespace::Atom | Namespace::Core);
        let Some(source) = attrs.get("src").filter(|_| is_atom) else { return false };
        let href = self.with_own_base(source.to_owned(), attrs);
        let media_type = attrs.get("type").map(ToOwned::to_owned);
        let fields = self.current_fields();
        if media_type.as_deref().is_none_or(|own| own.contains("html")) {
            fields.add_link(CONTENT_ADDRESS_RANK, RawLink { href, ..RawLink::default() });
        } else {
            fields.add_enclosure(RawEnclosure { url: href, media_type, ..RawEnclosure::default() });
        }
        true
    }

    /// Stores a picture whose address is an attribute, and says what its element is when it is open. `None`:
    /// there is no such attribute.
    pub(super) fn store_picture(
        &mut self,
        element: &FeedElement<'a>,
        kind: AttributeElement,
        attrs: &ElementAttributes<'_>,
    ) -> Option<OpenKind> {
        let mut picture = attributes::picture_from(attrs)?;
        let is_content = kind == AttributeElement::MediaContent;
        // Media RSS: what is in one group, or in one `media:content`, is the same in several forms.
        let own = (is_content && !element.closed).then_some(self.at);
        picture.group = self.media_group().or(own);
        let rank = if is_content { MEDIA_CONTENT_RANK } else { THUMBNAIL_RANK };
        let fields = self.current_fields();
        let index = fields.images.len();
        fields.add_image(rank, picture);
        Some(if is_content { OpenKind::Picture(index) } else { OpenKind::Other })
    }

    /// Where the outermost open element of Media RSS begins, which holds one picture or film in several forms.
    fn media_group(&self) -> Option<usize> {
        let open = self.stack.iter().rev().take_while(|open| open.ns == Namespace::Media);
        open.last().map(|open| open.at)
    }

    /// Stores what an element other than a picture states by its attributes.
    pub(super) fn store_attribute_values(
        &mut self,
        kind: AttributeElement,
        attrs: &ElementAttributes<'_>,
    ) {
        let fields = self.current_fields();
        match kind {
            AttributeElement::ItunesCategory => {
                if let Some(text) = attrs.get("text") {
                    fields.offer_text(FieldKind::Category, 3, text.to_owned().into());
                }
            }
            AttributeElement::Transcript => {
                if let Some(transcript) = attributes::transcript_from(attrs) {
                    fields.add_transcript(transcript);
                }
            }
            AttributeElement::ChapterFile => {
                if let Some(url) = attrs.get("url") {
                    let file = (url.to_owned(), attrs.get("type").map(ToOwned::to_owned));
                    fields.episode_mut().chapter_file.get_or_insert(file);
                }
            }
            AttributeElement::Chapter => {
                if let Some(chapter) = attributes::chapter_from(attrs) {
                    fields.add_chapter(chapter);
                }
            }
            _ => {
                if let Some(file) = attributes::enclosure_from(attrs) {
                    fields.add_enclosure(file);
                }
            }
        }
    }

    /// Takes the words of `media:description` in a picture, or in a group of pictures, for what they show.
    pub(super) fn describe_picture(&mut self, words: &str) {
        if let Some(index) = self.open_picture() {
            self.current_fields().set_image_alt(index, words);
        } else if let Some(group) = self.media_group() {
            self.current_fields().set_group_alt(group, words);
        }
    }

    /// The picture whose `media:content` is open: its index among those of the entry or feed.
    pub(super) fn open_picture(&self) -> Option<usize> {
        match self.stack.last()?.kind {
            OpenKind::Picture(index) => Some(index),
            _ => None,
        }
    }

    /// Stores a category whose words are attributes.
    pub(super) fn store_category(&mut self, attrs: &ElementAttributes<'_>) -> bool {
        let Some(RawCategory { term, label, scheme }) = attributes::category_from(attrs) else {
            return false;
        };
        let mut repaired =
            |words: String| self.without_mojibake(Cow::Owned(words), self.at).into_owned();
        let category = RawCategory { term: repaired(term), label: label.map(repaired), scheme };
        self.current_fields().add_category(category);
        true
    }

    pub(super) fn store_licence(&mut self, rank: u8, attrs: &ElementAttributes<'_>) -> bool {
        let target = attrs.get("resource").or_else(|| attrs.get("href"));
        let Some(href) = target.map(ToOwned::to_owned) else { return false };
        let rel = Some("license".to_owned());
        self.current_fields().add_link(rank, RawLink { href, rel, ..RawLink::default() });
        true
    }
}
