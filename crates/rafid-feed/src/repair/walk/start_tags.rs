//! Start tags: the role of an element decides what happens to it and to its content.

use std::rc::Rc;

use super::super::attributes::{self, AttributeFault, ElementAttributes};
use super::super::container_fields::{self, ContainerChild, ContainerFields};
use super::super::element_roles::{
    self, AttributeElement, ContainerElement, ElementRole, FieldKind, Spelling,
};
use super::super::feed_fields::{Guid, THUMBNAIL_RANK};
use super::super::namespaces::{Namespace, ScopeMark, split_prefix};
use super::super::text_element::{ContainerPart, TextElement, TextPurpose, TextTarget};
use super::super::text_pieces::ContentMode;
use super::{DEEPEST, ElementTrust, FeedWalk, OpenElement, OpenKind, join_address};
use crate::model::{RawLink, TextKind};

/// Added to the rank of what is in an unknown element.
const UNKNOWN_ELEMENT_RANK: u8 = 50;

/// A start tag with its namespace and role.
#[derive(Clone, Copy)]
pub(super) struct FeedElement<'a> {
    pub(super) name: &'a str,
    pub(super) raw: &'a str,
    pub(super) closed: bool,
    pub(super) ns: Namespace,
    pub(super) role: Option<ElementRole>,
    pub(super) mark: ScopeMark,
}

impl<'a> FeedWalk<'a> {
    /// Handles a start tag.
    pub(super) fn open_element(&mut self, name: &'a str, raw: &'a str, closed: bool) {
        self.link_follows = false;
        let mark = self.scopes.mark();
        if raw.contains("xmlns") {
            ElementAttributes::declare_namespaces(raw, &mut self.scopes);
            self.record_misspelled();
        }
        let (prefix, local) = split_prefix(name);
        let known = self.scopes.resolve(prefix);
        let ns = known.unwrap_or(Namespace::Other);
        let (role, spelling) = element_roles::role_of(ns, local).unzip();
        let element = FeedElement { name, raw, closed, ns, role, mark };
        if self.take_into_text(&element) {
            return;
        }
        if !self.scopes.is_declared(prefix) {
            self.record_undeclared(prefix, known);
        }
        if self.skip_out_of_place(&element) {
            return;
        }
        // A document that is written in capitals begins like this (CDF, RSS 1.1).
        self.has_capitals |= self.stack.is_empty() && matches!(local, "Channel" | "CHANNEL");
        if let Some(Spelling::Misspelled(correct)) = spelling
            && !self.has_capitals
        {
            self.record_repair("name-case", || {
                format!("<{name}> is read as {correct}, which is its name")
            });
        }
        if !self.open_container_child(&element) {
            self.open_by_role(&element);
        }
    }

