//! Sources, one after another → what is wrong between two of them: duplicate ids and addresses.
//! Categories whose names make the same address are one category, under its first name.

use std::collections::BTreeMap;
use std::ops::Range;

use super::diagnostic::{Diagnostic, Diagnostics};
use super::source_address::SourceAddress;
use crate::model::{Category, SourceId};

/// What earlier sources use.
#[derive(Default)]
pub(super) struct SourceUniqueness {
    addresses: BTreeMap<String, Range<usize>>,
    ids: BTreeMap<SourceId, ClaimedId>,
    categories: BTreeMap<String, Category>,
}

/// Where an id comes from.
struct ClaimedId {
    /// The span of the id, or of the address that makes it.
    place: Range<usize>,
    is_made_of_address: bool,
}

impl SourceUniqueness {
    /// Claims an address, and the operator's id or else the one that the address makes. `None`: the
    /// source gets no id, and the reason is among the mistakes.
    pub(super) fn claim(
        &mut self,
        address: Option<&(SourceAddress, Range<usize>)>,
        id: Option<(SourceId, Range<usize>)>,
        diagnostics: &mut Diagnostics,
    ) -> Option<SourceId> {
        let Some((address, url)) = address else {
            let (id, place) = id?;
            let claim = ClaimedId { place, is_made_of_address: false };
            return diagnostics.collect(self.claim_id(id, claim));
        };
        let is_new = diagnostics.collect(self.claim_address(address, url)).is_some();
        let is_made_of_address = id.is_none();
        match id.or_else(|| Some((address.id.clone()?, url.clone()))) {
            // The id that an address makes is a duplicate because the address is one.
            Some(_) if !is_new && is_made_of_address => None,
            Some((id, place)) => {
                let claim = ClaimedId { place, is_made_of_address };
                diagnostics.collect(self.claim_id(id, claim))
            }
            None => {
                let diagnostic = Diagnostic::at(url.clone(), "no id can be made of this address");
                diagnostics.push(diagnostic.with_help("give the source an `id`"));
                None
            }
        }
    }

    fn claim_address(
        &mut self,
        address: &SourceAddress,
        place: &Range<usize>,
    ) -> Result<(), Diagnostic> {
        if let Some(first) = self.addresses.get(&address.canonical) {
            let diagnostic = Diagnostic::at(place.clone(), "this feed is listed twice");
            let help = "http and https, `www.` and a slash at the end make no difference";
            return Err(diagnostic.with_related(first.clone(), "the first time").with_help(help));
        }
        self.addresses.insert(address.canonical.clone(), place.clone());
        Ok(())
    }

    fn claim_id(&mut self, id: SourceId, claim: ClaimedId) -> Result<SourceId, Diagnostic> {
        let Some(first) = self.ids.get(&id) else {
            self.ids.insert(id.clone(), claim);
            return Ok(id);
        };
        let (message, help) = if first.is_made_of_address || claim.is_made_of_address {
            (format!("two sources get the id `{id}`"), "give one of them an `id` of its own")
        } else {
            (format!("the id `{id}` is given twice"), "an id belongs to one source for ever")
        };
        Err(Diagnostic::at(claim.place, message)
            .with_help(help)
            .with_related(first.place.clone(), "the first time"))
    }

    /// The categories of a source, each once and by its first name in the file.
    pub(super) fn merge_categories(&mut self, categories: Vec<Category>) -> Vec<Category> {
        let mut own: Vec<Category> = Vec::new();
        for category in categories {
            if own.iter().all(|other| other.slug != category.slug) {
                own.push(self.categories.entry(category.slug.clone()).or_insert(category).clone());
            }
        }
        own
    }
}
