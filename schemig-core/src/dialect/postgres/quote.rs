//! Names and strings as PostgreSQL reads them.

use super::Postgres;
use crate::schema::{ColumnName, TableName};

/// Words that can't stand unquoted wherever a name can: `pg_get_keywords()` without the unreserved ones, versions 12 to 18.
const KEYWORDS: &str = "all analyse analyze and any array as asc asymmetric authorization between bigint binary bit boolean \
    both case cast char character check coalesce collate collation column concurrently constraint create cross \
    current_catalog current_date current_role current_schema current_time current_timestamp current_user dec decimal \
    default deferrable desc distinct do else end except exists extract false fetch float for foreign freeze from full grant \
    greatest group grouping having ilike in initially inner inout int integer intersect interval into is isnull join json \
    json_array json_arrayagg json_exists json_object json_objectagg json_query json_scalar json_serialize json_table \
    json_value lateral leading least left like limit localtime localtimestamp merge_action national natural nchar none \
    normalize not notnull null nullif numeric offset on only or order out outer overlaps overlay placing position precision \
    primary real references returning right row select session_user setof similar smallint some substring symmetric \
    system_user table tablesample then time timestamp to trailing treat trim true union unique user using values varchar \
    variadic verbose when where window with xmlattributes xmlconcat xmlelement xmlexists xmlforest xmlnamespaces xmlparse \
    xmlpi xmlroot xmlserialize xmltable";

/// The bytes that a name may have; the server cuts off the rest in silence.
const LONGEST: usize = 63;

/// A name, quoted only where it must be.
pub(super) fn ident(name: &str) -> String {
    let name = shorten(name);
    let plain = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_')
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
        && !KEYWORDS.split_ascii_whitespace().any(|keyword| keyword == name);
    if plain { name } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}

/// A string constant.
pub(super) fn literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if text.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// A name that the server keeps whole: what is too long ends in a digest of all of it, the same on every machine.
pub fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let mut end = LONGEST - 9;
    while !name.is_char_boundary(end) {
        end -= 1;
    }
    format!("{}_{:08x}", &name[..end], digest(name))
}

/// FNV-1a. Part of names that stand in databases, so it never changes.
fn digest(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// A body between dollar quotes that it doesn't hold itself.
pub(super) fn dollar(body: &str) -> String {
    let mut tag = "$schemig$".to_owned();
    let mut number = 0;
    while body.contains(&tag) {
        number += 1;
        tag = format!("$schemig{number}$");
    }
    format!("{tag}\n{body}\n{tag}")
}

/// `a, b`.
pub(super) fn columns<'a>(names: impl IntoIterator<Item = &'a ColumnName>) -> String {
    names.into_iter().map(|name| ident(name.as_str())).collect::<Vec<_>>().join(", ")
}

impl Postgres {
    /// The schema (namespace) that a table lives in.
    pub(super) fn schema<'a>(&'a self, table: &'a TableName) -> &'a str {
        table.schema.as_deref().unwrap_or(&self.default_schema)
    }

    /// A table's name with its schema: whoever runs the file may have any search path.
    pub(super) fn table(&self, table: &TableName) -> String {
        self.beside(table, &table.name)
    }

    /// The name of something that lives in a table's schema: an index, a function.
    pub(super) fn beside(&self, table: &TableName, name: &str) -> String {
        format!("{}.{}", ident(self.schema(table)), ident(name))
    }

    /// The table as a constant of type `regclass`; an error where it doesn't exist.
    pub(super) fn regclass(&self, table: &TableName) -> String {
        format!("{}::regclass", literal(&self.table(table)))
    }

    /// The table's OID, NULL where it doesn't exist.
    pub(super) fn to_regclass(&self, table: &TableName) -> String {
        format!("to_regclass({})", literal(&self.table(table)))
    }
}

#[cfg(test)]
mod tests {
    use super::{dollar, ident, literal, shorten};

    #[test]
    fn names_are_quoted_where_they_must_be() {
        for (name, written) in [
            ("users", "users"),
            ("_hidden2", "_hidden2"),
            ("user", "\"user\""),
            ("order", "\"order\""),
            ("Users", "\"Users\""),
            ("2fa", "\"2fa\""),
            ("with space", "\"with space\""),
            ("a\"b", "\"a\"\"b\""),
            ("straße", "\"straße\""),
        ] {
            assert_eq!(ident(name), written);
        }
    }

    #[test]
    fn a_long_name_keeps_what_tells_it_apart() {
        let (one, two) = (format!("{}_fill", "ä".repeat(40)), format!("{}_follow", "ä".repeat(40)));
        assert!(shorten(&one).len() <= 63 && shorten(&two).len() <= 63);
        assert_ne!(shorten(&one), shorten(&two));
        assert_eq!(shorten(&"x".repeat(63)), "x".repeat(63));
        assert_eq!(shorten(&"x".repeat(64)), format!("{}_d19b1ac5", "x".repeat(54)));
    }

    #[test]
    fn strings_survive_quotes_backslashes_and_dollars() {
        assert_eq!(literal("it's"), "'it''s'");
        assert_eq!(literal(r"a\b"), r"E'a\\b'");
        assert_eq!(dollar("SELECT '$schemig$'"), "$schemig1$\nSELECT '$schemig$'\n$schemig1$");
    }
}
