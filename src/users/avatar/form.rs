//! The form of an upload (RFC 7578): its fields name places in the document that a PUT would have, as MPDX's clients write
//! them, or have short names of our own (docs/avatar.md).

use actix_multipart::{Field, Multipart, MultipartError};
use actix_web::dev::Payload;
use actix_web::error::PayloadError;
use actix_web::http::header::{CONTENT_LENGTH, HeaderMap};
use actix_web::web::{Bytes, BytesMut};
use futures_util::{Stream, StreamExt as _, future};
use sha2::{Digest as _, Sha256};

use super::image;
use crate::error::Error;
use crate::jsonapi::json::{Members, find};
use crate::jsonapi::{Code, Fault, Json};

/// Bytes of a form beside its picture.
const BESIDE: usize = 64 * 1024;

/// Fields that a form may have.
const FIELDS: usize = 32;

/// Bytes that the text of a field may have.
const TEXT: usize = 8 * 1024;

/// The short name of the picture's field.
const PICTURE: &str = "avatar";

/// A form that was read.
#[derive(Debug)]
pub struct Form {
    /// The document that it stands for, without the picture.
    pub document: Json,
    /// The picture.
    pub picture: File,
    /// Names of fields that nothing is made of.
    pub ignored: Vec<String>,
    /// The hash of the texts, to go on with.
    pub texts: Sha256,
}

/// A file as it was sent.
#[derive(Clone, Debug)]
pub struct File {
    /// The field that it came in.
    pub field: String,
    /// Its bytes.
    pub bytes: Bytes,
    /// The media type that it was declared to be of.
    pub declared: Option<String>,
}

impl File {
    /// The SHA-256 of a form, of whose texts the hash is given: a form that is sent again has other bytes, since its
    /// boundary is another one, but the same fields.
    #[must_use]
    pub fn hashed(&self, mut texts: Sha256) -> [u8; 32] {
        add(&mut texts, &self.field, &self.bytes);
        texts.finalize().into()
    }

    /// The fault of a file, which is in its field.
    #[must_use]
    pub fn fault(&self, detail: impl Into<String>) -> Fault {
        Fault::new(Code::Invalid, detail).in_parameter(&*self.field)
    }
}

impl Form {
    /// Reads a form while it arrives, for a resource of a type. No more of it is kept than a form may have.
    ///
    /// # Errors
    /// 413, 400 for what is no form, or none with one picture, 409 for a picture that is said to be something else.
    pub async fn receive(headers: &HeaderMap, payload: Payload, kind: &str) -> Result<Self, Error> {
        let announced = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        if announced.is_some_and(|length: usize| length > image::LIMIT + BESIDE) {
            return Err(too_large());
        }
        let mut form = Multipart::new(headers, bounded(payload));
        let (mut reading, mut count) = (Reading::default(), 0);
        while let Some(field) = form.next().await {
            count += 1;
            if count > FIELDS {
                return Err(fault(format!("A form has at most {FIELDS} fields."), None));
            }
            reading.take(field.map_err(unreadable)?).await?;
        }
        reading.end(kind)
    }
}

