//! A page → its article, in the order of evidence that `extract` describes.

use dom_smoothie::{Config, Readability};
use scraper::{Html, Selector};

use super::blocks::{TextBlock, split_into_blocks};
use super::page_metadata::PageMetadata;
use super::trim::{self, TrimmedText};
use super::{
    ExtractError, bare_text, lost_blocks, own_article, page_metadata, structured_data, text_source,
};
use crate::markup::{linearize, parse_selector};
use crate::model::{ArticleEvidence, ArticleSelectors, RawArticle};

/// Elements of a page in which an article is searched by layout; pages of outlets have up to 6,000. The
/// time grows faster than their number.
const MOST_ELEMENTS: usize = 20_000;

/// Extracts the article from a page.
///
/// # Errors
/// As `extract`.
pub(super) fn extract_from_page(
    page: &str,
    selectors: &ArticleSelectors,
) -> Result<RawArticle, ExtractError> {
    let data = structured_data::read_structured_data(page);
    let mut html = Html::parse_document(&linearize(page).html);
    let head = page_metadata::read_metadata(&html, &data);
    let is_changed = drop_elements(&mut html, selectors.drop.as_deref())?;
    let title = head.title.as_deref();
    let (trimmed, evidence) = if let Some(keep) = selectors.keep.as_deref() {
        let kept = kept_elements(&html, keep)?;
        (trim::trim_blocks(split_into_blocks(&kept), title), ArticleEvidence::Selectors)
    } else {
        let structured = data.body.as_deref().filter(|_| !is_changed);
        choose_own_text(&mut html, &head, structured)
    };
    let TrimmedText { blocks, attributions, left_out } = trimmed;
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
        blocks: blocks.into_iter().map(bare_text::to_raw_block).collect(),
        attributions,
        evidence,
        removed: left_out,
    })
}

/// Removes elements from the page; returns whether there were any.
fn drop_elements(html: &mut Html, selector: Option<&str>) -> Result<bool, ExtractError> {
    let Some(selector) = selector else { return Ok(false) };
    let parsed = parse_operator_selector(selector)?;
    let found: Vec<_> = html.select(&parsed).map(|element| element.id()).collect();
    for id in &found {
        if let Some(mut node) = html.tree.get_mut(*id) {
            node.detach();
        }
    }
    Ok(!found.is_empty())
}

fn kept_elements(html: &Html, selector: &str) -> Result<String, ExtractError> {
    let parsed = parse_operator_selector(selector)?;
    let mut kept = String::new();
    let mut last = None;
    for element in html.select(&parsed) {
        // In document order, a nested element follows the one that contains it.
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

fn parse_operator_selector(words: &str) -> Result<Selector, ExtractError> {
    parse_selector(words)
        .map_err(|reason| ExtractError::Selector { selector: words.to_owned(), reason })
}

/// The article's text by the page's layout, or its structured data.
fn choose_own_text(
    html: &mut Html,
    head: &PageMetadata,
    structured: Option<&str>,
) -> (TrimmedText, ArticleEvidence) {
    let title = head.title.as_deref();
    let own = own_article::keep_own_article(html, title);
    let whole: Vec<TextBlock> = own.article.as_deref().map(split_into_blocks).unwrap_or_default();
    let has_own_text = own.article.is_some() || own.headline_area.is_some();
    let markup = own.article.unwrap_or_else(|| html.html());
    let found = split_into_blocks(&article_by_layout(markup));
    let found = lost_blocks::restore_lost_blocks(found, whole);
    let mut layout = trim::trim_blocks(found, title);
    if let Some(markup) = own.headline_area {
        let headline = trim::trim_blocks(split_into_blocks(&markup), title);
        layout = text_source::without_other_articles(layout, headline);
    }
    let short =
        own.short_article.map(|markup| trim::trim_blocks(split_into_blocks(&markup), title));
    if let Some(short) = short.and_then(TrimmedText::into_short_text) {
        layout = text_source::without_other_articles(layout, short);
    }
    let (mut chosen, mut evidence) = match structured {
        None => (layout, ArticleEvidence::Layout),
        Some(text) => {
            let structured = trim::trim_blocks(blocks_of_structured_text(text), title);
            text_source::choose_text_source(layout, structured, &split_into_blocks(&html.html()))
        }
    };
    if evidence == ArticleEvidence::Layout
        && (!has_own_text || chosen.blocks.is_empty())
        && let Some(summary) = head.summary.as_deref().and_then(TextBlock::from_text)
        && text_source::is_summary_of_other(title, &summary, &chosen)
    {
        chosen.replace_by(summary);
        evidence = ArticleEvidence::Summary;
    }
    chosen.left_out.extend(own.left_out);
    (chosen, evidence)
}

/// The part of a markup that reads like an article; all of it if there is no such part.
fn article_by_layout(markup: String) -> String {
    let config =
        Config { max_elements_to_parse: MOST_ELEMENTS, disable_json_ld: true, ..Config::default() };
    let read = Readability::new(markup.as_str(), None, Some(config));
    read.and_then(|mut page| page.parse()).map_or(markup, |article| article.content.to_string())
}

/// A text in structured data: some sites write markup into it, some line breaks, some neither.
fn blocks_of_structured_text(text: &str) -> Vec<TextBlock> {
    let unescaped = htmlize::unescape(text);
    if unescaped.contains("</") || unescaped.contains("<br") {
        split_into_blocks(&unescaped)
    } else {
        unescaped.lines().filter_map(TextBlock::from_text).collect()
    }
}
