//! Types: how DDL spells them, what `diesel print-schema` makes of the spelling, and what is left of them in a database.

use crate::schema::{Column, Identity, SqlType, Table};

/// The type as DDL spells it: the spelling from which `diesel print-schema` infers the type again, where there is one.
///
/// Types that SQLite and Diesel's SQLite have no word for are TEXT, whose affinity changes no value that is text.
pub(super) fn type_name(sql_type: &SqlType) -> String {
    match sql_type {
        SqlType::SmallInt => "SMALLINT".to_owned(),
        SqlType::Integer => "INTEGER".to_owned(),
        SqlType::BigInt => "BIGINT".to_owned(),
        SqlType::Real => "REAL".to_owned(),
        SqlType::Double => "DOUBLE".to_owned(),
        SqlType::Numeric(None) => "NUMERIC".to_owned(),
        SqlType::Numeric(Some((precision, scale))) => format!("NUMERIC({precision},{scale})"),
        SqlType::Text => "TEXT".to_owned(),
        SqlType::Varchar(None) => "VARCHAR".to_owned(),
        SqlType::Varchar(Some(length)) => format!("VARCHAR({length})"),
        SqlType::Char(length) => format!("CHAR({length})"),
        SqlType::Boolean => "BOOLEAN".to_owned(),
        SqlType::Binary | SqlType::Jsonb => "BLOB".to_owned(),
        SqlType::Date => "DATE".to_owned(),
        SqlType::Time => "TIME".to_owned(),
        SqlType::Timestamp | SqlType::Timestamptz => "TIMESTAMP".to_owned(),
        SqlType::Interval | SqlType::Uuid | SqlType::Json | SqlType::Array(_) => "TEXT".to_owned(),
        SqlType::Named(name) => name.clone(),
    }
}

/// The type as `table!` spells it.
///
/// Numeric, Timestamptz, Json and Jsonb are what a Rust type of that kind needs in `table!`; `print-schema` can't infer
/// them from any spelling, and prints Double, Timestamp, Text and Binary there.
pub(super) fn diesel_type(sql_type: &SqlType) -> Option<String> {
    let name = match sql_type {
        SqlType::SmallInt => "SmallInt",
        SqlType::Integer => "Integer",
        SqlType::BigInt => "BigInt",
        SqlType::Real => "Float",
        SqlType::Double => "Double",
        SqlType::Numeric(_) => "Numeric",
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => "Text",
        SqlType::Boolean => "Bool",
        SqlType::Binary => "Binary",
        SqlType::Date => "Date",
        SqlType::Time => "Time",
        SqlType::Timestamp => "Timestamp",
        SqlType::Timestamptz => "TimestamptzSqlite",
        SqlType::Json => "Json",
        SqlType::Jsonb => "Jsonb",
        SqlType::Interval | SqlType::Uuid | SqlType::Array(_) => return None,
        SqlType::Named(spelling) => inferred_type(spelling)?,
    };
    Some(name.to_owned())
}

/// The type of a column that no model has. Nobody says there that Rust's type is a decimal, and `print-schema` infers a float.
pub(super) fn found_type(sql_type: &SqlType) -> Option<String> {
    if let SqlType::Numeric(_) = sql_type {
        return inferred_type(&type_name(sql_type)).map(str::to_owned);
    }
    diesel_type(sql_type)
}

/// The type that a table declares. Where `print-schema` infers another from a spelling than DDL means by it, what it infers counts, for models
/// are written after that: `FLOAT8` has 4 bytes for Diesel, and `INTERVAL` is an integer.
pub fn declared_type(declared: &str) -> SqlType {
    let known = SqlType::parse(declared);
    let Some(inferred) = inferred_type(declared) else { return known };
    if inferred_type(&type_name(&known)) == Some(inferred) { known } else { inferred_as(inferred) }
}

/// The type that Diesel's is for.
fn inferred_as(diesel_type: &str) -> SqlType {
    match diesel_type {
        "Bool" => SqlType::Boolean,
        "SmallInt" => SqlType::SmallInt,
        "Integer" => SqlType::Integer,
        "BigInt" => SqlType::BigInt,
        "Float" => SqlType::Real,
        "Double" => SqlType::Double,
        "Binary" => SqlType::Binary,
        "Date" => SqlType::Date,
        "Time" => SqlType::Time,
        "Timestamp" => SqlType::Timestamp,
        _ => SqlType::Text,
    }
}

