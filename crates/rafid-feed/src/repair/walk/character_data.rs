//! Texts and CDATA sections between the tags → pieces of the open text, and the field of each complete
//! text.

use std::borrow::Cow;

use super::super::attributes::ElementAttributes;
use super::super::base64;
use super::super::container_fields::ContainerFields;
use super::super::element_roles::FieldKind;
use super::super::entities::Entities;
use super::super::escaped_cdata::without_escaped_cdata;
use super::super::feed_fields::{FieldText, Guid};
use super::super::namespaces::{ScopeMark, split_prefix};
use super::super::text_element::{TextElement, TextTarget};
use super::super::text_pieces::{ContentMode, words_of_data};
use super::super::tokens::parse_attributes;
use super::{FeedWalk, OpenElement, OpenKind, join_address};
use crate::arabic::undo_mojibake_in_field;
use crate::model::{RawLink, TextKind};

/// What the attributes of a text's element state.
pub(super) struct TextAttributes {
    kind: TextKind,
    language: Option<String>,
    direction: Option<String>,
    base: Option<String>,
    is_permalink: Option<bool>,
    scheme: Option<String>,
    mark: ScopeMark,
    /// Where its start tag is.
    pub(super) at: usize,
}

impl TextAttributes {
    /// The values of an element without attributes.
    fn without_values(kind: TextKind, mark: ScopeMark, at: usize) -> Self {
        let (language, direction, base, scheme) = (None, None, None, None);
        Self { kind, language, direction, base, is_permalink: None, scheme, mark, at }
    }
}

impl<'a> FeedWalk<'a> {
    /// Begins a text.
    pub(super) fn begin_text(
        &mut self,
        element: TextElement<'a>,
        attrs: &ElementAttributes<'_>,
        kind: TextKind,
        mark: ScopeMark,
    ) {
        if attrs.is_empty() {
            self.open_text = Some((element, TextAttributes::without_values(kind, mark, self.at)));
            return;
        }
        let own = |name: &str| attrs.get(name).map(ToOwned::to_owned);
        let is_permalink = attrs.get("isPermaLink").map(|value| value.eq_ignore_ascii_case("true"));
        let own_attributes = TextAttributes {
            kind,
            language: attrs.get_xml("lang").map(ToOwned::to_owned),
            direction: own("dir"),
            base: attrs
                .get_xml("base")
                .and_then(|own| join_address(self.current_base().as_deref(), own)),
            is_permalink,
            scheme: own("domain").or_else(|| own("scheme")),
            mark,
            at: self.at,
        };
        self.open_text = Some((element, own_attributes));
    }

    /// Adds character data.
    pub(super) fn take_text(&mut self, words: &'a str) {
        if let Some((element, _)) = &mut self.open_text {
            let has_late_end = element.has_late_cdata_end(words);
            element.push_text(words, &mut self.entities);
            if has_late_end {
                self.record_repair("cdata-closed-early", || {
                    "a CDATA section ends before its text does: what follows is taken, too"
                        .to_owned()
                });
            }
        } else if self.innermost_container().is_some() {
            let words = self.entities.resolve(words);
            self.add_container_text(words);
        } else if self.link_follows && words.contains("://") {
            let words = self.entities.resolve(words.trim());
            self.take_following_link(&words);
        } else {
            self.record_stray_text(words);
        }
    }

    /// Adds the inside of a CDATA section.
    pub(super) fn take_cdata(&mut self, words: &'a str) {
        if let Some((element, _)) = &mut self.open_text {
            element.push_cdata(words);
        } else if self.innermost_container().is_some() {
            self.add_container_text(Cow::Borrowed(words));
        } else if self.link_follows && words.contains("://") {
            self.take_following_link(words.trim());
        } else {
            self.record_stray_text(words);
        }
    }

    /// Adds text that is directly in a person, picture or origin.
    fn add_container_text(&mut self, words: Cow<'a, str>) {
        let words = self.without_mojibake(words, self.at);
        if let Some(container) = self.innermost_container() {
            container.add_text(&words);
        }
    }

