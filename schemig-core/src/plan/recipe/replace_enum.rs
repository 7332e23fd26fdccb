//! Take labels off an enum, or put them in another order, while no release runs: the type is made anew, once no row holds what goes.

use crate::operation::Operation;
use crate::plan::context::Context;
use crate::schema::{ColumnName, Enum, EnumName, Expression, SqlType, Violation};

pub(super) fn direct(context: &Context<'_>, name: &EnumName, from: &Enum, to: &Enum) -> Vec<Operation> {
    let gone: Vec<&str> = from.labels.iter().filter(|label| !to.has(label)).map(String::as_str).collect();
    let mut operations = Vec::new();
    for (table, definition) in context.to.users_of(name).filter(|_| !gone.is_empty()) {
        for (column, known) in definition.columns.iter().filter(|(_, column)| column.sql_type.is_of(name)) {
            let against = Violation::Check { expression: holds_none(column, &known.sql_type, &gone) };
            operations.push(Operation::Guard { table: table.clone(), against });
        }
    }
    operations.push(Operation::ReplaceEnum { name: name.clone(), definition: to.clone() });
    operations
}

/// As text, so that a second run understands it too: then the type doesn't know these labels any more.
fn holds_none(column: &ColumnName, sql_type: &SqlType, labels: &[&str]) -> Expression {
    let column = format!("\"{}\"", column.as_str().replace('"', "\"\""));
    let labels: Vec<String> = labels.iter().map(|label| format!("'{}'", label.replace('\'', "''"))).collect();
    let labels = labels.join(", ");
    Expression(match sql_type {
        SqlType::Array(_) => format!("NOT (CAST({column} AS text[]) && ARRAY[{labels}])"),
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Text
        | SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Named(_) => format!("CAST({column} AS text) NOT IN ({labels})"),
    })
}
