//! Text → which of its elements are whole: each tag in them has its end tag in the right place.
//!
//! A publisher who writes a whole element knows where it ends, so nothing in it can be the next element of
//! the feed. The pass runs at most once for a document, and only for one in which an element stands where
//! it is not expected.

use super::tokens::{XmlToken, XmlTokens};

/// Elements open at once that are followed. Deeper documents count as broken: comparing an end tag with
/// every open element would cost too much.
const DEEPEST_FOLLOWED: usize = 256;
/// Broken elements that are remembered; a document with more counts as broken everywhere.
const MOST_BROKEN: usize = 64 * 1024;

/// The whole elements of one document.
#[derive(Debug)]
pub(super) struct WholeElements {
    /// Where the broken elements begin, sorted. `None`: no element counts as whole.
    broken: Option<Vec<usize>>,
}

/// One open element: its name, and where it begins.
struct OpenStartTag<'a> {
    name: &'a str,
    at: usize,
}

impl WholeElements {
    /// Follows the tags of `text` from the root's start tag at `root_at`.
    pub(super) fn find(text: &str, root_at: usize) -> Self {
        let rest = text.get(root_at..).unwrap_or_default();
        let mut broken = find_broken(rest);
        if let Some(broken) = &mut broken {
            for at in broken.iter_mut() {
                *at += root_at;
            }
            broken.sort_unstable();
        }
        Self { broken }
    }

    /// Whether the element that begins at a byte of the text is whole.
    pub(super) fn contains(&self, start: usize) -> bool {
        self.broken.as_ref().is_some_and(|broken| broken.binary_search(&start).is_err())
    }
}

/// Where the broken elements begin. `None`: they are too many, or too deep.
fn find_broken(text: &str) -> Option<Vec<usize>> {
    let mut open: Vec<OpenStartTag<'_>> = Vec::new();
    let mut broken = Vec::new();
    // Where the last fault is: it breaks every element that began before it and is still open.
    let mut last_fault = None;
    let mut tokens = XmlTokens::new(text);
    while let Some((at, token)) = tokens.next() {
        if tokens.take_fault().is_some_and(|fault| breaks_nesting(fault.code)) {
            last_fault = Some(at);
        }
        match token {
            XmlToken::Start { name, closed: false, .. } => open.push(OpenStartTag { name, at }),
            XmlToken::End(name) => {
                let Some(own) = open.iter().rposition(|tag| tag.name == name) else {
                    last_fault = Some(at);
                    continue;
                };
                if own + 1 < open.len() {
                    last_fault = Some(at);
                    broken.extend(open.drain(own + 1..).map(|tag| tag.at));
                }
                broken.extend(
                    open.pop().map(|tag| tag.at).filter(|begins| last_fault >= Some(*begins)),
                );
            }
            _ => {}
        }
        if open.len() > DEEPEST_FOLLOWED || broken.len() > MOST_BROKEN {
            return None;
        }
    }
    broken.extend(open.into_iter().map(|tag| tag.at));
    Some(broken)
}

/// Whether a fault of a token leaves in doubt which tags the document has.
fn breaks_nesting(code: &str) -> bool {
    matches!(code, "unterminated-tag" | "unterminated-markup" | "unclosed-quote")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_element_is_whole_if_all_in_it_is_balanced() {
        let check = |text: &str, whole: &[&str], broken: &[&str]| {
            let found = WholeElements::find(text, 0);
            for (marks, expected) in [(whole, true), (broken, false)] {
                for mark in marks {
                    let at = text.find(mark).unwrap();
                    assert_eq!(found.contains(at), expected, "{mark} in {text}");
                }
            }
        };
        check("<r><a>x<b/><c></c></a></r>", &["<r>", "<a>", "<c>"], &[]);
        check("<r><a>x<br></a><c>y</c></r>", &["<c>"], &["<r>", "<a>", "<br>"]);
        check("<r><a><b></a></b><c></c></r>", &["<c>"], &["<r>", "<a>", "<b>"]);
        check("<r><a>x</b></a><c></c></r>", &["<c>"], &["<r>", "<a>"]);
        check("<r><a>x</A></r>", &[], &["<r>", "<a>"]);
        check("<r><a></a><b><c></c>", &["<a>", "<c>"], &["<r>", "<b>"]);
        check("<r><a>x</a></r><r2><b></b>", &["<r>", "<a>", "<b>"], &["<r2>"]);
        check("<r><a x='1>2'>3 < 4</a></r>", &["<r>", "<a"], &[]);
        check("<r><a><b x='1></b></a><c></c></r>", &["<c>"], &["<a>"]);
    }

    #[test]
    fn a_part_of_a_text_is_found_by_its_place_in_the_whole() {
        let text = "before <r><a></a><b></r>";
        let found = WholeElements::find(text, 7);
        assert!(found.contains(10));
        assert!(!found.contains(17));
    }

    #[test]
    fn nothing_is_whole_in_a_document_that_is_too_deep() {
        let deep = format!("<r><w></w>{}", "<a>".repeat(DEEPEST_FOLLOWED + 1));
        assert!(!WholeElements::find(&deep, 0).contains(3));
    }
}