    /// The person, picture or origin that is open, perhaps with markup around its words.
    pub(super) fn innermost_container(&mut self) -> Option<&mut ContainerFields> {
        let mut open = self.stack.iter_mut().rev();
        match open.find(|open| !matches!(open.kind, OpenKind::Words)).map(|open| &mut open.kind) {
            Some(OpenKind::Container(_, container)) => Some(container),
            _ => None,
        }
    }

    /// The words without double encoding, where they alone have it and the rest of the document does not.
    pub(super) fn without_mojibake<'w>(&mut self, words: Cow<'w, str>, at: usize) -> Cow<'w, str> {
        let Some((repaired, page)) = undo_mojibake_in_field(&words) else { return words };
        let entry = self.entry_index();
        self.repairs.record("field-encoded-twice", at, entry, || {
            format!("a text was encoded twice, the second time as {page}: it is put right")
        });
        Cow::Owned(repaired)
    }

    /// Records words where only elements belong: their meaning is unknown.
    fn record_stray_text(&mut self, words: &str) {
        let Some(OpenElement {
            name,
            kind: OpenKind::Root | OpenKind::Channel | OpenKind::Entry,
            ..
        }) = self.stack.last()
        else {
            return;
        };
        if !words.trim_start().is_empty() {
            let name = *name;
            self.record_repair("stray-text", || {
                format!("words stand in <{name}> outside of its elements and are passed over")
            });
        }
    }

    /// Takes the address that follows `<link/>`, as HTML serializers write it.
    fn take_following_link(&mut self, words: &str) {
        self.link_follows = false;
        let href = words.to_owned();
        self.current_fields().add_link(0, RawLink { href, ..RawLink::default() });
        self.record_repair("void-link", || {
            "<link> is empty and its address follows: it is taken".to_owned()
        });
    }

    /// Ends the open text.
    pub(super) fn finish_text(&mut self) {
        let Some((element, attributes)) = self.open_text.take() else { return };
        let name = element.name;
        self.scopes.restore(attributes.mark);
        match element.target {
            TextTarget::Nothing => {}
            TextTarget::ContainerPart(part) => {
                let words = self.words_of(element);
                let words = self.without_mojibake(words, attributes.at);
                if let Some(container) = self.innermost_container() {
                    container.set_part(part, &words);
                }
            }
            TextTarget::Field(
                field @ (FieldKind::Title | FieldKind::Summary | FieldKind::Content),
                rank,
            ) => {
                let is_media = element.is_plain_by_default;
                let Some(text) = self.formatted_text(element, attributes) else { return };
                if is_media && is_description(name) {
                    self.describe_picture(&text.value);
                }
                let fields = self.current_fields();
                let is_repeated = match field {
                    FieldKind::Title => fields.title.offer(rank, text),
                    FieldKind::Summary => fields.summary.offer(rank, text),
                    _ => fields.content.offer(rank, text),
                };
                // Other ranks may repeat, as `media:title`.
                if is_repeated && (rank == 0 || (rank == 1 && field != FieldKind::Title)) {
                    self.record_repeated(name);
                }
            }
            TextTarget::Field(field, rank) => {
                let whole = self.words_of(element);
                if !whole.is_empty() && self.store_text((field, rank), whole, attributes) {
                    self.record_repeated(name);
                }
            }
        }
    }

    /// The words of a complete text.
    fn words_of(&mut self, element: TextElement<'a>) -> Cow<'a, str> {
        let name = element.name;
        let (words, is_unescaped) = without_escaped_cdata(element.into_text());
        if is_unescaped {
            self.record_repair("escaped-cdata", || {
                format!("the marks of a CDATA section are escaped in <{name}>: they are left out")
            });
        }
        words
    }

    fn record_repeated(&mut self, name: &str) {
        self.record_repair("repeated-element", || {
            format!("a second <{name}> stands where there can be one: the first is taken")
        });
    }

    /// A title or body with its attributes. `None`: it is empty.
    fn formatted_text(
        &mut self,
        element: TextElement<'a>,
        attributes: TextAttributes,
    ) -> Option<FieldText<'a>> {
        let wrapper = element
            .wrapper_attributes()
            .map(|attrs| ElementAttributes::parse(attrs, &mut self.entities));
        let wrapping = |name: &str| {
            let attrs = wrapper.as_ref()?;
            attrs.get(name).or_else(|| attrs.get_xml(name)).map(ToOwned::to_owned)
        };
        let mut kind = if element.has_markup() { TextKind::Html } else { attributes.kind };
        let is_plain_by_default = element.is_plain_by_default;
        let is_base64 = element.mode == ContentMode::Base64;
        let is_data = element.is_data();
        let mut value = self.words_of(element);
        if is_data {
            value = Cow::Owned(words_of_data(&value)?);
        }
        if is_base64 {
            let decoded = base64::decode_text(&value);
            let has_words = decoded.is_none() && base64::is_certainly_not_base64(&value);
            if decoded.is_none() {
                self.record_repair("bad-base64", || {
                    let done = if has_words { "kept as it is" } else { "left out" };
                    format!("a text that should be base64 is none, or holds no text: it is {done}")
                });
            }
            if !has_words {
                value = Cow::Owned(decoded?);
            }
        }
        value = self.without_mojibake(value, attributes.at);
        if is_plain_by_default && kind == TextKind::Unspecified && !may_be_html(&value) {
            kind = TextKind::Text;
        }
        (!value.is_empty()).then(|| FieldText {
            value,
            kind,
            language: attributes.language.or_else(|| wrapping("lang")),
            direction: attributes.direction.or_else(|| wrapping("dir")),
            base: attributes.base,
        })
    }

    /// Stores a text in its field. `true`: it is dropped, as the field has a value already.
    fn store_text(
        &mut self,
        (field, rank): (FieldKind, u8),
        whole: Cow<'a, str>,
        attributes: TextAttributes,
    ) -> bool {
        let whole = if field.is_plain_words() {
            self.without_mojibake(whole, attributes.at)
        } else {
            whole
        };
        let picture = self.open_picture().filter(|_| field == FieldKind::Credit);
        let fields = self.current_fields();
        if let Some(index) = picture {
            fields.set_image_credit(index, whole);
            return false;
        }
        match field {
            FieldKind::Guid => {
                let guid = Guid { value: whole, is_permalink: attributes.is_permalink };
                return fields.guid.offer(rank, guid) && rank == 0;
            }
            FieldKind::OriginalLink if whole.contains("://") => {
                fields.original_link.get_or_insert(whole.into_owned());
            }
            FieldKind::OriginalLink => {}
            FieldKind::Link | FieldKind::Licence => {
                let rel = (field == FieldKind::Licence).then(|| "license".to_owned());
                let href = address_in_markup(&whole).unwrap_or_else(|| whole.into_owned());
                fields.add_link(rank, RawLink { href, rel, ..RawLink::default() });
            }
            FieldKind::Published => fields.published.offer(rank, whole),
            FieldKind::Updated => fields.updated.offer(rank, whole),
            FieldKind::ImageUrl => fields.add_image_url(rank, &whole),
            FieldKind::Category if attributes.scheme.is_some() => {
                fields.add_category_in(attributes.scheme, whole.into_owned());
            }
            field => fields.offer_text(field, rank, whole),
        }
        false
    }
}

/// The address of a link of HTML that stands where an address belongs. `None`: the text is no such link.
fn address_in_markup(text: &str) -> Option<String> {
    let inside = text.strip_prefix("<a ")?.split_once('>')?.0;
    let href = parse_attributes(inside).find(|own| own.name.eq_ignore_ascii_case("href"))?;
    Some(Entities::default().resolve(href.value.trim()).into_owned())
}

/// Whether a name is that of `media:description`, apart from its prefix.
fn is_description(name: &str) -> bool {
    split_prefix(name).1.eq_ignore_ascii_case("description")
}

/// Whether a text contains a tag or a reference.
fn may_be_html(text: &str) -> bool {
    let ends_soon = |at: usize| text.bytes().skip(at).take(10).any(|byte| byte == b';');
    text.contains('<') || text.match_indices('&').any(|(at, _)| ends_soon(at))
}
