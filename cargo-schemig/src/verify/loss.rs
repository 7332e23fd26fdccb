//! What a stage may do to the values of rows: what its down says that is lost, what its plan says that is written.

use std::collections::BTreeSet;

use schemig_core::operation::Operation;
use schemig_core::schema::{ColumnName, ColumnRef, Expression, Origin, Schema, TableName, Volatility};

use super::sequence::Stage;

/// What the first line of a down.sql declares: `-- schemig:down loss=none | rows | column:… | values`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loss {
    /// Whole rows: those of tables that come back empty.
    pub rows: bool,
    /// Values anywhere.
    pub values: bool,
    /// The values of these columns.
    pub columns: BTreeSet<String>,
}

impl Loss {
    /// Reads it off the text of a down.sql.
    pub fn declared(down: &str) -> Self {
        let first = down.lines().next().unwrap_or_default();
        let list = first.strip_prefix("-- schemig:down loss=").unwrap_or_default();
        let mut loss = Self::default();
        for word in list.split(',').map(str::trim) {
            match word.strip_prefix("column:") {
                Some(column) => drop(loss.columns.insert(column.to_owned())),
                None => {
                    loss.rows |= word == "rows";
                    loss.values |= word == "values";
                }
            }
        }
        loss
    }

    /// Whether the values of a column may be others than they were.
    pub fn covers(&self, at: &ColumnRef) -> bool {
        self.rows || self.values || self.columns.contains(&at.to_string())
    }
}

/// The columns of these schemas whose values a stage's way up and down don't give back, by what its down declares: whole tables where it
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
            if loss.columns.contains(&at.to_string()) || loss.values || (loss.rows && dropped(name)) {
                lost.insert(at);
            }
        }
    }
    lost
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

/// Whether one of these operations writes to the column of rows that stand.
pub fn writes(operations: &[Operation], at: &ColumnRef) -> bool {
    let is = |table: &TableName, column: &ColumnName| (table, column) == (&at.table, &at.column);
    operations.iter().any(|operation| {
        matches!(operation, Operation::Backfill { table, column, .. } if is(table, column))
            || matches!(operation, Operation::RebuildTable { table, values, .. }
                if *table == at.table && values.contains_key(&at.column))
    })
}

/// The columns that these operations give values of the moment: a clock's, a counter's, random ones. No two runs give the same.
pub fn drawn<'a>(operations: impl IntoIterator<Item = &'a Operation>) -> BTreeSet<ColumnRef> {
    let of_moment = |expression: &Expression| expression.volatility() != Volatility::Constant;
    let mut found = BTreeSet::new();
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
        let loss = Loss::declared("-- schemig:down loss=column:users.nick\nALTER TABLE …");
        assert!(loss.covers(&at("nick")) && !loss.covers(&at("email")));
        assert!(Loss::declared("-- schemig:down loss=rows\n").covers(&at("email")));
        assert_eq!(Loss::declared("-- schemig:down loss=none\n"), Loss::default());
        assert_eq!(Loss::declared("SELECT 1; -- schemig:down loss=rows"), Loss::default());
    }
}
