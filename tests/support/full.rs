//! What a user's document shows with everything included, from a node that remembers it and from one that does not.

use std::sync::Arc;

use actix_web::test::TestRequest;
use steward::users::cache::PersonCache;

use super::TestApp;
use crate::support::app::USER;

/// A node that remembers documents, beside one that remembers nothing.
pub struct Full<'a> {
    remembers: &'a TestApp,
    forgets: TestApp,
    last: String,
}

impl<'a> Full<'a> {
    /// Nothing is remembered yet.
    pub fn of(remembers: &'a TestApp) -> Self {
        let forgets = TestApp::beside(remembers, |state| state.people = Arc::new(PersonCache::new(0)));
        Self { remembers, forgets, last: String::new() }
    }

    /// That the document has changed, which `what` has done, and is shown as it is by a node that remembered another;
    /// from then on this one is remembered.
    pub async fn assert_changed(&mut self, what: &str) {
        let (before, now) = (self.last.clone(), document(&self.forgets).await);
        assert_ne!(now, before, "{what} changed nothing");
        assert_eq!(document(self.remembers).await, now, "after {what}");
        let statements = self.remembers.state.db.statements();
        assert_eq!(document(self.remembers).await, now, "after {what}");
        let statements = self.remembers.state.db.statements() - statements;
        assert_eq!(statements, 2, "the document is remembered after {what}");
        self.last = now;
    }
}

/// The entity tag, and the document below it.
async fn document(app: &TestApp) -> String {
    let answer = app.send(TestRequest::get().uri(&format!("{USER}?include=*"))).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    format!("{}\n{}", answer.header("etag").expect("a tag"), answer.text())
}
