//! What is taken for a picture, and what is kept of it.

use img_parts::jpeg::{Jpeg, JpegSegment};
use img_parts::png::{Png, PngChunk};
use img_parts::riff::{RiffChunk, RiffContent};
use img_parts::webp::WebP;
use img_parts::{ImageEXIF as _, ImageICC as _};

use super::{get, pictures, set, upload};
use crate::support::TestApp;
use crate::support::app::REY;
use crate::support::form::{jpeg, of_mpdx_web, png, webp};

#[actix_web::test]
async fn each_kind_of_picture_is_told_by_its_bytes() {
    let app = TestApp::new();
    for (media_type, picture) in [("image/png", png()), ("image/jpeg", jpeg()), ("image/webp", webp())] {
        // Clients that do not know what it is say so.
        for declared in ["application/octet-stream", media_type] {
            let url = set(&app, declared, &picture).await;
            let answer = get(&app, &url).await;
            assert_eq!(answer.header("content-type"), Some(media_type));
            assert_eq!(answer.body, picture, "{media_type}");
        }
    }
    set(&app, "image/jpg", &jpeg()).await;
}

/// The same bytes with another one at a place.
fn with(mut bytes: Vec<u8>, at: usize, byte: u8) -> Vec<u8> {
    bytes[at] = byte;
    bytes
}

#[actix_web::test]
async fn what_is_no_picture_or_not_the_whole_of_one_is_refused() {
    let app = TestApp::new();
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 3].to_vec();
    let huge = {
        let mut ihdr = vec![0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff];
        ihdr.extend_from_slice(&[8, 6, 0, 0, 0]);
        let mut picture = Png::from_bytes(png().into()).expect("a PNG");
        picture.chunks_mut()[0] = PngChunk::new(*b"IHDR", ihdr.into());
        picture.encoder().bytes().to_vec()
    };
    for (declared, file, told) in [
        ("image/png", b"no picture".to_vec(), "must be a picture"),
        ("image/gif", b"GIF89a\x01\0\x01\0\0\0\0;".to_vec(), "must be a picture"),
        ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'/>".to_vec(), "must be a picture"),
        ("image/png", jpeg(), "declared to be image/png, but its bytes are image/jpeg"),
        ("image/jpeg", webp(), "declared to be image/jpeg, but its bytes are image/webp"),
        ("text/html", png(), "declared to be text/html"),
        ("image/png", cut(png()), "not whole"),
        ("image/png", png()[..8].to_vec(), "not whole"),
        ("image/png", with(png(), 20, 9), "broken"),
        ("image/jpeg", cut(jpeg()), "not whole"),
        ("image/jpeg", jpeg()[..3].to_vec(), "not whole"),
        ("image/jpeg", b"\xff\xd8\xff\xd9".to_vec(), "not whole"),
        ("image/webp", cut(webp()), "not whole"),
        ("image/webp", webp()[..12].to_vec(), "not whole"),
        ("image/png", huge, "more than 50000000 pixels"),
    ] {
        let answer = upload(&app, of_mpdx_web(REY, declared, &file)).await;
        answer.assert_refused(400, &["invalid"]);
        let error = answer.error();
        assert!(error["detail"].as_str().expect("a text").contains(told), "{declared}: {error}");
        assert_eq!(error["source"]["parameter"], "included[][attributes][image]");
    }
    assert_eq!(pictures(&app), 0);
}

/// Notes of a camera: where, and how it was held.
fn notes(held: u8) -> Vec<u8> {
    let mut exif = b"II*\0\x08\0\0\0\x02\0".to_vec();
    exif.extend_from_slice(&[0x12, 0x01, 3, 0, 1, 0, 0, 0, held, 0, 0, 0]);
    exif.extend_from_slice(b"\x25\x88\x04\0\x01\0\0\0GPS!\0\0\0\0");
    exif
}

