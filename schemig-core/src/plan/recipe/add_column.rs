//! Add a column. How it is filled decides the steps:
//!
//! - NULL, or a default that costs no rewrite: at once;
//! - one value for all rows and no default in the model: as a default that goes when N-1 is gone;
//! - computed by the server: at once. N-1 never writes it; one that is stored writes every row, and is signed off;
//! - numbered by the server: see `numbered_column`;
//! - a default that differs from row to row: set for new rows, rows that stand are filled in batches;
//! - an expression over the row: a filler serves the rows that N-1 writes;
//! - another table: its writes are followed too, so that what N reads is what N-1 wrote there (R1).

use super::{not_null, numbered_column};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::Draft;
use crate::schema::{Column, ColumnName, Expression, Origin, Source, TableName, Violation, Volatility};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    column: &ColumnName,
    definition: &Column,
    backfill: Option<&Origin>,
) -> Vec<Draft> {
    if let Some(identity) = definition.identity {
        return numbered_column::added(table, column, definition, identity);
    }
    let new = New { table, column, definition };
    if definition.generated.is_some() {
        return vec![new.plain()];
    }
    match (backfill, &definition.default) {
        (Some(Origin::Source(source)), _) => new.followed(source),
        (Some(origin @ (Origin::Column(_) | Origin::Numbers)), _) => new.filled(origin),
        (Some(origin @ Origin::Expression(expression)), default) => {
            // A column that goes may be read too: it is there until contract, and N-1 writes it.
            let sides = context.table(table).into_iter().chain(context.to.tables.get(table));
            let reads_row = !expression.columns(sides.flat_map(|known| known.columns.keys())).is_empty();
            match (definition.nullable, default, reads_row) {
                (true, _, _) => new.filled_once(origin),
                (false, None, false) if context.is_cheap(expression) => new.lent(expression),
                (false, None, false) => new.numbered(expression, true),
                (false, Some(_), _) | (false, None, true) => new.filled(origin),
            }
        }
        (None, Some(default)) if context.is_cheap(default) => vec![new.plain()],
        (None, Some(default)) if definition.nullable => vec![new.bare([new.set_default(default)])],
        (None, Some(default)) => new.numbered(default, false),
        (None, None) => vec![new.plain()],
    }
}

impl Context<'_> {
    /// Whether a column with this default can be added without writing the rows that stand.
    pub fn is_cheap(&self, default: &Expression) -> bool {
        match default.volatility() {
            Volatility::Constant => true,
            Volatility::Stable => self.capabilities.stable_defaults,
            Volatility::Volatile => false,
        }
    }
}

/// The column that is added.
struct New<'a> {
    table: &'a TableName,
    column: &'a ColumnName,
    definition: &'a Column,
}

