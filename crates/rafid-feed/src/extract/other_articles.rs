//! The children of an element → those that belong to other articles: what stands behind a heading of
//! them, and teasers side by side.

use std::collections::BTreeMap;

use scraper::ElementRef;

use super::boilerplate::{self, LineVerdict};

/// Teasers that make a group.
const FEWEST_TEASERS: usize = 3;
/// Short texts behind a heading are teasers; an element with more paragraphs and few links is running text.
const MOST_TEASER_TEXTS: usize = 1;

/// An element as its parent sees it.
#[derive(Debug)]
pub(super) struct ChildElement<'a> {
    pub(super) element: ElementRef<'a>,
    /// Paragraphs that are no links.
    pub(super) texts: usize,
    /// Links of several words to other pages.
    pub(super) titles: usize,
    /// Whether the headline of the page is in it, or is it.
    pub(super) has_headline: bool,
    /// Whether it is a heading of other articles and nothing else.
    pub(super) heading: Option<OtherArticlesHeading>,
    /// Words that stand in it outside of blocks, and those of them in links.
    pub(super) own_words: usize,
    pub(super) linked_words: usize,
    /// Whether it begins with a link of several words.
    pub(super) begins_with_title: bool,
    /// The beginning of its text.
    pub(super) said: String,
}

/// What a heading announces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OtherArticlesHeading {
    /// Other articles in the midst of this one («اقرأ أيضًا»).
    Inline,
    /// Other articles, and nothing else («مقالات ذات صلة»).
    WholeBox,
}

impl OtherArticlesHeading {
    /// What a text announces when it stands alone; `None`: nothing.
    pub(super) fn from_text(text: &str) -> Option<Self> {
        boilerplate::heading_verdict(text).map(|told| match told {
            LineVerdict::DropLine => Self::Inline,
            LineVerdict::EndOfArticle => Self::WholeBox,
        })
    }
}

impl<'a> ChildElement<'a> {
    /// An element without a word.
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
            said: String::new(),
        }
    }

    /// Whether it shows other articles: links, with at most a paragraph for each.
    fn is_links_box(&self) -> bool {
        self.titles > 0 && self.texts <= self.titles
    }

    fn is_list(&self) -> bool {
        matches!(self.element.value().name(), "ul" | "ol" | "table")
    }

    /// It is dropped, so its parent has nothing of it.
    fn clear_words(&mut self) {
        self.texts = 0;
        self.titles = 0;
    }
}

/// What was passed last behind a heading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LastPassed {
    /// The heading itself.
    Heading(OtherArticlesHeading),
    /// One link: a paragraph behind it is its teaser.
    Title,
    /// Links or a teaser: running text behind them is the article's own.
    Links,
}

/// What stands behind headings of other articles, and the headings.
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

/// What was passed when a child is; `None`: it is the article's own.
fn last_passed_after(last: LastPassed, child: &ChildElement<'_>) -> Option<LastPassed> {
    if child.is_links_box() {
        let is_one = child.titles == 1 && child.texts == 0 && !child.is_list();
        return Some(if is_one { LastPassed::Title } else { LastPassed::Links });
    }
    match (last, child.texts) {
        (last, 0) => Some(last),
        (LastPassed::Heading(OtherArticlesHeading::WholeBox), 1..=MOST_TEASER_TEXTS) => Some(last),
        (LastPassed::Title, 1..=MOST_TEASER_TEXTS) => Some(LastPassed::Links),
        _ => None,
    }
}

/// Teasers side by side: of one element and class, each with a link of several words.
pub(super) fn find_teasers<'a>(
    children: &mut [ChildElement<'a>],
) -> Vec<(ElementRef<'a>, &'static str)> {
    let kind = |child: &ChildElement<'a>| {
        let element = child.element.value();
        (element.name(), element.attr("class").unwrap_or_default())
    };
    let is_teaser = |child: &ChildElement<'_>| {
        let holds_blocks =
            matches!(child.element.value().name(), "article" | "div" | "li" | "section");
        holds_blocks && child.is_links_box() && !child.has_headline && child.texts <= 2
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
