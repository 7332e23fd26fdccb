//! Types as PostgreSQL and as Diesel spell them.

use heck::ToUpperCamelCase as _;

use crate::dialect::CustomType;
use crate::schema::{SqlType, TableName};

/// The type as DDL spells it.
pub(super) fn type_name(sql_type: &SqlType) -> String {
    match sql_type {
        SqlType::Binary => "bytea".to_owned(),
        SqlType::Array(inner) => format!("{}[]", type_name(inner)),
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Text
        | SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::Boolean
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Interval
        | SqlType::Uuid
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Named(_) => sql_type.to_string(),
    }
}

/// The word for a column of this type that is numbered by a default, where there is one.
#[expect(clippy::wildcard_enum_match_arm, reason = "three types are numbers, whatever others come")]
pub(super) fn serial_name(sql_type: &SqlType) -> String {
    match sql_type {
        SqlType::SmallInt => "smallserial".to_owned(),
        SqlType::Integer => "serial".to_owned(),
        SqlType::BigInt => "bigserial".to_owned(),
        other => type_name(other),
    }
}

/// The type as `table!` spells it, as Diesel's print-schema would.
pub(super) fn diesel_type(sql_type: &SqlType) -> Option<String> {
    let name = match sql_type {
        SqlType::SmallInt => "Int2",
        SqlType::Integer => "Int4",
        SqlType::BigInt => "Int8",
        SqlType::Real => "Float4",
        SqlType::Double => "Float8",
        SqlType::Numeric(_) => "Numeric",
        SqlType::Text => "Text",
        SqlType::Varchar(_) => "Varchar",
        SqlType::Char(_) => "Bpchar",
        SqlType::Boolean => "Bool",
        SqlType::Binary => "Bytea",
        SqlType::Date => "Date",
        SqlType::Time => "Time",
        SqlType::Timestamp => "Timestamp",
        SqlType::Timestamptz => "Timestamptz",
        SqlType::Interval => "Interval",
        SqlType::Uuid => "Uuid",
        SqlType::Json => "Json",
        SqlType::Jsonb => "Jsonb",
        SqlType::Array(inner) => {
            // A PostgreSQL array has any number of dimensions under one type, and any element may be NULL.
            let mut element = inner;
            while let SqlType::Array(deeper) = &**element {
                element = deeper;
            }
            return Some(format!("Array<Nullable<{}>>", diesel_type(element)?));
        }
        SqlType::Named(name) => named(name)?,
    };
    Some(name.to_owned())
}

/// What Diesel has for types that schemig knows by name only.
const NAMED: &[(&str, &str)] = &[
    ("smallserial", "Int2"),
    ("serial", "Int4"),
    ("bigserial", "Int8"),
    ("timestamp", "Timestamp"),
    ("timestamp without time zone", "Timestamp"),
    ("timestamptz", "Timestamptz"),
    ("timestamp with time zone", "Timestamptz"),
    ("time", "Time"),
    ("time without time zone", "Time"),
    ("interval", "Interval"),
    ("bpchar", "Bpchar"),
    ("citext", "Citext"),
    ("inet", "Inet"),
    ("cidr", "Cidr"),
    ("macaddr", "Macaddr"),
    ("macaddr8", "Macaddr8"),
    ("money", "Money"),
    ("oid", "Oid"),
    ("pg_lsn", "PgLsn"),
    ("\"char\"", "Char"),
    ("int4range", "Int4range"),
    ("int8range", "Int8range"),
    ("numrange", "Numrange"),
    ("daterange", "Daterange"),
    ("tsrange", "Tsrange"),
    ("tstzrange", "Tstzrange"),
    ("int4multirange", "Int4multirange"),
    ("int8multirange", "Int8multirange"),
    ("nummultirange", "Nummultirange"),
    ("datemultirange", "Datemultirange"),
    ("tsmultirange", "Tsmultirange"),
    ("tstzmultirange", "Tstzmultirange"),
];

