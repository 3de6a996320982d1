//! A page → its article, by the ladder of the station.

use dom_smoothie::{Config, Readability};
use scraper::{Html, Selector};

use super::blocks::{Block, blocks_of};
use super::trim::{self, Trimmed};
use super::{ExtractError, data, head, lines};
use crate::feed::markup::{selector, tame};
use crate::feed::model::{ArticleEvidence, ArticleSelectors, RawArticle};

/// Elements of a page in which an article is looked for by layout; pages of outlets have up to
/// 6,000. The time for it grows faster than they do.
const MOST_ELEMENTS: usize = 20_000;
/// How much longer a text for machines must be than the one that is seen, in percent, to be taken:
/// it has no paragraphs, and often lacks or repeats a heading.
const LONGER_PERCENT: usize = 110;
/// Words of the seen text that the text for machines must hold, in percent, to be the same article.
const SAME_PERCENT: usize = 60;

/// Takes the article out of a page.
///
/// # Errors
/// As `extract`.
pub(super) fn extract(
    page: &str,
    selectors: &ArticleSelectors,
) -> Result<RawArticle, ExtractError> {
    let data = data::of_page(page);
    let mut html = Html::parse_document(&tame(page).html);
    let head = head::of_page(&html, &data);
    let is_changed = drop_elements(&mut html, selectors.drop.as_deref())?;
    let title = head.title.as_deref();
    let (trimmed, evidence) = if let Some(keep) = selectors.keep.as_deref() {
        let kept = kept_elements(&html, keep)?;
        (trim::trimmed(blocks_of(&kept), title), ArticleEvidence::Selectors)
    } else {
        let seen = trim::trimmed(blocks_of(&by_layout(&html)), title);
        let said = data.body.as_deref().filter(|_| !is_changed);
        longer(seen, said.map(|said| trim::trimmed(blocks_of_said(said), title)))
    };
    let Trimmed { blocks, attributions, left_out } = trimmed;
    if blocks.is_empty() {
        return Err(ExtractError::NoText);
    }
    Ok(RawArticle {
        title: head.title,
        site_name: head.site_name,
        byline: head.byline,
        published: head.published,
        language: head.language,
        direction: head.direction,
        image: head.image,
        blocks: blocks.into_iter().map(lines::raw).collect(),
        attributions,
        evidence,
        left_out,
    })
}

/// Takes elements out of the page; whether there were any.
fn drop_elements(html: &mut Html, selector: Option<&str>) -> Result<bool, ExtractError> {
    let Some(selector) = selector else { return Ok(false) };
    let parsed = parse(selector)?;
    let found: Vec<_> = html.select(&parsed).map(|element| element.id()).collect();
    for id in &found {
        if let Some(mut node) = html.tree.get_mut(*id) {
            node.detach();
        }
    }
    Ok(!found.is_empty())
}

fn kept_elements(html: &Html, selector: &str) -> Result<String, ExtractError> {
    let parsed = parse(selector)?;
    let mut kept = String::new();
    let mut last = None;
    for element in html.select(&parsed) {
        // In the order of the document, what is nested follows what it is nested in.
        let is_nested =
            last.is_some_and(|last| element.ancestors().any(|outer| outer.id() == last));
        if !is_nested {
            last = Some(element.id());
            kept.push_str(&element.html());
        }
    }
    if kept.is_empty() {
        return Err(ExtractError::NothingMatches { selector: selector.to_owned() });
    }
    Ok(kept)
}

fn parse(words: &str) -> Result<Selector, ExtractError> {
    selector(words).map_err(|reason| ExtractError::Selector { selector: words.to_owned(), reason })
}

/// The part of the page that reads like an article; the whole page where none does.
fn by_layout(html: &Html) -> String {
    let whole = html.html();
    let config =
        Config { max_elements_to_parse: MOST_ELEMENTS, disable_json_ld: true, ..Config::default() };
    let read = Readability::new(whole.as_str(), None, Some(config));
    read.and_then(|mut page| page.parse()).map_or(whole, |article| article.content.to_string())
}

/// A text for machines: some sites write markup into it, some line breaks, some neither.
fn blocks_of_said(said: &str) -> Vec<Block> {
    let unescaped = htmlize::unescape(said);
    if unescaped.contains("</") || unescaped.contains("<br") {
        blocks_of(&unescaped)
    } else {
        unescaped.lines().filter_map(Block::of_text).collect()
    }
}

/// The text for machines if it is longer and holds what is seen, else what is seen.
fn longer(seen: Trimmed, said: Option<Trimmed>) -> (Trimmed, ArticleEvidence) {
    let Some(said) = said else { return (seen, ArticleEvidence::Layout) };
    let is_longer = said.word_count() * 100 > seen.word_count() * LONGER_PERCENT;
    if is_longer && holds(&said, &seen) {
        (said, ArticleEvidence::StructuredData)
    } else {
        (seen, ArticleEvidence::Layout)
    }
}

/// Whether most words of `seen` are in `said`.
fn holds(said: &Trimmed, seen: &Trimmed) -> bool {
    let words = |trimmed: &Trimmed| -> std::collections::BTreeSet<String> {
        let texts = trimmed.blocks.iter().flat_map(|block| block.text.split(' '));
        texts.map(str::to_owned).collect()
    };
    let (said, seen) = (words(said), words(seen));
    seen.intersection(&said).count() * 100 >= seen.len() * SAME_PERCENT
}
