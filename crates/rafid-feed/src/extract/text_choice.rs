//! What a feed has of an entry, and the article of the entry's page → whether the page's text is used.
//!
//! | question | answer |
//! | --- | --- |
//! | Is it the same article? | half of the words of the feed's title are in the page's title, and a tenth of the feed's words in the page's text; or seven tenths of at least three words of the title are in the page's text; or half of the feed's own text, at least eight words of it |
//! | Does the page have more of it? | it has at least as many letters as the feed's own text |
//!
//! Words are compared as tokens without function words, each counted once. When the feed has too little
//! text to compare, the page's is used. A wall (sign in, accept, prove that you are human) fails the first
//! question, or the second: it shows the title and the beginning.

use std::collections::BTreeSet;

use super::super::arabic::{MatchKey, MatchToken};
use super::super::markup::markup_to_text;
use super::super::model::{Article, Entry, SafeHtml};

/// What the feed has of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedText {
    /// Its title.
    pub title: String,
    /// The longer of its texts, without markup; empty: there is no text.
    pub text: String,
}

/// Whose text an entry shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextChoice {
    /// The page's.
    Page,
    /// The feed's, which is longer.
    Feed,
    /// The feed's, as the page shows another article, or none.
    OtherPage,
}

/// Percent of the title's words in the page's title, and in its text.
const TITLE_WORDS_IN_TITLE_PERCENT: usize = 50;
const TITLE_WORDS_IN_TEXT_PERCENT: usize = 70;
/// A title of fewer words proves nothing by its words in a text.
const FEWEST_TITLE_WORDS: usize = 3;
/// Percent of all words of the feed in the page's text, where the titles are the same, and how many words
/// the feed must have: a page may show its own title above another article's text.
const FEED_WORDS_IN_PAGE_PERCENT: usize = 10;
const FEWEST_WORDS: usize = 5;
/// Percent of the words of the feed's own text in the page's, and how many words it must have.
const FEED_TEXT_WORDS_PERCENT: usize = 50;
const FEWEST_TEXT_WORDS: usize = 8;

impl FeedText {
    /// The title and text that the feed has of an entry; its `content` is left out if it is the page's.
    pub fn from_entry(entry: &Entry) -> Self {
        let is_pages = entry.page.as_ref().is_some_and(|page| page.is_text);
        let content = entry.content.as_ref().filter(|_| !is_pages);
        let texts = [content, entry.summary.as_ref()];
        let texts = texts.into_iter().flatten().map(SafeHtml::as_str).map(markup_to_text);
        let title = entry.title.as_str().to_owned();
        Self { title, text: texts.max_by_key(|text| count_letters(text)).unwrap_or_default() }
    }
}

/// Decides whose text is used.
pub(crate) fn choose_text(feed: &FeedText, article: &Article) -> TextChoice {
    let text = article.paragraphs.join("\n");
    if !is_same_article(feed, article.title.as_str(), &text) {
        TextChoice::OtherPage
    } else if count_letters(&text) < count_letters(&feed.text) {
        TextChoice::Feed
    } else {
        TextChoice::Page
    }
}

fn is_same_article(feed: &FeedText, title: &str, text: &str) -> bool {
    let (feed_title, feed_text) = (MatchKey::of(&feed.title), MatchKey::of(&feed.text));
    let (title, text) = (MatchKey::of(title), MatchKey::of(text));
    let (feed_title, feed_text) = (significant_words(&feed_title), significant_words(&feed_text));
    let (title, mut text) = (significant_words(&title), significant_words(&text));
    if feed_title.is_empty() && feed_text.len() < FEWEST_TEXT_WORDS {
        return true;
    }
    if !feed_title.is_empty()
        && share_of_tokens(&feed_title, &title) >= TITLE_WORDS_IN_TITLE_PERCENT
    {
        let all: BTreeSet<MatchToken<'_>> = feed_title.union(&feed_text).copied().collect();
        return all.len() < FEWEST_WORDS
            || share_of_tokens(&all, &text) >= FEED_WORDS_IN_PAGE_PERCENT;
    }
    text.extend(&title);
    (feed_title.len() >= FEWEST_TITLE_WORDS
        && share_of_tokens(&feed_title, &text) >= TITLE_WORDS_IN_TEXT_PERCENT)
        || (feed_text.len() >= FEWEST_TEXT_WORDS
            && share_of_tokens(&feed_text, &text) >= FEED_TEXT_WORDS_PERCENT)
}

/// The words that are not function words; all of them if there are no others.
fn significant_words(key: &MatchKey) -> BTreeSet<MatchToken<'_>> {
    let tokens = key.tokens();
    let significant: BTreeSet<_> =
        tokens.iter().copied().filter(|token| !token.is_stop_word()).collect();
    if significant.is_empty() { tokens.into_iter().collect() } else { significant }
}

/// How many of `some` are among `all`, in percent.
fn share_of_tokens(some: &BTreeSet<MatchToken<'_>>, all: &BTreeSet<MatchToken<'_>>) -> usize {
    some.intersection(all).count() * 100 / some.len().max(1)
}

