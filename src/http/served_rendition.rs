//! A rendition → what all responses with it share: header values, and content codings. A coding is made when the first
//! client wants it, and once, so that a thousand readers cost one compression, and an output that no one requests
//! costs none.
//!
//! | body | codings that are offered |
//! | --- | --- |
//! | text of at least 1 KiB | all: such a text always becomes smaller |
//! | copies of pictures | none: they are compressed already |
//! | anything else (icons, short texts) | those that make it smaller; they are made at once, to know that |
//!
//! So what a client is offered, and the entity tag that it gets, never depends on what other clients requested
//! before.

use std::io;
use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::OnceCell;
use tokio::task::spawn_blocking;

use super::content_coding::encode_bytes;
use super::rendition_headers::RenditionHeaders;
use crate::model::{Coding, Rendition};

/// Texts from this size on become smaller in every coding.
const LAZY_FROM_BYTES: usize = 1024;
/// Media types whose bytes are compressed already.
const PACKED_TYPES: [&str; 2] = ["image/jpeg", "image/webp"];

/// A rendition in the cache, with its header values, and its content codings as far as they were requested.
#[derive(Debug)]
pub struct ServedRendition {
    rendition: Arc<Rendition>,
    headers: RenditionHeaders,
    gzip: CodedBody,
    brotli: CodedBody,
    zstd: CodedBody,
}

/// The body in one coding.
#[derive(Debug)]
struct CodedBody {
    is_offered: bool,
    bytes: OnceCell<Bytes>,
}

impl ServedRendition {
    /// The rendition without codings; a short one with those that make it smaller.
    pub fn new(rendition: Arc<Rendition>) -> Self {
        let body = |coding| CodedBody::new(coding, &rendition);
        Self {
            gzip: body(Coding::Gzip),
            brotli: body(Coding::Brotli),
            zstd: body(Coding::Zstd),
            headers: RenditionHeaders::new(&rendition),
            rendition,
        }
    }

    /// The rendition itself.
    pub fn rendition(&self) -> &Arc<Rendition> {
        &self.rendition
    }

    /// The header values of responses with it.
    pub(super) fn headers(&self) -> &RenditionHeaders {
        &self.headers
    }

    /// Whether clients can get the rendition in this coding.
    pub(super) fn offers(&self, coding: Coding) -> bool {
        self.coded(coding).is_none_or(|coded| coded.is_offered)
    }

    /// The bytes in a coding that is offered, and the coding that they are in. If it cannot be made, these are
    /// the bytes themselves.
    pub(super) async fn body_in(&self, coding: Coding) -> (Coding, Bytes) {
        let plain = &self.rendition.body;
        let Some(coded) = self.coded(coding) else { return (Coding::Identity, plain.clone()) };
        match coded.bytes.get_or_try_init(|| make_coded(coding, plain.clone())).await {
            Ok(bytes) => (coding, bytes.clone()),
            Err(error) => {
                tracing::error!(%error, ?coding, "a content coding could not be made");
                (Coding::Identity, plain.clone())
            }
        }
    }

    /// `None`: the identity.
    fn coded(&self, coding: Coding) -> Option<&CodedBody> {
        match coding {
            Coding::Identity => None,
            Coding::Gzip => Some(&self.gzip),
            Coding::Brotli => Some(&self.brotli),
            Coding::Zstd => Some(&self.zstd),
        }
    }
}

impl CodedBody {
    fn new(coding: Coding, rendition: &Rendition) -> Self {
        let plain = &rendition.body;
        if PACKED_TYPES.contains(&rendition.media_type) {
            return Self { is_offered: false, bytes: OnceCell::new() };
        }
        if plain.len() >= LAZY_FROM_BYTES && is_text(rendition.media_type) {
            return Self { is_offered: true, bytes: OnceCell::new() };
        }
        let coded = encode_bytes(coding, plain).ok().filter(|coded| coded.len() < plain.len());
        Self { is_offered: coded.is_some(), bytes: OnceCell::new_with(coded.map(Bytes::from)) }
    }
}

/// Compresses off the async threads.
async fn make_coded(coding: Coding, plain: Bytes) -> io::Result<Bytes> {
    let coded = spawn_blocking(move || encode_bytes(coding, &plain)).await??;
    Ok(Bytes::from(coded.into_boxed_slice()))
}

/// Whether a media type is that of a text.
fn is_text(media_type: &str) -> bool {
    media_type.starts_with("text/") || media_type.contains("xml") || media_type.contains("json")
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::*;
    use crate::http::encode_rendition;

    const ALL: [Coding; 3] = [Coding::Gzip, Coding::Brotli, Coding::Zstd];

    fn served(media_type: &'static str, text: impl Into<Bytes>) -> ServedRendition {
        let rendition = encode_rendition(media_type, text, Timestamp::UNIX_EPOCH, 60);
        ServedRendition::new(Arc::new(rendition))
    }

    fn is_made(served: &ServedRendition) -> [bool; 3] {
        ALL.map(|coding| served.coded(coding).unwrap().bytes.initialized())
    }

    #[tokio::test]
    async fn a_coding_is_made_when_it_is_wanted_first() {
        let served = served("application/rss+xml; charset=utf-8", "خبر ".repeat(1_000));
        assert_eq!(is_made(&served), [false; 3]);
        assert!(ALL.iter().all(|coding| served.offers(*coding)), "although none is made");
        let (coding, first) = served.body_in(Coding::Brotli).await;
        assert_eq!((coding, is_made(&served)), (Coding::Brotli, [false, true, false]));
        assert!(first.len() < 4_000);
        let (_, again) = served.body_in(Coding::Brotli).await;
        assert_eq!(again.as_ptr(), first.as_ptr(), "the same bytes, not others like them");
    }

    #[tokio::test]
    async fn clients_at_the_same_time_share_one_compression() {
        let served = served("text/html; charset=utf-8", "خبر ".repeat(10_000));
        let wanted = (0..20).map(|_| served.body_in(Coding::Gzip));
        let bodies = futures_util::future::join_all(wanted).await;
        let first = bodies[0].1.as_ptr();
        assert!(bodies.iter().all(|(coding, it)| *coding == Coding::Gzip && it.as_ptr() == first));
    }

    #[tokio::test]
    async fn a_coding_that_does_not_help_is_not_offered() {
        let noise = |number: u64| number.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes();
        let picture: Vec<u8> = (1..300).flat_map(noise).collect();
        for (media_type, bytes) in [("text/plain", vec![b'x']), ("image/png", picture)] {
            let served = served(media_type, bytes);
            assert!(ALL.iter().all(|coding| !served.offers(*coding)), "{media_type}");
            assert!(served.offers(Coding::Identity));
        }
        let short = served("text/plain", "خبر ".repeat(100));
        assert_eq!(is_made(&short), [true; 3]);
    }
}
