//! schemig.toml and diesel.toml.

use std::collections::BTreeMap;
use std::path::Path;

use schemig_core::dialect::Dialect;
use serde::Deserialize;

use super::{bad_toml, read_optional};
use crate::exit::Stop;

/// schemig.toml, whichever way it is written.
pub(super) struct Config {
    pub databases: Vec<Database>,
    pub features: Vec<String>,
    pub types: BTreeMap<String, String>,
    pub deployed: Option<String>,
}

/// A database of the crate. The only one of a crate needs no name.
pub(super) struct Database {
    pub name: Option<String>,
    pub said: Said,
}

/// The file. One database's keys stand at the top; several have a section each.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    dialect: Option<String>,
    server: Option<String>,
    migrations: Option<String>,
    schema_rs: Option<String>,
    overlap: Option<bool>,
    deployed: Option<String>,
    features: Vec<String>,
    types: BTreeMap<String, String>,
    database: BTreeMap<String, Said>,
}

/// What it says of a database.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Said {
    pub dialect: Option<String>,
    pub server: Option<String>,
    pub migrations: Option<String>,
    pub schema_rs: Option<String>,
    pub overlap: Option<bool>,
}

impl Config {
    pub(super) fn read(root: &Path) -> Result<Self, Stop> {
        let path = root.join("schemig.toml");
        let text = read_optional(&path)?.unwrap_or_default();
        let file: File = toml::from_str(&text).map_err(|error| bad_toml(&path, &error))?;
        let File { dialect, server, migrations, schema_rs, overlap, deployed, features, types, database } =
            file;
        let only = Said { dialect, server, migrations, schema_rs, overlap };
        let databases = if database.is_empty() {
            vec![Database { name: None, said: only }]
        } else {
            database.into_iter().map(|(name, said)| Database { name: Some(name), said }).collect()
        };
        Ok(Self { databases, features, types, deployed })
    }
}

/// The database that is meant.
pub(super) fn choose(databases: Vec<Database>, wanted: Option<&str>) -> Result<Database, Stop> {
    let names: Vec<String> = databases.iter().filter_map(|database| database.name.clone()).collect();
    let several = databases.len() > 1;
    let meant = |database: &Database| match wanted {
        Some(wanted) => database.name.as_deref() == Some(wanted),
        None => !several,
    };
    databases.into_iter().find(meant).ok_or_else(|| match wanted {
        Some(wanted) => Stop::refused(
            format!("schemig.toml has no [database.{wanted}]"),
            if names.is_empty() {
                "leave --database out".to_owned()
            } else {
                format!("it has {}", names.join(", "))
            },
        ),
        None => Stop::refused(
            "schemig.toml has several databases",
            format!("add --database {}", names.join(" or --database ")),
        ),
    })
}

/// The dialect of that name and version.
pub(super) fn dialect(name: &str, server: Option<&str>) -> Result<Box<dyn Dialect>, Stop> {
    schemig_core::dialect::named(name, server).map_err(|why| {
        let known = schemig_core::dialect::names();
        Stop::refused(
            why,
            format!("schemig.toml's `dialect` is one of {}; `server` its version", known.join(", ")),
        )
    })
}

/// diesel.toml, as far as it concerns schemig.
#[derive(Default)]
pub(super) struct Diesel {
    pub migrations: Option<String>,
    pub printed: Option<String>,
}

impl Diesel {
    pub(super) fn read(root: &Path) -> Result<Self, Stop> {
        let path = root.join("diesel.toml");
        let Some(text) = read_optional(&path)? else { return Ok(Self::default()) };
        let table: toml::Table = text.parse().map_err(|error| bad_toml(&path, &error))?;
        let get = |section: &str, key: &str| Some(table.get(section)?.get(key)?.as_str()?.to_owned());
        Ok(Self { migrations: get("migrations_directory", "dir"), printed: get("print_schema", "file") })
    }
}
