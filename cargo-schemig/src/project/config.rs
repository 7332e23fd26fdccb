//! schemig.toml.

use std::collections::BTreeMap;
use std::path::Path;

use schemig_core::dialect::Dialect;
use schemig_core::safety::Limits;
use schemig_core::schema::TableName;
use serde::Deserialize;
use toml::Spanned;

use super::printed::Files;
use super::{bad_toml, listed, read_optional, shown};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// schemig.toml, whichever way it is written.
pub(super) struct Config {
    pub databases: Vec<Database>,
    pub features: Vec<String>,
    pub types: BTreeMap<String, String>,
    pub deployed: Option<String>,
    pub limits: Limits,
    pub tolerance: f64,
    pub contract_guard: Option<u64>,
    pub services: Option<BTreeMap<TableName, Vec<String>>>,
}

/// A database of the crate. The only one of a crate needs no name.
pub(super) struct Database {
    pub name: Option<String>,
    /// Whether there are more.
    pub has_others: bool,
    pub said: Said,
}

/// The file. One database's keys stand at the top; several have a section each.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct File {
    dialect: Option<String>,
    server: Option<String>,
    migrations: Option<String>,
    schema_rs: Option<Files>,
    overlap: Option<bool>,
    deployed: Option<String>,
    features: Vec<String>,
    types: BTreeMap<String, String>,
    downtime_tolerance: Option<Spanned<String>>,
    contract_guard: Option<Spanned<String>>,
    thresholds: Thresholds,
    services: Option<BTreeMap<String, Vec<String>>>,
    crates: Vec<Spanned<String>>,
    database: BTreeMap<String, Said>,
}

/// From where on a person decides.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Thresholds {
    exclusive_hold: Option<Spanned<String>>,
    backfill_rows: Option<Spanned<String>>,
}

/// What it says of a database.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Said {
    pub dialect: Option<String>,
    pub server: Option<String>,
    pub migrations: Option<String>,
    pub schema_rs: Option<Files>,
    pub overlap: Option<bool>,
    /// The module that holds its models, where there are several databases.
    pub models: Option<String>,
    /// Other crates of the workspace that hold models of it.
    pub crates: Vec<Spanned<String>>,
}

impl Config {
    pub(super) fn read(root: &Path) -> Result<Self, Stop> {
        let path = root.join("schemig.toml");
        let text = read_optional(&path)?.unwrap_or_default();
        let file: File = toml::from_str(&text).map_err(|error| bad_toml(&path, &error))?;
        let File {
            dialect,
            server,
            migrations,
            schema_rs,
            overlap,
            deployed,
            features,
            types,
            downtime_tolerance,
            contract_guard,
            thresholds,
            services,
            crates,
            database,
        } = file;
        let has_sections = !database.is_empty();
        let limits = limits(&path, &thresholds)?;
        let tolerance = downtime_tolerance.map_or(Ok(0.0), |said| seconds(&path, &said))?;
        let contract_guard = contract_guard.map(|said| whole_seconds(&path, &said)).transpose()?;
        // None is what leaving it out says.
        let contract_guard = contract_guard.filter(|seconds| *seconds > 0);
        let services = services.map(by_table);
        let above = if has_sections { crates.clone() } else { Vec::new() };
        let only = Said { dialect, server, migrations, schema_rs, overlap, models: None, crates };
        let databases = if database.is_empty() {
            vec![Database { name: None, has_others: false, said: only }]
        } else {
            let has_others = database.len() > 1;
            let named = |(name, said)| Database { name: Some(name), has_others, said };
            database.into_iter().map(named).collect()
        };
        if let Some(stop) = listed::shared(root, &databases, &above) {
            return Err(stop);
        }
        Ok(Self { databases, features, types, deployed, limits, tolerance, contract_guard, services })
    }
}

/// The thresholds that are said, and the usual ones.
fn limits(path: &Path, said: &Thresholds) -> Result<Limits, Stop> {
    let Thresholds { exclusive_hold, backfill_rows } = said;
    let mut limits = Limits::default();
    if let Some(said) = exclusive_hold {
        limits.hold = seconds(path, said)?;
    }
    if let Some(said) = backfill_rows {
        limits.backfill_rows = crate::sizes::number(said.get_ref())
            .ok_or_else(|| misread(path, said, "number of rows", "10M"))?;
    }
    Ok(limits)
}

fn seconds(path: &Path, said: &Spanned<String>) -> Result<f64, Stop> {
    let time = crate::arguments::time(said.get_ref()).map_err(|_| misread(path, said, "time", "30s"))?;
    Ok(time.as_secs_f64())
}

/// The longest that a contract may be made to wait, in seconds: a year. Servers can't subtract any length of time.
const LONGEST_GUARD: u64 = 366 * 24 * 3600;

/// A time that servers count in whole seconds, rounded up.
fn whole_seconds(path: &Path, said: &Spanned<String>) -> Result<u64, Stop> {
    let time = crate::arguments::time(said.get_ref()).map_err(|_| misread(path, said, "time", "1h"))?;
    let seconds = time.as_secs().saturating_add(u64::from(time.subsec_nanos() > 0));
    if seconds > LONGEST_GUARD {
        let found = Diagnostic::new(format!("`{}` is too long", said.get_ref())).at(shown(path), said.span());
        return Err(Stop::from(vec![found.help("a contract is kept back for a year at most: \"8784h\"")]));
    }
    Ok(seconds)
}

fn misread(path: &Path, said: &Spanned<String>, what: &str, example: &str) -> Stop {
    let found = Diagnostic::new(format!("`{}` is no {what}", said.get_ref())).at(shown(path), said.span());
    Stop::from(vec![found.help(format!("write it as \"{example}\""))])
}

/// The services of each table, from the tables of each service.
fn by_table(services: BTreeMap<String, Vec<String>>) -> BTreeMap<TableName, Vec<String>> {
    let mut tables: BTreeMap<TableName, Vec<String>> = BTreeMap::new();
    for (service, used) in services {
        for table in used {
            let known = tables.entry(table.as_str().into()).or_default();
            if !known.contains(&service) {
                known.push(service.clone());
            }
        }
    }
    tables
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
