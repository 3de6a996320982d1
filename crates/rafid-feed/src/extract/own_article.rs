//! A page → the same page without the elements of other articles, and the element of its own article.
//!
//! | element | treatment |
//! | --- | --- |
//! | `aside`, `role=complementary` | dropped |
//! | links and teasers after a heading such as «مقالات ذات صلة», within the same element | dropped, up to the next running text (`other_articles`) |
//! | three or more teasers side by side (of one kind, with a link of three words and at most a paragraph for each) | dropped, unless they are in an `<article>` or the headline has no text without them |
//! | a post of a social network; the caption of a picture, unless nothing else would be left (`embedded_parts`) | dropped |
//! | the innermost `<article>` with the headline and a paragraph; else the only `<article>` with a paragraph | only this element is searched for the text |
//! | without one: the innermost element with the headline and a paragraph | a text from elsewhere must have words in common with it |
//!
//! The element with the headline is never dropped. An element is judged when it ends: dropped children no
//! longer count as its text.

use std::collections::BTreeSet;

use scraper::{ElementRef, Html, Node};

use super::blocks::collapse_spaces;
use super::other_articles::{self, ChildElement, OtherArticlesHeading};
use super::{embedded_parts, headline};
use crate::model::RemovedBlock;

/// Words of a paragraph, at least.
const TEXT_WORDS: usize = 8;
/// Words of a link that is a headline, at least: «المزيد» is not one.
const TITLE_WORDS: usize = 3;
/// Bytes of the longest text that is compared with the table of headings.
const HEADING_BYTES: usize = 120;
/// Elements that do not end a paragraph.
const INLINE: [&str; 30] = [
    "a", "abbr", "acronym", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "ins", "kbd", "mark", "q", "s", "small", "span", "strike", "strong", "sub",
    "sup", "time", "tt", "u",
];
/// Elements whose words are not text of an article.
const SILENT_ELEMENTS: [&str; 11] = [
    "button", "figure", "form", "head", "iframe", "nav", "noscript", "script", "select", "style",
    "textarea",
];

/// The page's own article.
#[derive(Debug, Default)]
pub(super) struct OwnArticle {
    /// The markup of the article's element; `None`: it was not found.
    pub(super) article: Option<String>,
    /// If it was not found: the markup of the innermost element with the headline and a text.
    pub(super) headline_area: Option<String>,
    /// If it was not found: the markup of the `<article>` with the headline, which has no paragraph.
    pub(super) short_article: Option<String>,
    /// What was dropped.
    pub(super) left_out: Vec<RemovedBlock>,
}

/// Drops the elements of other articles from a page, and finds its own article.
pub(super) fn keep_own_article(html: &mut Html, title: Option<&str>) -> OwnArticle {
    let headline = headline::find_headline(html, title);
    let mut survey = PageSurvey { headline, ..PageSurvey::default() };
    survey.survey_element(html.root_element(), Surroundings::default());
    let article = survey.best_article();
    let headline_area = survey.headline_area.filter(|_| article.is_none());
    let short_article = survey.around_headline.filter(|_| article.is_none());
    let captions = survey.captions_to_drop(article.or(headline_area));
    let mut dropped = survey.dropped;
    dropped.extend(captions);
    if article.or(headline_area).or(short_article).is_some() {
        dropped.extend(survey.teasers);
    }
    let ids: BTreeSet<_> = dropped.iter().map(|(element, _)| element.id()).collect();
    let is_within =
        |element: &ElementRef<'_>| element.ancestors().any(|outer| ids.contains(&outer.id()));
    let outermost = dropped.iter().filter(|(element, _)| !is_within(element));
    let left_out =
        outermost.filter_map(|(element, reason)| to_left_out(*element, reason)).collect();
    let ids_of_own = [article, headline_area, short_article].map(|own| own.map(|own| own.id()));
    for id in ids {
        if let Some(mut node) = html.tree.get_mut(id) {
            node.detach();
        }
    }
    let [article, headline_area, short_article] = ids_of_own.map(|id| {
        let element = html.tree.get(id?).and_then(ElementRef::wrap)?;
        Some(element.html())
    });
    OwnArticle { article, headline_area, short_article, left_out }
}

fn to_left_out(element: ElementRef<'_>, reason: &'static str) -> Option<RemovedBlock> {
    let texts: Vec<&str> = element.text().collect();
    let text = collapse_spaces(&texts.join(" "));
    (!text.is_empty()).then_some(RemovedBlock { reason, text })
}

/// The elements around an element.
#[derive(Debug, Clone, Copy, Default)]
struct Surroundings {
    in_article: bool,
    in_link: bool,
}

/// An element that is dropped, and why.
type DroppedElement<'a> = (ElementRef<'a>, &'static str);

