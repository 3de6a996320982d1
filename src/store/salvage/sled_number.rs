//! Bytes → numbers of variable length and byte strings, as sled 0.34 writes them.

/// The number at the start of `bytes`, and the rest; `None`: the bytes end too early.
///
/// Up to 240 one byte holds the number itself; up to 2,287 two bytes, up to 67,823 three bytes; beyond that
/// the first byte says how many bytes follow, the lowest first.
pub(super) fn split_number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    match first {
        0..=240 => Some((u64::from(first), rest)),
        241..=248 => {
            let (&low, rest) = rest.split_first()?;
            Some((240 + 256 * (u64::from(first) - 241) + u64::from(low), rest))
        }
        249 => {
            let ([high, low], rest) = rest.split_first_chunk()?;
            Some((2288 + 256 * u64::from(*high) + u64::from(*low), rest))
        }
        250..=255 => {
            let (digits, rest) = rest.split_at_checked(usize::from(first) - 247)?;
            let number = digits.iter().rev().fold(0, |all, digit| all << 8 | u64::from(*digit));
            Some((number, rest))
        }
    }
}

/// The byte string at the start of `bytes`, which its length precedes, and the rest.
pub(super) fn split_string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = split_number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_every_length_are_read() {
        let check = |bytes: &[u8], expected: u64| {
            let longer = [bytes, b"rest"].concat();
            assert_eq!(split_number(&longer), Some((expected, &b"rest"[..])), "{bytes:?}");
            for length in 0..bytes.len() {
                assert_eq!(split_number(&bytes[..length]), None);
            }
        };
        check(&[0], 0);
        check(&[240], 240);
        check(&[241, 1], 241);
        check(&[248, 255], 2_287);
        check(&[249, 0, 0], 2_288);
        check(&[249, 255, 255], 67_823);
        check(&[250, 0xff, 0xff, 0xff], 0x00ff_ffff);
        check(&[251, 1, 2, 3, 4], 0x0403_0201);
        check(&[255, 8, 7, 6, 5, 4, 3, 2, 1], 0x0102_0304_0506_0708);
        assert_eq!(split_string(b"\x02abc"), Some((&b"ab"[..], &b"c"[..])));
        assert_eq!(split_string(b"\x04abc"), None);
        assert_eq!(split_string(&[255; 9]), None);
    }
}
