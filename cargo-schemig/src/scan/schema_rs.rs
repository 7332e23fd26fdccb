//! What an existing schema.rs knows: the SQL names behind its identifiers.

use std::sync::Arc;

use diesel_table_macro_syntax::TableDecl;
use memchr::memmem;
use schemig_core::capture::{Fault, TableFacts};
use syn::Item;
use syn::ext::IdentExt;

use super::source::Source;

/// Whether it says anything that its identifiers don't: a name of its own, a schema, a reserved word.
pub fn says_more(bytes: &[u8]) -> bool {
    let has = |needle: &[u8]| memmem::find(bytes, needle).is_some();
    has(b"sql_name")
        || has(b"_ ->")
        || has(b"_ (")
        || memmem::find_iter(bytes, b"table!").any(|at| is_dotted(&bytes[at..]))
}

/// Whether a dot stands in a table's head.
fn is_dotted(bytes: &[u8]) -> bool {
    let end = memmem::find(bytes, b"->").unwrap_or(bytes.len());
    let head = &bytes[..end];
    let head = &head[..memchr::memchr(b'(', head).unwrap_or(head.len())];
    memchr::memchr(b'.', head).is_some()
}

/// The tables of a schema.rs.
///
/// # Errors
/// When it doesn't parse, or a `table!` in it doesn't.
pub fn tables(file: &Arc<str>, text: &str) -> Result<Vec<TableFacts>, Vec<Fault>> {
    let source = Source::new(file, text.as_bytes());
    let fault = |error: &syn::Error| {
        let message = format!("schema.rs doesn't parse: {error}");
        let found = Fault::at(&source.place(error.span()), message);
        if crate::store::has_conflict(text) {
            return vec![found.help(
                "git left both sides of a merge in it: cargo schemig schema > the file writes it anew",
            )];
        }
        vec![found]
    };
    let parsed = syn::parse_file(text).map_err(|error| fault(&error))?;
    let mut found = Vec::new();
    items(&parsed.items, &mut found).map_err(|error| fault(&error))?;
    Ok(found)
}

fn items(items: &[Item], found: &mut Vec<TableFacts>) -> syn::Result<()> {
    for item in items {
        if let Item::Mod(module) = item {
            self::items(module.content.as_ref().map_or(&[][..], |(_, items)| items), found)?;
        } else if let Item::Macro(item) = item
            && item.mac.path.segments.last().is_some_and(|last| last.ident == "table")
        {
            found.push(facts(&item.mac.parse_body()?));
        }
    }
    Ok(())
}

fn facts(table: &TableDecl) -> TableFacts {
    let column = |column: &diesel_table_macro_syntax::ColumnDef| {
        (column.column_name.unraw().to_string(), column.sql_name.clone())
    };
    let schema = table.schema.as_ref().map(|schema| schema.unraw().to_string());
    // print-schema writes the schema into `sql_name` too.
    let bare = schema.as_ref().and_then(|schema| table.sql_name.strip_prefix(schema)?.strip_prefix('.'));
    TableFacts {
        identifier: table.table_name.unraw().to_string(),
        name: bare.unwrap_or(&table.sql_name).to_owned(),
        schema,
        columns: table.column_defs.iter().map(column).collect(),
    }
}
