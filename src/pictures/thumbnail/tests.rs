//! Pictures as publishers and attackers send them → their copies, or the reason for having no copy.

use image::codecs::gif::GifEncoder;
use image::{Delay, Frame, Rgb, RgbImage, Rgba, RgbaImage};

use super::*;

fn low_byte(number: u32) -> u8 {
    number.to_le_bytes()[0]
}

/// A picture without repetition, as a photograph is.
fn photograph(width: u32, height: u32) -> DynamicImage {
    let mut state = 1_u32;
    let picture = RgbImage::from_fn(width, height, |x, y| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let noise = state >> 27;
        Rgb([x * 200 / width + noise, y * 200 / height + noise, noise].map(low_byte))
    });
    picture.into()
}

fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn lead(bytes: &[u8]) -> Result<EncodedThumbnail, PictureError> {
    make_thumbnail(bytes, PictureRole::Lead)
}

fn decoded(copy: &EncodedThumbnail) -> DynamicImage {
    let picture = image::load_from_memory(&copy.bytes).unwrap();
    let size = (u32::from(copy.width), u32::from(copy.height));
    assert_eq!((picture.width(), picture.height()), size);
    picture
}

fn size(copy: &EncodedThumbnail) -> (u16, u16) {
    (copy.width, copy.height)
}

fn refusal(bytes: &[u8], role: PictureRole) -> String {
    make_thumbnail(bytes, role).unwrap_err().to_string()
}

#[test]
fn a_photograph_becomes_small() {
    for format in [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP] {
        let copy = lead(&encoded(&photograph(1200, 800), format)).unwrap();
        assert_eq!((copy.format, size(&copy)), (PictureFormat::Jpeg, (408, 272)), "{format:?}");
        assert!(copy.bytes.len() < 40_000, "{} bytes of {format:?}", copy.bytes.len());
        decoded(&copy);
    }
}

#[test]
fn the_box_is_filled_and_nothing_is_enlarged() {
    for ((width, height), expected) in [
        ((1600, 900), (483, 272)),
        ((900, 900), (408, 408)),
        ((3000, 500), (544, 272)),
        ((500, 3000), (408, 408)),
        ((300, 200), (300, 200)),
        ((500, 100), (200, 100)),
    ] {
        let copy = lead(&encoded(&photograph(width, height), ImageFormat::Jpeg)).unwrap();
        assert_eq!(size(&copy), expected, "{width} × {height}");
    }
}

#[test]
fn few_colors_and_transparency_stay_as_they_are() {
    let flat = RgbImage::from_fn(600, 400, |x, _| Rgb(if x < 300 { [9; 3] } else { [250; 3] }));
    let copy = lead(&encoded(&flat.into(), ImageFormat::Png)).unwrap();
    assert_eq!(copy.format, PictureFormat::WebP);
    let clear = RgbaImage::from_fn(600, 400, |x, y| Rgba([x, y, 0, x / 3].map(low_byte)));
    let copy = lead(&encoded(&clear.into(), ImageFormat::Png)).unwrap();
    assert_eq!(copy.format, PictureFormat::WebP);
    assert!(decoded(&copy).to_rgba8().pixels().any(|pixel| pixel.0[3] < 100));
}

/// A JPEG with data of a camera: it lies on its side, and was taken at a secret place.
fn with_camera_data(jpeg: &[u8]) -> Vec<u8> {
    let mut data = b"Exif\0\0II*\0\x08\0\0\0\x01\0".to_vec();
    data.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, 6, 0, 0, 0, 0, 0, 0, 0]);
    data.extend_from_slice(b"secret place");
    let length = u16::try_from(data.len() + 2).unwrap().to_be_bytes();
    let (start, rest) = jpeg.split_at(2);
    [start, &[0xff, 0xe1], &length, &data, rest].concat()
}

#[test]
fn what_a_camera_added_is_not_copied() {
    let jpeg = encoded(&photograph(380, 300), ImageFormat::Jpeg);
    assert_eq!(size(&lead(&jpeg).unwrap()), (380, 300));
    let copy = lead(&with_camera_data(&jpeg)).unwrap();
    assert_eq!(size(&copy), (300, 300), "it was turned, and then cut");
    for secret in [b"Exif".as_slice(), b"secret"] {
        assert!(!copy.bytes.windows(secret.len()).any(|bytes| bytes == secret));
    }
}

