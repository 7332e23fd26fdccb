//! Which table a struct means where several schemas have one of its name: `diesel print-schema` puts those of a schema into a module that is
//! called like it, and the struct says by a path or by an import which module it has the table from.

use std::collections::BTreeSet;

use super::Input;
use super::identifier::Called;
use crate::capture::{Import, Model};
use crate::schema::TableName;

/// The schema whose module the model has its `table!` from; `None` where that is no schema's.
///
/// # Errors
/// The file imports the name from several modules, and what tells them apart isn't seen here.
pub(super) fn schema<'a>(
    model: &Model,
    input: &Input<'a>,
    called: &Called<'a>,
) -> Result<Option<&'a str>, Several> {
    let seen = model.table.text.as_str();
    let facts = input.tables.iter().filter(|facts| facts.identifier == seen);
    let facts: BTreeSet<&str> = facts.filter_map(|facts| facts.schema.as_deref()).collect();
    let known: BTreeSet<&str> = called.all(seen).filter_map(|name| name.schema.as_deref()).collect();
    if known.is_empty() && facts.is_empty() {
        return Ok(None);
    }
    let From { modules, exact } = modules(model, &input.types.imports);
    let meant = |schema: &&&str| modules.iter().any(|module| letters(module).eq(letters(schema)));
    // Both spell the schema, and schema.rs only as far as Rust lets it.
    let of_known: Vec<&str> = known.iter().filter(meant).copied().collect();
    let of_facts = || facts.iter().filter(meant).copied().collect();
    let found: Vec<&str> = if of_known.is_empty() { of_facts() } else { of_known };
    match found.as_slice() {
        [] => Ok(None),
        [only] if !exact || modules.len() == 1 => Ok(Some(*only)),
        [..] => Err(Several(called.all(seen).map(TableName::to_string).collect())),
    }
}

/// The tables that may be meant.
pub(super) struct Several(pub Vec<String>);

/// Where a name may come from.
struct From<'m> {
    /// The modules, by their last names.
    modules: BTreeSet<&'m str>,
    /// Whether it comes from each of them for sure, and not from one of them.
    exact: bool,
}

/// What is the same in a schema's name and in its module's: other letters become underscores there, and a keyword gets one.
fn letters(name: &str) -> impl Iterator<Item = char> {
    name.chars().filter(char::is_ascii_alphanumeric)
}

/// The modules that the model's `table!` may stand in, as far as its file says: by the path of `table_name`, else by what imports the
/// name, else by what imports all names there are.
fn modules<'m>(model: &'m Model, imports: &'m [Import]) -> From<'m> {
    let own = || imports.iter().filter(|import| import.place.file == model.table.place.file);
    let brought = |name: &str| own().filter(move |import| import.name == *name).collect::<Vec<_>>();
    let last = |path: &'m [String]| path.last().map(String::as_str);
    if let [.., module] = model.table_modules.as_slice() {
        let renamed = if model.table_modules.len() == 1 { brought(module) } else { Vec::new() };
        let renamed: BTreeSet<&str> = renamed.into_iter().filter_map(|import| last(&import.path)).collect();
        let modules = if renamed.is_empty() { BTreeSet::from([module.as_str()]) } else { renamed };
        return From { modules, exact: true };
    }
    let named = brought(&model.table.text);
    if named.is_empty() {
        let all = brought("*").into_iter().filter_map(|import| last(&import.path)).collect();
        return From { modules: all, exact: false };
    }
    let modules = named.into_iter().filter_map(|import| last(import.path.split_last()?.1)).collect();
    From { modules, exact: true }
}
