//! What a client has of its user: resources by type and id, built as docs/sync.md says.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::app::USER;

/// Type and id.
pub type Name = (String, String);

#[derive(Clone, Debug, Default)]
pub struct Replica {
    pub resources: BTreeMap<Name, Value>,
    /// That of the last pull.
    pub version: Option<i64>,
}

pub fn name(resource: &Value) -> Name {
    let text = |member: &str| resource[member].as_str().expect("a text").to_owned();
    (text("type"), text("id"))
}

/// The stamp of a resource.
pub fn stamp(resource: &Value) -> &str {
    resource["attributes"]["updated_in_db_at"].as_str().expect("a stamp")
}

impl Replica {
    /// The path of the next pull.
    pub fn next_pull(&self) -> String {
        let query = self.version.map(|version| format!("?since={version}")).unwrap_or_default();
        format!("{USER}/changes{query}")
    }

    /// Applies a pull.
    pub fn pull(&mut self, document: &Value) {
        for resource in document["data"].as_array().expect("a list") {
            if resource["type"] == "deleted_records" {
                self.resources.remove(&name(&resource["relationships"]["deletable"]["data"]));
            } else {
                self.resources.insert(name(resource), resource.clone());
            }
        }
        assert_eq!(document["meta"]["more"], false);
        self.version = document["meta"]["version"].as_i64();
    }

    /// Takes a resource of an answer, unless it is older than what is here.
    pub fn take(&mut self, resource: &Value) {
        let here = self.resources.entry(name(resource)).or_insert_with(|| resource.clone());
        if stamp(here) <= stamp(resource) {
            here.clone_from(resource);
        }
    }
}

/// The user and every row, as the full document (`include=*`) shows them.
pub fn whole(document: &Value) -> BTreeMap<Name, Value> {
    let own = |resource: &&Value| {
        let kind = resource["type"].as_str().expect("a type");
        kind != "account_lists" && kind != "master_people"
    };
    let rows = document["included"].as_array().expect("a list").iter().filter(own);
    rows.chain([&document["data"]]).map(|resource| (name(resource), resource.clone())).collect()
}
