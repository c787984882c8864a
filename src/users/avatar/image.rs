//! What is taken for a picture: told by its bytes, never by its name. Whatever in it is not for being seen is left out,
//! since a photograph may say where it was taken.

mod jpeg;
mod png;
mod webp;

use std::fmt;

use actix_web::web::Bytes;
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
    /// What is kept of it is larger than a picture may be.
    TooLarge,
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
            Self::TooLarge => write!(f, "What is kept of the picture must not have more than {LIMIT} bytes."),
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
        let bytes = cleaned(format, file)?;
        // What is kept must be taken as it is wherever it is read again: an export has to be one that can be imported.
        if cleaned(format, bytes.clone())? != bytes {
            return Err(Refusal::Broken(format));
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

/// A file without what is not for being seen, within the limits.
fn cleaned(format: Format, file: Bytes) -> Result<Bytes, Refusal> {
    let read = match format {
        Format::Jpeg => jpeg::read(&file),
        Format::Png => png::read(file),
        Format::WebP => webp::read(&file),
    };
    let (bytes, (width, height)) = read.ok_or(Refusal::Broken(format))?;
    if u64::from(width) * u64::from(height) > PIXELS {
        return Err(Refusal::TooManyPixels);
    }
    if bytes.len() > LIMIT {
        return Err(Refusal::TooLarge);
    }
    Ok(bytes)
}

/// A file, and width and height.
type Whole = (Bytes, (u32, u32));

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