fn count_letters(text: &str) -> usize {
    text.chars().filter(|c| c.is_alphanumeric()).count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ArticleEvidence, Direction, EntryPage, Identity, IdentityKind, PlainText};

    const TITLE: &str = "افتتاح مكتبة عامة في الحي القديم بدمشق";
    const SUMMARY: &str = "افتتحت البلدية صباح الأربعاء مكتبة عامة تضم عشرين ألف كتاب نصفها للأطفال";
    const BODY: &str = "افتتحت البلدية صباح الأربعاء في الحي القديم بدمشق مكتبة عامة تضم عشرين ألف كتاب، \
                        نصفها للأطفال والفتيان، وحضر الافتتاح سكان الحي وتلاميذ مدارسه.";

    fn check(feed: (&str, &str), page: (&str, &[&str]), expected: TextChoice) {
        let feed = FeedText { title: feed.0.to_owned(), text: feed.1.to_owned() };
        let article = Article {
            title: PlainText::from_trusted(page.0.to_owned()),
            site_name: None,
            byline: None,
            published_at: None,
            language: None,
            direction: Direction::RightToLeft,
            image: None,
            html: SafeHtml::from_trusted(String::new()),
            paragraphs: page.1.iter().map(|text| (*text).to_owned()).collect(),
            attributions: Vec::new(),
            evidence: ArticleEvidence::Layout,
            removed: Vec::new(),
        };
        assert_eq!(choose_text(&feed, &article), expected, "{feed:?} {page:?}");
    }

    #[test]
    fn the_same_article_with_more_of_it_is_taken() {
        check((TITLE, SUMMARY), (TITLE, &[BODY]), TextChoice::Page);
        let with_site = "إفتتاح مكتبةٍ عامّة بالحي القديم بدمشق - جريدة المثال";
        check((TITLE, ""), (with_site, &[BODY]), TextChoice::Page);
        // The headline was rewritten, or the page has no headline.
        check((TITLE, SUMMARY), ("كتب للجميع", &[BODY]), TextChoice::Page);
        check(("كتب للجميع", SUMMARY), ("", &[BODY]), TextChoice::Page);
        check((TITLE, ""), ("", &[BODY]), TextChoice::Page);
        check(("", ""), ("أي عنوان", &[BODY]), TextChoice::Page);
        check(
            ("Port reopens after storm", ""),
            ("Port reopens", &["Ships went in."]),
            TextChoice::Page,
        );
    }

    #[test]
    fn another_page_is_not() {
        let home = ["ارتفاع أسعار القمح", "فوز المنتخب في المباراة", "أمطار على الساحل غدا"];
        check((TITLE, SUMMARY), ("جريدة المثال: الصفحة الرئيسية", &home), TextChoice::OtherPage);
        let wall = ["سجل الدخول إلى حسابك لمتابعة القراءة", "البريد الإلكتروني وكلمة المرور"];
        check((TITLE, SUMMARY), ("تسجيل الدخول", &wall), TextChoice::OtherPage);
        check(
            (TITLE, ""),
            ("الصفحة غير موجودة", &["عذرا، لم نجد ما تبحث عنه"]),
            TextChoice::OtherPage,
        );
        let other = ["ارتفعت أسعار القمح في الأسواق العالمية بعد تراجع المحاصيل في الحي القديم"];
        check((TITLE, SUMMARY), ("أسعار القمح ترتفع", &other), TextChoice::OtherPage);
        // The page's own title, and the text of other articles.
        check((TITLE, SUMMARY), (TITLE, &home), TextChoice::OtherPage);
        check((TITLE, ""), (TITLE, &home), TextChoice::OtherPage);
        // Two words prove nothing by occurring in a long text.
        check(("عشرين كتاب", ""), ("أسعار القمح", &[BODY]), TextChoice::OtherPage);
    }

    #[test]
    fn a_text_shorter_than_the_feeds_is_not() {
        check((TITLE, BODY), (TITLE, &[SUMMARY]), TextChoice::Feed);
        let wall = ["افتتحت البلدية صباح الأربعاء…", "اشترك لتقرأ المزيد"];
        check((TITLE, BODY), (TITLE, &wall), TextChoice::Feed);
        check((TITLE, BODY), (TITLE, &[BODY]), TextChoice::Page);
    }

    #[test]
    fn the_pages_text_is_not_the_feeds_own() {
        let html = |text: &str| Some(SafeHtml::from_trusted(format!("<p>{text}</p>")));
        let identity =
            Identity { kind: IdentityKind::Guid, key: "1".to_owned(), weaker_names: Vec::new() };
        let mut entry = Entry {
            summary: html("قصير &amp; مفيد"),
            content: html(BODY),
            ..Entry::titled(identity, PlainText::from_trusted(TITLE.to_owned()))
        };
        assert_eq!(FeedText::from_entry(&entry).text.trim(), BODY);
        entry.page = Some(EntryPage { is_text: true, ..EntryPage::default() });
        assert_eq!(FeedText::from_entry(&entry).text.trim(), "قصير & مفيد");
    }
}
