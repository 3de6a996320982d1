//! An entry's text → the same text without the parts that content management systems append: the
//! mark of a cut, the link to the full article, the line that names the site.
//!
//! | at the very end | removed |
//! | --- | --- |
//! | `<a href="…">اقرأ المزيد</a>`, `Read Full Article`, `Lire la suite` | the link, with the breaks before it |
//! | `<p>The post … appeared first on ….</p>`, «ظهرت المقالة … أولاً على …» | the paragraph |
//! | ` […]`, ` [...]`, ` …` (after a gap: an ellipsis that ends a word belongs to the text) | the mark |
//!
//! The entry's own link leads to the full article, and the outputs name the source. So this applies
//! only to entries with a link, and only to Arabic ones (including the untranslated phrases of
//! their systems): the customs of other languages are not judged here.

use std::sync::LazyLock;

use memchr::memchr;

use crate::arabic::MatchKey;
use crate::markup::{MarkupToken, Scanner};
use crate::model::SafeHtml;

/// The complete texts of a link to the full article.
const READ_MORE_LINKS: [&str; 38] = [
    "أكمل القراءة",
    "اضغط هنا",
    "اقرأ أكثر",
    "اقرأ الخبر كاملا",
    "اقرأ المزيد",
    "اقرأ المقال كاملا",
    "اقرأ الموضوع كاملا",
    "التفاصيل",
    "التفاصيل كاملة",
    "المزيد",
    "المزيد من التفاصيل",
    "تابع القراءة",
    "تفاصيل الخبر",
    "قراءة الخبر كاملا",
    "قراءة المزيد",
    "لقراءة الخبر كاملا",
    "لقراءة الخبر كاملا اضغط هنا",
    "لقراءة المزيد",
    "للمزيد",
    "لمتابعة القراءة",
    "لمزيد من التفاصيل",
    "متابعة القراءة",
    "مواصلة القراءة",
    "Click here",
    "Click here to read more",
    "Continue",
    "En savoir plus",
    "Full article",
    "Full story",
    "Keep reading",
    "Leer más",
    "Lire la suite",
    "Lire plus",
    "More",
    "Read full article",
    "Read full story",
    "Read more",
    "Read the full article",
];

/// Beginnings of such a link; the title of the entry follows.
const READ_MORE_BEGINNINGS: [&str; 6] = [
    "Continue reading",
    "Read the full story",
    "Read more about",
    "أكمل قراءة",
    "متابعة قراءة",
    "اقرأ المزيد عن",
];

/// The beginning of the line that names the site, and a phrase that the line contains.
const APPEARED_LINES: [(&str, &str); 7] = [
    ("The post", "appeared first on"),
    ("The post", "first appeared on"),
    ("L’article", "est apparu en premier sur"),
    ("Cet article", "est apparu en premier sur"),
    ("ظهرت المقالة", "أولا على"),
    ("ظهرت المقالة", "للمرة الأولى على"),
    ("ظهر المقال", "أولا على"),
];

/// Marks of a cut text, behind a gap.
const CUT_MARKS: [&str; 5] = ["[…]", "[...]", "[&hellip;]", "(…)", "…"];

/// The longest line or link, in bytes, that can be such a part; it may repeat a title, which has
/// 1,000 characters at most.
const LONGEST_PART_BYTES: usize = 4_096;
/// The bytes at the beginning of a part that show whether it can be one.
const BEGINNING_BYTES: usize = 100;
/// A text has at most one mark, one link and one line at its end, in any order.
const MOST_PARTS: usize = 4;

static LINK_KEYS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| READ_MORE_LINKS.iter().map(|words| MatchKey::of(words)).collect());
static LINK_BEGINNING_KEYS: LazyLock<Vec<MatchKey>> =
    LazyLock::new(|| READ_MORE_BEGINNINGS.iter().map(|words| MatchKey::of(words)).collect());
static APPEARED_KEYS: LazyLock<Vec<(MatchKey, MatchKey)>> = LazyLock::new(|| {
    APPEARED_LINES.iter().map(|(first, later)| (MatchKey::of(first), MatchKey::of(later))).collect()
});

/// The text without such an ending, unless the text contains nothing else.
pub(super) fn without_read_more(html: SafeHtml) -> SafeHtml {
    let mut text = html.as_str();
    let mut shorter: Option<String> = None;
    for _ in 0..MOST_PARTS {
        let Some(cut) = without_one_part(text) else { break };
        text = shorter.insert(cut);
    }
    match shorter {
        Some(text) if !text.is_empty() => SafeHtml::from_trusted(text),
        _ => html,
    }
}

/// Every mark has one of these two, and most texts have neither.
fn may_have_cut_mark(text: &str) -> bool {
    text.contains("…") || memchr(b'[', text.as_bytes()).is_some()
}

