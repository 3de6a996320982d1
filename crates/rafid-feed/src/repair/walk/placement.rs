//! A tag inside of a text, and an element that its parent has no use for → markup, words, nothing, or the
//! next element of the feed.
//!
//! | where | in a whole element | in a broken one |
//! | --- | --- | --- |
//! | a body | markup | markup, unless only feeds have such an element: that ends the body |
//! | a title | markup if HTML has such an element, else nothing | the same as in a body |
//! | another text | its words if HTML has such an element, else nothing | the words, else the end of the text |
//! | a person, picture or origin | nothing | the end of the person, picture or origin |
//! | an element of an extension | nothing | a value that counts where there is no better one |

use super::super::element_roles::{ElementRole, FieldKind};
use super::super::namespaces::{Namespace, split_prefix};
use super::super::sniff::is_html_element;
use super::super::text_element::TextTarget;
use super::super::tokens::parse_attributes;
use super::super::whole_elements::WholeElements;
use super::start_tags::FeedElement;
use super::{FeedWalk, InterruptedElement, OpenElement, OpenKind};
use crate::model::RawLink;

/// Elements of HTML that publishers write around plain words, sorted.
const WORD_ELEMENTS: [&str; 23] = [
    "a", "abbr", "address", "b", "bdi", "bdo", "br", "cite", "div", "em", "font", "h1", "h2", "h3",
    "i", "li", "p", "small", "span", "strong", "time", "u", "ul",
];

/// Other elements of HTML that a text may begin with, sorted.
const BODY_ELEMENTS: [&str; 10] =
    ["article", "blockquote", "body", "dl", "figure", "h4", "header", "html", "ol", "section"];

/// The use of a tag inside of a text.
enum TagUse {
    /// It is markup of the text, perhaps without an end tag.
    Markup,
    /// It is markup of the text and has its end tag.
    WholeMarkup,
    /// Only the words in it count.
    Words,
    /// It is skipped with all that is in it.
    Skipped,
    /// It is the next element of the feed, and the text ends before it.
    NextElement,
}

impl<'a> FeedWalk<'a> {
    /// Whether the element that begins at `start` is whole.
    fn is_whole(&mut self, start: usize) -> bool {
        let (text, root_at) = (self.text, self.root_at);
        self.whole.get_or_insert_with(|| WholeElements::find(text, root_at)).contains(start)
    }

    /// Whether a tag belongs to the open text; it is used there then. Otherwise the text ends.
    pub(super) fn take_into_text(&mut self, element: &FeedElement<'a>) -> bool {
        if self.open_text.is_none() {
            return false;
        }
        match self.use_of_tag(element) {
            TagUse::Markup => self.add_markup(element, is_extension(element.ns)),
            TagUse::WholeMarkup => self.add_markup(element, true),
            TagUse::Words => self.open_words(element),
            TagUse::Skipped => self.skip_element(element),
            TagUse::NextElement => {
                self.interrupt_text(element);
                return false;
            }
        }
        true
    }

    fn use_of_tag(&mut self, element: &FeedElement<'a>) -> TagUse {
        let Some((text, attributes)) = &self.open_text else { return TagUse::NextElement };
        let is_own = text.is_own_markup(element.ns, element.name, element.role, element.raw);
        let (is_body, is_rich, start) = (text.is_body(), text.is_rich(), attributes.at);
        let outer = text.name;
        let is_unused = text.target == TextTarget::Nothing;
        let (prefix, local) = split_prefix(element.name);
        let is_foreign = is_extension(element.ns) && self.scopes.is_declared(prefix);
        if is_own && (is_body || !is_foreign) {
            return TagUse::Markup;
        }
        let is_word_element = !is_extension(element.ns) && is_word_element(local);
        if !is_rich && !is_unused && is_word_element {
            return TagUse::Words;
        }
        if !self.is_whole(start) {
            return if is_own { TagUse::Markup } else { TagUse::NextElement };
        }
        if is_body {
            TagUse::WholeMarkup
        } else {
            if !is_unused && !is_foreign {
                self.record_skipped(element.name, outer);
            }
            TagUse::Skipped
        }
    }

