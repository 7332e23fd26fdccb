//! What only a person can decide. The answer is written in the models, so that it is reviewed; nothing is ever asked at a prompt.

mod computed;
mod partitions;

use super::Change;
use crate::plan::PlanId;
use crate::schema::{ColumnName, ColumnRef, EnumName, Expression, TableName};

/// A point at which more than one thing could be meant, or nothing safe can be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// The table that it is about: the diagnostic points at its model.
    pub table: TableName,
    /// The column, when it is about one.
    pub column: Option<ColumnRef>,
    /// What can't be decided, in a sentence.
    pub condition: String,
    /// What would happen otherwise, in a sentence.
    pub effect: String,
    /// What to write, the cheapest answer first.
    pub answers: Vec<String>,
}

impl Question {
    /// A change that schemig can't make yet.
    pub(crate) fn not_yet(table: &TableName, at: Option<&ColumnRef>, what: &str) -> Self {
        let subject = at.map_or_else(|| table.to_string(), ToString::to_string);
        Self {
            table: table.clone(),
            column: at.cloned(),
            condition: format!("{subject}: {what}"),
            effect:
                "schemig has no safe steps for this yet, and plans nothing rather than something that fails"
                    .into(),
            answers: vec![
                "take this change of the model back, or write the migration by hand".into(),
                "add a second field under a new name beside the old one, and move over in two releases"
                    .into(),
            ],
        }
    }

