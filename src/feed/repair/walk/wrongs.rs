//! What a walk finds to be wrong → what is noted of it.

use super::super::entities::Mended;
use super::super::names::{self, Ns, split};
use super::super::roles::Role;
use super::super::sniff::is_declaration;
use super::super::tokens::{Token, Tokens};
use super::elements::Element;
use super::{Open, Walk, What};

/// A text, person, picture or origin that an element cut short. If its end tag comes yet, the element
/// stood in it; else it was not closed.
pub(super) struct Cut<'a> {
    pub(super) name: &'a str,
    /// The element that cut it, and where that stands.
    pub(super) by: &'a str,
    pub(super) at: usize,
    /// Elements that were open around it.
    pub(super) depth: usize,
    /// Whether it was a text that nobody needs, in which elements may well stand.
    pub(super) is_passed: bool,
}

/// Texts cut short whose end tags are waited for; those of one entry are few.
const MOST_CUTS: usize = 16;

impl<'a> Walk<'a> {
    /// Notes the references of a token that were mended.
    pub(super) fn note_references(&mut self, token: Token<'_>) {
        if !self.entities.has_mended() {
            return;
        }
        let entry = self.entry_index();
        for Mended { sin, at, count } in self.entities.take_mended() {
            let (code, detail) = sin.told();
            // Within a tag the place of the tag is told.
            let at = self.at + if matches!(token, Token::Text(_)) { at } else { 0 };
            self.mends.note_many((code, count), at, entry, || detail.to_owned());
        }
    }

    /// Notes that something stands behind the root: comments and instructions may.
    pub(super) fn note_rest(&mut self, tokens: Tokens<'a>, root_at: usize) {
        let is_junk = |token: &Token<'_>| match token {
            Token::Text(words) => !words.trim().is_empty(),
            Token::Instruction(inside) => is_declaration(inside),
            Token::Other => false,
            _ => true,
        };
        if let Some((at, _)) = { tokens }.find(|(_, token)| is_junk(token)) {
            self.mends.note("text-after-root", root_at + at, None, || {
                "what stands behind the root element is passed over".to_owned()
            });
        }
    }

    /// Notes what was too much of an entry, or of the feed.
    pub(super) fn note_dropped(&mut self, entry: Option<usize>) {
        let dropped_count = self.facts().take_dropped_count();
        if dropped_count > 0 {
            self.mends.note_many(("things-dropped", dropped_count), self.at, entry, || {
                "an entry or feed has too many things of one kind, or a name that is too long: \
                 these are left out"
                    .to_owned()
            });
        }
    }

    /// Notes that an end tag ends an element of a name that is not quite its own.
    pub(super) fn note_other_name(&mut self, opened: &str, name: &str) {
        if opened != name {
            self.note("end-tag-name", || {
                format!("</{name}> ends <{opened}>, though the two are not spelt alike")
            });
        }
    }

    pub(super) fn note_unclosed(&mut self, open: &str, before: &str) {
        self.note("unclosed-element", || format!("<{open}> is not closed before </{before}>"));
    }

    /// An end tag to which no element is open: perhaps that of a text that was cut short.
    pub(super) fn end_nothing(&mut self, name: &str) {
        let Some(cut) = self.cuts.iter().rposition(|cut| cut.name.eq_ignore_ascii_case(name))
        else {
            self.note("stray-end-tag", || format!("</{name}> ends nothing and is passed over"));
            return;
        };
        let Cut { name, by, at, is_passed, .. } = self.cuts.swap_remove(cut);
        if !is_passed {
            let entry = self.entry_index();
            self.mends.note("element-in-element", at, entry, || {
                format!(
                    "<{by}> stands in <{name}>, where it does not belong: <{name}> ends before it"
                )
            });
        }
    }

    /// Remembers that a text was cut short.
    pub(super) fn cut(&mut self, cut: Cut<'a>) {
        if self.cuts.len() == MOST_CUTS {
            self.note_cuts(0);
        }
        self.cuts.push(cut);
    }

    /// Notes the texts that were never closed in what is left when `depth` elements are open.
    pub(super) fn note_cuts(&mut self, depth: usize) {
        let entry = self.entry_index();
        for Cut { name, by, at, .. } in self.cuts.extract_if(.., |cut| cut.depth > depth) {
            self.mends.note("unclosed-element", at, entry, || {
                format!("<{name}> is not closed before <{by}>")
            });
        }
    }

    /// Namespaces that are none, told as what they are taken for.
    pub(super) fn note_misspelt(&mut self) {
        let at_root = self.stack.is_empty();
        for (uri, ns) in self.scopes.take_misspelt() {
            match names::specified(ns) {
                Some(meant) => self.note("wrong-namespace", || {
                    format!("the namespace {} is taken for {meant}", shortened(uri))
                }),
                // Further inside a namespace that nobody knows is that of an extension.
                None if at_root => self.note("wrong-namespace", || {
                    format!("the namespace {} of the root is passed over", shortened(uri))
                }),
                None => {}
            }
        }
    }

    pub(super) fn note_undeclared(&mut self, prefix: &str, known: Option<Ns>) {
        self.note("undeclared-prefix", || {
            let taken = match known {
                Some(_) => "taken for what it customarily means",
                None => "nobody knows what it means",
            };
            format!("the prefix {prefix} is not declared; {taken}")
        });
    }

    /// Notes an element of RSS or Atom that stands where it does not belong. It is taken all the same.
    pub(super) fn note_misplaced(&mut self, element: &Element<'a>) {
        let Some(Open { name: around, what, .. }) = self.stack.last() else { return };
        let is_one_of = |names: &[&str]| {
            let holder = split(around).1;
            names.iter().any(|name| holder.eq_ignore_ascii_case(name))
        };
        // Nearly all elements stand in an entry: that is asked first.
        let is_at_root = matches!(what, What::Root) && matches!(element.ns, Ns::Core | Ns::Atom);
        let is_misplaced = match element.role {
            Some(Role::Entry) if split(element.name).1.eq_ignore_ascii_case("item") => {
                !is_one_of(&["channel", "rdf", "items"])
            }
            Some(Role::Entry) => !is_one_of(&["feed", "urlset"]),
            Some(Role::Channel) => !matches!(what, What::Root) && !self.has_capitals,
            Some(Role::Leaf(..) | Role::Say(_)) => is_at_root,
            Some(Role::Gather(_)) => is_at_root && is_one_of(&["rss"]),
            _ => false,
        };
        if is_misplaced {
            let (name, around) = (element.name, *around);
            self.note("misplaced-element", || {
                format!("<{name}> does not belong in <{around}>; it is read as if it did")
            });
        }
    }
}

/// A publisher's words as a warning repeats them.
fn shortened(words: &str) -> String {
    words.chars().take(80).collect()
}
