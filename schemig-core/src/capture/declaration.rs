//! What a crate declares besides models: whatever a column's Rust type may lead to.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::{Fault, Field, Place, Said, TypeUse, Word};
use crate::schema::EnumName;

/// The type names of the crates with models and of those that they depend on in the workspace.
#[derive(Clone, Debug, Default)]
pub struct Types {
    /// What is declared.
    pub declarations: Vec<Declaration>,
    /// What is imported, by the file that imports it.
    pub imports: Vec<Import>,
    /// Which crate says it.
    pub crates: Crates,
}

/// The crates that files are of, and what the code of each calls the others. Two crates may each have a type of one name.
#[derive(Clone, Debug, Default)]
pub struct Crates {
    /// The crate of each file, by its place in `calls`. A file that isn't listed is of the first.
    pub files: BTreeMap<Arc<str>, usize>,
    /// By crate, what its code calls its dependencies; with each, which of the crates that is, or none where its sources aren't read.
    pub calls: Vec<BTreeMap<String, Option<usize>>>,
}

/// Where a path leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leads {
    /// Into this crate.
    Into(usize),
    /// Into one whose sources aren't read.
    Elsewhere,
}

impl Crates {
    /// The crate of a file.
    pub fn of(&self, file: &str) -> usize {
        self.files.get(file).copied().unwrap_or(0)
    }

    /// Where a path in this crate leads that begins so. A first segment that no dependency is called is a module's.
    pub fn leads(&self, from: usize, first: Option<&str>) -> Leads {
        match first.and_then(|first| self.calls.get(from)?.get(first)) {
            Some(Some(other)) => Leads::Into(*other),
            Some(None) => Leads::Elsewhere,
            None => Leads::Into(from),
        }
    }

    /// Whether a crate depends on none whose sources are read.
    pub fn is_alone(&self, place: usize) -> bool {
        self.calls.get(place).is_none_or(|calls| calls.values().all(Option::is_none))
    }

    /// The crates that these depend on: what they give under names of their own may be declared there.
    pub fn beyond(&self, crates: &BTreeSet<usize>) -> BTreeSet<usize> {
        let calls = crates.iter().filter_map(|one| self.calls.get(*one));
        calls.flat_map(BTreeMap::values).copied().flatten().collect()
    }
}

/// A declared type.
#[derive(Clone, Debug)]
pub struct Declaration {
    /// Its name.
    pub name: Word,
    /// What it is.
    pub shape: Shape,
}

/// What a declared type is to a column.
#[derive(Clone, Debug)]
pub enum Shape {
    /// `type Name<T> = target`.
    Alias {
        /// Its type parameters.
        parameters: Vec<String>,
        /// What it stands for.
        target: TypeUse,
    },
    /// A struct or enum for which `#[diesel(sql_type = …)]` names Diesel's types, the first preferred. May be empty: then it is
    /// no column.
    Sql {
        /// Diesel's types, or markers declared elsewhere.
        types: Vec<TypeUse>,
        /// Its fields, for `embed`, when it is a struct that Diesel reads or writes; or what is wrong with them.
        fields: Option<Result<Vec<Field>, Vec<Fault>>>,
    },
    /// A newtype that derives `DieselNewType`: a column of the inner type.
    Newtype {
        /// What it wraps.
        inner: TypeUse,
    },
    /// One of Diesel's type markers: `#[diesel(postgres_type(name = "…", schema = "…"))]`.
    Marker {
        /// The type's name as the database keeps it, with its schema if that isn't the default one.
        sql_name: EnumName,
    },
    /// An enum that derives `MigratableEnum` or `DbEnum`.
    Enumeration(Enumeration),
}

/// An enum whose variants are labels of a database type.
#[derive(Clone, Debug)]
pub struct Enumeration {
    /// The type's name in the database, where the enum says it.
    pub type_name: Option<Word>,
    /// Diesel's type for it, where the enum says it.
    pub diesel_type: Option<TypeUse>,
    /// The labels, in order.
    pub labels: Vec<Label>,
    /// The short form of what it says.
    pub fingerprint: String,
}

/// A variant's label.
#[derive(Clone, Debug)]
pub struct Label {
    /// As the database has it.
    pub label: Word,
    /// What it was before.
    pub renamed_from: Said<Word>,
}

/// `use path as name`, or `use path::*`.
#[derive(Clone, Debug)]
pub struct Import {
    /// Where it stands.
    pub place: Place,
    /// The name that it brings; `*` brings all there are.
    pub name: String,
    /// What it stands for; for `*`, where they come from.
    pub path: Vec<String>,
    /// Whether others can take it from here: `pub use`, in whatever form.
    pub exported: bool,
}

impl Import {
    /// The first segment of its path, where more follow: it may be a crate's name.
    pub fn root(&self) -> Option<&str> {
        let first = self.path.first().map(String::as_str);
        first.filter(|_| self.path.len() > 1 || self.name == "*")
    }
}

/// What an existing schema.rs says of a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableFacts {
    /// What `table!` calls it.
    pub identifier: String,
    /// The database schema.
    pub schema: Option<String>,
    /// Its SQL name.
    pub name: String,
    /// Each column: what `table!` calls it, and its SQL name; in their order.
    pub columns: Vec<(String, String)>,
}
