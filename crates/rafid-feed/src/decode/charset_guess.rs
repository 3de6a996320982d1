//! Bytes → the charset that they look like (chardetng, as in Firefox); never UTF-8, which was tried before.
//!
//! chardetng decodes its input in two dozen charsets at once: 1,400 instructions a byte, ten times as many as
//! everything else that is done with a document. Some kilobytes of letters decide as well as fifteen megabytes. Markup is ASCII in all of these charsets and decides nothing.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::Encoding;
use memchr::memchr_iter;

/// The bytes by which a charset is guessed: more than a thousand words. Where the texts of the corpora are longer, the
/// guess is the same with half of them.
const MOST_GUESSED_BYTES: usize = 8 * 1024;

/// The charset of a document or an entry.
pub(super) fn guess_encoding(bytes: &[u8]) -> &'static Encoding {
    guess_by(bytes, MOST_GUESSED_BYTES)
}

/// The same by at most this number of bytes.
fn guess_by(bytes: &[u8], at_most: usize) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    let mut left = at_most;
    for piece in pieces_with_letters(bytes) {
        detector.feed(piece.get(..left).unwrap_or(piece), false);
        left = left.saturating_sub(piece.len());
        if left == 0 {
            // Perhaps within a letter: that is no fault of it.
            return detector.guess(None, Utf8Detection::Deny);
        }
    }
    detector.feed(b"", true);
    detector.guess(None, Utf8Detection::Deny)
}

/// The tags with the text behind each, where there are bytes beyond ASCII. (`<` is part of no letter in any charset.)
fn pieces_with_letters(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let ends = memchr_iter(b'<', bytes).chain([bytes.len()]);
    let pieces = ends.scan(0, |start, end| Some(bytes.get(std::mem::replace(start, end)..end)));
    pieces.flatten().filter(|piece| !piece.is_ascii())
}

#[cfg(test)]
mod tests {
    use encoding_rs::{
        BIG5, EUC_JP, EUC_KR, GBK, ISO_8859_6, KOI8_U, SHIFT_JIS, WINDOWS_1251, WINDOWS_1252,
        WINDOWS_1253, WINDOWS_1255, WINDOWS_1256,
    };

    use super::*;

    const ARABIC: &str =
        "افتتحت البلدية اليوم مكتبة عامة في حي الزيتون، وقال رئيسها إن أبوابها مفتوحة للجميع";
    const RUSSIAN: &str =
        "Сегодня в городе открылась новая библиотека, сообщила пресс-служба мэрии";
    const FRENCH: &str =
        "La bibliothèque a été inaugurée à l'été, près du théâtre où les élèves répètent";
    const GREEK: &str =
        "Η νέα βιβλιοθήκη της πόλης άνοιξε σήμερα τις πύλες της για όλους τους κατοίκους";
    const HEBREW: &str = "הספרייה החדשה נפתחה היום במרכז העיר בנוכחות ראש העירייה ותושבים רבים";
    const JAPANESE: &str =
        "市立図書館が本日開館し、多くの市民が訪れました。館長は誰でも利用できると述べた";
    const CHINESE: &str = "新图书馆今天在市中心开馆，市长表示欢迎所有市民前来阅读和学习";
    const TAIWANESE: &str = "新圖書館今天在市中心開館，市長表示歡迎所有市民前來閱讀和學習";
    const KOREAN: &str =
        "새 도서관이 오늘 시내 중심에 문을 열었으며 시장은 모든 시민을 환영한다고 말했다";

    /// A long document of a text, in a charset.
    fn document(text: &str, charset: &'static Encoding) -> Vec<u8> {
        let item = format!("<item><link>https://a.example/</link><title>{text}</title></item>\n");
        let text = format!("<rss><channel><title>news</title>{}</channel></rss>", item.repeat(900));
        charset.encode(&text).0.into_owned()
    }

    fn guess_by_all(bytes: &[u8]) -> &'static Encoding {
        let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
        detector.feed(bytes, true);
        detector.guess(None, Utf8Detection::Deny)
    }

    #[test]
    fn a_part_of_a_document_decides_like_the_whole() {
        for (text, charset) in [
            (ARABIC, WINDOWS_1256),
            (ARABIC, ISO_8859_6),
            (RUSSIAN, WINDOWS_1251),
            (RUSSIAN, KOI8_U),
            (FRENCH, WINDOWS_1252),
            (GREEK, WINDOWS_1253),
            (HEBREW, WINDOWS_1255),
            (JAPANESE, SHIFT_JIS),
            (JAPANESE, EUC_JP),
            (CHINESE, GBK),
            (TAIWANESE, BIG5),
            (KOREAN, EUC_KR),
        ] {
            let bytes = document(text, charset);
            assert!(bytes.len() > MOST_GUESSED_BYTES, "{}", bytes.len());
            assert_eq!(guess_encoding(&bytes), guess_by_all(&bytes), "{}", charset.name());
            assert_eq!(guess_by(&bytes, 4_096), charset, "a cut within a letter");
        }
    }

    #[test]
    fn markup_before_the_first_letters_counts_nothing() {
        let mut bytes = "<a href='https://a.example/'>ascii</a>\n".repeat(10_000).into_bytes();
        bytes.extend(document(ARABIC, WINDOWS_1256));
        assert_eq!(guess_encoding(&bytes), WINDOWS_1256);
        let pieces = |text: &'static [u8]| pieces_with_letters(text).collect::<Vec<_>>();
        assert_eq!(pieces(b"a\xe1<b>c<d>\xe2</d>e"), [&b"a\xe1"[..], b"<d>\xe2"]);
        assert_eq!(pieces(b"<a>\xe1"), [b"<a>\xe1"]);
        assert!(pieces(b"").is_empty() && pieces(b"abc<d>").is_empty());
        assert_eq!(guess_encoding(b"ascii"), guess_by_all(b"ascii"));
    }
}
