//! Pictures are painted anew: decoded and encoded again, so that nothing remains of a file but what it shows. Where and
//! when a photo was taken, by whom, and whatever else hid in it is gone. A picture with more pixels than fit is refused
//! by its header, before one of them is decoded.

use super::{MOST_BYTES, inspect::Unwanted, media::Media};
use image::{
    DynamicImage, ImageDecoder, ImageError, Limits,
    codecs::{
        gif::GifDecoder,
        jpeg::{JpegDecoder, JpegEncoder},
        png::{PngDecoder, PngEncoder},
        webp::WebPDecoder,
    },
};
use std::io::Cursor;

/// The most pixels of a picture: 20 million.
pub const MOST_PIXELS: u64 = 20_000_000;
/// The most memory for the pixels.
const MOST_MEMORY: u64 = 80 << 20;
const JPEG_QUALITY: u8 = 90;

const TOO_MANY_PIXELS: Unwanted =
    Unwanted("This picture has more than 20 million pixels. Make it smaller and try again.");
const DAMAGED: Unwanted = Unwanted("This picture is damaged or not complete. Save it anew and try again.");
const TOO_LARGE: Unwanted = Unwanted("This picture is too large. Make it smaller and try again.");

/// What it shows, as a new file: photos as JPEG, all else as PNG. Of a moving picture, the first one.
///
/// # Errors
/// Where it has too many pixels, or cannot be decoded.
pub fn paint(bytes: &[u8], media: Media) -> Result<(Media, Vec<u8>), Unwanted> {
    let input = Cursor::new(bytes);
    let (picture, media) = match media {
        Media::Jpeg => (decode(JpegDecoder::new(input))?, Media::Jpeg),
        Media::Png => (decode(PngDecoder::with_limits(input, limits()))?, Media::Png),
        Media::Gif => (decode(GifDecoder::new(input))?, Media::Png),
        _ => {
            let picture = decode(WebPDecoder::new(input))?;
            let media = if picture.color().has_alpha() { Media::Png } else { Media::Jpeg };
            (picture, media)
        }
    };
    let mut painted = Vec::new();
    let encoded = match media {
        Media::Jpeg => {
            let encoder = JpegEncoder::new_with_quality(&mut painted, JPEG_QUALITY);
            match picture {
                grey @ DynamicImage::ImageLuma8(_) => grey.write_with_encoder(encoder),
                other => other.into_rgb8().write_with_encoder(encoder),
            }
        }
        _ => picture.write_with_encoder(PngEncoder::new(&mut painted)),
    };
    encoded.map_err(|_| DAMAGED)?;
    if painted.len() as u64 > MOST_BYTES { Err(TOO_LARGE) } else { Ok((media, painted)) }
}

fn limits() -> Limits {
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(MOST_MEMORY);
    limits
}

fn decode<D: ImageDecoder>(decoder: Result<D, ImageError>) -> Result<DynamicImage, Unwanted> {
    let mut decoder = decoder.map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MOST_PIXELS || decoder.total_bytes() > MOST_MEMORY {
        return Err(TOO_MANY_PIXELS);
    }
    decoder.set_limits(limits()).map_err(refusal)?;
    let orientation = decoder.orientation().map_err(refusal)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    picture.apply_orientation(orientation);
    Ok(picture)
}

fn refusal(error: ImageError) -> Unwanted {
    if matches!(error, ImageError::Limits(_)) { TOO_MANY_PIXELS } else { DAMAGED }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{ImageFormat, RgbImage, RgbaImage};

    fn encoded(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        picture.write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// The header of a PNG of this size, and no pixels.
    fn flood(width: u32, height: u32) -> Vec<u8> {
        let mut chunk = b"IHDR".to_vec();
        chunk.extend(width.to_be_bytes());
        chunk.extend(height.to_be_bytes());
        chunk.extend([8, 2, 0, 0, 0]);
        let mut checksum = !0_u32;
        for byte in &chunk {
            checksum ^= u32::from(*byte);
            for _ in 0..8 {
                checksum = (checksum >> 1) ^ if checksum & 1 == 1 { 0xedb8_8320 } else { 0 };
            }
        }
        let mut png = b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0d".to_vec();
        png.extend(chunk);
        png.extend((!checksum).to_be_bytes());
        png.extend(b"\x00\x00\x00\x00IDAT\x35\xaf\x06\x1e");
        png
    }

    #[test]
    fn a_pixel_flood_is_refused_by_its_header() {
        for (width, height) in [(30_000, 30_000), (u32::MAX >> 1, 1), (5_000, 4_001)] {
            assert_eq!(paint(&flood(width, height), Media::Png), Err(TOO_MANY_PIXELS), "{width}x{height}");
        }
        assert_eq!(paint(&flood(30, 30), Media::Png), Err(DAMAGED));
    }

    #[test]
    fn where_a_photo_was_taken_is_gone_and_it_stands_upright() {
        let photo =
            DynamicImage::ImageRgb8(RgbImage::from_fn(8, 4, |x, _| image::Rgb([if x < 4 { 250 } else { 5 }; 3])));
        let jpeg = encoded(&photo, ImageFormat::Jpeg);
        // Orientation 6 (turn right), and a place.
        let mut exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend(b"GPS 48.8584 N 2.2945 E");
        let length = u16::try_from(exif.len() + 2).unwrap().to_be_bytes();
        let tagged = [&jpeg[..2], b"\xff\xe1", &length, &exif, &jpeg[2..], b"<script>alert(1)</script>"].concat();
        let (media, painted) = paint(&tagged, Media::Jpeg).unwrap();
        assert_eq!(media, Media::Jpeg);
        for gone in [b"48.8584".as_slice(), b"Exif", b"<script>"] {
            assert!(!painted.windows(gone.len()).any(|window| window == gone));
        }
        let upright = image::load_from_memory(&painted).unwrap();
        assert_eq!((upright.width(), upright.height()), (4, 8));
    }

    #[test]
    fn every_kind_of_picture_is_painted_and_what_is_none_is_refused() {
        let solid = DynamicImage::ImageRgba8(RgbaImage::from_pixel(5, 5, image::Rgba([9, 9, 9, 255])));
        for (format, given, kept) in [
            (ImageFormat::Png, Media::Png, Media::Png),
            (ImageFormat::Gif, Media::Gif, Media::Png),
            (ImageFormat::WebP, Media::Webp, Media::Png),
        ] {
            let (media, painted) = paint(&encoded(&solid, format), given).unwrap();
            assert_eq!(media, kept);
            assert_eq!(image::load_from_memory(&painted).unwrap().width(), 5);
        }
        for media in [Media::Png, Media::Jpeg, Media::Gif, Media::Webp] {
            assert!(paint(b"\xff\xd8\xff\xe0 no picture", media).is_err());
            let whole = encoded(&solid, ImageFormat::Png);
            assert!(paint(&whole[..whole.len() / 2], media).is_err());
        }
    }
}
