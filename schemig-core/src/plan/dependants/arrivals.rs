//! What comes with a plan and lacks what the database says of its neighbours: rights, row security, a place in what is replicated. What a role
//! may do is nothing that a model says, so a person is told.

use std::collections::BTreeSet;

use super::listed;
use crate::operation::Operation;
use crate::schema::{ColumnName, Dependant, DependantKind, Identity, Schema, Table, TableName};

/// Row security that a table's owner is held to as well.
pub(super) const FORCED: &str = "forced";

/// What is to be said of an operation; `first` is what its table was called before the plan.
pub(super) fn arrivals(
    operation: &Operation,
    first: &TableName,
    start: &Schema,
    known: &BTreeSet<Dependant>,
) -> Vec<String> {
    match operation {
        Operation::CreateTable { table, definition } => new_table((table, definition), start, known),
        Operation::AddColumn { table, column, .. } => new_column(table, first, column, known),
        Operation::Backfill { table, .. } => {
            unseen(table, first, known).into_iter().chain(each_row(table, first, known)).collect()
        }
        Operation::CopyRows { table, .. } | Operation::Guard { table, .. } => {
            unseen(table, first, known).into_iter().collect()
        }
        Operation::DropTable { .. }
        | Operation::RenameTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::DropColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::DropDefault { .. }
        | Operation::AlterType { .. }
        | Operation::SetCollation { .. }
        | Operation::Recompute { .. }
        | Operation::SetComments { .. }
        | Operation::Number { .. }
        | Operation::HandOverNumbers { .. }
        | Operation::SetNotNull { .. }
        | Operation::DropNotNull { .. }
        | Operation::ChangePrimaryKey { .. }
        | Operation::CreateIndex { .. }
        | Operation::GuardIndex { .. }
        | Operation::BeginIndex { .. }
        | Operation::BuildIndexPart { .. }
        | Operation::JoinIndexParts { .. }
        | Operation::DropIndex { .. }
        | Operation::RenameIndex { .. }
        | Operation::Constrain { .. }
        | Operation::AddCheck { .. }
        | Operation::DropCheck { .. }
        | Operation::AddForeignKey { .. }
        | Operation::DropForeignKey { .. }
        | Operation::Validate { .. }
        | Operation::KeepFilled { .. }
        | Operation::StopFilling { .. }
        | Operation::Follow { .. }
        | Operation::StopFollowing { .. }
        | Operation::FollowRows { .. }
        | Operation::StopFollowingRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::RebuildTable { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::CreateEnum { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. }
        | Operation::ReplaceEnum { .. } => Vec::new(),
    }
}

/// What at least half of the tables beside it have, in the same schema (namespace): fewer may be meant to be the only ones.
fn new_table(
    (table, definition): (&TableName, &Table),
    start: &Schema,
    known: &BTreeSet<Dependant>,
) -> Vec<String> {
    // The numbers of an identity come with the right to insert; a serial's are drawn from a sequence with rights of its own.
    let serial = definition.columns.values().any(|column| column.identity == Some(Identity::Serial));
    let beside = |name: &&TableName| name.schema == table.schema;
    let all = start.tables.keys().filter(beside).count();
    let of = |dependant: &Dependant| dependant.tables.iter().filter(beside).count();
    let usual = known.iter().filter(|dependant| all > 0 && of(dependant) * 2 >= all);
    let notes = usual.filter_map(|dependant| {
        let count = of(dependant);
        if dependant.kind == DependantKind::RowSecurity {
            return Some(format!(
                "the new {table} has no row security, and {count} of the {all} tables beside it do"
            ));
        }
        let (role, privileges) =
            dependant.granted().filter(|_| dependant.kind == DependantKind::Grants)?;
        let numbers = if serial && privileges.contains("INSERT") {
            ", and USAGE on the sequence of its numbers"
        } else {
            ""
        };
        Some(format!(
            "{role} has {privileges} on {count} of the {all} tables beside the new {table}, and may not have it there: if a release runs as \
             {role}, see that it gets it (GRANT {privileges} ON {table} TO {role}){numbers}{}",
            by_default(role, privileges, known)
        ))
    });
    notes.collect()
}

/// Who has to make a table for the role to get those privileges at once.
fn by_default(role: &str, privileges: &str, known: &BTreeSet<Dependant>) -> String {
    let end = format!(" makes: {role} ({privileges})");
    let makers = known.iter().filter(|dependant| dependant.kind == DependantKind::DefaultPrivileges);
    let makers =
        makers.filter_map(|dependant| dependant.name.strip_prefix("tables that ")?.strip_suffix(&end));
    let makers: Vec<&str> = makers.collect();
    match makers.as_slice() {
        [] => String::new(),
        [..] => format!("; it does where {} makes it, by default privileges", makers.join(" or ")),
    }
}

fn new_column(
    table: &TableName,
    first: &TableName,
    column: &ColumnName,
    known: &BTreeSet<Dependant>,
) -> Vec<String> {
    let notes = known.iter().filter_map(|dependant| match dependant.kind {
        DependantKind::ColumnGrants if dependant.stands_on(first) => {
            let (role, privileges) = dependant.granted()?;
            Some(format!(
                "{role} has {privileges} on single columns of {table}, and not on the new {table}.{column}: if a release runs as {role}, \
                 see that it gets it (GRANT {privileges} ({column}) ON {table} TO {role})"
            ))
        }
        DependantKind::Publication if dependant.names_columns_of(first) => Some(format!(
            "{dependant} names columns of {table}: see whether it sends {table}.{column}, and whether it is to"
        )),
        DependantKind::Publication if dependant.stands_on(first) || dependant.tables.is_empty() => {
            Some(format!(
                "{dependant} sends {table}.{column} too: its subscribers need the column first, or replication stops"
            ))
        }
        DependantKind::ColumnGrants
        | DependantKind::Publication
        | DependantKind::View
        | DependantKind::MaterializedView
        | DependantKind::ForeignTable
        | DependantKind::Function
        | DependantKind::Trigger
        | DependantKind::Policy
        | DependantKind::Rule
        | DependantKind::Statistics
        | DependantKind::Sequence
        | DependantKind::Type
        | DependantKind::Grants
        | DependantKind::DefaultPrivileges
        | DependantKind::RowSecurity
        | DependantKind::Cast
        | DependantKind::Operator
        | DependantKind::EventTrigger
        | DependantKind::ForeignKey
        | DependantKind::Inheritance
        | DependantKind::TypedTable
        | DependantKind::RowType => None,
    });
    notes.collect()
}

/// A backfill writes each row, and what runs for each row that is written runs then.
fn each_row(table: &TableName, first: &TableName, known: &BTreeSet<Dependant>) -> Option<String> {
    let triggers = known.iter().filter(|one| one.kind == DependantKind::Trigger && one.stands_on(first));
    let triggers: Vec<&Dependant> = triggers.collect();
    let what = || {
        format!(
            "{table} is backfilled: its rows are written, so see what is done then by {}",
            listed(&triggers)
        )
    };
    (!triggers.is_empty()).then(what)
}

/// A row that row security hides from the role that migrates is neither counted nor filled.
fn unseen(table: &TableName, first: &TableName, known: &BTreeSet<Dependant>) -> Option<String> {
    let hides = |dependant: &&Dependant| {
        dependant.kind == DependantKind::RowSecurity && dependant.name == FORCED && dependant.stands_on(first)
    };
    known.iter().find(hides).map(|_| {
        format!(
            "{table} has row security that binds its owner too: steps that look at its rows pass over those that no policy shows; run the \
             migrations as a role with BYPASSRLS"
        )
    })
}
