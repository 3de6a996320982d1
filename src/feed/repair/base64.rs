//! Base64 (RFC 4648 section 4) → text. White space is passed over; what is no base64 or no UTF-8 is
//! nothing.

/// The text that `coded` stands for.
pub(super) fn text_of(coded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(coded.len() / 4 * 3);
    let (mut bits, mut count) = (0_u32, 0_u32);
    let digits = coded.bytes().filter(|byte| !byte.is_ascii_whitespace());
    for digit in digits {
        if digit == b'=' {
            break;
        }
        bits = (bits << 6) | value(digit)?;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from((bits >> count) & 0xff).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    String::from_utf8(bytes).ok()
}

fn value(digit: u8) -> Option<u32> {
    Some(match digit {
        b'A'..=b'Z' => u32::from(digit - b'A'),
        b'a'..=b'z' => u32::from(digit - b'a') + 26,
        b'0'..=b'9' => u32::from(digit - b'0') + 52,
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_the_standard_and_what_is_none() {
        let check = |coded: &str, expected: Option<&str>| {
            assert_eq!(text_of(coded).as_deref(), expected, "{coded}");
        };
        check("", Some(""));
        check("Zg==", Some("f"));
        check("Zm8=", Some("fo"));
        check("Zm 9v\nYmFy", Some("foobar"));
        check("2LPZhNin2YU=", Some("سلام"));
        check("not base64!", None);
        check("/w==", None);
    }
}
