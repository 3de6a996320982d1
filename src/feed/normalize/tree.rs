//! Start tags, end tags and texts in any order → markup that is well nested: every element ends,
//! within what it began in, and no deeper than a fixed number of them.
//!
//! HTML parsers build such a tree too, in time that grows with the square of the nesting (64 KiB of
//! open `<div>` took 1.9 seconds, measured). This one takes linear time, and what it writes is
//! already the tree that a parser builds from it: implied ends are written (HTML Living Standard,
//! section 13.2.6.4), rows and cells that a table lacks are added, links never stand in links.
//! Nothing goes on behind the end of its block: a forgotten `</b>` harms one paragraph only.

use super::elements::{Element, IMPLIED_CELL, IMPLIED_ROW, IMPLIED_ROWS, LINK, PARAGRAPH, Role};
use super::escape;

/// Elements that may be open at once (the lower end of the advice 128 to 512; browsers stop at 512).
const DEEPEST: usize = 128;
/// A table needs room for its parts, so that they are never the ones that are dropped.
const ROOM_FOR_TABLE: usize = 8;
/// Bytes of inline tags that may be written again behind an implied end, in one text: a long address
/// that is repeated in ten thousand paragraphs must not grow the text.
const MOST_REPEATED_BYTES: usize = 16 * 1024;

struct Open {
    element: &'static Element,
    /// Where its start tag begins.
    start: usize,
    /// Where its content begins.
    content: usize,
    /// Its end tag was seen while a block within it was open: it ends with that block.
    is_over: bool,
}

/// A well-nested tree in the making, as text.
#[derive(Default)]
pub(super) struct Tree {
    out: String,
    open: Vec<Open>,
    repeated_bytes: usize,
    flattened_count: usize,
}

impl Tree {
    /// Text, entities resolved.
    pub(super) fn text(&mut self, text: &str) {
        if text.chars().all(char::is_whitespace) {
            if !self.is_between_cells() {
                self.push_text(text);
            }
        } else {
            self.enter_cell();
            self.push_text(text);
        }
    }

    /// A start tag with its attributes as they are to be written.
    pub(super) fn start(&mut self, element: &'static Element, attributes: &str) {
        let role = element.role;
        let room = if role == Role::Table { ROOM_FOR_TABLE } else { 0 };
        let is_part = matches!(role, Role::Caption | Role::Rows | Role::Row | Role::Cell);
        if self.open.len() + room >= DEEPEST && !is_part {
            self.flattened_count += 1;
            return;
        }
        if let Some(again) = self.make_room(role) {
            self.push_start(element, attributes);
            self.open_again(again);
        }
    }

    /// A tag without content: a line break, a rule, a picture.
    pub(super) fn void(&mut self, element: &'static Element, attributes: &str) {
        if let Some(again) = self.make_room(element.role) {
            self.push_tag(element, attributes);
            self.open_again(again);
        }
    }

    /// An end tag; one that ends nothing is nothing.
    pub(super) fn end(&mut self, element: &Element) {
        let same = |open: &Open| open.element.written == element.written;
        let role = element.role;
        let found = match role {
            Role::Inline | Role::Link | Role::Ruby => return self.end_inline(element),
            Role::RubyText | Role::Paragraph => self.nearest(same, is_inline),
            Role::Heading => self.nearest(of(role), is_no_wall),
            Role::Item => self.nearest(same, is_in_list),
            Role::Block | Role::List | Role::Term => self.nearest(same, is_no_wall),
            Role::Table => self.nearest(same, |_| true),
            Role::Caption | Role::Rows | Role::Row | Role::Cell => {
                self.nearest(of(role), |outer| outer.role != Role::Table)
            }
            _ => None,
        };
        if let Some(index) = found {
            self.close_to(index);
        }
    }

    /// Whether a link is open.
    pub(super) fn is_in_link(&self) -> bool {
        self.open.iter().any(|open| open.element.role == Role::Link)
    }

