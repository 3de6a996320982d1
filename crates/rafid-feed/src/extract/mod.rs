//! An article's page, or its bare text → the article: title, paragraphs, whom it is taken from; not
//! the ticker above it, the share buttons in it and the comment form below it.
//!
//! | file | what it turns into what |
//! | --- | --- |
//! | `page` | a page → the part of it that is the article: by the operator's selectors, else by its data for machines, else by its layout |
//! | `own` | a page → without what belongs to other articles; the element of its headline |
//! | `others` | the children of an element → those that belong to other articles |
//! | `agree` | what is seen, and what the page says to machines → which of them is the article's |
//! | `head` | a page → what it says of itself: title, site, author, date |
//! | `data` | data for machines (JSON-LD) → the article's facts and text |
//! | `blocks` | markup → pieces of text |
//! | `lines` | a bare text → pieces, and which of them is the title |
//! | `trim` | pieces → those of the article, and why the others are not |
//! | `boilerplate` | a line → whether every page of some site has it |
//! | `attribution` | a line → whom the article is taken from |
//! | `repeats` | pieces that other pages of the source have as well → left out |
//! | `choose` | what the feed says and what the page gave → whose text is shown |
//!
//! The ladder for the text: where the operator says; what the page says to machines, if that is
//! longer than what is seen; the part that reads like an article (Readability, by `dom_smoothie`).
//! Measured on pages of Arabic outlets, that part loses nothing and lets the noise around it through,
//! so every piece is judged again by what Arabic sites write around their articles.

mod article_page;
mod attribution;
mod bare_text;
mod blocks;
mod boilerplate;
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

pub use repeated_blocks::drop_repeated;
pub use text_choice::{FeedText, TextChoice, choose_text};

/// Why a page gives no article.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ExtractError {
    /// There is no text that could be one.
    #[error("nothing reads like an article: expected at least one paragraph of text")]
    NoText,
    /// The operator's selector matches nothing.
    #[error("the page was read but the selector `{selector}` matches nothing")]
    NothingMatches {
        /// The selector.
        selector: String,
    },
    /// The operator's selector is none.
    #[error("`{selector}` is no selector: {reason}")]
    Selector {
        /// The selector.
        selector: String,
        /// What is wrong with it.
        reason: &'static str,
    },
}

/// Takes the article out of a page, or out of a text without markup.
///
/// # Errors
/// When there is no text in it that could be an article, or a selector finds nothing.
pub fn extract(text: &str, selectors: &ArticleSelectors) -> Result<RawArticle, ExtractError> {
    if is_page(text) {
        article_page::extract_from_page(text, selectors)
    } else {
        bare_text::extract_from_text(text)
    }
}

/// Elements that no text has by accident; one of them makes a page.
const HTML_SIGNS: [&str; 10] =
    ["html", "head", "body", "div", "p", "br", "article", "table", "span", "section"];
/// Tags that are looked at to find out.
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
