//! Dialects by the names that Diesel's features have for them.

use super::Dialect;
use super::postgres::Postgres;
use super::sqlite::Sqlite;

/// The dialects that there are.
pub fn names() -> &'static [&'static str] {
    &["postgres", "sqlite"]
}

/// The dialect of that name, for a server of that version; without one, for the version that suits most: PostgreSQL 15, SQLite
/// 3.35.
///
/// # Errors
/// A name or a version that schemig doesn't know, in a clause.
pub fn named(name: &str, version: Option<&str>) -> Result<Box<dyn Dialect>, String> {
    match name {
        "postgres" => {
            let known = Postgres::default();
            let version = match version {
                None => known.version,
                Some(text) => number(text).filter(|major| (12..=18).contains(major)).ok_or_else(|| {
                    format!("`{text}` is no version of PostgreSQL that schemig knows: 12 to 18")
                })?,
            };
            Ok(Box::new(Postgres { version, ..known }))
        }
        "sqlite" => {
            let version = match version {
                None => (3, 35),
                Some(text) => text
                    .split_once('.')
                    .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
                    .filter(|version| *version >= (3, 35))
                    .ok_or_else(|| format!("`{text}` is no version of SQLite that schemig knows: 3.35 on"))?,
            };
            Ok(Box::new(Sqlite { version }))
        }
        _ => Err(format!("schemig knows no dialect `{name}`")),
    }
}

/// The number that a part of a version begins with: `15` of `15.3`.
fn number(text: &str) -> Option<u32> {
    text.split('.').next()?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{named, names};

    #[test]
    fn every_name_has_a_dialect() {
        for name in names() {
            assert!(named(name, None).is_ok_and(|dialect| dialect.name() == *name));
            assert!(named(name, Some("1.0")).is_err(), "{name}");
        }
        assert!(named("postgres", Some("16.3")).is_ok() && named("sqlite", Some("3.40.1")).is_ok());
        assert!(named("oracle", None).is_err());
    }
}
