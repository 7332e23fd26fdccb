//! Extensions: which of them brings a type, an operator class or an access method (DOCTRINE, B25).

use super::Postgres;
use super::lock::Piece;
use super::quote::{dollar, ident, literal};
use super::types::{bare, type_name};
use crate::plan::Foreign;
use crate::schema::{ExtensionName, SqlType, TableName};

/// An extension, and what models may use of it.
struct Known {
    name: &'static str,
    types: &'static [&'static str],
    classes: &'static [&'static str],
    methods: &'static [&'static str],
}

/// Those whose control files are in the server's contrib, and the best-known others. What each brings is what its script makes.
const KNOWN: &[Known] = &[
    Known { name: "bloom", types: &[], classes: &[], methods: &["bloom"] },
    Known {
        name: "btree_gist",
        types: &[],
        classes: &[
            "gist_bit_ops",
            "gist_bool_ops",
            "gist_bpchar_ops",
            "gist_bytea_ops",
            "gist_cash_ops",
            "gist_cidr_ops",
            "gist_date_ops",
            "gist_enum_ops",
            "gist_float4_ops",
            "gist_float8_ops",
            "gist_inet_ops",
            "gist_int2_ops",
            "gist_int4_ops",
            "gist_int8_ops",
            "gist_interval_ops",
            "gist_macaddr8_ops",
            "gist_macaddr_ops",
            "gist_numeric_ops",
            "gist_oid_ops",
            "gist_text_ops",
            "gist_time_ops",
            "gist_timestamp_ops",
            "gist_timestamptz_ops",
            "gist_timetz_ops",
            "gist_uuid_ops",
            "gist_vbit_ops",
        ],
        methods: &[],
    },
    Known {
        name: "citext",
        types: &["citext"],
        classes: &["citext_ops", "citext_pattern_ops"],
        methods: &[],
    },
    Known { name: "cube", types: &["cube"], classes: &["cube_ops", "gist_cube_ops"], methods: &[] },
    Known {
        name: "hstore",
        types: &["hstore"],
        classes: &["btree_hstore_ops", "gin_hstore_ops", "gist_hstore_ops", "hash_hstore_ops"],
        methods: &[],
    },
    Known {
        name: "intarray",
        types: &["query_int"],
        classes: &["gin__int_ops", "gist__int_ops", "gist__intbig_ops"],
        methods: &[],
    },
    Known {
        name: "isn",
        types: &["ean13", "isbn", "isbn13", "ismn", "ismn13", "issn", "issn13", "upc"],
        classes: &[],
        methods: &[],
    },
    Known {
        name: "ltree",
        types: &["lquery", "ltree", "ltxtquery"],
        classes: &["gist__ltree_ops", "gist_ltree_ops", "ltree_ops"],
        methods: &[],
    },
    Known { name: "pg_trgm", types: &[], classes: &["gin_trgm_ops", "gist_trgm_ops"], methods: &[] },
    Known { name: "postgis", types: &["geography", "geometry"], classes: &[], methods: &[] },
    Known { name: "seg", types: &["seg"], classes: &["gist_seg_ops", "seg_ops"], methods: &[] },
    Known {
        name: "vector",
        types: &["halfvec", "sparsevec", "vector"],
        classes: &["vector_cosine_ops", "vector_ip_ops", "vector_l2_ops"],
        methods: &["hnsw", "ivfflat"],
    },
];

/// Types that GiST has no usual operator class for, unless this extension brings one (asked of 12 to 18; of booleans from 16 on).
const BTREE_GIST: &[&str] = &[
    "bigint",
    "bit",
    "bit varying",
    "boolean",
    "bytea",
    "char",
    "cidr",
    "date",
    "double precision",
    "inet",
    "integer",
    "interval",
    "macaddr",
    "macaddr8",
    "money",
    "numeric",
    "oid",
    "real",
    "smallint",
    "text",
    "time",
    "time with time zone",
    "timestamp",
    "timestamptz",
    "timetz",
    "uuid",
    "varbit",
    "varchar",
];

