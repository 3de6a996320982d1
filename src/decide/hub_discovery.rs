//! What a poll learned about the hubs of a feed → the offer to store.

use crate::model::HubOffer;

/// What a poll learned about the hubs of a feed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubDiscovery {
    /// Nothing: no document was read to its end, and no earlier one named hubs.
    Unknown,
    /// The publisher names no hub.
    NoHubs,
    /// The publisher names hubs.
    Hubs(HubOffer),
}

impl HubDiscovery {
    /// The stored offer, for a response without a new document.
    pub(super) fn from_stored(offer: Option<&HubOffer>) -> Self {
        offer.cloned().map_or(Self::Unknown, Self::Hubs)
    }

    /// The offer of a document. If it is incomplete, a hub may be named in the missing part.
    pub(super) fn from_document(offer: Option<HubOffer>, is_complete: bool) -> Self {
        match offer {
            Some(offer) => Self::Hubs(offer),
            None if is_complete => Self::NoHubs,
            None => Self::Unknown,
        }
    }

    /// The offer to store, for responses without a new document.
    pub(super) fn offer_to_store(&self, before: Option<HubOffer>) -> Option<HubOffer> {
        match self {
            Self::Unknown => before,
            Self::NoHubs => None,
            Self::Hubs(offer) => Some(offer.clone()),
        }
    }
}
