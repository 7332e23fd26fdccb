//! What `#[schemig(…)]` says of indexes, checks, foreign keys and hints.

use proc_macro2::Span;

use crate::model::{Name, Said, Text};

/// `index(…)`, `unique(…)` or `exclude(…)`.
#[derive(Clone, Debug)]
pub struct IndexAttr {
    /// Where the word `index`, `unique` or `exclude` stands.
    pub span: Span,
    /// Its name in the database; schemig makes one up if absent.
    pub name: Option<Text>,
    /// What it is over, in order. Never empty.
    pub keys: Vec<IndexKey>,
    /// How it sorts each of them, in the same order.
    pub orders: Vec<KeyOrder>,
    /// `with "&&"` behind each of them, in the same order: two rows for which all of these hold exclude each other. Empty but for `exclude`.
    pub operators: Vec<Text>,
    /// `nulls_not_distinct`: two rows whose keys are NULL are alike to it.
    pub nulls_not_distinct: bool,
    /// When a unique or excluding one is checked, where it says so.
    pub deferral: Option<Deferral>,
    /// `with = "…"`: storage parameters by name; `none` takes away what the index has.
    pub storage: Said<Vec<(String, String)>>,
    /// The access method, such as `gin`.
    pub method: Option<Text>,
    /// `where = "…"`: the rows it covers.
    pub predicate: Option<Text>,
    /// Columns carried along without being keys.
    pub include: Vec<Name>,
}

/// One key of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IndexKey {
    /// A column, named as Diesel sees it.
    Column(Name),
    /// An SQL expression.
    Expression(Text),
}

/// How an index sorts one of its keys: what stands behind it, such as `desc nulls last`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyOrder {
    /// `ops(…)`: the operator class.
    pub class: Option<Text>,
    /// `desc`.
    pub descending: bool,
    /// `nulls first` or `nulls last`, where that isn't what goes with the direction: NULL counts as larger than all else.
    pub nulls: Option<Nulls>,
}

/// Where an index has its NULLs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nulls {
    /// Before all else.
    First,
    /// Behind all else.
    Last,
}

/// `check(…)`.
#[derive(Clone, Debug)]
pub struct CheckAttr {
    /// Where the word `check` stands.
    pub span: Span,
    /// Its name in the database; schemig makes one up if absent.
    pub name: Option<Text>,
    /// What must not be false.
    pub expression: Text,
}

/// `dropped(…)`: a column that goes, with what a silent removal leaves open.
#[derive(Clone, Debug)]
pub struct DroppedAttr {
    /// Where the word `dropped` stands.
    pub span: Span,
    /// The column, named as Diesel saw it.
    pub column: Name,
    /// What keeps it filled until it goes; `none` lets it be NULL, and then the old release can't read the new one's rows.
    pub fill: Said<Text>,
    /// Dependants that schemig never declared and that may go with it.
    pub with: Vec<Text>,
}

/// `rows_from(…)`: a new table whose rows come from one that stands.
#[derive(Clone, Debug)]
pub struct RowsFromAttr {
    /// Where the word `rows_from` stands.
    pub span: Span,
    /// The other table, named as Diesel sees it.
    pub from: Name,
    /// Columns of this table, and what each gets: a column of the other one, or an SQL expression over its row. Never empty.
    pub columns: Vec<(Name, Text)>,
}

/// What rows that exist get in a new column.
#[derive(Clone, Debug)]
pub enum Backfill {
    /// An SQL expression over the row.
    Expression(Text),
    /// A column of another table, which can be kept in step.
    From {
        /// The other table, named as Diesel sees it.
        from: Name,
        /// Its column that holds this table's primary key.
        key: Name,
        /// Its column that holds the value.
        value: Name,
        /// What rows without a source get.
        otherwise: Option<Text>,
    },
}

/// A foreign key.
#[derive(Clone, Debug)]
pub struct References {
    /// Where the word `references` stands.
    pub span: Span,
    /// The table it points to, named as Diesel sees it.
    pub table: Name,
    /// The column it points to; that table's primary key if absent.
    pub column: Option<Name>,
    /// What a DELETE over there does here.
    pub on_delete: Option<Action>,
    /// What a change of the key over there does here.
    pub on_update: Option<Action>,
    /// When it is checked; a model that doesn't say leaves what there is.
    pub deferral: Option<Deferral>,
    /// Its name in the database; schemig makes one up if absent.
    pub name: Option<Text>,
}

/// When a foreign key is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deferral {
    /// `not_deferrable`: with each statement.
    Never,
    /// `deferrable`: with each statement, unless the transaction puts it off.
    Immediate,
    /// `deferred`: when the transaction ends, unless that asks for it before.
    Deferred,
}

impl Deferral {
    /// All of them.
    pub const ALL: [Deferral; 3] = [Deferral::Never, Deferral::Immediate, Deferral::Deferred];

    /// The word in the source.
    pub fn word(self) -> &'static str {
        match self {
            Deferral::Never => "not_deferrable",
            Deferral::Immediate => "deferrable",
            Deferral::Deferred => "deferred",
        }
    }
}

/// What happens to the rows that point to one that goes or changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// `no_action`: refused, checked at the end of the statement.
    NoAction,
    /// `restrict`: refused at once.
    Restrict,
    /// `cascade`: they follow.
    Cascade,
    /// `set_null`: they point to nothing.
    SetNull,
    /// `set_default`: they point to their default.
    SetDefault,
}

impl Action {
    /// All of them.
    pub const ALL: [Action; 5] =
        [Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault];

    /// The word in the source.
    pub fn word(self) -> &'static str {
        match self {
            Action::NoAction => "no_action",
            Action::Restrict => "restrict",
            Action::Cascade => "cascade",
            Action::SetNull => "set_null",
            Action::SetDefault => "set_default",
        }
    }
}

/// A column that the database computes.
#[derive(Clone, Debug)]
pub struct Generated {
    /// The SQL expression.
    pub expression: Text,
    /// When it is computed.
    pub storage: Storage,
}

/// When a generated column is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// On write. The default, for PostgreSQL has the other one from 18 on only.
    Stored,
    /// On read.
    Virtual,
}

/// A column that the database numbers.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// Where it is said.
    pub span: Span,
    /// Who wins when an insert gives a number.
    pub kind: IdentityKind,
}

/// Who wins when an insert gives a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IdentityKind {
    /// The database: such an insert is refused.
    Always,
    /// The insert.
    ByDefault,
}
