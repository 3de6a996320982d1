//! A query → its terms as they stand together, for an index that finds by tokens.

use super::{Field, Node, OPEN_FIELDS, Query, Term, Wanted};

/// How the terms of a query stand together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tree<'q> {
    /// All of these.
    All(Vec<Tree<'q>>),
    /// One or more of these.
    Any(Vec<Tree<'q>>),
    /// Not this.
    Not(Box<Tree<'q>>),
    /// One thing that is looked for.
    Term {
        /// The fields that it may stand in: one or more.
        fields: &'q [Field],
        /// What it is.
        sought: Sought<'q>,
    },
}

/// What a term looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sought<'q> {
    /// Words in a row, as the tokens of `MatchKey::tokens` have them; never none. Like tokens they
    /// are for comparing only.
    Words {
        /// The tokens' bytes in order.
        tokens: Vec<&'q [u8]>,
        /// Whether the last one is only the beginning of a word.
        is_open: bool,
    },
    /// Letters or a pattern: tokens do not tell whether an entry has them, `Query::matches` does.
    Letters,
}

impl Query {
    /// Its terms as they stand together.
    pub fn tree(&self) -> Tree<'_> {
        tree(&self.root)
    }
}

fn tree(node: &Node) -> Tree<'_> {
    match node {
        Node::All(nodes) => Tree::All(nodes.iter().map(tree).collect()),
        Node::Any(nodes) => Tree::Any(nodes.iter().map(tree).collect()),
        Node::Not(node) => Tree::Not(Box::new(tree(node))),
        Node::Term(term) => of_term(term),
    }
}

fn of_term(term: &Term) -> Tree<'_> {
    let fields = term.field.as_ref().map_or(&OPEN_FIELDS[..], std::slice::from_ref);
    let sought = match &term.wanted {
        Wanted::Tokens(tokens) => Sought::Words {
            tokens: tokens.split(|byte| *byte == b' ').filter(|it| !it.is_empty()).collect(),
            is_open: !tokens.ends_with(b" "),
        },
        Wanted::Letters(_) | Wanted::Pattern(_) => Sought::Letters,
    };
    Tree::Term { fields, sought }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_are_shown_as_they_stand() {
        let check = |words: &str, expected: &str| {
            let query = Query::parse(words).unwrap();
            assert_eq!(shown(&query.tree()), expected, "{words}");
        };
        check("news", "title|summary|text:1");
        check("\"two words\" -title:x*", "(title|summary|text:2 & !title:1*)");
        check(
            "a OR =b OR /c/",
            "(title|summary|text:1 / title|summary|text:= / title|summary|text:=)",
        );
    }

    fn shown(tree: &Tree<'_>) -> String {
        let all = |trees: &[Tree<'_>], by: &str| {
            format!("({})", trees.iter().map(shown).collect::<Vec<_>>().join(by))
        };
        match tree {
            Tree::All(trees) => all(trees, " & "),
            Tree::Any(trees) => all(trees, " / "),
            Tree::Not(tree) => format!("!{}", shown(tree)),
            Tree::Term { fields, sought } => {
                let fields: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
                let sought = match sought {
                    Sought::Words { tokens, is_open } => {
                        format!("{}{}", tokens.len(), if *is_open { "*" } else { "" })
                    }
                    Sought::Letters => "=".to_owned(),
                };
                format!("{}:{sought}", fields.join("|"))
            }
        }
    }
}
