//! Fields → their bytes, in a vector that need not grow if their length is about known: growing takes more than the
//! encoding of some fields.

use postcard::ser_flavors::Flavor;
use serde::Serialize;

/// The bytes of fields, of which about `expected` are expected.
///
/// # Errors
/// Those of the encoder.
pub(in crate::store) fn to_field_bytes(
    fields: &impl Serialize,
    expected: usize,
) -> Result<Vec<u8>, postcard::Error> {
    postcard::serialize_with_flavor(fields, ByteVector(Vec::with_capacity(expected)))
}

struct ByteVector(Vec<u8>);

impl Flavor for ByteVector {
    type Output = Vec<u8>;

    #[inline]
    fn try_extend(&mut self, bytes: &[u8]) -> postcard::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    #[inline]
    fn try_push(&mut self, byte: u8) -> postcard::Result<()> {
        self.0.push(byte);
        Ok(())
    }

    fn finalize(self) -> postcard::Result<Vec<u8>> {
        Ok(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_are_those_of_the_encoder_whatever_is_expected() {
        let fields = (7_u32, "خبر", vec![[1_u8; 8]; 3], Some(-1_i64));
        for expected in [0, 5, 1_000] {
            let bytes = to_field_bytes(&fields, expected).unwrap();
            assert_eq!(bytes, postcard::to_stdvec(&fields).unwrap());
        }
    }
}
