//! What a server can do, as data: all that planning asks of a dialect.

use super::Cast;
use crate::schema::{ExtensionName, SqlType};

/// What may come with an extension rather than with the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Foreign<'a> {
    /// A column's type.
    Type(&'a SqlType),
    /// How an index sorts a key.
    Class(&'a str),
    /// How an index is built.
    Method(&'a str),
    /// An index of this method over a column of this type, sorted as is usual for it.
    Key {
        /// The access method.
        method: &'a str,
        /// The column's type.
        sql_type: &'a SqlType,
        /// Whether it is an enum of the user's own.
        is_enum: bool,
    },
}

/// The abilities of one version of one server that decide which routes a plan can take.
#[derive(Clone, Copy, Debug)]
pub struct Capabilities {
    /// It builds and drops indexes without blocking writes.
    pub online_indexes: bool,
    /// Its triggers can set columns of the row that is written, so it can fill and mirror.
    pub triggers_assign: bool,
    /// It adds, drops and proves constraints, defaults and NOT NULL in place. Otherwise a table is rebuilt.
    pub alters_in_place: bool,
    /// Its simple views take INSERT, UPDATE, DELETE and upserts.
    pub updatable_views: bool,
    /// It adds columns whose default is stable but not constant without a rewrite.
    pub stable_defaults: bool,
    /// Its indexes have operator classes, a place for NULL, and storage parameters.
    pub index_options: bool,
    /// Its unique indexes can hold NULL to be like NULL.
    pub nulls_not_distinct: bool,
    /// Its unique keys can be checked when a transaction ends.
    pub deferrable_keys: bool,
    /// It has exclusion constraints.
    pub exclusions: bool,
    /// It has columns that each read computes, and adds one without writing rows.
    pub virtual_columns: bool,
    /// Its virtual columns can be indexed, and be of a type of one's own, as stored ones can.
    pub virtual_as_stored: bool,
    /// It numbers any column of integers. Otherwise it numbers a primary key of one integer, and nothing else.
    pub numbers_any_column: bool,
    /// Its views can run with the rights of who reads them, so that row security holds through them.
    pub security_invoker: bool,
    /// Its tables live in schemas (namespaces) that can be made.
    pub schemas: bool,
    /// The extension that brings what a model uses; none where that comes with the server, or nobody knows where it comes from.
    pub extension: fn(&Foreign<'_>) -> Option<ExtensionName>,
    /// What it makes of a change from the first type to the second.
    pub cast: fn(&SqlType, &SqlType) -> Cast,
}
