//! The texts of one entry → HTML that may be shown, and the language and direction to show it in.

use url::Url;

use super::around::Around;
use super::entry::{Desk, Head};
use super::html::{self, Body};
use super::notes::Notes;
use super::{address, ending, language, text};
use crate::feed::model::{Direction, Image, Language, RawEntry, RawText, SafeHtml};

/// Bytes of a text that are looked at to tell its language and direction: some 250 Arabic letters.
const MOST_LOOKED_AT: usize = 500;

/// The texts of an entry, and how they are to be shown.
pub(super) struct Texts {
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

impl Texts {
    /// Reads the texts of an entry.
    pub(super) fn of(raw: &RawEntry, head: &Head, around: &Around, desk: &mut Desk) -> Self {
        let mut read = |raw_text: &Option<RawText>| {
            let Some(raw_text) = raw_text else { return Body::default() };
            let base = text_base(raw, raw_text, head, around);
            let body = html::of(raw_text, base.as_ref(), &mut desk.allowance);
            for (code, detail) in &body.losses {
                desk.notes.add(code, Some(head.index), || detail.clone());
            }
            body
        };
        let (content, summary) = (read(&raw.content), read(&raw.summary));
        let summary_html = summary.html.filter(|html| content.html.as_ref() != Some(html));
        let shown = summary_html.as_ref().or(content.html.as_ref());
        let words = || shown.map(|html| text::beginning(html, MOST_LOOKED_AT)).unwrap_or_default();
        let title = head.title.as_str();
        let believed = language::believed(
            &claims(raw.language.as_deref(), raw, |text| text.language.as_deref()),
            around.language.as_ref(),
            around.hint,
            || format!("{title} {}", words()),
        );
        note_refuted(&believed, head.index, &mut desk.notes);
        let sides = claims(raw.direction.as_deref(), raw, |text| text.direction.as_deref());
        let claimed = language::claimed_direction(&sides).or(around.direction);
        let language = believed.language;
        let direction =
            claimed.unwrap_or_else(|| language::told_direction(title, words, language.as_ref()));
        let is_arabic = language.as_ref().is_some_and(|language| language.primary() == "ar");
        let ended = |html: SafeHtml| {
            if is_arabic && head.link.is_some() { ending::without(html) } else { html }
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
fn claims<'a>(
    own: Option<&'a str>,
    raw: &'a RawEntry,
    claim: impl Fn(&'a RawText) -> Option<&'a str>,
) -> [Option<&'a str>; 4] {
    let of = |text: &'a Option<RawText>| text.as_ref().and_then(&claim);
    [own, of(&raw.title), of(&raw.content), of(&raw.summary)]
}

fn note_refuted(believed: &language::Believed, index: usize, notes: &mut Notes) {
    if let (Some(claim), Some(instead)) = (&believed.refuted, &believed.language) {
        notes.add("language-mismatch", Some(index), || {
            format!("the language is said to be {claim}, the words are Arabic: taken as {instead}")
        });
    }
}

/// Where the relative addresses of a text stand: `xml:base` where anybody says one, else the page
/// that the text was written for, else the document. `None` also where nothing can be relative.
fn text_base(raw: &RawEntry, text: &RawText, head: &Head, around: &Around) -> Option<Url> {
    if !text.value.contains(['<', '&']) {
        return None;
    }
    let is_said = text.base.is_some() || raw.base.is_some() || around.says_base;
    let page = head.link.as_ref().or(around.site.as_ref()).filter(|_| !is_said);
    page.and_then(|page| Url::parse(page).ok())
        .or_else(|| address::joined(head.base(around), text.base.as_deref()))
}
