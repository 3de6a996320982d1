//! The texts of one entry → HTML that is safe to show, and its language and direction.

use url::Url;

use super::entry_header::{EntryHeader, NormalizeState};
use super::feed_context::FeedContext;
use super::html::{self, SanitizedText};
use super::warning_collector::WarningCollector;
use super::{absolute_url, language, read_more, text};
use crate::model::{Direction, Image, Language, RawEntry, RawText, SafeHtml};

/// The bytes of a text that are enough to find its language: some 250 Arabic letters.
const MOST_LOOKED_AT: usize = 500;
/// The bytes of a text that are enough to find its direction: some twenty Arabic words, more than a title has.
const ENOUGH_FOR_DIRECTION: usize = 200;

/// The texts of an entry, with their language and direction.
pub(super) struct EntryTexts {
    /// The short text; `None`: it is missing or the same as the content.
    pub(super) summary: Option<SafeHtml>,
    /// The full text.
    pub(super) content: Option<SafeHtml>,
    /// The first picture in them.
    pub(super) picture: Option<Image>,
    /// The language after the check against the words.
    pub(super) language: Option<Language>,
    /// The direction.
    pub(super) direction: Direction,
}

impl EntryTexts {
    /// Reads the texts of an entry.
    pub(super) fn from_raw(
        raw: &RawEntry,
        header: &EntryHeader,
        feed: &FeedContext,
        state: &mut NormalizeState,
    ) -> Self {
        let mut read = |element: &str, raw_text: &Option<RawText>| {
            let Some(raw_text) = raw_text else { return SanitizedText::default() };
            let base = text_base(raw, raw_text, header, feed);
            let page = header.link.as_deref().filter(|_| has_own_base(raw, raw_text, feed));
            let own = page.and_then(|page| with_fragments_of_page(raw_text, page));
            let raw_text = own.as_ref().unwrap_or(raw_text);
            let body = html::sanitize_text(raw_text, base.as_ref(), &mut state.budget);
            for (code, detail) in &body.losses {
                state.warnings.add(code, Some(header.index), || match *code {
                    "text-cut" => format!("the {element}: {detail}"),
                    _ => detail.clone(),
                });
            }
            body
        };
        let (content, summary) = (read("content", &raw.content), read("summary", &raw.summary));
        let summary_html = summary.html.filter(|html| content.html.as_ref() != Some(html));
        let shown = summary_html.as_ref().or(content.html.as_ref());
        let words = |at_most| {
            let beginning = shown.map(|html| text::beginning_of_html(html, at_most));
            // The name of a reference (`&quot;`) is no word.
            htmlize::unescape(beginning.unwrap_or_default()).into_owned()
        };
        let title = header.title.as_str();
        let decision = language::decide_language(
            &claims_of_entry(raw.language.as_deref(), raw, |text| text.language.as_deref()),
            feed.language.as_ref(),
            feed.hint,
            || format!("{title} {}", words(MOST_LOOKED_AT)),
        );
        record_refuted_claim(&decision, header.index, &mut state.warnings);
        let directions =
            claims_of_entry(raw.direction.as_deref(), raw, |text| text.direction.as_deref());
        let claimed = language::claimed_direction(&directions).or(feed.direction);
        let language = decision.language;
        let direction = claimed.unwrap_or_else(|| {
            language::direction_by_words(title, || words(ENOUGH_FOR_DIRECTION), language.as_ref())
        });
        let is_arabic = language.as_ref().is_some_and(|language| language.primary() == "ar");
        let trimmed = |html: SafeHtml| {
            if is_arabic && header.link.is_some() {
                read_more::without_read_more(html)
            } else {
                html
            }
        };
        Self {
            direction,
            language,
            picture: content.picture.or(summary.picture),
            summary: summary_html.map(trimmed),
            content: content.html.map(trimmed),
        }
    }
}

/// The claims of the entry, then those of its texts.
fn claims_of_entry<'a>(
    own: Option<&'a str>,
    raw: &'a RawEntry,
    claim: impl Fn(&'a RawText) -> Option<&'a str>,
) -> [Option<&'a str>; 4] {
    let of = |text: &'a Option<RawText>| text.as_ref().and_then(&claim);
    [own, of(&raw.title), of(&raw.content), of(&raw.summary)]
}

fn record_refuted_claim(
    decision: &language::LanguageDecision,
    index: usize,
    warnings: &mut WarningCollector,
) {
    if let (Some(claim), Some(instead)) = (&decision.refuted, &decision.language) {
        warnings.add("language-mismatch", Some(index), || {
            format!("the language is said to be {claim}, the words are Arabic: taken as {instead}")
        });
    }
}

/// Whether the document states a base for the text.
fn has_own_base(raw: &RawEntry, text: &RawText, feed: &FeedContext) -> bool {
    text.base.is_some() || raw.base.is_some() || feed.has_own_base
}

/// The text with the links into itself leading into its page: they mean the article, whatever the base is.
/// `None`: it has none.
fn with_fragments_of_page(text: &RawText, page: &str) -> Option<RawText> {
    let page = page.split('#').next().unwrap_or_default();
    let is_usable = !page.contains(['"', '\'', '<']);
    let quotes = ["href=\"#", "href='#"];
    if !is_usable || !quotes.iter().any(|start| text.value.contains(start)) {
        return None;
    }
    let page = page.replace('&', "&amp;");
    let mut value = text.value.clone();
    for start in quotes {
        value = value.replace(start, &format!("{}{page}#", start.trim_end_matches('#')));
    }
    Some(RawText { value, ..text.clone() })
}

/// The base of the relative addresses of a text: `xml:base` if the document states one, else the
/// page that the text was written for, else the document. `None` also when the text cannot contain
/// an address.
fn text_base(
    raw: &RawEntry,
    text: &RawText,
    header: &EntryHeader,
    feed: &FeedContext,
) -> Option<Url> {
    if !text.value.contains(['<', '&']) {
        return None;
    }
    let has_base = has_own_base(raw, text, feed);
    let page = header.link.as_ref().or(feed.site.as_ref()).filter(|_| !has_base);
    page.and_then(|page| Url::parse(page).ok())
        .or_else(|| absolute_url::join_base(header.base(feed), text.base.as_deref()))
}
