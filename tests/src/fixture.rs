//! A folder of `tests/fixtures`: models before and after a change, read as the scan reads them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use schemig_core::capture::{Fault, Input, Model, Place, Resolved, Types, in_turn, read, resolve};
use schemig_core::dialect::Dialect;
use schemig_core::safety::estimate::{Basis, Known, Size};
use schemig_core::schema::{Schema, TableName};
use serde::Deserialize;

use crate::pair::Pair;

/// A folder of `tests/fixtures`.
#[derive(Clone, Debug)]
pub struct Fixture {
    /// The folder's name: the change.
    pub name: String,
    /// Where it is.
    pub directory: PathBuf,
    /// What facts.toml says.
    pub facts: Facts,
}

/// What facts.toml may say. It may be missing.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Facts {
    /// Whether release N-1 goes on running. As for a project, the default is the server's.
    pub overlap: Option<bool>,
    /// How many rows tables have that have not [`ROWS`].
    pub rows: BTreeMap<String, u64>,
    /// The tables of which nobody has said how many.
    pub unknown: Vec<String>,
    /// The tables that other services use, by service.
    pub services: BTreeMap<String, Vec<String>>,
}

/// How many rows a fixture's tables have where nothing is said.
const ROWS: u64 = 1_000_000;

/// A server product.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Product {
    /// PostgreSQL.
    Postgres,
    /// SQLite.
    Sqlite,
}

impl Facts {
    /// How large the tables of a schema are.
    pub fn known(&self, schema: &Schema) -> Known {
        let said = |table: &&TableName| !self.unknown.contains(&table.to_string());
        let size = |table: &TableName| {
            let rows = self.rows.get(&table.to_string()).copied().unwrap_or(ROWS);
            (table.clone(), Size { rows, bytes: None, basis: Basis::Typed })
        };
        Known { tables: schema.tables.keys().filter(said).map(size).collect(), pace: None }
    }
}

impl Fixture {
    /// All folders, in order of their names.
    ///
    /// # Panics
    /// When they can't be read.
    pub fn all() -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
        let entries = std::fs::read_dir(&root).expect("tests/fixtures");
        let mut folders: Vec<PathBuf> = entries.map(|entry| entry.expect("a folder").path()).collect();
        folders.sort();
        folders.iter().map(|folder| Self::at(folder)).collect()
    }

    /// One folder.
    ///
    /// # Panics
    /// When its facts.toml is wrong.
    pub fn at(directory: &Path) -> Self {
        let name = directory.file_name().expect("a folder has a name").to_string_lossy().into_owned();
        let facts = match std::fs::read_to_string(directory.join("facts.toml")) {
            Ok(text) => toml::from_str(&text).unwrap_or_else(|error| panic!("{name}/facts.toml: {error}")),
            Err(_) => Facts::default(),
        };
        Self { name, directory: directory.to_owned(), facts }
    }

    /// The schemas of both releases and the hints between them, as `dialect`'s server has them.
    ///
    /// # Errors
    /// The mistakes in a model for this server, a line each: a type that it doesn't have, say.
    pub fn pair(&self, product: Product, dialect: &dyn Dialect) -> Result<Pair, String> {
        let read = |file: &str| {
            let path = self.directory.join(file);
            std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
        };
        let [before, after] = [read("before.rs"), read("after.rs")];
        pair([&before, &after], &self.facts, product, dialect)
    }
}

/// The same, of the texts of models before and after.
///
/// # Errors
/// The mistakes in a model for this server, a line each.
pub fn pair(
    [before, after]: [&str; 2],
    facts: &Facts,
    product: Product,
    dialect: &dyn Dialect,
) -> Result<Pair, String> {
    let Facts { overlap, rows: _, unknown: _, services: _ } = facts;
    let before = resolved("before.rs", before, &Schema::default(), dialect)?.schema;
    let Resolved { schema: after, hints, .. } = resolved("after.rs", after, &before, dialect)?;
    let overlap = overlap.unwrap_or(product == Product::Postgres);
    Ok(Pair { before, after, hints, overlap })
}

fn resolved(file: &str, text: &str, snapshot: &Schema, dialect: &dyn Dialect) -> Result<Resolved, String> {
    let listing = |faults: Vec<Fault>| faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n");
    let (models, types) = capture(text, file).map_err(listing)?;
    let input = Input {
        models: &models,
        types: &types,
        tables: &[],
        snapshot,
        type_map: &BTreeMap::new(),
        storable: &|sql_type| dialect.stores(sql_type),
        found: &|sql_type| dialect.found_type(sql_type),
        has_enums: dialect.has_enums(),
        has_partitions: dialect.has_partitions(),
        default_schema: dialect.default_schema(),
        spread: &in_turn,
    };
    let mut resolved = resolve(&input).map_err(listing)?;
    dialect.forget_unkept(&mut resolved.schema);
    Ok(resolved)
}

/// Reads the items of a source text, as the scan does with a file.
fn capture(source: &str, file: &str) -> Result<(Vec<Model>, Types), Vec<Fault>> {
    let file: Arc<str> = file.into();
    let at = |span: proc_macro2::Span| {
        Place::new(&file, span.start().line, span.start().column + 1, span.byte_range())
    };
    let (mut models, mut types) = (Vec::new(), Types::default());
    let parsed = syn::parse_file(source).unwrap_or_else(|error| panic!("{file}: {error}"));
    for item in parsed.items {
        if let syn::Item::Use(item) = &item {
            types.imports.extend(read::imports(item, &at));
            continue;
        }
        if let syn::Item::Struct(item) = &item
            && read::derives(&item.attrs).iter().any(|name| name == "Migratable")
        {
            models.push(read::model(item, &at)?);
        } else {
            types.declarations.extend(read::declaration(&item, &at)?);
        }
    }
    Ok((models, types))
}
