//! A date as written → folded words and numbers: digits of three scripts become ASCII, direction
//! marks and vowels are dropped, letters take their plain form. For parsing only, never for
//! display.

/// One piece of a date.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DatePiece {
    /// Digits: the value, and the number of digits.
    Number(u32, usize),
    /// Letters, folded.
    Word(String),
    /// Anything else that is not white space.
    Mark(char),
}

impl DatePiece {
    /// A number or a word as text, folded; `None` for a mark.
    pub(super) fn text(&self) -> Option<String> {
        match self {
            Self::Number(value, digits) => {
                Some(format!("{value:0>width$}", width = (*digits).min(9)))
            }
            Self::Word(word) => Some(word.clone()),
            Self::Mark(_) => None,
        }
    }
}

/// Folds a date and splits it into pieces. Numbers longer than nine digits are truncated: no field
/// of a date is that long.
pub(super) fn split_into_pieces(words: &str) -> Vec<DatePiece> {
    let folded = fold_letters(words);
    let mut found = Vec::new();
    let mut rest = folded.as_str();
    while let Some(first) = rest.chars().next() {
        let length = if first.is_ascii_digit() {
            run_length(rest, |c| c.is_ascii_digit())
        } else if first.is_alphabetic() {
            run_length(rest, char::is_alphabetic)
        } else {
            first.len_utf8()
        };
        let (piece, after) = rest.split_at(length);
        rest = after;
        if first.is_ascii_digit() {
            let value = piece.get(..piece.len().min(9)).and_then(|digits| digits.parse().ok());
            found.push(DatePiece::Number(value.unwrap_or(0), piece.len()));
        } else if first.is_alphabetic() {
            found.push(DatePiece::Word(piece.to_owned()));
        } else if !first.is_whitespace() {
            found.push(DatePiece::Mark(first));
        }
    }
    found
}

fn run_length(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    text.find(|c| !belongs(c)).unwrap_or(text.len())
}

/// Plain letters and digits, Latin ones without their diacritics; marks that only control display
/// are dropped.
pub(super) fn fold_letters(words: &str) -> String {
    let mut folded = String::with_capacity(words.len());
    for c in words.chars().flat_map(char::to_lowercase) {
        match c {
            '٠'..='٩' => folded.push(ascii_digit(c, '٠')),
            '۰'..='۹' => folded.push(ascii_digit(c, '۰')),
            'أ' | 'إ' | 'آ' | 'ٱ' => folded.push('ا'),
            'ى' | 'ی' | 'ئ' | 'ے' => folded.push('ي'),
            'ة' | 'ە' | 'ہ' | 'ھ' => folded.push('ه'),
            'ؤ' => folded.push('و'),
            'ک' => folded.push('ك'),
            '،' => folded.push(','),
            'à'..='å' => folded.push('a'),
            'ç' => folded.push('c'),
            'è'..='ë' => folded.push('e'),
            'ğ' => folded.push('g'),
            'ì'..='ï' | 'ı' => folded.push('i'),
            'ñ' => folded.push('n'),
            'ò'..='ö' => folded.push('o'),
            'ş' => folded.push('s'),
            'ù'..='ü' => folded.push('u'),
            '\u{2212}' | '\u{2013}' => folded.push('-'),
            '\u{A0}' => folded.push(' '),
            'ء' | 'ـ' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{061C}' | '\u{FEFF}' => {}
            // The diacritics of Latin letters, where they are separate characters.
            '\u{0300}'..='\u{036F}' => {}
            c if is_display_control(c) => {}
            other => folded.push(other),
        }
    }
    folded
}

/// Zero-width characters and direction marks.
fn is_display_control(c: char) -> bool {
    matches!(c, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

fn ascii_digit(digit: char, zero: char) -> char {
    let value = u32::from(digit) - u32::from(zero);
    char::from_digit(value, 10).unwrap_or('0')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_split_into_pieces() {
        let check = |input: &str, expected: &[DatePiece]| {
            assert_eq!(split_into_pieces(input), expected, "{input}");
        };
        let word = |text: &str| DatePiece::Word(text.into());
        check("٢٤ نوفمبر", &[DatePiece::Number(24, 2), word("نوفمبر")]);
        check("أَبْرِيل‏،", &[word("ابريل"), DatePiece::Mark(',')]);
        check(
            "10:05Z",
            &[DatePiece::Number(10, 2), DatePiece::Mark(':'), DatePiece::Number(5, 2), word("z")],
        );
        check("99999999999", &[DatePiece::Number(999_999_999, 11)]);
        check("", &[]);
    }
}
