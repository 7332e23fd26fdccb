//! A table's primary key, in the forms that a walk along it needs.

use super::Postgres;
use super::quote::{columns, ident};
use super::types::array_of;
use crate::schema::{ColumnName, SqlType, State, TableName};

/// A primary key of any number of columns and any types, in the forms that the batches need.
pub(super) struct Key {
    idents: Vec<String>,
    /// For each column its type as a variable's declaration has it, and whether it is a time.
    types: Vec<(String, bool)>,
    /// The declarations of the arrays.
    arrays: String,
    /// `a, b`.
    pub list: String,
    /// `t.a, t.b`.
    pub qualified: String,
    /// `a DESC, b DESC`.
    pub descending: String,
    /// `a`, or `(a, b)`: compared as a row, for which the server uses the key's index.
    pub row: String,
    /// The columns as arrays.
    pub aggregates: String,
    /// Which rows the arrays name.
    pub matches: String,
}

impl Key {
    pub(super) fn of(dialect: &Postgres, table: &TableName, keys: &[ColumnName], state: &State) -> Self {
        let name = dialect.table(table);
        let width = keys.len();
        let idents: Vec<String> = keys.iter().map(|key| ident(key.as_str())).collect();
        let owned: Vec<String> = keys.iter().map(|key| dialect.own(table, key)).collect();
        let mut types = Vec::new();
        let mut declarations = Vec::new();
        for (at, (key, ident)) in keys.iter().zip(&idents).enumerate() {
            let sql_type = dialect.type_of(table, key, state);
            let array = sql_type.map_or_else(|| array_of(&SqlType::BigInt), array_of);
            declarations.push(format!("    {} {array};", numbered("keys", at, width)));
            types.push((format!("{name}.{ident}%TYPE"), sql_type.is_some_and(is_time)));
        }
        let arrays: Vec<String> = (0..width).map(|at| numbered("keys", at, width)).collect();
        let matches = match (owned.as_slice(), arrays.as_slice()) {
            ([own], [array]) => format!("{own} = ANY ({array})"),
            (own, arrays) => {
                format!("({}) IN (SELECT * FROM unnest({}))", own.join(", "), arrays.join(", "))
            }
        };
        let joined =
            |end: &str| idents.iter().map(|key| format!("{key}{end}")).collect::<Vec<_>>().join(", ");
        Self {
            types,
            idents: idents.clone(),
            arrays: declarations.join("\n"),
            list: columns(keys),
            qualified: owned.join(", "),
            descending: joined(" DESC"),
            row: as_row(&owned),
            aggregates: idents
                .iter()
                .map(|key| format!("array_agg(batch.{key})"))
                .collect::<Vec<_>>()
                .join(", "),
            matches,
        }
    }

    /// The declarations of these variables, and of the arrays.
    pub(super) fn declare(&self, variables: &[&str]) -> String {
        let mut lines = Vec::new();
        for variable in variables {
            let names = self.numbered(variable);
            lines.extend(
                names.iter().zip(&self.types).map(|(name, (sql_type, _))| format!("    {name} {sql_type};")),
            );
        }
        lines.push(self.arrays.clone());
        lines.join("\n")
    }

    /// These expressions, one for each column, as an array of texts, from which the server reads the same values again whatever its
    /// settings are: the text of a time depends on DateStyle, but not in JSON.
    pub(super) fn texts(&self, expressions: &[String]) -> String {
        let text = |(expression, (_, is_time)): (&String, &(String, bool))| {
            if *is_time {
                format!("to_jsonb({expression}) #>> '{{}}'")
            } else {
                format!("{expression}::text")
            }
        };
        format!("ARRAY[{}]", expressions.iter().zip(&self.types).map(text).collect::<Vec<_>>().join(", "))
    }

    /// The elements of an array of such texts.
    pub(super) fn elements(&self, array: &str) -> String {
        (1..=self.types.len()).map(|at| format!("{array}[{at}]")).collect::<Vec<_>>().join(", ")
    }

    /// The columns, one by one.
    pub(super) fn columns(&self) -> Vec<String> {
        self.idents.clone()
    }

    /// The variable's names, one for each column.
    pub(super) fn numbered(&self, variable: &str) -> Vec<String> {
        let width = self.types.len();
        (0..width).map(|at| numbered(variable, at, width)).collect()
    }

    /// The same in a list.
    pub(super) fn variables(&self, variable: &str) -> String {
        self.numbered(variable).join(", ")
    }

    /// The same as a row.
    pub(super) fn variable_row(&self, variable: &str) -> String {
        as_row(&self.numbered(variable))
    }
}

/// A variable for one column of the key. The prefix keeps it apart from columns: PL/pgSQL takes a name for either.
fn numbered(variable: &str, at: usize, width: usize) -> String {
    if width == 1 { format!("schemig_{variable}") } else { format!("schemig_{variable}_{}", at + 1) }
}

fn as_row(names: &[String]) -> String {
    match names {
        [one] => one.clone(),
        several => format!("({})", several.join(", ")),
    }
}

/// Whether a type's text depends on the session.
fn is_time(sql_type: &SqlType) -> bool {
    match sql_type {
        SqlType::Date | SqlType::Time | SqlType::Timestamp | SqlType::Timestamptz => true,
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
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Array(_)
        | SqlType::Named(_) => false,
    }
}
