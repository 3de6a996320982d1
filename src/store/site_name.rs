//! The permanent name of the site ↔ its record: created once, at the first start, and never changed.

use ring::rand::{SecureRandom, SystemRandom};
use sled::Tree;

use super::batch::WriteBatch;
use super::log::{Durability, LogRecord};
use super::records::RecordError;
use super::store_error::{StoreError, read_error};
use super::{Store, keys};
use crate::model::SiteName;

/// The version of the record.
const VERSION: u8 = 1;
const GENERATED: u8 = 0;
const ADDRESS: u8 = 1;

impl Store {
    /// The site's name; `None`: it has none yet.
    ///
    /// # Errors
    /// `Database`, `Undecodable`.
    pub fn site_name(&self) -> Result<Option<SiteName>, StoreError> {
        self.with_read_lock(|tree| {
            let value = tree.get(keys::SITE_NAME).map_err(read_error)?;
            value.map(|value| decode_site_name(&value)).transpose()
        })
    }

    /// The name of the site. If it has none, one is created: from its public `address`, else at random. If
    /// entries were published at an address before names existed, that address stays the name. Not flushed:
    /// the commit that follows is flushed. `None`: the system provides no random bytes at present.
    ///
    /// # Errors
    /// `Undecodable`, and as for `commit`.
    pub fn ensure_site_name(&self, address: Option<&str>) -> Result<Option<SiteName>, StoreError> {
        if let Some(name) = self.site_name()? {
            return Ok(Some(name));
        }
        self.write(Durability::Synced, |tree| {
            let has_entries = tree.scan_prefix(keys::entry_prefix()).next().is_some();
            let name = match address {
                Some(address) if has_entries => SiteName::Address(address.to_owned()),
                Some(address) => SiteName::from_address(address),
                None => match random_bytes() {
                    Some(bytes) => SiteName::Generated(bytes),
                    None => return Ok((Vec::new(), None)),
                },
            };
            Ok((vec![LogRecord::SiteName(name.clone())], Some(name)))
        })
    }
}

/// Puts the permanent name of the site.
pub(super) fn batch_of_site_name<'a>(tree: &'a Tree, name: &SiteName) -> WriteBatch<'a> {
    let mut batch = WriteBatch::new(tree);
    batch.put_raw(keys::SITE_NAME, &encode_site_name(name));
    batch
}

/// Sixteen random bytes; `None`: the system provides none.
fn random_bytes() -> Option<[u8; 16]> {
    let mut bytes = [0; 16];
    SystemRandom::new().fill(&mut bytes).ok()?;
    Some(bytes)
}

fn encode_site_name(name: &SiteName) -> Vec<u8> {
    match name {
        SiteName::Generated(bytes) => [&[VERSION, GENERATED], &bytes[..]].concat(),
        SiteName::Address(base) => [&[VERSION, ADDRESS], base.as_bytes()].concat(),
    }
}

fn decode_site_name(value: &[u8]) -> Result<SiteName, StoreError> {
    let missing = |what| StoreError::undecodable(keys::SITE_NAME, RecordError::Missing(what));
    match value {
        [VERSION, GENERATED, bytes @ ..] => {
            bytes.try_into().map(SiteName::Generated).map_err(|_| missing("its sixteen bytes"))
        }
        [VERSION, ADDRESS, base @ ..] => match std::str::from_utf8(base) {
            Ok(base) => Ok(SiteName::Address(base.to_owned())),
            Err(_) => Err(missing("its address")),
        },
        _ => Err(missing("a version that is known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_round_trip() {
        for name in [
            SiteName::Generated([7; 16]),
            SiteName::Address("https://news.example/rafid/".to_owned()),
        ] {
            assert_eq!(decode_site_name(&encode_site_name(&name)).unwrap(), name);
        }
        for broken in [&[][..], &[1], &[2, 0], &[1, 0, 7], &[1, 1, 0xff]] {
            assert!(decode_site_name(broken).is_err(), "{broken:?}");
        }
    }
}
