//! Loose tokens → the facts of a feed and its entries, by a stack with the grammar of feeds.
//!
//! | what stands there | what it does |
//! | --- | --- |
//! | a new entry | ends the one that is open |
//! | an end tag | ends what is open up to its element; without one it is passed over |
//! | a tag inside a text | markup of the text, unless only feeds have such an element: that ends it |
//! | an unknown element | its children count, but only where nothing better is said |
//! | the end of the document | ends everything: what came before the cut is whole |
//!
//! `elements` has the start tags, `texts` what stands between them, `wrongs` what is noted on the way.

mod elements;
mod texts;
mod wrongs;

use std::rc::Rc;

use url::Url;

use super::emit::Writer;
use super::entities::Entities;
use super::facts::Facts;
use super::gather::Gathered;
use super::leaf::{Closes, Leaf};
use super::mends::Mends;
use super::names::{Mark, Scopes, split};
use super::roles::Gathers;
use super::sniff::is_declaration;
use super::tokens::{Token, Tokens};
use texts::LeafSays;
use wrongs::Cut;

/// Elements open at once; real feeds need seven. Deeper ones are passed over: the strict parsers
/// recurse, and 2,500 levels of 10 bytes overflow their stack.
const DEEPEST: usize = 64;
/// Entries of one document: the longest real feed seen has 2,000. What comes after is counted.
const MOST_ENTRIES: usize = 5_000;

/// One open element.
struct Open<'a> {
    name: &'a str,
    what: What,
    mark: Mark,
    base: Option<Rc<str>>,
    shade: Shade,
}

enum What {
    Root,
    Channel,
    Entry,
    Other,
    Gather(Gathers, Box<Gathered>),
}

/// How far what stands in an element is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Shade {
    /// It is about the entry or feed.
    Clear,
    /// In an unknown element: better than nothing.
    Unknown,
    /// It is about something else.
    Opaque,
}

/// What a walk found.
pub(super) struct Found<'a> {
    pub(super) feed: Facts<'a>,
    pub(super) writer: Writer,
    pub(super) mends: Mends,
    /// Whether an element was seen that only a feed has inside its root.
    pub(super) is_feed: bool,
}

