//! The types that Diesel doesn't have, defined in a module of their own.

use std::collections::BTreeMap;

use crate::dialect::CustomType;

use super::docs;
use super::options::{Docs, PrintSchema};

/// What every one of them has to derive.
const SQL_TYPE: &str = "diesel::sql_types::SqlType";

/// The module with the types, by Rust name, or nothing. `depth` is how far it will be moved in.
pub(super) fn module(custom: &BTreeMap<String, CustomType>, print: &PrintSchema, depth: usize) -> String {
    if custom.is_empty() {
        return String::new();
    }
    let with_docs = match print.with_docs {
        Docs::DatabaseOrWritten => true,
        Docs::None | Docs::Database => false,
    };
    let derive = derive(&print.custom_type_derives, depth + 4);
    let one = |custom: &CustomType| {
        let docs = docs::written(&[&format!("The `{}` SQL type", custom.sql_name.replace('\n', "\\n"))]);
        let docs = if with_docs { docs } else { String::new() };
        let attribute = attribute(custom, depth + 4);
        super::indented(&format!("{docs}{derive}{attribute}pub struct {};\n", custom.name))
    };
    let types: Vec<String> = custom.values().map(one).collect();
    let docs = docs::written(&["A module containing custom SQL type definitions"]);
    let docs = if with_docs { docs } else { String::new() };
    format!("{docs}pub mod sql_types {{\n{}}}\n\n", types.join("\n"))
}

/// The derives, broken where rustfmt breaks them.
fn derive(said: &[String], depth: usize) -> String {
    let own = (!said.iter().any(|derive| derive == SQL_TYPE)).then(|| SQL_TYPE.to_owned());
    let all: Vec<&str> =
        said.iter().chain(&own).flat_map(|derive| derive.split(',')).map(str::trim).collect();
    let line = all.join(", ");
    if depth + line.len() <= 85 {
        format!("#[derive({line})]\n")
    } else if depth + line.len() <= 96 {
        format!("#[derive(\n    {line},\n)]\n")
    } else {
        format!("#[derive(\n    {},\n)]\n", all.join(",\n    "))
    }
}

/// What Diesel finds the type by, broken where rustfmt breaks it.
fn attribute(custom: &CustomType, depth: usize) -> String {
    let line = format!("#[diesel({})]", custom.attribute());
    if depth + line.len() <= 99 {
        return line + "\n";
    }
    format!("#[diesel({}(\n    {}\n))]\n", custom.kind, custom.arguments.join(",\n    "))
}
