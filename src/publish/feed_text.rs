//! A publication → its feed in one format, its page, and the page about that feed.

use super::archive_memory::Archives;
use super::link_headers;
use super::published_site::PublishedSite;
use crate::http::{OutputFormat, RAW_PARAMETER};
use crate::model::Publication;
use crate::render::feed_guide_page::{FeedGuideView, render_feed_guide};
use crate::render::html::{self, PageView};
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

/// The same for an output, whose texts of entries are kept for the next rendering; but not those of an archive
/// page: hardly any of its entries is shown again soon.
pub(super) fn render_output_feed(
    publication: &Publication,
    format: OutputFormat,
    memory: &Archives,
) -> (&'static str, String) {
    if publication.archive.page.is_some() {
        return render_feed_as(publication, format);
    }
    let media_type = match format {
        OutputFormat::Rss => rss::MEDIA_TYPE,
        OutputFormat::Atom => atom::MEDIA_TYPE,
        OutputFormat::Json => json_feed::MEDIA_TYPE,
    };
    (media_type, memory.fragments().render_feed(publication, format))
}

/// The page with a publication. As above, only texts of the newest entries are kept.
pub(super) fn render_page(publication: &Publication, view: &PageView, memory: &Archives) -> String {
    if publication.archive.page.is_some() || view.before.is_some() {
        return html::render_html(publication, view);
    }
    memory.fragments().render_page(publication, view)
}

/// The page about a feed that holds this publication.
pub(super) fn render_guide(
    site: &PublishedSite,
    publication: &Publication,
    format: OutputFormat,
) -> String {
    let view = FeedGuideView {
        frame: site.frame(),
        file: link_headers::feed_file_name(format),
        raw_parameter: RAW_PARAMETER,
        clock: site.clock(),
    };
    render_feed_guide(publication, &view)
}
