//! The publication's base address → the addresses of our own files and folders, and those of the sources.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{href, xml_text};
use crate::model::{ArchiveAddress, Publication, Scope, SourceInfo};

/// Characters to encode in one segment of a path (RFC 3986 section 3.3).
const SEGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'/')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// One word as a segment of a path, percent-encoded.
pub(super) fn path_segment(word: &str) -> String {
    utf8_percent_encode(word, SEGMENT).to_string()
}

/// The folder that the id of this output's feed is made of: it stays when a private output gets another address, and
/// does not show the address.
pub(super) fn lasting_folder(publication: &Publication) -> String {
    match &publication.scope {
        Scope::Output(id) if publication.is_private => format!("output/{}/", path_segment(id)),
        _ => publication.folder.clone(),
    }
}

/// The address of one file of this output.
pub(super) fn output_file_address(publication: &Publication, file: &str) -> String {
    xml_text::xml_line(&format!("{}{}{file}", publication.base, publication.folder))
}

/// The address of the icon of an output: the publisher's own of the feed of one source, else our own with this name.
pub(super) fn icon_address(publication: &Publication, own: &str) -> String {
    let source = match &publication.scope {
        Scope::Source(id) => publication.sources.get(id),
        Scope::All | Scope::Category(_) | Scope::Output(_) => None,
    };
    match source.and_then(|info| info.image.as_deref()) {
        Some(image) => href::encode_href(image),
        None => xml_text::xml_line(&format!("{}{own}", publication.base)),
    }
}

/// The folder of an archive page, below the folder of its output.
pub(super) fn archive_folder(page: ArchiveAddress) -> String {
    format!("archive/{page}/")
}

/// The address of one file of an archive page of this output.
pub(super) fn archive_file_address(
    publication: &Publication,
    page: ArchiveAddress,
    file: &str,
) -> String {
    output_file_address(publication, &format!("{}{file}", archive_folder(page)))
}

/// The address of the document itself in the format of this file: of the output, or of its archive page.
pub(super) fn own_file_address(publication: &Publication, file: &str) -> String {
    match publication.archive.page {
        Some(page) => archive_file_address(publication, page, file),
        None => output_file_address(publication, file),
    }
}

/// The relations of the document to others of its archive (RFC 5005 section 4), each with the address in the
/// format of this file.
pub(super) fn archive_relations(
    publication: &Publication,
    file: &str,
) -> Vec<(&'static str, String)> {
    let archive = publication.archive;
    let current = archive.page.map(|_| ("current", output_file_address(publication, file)));
    let page = |relation, page: Option<ArchiveAddress>| {
        Some((relation, archive_file_address(publication, page?, file)))
    };
    let (older, newer) =
        (page("prev-archive", archive.previous), page("next-archive", archive.next));
    [current, older, newer].into_iter().flatten().collect()
}

/// The address with which an output names a source: its feed, or our folder of the source below `base` for a
/// local file and a private source.
pub(super) fn source_address(base: &str, info: &SourceInfo) -> String {
    match &info.feed_url {
        Some(url) => href::encode_href(url.as_str()),
        None => format!("{base}source/{}/", path_segment(info.id.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::render::sample;

    #[test]
    fn the_feed_of_a_source_has_the_icon_of_its_publisher() {
        let mut publication = sample::publication();
        let ours = "https://news.example/icon.png";
        let id = publication.entries[0].source.clone();
        assert_eq!(icon_address(&publication, "icon.png"), ours);
        publication.scope = Scope::Source(id.clone());
        assert_eq!(icon_address(&publication, "icon.png"), ours, "its feed has none");
        let infos = Arc::make_mut(&mut publication.sources);
        let info = Arc::make_mut(infos.get_mut(&id).unwrap());
        info.image = Some("https://one.example/شعار.png".to_owned());
        let own = "https://one.example/%D8%B4%D8%B9%D8%A7%D8%B1.png";
        assert_eq!(icon_address(&publication, "icon.png"), own);
        publication.scope = Scope::All;
        assert_eq!(icon_address(&publication, "icon.png"), ours);
    }

    #[test]
    fn segments_are_encoded() {
        assert_eq!(path_segment("أخبار/x"), "%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%2Fx");
    }
}
