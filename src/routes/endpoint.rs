//! A path with its methods, as it is registered and as it is listed.

use actix_web::http::Method;
use actix_web::http::header::ALLOW;
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, Route, guard, web};

use crate::error::Error;
use crate::metrics::Metrics;

/// A path and what its methods lead to.
pub(super) struct Endpoint {
    pattern: String,
    routes: Vec<(Method, Route)>,
}

impl Endpoint {
    /// A path that has no methods yet. It is a pattern as actix reads it.
    pub(super) fn at(pattern: impl Into<String>) -> Self {
        Self { pattern: pattern.into(), routes: Vec::new() }
    }

    /// With GET; HEAD is a GET whose body is not sent.
    pub(super) fn get<F, A>(self, handler: F) -> Self
    where
        F: Handler<A, Output: Responder + 'static>,
        A: FromRequest + 'static,
    {
        let read = web::route().guard(guard::Any(guard::Get()).or(guard::Head()));
        self.with(Method::GET, read.to(handler))
    }

    /// With another method.
    pub(super) fn on<F, A>(self, method: Method, handler: F) -> Self
    where
        F: Handler<A, Output: Responder + 'static>,
        A: FromRequest + 'static,
    {
        let route = web::method(method.clone()).to(handler);
        self.with(method, route)
    }

    /// With PUT and PATCH, which are the same (design 2, decision 5).
    pub(super) fn update<F, A>(self, handler: F) -> Self
    where
        F: Handler<A, Output: Responder + 'static>,
        A: FromRequest + 'static,
    {
        self.on(Method::PUT, handler.clone()).on(Method::PATCH, handler)
    }

    fn with(mut self, method: Method, route: Route) -> Self {
        self.routes.push((method, route));
        self
    }

    /// The path and its methods, but for OPTIONS and HEAD.
    pub(super) fn listed(self) -> (String, Vec<Method>) {
        (self.pattern, self.routes.into_iter().map(|(method, _)| method).collect())
    }

    /// As actix registers it. OPTIONS lists the methods, any other is 405 with `Allow`.
    pub(super) fn resource(self, metrics: Option<&Metrics>) -> Resource {
        let mut allow: Vec<String> = self.routes.iter().map(|(method, _)| method.to_string()).collect();
        if let Some(get) = allow.iter().position(|method| method == "GET") {
            allow.insert(get + 1, "HEAD".to_owned());
        }
        allow.push("OPTIONS".to_owned());
        let allow = allow.join(", ");
        let listed = allow.clone();
        let options = web::method(Method::OPTIONS).to(move || {
            let allow = listed.clone();
            async move { HttpResponse::NoContent().insert_header((ALLOW, allow)).finish() }
        });
        let refused = web::to(move || {
            let error = Error::method_not_allowed(&allow);
            async move { Err::<HttpResponse, _>(error) }
        });
        let counted = metrics.map(|metrics| metrics.route(&self.pattern));
        let resource = web::resource(self.pattern).route(options).default_service(refused);
        let resource = counted.into_iter().fold(resource, Resource::app_data);
        self.routes.into_iter().fold(resource, |resource, (_, route)| resource.route(route))
    }
}