    /// Adds a tag to the open text as its markup.
    fn add_markup(&mut self, element: &FeedElement<'a>, has_end_tag: bool) {
        let FeedElement { name, raw, .. } = *element;
        let Some((text, _)) = &mut self.open_text else { return };
        // The body of the XHTML module contains markup by definition.
        let is_xhtml = element.ns == Namespace::Xhtml && text.is_xhtml;
        let is_repair = !text.has_markup() && !is_xhtml;
        if element.ns != Namespace::Xhtml && !may_begin_html(split_prefix(name).1) {
            text.note_foreign_tag();
        }
        let unclosed = text.open_tag(name, raw, element.closed, has_end_tag);
        self.scopes.restore(element.mark);
        if is_repair {
            self.record_repair("markup-in-text", || {
                format!("<{name}> stands unescaped in a text; the text is taken as HTML")
            });
        }
        if let Some(open) = unclosed {
            self.record_repair("unclosed-element", || {
                format!("<{open}> is not closed before <{name}>")
            });
        }
    }

    /// Opens markup in a text that has no use for it: its words stay, and a date that it states as an
    /// attribute (HTML Living Standard section 4.5.14) is tried before them.
    fn open_words(&mut self, element: &FeedElement<'a>) {
        let FeedElement { name, raw, closed, .. } = *element;
        let Some((text, _)) = &mut self.open_text else { return };
        let (target, outer) = (text.target, text.name);
        text.open_words(name, closed);
        self.scopes.restore(element.mark);
        self.record_words(name, outer);
        if let TextTarget::Field(field @ (FieldKind::Published | FieldKind::Updated), rank) = target
            && let Some(stated) =
                parse_attributes(raw).find(|own| own.name.eq_ignore_ascii_case("datetime"))
        {
            let fields = self.current_fields();
            let dates = match field {
                FieldKind::Updated => &mut fields.updated,
                _ => &mut fields.published,
            };
            dates.offer(rank, stated.value.into());
        }
        // A link that is written as in a page.
        if let TextTarget::Field(FieldKind::Link, rank) = target
            && let Some(stated) =
                parse_attributes(raw).find(|own| own.name.eq_ignore_ascii_case("href"))
        {
            let href = self.entities.resolve(stated.value).into_owned();
            self.current_fields().add_link(rank, RawLink { href, ..RawLink::default() });
        }
    }

    fn record_skipped(&mut self, name: &str, outer: &str) {
        self.record_repair("element-in-element", || {
            format!("<{name}> stands in <{outer}>, where it does not belong: it is passed over")
        });
    }

    fn record_words(&mut self, name: &str, outer: &str) {
        self.record_repair("markup-in-text", || {
            format!("<{name}> stands unescaped in <{outer}>: its words are taken")
        });
    }

    /// Ends the open text before an element.
    fn interrupt_text(&mut self, element: &FeedElement<'a>) {
        let Some((text, _)) = &self.open_text else { return };
        // RDF describes a word further in elements of its own.
        let is_closed_late = text.target == TextTarget::Nothing
            || matches!(element.ns, Namespace::Rdf | Namespace::Licence);
        let cut = InterruptedElement {
            name: text.name,
            by: element.name,
            at: self.at,
            depth: self.stack.len(),
            is_closed_late,
        };
        self.remember_interrupted(cut);
        self.finish_text();
    }

    /// Whether an element is one of Atom in an entry or feed of RSS, or the reverse: its own elements are
    /// better.
    pub(super) fn is_other_dialect(&self, element: &FeedElement<'a>) -> bool {
        let is_document =
            |open: &&OpenElement<'a>| matches!(open.kind, OpenKind::Channel | OpenKind::Entry);
        matches!(element.ns, Namespace::Core | Namespace::Atom)
            && self.stack.iter().rev().find(is_document).is_some_and(|open| {
                matches!(
                    (open.ns, element.ns),
                    (Namespace::Core, Namespace::Atom) | (Namespace::Atom, Namespace::Core)
                )
            })
    }

    /// Skips an element with all that is in it.
    fn skip_element(&mut self, element: &FeedElement<'a>) {
        self.scopes.restore(element.mark);
        self.skipped_depth = usize::from(!element.closed);
    }

    /// Skips an element in an extension or another element that has no use for it. `false`: it may be
    /// used.
    pub(super) fn skip_out_of_place(&mut self, element: &FeedElement<'a>) -> bool {
        let Some(role) = element.role else { return false };
        let has_entry = self.entry.is_some();
        let mut inner = self.stack.iter().rev();
        let refusing = inner
            .by_ref()
            .take_while(|open| matches!(open.kind, OpenKind::Other | OpenKind::Picture(_)))
            .find(|open| !is_expected(open, element.ns, role, has_entry));
        let own_parent = || self.stack.last().filter(|open| is_other_document(open, element, role));
        let Some(start) = refusing.or_else(own_parent).map(|open| open.at) else { return false };
        let is_skipped = self.is_whole(start);
        if is_skipped {
            self.skip_element(element);
        }
        is_skipped
    }