fn without_one_part(html: &str) -> Option<String> {
    let tail = &html[html.ceil_char_boundary(html.len().saturating_sub(LONGEST_PART_BYTES))..];
    if !tail.contains("</a>") && !may_have_cut_mark(tail) {
        return None;
    }
    let tokens: Vec<PlacedToken<'_>> = Scanner::new(html).with_offsets().collect();
    let end = end_of_words(&tokens);
    without_mark(html, &tokens[..end])
        .or_else(|| without_link(html, &tokens[..end]))
        .or_else(|| without_appeared(html, &tokens[..end]))
}

/// A token and its start.
type PlacedToken<'a> = (usize, MarkupToken<'a>);

/// The number of tokens up to the last one that shows something: only end tags, breaks and gaps
/// follow.
fn end_of_words(tokens: &[PlacedToken<'_>]) -> usize {
    let shows = |(_, token): &PlacedToken<'_>| match token {
        MarkupToken::Text(text) => !is_gap(text),
        MarkupToken::Start(tag) => tag.name != "br",
        MarkupToken::End(tag) => tag.name == "a",
        MarkupToken::Comment | MarkupToken::Unfinished(_) => false,
    };
    tokens.iter().rposition(shows).map_or(0, |last| last + 1)
}

fn is_gap(text: &str) -> bool {
    text.replace("&nbsp;", " ").trim().is_empty()
}

