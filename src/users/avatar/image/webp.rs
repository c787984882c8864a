//! What is kept of a WebP: one image, or the frames of an animation, never one beside the other. Whoever shows it may
//! count the pixels where he likes: all places say the same.

use super::{Whole, orientation, turned};

/// Bits of the flags of `VP8X`.
const PROFILE: u8 = 0b10_0000;
const ALPHA: u8 = 0b1_0000;
const NOTES: u8 = 0b1000;
const MOVING: u8 = 0b10;

/// Bytes of a frame's `ANMF` before its chunks.
const FRAME_HEADER: usize = 16;

struct Chunk<'a> {
    kind: &'a [u8; 4],
    data: &'a [u8],
}

pub(super) fn read(file: &[u8]) -> Option<Whole> {
    let length = usize::try_from(u32::from_le_bytes(*file.get(4..)?.first_chunk()?)).ok()?;
    let chunks = chunks(file.get(12..length.checked_add(8)?)?)?;
    let first = |kind: &[u8; 4]| chunks.iter().find(|chunk| chunk.kind == kind).map(|chunk| chunk.data);
    let mut extended = chunks.iter().filter(|chunk| chunk.kind == b"VP8X");
    let canvas = extended.next().map(|chunk| canvas(chunk.data));
    if extended.next().is_some() {
        return None;
    }
    let frames: Vec<_> = chunks.iter().filter(|chunk| chunk.kind == b"ANMF").collect();
    let (mut body, size, flags) = if frames.is_empty() {
        let image = image(&chunks)?;
        (image.chunks, image.size, if image.has_alpha { ALPHA } else { 0 })
    } else {
        // An image beside frames is what some show, and others not.
        let (flags, size) = canvas.flatten().filter(|_| !chunks.iter().any(Chunk::is_image))?;
        let mut body = Vec::new();
        add(&mut body, *b"ANIM", first(b"ANIM").filter(|data| data.len() == 6)?);
        for frame in frames {
            add(&mut body, *b"ANMF", &self::frame(frame.data, size)?);
        }
        (body, size, MOVING | flags & ALPHA)
    };
    if canvas.is_some_and(|canvas| canvas.is_none_or(|(_, canvas)| canvas != size)) {
        return None;
    }
    let profile = first(b"ICCP");
    let exif = first(b"EXIF").map(|exif| exif.strip_prefix(b"Exif\0\0").unwrap_or(exif));
    let notes = exif.and_then(orientation).map(turned);
    let needs_alpha = body.starts_with(b"ALPH");
    let mut kept = Vec::with_capacity(file.len());
    if profile.is_some() || notes.is_some() || needs_alpha || flags & MOVING != 0 {
        let flags = flags | profile.map_or(0, |_| PROFILE) | notes.as_ref().map_or(0, |_| NOTES);
        let [width, height] = [size.0, size.1].map(|side| (side - 1).to_le_bytes());
        add(&mut kept, *b"VP8X", &[&[flags, 0, 0, 0][..], &width[..3], &height[..3]].concat());
    }
    if let Some(profile) = profile {
        add(&mut kept, *b"ICCP", profile);
    }
    kept.append(&mut body);
    if let Some(notes) = notes {
        add(&mut kept, *b"EXIF", &notes);
    }
    let length = u32::try_from(kept.len() + 4).ok()?.to_le_bytes();
    Some(([b"RIFF", &length[..], b"WEBP", &kept].concat().into(), size))
}

impl Chunk<'_> {
    fn is_image(&self) -> bool {
        matches!(self.kind, b"VP8 " | b"VP8L")
    }
}

fn chunks(mut bytes: &[u8]) -> Option<Vec<Chunk<'_>>> {
    let mut chunks = Vec::new();
    while !bytes.is_empty() {
        let (kind, rest) = bytes.split_first_chunk()?;
        let (length, rest) = rest.split_first_chunk()?;
        let length = usize::try_from(u32::from_le_bytes(*length)).ok()?;
        let (data, rest) = rest.split_at_checked(length)?;
        // One of an odd length is followed by a byte that says nothing.
        bytes = rest.get(length % 2..)?;
        chunks.push(Chunk { kind, data });
    }
    Some(chunks)
}

fn add(to: &mut Vec<u8>, kind: [u8; 4], data: &[u8]) {
    to.extend_from_slice(&kind);
    to.extend_from_slice(&u32::try_from(data.len()).unwrap_or(u32::MAX).to_le_bytes());
    to.extend_from_slice(data);
    to.extend(std::iter::repeat_n(0, data.len() % 2));
}

/// The number of three bytes at a place.
fn three(data: &[u8], at: usize) -> Option<u32> {
    let [a, b, c] = *data.get(at..)?.first_chunk()?;
    Some(u32::from_le_bytes([a, b, c, 0]))
}

/// The flags and the size of a `VP8X`.
fn canvas(data: &[u8]) -> Option<(u8, (u32, u32))> {
    let flags = *data.first().filter(|_| data.len() == 10)?;
    Some((flags, (three(data, 4)? + 1, three(data, 7)? + 1)))
}

/// An image, of a file or of a frame.
struct Image {
    chunks: Vec<u8>,
    size: (u32, u32),
    has_alpha: bool,
}

/// The one image that there is, with its transparency where that is apart from it.
fn image(chunks: &[Chunk<'_>]) -> Option<Image> {
    let mut images = chunks.iter().filter(|chunk| chunk.is_image());
    let image = images.next().filter(|_| images.next().is_none())?;
    let mut kept = Vec::new();
    let (size, has_alpha) = if image.kind == b"VP8L" {
        let head: [u8; 4] = *image.data.strip_prefix(&[0x2f])?.first_chunk()?;
        let head = u32::from_le_bytes(head);
        (((head & 0x3fff) + 1, (head >> 14 & 0x3fff) + 1), head >> 28 & 1 == 1)
    } else {
        let alpha = chunks.iter().find(|chunk| chunk.kind == b"ALPH");
        if let Some(alpha) = alpha {
            add(&mut kept, *b"ALPH", alpha.data);
        }
        (lossy_size(image.data)?, alpha.is_some())
    };
    add(&mut kept, *image.kind, image.data);
    Some(Image { chunks: kept, size, has_alpha })
}

fn lossy_size(data: &[u8]) -> Option<(u32, u32)> {
    let [tag, _, _, 0x9d, 0x01, 0x2a, w, wide, h, high] = *data.first_chunk()? else { return None };
    let number = |low, high| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
    let size = (number(w, wide), number(h, high));
    (tag & 1 == 0 && size.0 > 0 && size.1 > 0).then_some(size)
}

/// A frame, which lies within its picture and is as large as it says.
fn frame(data: &[u8], (width, height): (u32, u32)) -> Option<Vec<u8>> {
    let (header, rest) = data.split_at_checked(FRAME_HEADER)?;
    let image = image(&chunks(rest)?)?;
    let size = (three(header, 6)? + 1, three(header, 9)? + 1);
    let ends = (three(header, 0)? * 2 + size.0, three(header, 3)? * 2 + size.1);
    let fits = size == image.size && ends.0 <= width && ends.1 <= height;
    fits.then(|| [header, &image.chunks].concat())
}
