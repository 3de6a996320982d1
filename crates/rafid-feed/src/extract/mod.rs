//! An article's page, or its bare text → the article: title, paragraphs, source; without the ticker above
//! it, the share buttons in it and the comment form below it.
//!
//! | file | turns |
//! | --- | --- |
//! | `article_page` | a page → the part that is the article: by the operator's selectors, else by its structured data, else by its layout |
//! | `own_article` | a page → the page without the elements of other articles; the element of its headline |
//! | `headline` | a page and its title → the element of its headline |
//! | `embedded_parts` | an element → whether it is a post of a social network, or a caption |
//! | `other_articles` | the children of an element → those that belong to other articles |
//! | `lost_blocks` | the layout's text → the same with the paragraphs that were lost in its middle |
//! | `text_source` | the layout's text and the structured text → the one that is the article's |
//! | `page_metadata` | a page → what it states about itself: title, site, author, date |
//! | `structured_data` | JSON-LD → the article's metadata and text |
//! | `blocks` | markup → blocks of text |
//! | `bare_text` | a bare text → blocks, and the one that is the title |
//! | `trim` | blocks → those of the article, and why the others do not belong to it |
//! | `boilerplate` | a line → whether sites write it around every article |
//! | `attribution` | a line → the source of the article |
//! | `repeated_blocks` | blocks that other pages of the source have as well → removed |
//! | `text_choice` | the feed's text and the page's text → the one that is shown |
//!
//! The text comes from the first of these: the operator's selector; the structured data, if its text is
//! longer than the visible one; the part that reads like an article (Readability, by `dom_smoothie`).
//! Measured on pages of Arabic outlets, that part loses nothing and includes the noise around it, so every
//! block is judged again by what Arabic sites write around their articles.

mod article_page;
mod attribution;
mod bare_text;
mod blocks;
mod boilerplate;
mod embedded_parts;
mod headline;
mod lost_blocks;
mod other_articles;
mod own_article;
mod page_metadata;
mod repeated_blocks;
mod structured_data;
mod text_choice;
mod text_source;
mod trim;

use super::markup::{MarkupToken, Scanner};
use super::model::{ArticleSelectors, RawArticle};

pub(crate) use repeated_blocks::drop_repeated;
pub(crate) use text_choice::choose_text;
pub use text_choice::{FeedText, TextChoice};

/// Why a page yields no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// There is no text that could be an article.
    #[error("nothing reads like an article: expected at least one paragraph of text")]
    NoText,
    /// The operator's selector matches nothing.
    #[error("the page was read but the selector `{selector}` matches nothing")]
    NothingMatches {
        /// The selector.
        selector: String,
    },
    /// The operator's selector is invalid.
    #[error("`{selector}` is no selector: {reason}")]
    Selector {
        /// The selector.
        selector: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Extracts the article from a page, or from a text without markup.
///
/// # Errors
/// When there is no text that could be an article, or a selector is invalid or matches nothing.
pub(crate) fn extract(
    text: &str,
    selectors: &ArticleSelectors,
) -> Result<RawArticle, ExtractError> {
    if is_page(text) {
        article_page::extract_from_page(text, selectors)
    } else {
        bare_text::extract_from_text(text)
    }
}

/// Elements that do not occur in a text by accident; one of them makes it a page.
const HTML_SIGNS: [&str; 10] =
    ["html", "head", "body", "div", "p", "br", "article", "table", "span", "section"];
/// Tags that are checked for this.
const MOST_TAGS_CHECKED: usize = 200;

fn is_page(text: &str) -> bool {
    Scanner::new(text).take(MOST_TAGS_CHECKED).any(|token| match token {
        MarkupToken::Start(tag) => {
            HTML_SIGNS.iter().any(|sign| tag.name.eq_ignore_ascii_case(sign))
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests;
