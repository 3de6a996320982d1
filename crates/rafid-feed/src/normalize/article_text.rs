//! An article as its page has it → an article that is safe to show: `RawArticle` → `Article`.

use jiff::tz::TimeZone;
use url::Url;

use super::html::{self, SanitizeBudget};
use super::{SourceHints, absolute_url, language, line};
use crate::dates;
use crate::model::{
    Article, Attribution, BlockKind, PublishedAttribution, RawArticle, RawBlock, RawText, SafeHtml,
    TextKind,
};

/// The most bytes of an article's markup that are sanitized; long articles have 60 KiB.
const MOST_BYTES: usize = 256 * 1024;

/// Normalizes an article.
pub fn normalize_article(raw: RawArticle, hints: &SourceHints<'_>) -> Article {
    let base = hints.url;
    let title = raw.title.as_deref().map(line::to_line).unwrap_or_default();
    let paragraphs: Vec<String> = raw
        .blocks
        .iter()
        .map(|block| line::to_long_line(&block.text))
        .filter(|text| !text.is_empty())
        .collect();
    let claims = [raw.language.as_deref()];
    let words = || paragraphs.iter().take(8).map(String::as_str).collect::<Vec<_>>().join(" ");
    let language = language::decide_language(&claims, None, hints.language, words).language;
    let direction = language::claimed_direction(&[raw.direction.as_deref()])
        .unwrap_or_else(|| language::direction_by_words(title.as_str(), words, language.as_ref()));
    let zone = hints.timezone.and_then(dates::parse_zone).unwrap_or(TimeZone::UTC);
    let date = |words: &str| {
        let relative = || dates::read_relative(words, hints.read_at?, Some(&zone));
        dates::read_date(words, Some(&zone)).or_else(relative)
    };
    let shown = |words: &str| Some(line::to_line(words)).filter(|line| !line.is_empty());
    Article {
        site_name: raw.site_name.as_deref().and_then(shown),
        byline: raw.byline.as_deref().and_then(shown),
        published_at: raw.published.as_deref().and_then(date),
        image: raw.image.as_deref().and_then(|words| absolute_url::absolute_web_url(words, base)),
        html: sanitize_blocks(&raw.blocks, base),
        attributions: raw.attributions.iter().map(published_attribution).collect(),
        evidence: raw.evidence,
        removed: raw.removed,
        title,
        language,
        direction,
        paragraphs,
    }
}

fn published_attribution(raw: &Attribution) -> PublishedAttribution {
    PublishedAttribution {
        line: raw.line.as_deref().map(line::to_line),
        name: line::to_line(&raw.name),
    }
}

fn sanitize_blocks(blocks: &[RawBlock], base: Option<&Url>) -> SafeHtml {
    let raw =
        RawText { value: blocks_to_markup(blocks), kind: TextKind::Html, ..RawText::default() };
    html::sanitize_text(&raw, base, &mut SanitizeBudget::default()).html.unwrap_or_default()
}

/// The blocks as one text: consecutive list items become one list.
fn blocks_to_markup(blocks: &[RawBlock]) -> String {
    let mut html = String::new();
    let mut is_in_list = false;
    for block in blocks {
        let is_item = block.kind == BlockKind::Item;
        if is_item != is_in_list {
            html.push_str(if is_item { "<ul>" } else { "</ul>" });
            is_in_list = is_item;
        }
        if html.len() + block.html.len() > MOST_BYTES {
            break;
        }
        let (start, end) = match block.kind {
            BlockKind::Paragraph => ("<p>", "</p>"),
            BlockKind::Heading => ("<h3>", "</h3>"),
            BlockKind::Item => ("<li>", "</li>"),
            BlockKind::Quote => ("<blockquote>", "</blockquote>"),
            BlockKind::Preformatted => ("<pre>", "</pre>"),
            BlockKind::Table => ("", ""),
        };
        html.extend([start, &block.html, end]);
    }
    if is_in_list {
        html.push_str("</ul>");
    }
    html
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleEvidence, Direction};

    fn block(kind: BlockKind, text: &str, html: &str) -> RawBlock {
        RawBlock { kind, text: text.to_owned(), html: html.to_owned() }
    }

    fn raw(blocks: Vec<RawBlock>) -> RawArticle {
        RawArticle {
            title: Some(" عنوان\u{200f} ".to_owned()),
            site_name: None,
            byline: Some("أحمد".to_owned()),
            published: Some("25 نوفمبر 2026".to_owned()),
            language: None,
            direction: None,
            image: Some("/x.jpg".to_owned()),
            blocks,
            attributions: vec![Attribution {
                line: Some("المصدر: واس".to_owned()),
                name: "واس".to_owned(),
            }],
            evidence: ArticleEvidence::Layout,
            removed: Vec::new(),
        }
    }

    #[test]
    fn an_article_is_normalized() {
        let page = Url::parse("https://news.example/a/1").unwrap();
        let hints = SourceHints { url: Some(&page), ..SourceHints::default() };
        let article = normalize_article(
            raw(vec![
                block(BlockKind::Paragraph, "نص أول", "<b onclick=x>نص</b> <a href='../2'>أول</a>"),
                block(BlockKind::Item, "أ", "أ<script>x()</script>"),
                block(BlockKind::Item, "ب", "ب"),
            ]),
            &hints,
        );
        assert_eq!(article.title.as_str(), "عنوان");
        assert_eq!(
            article.html.as_str(),
            "<p><b>نص</b> <a href=\"https://news.example/2\" rel=\"noopener noreferrer\">أول</a></p>\
             <ul><li>أ</li><li>ب</li></ul>"
        );
        assert_eq!(article.paragraphs, ["نص أول", "أ", "ب"]);
        assert_eq!(article.image.as_deref(), Some("https://news.example/x.jpg"));
        assert_eq!(article.direction, Direction::RightToLeft);
        assert_eq!(article.published_at.unwrap().to_string(), "2026-11-25T00:00:00Z");
        assert_eq!(article.attributions[0].name.as_str(), "واس");
    }
}
