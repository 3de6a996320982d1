//! What may not be told of a private source: neither by an address of it, nor by an id that one makes.

use url::Url;

use super::diagnostic::Diagnostic;
use super::value::Section;

/// What the operator says of a source's published address.
#[derive(Default)]
pub(super) struct SourcePrivacy {
    /// It is published instead of where the source is.
    pub(super) public_url: Option<Url>,
    /// Whether none is published at all.
    pub(super) is_private: bool,
}

impl SourcePrivacy {
    /// A private source has no address to publish, and an id that does not tell the real one.
    pub(super) fn check(&self, section: &Section<'_>) -> Result<(), Diagnostic> {
        let Some(place) = section.span_of("private").filter(|_| self.is_private) else {
            return Ok(());
        };
        if let Some(public) = section.span_of("public_url") {
            let message =
                "a private source publishes no address, and this one gives a `public_url`";
            let help = "keep `private` or `public_url`, not both";
            return Err(Diagnostic::at(place, message)
                .with_related(public, "the address")
                .with_help(help));
        }
        if section.span_of("id").is_none() {
            let message = "a private source needs an `id`: without one its address makes it";
            return Err(Diagnostic::at(place, message).with_help("write `id = \"…\"` beside it"));
        }
        Ok(())
    }
}
