//! A query → the tree of its terms, for an index that searches by tokens.

use super::{OPEN_FIELDS, ParsedTerm, Query, QueryField, QueryNode, TermForms, TermPattern};

/// The terms of a query and how they are combined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TermTree<'q> {
    /// All of these.
    All(Vec<TermTree<'q>>),
    /// One or more of these.
    Any(Vec<TermTree<'q>>),
    /// Not this.
    Not(Box<TermTree<'q>>),
    /// One term.
    Term {
        /// The fields that it may match in: one or more.
        fields: &'q [QueryField],
        /// What it looks for.
        sought: QueryTerm<'q>,
    },
}

/// What a term looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryTerm<'q> {
    /// Adjacent words, as in the tokens of `MatchKey::tokens`; at least one. Like tokens they are for
    /// comparing only.
    Words {
        /// The tokens' bytes in order.
        tokens: Vec<&'q [u8]>,
        /// Whether the last one is only the start of a word.
        is_open: bool,
        /// The other forms that count as well.
        forms: &'q TermForms,
    },
    /// Letters or a pattern: tokens do not show whether an entry has them, `Query::matches` does.
    Letters,
}

impl Query {
    /// The tree of its terms.
    pub fn tree(&self) -> TermTree<'_> {
        tree_of_node(&self.root)
    }
}

fn tree_of_node(node: &QueryNode) -> TermTree<'_> {
    match node {
        QueryNode::All(nodes) => TermTree::All(nodes.iter().map(tree_of_node).collect()),
        QueryNode::Any(nodes) => TermTree::Any(nodes.iter().map(tree_of_node).collect()),
        QueryNode::Not(node) => TermTree::Not(Box::new(tree_of_node(node))),
        QueryNode::Term(term) => tree_of_term(term),
    }
}

fn tree_of_term(term: &ParsedTerm) -> TermTree<'_> {
    let fields = term.field.as_ref().map_or(&OPEN_FIELDS[..], std::slice::from_ref);
    let sought = match &term.pattern {
        TermPattern::Tokens(tokens) => QueryTerm::Words {
            tokens: tokens.split(|byte| *byte == b' ').filter(|it| !it.is_empty()).collect(),
            is_open: !tokens.ends_with(b" "),
            forms: &term.forms,
        },
        TermPattern::Letters(_) | TermPattern::Pattern(_) => QueryTerm::Letters,
    };
    TermTree::Term { fields, sought }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_has_the_structure_of_the_query() {
        let check = |words: &str, expected: &str| {
            let query = Query::parse(words).unwrap();
            assert_eq!(
                text_of(&query.tree()).replace('~', ""),
                expected.replace('~', ""),
                "{words}"
            );
            assert_eq!(text_of(&query.with_forms().tree()), expected, "{words}");
        };
        check("news", "title|summary|text:1");
        check("title:كتاب -كتاب", "(title:1~ & !title|summary|text:1)");
        check("author:كتاب", "author:1");
        check("\"two words\" -title:x*", "(title|summary|text:2 & !title:1*)");
        check(
            "a OR =b OR /c/",
            "(title|summary|text:1 / title|summary|text:= / title|summary|text:=)",
        );
    }

    fn text_of(tree: &TermTree<'_>) -> String {
        let all = |trees: &[TermTree<'_>], by: &str| {
            format!("({})", trees.iter().map(text_of).collect::<Vec<_>>().join(by))
        };
        match tree {
            TermTree::All(trees) => all(trees, " & "),
            TermTree::Any(trees) => all(trees, " / "),
            TermTree::Not(tree) => format!("!{}", text_of(tree)),
            TermTree::Term { fields, sought } => {
                let fields: Vec<&str> = fields.iter().map(|field| field.as_str()).collect();
                let sought = match sought {
                    QueryTerm::Words { tokens, is_open, forms } => {
                        let forms = if forms.is_empty() { "" } else { "~" };
                        format!("{}{}{forms}", tokens.len(), if *is_open { "*" } else { "" })
                    }
                    QueryTerm::Letters => "=".to_owned(),
                };
                format!("{}:{sought}", fields.join("|"))
            }
        }
    }
}
