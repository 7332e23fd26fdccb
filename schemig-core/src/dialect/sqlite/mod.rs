//! SQLite, as Diesel sends migrations to it: one string, run statement by statement until one fails.
//!
//! SQLite can't fill or mirror (DOCTRINE R11): its triggers don't assign, its views take no RETURNING and no upsert. What
//! ALTER can't do is done by making the table anew, in a transaction of its own.

mod alter;
mod backfill;
mod cast;
mod contract;
mod effect;
mod guard;
mod quote;
mod rates;
mod rebuild;
mod rows;
mod statement;
mod table;
mod types;

pub use alter::alters_in_place;
pub use cast::cast;
pub use contract::LET_CONTRACT;
pub use types::{declared_type, inferred_type};

use super::{ContractGuard, CustomType, Dialect, Effect, Printing, Rates, Rendered};
use crate::operation::Operation;
use crate::plan::Capabilities;
use crate::schema::{Schema, Shared, SqlType, State, Table, TableName};
use quote::{name, qualified};
use statement::Statement;

/// SQLite of one version.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sqlite {
    /// Major and minor, such as `(3, 35)`: the oldest that drops columns, and the oldest that schemig knows.
    pub version: (u32, u32),
}

impl Sqlite {
    /// The schema as SQLite gives it back: it has no enums, no comments, no access methods and no stored columns in indexes, its one
    /// integer for keys is 64 bits wide, and some types share a spelling.
    pub fn kept(&self, schema: &Schema) -> Schema {
        Schema {
            tables: schema.tables.iter().map(|(name, table)| (name.clone(), types::kept(table))).collect(),
            enums: Shared::default(),
        }
    }

    /// What one operation is written as, when it needs no transaction of its own.
    fn statements(&self, operation: &Operation, before: &State) -> Vec<Statement> {
        match operation {
            Operation::CreateTable { table, definition } => {
                Statement::plain(table::create(table, definition))
            }
            Operation::DropTable { table } => drop_table(table, before),
            Operation::RenameTable { from, to } => {
                Statement::plain([format!("ALTER TABLE {} RENAME TO {};", qualified(from), name(&to.name))])
            }
            Operation::CreateView { view, table, columns } => {
                Statement::plain([table::create_view(view, table, columns)])
            }
            Operation::DropView { view } => Statement::plain([format!("DROP VIEW {};", qualified(view))]),
            Operation::CreateIndex { table, index, definition, online: _ } => {
                Statement::plain([table::create_index(table, index, definition)])
            }
            Operation::GuardIndex { table, index, definition: _ } => guard::index(table, index),
            Operation::DropIndex { table, index, online: _ } => {
                Statement::plain([table::drop_index(table, index)])
            }
            Operation::RenameIndex { table, from, to } => table::rename_index(table, from, to, before),
            Operation::KeepFilled { .. }
            | Operation::StopFilling { .. }
            | Operation::Follow { .. }
            | Operation::StopFollowing { .. }
            | Operation::FollowRows { .. }
            | Operation::StopFollowingRows { .. }
            | Operation::Mirror { .. }
            | Operation::Unmirror { .. } => {
                guard::refusal(&format!("SQLite's triggers can't assign, so it can't: {operation}"))
            }
            // It has none, so a capture for it has none either.
            Operation::SetComments { .. } | Operation::Validate { .. } => Vec::new(),
            Operation::Backfill { table, column, origin, batched: _ } => {
                backfill::statements(table, column, origin, before)
            }
            Operation::CopyRows { table, rows, batched: _ } => rows::copy(table, rows, before),
            Operation::Guard { table, against } => guard::violation(table, against, before),
            Operation::AddColumn { .. }
            | Operation::DropColumn { .. }
            | Operation::RenameColumn { .. }
            | Operation::SetDefault { .. }
            | Operation::DropDefault { .. }
            | Operation::AlterType { .. }
            | Operation::SetCollation { .. }
            | Operation::Recompute { .. }
            | Operation::Number { .. }
            | Operation::HandOverNumbers { .. }
            | Operation::ChangePrimaryKey { .. }
            | Operation::SetNotNull { .. }
            | Operation::DropNotNull { .. }
            | Operation::AddCheck { .. }
            | Operation::DropCheck { .. }
            | Operation::AddForeignKey { .. }
            | Operation::DropForeignKey { .. } => alter::statements(operation, before),
            Operation::RebuildTable { table, definition, values, back: _ } => {
                rebuild::statements(table, definition, values, before)
            }
            Operation::BeginIndex { .. }
            | Operation::BuildIndexPart { .. }
            | Operation::JoinIndexParts { .. } => {
                guard::refusal(&format!("SQLite's tables have no partitions, so it can't: {operation}"))
            }
            Operation::Constrain { .. } => guard::refusal(&format!(
                "SQLite checks unique keys with each statement, so it can't: {operation}"
            )),
            Operation::CreateExtension { .. } | Operation::CreateSchema { .. } => guard::refusal(&format!(
                "SQLite has neither schemas nor extensions of this kind, so it can't: {operation}"
            )),
            Operation::CreateEnum { .. }
            | Operation::DropEnum { .. }
            | Operation::AddEnumValue { .. }
            | Operation::RenameEnumValue { .. }
            | Operation::ReplaceEnum { .. } => {
                guard::refusal(&format!("SQLite has no enums, so it can't: {operation}"))
            }
        }
    }

