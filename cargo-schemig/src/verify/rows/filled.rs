//! What columns that a plan fills demand of what they are filled with.

use schemig_core::change::Change;
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Check, Column, ColumnName, Expression, ForeignKey, Index, IndexKey, Origin, Schema, Source, SqlType,
    Table, TableName, Volatility,
};

/// A name that stands in for a column until its expression does.
const PLACE: &str = "schemig_filled";

/// The constraints that hold what a change fills a column with to what the column will be held to.
pub(super) fn demands(before: &Schema, after: &Schema, change: &Change) -> Vec<Operation> {
    let known =
        |table: &TableName| before.tables.contains_key(table).then(|| after.tables.get(table)).flatten();
    if let Change::AddColumn { table, column, definition, backfill: Some(origin) } = change
        && let Some(target) = known(table)
    {
        let filled = Filled { table, column, definition, target };
        return match origin {
            Origin::Source(source) if before.tables.contains_key(&source.table) => filled.by_source(source),
            Origin::Expression(expression) if is_computed(target, expression) => {
                filled.by_expression(expression)
            }
            Origin::Source(_) | Origin::Expression(_) | Origin::Column(_) | Origin::Numbers => Vec::new(),
        };
    }
    if let Change::ChangeIdentity { table, column, from, to } = change
        && let Some(target) = known(table)
        && from.identity.is_none()
        && to.identity.is_some()
    {
        // Beyond the last number of its type nothing could be counted on.
        let last = room(&target.columns[column].sql_type);
        return vec![hold(table, "numbered", column, &format!("{} < {last}", quoted(column)))];
    }
    if let Change::RequireColumn { table, column, fill: Origin::Expression(expression) } = change
        && let Some(target) = known(table)
        && is_computed(target, expression)
    {
        let check = format!("{} IS NOT NULL OR ({expression}) IS NOT NULL", quoted(column));
        return vec![hold(table, "filled", column, &check)];
    }
    Vec::new()
}

/// A number of the type behind which there is room for those that the server gives while a plan is proved.
#[expect(clippy::wildcard_enum_match_arm, reason = "a column that is numbered has one of three types")]
fn room(sql_type: &SqlType) -> i64 {
    match sql_type {
        SqlType::SmallInt => i64::from(i16::MAX) / 2,
        SqlType::Integer => i64::from(i32::MAX) / 2,
        _ => i64::MAX / 2,
    }
}

/// Whether a row's own columns say what the expression gives: with a constant in their place it is one.
fn is_computed(table: &Table, expression: &Expression) -> bool {
    let null = ColumnName::from("null");
    let constant = table.columns.keys().fold(expression.clone(), |text, column| text.rename(column, &null));
    !expression.reads_other_rows() && constant.volatility() == Volatility::Constant
}

fn quoted(column: &ColumnName) -> String {
    format!("\"{}\"", column.as_str().replace('"', "\"\""))
}

fn hold(table: &TableName, what: &str, column: &ColumnName, check: &str) -> Operation {
    let name = format!("demanded_{what}_{column}").into();
    Operation::AddCheck { table: table.clone(), name, definition: Check::on(check), validated: true }
}

fn make_unique(table: &TableName, column: &ColumnName, keys: Vec<IndexKey>) -> Operation {
    let index = format!("demanded_unique_{column}").into();
    let definition = Index { keys, ..Index::unique_on([]) };
    Operation::CreateIndex { table: table.clone(), index, definition, online: false }
}

/// A column that is filled.
struct Filled<'a> {
    table: &'a TableName,
    column: &'a ColumnName,
    definition: &'a Column,
    target: &'a Table,
}

impl Filled<'_> {
    fn by_source(&self, source: &Source) -> Vec<Operation> {
        let Source { table, key: _, value, otherwise } = source;
        let mut demanded = Vec::new();
        if !self.definition.nullable && otherwise.is_none() {
            demanded.push(hold(table, "value", value, &format!("{} IS NOT NULL", quoted(value))));
        }
        for (number, check) in self.own_checks().enumerate() {
            let check = check.rename(self.column, value);
            demanded.push(hold(table, &format!("check_{number}"), value, check.as_str()));
        }
        if self.is_unique() {
            demanded.push(make_unique(table, value, vec![IndexKey::Column(value.clone())]));
        }
        let keys = self.target.foreign_keys.values().filter(|key| key.columns == [self.column.clone()]);
        demanded.extend(keys.enumerate().map(|(number, key)| Operation::AddForeignKey {
            table: table.clone(),
            name: format!("demanded_key_{number}_{value}").into(),
            definition: ForeignKey { columns: vec![value.clone()], ..key.clone() },
            validated: true,
        }));
        demanded
    }

    fn by_expression(&self, expression: &Expression) -> Vec<Operation> {
        let mut demanded = Vec::new();
        if !self.definition.nullable {
            demanded.push(hold(self.table, "filled", self.column, &format!("({expression}) IS NOT NULL")));
        }
        for (number, check) in self.own_checks().enumerate() {
            let check = check.rename(self.column, &PLACE.into());
            let check = check.as_str().replace(PLACE, &format!("({expression})"));
            demanded.push(hold(self.table, &format!("check_{number}"), self.column, &check));
        }
        if self.is_unique() {
            let key = Expression(format!("({expression})"));
            demanded.push(make_unique(self.table, self.column, vec![IndexKey::Expression(key)]));
        }
        demanded
    }

    /// The checks that read this column and no other.
    fn own_checks(&self) -> impl Iterator<Item = &Expression> {
        let only = |check: &&Check| {
            check.expression.columns(self.target.columns.keys()).into_iter().eq([self.column.clone()])
        };
        self.target.checks.values().filter(only).map(|check| &check.expression)
    }

    /// Whether no two rows may have the same value.
    fn is_unique(&self) -> bool {
        let alone = |index: &&Index| index.key_columns().is_some_and(|columns| columns == [self.column]);
        self.target
            .indexes
            .values()
            .filter(|index| index.unique && index.predicate.is_none())
            .any(|index| alone(&index))
    }
}