fn without_mark(html: &str, tokens: &[PlacedToken<'_>]) -> Option<String> {
    let (at, MarkupToken::Text(text)) = tokens.last()? else { return None };
    let words = without_final_gaps(text);
    let before = CUT_MARKS.iter().find_map(|mark| words.strip_suffix(mark))?;
    let kept = without_final_gaps(before);
    let begins_text = kept.is_empty() && tokens.len() > 1;
    (kept.len() < before.len() || begins_text).then(|| cut_and_close(html, at + kept.len()))
}

fn without_link(html: &str, tokens: &[PlacedToken<'_>]) -> Option<String> {
    // A period or an arrow may follow the link.
    let mut tokens = tokens;
    if let Some((_, MarkupToken::Text(text))) = tokens.last()
        && MatchKey::of(text).is_empty()
    {
        tokens = &tokens[..end_of_words(&tokens[..tokens.len() - 1])];
    }
    let (_, MarkupToken::End(tag)) = tokens.last()? else { return None };
    if tag.name != "a" {
        return None;
    }
    let is_start =
        |(_, token): &PlacedToken<'_>| matches!(token, MarkupToken::Start(tag) if tag.name == "a");
    let start = tokens.iter().rposition(is_start)?;
    let words = words_of_tokens(&tokens[start..])?;
    if !may_begin_with_any(&words, LINK_KEYS.iter().chain(LINK_BEGINNING_KEYS.iter())) {
        return None;
    }
    let key = MatchKey::of(&words);
    let begins = |beginning: &MatchKey| key.begins_with(beginning);
    let leads_on = LINK_KEYS.contains(&key) || LINK_BEGINNING_KEYS.iter().any(begins);
    leads_on.then(|| cut_and_close(html, tokens[start].0))
}

fn without_appeared(html: &str, tokens: &[PlacedToken<'_>]) -> Option<String> {
    let is_start =
        |(_, token): &PlacedToken<'_>| matches!(token, MarkupToken::Start(tag) if tag.name == "p");
    let start = tokens.iter().rposition(is_start)?;
    let words = words_of_tokens(&tokens[start..])?;
    if !may_begin_with_any(&words, APPEARED_KEYS.iter().map(|(first, _)| first)) {
        return None;
    }
    let key = MatchKey::of(&words);
    let says = |(first, later): &(MatchKey, MatchKey)| {
        key.begins_with(first)
            && key.as_bytes().windows(later.as_bytes().len()).any(|part| part == later.as_bytes())
    };
    APPEARED_KEYS.iter().any(says).then(|| cut_and_close(html, tokens[start].0))
}

/// Whether some words may begin with one of these keys, by a few of them: folding all words of a long text to see that
/// they do not would cost more than all else here. Words end at a space, so the key of the first ones begins the whole key.
fn may_begin_with_any<'k>(words: &str, mut keys: impl Iterator<Item = &'k MatchKey>) -> bool {
    let beginning = &words[..words.floor_char_boundary(BEGINNING_BYTES)];
    let beginning = match beginning.rfind(' ') {
        Some(last) if beginning.len() < words.len() => &beginning[..last],
        _ => words,
    };
    let begun = MatchKey::of(beginning);
    // They may be an indentation.
    begun.is_empty() || keys.any(|key| begun.begins_with(key) || key.begins_with(&begun))
}

/// The words of some tokens; `None`: there are too many, or a picture.
fn words_of_tokens(tokens: &[PlacedToken<'_>]) -> Option<String> {
    let mut words = String::new();
    for (_, token) in tokens {
        match token {
            MarkupToken::Text(text) => words.push_str(text),
            MarkupToken::Start(tag) if tag.name == "img" => return None,
            _ => {}
        }
        if words.len() > LONGEST_PART_BYTES {
            return None;
        }
    }
    Some(htmlize::unescape(words).into_owned())
}

/// The markup up to `at`, without gaps, breaks and empty elements at its end, and with the end tags
/// of all open elements.
fn cut_and_close(html: &str, at: usize) -> String {
    let mut kept = 0;
    let mut open: Vec<(usize, &str)> = Vec::new();
    for (start, token) in Scanner::new(&html[..at]).with_offsets() {
        match token {
            MarkupToken::Start(tag) if matches!(tag.name, "br" | "hr" | "img" | "wbr") => {
                kept = if tag.name == "br" { kept } else { start + tag.raw.len() };
            }
            MarkupToken::Start(tag) => open.push((start, tag.name)),
            MarkupToken::End(tag) => {
                if let Some((opened, _)) = open.pop()
                    && opened < kept
                {
                    kept = start + tag.raw.len();
                }
            }
            MarkupToken::Text(text) if !is_gap(text) => {
                kept = start + without_final_gaps(text).len();
            }
            MarkupToken::Text(_) | MarkupToken::Comment | MarkupToken::Unfinished(_) => {}
        }
    }
    let mut out = html[..kept].to_owned();
    for (_, name) in open.into_iter().rev().filter(|(start, _)| *start < kept) {
        out.push_str("</");
        out.push_str(name);
        out.push('>');
    }
    out
}

/// A text without the gaps at its end.
fn without_final_gaps(text: &str) -> &str {
    let mut text = text;
    loop {
        let trimmed = text.trim_end();
        let shorter = trimmed.strip_suffix("&nbsp;").unwrap_or(trimmed);
        if shorter.len() == text.len() {
            return text;
        }
        text = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endings_are_removed_and_the_text_stays() {
        let check = |html: &str, expected: &str| {
            let left = without_read_more(SafeHtml::from_trusted(html.to_owned()));
            assert_eq!(left.as_str(), expected, "{html}");
        };
        let stays = |html: &str| check(html, html);
        assert!(CUT_MARKS.iter().all(|mark| may_have_cut_mark(mark)));
        // The link to the full article.
        check("نص. <br><a href=\"x\">Read Full Article</a>", "نص.");
        check("<p>نص. <a href=\"x\">إقرأ المزيد &raquo;</a></p>", "<p>نص.</p>");
        check("<p>نص</p><p><a href=\"x\"><b>المزيد...</b></a></p>\n", "<p>نص</p>");
        check("<div>نص<p><a href=\"x\">لقراءة المزيد</a>.</p></div>", "<div>نص</div>");
        check(
            "<p>نص&nbsp;<a href=\"x\">Continue reading<span> «عنوان»</span></a></p>",
            "<p>نص</p>",
        );
        check("<img src=\"i\"><a href=\"x\">المزيد</a>", "<img src=\"i\">");
        stays("<a href=\"x\">المزيد</a>");
        stays("<p><a href=\"x\">المزيد</a> من الأخبار في المساء</p>");
        stays("<p>قال <a href=\"x\">الوزير</a></p>");
        stays("<p>نص <a href=\"x\"><img src=\"i\">المزيد</a></p>");
        stays("<p>لا رابط في المزيد</p>");
        // The line that names the site.
        check(
            "<p>نص […]</p>\n<p>The post <a href=\"x\">عنوان</a> appeared first on <a href=\"y\">صحيفة</a>.</p>",
            "<p>نص</p>",
        );
        check(
            "<p>نص</p><p>ظهرت المقالة <a href=\"x\">ع</a> أولاً على <a href=\"y\">ص</a>.</p>",
            "<p>نص</p>",
        );
        // A theme indents both.
        let gap = " ".repeat(200);
        check(&format!("<p>نص</p><p>{gap}<a href=\"x\">{gap}المزيد</a></p>"), "<p>نص</p>");
        check(
            &format!(
                "<p>نص</p><p>{gap}The post <a href=\"x\">ع</a> appeared first on <a href=\"y\">ص</a>.</p>"
            ),
            "<p>نص</p>",
        );
        stays("<p>The post office burned down.</p>");
        stays("<p>The post <a href=\"x\">is vacant</a></p>");
        // The mark of a cut.
        check("نص [&hellip;]", "نص");
        check("نص\u{a0}…", "نص");
        check("<p>نص&nbsp;…</p>", "<p>نص</p>");
        check("<p>نص</p><p>[...]</p>", "<p>نص</p>");
        stays("<p>والبقية تأتي…</p>");
        stays("<p>والبقية تأتي ...</p>");
        stays("<ul><li>أ</li></ul>");
        stays("…");
    }
}
