//! The words of a query → how its terms stand together.

use super::{Field, Mistake, Node, QueryError, Term, Wanted, YES};
use crate::feed::arabic::MatchKey;

/// Characters of a query that are read.
const MOST_CHARACTERS: usize = 1_000;
/// Terms of a query.
const MOST_TERMS: usize = 100;
/// Regular expressions among them: one may take a second for a megabyte of text (measured, Unicode's
/// word boundaries), words take milliseconds.
const MOST_PATTERNS: usize = 8;
/// Parentheses within one another.
const DEEPEST: usize = 16;
/// Memory that one regular expression may take when it is prepared, in bytes.
const PATTERN_BYTES: usize = 1024 * 1024;

/// An operator's spellings. Latin ones count in capitals only, which tells them from the words `or` and
/// `not`; Arabic has no capitals, and its spellings are folded as words are: «او» is «أو».
const OR: [&str; 3] = ["OR", BAR, "أو"];
/// Words that say what holds anyway.
const AND: [&str; 3] = ["AND", "&", "و"];
const NOT: [&str; 1] = ["NOT"];
/// Parts alternatives wherever it stands: `a|b` is `a | b`.
const BAR: &str = "|";
/// What may stand behind the name of a field that is true or not.
const TRUTHS: [(&[&str], bool); 2] =
    [(&["yes", "true", "نعم"], true), (&["no", "false", "لا"], false)];

/// Reads a whole query.
pub(super) fn parse(words: &str) -> Result<Node, QueryError> {
    let mut reader = Reader { rest: words, column: 1, terms_count: 0, patterns_count: 0, depth: 0 };
    if words.chars().nth(MOST_CHARACTERS).is_some() {
        return Err(reader.too_long(MOST_CHARACTERS, "characters"));
    }
    let node = reader.alternatives()?;
    match reader.peek() {
        None => Ok(node),
        Some(c) => Err(reader.mistake(Mistake::Closed(c))),
    }
}

