//! `steward serve`

use std::sync::Arc;
use std::time::Duration;

use tokio::runtime::Handle;
use validator::Validate as _;

use super::{Failure, Store, advice, print, tokens};
use crate::account_lists::linkages::Linkages;
use crate::auth::providers::Providers;
use crate::clock::SystemClock;
use crate::config::Config;
use crate::db::{Connection, Database, postgres, settings};
use crate::health::Leaving;
use crate::metrics::Metrics;
use crate::public_url;
use crate::server::Application;
use crate::state::AppState;
use crate::sync::events::{Bounds, HEARTBEAT, Hub};
use crate::sync::idempotency::InFlight;
use crate::users::avatar::gallery::{self, Gallery};
use crate::users::cache::PersonCache;
use crate::users::statuses::Statuses;
use crate::users::writes::Writes;

/// How long a write waits for another with its Idempotency-Key (design 4).
const KEY_WAIT: Duration = Duration::from_secs(2);

/// Streams of events that one user may have open: one for each of many devices and tabs.
const EVENTS_PER_USER: usize = 16;

/// Serves until told to stop.
pub(super) fn run(store: &Store, config: &Config) -> Result<(), Failure> {
    run_with(store, config, |_, _| Ok(()), |(), _, _| Ok(()))
}

/// Migrates, lets `prepare` work on the database, serves, and lets `announce` print what follows the first line.
pub(super) fn run_with<T>(
    store: &Store,
    config: &Config,
    prepare: impl FnOnce(&mut Connection, &AppState) -> Result<T, Failure>,
    announce: impl FnOnce(T, &AppState, &str) -> Result<(), Failure>,
) -> Result<(), Failure> {
    config.validate().map_err(|e| Failure::usage(format!("a flag is out of its bounds: {e}")))?;
    let mut connection = store.open()?;
    for warning in postgres::warnings(&mut connection)? {
        log::warn!("{warning}");
    }
    if let Some(url) = &config.public_url {
        public_url::configured(url);
    }
    let system = actix_web::rt::System::new();
    let home = system.block_on(async { Handle::current() });
    let state = state(store, config, &mut connection, home)?;
    let prepared = prepare(&mut connection, &state)?;
    drop(connection);
    system.block_on(async move {
        let application = Application::bind(config, state.clone()).map_err(|e| {
            Failure::new(format!("can't listen on {}: {e}; {}", config.bind, advice::on_address(&e)))
        })?;
        let address = application.address();
        let origin = format!("{}://{address}", config.http.scheme());
        public_url::listening_on(&origin);
        if config.public_url.is_none() && address.ip().is_unspecified() {
            log::warn!("nobody reaches pictures at {origin}: set --public-url");
        }
        print(format_args!("listening on {origin}"))?;
        announce(prepared, &state, &origin)?;
        drop(state);
        Ok(application.run().await?)
    })
}

fn state(
    store: &Store,
    config: &Config,
    connection: &mut Connection,
    home: Handle,
) -> Result<AppState, Failure> {
    let tokens = tokens(connection, config.jwt_secret.as_deref())?;
    let incarnation = settings::get_or_set(connection, settings::INCARNATION, &settings::new_incarnation())?;
    let metrics = config.http.metrics_bind.map(|_| Metrics::new()).transpose();
    let metrics = metrics.map_err(|e| Failure::new(e.to_string()))?;
    Ok(AppState {
        db: Database::open(&store.target, config.limits()),
        clock: Arc::new(SystemClock),
        tokens: Arc::new(tokens),
        sign_in: Arc::new(Providers::of(&config.sign_in)?),
        statuses: Statuses::default(),
        linkages: Linkages::default(),
        writes: if config.one_commit_per_request { Writes::alone() } else { Writes::shared(home) },
        people: Arc::new(PersonCache::new(config.cache_mb)),
        incarnation: incarnation.into(),
        restored_version: settings::restored_version(connection)?,
        in_flight: InFlight::default(),
        events: Hub::new(Bounds {
            per_user: EVENTS_PER_USER,
            per_node: config.event_clients,
            heartbeat: HEARTBEAT,
        }),
        leaving: Leaving::default(),
        pictures: Gallery::new(gallery::Bounds::default()),
        key_wait: KEY_WAIT,
        deleted_records_days: config.deleted_records_days,
        limits: config.http.limits(config.max_body),
        metrics: metrics.map(Arc::new),
        rate: config.http.rate(),
        compresses: !config.http.no_compression,
        by_tls: config.http.tls_cert.is_some(),
        cors_origins: config.cors_origins.clone().into(),
        has_console: !config.no_console,
    })
}
