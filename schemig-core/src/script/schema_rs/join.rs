//! `joinable!` and `allow_tables_to_appear_in_same_query!`.

use std::collections::BTreeMap;

use super::{column_identifier, table_identifier};
use crate::schema::{ForeignKey, Schema, Table, TableName};

/// One line for each foreign key that a join can mean without more words: one column that refers to the parent's whole key, and
/// the only key between the two tables.
pub(super) fn joinable(schema: &Schema) -> String {
    let keys: Vec<(&TableName, &Table, &ForeignKey)> = schema
        .tables
        .iter()
        .flat_map(|(name, table)| table.foreign_keys.values().map(move |key| (name, table, key)))
        .collect();
    let mut between: BTreeMap<[&TableName; 2], usize> = BTreeMap::new();
    for (child, _, key) in &keys {
        *between.entry(pair(child, &key.references)).or_default() += 1;
    }
    let mut lines: Vec<_> = keys
        .iter()
        .filter_map(|(child, table, key)| {
            let parent = schema.tables.get(&key.references)?;
            let ([column], [refers]) = (key.columns.as_slice(), key.key.as_slice()) else { return None };
            let whole = parent.primary_key.as_slice() == [refers.clone()];
            let plain = **child != key.references && whole && between[&pair(child, &key.references)] == 1;
            plain.then(|| {
                let called = table_identifier(child, table);
                let line = format!(
                    "diesel::joinable!({called} -> {} ({}));\n",
                    table_identifier(&key.references, parent),
                    column_identifier(column, &called, table)
                );
                (*child, &key.references, line)
            })
        })
        .collect();
    lines.sort();
    if lines.is_empty() {
        return String::new();
    }
    "\n".to_owned() + &lines.into_iter().map(|(_, _, line)| line).collect::<String>()
}

/// Two tables, whichever refers to the other.
fn pair<'a>(one: &'a TableName, other: &'a TableName) -> [&'a TableName; 2] {
    [one.min(other), one.max(other)]
}

/// All tables, when there are two.
pub(super) fn together(schema: &Schema) -> String {
    let names: Vec<String> =
        schema.tables.iter().map(|(name, table)| table_identifier(name, table)).collect();
    if names.len() < 2 {
        return String::new();
    }
    let line = format!("diesel::allow_tables_to_appear_in_same_query!({},);", names.join(", "));
    if line.len() <= 101 {
        return format!("\n{line}\n");
    }
    format!("\ndiesel::allow_tables_to_appear_in_same_query!(\n{}\n);\n", lines(&names).join("\n"))
}

/// Diesel sends its output through rustfmt, which gives each name a line of its own unless all are short; then it fills lines.
fn lines(names: &[String]) -> Vec<String> {
    let short = names.iter().all(|name| name.len() <= 10);
    let mut lines: Vec<String> = Vec::new();
    for name in names {
        match lines.last_mut() {
            Some(line) if short && line.len() + name.len() + 2 <= 99 => line.push_str(&format!(" {name},")),
            Some(_) | None => lines.push(format!("    {name},")),
        }
    }
    lines
}
