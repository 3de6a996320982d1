//! Start tags, end tags and texts in any order → well-nested markup: every element ends within the
//! element in which it began, and the depth is limited.
//!
//! HTML parsers build such a tree, too, in time that grows with the square of the nesting (64 KiB
//! of open `<div>` took 1.9 seconds, measured). This module takes linear time, and a parser builds
//! the same tree from its output: implied end tags are written (HTML Living Standard, section
//! 13.2.6.4), missing rows and cells of a table are added, links are never nested in links. No
//! element continues behind the end of its block: a forgotten `</b>` affects one paragraph only.

use super::elements::{
    HtmlElement, HtmlRole, IMPLIED_CELL, IMPLIED_ROW, IMPLIED_ROWS, LINK, PARAGRAPH,
};
use super::escape;

/// The most elements that may be open at once (the lower end of the advice 128 to 512; browsers
/// stop at 512).
const DEEPEST: usize = 128;
/// The depth that is reserved for a table, so that its parts are never dropped.
const ROOM_FOR_TABLE: usize = 8;
/// The most bytes of inline tags that may be repeated behind implied ends, in one text: a long
/// address repeated in ten thousand paragraphs must not inflate the text.
const MOST_REPEATED_BYTES: usize = 16 * 1024;

struct OpenTag {
    element: &'static HtmlElement,
    /// The start of its start tag.
    start: usize,
    /// The start of its content.
    content: usize,
    /// Its end tag was read while a block within it was open: it ends with that block.
    is_over: bool,
}

/// A well-nested tree under construction, as text.
#[derive(Default)]
pub(super) struct NestedMarkup {
    out: String,
    open: Vec<OpenTag>,
    repeated_bytes: usize,
    flattened_count: usize,
}

impl NestedMarkup {
    /// With room for this many bytes.
    pub(super) fn with_capacity(bytes: usize) -> Self {
        Self { out: String::with_capacity(bytes), ..Self::default() }
    }

    /// Text, entities resolved.
    pub(super) fn push_escaped_text(&mut self, text: &str) {
        if text.chars().all(char::is_whitespace) {
            if !self.is_between_cells() {
                self.push_text(text);
            }
        } else {
            self.enter_cell();
            self.push_text(text);
        }
    }

    /// A start tag with its attributes, ready to write.
    pub(super) fn start_element(&mut self, element: &'static HtmlElement, attributes: &str) {
        let role = element.role;
        let room = if role == HtmlRole::Table { ROOM_FOR_TABLE } else { 0 };
        let is_part =
            matches!(role, HtmlRole::Caption | HtmlRole::Rows | HtmlRole::Row | HtmlRole::Cell);
        if self.open.len() + room >= DEEPEST && !is_part {
            self.flattened_count += 1;
            return;
        }
        if let Some(again) = self.make_room(role) {
            self.push_start(element, attributes);
            self.reopen(again);
        }
    }

    /// A tag without content: a line break, a rule, a picture.
    pub(super) fn push_void(&mut self, element: &'static HtmlElement, attributes: &str) {
        if let Some(again) = self.make_room(element.role) {
            self.push_tag(element, attributes);
            self.reopen(again);
        }
    }

    /// An end tag; one without a matching element is ignored.
    pub(super) fn end_element(&mut self, element: &HtmlElement) {
        let same = |open: &OpenTag| open.element.written == element.written;
        let role = element.role;
        let found = match role {
            HtmlRole::Inline | HtmlRole::Link | HtmlRole::Ruby => return self.end_inline(element),
            HtmlRole::RubyText | HtmlRole::Paragraph => self.find_nearest(same, is_inline),
            HtmlRole::Heading => self.find_nearest(has_role(role), is_not_boundary),
            HtmlRole::Item => self.find_nearest(same, is_in_list),
            HtmlRole::Block | HtmlRole::List | HtmlRole::Term => {
                self.find_nearest(same, is_not_boundary)
            }
            HtmlRole::Table => self.find_nearest(same, |_| true),
            HtmlRole::Caption | HtmlRole::Rows | HtmlRole::Row | HtmlRole::Cell => {
                self.find_nearest(has_role(role), |outer| outer.role != HtmlRole::Table)
            }
            _ => None,
        };
        if let Some(index) = found {
            self.close_to(index);
        }
    }

    /// Whether a link is open.
    pub(super) fn is_in_link(&self) -> bool {
        self.open.iter().any(|open| open.element.role == HtmlRole::Link)
    }

