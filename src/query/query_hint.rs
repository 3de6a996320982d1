//! A valid query → what in it is surely not meant: a star before a word, a field that does not exist, a language without a tag.

use rafid_feed::model::Language;

use super::{ParsedTerm, Query, QueryField, QueryNode};

/// What is surely not meant, though the query is valid.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QueryHint {
    /// A star that is not at the end of a word has no effect.
    #[error("the star of {0:?} has no effect: it stands at the end of a word, as in `{1}*`")]
    StarWithoutEffect(String, String),
    /// A name before a colon that is no field.
    #[error("{0:?} is no field, so it is searched as a word: the fields are {fields}", fields = field_names(true).join(", "))]
    UnknownField(String),
    /// The value of `language:` is no language's tag.
    #[error("{0:?} is no language tag: expected one like `ar` or `en`")]
    NoLanguage(String),
}

impl QueryHint {
    /// The hint in Arabic, without a full stop.
    pub fn in_arabic(&self) -> String {
        match self {
            Self::StarWithoutEffect(word, bare) => {
                format!("لا أثر للنجمة في «{word}»، فموضعها آخر الكلمة مثل «{bare}*»")
            }
            Self::UnknownField(name) => {
                let fields = field_names(false).join("، ");
                format!("«{name}» ليس حقلًا، فبُحث عنه كلمةً؛ والحقول هي: {fields}")
            }
            Self::NoLanguage(value) => {
                format!("«{value}» ليس رمز لغة، والرموز مثل ar للعربية وen للإنجليزية")
            }
        }
    }
}

/// The names of the fields, each at most once, in English or in Arabic.
fn field_names(is_english: bool) -> Vec<&'static str> {
    let wanted =
        |names: &&[&'static str]| names.iter().copied().find(|it| it.is_ascii() == is_english);
    super::FIELDS.iter().filter_map(|(_, names)| wanted(names)).collect()
}

impl Query {
    /// What in it is surely not meant, term by term.
    pub fn hints(&self) -> Vec<QueryHint> {
        let mut hints = Vec::new();
        collect_hints(&self.root, &mut hints);
        hints
    }
}

fn collect_hints(node: &QueryNode, hints: &mut Vec<QueryHint>) {
    match node {
        QueryNode::All(nodes) | QueryNode::Any(nodes) => {
            for node in nodes {
                collect_hints(node, hints);
            }
        }
        QueryNode::Not(node) => collect_hints(node, hints),
        QueryNode::Term(term) => {
            hints.extend(hint_of_star(term));
            hints.extend(hint_of_field(term));
            hints.extend(hint_of_language(term));
        }
    }
}

/// A star that is not behind the word. Exact letters and patterns may have one anywhere.
fn hint_of_star(term: &ParsedTerm) -> Option<QueryHint> {
    let word = term.word.as_deref().filter(|word| word.contains('*'))?;
    let bare = word.replace('*', "");
    Some(QueryHint::StarWithoutEffect(word.to_owned(), bare))
}

/// A word before a colon that is no field. An address has a colon as well, a time, and a headline before a blank.
fn hint_of_field(term: &ParsedTerm) -> Option<QueryHint> {
    let (name, value) = term.word.as_deref().filter(|_| term.field.is_none())?.split_once(':')?;
    let is_name = !name.is_empty() && name.chars().all(char::is_alphabetic);
    let has_value = value.starts_with(char::is_alphabetic);
    (is_name && has_value).then(|| QueryHint::UnknownField(name.to_owned()))
}

/// A language that no entry can have.
fn hint_of_language(term: &ParsedTerm) -> Option<QueryHint> {
    let word = term.word.as_deref().filter(|_| term.field == Some(QueryField::Language))?;
    let is_tag = word.is_ascii() && word.len() <= 3 && Language::parse(word).is_some();
    (!is_tag).then(|| QueryHint::NoLanguage(word.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_surely_not_meant_is_named() {
        let check = |query: &str, expected: &[&str]| {
            let hints = Query::parse(query).unwrap().hints();
            let words: Vec<String> = hints.iter().map(ToString::to_string).collect();
            assert_eq!(words.len(), expected.len(), "{query}: {words:?}");
            for (hint, start) in words.iter().zip(expected) {
                assert!(hint.starts_with(start), "{query}: {hint}");
            }
            assert!(hints.iter().all(|hint| hint.in_arabic().contains('«')), "{query}");
        };
        check("*كتب", &["the star of \"*كتب\" has no effect"]);
        check("مكتبة -ك*تب", &["the star of"]);
        check("موضوع:رياضة", &["\"موضوع\" is no field"]);
        check("titel:a OR b", &["\"titel\" is no field"]);
        check("language:xyzzy", &["\"xyzzy\" is no language tag"]);
        for fine in [
            "كتب*",
            "=*كتب",
            "/a*b/",
            "لغة:العربية",
            "language:ar",
            "https://a.example",
            "10:30",
            "عاجل: زلزال",
            "title:كتاب",
        ] {
            check(fine, &[]);
        }
    }
}
