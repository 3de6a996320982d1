//! Loose tokens → the fields of a feed and its entries, by a stack with the grammar of feeds.
//!
//! | token | effect |
//! | --- | --- |
//! | a new entry | ends the entry that is open |
//! | an end tag | ends everything that is open up to its element; without such an element it is skipped |
//! | a tag inside a text | markup of the text, unless only feeds have such an element and the text is not whole: that ends the text |
//! | an unknown element | its children count, but only where there is no better value; those of a whole extension do not count |
//! | the end of the document | ends everything: what precedes the cut is whole |
//!
//! `start_tags` has the start tags, `linked_values` those with the value in their attributes, `placement`
//! what becomes of tags where they are not expected,
//! `spaced_tags` tags with a space before their name, `character_data` the text between the tags, `warnings` what is recorded on the way.

mod character_data;
mod linked_values;
mod placement;
mod spaced_tags;
mod start_tags;
mod warnings;

use std::rc::Rc;

use url::Url;

use super::canonical_writer::CanonicalWriter;
use super::container_fields::ContainerFields;
use super::element_roles::{ContainerElement, ElementRole};
use super::entities::Entities;
use super::feed_fields::FeedFields;
use super::namespaces::{Namespace, NamespaceScopes, ScopeMark, split_prefix};
use super::repairs::Repairs;
use super::sniff::is_declaration;
use super::text_element::{EndTagEffect, TextElement};
use super::tokens::{XmlToken, XmlTokens};
use super::whole_elements::WholeElements;
use character_data::TextAttributes;

/// Elements open at once; real feeds need seven. Deeper ones are skipped: the strict parsers recurse, and
/// 2,500 levels of 10 bytes overflow their stack.
const DEEPEST: usize = 64;
/// Entries of one document: the longest real feed seen has 2,000. Further entries are only counted.
const MOST_ENTRIES: usize = 5_000;

/// One open element.
struct OpenElement<'a> {
    name: &'a str,
    /// Where its start tag is.
    at: usize,
    ns: Namespace,
    role: Option<ElementRole>,
    kind: OpenKind,
    mark: ScopeMark,
    base: Option<Rc<str>>,
    trust: ElementTrust,
}

enum OpenKind {
    Root,
    Channel,
    Entry,
    Other,
    /// Markup around the words of a person, picture or origin.
    Words,
    /// `media:content` that is a picture; its index among the pictures of the entry or feed.
    Picture(usize),
    Container(ContainerElement, Box<ContainerFields>),
}

/// How far the content of an element is trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ElementTrust {
    /// It is about the entry or feed.
    Trusted,
    /// It is in an unknown element and is used only where there is no better value.
    UnknownElement,
    /// It is about something else.
    OtherSubject,
}

/// The result of a walk.
pub(super) struct WalkResult<'a> {
    pub(super) feed: FeedFields<'a>,
    pub(super) writer: CanonicalWriter,
    pub(super) repairs: Repairs,
    /// Whether an element was found that only a feed has inside its root.
    pub(super) is_feed: bool,
}

/// A text, person, picture or origin that an element interrupted. If its end tag comes later, the element
/// was inside it; otherwise it was not closed.
struct InterruptedElement<'a> {
    name: &'a str,
    /// The element that interrupted it, and where that element is.
    by: &'a str,
    at: usize,
    /// Elements that were open around it.
    depth: usize,
    /// Whether it is a text that is not used, in which elements are allowed.
    is_closed_late: bool,
}

/// A walk over one document.
pub(super) struct FeedWalk<'a> {
    scopes: NamespaceScopes<'a>,
    entities: Entities,
    repairs: Repairs,
    stack: Vec<OpenElement<'a>>,
    /// Elements open beyond `DEEPEST`.
    too_deep_count: usize,
    open_text: Option<(TextElement<'a>, TextAttributes)>,
    cuts: Vec<InterruptedElement<'a>>,
    feed: FeedFields<'a>,
    entry: Option<Box<FeedFields<'a>>>,
    /// `<link/>` was found: the words after it are its address.
    link_follows: bool,
    writer: CanonicalWriter,
    is_feed: bool,
    /// The whole document, and where its root is.
    text: &'a str,
    root_at: usize,
    /// Which elements are whole; `None`: this was not needed yet.
    whole: Option<WholeElements>,
    /// Elements open in one that is skipped, that one included.
    skipped_depth: usize,
    /// Where the current token is.
    at: usize,
    /// Element names are written in capitals, by the specification (CDF, RSS 1.1).
    has_capitals: bool,
}

