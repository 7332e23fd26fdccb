//! PostgreSQL, 12 to 18.

mod backfill;
mod batches;
mod cast;
mod compute;
mod constraint;
mod contract;
mod conversion;
mod effect;
mod enumeration;
mod exclusion;
mod extension;
mod guard;
mod index;
mod key;
mod layout;
mod lock;
mod number;
mod partition;
mod primary_key;
mod quote;
mod rates;
mod rebuild;
mod retreat;
mod rows;
mod source;
mod space;
mod table;
#[cfg(test)]
mod tests;
mod trigger;
mod types;
mod view;

use std::collections::BTreeSet;

pub use cast::cast;
pub use contract::LET_CONTRACT;
pub use extension::extension;
pub use quote::shorten;

use self::lock::{Piece, Script};
use crate::dialect::{
    Batches, ContractGuard, Cursor, CustomType, Dialect, Effect, Leftover, Printing, Queue, Rates, Rendered,
};
use crate::operation::Operation;
use crate::plan::Capabilities;
use crate::schema::{SqlType, State, Table, TableName};

/// A PostgreSQL server of one major version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Postgres {
    /// The major version, 12 to 18.
    pub version: u32,
    /// The schema (namespace) of tables that name none.
    pub default_schema: String,
}

impl Default for Postgres {
    fn default() -> Self {
        Self { version: 15, default_schema: "public".to_owned() }
    }
}

impl Dialect for Postgres {
    fn name(&self) -> &'static str {
        "postgres"
    }

    fn version(&self) -> (u32, u32) {
        (self.version, 0)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
            online_indexes: true,
            triggers_assign: true,
            alters_in_place: true,
            updatable_views: true,
            stable_defaults: true,
            index_options: true,
            nulls_not_distinct: self.version >= 15,
            deferrable_keys: true,
            exclusions: true,
            virtual_columns: self.version >= 18,
            virtual_as_stored: false,
            numbers_any_column: true,
            security_invoker: self.version >= 15,
            schemas: true,
            partition_triggers: self.version >= 13,
            partition_keys_unproved: self.version >= 18,
            extension,
            cast,
        }
    }

    fn render(&self, operations: &[Operation], before: &State) -> Rendered {
        self.script(operations, before, Direction::Forth)
    }

    fn render_back(&self, operations: &[Operation], before: &State) -> Rendered {
        let Rendered { sql, transactional } = self.script(operations, before, Direction::Back);
        let sql = match self.retreat(operations, before) {
            Some(question) => format!("{question}\n\n{sql}"),
            None => sql,
        };
        Rendered { sql, transactional }
    }

    /// What commits by itself is alone in its file.
    fn guard_contract(
        &self,
        guard: &ContractGuard<'_>,
        up: &Rendered,
        _in_transaction: bool,
    ) -> Option<String> {
        up.transactional.then(|| self.contract_guard_of(guard))
    }

    fn own_triggers(&self, state: &State) -> BTreeSet<String> {
        trigger::in_flight(state)
    }

    fn batches(&self, operation: &Operation, before: &State, cursor: &Cursor) -> Option<Batches> {
        self.in_batches(operation, before, cursor)
    }

    fn leftover(&self, operation: &Operation) -> Option<Leftover> {
        self.leftover_of(operation)
    }

    fn effect(&self, operation: &Operation, before: &State) -> Effect {
        self.effect_of(operation, before)
    }

    fn rates(&self) -> Rates {
        rates::RATES
    }

    fn queue(&self) -> Option<Queue> {
        Some(lock::QUEUE)
    }

    fn batch_rows(&self) -> Option<u32> {
        Some(backfill::BATCH)
    }

    fn type_name(&self, sql_type: &SqlType) -> String {
        types::type_name(sql_type)
    }

    fn diesel_type(&self, sql_type: &SqlType) -> Option<String> {
        types::diesel_type(sql_type)
    }

    /// ltree and its queries have a binary form from 13 on: "no binary output function available for type ltree" (asked of 12.22).
    fn sends(&self, name: &str) -> bool {
        self.version >= 13 || extension::of_type(&types::bare(name)) != Some("ltree")
    }

    fn default_schema(&self) -> Option<&str> {
        Some(&self.default_schema)
    }

    fn has_enums(&self) -> bool {
        true
    }

    fn has_partitions(&self) -> bool {
        true
    }

    fn stand_ins(&self, tables: &[(TableName, &Table)]) -> Option<String> {
        self.stand_in_partitions(tables)
    }

    fn custom_type(&self, name: &str) -> Option<CustomType> {
        Some(types::custom_type(name, &self.default_schema))
    }

    fn may_be_domain(&self, sql_type: &SqlType) -> bool {
        types::may_be_domain(sql_type)
    }

    fn printing(&self) -> Printing {
        Printing {
            row_numbers: &[],
            keys_follow_columns: false,
            passes_by: &["__"],
            provided: types::PROVIDED,
        }
    }
}

