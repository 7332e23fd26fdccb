//! What the server at hand has no means for, on any route: questions, before any recipe runs.

use crate::change::{Change, Question};
use crate::plan::context::Context;
use crate::schema::{ColumnName, ColumnRef, TableName};

/// What this server can't do, all of it.
pub(in crate::plan) fn impossible(context: &Context<'_>) -> Vec<Question> {
    let mut questions: Vec<Question> =
        context.changes.iter().filter_map(|change| computed_from_renamed(context, change)).collect();
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
fn touched(change: &Change) -> Vec<(&TableName, &ColumnName)> {
    match change {
        Change::CreateTable { table, definition } => {
            definition.columns.keys().map(|column| (table, column)).collect()
        }
        Change::AddColumn { table, column, .. }
        | Change::ReplaceColumn { table, to: column, .. }
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
