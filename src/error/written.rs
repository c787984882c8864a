//! Error documents as they are written.

use serde::ser::SerializeSeq as _;
use serde::{Serialize, Serializer};

use crate::jsonapi::ErrorObject;

#[derive(Serialize)]
pub(super) struct ErrorDocument<'a> {
    pub(super) errors: Written<'a>,
}

pub(super) struct Written<'a> {
    pub(super) objects: &'a [ErrorObject],
    pub(super) request_id: &'a str,
    pub(super) status: &'a str,
}

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut list = serializer.serialize_seq(Some(self.objects.len()))?;
        for (i, object) in self.objects.iter().enumerate() {
            list.serialize_element(&object.written(format!("{}.{i}", self.request_id), self.status))?;
        }
        list.end()
    }
}
