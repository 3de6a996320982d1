//! The children of an element → those that belong to other articles: the elements after a heading of other
//! articles, and teasers side by side.

use std::collections::BTreeMap;

use scraper::ElementRef;

use super::boilerplate::{self, LineVerdict};

/// Teasers that make a group.
const FEWEST_TEASERS: usize = 3;
/// Short texts after a heading are teasers; an element with more paragraphs and few links is running text.
const MOST_TEASER_TEXTS: usize = 1;
/// The same in an element of several blocks behind a heading of other articles: a long title without a link
/// counts as a text, too.
const MOST_BOX_TEXTS: usize = 2;

/// What a parent needs to know about a child element.
#[derive(Debug)]
pub(super) struct ChildElement<'a> {
    pub(super) element: ElementRef<'a>,
    /// Paragraphs that are not links.
    pub(super) texts: usize,
    /// Links of several words to other pages.
    pub(super) titles: usize,
    /// Whether it is or contains the headline of the page.
    pub(super) has_headline: bool,
    /// Whether it is a heading of other articles and nothing else.
    pub(super) heading: Option<OtherArticlesHeading>,
    /// Words in it outside of block elements, and those of them in links.
    pub(super) own_words: usize,
    pub(super) linked_words: usize,
    /// Whether it begins with a link of several words.
    pub(super) begins_with_title: bool,
    /// The beginning of its text.
    pub(super) text_start: String,
    /// Whether it is or contains a picture.
    pub(super) has_picture: bool,
}

/// What a heading announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherArticlesHeading {
    /// Other articles in the middle of this one («اقرأ أيضًا»).
    Inline,
    /// Other articles and nothing else («مقالات ذات صلة»).
    WholeBox,
}

impl OtherArticlesHeading {
    /// What a text announces when it is alone; `None`: nothing.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        boilerplate::heading_verdict(text).map(|verdict| match verdict {
            LineVerdict::DropLine => Self::Inline,
            LineVerdict::EndOfArticle => Self::WholeBox,
        })
    }
}

impl<'a> ChildElement<'a> {
    /// An element without words.
    pub(super) fn new(element: ElementRef<'a>) -> Self {
        Self {
            element,
            texts: 0,
            titles: 0,
            has_headline: false,
            heading: None,
            own_words: 0,
            linked_words: 0,
            begins_with_title: false,
            text_start: String::new(),
            has_picture: false,
        }
    }

    /// Whether there are words in it.
    pub(super) fn has_words(&self) -> bool {
        !self.text_start.trim().is_empty()
    }

    /// Whether it shows other articles: links, with at most a paragraph for each.
    fn is_links_box(&self) -> bool {
        self.titles > 0 && self.texts <= self.titles
    }

    fn is_heading(&self) -> bool {
        matches!(self.element.value().name(), "h1" | "h2" | "h3" | "h4" | "h5" | "h6")
    }

    fn holds_blocks(&self) -> bool {
        matches!(self.element.value().name(), "article" | "div" | "li" | "section")
    }

    fn is_list(&self) -> bool {
        matches!(self.element.value().name(), "ul" | "ol" | "table")
    }

    /// The element is dropped, so its words do not count for its parent.
    fn clear_words(&mut self) {
        self.texts = 0;
        self.titles = 0;
    }
}

/// The last child after a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastPassed {
    /// The heading itself.
    Heading(OtherArticlesHeading),
    /// One link: a paragraph after it is its teaser.
    Title,
    /// Links or a teaser: running text after them is the article's own.
    Links,
}

/// The headings of other articles, and the elements after them.
pub(super) fn elements_behind_headings<'a>(
    children: &mut [ChildElement<'a>],
) -> Vec<(ElementRef<'a>, &'static str)> {
    let mut behind: Option<LastPassed> = None;
    let mut dropped = Vec::new();
    for child in children {
        if let Some(heading) = child.heading {
            behind = Some(LastPassed::Heading(heading));
        } else if let Some(last) = behind {
            behind = if child.has_headline { None } else { last_passed_after(last, child) };
            let is_silent = child.texts + child.titles == 0;
            if behind.is_none()
                || (is_silent && last != LastPassed::Heading(OtherArticlesHeading::WholeBox))
            {
                continue;
            }
        } else {
            continue;
        }
        child.clear_words();
        dropped.push((child.element, "related"));
    }
    dropped
}

/// The state after a child; `None`: the child belongs to the article.
fn last_passed_after(last: LastPassed, child: &ChildElement<'_>) -> Option<LastPassed> {
    if child.is_links_box() {
        // Behind «اقرأ أيضًا», a link in a paragraph has no teaser.
        let may_have_teaser = child.is_heading()
            || matches!(last, LastPassed::Heading(OtherArticlesHeading::WholeBox));
        let is_one = child.titles == 1 && child.texts == 0 && !child.is_list() && may_have_teaser;
        return Some(if is_one { LastPassed::Title } else { LastPassed::Links });
    }
    match (last, child.texts) {
        (last, 0) => Some(last),
        (LastPassed::Heading(OtherArticlesHeading::WholeBox), 1..=MOST_TEASER_TEXTS) => Some(last),
        (LastPassed::Heading(OtherArticlesHeading::WholeBox), ..=MOST_BOX_TEXTS)
            if child.holds_blocks() =>
        {
            Some(last)
        }
        (LastPassed::Title, 1..=MOST_TEASER_TEXTS) => Some(LastPassed::Links),
        _ => None,
    }
}

/// Teasers side by side: of the same element and class, each with a link of several words.
pub(super) fn find_teasers<'a>(
    children: &mut [ChildElement<'a>],
) -> Vec<(ElementRef<'a>, &'static str)> {
    let kind = |child: &ChildElement<'a>| {
        let element = child.element.value();
        (element.name(), element.attr("class").unwrap_or_default())
    };
    let is_teaser = |child: &ChildElement<'_>| {
        child.holds_blocks() && child.is_links_box() && !child.has_headline && child.texts <= 2
    };
    let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for child in children.iter().filter(|child| is_teaser(child)) {
        *counts.entry(kind(child)).or_default() += 1;
    }
    let mut dropped = Vec::new();
    for child in children.iter_mut() {
        if is_teaser(child)
            && counts.get(&kind(child)).is_some_and(|count| *count >= FEWEST_TEASERS)
        {
            child.clear_words();
            dropped.push((child.element, "related"));
        }
    }
    dropped
}
