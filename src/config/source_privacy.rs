//! The keys `private` and `public_url` of a source → whether they agree: a private source is published neither
//! by an address nor by an id that is made of one.

use url::Url;

use super::diagnostic::Diagnostic;
use super::value::Section;

/// How the address of a source is published.
#[derive(Default)]
pub(super) struct SourcePrivacy {
    /// The address that is published instead of `url`.
    pub(super) public_url: Option<Url>,
    /// Whether no address is published.
    pub(super) is_private: bool,
}

impl SourcePrivacy {
    /// A private source publishes no address, and has an id that does not reveal it.
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
