//! The text of a query → its terms and how they are combined.

use rafid_feed::arabic::MatchKey;

use super::{ParsedTerm, QueryError, QueryField, QueryMistake, QueryNode, TermPattern, YES};
use crate::model::SearchPeriod;

/// The maximum number of characters in a query.
const MAX_CHARACTERS: usize = 1_000;
/// The maximum number of terms in a query.
const MAX_TERMS: usize = 100;
/// The maximum number of regular expressions among them: one may take a second per megabyte of text
/// (measured, Unicode's word boundaries), words take milliseconds.
const MAX_PATTERNS: usize = 8;
/// The maximum depth of nested parentheses.
const MAX_DEPTH: usize = 16;
/// The memory that one compiled regular expression may take, in bytes.
const PATTERN_BYTES: usize = 1024 * 1024;

/// The spellings of an operator. Latin ones count only in capitals, which distinguishes them from the words
/// `or` and `not`. Arabic has no capitals, and its spellings are folded like words: «او» is «أو».
const OR: [&str; 3] = ["OR", BAR, "أو"];
/// Words for the combination that is the default anyway.
const AND: [&str; 3] = ["AND", "&", "و"];
const NOT: [&str; 1] = ["NOT"];
/// Separates alternatives even without spaces: `a|b` is `a | b`.
const BAR: &str = "|";
/// The names before a period.
const PERIOD_NAMES: [&str; 2] = ["within", "خلال"];
/// Names of languages that are understood as the value of a field.
const LANGUAGES: [(&[&str], &str); 8] = [
    (&["العربية", "عربي", "arabic"], "ar"),
    (&["الإنجليزية", "الإنكليزية", "إنجليزي", "english"], "en"),
    (&["الفرنسية", "فرنسي", "french"], "fr"),
    (&["التركية", "تركي", "turkish"], "tr"),
    (&["الفارسية", "فارسي", "persian"], "fa"),
    (&["الكردية", "كردي", "kurdish"], "ku"),
    (&["الألمانية", "ألماني", "german"], "de"),
    (&["الإسبانية", "إسباني", "spanish"], "es"),
];
/// The values of a yes-or-no field.
const TRUTHS: [(&[&str], bool); 2] =
    [(&["yes", "true", "نعم"], true), (&["no", "false", "لا"], false)];

/// Parses a whole query.
pub(super) fn parse_query(words: &str) -> Result<(QueryNode, Option<SearchPeriod>), QueryError> {
    let mut parser = QueryParser {
        rest: words,
        column: 1,
        terms_count: 0,
        patterns_count: 0,
        depth: 0,
        period: None,
    };
    if words.chars().nth(MAX_CHARACTERS).is_some() {
        return Err(parser.too_long(MAX_CHARACTERS, "characters"));
    }
    let node = parser.parse_any()?;
    match parser.peek() {
        None => Ok((node, parser.period)),
        Some(c) => Err(parser.error_at(QueryMistake::Closed(c))),
    }
}

struct QueryParser<'a> {
    rest: &'a str,
    /// The position of the start of `rest`.
    column: usize,
    terms_count: usize,
    patterns_count: usize,
    depth: usize,
    /// The last period that is named. It limits the whole search, wherever it stands.
    period: Option<SearchPeriod>,
}

impl<'a> QueryParser<'a> {
    fn error_at(&self, mistake: QueryMistake) -> QueryError {
        QueryError { column: self.column, mistake }
    }

    fn too_long(&self, most: usize, what: &'static str) -> QueryError {
        self.error_at(QueryMistake::TooLong { most, what })
    }

    /// The next character that is not white space.
    fn peek(&mut self) -> Option<char> {
        let gap = self.rest.len() - self.rest.trim_start().len();
        self.advance(gap);
        self.rest.chars().next()
    }

    fn advance(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.column += taken.chars().count();
        self.rest = rest;
        taken
    }

