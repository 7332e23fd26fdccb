//! What hangs on the tables and isn't modelled, where a plan's steps would fail on it, or lose it.

use std::collections::BTreeSet;

use super::Plan;
use crate::change::Question;
use crate::operation::Operation;
use crate::schema::{ColumnName, ColumnRef, Dependant, EnumName, Schema, State, TableName};

/// What an operation takes away.
struct Hit {
    table: TableName,
    of: Part,
    /// What becomes of it, in words.
    what: &'static str,
}

/// What of a table.
enum Part {
    Column(ColumnName),
    /// All of it.
    Dropped,
    /// All of it, and a table of its name takes its place.
    MadeAnew,
}

/// What is to be said of a plan beside what isn't modelled.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Beside {
    /// Where a step would fail, or take something away that isn't schemig's.
    pub questions: Vec<Question>,
    /// Where something may be in the way that only a person can look into.
    pub notes: Vec<String>,
}

/// Holds a plan against what the database has beside its tables.
pub fn dependants(plan: &Plan, start: &State, known: &BTreeSet<Dependant>) -> Beside {
    let mut beside = Beside::default();
    if known.is_empty() {
        return beside;
    }
    // What stands there is known by the names of the start.
    let mut renamed: Vec<(TableName, TableName)> = Vec::new();
    for operation in plan.steps.iter().flat_map(|step| &step.up) {
        if let Operation::RenameTable { from, to } = operation {
            renamed.push((from.clone(), to.clone()));
        }
        for hit in hits(operation, &start.schema) {
            let table = first_name(&hit.table, &renamed);
            let met: Vec<&Dependant> =
                known.iter().filter(|dependant| meets(dependant, &table, &hit)).collect();
            if !met.is_empty() {
                beside.questions.push(question(&hit, &table, &met));
            }
            let near = known.iter().filter(|dependant| may_meet(dependant, &table, &hit));
            beside.notes.extend(near.map(|dependant| note(&hit, dependant)));
        }
    }
    beside.questions.dedup();
    beside.notes.dedup();
    beside
}

fn first_name(table: &TableName, renamed: &[(TableName, TableName)]) -> TableName {
    let step =
        |name: TableName, (from, to): &(TableName, TableName)| if *to == name { from.clone() } else { name };
    renamed.iter().rev().fold(table.clone(), step)
}

/// Whether the server would refuse, or the table that is made anew would be without it.
fn meets(dependant: &Dependant, table: &TableName, hit: &Hit) -> bool {
    match &hit.of {
        Part::Column(column) => dependant.reads(table, column),
        Part::Dropped => dependant.stands_on(table) && !dependant.kind.goes_with_table(),
        Part::MadeAnew => dependant.stands_on(table),
    }
}

/// Whether its code may read what is taken away, or it goes with the table.
fn may_meet(dependant: &Dependant, table: &TableName, hit: &Hit) -> bool {
    let stands = dependant.stands_on(table);
    match &hit.of {
        Part::Column(_) => stands && dependant.kind.has_code() && !dependant.names_columns_of(table),
        Part::Dropped => stands && dependant.kind.goes_with_table(),
        Part::MadeAnew => false,
    }
}

fn note(hit: &Hit, dependant: &Dependant) -> String {
    let Hit { table, of, what } = hit;
    match of {
        Part::Column(column) => format!("{table}.{column} {what}: see that {dependant} doesn't read it"),
        Part::Dropped | Part::MadeAnew => format!("{table} {what}, and {dependant} with it"),
    }
}

/// The columns and tables that an operation takes away or makes anew.
fn hits(operation: &Operation, schema: &Schema) -> Vec<Hit> {
    let on_column = |table: &TableName, column: &ColumnName, what| {
        vec![Hit { table: table.clone(), of: Part::Column(column.clone()), what }]
    };
    match operation {
        Operation::DropTable { table } => {
            vec![Hit { table: table.clone(), of: Part::Dropped, what: "is dropped" }]
        }
        Operation::RebuildTable { table, .. } => {
            vec![Hit { table: table.clone(), of: Part::MadeAnew, what: "is made anew" }]
        }
        Operation::DropColumn { table, column } => on_column(table, column, "is dropped"),
        Operation::AlterType { table, column, .. } => on_column(table, column, "changes its type in place"),
        Operation::SetCollation { table, column, .. } => {
            on_column(table, column, "changes its collation in place")
        }
        Operation::Recompute { table, column, .. } => on_column(table, column, "is made anew"),
        Operation::ReplaceEnum { name, .. } => users(schema, name),
        Operation::RenameTable { .. }
        | Operation::CreateTable { .. }
        | Operation::CreateView { .. }
        | Operation::DropView { .. }
        | Operation::AddColumn { .. }
        | Operation::RenameColumn { .. }
        | Operation::SetDefault { .. }
        | Operation::DropDefault { .. }
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
        | Operation::CopyRows { .. }
        | Operation::Mirror { .. }
        | Operation::Unmirror { .. }
        | Operation::Backfill { .. }
        | Operation::Guard { .. }
        | Operation::CreateExtension { .. }
        | Operation::CreateSchema { .. }
        | Operation::CreateEnum { .. }
        | Operation::DropEnum { .. }
        | Operation::AddEnumValue { .. }
        | Operation::RenameEnumValue { .. } => Vec::new(),
    }
}