    /// A paragraph of its own with a link.
    pub(super) fn link_paragraph(&mut self, attributes: &str, text: &str) {
        let is_in_link = self.is_in_link();
        self.start(&PARAGRAPH, "");
        if is_in_link {
            self.text(text);
        } else {
            self.start(&LINK, attributes);
            self.text(text);
            self.end(&LINK);
        }
        self.end(&PARAGRAPH);
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Ends everything: the markup, and how many tags were dropped because they stood too deep.
    pub(super) fn finish(mut self) -> (String, usize) {
        self.close_to(0);
        (self.out.trim().to_owned(), self.flattened_count)
    }

    /// Ends what cannot go on when an element of this role begins. Gives the inline tags that begin
    /// again within it; `None`: it cannot stand here.
    fn make_room(&mut self, role: Role) -> Option<Vec<Repeated>> {
        match role {
            Role::Caption | Role::Rows => {
                let table = self.nearest(of(Role::Table), |_| true)?;
                self.close_to(table + 1);
                return Some(Vec::new());
            }
            Role::Row => return self.enter_rows().map(|()| Vec::new()),
            Role::Cell => return self.enter_row().map(|()| Vec::new()),
            Role::RubyText => {
                let ruby = self.nearest(of(Role::Ruby), is_inline_or_paragraph)?;
                self.close_to(ruby + 1);
                return Some(Vec::new());
            }
            _ => self.enter_cell(),
        }
        match role {
            Role::Link if self.is_in_link() => {
                let link = self.nearest(of(Role::Link), is_no_wall)?;
                let again = self.inline_tags(link + 1);
                self.close_to(link);
                Some(again)
            }
            Role::Inline | Role::Link | Role::Ruby | Role::Break | Role::Picture => {
                Some(Vec::new())
            }
            _ => Some(self.make_room_for_block(role)),
        }
    }

    fn make_room_for_block(&mut self, role: Role) -> Vec<Repeated> {
        let mut again = Vec::new();
        if let Some(index) = self.nearest(of(Role::Paragraph), is_inline) {
            // In a table or a list there is no place for them.
            if !matches!(role, Role::Table | Role::List) {
                again = self.inline_tags(index);
            }
            self.close_to(index);
        }
        let ended = match role {
            Role::Heading => self.nearest(of(Role::Heading), is_inline),
            Role::Item => self.nearest(of(Role::Item), is_in_list),
            Role::Term => self.nearest(of(Role::Term), is_in_terms),
            _ => None,
        };
        if let Some(index) = ended {
            self.close_to(index);
        }
        again
    }

    fn is_between_cells(&self) -> bool {
        let innermost = self.open.last().map(|open| open.element.role);
        matches!(innermost, Some(Role::Table | Role::Rows | Role::Row))
    }

    /// What stands in a table outside of its cells gets a cell.
    fn enter_cell(&mut self) {
        if self.is_between_cells() && self.enter_row().is_some() {
            self.push_start(&IMPLIED_CELL, "");
        }
    }

    fn enter_row(&mut self) -> Option<()> {
        let is_part =
            |open: &Open| matches!(open.element.role, Role::Row | Role::Rows | Role::Table);
        let index = self.nearest(is_part, |_| true)?;
        self.close_to(index + 1);
        if self.open.get(index)?.element.role != Role::Row {
            self.enter_rows()?;
            self.push_start(&IMPLIED_ROW, "");
        }
        Some(())
    }

    fn enter_rows(&mut self) -> Option<()> {
        let is_part = |open: &Open| matches!(open.element.role, Role::Rows | Role::Table);
        let index = self.nearest(is_part, |_| true)?;
        self.close_to(index + 1);
        if self.open.get(index)?.element.role == Role::Table {
            self.push_start(&IMPLIED_ROWS, "");
        }
        Some(())
    }

    /// The end of an inline element: those within it that have not ended begin again behind it; when
    /// a block within it has not ended, it waits for that.
    fn end_inline(&mut self, element: &Element) {
        let same = |open: &Open| open.element.written == element.written && !open.is_over;
        if let Some(index) = self.nearest(same, is_inline) {
            let again = self.inline_tags(index + 1);
            self.close_to(index);
            self.open_again(again);
        } else if let Some(index) = self.nearest(same, is_no_wall) {
            self.open[index].is_over = true;
        }
    }

    /// The innermost open element that is wanted, seen through those that `passes` names.
    fn nearest(
        &self,
        wanted: impl Fn(&Open) -> bool,
        passes: impl Fn(&Element) -> bool,
    ) -> Option<usize> {
        for (index, open) in self.open.iter().enumerate().rev() {
            if wanted(open) {
                return Some(index);
            }
            if !passes(open.element) {
                return None;
            }
        }
        None
    }

    /// The inline tags that are open from `index` on.
    fn inline_tags(&self, index: usize) -> Vec<Repeated> {
        let inline = self.open[index..]
            .iter()
            .filter(|open| !open.is_over && matches!(open.element.role, Role::Inline | Role::Link));
        inline
            .map(|open| Repeated {
                element: open.element,
                tag: self.out[open.start..open.content].to_owned(),
            })
            .collect()
    }

    fn open_again(&mut self, tags: Vec<Repeated>) {
        for Repeated { element, tag } in tags {
            self.repeated_bytes += tag.len();
            if self.repeated_bytes > MOST_REPEATED_BYTES || self.open.len() >= DEEPEST {
                return;
            }
            let start = self.out.len();
            self.out.push_str(&tag);
            self.open.push(Open { element, start, content: self.out.len(), is_over: false });
        }
    }

    /// Closes until `count` elements are open, and then those that only waited for it.
    fn close_to(&mut self, count: usize) {
        while self.open.len() > count || self.open.last().is_some_and(|open| open.is_over) {
            self.close_last();
        }
    }

    /// Ends the innermost element; one that holds nothing is taken back.
    fn close_last(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let content = &self.out[open.content..];
        let is_empty = match open.element.role {
            Role::Inline | Role::Link => content.is_empty(),
            Role::Cell | Role::RubyText => false,
            _ => is_blank(content),
        };
        if !is_empty {
            self.out.push_str("</");
            self.out.push_str(open.element.written);
            self.out.push('>');
            return;
        }
        self.out.truncate(open.start);
        let parts_words = !open.element.role.is_inline() && !self.is_between_cells();
        if parts_words && !self.out.ends_with(char::is_whitespace) {
            self.push_text("\n");
        }
    }

    fn push_text(&mut self, text: &str) {
        // A parser drops the line break that a `pre` begins with.
        let begins_pre = self
            .open
            .last()
            .is_some_and(|open| open.element.written == "pre" && open.content == self.out.len());
        let text = if begins_pre { text.trim_start_matches(['\r', '\n']) } else { text };
        escape::push_text(&mut self.out, text);
    }

    fn push_start(&mut self, element: &'static Element, attributes: &str) {
        let start = self.out.len();
        self.push_tag(element, attributes);
        self.open.push(Open { element, start, content: self.out.len(), is_over: false });
    }

    fn push_tag(&mut self, element: &Element, attributes: &str) {
        self.out.push('<');
        self.out.push_str(element.written);
        self.out.push_str(attributes);
        self.out.push('>');
    }
}

/// An inline tag that begins again.
struct Repeated {
    element: &'static Element,
    tag: String,
}

fn of(role: Role) -> impl Fn(&Open) -> bool {
    move |open| open.element.role == role
}

fn is_inline(element: &Element) -> bool {
    element.role.is_inline()
}

fn is_inline_or_paragraph(element: &Element) -> bool {
    element.role.is_inline() || element.role == Role::Paragraph
}

fn is_no_wall(element: &Element) -> bool {
    !element.role.is_wall()
}

fn is_in_list(element: &Element) -> bool {
    !element.role.is_wall() && element.role != Role::List
}

fn is_in_terms(element: &Element) -> bool {
    !element.role.is_wall() && element.written != "dl"
}

/// Whether markup shows nothing: white space and line breaks only.
fn is_blank(markup: &str) -> bool {
    let mut rest = markup.trim_start();
    while let Some(after) = rest.strip_prefix("<br>") {
        rest = after.trim_start();
    }
    rest.is_empty()
}
