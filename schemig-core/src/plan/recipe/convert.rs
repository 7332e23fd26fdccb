//! What has to be said before values change their type: a cast that loses something is never taken without the user's word.

use crate::change::{Change, Question};
use crate::plan::context::Context;
use crate::plan::{Cast, Kept};
use crate::schema::{ColumnName, ColumnRef, Conversion, SqlType, TableName};

/// What isn't said about the conversions of a plan; `overlap` is whether the old release goes on writing.
pub(in crate::plan) fn conversions(context: &Context<'_>, overlap: bool) -> Vec<Question> {
    let mut questions = Vec::new();
    for change in context.changes {
        if let Change::RetypeColumn { table, column, from, to, conversion } = change {
            questions.extend(unsaid(context, &ColumnRef::new(table, column), [from, to], conversion));
            questions.extend(unlike(context, table, column));
        } else if let Change::ReplaceColumn { table, from, to, conversion } = change {
            questions.extend(of_replaced(context, table, [from, to], conversion));
            questions.extend(unlike(context, table, to));
            questions.extend(overlap.then(|| crowded(context, table, [from, to])).flatten());
        } else if let Change::RenameColumn { table, from, to } = change {
            questions.extend(overlap.then(|| tied(context, table, [from, to])).flatten());
        }
    }
    questions
}

fn of_replaced(
    context: &Context<'_>,
    table: &TableName,
    [from, to]: [&ColumnName; 2],
    conversion: &Conversion,
) -> Vec<Question> {
    let at = ColumnRef::new(table, to);
    match (context.column(table, from), context.to.column(&at)) {
        (Some(old), Some(new)) => unsaid(context, &at, [&old.sql_type, &new.sql_type], conversion),
        (Some(_), None) | (None, Some(_)) | (None, None) => Vec::new(),
    }
}

fn unsaid(
    context: &Context<'_>,
    at: &ColumnRef,
    [from, to]: [&SqlType; 2],
    conversion: &Conversion,
) -> Vec<Question> {
    let Cast { kept: forth, .. } = (context.capabilities.cast)(from, to);
    let Cast { kept: back, .. } = (context.capabilities.cast)(to, from);
    let mut questions = Vec::new();
    let lost = match forth {
        Kept::All => None,
        Kept::Some(lost) => Some(format!("these would be changed, or fail: {lost}")),
        Kept::None => Some("the server has no cast for it".to_owned()),
    };
    if let (Some(effect), None) = (lost, &conversion.forth) {
        questions.push(Question {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("the values of {at} are to become {to}, and were {from}"),
            effect,
            answers: vec![
                "#[schemig(convert = \"…\")], an expression over the row's columns that gives every value its new form".into(),
                format!("keep the type: #[schemig(sql_type = \"{from}\")], where Rust's type can read it"),
            ],
        });
    }
    if back == Kept::None && conversion.back.is_none() {
        questions.push(Question {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("the values of {at} can't become {from} again: the server has no cast for it"),
            effect: "the old release couldn't read what the new one writes, and no down could bring it back"
                .into(),
            answers: vec!["#[schemig(convert_back = \"…\")], an expression over the row's columns".into()],
        });
    }
    questions
}

/// A column that keys hang on is renamed: what takes over from it under another type can, but nobody needs that for a name.
fn tied(context: &Context<'_>, table: &TableName, [from, to]: [&ColumnName; 2]) -> Option<Question> {
    let known = context.table(table)?;
    let referred = context.known.tables.iter().find(|(_, child)| {
        child.foreign_keys.values().any(|key| key.references == *table && key.key.contains(from))
    });
    let why = match referred {
        Some((child, _)) => format!("a foreign key of {child} refers to it"),
        None if known.primary_key.contains(from) => "it is in the primary key".to_owned(),
        None => return None,
    };
    Some(Question {
        table: table.clone(),
        column: Some(ColumnRef::new(table, to)),
        condition: format!("{table}.{from} is renamed to {to}, and {why}"),
        effect: "the key would have to hold for both columns while both releases run".into(),
        answers: vec![
            format!(
                "#[diesel(column_name = {from})] on the field: no migration at all, only Rust sees the new name"
            ),
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap"
                .into(),
        ],
    })
}

/// A column of a key is replaced beside something that needs the key at once, or beside another column of it.
fn crowded(context: &Context<'_>, table: &TableName, [from, to]: [&ColumnName; 2]) -> Option<Question> {
    let known = context.table(table)?;
    let others = context.changes.iter().filter(|change| change.table() == table).filter(|change| {
        matches!(change, Change::RenameColumn { from: other, .. } | Change::ReplaceColumn { from: other, .. }
            if other != from && known.primary_key.contains(other))
    });
    let beside = others.filter(|_| known.primary_key.contains(from));
    let early = context.changes.iter().filter(|change| {
        matches!(change, Change::CreateTable { definition, .. }
            if definition.foreign_keys.values().any(|key| key.references == *table && key.key.contains(to)))
    });
    let other = beside.chain(early).next()?;
    let at = ColumnRef::new(table, to);
    Some(Question {
        table: table.clone(),
        column: Some(at.clone()),
        condition: format!("{table}.{from} is to be replaced by {to}, and at the same time: {other}"),
        effect: "the key would have to hold for both columns while both releases run".into(),
        answers: vec![
            "one after the other: the second when the first one's contract is done".into(),
            "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap"
                .into(),
        ],
    })
}

/// Foreign keys between columns that a server can't compare, once one of them has another type.
fn unlike(context: &Context<'_>, table: &TableName, column: &ColumnName) -> Vec<Question> {
    let tables = context.to.tables.iter();
    let keys = tables.flat_map(|(child, known)| known.foreign_keys.values().map(move |key| (child, key)));
    let pairs = keys.flat_map(|(child, key)| {
        let own = key.columns.iter().map(|own| ColumnRef::new(child, own));
        own.zip(key.key.iter().map(|parent| ColumnRef::new(&key.references, parent)))
    });
    let at = ColumnRef::new(table, column);
    let touched = pairs.filter(|(own, parent)| *own == at || *parent == at);
    touched
        .filter_map(|(own, parent)| {
            let one = &context.to.column(&own)?.sql_type;
            let other = &context.to.column(&parent)?.sql_type;
            let fits =
                one == other || one.is_read_as(other) || (one.is_whole_number() && other.is_whole_number());
            (!fits).then(|| Question {
                table: table.clone(),
                column: Some(at.clone()),
                condition: format!("{own} refers to {parent}, and is to be {one} where that is {other}"),
                effect: "the server has no foreign key between the two".into(),
                answers: vec![
                    "the same type for both, in one go".into(),
                    "or take the foreign key away".into(),
                ],
            })
        })
        .collect()
}
