//! A text that stands whole between the escaped marks of a CDATA section (`&lt;![CDATA[…]]&gt;`) → the text
//! between them. A program that escapes what another one has put into CDATA writes such texts; one that only
//! speaks of the marks keeps them.

use std::borrow::Cow;

/// The marks as the text has them once its references are resolved, and as markup has them.
const MARKS: [(&str, &str); 4] = [
    ("<![CDATA[", "]]>"),
    ("&lt;![CDATA[", "]]&gt;"),
    ("<![CDATA[", "]]&gt;"),
    ("&lt;![CDATA[", "]]>"),
];

/// The text between the marks, and whether there were some.
pub(super) fn without_escaped_cdata(text: Cow<'_, str>) -> (Cow<'_, str>, bool) {
    let inside = match &text {
        Cow::Borrowed(words) => inside_marks(words).map(|inside| Cow::Borrowed(inside.trim())),
        Cow::Owned(words) => inside_marks(words).map(|inside| Cow::Owned(inside.trim().to_owned())),
    };
    match inside {
        Some(inside) => (inside, true),
        None => (text, false),
    }
}

fn inside_marks(text: &str) -> Option<&str> {
    let is_markup_like = text.starts_with("<!") || text.starts_with("&lt;!");
    let mut marks = MARKS.iter().filter(|_| is_markup_like);
    let inside = marks.find_map(|(start, end)| text.strip_prefix(start)?.strip_suffix(end))?;
    // Two sections, with words between them.
    (!inside.contains("![CDATA[")).then_some(inside)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_whole_text_between_the_marks_loses_them() {
        for (text, expected) in [
            ("<![CDATA[خبر & آخر]]>", Some("خبر & آخر")),
            ("&lt;![CDATA[<p>نص</p>]]&gt;", Some("<p>نص</p>")),
            ("<![CDATA[ x ]]&gt;", Some("x")),
            ("كيف تكتب <![CDATA[x]]>", None),
            ("<![CDATA[x]]> و<![CDATA[y]]>", None),
            ("<![CDATA[x", None),
            ("<p>x</p>", None),
            ("", None),
        ] {
            let expected = expected.map_or((text, false), |inside| (inside, true));
            for given in [Cow::Borrowed(text), Cow::Owned(text.to_owned())] {
                let (words, is_changed) = without_escaped_cdata(given);
                assert_eq!((words.as_ref(), is_changed), expected);
            }
        }
    }
}