    /// What one operation is written as, and whether it needs foreign keys to be off, and so a transaction of its own.
    fn written(&self, operation: &Operation, before: &State) -> (Vec<Statement>, bool) {
        if self.alters_in_place(operation, before) {
            return (self.statements(operation, before), false);
        }
        if let Operation::RebuildTable { .. } = operation {
            return (self.statements(operation, before), true);
        }
        match alter::rebuilt(operation, before) {
            Some((table, definition)) => {
                (rebuild::statements(table, &definition, &alter::computed(operation), before), true)
            }
            None => (guard::refusal(&format!("SQLite can't: {operation}")), false),
        }
    }
}

/// DROP TABLE deletes the rows first, and RESTRICT on a key to the table itself would refuse that; deferred, it doesn't.
/// The setting ends with the transaction.
fn drop_table(table: &TableName, before: &State) -> Vec<Statement> {
    let to_itself = |known: &Table| known.foreign_keys.values().any(|key| key.references == *table);
    let defer = before.schema.tables.get(table).is_some_and(to_itself);
    let defer = defer.then(|| "PRAGMA defer_foreign_keys = ON;".to_owned());
    Statement::plain(defer.into_iter().chain([format!("DROP TABLE {};", qualified(table))]))
}

impl Dialect for Sqlite {
    fn name(&self) -> &'static str {
        "sqlite"
    }

    fn version(&self) -> (u32, u32) {
        self.version
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            online_indexes: false,
            triggers_assign: false,
            alters_in_place: false,
            updatable_views: false,
            stable_defaults: false,
            index_options: false,
            nulls_not_distinct: false,
            deferrable_keys: false,
            exclusions: false,
            virtual_columns: true,
            virtual_as_stored: true,
            numbers_any_column: false,
            security_invoker: false,
            schemas: false,
            partition_triggers: false,
            partition_keys_unproved: false,
            extension: |_| None,
            cast,
        }
    }

    /// Comments are nowhere in its catalog.
    fn forget_unkept(&self, schema: &mut Schema) {
        schema.forget_comments();
    }

    fn render(&self, operations: &[Operation], before: &State) -> Rendered {
        let mut state = before.clone();
        let mut statements = Vec::new();
        let mut own_transaction = false;
        for operation in operations {
            let (written, alone) = self.written(operation, &state);
            statements.extend(written);
            own_transaction |= alone;
            state = alter::after(operation, state);
        }
        if statements.is_empty() {
            statements.push(Statement::Plain("SELECT 1;".to_owned()));
        }
        let mut lines: Vec<String> =
            statements.iter().map(|statement| statement.sql(own_transaction)).collect();
        if own_transaction {
            lines = rebuild::in_own_transaction(lines);
        }
        Rendered { sql: lines.join("\n") + "\n", transactional: !own_transaction }
    }

    fn guard_contract(
        &self,
        guard: &ContractGuard<'_>,
        _up: &Rendered,
        in_transaction: bool,
    ) -> Option<String> {
        Some(contract::guard(guard, in_transaction))
    }

    fn effect(&self, operation: &Operation, before: &State) -> Effect {
        effect::effect(self, operation, before)
    }

    fn rates(&self) -> Rates {
        rates::RATES
    }

    fn type_name(&self, sql_type: &SqlType) -> String {
        types::type_name(sql_type)
    }

    fn diesel_type(&self, sql_type: &SqlType) -> Option<String> {
        types::diesel_type(sql_type)
    }

    fn found_type(&self, sql_type: &SqlType) -> Option<String> {
        types::found_type(sql_type)
    }

    fn default_schema(&self) -> Option<&str> {
        None
    }

    fn has_enums(&self) -> bool {
        false
    }

    fn has_partitions(&self) -> bool {
        false
    }

    fn custom_type(&self, _name: &str) -> Option<CustomType> {
        None
    }

    fn printing(&self) -> Printing {
        Printing {
            row_numbers: &["rowid", "oid", "_rowid_"],
            keys_follow_columns: true,
            passes_by: &["__", "sqlite"],
            provided: &[],
        }
    }
}