    /// Consumes the operator at this position if it is one of these spellings, and returns it as written.
    fn take_operator(&mut self, spellings: &[&str]) -> Option<&'a str> {
        self.peek();
        let written = self.peek_operator(spellings)?;
        Some(self.advance(written.len()))
    }

    /// The operator at the start of the rest, if it is one of these spellings. It ends where a word ends, so
    /// that `OR(` and `أو"` are operators, too.
    fn peek_operator(&self, spellings: &[&str]) -> Option<&'a str> {
        if spellings.contains(&BAR) && self.rest.starts_with(BAR) {
            let after = self.rest.trim_start_matches(BAR);
            return Some(&self.rest[..self.rest.len() - after.len()]);
        }
        let end = self.rest.find(ends_word).unwrap_or(self.rest.len());
        let word = &self.rest[..end];
        let is_operator =
            spellings.iter().any(|spelling| word == *spelling || is_same_word(word, spelling));
        is_operator.then_some(word)
    }

    fn parse_any(&mut self) -> Result<QueryNode, QueryError> {
        let mut nodes = vec![self.parse_all()?];
        while let Some(or) = self.take_operator(&OR) {
            if self.peek().is_none_or(|c| c == ')') {
                return Err(self.error_at(QueryMistake::Missing(or.to_owned())));
            }
            nodes.push(self.parse_all()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { QueryNode::Any(nodes) })
    }

    fn parse_all(&mut self) -> Result<QueryNode, QueryError> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some(_) if self.peek_operator(&OR).is_some() => break,
                Some(c) if self.is_lone_mark(c) => {
                    self.take_bare_word();
                }
                Some(_) => {
                    if self.take_operator(&AND).is_none() {
                        nodes.push(self.parse_one()?);
                    }
                }
            }
        }
        match nodes.len() {
            0 => Err(self.error_at(QueryMistake::Empty)),
            1 => Ok(nodes.remove(0)),
            _ => Ok(QueryNode::All(nodes)),
        }
    }

    /// Whether a dash or a star stands alone here, as between two titles.
    fn is_lone_mark(&self, first: char) -> bool {
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let has_role =
            closing_quote(first).is_some() || matches!(first, '(' | '/' | '=' | '&' | '»');
        !has_role && !self.rest[..end].contains(|c: char| c.is_alphanumeric() || c == '(')
    }

    fn parse_one(&mut self) -> Result<QueryNode, QueryError> {
        if let Some(not) = self.take_operator(&NOT) {
            return self.parse_excluded(not);
        }
        match self.peek() {
            Some('-' | '−' | '–')
                if self.rest.chars().nth(1).is_some_and(|c| !c.is_whitespace()) =>
            {
                let dash = self.rest.chars().next().map_or(0, char::len_utf8);
                let written = self.advance(dash).to_owned();
                self.parse_excluded(&written)
            }
            Some('(') => self.parse_parenthesis(),
            _ => self.parse_term(),
        }
    }

    fn parse_excluded(&mut self, operator: &str) -> Result<QueryNode, QueryError> {
        if self.peek().is_none_or(|c| c == ')') {
            return Err(self.error_at(QueryMistake::Missing(operator.to_owned())));
        }
        self.nested(|parser| Ok(QueryNode::Not(Box::new(parser.parse_one()?))))
    }

    fn parse_parenthesis(&mut self) -> Result<QueryNode, QueryError> {
        let open = self.error_at(QueryMistake::Open('('));
        self.advance(1);
        let node = self.nested(Self::parse_any)?;
        if self.peek() != Some(')') {
            return Err(open);
        }
        self.advance(1);
        Ok(node)
    }

    fn nested(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<QueryNode, QueryError>,
    ) -> Result<QueryNode, QueryError> {
        if self.depth == MAX_DEPTH {
            return Err(self.too_long(MAX_DEPTH, "parentheses within one another"));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn parse_term(&mut self) -> Result<QueryNode, QueryError> {
        self.terms_count += 1;
        if self.terms_count > MAX_TERMS {
            return Err(self.too_long(MAX_TERMS, "words"));
        }
        let start = self.rest;
        if self.take_name(|name| PERIOD_NAMES.contains(&&*name.to_lowercase())).is_some() {
            return self.parse_period();
        }
        let field = self.take_field();
        if field == Some(QueryField::Breaking) {
            return self.parse_truth(start);
        }
        let is_exact = self.rest.starts_with('=');
        if is_exact {
            self.advance(1);
        }
        let column = self.column;
        let error_here = |mistake| QueryError { column, mistake };
        let mut open_word = None;
        let pattern = match self.rest.chars().next() {
            Some('/') if !is_exact => TermPattern::Pattern(self.take_pattern()?),
            first => {
                let quote = first.and_then(closing_quote);
                let words = match quote {
                    Some(close) => self.take_quoted(close)?,
                    None => self.take_bare_word(),
                };
                open_word =
                    (quote.is_none() && !is_exact && !words.ends_with('*')).then_some(words);
                if words.is_empty() && field.is_some() {
                    return Err(error_here(QueryMistake::Missing(
                        start[..start.len() - self.rest.len()].to_owned(),
                    )));
                }
                if field == Some(QueryField::Language) && !is_exact {
                    let tag = language_tag(words);
                    open_word = open_word.map(|word| tag.unwrap_or(word));
                    parse_tokens(tag.unwrap_or(words)).map_err(error_here)?
                } else if is_exact {
                    TermPattern::Letters(words.to_owned())
                } else {
                    parse_tokens(words).map_err(error_here)?
                }
            }
        };
        let written = start[..start.len() - self.rest.len()].to_owned();
        let word = open_word.map(ToOwned::to_owned);
        let forms = Box::default();
        Ok(QueryNode::Term(ParsedTerm { field, pattern, written, word, forms }))
    }

    /// A period after its name. It says nothing about the words of an entry, so every entry matches.
    fn parse_period(&mut self) -> Result<QueryNode, QueryError> {
        let column = self.column;
        let word = match self.rest.chars().next().and_then(closing_quote) {
            Some(close) => self.take_quoted(close)?,
            None => self.take_bare_word(),
        };
        let no_period = || QueryError { column, mistake: QueryMistake::NoPeriod(word.to_owned()) };
        self.period = Some(SearchPeriod::from_word(word.trim()).ok_or_else(no_period)?);
        Ok(QueryNode::All(Vec::new()))
    }

    /// Yes or no after the name of a field that starts at `start`.
    fn parse_truth(&mut self, start: &str) -> Result<QueryNode, QueryError> {
        let column = self.column;
        let word = self.take_bare_word();
        let truth = TRUTHS.iter().find(|(words, _)| words.contains(&&*word.to_lowercase()));
        let pattern = parse_tokens(YES).map_err(|mistake| QueryError { column, mistake })?;
        let written = start[..start.len() - self.rest.len()].to_owned();
        let (field, forms) = (Some(QueryField::Breaking), Box::default());
        let term = QueryNode::Term(ParsedTerm { field, pattern, written, word: None, forms });
        match truth {
            Some((_, true)) => Ok(term),
            Some((_, false)) => Ok(QueryNode::Not(Box::new(term))),
            None => Err(QueryError { column, mistake: QueryMistake::NoTruth(word.to_owned()) }),
        }
    }

    /// Consumes a field's name and its colon. An address has a colon as well, but no field's name before it.
    fn take_field(&mut self) -> Option<QueryField> {
        let name = self.rest.split_once(':')?.0;
        let field = QueryField::from_name(name)?;
        if field == QueryField::Breaking {
            self.take_name(|_| true)?;
        } else {
            self.advance(name.len() + 1);
        }
        Some(field)
    }

    /// Consumes a name that is wanted and its colon, unless nothing follows: «عاجل: زلزال» is a headline.
    fn take_name(&mut self, is_wanted: impl FnOnce(&str) -> bool) -> Option<&'a str> {
        let (name, rest) = self.rest.split_once(':')?;
        let is_alone = rest.is_empty() || rest.starts_with(char::is_whitespace);
        if is_alone || !is_wanted(name) {
            return None;
        }
        self.advance(name.len() + 1);
        Some(name)
    }

    fn take_bare_word(&mut self) -> &'a str {
        let end = self.rest.find(ends_word).unwrap_or(self.rest.len());
        // A lone mark is a word of its own; otherwise the parser would never advance.
        let end = if end == 0 { self.rest.chars().next().map_or(0, char::len_utf8) } else { end };
        self.advance(end)
    }

    fn take_quoted(&mut self, close: char) -> Result<&'a str, QueryError> {
        let open = self.rest.chars().next().unwrap_or(close);
        let inner = &self.rest[open.len_utf8()..];
        let Some(end) = inner.find(close) else {
            return Err(self.error_at(QueryMistake::Open(open)));
        };
        self.advance(open.len_utf8() + end + close.len_utf8());
        Ok(&inner[..end])
    }

    /// A regular expression up to the next slash that is not escaped.
    fn take_pattern(&mut self) -> Result<regex::Regex, QueryError> {
        let column = self.column;
        self.patterns_count += 1;
        if self.patterns_count > MAX_PATTERNS {
            return Err(self.too_long(MAX_PATTERNS, "regular expressions"));
        }
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '/' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let Some((end, _)) = end else { return Err(self.error_at(QueryMistake::Open('/'))) };
        let pattern = &self.advance(end + 1)[1..end];
        let built = regex::RegexBuilder::new(&pattern.replace("\\/", "/"))
            .case_insensitive(true)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        built.map_err(|error| {
            let message = error.to_string();
            let last = message.lines().last().unwrap_or_default().trim_start_matches("error: ");
            QueryError { column, mistake: QueryMistake::Pattern(last.to_owned()) }
        })
    }
}