/// Names of types that print-schema never defines, since Diesel has one of that name, for this server or for another.
#[rustfmt::skip]
pub(super) const PROVIDED: &[&str] = &[
    "BigInt", "BigSerial", "Bigint", "Binary", "Bit", "Blob", "Bool", "Bpchar", "Bytea", "Char", "Cidr", "Citext", "Date",
    "Datemultirange", "Daterange", "Decimal", "Double", "Float", "Float4", "Float8", "Inet", "Int2", "Int4", "Int4multirange",
    "Int4range", "Int8", "Int8multirange", "Int8range", "Integer", "Interval", "Json", "Jsonb", "Longblob", "Longtext", "MacAddr",
    "MacAddr8", "Macaddr", "Macaddr8", "Mediumblob", "Mediumtext", "Money", "Numeric", "Nummultirange", "Numrange", "Oid", "PgLsn",
    "Range", "Record", "Serial", "SmallInt", "SmallSerial", "Smallint", "Text", "Time", "Timestamp", "Timestamptz", "Tinyblob",
    "Tinytext", "Tsmultirange", "Tsrange", "Tstzmultirange", "Tstzrange", "Uuid", "VarChar", "Varbinary", "Varchar",
];

/// Further types that come with the server or with its best-known extensions. None is a domain.
#[rustfmt::skip]
const BASE: &[&str] = &[
    "bit", "varbit", "bit varying", "xml", "timetz", "time with time zone", "tsvector", "tsquery", "gtsvector", "jsonpath", "name",
    "point", "line", "lseg", "box", "path", "polygon", "circle", "refcursor", "aclitem", "int2vector", "oidvector",
    "tid", "cid", "xid", "xid8", "txid_snapshot", "pg_snapshot",
    "regclass", "regcollation", "regconfig", "regdictionary", "regnamespace", "regoper", "regoperator", "regproc", "regprocedure",
    "regrole", "regtype",
    "pg_brin_bloom_summary", "pg_brin_minmax_multi_summary", "pg_dependencies", "pg_mcv_list", "pg_ndistinct", "pg_node_tree",
    "hstore", "ltree", "geometry", "geography", "vector",
];

/// The type as schema.rs defines it when Diesel has none. As in print-schema, the server's own types say their schema.
pub(super) fn custom_type(name: &str, default_schema: &str) -> CustomType {
    let plain = |name: &str| SqlType::Named(name.to_owned()).type_name();
    let spelled = without_arguments(name);
    let is_own = BASE.contains(&spelled.as_str()) && super::extension::of_type(&spelled).is_none();
    let own = is_own.then(|| "pg_catalog".to_owned());
    // A name in quotes may hold brackets of its own.
    let TableName { schema, name } = plain(name).or_else(|| plain(&spelled)).unwrap_or_else(|| {
        TableName::new(match spelled.as_str() {
            "bit varying" => "varbit",
            "time with time zone" => "timetz",
            other => other,
        })
    });
    // The server says the default schema where a type of its own has the same name.
    let schema = schema.or(own).filter(|schema| schema != default_schema);
    let sql_name = schema.iter().map(|schema| format!("{schema}.")).collect::<String>() + &name;
    let mut arguments = vec![format!("name = {name:?}")];
    arguments.extend(schema.map(|schema| format!("schema = {schema:?}")));
    CustomType { name: name.to_upper_camel_case(), sql_name, kind: "postgres_type", arguments }
}

pub(super) fn bare(name: &str) -> String {
    let bare = without_arguments(name);
    bare.rsplit('.').next().unwrap_or(&bare).to_ascii_lowercase()
}

/// The name without what stands in brackets, behind it or in it: `timestamp(3) without time zone`.
fn without_arguments(name: &str) -> String {
    match name.split_once('(') {
        Some((before, rest)) => {
            let after = rest.split_once(')').map_or("", |(_, after)| after);
            format!("{}{after}", before.trim_end()).trim().to_owned()
        }
        None => name.trim().to_owned(),
    }
}

fn named(name: &str) -> Option<&'static str> {
    let bare = bare(name);
    // Which fields a span of time has is no type of its own: `interval day to second`.
    let bare = if bare.starts_with("interval ") { "interval" } else { &bare };
    NAMED.iter().find(|(known, _)| *known == bare).map(|(_, diesel)| *diesel)
}

/// The type behind a type by which the server numbers rows.
fn numbered(sql_type: &SqlType) -> Option<SqlType> {
    match named(&sql_type.to_string())? {
        "Int2" => Some(SqlType::SmallInt),
        "Int4" => Some(SqlType::Integer),
        "Int8" => Some(SqlType::BigInt),
        _ => None,
    }
}

/// Whether the server numbers the column by itself, which writes every row that stands.
pub(super) fn is_serial(sql_type: &SqlType) -> bool {
    numbered(sql_type).is_some()
}

