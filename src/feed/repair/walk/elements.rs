//! Start tags: what an element is for decides what becomes of it and of what stands in it.

use std::borrow::Cow;
use std::rc::Rc;

use super::super::facts::Guid;
use super::super::gather::{self, Child, Gathered};
use super::super::leaf::{Carried, Leaf, Part, Target};
use super::super::names::{Mark, Ns, split};
use super::super::roles::{self, Field, Gathers, Role, Says, Spelling};
use super::super::said::{self, Attributes, Fault};
use super::{Cut, DEEPEST, Open, Shade, Walk, What, joined};
use crate::feed::model::{RawCategory, RawLink, TextKind};

/// Added to the rank of what stands in an unknown element.
const SHADE: u8 = 50;

/// A start tag with what is known of it.
#[derive(Clone, Copy)]
pub(super) struct Element<'a> {
    pub(super) name: &'a str,
    raw: &'a str,
    closed: bool,
    pub(super) ns: Ns,
    pub(super) role: Option<Role>,
    mark: Mark,
}

impl<'a> Walk<'a> {
    /// Takes a start tag.
    pub(super) fn start(&mut self, name: &'a str, raw: &'a str, closed: bool) {
        self.link_follows = false;
        let mark = self.scopes.mark();
        if raw.contains("xmlns") {
            Attributes::declare(raw, &mut self.scopes);
            self.note_misspelt();
        }
        let (prefix, local) = split(name);
        let known = self.scopes.of(prefix);
        let ns = known.unwrap_or(Ns::Other);
        let (role, spelling) = roles::of(ns, local).unzip();
        let element = Element { name, raw, closed, ns, role, mark };
        if self.is_markup(&element) {
            return;
        }
        if !self.scopes.declares(prefix) {
            self.note_undeclared(prefix, known);
        }
        // A document that is written in capitals begins so (CDF, RSS 1.1).
        self.has_capitals |= self.stack.is_empty() && matches!(local, "Channel" | "CHANNEL");
        if let Some(Spelling::Meant(meant)) = spelling
            && !self.has_capitals
        {
            self.note("name-case", || format!("<{name}> is read as {meant}, which is its name"));
        }
        if !self.gather_child(&element) {
            self.element(&element);
        }
    }

    /// Whether a tag is markup of the text that is open; it is taken then. Else the text ends.
    fn is_markup(&mut self, element: &Element<'a>) -> bool {
        let Element { name, raw, .. } = *element;
        let Some((leaf, _)) = &mut self.leaf else { return false };
        if leaf.keeps(element.ns, name, element.role, raw) {
            // The body of the XHTML module holds markup by its nature.
            let is_own = element.ns == Ns::Xhtml && leaf.is_xhtml;
            let is_mend = !leaf.has_markup() && !is_own;
            let unclosed = leaf.open(name, raw, element.closed);
            self.scopes.back_to(element.mark);
            if is_mend {
                self.note("markup-in-text", || {
                    format!("<{name}> stands unescaped in a text; the text is taken as HTML")
                });
            }
            if let Some(open) = unclosed {
                self.note("unclosed-element", || format!("<{open}> is not closed before <{name}>"));
            }
            return true;
        }
        // RDF says more of a word in elements of its own.
        let is_passed =
            leaf.target == Target::Nothing || matches!(element.ns, Ns::Rdf | Ns::Licence);
        let cut =
            Cut { name: leaf.name, by: name, at: self.at, depth: self.stack.len(), is_passed };
        self.cut(cut);
        self.close_leaf();
        false
    }

