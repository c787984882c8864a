//! A CAS server that knows a few tickets.

use std::collections::BTreeMap;

use super::{Reply, Server, flags};
use steward::config::SignInFlags;

/// The service of the web client.
pub const SERVICE: &str = "https://mpdx.example/login?then=/";

/// A CAS server: `tickets` are what it answers for each.
pub fn cas(tickets: &[(&str, String)]) -> Server {
    let tickets: BTreeMap<String, String> =
        tickets.iter().map(|(ticket, body)| ((*ticket).to_owned(), body.clone())).collect();
    Server::start(move |path| {
        let Some(query) = path.strip_prefix("/cas/p3/serviceValidate?") else {
            return Reply::Empty(404, String::new());
        };
        let parameters: BTreeMap<_, _> = form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let ticket = parameters.get("ticket").cloned().unwrap_or_default();
        Reply::Body(match tickets.get(&ticket) {
            Some(_) if parameters.get("service").is_none_or(|service| service != SERVICE) => {
                failure("INVALID_SERVICE", "the ticket is for another service")
            }
            Some(body) => body.clone(),
            None => {
                let ticket = ticket.replace('&', "&amp;").replace('<', "&lt;");
                failure("INVALID_TICKET", &format!("Ticket '{ticket}' not recognized"))
            }
        })
    })
}

/// The flags of a CAS server.
pub fn cas_flags(server: &Server) -> SignInFlags {
    let (url, service) = (format!("{}/cas", server.url), SERVICE.to_owned());
    SignInFlags { cas_url: Some(url), cas_service: Some(service), ..flags() }
}

/// A user as the protocol's own example tells of him.
pub fn success(user: &str, attributes: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\n  <cas:authenticationSuccess>\n    \
         <cas:user>{user}</cas:user>\n    <cas:attributes>{attributes}</cas:attributes>\n    \
         <cas:proxyGrantingTicket>PGTIOU-84678-8a9d</cas:proxyGrantingTicket>\n  \
         </cas:authenticationSuccess>\n</cas:serviceResponse>\n"
    )
}

pub fn failure(code: &str, text: &str) -> String {
    format!(
        "<cas:serviceResponse xmlns:cas=\"http://www.yale.edu/tp/cas\">\n  \
         <cas:authenticationFailure code=\"{code}\">\n    {text}\n  </cas:authenticationFailure>\n\
         </cas:serviceResponse>\n"
    )
}