/// The result of the walk over a page.
#[derive(Default)]
struct PageSurvey<'a> {
    headline: Option<ElementRef<'a>>,
    dropped: Vec<DroppedElement<'a>>,
    /// Groups of teasers without a heading.
    teasers: Vec<DroppedElement<'a>>,
    /// Captions of pictures, each with the number of its paragraphs.
    captions: Vec<(ElementRef<'a>, usize)>,
    /// The innermost `<article>` with the headline.
    with_headline: Option<ElementRef<'a>>,
    /// The innermost `<article>` with the headline, whether or not it has a text.
    around_headline: Option<ElementRef<'a>>,
    /// `<article>`s with a text, and their number of paragraphs; a nested one is part of the outer one.
    articles: Vec<(ElementRef<'a>, usize)>,
    /// The innermost element with the headline and a text.
    headline_area: Option<ElementRef<'a>>,
    /// The number of its paragraphs.
    headline_area_texts: usize,
}

/// The words of an element, as far as it was read.
#[derive(Default)]
struct ElementWords {
    /// Words in the element itself or in its inline elements, and those of them in links.
    own: usize,
    linked: usize,
    /// Whether the headline of another article comes before all other words.
    begins_with_title: bool,
    /// The beginning of the text.
    text_start: String,
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
            [(only, texts)] if !is_dropped(only) && texts * 2 >= self.headline_area_texts => {
                Some(*only)
            }
            _ => None,
        };
        self.with_headline.or_else(only)
    }

    /// The captions, unless the page's own element has no other text.
    fn captions_to_drop(&self, own: Option<ElementRef<'a>>) -> Vec<DroppedElement<'a>> {
        let texts_of = |own: ElementRef<'_>| {
            let articles = self.articles.iter().find(|(article, _)| *article == own);
            articles.map_or(self.headline_area_texts, |(_, texts)| *texts)
        };
        let own_texts = own.map_or(0, texts_of);
        let is_own = |caption: &ElementRef<'_>| {
            own.is_some_and(|own| caption.ancestors().any(|outer| outer.id() == own.id()))
        };
        let inside = self.captions.iter().filter(|(caption, _)| is_own(caption));
        let caption_texts: usize = inside.map(|(_, texts)| texts).sum();
        let is_kept = |texts: usize| texts > 0 && own_texts <= caption_texts;
        let captions = self.captions.iter().filter(|(_, texts)| !is_kept(*texts));
        captions.map(|(element, _)| (*element, "caption")).collect()
    }

    /// Records a caption once.
    fn add_caption(&mut self, caption: ElementRef<'a>, texts: usize) {
        let holds = |known: &ElementRef<'_>| {
            *known == caption || known.ancestors().any(|outer| outer.id() == caption.id())
        };
        self.captions.retain(|(known, _)| !holds(known));
        self.captions.push((caption, texts));
    }

    /// Walks over an element; the nesting is limited, as the page was linearized.
    fn survey_element(&mut self, element: ElementRef<'a>, place: Surroundings) -> ChildElement<'a> {
        let name = element.value().name();
        if embedded_parts::is_embedded_post(element) {
            self.dropped.push((element, "embed"));
            return ChildElement::new(element);
        }
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
        if let Some(caption) = embedded_parts::find_bare_caption(element, words.own, &children) {
            self.add_caption(caption, children.iter().map(|child| child.texts).sum());
        }
        let mut child = ChildElement {
            texts: children.iter().map(|child| child.texts).sum(),
            titles: children.iter().map(|child| child.titles).sum(),
            has_headline: self.headline == Some(element)
                || children.iter().any(|child| child.has_headline),
            has_picture: embedded_parts::is_picture(element)
                || children.iter().any(|child| child.has_picture),
            ..ChildElement::new(element)
        };
        self.judge_element(&mut child, words, place);
        child
    }

    /// Judges an element whose content is known.
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
            child.titles = usize::from(words.text_start.split_whitespace().count() >= TITLE_WORDS);
            child.texts = 0;
            child.begins_with_title = child.titles > 0;
        } else if !INLINE.contains(&name) && !place.in_link && self.headline != Some(element) {
            let is_text = words.own >= TEXT_WORDS && words.linked * 2 <= words.own;
            child.texts += usize::from(is_text && !words.begins_with_title);
        }
        let is_caption = child.texts + child.titles <= 1
            && !child.has_headline
            && embedded_parts::is_marked_caption(element);
        if is_caption {
            self.add_caption(element, child.texts);
        }
        if words.text_start.len() <= HEADING_BYTES && !child.has_headline {
            // A heading that is alone in its element may be followed by the rest of the page, and so may
            // one where the headline is unknown.
            let is_sure = words.own > 0 && self.headline.is_some();
            let heading = OtherArticlesHeading::from_text(&words.text_start);
            child.heading =
                heading.map(|heading| if is_sure { heading } else { OtherArticlesHeading::Inline });
        }
        child.text_start = words.text_start;
        self.record_element(child);
    }

    /// Records the role of an element for the article.
    fn record_element(&mut self, child: &mut ChildElement<'a>) {
        let element = child.element;
        let has_text = child.texts > 0;
        if child.has_headline && has_text && self.headline_area.is_none() {
            self.headline_area = Some(element);
            self.headline_area_texts = child.texts;
        }
        if element.value().name() == "article" && child.has_headline {
            self.around_headline.get_or_insert(element);
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
        if self.text_start.len() <= HEADING_BYTES {
            let end = text.floor_char_boundary(4 * HEADING_BYTES);
            self.text_start.push_str(text.get(..end).unwrap_or_default());
        }
    }

    /// Adds the words of a child; the paragraphs of a block element are its own.
    fn add_child(&mut self, child: &ChildElement<'_>, is_inline: bool) {
        if is_inline {
            self.begins_with_title |= self.own == 0 && child.begins_with_title;
            self.own += child.own_words;
            self.linked += child.linked_words;
        }
        if self.text_start.len() <= HEADING_BYTES {
            if !is_inline {
                self.text_start.push(' ');
            }
            self.text_start.push_str(&child.text_start);
        }
    }
}

/// Whether a link leads to another page.
fn leads_elsewhere(link: ElementRef<'_>) -> bool {
    let href = link.attr("href").unwrap_or_default().trim();
    !href.is_empty() && !href.contains('#') && !href.starts_with("javascript:")
}
