//! What the catalog has beside the tables, one query for each kind. What extensions brought is left out.

/// All of it: `kind, name, class, number, base`, where `own` are the user's tables and `space` the schemas (namespaces).
pub(super) fn query() -> String {
    [relations(), on_tables().to_owned(), code(), types(), rights(), publications().to_owned()]
        .join("\nUNION ALL\n")
}

fn relations() -> String {
    format!(
        "SELECT CASE class.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,
            class.oid::regclass::text, 'pg_catalog.pg_rewrite'::regclass, coalesce(rule.oid, 0), NULL::oid
        FROM pg_catalog.pg_class AS class LEFT JOIN pg_catalog.pg_rewrite AS rule ON rule.ev_class = class.oid
        WHERE class.relkind IN ('v', 'm', 'f') AND NOT class.relispartition
            AND class.relnamespace IN (SELECT number FROM space) AND {no_extension}
        UNION ALL
        SELECT 'sequence', class.oid::regclass::text, 'pg_catalog.pg_class'::regclass, 0, NULL
        FROM pg_catalog.pg_class AS class
        WHERE class.relkind = 'S' AND class.relnamespace IN (SELECT number FROM space) AND NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = class.oid
                AND owned.deptype IN ('a', 'i', 'e')
        )",
        no_extension = not_owned("pg_class", "class")
    )
}

fn on_tables() -> &'static str {
    "SELECT 'rule', pg_catalog.quote_ident(rule.rulename) || ' of ' || rule.ev_class::regclass,
        'pg_catalog.pg_rewrite'::regclass, rule.oid, rule.ev_class
    FROM pg_catalog.pg_rewrite AS rule WHERE rule.ev_class IN (SELECT number FROM own)
    UNION ALL
    SELECT 'trigger', pg_catalog.quote_ident(entry.tgname) || ' of ' || entry.tgrelid::regclass,
        'pg_catalog.pg_trigger'::regclass, entry.oid, entry.tgrelid
    FROM pg_catalog.pg_trigger AS entry
    WHERE NOT entry.tgisinternal AND entry.tgrelid IN (SELECT number FROM own)
        AND entry.tgname NOT LIKE 'schemig\\_%'
    UNION ALL
    SELECT 'policy', pg_catalog.quote_ident(entry.polname) || ' of ' || entry.polrelid::regclass,
        'pg_catalog.pg_policy'::regclass, entry.oid, entry.polrelid
    FROM pg_catalog.pg_policy AS entry WHERE entry.polrelid IN (SELECT number FROM own)
    UNION ALL
    SELECT 'row security', CASE WHEN class.relforcerowsecurity THEN 'forced' ELSE 'enabled' END,
        'pg_catalog.pg_class'::regclass, 0, class.oid
    FROM pg_catalog.pg_class AS class WHERE class.relrowsecurity AND class.oid IN (SELECT number FROM own)
    UNION ALL
    SELECT 'statistics', pg_catalog.quote_ident(entry.stxname), 'pg_catalog.pg_statistic_ext'::regclass,
        entry.oid, entry.stxrelid
    FROM pg_catalog.pg_statistic_ext AS entry WHERE entry.stxrelid IN (SELECT number FROM own)"
}

fn code() -> String {
    format!(
        "SELECT 'function', entry.oid::regprocedure::text, 'pg_catalog.pg_proc'::regclass, entry.oid, NULL
        FROM pg_catalog.pg_proc AS entry
        WHERE entry.pronamespace IN (SELECT number FROM space) AND entry.proname NOT LIKE 'schemig\\_%'
            AND {no_extension_has_function}
        UNION ALL
        SELECT 'event trigger', pg_catalog.quote_ident(entry.evtname) || ' on ' || entry.evtevent,
            'pg_catalog.pg_event_trigger'::regclass, 0, NULL
        FROM pg_catalog.pg_event_trigger AS entry WHERE {no_extension_has_trigger}",
        no_extension_has_function = not_owned("pg_proc", "entry"),
        no_extension_has_trigger = not_owned("pg_event_trigger", "entry"),
    )
}

/// Types, and what is made for them. The server's own casts have numbers below 16384, and stand in no schema.
fn types() -> String {
    format!(
        "SELECT 'type', type.oid::regtype::text,
            CASE WHEN class.relkind = 'c' THEN 'pg_catalog.pg_class' ELSE 'pg_catalog.pg_type' END::regclass,
            CASE WHEN class.relkind = 'c' THEN class.oid ELSE type.oid END, NULL
        FROM pg_catalog.pg_type AS type LEFT JOIN pg_catalog.pg_class AS class ON class.oid = type.typrelid
        WHERE type.typnamespace IN (SELECT number FROM space) AND {no_extension_has_type}
            AND (type.typtype IN ('d', 'r') OR class.relkind = 'c')
        UNION ALL
        SELECT 'cast', entry.castsource::regtype || ' AS ' || entry.casttarget::regtype,
            'pg_catalog.pg_cast'::regclass, entry.oid, NULL
        FROM pg_catalog.pg_cast AS entry WHERE entry.oid >= 16384 AND {no_extension_has_cast}
        UNION ALL
        SELECT 'operator', entry.oid::regoperator::text, 'pg_catalog.pg_operator'::regclass, entry.oid, NULL
        FROM pg_catalog.pg_operator AS entry
        WHERE entry.oprnamespace IN (SELECT number FROM space) AND {no_extension_has_operator}",
        no_extension_has_type = not_owned("pg_type", "type"),
        no_extension_has_cast = not_owned("pg_cast", "entry"),
        no_extension_has_operator = not_owned("pg_operator", "entry"),
    )
}

