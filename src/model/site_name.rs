//! The permanent name of the site → the ids of its feeds. Subscribers know a feed by its id, so an id must
//! not change when the site moves to another address.

use rafid_feed::hash::Digest;

/// The name that ids of feeds are made from. It is generated once and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteName {
    /// A unique value.
    Generated([u8; 16]),
    /// The public address from the time when addresses were the ids: these ids stay the same.
    Address(String),
}

impl SiteName {
    /// A name made from the site's public address, so that another store at the same address gets the same name.
    pub fn from_address(address: &str) -> Self {
        Self::Generated(digest("rafid site\0", address).to_128())
    }

    /// The id of the feed at this path below the base.
    pub fn id_of(&self, path: &str) -> String {
        match self {
            Self::Generated(name) => digest(name, path).to_uuid().urn().to_string(),
            Self::Address(base) => format!("{base}{path}"),
        }
    }
}

fn digest(domain: impl AsRef<[u8]>, words: &str) -> Digest {
    let mut digest = Digest::new(domain);
    digest.add(words);
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_hang_on_the_name_and_the_path() {
        let name = SiteName::from_address("https://news.example/");
        assert_eq!(name, SiteName::from_address("https://news.example/"));
        let id = name.id_of("atom.xml");
        assert!(id.starts_with("urn:uuid:") && id.len() == 45, "{id}");
        assert_eq!(&id[23..24], "8", "{id}");
        assert_eq!(id, name.id_of("atom.xml"));
        assert_ne!(id, name.id_of("source/a/atom.xml"));
        assert_ne!(id, SiteName::from_address("https://other.example/").id_of("atom.xml"));
        assert_ne!(id, SiteName::Generated([7; 16]).id_of("atom.xml"));
    }

    #[test]
    fn an_address_that_was_an_id_stays_one() {
        let name = SiteName::Address("https://news.example/".to_owned());
        assert_eq!(name.id_of("source/a/atom.xml"), "https://news.example/source/a/atom.xml");
    }
}
