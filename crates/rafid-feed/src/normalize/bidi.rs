//! Text → the same text with balanced bidi controls, so that no title changes the direction of the
//! text around it.
//!
//! Unicode Standard Annex #9: embeddings and overrides (U+202A, U+202B, U+202D, U+202E) end with a
//! PDF (U+202C), isolates (U+2066 to U+2068) with a PDI (U+2069), which also ends the embeddings
//! that were opened within. A closing control without an opening one is dropped, a missing one is
//! added.

/// UAX #9, `max_depth`: deeper opening controls have no effect and are dropped.
const DEEPEST: usize = 125;

const PDF: char = '\u{202C}';
const PDI: char = '\u{2069}';

/// Whether a character opens or closes an embedding, an override or an isolate.
pub(super) fn is_control(c: char) -> bool {
    matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Balances the controls; a text without any is returned unchanged.
pub(super) fn balance_controls(text: String) -> String {
    if !text.chars().any(is_control) {
        return text;
    }
    let mut out = String::with_capacity(text.len());
    // The closing controls that are still missing, the innermost last.
    let mut missing: Vec<char> = Vec::new();
    for c in text.chars() {
        match c {
            PDF => {
                if missing.pop_if(|closer| *closer == PDF).is_some() {
                    out.push(PDF);
                }
            }
            PDI => {
                if let Some(isolate) = missing.iter().rposition(|closer| *closer == PDI) {
                    out.extend(missing.drain(isolate..).rev());
                }
            }
            c if !is_control(c) => out.push(c),
            _ if missing.len() >= DEEPEST => {}
            opener => {
                missing.push(if matches!(opener, '\u{2066}'..='\u{2068}') { PDI } else { PDF });
                out.push(opener);
            }
        }
    }
    out.extend(missing.into_iter().rev());
    out
}

/// The content of one embedding or isolate around all of a balanced text: the outputs isolate a
/// line and declare its direction anyway. `None`: there is no such pair. (An override changes the order of
/// letters, so it stays.)
pub(super) fn without_outer_controls(text: &str) -> Option<&str> {
    let closer = match text.chars().next()? {
        '\u{202A}' | '\u{202B}' => PDF,
        '\u{2066}'..='\u{2068}' => PDI,
        _ => return None,
    };
    let inner = text.get('\u{202A}'.len_utf8()..)?.strip_suffix(closer)?;
    let mut depth = 0_usize;
    for c in inner.chars().filter(|c| is_control(*c)) {
        depth = if matches!(c, PDF | PDI) { depth.checked_sub(1)? } else { depth + 1 };
    }
    (depth == 0).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `<` LRE, `>` RLE, `{` LRO, `}` RLO, `/` PDF, `[` LRI, `]` RLI, `(` FSI, `)` PDI.
    const SHOWN: [(char, char); 9] = [
        ('<', '\u{202A}'),
        ('>', '\u{202B}'),
        ('{', '\u{202D}'),
        ('}', '\u{202E}'),
        ('/', '\u{202C}'),
        ('[', '\u{2066}'),
        (']', '\u{2067}'),
        ('(', '\u{2068}'),
        (')', '\u{2069}'),
    ];

    fn hidden(shown: &str) -> String {
        let hide = |c| SHOWN.iter().find(|(sign, _)| *sign == c).map_or(c, |(_, control)| *control);
        shown.chars().map(hide).collect()
    }

    #[test]
    fn controls_are_balanced() {
        let check = |input: &str, expected: &str| {
            assert_eq!(balance_controls(hidden(input)), hidden(expected), "{input}");
        };
        check("خبر", "خبر");
        check(">خبر/", ">خبر/");
        check(">خبر", ">خبر/");
        check("خبر/ خبر)", "خبر خبر");
        check("[a", "[a)");
        check("](a", "](a))");
        check("(a>b)c", "(a>b/)c");
        check(">a(b/c)d", ">a(bc)d/");
        check("}}}a", "}}}a///");
        check("<{]a//", "<{]a)//");
    }

    #[test]
    fn controls_beyond_the_maximum_depth_are_dropped() {
        let many = balance_controls(hidden(&"(".repeat(1000)));
        assert_eq!(many.chars().count(), 2 * DEEPEST);
    }

    proptest::proptest! {
        #[test]
        fn balancing_twice_is_balancing_once(shown in "[<>{}/\\[\\]()a]{0,30}") {
            let once = balance_controls(hidden(&shown));
            proptest::prop_assert_eq!(&balance_controls(once.clone()), &once);
        }
    }
}
