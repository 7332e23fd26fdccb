//! Domains: Diesel prints what stands behind them, or their own name where diesel.toml picks it.

use crate::bench::{AS_SET_UP, Bench};

const DOMAINS: &str = "
    CREATE EXTENSION citext; CREATE EXTENSION cube; CREATE EXTENSION earthdistance;
    CREATE SCHEMA shop;
    CREATE TYPE mood AS ENUM ('glad'); CREATE TYPE shop.size AS ENUM ('s');
    CREATE TYPE pair AS (one INTEGER, other TEXT); CREATE TYPE floats AS RANGE (subtype = float8);
    CREATE DOMAIN email AS VARCHAR(80) CHECK (VALUE LIKE '%@%'); CREATE DOMAIN plain AS TEXT NOT NULL;
    CREATE DOMAIN over AS email; CREATE DOMAIN over_plain AS plain; CREATE DOMAIN words AS VARCHAR(5)[] NOT NULL;
    CREATE DOMAIN feels AS mood; CREATE DOMAIN felt AS mood[]; CREATE DOMAIN shop.fits AS shop.size; CREATE DOMAIN mails AS email[];
    CREATE DOMAIN code AS CHAR(3); CREATE DOMAIN flags AS BIT(8); CREATE DOMAIN flag AS BIT; CREATE DOMAIN masks AS BIT VARYING(9);
    CREATE DOMAIN price AS NUMERIC(9,2); CREATE DOMAIN \"Odd Name\" AS TIMESTAMPTZ(3); CREATE DOMAIN folded AS CITEXT;
    CREATE DOMAIN net AS INET; CREATE DOMAIN paired AS pair; CREATE DOMAIN shop.\"a.(b\" AS INT4RANGE; CREATE DOMAIN \"time\" AS DATE;
    CREATE TABLE all_of (
        id email PRIMARY KEY, plain plain, over over, over_plain over_plain, words words, feels feels, felt felt, fits shop.fits,
        mails mails, code code NOT NULL, flags flags, flag flag, masks masks, price price, odd \"Odd Name\", folded folded, net net,
        paired paired, odder shop.\"a.(b\", own_time \"public\".\"time\", emails email[], codes code[] NOT NULL, sizes shop.fits[],
        pair pair, pairs pair[], floats floats, where_at earth, ci citext, mood mood, cardinal information_schema.cardinal_number
    );
    CREATE TABLE shop.other (id INTEGER PRIMARY KEY, mail email, fits shop.fits, plain plain);
";

#[test]
fn what_stands_behind_them() {
    let bench = Bench::postgres(DOMAINS);
    let printed = bench.same(AS_SET_UP);
    for line in [
        "        #[max_length = 80]\n        id -> Varchar,\n",
        "        plain -> Text,\n",
        "        over -> Nullable<Email>,\n",
        "        over_plain -> Nullable<Plain>,\n",
        "        words -> Array<Nullable<Varchar>>,\n",
        "        emails -> Nullable<Array<Nullable<Email>>>,\n",
    ] {
        assert!(printed.contains(line), "{line}{printed}");
    }
    bench.same("[print_schema]\nwith_docs = true\ngenerate_missing_sql_type_definitions = false\n");
    let shop = bench.same("[print_schema]\nschema = \"shop\"\nwith_docs = true\n");
    assert!(shop.contains("mail -> Nullable<Varchar>"), "{shop}");
    let notes = bench.notes("[print_schema]\n[print_schema.shop]\nschema = \"shop\"\n");
    assert!(notes.is_empty(), "{notes:?}");
}

#[test]
fn those_that_are_picked_are_types_of_their_own() {
    let bench = Bench::postgres(DOMAINS);
    let printed = bench.differs("pg_domains_as_custom_types = [\"^e.*l$\", \"Odd\"]");
    assert!(printed.contains("        #[max_length = 80]\n        id -> Email,\n"), "{printed}");
    bench.differs("pg_domains_as_custom_types = [\".\"]");
    bench.differs("pg_domains_as_custom_types = [\"fits\", \"words\", \"over\"]\nwith_docs = true");
    bench.same("[print_schema]\nschema = \"shop\"\npg_domains_as_custom_types = [\"fits\", \"mail\"]\n");
    bench.same("[print_schema]\npg_domains_as_custom_types = [\"^shop\\\\.\"]\n");
}

/// A type that nobody has looked up is printed under its name, with a word.
#[test]
fn what_nobody_looked_up_is_said() {
    let bench = Bench::postgres(DOMAINS).without_domains();
    assert_ne!(bench.ours(AS_SET_UP).expect("it prints"), bench.theirs(AS_SET_UP).expect("it prints"));
    let notes = bench.notes(AS_SET_UP).join("\n");
    for name in ["email", "pair", "earth"] {
        assert!(
            notes.contains(&format!("schema.rs has {name} as a type of its own: if it is a domain")),
            "{notes}"
        );
    }
    assert!(!notes.contains("citext") && !notes.contains("mood"), "{notes}");
    let picked = bench.notes("[print_schema]\npg_domains_as_custom_types = [\"^email$\"]\n").join("\n");
    assert!(!picked.contains("has email as"), "{picked}");
}