/// What `diesel print-schema` makes of a declared type; `None` where it gives up.
pub fn inferred_type(declared: &str) -> Option<&'static str> {
    let declared = declared.to_ascii_lowercase();
    let has = |part: &str| declared.contains(part);
    let found = match declared.as_str() {
        "boolean" | "bool" => "Bool",
        "int2" => "SmallInt",
        "int8" => "BigInt",
        "datetime" | "timestamp" => "Timestamp",
        "date" => "Date",
        "time" => "Time",
        "" => "Binary",
        _ if has("int") && has("tiny") => "Bool",
        _ if has("int") && has("small") => "SmallInt",
        _ if has("int") && has("big") => "BigInt",
        _ if has("int") => "Integer",
        _ if has("char") || has("clob") || has("text") => "Text",
        _ if has("blob") || has("binary") => "Binary",
        _ if has("float") || has("real") => "Float",
        _ if has("double") || has("num") || has("dec") => "Double",
        _ => return None,
    };
    Some(found)
}

/// The table's key column when it is SQLite's row number: a single integer key is written so that it is.
pub(super) fn is_row_number(table: &Table, column: &str) -> bool {
    let [key] = table.primary_key.as_slice() else { return false };
    key.as_str() == column
        && table.columns.get(key).is_some_and(|known| {
            matches!(known.sql_type, SqlType::SmallInt | SqlType::Integer | SqlType::BigInt)
                && known.generated.is_none()
        })
}

/// Whether deleted row numbers are never given again. Identity's stricter form says so.
pub(super) fn never_reuses(table: &Table) -> bool {
    table.columns.iter().any(|(name, column)| {
        is_row_number(table, name.as_str()) && column.identity == Some(Identity::Always)
    })
}

/// The table as SQLite gives it back.
pub(super) fn kept(table: &Table) -> Table {
    let mut kept = table.clone();
    kept.comment = None;
    for (name, column) in &mut kept.columns {
        *column = kept_column(column, is_row_number(table, name.as_str()));
    }
    for key in &table.primary_key {
        if let Some(column) = kept.columns.get_mut(key) {
            column.nullable = false;
        }
    }
    for index in kept.indexes.values_mut() {
        index.method = None;
        index.include.clear();
    }
    kept
}

fn kept_column(column: &Column, row_number: bool) -> Column {
    let mut kept = column.clone();
    kept.comment = None;
    if row_number {
        kept.sql_type = SqlType::Integer;
        kept.identity = kept.identity.or(Some(Identity::ByDefault));
        kept.default = None;
    } else {
        kept.sql_type = SqlType::parse(&type_name(&column.sql_type));
        kept.identity = None;
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::{declared_type, diesel_type, found_type, inferred_type, type_name};
    use crate::schema::SqlType;

    #[test]
    fn print_schema_infers_the_type_from_the_spelling() {
        for text in [
            "smallint",
            "integer",
            "bigint",
            "real",
            "double precision",
            "text",
            "varchar",
            "varchar(20)",
            "char(3)",
            "boolean",
            "binary",
            "date",
            "time",
            "timestamp",
        ] {
            let sql_type = SqlType::parse(text);
            let inferred = inferred_type(&type_name(&sql_type)).map(str::to_owned);
            assert_eq!(diesel_type(&sql_type), inferred, "{text}");
            assert_eq!(SqlType::parse(&type_name(&sql_type)), sql_type, "{text}");
        }
    }

    /// In the snapshot's words, too.
    #[test]
    fn a_declared_type_is_printed_as_diesel_infers_it() {
        let spellings = [
            "FLOAT",
            "FLOAT8",
            "FLOAT(24)",
            "REAL",
            "DOUBLE",
            "DOUBLE PRECISION",
            "INTERVAL",
            "DECIMAL(10,2)",
            "NUMERIC",
            "TINYINT(1)",
            "INT",
            "INT8",
            "UNSIGNED BIG INT",
            "DATETIME",
            "TIMESTAMP",
            "NVARCHAR(9)",
            "CLOB",
            "BLOB",
            "POINT",
            "STRING",
        ];
        for text in spellings {
            let sql_type = declared_type(text);
            assert_eq!(found_type(&sql_type), inferred_type(text).map(str::to_owned), "{text}");
            assert_eq!(SqlType::parse(&sql_type.to_string()), sql_type, "{text}");
        }
    }

    #[test]
    fn what_has_no_diesel_type_is_named_by_nobody() {
        for text in ["uuid", "interval", "text[]", "geometry"] {
            assert_eq!(diesel_type(&SqlType::parse(text)), None, "{text}");
        }
        assert_eq!(diesel_type(&SqlType::parse("DATETIME")).as_deref(), Some("Timestamp"));
        assert_eq!(diesel_type(&SqlType::parse("TINYINT(1)")).as_deref(), Some("Bool"));
    }
}
