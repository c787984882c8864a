//! The HTTP server: the application with its middlewares, and its life from bind to the last answer.

mod listen;
mod metrics;
mod tls;

use std::io;
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;

use actix_cors::Cors;
use actix_http::{ConnectionType, Request};
use actix_service::IntoServiceFactory as _;
use actix_service::boxed::{self, BoxService};
use actix_web::App;
use actix_web::body::BoxBody;
use actix_web::dev::{AppConfig, Server, ServiceFactory, ServiceRequest, ServiceResponse};
use actix_web::http::header::HeaderName;
use actix_web::http::uri::PathAndQuery;
use actix_web::http::{Method, Uri};
use actix_web::middleware::{Next, from_fn};
use actix_web::rt::signal::unix::{Signal, SignalKind, signal};
use actix_web::rt::task::JoinHandle;
use actix_web::web::Data;
use futures_util::future::select;

use crate::auth::secrets;
use crate::config::{Config, HttpFlags};
use crate::error::Error;
use crate::routes;
use crate::state::AppState;
use crate::sync::{batch, events, idempotency};
use crate::telemetry;
use metrics::Exposed;
use tls::Identity;

/// Threads per worker that wait for a database inside the process; more of them only add to the slowest answers (design
/// 7). One that is a server is waited for, so each of its connections must find a thread on any worker.
const BLOCKING_THREADS: usize = 2;

/// How long a browser may remember a preflight, in seconds.
const PREFLIGHT_AGE: usize = 3600;

/// What a POST may ask to be instead (`mpdx-behaviour.md` 3.2).
const METHOD_OVERRIDE: HeaderName = HeaderName::from_static("x-http-method-override");

/// The application as it answers: the routing table inside its middlewares. Tests go through it too.
pub fn app(
    state: Data<AppState>,
) -> App<
    impl ServiceFactory<
        ServiceRequest,
        Config = (),
        Response = ServiceResponse<BoxBody>,
        Error = actix_web::Error,
        InitError = (),
    >,
> {
    let cors = cors(&state.cors_origins);
    let (shared, metrics) = (state.clone(), state.metrics.clone());
    // The last one wrapped is the outermost.
    App::new()
        .app_data(state)
        .app_data(batch::Router::new(move || Box::pin(service(shared.clone()))))
        .configure(|config| routes::configure(config, metrics.as_deref()))
        .wrap(from_fn(adapt))
        .wrap(cors)
        .wrap(from_fn(telemetry::observe))
}

/// The application as a service by itself, for the requests of a batch.
async fn service(
    state: Data<AppState>,
) -> Result<BoxService<Request, ServiceResponse<BoxBody>, actix_web::Error>, Error> {
    let made = app(state).into_factory().new_service(AppConfig::default()).await;
    Ok(boxed::service(made.map_err(|()| Error::internal("the application can't be made"))?))
}

/// Any origin without credentials, since tokens travel in a header, or only those that are configured.
fn cors(origins: &[String]) -> Cors {
    let cors = Cors::default()
        .allowed_methods(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
        .allowed_headers([
            "Accept",
            "Accept-Language",
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "If-Match",
            "If-None-Match",
            "Last-Event-ID",
            "X-API-Key",
            "X-HTTP-Method-Override",
            "X-Request-Id",
        ])
        .expose_headers([
            "ETag",
            "Idempotent-Replayed",
            "Last-Modified",
            "Location",
            "Retry-After",
            "X-Request-Id",
        ])
        .block_on_origin_mismatch(false)
        .max_age(PREFLIGHT_AGE);
    match origins {
        [] => cors.allow_any_origin().send_wildcard(),
        origins => origins.iter().fold(cors, |cors, origin| cors.allowed_origin(origin)),
    }
}

/// Makes of a request the one that is meant, in one step, since each costs.
async fn adapt(
    mut request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let Some(state) = request.app_data::<Data<AppState>>().cloned() else {
        return Ok(request.error_response(Error::internal("the application has no state")));
    };
    let passed = state.limits.check_head(&request);
    if let Err(error) = passed.and_then(|()| state.rate.at_the_door(&request, request.head())) {
        return Ok(request.error_response(error));
    }
    override_method(&mut request);
    trim_path(&mut request);
    let mut response = next.call(request).await?;
    // What was done must be told, and who has done it was counted.
    if (response.request().method().is_safe() || response.status().is_client_error())
        && let Err(error) = state.rate.stranger(response.request(), response.request().head())
    {
        return Ok(response.error_response(error));
    }
    if state.leaving.has_begun() {
        // The next request is for another node, so nobody finds his connection closed in its midst.
        response.response_mut().head_mut().set_connection_type(ConnectionType::Close);
    }
    Ok(response)
}

/// A trailing slash, and slashes in a row, are the same path without. actix's own middleware for it looks at each path with
/// a regular expression.
fn trim_path(request: &mut ServiceRequest) {
    let path = request.path();
    if !(path.contains("//") || path.len() > 1 && path.ends_with('/')) {
        return;
    }
    let segments: Vec<&str> = path.split('/').filter(|segment| !segment.is_empty()).collect();
    let path = format!("/{}", segments.join("/"));
    let mut parts = request.uri().clone().into_parts();
    let query = parts.path_and_query.as_ref().and_then(PathAndQuery::query);
    let path = query.map_or_else(|| path.clone(), |query| format!("{path}?{query}"));
    parts.path_and_query = PathAndQuery::from_maybe_shared(path).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        request.match_info_mut().get_mut().update(&uri);
        request.head_mut().uri = uri;
    }
}

