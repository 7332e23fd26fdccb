//! What models ask for and this server, in this version, has not: questions, whichever route is taken.

use std::collections::BTreeSet;

use crate::change::{Change, Question};
use crate::plan::context::Context;
use crate::schema::{Deferral, Index, IndexName, TableName};

/// All that the changes ask for in vain.
pub(in crate::plan) fn inability(context: &Context<'_>) -> Vec<Question> {
    let of = |change| indexes(context, change).into_iter().chain(space(context, change));
    exclusions(context).into_iter().chain(context.changes.iter().flat_map(of)).collect()
}

/// Exclusion constraints of tables that change, where there are none: each once, whatever the change is about.
fn exclusions(context: &Context<'_>) -> Vec<Question> {
    if context.capabilities.exclusions {
        return Vec::new();
    }
    let tables: BTreeSet<&TableName> = context.changes.iter().map(Change::table).collect();
    let mut asked = Vec::new();
    for table in tables {
        let sides = [context.table(table), context.to.tables.get(table)].into_iter().flatten();
        let named = sides.flat_map(|side| &side.indexes).filter(|(_, index)| index.excludes());
        asked.extend(named.map(|(name, _)| name).collect::<BTreeSet<_>>().into_iter().map(|name| Question {
            table: table.clone(),
            column: None,
            condition: format!("exclusion constraint {name} of {table}: this server has no such thing"),
            effect: "it would refuse the table, or rows would not be kept apart as the model says".into(),
            answers: vec!["take `exclude(…)` away, and let the app keep rows apart".into()],
        }));
    }
    asked
}

/// A table in a schema (namespace) where there are none.
fn space(context: &Context<'_>, change: &Change) -> Option<Question> {
    let asks = if let Change::CreateTable { table, .. } = change {
        table.schema.is_some()
    } else if let Change::RenameTable { from, to } = change {
        from.schema != to.schema
    } else {
        false
    };
    (asks && !context.capabilities.schemas).then(|| Question {
        table: change.table().clone(),
        column: None,
        condition: format!("{change}, and this server has no schemas to make"),
        effect: "there is no place for the table".into(),
        answers: vec!["take `schema` away from the model".into()],
    })
}

fn indexes(context: &Context<'_>, change: &Change) -> Vec<Question> {
    match change {
        Change::CreateTable { table, definition, rows: _ } => {
            let indexes = definition.indexes.iter();
            indexes.flat_map(|(name, index)| index_options(context, table, name, index)).collect()
        }
        Change::AddIndex { table, index, definition }
        | Change::ReplaceIndex { table, index, from: _, to: definition } => {
            index_options(context, table, index, definition)
        }
        Change::DropTable { .. }
        | Change::RenameTable { .. }
        | Change::AddColumn { .. }
        | Change::DropColumn { .. }
        | Change::RenameColumn { .. }
        | Change::ReplaceColumn { .. }
        | Change::RetypeColumn { .. }
        | Change::RequireColumn { .. }
        | Change::RelaxColumn { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::DropIndex { .. }
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

fn index_options(context: &Context<'_>, table: &TableName, name: &IndexName, index: &Index) -> Vec<Question> {
    let able = context.capabilities;
    let class = index.orders.iter().any(|order| order.class.is_some());
    let nulls = index.orders.iter().any(|order| order.nulls.is_some());
    let vain = [
        (class && !able.index_options, "ops(…)", "knows no operator classes"),
        (nulls && !able.index_options, "nulls first or nulls last", "has its own place for NULL"),
        (!index.storage.is_empty() && !able.index_options, "with = \"…\"", "knows no storage parameters"),
        (
            index.nulls_not_distinct && !able.nulls_not_distinct,
            "nulls_not_distinct",
            "never holds NULL to be like NULL",
        ),
        (
            index.deferral != Deferral::Never && !able.deferrable_keys,
            "deferrable or deferred",
            "checks unique keys with each statement",
        ),
    ];
    let unable = |(_, word, what): (bool, &str, &str)| Question {
        table: table.clone(),
        column: None,
        condition: format!("index {name} of {table}: this server, in this version, {what}"),
        effect: "it would refuse the index, or make another one than the model says".into(),
        answers: vec![
            format!("take {word} away"),
            "when the server is newer than schemig knows: `server` in schemig.toml says its version".into(),
        ],
    };
    vain.into_iter().filter(|(vain, ..)| *vain).map(unable).collect()
}
