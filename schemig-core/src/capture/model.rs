//! A model as the scan hands it over: what `schemig-syntax` read, with places instead of spans and types as data, so that it can
//! leave the thread that parsed it.

use super::{Place, RustType};
use crate::schema::{Action, Deferral, KeyOrder, Strategy};

/// A name or a string in the source.
#[derive(Clone, Debug)]
pub struct Word {
    /// What it says, without `r#` and quotes.
    pub text: String,
    /// Where it stands.
    pub place: Place,
}

/// What a model says of one fact. Boxed: a project has thousands of columns, and is silent on most of what each may say.
#[derive(Clone, Debug, Default)]
pub enum Said<T> {
    /// Nothing: what was observed stays, what was declared goes.
    #[default]
    Absent,
    /// The word `none`, which stands here: there is no such thing.
    None(Box<Place>),
    /// This.
    Value(Box<T>),
}

impl<T> Said<T> {
    /// The value, if one is given.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Absent | Self::None(_) => None,
        }
    }
}

/// A struct that derives `Migratable`.
#[derive(Clone, Debug)]
pub struct Model {
    /// The struct's name.
    pub ident: Word,
    /// Its `table!`.
    pub table: Word,
    /// The modules in front of it, where `table_name` is a path.
    pub table_modules: Vec<String>,
    /// Columns of the primary key, as Diesel sees them.
    pub primary_key: Vec<Word>,
    /// Rows are decoded by position.
    pub positional: bool,
    /// In the struct's order. Embedded structs aren't flattened yet.
    pub fields: Vec<Field>,
    /// The table's name in the database.
    pub name: Option<Word>,
    /// The database schema it lives in.
    pub schema: Option<Word>,
    /// The table's former name.
    pub renamed_from: Said<Word>,
    /// Where the rows of a new table come from.
    pub rows_from: Option<RowsWish>,
    /// How its rows are spread over partitions.
    pub partition_by: Option<PartitionWish>,
    /// Indexes of the struct, unique ones included.
    pub indexes: Vec<IndexWish>,
    /// Checks of the struct.
    pub checks: Vec<CheckWish>,
    /// Columns that go, and how.
    pub dropped: Vec<DroppedWish>,
    /// The table's comment.
    pub comment: Said<Word>,
    /// The short form of what it says, which the derive's test compares with the snapshot.
    pub fingerprint: String,
}

/// One field of a model that is no `skip`.
#[derive(Clone, Debug)]
pub enum Field {
    /// A column.
    Column(Box<ColumnField>),
    /// The fields of another struct.
    Embed {
        /// The field.
        ident: Word,
        /// The struct.
        ty: TypeUse,
    },
}

/// A Rust type where a field or a declaration uses it.
#[derive(Clone, Debug)]
pub struct TypeUse {
    /// The type.
    pub ty: RustType,
    /// Its tokens, for messages.
    pub text: String,
    /// Where it stands; the file decides what its imports mean.
    pub place: Place,
}

/// A field that is a column.
#[derive(Clone, Debug)]
pub struct ColumnField {
    /// The column as Diesel sees it.
    pub column: Word,
    /// What values of the column are read into.
    pub ty: TypeUse,
    /// The column's name in the database.
    pub name: Option<Box<Word>>,
    /// Its SQL type.
    pub sql_type: Option<Box<Word>>,
    /// Its default.
    pub default: Said<Word>,
    /// Its former name.
    pub renamed_from: Said<Word>,
    /// What rows that stand get.
    pub backfill: Said<BackfillWish>,
    /// How values of the old type become values of the new one.
    pub convert: Option<Box<Word>>,
    /// How they become values of the old type again.
    pub convert_back: Option<Box<Word>>,
    /// Its foreign key.
    pub references: Said<ReferenceWish>,
    /// A unique index of this column alone.
    pub unique: Said<IndexWish>,
    /// An index of this column alone.
    pub index: Said<IndexWish>,
    /// Its checks.
    pub checks: Vec<CheckWish>,
    /// What it is computed from, and whether that is stored.
    pub generated: Said<(Word, bool)>,
    /// Whether the server numbers it, and always.
    pub identity: Said<bool>,
    /// Its collation.
    pub collation: Said<Word>,
    /// Its comment.
    pub comment: Said<Word>,
}

