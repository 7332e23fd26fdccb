//! Where schema.rs isn't what somebody may expect.

use schemig_core::schema::{Domains, Schema, SqlType, Table, TableName};

use crate::project::{Project, SchemaRs};

/// What a person should know: tables that stand in no file though nobody said so, and types that Diesel may print otherwise.
pub fn notes(project: &Project, schema: &Schema, domains: &Domains) -> Vec<String> {
    let mut notes: Vec<String> = Vec::new();
    for (name, table) in &schema.tables {
        let of_schema: Vec<&SchemaRs> =
            project.schema_rs.iter().filter(|one| is_about(project, one, name)).collect();
        let printed = of_schema.iter().find(|one| one.print.filter.admits(&name.name));
        let mut found = Vec::new();
        if of_schema.is_empty() {
            found.extend(name.schema.as_deref().map(unprinted));
        } else if let Some(one) = printed {
            found.extend(keyless(project, name, table));
            found.extend(maybe_domains(project, (schema, domains), one, table));
        }
        for note in found {
            if !notes.contains(&note) {
                notes.push(note);
            }
        }
    }
    notes
}

/// Whether a schema.rs is about the schema that a table is in.
fn is_about(project: &Project, one: &SchemaRs, table: &TableName) -> bool {
    let wanted = one.print.schema.as_deref();
    wanted.filter(|schema| Some(*schema) != project.dialect.default_schema()) == table.schema.as_deref()
}

fn unprinted(schema: &str) -> String {
    format!(
        "schema.rs has no tables of the schema {schema}: Diesel prints a schema in a file of its own; give it \
         `[print_schema.{schema}]` with `schema = \"{schema}\"` in diesel.toml, and its file in schemig.toml's `schema_rs`"
    )
}

fn keyless(project: &Project, name: &TableName, table: &Table) -> Option<String> {
    let without = table.primary_key.is_empty() && project.dialect.printing().row_numbers.is_empty();
    without.then(|| {
        format!(
            "{name} has no primary key, and Diesel has no table without one: schema.rs leaves it out (`diesel print-schema` \
             stops there, unless `filter` in diesel.toml leaves it out)"
        )
    })
}

/// Types that nobody has looked up in a database yet, and that Diesel would look through if they are domains.
fn maybe_domains(
    project: &Project,
    (schema, domains): (&Schema, &Domains),
    one: &SchemaRs,
    table: &Table,
) -> Vec<String> {
    let types = table.columns.values().map(|column| &column.sql_type);
    let named = types.filter_map(|sql_type| match sql_type {
        SqlType::Named(_) => Some((sql_type, sql_type.type_name()?.name)),
        // The elements of an array Diesel doesn't look through.
        SqlType::Array(_)
        | SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Text
        | SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb => None,
    });
    let doubtful = named.filter(|(sql_type, name)| {
        project.dialect.may_be_domain(sql_type)
            && schema.enum_of(sql_type).is_none()
            && !domains.knows(sql_type)
            && !one.print.domains.contain(name)
    });
    let note = |(_, name): (&SqlType, String)| {
        format!(
            "schema.rs has {name} as a type of its own: if it is a domain, Diesel prints what stands behind it, and so does schemig \
             once `cargo schemig status --database-url URL --accept` has seen a database that has it"
        )
    };
    doubtful.map(note).collect()
}
