//! `GET /metrics`, at an address of its own: it is for those who operate the server, not for its clients.

mod render;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::sync::Arc;

use actix_web::dev::{Server, ServerHandle};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};

use crate::error::Error;
use crate::metrics::Metrics;
use crate::state::AppState;

/// The media type of Prometheus' text.
const TEXT: &str = "text/plain; version=0.0.4; charset=utf-8";

/// The server of `/metrics`, with its port.
pub(super) struct Exposed {
    server: Server,
    /// The address that is listened on.
    pub(super) address: SocketAddr,
}

impl std::fmt::Debug for Exposed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Exposed").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Exposed {
    /// Listens.
    ///
    /// # Errors
    /// Where the address can't be bound.
    pub(super) fn bind(address: SocketAddr, metrics: &Arc<Metrics>, state: &AppState) -> io::Result<Self> {
        let listener = TcpListener::bind(address)?;
        let address = listener.local_addr()?;
        let shared = (Data::from(Arc::clone(metrics)), Data::new(state.clone()));
        let app = move || {
            let (metrics, state) = shared.clone();
            App::new().app_data(metrics).app_data(state).route("/metrics", web::get().to(show))
        };
        let server = HttpServer::new(app).workers(1).disable_signals().listen(listener)?.run();
        Ok(Self { server, address })
    }

    /// Answers until it is stopped.
    pub(super) fn run(self) -> ServerHandle {
        let handle = self.server.handle();
        actix_web::rt::spawn(self.server);
        handle
    }
}

async fn show(metrics: Data<Metrics>, state: Data<AppState>) -> Result<HttpResponse, Error> {
    let text = render::render(&metrics, &state).map_err(|e| Error::internal(e.to_string()))?;
    Ok(HttpResponse::Ok().content_type(TEXT).body(text))
}
