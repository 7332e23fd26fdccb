//! What a struct says: plain data, with the place of each word.

use std::fmt;

use proc_macro2::{Ident, Span};

use crate::attribute::{
    Backfill, CheckAttr, DroppedAttr, Generated, Identity, IndexAttr, PartitionAttr, References, RowsFromAttr,
};

/// A name in the source, without `r#`, and where it stands.
#[derive(Clone, Debug)]
pub struct Name {
    /// The name.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

impl Name {
    /// A name that stands at `span`.
    pub fn new(text: impl Into<String>, span: Span) -> Self {
        Self { text: text.into(), span }
    }
}

impl From<&Ident> for Name {
    fn from(ident: &Ident) -> Self {
        // Not by `unraw`, which makes the text and then another name of it: a derive reads hundreds, and isn't optimised.
        let mut text = ident.to_string();
        if text.starts_with("r#") {
            text.drain(..2);
        }
        Self { text, span: ident.span() }
    }
}

/// Names are equal when they read alike, wherever they stand.
impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Name {}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// A string in the source, SQL or a name that is no Rust identifier, and where it stands. Never blank.
#[derive(Clone, Debug)]
pub struct Text {
    /// The string's value.
    pub text: String,
    /// Where it stands.
    pub span: Span,
}

/// Texts are equal when they read alike, wherever they stand.
impl PartialEq for Text {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Text {}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// What a model says of one fact. Silence leaves what the database has; `none` says that there is no such thing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Said<T> {
    /// The key isn't written.
    #[default]
    Absent,
    /// The key is `none`.
    None(NoneWord),
    /// The key has a value.
    Value(T),
}

/// Where the word `none` stands.
#[derive(Clone, Copy, Debug)]
pub struct NoneWord(pub Span);

/// One `none` is like another.
impl PartialEq for NoneWord {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for NoneWord {}

impl<T> Said<T> {
    /// The value, if one is given.
    pub fn value(&self) -> Option<&T> {
        match self {
            Said::Value(value) => Some(value),
            Said::Absent | Said::None(_) => None,
        }
    }

    /// The key isn't written.
    pub fn is_absent(&self) -> bool {
        matches!(self, Said::Absent)
    }

    /// The key is `none`.
    pub fn is_none(&self) -> bool {
        matches!(self, Said::None(_))
    }
}

/// The `table!` that a model belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableRef {
    /// The last segment of `#[diesel(table_name = …)]`, else what Diesel infers from the struct's name.
    pub name: Name,
    /// The segments before it. They tell tables of one name apart, and are part of no fingerprint.
    pub modules: Vec<String>,
    /// Written out, or inferred.
    pub explicit: bool,
}

/// A struct that derives `Migratable`; its types are those of the item that was read.
#[derive(Clone)]
pub struct Model<'a> {
    /// The struct's name.
    pub ident: Name,
    /// Its `table!`.
    pub table: TableRef,
    /// The columns of `#[diesel(primary_key(…))]`, else `id`.
    pub primary_key: Vec<Name>,
    /// Derives `Queryable` without `Selectable`, so that rows are decoded by position. Only the scan knows: the compiler hides
    /// `#[derive]` from a derive, so this is part of no fingerprint.
    pub positional: bool,
    /// In the struct's order.
    pub fields: Vec<Field<'a>>,
    /// The table's name in the database.
    pub name: Option<Text>,
    /// The database schema it lives in.
    pub schema: Option<Text>,
    /// A hint: the table's former name.
    pub renamed_from: Said<Name>,
    /// A hint: where the rows of a new table come from.
    pub rows_from: Option<RowsFromAttr>,
    /// How its rows are spread over partitions, if they are.
    pub partition_by: Option<PartitionAttr>,
    /// Indexes of the struct. Those of a field stand there.
    pub indexes: Vec<IndexAttr>,
    /// Unique keys of the struct. That of a field stands there.
    pub uniques: Vec<IndexAttr>,
    /// Exclusion constraints.
    pub exclusions: Vec<IndexAttr>,
    /// Checks of the struct. Those of a field stand there.
    pub checks: Vec<CheckAttr>,
    /// A hint: columns that go, and how.
    pub dropped: Vec<DroppedAttr>,
    /// The table's comment.
    pub comment: Said<Text>,
}

impl<'a> Model<'a> {
    /// The fields that are columns of their own.
    pub fn columns(&self) -> impl Iterator<Item = &Field<'a>> {
        self.fields.iter().filter(|field| field.kind == FieldKind::Column)
    }

    /// Whether some columns come from another struct, so that this one doesn't name them all.
    pub fn embeds(&self) -> bool {
        self.fields.iter().any(|field| field.kind == FieldKind::Embed)
    }
}

impl fmt::Debug for Model<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Model({})", self.canonical())
    }
}

/// What a field is to the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// A column.
    Column,
    /// `#[diesel(embed)]`: its type's fields are columns.
    Embed,
    /// `#[schemig(skip)]` or `#[diesel(select_expression = …)]`: no column.
    Skipped,
}

/// One field of a model.
#[derive(Clone)]
pub struct Field<'a> {
    /// The field's name, or its index in a tuple struct.
    pub ident: Name,
    /// The column's name in `table!`. Without meaning unless `kind` is [`FieldKind::Column`].
    pub column: Name,
    /// The field's type. [`Field::read_type`] is the one that the database's values become.
    pub ty: &'a syn::Type,
    /// What the field is to the table.
    pub kind: FieldKind,
    /// `#[diesel(deserialize_as = …)]`.
    pub deserialize_as: Option<syn::Type>,
    /// The column's name in the database.
    pub name: Option<Text>,
    /// Its type, as the database writes it.
    pub sql_type: Option<Text>,
    /// Its default, an SQL expression.
    pub default: Said<Text>,
    /// A hint: the column's former name.
    pub renamed_from: Said<Name>,
    /// A hint: what rows that exist get.
    pub backfill: Said<Backfill>,
    /// A hint: how values of the old type become values of the new one, an SQL expression.
    pub convert: Option<Text>,
    /// A hint: how they become values of the old type again.
    pub convert_back: Option<Text>,
    /// Its foreign key.
    pub references: Said<References>,
    /// A unique key of this column alone; its keys are filled in.
    pub unique: Said<IndexAttr>,
    /// An index of this column alone; its keys are filled in.
    pub index: Said<IndexAttr>,
    /// Its checks.
    pub checks: Vec<CheckAttr>,
    /// Computed by the database.
    pub generated: Said<Generated>,
    /// Numbered by the database.
    pub identity: Said<Identity>,
    /// Its collation.
    pub collate: Said<Text>,
    /// Its comment.
    pub comment: Said<Text>,
}

impl Field<'_> {
    /// The Rust type that a value of the column is read into: `deserialize_as`, else the field's own.
    pub fn read_type(&self) -> &syn::Type {
        self.deserialize_as.as_ref().unwrap_or(self.ty)
    }
}

impl fmt::Debug for Field<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field({}: {})", self.ident, crate::type_text(self.ty))
    }
}

/// The table that Diesel infers from a struct's name: `_` before each capital but the first, and "s" at the end.
///
/// ```
/// assert_eq!(schemig_syntax::inferred_table_name("OrgMembership"), "org_memberships");
/// ```
pub fn inferred_table_name(type_name: &str) -> String {
    let mut table = String::with_capacity(type_name.len() + 4);
    for (position, character) in type_name.chars().enumerate() {
        if position > 0 && character.is_uppercase() {
            table.push('_');
        }
        table.extend(character.to_lowercase());
    }
    table.push('s');
    table
}
