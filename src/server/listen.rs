//! From an accepted socket to the application: TLS where it is wanted, HTTP/1.1, and the bounds of a connection.

use std::future::ready;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::HttpService;
use actix_http::error::DispatchError;
use actix_service::{ServiceFactory, ServiceFactoryExt as _, fn_service, map_config};
use actix_tls::accept::TlsError;
use actix_tls::accept::rustls_0_23::{Acceptor, TlsStream};
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Server};
use actix_web::rt::net::TcpStream;
use actix_web::web::Data;
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpSocket;

use super::app;
use crate::config::HttpFlags;
use crate::state::AppState;
use crate::transport::connection::{Guarded, Patience};

/// Connections that may wait to be accepted.
const BACKLOG: u32 = 1024;

/// How long a client may take to take note of the end.
const GOODBYE: Duration = Duration::from_secs(1);

/// actix's, which has no public name.
type ServerBuilder = actix_server::ServerBuilder;

/// How long connections are waited for.
#[derive(Clone, Copy)]
struct Times {
    head: Duration,
    idle: Duration,
    patience: Patience,
}

impl Times {
    fn of(flags: &HttpFlags) -> Self {
        let [head, idle, write] =
            [flags.header_timeout, flags.idle_timeout, flags.write_timeout].map(Duration::from_secs);
        Self { head, idle, patience: Patience { next: idle + head, write } }
    }
}

/// A socket that listens.
///
/// # Errors
/// Where the address can't be bound.
pub(super) fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// A server that answers what comes to `listener`, by TLS where it is given; each worker has a state of its own.
///
/// # Errors
/// Where the socket can't be listened to.
pub(super) fn serve(
    listener: TcpListener,
    builder: ServerBuilder,
    flags: &HttpFlags,
    tls: Option<ServerConfig>,
    state: impl Fn() -> Data<AppState> + Send + Clone + 'static,
) -> io::Result<Server> {
    let times = Times::of(flags);
    let stopping = builder.graceful_shutdown_signal();
    let builder = match tls {
        None => builder.listen("http", listener, move || {
            fn_service(move |io: TcpStream| {
                let peer = io.peer_addr().ok();
                ready(Ok((Guarded::new(io, times.patience), peer)))
            })
            .and_then(requests(state(), times, stopping.clone()))
        }),
        Some(config) => builder.listen("https", listener, move || {
            let mut acceptor = Acceptor::new(config.clone());
            acceptor.set_handshake_timeout(times.head);
            acceptor
                .map_err(TlsError::into_service_error)
                .map(move |io: TlsStream<TcpStream>| {
                    let peer = io.get_ref().0.peer_addr().ok();
                    (Guarded::new(io, times.patience), peer)
                })
                .and_then(requests(state(), times, stopping.clone()).map_err(TlsError::Service))
        }),
    };
    Ok(builder?.run())
}

/// The requests of connections.
fn requests<T: AsyncRead + AsyncWrite + Unpin + 'static>(
    state: Data<AppState>,
    times: Times,
    stopping: actix_server::GracefulShutdownSignal,
) -> impl ServiceFactory<
    (Guarded<T>, Option<SocketAddr>),
    Config = (),
    Response = (),
    Error = DispatchError,
    InitError = (),
> {
    HttpService::<Guarded<T>, _, BoxBody>::build()
        .graceful_shutdown_signal(move || {
            let stopping = stopping.clone();
            async move { stopping.notified().await }
        })
        .keep_alive(times.idle)
        .client_request_timeout(times.head)
        .client_disconnect_timeout(GOODBYE)
        // Who has closed his side does not listen any more: else a stream's place would be his until it is written to.
        .h1_allow_half_closed(false)
        .on_connect_ext(|io: &Guarded<T>, data| _ = data.insert(io.connection()))
        .h1(map_config(app(state), |()| AppConfig::default()))
}