/// A role as it is written in a GRANT.
const ROLE: &str = "CASE given.grantee WHEN 0 THEN 'PUBLIC'
            ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(given.grantee)) END";

/// What roles may do that don't own the tables, one thing for each role and set of privileges.
fn rights() -> String {
    let privileges = "pg_catalog.string_agg(DISTINCT given.privilege_type, ', ')";
    format!(
        "SELECT 'grants', {ROLE} || ' (' || {privileges} || ')', 'pg_catalog.pg_class'::regclass, 0, class.oid
        FROM pg_catalog.pg_class AS class CROSS JOIN pg_catalog.aclexplode(class.relacl) AS given
        WHERE class.oid IN (SELECT number FROM own) AND given.grantee <> class.relowner
        GROUP BY class.oid, given.grantee
        UNION ALL
        SELECT 'default privileges',
            'tables that ' || pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(entry.defaclrole))
                || coalesce(' (in ' || pg_catalog.quote_ident(home.nspname) || ')', '')
                || ' makes: ' || {ROLE} || ' (' || {privileges} || ')',
            'pg_catalog.pg_default_acl'::regclass, 0, NULL
        FROM pg_catalog.pg_default_acl AS entry
        LEFT JOIN pg_catalog.pg_namespace AS home ON home.oid = entry.defaclnamespace
        CROSS JOIN pg_catalog.aclexplode(entry.defaclacl) AS given
        WHERE entry.defaclobjtype = 'r' AND given.grantee <> entry.defaclrole
        GROUP BY entry.oid, entry.defaclrole, home.nspname, given.grantee"
    )
}

/// Rights to single columns: `kind, name, table_number, place, enum_number`.
pub(super) fn column_grants() -> String {
    format!(
        "SELECT 'column grants', {ROLE} || ' (' || given.privilege_type || ')', attribute.attrelid,
            attribute.attnum, NULL
        FROM pg_catalog.pg_attribute AS attribute
        JOIN pg_catalog.pg_class AS class ON class.oid = attribute.attrelid
        CROSS JOIN pg_catalog.aclexplode(attribute.attacl) AS given
        WHERE attribute.attrelid IN (SELECT number FROM own) AND attribute.attnum > 0
            AND NOT attribute.attisdropped AND given.grantee <> class.relowner"
    )
}

/// Those of all tables name none. One of a schema (namespace) is known since 15, and an older server has no catalog of them.
fn publications() -> &'static str {
    "SELECT 'publication', pg_catalog.quote_ident(entry.pubname), 'pg_catalog.pg_publication_rel'::regclass,
        part.oid, part.prrelid
    FROM pg_catalog.pg_publication AS entry
    JOIN pg_catalog.pg_publication_rel AS part ON part.prpubid = entry.oid
    WHERE part.prrelid IN (SELECT number FROM own)
    UNION ALL
    SELECT 'publication', pg_catalog.quote_ident(entry.pubname) || ' of all tables',
        'pg_catalog.pg_publication'::regclass, 0, NULL
    FROM pg_catalog.pg_publication AS entry WHERE entry.puballtables
    UNION ALL
    SELECT 'publication',
        pg_catalog.quote_ident(entry.pubname) || ' of all in schema ' || pg_catalog.quote_ident(home.nspname),
        'pg_catalog.pg_publication'::regclass, 0, NULL
    FROM pg_catalog.pg_publication AS entry
    JOIN pg_catalog.pg_depend AS whose
        ON whose.refclassid = 'pg_catalog.pg_publication'::regclass AND whose.refobjid = entry.oid
    JOIN pg_catalog.pg_depend AS what ON what.classid = whose.classid AND what.objid = whose.objid
        AND what.refclassid = 'pg_catalog.pg_namespace'::regclass
    JOIN pg_catalog.pg_namespace AS home ON home.oid = what.refobjid
    WHERE whose.classid = pg_catalog.to_regclass('pg_catalog.pg_publication_namespace')"
}

fn not_owned(catalog: &str, row: &str) -> String {
    format!(
        "NOT EXISTS (
            SELECT FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.{catalog}'::regclass AND owned.objid = {row}.oid AND owned.deptype = 'e'
        )"
    )
}
