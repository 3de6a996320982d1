//! The site's name for ever → the ids of its feeds. Subscribers know a feed by its id, so that none must
//! change when the site moves to another address.

use rafid_feed::hash::Digest;

/// What ids of the site's own are made of. It is made once and kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SiteName {
    /// Nobody else has it.
    Generated([u8; 16]),
    /// The public address that the site had when ids were addresses still: those stay as they are.
    Address(String),
}

impl SiteName {
    /// A name that the site's public address makes, so that another store at the same address gives the same.
    pub fn from_address(address: &str) -> Self {
        Self::Generated(digest("rafid site\0", address).to_128())
    }

    /// The id of what stands at this path below the base.
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