impl<'a> FeedWalk<'a> {
    pub(super) fn new(
        writer: CanonicalWriter,
        scopes: NamespaceScopes<'a>,
        doctype: Option<&str>,
        repairs: Repairs,
    ) -> Self {
        let mut entities = Entities::default();
        if let Some(doctype) = doctype {
            entities.declare(doctype);
        }
        Self {
            scopes,
            entities,
            repairs,
            stack: Vec::with_capacity(16),
            too_deep_count: 0,
            open_text: None,
            cuts: Vec::new(),
            feed: FeedFields::default(),
            entry: None,
            link_follows: false,
            writer,
            is_feed: false,
            text: "",
            root_at: 0,
            whole: None,
            skipped_depth: 0,
            at: 0,
            has_capitals: false,
        }
    }

    /// Walks `text` from the root's start tag at `root_at` to the root's end.
    pub(super) fn run(mut self, text: &'a str, root_at: usize) -> WalkResult<'a> {
        (self.text, self.root_at) = (text, root_at);
        let rest = text.get(root_at..).unwrap_or_default();
        let mut may_end = true;
        let mut ended = false;
        let mut tokens = XmlTokens::new(rest);
        while let Some((at, token)) = tokens.next() {
            self.at = root_at + at;
            let fault = tokens.take_fault();
            if self.skipped_depth > 0 {
                self.skip_token(token);
                continue;
            }
            let is_spaced = fault.is_some() && self.take_spaced_tags(token);
            if let Some(fault) = fault.filter(|_| !is_spaced) {
                self.repairs.record_fault(fault, root_at, self.entry_index());
            }
            if !is_spaced {
                self.take_token(token);
            }
            self.record_references(token);
            if may_end && self.stack.is_empty() && matches!(token, XmlToken::End(_)) {
                // Some feeds close their root too early and continue.
                may_end = has_more_entries(text, self.at);
                ended = !may_end;
                if ended {
                    break;
                }
            }
        }
        if ended {
            self.record_rest(tokens, root_at);
        } else if let Some(open) = self.stack.last() {
            let name = open.name;
            self.repairs.record("document-cut", text.len(), None, || {
                format!("the document ends inside <{name}>; what came before is kept")
            });
        }
        self.at = text.len();
        self.end_text();
        self.close_to(0);
        self.record_dropped(None);
        let Self { feed, writer, repairs, is_feed, .. } = self;
        WalkResult { feed, writer, repairs, is_feed }
    }

    fn take_token(&mut self, token: XmlToken<'a>) {
        match token {
            XmlToken::Start { name, attributes, closed } => {
                self.open_element(name, attributes, closed);
            }
            XmlToken::End(name) => self.close_element(name),
            XmlToken::Text(words) => self.take_text(words),
            XmlToken::Cdata(words) => self.take_cdata(words),
            XmlToken::Instruction(inside) if is_declaration(inside) => {
                self.record_repair("second-declaration", || {
                    "a second XML declaration is passed over".to_owned()
                });
            }
            XmlToken::Doctype(..) => self.record_repair("malformed-markup", || {
                "a document type declaration inside the root is passed over".to_owned()
            }),
            XmlToken::Instruction(_) | XmlToken::Other => {}
        }
    }

    /// Passes over a token of an element that is skipped; it is whole, so its tags are balanced.
    fn skip_token(&mut self, token: XmlToken<'_>) {
        match token {
            XmlToken::Start { closed: false, .. } => self.skipped_depth += 1,
            XmlToken::End(_) => self.skipped_depth -= 1,
            _ => {}
        }
    }

    /// Records a repair at the current token.
    fn record_repair(&mut self, code: &'static str, detail: impl FnOnce() -> String) {
        let entry = self.entry_index();
        self.repairs.record(code, self.at, entry, detail);
    }

    fn entry_index(&self) -> Option<usize> {
        self.entry.is_some().then(|| self.writer.entries_count())
    }

    /// The fields of the current entry, or of the feed.
    fn current_fields(&mut self) -> &mut FeedFields<'a> {
        match &mut self.entry {
            Some(entry) => entry,
            None => &mut self.feed,
        }
    }

