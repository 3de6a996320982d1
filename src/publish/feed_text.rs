//! A publication → its feed in one format, and the page about that feed.

use super::link_headers;
use super::published_site::PublishedSite;
use crate::http::{OutputFormat, RAW_PARAMETER};
use crate::model::Publication;
use crate::render::arabic_wording::LocalClock;
use crate::render::feed_guide_page::{FeedGuideView, render_feed_guide};
use crate::render::{atom, json_feed, rss};

/// The media type and text of a feed.
pub(super) fn render_feed_as(
    publication: &Publication,
    format: OutputFormat,
) -> (&'static str, String) {
    match format {
        OutputFormat::Rss => (rss::MEDIA_TYPE, rss::render_rss(publication)),
        OutputFormat::Atom => (atom::MEDIA_TYPE, atom::render_atom(publication)),
        OutputFormat::Json => (json_feed::MEDIA_TYPE, json_feed::render_json_feed(publication)),
    }
}

/// The page about a feed that holds this publication.
pub(super) fn render_guide(
    site: &PublishedSite,
    publication: &Publication,
    format: OutputFormat,
) -> String {
    let view = FeedGuideView {
        file: link_headers::feed_file_name(format),
        raw_parameter: RAW_PARAMETER,
        clock: LocalClock::in_timezone(site.timezone.as_deref()),
    };
    render_feed_guide(publication, &view)
}
