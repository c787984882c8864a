//! What is kept of a JPEG.

use actix_web::web::Bytes;
use img_parts::ImageEXIF as _;
use img_parts::jpeg::{Jpeg, JpegSegment};

use super::{Whole, orientation, turned};

const SOS: u8 = 0xda;
const JFIF: u8 = 0xe0;
const ICC: u8 = 0xe2;
const ADOBE: u8 = 0xee;

/// What a profile's segments begin with, before their number and how many there are.
const ICC_PREFIX: &[u8] = b"ICC_PROFILE\0";

pub(super) fn read(file: &Bytes) -> Option<Whole> {
    let mut jpeg = Jpeg::from_bytes(file.clone()).ok()?;
    let (width, height) = jpeg.dimensions()?;
    let orientation = jpeg.exif().and_then(|exif| orientation(&exif));
    let scan = jpeg.segments_mut().pop().filter(|last| last.marker() == SOS)?;
    let behind = file.len().checked_sub(scan.len_with_entropy() - scan.len())?;
    let scans = scans(file.get(behind..)?)?;
    let segments = jpeg.segments_mut();
    // A second frame could have another size.
    if segments.iter().filter(|segment| is_frame(segment.marker())).count() != 1 {
        return None;
    }
    let has_profile = is_profile(segments);
    let mut seen = Vec::new();
    let kept = segments.iter().filter_map(|segment| {
        let kept = kept(segment, has_profile)?;
        let is_once = matches!(kept.marker(), JFIF | ADOBE);
        if is_once && seen.contains(&kept.marker()) {
            return None;
        }
        seen.push(kept.marker());
        Some(kept)
    });
    *segments = kept.collect();
    segments.push(JpegSegment::new_with_entropy(SOS, scan.contents().clone(), scans.into()));
    jpeg.set_exif(orientation.map(turned));
    Some((jpeg.encoder().bytes(), (width.into(), height.into())))
}

/// Whether a marker begins a frame.
fn is_frame(marker: u8) -> bool {
    matches!(marker, 0xc0..=0xcf) && !matches!(marker, 0xc4 | 0xc8 | 0xcc)
}

/// Whether a segment is needed to decode the image: tables and the restart interval.
fn is_table(marker: u8) -> bool {
    matches!(marker, 0xc4 | 0xcc | 0xdb | 0xdd)
}

/// What is kept of a segment: of the application's only the fixed parts of the file's own and of its colours.
fn kept(segment: &JpegSegment, has_profile: bool) -> Option<JpegSegment> {
    let contents = segment.contents();
    match segment.marker() {
        // Without its small picture, which may show what was cut off.
        JFIF if contents.starts_with(b"JFIF\0") && contents.len() >= 14 => {
            let fixed = [contents.get(..12)?, &[0, 0]].concat();
            Some(JpegSegment::new_with_contents(JFIF, fixed.into()))
        }
        ADOBE if contents.starts_with(b"Adobe") && contents.len() == 12 => Some(segment.clone()),
        ICC if has_profile && contents.starts_with(ICC_PREFIX) => Some(segment.clone()),
        marker if is_frame(marker) || is_table(marker) => Some(segment.clone()),
        _ => None,
    }
}

/// Whether what is said to be the parts of a profile are all parts of one.
fn is_profile(segments: &[JpegSegment]) -> bool {
    let parts = segments.iter().filter(|segment| segment.marker() == ICC);
    let parts = parts.filter_map(|segment| segment.contents().strip_prefix(ICC_PREFIX));
    let parts: Vec<_> = parts.collect();
    let mut numbers: Vec<_> = parts.iter().map(|part| part.first().copied().map(usize::from)).collect();
    numbers.sort_unstable();
    let is_whole = numbers.iter().enumerate().all(|(place, number)| *number == Some(place + 1));
    is_whole
        && parts
            .iter()
            .all(|part| part.len() > 2 && part.get(1).copied().map(usize::from) == Some(parts.len()))
}

/// The scans behind the header of the first one, up to the end of the image and no further; `None` where it does not
/// end.
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
            marker if is_frame(marker) => return None,
            marker => {
                let length: [u8; 2] = data.get(marker_at + 2..marker_at + 4)?.try_into().ok()?;
                let length = usize::from(u16::from_be_bytes(length));
                let end = marker_at + 2 + length;
                if length < 2 || end > data.len() {
                    return None;
                }
                if marker != SOS && !is_table(marker) {
                    kept.extend_from_slice(data.get(from..marker_at)?);
                    from = end;
                }
                at = end;
            }
        }
    }
}