fn add(hash: &mut Sha256, name: &str, value: &[u8]) {
    for part in [name.as_bytes(), value] {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
}

/// The body, which ends with an overflow where it is too long.
fn bounded(payload: Payload) -> impl Stream<Item = Result<Bytes, PayloadError>> {
    payload.scan(0, |read, chunk| {
        let chunk = chunk.and_then(|chunk| {
            *read += chunk.len();
            if *read > image::LIMIT + BESIDE { Err(PayloadError::Overflow) } else { Ok(chunk) }
        });
        future::ready(Some(chunk))
    })
}

fn too_large() -> Error {
    let limit = image::LIMIT;
    Fault::new(
        Code::PayloadTooLarge,
        format!("A picture has at most {limit} bytes, the rest of its form {BESIDE}."),
    )
    .into()
}

fn unreadable(error: MultipartError) -> Error {
    match error {
        MultipartError::Payload(PayloadError::Overflow) => too_large(),
        error => Error::bad_request(format!("The form can't be read: {error}.")),
    }
}

fn fault(detail: impl Into<String>, field: Option<&str>) -> Error {
    let fault = Fault::new(Code::InvalidDocument, detail);
    match field {
        Some(field) => fault.in_parameter(field).into(),
        None => fault.into(),
    }
}

/// What a field means.
#[derive(Debug, PartialEq, Eq)]
enum Meaning<'a> {
    Picture,
    /// A member of `data`.
    Data(&'static str),
    Attribute(&'a str),
    OnConflict,
    /// The type of the picture, which MPDX's clients send as a resource.
    PictureType,
    /// What they say of it besides.
    PictureMember,
    Nothing,
}

/// The steps of a name: `data[attributes][overwrite]`.
fn steps(name: &str) -> Vec<&str> {
    let mut steps = name.split('[');
    let first = steps.next().unwrap_or_default();
    std::iter::once(first).chain(steps.map(|step| step.strip_suffix(']').unwrap_or(step))).collect()
}

impl<'a> Meaning<'a> {
    fn of(name: &'a str) -> Self {
        match *steps(name) {
            [PICTURE] | ["included", _, "attributes", "image"] => Self::Picture,
            ["id"] | ["data", "id"] => Self::Data("id"),
            ["type"] | ["data", "type"] => Self::Data("type"),
            ["overwrite"] => Self::Attribute("overwrite"),
            ["updated_in_db_at"] => Self::Attribute("updated_in_db_at"),
            ["data", "attributes", name] => Self::Attribute(name),
            ["on_conflict"] | ["data", "meta", "on_conflict"] => Self::OnConflict,
            ["included", _, "type"] | ["data", "relationships", "pictures", "data", _, "type"] => {
                Self::PictureType
            }
            ["included", _, "id"]
            | ["included", _, "attributes", "primary"]
            | ["data", "relationships", "pictures", "data", _, "id"] => Self::PictureMember,
            _ => Self::Nothing,
        }
    }
}

/// A form of which some fields were read.
#[derive(Default)]
struct Reading {
    seen: Vec<String>,
    data: Members,
    attributes: Members,
    meta: Members,
    picture: Option<File>,
    ignored: Vec<String>,
    texts: Sha256,
    /// Bytes of names and texts.
    beside: usize,
}

impl Reading {
    async fn take(&mut self, mut field: Field) -> Result<(), Error> {
        let name = field.name().unwrap_or_default().to_owned();
        let is_file = field.content_disposition().is_some_and(|of| of.get_filename().is_some());
        let meaning = Meaning::of(&name);
        if is_file && meaning != Meaning::Picture {
            return Err(fault(format!("A file belongs in the field `{PICTURE}`."), Some(&name)));
        }
        if self.seen.contains(&name) || (meaning == Meaning::Picture && self.picture.is_some()) {
            return Err(fault("A form has each field once, and one picture.", Some(&name)));
        }
        let limit = if meaning == Meaning::Picture { image::LIMIT } else { TEXT };
        self.beside += name.len();
        let mut value = BytesMut::new();
        while let Some(chunk) = field.next().await {
            let chunk = chunk.map_err(unreadable)?;
            if value.len() + chunk.len() > limit {
                return Err(match meaning {
                    Meaning::Picture => too_large(),
                    _ => fault(format!("The text of a field has at most {TEXT} bytes."), Some(&name)),
                });
            }
            if meaning != Meaning::Picture {
                self.beside += chunk.len();
            }
            if self.beside > BESIDE {
                return Err(too_large());
            }
            value.extend_from_slice(&chunk);
        }
        if meaning == Meaning::Picture {
            // What a browser sends of a field in which nothing was chosen.
            if !value.is_empty() {
                let declared = field.content_type().map(|media_type| media_type.essence_str().to_owned());
                self.picture = Some(File { field: name.clone(), bytes: value.freeze(), declared });
            }
        } else {
            let text =
                std::str::from_utf8(&value).map_err(|_| fault("The text is not UTF-8.", Some(&name)))?;
            add(&mut self.texts, &name, &value);
            self.set(&meaning, &name, text)?;
        }
        self.seen.push(name);
        Ok(())
    }

    fn set(&mut self, meaning: &Meaning<'_>, name: &str, text: &str) -> Result<(), Error> {
        let (members, member) = match meaning {
            // Whatever else it were would stand for a stamp that is missing.
            Meaning::Attribute("overwrite") if !matches!(text, "true" | "false") => {
                return Err(fault("`overwrite` is `true` or `false`.", Some(name)));
            }
            Meaning::Data(member) => (&mut self.data, *member),
            Meaning::Attribute(member) => (&mut self.attributes, *member),
            Meaning::OnConflict => (&mut self.meta, "on_conflict"),
            Meaning::PictureType if text != "pictures" => {
                let detail = format!("'{text}' is not the type of a picture. Expected 'pictures' instead");
                return Err(Fault::new(Code::TypeConflict, detail).in_parameter(name).into());
            }
            Meaning::Picture | Meaning::PictureType | Meaning::PictureMember => return Ok(()),
            Meaning::Nothing => {
                self.ignored.push(name.to_owned());
                return Ok(());
            }
        };
        if find(members, member).is_some() {
            return Err(fault("A form has each field once, and one picture.", Some(name)));
        }
        members.push((member.to_owned(), text.into()));
        Ok(())
    }

    fn end(mut self, kind: &str) -> Result<Form, Error> {
        let Some(picture) = self.picture else {
            return Err(fault("The form has no picture.", Some(PICTURE)));
        };
        if find(&self.data, "type").is_none() {
            self.data.push(("type".to_owned(), kind.into()));
        }
        for (name, members) in [("attributes", self.attributes), ("meta", self.meta)] {
            self.data.push((name.to_owned(), Json::Object(members)));
        }
        let document = Json::Object(vec![("data".to_owned(), Json::Object(self.data))]);
        Ok(Form { document, picture, ignored: self.ignored, texts: self.texts })
    }
}
