//! A page → the same page without what belongs to other articles, and the element of its own article.
//!
//! | element | what becomes of it |
//! | --- | --- |
//! | `aside`, `role=complementary` | dropped |
//! | links and teasers behind a heading such as «مقالات ذات صلة», within the same element | dropped, up to the next running text (`others`) |
//! | three or more teasers side by side (of one kind, with a link of three words and at most a paragraph for each) | dropped, unless an `<article>` is around them or the headline has no text without them |
//! | the innermost `<article>` with the headline and a paragraph; else the only `<article>` with a paragraph | the text is looked for in it alone |
//! | without one: the innermost element with the headline and a paragraph | what is found elsewhere must share words with it |
//!
//! What holds the headline is never dropped. An element is judged when it ends: what was dropped of its
//! children no longer counts as its text.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Node};

use super::blocks::collapse_spaces;
use super::other_articles::{self, ChildElement, OtherArticlesHeading};
use crate::arabic::MatchKey;
use crate::markup::markup_to_text;
use crate::model::RemovedBlock;

/// Words of a paragraph, at least.
const TEXT_WORDS: usize = 8;
/// Words of a link that is a headline, at least: «المزيد» is none.
const TITLE_WORDS: usize = 3;
/// Bytes of the longest text that is compared with the table of headings.
const HEADING_BYTES: usize = 120;
/// Elements that do not end a paragraph.
const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u",
];
/// Elements whose words are no text of an article.
const SILENT_ELEMENTS: [&str; 11] = [
    "button", "figure", "form", "head", "iframe", "nav", "noscript", "script", "select", "style",
    "textarea",
];

/// What a page has of its own.
#[derive(Debug, Default)]
pub(super) struct OwnArticle {
    /// The markup of the article's element; `None`: none is known.
    pub(super) article: Option<String>,
    /// If there is none: the markup of the element around the headline that has a text.
    pub(super) around: Option<String>,
    /// What was dropped.
    pub(super) left_out: Vec<RemovedBlock>,
}

/// Drops the elements of other articles from a page, and finds where its own article stands.
pub(super) fn keep_own_article(html: &mut Html, title: Option<&str>) -> OwnArticle {
    let mut survey = PageSurvey { headline: find_headline(html, title), ..PageSurvey::default() };
    survey.survey_element(html.root_element(), Surroundings::default());
    let article = survey.best_article();
    let around = survey.around.filter(|_| article.is_none());
    let mut dropped = survey.dropped;
    if article.is_some() || around.is_some() {
        dropped.extend(survey.teasers);
    }
    let ids: BTreeSet<_> = dropped.iter().map(|(element, _)| element.id()).collect();
    let is_within =
        |element: &ElementRef<'_>| element.ancestors().any(|outer| ids.contains(&outer.id()));
    let outermost = dropped.iter().filter(|(element, _)| !is_within(element));
    let left_out =
        outermost.filter_map(|(element, reason)| to_left_out(*element, reason)).collect();
    let [article, around] = [article, around].map(|found| found.map(|element| element.id()));
    for id in ids {
        if let Some(mut node) = html.tree.get_mut(id) {
            node.detach();
        }
    }
    let markup = [article, around].map(|id| {
        let element = html.tree.get(id?).and_then(ElementRef::wrap)?;
        Some(element.html())
    });
    let [article, around] = markup;
    OwnArticle { article, around, left_out }
}

fn to_left_out(element: ElementRef<'_>, reason: &'static str) -> Option<RemovedBlock> {
    let texts: Vec<&str> = element.text().collect();
    let text = collapse_spaces(&texts.join(" "));
    (!text.is_empty()).then_some(RemovedBlock { reason, text })
}

/// The heading of the article: the first `<h1>` or `<h2>` that says the title, alone or with other
/// words before or behind it; else the only `<h1>`.
fn find_headline<'a>(html: &'a Html, title: Option<&str>) -> Option<ElementRef<'a>> {
    let title = title.map(MatchKey::of).filter(|key| !key.is_empty());
    let elements = html.root_element().descendent_elements();
    let headings: Vec<ElementRef<'a>> =
        elements.filter(|element| matches!(element.value().name(), "h1" | "h2")).collect();
    let says_title = |heading: &&ElementRef<'_>| {
        let key = MatchKey::of(&markup_to_text(&heading.inner_html()));
        title.as_ref().is_some_and(|title| {
            key.begins_with(title) || key.as_bytes().ends_with(title.as_bytes())
        })
    };
    let mut first = headings.iter().filter(|heading| heading.value().name() == "h1");
    let only = first.next().filter(|_| first.next().is_none());
    headings.iter().find(says_title).or(only).copied()
}

/// What stands around an element.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    in_article: bool,
    in_link: bool,
}

/// An element that is dropped, and why.
type DroppedElement<'a> = (ElementRef<'a>, &'static str);

/// What the walk over a page finds.
#[derive(Default)]
struct PageSurvey<'a> {
    headline: Option<ElementRef<'a>>,
    dropped: Vec<DroppedElement<'a>>,
    /// Groups of teasers that no heading gives away.
    teasers: Vec<DroppedElement<'a>>,
    /// The innermost `<article>` with the headline.
    with_headline: Option<ElementRef<'a>>,
    /// `<article>`s with a text, and how many paragraphs; within another one they are parts of it.
    articles: Vec<(ElementRef<'a>, usize)>,
    /// The innermost element with the headline and a text.
    around: Option<ElementRef<'a>>,
    /// Its paragraphs.
    around_texts: usize,
}

