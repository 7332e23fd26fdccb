//! Enums as a release's Rust code has them: it knows its labels and no others.

use diesel::deserialize;
use diesel::pg::{Pg, PgValue};

use super::{Bind, Code, Codec};
use crate::verify::traffic::Value;

/// A codec whose values are labels.
pub(super) struct Labelled {
    labels: Vec<String>,
    inner: Codec<Pg>,
}

impl Labelled {
    pub(super) fn new(labels: &[String], inner: Codec<Pg>) -> Self {
        Self { labels: labels.to_vec(), inner }
    }

    /// The first label that the release has no variant for.
    fn unknown(&self, value: &Value) -> Option<String> {
        match value {
            Value::Wire(bytes) => {
                let label = String::from_utf8_lossy(bytes);
                (!self.labels.iter().any(|known| *known == label)).then(|| label.into_owned())
            }
            Value::List(values) => values.iter().find_map(|value| self.unknown(value)),
            Value::Null
            | Value::Integer(_)
            | Value::Real(_)
            | Value::Double(_)
            | Value::Numeric(_)
            | Value::Text(_)
            | Value::Boolean(_)
            | Value::Bytes(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::Timestamp(_)
            | Value::Timestamptz(_)
            | Value::Interval { .. }
            | Value::Uuid(_)
            | Value::Json(_)
            | Value::Range(_) => None,
        }
    }
}

impl Code<Pg> for Labelled {
    fn bind(&self, value: &Value) -> Option<Box<dyn Bind<Pg>>> {
        if self.unknown(value).is_some() { None } else { self.inner.bind(value) }
    }

    fn decode(&self, raw: Option<PgValue<'_>>, nullable: bool) -> deserialize::Result<Value> {
        let value = self.inner.decode(raw, nullable)?;
        match self.unknown(&value) {
            // In the words of diesel-derive-enum.
            Some(label) => Err(format!("Unrecognized enum variant: '{label}'").into()),
            None => Ok(value),
        }
    }
}
