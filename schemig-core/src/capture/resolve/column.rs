//! A table's columns: what the model says, what the Rust types demand, and what the snapshot has.

use indexmap::IndexMap;

use super::draft::Draft;
use super::types::{Names, Read};
use super::{Found, Storable, identifier};
use crate::capture::{ColumnField, Fault, Fit, Missing, Said, builtin};
use crate::schema::{
    Column, ColumnName, Expression, Fact, Generated, Identity, Partitioning, Provenance, SqlType, Table,
    TableName,
};

/// What the database at hand can do.
#[derive(Clone, Copy)]
pub(super) struct AtHand<'a> {
    pub storable: &'a Storable<'a>,
    pub found: &'a Found<'a>,
    pub has_partitions: bool,
}

/// The table with its columns and key; indexes and constraints are added when all tables stand.
pub(super) fn table(
    draft: &Draft<'_>,
    names: &Names<'_>,
    at_hand: AtHand<'_>,
    faults: &mut Vec<Fault>,
) -> Table {
    let AtHand { storable, found, has_partitions } = at_hand;
    let mut new = IndexMap::with_capacity(draft.columns.len());
    for (field, name) in &draft.columns {
        let base = draft.base.as_ref().and_then(|base| base.columns.get(name));
        let read = names.read(&field.ty);
        let column = match taken_for(field, &read, base, found) {
            Some(base) => {
                let mut column = column(field, name, read.nullable, Some(base.sql_type.clone()), Some(base));
                column.observed.insert(Fact::Type);
                column
            }
            None => {
                let sql_type = sql_type(field, &read, base, storable, faults);
                column(field, name, read.nullable, sql_type, base)
            }
        };
        faults.extend(unnumberable(field, &column));
        new.insert(name.clone(), column);
    }
    let primary_key: Vec<ColumnName> =
        draft.model.primary_key.iter().filter_map(|word| draft.expect(word, faults)).collect();
    for (field, name) in &draft.columns {
        if primary_key.contains(name) && new[name].nullable {
            let message = format!("`{name}` is in the primary key and can't be NULL");
            faults.push(Fault::at(&field.ty.place, message).help("take the `Option` away"));
        }
    }
    let base = draft.base.as_ref();
    Table {
        primary_key,
        identifier: identifier::beside(&draft.model.table.text, &draft.name.name),
        comment: match &draft.model.comment {
            // Nobody knows whether a model said it; a comment harms nobody.
            Said::Absent => base.and_then(|base| base.comment.clone()),
            Said::None(_) => None,
            Said::Value(word) => Some(word.text.clone()),
        },
        partition_by: partitioning(draft, has_partitions, faults),
        columns: in_order(new, draft),
        indexes: Default::default(),
        foreign_keys: Default::default(),
        checks: Default::default(),
    }
}

/// What the model says of partitions. A table keeps the way in which it was made, so a model that says nothing leaves it.
fn partitioning(draft: &Draft<'_>, has_partitions: bool, faults: &mut Vec<Fault>) -> Option<Partitioning> {
    let Some(wish) = &draft.model.partition_by else {
        return draft.base.as_ref().and_then(|base| base.partition_by.clone());
    };
    if !has_partitions {
        let message = "this database has no tables with partitions".to_owned();
        faults.push(Fault::at(&wish.place, message).help("take `partition_by` away"));
    }
    Some(Partitioning {
        strategy: wish.strategy,
        columns: wish.columns.iter().filter_map(|word| draft.expect(word, faults)).collect(),
        partitions: wish
            .partitions
            .as_ref()
            .map(|names| names.iter().map(|word| TableName::from(word.text.as_str())).collect()),
    })
}

/// The snapshot's columns first, in their order, then the new ones: as on the server. Observed columns that no model has stay, but for
/// those that the model drops by name.
fn in_order(mut new: IndexMap<ColumnName, Column>, draft: &Draft<'_>) -> IndexMap<ColumnName, Column> {
    if draft.base.as_ref().is_some_and(|base| base.columns.keys().eq(new.keys())) {
        return new;
    }
    let mut columns = IndexMap::new();
    let dropped: Vec<&ColumnName> = draft.base.iter().flat_map(|base| draft.dropped(base)).collect();
    for (name, old) in draft.base.iter().flat_map(|base| &base.columns) {
        if let Some(column) = new.shift_remove(name) {
            columns.insert(name.clone(), column);
        } else if old.provenance == Provenance::Observed && !dropped.contains(&name) {
            columns.insert(name.clone(), old.clone());
        }
    }
    columns.extend(new);
    columns
}

/// A column that was found and that the model reads as what Diesel takes it for: a decimal of SQLite's, say, as a float.
fn taken_for<'b>(
    field: &ColumnField,
    read: &Read,
    base: Option<&'b Column>,
    found: &Found<'_>,
) -> Option<&'b Column> {
    let base = base.filter(|base| field.sql_type.is_none() && base.is_observed(Fact::Type))?;
    let fit = read.fit.as_ref().ok()?;
    is_taken_for(fit, &base.sql_type, found).then_some(base)
}

/// Whether a Rust type reads what Diesel takes a type for, and nothing else of it.
pub(super) fn is_taken_for(fit: &Fit, sql_type: &SqlType, found: &Found<'_>) -> bool {
    let inferred = || found(sql_type).and_then(|name| builtin::diesel_type(&name));
    !fit.agrees(sql_type)
        && inferred().is_some_and(|inferred| inferred.candidates().iter().any(|one| fit.agrees(one)))
}