/// Where in a picture something lies.
fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Each kind with all that may be hidden in it.
fn talkative(held: u8) -> [(&'static str, Vec<u8>); 3] {
    let mut png = Png::from_bytes(png().into()).expect("a PNG");
    png.set_exif(Some(notes(held).into()));
    png.chunks_mut().insert(1, PngChunk::new(*b"tEXt", b"Author\0GPS!"[..].into()));
    png.set_icc_profile(Some(b"a profile"[..].into()));
    let mut png = png.encoder().bytes().to_vec();
    png.extend_from_slice(b"GPS! behind the end");
    let mut jpeg = Jpeg::from_bytes(jpeg().into()).expect("a JPEG");
    jpeg.set_exif(Some(notes(held).into()));
    jpeg.set_icc_profile(Some(b"a profile"[..].into()));
    for (marker, contents) in [
        (0xfe, &b"GPS!"[..]),
        (0xe1, b"http://ns.adobe.com/xap/1.0/\0GPS!"),
        (0xed, b"Photoshop 3.0\0GPS!"),
        (0xe2, b"MPF\0GPS!"),
    ] {
        jpeg.segments_mut().insert(0, JpegSegment::new_with_contents(marker, contents.into()));
    }
    let mut jpeg = jpeg.encoder().bytes().to_vec();
    // Between the scans, and behind the end.
    let end = jpeg.len() - 2;
    jpeg.splice(end..end, *b"\xff\xfe\0\x06GPS!");
    jpeg.extend_from_slice(b"GPS!");
    let mut webp = WebP::from_bytes(webp().into()).expect("a WebP");
    webp.set_icc_profile(Some(b"a profile"[..].into()));
    for (kind, contents) in [(*b"XMP ", &b"GPS!"[..]), (*b"GPS ", b"GPS!")] {
        webp.chunks_mut().push(RiffChunk::new(kind, RiffContent::Data(contents.into())));
    }
    webp.set_exif(Some(notes(held).into()));
    [("image/png", png), ("image/jpeg", jpeg), ("image/webp", webp.encoder().bytes().to_vec())]
}

#[actix_web::test]
async fn nothing_is_kept_of_a_picture_that_is_not_for_being_seen_but_how_the_camera_was_held() {
    let app = TestApp::new();
    for held in [1, 6] {
        for (media_type, picture) in talkative(held) {
            assert!(has(&picture, b"GPS!"));
            let url = set(&app, media_type, &picture).await;
            let kept = get(&app, &url).await.body;
            assert!(!has(&kept, b"GPS!"), "{media_type}");
            let (exif, profile) = match media_type {
                "image/png" => {
                    let png = Png::from_bytes(kept.clone().into()).expect("a PNG");
                    (png.exif(), png.icc_profile())
                }
                "image/jpeg" => {
                    let jpeg = Jpeg::from_bytes(kept.clone().into()).expect("a JPEG");
                    (jpeg.exif(), jpeg.icc_profile())
                }
                _ => {
                    let webp = WebP::from_bytes(kept.clone().into()).expect("a WebP");
                    let flags = webp.chunk_by_id(*b"VP8X").and_then(|chunk| chunk.content().data());
                    assert_eq!(flags.expect("flags")[0] & 0b1100, if held == 6 { 0b1000 } else { 0 });
                    (webp.exif(), webp.icc_profile())
                }
            };
            assert_eq!(profile.as_deref(), Some(&b"a profile"[..]), "{media_type}: colours stay");
            let exif = exif.map(|exif| (exif.len(), exif[10..20].to_vec()));
            let held = (held == 6).then(|| (26, vec![1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]));
            assert_eq!(exif, held, "{media_type}: it does not lie on its side");
            // What was kept is kept again as it is.
            let again = set(&app, media_type, &kept).await;
            assert_eq!(again, url, "{media_type}");
        }
    }
}

#[actix_web::test]
async fn whatever_the_bytes_are_nothing_breaks() {
    use steward::users::avatar::image::Image;
    for (_, picture) in talkative(6) {
        for at in 0..picture.len() {
            for byte in [0, 1, 0x7f, 0xff] {
                let broken = with(picture.clone(), at, byte);
                if let Ok(image) = Image::read(broken.clone().into(), None) {
                    assert_eq!(
                        Image::read(image.bytes().to_vec().into(), None).as_ref(),
                        Ok(&image),
                        "{at}: what was taken once is taken again as it is"
                    );
                }
                drop(Image::read(broken[..at].to_vec().into(), None));
            }
        }
    }
}
