//! Text → markup with the same text, as the sanitizer writes it.

/// Appends text to markup.
pub(super) fn push_text(out: &mut String, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(|c: char| matches!(c, '&' | '<' | '>') || is_unwanted(c)) {
        let (plain, from) = rest.split_at(at);
        out.push_str(plain);
        let c = from.chars().next().unwrap_or_default();
        rest = &from[c.len_utf8()..];
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // A carriage return is a line break of its own unless a newline follows.
            '\r' if !rest.starts_with('\n') => out.push('\n'),
            '\u{B}' | '\u{C}' | '\u{85}' => out.push(' '),
            _ => {}
        }
    }
    out.push_str(rest);
}

/// Appends the value of an attribute in double quotes: one line.
pub(super) fn push_value(out: &mut String, value: &str) {
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' | '\n' => out.push(' '),
            c if is_unwanted(c) => {}
            c => out.push(c),
        }
    }
}

/// Control characters except tab and newline, byte order marks, and characters that XML forbids
/// (XML 1.0 section 2.2).
fn is_unwanted(c: char) -> bool {
    (c.is_control() && c != '\t' && c != '\n') || matches!(c, '\u{FEFF}' | '\u{FFFE}' | '\u{FFFF}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_and_values() {
        let check = |input: &str, text: &str, value: &str| {
            let (mut as_text, mut as_value) = (String::new(), String::new());
            push_text(&mut as_text, input);
            push_value(&mut as_value, input);
            assert_eq!((as_text.as_str(), as_value.as_str()), (text, value), "{input:?}");
        };
        check("نص", "نص", "نص");
        check("a<b>&\"c'", "a&lt;b&gt;&amp;\"c'", "a&lt;b&gt;&amp;&quot;c'");
        check("a\r\nb\rc\td\u{c}e", "a\nb\nc\td e", "a bc de");
        check("\u{0}\u{1b}\u{9c}\u{feff}\u{ffff}x", "x", "x");
    }
}
