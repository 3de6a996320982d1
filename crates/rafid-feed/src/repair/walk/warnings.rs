//! Faults that a walk finds → recorded repairs.

use super::super::element_roles::ElementRole;
use super::super::entities::RepairedReferences;
use super::super::namespaces::{self, Namespace, split_prefix};
use super::super::sniff::is_declaration;
use super::super::tokens::{XmlToken, XmlTokens};
use super::start_tags::FeedElement;
use super::{FeedWalk, InterruptedElement, OpenElement, OpenKind};

/// Interrupted texts whose end tags may still come; one entry has few.
const MOST_INTERRUPTED: usize = 16;

impl<'a> FeedWalk<'a> {
    /// Records the references of a token that were repaired.
    pub(super) fn record_references(&mut self, token: XmlToken<'_>) {
        if !self.entities.has_repairs() {
            return;
        }
        let entry = self.entry_index();
        for RepairedReferences { error, at, count } in self.entities.take_repairs() {
            let (code, detail) = error.code_and_text();
            // The position of a reference in a tag is that of the tag.
            let at = self.at + if matches!(token, XmlToken::Text(_)) { at } else { 0 };
            self.repairs.record_many((code, count), at, entry, || detail.to_owned());
        }
    }

    /// Records that something follows the root; comments and instructions may.
    pub(super) fn record_rest(&mut self, tokens: XmlTokens<'a>, root_at: usize) {
        let is_junk = |token: &XmlToken<'_>| match token {
            XmlToken::Text(words) => !words.trim().is_empty(),
            XmlToken::Instruction(inside) => is_declaration(inside),
            XmlToken::Other => false,
            _ => true,
        };
        if let Some((at, _)) = { tokens }.find(|(_, token)| is_junk(token)) {
            self.repairs.record("text-after-root", root_at + at, None, || {
                "what stands behind the root element is passed over".to_owned()
            });
        }
    }

    /// Records the values of an entry, or of the feed, that were too many or too long.
    pub(super) fn record_dropped(&mut self, entry: Option<usize>) {
        let dropped_count = self.current_fields().take_dropped_count(entry.is_some());
        if dropped_count > 0 {
            self.repairs.record_many(("things-dropped", dropped_count), self.at, entry, || {
                "an entry or feed has too many things of one kind, or a name that is too long: \
                 these are left out"
                    .to_owned()
            });
        }
    }

    /// Records that an end tag closes an element of a slightly different name.
    pub(super) fn record_other_name(&mut self, opened: &str, name: &str) {
        if opened != name {
            self.record_repair("end-tag-name", || {
                format!("</{name}> ends <{opened}>, though the two are not spelt alike")
            });
        }
    }

    pub(super) fn record_unclosed(&mut self, open: &str, before: &str) {
        self.record_repair("unclosed-element", || {
            format!("<{open}> is not closed before </{before}>")
        });
    }

    /// Handles an end tag without an open element: it may be that of an interrupted text.
    pub(super) fn handle_stray_end_tag(&mut self, name: &str) {
        let Some(cut) = self.cuts.iter().rposition(|cut| cut.name.eq_ignore_ascii_case(name))
        else {
            self.record_repair("stray-end-tag", || {
                format!("</{name}> ends nothing and is passed over")
            });
            return;
        };
        let InterruptedElement { name, by, at, is_closed_late, .. } = self.cuts.swap_remove(cut);
        if !is_closed_late {
            let entry = self.entry_index();
            self.repairs.record("element-in-element", at, entry, || {
                format!(
                    "<{by}> stands in <{name}>, where it does not belong: <{name}> ends before it"
                )
            });
        }
    }

    /// Remembers that a text was interrupted.
    pub(super) fn remember_interrupted(&mut self, cut: InterruptedElement<'a>) {
        if self.cuts.len() == MOST_INTERRUPTED {
            self.record_interrupted(0);
        }
        self.cuts.push(cut);
    }

    /// Records the interrupted texts that were never closed when only `depth` elements are left open.
    pub(super) fn record_interrupted(&mut self, depth: usize) {
        let entry = self.entry_index();
        for InterruptedElement { name, by, at, .. } in
            self.cuts.extract_if(.., |cut| cut.depth > depth)
        {
            self.repairs.record("unclosed-element", at, entry, || {
                format!("<{name}> is not closed before <{by}>")
            });
        }
    }

    /// Records misspelled namespaces with the ones that they are taken for.
    pub(super) fn record_misspelled(&mut self) {
        let at_root = self.stack.is_empty();
        for (uri, ns) in self.scopes.take_misspelled() {
            match namespaces::specified_uri(ns) {
                Some(specified) => self.record_repair("wrong-namespace", || {
                    format!("the namespace {} is taken for {specified}", shorten_for_warning(uri))
                }),
                // An unknown namespace further inside is that of an extension.
                None if at_root => self.record_repair("wrong-namespace", || {
                    format!("the namespace {} of the root is passed over", shorten_for_warning(uri))
                }),
                None => {}
            }
        }
    }

    pub(super) fn record_undeclared(&mut self, prefix: &str, known: Option<Namespace>) {
        self.record_repair("undeclared-prefix", || {
            let taken = match known {
                Some(_) => "taken for what it customarily means",
                None => "nobody knows what it means",
            };
            format!("the prefix {prefix} is not declared; {taken}")
        });
    }

    /// Records an element of RSS or Atom in the wrong place. It is used anyway.
    pub(super) fn record_misplaced(&mut self, element: &FeedElement<'a>) {
        let Some(OpenElement { name: parent, kind, .. }) = self.stack.last() else { return };
        let is_one_of = |names: &[&str]| {
            let parent = split_prefix(parent).1;
            names.iter().any(|name| parent.eq_ignore_ascii_case(name))
        };
        // Nearly all elements are in an entry: this is checked first.
        let is_at_root = matches!(kind, OpenKind::Root)
            && matches!(element.ns, Namespace::Core | Namespace::Atom);
        let is_misplaced = match element.role {
            Some(ElementRole::Entry)
                if split_prefix(element.name).1.eq_ignore_ascii_case("item") =>
            {
                !is_one_of(&["channel", "rdf", "items"])
            }
            Some(ElementRole::Entry) => !is_one_of(&["feed", "urlset"]),
            Some(ElementRole::Channel) => !matches!(kind, OpenKind::Root) && !self.has_capitals,
            Some(ElementRole::Text(..) | ElementRole::Attributes(_)) => is_at_root,
            Some(ElementRole::Container(_)) => is_at_root && is_one_of(&["rss"]),
            _ => false,
        };
        if is_misplaced {
            let (name, parent) = (element.name, *parent);
            self.record_repair("misplaced-element", || {
                format!("<{name}> does not belong in <{parent}>; it is read as if it did")
            });
        }
    }
}

/// A publisher's words, shortened for a warning.
fn shorten_for_warning(words: &str) -> String {
    words.chars().take(80).collect()
}
