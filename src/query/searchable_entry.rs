//! An entry → the texts and labels that a query is compared with.

use std::cell::OnceCell;

use rafid_feed::arabic::{self, MatchKey};
use rafid_feed::markup::markup_to_text;
use rafid_feed::model::{Entry, Language, PlainText, SafeHtml};
use rafid_feed::word_forms::visit_words_with_haa;

use super::{OPEN_FIELDS, QueryField, TermForms, TermPattern, YES};
use crate::model::{Category, SourceId};

/// An entry with what is known about its source, prepared once for any number of queries.
pub struct SearchableEntry<'a> {
    entry: &'a Entry,
    source: &'a SourceId,
    source_name: &'a str,
    categories: &'a [Category],
    language: Option<&'a Language>,
    /// Whether its news is breaking.
    is_breaking: bool,
    /// The text fields and their tokens, computed when first needed.
    title: PreparedText,
    summary: PreparedText,
    text: PreparedText,
}

#[derive(Default)]
struct PreparedText {
    words: OnceCell<String>,
    tokens: OnceCell<Vec<u8>>,
    /// The tokens of its words that are written with ه at their end.
    haa_tokens: OnceCell<Vec<u8>>,
}

impl PreparedText {
    fn words(&self, html: Option<&SafeHtml>) -> &str {
        self.words
            .get_or_init(|| html.map(|html| markup_to_text(html.as_str())).unwrap_or_default())
    }
}

impl<'a> SearchableEntry<'a> {
    /// An entry of a source, with the displayed name of the source and the operator's categories and language
    /// for it.
    pub fn new(
        entry: &'a Entry,
        source: &'a SourceId,
        source_name: &'a str,
        categories: &'a [Category],
        language: Option<&'a Language>,
    ) -> Self {
        let [title, summary, text] = <[PreparedText; 3]>::default();
        let is_breaking = arabic::is_breaking(entry);
        Self { entry, source, source_name, categories, language, is_breaking, title, summary, text }
    }

    /// The same entry for a source whose breaking label is not trusted.
    #[must_use]
    pub fn without_breaking(self) -> Self {
        Self { is_breaking: false, ..self }
    }

    /// The text of a text field, in its own spelling; empty for other fields.
    pub fn words(&self, field: QueryField) -> &str {
        match field {
            QueryField::Title => self.entry.title.as_str(),
            QueryField::Summary => self.summary.words(self.entry.summary.as_ref()),
            QueryField::Text => self.text.words(self.entry.content.as_ref()),
            _ => "",
        }
    }

    pub(super) fn holds(&self, field: QueryField, pattern: &TermPattern) -> bool {
        match (field, pattern) {
            (
                QueryField::Title | QueryField::Summary | QueryField::Text,
                TermPattern::Tokens(tokens),
            ) => memchr::memmem::find(self.tokens(field), tokens).is_some(),
            (QueryField::Title | QueryField::Summary | QueryField::Text, _) => {
                contains_term(self.words(field), pattern)
            }
            (QueryField::Language, _) => {
                self.language().is_some_and(|language| equals_term(language.primary(), pattern))
            }
            _ => self.labels(field).any(|label| contains_term(label, pattern)),
        }
    }

    /// Whether a text field has a word in one of these forms; `false` for other fields.
    pub(super) fn holds_form(&self, field: QueryField, forms: &TermForms) -> bool {
        OPEN_FIELDS.contains(&field)
            && forms.occur_in(self.tokens(field), || self.haa_tokens(field))
    }

    fn tokens(&self, field: QueryField) -> &[u8] {
        let tokens = &self.prepared(field).tokens;
        tokens.get_or_init(|| spaced_tokens(&MatchKey::of(self.words(field))))
    }

    fn haa_tokens(&self, field: QueryField) -> &[u8] {
        self.prepared(field).haa_tokens.get_or_init(|| {
            let mut tokens = Vec::new();
            visit_words_with_haa(self.words(field), |stem| {
                tokens.extend_from_slice(stem);
                tokens.push(b' ');
            });
            tokens
        })
    }

    fn prepared(&self, field: QueryField) -> &PreparedText {
        match field {
            QueryField::Title => &self.title,
            QueryField::Summary => &self.summary,
            _ => &self.text,
        }
    }

    /// The source of the entry.
    pub fn source(&self) -> &SourceId {
        self.source
    }

    /// The publisher's own names of the entry: its guid and its link.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        [&self.entry.guid, &self.entry.link].into_iter().filter_map(Option::as_deref)
    }

    /// The language of the entry, or else of its source; `None`: unknown.
    pub fn language(&self) -> Option<&Language> {
        self.entry.language.as_ref().or(self.language)
    }

    /// The labels of a field that has labels: categories (with «عاجل» once for breaking news), authors, the
    /// source's id and name, the link, the language's primary tag, `yes` for breaking news; none for other
    /// fields.
    pub fn labels(&self, field: QueryField) -> impl Iterator<Item = &str> {
        let mut labels: Vec<&str> = Vec::new();
        match field {
            QueryField::Category => {
                labels.extend(arabic::topic_categories(self.entry).map(PlainText::as_str));
                labels.extend(self.is_breaking.then_some(arabic::BREAKING));
                let own = self.categories.iter();
                labels.extend(own.flat_map(|own| [own.name.as_str(), own.slug.as_str()]));
            }
            QueryField::Author => {
                labels.extend(self.entry.authors.iter().map(|author| author.name.as_str()));
            }
            QueryField::Source => labels.extend([self.source.as_str(), self.source_name]),
            QueryField::Link => labels.extend(self.entry.link.as_deref()),
            QueryField::Language => labels.extend(self.language().map(Language::primary)),
            QueryField::Breaking => labels.extend(self.is_breaking.then_some(YES)),
            QueryField::Title | QueryField::Summary | QueryField::Text => {}
        }
        labels.into_iter()
    }
}

/// Whether a text contains the term.
fn contains_term(text: &str, pattern: &TermPattern) -> bool {
    match pattern {
        TermPattern::Tokens(tokens) => {
            memchr::memmem::find(&spaced_tokens(&MatchKey::of(text)), tokens).is_some()
        }
        TermPattern::Letters(letters) => text.contains(letters.as_str()),
        TermPattern::Pattern(pattern) => pattern.is_match(text),
    }
}

/// Whether a text equals the term.
fn equals_term(text: &str, pattern: &TermPattern) -> bool {
    match pattern {
        TermPattern::Tokens(tokens) => spaced_tokens(&MatchKey::of(text)) == *tokens,
        TermPattern::Letters(letters) => text == letters,
        TermPattern::Pattern(pattern) => pattern.is_match(text),
    }
}

/// The tokens of a key with a space around each: a word is enclosed by two spaces, and adjacent words share
/// one.
pub(super) fn spaced_tokens(key: &MatchKey) -> Vec<u8> {
    let mut all = vec![b' '];
    for stem in key.stems() {
        all.extend_from_slice(stem);
        all.push(b' ');
    }
    all
}