struct Reader<'a> {
    rest: &'a str,
    /// Of what `rest` begins with.
    column: usize,
    terms_count: usize,
    patterns_count: usize,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn mistake(&self, mistake: Mistake) -> QueryError {
        QueryError { column: self.column, mistake }
    }

    fn too_long(&self, most: usize, what: &'static str) -> QueryError {
        self.mistake(Mistake::TooLong { most, what })
    }

    /// The next character that is no gap.
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

    /// Takes the operator that stands here if it is spelled like one of these; as written.
    fn take_operator(&mut self, spellings: &[&str]) -> Option<&'a str> {
        self.peek();
        let written = self.operator(spellings)?;
        Some(self.advance(written.len()))
    }

    /// The operator that the rest begins with, if it is spelled like one of these. It ends where a word
    /// ends, so that `OR(` and `أو"` are operators, too.
    fn operator(&self, spellings: &[&str]) -> Option<&'a str> {
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

    fn alternatives(&mut self) -> Result<Node, QueryError> {
        let mut nodes = vec![self.together()?];
        while let Some(or) = self.take_operator(&OR) {
            if self.peek().is_none_or(|c| c == ')') {
                return Err(self.mistake(Mistake::Missing(or.to_owned())));
            }
            nodes.push(self.together()?);
        }
        Ok(if nodes.len() == 1 { nodes.remove(0) } else { Node::Any(nodes) })
    }

    fn together(&mut self) -> Result<Node, QueryError> {
        let mut nodes = Vec::new();
        loop {
            match self.peek() {
                None | Some(')') => break,
                Some(_) if self.operator(&OR).is_some() => break,
                Some(c) if self.is_lone_mark(c) => {
                    self.bare();
                }
                Some(_) => {
                    if self.take_operator(&AND).is_none() {
                        nodes.push(self.one()?);
                    }
                }
            }
        }
        match nodes.len() {
            0 => Err(self.mistake(Mistake::Empty)),
            1 => Ok(nodes.remove(0)),
            _ => Ok(Node::All(nodes)),
        }
    }

    /// Whether a dash or a star stands here by itself, as between two titles.
    fn is_lone_mark(&self, first: char) -> bool {
        let end = self.rest.find(char::is_whitespace).unwrap_or(self.rest.len());
        let has_role = closing(first).is_some() || matches!(first, '(' | '/' | '=' | '&' | '»');
        !has_role && !self.rest[..end].contains(|c: char| c.is_alphanumeric() || c == '(')
    }

    fn one(&mut self) -> Result<Node, QueryError> {
        if let Some(not) = self.take_operator(&NOT) {
            return self.excluded(not);
        }
        match self.peek() {
            Some('-' | '−' | '–')
                if self.rest.chars().nth(1).is_some_and(|c| !c.is_whitespace()) =>
            {
                let dash = self.rest.chars().next().map_or(0, char::len_utf8);
                let written = self.advance(dash).to_owned();
                self.excluded(&written)
            }
            Some('(') => self.parenthesis(),
            _ => self.term(),
        }
    }

    fn excluded(&mut self, operator: &str) -> Result<Node, QueryError> {
        if self.peek().is_none_or(|c| c == ')') {
            return Err(self.mistake(Mistake::Missing(operator.to_owned())));
        }
        self.deeper(|reader| Ok(Node::Not(Box::new(reader.one()?))))
    }

    fn parenthesis(&mut self) -> Result<Node, QueryError> {
        let open = self.mistake(Mistake::Open('('));
        self.advance(1);
        let node = self.deeper(Self::alternatives)?;
        if self.peek() != Some(')') {
            return Err(open);
        }
        self.advance(1);
        Ok(node)
    }

    fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Node, QueryError>,
    ) -> Result<Node, QueryError> {
        if self.depth == DEEPEST {
            return Err(self.too_long(DEEPEST, "parentheses within one another"));
        }
        self.depth += 1;
        let node = read(self);
        self.depth -= 1;
        node
    }

    fn term(&mut self) -> Result<Node, QueryError> {
        self.terms_count += 1;
        if self.terms_count > MOST_TERMS {
            return Err(self.too_long(MOST_TERMS, "words"));
        }
        let start = self.rest;
        let field = self.field();
        if field == Some(Field::Breaking) {
            return self.truth(start);
        }
        let is_exact = self.rest.starts_with('=');
        if is_exact {
            self.advance(1);
        }
        let at = self.column;
        let wrong = |mistake| QueryError { column: at, mistake };
        let wanted = match self.rest.chars().next() {
            Some('/') if !is_exact => Wanted::Pattern(self.pattern()?),
            first => {
                let words = match first.and_then(closing) {
                    Some(close) => self.quoted(close)?,
                    None => self.bare(),
                };
                if words.is_empty() && field.is_some() {
                    return Err(wrong(Mistake::Missing(
                        start[..start.len() - self.rest.len()].to_owned(),
                    )));
                }
                if is_exact {
                    Wanted::Letters(words.to_owned())
                } else {
                    tokens(words).map_err(wrong)?
                }
            }
        };
        let written = start[..start.len() - self.rest.len()].to_owned();
        Ok(Node::Term(Term { field, wanted, written }))
    }

    /// Yes or no behind the name of a field that stands at `start`.
    fn truth(&mut self, start: &str) -> Result<Node, QueryError> {
        let at = self.column;
        let word = self.bare();
        let truth = TRUTHS.iter().find(|(words, _)| words.contains(&&*word.to_lowercase()));
        let wanted = tokens(YES).map_err(|mistake| QueryError { column: at, mistake })?;
        let written = start[..start.len() - self.rest.len()].to_owned();
        let term = Node::Term(Term { field: Some(Field::Breaking), wanted, written });
        match truth {
            Some((_, true)) => Ok(term),
            Some((_, false)) => Ok(Node::Not(Box::new(term))),
            None => Err(QueryError { column: at, mistake: Mistake::NoTruth(word.to_owned()) }),
        }
    }

    /// A field's name and its colon; an address has a colon, too, and no such name. «عاجل: زلزال» is a
    /// headline.
    fn field(&mut self) -> Option<Field> {
        let (name, behind) = self.rest.split_once(':')?;
        let field = Field::named(name)?;
        let is_alone = behind.is_empty() || behind.starts_with(char::is_whitespace);
        if field == Field::Breaking && is_alone {
            return None;
        }
        self.advance(name.len() + 1);
        Some(field)
    }

    fn bare(&mut self) -> &'a str {
        let end = self.rest.find(ends_word).unwrap_or(self.rest.len());
        // A lone mark is a word of its own, or nothing would be read for ever.
        let end = if end == 0 { self.rest.chars().next().map_or(0, char::len_utf8) } else { end };
        self.advance(end)
    }

    fn quoted(&mut self, close: char) -> Result<&'a str, QueryError> {
        let open = self.rest.chars().next().unwrap_or(close);
        let inner = &self.rest[open.len_utf8()..];
        let Some(end) = inner.find(close) else { return Err(self.mistake(Mistake::Open(open))) };
        self.advance(open.len_utf8() + end + close.len_utf8());
        Ok(&inner[..end])
    }

    /// A regular expression up to the next slash that is not escaped.
    fn pattern(&mut self) -> Result<regex::Regex, QueryError> {
        let at = self.column;
        self.patterns_count += 1;
        if self.patterns_count > MOST_PATTERNS {
            return Err(self.too_long(MOST_PATTERNS, "regular expressions"));
        }
        let mut is_escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, c)| {
            let is_end = *c == '/' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let Some((end, _)) = end else { return Err(self.mistake(Mistake::Open('/'))) };
        let pattern = &self.advance(end + 1)[1..end];
        let built = regex::RegexBuilder::new(&pattern.replace("\\/", "/"))
            .case_insensitive(true)
            .size_limit(PATTERN_BYTES)
            .dfa_size_limit(PATTERN_BYTES)
            .build();
        built.map_err(|error| {
            let told = error.to_string();
            let last = told.lines().last().unwrap_or_default().trim_start_matches("error: ");
            QueryError { column: at, mistake: Mistake::Pattern(last.to_owned()) }
        })
    }
}

/// Whether a bare word ends before this character.
fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '(' | ')' | '"' | '«' | '»' | '|')
}

/// Whether two words without Latin letters and signs are one in all but vowels, tatweel and hamza.
fn is_same_word(one: &str, other: &str) -> bool {
    let is_arabic = |word: &str| !word.is_empty() && !word.contains(|c: char| c.is_ascii());
    is_arabic(one) && is_arabic(other) && MatchKey::of(one) == MatchKey::of(other)
}

fn closing(open: char) -> Option<char> {
    match open {
        '"' | '“' | '”' => Some(if open == '"' { '"' } else { '”' }),
        '«' => Some('»'),
        _ => None,
    }
}

/// Words as fields have them; a star at the end leaves the last one open.
fn tokens(words: &str) -> Result<Wanted, Mistake> {
    let (bare, is_open) = words.strip_suffix('*').map_or((words, false), |bare| (bare, true));
    let mut wanted = super::subject::tokens_of(&MatchKey::of(bare));
    if wanted.len() <= 1 {
        return Err(Mistake::NoLetters(words.to_owned()));
    }
    if is_open {
        wanted.pop();
    }
    Ok(Wanted::Tokens(wanted))
}