/// The words of an element as far as they are seen.
#[derive(Default)]
struct ElementWords {
    /// Words that stand in the element itself or in inline elements of it, and those of them in links.
    own: usize,
    linked: usize,
    /// Whether a headline of another article comes before all others of them.
    begins_with_title: bool,
    /// The beginning of the text.
    said: String,
}

impl<'a> PageSurvey<'a> {
    fn best_article(&self) -> Option<ElementRef<'a>> {
        let is_dropped = |article: &ElementRef<'_>| {
            let gone = self.dropped.iter().chain(&self.teasers);
            gone.into_iter().any(|(element, _)| {
                element == article || article.ancestors().any(|outer| outer.id() == element.id())
            })
        };
        let only = || match self.articles.as_slice() {
            [(only, texts)] if !is_dropped(only) && texts * 2 >= self.around_texts => Some(*only),
            _ => None,
        };
        self.with_headline.or_else(only)
    }

    /// Walks over an element; nesting is bounded, as the page was made tame.
    fn survey_element(&mut self, element: ElementRef<'a>, place: Surroundings) -> ChildElement<'a> {
        let name = element.value().name();
        let is_article = name == "article";
        let is_link = name == "a" && leads_elsewhere(element);
        let within = Surroundings {
            in_article: place.in_article || is_article,
            in_link: place.in_link || is_link,
        };
        let mut words = ElementWords::default();
        let mut children: Vec<ChildElement<'a>> = Vec::new();
        for node in element.children() {
            if let Node::Text(text) = node.value() {
                words.add_text(text, within.in_link);
            } else if let Some(inner) = ElementRef::wrap(node) {
                let child = self.survey_element(inner, within);
                words.add_child(&child, INLINE.contains(&inner.value().name()));
                children.push(child);
            }
        }
        self.dropped.extend(other_articles::elements_behind_headings(&mut children));
        if !within.in_article {
            self.teasers.extend(other_articles::find_teasers(&mut children));
        }
        let mut child = ChildElement {
            texts: children.iter().map(|child| child.texts).sum(),
            titles: children.iter().map(|child| child.titles).sum(),
            has_headline: self.headline == Some(element)
                || children.iter().any(|child| child.has_headline),
            ..ChildElement::new(element)
        };
        self.judge_element(&mut child, words, place);
        child
    }

    /// Judges an element of which all is known.
    fn judge_element(
        &mut self,
        child: &mut ChildElement<'a>,
        words: ElementWords,
        place: Surroundings,
    ) {
        let element = child.element;
        let name = element.value().name();
        child.own_words = words.own;
        child.linked_words = words.linked;
        child.begins_with_title = words.begins_with_title;
        if SILENT_ELEMENTS.contains(&name) && !child.has_headline {
            *child = ChildElement::new(element);
            return;
        }
        if name == "a" && leads_elsewhere(element) {
            child.titles = usize::from(words.said.split_whitespace().count() >= TITLE_WORDS);
            child.texts = 0;
            child.begins_with_title = child.titles > 0;
        } else if !INLINE.contains(&name) && !place.in_link && self.headline != Some(element) {
            let is_text = words.own >= TEXT_WORDS && words.linked * 2 <= words.own;
            child.texts += usize::from(is_text && !words.begins_with_title);
        }
        if words.said.len() <= HEADING_BYTES && !child.has_headline {
            // Around a heading that stands alone in its element the rest of the page may follow, and so it
            // may where the headline is not known.
            let is_sure = words.own > 0 && self.headline.is_some();
            let heading = OtherArticlesHeading::from_text(&words.said);
            child.heading =
                heading.map(|heading| if is_sure { heading } else { OtherArticlesHeading::Inline });
        }
        child.said = words.said;
        self.record_element(child);
    }

    /// Notes what an element is to the article.
    fn record_element(&mut self, child: &mut ChildElement<'a>) {
        let element = child.element;
        let has_text = child.texts > 0;
        if child.has_headline && has_text && self.around.is_none() {
            self.around = Some(element);
            self.around_texts = child.texts;
        }
        if element.value().name() == "article" && has_text {
            if child.has_headline {
                self.with_headline.get_or_insert(element);
            }
            let is_outside = |(inner, _): &(ElementRef<'_>, usize)| {
                !inner.ancestors().any(|outer| outer.id() == element.id())
            };
            self.articles.retain(is_outside);
            self.articles.push((element, child.texts));
        }
        let is_aside = element.value().name() == "aside"
            || element.attr("role").is_some_and(|role| role == "complementary");
        if is_aside && !child.has_headline {
            self.dropped.push((element, "aside"));
            *child = ChildElement::new(element);
        }
    }
}

impl ElementWords {
    fn add_text(&mut self, text: &str, in_link: bool) {
        let count = text.split_whitespace().count();
        self.own += count;
        self.linked += if in_link { count } else { 0 };
        if self.said.len() <= HEADING_BYTES {
            let end = text.floor_char_boundary(4 * HEADING_BYTES);
            self.said.push_str(text.get(..end).unwrap_or_default());
        }
    }

    /// Takes in what a child says; the paragraphs of a block are its own.
    fn add_child(&mut self, child: &ChildElement<'_>, is_inline: bool) {
        if is_inline {
            self.begins_with_title |= self.own == 0 && child.begins_with_title;
            self.own += child.own_words;
            self.linked += child.linked_words;
        }
        if self.said.len() <= HEADING_BYTES {
            if !is_inline {
                self.said.push(' ');
            }
            self.said.push_str(&child.said);
        }
    }
}

/// Whether a link leads to another page.
fn leads_elsewhere(link: ElementRef<'_>) -> bool {
    let href = link.attr("href").unwrap_or_default().trim();
    !href.is_empty() && !href.contains('#') && !href.starts_with("javascript:")
}