/// A walk over one document.
pub(super) struct Walk<'a> {
    scopes: Scopes<'a>,
    entities: Entities,
    mends: Mends,
    stack: Vec<Open<'a>>,
    /// Elements open beyond `DEEPEST`.
    beyond: usize,
    leaf: Option<(Leaf<'a>, LeafSays)>,
    cuts: Vec<Cut<'a>>,
    feed: Facts<'a>,
    entry: Option<Box<Facts<'a>>>,
    /// `<link/>` was seen: the words behind it are its address.
    link_follows: bool,
    writer: Writer,
    is_feed: bool,
    /// Where the token stands that is walked just now.
    at: usize,
    /// Names of elements are written in capitals, by the specification (CDF, RSS 1.1).
    has_capitals: bool,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        writer: Writer,
        scopes: Scopes<'a>,
        doctype: Option<&str>,
        mends: Mends,
    ) -> Self {
        let mut entities = Entities::default();
        if let Some(doctype) = doctype {
            entities.declare(doctype);
        }
        Self {
            scopes,
            entities,
            mends,
            stack: Vec::with_capacity(16),
            beyond: 0,
            leaf: None,
            cuts: Vec::new(),
            feed: Facts::default(),
            entry: None,
            link_follows: false,
            writer,
            is_feed: false,
            at: 0,
            has_capitals: false,
        }
    }

    /// Walks `text` from the root's start tag at `root_at` to the root's end.
    pub(super) fn run(mut self, text: &'a str, root_at: usize) -> Found<'a> {
        let rest = text.get(root_at..).unwrap_or_default();
        let mut may_end = true;
        let mut ended = false;
        let mut tokens = Tokens::of(rest);
        while let Some((at, token)) = tokens.next() {
            self.at = root_at + at;
            if let Some(fault) = tokens.take_fault() {
                self.mends.note_fault(fault, root_at, self.entry_index());
            }
            self.take(token);
            self.note_references(token);
            if may_end && self.stack.is_empty() && matches!(token, Token::End(_)) {
                // Some feeds end too early and go on all the same.
                may_end = has_more(text, self.at);
                ended = !may_end;
                if ended {
                    break;
                }
            }
        }
        if ended {
            self.note_rest(tokens, root_at);
        } else if let Some(open) = self.stack.last() {
            let name = open.name;
            self.mends.note("document-cut", text.len(), None, || {
                format!("the document ends inside <{name}>; what came before is kept")
            });
        }
        self.at = text.len();
        self.leave_leaf();
        self.close_to(0);
        self.note_dropped(None);
        let Self { feed, writer, mends, is_feed, .. } = self;
        Found { feed, writer, mends, is_feed }
    }

    fn take(&mut self, token: Token<'a>) {
        match token {
            Token::Start { name, attributes, closed } => self.start(name, attributes, closed),
            Token::End(name) => self.end(name),
            Token::Text(words) => self.text(words),
            Token::Cdata(words) => self.cdata(words),
            Token::Instruction(inside) if is_declaration(inside) => {
                self.note("second-declaration", || {
                    "a second XML declaration is passed over".to_owned()
                });
            }
            Token::Doctype(..) => self.note("malformed-markup", || {
                "a document type declaration inside the root is passed over".to_owned()
            }),
            Token::Instruction(_) | Token::Other => {}
        }
    }

    /// Notes a mend at the token that is walked just now.
    fn note(&mut self, code: &'static str, detail: impl FnOnce() -> String) {
        let entry = self.entry_index();
        self.mends.note(code, self.at, entry, detail);
    }

    fn entry_index(&self) -> Option<usize> {
        self.entry.is_some().then(|| self.writer.entries_count())
    }

    /// Where facts go just now.
    fn facts(&mut self) -> &mut Facts<'a> {
        match &mut self.entry {
            Some(entry) => entry,
            None => &mut self.feed,
        }
    }

    fn shade(&self) -> Shade {
        self.stack.last().map_or(Shade::Clear, |open| open.shade)
    }

    fn base(&self) -> Option<Rc<str>> {
        self.stack.last().and_then(|open| open.base.clone())
    }

    fn end(&mut self, name: &'a str) {
        self.link_follows = false;
        if let Some((leaf, _)) = &mut self.leaf {
            // A text may hold an element of its own name (`summary` in `details`).
            match leaf.close(name) {
                Closes::Last => return,
                Closes::Around(open) => return self.note_unclosed(open, name),
                Closes::Nothing => {}
            }
            if leaf.is_named(name) {
                let opened = leaf.name;
                self.note_other_name(opened, name);
                self.leave_leaf();
                return;
            }
        }
        if self.beyond > 0 && !ends_holder(name) {
            self.beyond -= 1;
            return;
        }
        let (_, local) = split(name);
        let is_it = |open: &Open<'a>| split(open.name).1.eq_ignore_ascii_case(local);
        let Some(open) = self.stack.iter().rposition(is_it) else {
            return self.end_nothing(name);
        };
        if self.leaf.is_some() || open + 1 < self.stack.len() {
            self.note("crossed-tags", || format!("</{name}> ends elements that are still open"));
        }
        if let Some(opened) = self.stack.get(open).map(|open| open.name) {
            self.note_other_name(opened, name);
        }
        self.close_leaf();
        self.close_to(open);
    }

    /// Ends the text that is open, whose end has come; markup in it should have ended before.
    fn leave_leaf(&mut self) {
        if let Some((leaf, _)) = &self.leaf
            && let Some(open) = leaf.unclosed()
        {
            let name = leaf.name;
            self.note_unclosed(open, name);
        }
        self.close_leaf();
    }

    /// Ends open elements until `count` are left.
    fn close_to(&mut self, count: usize) {
        if !self.cuts.is_empty() {
            self.note_cuts(count);
        }
        while self.stack.len() > count {
            let Some(open) = self.stack.pop() else { return };
            self.scopes.back_to(open.mark);
            match open.what {
                What::Entry => {
                    self.note_dropped(self.entry_index());
                    self.finish_entry();
                }
                What::Gather(kind, gathered) => gathered.give(kind, self.facts()),
                What::Root | What::Channel | What::Other => {}
            }
        }
        self.beyond = 0;
    }

    fn finish_entry(&mut self) {
        let Some(mut entry) = self.entry.take() else { return };
        if self.writer.entries_count() < MOST_ENTRIES {
            self.writer.entry(&mut entry);
        } else {
            self.note("too-many-entries", || {
                format!("entries beyond the first {MOST_ENTRIES} were left out")
            });
        }
    }
}

/// Whether an end tag may end an entry or a feed.
fn ends_holder(name: &str) -> bool {
    let holders = ["item", "entry", "channel", "feed", "rss", "rdf", "url", "urlset"];
    holders.iter().any(|holder| split(name).1.eq_ignore_ascii_case(holder))
}

/// Whether entries follow what looks like the root's end.
fn has_more(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default();
    ["<item", "<entry", "<url>"].iter().any(|entry| rest.contains(entry))
}

/// An address against a base; as it is when there is none. `None`: the two do not fit together.
fn joined(base: Option<&str>, address: &str) -> Option<String> {
    let Some(base) = base.and_then(|base| Url::parse(base).ok()) else {
        return Some(address.to_owned());
    };
    base.join(address).ok().map(String::from)
}
