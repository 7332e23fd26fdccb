//! What a section `[print_schema]` of diesel.toml says of how schema.rs is printed.

use std::fmt;
use std::sync::Arc;

/// How schema.rs is printed. Each field is a key of diesel.toml; the default of each is Diesel's own.
#[derive(Clone, Debug, Default)]
pub struct PrintSchema {
    /// `schema`: the tables of this schema (namespace), in a module called like it; without it those of the default schema.
    pub schema: Option<String>,
    /// `filter`: which tables.
    pub filter: Filter,
    /// `column_sorting`: the order of columns.
    pub column_sorting: ColumnSorting,
    /// `with_docs`: which comments tables and columns get.
    pub with_docs: Docs,
    /// `allow_tables_to_appear_in_same_query_config`: which tables queries may name together.
    pub together: Together,
    /// `import_types`: what each `table!` imports instead of Diesel's SQL types.
    pub import_types: Vec<String>,
    /// `generate_missing_sql_type_definitions = false`: types that Diesel doesn't have are defined elsewhere.
    pub types_elsewhere: bool,
    /// `except_custom_type_definitions`: types of these Rust names are defined elsewhere.
    pub except_types: Names,
    /// `custom_type_derives`: what the types that are defined here derive, beside Diesel's `SqlType`.
    pub custom_type_derives: Vec<String>,
    /// `sqlite_integer_primary_key_is_bigint`: the server's row numbers, and columns that refer to them, have 64 bits.
    pub row_numbers_are_bigint: bool,
    /// `pg_domains_as_custom_types`: domains of these SQL names are types of their own, not what stands behind them.
    pub domains: Names,
}

impl PrintSchema {
    /// As `diesel setup` writes it into a new project's diesel.toml.
    pub fn as_set_up() -> Self {
        let derives = ["diesel::query_builder::QueryId", "Clone"];
        Self { custom_type_derives: derives.map(str::to_owned).to_vec(), ..Self::default() }
    }
}

/// Which tables are printed, by their SQL names without a schema.
#[derive(Clone, Debug, Default)]
pub enum Filter {
    /// All.
    #[default]
    All,
    /// These.
    Only(Names),
    /// All but these.
    Except(Names),
}

impl Filter {
    /// Whether it lets a table through.
    pub fn admits(&self, table: &str) -> bool {
        match self {
            Self::All => true,
            Self::Only(names) => names.contain(table),
            Self::Except(names) => !names.contain(table),
        }
    }
}

/// The order of a table's columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ColumnSorting {
    /// The database's.
    #[default]
    OrdinalPosition,
    /// That of their SQL names, byte by byte.
    Name,
}

/// Which comments tables and columns get.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Docs {
    /// None.
    #[default]
    None,
    /// Those of the database.
    Database,
    /// Those of the database, else a sentence that says what stands there.
    DatabaseOrWritten,
}

/// Which tables queries may name together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Together {
    /// All.
    #[default]
    All,
    /// Those that foreign keys lead to from one another.
    Related,
    /// What isn't said here is said elsewhere.
    None,
}

/// Names that somebody picked. Who reads diesel.toml knows how; this crate has no regular expressions.
#[derive(Clone, Default)]
pub struct Names(Option<Arc<Pick>>);

type Pick = dyn Fn(&str) -> bool + Send + Sync;

impl Names {
    /// The names for which `pick` says yes.
    pub fn picked(pick: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(pick)))
    }

    /// Whether a name is among them. Nothing is, where nobody picked.
    pub fn contain(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|pick| pick(name))
    }
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_some() { "Names(picked)" } else { "Names(none)" })
    }
}
