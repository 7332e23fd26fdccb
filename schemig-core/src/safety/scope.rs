//! Which tables a judgement has to look at. A project has hundreds of tables and a plan touches a few; the others fit as they did.

use std::collections::BTreeSet;

use super::kin::Kin;
use crate::operation::Operation;
use crate::plan::Plan;
use crate::schema::{EnumName, InFlight, Origin, Schema, State, TableName, Violation};

/// The tables on which a release may not fit some state of a plan: those that the plan names, those on which something is in flight,
/// those that are not the same to all releases, and the parents and children of all these. Any other is the same in each state and to
/// each release.
pub(super) fn of_plan(plan: &Plan, start: &State, releases: &[&Schema], kin: &Kin) -> BTreeSet<TableName> {
    let operations = plan.steps.iter().flat_map(|step| &step.up);
    let mut found: BTreeSet<TableName> = operations.flat_map(named).cloned().collect();
    found.extend(in_flight(&start.in_flight).cloned());
    for release in releases {
        found.extend(start.schema.tables.differing(&release.tables).cloned());
        for name in differing_enums(&start.schema, release).chain(enums_of(plan)) {
            found.extend(
                start.schema.users_of(name).chain(release.users_of(name)).map(|(table, _)| table.clone()),
            );
        }
    }
    with_kin(found, kin)
}

/// The tables on which a step may change who fits: those that it names; and of their parents and children those that meet something of it.
pub(super) fn of_step(
    operations: &[Operation],
    before: &State,
    after: &State,
    kin: &Kin,
) -> BTreeSet<TableName> {
    let mut found: BTreeSet<TableName> = operations.iter().flat_map(named).cloned().collect();
    for name in operations.iter().filter_map(enum_of) {
        found.extend(after.schema.users_of(name).map(|(table, _)| table.clone()));
    }
    let shown = after.in_flight.views.iter().filter(|(_, view)| found.contains(&view.table));
    let shown: Vec<TableName> = shown.map(|(name, _)| name.clone()).collect();
    found.extend(shown);
    let [was, is] = [&before.in_flight, &after.in_flight];
    let all = was.views != is.views || was.rows != is.rows;
    let near = found.iter().flat_map(|name| {
        let all = all || is_other_to_kin(name, before, after);
        // The rename of a column is written into the keys of its children.
        kin.of(name).filter(move |other| all || !is_same_table(other, before, after))
    });
    let near: Vec<TableName> = near.cloned().collect();
    found.extend(near);
    found
}

/// Whether two states have the same table of a name, or none. Only one that they share is known to be the same.
fn is_same_table(name: &TableName, before: &State, after: &State) -> bool {
    match (before.schema.tables.get(name), after.schema.tables.get(name)) {
        (Some(one), Some(other)) => std::ptr::eq(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

/// Whether a table's parents or children may fit otherwise than before: its foreign keys are others, or what looks up their columns is.
fn is_other_to_kin(name: &TableName, before: &State, after: &State) -> bool {
    let tables = [before, after].map(|state| state.schema.tables.get(name));
    let [were, are] = tables.map(|table| table.map(|table| &table.foreign_keys));
    let looked_up = |state: &'_ State| {
        let sources = state.in_flight.fillers_of(name).filter(|(_, origin)| source_of(origin).is_some());
        sources.map(|(column, origin)| (column.clone(), origin.clone())).collect::<Vec<_>>()
    };
    were != are || looked_up(before) != looked_up(after)
}

/// The enums that one of the two doesn't have, or has otherwise.
fn differing_enums<'a>(one: &'a Schema, other: &'a Schema) -> impl Iterator<Item = &'a EnumName> {
    let names = one.enums.keys().chain(other.enums.keys());
    names.filter(|name| one.enums.get(*name) != other.enums.get(*name))
}

fn enums_of(plan: &Plan) -> impl Iterator<Item = &EnumName> {
    plan.steps.iter().flat_map(|step| &step.up).filter_map(enum_of)
}

/// The enum that an operation works on.
fn enum_of(operation: &Operation) -> Option<&EnumName> {
    let on_enum = matches!(
        operation,
        Operation::CreateEnum { .. }
            | Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::ReplaceEnum { .. }
    );
    on_enum.then(|| operation.table())
}

/// With the tables that refer to them, and those that they refer to: what a release may delete depends on both.
fn with_kin(mut tables: BTreeSet<TableName>, kin: &Kin) -> BTreeSet<TableName> {
    let near: Vec<TableName> = tables.iter().flat_map(|table| kin.of(table)).cloned().collect();
    tables.extend(near);
    tables
}

fn in_flight(in_flight: &InFlight) -> impl Iterator<Item = &TableName> {
    let InFlight { fillers, followers, rows, mirrors, views, unfilled, indexes, unvalidated } = in_flight;
    let filled = fillers.iter().flat_map(|(at, origin)| [Some(&at.table), source_of(origin)]).flatten();
    filled
        .chain(followers.iter().flat_map(|(at, source)| [&at.table, &source.table]))
        .chain(rows.iter().flat_map(|(table, rows)| [table, &rows.table]))
        .chain(mirrors.keys().map(|at| &at.table))
        .chain(views.iter().flat_map(|(name, view)| [name, &view.table]))
        .chain(unfilled.iter().map(|at| &at.table))
        .chain(indexes.keys().map(|(table, _)| table))
        .chain(unvalidated.keys().map(|(table, _)| table))
}

fn source_of(origin: &Origin) -> Option<&TableName> {
    match origin {
        Origin::Source(source) => Some(&source.table),
        Origin::Expression(_) | Origin::Column(_) | Origin::Numbers => None,
    }
}

/// The tables that an operation names.
pub fn named(operation: &Operation) -> Vec<&TableName> {
    let mut found = vec![operation.table()];
    match operation {
        Operation::RenameTable { from: _, to: other } | Operation::CreateView { table: other, .. } => {
            found.push(other);
        }
        Operation::CreateTable { definition, .. } | Operation::RebuildTable { definition, .. } => {
            found.extend(definition.foreign_keys.values().map(|key| &key.references));
        }
        Operation::AddForeignKey { definition: key, .. }
        | Operation::Guard { against: Violation::Orphan { foreign_key: key }, .. } => {
            found.push(&key.references);
        }
        Operation::KeepFilled { origin, .. } | Operation::Backfill { origin, .. } => {
            found.extend(source_of(origin));
        }
        Operation::Follow { source, .. }
        | Operation::StopFollowing { source, .. }
        | Operation::Guard { against: Violation::Stale { source, .. }, .. } => found.push(&source.table),
        Operation::FollowRows { rows, .. }
        | Operation::StopFollowingRows { rows, .. }
        | Operation::CopyRows { rows, .. }
        | Operation::Guard { against: Violation::Uncopied { rows }, .. } => found.push(&rows.table),
        Operation::DropTable { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::DropColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::SetComments { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::CreateIndex { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::Constrain { .. }
        | Operation::AddCheck { .. }
        | Operation::DropCheck { .. }
        | Operation::DropForeignKey { .. }
        | Operation::Validate { .. }
        | Operation::StopFilling { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::CreateEnum { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. }
        | Operation::Guard {
            against:
                Violation::Null { .. }
                | Violation::Differ { .. }
                | Violation::Check { .. }
                | Violation::Duplicate { .. },
            ..
        } => {}
    }
    found
}