    /// The attributes of an element; what is wrong with them is noted.
    fn attributes(&mut self, element: &Element<'a>) -> Attributes<'a> {
        let attrs = Attributes::of(element.raw, &mut self.entities);
        for (fault, name) in &attrs.faults {
            if *fault == Fault::Miscased && self.has_capitals {
                continue;
            }
            self.note(fault.code(), || fault.told(name));
        }
        attrs
    }

    /// A child of an open person, picture or origin. `false`: it does not belong there.
    fn gather_child(&mut self, element: &Element<'a>) -> bool {
        let Some(Open { name: open, what: What::Gather(kind, _), .. }) = self.stack.last() else {
            return false;
        };
        let Some(child) = gather::child(*kind, element.ns, split(element.name).1) else {
            let name = *open;
            self.close_to(self.stack.len() - 1);
            let (by, at, depth) = (element.name, self.at, self.stack.len());
            self.cut(Cut { name, by, at, depth, is_passed: false });
            return false;
        };
        let target = match child {
            Child::Part(part) => Target::Part(part),
            Child::Passed => Target::Nothing,
        };
        let attrs = self.attributes(element);
        if let (Target::Part(Part::Url), Some(href)) = (target, attrs.get("href"))
            && let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut()
        {
            gathered.link(href, attrs.get("rel"));
        }
        if element.closed {
            self.scopes.back_to(element.mark);
        } else {
            let carried = match said::text_type(&attrs, element.ns).1 {
                Carried::Inline => Carried::Inline,
                _ => Carried::Escaped,
            };
            let leaf = Leaf::new(element.name, target, carried);
            self.open_leaf(leaf, &attrs, TextKind::Unsaid, element.mark);
        }
        true
    }

    fn element(&mut self, element: &Element<'a>) {
        let shade = self.shade();
        let at_root = self.stack.is_empty();
        if !matches!(element.role, None | Some(Role::Entry)) {
            self.note_misplaced(element);
        }
        match element.role {
            // An `item` is never a root.
            Some(Role::Entry) if !at_root || split(element.name).1.len() == "entry".len() => {
                self.open_entry(element);
            }
            Some(Role::Channel) if self.entry.is_none() => {
                self.is_feed = true;
                self.push_holder(What::Channel, element);
            }
            Some(Role::Group) if at_root => self.push_holder(What::Root, element),
            Some(Role::Group) => self.pass(element, shade),
            Some(Role::Opaque) => self.pass(element, Shade::Opaque),
            _ if shade == Shade::Opaque => self.pass(element, shade),
            Some(Role::Gather(kind)) => self.open_gather(element, kind),
            Some(Role::Say(says)) => self.say(element, says),
            Some(Role::Leaf(field, rank)) => self.open_field(element, field, rank),
            None | Some(Role::Entry | Role::Channel) => {
                self.pass(element, shade.max(Shade::Unknown));
            }
        }
    }

    /// Opens an element of which nobody needs more than that it is there.
    fn pass(&mut self, element: &Element<'a>, shade: Shade) {
        if !element.raw.is_empty() {
            // Nothing of them is taken, but what is wrong with them is told.
            self.attributes(element);
        }
        self.push(element, What::Other, shade);
    }

    /// A field: said by its attributes, or by the text that follows.
    fn open_field(&mut self, element: &Element<'a>, field: Field, rank: u8) {
        self.is_feed = true;
        let rank = if self.shade() == Shade::Unknown { rank.saturating_add(SHADE) } else { rank };
        let attrs = self.attributes(element);
        let is_said = match field {
            Field::Link => self.link(element, rank, &attrs),
            Field::Category => self.category(&attrs),
            Field::Licence => self.licence(rank, &attrs),
            _ => false,
        };
        if element.closed {
            self.scopes.back_to(element.mark);
            return;
        }
        let (kind, carried) = said::text_type(&attrs, element.ns);
        let target = if is_said { Target::Nothing } else { Target::Facts(field, rank) };
        let mut leaf = Leaf::new(element.name, target, carried);
        leaf.is_xhtml = element.ns == Ns::Xhtml;
        self.open_leaf(leaf, &attrs, kind, element.mark);
    }

    /// A link with its address in an attribute.
    fn link(&mut self, element: &Element<'a>, rank: u8, attrs: &Attributes<'_>) -> bool {
        let Some(mut link) = said::link(attrs) else {
            self.link_follows = element.closed && element.ns == Ns::Core;
            return false;
        };
        if let Some(base) = attrs.xml("base") {
            link.href = joined(self.base().as_deref(), base)
                .and_then(|base| joined(Some(&base), &link.href))
                .unwrap_or(link.href);
        }
        if link.rel.as_deref() == Some("enclosure")
            && let Some(file) = said::enclosure(attrs)
        {
            self.facts().enclosure(file);
        }
        self.facts().link(rank, link);
        true
    }

    /// A category with its words in attributes.
    fn category(&mut self, attrs: &Attributes<'_>) -> bool {
        let Some(RawCategory { term, label, scheme }) = said::category(attrs) else { return false };
        let mut sound = |words: String| self.sound(Cow::Owned(words), self.at).into_owned();
        let category = RawCategory { term: sound(term), label: label.map(sound), scheme };
        self.facts().category(category);
        true
    }

    fn licence(&mut self, rank: u8, attrs: &Attributes<'_>) -> bool {
        let target = attrs.get("resource").or_else(|| attrs.get("href"));
        let Some(href) = target.map(ToOwned::to_owned) else { return false };
        let rel = Some("license".to_owned());
        self.facts().link(rank, RawLink { href, rel, ..RawLink::default() });
        true
    }

    fn say(&mut self, element: &Element<'a>, says: Says) {
        let attrs = self.attributes(element);
        let facts = self.facts();
        let is_picture =
            says == Says::Picture || (says == Says::MediaContent && said::is_picture(&attrs));
        if is_picture {
            match said::picture(&attrs) {
                Some(picture) => facts.image(if says == Says::Picture { 2 } else { 1 }, picture),
                None if !element.closed => {
                    // The address stands as text.
                    let target = Target::Facts(Field::ImageUrl, 2);
                    let leaf = Leaf::new(element.name, target, Carried::Escaped);
                    self.open_leaf(leaf, &attrs, TextKind::Unsaid, element.mark);
                    return;
                }
                None => {}
            }
        } else if says == Says::ItunesCategory {
            if let Some(text) = attrs.get("text") {
                facts.word(Field::Category, 3, text.to_owned().into());
            }
        } else if let Some(file) = said::enclosure(&attrs) {
            facts.enclosure(file);
        }
        let shade = self.shade();
        self.push(element, What::Other, shade);
    }

    fn open_gather(&mut self, element: &Element<'a>, kind: Gathers) {
        let attrs = self.attributes(element);
        let gathered = Box::new(Gathered::begin(kind, &attrs));
        if element.closed {
            gathered.give(kind, self.facts());
            self.scopes.back_to(element.mark);
        } else {
            let shade = self.shade();
            self.push(element, What::Gather(kind, gathered), shade);
        }
    }

    /// A new entry ends the open one, and whatever is open in it.
    fn open_entry(&mut self, element: &Element<'a>) {
        self.is_feed = true;
        if let Some(open) = self.stack.iter().rposition(|open| matches!(open.what, What::Entry)) {
            let name = element.name;
            self.note("unclosed-entry", || {
                format!("<{name}> begins inside of an entry: that entry ends before it")
            });
            self.close_to(open);
        }
        self.note_misplaced(element);
        self.beyond = 0;
        self.entry = Some(Box::default());
        self.push_holder(What::Entry, element);
    }

    /// Opens a feed or entry: what its attributes say is about itself.
    fn push_holder(&mut self, what: What, element: &Element<'a>) {
        let attrs = self.attributes(element);
        let own = attrs.xml("base");
        let base = match own {
            Some(own) => joined(self.base().as_deref(), own).map(Rc::from),
            None => self.base(),
        };
        let facts = self.facts();
        if own.is_some() {
            facts.base = base.as_deref().map(ToOwned::to_owned);
        }
        if let Some(language) = attrs.xml("lang") {
            facts.own_language.get_or_insert(language.to_owned());
        }
        if let Some(direction) = attrs.get("dir") {
            facts.direction.get_or_insert(direction.to_owned());
        }
        if let Some(about) = attrs.get("about") {
            facts.guid.offer(1, Guid { value: about.to_owned().into(), is_permalink: None });
        }
        // The Channel Definition Format says its links and dates in attributes.
        if let Some(href) = attrs.get("href") {
            facts.link(0, RawLink { href: href.to_owned(), ..RawLink::default() });
        }
        if let Some(changed) = attrs.get("lastmod") {
            facts.updated.offer(0, changed.to_owned().into());
        }
        let is_entry = matches!(what, What::Entry);
        if !element.closed {
            let Element { name, mark, .. } = *element;
            self.stack.push(Open { name, what, mark, base, shade: Shade::Clear });
            return;
        }
        self.scopes.back_to(element.mark);
        if is_entry {
            self.finish_entry();
        }
    }

    fn push(&mut self, element: &Element<'a>, what: What, shade: Shade) {
        let Element { name, mark, .. } = *element;
        if element.closed {
            self.scopes.back_to(mark);
        } else if self.stack.len() < DEEPEST {
            let base = self.base();
            self.stack.push(Open { name, what, mark, base, shade });
        } else {
            self.beyond += 1;
            self.scopes.back_to(mark);
            self.note("too-deep", || {
                format!(
                    "elements are nested deeper than {DEEPEST}; the deeper ones are passed over"
                )
            });
        }
    }
}