    /// The attributes of an element; their faults are recorded.
    fn read_attributes(&mut self, element: &FeedElement<'a>) -> ElementAttributes<'a> {
        let attrs = ElementAttributes::parse(element.raw, &mut self.entities);
        for (fault, name) in &attrs.faults {
            if *fault == AttributeFault::Miscased && self.has_capitals {
                continue;
            }
            self.record_repair(fault.code(), || fault.describe(name));
        }
        attrs
    }

    /// Handles a child of an open person, picture or origin. `false`: it does not belong there.
    fn open_container_child(&mut self, element: &FeedElement<'a>) -> bool {
        let container = self.stack.iter().rev().find(|open| !matches!(open.kind, OpenKind::Words));
        let Some(OpenElement { kind: OpenKind::Container(kind, _), .. }) = container else {
            return false;
        };
        let kind = *kind;
        if kind.is_person() && self.open_words_in_container(element) {
            return true;
        }
        let Some(child) =
            container_fields::classify_child(kind, element.ns, split_prefix(element.name).1)
        else {
            return self.refuse_in_container(element);
        };
        let target = match child {
            ContainerChild::Part(part) => TextTarget::ContainerPart(part),
            ContainerChild::Ignored => TextTarget::Nothing,
            ContainerChild::Author => {
                let trust = self.current_trust();
                self.push_open(element, OpenKind::Words, trust);
                return true;
            }
        };
        let attrs = self.read_attributes(element);
        if let (TextTarget::ContainerPart(ContainerPart::Url), Some(href)) =
            (target, attrs.get("href"))
            && let Some(container) = self.innermost_container()
        {
            container.add_link(href, attrs.get("rel"));
        }
        if element.closed {
            self.scopes.restore(element.mark);
        } else {
            let mode = match attributes::text_type(&attrs, element.ns).1 {
                ContentMode::Inline => ContentMode::Inline,
                _ => ContentMode::Escaped,
            };
            let text = TextElement::new(element.name, target, mode);
            self.begin_text(text, &attrs, TextKind::Unspecified, element.mark);
        }
        true
    }

    fn open_by_role(&mut self, element: &FeedElement<'a>) {
        let trust = self.current_trust();
        let at_root = self.stack.is_empty();
        if !matches!(element.role, None | Some(ElementRole::Entry)) {
            self.record_misplaced(element);
        }
        match element.role {
            // An `item` is never a root.
            Some(ElementRole::Entry)
                if !at_root || split_prefix(element.name).1.len() == "entry".len() =>
            {
                self.open_entry(element);
            }
            Some(ElementRole::Channel) if self.entry.is_none() => {
                self.is_feed = true;
                self.push_feed_or_entry(OpenKind::Channel, element);
            }
            Some(ElementRole::Group) if at_root => self.push_feed_or_entry(OpenKind::Root, element),
            Some(ElementRole::Group) => self.open_other(element, trust),
            Some(ElementRole::Opaque) => self.open_other(element, ElementTrust::OtherSubject),
            _ if trust == ElementTrust::OtherSubject => self.open_other(element, trust),
            Some(ElementRole::Container(kind)) => self.open_container(element, kind),
            Some(ElementRole::Attributes(kind)) => self.store_from_attributes(element, kind),
            Some(ElementRole::Text(field, rank)) => self.open_field(element, field, rank),
            None | Some(ElementRole::Entry | ElementRole::Channel) => {
                self.open_other(element, trust.max(ElementTrust::UnknownElement));
            }
        }
    }

    /// Opens an element whose content is not used.
    fn open_other(&mut self, element: &FeedElement<'a>, trust: ElementTrust) {
        if !element.raw.is_empty() {
            // No attribute is used, but their faults are reported.
            self.read_attributes(element);
        }
        self.push_open(element, OpenKind::Other, trust);
    }

    /// A field: its value is in its attributes, or in the text that follows.
    fn open_field(&mut self, element: &FeedElement<'a>, field: FieldKind, rank: u8) {
        self.is_feed = true;
        let mut rank = rank + u8::from(self.is_other_dialect(element));
        if self.current_trust() == ElementTrust::UnknownElement {
            rank = rank.saturating_add(UNKNOWN_ELEMENT_RANK);
        }
        let attrs = self.read_attributes(element);
        let has_value = match field {
            FieldKind::Link => self.store_link(element, rank, &attrs),
            FieldKind::Category => self.store_category(&attrs),
            FieldKind::Licence => self.store_licence(rank, &attrs),
            FieldKind::Content => self.store_content_address(element, &attrs),
            _ => false,
        };
        if element.closed {
            self.scopes.restore(element.mark);
            return;
        }
        let (kind, mode) = attributes::text_type(&attrs, element.ns);
        let target = if has_value { TextTarget::Nothing } else { TextTarget::Field(field, rank) };
        let mut text = TextElement::new(element.name, target, mode);
        text.is_xhtml = element.ns == Namespace::Xhtml;
        text.is_plain_by_default = element.ns == Namespace::Media;
        if field == FieldKind::Content && attributes::may_be_data(&attrs) {
            text.purpose = TextPurpose::Undecided;
        }
        self.begin_text(text, &attrs, kind, element.mark);
    }

    fn store_from_attributes(&mut self, element: &FeedElement<'a>, kind: AttributeElement) {
        let attrs = self.read_attributes(element);
        let is_picture = kind == AttributeElement::Picture
            || (kind == AttributeElement::MediaContent && attributes::is_picture(&attrs));
        let opened = if is_picture {
            match self.store_picture(element, kind, &attrs) {
                Some(opened) => opened,
                None if !element.closed => {
                    // The address is the element's text.
                    let target = TextTarget::Field(FieldKind::ImageUrl, THUMBNAIL_RANK);
                    let text = TextElement::new(element.name, target, ContentMode::Escaped);
                    self.begin_text(text, &attrs, TextKind::Unspecified, element.mark);
                    return;
                }
                None => OpenKind::Other,
            }
        } else {
            self.store_attribute_values(kind, &attrs);
            OpenKind::Other
        };
        let trust = self.current_trust();
        self.push_open(element, opened, trust);
    }

    fn open_container(&mut self, element: &FeedElement<'a>, kind: ContainerElement) {
        let attrs = self.read_attributes(element);
        let container = Box::new(ContainerFields::from_attributes(kind, &attrs));
        if element.closed {
            container.store_in(kind, self.current_fields());
            self.scopes.restore(element.mark);
        } else {
            let trust = self.current_trust();
            self.push_open(element, OpenKind::Container(kind, container), trust);
        }
    }

    /// A new entry ends the open one and everything that is open in it.
    fn open_entry(&mut self, element: &FeedElement<'a>) {
        self.is_feed = true;
        if let Some(open) = self.stack.iter().rposition(|open| matches!(open.kind, OpenKind::Entry))
        {
            let name = element.name;
            self.record_repair("unclosed-entry", || {
                format!("<{name}> begins inside of an entry: that entry ends before it")
            });
            self.close_to(open);
        }
        self.record_misplaced(element);
        self.too_deep_count = 0;
        self.entry = Some(Box::default());
        self.push_feed_or_entry(OpenKind::Entry, element);
    }

    /// Opens a feed or entry: its attributes are about itself.
    fn push_feed_or_entry(&mut self, kind: OpenKind, element: &FeedElement<'a>) {
        let attrs = self.read_attributes(element);
        let own = attrs.get_xml("base").or_else(|| attrs.get("base").filter(|_| self.has_capitals));
        let base = match own {
            Some(own) => join_address(self.current_base().as_deref(), own).map(Rc::from),
            None => self.current_base(),
        };
        let fields = self.current_fields();
        if own.is_some() {
            fields.base = base.as_deref().map(ToOwned::to_owned);
        }
        if let Some(language) = attrs.get_xml("lang") {
            fields.own_language.get_or_insert(language.to_owned());
        }
        if let Some(direction) = attrs.get("dir") {
            fields.direction.get_or_insert(direction.to_owned());
        }
        if let Some(about) = attrs.get("about") {
            fields.guid.offer(1, Guid { value: about.to_owned().into(), is_permalink: None });
        }
        // The Channel Definition Format has links and dates in attributes.
        if let Some(href) = attrs.get("href") {
            fields.add_link(0, RawLink { href: href.to_owned(), ..RawLink::default() });
        }
        if let Some(changed) = attrs.get("lastmod") {
            fields.updated.offer(0, changed.to_owned().into());
        }
        let is_entry = matches!(kind, OpenKind::Entry);
        if !element.closed {
            self.push_onto_stack(element, kind, base, ElementTrust::Trusted);
            return;
        }
        self.scopes.restore(element.mark);
        if is_entry {
            self.finish_entry();
        }
    }

    fn push_onto_stack(
        &mut self,
        element: &FeedElement<'a>,
        kind: OpenKind,
        base: Option<Rc<str>>,
        trust: ElementTrust,
    ) {
        let FeedElement { name, ns, role, mark, .. } = *element;
        let at = self.at;
        self.stack.push(OpenElement { name, at, ns, role, kind, mark, base, trust });
    }

    pub(super) fn push_open(
        &mut self,
        element: &FeedElement<'a>,
        kind: OpenKind,
        trust: ElementTrust,
    ) {
        let mark = element.mark;
        if element.closed {
            self.scopes.restore(mark);
        } else if self.stack.len() < DEEPEST {
            let base = self.current_base();
            self.push_onto_stack(element, kind, base, trust);
        } else {
            self.too_deep_count += 1;
            self.scopes.restore(mark);
            self.record_repair("too-deep", || {
                format!(
                    "elements are nested deeper than {DEEPEST}; the deeper ones are passed over"
                )
            });
        }
    }
}
