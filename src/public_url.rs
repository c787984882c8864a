//! Where clients reach this server: what the URLs that documents show begin with. It is told once, at the start of the
//! process: a document that is remembered for all must not depend on the `Host` that one client sends.

use std::sync::OnceLock;

use sha2::{Digest as _, Sha256};

/// Of a process that serves nobody: the command line, whose lines are the same wherever they are written.
const NOWHERE: &str = "http://127.0.0.1:8080";

static TOLD: OnceLock<PublicUrl> = OnceLock::new();

#[derive(Debug)]
struct PublicUrl {
    text: String,
    mark: u32,
}

/// Takes the URL that was configured. The first one counts.
pub fn configured(url: &str) {
    let text = url.trim_end_matches('/').to_owned();
    let hash = Sha256::digest(&text);
    let mark = hash.iter().take(3).fold(0, |mark, byte| mark << 8 | u32::from(*byte));
    TOLD.get_or_init(|| PublicUrl { text, mark });
}

/// Takes the scheme and the address that are listened on, where nothing was configured.
pub fn listening_on(origin: &str) {
    // Without a mark: who restarts a server at another port has the same documents still.
    TOLD.get_or_init(|| PublicUrl { text: origin.to_owned(), mark: 0 });
}

/// The absolute URL of a path of this server.
#[must_use]
pub fn of(path: &str) -> String {
    format!("{}{path}", TOLD.get().map_or(NOWHERE, |told| told.text.as_str()))
}

/// Tells one configured URL from another in entity tags: documents that show it are others when it changes.
#[must_use]
pub fn mark() -> u32 {
    TOLD.get().map_or(0, |told| told.mark)
}
