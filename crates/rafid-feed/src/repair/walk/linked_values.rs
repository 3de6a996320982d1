//! Elements whose value is in their attributes → links, files, categories and licenses.

use std::borrow::Cow;

use super::super::attributes::{self, ElementAttributes};
use super::super::element_roles::FieldKind;
use super::super::namespaces::Namespace;
use super::start_tags::FeedElement;
use super::{FeedWalk, join_address};
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
