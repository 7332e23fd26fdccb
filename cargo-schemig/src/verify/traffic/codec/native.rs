//! Between values and the Rust types that apps use with Diesel.

use std::ops::Bound;

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use diesel::data_types::{PgInterval, PgLsn, PgMoney, PgNumeric};
use ipnetwork::IpNetwork;
use uuid::Uuid;

use super::decimal;
use crate::verify::traffic::Value;

/// A Rust type that fields of models have.
pub(super) trait Native: Sized {
    /// The value as that type; `None` when it isn't of it, or doesn't fit.
    fn of(value: &Value) -> Option<Self>;

    /// Back.
    fn value(self) -> Value;
}

/// Types that a variant holds as they are.
macro_rules! held {
    ($($native:ty => $variant:ident;)*) => {$(
        impl Native for $native {
            fn of(value: &Value) -> Option<Self> {
                if let Value::$variant(held) = value { Some(held.clone()) } else { None }
            }

            fn value(self) -> Value {
                Value::$variant(self)
            }
        }
    )*};
}

held! {
    i64 => Integer;
    f32 => Real;
    f64 => Double;
    String => Text;
    bool => Boolean;
    Vec<u8> => Bytes;
    NaiveDate => Date;
    NaiveTime => Time;
    NaiveDateTime => Timestamp;
    DateTime<Utc> => Timestamptz;
    Uuid => Uuid;
    serde_json::Value => Json;
}

/// Types that are numbers of another width.
macro_rules! number {
    ($($native:ty)*) => {$(
        impl Native for $native {
            fn of(value: &Value) -> Option<Self> {
                i64::of(value)?.try_into().ok()
            }

            fn value(self) -> Value {
                Value::Integer(self.into())
            }
        }
    )*};
}

number!(i16 i32 u32 u8);

impl Native for PgMoney {
    fn of(value: &Value) -> Option<Self> {
        i64::of(value).map(PgMoney)
    }

    fn value(self) -> Value {
        Value::Integer(self.0)
    }
}

impl Native for PgLsn {
    fn of(value: &Value) -> Option<Self> {
        i64::of(value)?.try_into().ok().map(PgLsn)
    }

    fn value(self) -> Value {
        i64::try_from(self.0).map_or_else(|_| Value::Numeric(self.0.to_string()), Value::Integer)
    }
}

impl Native for PgNumeric {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Numeric(text) = value { decimal::read(text) } else { None }
    }

    fn value(self) -> Value {
        Value::Numeric(decimal::print(&self))
    }
}

impl Native for PgInterval {
    fn of(value: &Value) -> Option<Self> {
        let Value::Interval { months, days, microseconds } = *value else { return None };
        Some(PgInterval { months, days, microseconds })
    }

    fn value(self) -> Value {
        let PgInterval { microseconds, days, months } = self;
        Value::Interval { months, days, microseconds }
    }
}

impl Native for IpNetwork {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Text(text) = value { text.parse().ok() } else { None }
    }

    fn value(self) -> Value {
        Value::Text(self.to_string())
    }
}

impl<const N: usize> Native for [u8; N] {
    fn of(value: &Value) -> Option<Self> {
        if let Value::Bytes(bytes) = value { bytes.as_slice().try_into().ok() } else { None }
    }

    fn value(self) -> Value {
        Value::Bytes(self.to_vec())
    }
}

/// An array's elements, any of which may be NULL.
impl<T: Native> Native for Vec<Option<T>> {
    fn of(value: &Value) -> Option<Self> {
        let Value::List(values) = value else { return None };
        values.iter().map(|value| if value.is_null() { Some(None) } else { T::of(value).map(Some) }).collect()
    }

    fn value(self) -> Value {
        Value::List(self.into_iter().map(|value| value.map_or(Value::Null, T::value)).collect())
    }
}

impl<T: Native> Native for (Bound<T>, Bound<T>) {
    fn of(value: &Value) -> Option<Self> {
        let Value::Range(ends) = value else { return None };
        Some((end(&ends.0)?, end(&ends.1)?))
    }

    fn value(self) -> Value {
        Value::Range(Box::new((self.0.map(T::value), self.1.map(T::value))))
    }
}

fn end<T: Native>(end: &Bound<Value>) -> Option<Bound<T>> {
    Some(match end {
        Bound::Included(value) => Bound::Included(T::of(value)?),
        Bound::Excluded(value) => Bound::Excluded(T::of(value)?),
        Bound::Unbounded => Bound::Unbounded,
    })
}

/// A multirange.
impl<T: Native> Native for Vec<(Bound<T>, Bound<T>)> {
    fn of(value: &Value) -> Option<Self> {
        let Value::List(values) = value else { return None };
        values.iter().map(Native::of).collect()
    }

    fn value(self) -> Value {
        Value::List(self.into_iter().map(Native::value).collect())
    }
}
