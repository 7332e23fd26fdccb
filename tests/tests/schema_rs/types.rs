//! Types: those that Diesel has, those that it doesn't, and who defines them.

use crate::bench::{AS_SET_UP, Bench};

const TYPES: &str = "
    CREATE SCHEMA shop;
    CREATE TYPE mood AS ENUM ('glad', 'sad');
    CREATE TYPE \"range\" AS ENUM ('near', 'far');
    CREATE TYPE \"Odd Type\" AS ENUM ('x');
    CREATE TYPE shop.size AS ENUM ('s', 'l');
    CREATE TABLE much (
        id INT8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY, code CHAR(3), open VARCHAR, n NUMERIC(9,2), tags TEXT[] NOT NULL,
        short VARCHAR(5)[], at TIMESTAMPTZ, span INTERVAL, u UUID, j JSON, jb JSONB, b BYTEA, t TIME, d FLOAT8,
        feels mood NOT NULL, felt mood[], odd \"Odd Type\", search TSVECTOR, net INET, r INT4RANGE, v BIT VARYING, v5 BIT VARYING(5),
        b1 BIT, b8 BIT(8), size shop.size, x XML, tz TIMETZ, r2 \"range\",
        t3 TIMESTAMP(3), tz3 TIMESTAMPTZ(3)[], tt3 TIME(3), ttz3 TIME(3) WITH TIME ZONE, i3 INTERVAL(3), ym INTERVAL YEAR TO MONTH
    );
    CREATE TABLE much_more (id SERIAL PRIMARY KEY, feels mood);
";

#[test]
fn types_of_all_kinds() {
    Bench::postgres(TYPES).same(AS_SET_UP);
}

#[test]
fn defined_elsewhere() {
    let bench = Bench::postgres(TYPES);
    let printed = bench.differs("generate_missing_sql_type_definitions = false");
    assert!(!printed.contains("sql_types"), "{printed}");
    bench.differs("except_custom_type_definitions = [\"^Mood$\", \"Ts.*tor\"]");
    bench.differs("import_types = [\"diesel::sql_types::*\", \"crate::types::*\"]");
    bench.differs(
        "import_types = [\"crate::types::*\"]\ngenerate_missing_sql_type_definitions = false\nwith_docs = true",
    );
    bench.same("[print_schema]\nimport_types = []\ngenerate_missing_sql_type_definitions = true\n");
}

#[test]
fn a_type_that_diesel_does_not_have_is_an_error_with_its_place() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY, at GEOMETRY)");
    let stop = bench.ours(AS_SET_UP).expect_err("no such type");
    assert_eq!(stop.diagnostics[0].message, "Diesel has no type for t.at, which is GEOMETRY");
    assert!(bench.theirs(AS_SET_UP).is_err());
}

/// A table with a column of every type that a column may have on the server at hand, and of arrays of it: its own, and those of extensions.
const EVERY: &str = "
    CREATE EXTENSION citext; CREATE EXTENSION ltree; CREATE EXTENSION hstore; CREATE EXTENSION cube; CREATE EXTENSION isn;
    CREATE EXTENSION seg; CREATE EXTENSION intarray; CREATE EXTENSION lo; CREATE EXTENSION btree_gist; CREATE EXTENSION pg_trgm;
    CREATE EXTENSION earthdistance; CREATE EXTENSION tablefunc;
    DO $$ DECLARE every TEXT; BEGIN
        SELECT pg_catalog.string_agg(format('%I %s', type.typname, pg_catalog.format_type(type.oid, NULL)), ', ' ORDER BY type.oid)
        INTO STRICT every
        FROM pg_catalog.pg_type AS type LEFT JOIN pg_catalog.pg_class AS class ON class.oid = type.typrelid
        WHERE (type.typtype IN ('b', 'd', 'e', 'r', 'm') OR class.relkind = 'c') AND type.typnamespace::regnamespace::text
            NOT IN ('information_schema', 'pg_toast') AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_type AS element LEFT JOIN pg_catalog.pg_class AS rows ON rows.oid = element.typrelid
                WHERE element.typarray = type.oid AND (element.typtype = 'p' OR rows.relkind <> 'c')
            );
        EXECUTE format('CREATE TABLE every (key INTEGER PRIMARY KEY, %s)', every);
    END $$;
