//! The texts of one entry → HTML that may be shown, and the language and direction to show it in.

use url::Url;

use super::build_entry::{EntryHeader, NormalizeState};
use super::feed_context::FeedContext;
use super::html::{self, SanitizedText};
use super::warning_collector::WarningCollector;
use super::{absolute_url, language, read_more, text};
use crate::model::{Direction, Image, Language, RawEntry, RawText, SafeHtml};

/// Bytes of a text that are looked at to tell its language and direction: some 250 Arabic letters.
const MOST_LOOKED_AT: usize = 500;

/// The texts of an entry, and how they are to be shown.
pub(super) struct EntryTexts {
    /// The short text; `None`: there is none, or it says what the content says.
    pub(super) summary: Option<SafeHtml>,
    /// The full text.
    pub(super) content: Option<SafeHtml>,
    /// The first picture in them.
    pub(super) picture: Option<Image>,
    /// The language, as believed.
    pub(super) language: Option<Language>,
    /// The direction.
    pub(super) direction: Direction,
}

impl EntryTexts {
    /// Reads the texts of an entry.
    pub(super) fn from_raw(
        raw: &RawEntry,
        head: &EntryHeader,
        around: &FeedContext,
        desk: &mut NormalizeState,
    ) -> Self {
        let mut read = |raw_text: &Option<RawText>| {
            let Some(raw_text) = raw_text else { return SanitizedText::default() };
            let base = text_base(raw, raw_text, head, around);
            let body = html::sanitize_text(raw_text, base.as_ref(), &mut desk.budget);
            for (code, detail) in &body.losses {
                desk.warnings.add(code, Some(head.index), || detail.clone());
            }
            body
        };
        let (content, summary) = (read(&raw.content), read(&raw.summary));
        let summary_html = summary.html.filter(|html| content.html.as_ref() != Some(html));
        let shown = summary_html.as_ref().or(content.html.as_ref());
        let words =
            || shown.map(|html| text::beginning_of_html(html, MOST_LOOKED_AT)).unwrap_or_default();
        let title = head.title.as_str();
        let believed = language::decide_language(
            &claims_of_entry(raw.language.as_deref(), raw, |text| text.language.as_deref()),
            around.language.as_ref(),
            around.hint,
            || format!("{title} {}", words()),
        );
        record_refuted_claim(&believed, head.index, &mut desk.warnings);
        let sides =
            claims_of_entry(raw.direction.as_deref(), raw, |text| text.direction.as_deref());
        let claimed = language::claimed_direction(&sides).or(around.direction);
        let language = believed.language;
        let direction = claimed
            .unwrap_or_else(|| language::direction_by_words(title, words, language.as_ref()));
        let is_arabic = language.as_ref().is_some_and(|language| language.primary() == "ar");
        let ended = |html: SafeHtml| {
            if is_arabic && head.link.is_some() { read_more::without_read_more(html) } else { html }
        };
        Self {
            direction,
            language,
            picture: content.picture.or(summary.picture),
            summary: summary_html.map(ended),
            content: content.html.map(ended),
        }
    }
}

/// What the entry claims, then what its texts claim.
fn claims_of_entry<'a>(
    own: Option<&'a str>,
    raw: &'a RawEntry,
    claim: impl Fn(&'a RawText) -> Option<&'a str>,
) -> [Option<&'a str>; 4] {
    let of = |text: &'a Option<RawText>| text.as_ref().and_then(&claim);
    [own, of(&raw.title), of(&raw.content), of(&raw.summary)]
}

fn record_refuted_claim(
    believed: &language::LanguageDecision,
    index: usize,
    notes: &mut WarningCollector,
) {
    if let (Some(claim), Some(instead)) = (&believed.refuted, &believed.language) {
        notes.add("language-mismatch", Some(index), || {
            format!("the language is said to be {claim}, the words are Arabic: taken as {instead}")
        });
    }
}

/// Where the relative addresses of a text stand: `xml:base` where anybody says one, else the page
/// that the text was written for, else the document. `None` also where nothing can be relative.
fn text_base(
    raw: &RawEntry,
    text: &RawText,
    head: &EntryHeader,
    around: &FeedContext,
) -> Option<Url> {
    if !text.value.contains(['<', '&']) {
        return None;
    }
    let is_said = text.base.is_some() || raw.base.is_some() || around.has_own_base;
    let page = head.link.as_ref().or(around.site.as_ref()).filter(|_| !is_said);
    page.and_then(|page| Url::parse(page).ok())
        .or_else(|| absolute_url::join_base(head.base(around), text.base.as_deref()))
}
