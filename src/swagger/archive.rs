//! Files out of the archive that the crate `utoipa-swagger-ui-vendored` is, cut out while Steward is compiled: of the whole
//! archive nothing else gets into the program, and a file stays compressed as it is in there.

use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED as ARCHIVE;

/// Bytes of what a gzip file has before and behind its stream.
pub(super) const AROUND: usize = HEAD.len() + 8;

/// A gzip file without a name and a time.
const HEAD: [u8; 10] = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];

/// Where a file is in the archive.
pub(super) struct Entry {
    offset: usize,
    /// Bytes of it as it is compressed.
    pub(super) length: usize,
    /// Its checksum and its size, as gzip has them behind the stream.
    trailer: [u8; 8],
}

/// Bytes from `at` on.
const fn chunk<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    match bytes.split_at(at).1.first_chunk() {
        Some(chunk) => *chunk,
        None => missing(),
    }
}

#[expect(clippy::panic, reason = "while it is compiled, which then fails")]
const fn missing() -> ! {
    panic!("the archive of Swagger UI is not as expected")
}

#[expect(clippy::as_conversions, reason = "`usize::from` is not const")]
const fn short(bytes: &[u8], at: usize) -> usize {
    u16::from_le_bytes(chunk(bytes, at)) as usize
}

#[expect(clippy::as_conversions, reason = "`usize::try_from` is not const")]
const fn long(bytes: &[u8], at: usize) -> usize {
    u32::from_le_bytes(chunk(bytes, at)) as usize
}

/// Whether there is a signature of ZIP at a place.
const fn is_signed(bytes: &[u8], at: usize, [a, b]: [u8; 2]) -> bool {
    u32::from_le_bytes(chunk(bytes, at)) == u32::from_le_bytes([b'P', b'K', a, b])
}

const fn ends_with(name: &[u8], end: &[u8]) -> bool {
    if name.len() < end.len() {
        return false;
    }
    let mut name = name.split_at(name.len() - end.len()).1;
    let mut end = end;
    while let ([a, rest_of_name @ ..], [b, rest_of_end @ ..]) = (name, end) {
        if *a != *b {
            return false;
        }
        (name, end) = (rest_of_name, rest_of_end);
    }
    true
}

/// The file whose path ends so.
pub(super) const fn find(end: &str) -> Entry {
    // The directory is named by what is at the end of the archive, before a comment.
    let mut last = ARCHIVE.len() - 22;
    while !is_signed(ARCHIVE, last, [5, 6]) {
        last -= 1;
    }
    let mut at = long(ARCHIVE, last + 16);
    while is_signed(ARCHIVE, at, [1, 2]) {
        let length = short(ARCHIVE, at + 28);
        let name = ARCHIVE.split_at(at + 46).1.split_at(length).0;
        // Compressed as gzip compresses.
        if ends_with(name, end.as_bytes()) && short(ARCHIVE, at + 10) == 8 {
            let local = long(ARCHIVE, at + 42);
            let offset = local + 30 + short(ARCHIVE, local + 26) + short(ARCHIVE, local + 28);
            let mut trailer = [0; 8];
            let (checksum, size) = trailer.split_at_mut(4);
            checksum.copy_from_slice(&chunk::<4>(ARCHIVE, at + 16));
            size.copy_from_slice(&chunk::<4>(ARCHIVE, at + 24));
            return Entry { offset, length: long(ARCHIVE, at + 20), trailer };
        }
        at += 46 + length + short(ARCHIVE, at + 30) + short(ARCHIVE, at + 32);
    }
    missing()
}

/// A file as gzip has it; `N` is its length with what is [`AROUND`].
pub(super) const fn gzip<const N: usize>(entry: &Entry) -> [u8; N] {
    let mut file = [0; N];
    let (head, rest) = file.split_at_mut(HEAD.len());
    let (body, tail) = rest.split_at_mut(entry.length);
    head.copy_from_slice(&HEAD);
    body.copy_from_slice(ARCHIVE.split_at(entry.offset).1.split_at(entry.length).0);
    tail.copy_from_slice(&entry.trailer);
    file
}

/// The content of a file that [`gzip`] made.
pub(super) fn content(file: &[u8]) -> Vec<u8> {
    let stream = file.get(HEAD.len()..file.len() - 8).unwrap_or_default();
    // What was compressed for the archive can be read again.
    miniz_oxide::inflate::decompress_to_vec(stream).unwrap_or_default()
}
