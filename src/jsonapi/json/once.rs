//! JSON in one pass, as far as that goes: it tells neither what is wrong with a text nor where, and has no numbers but whole
//! ones, whose text can be told from their value. What it reads is what [`super::build`] reads.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use super::{DEPTH_LIMIT, Json, Members, repeated};

/// Reads a text; `None` where [`super::build`] must, or must say why not.
pub(super) fn read(text: &str) -> Option<Json> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let json = Level(0).deserialize(&mut deserializer).ok()?;
    deserializer.end().ok()?;
    Some(json)
}

/// A value, and how many objects and arrays it stands in.
#[derive(Clone, Copy)]
struct Level(usize);

impl Level {
    fn inner<E: Error>(self) -> Result<Self, E> {
        if self.0 == DEPTH_LIMIT { Err(leave()) } else { Ok(Self(self.0 + 1)) }
    }
}

fn leave<E: Error>() -> E {
    E::custom("")
}

fn text<E: Error>(text: String) -> Result<String, E> {
    if text.contains('\0') { Err(leave()) } else { Ok(text) }
}

impl<'de> DeserializeSeed<'de> for Level {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Level {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E: Error>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_i64<E: Error>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.to_string()))
    }

    fn visit_str<E: Error>(self, value: &str) -> Result<Json, E> {
        text(value.to_owned()).map(Json::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<Json, A::Error> {
        let (inner, mut elements) = (self.inner()?, Vec::new());
        while let Some(element) = sequence.next_element_seed(inner)? {
            elements.push(element);
        }
        Ok(Json::Array(elements))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let (inner, mut members) = (self.inner()?, Members::new());
        while let Some(name) = map.next_key()? {
            members.push((text(name)?, map.next_value_seed(inner)?));
        }
        match repeated(members.iter().map(|(name, _)| name.as_str())) {
            None => Ok(Json::Object(members)),
            Some(_) => Err(leave()),
        }
    }
}