impl New<'_> {
    fn add(&self, definition: Column) -> Operation {
        Operation::AddColumn { table: self.table.clone(), column: self.column.clone(), definition }
    }

    fn set_default(&self, default: &Expression) -> Operation {
        Operation::SetDefault {
            table: self.table.clone(),
            column: self.column.clone(),
            default: default.clone(),
        }
    }

    fn drop_default(&self) -> Operation {
        Operation::DropDefault { table: self.table.clone(), column: self.column.clone() }
    }

    fn backfill(&self, origin: &Origin) -> Draft {
        let (table, column, origin) = (self.table.clone(), self.column.clone(), origin.clone());
        Draft::new(Phase::Backfill, [Operation::Backfill { table, column, origin, batched: true }])
    }

    fn count_nulls(&self) -> Draft {
        let against = Violation::Null { column: self.column.clone() };
        Draft::new(Phase::Backfill, [Operation::Guard { table: self.table.clone(), against }])
    }

    /// As the model has it, in one step.
    fn plain(&self) -> Draft {
        Draft::new(Phase::Expand, [self.add(self.definition.clone())])
    }

    /// Nullable and without default for now, and what else goes into that step.
    fn bare(&self, more: impl IntoIterator<Item = Operation>) -> Draft {
        let definition = Column { nullable: true, default: None, ..self.definition.clone() };
        Draft::new(Phase::Expand, std::iter::once(self.add(definition)).chain(more))
    }

    /// With a default that is the value of all rows, lent until N-1 is gone.
    fn lent(&self, value: &Expression) -> Vec<Draft> {
        let definition = Column { default: Some(value.clone()), ..self.definition.clone() };
        vec![
            Draft::new(Phase::Expand, [self.add(definition)]),
            Draft::new(Phase::Contract, [self.drop_default()]).back_by([self.set_default(value)]),
        ]
    }

    /// With a default that is another for each row. N-1 can't write NULL to a column that it doesn't know and that has a
    /// default, so NOT NULL needn't wait for contract.
    fn numbered(&self, default: &Expression, lent: bool) -> Vec<Draft> {
        let mut steps = vec![
            self.bare([self.set_default(default)]),
            self.backfill(&Origin::Expression(default.clone())),
            self.count_nulls(),
        ];
        steps.extend(not_null::steps(Phase::Backfill, self.table, self.column));
        if lent {
            steps.push(
                Draft::new(Phase::Contract, [self.drop_default()]).back_by([self.set_default(default)]),
            );
        }
        steps
    }

    /// Filled where rows stand, and left alone after that: NULL is a value of this column, so no filler may overrule it.
    fn filled_once(&self, origin: &Origin) -> Vec<Draft> {
        let default = self.definition.default.iter().map(|default| self.set_default(default));
        vec![self.bare(default), self.backfill(origin)]
    }

    /// Kept filled for N-1 by a trigger on its own table.
    fn filled(&self, origin: &Origin) -> Vec<Draft> {
        let keep = self.keep_filled(origin);
        let mut steps = vec![self.bare([keep]), self.backfill(origin)];
        steps.extend(self.required());
        steps.push(self.stop_filling());
        steps
    }

    /// Kept in step with another table. What is written there is followed before the column is filled anywhere: a row
    /// filled while nothing follows its source would go stale. Each trigger has a transaction of its own, for both
    /// in one held one table while it waited for the other.
    fn followed(&self, source: &Source) -> Vec<Draft> {
        let (table, column) = (self.table.clone(), self.column.clone());
        let follow =
            Operation::Follow { table: table.clone(), column: column.clone(), source: source.clone() };
        let origin = Origin::Source(source.clone());
        let mut steps = vec![
            self.bare([]),
            Draft::new(Phase::Expand, [follow]),
            Draft::new(Phase::Expand, [self.keep_filled(&origin)]),
            self.backfill(&origin),
        ];
        let against = Violation::Stale { column: column.clone(), source: source.clone() };
        let compare = Operation::Guard { table: table.clone(), against };
        let stop = Operation::StopFollowing { table, column, source: source.clone() };
        // In directories of their own: `diesel migration redo` would hold the lock of the one through the join of the other.
        let contract = [Draft::new(Phase::Contract, [compare]), Draft::new(Phase::Contract, [stop])];
        let mut required = self.required();
        let guard = if required.is_empty() { None } else { Some(required.remove(0)) };
        steps.extend(guard);
        steps.extend(contract);
        steps.extend(required);
        steps.push(self.stop_filling());
        steps
    }

    fn keep_filled(&self, origin: &Origin) -> Operation {
        let (table, column, origin) = (self.table.clone(), self.column.clone(), origin.clone());
        Operation::KeepFilled { table, column, origin }
    }

    /// The count that lets N in, and NOT NULL when N-1 is gone; nothing for a column that may be NULL.
    fn required(&self) -> Vec<Draft> {
        if self.definition.nullable {
            return Vec::new();
        }
        let mut steps = vec![self.count_nulls()];
        steps.extend(not_null::steps(Phase::Contract, self.table, self.column));
        steps
    }

    /// The last step: the filler goes, and the model's default, which would have kept it from filling, comes.
    fn stop_filling(&self) -> Draft {
        let stop = Operation::StopFilling { table: self.table.clone(), column: self.column.clone() };
        let default = self.definition.default.iter().map(|default| self.set_default(default));
        Draft::new(Phase::Contract, std::iter::once(stop).chain(default))
    }
}