    /// A paragraph that contains only a link.
    pub(super) fn push_link_paragraph(&mut self, attributes: &str, text: &str) {
        let is_in_link = self.is_in_link();
        self.start_element(&PARAGRAPH, "");
        if is_in_link {
            self.push_escaped_text(text);
        } else {
            self.start_element(&LINK, attributes);
            self.push_escaped_text(text);
            self.end_element(&LINK);
        }
        self.end_element(&PARAGRAPH);
    }

    /// Bytes written so far.
    pub(super) fn len(&self) -> usize {
        self.out.len()
    }

    /// Ends all elements: returns the markup, and how many tags were dropped because they were too
    /// deep.
    pub(super) fn finish(mut self) -> (String, usize) {
        self.close_to(0);
        (self.out.trim().to_owned(), self.flattened_count)
    }

    /// Ends the elements that cannot continue when an element of this role begins. Returns the
    /// inline tags that begin again within it; `None`: it is not allowed here.
    fn make_room(&mut self, role: HtmlRole) -> Option<Vec<RepeatedTag>> {
        match role {
            HtmlRole::Caption | HtmlRole::Rows => {
                let table = self.find_nearest(has_role(HtmlRole::Table), |_| true)?;
                self.close_to(table + 1);
                return Some(Vec::new());
            }
            HtmlRole::Row => return self.enter_rows().map(|()| Vec::new()),
            HtmlRole::Cell => return self.enter_row().map(|()| Vec::new()),
            HtmlRole::RubyText => {
                let ruby = self.find_nearest(has_role(HtmlRole::Ruby), is_inline_or_paragraph)?;
                self.close_to(ruby + 1);
                return Some(Vec::new());
            }
            _ => self.enter_cell(),
        }
        match role {
            HtmlRole::Link if self.is_in_link() => {
                let link = self.find_nearest(has_role(HtmlRole::Link), is_not_boundary)?;
                let again = self.inline_tags(link + 1);
                self.close_to(link);
                Some(again)
            }
            HtmlRole::Inline
            | HtmlRole::Link
            | HtmlRole::Ruby
            | HtmlRole::Break
            | HtmlRole::Picture => Some(Vec::new()),
            _ => Some(self.make_room_for_block(role)),
        }
    }

    fn make_room_for_block(&mut self, role: HtmlRole) -> Vec<RepeatedTag> {
        let mut again = Vec::new();
        if let Some(index) = self.find_nearest(has_role(HtmlRole::Paragraph), is_inline) {
            // They are not allowed directly in a table or a list.
            if !matches!(role, HtmlRole::Table | HtmlRole::List) {
                again = self.inline_tags(index);
            }
            self.close_to(index);
        }
        let ended = match role {
            HtmlRole::Heading => self.find_nearest(has_role(HtmlRole::Heading), is_inline),
            HtmlRole::Item => self.find_nearest(has_role(HtmlRole::Item), is_in_list),
            HtmlRole::Term => self.find_nearest(has_role(HtmlRole::Term), is_in_description_list),
            _ => None,
        };
        if let Some(index) = ended {
            self.close_to(index);
        }
        again
    }

    fn is_between_cells(&self) -> bool {
        let innermost = self.open.last().map(|open| open.element.role);
        matches!(innermost, Some(HtmlRole::Table | HtmlRole::Rows | HtmlRole::Row))
    }

    /// Content of a table outside of its cells gets a cell.
    fn enter_cell(&mut self) {
        if self.is_between_cells() && self.enter_row().is_some() {
            self.push_start(&IMPLIED_CELL, "");
        }
    }

    fn enter_row(&mut self) -> Option<()> {
        let is_part = |open: &OpenTag| {
            matches!(open.element.role, HtmlRole::Row | HtmlRole::Rows | HtmlRole::Table)
        };
        let index = self.find_nearest(is_part, |_| true)?;
        self.close_to(index + 1);
        if self.open.get(index)?.element.role != HtmlRole::Row {
            self.enter_rows()?;
            self.push_start(&IMPLIED_ROW, "");
        }
        Some(())
    }

    fn enter_rows(&mut self) -> Option<()> {
        let is_part =
            |open: &OpenTag| matches!(open.element.role, HtmlRole::Rows | HtmlRole::Table);
        let index = self.find_nearest(is_part, |_| true)?;
        self.close_to(index + 1);
        if self.open.get(index)?.element.role == HtmlRole::Table {
            self.push_start(&IMPLIED_ROWS, "");
        }
        Some(())
    }

