//! What later versions added to a kind of record ↔ bytes behind its fields. The version of the record stays: earlier
//! programs do not look there, and a record that has nothing of it has no byte of it.

use serde::{Deserialize, Serialize};

/// Adds the bytes of the additions; none if they are all missing.
pub(super) fn append_additions<T>(
    additions: &T,
    fields: Vec<u8>,
) -> Result<Vec<u8>, postcard::Error>
where
    T: Default + PartialEq + Serialize,
{
    if *additions == T::default() { Ok(fields) } else { postcard::to_extend(additions, fields) }
}

/// The additions in the bytes behind the fields of a record.
pub(super) fn read_additions<'a, T>(bytes: &'a [u8]) -> Result<T, postcard::Error>
where
    T: Default + Deserialize<'a>,
{
    if bytes.is_empty() { Ok(T::default()) } else { postcard::from_bytes(bytes) }
}
