//! Numbers ↔ bytes: seven bits a byte, the lowest first; all bytes of a number but its last have their high bit set. So
//! no number above zero ends with a zero byte, and zero bytes can fill what is left of a place.

/// The bytes of the largest number.
pub(super) const NUMBER_BYTES: usize = 5;

/// Adds a number.
pub(super) fn push_number(bytes: &mut Vec<u8>, number: u32) {
    let (packed, length) = pack_number(number);
    bytes.extend(packed.iter().take(length));
}

/// A number as bytes, and how many of them it takes.
pub(super) fn pack_number(mut number: u32) -> ([u8; NUMBER_BYTES], usize) {
    let (mut bytes, mut length) = ([0; NUMBER_BYTES], 0);
    for byte in &mut bytes {
        let low = u8::try_from(number & 0x7f).unwrap_or(0);
        number >>= 7;
        length += 1;
        if number == 0 {
            *byte = low;
            break;
        }
        *byte = low | 0x80;
    }
    (bytes, length)
}

/// The numbers in bytes.
#[derive(Debug, Clone)]
pub(super) struct PackedNumbers<'b>(std::slice::Iter<'b, u8>);

impl<'b> PackedNumbers<'b> {
    /// Those from the start of the bytes.
    pub(super) fn new(bytes: &'b [u8]) -> Self {
        Self(bytes.iter())
    }

    /// The bytes that are left.
    pub(super) fn rest(&self) -> &'b [u8] {
        self.0.as_slice()
    }
}

impl Iterator for PackedNumbers<'_> {
    type Item = u32;

    #[inline]
    fn next(&mut self) -> Option<u32> {
        let (mut number, mut shift) = (0, 0);
        for byte in self.0.by_ref() {
            number |= u32::from(byte & 0x7f) << shift;
            if *byte < 0x80 {
                return Some(number);
            }
            shift += 7;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, 1 << 28, u32::MAX];
        let mut bytes = Vec::new();
        for number in numbers {
            push_number(&mut bytes, number);
        }
        assert_eq!(bytes.len(), 1 + 1 + 1 + 2 + 2 + 3 + 5 + 5);
        let mut packed = PackedNumbers::new(&bytes);
        assert_eq!(packed.next(), Some(0));
        assert_eq!(packed.rest(), &bytes[1..]);
        assert_eq!(packed.collect::<Vec<_>>(), numbers[1..]);
        assert_eq!(PackedNumbers::new(&[0x80]).next(), None);
    }
}
