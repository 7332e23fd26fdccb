//! `status --accept`: what was changed by hand becomes a part of the snapshot, as found.

use schemig_core::schema::{Column, Provenance, Schema, Table, dependant, domains, snapshot};

use super::database::Compared;
use crate::commands::Outcome;
use crate::drift::Found;
use crate::exit::{Exit, Stop};
use crate::project::Project;
use crate::report::Report;
use crate::schema_rs;
use crate::store::{self, Changeset, Stored};

/// Writes it.
///
/// # Errors
/// A contract is open, or migrations are pending: what is found there is on its way, and not what the models are to say.
pub(super) fn accept(project: &Project, stored: &Stored, compared: Compared) -> Result<Outcome, Stop> {
    let Compared { found: Some(found), drift, pending, .. } = compared else {
        return Err(Stop::refused("no database is named", "add --database-url"));
    };
    if let Some(first) = pending.first() {
        return Err(Stop::refused(
            format!("{first} hasn't run on this database, so it isn't what the snapshot is about"),
            "run what is pending, or name another database",
        ));
    }
    if let Some(open) = stored.log.undeployed().iter().find(|plan| !stored.log.waiting(plan).is_empty()) {
        return Err(Stop::refused(
            format!(
                "the contract of plan {} is open: what the database has now isn't what it is to have",
                open.id
            ),
            "end it first: cargo schemig contract",
        ));
    }
    if drift.is_empty() {
        let summary = "The database is as the snapshot says: nothing to do".to_owned();
        return Ok(Outcome::report(Exit::Done, Report { summary, ..Report::default() }));
    }
    let Found { introspected, dependants, domains } = found;
    let taken = taken(&stored.schema, introspected.schema.observed());
    let mut changes = Changeset::default();
    for (name, table) in &taken.tables {
        if !stored.schema.tables.get(name).is_some_and(|known| known.is_identical(table)) {
            let models = stored.models.get(name).map_or(&[][..], Vec::as_slice);
            changes.put(store::table_path(project, name), snapshot::write(name, table, models));
        }
    }
    for name in stored.schema.tables.keys().filter(|name| !taken.tables.contains_key(name)) {
        changes.remove(store::table_path(project, name));
    }
    for (name, definition) in &taken.enums {
        changes.put(store::enum_path(project, name), snapshot::write_enum(name, definition));
    }
    for name in stored.schema.enums.keys().filter(|name| !taken.enums.contains_key(name)) {
        changes.remove(store::enum_path(project, name));
    }
    changes.put(store::dependants_path(project), dependant::write(&dependants));
    if domains.is_empty() {
        changes.remove(store::domains_path(project));
    } else {
        changes.put(store::domains_path(project), domains::write(&domains));
    }
    schema_rs::put(project, &taken, &domains, &mut changes)?;
    changes.commit(&project.root)?;
    let report = Report {
        summary: "The snapshot is as the database is".to_owned(),
        notes: drift
            .changes
            .iter()
            .map(|change| format!("the database didn't have, and the snapshot has no more: {change}"))
            .collect(),
        next: vec!["cargo schemig diff: what the models say otherwise is a plan".to_owned()],
        ..Report::default()
    };
    Ok(Outcome::report(Exit::Done, report.with_files(&changes, false)))
}

/// The schema as found; what is as the snapshot has it keeps what the snapshot knows of it.
fn taken(known: &Schema, mut found: Schema) -> Schema {
    for (name, table) in &known.tables {
        if let Some(is) = found.tables.get_mut(name) {
            keep(table, is);
        }
    }
    for (name, definition) in &known.enums {
        if let Some(is) = found.enums.get_mut(name).filter(|is| *is == definition) {
            is.clone_from(definition);
        }
    }
    found
}

fn keep(known: &Table, found: &mut Table) {
    found.identifier.clone_from(&known.identifier);
    if found.partition_by == known.partition_by {
        found.partition_by.clone_from(&known.partition_by);
    }
    for (name, column) in &known.columns {
        if let Some(is) = found.columns.get_mut(name) {
            keep_column(column, is);
        }
    }
    keep_equal(&known.indexes, &mut found.indexes);
    keep_equal(&known.foreign_keys, &mut found.foreign_keys);
    keep_equal(&known.checks, &mut found.checks);
}

/// A column that a model has stays its own: what differs of it is then a difference between the model and the database.
fn keep_column(known: &Column, found: &mut Column) {
    if known == found {
        found.clone_from(known);
        return;
    }
    found.identifier.clone_from(&known.identifier);
    found.provenance = known.provenance;
    if known.provenance == Provenance::Declared {
        found.observed.clone_from(&known.observed);
    }
}

fn keep_equal<K: Ord, V: Clone + PartialEq>(
    known: &std::collections::BTreeMap<K, V>,
    found: &mut std::collections::BTreeMap<K, V>,
) {
    for (name, value) in known {
        if let Some(is) = found.get_mut(name).filter(|is| *is == value) {
            is.clone_from(value);
        }
    }
}
