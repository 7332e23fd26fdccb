//! A schema from nothing.

use super::{Capabilities, recipe};
use crate::change::{Change, diff};
use crate::operation::Operation;
use crate::schema::{Hints, Schema};

/// What makes a schema in an empty database of a server that can do this, in an order in which keys find their tables: a circle is
/// closed last.
pub fn creation(schema: &Schema, capabilities: Capabilities) -> Vec<Operation> {
    // Where there is nothing, there is nothing to ask.
    let changes = diff(&Schema::default(), schema, &Hints::default(), &[], false).map(|found| found.changes);
    let first =
        [recipe::spaces_of(schema, capabilities), recipe::extensions_of(schema, capabilities)].concat();
    first.into_iter().chain(changes.unwrap_or_default().into_iter().filter_map(operation)).collect()
}

/// From nothing, a difference is made of new enums, new tables and of the keys that close circles.
fn operation(change: Change) -> Option<Operation> {
    match change {
        Change::CreateEnum { name, definition } => Some(Operation::CreateEnum { name, definition }),
        Change::CreateTable { table, definition, rows: _ } => {
            Some(Operation::CreateTable { table, definition })
        }
        Change::AddForeignKey { table, name, definition } => {
            Some(Operation::AddForeignKey { table, name, definition, validated: true })
        }
        Change::AddIndex { table, index, definition } => {
            Some(Operation::CreateIndex { table, index, definition, online: false })
        }
        Change::AddCheck { table, name, definition } => {
            Some(Operation::AddCheck { table, name, definition, validated: true })
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
        | Change::ChangeCollation { .. }
        | Change::RecomputeColumn { .. }
        | Change::ChangeComments { .. }
        | Change::ChangeDefault { .. }
        | Change::ChangeIdentity { .. }
        | Change::ChangePrimaryKey { .. }
        | Change::DropIndex { .. }
        | Change::ReplaceIndex { .. }
        | Change::DropForeignKey { .. }
        | Change::DropCheck { .. }
        | Change::DropEnum { .. }
        | Change::AddEnumValue { .. }
        | Change::RenameEnumValue { .. }
        | Change::ReplaceEnum { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::creation;
    use crate::dialect::Dialect as _;
    use crate::dialect::postgres::Postgres;
    use crate::schema::{Action, Column, ForeignKey, Provenance, Schema, SqlType, State, Table};

    #[test]
    fn a_schema_with_a_circle_is_made_whole() {
        let to = |parent: &str| ForeignKey {
            columns: vec!["other".into()],
            references: parent.into(),
            key: vec!["id".into()],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferral: Default::default(),
            provenance: Provenance::Declared,
        };
        let table = |parent| {
            let integer = || Column::required(SqlType::Integer);
            Table::keyed_by(["id"])
                .with_column("id", integer())
                .with_column("other", integer())
                .with_foreign_key("fk", to(parent))
        };
        let schema = Schema::default().with_table("a", table("b")).with_table("b", table("a"));
        let mut state = State::default();
        for operation in creation(&schema, Postgres::default().capabilities()) {
            state.apply(&operation).unwrap_or_else(|why| panic!("{operation}: {why}"));
        }
        assert_eq!(state.schema, schema);
    }
}
