//! What ties tables to each other, and has no place in a schema: heirs, types of rows, keys that lead elsewhere.

/// As [`super::things::query`]. The columns to which ON DELETE SET NULL is limited are in the catalog from 15 on.
pub(super) fn query() -> &'static str {
    "SELECT 'inheritance', entry.inhrelid::regclass || ' of ' || entry.inhparent::regclass,
        'pg_catalog.pg_inherits'::regclass, 0::oid, entry.inhparent
    FROM pg_catalog.pg_inherits AS entry
    WHERE entry.inhrelid IN (SELECT number FROM own) AND entry.inhparent IN (SELECT number FROM own)
    UNION ALL
    SELECT 'typed table', class.oid::regclass || ' of ' || class.reloftype::regtype, 'pg_catalog.pg_class'::regclass,
        0, class.oid
    FROM pg_catalog.pg_class AS class WHERE class.oid IN (SELECT number FROM own) AND class.reloftype <> 0
    UNION ALL
    SELECT 'row type', attribute.attrelid::regclass || '.' || pg_catalog.quote_ident(attribute.attname),
        'pg_catalog.pg_class'::regclass, 0, class.oid
    FROM pg_catalog.pg_attribute AS attribute
    JOIN pg_catalog.pg_type AS whole ON whole.oid = attribute.atttypid
    JOIN pg_catalog.pg_class AS class ON class.reltype IN (whole.oid, whole.typelem) AND class.reltype <> 0
    WHERE attribute.attrelid IN (SELECT number FROM own) AND attribute.attnum > 0 AND NOT attribute.attisdropped
        AND class.oid IN (SELECT number FROM own)
    UNION ALL
    SELECT 'foreign key', pg_catalog.quote_ident(entry.conname) || ' of ' || entry.conrelid::regclass,
        'pg_catalog.pg_constraint'::regclass, entry.oid, entry.conrelid
    FROM pg_catalog.pg_constraint AS entry
    WHERE entry.contype = 'f' AND entry.conparentid = 0 AND entry.conrelid IN (SELECT number FROM own)
        AND (entry.confrelid NOT IN (SELECT number FROM own) OR entry.confmatchtype <> 's'
            OR pg_catalog.to_jsonb(entry) ->> 'confdelsetcols' IS NOT NULL)"
}

/// The columns that a table has from another: `kind, name, table_number, place, enum_number`.
pub(super) fn inherited_columns() -> &'static str {
    "SELECT 'inheritance', entry.inhrelid::regclass || ' of ' || entry.inhparent::regclass, attribute.attrelid,
        attribute.attnum, NULL
    FROM pg_catalog.pg_inherits AS entry
    JOIN pg_catalog.pg_attribute AS attribute ON attribute.attrelid = entry.inhrelid
    WHERE entry.inhrelid IN (SELECT number FROM own) AND entry.inhparent IN (SELECT number FROM own)
        AND attribute.attnum > 0 AND NOT attribute.attisdropped AND attribute.attinhcount > 0"
}
