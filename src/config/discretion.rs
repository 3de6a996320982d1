//! What may not be told of a private source: neither by an address of it, nor by an id that one makes.

use super::given::Section;
use super::mistake::Mistake;

/// A private source has no address to publish, and an id that does not tell the real one.
pub(super) fn agree(is_private: bool, section: &Section<'_>) -> Result<(), Mistake> {
    let Some(place) = section.place_of("private").filter(|_| is_private) else {
        return Ok(());
    };
    if let Some(public) = section.place_of("public_url") {
        let message = "a private source publishes no address, and this one gives a `public_url`";
        let help = "keep `private` or `public_url`, not both";
        return Err(Mistake::at(place, message).beside(public, "the address").help(help));
    }
    if section.place_of("id").is_none() {
        let message = "a private source needs an `id`: without one its address makes it";
        return Err(Mistake::at(place, message).help("write `id = \"…\"` beside it"));
    }
    Ok(())
}
