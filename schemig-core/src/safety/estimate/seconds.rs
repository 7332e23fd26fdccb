//! A time that isn't known exactly, or not at all.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Add;

use crate::schema::TableName;

/// A range of seconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Seconds {
    /// What it takes when nothing is in the way.
    pub low: f64,
    /// What it takes on a machine that others use too.
    pub high: f64,
}

/// How long something takes.
#[derive(Clone, Debug, PartialEq)]
pub enum Estimate {
    /// Between these.
    Known(Seconds),
    /// Nobody has said how large these tables are.
    Unknown(BTreeSet<TableName>),
}

impl Seconds {
    /// What changes the catalog alone: 2 to 60 ms were measured, commits included (the reference story).
    pub const MOMENT: Self = Self { low: 0.002, high: 0.06 };

    /// The range about a time that processors alone would need: on two cores that others used too, a statement took 1.0 to 2.2 times as long
    /// (`facts/postgres-rates.tsv`).
    pub fn about(seconds: f64) -> Self {
        Self { low: seconds * 0.6, high: seconds * 2.4 }
    }

    /// The time that is as many times the lower end as the upper end is times it.
    pub(super) fn middle(self) -> f64 {
        (self.low * self.high).sqrt()
    }
}

impl Add for Seconds {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { low: self.low + other.low, high: self.high + other.high }
    }
}

impl Estimate {
    /// Nothing at all: where sums start.
    pub const NOTHING: Self = Self::Known(Seconds { low: 0.0, high: 0.0 });

    /// What changes the catalog alone.
    pub const MOMENT: Self = Self::Known(Seconds::MOMENT);

    /// The tables whose size nobody has said.
    pub fn unknown(&self) -> impl Iterator<Item = &TableName> {
        let tables = if let Self::Unknown(tables) = self { Some(tables) } else { None };
        tables.into_iter().flatten()
    }

    /// The range, if there is one.
    pub fn known(&self) -> Option<Seconds> {
        match self {
            Self::Known(seconds) => Some(*seconds),
            Self::Unknown(_) => None,
        }
    }
}

impl Add for Estimate {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        match (self, other) {
            (Self::Known(one), Self::Known(other)) => Self::Known(one + other),
            (Self::Unknown(mut one), Self::Unknown(other)) => {
                one.extend(other);
                Self::Unknown(one)
            }
            (Self::Unknown(tables), Self::Known(_)) | (Self::Known(_), Self::Unknown(tables)) => {
                Self::Unknown(tables)
            }
        }
    }
}

/// Both ends rounded to two digits, in the unit of the upper one; what is short is said to be short.
impl fmt::Display for Seconds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.high < 0.1 {
            return f.write_str("under 0.1 s");
        }
        let (unit, name) = match self.high {
            high if high < 120.0 => (1.0, "s"),
            high if high < 7_200.0 => (60.0, "min"),
            _ => (3_600.0, "h"),
        };
        let [low, high] = [self.low, self.high].map(|end| digits(end / unit));
        if low == high || self.low / unit < 0.1 {
            return write!(f, "up to {high} {name}");
        }
        write!(f, "{low} to {high} {name}")
    }
}

/// Two digits that say something.
fn digits(number: f64) -> String {
    if number < 9.95 { format!("{number:.1}") } else { format!("{number:.0}") }
}

impl fmt::Display for Estimate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known(seconds) => seconds.fmt(f),
            Self::Unknown(tables) => {
                let tables: Vec<String> = tables.iter().map(ToString::to_string).collect();
                write!(f, "unknown, as nobody has said how large {} is", tables.join(" or "))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Estimate, Seconds};

    #[test]
    fn times_are_said_as_people_do() {
        let said = |low, high| Seconds { low, high }.to_string();
        assert_eq!(said(0.002, 0.06), "under 0.1 s");
        assert_eq!(said(0.02, 0.4), "up to 0.4 s");
        assert_eq!(said(1.24, 4.96), "1.2 to 5.0 s");
        assert_eq!(said(29.7, 118.8), "30 to 119 s");
        assert_eq!(said(60.0, 240.0), "1.0 to 4.0 min");
        assert_eq!(said(3_600.0, 14_400.0), "1.0 to 4.0 h");
    }

    #[test]
    fn what_is_unknown_stays_so_in_a_sum() {
        let unknown = |table: &str| Estimate::Unknown([table.into()].into());
        let sum = Estimate::Known(Seconds::MOMENT) + unknown("users") + unknown("posts") + Estimate::NOTHING;
        assert_eq!(sum.to_string(), "unknown, as nobody has said how large posts or users is");
        assert_eq!(sum.known(), None);
    }
}
