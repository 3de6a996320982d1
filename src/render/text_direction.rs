//! The title or the text of an entry → the direction of its box: by its own words, else the entry's.
//!
//! A name of a product may make a title English, and its text is Arabic all the same: in a box of the title's
//! direction, its sentences would end at the wrong side.

use rafid_feed::arabic::direction_of;
use rafid_feed::markup::markup_to_text;
use rafid_feed::model::{Direction, Entry};

/// Bytes of markup that are enough to find the direction of a text: a paragraph with its tags.
const BEGINNING_BYTES: usize = 1_000;

/// The direction of a text with markup.
pub(super) fn direction_of_html(html: &str, entry: &Entry) -> &'static str {
    let beginning = &html[..html.floor_char_boundary(BEGINNING_BYTES)];
    let direction = direction_of(&markup_to_text(beginning));
    direction.unwrap_or(entry.direction).as_str()
}

/// The direction of a line without markup.
pub(super) fn direction_of_line(line: &str, entry: &Entry) -> &'static str {
    direction_of(line).unwrap_or(entry.direction).as_str()
}

/// The direction of a line's own words, where it is another than the entry's.
pub(super) fn differing_direction(line: &str, entry: &str) -> Option<&'static str> {
    direction_of(line).map(Direction::as_str).filter(|direction| *direction != entry)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::sample;

    #[test]
    fn each_text_has_the_direction_of_its_own_words() {
        let mut entry = sample::listed("a", "x", "y", "2026-11-25T08:00:00Z").entry;
        let check = |entry: &Entry, line: &str, html: &str, differs: Option<&str>| {
            assert_eq!(direction_of_html(html, entry), direction_of_line(line, entry), "{html}");
            let differing = differing_direction(line, entry.direction.as_str());
            assert_eq!(differing, differs, "{line}");
        };
        entry.direction = Direction::RightToLeft;
        check(&entry, "Super Erase 2", "<p>Super <b>Erase</b> 2</p>", Some("ltr"));
        check(&entry, "تطبيق جديد", "<img alt='x y z'><p>تطبيق جديد", None);
        check(&entry, "2026", "<p>2026</p>", None);
        entry.direction = Direction::LeftToRight;
        check(&entry, "تطبيق جديد", "<p>تطبيق جديد</p>", Some("rtl"));
        let long = format!("<p>{}</p>", "تطبيق جديد ".repeat(BEGINNING_BYTES));
        assert_eq!(direction_of_html(&long, &entry), "rtl");
    }
}
