//! Between what `table!` calls a thing and its SQL name, by the rule of `diesel print-schema`.

use std::collections::BTreeMap;

use crate::schema::{Column, ColumnName, Schema, Table, TableName};

/// Names that print-schema doesn't take for identifiers: it puts `_` behind them. Rust's keywords, and what `table!` itself defines.
fn is_reserved(name: &str) -> bool {
    matches!(
        name,
        "Self"
            | "abstract"
            | "alignof"
            | "as"
            | "become"
            | "bool"
            | "box"
            | "break"
            | "columns"
            | "const"
            | "continue"
            | "crate"
            | "do"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "is_nullable"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "offsetof"
            | "override"
            | "priv"
            | "proc"
            | "pub"
            | "pure"
            | "ref"
            | "return"
            | "self"
            | "sizeof"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

/// The SQL name that an identifier stands for when nothing else says it: `type_` is `type`, any other is itself.
pub(super) fn sql_name(identifier: &str) -> &str {
    match identifier.strip_suffix('_') {
        Some(reserved) if is_reserved(reserved) => reserved,
        _ => identifier,
    }
}

/// What to keep of an identifier beside the SQL name: nothing when they are the same. A keyword that a model uses as it is can only
/// stand as `r#…` in `table!`.
pub(super) fn beside(identifier: &str, sql_name: &str) -> Option<String> {
    if identifier != sql_name {
        Some(identifier.to_owned())
    } else {
        is_reserved(identifier).then(|| format!("r#{identifier}"))
    }
}

/// What `table!` calls something, without `r#`.
fn called<'a>(identifier: Option<&'a String>, sql_name: &'a str) -> &'a str {
    identifier.map_or(sql_name, |identifier| identifier.strip_prefix("r#").unwrap_or(identifier))
}

/// The column that `table!` calls so; else the one of that SQL name.
pub(super) fn column<'a>(table: &'a Table, identifier: &str) -> Option<&'a ColumnName> {
    let named = |(name, column): &(&ColumnName, &Column)| {
        called(column.identifier.as_ref(), name.as_str()) == identifier
    };
    table
        .columns
        .iter()
        .find(named)
        .or_else(|| table.columns.get_key_value(&ColumnName::from(identifier)))
        .map(|(name, _)| name)
}

/// Tables by what `table!` calls them.
pub(super) struct Called<'a>(BTreeMap<&'a str, Vec<&'a TableName>>);

/// The tables of a schema, by what `table!` calls them.
pub(super) fn tables(all: &Schema) -> Called<'_> {
    let mut found: BTreeMap<&str, Vec<&TableName>> = BTreeMap::new();
    for (name, table) in &all.tables {
        found.entry(called(table.identifier.as_ref(), &name.name)).or_default().push(name);
    }
    Called(found)
}

impl<'a> Called<'a> {
    /// All tables of this identifier.
    pub fn all(&self, identifier: &str) -> impl Iterator<Item = &'a TableName> {
        self.0.get(identifier).into_iter().flatten().copied()
    }

    /// The table of this identifier in this schema; without one, in the default schema before any other. Several: the models can't mean
    /// but one.
    pub fn table(
        &self,
        identifier: &str,
        schema: Option<&str>,
    ) -> Result<Option<&'a TableName>, Vec<&'a TableName>> {
        let found = self.0.get(identifier).into_iter().flatten().copied();
        let found = found.filter(|name| schema.is_none() || name.schema.as_deref() == schema);
        only(found.collect(), schema, |name| name.schema.is_none())
    }
}

/// The only candidate, or the only one in the default schema.
pub(super) fn only<T: Copy>(
    found: Vec<T>,
    schema: Option<&str>,
    is_default: impl Fn(T) -> bool,
) -> Result<Option<T>, Vec<T>> {
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => {
            let default: Vec<T> = found.iter().copied().filter(|one| is_default(*one)).collect();
            match default.as_slice() {
                [one] if schema.is_none() => Ok(Some(*one)),
                _ => Err(found),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{beside, sql_name};

    #[test]
    fn a_reserved_word_loses_its_underscore_and_no_other_name_does() {
        for (identifier, name) in
            [("type_", "type"), ("columns_", "columns"), ("size_", "size_"), ("email", "email")]
        {
            assert_eq!(sql_name(identifier), name);
        }
    }

    #[test]
    fn an_identifier_is_kept_when_its_name_doesnt_tell_it() {
        assert_eq!(beside("email", "email"), None);
        assert_eq!(beside("type_", "type").as_deref(), Some("type_"));
        assert_eq!(beside("type", "type").as_deref(), Some("r#type"));
        assert_eq!(beside("mail", "E-Mail").as_deref(), Some("mail"));
    }
}