fn users(schema: &Schema, name: &EnumName) -> Vec<Hit> {
    let columns = schema.users_of(name).flat_map(|(table, known)| {
        let of_it = known.columns.iter().filter(|(_, column)| column.sql_type.is_of(name));
        of_it.map(move |(column, _)| (table, column))
    });
    let hit = |(table, column): (&TableName, &ColumnName)| Hit {
        table: table.clone(),
        of: Part::Column(column.clone()),
        what: "changes its type in place",
    };
    columns.map(hit).collect()
}

fn question(hit: &Hit, first: &TableName, met: &[&Dependant]) -> Question {
    let Hit { table, of, what } = hit;
    let (subject, column) = match of {
        Part::Column(column) => (format!("{table}.{column}"), Some(ColumnRef::new(first, column))),
        Part::Dropped | Part::MadeAnew => (table.to_string(), None),
    };
    let listed = met.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ");
    Question {
        table: table.clone(),
        column,
        condition: format!("{subject} {what}, and the database has what reads it: {listed}"),
        effect: "the server would refuse the step, or the other would be lost with it; schemig doesn't know what it is for".into(),
        answers: vec![
            format!("write a migration that drops {listed}, or makes it without {subject}, and have it run before this plan's"),
            "then take its entry out of schemig/dependants.toml".into(),
            format!("keep {subject} as it is"),
        ],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::change::{Difference, diff};
    use crate::dialect::Dialect as _;
    use crate::dialect::postgres::Postgres;
    use crate::plan::{PlanId, Request, plan};
    use crate::schema::{Column, DependantKind, Hints, SqlType, Table};

    fn users() -> Table {
        Table::keyed_by(["id"])
            .with_column("id", Column::required(SqlType::BigInt))
            .with_column("email", Column::optional(SqlType::Text))
            .with_column("note", Column::optional(SqlType::Text))
    }

    fn asked(after: &Schema) -> Vec<String> {
        let before = Schema::default().with_table("users", users());
        let difference: Difference =
            diff(&before, after, &Hints::default(), &[], true).expect("nothing to ask");
        let start = State::at_rest(before.clone());
        let made = plan(&Request {
            id: PlanId("0001_x".into()),
            parents: Vec::new(),
            physical: &start,
            from: &before,
            to: after,
            difference: &difference,
            open: &[],
            overlap: true,
            capabilities: Postgres::default().capabilities(),
        })
        .expect("a plan");
        let at = |column: &str| ColumnRef::new(&"users".into(), &column.into());
        let view = Dependant {
            kind: DependantKind::View,
            name: "mails".into(),
            tables: BTreeSet::from(["users".into()]),
            columns: BTreeSet::from([at("id"), at("email")]),
        };
        let trigger = Dependant {
            kind: DependantKind::Trigger,
            name: "stamp of users".into(),
            tables: BTreeSet::from(["users".into()]),
            columns: BTreeSet::new(),
        };
        let Beside { questions, notes } = dependants(&made, &start, &BTreeSet::from([view, trigger]));
        questions.into_iter().map(|question| question.condition).chain(notes).collect()
    }

    #[test]
    fn a_column_that_a_view_reads_is_asked_about_and_another_is_not() {
        let without = |column: &str| {
            let mut table = users();
            table.columns.shift_remove(&ColumnName::from(column));
            Schema::default().with_table("users", table)
        };
        let note = |column: &str| {
            format!("users.{column} is dropped: see that trigger stamp of users doesn't read it")
        };
        let reads = |what: &str| format!("{what} is dropped, and the database has what reads it: view mails");
        assert_eq!(asked(&without("email")), [reads("users.email"), note("email")]);
        assert_eq!(asked(&without("note")), [note("note")]);
        let gone = "users is dropped, and trigger stamp of users with it".to_owned();
        assert_eq!(asked(&Schema::default()), [reads("users"), gone]);
    }
}
