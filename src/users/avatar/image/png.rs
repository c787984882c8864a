//! What is kept of a PNG.

use actix_web::web::Bytes;
use img_parts::ImageEXIF as _;
use img_parts::png::{Png, PngChunk};

use super::{Whole, orientation, turned};

pub(super) fn read(file: Bytes) -> Option<Whole> {
    let mut png = Png::from_bytes(file).ok()?;
    let (width, height) = png.dimensions()?;
    let is = |chunk: Option<&PngChunk>, kind: &[u8; 4]| chunk.is_some_and(|chunk| chunk.kind() == *kind);
    let header = png.chunks().first().filter(|first| first.contents().len() == 13);
    if !is(header, b"IHDR") || !is(png.chunks().last(), b"IEND") {
        return None;
    }
    png.chunk_by_type(*b"IDAT").filter(|data| !data.contents().is_empty())?;
    let orientation = png.exif().and_then(|exif| orientation(&exif));
    let is_moving = png.chunk_by_type(*b"acTL").is_some_and(|chunk| chunk.contents().len() == 8);
    let mut seen = Vec::new();
    png.chunks_mut().retain(|chunk| {
        let kind = chunk.kind();
        let is_many = matches!(&kind, b"IDAT" | b"fcTL" | b"fdAT");
        let is_kept = is_seen(chunk, is_moving) && (is_many || !seen.contains(&kind));
        seen.push(kind);
        is_kept
    });
    png.chunks_mut().push(PngChunk::new(*b"IEND", Bytes::new()));
    if !png.chunks_by_type(*b"fcTL").all(|frame| lies_within(frame.contents(), width, height)) {
        return None;
    }
    png.set_exif(orientation.map(turned));
    Some((png.encoder().bytes(), (width, height)))
}

/// Whether a chunk is for being seen: one without which the picture can't be, colours, sizes, animation; and none that
/// is longer than what it says. The end is written anew.
fn is_seen(chunk: &PngChunk, is_moving: bool) -> bool {
    let length = chunk.contents().len();
    match &chunk.kind() {
        b"IDAT" | b"iCCP" => true,
        b"IHDR" => length == 13,
        b"PLTE" => length <= 768,
        b"tRNS" => length <= 256,
        b"hIST" => length <= 512,
        b"bKGD" => length <= 6,
        b"sBIT" | b"gAMA" | b"cICP" => length <= 4,
        b"cHRM" => length == 32,
        b"mDCV" => length == 24,
        b"sRGB" => length == 1,
        b"pHYs" => length == 9,
        b"cLLI" => length == 8,
        b"acTL" | b"fdAT" => is_moving,
        b"fcTL" => is_moving && length == 26,
        _ => false,
    }
}

/// Whether a frame of an animation is not larger than its picture.
fn lies_within(frame: &[u8], width: u32, height: u32) -> bool {
    let number = |at: usize| {
        let bytes: Option<[u8; 4]> = frame.get(at..at + 4).and_then(|bytes| bytes.try_into().ok());
        bytes.map_or(u32::MAX, u32::from_be_bytes)
    };
    number(4) <= width && number(8) <= height
}
