//! The ceiling: what actix answers by itself. `ceiling FILE` sends the headers and the body of a recorded answer to
//! whatever it is asked, and says on its first line where it listens, as `steward serve` does.

use std::str::FromStr as _;

use actix_web::http::header::{HeaderName, HeaderValue};
use actix_web::web::{Bytes, Data};
use actix_web::{App, HttpResponse, HttpServer, web};

struct Recorded {
    headers: Vec<(HeaderName, HeaderValue)>,
    body: Bytes,
}

impl Recorded {
    /// Lines `name: value`, an empty line, the body.
    fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(path).expect("the recorded answer");
        let (head, body) = text.split_once("\n\n").expect("an empty line");
        let headers = head.lines().map(|line| {
            let (name, value) = line.split_once(": ").expect("a header");
            let name = HeaderName::from_str(name).expect("a name");
            (name, HeaderValue::from_str(value).expect("a value"))
        });
        Self { headers: headers.collect(), body: Bytes::copy_from_slice(body.as_bytes()) }
    }
}

async fn answer(recorded: Data<Recorded>) -> HttpResponse {
    let mut response = HttpResponse::Ok();
    for (name, value) in &recorded.headers {
        response.insert_header((name.clone(), value.clone()));
    }
    response.body(recorded.body.clone())
}

#[actix_web::main]
async fn main() -> std::io::Result<()> {
    let path = std::env::args().nth(1).expect("a file");
    let recorded = Data::new(Recorded::read(&path));
    let app = move || App::new().app_data(recorded.clone()).default_service(web::to(answer));
    let server = HttpServer::new(app).bind("127.0.0.1:0")?;
    for address in server.addrs() {
        println!("listening on http://{address}");
    }
    server.run().await
}
