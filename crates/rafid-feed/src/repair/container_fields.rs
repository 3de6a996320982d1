//! People, pictures and origins: elements whose values are children, attributes or plain text, as each
//! publisher likes → one value each.

use super::attributes::{self, ElementAttributes};
use super::element_roles::ContainerElement;
use super::feed_fields::FeedFields;
use super::namespaces::Namespace;
use super::text_element::ContainerPart;
use crate::model::{RawImage, RawOrigin, RawParticipant, RawPerson};

/// Bytes of one text of such an element; no name is longer.
const LONGEST_TEXT_BYTES: usize = 4_096;

/// The purpose of a child of such an element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ContainerChild {
    Part(ContainerPart),
    /// It belongs there, but its value is not used.
    Ignored,
    /// The author of the feed that an entry was copied from: its children are read as the origin's.
    Author,
}

/// The values that were collected so far.
#[derive(Debug, Default)]
pub(super) struct ContainerFields {
    text: String,
    name: Option<String>,
    email: Option<String>,
    url: Option<String>,
    /// The feed's own address, for an origin.
    feed: Option<String>,
    title: Option<String>,
    id: Option<String>,
    width: Option<String>,
    height: Option<String>,
    /// The role, its group and the portrait of a participant.
    role: Option<String>,
    group: Option<String>,
    portrait: Option<String>,
    /// Texts that were too long.
    dropped_count: usize,
}

/// The purpose of a child. `None`: it does not belong there, so the element was not closed.
pub(super) fn classify_child(
    kind: ContainerElement,
    ns: Namespace,
    local: &str,
) -> Option<ContainerChild> {
    use ContainerChild::{Ignored, Part as P};
    if ns == Namespace::Other {
        return Some(Ignored);
    }
    let local = local.to_ascii_lowercase();
    let kind = if kind.is_person() { ContainerElement::Person } else { kind };
    Some(match (kind, local.as_str()) {
        (ContainerElement::Person, "name") => P(ContainerPart::Name),
        (ContainerElement::Person, "email") => P(ContainerPart::Email),
        (ContainerElement::Person, "uri" | "url" | "homepage")
        | (ContainerElement::Image, "url") => P(ContainerPart::Url),
        (ContainerElement::Image | ContainerElement::Origin, "title") => P(ContainerPart::Title),
        (ContainerElement::Image, "width") => P(ContainerPart::Width),
        (ContainerElement::Image, "height") => P(ContainerPart::Height),
        (ContainerElement::Origin, "id") => P(ContainerPart::Id),
        (ContainerElement::Origin, "link") => P(ContainerPart::Url),
        (ContainerElement::Origin, "author") => ContainerChild::Author,
        (ContainerElement::Origin, "name") => P(ContainerPart::Name),
        (ContainerElement::Origin, "email") => P(ContainerPart::Email),
        (ContainerElement::Image, "link" | "description") => Ignored,
        (
            ContainerElement::Origin,
            "subtitle" | "tagline" | "updated" | "modified" | "published" | "uri" | "rights"
            | "copyright" | "category" | "logo" | "icon" | "generator" | "contributor",
        ) => Ignored,
        (_, other) => {
            // Elements of other vocabularies extend the element (`gd:image` in `author`).
            let is_feeds =
                ns != Namespace::Xhtml && super::element_roles::role_of(ns, other).is_some();
            return (!is_feeds).then_some(Ignored);
        }
    })
}

impl ContainerFields {
    /// Begins with the values of the element's attributes.
    pub(super) fn from_attributes(kind: ContainerElement, attrs: &ElementAttributes<'_>) -> Self {
        let mut container = Self::default();
        let picture = attributes::picture_from(attrs);
        let own = |name: &str| attrs.get(name).map(ToOwned::to_owned);
        match kind {
            ContainerElement::Person | ContainerElement::Contributor => {}
            ContainerElement::Participant => {
                container.url = own("href");
                container.role = own("role");
                container.group = own("group");
                container.portrait = own("img");
            }
            ContainerElement::Image => container.url = picture.map(|picture| picture.url),
            ContainerElement::Origin => container.feed = picture.map(|picture| picture.url),
        }
        container
    }

    /// Adds text that is directly in the element.
    pub(super) fn add_text(&mut self, text: &str) {
        if self.text.len() + text.len() <= LONGEST_TEXT_BYTES {
            self.text.push_str(text);
        } else {
            self.dropped_count += 1;
        }
    }

    /// Adds a link's address: an origin's own feed, or its page.
    pub(super) fn add_link(&mut self, href: &str, rel: Option<&str>) {
        match rel {
            Some("self") => self.feed = Some(href.to_owned()),
            None | Some("alternate") => _ = self.url.get_or_insert(href.to_owned()),
            Some(_) => {}
        }
    }

    /// Sets a part; the first of a kind wins.
    pub(super) fn set_part(&mut self, part: ContainerPart, text: &str) {
        let text = text.trim();
        if text.len() > LONGEST_TEXT_BYTES {
            self.dropped_count += 1;
        }
        if text.is_empty() || text.len() > LONGEST_TEXT_BYTES {
            return;
        }
        let slot = match part {
            ContainerPart::Name => &mut self.name,
            ContainerPart::Email => &mut self.email,
            ContainerPart::Url => &mut self.url,
            ContainerPart::Title => &mut self.title,
            ContainerPart::Id => &mut self.id,
            ContainerPart::Width => &mut self.width,
            ContainerPart::Height => &mut self.height,
        };
        slot.get_or_insert(text.to_owned());
    }

    /// Moves the values to the entry or feed.
    pub(super) fn store_in(self, kind: ContainerElement, fields: &mut FeedFields<'_>) {
        let text = Some(self.text.trim()).filter(|text| !text.is_empty()).map(ToOwned::to_owned);
        fields.add_dropped_count(self.dropped_count);
        match kind {
            ContainerElement::Person | ContainerElement::Contributor => {
                let name = self.name.or(text);
                let person = RawPerson { name, email: self.email, url: self.url };
                if kind == ContainerElement::Contributor {
                    fields.add_contributor(person);
                } else {
                    fields.add_author(person);
                }
            }
            ContainerElement::Participant => {
                let name = self.name.or(text);
                let person = RawPerson { name, email: self.email, url: self.url };
                let (role, group, image) = (self.role, self.group, self.portrait);
                fields.add_participant(RawParticipant { person, role, group, image });
            }
            ContainerElement::Image => {
                if let Some(url) = self.url.or(text) {
                    let (width, height, alt) = (self.width, self.height, self.title);
                    fields.add_image(0, RawImage { url, width, height, alt, ..Default::default() });
                }
            }
            ContainerElement::Origin => {
                // RFC 4287 section 4.2.1: it is the author of an entry that names none.
                let author = RawPerson { name: self.name, email: self.email, url: None };
                fields.origin_author.get_or_insert(author);
                let url = self.feed.or(self.url).or(self.id);
                let origin = RawOrigin { title: self.title.or(text), url };
                if origin != RawOrigin::default() {
                    fields.origin.get_or_insert(origin);
                }
            }
        }
    }
}
