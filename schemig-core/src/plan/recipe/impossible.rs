//! What the server at hand has no means for, on any route: questions, before any recipe runs.

use super::computed_questions::{asked_of_virtual, held_in_place};
use crate::change::{Change, Question};
use crate::plan::context::Context;
use crate::schema::{Column, ColumnName, ColumnRef, SqlType, TableName};

/// What this server can't do, all of it.
pub(in crate::plan) fn impossible(context: &Context<'_>) -> Vec<Question> {
    let mut questions: Vec<Question> =
        context.changes.iter().filter_map(|change| computed_from_renamed(context, change)).collect();
    questions.extend(context.changes.iter().filter_map(|change| altered_beside_computed(context, change)));
    questions.extend(context.changes.iter().filter_map(|change| held_in_place(context, change)));
    questions.extend(context.changes.iter().flat_map(|change| asked_of_virtual(context, change)));
    for (table, column) in context.changes.iter().flat_map(touched) {
        let target = context.to.tables.get(table);
        let numbered = target.and_then(|known| known.columns.get(column)?.identity).is_some();
        let is_key = target.is_some_and(|known| known.primary_key == [column.clone()]);
        if numbered && !is_key && !context.capabilities.numbers_any_column {
            questions.push(unnumbered(table, column));
        }
        let computed = target.and_then(|known| known.columns.get(column)?.generated.as_ref());
        if computed.is_some_and(|by| !by.stored) && !context.capabilities.virtual_columns {
            questions.push(not_virtual(table, column));
        }
    }
    questions
}

/// The columns that a change makes or gives another definition.
pub(super) fn touched(change: &Change) -> Vec<(&TableName, &ColumnName)> {
    match change {
        Change::CreateTable { table, definition, rows: _ } => {
            definition.columns.keys().map(|column| (table, column)).collect()
        }
        Change::AddColumn { table, column, .. }
        | Change::ReplaceColumn { table, to: column, .. }
        | Change::RecomputeColumn { table, column, .. }
        | Change::ChangeIdentity { table, column, .. } => vec![(table, column)],
        Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeCollation { .. }
        | Change::ChangeComments { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => Vec::new(),
    }
}

fn computed_from_renamed(context: &Context<'_>, change: &Change) -> Option<Question> {
    let Change::AddColumn { table, column, definition, .. } = change else { return None };
    let mut renamed = context.changes.iter().filter_map(|other| {
        let (Change::RenameColumn { table: of, to, .. } | Change::ReplaceColumn { table: of, to, .. }) =
            other
        else {
            return None;
        };
        (of == table && definition.is_computed_from(to)).then_some(to)
    });
    let at = ColumnRef::new(table, column);
    renamed.next().map(|to| Question::computed_from_new(&at, to))
}

/// A column that gets another type or collation in place, and is computed or is what another is computed from.
fn altered_beside_computed(context: &Context<'_>, change: &Change) -> Option<Question> {
    let (table, was, column) = match change {
        Change::ReplaceColumn { table, from, to, .. } => (table, from, to),
        Change::RetypeColumn { table, column, .. } | Change::ChangeCollation { table, column, .. } => {
            (table, column, column)
        }
        Change::CreateTable { .. }
        | Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::RecomputeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangeComments { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::AddIndex { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::AddForeignKey { .. }
        | Change::DropForeignKey { .. }
        | Change::AddCheck { .. }
        | Change::DropCheck { .. }
        | Change::CreateEnum { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => return None,
    };
    let at = ColumnRef::new(table, column);
    let known = context.table(table)?;
    let target = context.to.tables.get(table);
    let is_computed = |found: Option<&Column>| found.is_some_and(|found| found.generated.is_some());
    if is_computed(known.columns.get(was)) || is_computed(context.to.column(&at)) {
        return Some(Question::computed_and_altered(&at));
    }
    if !context.capabilities.alters_in_place {
        return None;
    }
    let is_integer =
        |known: &Column| [SqlType::SmallInt, SqlType::Integer, SqlType::BigInt].contains(&known.sql_type);
    let (old, new) = (known.columns.get(was)?, context.to.column(&at)?);
    if old.identity.is_some() && new.identity.is_none() && (new.default.is_some() || !is_integer(new)) {
        return Some(Question {
            table: table.clone(),
            column: Some(at.clone()),
            condition: format!("{change}, and the server numbers it no more"),
            effect:
                "it is numbered until the old release is gone, and neither the type nor the default fits that"
                    .into(),
            answers: vec!["take `identity` away first; the rest when that plan's contract is done".into()],
        });
    }
    let before = known.columns.iter().filter(|(_, other)| other.is_computed_from(was));
    // What is computed from a column under a new name is asked about by itself.
    let after = target.filter(|_| was == column).into_iter().flat_map(|target| &target.columns);
    let after = after.filter(|(_, other)| other.is_computed_from(column));
    let (computed, _) = before.chain(after).next()?;
    Some(Question {
        table: table.clone(),
        column: Some(at),
        condition: format!("{change}, and {computed} is computed from it"),
        effect: "the server refuses that".into(),
        answers: vec![
            format!("{computed} out of the model first, and back in when that plan's contract is done"),
            "take this change of the model back".into(),
        ],
    })
}

fn not_virtual(table: &TableName, column: &ColumnName) -> Question {
    let at = ColumnRef::new(table, column);
    Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{at} is to be computed by each read"),
        effect: "this version of the database has stored computed columns only".into(),
        answers: vec![
            "#[schemig(generated(\"…\", stored))]: on a table that has rows, that writes every row".into(),
            "a newer server, if that is what runs: `server` in schemig.toml".into(),
        ],
    }
}

fn unnumbered(table: &TableName, column: &ColumnName) -> Question {
    let at = ColumnRef::new(table, column);
    Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{at} is to be numbered by the server, and isn't the whole primary key"),
        effect: "this database numbers nothing but a primary key of one integer: an INSERT that leaves the column out would fail"
            .into(),
        answers: vec![
            "take `identity` away, and let the app number it".into(),
            format!("#[diesel(primary_key({column}))], if it is the key"),
        ],
    }
}
