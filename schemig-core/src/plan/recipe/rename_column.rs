//! Rename a column: a new one beside the old, mirrored both ways until N-1 is gone (R2).
//!
//! Indexes are built on the new column under names of their own, and take the old names over when the old column goes; checks and
//! foreign keys, which the old column carries for both until then, change over in the transaction that drops it.

use super::moved_keys::{changes_over_apart, keys_move, moves_key};
use super::{add_index, change_primary_key, not_null};
use crate::operation::Operation;
use crate::plan::Phase;
use crate::plan::context::Context;
use crate::plan::draft::{Draft, Turn};
use crate::schema::{
    Check, Column, ColumnName, ConstraintName, Conversion, ForeignKey, Index, IndexName, Origin, Table,
    TableName, Violation, fitted,
};

pub(super) fn steps(
    context: &Context<'_>,
    table: &TableName,
    from: &ColumnName,
    to: &ColumnName,
) -> Vec<Draft> {
    match context.column(table, from) {
        Some(column) => moved(context, table, [from, to], column, &Conversion::default()),
        None => Vec::new(),
    }
}

/// The steps from one column to another, which may be of another type.
pub(super) fn moved(
    context: &Context<'_>,
    table: &TableName,
    [from, to]: [&ColumnName; 2],
    target: &Column,
    conversion: &Conversion,
) -> Vec<Draft> {
    let (Some(known), Some(column)) = (context.table(table), context.column(table, from)) else {
        return Vec::new();
    };
    let keyed = moves_key(context, table, from);
    let mut parts = Parts::of(known, from, to);
    if keys_move(context) {
        // They have changes of their own, which come before the old column goes.
        parts.foreign_keys.retain(|(name, ..)| !changes_over_apart(context, table, name));
    }
    let rename = Rename { context, table, from, to, column, target, conversion, keyed, parts };
    let mut steps = rename.expand();
    steps.extend(rename.backfill());
    steps.extend(rename.contract());
    steps
}

struct Rename<'a> {
    context: &'a Context<'a>,
    table: &'a TableName,
    from: &'a ColumnName,
    to: &'a ColumnName,
    /// The old column.
    column: &'a Column,
    /// What the new one is to be.
    target: &'a Column,
    conversion: &'a Conversion,
    /// Whether it is in the primary key.
    keyed: bool,
    parts: Parts,
}

/// What reads the column: before, and over the new name.
struct Parts {
    indexes: Vec<(IndexName, Index, Index)>,
    checks: Vec<(ConstraintName, Check, Check)>,
    foreign_keys: Vec<(ConstraintName, ForeignKey, ForeignKey)>,
}

impl Parts {
    fn of(table: &Table, from: &ColumnName, to: &ColumnName) -> Self {
        let renamed_key = |key: &ForeignKey| {
            let columns = key.columns.iter().map(|column| if column == from { to } else { column }).cloned();
            ForeignKey { columns: columns.collect(), ..key.clone() }
        };
        let renamed_check =
            |check: &Check| Check { expression: check.expression.rename(from, to), ..check.clone() };
        let indexes = table.indexes.iter().filter(|(_, index)| index.reads(from));
        let checks = table.checks.iter().filter(|(_, check)| check.reads(from));
        let keys = table.foreign_keys.iter().filter(|(_, key)| key.columns.contains(from));
        Self {
            indexes: indexes
                .map(|(name, index)| (name.clone(), index.clone(), index.rename_column(from, to)))
                .collect(),
            checks: checks.map(|(name, check)| (name.clone(), check.clone(), renamed_check(check))).collect(),
            foreign_keys: keys.map(|(name, key)| (name.clone(), key.clone(), renamed_key(key))).collect(),
        }
    }
}

