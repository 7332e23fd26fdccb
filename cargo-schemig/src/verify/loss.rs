//! What a stage may do to the values of rows: what its down says that is lost, what its plan says that is written.

use std::collections::{BTreeMap, BTreeSet};

use schemig_core::operation::Operation;
use schemig_core::schema::{
    Column, ColumnName, ColumnRef, EnumName, Expression, Origin, Schema, State, Table, TableName, Volatility,
};

use super::contents::Labels;
use super::sequence::Stage;

/// What the first line of a down.sql declares: `-- schemig:down loss=none | rows | column:t.c | values:t.c | values`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Whole rows: those of tables that come back empty.
    pub rows: bool,
    /// Columns that come back empty.
    pub columns: BTreeSet<String>,
    /// Columns that stay, some of whose values aren't what they were.
    pub values: BTreeSet<String>,
    /// Whether that goes for any column: somebody has written it so by hand.
    pub any_value: bool,
}

impl Loss {
    /// Reads it off the text of a down.sql.
    pub fn declared(down: &str) -> Self {
        let first = down.lines().next().unwrap_or_default();
        let list = first.strip_prefix("-- schemig:down loss=").unwrap_or_default();
        let mut loss = Self::default();
        for word in list.split(',').map(str::trim) {
            match word.split_once(':') {
                Some(("column", column)) => drop(loss.columns.insert(column.to_owned())),
                Some(("values", column)) => drop(loss.values.insert(column.to_owned())),
                Some(_) | None => {
                    loss.rows |= word == "rows";
                    loss.any_value |= word == "values";
                }
            }
        }
        loss
    }

    /// Whether the values of a column that stays may be others than they were.
    pub fn covers_values(&self, at: &ColumnRef) -> bool {
        self.any_value || self.values.contains(&at.to_string())
    }
}

/// The columns of these schemas that a stage's way up and down don't give back, by what its down declares: those of whole tables where it
/// says that rows are lost, if its way up drops them.
pub fn lost<'a>(stage: &Stage, known: impl IntoIterator<Item = &'a Schema>) -> BTreeSet<ColumnRef> {
    let loss = Loss::declared(&stage.down);
    let up = stage.planned.as_ref().map_or(&[][..], |planned| &planned.up);
    let dropped = |table: &TableName| {
        up.iter().any(|operation| matches!(operation, Operation::DropTable { table: gone } if gone == table))
    };
    let mut lost = BTreeSet::new();
    for (name, table) in known.into_iter().flat_map(|schema| &schema.tables) {
        for column in table.columns.keys() {
            let at = ColumnRef::new(name, column);
            if loss.columns.contains(&at.to_string()) || (loss.rows && dropped(name)) {
                lost.insert(at);
            }
        }
    }
    lost
}

/// Whether a stage gives values another type, from which its down doesn't bring all of them back, as it says.
pub fn loses_by_conversion(stage: &Stage) -> bool {
    let up = stage.planned.as_ref().map_or(&[][..], |planned| &planned.up);
    let converts = |operation: &Operation| {
        matches!(operation, Operation::AlterType { .. } | Operation::RebuildTable { .. })
    };
    up.iter().any(converts) && !Loss::declared(&stage.down).values.is_empty()
}

/// The labels that a stage's way up adds: they stay, for none can be taken off a type.
pub fn labels(stage: &Stage) -> Labels {
    let up = stage.planned.as_ref().map_or(&[][..], |planned| &planned.up);
    let label = |operation: &Operation| {
        let Operation::AddEnumValue { name, value, at: _ } = operation else { return None };
        Some((name.clone(), value.clone()))
    };
    up.iter().filter_map(label).collect()
}

/// A column's name after these operations.
pub fn renamed(at: &ColumnRef, operations: &[Operation]) -> ColumnRef {
    let mut at = at.clone();
    for operation in operations {
        if let Operation::RenameTable { from, to } = operation
            && at.table == *from
        {
            at.table = to.clone();
        } else if let Operation::RenameColumn { table, from, to } = operation
            && (&at.table, &at.column) == (table, from)
        {
            at.column = to.clone();
        }
    }
    at
}

