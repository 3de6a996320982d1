//! Start tags: what an element is for decides what becomes of it and of what stands in it.

use std::rc::Rc;

use super::super::facts::Guid;
use super::super::gather::{self, Child, Gathered};
use super::super::leaf::{Carried, Leaf, Part, Target};
use super::super::names::{Mark, Ns, split};
use super::super::roles::{self, Field, Gathers, Role, Says};
use super::super::said::{self, Attributes};
use super::{DEEPEST, Open, Shade, Walk, What, joined};
use crate::feed::model::{RawLink, TextKind};

/// Added to the rank of what stands in an unknown element.
const SHADE: u8 = 50;

/// A start tag with what is known of it.
#[derive(Clone, Copy)]
struct Element<'a> {
    at: usize,
    name: &'a str,
    raw: &'a str,
    closed: bool,
    ns: Ns,
    role: Option<Role>,
    mark: Mark,
}

impl<'a> Walk<'a> {
    /// Takes a start tag.
    pub(super) fn start(&mut self, at: usize, name: &'a str, raw: &'a str, closed: bool) {
        self.link_follows = false;
        let mark = self.scopes.mark();
        if raw.contains("xmlns") {
            Attributes::declare(raw, &mut self.scopes);
        }
        let (prefix, local) = split(name);
        let known = self.scopes.of(prefix);
        let ns = known.unwrap_or(Ns::Other);
        let element = Element { at, name, raw, closed, ns, role: roles::of(ns, local), mark };
        if self.is_markup(&element) {
            return;
        }
        if known.is_some() && !self.scopes.declares(prefix) {
            self.note("undeclared-prefix", at, || {
                format!("the prefix {prefix} is not declared; taken for what it customarily means")
            });
        }
        if !self.gather_child(&element) {
            self.element(&element);
        }
    }

    /// Whether a tag is markup of the text that is open; it is taken then. Else the text ends.
    fn is_markup(&mut self, element: &Element<'a>) -> bool {
        let Element { at, name, raw, .. } = *element;
        let Some((leaf, _)) = &mut self.leaf else { return false };
        if leaf.keeps(element.ns, name, element.role, raw) {
            let is_mend = !leaf.has_markup();
            leaf.open(name, raw, element.closed);
            self.scopes.back_to(element.mark);
            if is_mend {
                self.note("markup-in-text", at, || {
                    format!("<{name}> stands unescaped in a text; the text is taken as HTML")
                });
            }
            return true;
        }
        let open = leaf.name;
        self.note("unclosed-element", at, || format!("<{open}> is not closed before <{name}>"));
        self.close_leaf();
        false
    }

    /// A child of an open person, picture or origin. `false`: it does not belong there.
    fn gather_child(&mut self, element: &Element<'a>) -> bool {
        let Some(Open { what: What::Gather(kind, _), .. }) = self.stack.last() else {
            return false;
        };
        let Some(child) = gather::child(*kind, split(element.name).1) else {
            self.close_to(self.stack.len() - 1);
            return false;
        };
        let target = match child {
            Child::Part(part) => Target::Part(part),
            Child::Passed => Target::Nothing,
        };
        let attrs = Attributes::of(element.raw, &mut self.entities);
        if let (Target::Part(Part::Url), Some(href)) = (target, attrs.get("href"))
            && let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut()
        {
            gathered.link(href, attrs.get("rel"));
        }
        if element.closed {
            self.scopes.back_to(element.mark);
        } else {
            let leaf = Leaf::new(element.name, target, Carried::Escaped);
            self.open_leaf(leaf, &attrs, TextKind::Unsaid, element.mark);
        }
        true
    }

    fn element(&mut self, element: &Element<'a>) {
        let shade = self.shade();
        let at_root = self.stack.is_empty();
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
            Some(Role::Group) => self.push(element, What::Other, shade),
            Some(Role::Opaque) => self.push(element, What::Other, Shade::Opaque),
            _ if shade == Shade::Opaque => self.push(element, What::Other, shade),
            Some(Role::Gather(kind)) => self.open_gather(element, kind),
            Some(Role::Say(says)) => self.say(element, says),
            Some(Role::Leaf(field, rank)) => self.open_field(element, field, rank),
            None | Some(Role::Entry | Role::Channel) => {
                self.push(element, What::Other, shade.max(Shade::Unknown));
            }
        }
    }

    /// A field: said by its attributes, or by the text that follows.
    fn open_field(&mut self, element: &Element<'a>, field: Field, rank: u8) {
        self.is_feed = true;
        let rank = if self.shade() == Shade::Unknown { rank.saturating_add(SHADE) } else { rank };
        let attrs = Attributes::of(element.raw, &mut self.entities);
        let is_said = match field {
            Field::Link => self.link(element, rank, &attrs),
            Field::Category => {
                let category = said::category(&attrs);
                category.map(|category| self.facts().category(category)).is_some()
            }
            Field::Licence => self.licence(rank, &attrs),
            _ => false,
        };
        if element.closed {
            self.scopes.back_to(element.mark);
            return;
        }
        let (kind, carried) = said::text_type(&attrs, element.ns);
        let target = if is_said { Target::Nothing } else { Target::Facts(field, rank) };
        self.open_leaf(Leaf::new(element.name, target, carried), &attrs, kind, element.mark);
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

    fn licence(&mut self, rank: u8, attrs: &Attributes<'_>) -> bool {
        let target = attrs.get("resource").or_else(|| attrs.get("href"));
        let Some(href) = target.map(ToOwned::to_owned) else { return false };
        let rel = Some("license".to_owned());
        self.facts().link(rank, RawLink { href, rel, ..RawLink::default() });
        true
    }

    fn say(&mut self, element: &Element<'a>, says: Says) {
        let attrs = Attributes::of(element.raw, &mut self.entities);
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
        let attrs = Attributes::of(element.raw, &mut self.entities);
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
            self.note("unclosed-entry", element.at, || {
                format!("an entry is not closed before the next <{name}>")
            });
            self.close_to(open);
        }
        self.beyond = 0;
        self.entry = Some(Box::default());
        self.push_holder(What::Entry, element);
    }

    /// Opens a feed or entry: what its attributes say is about itself.
    fn push_holder(&mut self, what: What, element: &Element<'a>) {
        let attrs = Attributes::of(element.raw, &mut self.entities);
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
        let Element { at, name, mark, .. } = *element;
        if element.closed {
            self.scopes.back_to(mark);
        } else if self.stack.len() < DEEPEST {
            let base = self.base();
            self.stack.push(Open { name, what, mark, base, shade });
        } else {
            self.beyond += 1;
            self.scopes.back_to(mark);
            self.note("too-deep", at, || {
                format!(
                    "elements are nested deeper than {DEEPEST}; the deeper ones are passed over"
                )
            });
        }
    }
}