/// The model's word; else the type that the column has, if Rust can read it; else the best that Rust can read.
fn sql_type(
    field: &ColumnField,
    read: &Read,
    base: Option<&Column>,
    storable: &Storable<'_>,
    faults: &mut Vec<Fault>,
) -> Option<SqlType> {
    if let Some(word) = &field.sql_type {
        let said = SqlType::parse(&word.text);
        if !storable(said.behind_serial().as_ref().unwrap_or(&said)) {
            let message = format!("Diesel can't read `{}` in this database", word.text);
            faults.push(Fault::at(&word.place, message).help("name a type that it reads here"));
        }
        return Some(said);
    }
    let ways_out = || {
        format!(
            "write `#[schemig(sql_type = \"…\")]` on `{}`, or give the type a line in the type map of schemig.toml",
            field.column.text
        )
    };
    match &read.fit {
        Err(reason) => {
            let message =
                format!("the type `{}` of `{}` is unknown: {reason}", field.ty.text, field.column.text);
            faults.push(Fault::at(&field.ty.place, message).help(ways_out()).misses(Missing::Type));
            None
        }
        Ok(fit) => {
            if let Some(base) = base.filter(|base| fit.agrees(&base.sql_type)) {
                return Some(base.sql_type.clone());
            }
            let found = fit.candidates().into_iter().find(storable);
            if found.is_none() {
                let message = format!("Diesel has no column type for `{}` in this database", field.ty.text);
                faults.push(Fault::at(&field.ty.place, message).help(ways_out()));
            }
            found
        }
    }
}

fn column(
    field: &ColumnField,
    name: &ColumnName,
    nullable: bool,
    sql_type: Option<SqlType>,
    base: Option<&Column>,
) -> Column {
    let said = sql_type.unwrap_or(SqlType::Text);
    let number = said.behind_serial();
    let serial = number.as_ref().map(|_| Identity::Serial);
    let mut column = Column::required(number.unwrap_or(said));
    column.nullable = nullable;
    column.identifier = identifier::beside(&field.column.text, name.as_str());
    let mut keep = |fact, kept: bool| {
        if kept {
            column.observed.insert(fact);
        }
    };
    let observed = |fact| base.filter(|base| base.is_observed(fact));
    let old = |fact| observed(fact).and_then(|base| base.default.clone());
    let (default, kept) =
        fact(&field.default, old(Fact::Default), |word| Expression::from(word.text.as_str()));
    keep(Fact::Default, kept);
    let old = |fact| observed(fact).and_then(|base| base.generated.clone());
    let (generated, kept) = fact(&field.generated, old(Fact::Generated), |(word, stored)| Generated {
        expression: Expression::from(word.text.as_str()),
        stored: *stored,
    });
    keep(Fact::Generated, kept);
    let old = |fact| observed(fact).and_then(|base| base.identity);
    let (identity, kept) = fact(&field.identity, old(Fact::Identity), |always| {
        if *always { Identity::Always } else { Identity::ByDefault }
    });
    keep(Fact::Identity, kept && serial.is_none());
    let identity = serial.or(identity);
    let old = |fact| observed(fact).and_then(|base| base.collation.clone());
    let (collation, kept) = fact(&field.collation, old(Fact::Collation), |word| word.text.clone());
    keep(Fact::Collation, kept);
    let old = |fact| observed(fact).and_then(|base| base.comment.clone());
    let (comment, kept) = fact(&field.comment, old(Fact::Comment), |word| word.text.clone());
    keep(Fact::Comment, kept);
    Column { default, generated, identity, collation, comment, ..column }
}

/// What a server that numbers a column wants of it.
fn unnumberable(field: &ColumnField, column: &Column) -> Option<Fault> {
    let serial = field.sql_type.as_ref().filter(|word| SqlType::parse(&word.text).behind_serial().is_some());
    let name = &field.column.text;
    if let Some(word) = serial {
        let fault = |message: String, help: &str| Some(Fault::at(&word.place, message).help(help));
        if let Said::Value(_) = field.identity {
            let message = format!("`{name}` is numbered twice: as an identity and as a {}", word.text);
            return fault(message, "name the plain type: `bigint` for an i64, `integer` for an i32");
        }
        if let Said::Value(_) = field.default {
            let message = format!("`{name}` has a default, and a {} has one of its own", word.text);
            return fault(message, "take the default away, or name the plain type");
        }
        if column.nullable {
            return fault(format!("`{name}` is a {} and never NULL", word.text), "take the `Option` away");
        }
        return None;
    }
    let Said::Value(_) = field.identity else { return None };
    let number = [SqlType::SmallInt, SqlType::Integer, SqlType::BigInt].contains(&column.sql_type);
    let message = format!("`{name}` is numbered by the server, and its type is {}", column.sql_type);
    let help = "an identity is an i16, an i32 or an i64";
    (!number).then(|| Fault::at(&field.ty.place, message).help(help))
}

/// A fact of a column, and whether it is one that was only ever observed. `observed` is the snapshot's, if no model ever said it.
fn fact<T, U>(said: &Said<T>, observed: Option<U>, read: impl FnOnce(&T) -> U) -> (Option<U>, bool) {
    match said {
        Said::Absent => {
            let kept = observed.is_some();
            (observed, kept)
        }
        Said::None(_) => (None, false),
        Said::Value(value) => (Some(read(value)), false),
    }
}
