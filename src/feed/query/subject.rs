//! An entry → what a query is compared with.

use std::cell::OnceCell;

use super::{Field, Wanted, YES};
use crate::feed::arabic::{self, MatchKey};
use crate::feed::markup::words_of;
use crate::feed::model::{Category, Entry, Language, PlainText, SafeHtml, SourceId};

/// An entry with what is known of its source, prepared once for any number of queries.
pub struct Subject<'a> {
    entry: &'a Entry,
    source: &'a SourceId,
    source_name: &'a str,
    categories: &'a [Category],
    language: Option<&'a Language>,
    /// Whether its news is breaking.
    is_breaking: bool,
    /// The texts of the fields with words, and their tokens, made when first asked for.
    title: Prepared,
    summary: Prepared,
    text: Prepared,
}

#[derive(Default)]
struct Prepared {
    words: OnceCell<String>,
    tokens: OnceCell<Vec<u8>>,
}

impl Prepared {
    fn words(&self, html: Option<&SafeHtml>) -> &str {
        self.words.get_or_init(|| html.map(|html| words_of(html.as_str())).unwrap_or_default())
    }
}

impl<'a> Subject<'a> {
    /// An entry of a source, the name that the source is shown by, and the operator's categories and
    /// language for it.
    pub fn new(
        entry: &'a Entry,
        source: &'a SourceId,
        source_name: &'a str,
        categories: &'a [Category],
        language: Option<&'a Language>,
    ) -> Self {
        let [title, summary, text] = <[Prepared; 3]>::default();
        let is_breaking = arabic::is_breaking(entry);
        Self { entry, source, source_name, categories, language, is_breaking, title, summary, text }
    }

    /// The same of a source that is not believed when it says that news is breaking.
    #[must_use]
    pub fn without_flag(self) -> Self {
        Self { is_breaking: false, ..self }
    }

    /// The text of a field with words, in its own spelling; for others empty.
    pub fn words(&self, field: Field) -> &str {
        match field {
            Field::Title => self.entry.title.as_str(),
            Field::Summary => self.summary.words(self.entry.summary.as_ref()),
            Field::Text => self.text.words(self.entry.content.as_ref()),
            _ => "",
        }
    }

    pub(super) fn holds(&self, field: Field, wanted: &Wanted) -> bool {
        match (field, wanted) {
            (Field::Title | Field::Summary | Field::Text, Wanted::Tokens(tokens)) => {
                memchr::memmem::find(self.tokens(field), tokens).is_some()
            }
            (Field::Title | Field::Summary | Field::Text, _) => says(self.words(field), wanted),
            (Field::Language, _) => {
                self.language().is_some_and(|language| is(language.primary(), wanted))
            }
            _ => self.labels(field).any(|label| says(label, wanted)),
        }
    }

    fn tokens(&self, field: Field) -> &[u8] {
        let prepared = match field {
            Field::Title => &self.title,
            Field::Summary => &self.summary,
            _ => &self.text,
        };
        prepared.tokens.get_or_init(|| tokens_of(&MatchKey::of(self.words(field))))
    }

    /// The language that the entry is in, else that of its source; `None`: nobody said.
    pub fn language(&self) -> Option<&Language> {
        self.entry.language.as_ref().or(self.language)
    }

    /// The labels of a field that has some: categories («عاجل» once, of breaking news), authors, the
    /// source's id and name, the link, the language's primary tag, `yes` of breaking news; for others none.
    pub fn labels(&self, field: Field) -> impl Iterator<Item = &str> {
        let mut labels: Vec<&str> = Vec::new();
        match field {
            Field::Category => {
                labels.extend(arabic::topics(self.entry).map(PlainText::as_str));
                labels.extend(self.is_breaking.then_some(arabic::BREAKING));
                let own = self.categories.iter();
                labels.extend(own.flat_map(|own| [own.name.as_str(), own.slug.as_str()]));
            }
            Field::Author => {
                labels.extend(self.entry.authors.iter().map(|author| author.name.as_str()));
            }
            Field::Source => labels.extend([self.source.as_str(), self.source_name]),
            Field::Link => labels.extend(self.entry.link.as_deref()),
            Field::Language => labels.extend(self.language().map(Language::primary)),
            Field::Breaking => labels.extend(self.is_breaking.then_some(YES)),
            Field::Title | Field::Summary | Field::Text => {}
        }
        labels.into_iter()
    }
}

/// Whether a text says what is wanted.
fn says(text: &str, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Tokens(tokens) => {
            memchr::memmem::find(&tokens_of(&MatchKey::of(text)), tokens).is_some()
        }
        Wanted::Letters(letters) => text.contains(letters.as_str()),
        Wanted::Pattern(pattern) => pattern.is_match(text),
    }
}

/// Whether a text is what is wanted, and nothing else.
fn is(text: &str, wanted: &Wanted) -> bool {
    match wanted {
        Wanted::Tokens(tokens) => tokens_of(&MatchKey::of(text)) == *tokens,
        Wanted::Letters(letters) => text == letters,
        Wanted::Pattern(pattern) => pattern.is_match(text),
    }
}

/// The tokens of a key with a space around each: a word stands between two spaces, words in a row
/// share one.
pub(super) fn tokens_of(key: &MatchKey) -> Vec<u8> {
    let mut all = vec![b' '];
    for stem in key.stems() {
        all.extend_from_slice(stem);
        all.push(b' ');
    }
    all
}
