//! The pages of the documentation, as their blocks.

/// What stands between two fences.
#[derive(Debug)]
pub struct Block {
    /// Such as `README.md` or `docs/juno.md`.
    pub page: String,
    /// Such as `sh`; empty where it has none.
    pub language: String,
    pub text: String,
    /// Whether a test makes it, or compares it.
    pub is_compared: bool,
}

impl Block {
    /// What it begins with, by which it is named.
    pub fn begins_with(&self, page: &str, begin: &str) -> bool {
        self.page == page && self.text.starts_with(begin)
    }
}

/// Every page with its text.
pub fn pages() -> Vec<(String, String)> {
    let folder = std::fs::read_dir("docs").expect("the folder").map(|entry| entry.expect("a page").path());
    let mut paths: Vec<_> = folder.filter(|path| path.extension().is_some_and(|end| end == "md")).collect();
    paths.push("README.md".into());
    paths.sort();
    assert!(paths.len() > 12, "{paths:?}");
    let text = |path: &std::path::PathBuf| std::fs::read_to_string(path).expect("the page");
    paths.iter().map(|path| (path.to_str().expect("text").to_owned(), text(path))).collect()
}

/// Every block of every page.
pub fn blocks() -> Vec<Block> {
    pages().iter().flat_map(|(page, text)| blocks_of(page, text)).collect()
}

fn blocks_of(page: &str, text: &str) -> Vec<Block> {
    let (mut blocks, mut open) = (Vec::new(), None::<Block>);
    let (mut is_made, mut is_transcript) = (false, false);
    for line in text.lines() {
        match (line.trim_start().strip_prefix("```"), open.take()) {
            (Some(language), None) => {
                let is_compared = is_made || is_transcript;
                let language = language.to_owned();
                open = Some(Block { page: page.to_owned(), language, text: String::new(), is_compared });
            }
            (Some(_), Some(block)) => blocks.push(block),
            (None, Some(mut block)) => {
                block.text.push_str(line);
                block.text.push('\n');
                open = Some(block);
            }
            (None, None) => {
                is_transcript = line.starts_with("<!-- transcript: ");
                is_made |= line.starts_with("<!-- made by a test: ");
                is_made &= line != "<!-- end -->";
            }
        }
    }
    assert!(open.is_none(), "{page}: a fence is open");
    blocks
}

/// Every text between single backticks of every page, outside of blocks.
pub fn spans() -> Vec<(String, String)> {
    let mut spans = Vec::new();
    for (page, text) in pages() {
        let prose: Vec<&str> = text.split("```").step_by(2).collect();
        for part in prose {
            spans.extend(
                part.split('`').skip(1).step_by(2).map(|span| (page.clone(), span.replace('\n', " "))),
            );
        }
    }
    assert!(spans.len() > 1000, "{}", spans.len());
    spans
}
