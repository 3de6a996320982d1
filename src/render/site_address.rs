//! The publication's base address → the addresses of our own files and folders, and those of the sources.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use super::{href, xml_text};
use crate::model::{Publication, SourceInfo};

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

/// The address of one file of this output.
pub(super) fn output_file_address(publication: &Publication, file: &str) -> String {
    xml_text::xml_line(&format!("{}{}{file}", publication.base, publication.folder))
}

/// The address with which an output names a source: its feed, or our folder of the source for a local file
/// and a private source.
pub(super) fn source_address(publication: &Publication, info: &SourceInfo) -> String {
    match &info.feed_url {
        Some(url) => href::encode_href(url.as_str()),
        None => format!("{}source/{}/", publication.base, path_segment(info.id.as_str())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_are_encoded() {
        assert_eq!(path_segment("أخبار/x"), "%D8%A3%D8%AE%D8%A8%D8%A7%D8%B1%2Fx");
    }
}