    /// Another collation while releases run beside each other.
    pub(crate) fn collation(at: &ColumnRef, from: Option<&String>, to: Option<&String>) -> Self {
        let rules = |collation: Option<&String>| collation.map_or("the usual one", String::as_str).to_owned();
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at}: its collation changes from {} to {}", rules(from), rules(to)),
            effect: "every index over it is built anew while nobody reads or writes the table, and what a key or a comparison takes for equal changes under the running release"
                .into(),
            answers: vec![
                format!(
                    "a second field with this collation and #[schemig(backfill = \"{}\")] beside it, and move over in two releases",
                    at.column
                ),
                "stop the old release before you migrate: `overlap = false` in schemig.toml, or --no-overlap".into(),
            ],
        }
    }

    /// A required column that rows which stand have no value for.
    pub(crate) fn required_without_value(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} must not be NULL, and nothing says what the rows that stand get"),
            effect: "the server would refuse, and the release that runs now could insert no row".into(),
            answers: vec![
                "#[schemig(default = \"…\")], when one value serves all rows".into(),
                "#[schemig(backfill = \"…\")], an expression over the row's own columns".into(),
                "#[schemig(backfill(from = \"table\", key = \"column\", value = \"column\"))], to look it up"
                    .into(),
                "an Option for one release".into(),
            ],
        }
    }

    /// A type that changes in place, and a default that goes with it.
    pub(crate) fn default_with_type(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} changes its type, and loses its default at the same time"),
            effect: "the running release inserts rows without it, and they would fail".into(),
            answers: vec![
                "#[schemig(default = \"…\")] for one release more, a value of the new type".into(),
                "take the default away first, in a release of its own".into(),
            ],
        }
    }

    /// A column that is to be numbered and has a default that no model said.
    pub(crate) fn numbered_beside_default(at: &ColumnRef, default: &Expression) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is to be numbered by the server, and the database has a default for it: {default}"),
            effect: "a column has one of the two; the default was there before any model, so schemig doesn't drop it unasked".into(),
            answers: vec!["#[schemig(identity, default = none)]: the default goes".into()],
        }
    }

    /// A new computed column that reads another new one.
    pub(crate) fn computed_from_new(at: &ColumnRef, from: &ColumnName) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is computed from {from}, which is new or renamed too"),
            effect: "it would be computed before the other has its values".into(),
            answers: vec![format!("add {from} first, and {} when that plan's contract is done", at.column)],
        }
    }

    /// A computed column that reads one that goes.
    pub(crate) fn computed_from_gone(at: &ColumnRef, from: &ColumnName) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is computed from {from}, which is in no model any more"),
            effect: "the server refuses to drop a column that another is computed from".into(),
            answers: vec![
                format!("take {} out of the model too", at.column),
                format!("leave {from} in the model"),
            ],
        }
    }

    /// A column that is numbered and is to hold NULL.
    pub(crate) fn null_beside_number(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} may be NULL in its model, and the database numbers it"),
            effect: "a server numbers only columns that reject NULL".into(),
            answers: vec![
                "take the `Option` away".into(),
                "#[schemig(identity = none)]: the database numbers it no more".into(),
            ],
        }
    }

    /// A new column that is to be numbered, and filled with something else.
    pub(crate) fn numbered_beside_backfill(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is numbered by the server, and its model says what rows that stand get"),
            effect: "rows that stand are numbered as new ones are; with values of their own they might have a number twice".into(),
            answers: vec![
                "take `backfill` away: rows that stand are numbered".into(),
                "leave `identity` out for now: a plain column first, numbered when that plan's contract is done".into(),
            ],
        }
    }

    /// A column that is to be numbered and may hold NULL now.
    pub(crate) fn numbered_beside_null(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is to be numbered by the server, and may hold NULL now"),
            effect:
                "a server numbers only columns that reject NULL, and that comes when the old release is gone"
                    .into(),
            answers: vec![
                "make it a plain number first; number it when that plan's contract is done".into(),
                "a new field with #[schemig(identity)] beside it: rows that stand are numbered too".into(),
            ],
        }
    }

    /// A backfill expression with a sub-query.
    pub(crate) fn backfill_reads_other_rows(at: &ColumnRef, expression: &Expression) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("the backfill of {at} reads other rows: {expression}"),
            effect: "nothing would keep the column in step when those rows change, and the new release would read stale values"
                .into(),
            answers: vec![
                "#[schemig(backfill(from = \"table\", key = \"column\", value = \"column\", otherwise = \"…\"))], which is kept in step".into(),
            ],
        }
    }

    /// A looked-up column on a table whose key isn't one column.
    pub(crate) fn source_needs_single_key(at: &ColumnRef) -> Self {
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is looked up by its row's primary key, which isn't a single column"),
            effect: "the source's key couldn't say which row it means".into(),
            answers: vec!["#[schemig(backfill = \"…\")], an expression over the row's own columns".into()],
        }
    }

    /// A column on its way out that N's inserts would trip over.
    pub(crate) fn drop_needs_fill(at: &ColumnRef, why: &str) -> Self {
        let column = &at.column;
        Self {
            table: at.table.clone(),
            column: Some(at.clone()),
            condition: format!("{at} is in no model any more, and {why}"),
            effect: "until it is dropped, the new release's inserts would fail, or the old release would read NULL".into(),
            answers: vec![
                format!("on the struct: #[schemig(dropped(\"{column}\", fill = \"expression\"))], what rows of the new release get in it"),
                format!("on the struct: #[schemig(dropped(\"{column}\", fill = none))], when the old release needn't read those rows"),
            ],
        }
    }

    /// A dropped and an added column that may be one.
    pub(crate) fn column_rename(table: &TableName, from: &ColumnName, to: &ColumnName) -> Self {
        Self {
            table: table.clone(),
            column: Some(ColumnRef::new(table, to)),
            condition: format!("{table}.{from} is gone and {table}.{to} is new, with the same type"),
            effect: "a rename keeps the values; a drop and an add lose them".into(),
            answers: vec![
                format!(
                    "#[diesel(column_name = {from})] on the field: no migration at all, only Rust sees the new name"
                ),
                format!(
                    "#[schemig(renamed_from = \"{from}\")] on the field: the column is renamed, both names live until contract"
                ),
                "#[schemig(renamed_from = none)] on the field: really drop the one and add the other".into(),
            ],
        }
    }

    /// A label that is gone and one that is new, which may be one.
    pub(crate) fn label_rename(name: &EnumName, from: &str, to: &str) -> Self {
        Self {
            table: name.clone(),
            column: None,
            condition: format!("value '{from}' of enum {name} is gone and '{to}' is new"),
            effect: "a rename keeps the rows that hold it; otherwise no row may hold it any more".into(),
            answers: vec![
                format!(
                    "#[schemig(label = \"{from}\")] on the variant: no migration at all, only Rust sees the new name"
                ),
                format!(
                    "#[schemig(renamed_from = \"{from}\")] on the variant: the value is renamed, while no release runs"
                ),
                "#[schemig(renamed_from = none)] on the variant: really remove the one and add the other"
                    .into(),
            ],
        }
    }

    /// A dropped and an added table that may be one.
    pub(crate) fn table_rename(from: &TableName, to: &TableName) -> Self {
        Self {
            table: to.clone(),
            column: None,
            condition: format!("table {from} is gone and table {to} is new, with the same columns"),
            effect: "a rename keeps the rows; a drop and a create lose them".into(),
            answers: vec![
                format!(
                    "#[schemig(name = \"{from}\")] on the struct: no migration at all, only Rust sees the new name"
                ),
                format!(
                    "#[schemig(renamed_from = \"{from}\")] on the struct: the table is renamed, the old name lives on as a view until contract"
                ),
                "#[schemig(renamed_from = none)] on the struct: really drop the one and create the other"
                    .into(),
            ],
        }
    }

    /// A change of something that an open plan hasn't ended.
    pub(crate) fn waits(table: &TableName, plan: &PlanId, waiting: &Change) -> Self {
        Self {
            table: table.clone(),
            column: None,
            condition: format!("plan {plan} isn't ended here: {waiting}"),
            effect: "its waiting steps would meet a table that has changed under them".into(),
            answers: vec![
                format!("when that release runs everywhere: cargo schemig contract {plan}"),
                "or take that change back in the models first".into(),
            ],
        }
    }
}
