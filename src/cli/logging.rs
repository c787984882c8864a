//! How the program logs: lines for people, or one JSON object per line for programs. Both say the same.

use std::io::{self, Write};

use chrono::{SecondsFormat, Utc};
use clap::ValueEnum;
use env_logger::fmt::Formatter;
use log::Record;
use log::kv::{Error, Key, Value, VisitSource, VisitValue};
use serde_json::Map;

/// The form of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum LogFormat {
    /// For people
    Text,
    /// One JSON object per line
    Json,
}

/// Starts to log what `filter` lets through.
pub(super) fn start(filter: &str, format: LogFormat) {
    // The finest lines of the client that asks providers have URLs, and in those are tickets.
    let quiet = log::LevelFilter::Warn;
    let mut builder = env_logger::Builder::new();
    // It tells of what is no request, each time, as an error: whoever reaches the port could fill the disk.
    builder.filter_module("actix_http::h1::dispatcher", log::LevelFilter::Off);
    builder.parse_filters(filter).filter_module("ureq", quiet).filter_module("ureq_proto", quiet);
    if format == LogFormat::Json {
        builder.format(write);
        // What is written of a panic would be lines of another form.
        std::panic::set_hook(Box::new(|panic| log::error!("{panic}")));
    }
    builder.init();
}

fn write(out: &mut Formatter, record: &Record<'_>) -> io::Result<()> {
    let mut fields = Fields(Map::new());
    // What can't be read of a field is left out.
    let _ = record.key_values().visit(&mut fields);
    let mut line = Map::new();
    line.insert("time".to_owned(), Utc::now().to_rfc3339_opts(SecondsFormat::Micros, true).into());
    line.insert("level".to_owned(), record.level().as_str().into());
    line.insert("target".to_owned(), record.target().into());
    line.insert("message".to_owned(), record.args().to_string().into());
    line.append(&mut fields.0);
    serde_json::to_writer(&mut *out, &line)?;
    writeln!(out)
}

/// What a line says in parts as well.
struct Fields(Map<String, serde_json::Value>);

impl<'a> VisitSource<'a> for Fields {
    fn visit_pair(&mut self, key: Key<'a>, value: Value<'a>) -> Result<(), Error> {
        let mut field = Field(None);
        value.visit(&mut field)?;
        if let Some(value) = field.0 {
            self.0.insert(key.to_string(), value);
        }
        Ok(())
    }
}

/// A value, unless there is none.
struct Field(Option<serde_json::Value>);

impl VisitValue<'_> for Field {
    fn visit_any(&mut self, value: Value<'_>) -> Result<(), Error> {
        self.0 = Some(value.to_string().into());
        Ok(())
    }

    fn visit_null(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn visit_u64(&mut self, value: u64) -> Result<(), Error> {
        self.0 = Some(value.into());
        Ok(())
    }
}