/// The extension that brings this, with the schema that the model names it by.
pub fn extension(what: &Foreign<'_>) -> Option<ExtensionName> {
    let (name, spelled) = match *what {
        Foreign::Type(sql_type) => {
            let mut element = sql_type;
            while let SqlType::Array(inner) = element {
                element = inner;
            }
            let SqlType::Named(spelled) = element else { return None };
            (of_type(&bare(spelled))?, spelled.as_str())
        }
        Foreign::Class(class) => (named(|known| known.classes.contains(&bare(class).as_str()))?, class),
        Foreign::Method(method) => (named(|known| known.methods.contains(&method))?, method),
        Foreign::Key { method, sql_type, is_enum } => {
            let lent =
                method == "gist" && (is_enum || BTREE_GIST.contains(&bare(&type_name(sql_type)).as_str()));
            (lent.then_some("btree_gist")?, "")
        }
    };
    let spelled = spelled.split('(').next().unwrap_or(spelled);
    let schema = spelled.rsplit_once('.').map(|(schema, _)| schema.trim().trim_matches('"').to_owned());
    Some(TableName { schema, name: name.to_owned() })
}

/// The extension that brings the type of this bare name.
pub(super) fn of_type(name: &str) -> Option<&'static str> {
    named(|known| known.types.contains(&name))
}

fn named(brings: impl Fn(&Known) -> bool) -> Option<&'static str> {
    KNOWN.iter().find(|known| brings(known)).map(|known| known.name)
}

impl Postgres {
    /// One that is there is passed by before any right is asked for. Who may not make it is told who may: Diesel prints no HINT.
    pub(super) fn create_extension(&self, name: &ExtensionName) -> Piece {
        let TableName { schema, name } = name;
        let schema =
            schema.as_ref().map(|schema| format!(" WITH SCHEMA {}", ident(schema))).unwrap_or_default();
        let create = format!("CREATE EXTENSION IF NOT EXISTS {}{schema};", ident(name));
        let trusted = if self.version >= 13 {
            "a superuser (or, where it is trusted, who may CREATE in the database)"
        } else {
            "a superuser"
        };
        let message = literal(&format!(
            "schemig: this role may not make extension {name}; have {trusted} run: {create} then run this again"
        ));
        let body = format!(
            "BEGIN
    {create}
EXCEPTION WHEN insufficient_privilege THEN
    RAISE EXCEPTION USING MESSAGE = {message};
END"
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN, extension};
    use crate::plan::Foreign;
    use crate::schema::SqlType;

    fn of(text: &str) -> Option<String> {
        extension(&Foreign::Type(&SqlType::parse(text))).map(|name| name.to_string())
    }

    #[test]
    fn a_type_is_looked_up_whatever_it_is_dressed_in() {
        assert_eq!(of("citext").as_deref(), Some("citext"));
        assert_eq!(of("ltree[]").as_deref(), Some("ltree"));
        assert_eq!(of("extensions.vector(3)").as_deref(), Some("extensions.vector"));
        assert_eq!(of("geometry(Point,4326)").as_deref(), Some("postgis"));
        assert_eq!((of("inet"), of("text"), of("mood")), (None, None, None));
        assert!(extension(&Foreign::Class("gin_trgm_ops")).is_some_and(|name| name.name == "pg_trgm"));
        assert!(extension(&Foreign::Method("gin")).is_none());
        let key = |method, sql_type: &str, is_enum| {
            extension(&Foreign::Key { method, sql_type: &SqlType::parse(sql_type), is_enum }).is_some()
        };
        assert!(
            key("gist", "varchar(20)", false)
                && key("gist", "timestamptz", false)
                && key("gist", "mood", true)
        );
        assert!(
            !key("gist", "tstzrange", false) && !key("btree", "bigint", false) && !key("gist", "mood", false)
        );
    }

    #[test]
    fn nothing_comes_with_two_extensions() {
        let brought = || KNOWN.iter().flat_map(|known| [known.types, known.classes, known.methods].concat());
        let mut once: Vec<&str> = brought().collect();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), brought().count());
        assert!(KNOWN.is_sorted_by_key(|known| known.name));
    }
}