/// The type of an array of such values.
pub(super) fn array_of(sql_type: &SqlType) -> String {
    format!("{}[]", type_name(&numbered(sql_type).unwrap_or_else(|| sql_type.clone())))
}

/// Whether the type may be a domain with a CHECK, for which ADD COLUMN rewrites the table even without a default. A name
/// that isn't known is taken for one: the other error holds an exclusive lock through a rewrite that nobody was told of.
pub(super) fn may_be_domain(sql_type: &SqlType) -> bool {
    match sql_type {
        SqlType::Named(name) => {
            let bare = bare(name);
            named(name).is_none()
                && !BASE.contains(&bare.as_str())
                && super::extension::of_type(&bare).is_none()
        }
        SqlType::Array(inner) => may_be_domain(inner),
        SqlType::SmallInt
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
        | SqlType::Jsonb => false,
    }
}

/// Whether equal values of the type are the same value. Not so where `=` is missing (json), folds case (citext, and text
/// under some collations), or takes a month for thirty days.
fn has_exact_equality(sql_type: &SqlType) -> bool {
    match sql_type {
        SqlType::SmallInt
        | SqlType::Integer
        | SqlType::BigInt
        | SqlType::Real
        | SqlType::Double
        | SqlType::Numeric(_)
        | SqlType::Boolean
        | SqlType::Binary
        | SqlType::Date
        | SqlType::Time
        | SqlType::Timestamp
        | SqlType::Timestamptz
        | SqlType::Uuid
        | SqlType::Jsonb => true,
        SqlType::Text
        | SqlType::Varchar(_)
        | SqlType::Char(_)
        | SqlType::Interval
        | SqlType::Json
        | SqlType::Array(_)
        | SqlType::Named(_) => false,
    }
}

/// Whether a column would change if `value` were written to it. `value` is cast first: 1.005 isn't what numeric(10,2) keeps.
pub(super) fn differs(column: &str, value: &str, sql_type: Option<&SqlType>) -> String {
    match sql_type {
        Some(known) if has_exact_equality(known) => {
            format!("{column} IS DISTINCT FROM {value}::{}", type_name(known))
        }
        Some(known) if *known != SqlType::Text && !is_serial(known) => {
            unlike(column, &format!("{value}::{}", type_name(known)))
        }
        Some(_) | None => unlike(column, value),
    }
}

/// Whether two values are written otherwise, byte for byte.
pub(super) fn unlike(one: &str, other: &str) -> String {
    format!("{one}::text COLLATE \"C\" IS DISTINCT FROM {other}::text")
}

#[cfg(test)]
mod tests {
    use super::{array_of, diesel_type, differs, may_be_domain, type_name};
    use crate::schema::SqlType;

    #[test]
    fn diesel_spells_types_its_own_way() {
        for (text, ddl, diesel) in [
            ("bigint", "bigint", Some("Int8")),
            ("blob", "bytea", Some("Bytea")),
            ("varchar(20)", "varchar(20)", Some("Varchar")),
            ("text[][]", "text[][]", Some("Array<Nullable<Text>>")),
            ("public.citext", "public.citext", Some("Citext")),
            ("geometry(Point,4326)", "geometry(Point,4326)", None),
        ] {
            let parsed = SqlType::parse(text);
            assert_eq!(type_name(&parsed), ddl);
            assert_eq!(diesel_type(&parsed).as_deref(), diesel);
        }
    }

    #[test]
    fn a_type_of_unknown_kind_is_taken_for_a_domain() {
        assert!(
            may_be_domain(&SqlType::parse("positive")) && may_be_domain(&SqlType::parse("shop.positive[]"))
        );
        assert!(
            !may_be_domain(&SqlType::parse("citext"))
                && !may_be_domain(&SqlType::parse("geometry(Point,4326)"))
        );
        assert_eq!(array_of(&SqlType::parse("serial")), "integer[]");
    }

    #[test]
    fn values_without_a_true_equality_are_compared_as_text() {
        let compare = |text| differs("a", "b", Some(&SqlType::parse(text)));
        assert_eq!(compare("numeric(10,2)"), "a IS DISTINCT FROM b::numeric(10,2)");
        assert_eq!(compare("json"), "a::text COLLATE \"C\" IS DISTINCT FROM b::json::text");
        assert_eq!(compare("citext"), "a::text COLLATE \"C\" IS DISTINCT FROM b::citext::text");
    }
}