";

#[test]
fn every_type_of_the_server() {
    let bench = Bench::postgres(EVERY);
    let printed = bench.same(AS_SET_UP);
    assert!(printed.lines().filter(|line| line.contains(" -> ")).count() > 150, "{printed}");
    bench.same("[print_schema]\ngenerate_missing_sql_type_definitions = false\nwith_docs = true\n");
}

/// The same names in other schemas, spelled so that the server's own can't be meant, and what stands in brackets.
#[test]
fn types_that_look_like_others() {
    let bench = Bench::postgres(
        "CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE EXTENSION citext SCHEMA ext;
        CREATE SCHEMA shop; CREATE TYPE shop.money AS ENUM ('x'); CREATE TYPE public.date AS ENUM ('x'); CREATE TYPE shop.text AS (a INT);
        CREATE TYPE public.\"Date\" AS ENUM ('x'); CREATE TYPE \"char\" AS ENUM ('x');
        CREATE TYPE \"y(z)\" AS ENUM ('x'); CREATE TYPE \"bit varying\" AS ENUM ('x'); CREATE TYPE xid AS ENUM ('x'); CREATE TYPE \"int\" AS ENUM ('x');
        CREATE TYPE \"end[]\" AS ENUM ('x'); CREATE TYPE shop.point AS (a INT); CREATE TYPE \"two words\" AS ENUM ('x');
        CREATE TYPE \"größe\" AS ENUM ('x'); CREATE TYPE shop.\"a.b\" AS ENUM ('x');
        CREATE TABLE odd (id INT PRIMARY KEY, h ext.hstore, hs ext.hstore[], c ext.citext, cs ext.citext[], m shop.money, ms shop.money[],
            d public.date, ds public.date[], t shop.text, dd \"Date\", ch \"char\", chs \"char\"[], pch public.\"char\",
            yz \"y(z)\", yzs \"y(z)\"[], bv public.\"bit varying\", i public.\"int\", e \"end[]\", es \"end[]\"[], p shop.point, tw \"two words\",
            gr \"größe\", x public.xid, xs public.xid[], sab shop.\"a.b\", sabs shop.\"a.b\"[]);
        CREATE TABLE lengths (id INT PRIMARY KEY, b BPCHAR, bs BPCHAR[], c CHAR, c0 CHAR(1), c9 CHAR(9), cs CHAR(9)[], v VARCHAR, v9 VARCHAR(9),
            b1 BIT, b9 BIT(9), bb BIT(9)[], vb VARBIT, vb9 VARBIT(9), n NUMERIC, n5 NUMERIC(5), n52 NUMERIC(5,2), nm NUMERIC(5,-2), n25 NUMERIC(2,5),
            t0 TIME(0), t3 TIME(3), tz3 TIMETZ(3), ts0 TIMESTAMP(0), tstz6 TIMESTAMPTZ(6), tss TIMESTAMP(3)[], i INTERVAL, iy INTERVAL YEAR,
            iym INTERVAL YEAR TO MONTH, id_ INTERVAL DAY, idh INTERVAL DAY TO HOUR, idm INTERVAL DAY TO MINUTE, ids INTERVAL DAY TO SECOND,
            ids3 INTERVAL DAY TO SECOND(3), ih INTERVAL HOUR, ihm INTERVAL HOUR TO MINUTE, ihs INTERVAL HOUR TO SECOND, im INTERVAL MINUTE,
            ims INTERVAL MINUTE TO SECOND, is_ INTERVAL SECOND, is3 INTERVAL SECOND(3), imo INTERVAL MONTH, i3 INTERVAL(3), ims_a INTERVAL MINUTE[],
            f1 FLOAT(1), f53 FLOAT(53), s2 SMALLSERIAL, s4 SERIAL, s8 BIGSERIAL, dim INT[3][3], nat NATIONAL CHARACTER VARYING(7))",
    );
    bench.same(AS_SET_UP);
    bench.same("[print_schema]\nwith_docs = true\n");
}