    fn current_trust(&self) -> ElementTrust {
        self.stack.last().map_or(ElementTrust::Trusted, |open| open.trust)
    }

    fn current_base(&self) -> Option<Rc<str>> {
        self.stack.last().and_then(|open| open.base.clone())
    }

    fn close_element(&mut self, name: &'a str) {
        self.link_follows = false;
        if let Some((element, _)) = &mut self.open_text {
            // A text may contain an element of its own name (`summary` in `details`).
            match element.close_tag(name) {
                EndTagEffect::ClosesLast => return,
                EndTagEffect::ClosesAround(open) => return self.record_unclosed(open, name),
                EndTagEffect::Nothing => {}
            }
            if element.is_named(name) {
                let opened = element.name;
                self.record_other_name(opened, name);
                self.end_text();
                return;
            }
        }
        if self.too_deep_count > 0 && !may_end_feed_or_entry(name) {
            self.too_deep_count -= 1;
            return;
        }
        let (_, local) = split_prefix(name);
        let has_name =
            |open: &OpenElement<'a>| split_prefix(open.name).1.eq_ignore_ascii_case(local);
        let Some(open) = self.stack.iter().rposition(has_name) else {
            return self.handle_stray_end_tag(name);
        };
        if self.open_text.is_some() || open + 1 < self.stack.len() {
            self.record_repair("crossed-tags", || {
                format!("</{name}> ends elements that are still open")
            });
        }
        if let Some(opened) = self.stack.get(open).map(|open| open.name) {
            self.record_other_name(opened, name);
        }
        self.finish_text();
        self.close_to(open);
    }

    /// Ends the open text at its end tag; markup in it should have ended before.
    fn end_text(&mut self) {
        if let Some((element, _)) = &self.open_text
            && let Some(open) = element.unclosed_tag()
        {
            let name = element.name;
            self.record_unclosed(open, name);
        }
        self.finish_text();
    }

    /// Ends open elements until `count` are left.
    fn close_to(&mut self, count: usize) {
        if !self.cuts.is_empty() {
            self.record_interrupted(count);
        }
        while self.stack.len() > count {
            let Some(open) = self.stack.pop() else { return };
            self.scopes.restore(open.mark);
            match open.kind {
                OpenKind::Entry => {
                    self.record_dropped(self.entry_index());
                    self.finish_entry();
                }
                OpenKind::Container(kind, container) => {
                    container.store_in(kind, self.current_fields());
                }
                OpenKind::Root
                | OpenKind::Channel
                | OpenKind::Other
                | OpenKind::Picture(_)
                | OpenKind::Words => {}
            }
        }
        self.too_deep_count = 0;
    }

    fn finish_entry(&mut self) {
        let Some(mut entry) = self.entry.take() else { return };
        if self.writer.entries_count() < MOST_ENTRIES {
            self.writer.write_entry(&mut entry);
        } else {
            self.record_repair("too-many-entries", || {
                format!("entries beyond the first {MOST_ENTRIES} were left out")
            });
        }
    }
}

/// Whether an end tag may end an entry or a feed.
fn may_end_feed_or_entry(name: &str) -> bool {
    let holders = ["item", "entry", "channel", "feed", "rss", "rdf", "url", "urlset"];
    holders.iter().any(|holder| split_prefix(name).1.eq_ignore_ascii_case(holder))
}

/// Whether entries follow an end tag that looks like the root's.
fn has_more_entries(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    ["<item", "<entry", "<url>"].iter().any(|entry| rest.contains(entry))
}

/// An address, resolved against a base; unchanged without one. `None`: the two do not fit together.
fn join_address(base: Option<&str>, address: &str) -> Option<String> {
    let Some(base) = base.and_then(|base| Url::parse(base).ok()) else {
        return Some(address.to_owned());
    };
    base.join(address).ok().map(String::from)
}

#[cfg(test)]
mod tests;