    /// The end of an inline element: open inline elements within it begin again behind it; if a
    /// block within it is open, the end waits for the end of the block.
    fn end_inline(&mut self, element: &HtmlElement) {
        let same = |open: &OpenTag| open.element.written == element.written && !open.is_over;
        if let Some(index) = self.find_nearest(same, is_inline) {
            let again = self.inline_tags(index + 1);
            self.close_to(index);
            self.reopen(again);
        } else if let Some(index) = self.find_nearest(same, is_not_boundary) {
            self.open[index].is_over = true;
        }
    }

    /// The innermost open element that matches, searched through the elements that `passes` allows.
    fn find_nearest(
        &self,
        matches_tag: impl Fn(&OpenTag) -> bool,
        passes: impl Fn(&HtmlElement) -> bool,
    ) -> Option<usize> {
        for (index, open) in self.open.iter().enumerate().rev() {
            if matches_tag(open) {
                return Some(index);
            }
            if !passes(open.element) {
                return None;
            }
        }
        None
    }

    /// The inline tags that are open from `index` on.
    fn inline_tags(&self, index: usize) -> Vec<RepeatedTag> {
        let inline = self.open[index..].iter().filter(|open| {
            !open.is_over && matches!(open.element.role, HtmlRole::Inline | HtmlRole::Link)
        });
        inline
            .map(|open| RepeatedTag {
                element: open.element,
                tag: self.out[open.start..open.content].to_owned(),
            })
            .collect()
    }

    fn reopen(&mut self, tags: Vec<RepeatedTag>) {
        for RepeatedTag { element, tag } in tags {
            self.repeated_bytes += tag.len();
            if self.repeated_bytes > MOST_REPEATED_BYTES || self.open.len() >= DEEPEST {
                return;
            }
            let start = self.out.len();
            self.out.push_str(&tag);
            self.open.push(OpenTag { element, start, content: self.out.len(), is_over: false });
        }
    }

    /// Closes elements until `count` are open, then those that only waited for this.
    fn close_to(&mut self, count: usize) {
        while self.open.len() > count || self.open.last().is_some_and(|open| open.is_over) {
            self.close_last();
        }
    }

    /// Ends the innermost element; an empty one is removed.
    fn close_last(&mut self) {
        let Some(open) = self.open.pop() else { return };
        let content = &self.out[open.content..];
        let is_empty = match open.element.role {
            HtmlRole::Inline | HtmlRole::Link => content.is_empty(),
            HtmlRole::Cell | HtmlRole::RubyText => false,
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
        // A parser drops the line break at the beginning of a `pre`.
        let begins_pre = self
            .open
            .last()
            .is_some_and(|open| open.element.written == "pre" && open.content == self.out.len());
        let text = if begins_pre { text.trim_start_matches(['\r', '\n']) } else { text };
        escape::push_text(&mut self.out, text);
    }

    fn push_start(&mut self, element: &'static HtmlElement, attributes: &str) {
        let start = self.out.len();
        self.push_tag(element, attributes);
        self.open.push(OpenTag { element, start, content: self.out.len(), is_over: false });
    }

    fn push_tag(&mut self, element: &HtmlElement, attributes: &str) {
        self.out.push('<');
        self.out.push_str(element.written);
        self.out.push_str(attributes);
        self.out.push('>');
    }
}

/// An inline tag that begins again.
struct RepeatedTag {
    element: &'static HtmlElement,
    tag: String,
}

fn has_role(role: HtmlRole) -> impl Fn(&OpenTag) -> bool {
    move |open| open.element.role == role
}

fn is_inline(element: &HtmlElement) -> bool {
    element.role.is_inline()
}

fn is_inline_or_paragraph(element: &HtmlElement) -> bool {
    element.role.is_inline() || element.role == HtmlRole::Paragraph
}

fn is_not_boundary(element: &HtmlElement) -> bool {
    !element.role.is_boundary()
}

fn is_in_list(element: &HtmlElement) -> bool {
    !element.role.is_boundary() && element.role != HtmlRole::List
}

fn is_in_description_list(element: &HtmlElement) -> bool {
    !element.role.is_boundary() && element.written != "dl"
}

/// Whether markup shows nothing: only white space and line breaks.
fn is_blank(markup: &str) -> bool {
    let mut rest = markup.trim_start();
    while let Some(after) = rest.strip_prefix("<br>") {
        rest = after.trim_start();
    }
    rest.is_empty()
}