/// Whether one of these operations writes to the column of rows that stand, or has its values written otherwise. `schema` is the one after
/// them.
pub fn writes(operations: &[Operation], at: &ColumnRef, schema: &Schema) -> bool {
    let is_of = |name: &EnumName| schema.column(at).is_some_and(|column| column.sql_type.is_of(name));
    let is = |table: &TableName, column: &ColumnName| (table, column) == (&at.table, &at.column);
    operations.iter().any(|operation| {
        matches!(operation, Operation::Backfill { table, column, .. } | Operation::AlterType { table, column, .. }
            | Operation::Recompute { table, column, definition: Column { generated: Some(_), .. } } if is(table, column))
            || matches!(operation, Operation::RebuildTable { table, definition, .. }
                if *table == at.table && computes(definition, &at.column))
            || matches!(operation, Operation::RebuildTable { table, values, .. }
                if *table == at.table && values.contains_key(&at.column))
            // Rows come, with all their columns.
            || matches!(operation, Operation::CopyRows { table, .. } if *table == at.table)
            || matches!(operation, Operation::RenameEnumValue { name, .. } if is_of(name))
    })
}

/// Whether one of these operations updates rows of a table on which a filler keeps the column filled: it fills theirs too.
pub fn fires(operations: &[Operation], at: &ColumnRef, before: &State) -> bool {
    let updates =
        |operation: &Operation| matches!(operation, Operation::Backfill { table, .. } if *table == at.table);
    before.in_flight.fillers.contains_key(at) && operations.iter().any(updates)
}

fn computes(table: &Table, column: &ColumnName) -> bool {
    table.columns.get(column).is_some_and(|column| column.generated.is_some())
}

/// The columns that these operations give values of the moment: a clock's, a counter's, random ones. No two runs give the same.
pub fn drawn<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> BTreeSet<ColumnRef> {
    let of_moment = |expression: &Expression| expression.volatility() != Volatility::Constant;
    let mut found = BTreeSet::new();
    let mut made: BTreeMap<&TableName, &Table> = BTreeMap::new();
    for operation in operations {
        found = found.iter().map(|at| renamed(at, std::slice::from_ref(operation))).collect();
        if let Operation::AddColumn { table, column, definition } = operation
            && (definition.identity.is_some() || definition.default.as_ref().is_some_and(of_moment))
        {
            found.insert(ColumnRef::new(table, column));
        } else if let Operation::Backfill { table, column, origin: Origin::Expression(expression), .. } =
            operation
            && of_moment(expression)
        {
            found.insert(ColumnRef::new(table, column));
        } else if let Operation::Backfill { table, column, origin: Origin::Numbers, .. } = operation {
            found.insert(ColumnRef::new(table, column));
        } else if let Operation::CreateTable { table, definition } = operation {
            made.insert(table, definition);
        } else if let Operation::CopyRows { table, rows, .. } = operation {
            let moments = rows.values.iter().filter(|(_, value)| value.is_fleeting());
            found.extend(moments.map(|(column, _)| ColumnRef::new(table, column)));
            let columns = made.get(table).into_iter().flat_map(|definition| &definition.columns);
            let left = columns.filter(|(column, _)| !rows.columns().any(|named| named == *column));
            let drawn = left.filter(|(_, column)| {
                column.identity.is_some() || column.default.as_ref().is_some_and(of_moment)
            });
            found.extend(drawn.map(|(column, _)| ColumnRef::new(table, column)));
        } else if let Operation::RebuildTable { table, values, .. } = operation {
            let moments = values.iter().filter(|(_, expression)| of_moment(expression));
            found.extend(moments.map(|(column, _)| ColumnRef::new(table, column)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use schemig_core::schema::ColumnRef;

    use super::Loss;

    #[test]
    fn a_loss_is_what_the_first_line_says_and_no_more() {
        let at = |column: &str| ColumnRef::new(&"users".into(), &column.into());
        let loss = Loss::declared("-- schemig:down loss=column:users.nick,values:users.email\nALTER TABLE …");
        assert_eq!(loss.columns.iter().collect::<Vec<_>>(), ["users.nick"]);
        assert!(loss.covers_values(&at("email")) && !loss.covers_values(&at("nick")) && !loss.rows);
        assert!(Loss::declared("-- schemig:down loss=values\n").covers_values(&at("nick")));
        assert_eq!(Loss::declared("-- schemig:down loss=none\n"), Loss::default());
        assert_eq!(Loss::declared("SELECT 1; -- schemig:down loss=rows"), Loss::default());
    }
}
