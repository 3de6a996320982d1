//! What stands between the tags: texts and CDATA sections, and where they go when they are whole.

use std::borrow::Cow;

use super::super::base64;
use super::super::facts::{Guid, Text};
use super::super::leaf::{Carried, Leaf, Target};
use super::super::names::Mark;
use super::super::roles::Field;
use super::super::said::Attributes;
use super::{Open, Walk, What, joined};
use crate::feed::arabic::undo_in_field;
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
    /// Where its start tag stands.
    at: usize,
}

impl LeafSays {
    /// What an element without attributes says.
    fn nothing(kind: TextKind, mark: Mark, at: usize) -> Self {
        let (language, direction, base, scheme) = (None, None, None, None);
        Self { kind, language, direction, base, is_permalink: None, scheme, mark, at }
    }
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
        if attrs.is_empty() {
            self.leaf = Some((leaf, LeafSays::nothing(kind, mark, self.at)));
            return;
        }
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
            at: self.at,
        };
        self.leaf = Some((leaf, says));
    }

    /// Takes character data.
    pub(super) fn text(&mut self, words: &'a str) {
        if let Some((leaf, _)) = &mut self.leaf {
            let ends_late = leaf.ends_cdata_late(words);
            leaf.text(words, &mut self.entities);
            if ends_late {
                self.note("cdata-closed-early", || {
                    "a CDATA section ends before its text does: what follows is taken, too"
                        .to_owned()
                });
            }
        } else if let Some(Open { what: What::Gather(..), .. }) = self.stack.last() {
            let words = self.entities.resolve(words);
            self.gather_text(words);
        } else if self.link_follows && words.contains("://") {
            let words = self.entities.resolve(words.trim());
            self.following_link(&words);
        } else {
            self.note_stray(words);
        }
    }

    /// Takes the inside of a CDATA section.
    pub(super) fn cdata(&mut self, words: &'a str) {
        if let Some((leaf, _)) = &mut self.leaf {
            leaf.cdata(words);
        } else if let Some(Open { what: What::Gather(..), .. }) = self.stack.last() {
            self.gather_text(Cow::Borrowed(words));
        } else if self.link_follows && words.contains("://") {
            self.following_link(words.trim());
        } else {
            self.note_stray(words);
        }
    }

    /// Takes text that stands directly in a person, picture or origin.
    fn gather_text(&mut self, words: Cow<'a, str>) {
        let words = self.sound(words, self.at);
        if let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut() {
            gathered.text(&words);
        }
    }

    /// Words without the damage of a second encoding, where they alone have it.
    pub(super) fn sound<'w>(&mut self, words: Cow<'w, str>, at: usize) -> Cow<'w, str> {
        let Some((meant, page)) = undo_in_field(&words) else { return words };
        let entry = self.entry_index();
        self.mends.note("field-encoded-twice", at, entry, || {
            format!("a text was encoded twice, the second time as {page}: it is put right")
        });
        Cow::Owned(meant)
    }

    /// Notes words that stand where only elements do: nobody can say what they are.
    fn note_stray(&mut self, words: &str) {
        let Some(Open { name, what: What::Root | What::Channel | What::Entry, .. }) =
            self.stack.last()
        else {
            return;
        };
        if !words.trim_start().is_empty() {
            let name = *name;
            self.note("stray-text", || {
                format!("words stand in <{name}> outside of its elements and are passed over")
            });
        }
    }

    /// The address that stands behind `<link/>`, as HTML's serialisers leave it.
    fn following_link(&mut self, words: &str) {
        self.link_follows = false;
        let href = words.to_owned();
        self.facts().link(0, RawLink { href, ..RawLink::default() });
        self.note("void-link", || {
            "<link> is empty and its address follows: it is taken".to_owned()
        });
    }

    /// Ends the text that is open.
    pub(super) fn close_leaf(&mut self) {
        let Some((leaf, says)) = self.leaf.take() else { return };
        let name = leaf.name;
        self.scopes.back_to(says.mark);
        match leaf.target {
            Target::Nothing => {}
            Target::Part(part) => {
                let words = self.sound(leaf.whole(), says.at);
                if let Some(Open { what: What::Gather(_, gathered), .. }) = self.stack.last_mut() {
                    gathered.part(part, &words);
                }
            }
            Target::Facts(field @ (Field::Title | Field::Summary | Field::Content), rank) => {
                let Some(text) = self.rich(leaf, says) else { return };
                let facts = self.facts();
                let is_again = match field {
                    Field::Title => facts.title.offer(rank, text),
                    Field::Summary => facts.summary.offer(rank, text),
                    _ => facts.content.offer(rank, text),
                };
                // Of the other ranks there may be several, as `media:title`.
                if is_again && (rank == 0 || (rank == 1 && field != Field::Title)) {
                    self.note_repeated(name);
                }
            }
            Target::Facts(field, rank) => {
                let whole = leaf.whole();
                if !whole.is_empty() && self.store((field, rank), whole, says) {
                    self.note_repeated(name);
                }
            }
        }
    }

    fn note_repeated(&mut self, name: &str) {
        self.note("repeated-element", || {
            format!("a second <{name}> stands where there can be one: the first is taken")
        });
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
            let Some(text) = base64::text_of(&value) else {
                self.note("bad-base64", || {
                    "a text that should be base64 is none, or holds no text: it is left out"
                        .to_owned()
                });
                return None;
            };
            value = Cow::Owned(text);
        }
        value = self.sound(value, says.at);
        (!value.is_empty()).then(|| Text {
            value,
            kind,
            language: says.language.or_else(|| wrapping("lang")),
            direction: says.direction.or_else(|| wrapping("dir")),
            base: says.base,
        })
    }

    /// Keeps a text. `true`: it is left out, as there is one already.
    fn store(&mut self, (field, rank): (Field, u8), whole: Cow<'a, str>, says: LeafSays) -> bool {
        let whole = if field.is_words() { self.sound(whole, says.at) } else { whole };
        let facts = self.facts();
        match field {
            Field::Guid => {
                let guid = Guid { value: whole, is_permalink: says.is_permalink };
                return facts.guid.offer(rank, guid) && rank == 0;
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
        false
    }
}