/// Whether a bare word ends before this character.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '«' | '»' | '|')
}

/// Whether two words without ASCII characters differ only in vowels, tatweel and hamza.
fn is_same_word(one: &str, other: &str) -> bool {
    let is_arabic = |word: &str| !word.is_empty() && !word.contains(|c: char| c.is_ascii());
    is_arabic(one) && is_arabic(other) && MatchKey::of(one) == MatchKey::of(other)
}

fn closing_quote(open: char) -> Option<char> {
    match open {
        '"' | '“' | '”' => Some(if open == '"' { '"' } else { '”' }),
        '«' => Some('»'),
        _ => None,
    }
}

/// The tag of a language that is named in words; `None`: it is no such name.
fn language_tag(words: &str) -> Option<&'static str> {
    let key = MatchKey::of(words);
    let row = LANGUAGES.iter().find(|(names, _)| names.iter().any(|it| MatchKey::of(it) == key));
    row.map(|(_, tag)| *tag)
}

/// Words in the form of the fields; a star at the end makes the last one a prefix.
fn parse_tokens(words: &str) -> Result<TermPattern, QueryMistake> {
    let (bare, is_open) = words.strip_suffix('*').map_or((words, false), |bare| (bare, true));
    let mut pattern = super::searchable_entry::spaced_tokens(&MatchKey::of(bare));
    if pattern.len() <= 1 {
        return Err(QueryMistake::NoLetters(words.to_owned()));
    }
    if is_open {
        pattern.pop();
    }
    Ok(TermPattern::Tokens(pattern))
}
