//! What is taken for a picture: told by its bytes, never by its name. Whatever in it is not for being seen is left out,
//! since a photograph may say where it was taken.

use std::fmt;

use actix_web::web::Bytes;
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use sha2::{Digest as _, Sha256};

/// Bytes that the file of a picture may have.
pub const LIMIT: usize = 5 * 1024 * 1024;

/// Pixels that a picture may have: whoever shows it holds four bytes for each.
const PIXELS: u64 = 50_000_000;

/// What an image is encoded in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `image/jpeg`
    Jpeg,
    /// `image/png`
    Png,
    /// `image/webp`
    WebP,
}

impl Format {
    /// The media type.
    #[must_use]
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
        }
    }

    /// The format whose files begin so.
    fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            _ => None,
        }
    }

    /// Whether a file of this format may be declared to be of a media type. Clients that do not know declare it to be
    /// bytes; old ones have names of their own.
    fn may_be_called(self, media_type: &str) -> bool {
        match media_type {
            "application/octet-stream" => true,
            "image/jpg" | "image/pjpeg" => self == Self::Jpeg,
            "image/x-png" => self == Self::Png,
            own => own == self.media_type(),
        }
    }
}

/// Why a file is no picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// It begins like none.
    Unknown,
    /// It is of another format than it was declared to be.
    Declared(Format, String),
    /// It begins like one and is none, or not all of one.
    Broken(Format),
    /// It has too many pixels.
    TooManyPixels,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unknown => f.write_str("The file must be a picture: image/jpeg, image/png or image/webp."),
            Self::Declared(format, declared) => {
                write!(f, "The file is declared to be {declared}, but its bytes are {}.", format.media_type())
            }
            Self::Broken(format) => {
                write!(f, "The file begins like {}, but is broken or not whole.", format.media_type())
            }
            Self::TooManyPixels => write!(f, "The picture must not have more than {PIXELS} pixels."),
        }
    }
}

/// A picture without anything that is not for being seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    format: Format,
    bytes: Bytes,
    hash: [u8; 32],
}

impl Image {
    /// Reads a file, which may have been declared to be of a media type.
    ///
    /// # Errors
    /// Why it is no picture.
    pub fn read(file: Bytes, declared: Option<&str>) -> Result<Self, Refusal> {
        let format = Format::of(&file).ok_or(Refusal::Unknown)?;
        if let Some(declared) = declared.filter(|declared| !format.may_be_called(declared)) {
            return Err(Refusal::Declared(format, declared.to_owned()));
        }
        let read = match format {
            Format::Jpeg => jpeg(&file),
            Format::Png => png(file),
            Format::WebP => webp(file),
        };
        let (bytes, (width, height)) = read.ok_or(Refusal::Broken(format))?;
        if u64::from(width) * u64::from(height) > PIXELS {
            return Err(Refusal::TooManyPixels);
        }
        let hash = Sha256::digest(&bytes).into();
        Ok(Self { format, bytes, hash })
    }

    /// What it is encoded in.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// The file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The SHA-256 of the file.
    #[must_use]
    pub fn hash(&self) -> &[u8; 32] {
        &self.hash
    }
}

/// A file, and width and height.
type Whole = (Bytes, (u32, u32));

const SOS: u8 = 0xda;

fn jpeg(file: &Bytes) -> Option<Whole> {
    let mut jpeg = Jpeg::from_bytes(file.clone()).ok()?;
    let (width, height) = jpeg.dimensions()?;
    let orientation = jpeg.exif().and_then(|exif| orientation(&exif));
    let scan = jpeg.segments_mut().pop().filter(|last| last.marker() == SOS)?;
    let behind = file.len().checked_sub(scan.len_with_entropy() - scan.len())?;
    let scans = scans(file.get(behind..)?)?;
    jpeg.segments_mut().retain(|segment| is_seen(segment.marker(), segment.contents()));
    jpeg.segments_mut().push(JpegSegment::new_with_entropy(SOS, scan.contents().clone(), scans.into()));
    jpeg.set_exif(orientation.map(turned));
    Some((jpeg.encoder().bytes(), (width.into(), height.into())))
}

/// Whether a segment of a JPEG is for being seen: of the application segments only the file's own, its colours and how
/// they are meant; no comments.
fn is_seen(marker: u8, contents: &[u8]) -> bool {
    match marker {
        0xe2 => contents.starts_with(b"ICC_PROFILE\0"),
        0xe0 | 0xee => true,
        0xe1..=0xef | 0xfe => false,
        _ => true,
    }
}

