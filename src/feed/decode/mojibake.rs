//! Text that was UTF-8, was read as a one-byte code page and encoded again → the text that was
//! meant. Undone for a whole document, on strong evidence, and only when Arabic comes out.

use encoding_rs::{Encoding, WINDOWS_1252, WINDOWS_1256};

/// Fewer pairs than this are chance.
const FEWEST_PAIRS: usize = 3;
/// Share of the non-ASCII characters that must pair up, in percent (facts: above 60).
const SHARE_PERCENT: usize = 60;

/// The repaired text and the code page it went through; `None`: nothing to undo.
pub(super) fn undo(text: &str) -> Option<(String, &'static str)> {
    if text.is_ascii() {
        return None;
    }
    [(WINDOWS_1252, ['Ø', 'Ù']), (WINDOWS_1256, ['ط', 'ظ'])]
        .into_iter()
        .filter(|(_, leads)| is_suspect(text, *leads))
        .find_map(|(page, _)| unencode(text, page).map(|text| (text, page.name())))
}

/// Arabic's letters begin with the bytes D8 and D9: seen through a code page, every second
/// character is one of two.
fn is_suspect(text: &str, leads: [char; 2]) -> bool {
    let mut foreign = 0_usize;
    let mut pairs = 0_usize;
    let mut led = false;
    for c in text.chars() {
        if c.is_ascii() {
            led = false;
            continue;
        }
        foreign += 1;
        if led {
            pairs += 1;
            led = false;
        } else {
            led = leads.contains(&c);
        }
    }
    pairs >= FEWEST_PAIRS && pairs * 2 * 100 > foreign * SHARE_PERCENT
}

/// Encodes back, with C1 controls and unknown characters as far as they can be; characters that the
/// code page does not have stand for themselves. Accepted when Arabic letters are the majority.
fn unencode(text: &str, page: &'static Encoding) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut buffer = [0_u8; 4];
    for c in text.chars() {
        if c.is_ascii() {
            bytes.push(c as u8);
        } else if matches!(c, '\u{80}'..='\u{9F}') {
            bytes.push(u8::try_from(u32::from(c)).ok()?);
        } else {
            let (encoded, _, missing) = page.encode(c.encode_utf8(&mut buffer));
            if missing {
                bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                bytes.extend_from_slice(&encoded);
            }
        }
    }
    let repaired = String::from_utf8_lossy(&bytes);
    let broken = repaired.matches('\u{FFFD}').count();
    let foreign = repaired.chars().filter(|c| !c.is_ascii()).count();
    let arabic = repaired.chars().filter(|c| matches!(c, '\u{600}'..='\u{6FF}')).count();
    (arabic * 2 > foreign && broken * 20 <= foreign).then(|| repaired.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAN: &str = "افتتح مجلس المدينة صباح اليوم مكتبة جديدة";

    #[test]
    fn what_was_encoded_twice_comes_back() {
        for page in [WINDOWS_1252, WINDOWS_1256] {
            let (damaged, _, _) = page.decode(CLEAN.as_bytes());
            let damaged = damaged.into_owned();
            assert_ne!(damaged, CLEAN);
            let (repaired, through) = undo(&damaged).unwrap();
            assert_eq!((repaired.as_str(), through), (CLEAN, page.name()));
        }
    }

    #[test]
    fn clean_text_is_left_alone() {
        for text in [CLEAN, "plain", "Über Ärzte für Öl", "طط ظظ خط ظل", "ØØØ Ålesund Ørsted", ""]
        {
            assert_eq!(undo(text), None, "{text}");
        }
    }
}
