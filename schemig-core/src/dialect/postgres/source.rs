//! The value that a filled column should have (DOCTRINE, R1 and R6), as SQL over a row.

use super::Postgres;
use super::quote::ident;
use super::types::{differs, unlike};
use crate::schema::{ColumnName, ColumnRef, Expression, Origin, Source, SqlType, State, TableName};

impl Postgres {
    /// A name for a second table in a query over `table`.
    pub(super) fn alias(&self, wanted: &'static str, table: &TableName) -> String {
        if table.name == wanted { format!("{wanted}_row") } else { wanted.to_owned() }
    }

    /// A column of a query's main table.
    pub(super) fn own(&self, table: &TableName, column: &ColumnName) -> String {
        format!("{}.{}", ident(&table.name), ident(column.as_str()))
    }

    /// The value that the source has for a key; NULL where it has no row.
    pub(super) fn look_up(&self, table: &TableName, source: &Source, key: &str) -> String {
        let alias = self.alias("source", table);
        format!(
            "(SELECT {alias}.{} FROM {} AS {alias} WHERE {alias}.{} = {key})",
            ident(source.value.as_str()),
            self.table(&source.table),
            ident(source.key.as_str())
        )
    }

    /// An expression of the user's over the columns of a trigger's row: in a query whose only table is that row, so that
    /// names mean what they mean in the table.
    pub(super) fn over_new_row(&self, table: &TableName, expression: &Expression, state: &State) -> String {
        let known = state.schema.tables.get(table);
        let used = known.map(|known| expression.columns(known.columns.keys())).unwrap_or_default();
        if used.is_empty() {
            return format!("({expression})");
        }
        let columns: Vec<String> = used
            .iter()
            .map(|column| ident(column.as_str()))
            .map(|column| format!("NEW.{column} AS {column}"))
            .collect();
        format!("(SELECT {expression} FROM (SELECT {}) AS {})", columns.join(", "), ident(&table.name))
    }

    /// The column that a source's key refers to: the table's single key column.
    pub(super) fn key_column(&self, table: &TableName, state: &State) -> ColumnName {
        let known = state.schema.tables.get(table);
        known.and_then(|known| known.primary_key.first()).cloned().unwrap_or_else(|| "id".into())
    }

    pub(super) fn type_of<'a>(
        &self,
        table: &TableName,
        column: &ColumnName,
        state: &'a State,
    ) -> Option<&'a SqlType> {
        state.schema.column(&ColumnRef::new(table, column)).map(|known| &known.sql_type)
    }

    /// The value that a standing row should have.
    pub(super) fn value(
        &self,
        table: &TableName,
        column: &ColumnName,
        origin: &Origin,
        state: &State,
    ) -> String {
        match origin {
            Origin::Expression(expression) => format!("({expression})"),
            Origin::Numbers => "DEFAULT".to_owned(),
            Origin::Column(other) => self.copied(table, column, other, state),
            Origin::Source(source) => {
                let key = self.own(table, &self.key_column(table, state));
                let found = self.look_up(table, source, &key);
                match &source.otherwise {
                    Some(otherwise) => format!("coalesce({found}, ({otherwise}))"),
                    None => found,
                }
            }
        }
    }

    /// Whether a standing row has another value than it should have. A row whose source says nothing keeps what it has.
    pub(super) fn is_wrong(
        &self,
        table: &TableName,
        column: &ColumnName,
        origin: &Origin,
        within: Option<&str>,
        state: &State,
    ) -> String {
        let own = self.own(table, column);
        match origin {
            Origin::Expression(_) | Origin::Numbers => format!("{own} IS NULL"),
            Origin::Column(other) => self.is_unlike(table, column, other, state),
            Origin::Source(source) => self.is_stale(table, column, source, within, state),
        }
    }

    /// What a column is to hold that another is copied into: what their mirror says, if they have one.
    fn copied(&self, table: &TableName, column: &ColumnName, from: &ColumnName, state: &State) -> String {
        match self.mirrored(table, [from, column], state) {
            Some((columns, conversion)) => {
                let pair = self.pair(table, columns, conversion, state);
                if columns[1] == column { pair.forth } else { pair.back }
            }
            None => self.own(table, from),
        }
    }

    fn is_unlike(&self, table: &TableName, column: &ColumnName, from: &ColumnName, state: &State) -> String {
        match self.mirrored(table, [from, column], state) {
            Some((columns, conversion)) => {
                let pair = self.pair(table, columns, conversion, state);
                if columns[1] == column { pair.new_is_wrong() } else { pair.old_is_wrong() }
            }
            None => unlike(&self.own(table, column), &self.own(table, from)),
        }
    }

    /// Which rows aren't what their source row says; `within` narrows the source down.
    pub(super) fn is_stale(
        &self,
        table: &TableName,
        column: &ColumnName,
        source: &Source,
        within: Option<&str>,
        state: &State,
    ) -> String {
        let own = self.own(table, column);
        let sql_type = self.type_of(table, column, state);
        if source.otherwise.is_some() {
            return differs(
                &own,
                &self.value(table, column, &Origin::Source(source.clone()), state),
                sql_type,
            );
        }
        let alias = self.alias("source", table);
        format!(
            "EXISTS (SELECT FROM {} AS {alias} WHERE {alias}.{} = {}{} AND {})",
            self.table(&source.table),
            ident(source.key.as_str()),
            self.own(table, &self.key_column(table, state)),
            within.map(|condition| format!(" AND {condition}")).unwrap_or_default(),
            differs(&own, &format!("{alias}.{}", ident(source.value.as_str())), sql_type)
        )
    }
}