/// The scans of a JPEG behind the header of the first one, up to the end of the image and no further; `None` where it
/// does not end.
fn scans(data: &[u8]) -> Option<Vec<u8>> {
    let mut kept = Vec::with_capacity(data.len());
    let (mut from, mut at) = (0, 0);
    loop {
        let marker_at = at + data.get(at..)?.iter().position(|byte| *byte == 0xff)?;
        match *data.get(marker_at + 1)? {
            0x00 | 0xd0..=0xd7 => at = marker_at + 2,
            0xff => at = marker_at + 1,
            0xd9 => {
                kept.extend_from_slice(data.get(from..marker_at + 2)?);
                return Some(kept);
            }
            0x01..=0xbf | 0xd8 => return None,
            marker => {
                let length: [u8; 2] = data.get(marker_at + 2..marker_at + 4)?.try_into().ok()?;
                let end = marker_at + 2 + usize::from(u16::from_be_bytes(length)).max(2);
                if !is_seen(marker, data.get(marker_at + 4..end)?) {
                    kept.extend_from_slice(data.get(from..marker_at)?);
                    from = end;
                }
                at = end;
            }
        }
    }
}

/// Chunks of a PNG that are for being seen: those without which it can't be, colours, sizes, animation.
const PNG_CHUNKS: [&[u8; 4]; 19] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"cICP",
    b"mDCV", b"cLLI", b"bKGD", b"pHYs", b"hIST", b"acTL", b"fcTL", b"fdAT",
];

fn png(file: Bytes) -> Option<Whole> {
    let mut png = Png::from_bytes(file).ok()?;
    let size = png.dimensions()?;
    let is = |chunk: Option<&PngChunk>, kind: &[u8; 4]| chunk.is_some_and(|chunk| chunk.kind() == *kind);
    if !is(png.chunks().first(), b"IHDR") || !is(png.chunks().last(), b"IEND") {
        return None;
    }
    png.chunk_by_type(*b"IDAT").filter(|data| !data.contents().is_empty())?;
    let orientation = png.exif().and_then(|exif| orientation(&exif));
    png.chunks_mut().retain(|chunk| PNG_CHUNKS.contains(&&chunk.kind()));
    png.set_exif(orientation.map(turned));
    Some((png.encoder().bytes(), size))
}

/// Chunks of a WebP that are for being seen.
const WEBP_CHUNKS: [&[u8; 4]; 7] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF", b"ICCP"];

/// The bit of a WebP's first flags that says that there is XMP.
const XMP: u8 = 0b100;

fn webp(file: Bytes) -> Option<Whole> {
    let mut webp = WebP::from_bytes(file).ok()?;
    let size = webp.dimensions()?;
    let has_image = [b"VP8 ", b"VP8L", b"ANMF"].iter().any(|kind| {
        let data = webp.chunk_by_id(**kind).and_then(|chunk| chunk.content().data());
        data.is_some_and(|data| !data.is_empty())
    });
    if !has_image {
        return None;
    }
    let orientation = webp.exif().and_then(|exif| orientation(&exif));
    webp.chunks_mut().retain(|chunk| WEBP_CHUNKS.contains(&&chunk.id()));
    let extended = webp.chunks_mut().iter_mut().find(|chunk| chunk.id() == *b"VP8X");
    if let Some(RiffContent::Data(flags)) = extended.map(RiffChunk::content_mut) {
        let mut without = flags.to_vec();
        if let Some(first) = without.first_mut() {
            *first &= !XMP;
        }
        *flags = without.into();
    }
    webp.set_exif(orientation.map(turned));
    Some((webp.encoder().bytes(), size))
}

/// How a camera was held, out of its notes: a picture without it would lie on its side. `None` where it was held upright.
fn orientation(exif: &[u8]) -> Option<u8> {
    let is_big = match exif.get(..4)? {
        b"MM\0*" => true,
        b"II*\0" => false,
        _ => return None,
    };
    let short = |at: usize| {
        let bytes: [u8; 2] = exif.get(at..at.checked_add(2)?)?.try_into().ok()?;
        Some(if is_big { u16::from_be_bytes(bytes) } else { u16::from_le_bytes(bytes) })
    };
    let directory: [u8; 4] = exif.get(4..8)?.try_into().ok()?;
    let directory = if is_big { u32::from_be_bytes(directory) } else { u32::from_le_bytes(directory) };
    let directory = usize::try_from(directory).ok()?;
    let entries = usize::from(short(directory)?);
    let mut places = (0..entries).map(|entry| directory.saturating_add(2 + 12 * entry));
    let place = places.find(|at| short(*at) == Some(0x0112))?;
    u8::try_from(short(place.saturating_add(8))?).ok().filter(|held| (2..=8).contains(held))
}

/// Notes of a camera that say nothing but how it was held.
fn turned(orientation: u8) -> Bytes {
    let mut exif = b"MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend_from_slice(&[orientation, 0, 0, 0, 0, 0, 0]);
    exif.into()
}