/// An index that a model asks for.
#[derive(Clone, Debug)]
pub struct IndexWish {
    /// Where the word stands.
    pub place: Place,
    /// Whether it is unique.
    pub unique: bool,
    /// Its name, if the model has one for it.
    pub name: Option<Word>,
    /// Its keys, in order.
    pub keys: Vec<KeyWish>,
    /// How it sorts them, in the same order.
    pub orders: Vec<KeyOrder>,
    /// The operators by which two rows exclude each other, one for each key; none but for an exclusion constraint.
    pub operators: Vec<String>,
    /// Whether NULL is like NULL to a unique one.
    pub nulls_not_distinct: bool,
    /// When a unique or excluding one is checked, where the model says so.
    pub deferral: Option<Deferral>,
    /// Its storage parameters, by name.
    pub storage: Said<Vec<(String, String)>>,
    /// Its access method.
    pub method: Option<Word>,
    /// The rows that it holds.
    pub predicate: Option<Word>,
    /// Columns stored beside the keys.
    pub include: Vec<Word>,
}

/// One key of an index that a model asks for.
#[derive(Clone, Debug)]
pub enum KeyWish {
    /// A column, as Diesel sees it.
    Column(Word),
    /// An SQL expression.
    Expression(Word),
}

/// A check that a model asks for.
#[derive(Clone, Debug)]
pub struct CheckWish {
    /// Its name, if the model has one for it.
    pub name: Option<Word>,
    /// What must not be false.
    pub expression: Word,
}

/// A foreign key that a model asks for.
#[derive(Clone, Debug)]
pub struct ReferenceWish {
    /// Where the word stands.
    pub place: Place,
    /// The table that it points to, as Diesel sees it.
    pub table: Word,
    /// The column there; the primary key if absent.
    pub column: Option<Word>,
    /// What a DELETE over there does here.
    pub on_delete: Action,
    /// What a change of the key over there does here.
    pub on_update: Action,
    /// When it is checked, if the model says so.
    pub deferral: Option<Deferral>,
    /// Its name, if the model has one for it.
    pub name: Option<Word>,
}

/// What a model wants rows that stand to get.
#[derive(Clone, Debug)]
pub enum BackfillWish {
    /// An SQL expression over the row.
    Expression(Word),
    /// A column of another table; all named as Diesel sees them.
    From {
        /// The other table.
        table: Word,
        /// Its column that holds this table's primary key.
        key: Word,
        /// Its column that holds the value.
        value: Word,
        /// What rows without a source get.
        otherwise: Option<Word>,
    },
}

/// How a table's rows are spread over partitions.
#[derive(Clone, Debug)]
pub struct PartitionWish {
    /// Where the word stands.
    pub place: Place,
    /// By what.
    pub strategy: Strategy,
    /// The columns that decide it, as Diesel sees them.
    pub columns: Vec<Word>,
    /// The partitions that are there, as the database calls them, where the model says so.
    pub partitions: Option<Vec<Word>>,
}

/// Where the rows of a new table come from.
#[derive(Clone, Debug)]
pub struct RowsWish {
    /// Where the word stands.
    pub place: Place,
    /// The other table, as Diesel sees it.
    pub table: Word,
    /// Columns, as Diesel sees them, and what each gets: a column of the other table, or an expression over its row.
    pub columns: Vec<(Word, Word)>,
}

/// A column that goes, and what a silent removal leaves open.
#[derive(Clone, Debug)]
pub struct DroppedWish {
    /// The column, as Diesel saw it.
    pub column: Word,
    /// What keeps it filled until then.
    pub fill: Said<Word>,
    /// Observed dependants that may go with it.
    pub with: Vec<Word>,
}
