//! A publisher's picture as bytes → a small copy of it: its format checked by its first bytes, decoded within limits,
//! scaled down, and encoded again, so that nothing else of the file (camera, place, comments) is in the copy.
//!
//! | picture | copy |
//! | --- | --- |
//! | a photograph | JPEG |
//! | transparent, or of few colors, as long as that is smaller | WebP without loss |
//! | an icon | WebP without loss |
//! | moving | its first frame |
//! | a drawing (SVG), anything else | none: decoders for them are programs of their own |

use std::io::Cursor;

use image::codecs::jpeg::JpegEncoder;
use image::codecs::webp::WebPEncoder;
use image::imageops::FilterType;
use image::metadata::Orientation;
use image::{DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits};

use crate::model::PictureRole;

/// The maximum number of pixels: 4000 × 3000, as cameras make them. Decoded they take 48 MB.
const MAX_PIXELS: u64 = 12_000_000;
/// The maximum width and height.
const MAX_SIDE: u32 = 12_000;
/// The maximum memory of a decoder besides its input, in bytes.
const MAX_DECODER_BYTES: u64 = 96 << 20;
/// The box that a lead picture fills, twice what pages show: screens have two pixels for one.
const LEAD_BOX: (u32, u32) = (408, 272);
/// The box that an icon fits into.
const ICON_BOX: (u32, u32) = (48, 48);
/// A lead picture with a shorter side is a symbol, and not of the news.
const MIN_LEAD_SIDE: u32 = 64;
/// An icon that is wider or taller than this many times its other side is a banner with a name.
const MAX_ICON_RATIO: u32 = 2;
/// The quality of JPEG, from 1 to 100: lower values show in faces.
const JPEG_QUALITY: u8 = 76;

/// The format of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PictureFormat {
    /// JPEG.
    Jpeg,
    /// WebP.
    WebP,
}

impl PictureFormat {
    /// The media type.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::WebP => "image/webp",
        }
    }
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EncodedThumbnail {
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// Its format.
    pub format: PictureFormat,
    /// Its width in pixels.
    pub width: u16,
    /// Its height in pixels.
    pub height: u16,
}

/// Why there is no copy of a picture. It will not change.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// It has none of the known formats.
    #[error("it is no picture in a known format")]
    UnknownFormat,
    /// It has too many pixels.
    #[error("it has {width} × {height} pixels")]
    TooLarge {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It has too few pixels, or is no icon by its shape.
    #[error("it is not shown with {width} × {height} pixels")]
    Unsuitable {
        /// Its width.
        width: u32,
        /// Its height.
        height: u32,
    },
    /// It is damaged.
    #[error("{0}")]
    Damaged(#[from] image::ImageError),
}

/// Makes the copy of a picture. It takes some tenths of a second, so it belongs on a blocking thread.
///
/// # Errors
/// When there can be none.
pub fn make_thumbnail(bytes: &[u8], role: PictureRole) -> Result<EncodedThumbnail, PictureError> {
    let picture = decode_picture(bytes, role)?;
    let picture = match role {
        PictureRole::Lead => scale_lead(picture),
        PictureRole::Icon | PictureRole::SiteIcon => scale_within(picture, ICON_BOX),
    };
    encode_picture(&picture, role)
}

fn decode_picture(bytes: &[u8], role: PictureRole) -> Result<DynamicImage, PictureError> {
    let format = image::guess_format(bytes).map_err(|_| PictureError::UnknownFormat)?;
    let is_known = match format {
        ImageFormat::Jpeg | ImageFormat::Png | ImageFormat::WebP | ImageFormat::Gif => true,
        ImageFormat::Ico => role != PictureRole::Lead,
        _ => false,
    };
    if !is_known {
        return Err(PictureError::UnknownFormat);
    }
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS {
        return Err(PictureError::TooLarge { width, height });
    }
    let (short, long) = (width.min(height), width.max(height));
    let is_suitable = match role {
        PictureRole::Lead => short >= MIN_LEAD_SIDE,
        PictureRole::Icon | PictureRole::SiteIcon => short > 1 && long <= short * MAX_ICON_RATIO,
    };
    if !is_suitable {
        return Err(PictureError::Unsuitable { width, height });
    }
    // It is lost with the rest of the file.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

/// Scales a lead picture down until it just fills its box. What is much wider or taller loses its ends.
fn scale_lead(picture: DynamicImage) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    let picture = if width > height * 2 {
        picture.crop_imm((width - height * 2) / 2, 0, height * 2, height)
    } else if height > width {
        // Heads are in the upper half.
        picture.crop_imm(0, (height - width) / 4, width, width)
    } else {
        picture
    };
    let (width, height) = (picture.width(), picture.height());
    let (box_width, box_height) = LEAD_BOX;
    // The larger of the two scales, compared without fractions.
    if u64::from(width) * u64::from(box_height) <= u64::from(height) * u64::from(box_width) {
        let scaled = scaled_side(height, box_width, width);
        scale_to(picture, (box_width, scaled))
    } else {
        let scaled = scaled_side(width, box_height, height);
        scale_to(picture, (scaled, box_height))
    }
}

fn scale_within(picture: DynamicImage, (box_width, box_height): (u32, u32)) -> DynamicImage {
    let (width, height) = (picture.width(), picture.height());
    if width >= height {
        let scaled = scaled_side(height, box_width, width);
        scale_to(picture, (box_width, scaled))
    } else {
        let scaled = scaled_side(width, box_height, height);
        scale_to(picture, (scaled, box_height))
    }
}

/// A side that is scaled as its neighbor is from `from` to `to`.
fn scaled_side(side: u32, to: u32, from: u32) -> u32 {
    let scaled = u64::from(side) * u64::from(to) / u64::from(from.max(1));
    u32::try_from(scaled).unwrap_or(u32::MAX).max(1)
}

/// Nothing is enlarged: that is the browser's task.
fn scale_to(picture: DynamicImage, (width, height): (u32, u32)) -> DynamicImage {
    if width >= picture.width() || height >= picture.height() {
        return picture;
    }
    // The first step is fast, the second one sharp.
    let is_far = picture.width() > width * 4;
    let picture = if is_far { picture.thumbnail_exact(width * 2, height * 2) } else { picture };
    picture.resize_exact(width, height, FilterType::CatmullRom)
}

fn encode_picture(
    picture: &DynamicImage,
    role: PictureRole,
) -> Result<EncodedThumbnail, PictureError> {
    let (width, height) = (picture.width(), picture.height());
    let is_opaque =
        !picture.color().has_alpha() || picture.to_rgba8().pixels().all(|pixel| pixel.0[3] == 255);
    let mut webp = Vec::new();
    let lossless = WebPEncoder::new_lossless(&mut webp);
    if is_opaque {
        picture.to_rgb8().write_with_encoder(lossless)?;
    } else {
        picture.to_rgba8().write_with_encoder(lossless)?;
    }
    let (mut bytes, mut format) = (webp, PictureFormat::WebP);
    if role == PictureRole::Lead && is_opaque {
        let mut jpeg = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut jpeg, JPEG_QUALITY);
        picture.to_rgb8().write_with_encoder(encoder)?;
        if jpeg.len() < bytes.len() {
            (bytes, format) = (jpeg, PictureFormat::Jpeg);
        }
    }
    let side = |pixels: u32| u16::try_from(pixels).unwrap_or(u16::MAX);
    Ok(EncodedThumbnail { bytes, format, width: side(width), height: side(height) })
}

#[cfg(test)]
mod tests;
