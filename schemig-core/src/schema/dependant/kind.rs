//! The kinds of what isn't modelled, and how each hangs on its tables.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What something is that isn't modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DependantKind {
    /// A view.
    View,
    /// A view whose rows are stored.
    MaterializedView,
    /// A table that another server or a module has.
    ForeignTable,
    /// A function or a procedure.
    Function,
    /// A trigger of the user's own.
    Trigger,
    /// A row-level security policy.
    Policy,
    /// A rewrite rule, other than a view's.
    Rule,
    /// A statistics object over several columns.
    Statistics,
    /// A sequence that no column owns.
    Sequence,
    /// A type of the user's own, other than an enum.
    Type,
    /// What a role may do with tables of which it isn't the owner.
    Grants,
    /// What a role may do with single columns.
    ColumnGrants,
    /// What a role may do with tables that come.
    DefaultPrivileges,
    /// Row security, which hides the rows that no policy shows.
    RowSecurity,
    /// What is replicated to subscribers.
    Publication,
    /// A cast of the user's own.
    Cast,
    /// An operator of the user's own.
    Operator,
    /// A trigger that fires on DDL.
    EventTrigger,
    /// A foreign key to what is no table here, such as a partition, or with more to it than is modelled.
    ForeignKey,
    /// A table whose columns come from another one's.
    Inheritance,
    /// A table whose columns are a type's.
    TypedTable,
    /// A column that holds rows of a table.
    RowType,
}

impl DependantKind {
    /// Whether it is a part of its table and goes with it, in silence: the others make the server refuse.
    pub fn goes_with_table(self) -> bool {
        match self {
            Self::Trigger
            | Self::Policy
            | Self::Rule
            | Self::Statistics
            | Self::Grants
            | Self::ColumnGrants
            | Self::RowSecurity
            | Self::Publication
            | Self::ForeignKey
            | Self::TypedTable => true,
            Self::View
            | Self::MaterializedView
            | Self::ForeignTable
            | Self::Function
            | Self::Sequence
            | Self::Type
            | Self::DefaultPrivileges
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger
            | Self::Inheritance
            | Self::RowType => false,
        }
    }

    /// Whether it has a word in which columns its tables have, beside those that it names.
    pub fn rules_columns(self) -> bool {
        match self {
            Self::Inheritance | Self::TypedTable => true,
            Self::Trigger
            | Self::Policy
            | Self::Rule
            | Self::Statistics
            | Self::Grants
            | Self::ColumnGrants
            | Self::RowSecurity
            | Self::Publication
            | Self::ForeignKey
            | Self::View
            | Self::MaterializedView
            | Self::ForeignTable
            | Self::Function
            | Self::Sequence
            | Self::Type
            | Self::DefaultPrivileges
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger
            | Self::RowType => false,
        }
    }

    /// Whether it is a part of its columns and nobody misses it when they go.
    pub fn goes_with_column(self) -> bool {
        match self {
            Self::ColumnGrants => true,
            Self::Trigger
            | Self::Policy
            | Self::Rule
            | Self::Statistics
            | Self::Grants
            | Self::RowSecurity
            | Self::Publication
            | Self::View
            | Self::MaterializedView
            | Self::ForeignTable
            | Self::Function
            | Self::Sequence
            | Self::Type
            | Self::DefaultPrivileges
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger
            | Self::ForeignKey
            | Self::Inheritance
            | Self::TypedTable
            | Self::RowType => false,
        }
    }

    /// Whether it holds code, which may read columns that the server doesn't know of.
    pub fn has_code(self) -> bool {
        match self {
            Self::Trigger | Self::Rule | Self::View | Self::MaterializedView | Self::Function => true,
            Self::Policy
            | Self::Statistics
            | Self::Grants
            | Self::ColumnGrants
            | Self::DefaultPrivileges
            | Self::RowSecurity
            | Self::Publication
            | Self::Cast
            | Self::Operator
            | Self::EventTrigger
            | Self::ForeignKey
            | Self::Inheritance
            | Self::TypedTable
            | Self::RowType
            | Self::ForeignTable
            | Self::Sequence
            | Self::Type => false,
        }
    }
}

impl fmt::Display for DependantKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::View => "view",
            Self::MaterializedView => "materialized view",
            Self::ForeignTable => "foreign table",
            Self::Function => "function",
            Self::Trigger => "trigger",
            Self::Policy => "policy",
            Self::Rule => "rule",
            Self::Statistics => "statistics",
            Self::Sequence => "sequence",
            Self::Type => "type",
            Self::Grants => "grants to",
            Self::ColumnGrants => "column grants to",
            Self::DefaultPrivileges => "default privileges on",
            Self::RowSecurity => "row security",
            Self::Publication => "publication",
            Self::Cast => "cast",
            Self::Operator => "operator",
            Self::EventTrigger => "event trigger",
            Self::ForeignKey => "foreign key",
            Self::Inheritance => "inheritance",
            Self::TypedTable => "typed table",
            Self::RowType => "row type in",
        })
    }
}
