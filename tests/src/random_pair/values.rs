//! Expressions that fit a type.

use schemig_core::schema::{ColumnRef, Expression, SqlType};

use super::Making;
use crate::fixture::Product;

impl Making {
    pub(super) fn type_of(&self, at: &ColumnRef) -> Option<SqlType> {
        self.schema.column(at).map(|column| column.sql_type.clone())
    }

    /// A value that is the same for all rows.
    #[expect(clippy::wildcard_enum_match_arm, reason = "columns here have one of four types")]
    pub(super) fn constant(&self, sql_type: &SqlType) -> Expression {
        match sql_type {
            SqlType::BigInt => "7",
            SqlType::Named(_) => "'a'",
            SqlType::Timestamp => "'2020-02-29 12:00:00'",
            _ => "'fill'",
        }
        .into()
    }

    /// A value of the row's own.
    #[expect(clippy::wildcard_enum_match_arm, reason = "columns here have one of four types")]
    pub(super) fn computed(&self, sql_type: &SqlType) -> Expression {
        match sql_type {
            SqlType::BigInt => "id",
            SqlType::Named(_) => "(CASE WHEN id % 2 = 0 THEN 'a' ELSE 'b' END)::mood",
            SqlType::Timestamp => "'2020-02-29 12:00:00'",
            _ => "CAST(id AS text)",
        }
        .into()
    }

    /// A value that differs from row to row.
    pub(super) fn volatile(&self, sql_type: &SqlType) -> Expression {
        match (sql_type, self.product) {
            (SqlType::BigInt, Product::Postgres) => "(random() * 1000000000)::bigint",
            (SqlType::BigInt, Product::Sqlite) => "abs(random() % 1000000000)",
            (SqlType::Timestamp, Product::Postgres) => "clock_timestamp()",
            (SqlType::Timestamp, Product::Sqlite) => "CURRENT_TIMESTAMP",
            (SqlType::Named(_), _) => "(ARRAY['a', 'b'])[1 + floor(random() * 2)::int]::mood",
            (_, Product::Postgres) => "md5(random()::text)",
            (_, Product::Sqlite) => "hex(randomblob(8))",
        }
        .into()
    }
}
