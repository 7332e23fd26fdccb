//! Models as text in, schema, hints and mistakes out.

mod enums;
mod hints;
mod mistakes;
mod partitions;
mod parts;
mod rows;
mod types;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{Input, Resolved, Spread, in_turn, resolve};
use crate::capture::{Fault, Model, Place, TableFacts, Types, read};
use crate::schema::{Column, Schema, SqlType, Table};

/// What a test gives besides the models.
#[derive(Default)]
struct Given {
    snapshot: Schema,
    tables: Vec<TableFacts>,
    type_map: BTreeMap<String, String>,
    /// Types that the database at hand doesn't have.
    without: Vec<SqlType>,
    /// What Diesel takes types for that it finds.
    found: Vec<(SqlType, &'static str)>,
    without_enums: bool,
}

impl Given {
    fn snapshot(snapshot: Schema) -> Self {
        Self { snapshot, ..Self::default() }
    }

    fn resolve(&self, source: &str) -> Result<Resolved, Vec<Fault>> {
        let (models, types) = capture(source);
        let resolve_by = |spread: Spread| {
            resolve(&Input {
                models: &models,
                types: &types,
                tables: &self.tables,
                snapshot: &self.snapshot,
                type_map: &self.type_map,
                storable: &|sql_type| !self.without.contains(sql_type),
                found: &|sql_type| {
                    self.found.iter().find(|(own, _)| own == sql_type).map(|(_, name)| (*name).to_owned())
                },
                has_enums: !self.without_enums,
                has_partitions: !self.without_enums,
                default_schema: Some("public"),
                spread,
            })
        };
        let resolved = resolve_by(&in_turn);
        let backwards = resolve_by(&|count, work| (0..count).rev().for_each(work));
        assert_eq!(format!("{resolved:?}"), format!("{backwards:?}"), "no order of work shows");
        resolved
    }

    /// The schema; panics with the mistakes.
    fn schema(&self, source: &str) -> Schema {
        match self.resolve(source) {
            Ok(resolved) => resolved.schema,
            Err(faults) => panic!("{}", listing(&faults)),
        }
    }

    /// One table of it.
    fn table(&self, source: &str, name: &str) -> Table {
        self.schema(source).tables.remove(&name.into()).unwrap_or_else(|| panic!("no table `{name}`"))
    }

    /// The mistakes, one per line, each with its line and column; panics if there are none.
    fn mistakes(&self, source: &str) -> String {
        listing(&self.resolve(source).expect_err("the models are wrong"))
    }
}

fn listing(faults: &[Fault]) -> String {
    faults.iter().map(Fault::to_string).collect::<Vec<_>>().join("\n")
}

/// Reads the items of a source text, as the scan does with a file.
fn capture(source: &str) -> (Vec<Model>, Types) {
    let file: Arc<str> = "m.rs".into();
    let at = |span: proc_macro2::Span| {
        Place::new(&file, span.start().line, span.start().column + 1, span.byte_range())
    };
    let mut models = Vec::new();
    let mut types = Types::default();
    for item in syn::parse_file(source).expect("the test's source parses").items {
        if let syn::Item::Use(item) = &item {
            types.imports.extend(read::imports(item, &at));
        } else if let syn::Item::Struct(item) = &item
            && read::derives(&item.attrs).iter().any(|name| name == "Migratable")
        {
            models.push(read::model(item, &at).expect("the test's model is well-formed"));
        } else {
            let declared = read::declaration(&item, &at).expect("the test's enum is well-formed");
            types.declarations.extend(declared);
        }
    }
    (models, types)
}

fn column(sql_type: &str) -> Column {
    Column::required(SqlType::parse(sql_type))
}

/// A table `users` with these columns, `id` first.
fn users(columns: &[(&str, Column)]) -> Table {
    let table = Table::keyed_by(["id"]).with_column("id", column("bigint"));
    columns.iter().fold(table, |table, (name, column)| table.with_column(name, column.clone()))
}
