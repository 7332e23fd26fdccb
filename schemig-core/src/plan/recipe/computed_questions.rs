//! What the server at hand can't make of a computed column, on any route: questions, before any recipe runs.

use crate::change::{Change, Question};
use crate::plan::context::Context;
use crate::schema::{ColumnName, ColumnRef, TableName};

/// A column that can't be made anew, for something else hangs on it.
pub(super) fn held_in_place(context: &Context<'_>, change: &Change) -> Option<Question> {
    let Change::RecomputeColumn { table, column, .. } = change else { return None };
    let known = context.table(table)?;
    let sides = || [Some(known), context.to.tables.get(table)].into_iter().flatten();
    let is_key = sides().any(|side| side.primary_key.contains(column));
    let others = context.known.tables.iter().flat_map(|(_, other)| other.foreign_keys.values());
    let mut referring = others.filter(|key| key.references == *table && key.key.contains(column));
    let computed = sides().find_map(|side| {
        side.columns.iter().find(|(_, other)| other.is_computed_from(column)).map(|(name, _)| name)
    });
    let what = if is_key {
        "it is the primary key".to_owned()
    } else if referring.next().is_some() {
        "a foreign key refers to it".to_owned()
    } else {
        let computed = computed.filter(|_| context.capabilities.alters_in_place)?;
        format!("{computed} is computed from it")
    };
    let at = ColumnRef::new(table, column);
    Some(Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{change}, and {what}"),
        effect: "the column would have to be dropped and added, which the server refuses".into(),
        answers: vec![
            format!(
                "another column in its place, under the same field: #[diesel(column_name = {column}_new)], #[schemig(renamed_from = none)]"
            ),
            "take this change of the model back".into(),
        ],
    })
}

/// What the change asks of a column that each read computes, where the server does less with those than with stored ones.
pub(super) fn asked_of_virtual(context: &Context<'_>, change: &Change) -> Vec<Question> {
    if context.capabilities.virtual_as_stored {
        return Vec::new();
    }
    let table = change.table();
    let Some(target) = context.to.tables.get(table) else { return Vec::new() };
    let columns =
        target.columns.iter().filter(|(_, column)| column.generated.as_ref().is_some_and(|by| !by.stored));
    let mut questions = Vec::new();
    for (name, column) in columns {
        let made = super::impossible::touched(change).contains(&(table, name));
        let indexed = if let Change::AddIndex { definition, .. }
        | Change::ReplaceIndex { to: definition, .. } = change
        {
            definition.reads(name)
        } else {
            made && target.indexes.values().any(|index| index.reads(name))
        };
        let own = made && context.to.enum_of(&column.sql_type).is_some();
        let asked = [(indexed, "and has an index"), (own, "and is an enum")];
        questions.extend(
            asked.into_iter().filter(|(asked, _)| *asked).map(|(_, what)| only_stored(table, name, what)),
        );
    }
    questions
}

fn only_stored(table: &TableName, column: &ColumnName, what: &str) -> Question {
    let at = ColumnRef::new(table, column);
    Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{at} is to be computed by each read, {what}"),
        effect: "this version of the database refuses that".into(),
        answers: vec![
            "#[schemig(generated(\"…\", stored))]: on a table that has rows, that writes every row".into(),
            "take the index, or the type, away".into(),
        ],
    }
}
