//! An entry → how much of it an output publishes.
//!
//! | policy | published |
//! | --- | --- |
//! | summary | the publisher's summary, or else the content; as text, cut at about 500 characters |
//! | full | the content, or else the summary, with its markup; after a text from the entry's own page, the lines that name its origin |
//!
//! A cut falls between two words, or, if a word is longer than half the limit, between two graphemes: a
//! letter never loses its marks.

use rafid_feed::markup::markup_to_text;
use rafid_feed::model::{Entry, SafeHtml};
use unicode_segmentation::UnicodeSegmentation;

use super::{href, xml_text};
use crate::model::ContentPolicy;

/// The length of a summary in characters (design decision: publishers reserve rights in the whole text).
pub const SUMMARY_CHARACTERS: usize = 500;

/// The length of a headline that is made from the text, for entries without a title.
const HEADLINE_CHARACTERS: usize = 80;

/// The title of an entry, or else the start of its text, or else a remark that it has no title: readers list
/// entries by their titles.
pub fn entry_headline(entry: &Entry) -> String {
    let title = xml_text::xml_line(entry.title.as_str());
    if !title.trim().is_empty() {
        return title;
    }
    plain_summary(entry, HEADLINE_CHARACTERS).unwrap_or_else(|| "(بلا عنوان)".to_owned())
}

/// The published part of an entry, as HTML; `None`: there is nothing to publish.
pub fn entry_content(entry: &Entry, policy: ContentPolicy) -> Option<String> {
    match policy {
        ContentPolicy::Summary => {
            plain_summary(entry, SUMMARY_CHARACTERS).map(|text| html_paragraph(&text))
        }
        ContentPolicy::Full => [&entry.content, &entry.summary]
            .into_iter()
            .flatten()
            .find(|html| !html.is_empty())
            .map(|html| {
                format!("{}{}", href::encode_hrefs_in_html(html.as_str()), origin_lines(entry))
            }),
    }
}

/// The lines about the origin that were removed from the text of the entry's page.
fn origin_lines(entry: &Entry) -> String {
    let page = entry.page.iter().filter(|page| page.is_text);
    let lines = page
        .flat_map(|page| &page.attributions)
        .filter_map(|attribution| attribution.line.as_ref());
    lines.map(|line| html_paragraph(line.as_str())).collect()
}

/// The start of an entry as text of at most about `limit` characters; `None`: it has no text.
pub fn plain_summary(entry: &Entry, limit: usize) -> Option<String> {
    [&entry.summary, &entry.content]
        .into_iter()
        .flatten()
        .map(single_line_text)
        .find(|text| !text.is_empty())
        .map(|text| shorten(&text, limit))
}

pub(super) fn html_paragraph(text: &str) -> String {
    format!("<p>{}</p>", xml_text::escape_html(text))
}

/// The text of sanitized markup on one line.
fn single_line_text(html: &SafeHtml) -> String {
    xml_text::xml_text(&markup_to_text(html.as_str()))
}

/// `text` if it is short enough, else its start and an ellipsis.
pub(super) fn shorten(text: &str, limit: usize) -> String {
    let Some((too_far, _)) = text.char_indices().nth(limit) else {
        return text.to_owned();
    };
    let mut end = 0;
    let mut word_end = 0;
    for (start, grapheme) in text.grapheme_indices(true) {
        if grapheme == " " && start <= too_far {
            word_end = start;
        }
        if start + grapheme.len() > too_far {
            break;
        }
        end = start + grapheme.len();
    }
    let at = if word_end >= too_far / 2 { word_end } else { end };
    let kept = text[..at].trim_end_matches([' ', ',', '،', '؛', ':', '.', '…', '-', '–']);
    format!("{kept}…")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn html(text: &str) -> SafeHtml {
        SafeHtml::from_trusted(text.to_owned())
    }

    fn cut_html(html: &SafeHtml, limit: usize) -> String {
        let text = shorten(&single_line_text(html), limit);
        if text.is_empty() { text } else { html_paragraph(&text) }
    }

    #[test]
    fn cuts() {
        let check = |input: &str, limit: usize, expected: &str| {
            assert_eq!(cut_html(&html(input), limit), expected, "{input:?} at {limit}");
        };
        check("", 10, "");
        check("<p><img src=\"https://a/?x>y\"></p>", 10, "");
        check("<p>قصير</p>", 10, "<p>قصير</p>");
        check("<p>واحد</p><p>اثنان</p>", 20, "<p>واحد اثنان</p>");
        check("كل<b>مة</b>", 20, "<p>كلمة</p>");
        check("a &lt;b&gt; &amp; c", 20, "<p>a &lt;b&gt; &amp; c</p>");
        check("الخبر الأول، والثاني", 13, "<p>الخبر الأول…</p>");
        check("الخبر الأول والثاني", 11, "<p>الخبر الأول…</p>");
        // One long word: between graphemes, and the mark stays with its letter.
        check("كتاب\u{64e}بب", 4, "<p>كتا…</p>");
        check("👩\u{200d}👩\u{200d}👧\u{200d}👦x", 3, "<p>…</p>");
        check("a < b", 20, "<p>a &lt; b</p>");
    }

    proptest! {
        #[test]
        fn any_text_is_cut_short_without_panic(text in "\\PC{0,80}", limit in 0_usize..40) {
            let short = shorten(&text, limit);
            prop_assert!(short.chars().count() <= limit + 1);
            cut_html(&html(&text), limit);
        }
    }
}
