//! Labels → encodings: the HTTP header's `charset` and the XML declaration's `encoding`.

use encoding_rs::{Encoding, ISO_2022_JP};

/// The declaration is at the very start; PHP warnings and blank lines may precede it.
const SEARCHED_BYTES: usize = 1024;

/// The encoding of a label as publishers write it (`utf8`, `CP-1256`, `windows 1256`).
pub(super) fn encoding_for_label(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']).trim();
    Encoding::for_label(label.as_bytes()).or_else(|| {
        let plain: String = label.to_ascii_lowercase().replace(['_', ' '], "-");
        let page = plain.strip_prefix("cp-").or_else(|| plain.strip_prefix("windows"))?;
        let name = format!("windows-{}", page.trim_start_matches('-'));
        Encoding::for_label(name.as_bytes())
    })
}

/// The `charset` parameter of a `Content-Type` header (RFC 9110 section 8.3.1).
pub(super) fn header_encoding(content_type: &str) -> Option<&'static Encoding> {
    content_type.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then(|| encoding_for_label(value))?
    })
}

/// The `encoding` of an XML declaration, or a page's `<meta charset>`, near the start of ASCII-compatible bytes.
pub(super) fn declared_encoding(bytes: &[u8]) -> Option<&'static Encoding> {
    let head = bytes.get(..SEARCHED_BYTES).unwrap_or(bytes);
    let head: String = head.iter().map(|byte| char::from(*byte)).collect();
    xml_declaration_encoding(&head).or_else(|| meta_charset_encoding(&head))
}

fn xml_declaration_encoding(head: &str) -> Option<&'static Encoding> {
    let declaration = head.split_once("<?xml")?.1.split_once("?>")?.0;
    let value = declaration.split_once("encoding")?.1.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    encoding_for_label(value.get(1..)?.split(quote).next()?)
}

/// `<meta charset>` of a page, or its older form in `http-equiv`.
fn meta_charset_encoding(head: &str) -> Option<&'static Encoding> {
    let head = head.to_ascii_lowercase();
    head.split("<meta").skip(1).find_map(|tag| {
        let value = tag.split('>').next()?.split_once("charset")?.1.trim_start();
        let value = value.strip_prefix('=')?.trim_start().trim_start_matches(['"', '\'']);
        encoding_for_label(value.split(['"', '\'', ';', ' ', '/']).next()?)
    })
}

/// ISO-2022-JP uses ASCII bytes only and is therefore valid UTF-8, too: it needs its escapes and its label.
pub(super) fn is_escaped_japanese(bytes: &[u8], header: Option<&str>) -> bool {
    bytes.contains(&0x1b)
        && header.and_then(header_encoding).or_else(|| declared_encoding(bytes))
            == Some(ISO_2022_JP)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_as_publishers_write_them() {
        let check = |label: &str, expected: Option<&str>| {
            assert_eq!(encoding_for_label(label).map(Encoding::name), expected, "{label:?}");
        };
        check("UTF8", Some("UTF-8"));
        check(" \"windows-1256\" ", Some("windows-1256"));
        check("cp1256", Some("windows-1256"));
        check("CP-1256", Some("windows-1256"));
        check("Windows 1256", Some("windows-1256"));
        check("windows1256", Some("windows-1256"));
        check("iso-8859-6", Some("ISO-8859-6"));
        check("arabic", Some("ISO-8859-6"));
        check("klingon", None);
    }

    #[test]
    fn headers_and_declarations() {
        assert_eq!(
            header_encoding("text/xml; charset=windows-1256").unwrap().name(),
            "windows-1256"
        );
        assert_eq!(header_encoding("text/xml;version=2; CHARSET='utf-8'").unwrap().name(), "UTF-8");
        assert_eq!(header_encoding("text/xml"), None);
        let declared = declared_encoding(b"\r\n<?xml version='1.0' encoding = 'cp1256' ?><rss/>");
        assert_eq!(declared.unwrap().name(), "windows-1256");
        assert_eq!(declared_encoding(b"<rss encoding='utf-8'/>"), None);
        for page in ["<meta charset=cp1256>", "<META Content='text/html; charset=windows-1256'/>"] {
            assert_eq!(declared_encoding(page.as_bytes()).unwrap().name(), "windows-1256");
        }
        assert_eq!(declared_encoding(b"<p charset=utf-8>"), None);
    }
}
