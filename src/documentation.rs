//! Documentation that the server shows itself, so that what its errors link to is always there, and is that of the
//! version that runs.

use std::sync::LazyLock;

use actix_web::HttpResponse;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY};

const ERRORS: &str = include_str!("../docs/errors.md");

static ERRORS_PAGE: LazyLock<String> = LazyLock::new(|| page("Errors", ERRORS));

/// `GET /docs/errors`: `docs/errors.md` as a page on which each code is an anchor. Public: it is the same for all.
pub async fn errors() -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/html; charset=utf-8")
        .insert_header((CACHE_CONTROL, "public, max-age=3600"))
        .insert_header((CONTENT_SECURITY_POLICY, "default-src 'none'; style-src 'unsafe-inline'"))
        .body(ERRORS_PAGE.as_str())
}

fn page(title: &str, markdown: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>Steward: {title}</title>\n\
         <style>body {{ font-family: sans-serif; line-height: 1.5; max-width: 45rem; margin: 2rem auto; padding: 0 1rem }} \
         td, th {{ text-align: left; vertical-align: top; padding-right: 1rem }} :target {{ background: #ff8 }}</style>\n\
         </head>\n<body>\n{}</body>\n</html>\n",
        html(markdown)
    )
}

/// The little of Markdown that our pages use: headings, paragraphs, tables, code and bold. What it does not know is
/// shown as text.
fn html(markdown: &str) -> String {
    let blocks = markdown.split("\n\n").map(str::trim).filter(|block| !block.is_empty());
    blocks.map(block).collect()
}

fn block(text: &str) -> String {
    if let Some(name) = text.strip_prefix("## ") {
        let name = escaped(name);
        format!("<h2 id=\"{name}\">{name}</h2>\n")
    } else if let Some(name) = text.strip_prefix("# ") {
        format!("<h1>{}</h1>\n", escaped(name))
    } else if text.starts_with('|') {
        table(text)
    } else {
        format!("<p>{}</p>\n", inline(text))
    }
}

fn table(text: &str) -> String {
    let row = |line: &str, cell: &str| {
        let cells = line.trim().trim_matches('|').split('|');
        let cells: Vec<_> = cells.map(|text| format!("<{cell}>{}</{cell}>", inline(text.trim()))).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let mut lines = text.lines();
    let head = lines.next().map(|line| row(line, "th")).unwrap_or_default();
    // The second line only separates the head.
    let body: String = lines.skip(1).map(|line| row(line, "td")).collect();
    format!("<table>\n{head}{body}</table>\n")
}

fn inline(text: &str) -> String {
    let mut html = String::new();
    let mut bold = false;
    for (i, part) in text.split('`').enumerate() {
        if i % 2 == 1 {
            html.extend(["<code>", &escaped(part), "</code>"]);
            continue;
        }
        for (j, part) in part.split("**").enumerate() {
            if j > 0 {
                html.push_str(if bold { "</strong>" } else { "<strong>" });
                bold = !bold;
            }
            html.push_str(&escaped(part));
        }
    }
    html
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