/// Which way a file goes. A way back may be taken from half-way, and passes by what isn't there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forth,
    Back,
}

impl Postgres {
    fn script(&self, operations: &[Operation], before: &State, direction: Direction) -> Rendered {
        let mut script = Script::new(self);
        let mut state = before.clone();
        let mut transactional = true;
        for operation in operations {
            transactional &= self.effect_of(operation, &state).transactional;
            let back = (direction == Direction::Back).then(|| self.back_from_half_way(operation)).flatten();
            let pieces =
                back.map_or_else(|| self.pieces(operation, &state, &script.created), |piece| vec![piece]);
            for piece in pieces {
                script.add(piece);
            }
            script.note(operation);
            // Only a plan at fault, or one edited by hand, doesn't fit; whoever checks plans says so. The names are right all
            // the same, and they are most of what rendering asks a state for.
            let _ = state.apply(operation);
        }
        Rendered { sql: script.finish(before, &state), transactional }
    }

    /// The parts of one operation. `created` names the tables that the same file has made.
    fn pieces(&self, operation: &Operation, state: &State, created: &BTreeSet<TableName>) -> Vec<Piece> {
        let alter = |table: &TableName, column, what| {
            vec![Piece::strong(vec![table.clone()], vec![self.alter_column(table, column, what)])]
        };
        match operation {
            Operation::CreateTable { table, definition } => {
                let mut definition = definition.clone();
                definition.columns.values_mut().for_each(|column| self.place_enum(column, state));
                self.create_table(table, &definition, created)
            }
            Operation::DropTable { table } => vec![self.drop_table(table, state)],
            Operation::RenameTable { from, to } => vec![self.rename_table(from, to)],
            Operation::CreateView { view, table, columns } => vec![self.create_view(view, table, columns)],
            Operation::DropView { view } => vec![self.drop_view(view)],
            Operation::AddColumn { table, column, definition } => {
                let mut definition = definition.clone();
                self.place_enum(&mut definition, state);
                vec![self.add_column(table, column, &definition)]
            }
            Operation::DropColumn { table, column } => vec![self.drop_column(table, column, state)],
            Operation::RenameColumn { table, from, to } => vec![self.rename_column(table, from, to)],
            Operation::SetDefault { table, column, default } => {
                vec![self.set_default(table, column, default.as_str())]
            }
            Operation::DropDefault { table, column } => alter(table, column, "DROP DEFAULT"),
            Operation::AlterType { table, column, to, conversion } => {
                vec![self.alter_type(table, column, to, conversion, state)]
            }
            Operation::SetCollation { table, column, collation } => {
                vec![self.set_collation(table, column, collation.as_ref(), state)]
            }
            Operation::Recompute { table, column, definition } => {
                let mut definition = definition.clone();
                self.place_enum(&mut definition, state);
                vec![self.recompute(table, column, &definition, state)]
            }
            Operation::SetComments { table, comments } => vec![self.set_comments(table, comments)],
            Operation::Number { table, column, identity } => {
                vec![self.number(table, column, *identity, state)]
            }
            Operation::HandOverNumbers { table, from, to } => {
                vec![self.hand_over_numbers(table, from, to, state)]
            }
            Operation::SetNotNull { table, column, proof } => {
                self.set_not_null(table, column, proof.as_ref())
            }
            Operation::DropNotNull { table, column } => alter(table, column, "DROP NOT NULL"),
            Operation::ChangePrimaryKey { table, key, index } => {
                vec![self.change_primary_key(table, key, index.as_ref())]
            }
            Operation::CreateIndex { table, index, definition, online } => {
                vec![self.create_index(table, index, definition, *online)]
            }
            Operation::GuardIndex { table, index, definition } => {
                vec![self.guard_index(table, index, definition)]
            }
            Operation::BeginIndex { table, index, definition, partitions: _ } => {
                vec![self.begin_index(table, index, definition)]
            }
            Operation::BuildIndexPart { table: _, index, partition, definition } => {
                vec![self.create_index(partition, &index.on_partition(partition), definition, true)]
            }
            Operation::JoinIndexParts { table, index, definition, partitions } => vec![
                self.join_index_parts(table, index, definition, partitions),
                self.guard_index(table, index, definition),
            ],
            Operation::DropIndex { table, index, online } => {
                vec![self.drop_index(table, index, *online, state)]
            }
            Operation::Constrain { table, index, definition } => {
                vec![self.constrain(table, index, definition)]
            }
            Operation::RenameIndex { table, from, to } => vec![self.rename_index(table, from, to, state)],
            Operation::AddCheck { table, name, definition, validated } => {
                vec![self.add_check(table, name, definition, *validated)]
            }
            Operation::DropCheck { table, name } => vec![self.drop_check(table, name)],
            Operation::AddForeignKey { table, name, definition, validated } => {
                vec![self.add_foreign_key(table, name, definition, *validated)]
            }
            Operation::DropForeignKey { table, name } => vec![self.drop_foreign_key(table, name, state)],
            Operation::Validate { table, constraint } => vec![self.validate(table, constraint)],
            Operation::KeepFilled { table, column, origin } => self.keep_filled(table, column, origin, state),
            Operation::StopFilling { table, column } => vec![self.stop_filling(table, column)],
            Operation::Follow { table, column, source } => self.follow(table, column, source, state),
            Operation::StopFollowing { table, column, source } => {
                vec![self.stop_following(table, column, source)]
            }
            Operation::FollowRows { table, rows } => self.follow_rows(table, rows, state),
            Operation::StopFollowingRows { table, rows } => self.stop_following_rows(table, rows),
            Operation::CopyRows { table, rows, batched } => {
                vec![self.copy_rows(table, rows, *batched, state)]
            }
            Operation::Mirror { table, old, new, conversion } => {
                self.mirror(table, old, new, conversion, state)
            }
            Operation::Unmirror { table, new } => vec![self.unmirror(table, new)],
            Operation::Backfill { table, column, origin, batched } => {
                vec![self.backfill(table, column, origin, *batched, state)]
            }
            Operation::Guard { table, against } => vec![self.guard(table, against, state)],
            Operation::RebuildTable { table, definition, values, back: _ } => {
                self.rebuild(table, definition, values, state)
            }
            Operation::CreateExtension { name } => vec![self.create_extension(name)],
            Operation::CreateSchema { name } => vec![self.create_schema(&name.name)],
            Operation::CreateEnum { name, definition } => vec![self.create_enum(name, definition)],
            Operation::DropEnum { name } => vec![self.drop_enum(name)],
            Operation::AddEnumValue { name, value, at } => {
                vec![self.add_enum_value(name, value, at.as_ref())]
            }
            Operation::RenameEnumValue { name, from, to } => vec![self.rename_enum_value(name, from, to)],
            Operation::ReplaceEnum { name, definition } => vec![self.replace_enum(name, definition, state)],
        }
    }
}
