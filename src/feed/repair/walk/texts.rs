//! What stands between the tags: texts and CDATA sections, and where they go when they are whole.

use std::borrow::Cow;

use super::super::base64;
use super::super::facts::{Guid, Text};
use super::super::leaf::{Carried, Leaf, Target};
use super::super::names::Mark;
use super::super::roles::Field;
use super::super::said::Attributes;
use super::{Open, Walk, What, joined};
use crate::feed::model::{RawLink, TextKind};

/// What the element of a text says about it.
pub(super) struct LeafSays {
    kind: TextKind,
    language: Option<String>,
    direction: Option<String>,
    base: Option<String>,
    is_permalink: Option<bool>,
    scheme: Option<String>,
    mark: Mark,
}

impl<'a> Walk<'a> {
    /// Begins a text.
    pub(super) fn open_leaf(
        &mut self,
        leaf: Leaf<'a>,
        attrs: &Attributes<'_>,
        kind: TextKind,
        mark: Mark,
    ) {
        let own = |name: &str| attrs.get(name).map(ToOwned::to_owned);
        let permalink = attrs.get("isPermaLink").map(|value| value.eq_ignore_ascii_case("true"));
        let says = LeafSays {
            kind,
            language: attrs.xml("lang").map(ToOwned::to_owned),
            direction: own("dir"),
            base: attrs.xml("base").and_then(|own| joined(self.base().as_deref(), own)),
            is_permalink: permalink,
            scheme: own("domain").or_else(|| own("scheme")),
            mark,
        };
        self.leaf = Some((leaf, says));
    }

    /// Takes character data.
    pub(super) fn text(&mut self, words: &'a str) {
        if let Some((leaf, _)) = &mut self.leaf {
            leaf.text(words, &mut self.entities);
        } else if let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut() {
            gathered.text(&self.entities.resolve(words));
        } else if self.link_follows {
            let words = self.entities.resolve(words.trim());
            self.following_link(&words);
        }
    }

    /// Takes the inside of a CDATA section.
    pub(super) fn cdata(&mut self, words: &'a str) {
        if let Some((leaf, _)) = &mut self.leaf {
            leaf.cdata(words);
        } else if let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut() {
            gathered.text(words);
        } else if self.link_follows {
            self.following_link(words.trim());
        }
    }

    /// The address that stands behind `<link/>`, as HTML's serialisers leave it.
    fn following_link(&mut self, words: &str) {
        if words.contains("://") {
            self.link_follows = false;
            let href = words.to_owned();
            self.facts().link(0, RawLink { href, ..RawLink::default() });
        }
    }

    /// Ends the text that is open.
    pub(super) fn close_leaf(&mut self) {
        let Some((leaf, says)) = self.leaf.take() else { return };
        self.scopes.back_to(says.mark);
        match leaf.target {
            Target::Nothing => {}
            Target::Part(part) => {
                if let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut() {
                    gathered.part(part, &leaf.whole());
                }
            }
            Target::Facts(field @ (Field::Title | Field::Summary | Field::Content), rank) => {
                let Some(text) = self.rich(leaf, says) else { return };
                let facts = self.facts();
                match field {
                    Field::Title => facts.title.offer(rank, text),
                    Field::Summary => facts.summary.offer(rank, text),
                    _ => facts.content.offer(rank, text),
                }
            }
            Target::Facts(field, rank) => {
                let whole = leaf.whole();
                if !whole.is_empty() {
                    self.store((field, rank), whole, says);
                }
            }
        }
    }

    /// A title or body, with what was said about it. `None`: there is none.
    fn rich(&mut self, leaf: Leaf<'a>, says: LeafSays) -> Option<Text<'a>> {
        let wrapper = leaf.wrapper().map(|attrs| Attributes::of(attrs, &mut self.entities));
        let wrapping = |name: &str| {
            let attrs = wrapper.as_ref()?;
            attrs.get(name).or_else(|| attrs.xml(name)).map(ToOwned::to_owned)
        };
        let kind = if leaf.has_markup() { TextKind::Html } else { says.kind };
        let is_base64 = leaf.carried == Carried::Base64;
        let mut value = leaf.whole();
        if is_base64 {
            value = Cow::Owned(base64::text_of(&value)?);
        }
        (!value.is_empty()).then(|| Text {
            value,
            kind,
            language: says.language.or_else(|| wrapping("lang")),
            direction: says.direction.or_else(|| wrapping("dir")),
            base: says.base,
        })
    }

    fn store(&mut self, (field, rank): (Field, u8), whole: Cow<'a, str>, says: LeafSays) {
        let facts = self.facts();
        match field {
            Field::Guid => {
                facts.guid.offer(rank, Guid { value: whole, is_permalink: says.is_permalink });
            }
            Field::Link | Field::OriginalLink | Field::Licence => {
                let rel = match field {
                    Field::OriginalLink => Some("canonical".to_owned()),
                    Field::Licence => Some("license".to_owned()),
                    _ => None,
                };
                let href = whole.into_owned();
                facts.link(rank, RawLink { href, rel, ..RawLink::default() });
            }
            Field::Published => facts.published.offer(rank, whole),
            Field::Updated => facts.updated.offer(rank, whole),
            Field::ImageUrl => facts.image_url(rank, &whole),
            Field::Category if says.scheme.is_some() => {
                facts.category_in(says.scheme, whole.into_owned());
            }
            field => facts.word(field, rank, whole),
        }
    }
}