impl Rename<'_> {
    fn fresh(index: &IndexName) -> IndexName {
        IndexName(fitted(format!("{index}_new")))
    }

    /// A column that nothing is demanded of yet.
    fn bare(&self, column: &ColumnName, like: &Column) -> Operation {
        let definition = Column { nullable: true, default: None, identity: None, ..like.clone() };
        Operation::AddColumn { table: self.table.clone(), column: column.clone(), definition }
    }

    fn mirror(&self) -> Operation {
        Operation::Mirror {
            table: self.table.clone(),
            old: self.from.clone(),
            new: self.to.clone(),
            conversion: self.conversion.clone(),
        }
    }

    fn numbers(&self, from: &ColumnName, to: &ColumnName) -> Operation {
        Operation::HandOverNumbers { table: self.table.clone(), from: from.clone(), to: to.clone() }
    }

    fn fill(&self, column: &ColumnName, from: &ColumnName) -> Operation {
        let (table, column, origin) = (self.table.clone(), column.clone(), Origin::Column(from.clone()));
        Operation::Backfill { table, column, origin, batched: true }
    }

    fn expand(&self) -> Vec<Draft> {
        vec![Draft::new(Phase::Expand, [self.bare(self.to, self.target), self.mirror()])]
    }

    fn backfill(&self) -> Vec<Draft> {
        let mut steps = vec![Draft::new(Phase::Backfill, [self.fill(self.to, self.from)])];
        for (name, _, index) in &self.parts.indexes {
            steps.extend(add_index::build(
                self.context,
                Phase::Backfill,
                self.table,
                &Self::fresh(name),
                index,
            ));
        }
        if let Some((_, to)) = self.keys() {
            let (twin, unique) = (change_primary_key::twin(self.table), change_primary_key::unique(&to));
            steps.extend(add_index::build(self.context, Phase::Backfill, self.table, &twin, &unique));
        }
        steps
    }

    /// The primary key over the old column, and over the new one.
    fn keys(&self) -> Option<(Vec<ColumnName>, Vec<ColumnName>)> {
        let from = self.context.table(self.table)?.primary_key.clone();
        let renamed = |column: &ColumnName| if column == self.from { self.to } else { column }.clone();
        let to = from.iter().map(renamed).collect();
        self.keyed.then_some((from, to))
    }

    fn contract(&self) -> Vec<Draft> {
        let mut steps = Vec::new();
        if !self.column.nullable {
            steps.extend(not_null::steps(Phase::Contract, self.table, self.to));
        }
        let late = self.change().into_iter().map(|step| step.in_turn(Turn::After));
        if let Some((from, to)) = self.keys() {
            steps.extend(change_primary_key::switched(self.context, self.table, &from, &to));
        }
        steps.extend(late);
        steps
    }

    /// From the steps that make the old column what it was, on the way back, to the last of it.
    fn change(&self) -> Vec<Draft> {
        let mut steps = self.ways_back();
        steps.push(Draft::new(Phase::Contract, self.change_over()).back_by(self.change_back()));
        let prove = |name: &ConstraintName| Operation::Validate {
            table: self.table.clone(),
            constraint: name.clone(),
        };
        let proofs = self.parts.checks.iter().map(|(name, ..)| name);
        for name in proofs.chain(self.parts.foreign_keys.iter().map(|(name, ..)| name)) {
            steps.push(Draft::new(Phase::Contract, [prove(name)]));
        }
        for (name, ..) in &self.parts.indexes {
            let (table, from, to) = (self.table.clone(), Self::fresh(name), name.clone());
            steps.push(Draft::new(Phase::Contract, [Operation::RenameIndex { table, from, to }]));
        }
        steps
    }

    /// Steps whose ways back make the old column, once it is there again, what it was: filled, indexed, held to its constraints.
    fn ways_back(&self) -> Vec<Draft> {
        let mut steps = Vec::new();
        if self.column.identity.is_some() {
            // An identity wants its column to reject NULL first.
            steps.push(Draft::way_back(Phase::Contract, [self.numbers(self.to, self.from)]));
        }
        if !self.column.nullable {
            steps.extend(not_null::ways_back(Phase::Contract, self.table, self.from));
        }
        let way_back = |operation| Draft::way_back(Phase::Contract, [operation]);
        let table = || self.table.clone();
        for (name, check, _) in &self.parts.checks {
            let (definition, constraint) = (check.clone(), name.clone());
            steps.push(way_back(Operation::Validate { table: table(), constraint }));
            let name = name.clone();
            steps.push(way_back(Operation::AddCheck { table: table(), name, definition, validated: false }));
        }
        for (name, key, _) in &self.parts.foreign_keys {
            let (definition, constraint) = (key.clone(), name.clone());
            steps.push(way_back(Operation::Validate { table: table(), constraint }));
            let name = name.clone();
            steps.push(way_back(Operation::AddForeignKey {
                table: table(),
                name,
                definition,
                validated: false,
            }));
        }
        for (name, index, _) in &self.parts.indexes {
            steps.extend(add_index::ways_back(self.context, Phase::Contract, self.table, name, index));
        }
        steps.push(way_back(self.fill(self.from, self.to)));
        steps
    }

    /// The last of the old column: compared, unmirrored, dropped, its default and constraints taken over, in one transaction.
    fn change_over(&self) -> Vec<Operation> {
        let table = || self.table.clone();
        let against = Violation::Differ { old: self.from.clone(), new: self.to.clone() };
        let mut up = vec![Operation::Guard { table: table(), against }];
        for (.., check) in &self.parts.checks {
            let against = Violation::Check { expression: check.expression.clone() };
            up.push(Operation::Guard { table: table(), against });
        }
        for (.., key) in &self.parts.foreign_keys {
            up.push(Operation::Guard {
                table: table(),
                against: Violation::Orphan { foreign_key: key.clone() },
            });
        }
        up.push(Operation::Unmirror { table: table(), new: self.to.clone() });
        if self.column.identity.is_some() {
            up.push(self.numbers(self.from, self.to));
        }
        if let Some(default) = self.target.default.clone() {
            up.push(Operation::SetDefault { table: table(), column: self.to.clone(), default });
        }
        up.push(Operation::DropColumn { table: table(), column: self.from.clone() });
        for (name, _, check) in &self.parts.checks {
            let (name, definition) = (name.clone(), check.clone());
            up.push(Operation::AddCheck { table: table(), name, definition, validated: false });
        }
        for (name, _, key) in &self.parts.foreign_keys {
            let (name, definition) = (name.clone(), key.clone());
            up.push(Operation::AddForeignKey { table: table(), name, definition, validated: false });
        }
        up
    }

    /// The old column again, empty but mirrored.
    fn change_back(&self) -> Vec<Operation> {
        let table = || self.table.clone();
        let mut down = Vec::new();
        for (name, ..) in &self.parts.foreign_keys {
            down.push(Operation::DropForeignKey { table: table(), name: name.clone() });
        }
        for (name, ..) in &self.parts.checks {
            down.push(Operation::DropCheck { table: table(), name: name.clone() });
        }
        down.push(self.bare(self.from, self.column));
        if let Some(default) = self.column.default.clone() {
            down.push(Operation::SetDefault { table: table(), column: self.from.clone(), default });
        }
        if self.target.default.is_some() {
            down.push(Operation::DropDefault { table: table(), column: self.to.clone() });
        }
        down.push(self.mirror());
        down
    }
}