#[test]
fn only_the_first_frame_is_read() {
    let mut bytes = Vec::new();
    let mut encoder = GifEncoder::new(&mut bytes);
    for color in [[200, 0, 0, 255], [0, 0, 200, 255], [0, 200, 0, 255]] {
        let frame = RgbaImage::from_pixel(300, 200, Rgba(color));
        encoder
            .encode_frame(Frame::from_parts(frame, 0, 0, Delay::from_numer_denom_ms(9, 1)))
            .unwrap();
    }
    drop(encoder);
    // The frames after the first may be anything, and as many as there is room for.
    bytes.truncate(bytes.len() - 200);
    let copy = lead(&bytes).unwrap();
    let pixel = decoded(&copy).to_rgb8().get_pixel(150, 100).0;
    assert!(pixel[0] > 150 && pixel[1] < 60 && pixel[2] < 60, "{pixel:?}");
}

#[test]
fn icons_are_small_and_nearly_square() {
    let icon = RgbaImage::from_fn(180, 180, |x, y| Rgba([200, 0, 0, if x > y { 255 } else { 0 }]));
    let icon = DynamicImage::from(icon);
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Ico] {
        let copy = make_thumbnail(&encoded(&icon, format), PictureRole::Icon).unwrap();
        assert_eq!((copy.format, size(&copy)), (PictureFormat::WebP, (48, 48)), "{format:?}");
    }
    let refused = |width, height| {
        refusal(&encoded(&photograph(width, height), ImageFormat::Png), PictureRole::Icon)
    };
    assert_eq!(refused(144, 40), "it is not shown with 144 × 40 pixels");
    assert_eq!(refused(1, 1), "it is not shown with 1 × 1 pixels");
}

#[test]
fn what_is_no_picture_of_the_news_is_refused() {
    let check = |bytes: &[u8], expected: &str| {
        assert_eq!(refusal(bytes, PictureRole::Lead), expected);
    };
    let unknown = "it is no picture in a known format";
    check(b"", unknown);
    check(b"<!DOCTYPE html><html><body>404", unknown);
    check(b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", unknown);
    check(b"\0\0\0\x20ftypavif\0\0\0\0avifmif1", unknown);
    check(b"BM\x36\0\0\0\0\0\0\0\x36\0\0\0", unknown);
    check(&encoded(&photograph(64, 64), ImageFormat::Ico), unknown);
    check(&encoded(&photograph(63, 500), ImageFormat::Png), "it is not shown with 63 × 500 pixels");
}

/// The same PNG with another size in its header.
fn resized_header(png: &[u8], width: u32, height: u32) -> Vec<u8> {
    let mut header = b"IHDR".to_vec();
    header.extend_from_slice(&width.to_be_bytes());
    header.extend_from_slice(&height.to_be_bytes());
    header.extend_from_slice(&png[24..29]);
    let mut sum = flate2::Crc::new();
    sum.update(&header);
    [&png[..12], &header, &sum.sum().to_be_bytes(), &png[33..]].concat()
}

#[test]
fn a_picture_that_grows_is_refused_before_it_is_decoded() {
    let png = encoded(&photograph(64, 64), ImageFormat::Png);
    let large = resized_header(&png, 11_000, 11_000);
    assert_eq!(refusal(&large, PictureRole::Lead), "it has 11000 × 11000 pixels");
    for (width, height) in [(100_000, 100), (u32::MAX, u32::MAX), (0, 64)] {
        let bytes = resized_header(&png, width, height);
        assert!(matches!(lead(&bytes), Err(PictureError::Damaged(_))), "{width} × {height}");
    }
    // Within the limits, but there are no such pixels.
    let bytes = resized_header(&png, 3_000, 3_000);
    assert!(matches!(lead(&bytes), Err(PictureError::Damaged(_))));
}

#[test]
fn damaged_pictures_harm_nothing() {
    let formats = [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];
    for format in formats {
        let bytes = encoded(&photograph(96, 80), format);
        for part in 1..16 {
            // It is an error or a picture; only a panic would fail.
            let _ = lead(&bytes[..bytes.len() * part / 16]);
        }
        for step in 0..150 {
            let mut damaged = bytes.clone();
            let at = step * bytes.len() / 150;
            damaged[at] ^= 0x55;
            let _ = lead(&damaged);
        }
    }
    let png = encoded(&photograph(96, 80), ImageFormat::Png);
    assert!(matches!(lead(&png[..png.len() / 2]), Err(PictureError::Damaged(_))));
}
