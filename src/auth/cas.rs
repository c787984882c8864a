//! Tickets of a CAS server: protocol 3, `p3/serviceValidate`. A ticket is good once and for one service.

use roxmltree::{Document, Node, ParsingOptions};
use url::Url;

use super::identity::{Identity, Profile};
use super::outbound::Outbound;
use super::{Refusal, one_line};
use crate::config::SignInFlags;

/// Bytes of an answer.
const ANSWER_LIMIT: u64 = 64 * 1024;

/// Elements, attributes and texts of an answer.
const NODE_LIMIT: u32 = 2000;

/// The namespace of the answers.
const NAMESPACE: &str = "http://www.yale.edu/tp/cas";

/// A CAS server.
#[derive(Debug)]
pub struct Cas {
    url: String,
    service: String,
    subject: Option<String>,
}

impl Cas {
    /// The server of the flags; `None` where there is none.
    #[must_use]
    pub fn of(flags: &SignInFlags) -> Option<Self> {
        let url = flags.cas_url.as_ref()?.trim_end_matches('/').to_owned();
        Some(Self { url, service: flags.cas_service.clone()?, subject: flags.cas_subject.clone() })
    }

    /// Whose ticket it is.
    ///
    /// # Errors
    /// Where the server refuses the ticket, in its words; where it does not answer.
    pub async fn redeem(&self, outbound: &Outbound, ticket: &str) -> Result<Identity, Refusal> {
        let parameters = [("service", self.service.as_str()), ("ticket", ticket)];
        let url = Url::parse_with_params(&format!("{}/p3/serviceValidate", self.url), parameters);
        let url = url.map_err(|_| Refusal::Unreachable("the CAS server has no URL".to_owned()))?;
        let answer = outbound.get(url.into(), ANSWER_LIMIT).await;
        let answer = answer.map_err(|e| Refusal::Unreachable(format!("the CAS server: {e}")))?;
        self.read(&answer)
    }

    fn read(&self, answer: &[u8]) -> Result<Identity, Refusal> {
        let strange = |what: &str| Refusal::Unreachable(format!("the CAS server's answer {what}"));
        let text = std::str::from_utf8(answer).map_err(|_| strange("is not UTF-8"))?;
        // Without document types there are no entities, so an answer is never more than it is long.
        let options =
            ParsingOptions { allow_dtd: false, nodes_limit: NODE_LIMIT, ..ParsingOptions::default() };
        let document = Document::parse_with_options(text.trim_start(), options);
        let document = document.map_err(|e| strange(&format!("can't be read: {e}")))?;
        let root = document.root_element();
        if !root.has_tag_name((NAMESPACE, "serviceResponse")) {
            return Err(strange("is none"));
        }
        if let Some(failure) = child(root, "authenticationFailure") {
            return Err(refusal(failure));
        }
        let success = child(root, "authenticationSuccess").ok_or_else(|| strange("says nothing"))?;
        let attributes = child(success, "attributes");
        let attribute = |names: &[&str]| {
            names.iter().find_map(|name| attributes.and_then(|node| child(node, name)).and_then(text_of))
        };
        let user = child(success, "user").and_then(text_of).ok_or_else(|| strange("names no user"))?;
        let subject = match &self.subject {
            // Never the name in its place: it may be another's some day.
            Some(name) => attribute(&[name]).ok_or_else(|| strange(&format!("has no attribute {name}")))?,
            None => user.clone(),
        };
        let email = attribute(&["email", "mail"]);
        let profile = Profile {
            first_names: [attribute(&["firstName", "first_name", "givenName"]), Some(user)]
                .into_iter()
                .flatten()
                .collect(),
            last_name: attribute(&["lastName", "last_name", "sn"]),
            email,
            // Nobody says so.
            email_is_verified: false,
        };
        Identity::new(&self.url, &subject, profile).ok_or_else(|| strange("has a user name that is none"))
    }
}

fn child<'a, 'input>(node: Node<'a, 'input>, name: &str) -> Option<Node<'a, 'input>> {
    node.children().find(|child| child.has_tag_name((NAMESPACE, name)))
}

/// The text of an element that has nothing else in it: of a name with a comment in its middle, a part is another's.
fn text_of(node: Node<'_, '_>) -> Option<String> {
    let mut children = node.children();
    let only = children.next().filter(|child| child.is_text() && children.next().is_none())?;
    only.text().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// What the server says of a ticket that it refuses, as the original tells it: `INVALID_TICKET: Ticket … not
/// recognized`.
fn refusal(failure: Node<'_, '_>) -> Refusal {
    let code = failure.attribute("code").unwrap_or("INVALID_TICKET");
    let text = one_line(&format!("{code}: {}", text_of(failure).unwrap_or_default()));
    if code == "INTERNAL_ERROR" {
        return Refusal::Unreachable(format!("the CAS server fails: {code}"));
    }
    Refusal::Refused(text.trim_end_matches(": ").to_owned())
}