    /// Handles a child that a person, picture or origin has no use for. `false`: it is read as if it
    /// stood behind it.
    pub(super) fn refuse_in_container(&mut self, element: &FeedElement<'a>) -> bool {
        let is_container = |open: &OpenElement<'a>| matches!(open.kind, OpenKind::Container(..));
        let Some(outer) = self.stack.iter().rposition(is_container) else { return false };
        let Some(OpenElement { name, at: start, .. }) = self.stack.get(outer) else { return false };
        let (name, start) = (*name, *start);
        if self.is_whole(start) {
            self.skip_element(element);
            return true;
        }
        self.close_to(outer);
        let (by, at, depth) = (element.name, self.at, self.stack.len());
        let is_closed_late = false;
        self.remember_interrupted(InterruptedElement { name, by, at, depth, is_closed_late });
        false
    }

    /// Opens markup around the words of a person, picture or origin: its words are theirs. `false`: it is
    /// no such markup.
    pub(super) fn open_words_in_container(&mut self, element: &FeedElement<'a>) -> bool {
        let local = split_prefix(element.name).1;
        if is_extension(element.ns) || !is_word_element(local) {
            return false;
        }
        let Some(outer) = self.stack.last().map(|open| open.name) else { return false };
        self.record_words(element.name, outer);
        let trust = self.current_trust();
        self.push_open(element, OpenKind::Words, trust);
        true
    }
}

/// Whether a vocabulary is neither that of feeds nor that of their texts.
fn is_extension(ns: Namespace) -> bool {
    !matches!(ns, Namespace::Core | Namespace::Atom | Namespace::Xhtml)
}

/// Whether a text of HTML may begin with an element.
fn may_begin_html(local: &str) -> bool {
    is_word_element(local)
        || is_html_element(local)
        || BODY_ELEMENTS.iter().any(|name| name.eq_ignore_ascii_case(local))
}

fn is_word_element(local: &str) -> bool {
    WORD_ELEMENTS.iter().any(|name| name.eq_ignore_ascii_case(local))
}

/// Whether an open element may contain an element with a role.
fn is_expected(open: &OpenElement<'_>, ns: Namespace, role: ElementRole, has_entry: bool) -> bool {
    let is_entry = matches!(role, ElementRole::Entry | ElementRole::Channel);
    match open.role {
        _ if is_entry && has_entry => false,
        None => !is_extension(open.ns) || open.ns == Namespace::Sitemap,
        Some(ElementRole::Group) => match open.ns {
            Namespace::GeoRss | Namespace::Gml | Namespace::Geo => {
                matches!(ns, Namespace::GeoRss | Namespace::Gml | Namespace::Geo)
            }
            // `skipHours` and `skipDays`, else a list of entries.
            Namespace::Core | Namespace::Atom | Namespace::Rdf => {
                match split_prefix(open.name).1.as_bytes().first() {
                    Some(b's' | b'S') => {
                        matches!(role, ElementRole::Text(FieldKind::Day | FieldKind::Hour, _))
                    }
                    _ => matches!(
                        role,
                        ElementRole::Entry | ElementRole::Group | ElementRole::Opaque
                    ),
                }
            }
            own => ns == own,
        },
        // What is in it is not used anyway.
        Some(ElementRole::Opaque) => !is_entry,
        Some(ElementRole::Attributes(_)) => is_extension(open.ns) && ns == open.ns,
        Some(_) => false,
    }
}

/// Whether an entry or feed begins in one of the other dialect: it is quoted there.
fn is_other_document(open: &OpenElement<'_>, element: &FeedElement<'_>, role: ElementRole) -> bool {
    let is_document = matches!(role, ElementRole::Entry | ElementRole::Channel)
        && matches!(open.kind, OpenKind::Channel | OpenKind::Entry);
    let (prefix, local) = split_prefix(element.name);
    // Some programs declare another namespace on entries by accident, but none with a prefix.
    is_document
        && match (open.ns, element.ns) {
            // A feed of Atom may forget its own namespace.
            (Namespace::Core, Namespace::Atom) => {
                matches!(local, "entry" | "feed")
                    && !matches!(split_prefix(open.name).1, "entry" | "feed")
            }
            (Namespace::Atom, Namespace::Core) => !prefix.is_empty(),
            _ => false,
        }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_around_words_are_sorted() {
        assert!(WORD_ELEMENTS.is_sorted() && BODY_ELEMENTS.is_sorted());
    }
}
