//! What a feed says of an entry, and the article that its page gave → whether the page's text is taken.
//!
//! | question | answer |
//! | --- | --- |
//! | Is it that article? | half of the words of the feed's title stand in the page's title, and a tenth of what the feed says in the page's text; or seven tenths of at least three words of the title in the page's text; or half of the feed's own text, at least eight words of it |
//! | Is there more of it? | it has at least as many letters as the feed's own text |
//!
//! Words are compared as tokens, function words apart, each counted once. Where the feed says too little
//! to compare, the page is believed. A wall (sign in, accept, prove that you are human) fails the first
//! question, or the second: it shows the title and the beginning.

use std::collections::BTreeSet;

use super::super::arabic::{MatchKey, MatchToken};
use super::super::markup::markup_to_text;
use super::super::model::{Article, Entry, SafeHtml};

/// What the feed itself says of an entry.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FeedText {
    /// Its title.
    pub title: String,
    /// The longer of its texts, without markup; empty: it has none.
    pub text: String,
}

/// Whose text an entry shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextChoice {
    /// The page's.
    Page,
    /// The feed's, which is longer.
    Feed,
    /// The feed's, as the page is another article's, or none's.
    OtherPage,
}

/// Percent of the title's words in the page's title, and in its text.
const TITLE_WORDS_IN_TITLE_PERCENT: usize = 50;
const TITLE_WORDS_IN_TEXT_PERCENT: usize = 70;
/// A title of fewer words proves nothing by its words in a text.
const FEWEST_TITLE_WORDS: usize = 3;
/// Percent of all that the feed says in the page's text, where the titles are the same, and how many words it
/// must say: a page shows its own title above another article's text, too.
const FEED_WORDS_IN_PAGE_PERCENT: usize = 10;
const FEWEST_WORDS: usize = 5;
/// Percent of the words of the feed's own text in the page's, and how many it must have.
const FEED_TEXT_WORDS_PERCENT: usize = 50;
const FEWEST_TEXT_WORDS: usize = 8;

impl FeedText {
    /// What the feed says of an entry, whose `content` may be its page's by now.
    pub fn from_entry(entry: &Entry) -> Self {
        let is_pages = entry.page.as_ref().is_some_and(|page| page.is_text);
        let content = entry.content.as_ref().filter(|_| !is_pages);
        let texts = [content, entry.summary.as_ref()];
        let texts = texts.into_iter().flatten().map(SafeHtml::as_str).map(markup_to_text);
        let title = entry.title.as_str().to_owned();
        Self { title, text: texts.max_by_key(|text| count_letters(text)).unwrap_or_default() }
    }
}

/// Decides.
pub fn choose_text(told: &FeedText, article: &Article) -> TextChoice {
    let text = article.paragraphs.join("\n");
    if !is_same_article(told, article.title.as_str(), &text) {
        TextChoice::OtherPage
    } else if count_letters(&text) < count_letters(&told.text) {
        TextChoice::Feed
    } else {
        TextChoice::Page
    }
}

fn is_same_article(told: &FeedText, title: &str, text: &str) -> bool {
    let (told_title, told_text) = (MatchKey::of(&told.title), MatchKey::of(&told.text));
    let (title, text) = (MatchKey::of(title), MatchKey::of(text));
    let (told_title, told_text) = (significant_words(&told_title), significant_words(&told_text));
    let (title, mut text) = (significant_words(&title), significant_words(&text));
    if told_title.is_empty() && told_text.len() < FEWEST_TEXT_WORDS {
        return true;
    }
    if !told_title.is_empty()
        && share_of_tokens(&told_title, &title) >= TITLE_WORDS_IN_TITLE_PERCENT
    {
        let told: BTreeSet<MatchToken<'_>> = told_title.union(&told_text).copied().collect();
        return told.len() < FEWEST_WORDS
            || share_of_tokens(&told, &text) >= FEED_WORDS_IN_PAGE_PERCENT;
    }
    text.extend(&title);
    (told_title.len() >= FEWEST_TITLE_WORDS
        && share_of_tokens(&told_title, &text) >= TITLE_WORDS_IN_TEXT_PERCENT)
        || (told_text.len() >= FEWEST_TEXT_WORDS
            && share_of_tokens(&told_text, &text) >= FEED_TEXT_WORDS_PERCENT)
}

/// The words that say something; all of them where none does.
fn significant_words(key: &MatchKey) -> BTreeSet<MatchToken<'_>> {
    let tokens = key.tokens();
    let telling: BTreeSet<_> =
        tokens.iter().copied().filter(|token| !token.is_stop_word()).collect();
    if telling.is_empty() { tokens.into_iter().collect() } else { telling }
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

    fn check(told: (&str, &str), page: (&str, &[&str]), expected: TextChoice) {
        let told = FeedText { title: told.0.to_owned(), text: told.1.to_owned() };
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
        assert_eq!(choose_text(&told, &article), expected, "{told:?} {page:?}");
    }

    #[test]
    fn the_same_article_with_more_of_it_is_taken() {
        check((TITLE, SUMMARY), (TITLE, &[BODY]), TextChoice::Page);
        let with_site = "إفتتاح مكتبةٍ عامّة بالحي القديم بدمشق - جريدة المثال";
        check((TITLE, ""), (with_site, &[BODY]), TextChoice::Page);
        // The headline was rewritten, or the page has none.
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
        // Its own title, and the text of others.
        check((TITLE, SUMMARY), (TITLE, &home), TextChoice::OtherPage);
        check((TITLE, ""), (TITLE, &home), TextChoice::OtherPage);
        // Two words prove nothing by standing somewhere in a long text.
        check(("عشرين كتاب", ""), ("أسعار القمح", &[BODY]), TextChoice::OtherPage);
    }

    #[test]
    fn what_is_shorter_than_the_feed_is_not() {
        check((TITLE, BODY), (TITLE, &[SUMMARY]), TextChoice::Feed);
        let wall = ["افتتحت البلدية صباح الأربعاء…", "اشترك لتقرأ المزيد"];
        check((TITLE, BODY), (TITLE, &wall), TextChoice::Feed);
        check((TITLE, BODY), (TITLE, &[BODY]), TextChoice::Page);
    }

    #[test]
    fn a_text_of_the_page_is_not_what_the_feed_says() {
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