/// `POST` with `X-HTTP-Method-Override` is the method named there, if it is one of those that the API has.
fn override_method(request: &mut ServiceRequest) {
    if request.method() == Method::POST {
        let wanted = request.headers().get(METHOD_OVERRIDE).and_then(|value| value.to_str().ok());
        let wanted = wanted.map(|name| name.trim().to_ascii_uppercase());
        let method = match wanted.as_deref() {
            Some("GET") => Some(Method::GET),
            Some("PUT") => Some(Method::PUT),
            Some("PATCH") => Some(Method::PATCH),
            Some("DELETE") => Some(Method::DELETE),
            _ => None,
        };
        if let Some(method) = method {
            request.head_mut().method = method;
        }
    }
}

/// A server that has its port.
pub struct Application {
    server: Server,
    address: SocketAddr,
    state: AppState,
    drain: Duration,
    signals: [Signal; 2],
    /// What is read again at SIGHUP.
    identity: Option<(Arc<Identity>, Signal)>,
    exposed: Option<Exposed>,
}

impl std::fmt::Debug for Application {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Application").field("address", &self.address).finish_non_exhaustive()
    }
}

impl Application {
    /// Binds the address and prepares the workers. Requests are answered from [`Application::run`] on.
    ///
    /// # Errors
    /// Where the address can't be bound, signals can't be received, or the certificate can't be used.
    pub fn bind(config: &Config, state: AppState) -> io::Result<Self> {
        // Before anybody can know that the server is there, and stop it.
        let signals = [signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?];
        let identity = identity(&config.http)?;
        let tls = identity.as_ref().map(|(identity, _)| identity.config()).transpose();
        let shared = state.clone();
        // Reads are shared by the requests of one thread: to wake others costs more than that saves.
        let own = move || {
            let (statuses, linkages) = Default::default();
            Data::new(AppState { statuses, linkages, ..shared.clone() })
        };
        let workers = config.workers.unwrap_or_else(|| available_parallelism().map_or(2, Into::into));
        let builder = Server::build()
            .workers(workers)
            .worker_max_blocking_threads(state.db.served_by().unwrap_or(0).max(BLOCKING_THREADS))
            .max_concurrent_connections(config.http.max_connections.div_ceil(workers))
            .shutdown_timeout(config.shutdown_timeout)
            .disable_signals();
        let exposed = state.metrics.as_ref().zip(config.http.metrics_bind);
        let exposed =
            exposed.map(|(metrics, address)| Exposed::bind(address, metrics, &state)).transpose()?;
        let listener = listen::bind(config.bind)?;
        let address = listener.local_addr()?;
        let tls = tls.map_err(io::Error::other)?;
        let server = listen::serve(listener, builder, &config.http, tls, own)?;
        let drain = Duration::from_secs(config.drain);
        Ok(Self { server, address, state, drain, signals, identity, exposed })
    }

    /// The address that is listened on, with the port that was picked.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers requests until SIGTERM or Ctrl-C and, unless that comes twice, for the time to drain; finishes those that
    /// have begun, and closes the database.
    ///
    /// # Errors
    /// Where the server fails.
    pub async fn run(self) -> io::Result<()> {
        let handle = self.server.handle();
        let [mut terminate, mut interrupt] = self.signals;
        let mut told = async move || _ = select(pin!(terminate.recv()), pin!(interrupt.recv())).await;
        let (streams, leaving) = (self.state.events.clone(), self.state.leaving.clone());
        actix_web::rt::spawn(async move {
            told().await;
            leaving.begin();
            if !self.drain.is_zero() {
                log::info!("told to stop: balancers have {} s to look elsewhere", self.drain.as_secs());
                select(pin!(told()), pin!(actix_web::rt::time::sleep(self.drain))).await;
            }
            log::info!("stopping: requests that have begun are finished");
            // They would not end by themselves.
            streams.close();
            handle.stop(true).await;
        });
        let exposed = self.exposed.map(|exposed| {
            log::info!("metrics are at http://{}/metrics", exposed.address);
            exposed.run()
        });
        let renewer = self.identity.map(|identity| actix_web::rt::spawn(keep_renewed(identity)));
        let sweeper = actix_web::rt::spawn(idempotency::keep_swept(self.state.clone()));
        let looker = actix_web::rt::spawn(secrets::keep_known(self.state.clone()));
        let teller = actix_web::rt::spawn(events::keep_told(self.state.clone()));
        self.server.await?;
        sweeper.abort();
        looker.abort();
        teller.abort();
        renewer.inspect(JoinHandle::abort);
        if let Some(exposed) = exposed {
            exposed.stop(false).await;
        }
        if let Err(e) = self.state.db.close().await {
            log::warn!("the database was not closed in order, nothing is lost: {e}");
        }
        log::info!("stopped");
        Ok(())
    }
}

/// The certificate that is configured, and the signal at which it is read again.
fn identity(flags: &HttpFlags) -> io::Result<Option<(Arc<Identity>, Signal)>> {
    let (Some(certificate), Some(key)) = (&flags.tls_cert, &flags.tls_key) else { return Ok(None) };
    let identity = Identity::read(certificate, key).map_err(io::Error::other)?;
    Ok(Some((identity, signal(SignalKind::hangup())?)))
}

/// Reads the certificate again at each SIGHUP, until it is dropped.
async fn keep_renewed((identity, mut hangup): (Arc<Identity>, Signal)) {
    while hangup.recv().await.is_some() {
        match identity.read_again() {
            Ok(()) => log::info!("new connections get the certificate that was read now"),
            Err(e) => log::error!("the certificate is not replaced: {e}"),
        }
    }
}
