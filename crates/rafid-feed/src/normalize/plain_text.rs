//! A text without markup → markup: paragraphs, lines, and links where addresses stand.
//!
//! Blank lines separate paragraphs. A line break inside of a paragraph is one of the text, unless a program
//! broke the lines at a width; where the format gives line breaks no meaning (RSS), they stay white space.

use super::{absolute_url, escape};

/// Characters of a line that a program breaks at a width: mail and editors break at 72 to 80.
const WRAPPED_LINE: std::ops::RangeInclusive<usize> = 55..=90;

/// Punctuation at the end of an address that belongs to the sentence.
const AFTER_ADDRESS: [char; 13] =
    ['.', ',', ';', ':', '!', '?', '\'', '،', '؛', '؟', '…', '*', '_'];

/// The text as markup: paragraphs if blank lines separate it, else without an element.
pub(super) fn text_to_markup(text: &str, keeps_lines: bool) -> String {
    let lines: Vec<&str> = text.lines().collect();
    let blocks = lines.split(|line| line.trim().is_empty()).filter(|block| !block.is_empty());
    let blocks: Vec<String> = blocks.map(|block| block_to_markup(block, keeps_lines)).collect();
    match blocks.as_slice() {
        [one] => one.clone(),
        many => many.iter().fold(String::new(), |html, block| html + "<p>" + block + "</p>"),
    }
}

fn block_to_markup(lines: &[&str], keeps_lines: bool) -> String {
    let mut markup = String::new();
    if keeps_lines && !is_wrapped(lines) {
        for (place, line) in lines.iter().enumerate() {
            markup.push_str(if place == 0 { "" } else { "<br>" });
            push_linked(&mut markup, line.trim());
        }
    } else {
        push_linked(&mut markup, lines.join("\n").trim());
    }
    markup
}

/// Whether a program broke the lines: all but the last have about the same length.
fn is_wrapped(lines: &[&str]) -> bool {
    let Some((_, full)) = lines.split_last() else { return false };
    !full.is_empty()
        && full.iter().all(|line| WRAPPED_LINE.contains(&line.trim_end().chars().count()))
}

/// Adds escaped text in which each web address is a link.
fn push_linked(markup: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, address, after)) = split_at_address(rest) {
        escape::push_text(markup, before);
        markup.push_str("<a href=\"");
        escape::push_value(markup, address);
        markup.push_str("\" rel=\"noopener noreferrer\">");
        escape::push_text(markup, address);
        markup.push_str("</a>");
        rest = after;
    }
    escape::push_text(markup, rest);
}

/// The text before the first web address, the address, and the text after it.
fn split_at_address(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices("http").find_map(|(at, _)| {
        let (before, from) = text.split_at(at);
        let scheme = ["https://", "http://"].into_iter().find(|own| from.starts_with(own))?;
        if before.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '=' | '@')) {
            return None;
        }
        let end = from.find(|c: char| c.is_whitespace() || "<>\"«»“”\\^`{|}".contains(c));
        let address = without_punctuation(&from[..end.unwrap_or(from.len())]);
        let is_address = address.len() > scheme.len()
            && absolute_url::absolute_web_url(address, None).as_deref() == Some(address);
        is_address.then(|| (before, address, &from[address.len()..]))
    })
}

/// An address without the punctuation of the sentence that it ends.
fn without_punctuation(address: &str) -> &str {
    let mut address = address;
    loop {
        let shorter = address.trim_end_matches(AFTER_ADDRESS);
        let has_open =
            |open, close| shorter.matches(open).count() >= shorter.matches(close).count();
        let shorter = match shorter.chars().last() {
            Some(')') if !has_open('(', ')') => &shorter[..shorter.len() - 1],
            Some(']') if !has_open('[', ']') => &shorter[..shorter.len() - 1],
            _ => shorter,
        };
        if shorter.len() == address.len() {
            return address;
        }
        address = shorter;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(text_to_markup(text, true), expected, "{text}");
    }

    #[test]
    fn lines_of_a_text_are_kept() {
        check("واحد\r\nاثنان\r\n \r\nثلاثة\n", "<p>واحد<br>اثنان</p><p>ثلاثة</p>");
        check("  00:00 مقدمة\n  01:20 خبر <b>", "00:00 مقدمة<br>01:20 خبر &lt;b&gt;");
        check(" \n ", "");
        assert_eq!(text_to_markup("واحد\nاثنان", false), "واحد\nاثنان");
    }

    #[test]
    fn lines_that_a_program_broke_are_one_paragraph() {
        let line = "كلمة ".repeat(14);
        let text = format!("{line}\n{line}\nنهاية");
        assert_eq!(text_to_markup(&text, true), text);
        let lists = format!("{line}\nقصير\n{line}\nنهاية");
        assert_eq!(text_to_markup(&lists, true).matches("<br>").count(), 3);
    }

    #[test]
    fn addresses_are_links() {
        let linked = |before: &str, address: &str, after: &str| {
            let escaped = address.replace('&', "&amp;");
            let link = format!("<a href=\"{escaped}\" rel=\"noopener noreferrer\">{escaped}</a>");
            check(&format!("{before}{address}{after}"), &format!("{before}{link}{after}"));
        };
        linked("انظر ", "https://a.example/1?a=1&b=2", "، ثم");
        linked("(", "http://a.example/x_(y)", ").");
        linked("«", "https://a.example/خبر", "»");
        linked("", "https://a.example", "");
        for plain in ["https://", "xhttps://a.example", "http", "mail@http://a", "javascript:x"] {
            check(plain, plain);
        }
    }
}
