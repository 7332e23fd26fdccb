//! A database that stands, as the first snapshot: each fact of it is observed, and stays until a model says otherwise.

use std::collections::BTreeSet;

use schemig_core::schema::{Dependant, DependantKind, Domains, Schema, dependant, domains, snapshot};

use super::replay;
use crate::database::{self, Connection};
use crate::exit::Stop;
use crate::introspect::{self, Introspected};
use crate::migrations;
use crate::project::Project;
use crate::report::Report;
use crate::schema_rs;
use crate::store::{self, Changeset};

/// What is adopted.
pub(super) enum From<'a> {
    /// The database of this URL, as it stands.
    Database(&'a str),
    /// What the migrations make, on a scratch database: on the server of this URL, else on one that is started.
    Migrations(Option<&'a str>),
}

/// What is written, and what is to be said of it.
pub(super) struct Adopted {
    pub schema: Schema,
    pub changes: Changeset,
    pub report: Report,
}

/// Reads what is adopted.
///
/// # Errors
/// It can't be read; migrations that haven't run there, or that don't run at all; an index whose build stopped.
pub(super) fn adopt(project: &Project, from: From<'_>) -> Result<Adopted, Stop> {
    let read = match from {
        From::Database(url) => database(project, url)?,
        From::Migrations(server) => replay::replay(project, server)?,
    };
    let Read { found, dependants, domains, notes } = read;
    let Introspected { schema, invalid_indexes, unvalidated, unmodelled: _ } = found;
    if let Some((table, index)) = invalid_indexes.first() {
        return Err(Stop::refused(
            introspect::invalid(table, index),
            "drop it, and build it again with CREATE INDEX CONCURRENTLY, or leave it out; then run init again",
        ));
    }
    let schema = schema.observed();
    let mut changes = Changeset::default();
    for (name, table) in &schema.tables {
        changes.put(store::table_path(project, name), snapshot::write(name, table, &[]));
    }
    for (name, definition) in &schema.enums {
        changes.put(store::enum_path(project, name), snapshot::write_enum(name, definition));
    }
    if !dependants.is_empty() {
        changes.put(store::dependants_path(project), dependant::write(&dependants));
    }
    if !domains.is_empty() {
        changes.put(store::domains_path(project), domains::write(&domains));
    }
    let migrations = migrations::read(project)?;
    if !migrations.is_empty() {
        changes.put(store::adopted::path(project), store::adopted::write(&migrations));
    }
    let mut report = Report { summary: summary(&schema), notes, ..Report::default() };
    report.notes.extend(schema_rs::notes(project, &schema, &domains));
    report.notes.extend(unvalidated.iter().map(|(table, name)| {
        format!(
            "{name} of {table} is NOT VALID: rows from before may break it, and schemig takes it for valid"
        )
    }));
    report.notes.extend(listed(&dependants));
    report.next = vec![
        "cargo schemig init --annotate: which struct of each table is to derive Migratable".to_owned(),
        "then run `cargo schemig diff`: it changes nothing, and from then on each change of a model is a plan".to_owned(),
    ];
    Ok(Adopted { schema, changes, report })
}

/// What a database holds.
pub(super) struct Read {
    pub found: Introspected,
    pub dependants: BTreeSet<Dependant>,
    pub domains: Domains,
    pub notes: Vec<String>,
}

impl Read {
    /// Reads it from a connection.
    pub fn from(connection: &mut Connection, project: &Project) -> Result<Self, introspect::Error> {
        let found = introspect::introspect(connection, &*project.dialect)?;
        let dependants = introspect::dependants(connection, &*project.dialect)?;
        let domains = introspect::domains(connection, &*project.dialect)?;
        Ok(Self { found, dependants, domains, notes: Vec::new() })
    }
}

fn database(project: &Project, url: &str) -> Result<Read, Stop> {
    let url = database::url(project, Some(url))?;
    let mut connection = Connection::to_standing(&url)?;
    let ran = migrations::applied(&mut connection)
        .map_err(|error| database::failed(&url, "which migrations ran can't be read", &error))?;
    let mut notes = agree(project, &ran)?;
    notes.extend(database::older(&mut connection, &url, &*project.dialect)?);
    let read = Read::from(&mut connection, project)
        .map_err(|error| database::failed(&url, "the database can't be read", &error))?;
    Ok(Read { notes, ..read })
}

/// Whether all migrations that stand in the directory have run.
fn agree(project: &Project, ran: &BTreeSet<String>) -> Result<Vec<String>, Stop> {
    let migrations = migrations::read(project)?;
    let pending: Vec<&str> = migrations
        .iter()
        .filter(|migration| !ran.contains(&migration.version))
        .map(|migration| migration.name.as_str())
        .collect();
    if let [first, ..] = pending.as_slice() {
        let mut stop = Stop::refused(
            format!("{} of the migrations haven't run on this database, the first is {first}", pending.len()),
            "run them (`diesel migration run`), and then init again; one that stopped half-way has to be mended first",
        );
        for found in &mut stop.diagnostics {
            *found = found.clone().help("or adopt what all of them make: --from-migrations");
        }
        return Err(stop);
    }
    let here: BTreeSet<&String> = migrations.iter().map(|migration| &migration.version).collect();
    let elsewhere: Vec<&str> =
        ran.iter().filter(|version| !here.contains(version)).map(String::as_str).collect();
    Ok(match elsewhere.as_slice() {
        [] => Vec::new(),
        lost => {
            vec![format!("the database has run migrations that aren't in the directory: {}", lost.join(", "))]
        }
    })
}

fn summary(schema: &Schema) -> String {
    let count = |number: usize, what: &str| {
        if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
    };
    let enums = if schema.enums.is_empty() {
        String::new()
    } else {
        format!(" and {}", count(schema.enums.len(), "enum"))
    };
    format!(
        "Adopted: {}{enums}; nothing is changed, and nothing of it is ever dropped unasked",
        count(schema.tables.len(), "table")
    )
}

/// How many of a kind are named; the file has all.
const NAMED: usize = 5;

/// What isn't modelled, a line for each kind.
fn listed(dependants: &BTreeSet<Dependant>) -> Vec<String> {
    let mut lines: Vec<(DependantKind, Vec<&str>)> = Vec::new();
    for Dependant { kind, name, .. } in dependants {
        match lines.last_mut() {
            Some((last, names)) if last == kind => names.push(name),
            Some(_) | None => lines.push((*kind, vec![name])),
        }
    }
    lines
        .iter()
        .map(|(kind, names)| {
            let (named, more) = names.split_at(names.len().min(NAMED));
            let more = match more.len() {
                0 => String::new(),
                more => format!(", and {more} more in schemig/dependants.toml"),
            };
            format!("not modelled, and never touched: {kind} {}{more}", named.join(", "))
        })
        .collect()
}
