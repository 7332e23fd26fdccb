//! What a database holds beside its rows, as lines that can be compared and shown.

use std::collections::{BTreeMap, BTreeSet};

use schemig_core::schema::{ColumnRef, Enum, EnumName, snapshot};

use crate::database::Connection;
use crate::introspect::{self, Introspected};

/// A database's tables, indexes, keys, checks, views, triggers and functions, a line each; and its enums.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contents {
    lines: BTreeSet<String>,
    enums: BTreeMap<EnumName, Enum>,
}

/// Labels that stay once they were added.
pub type Labels = BTreeSet<(EnumName, String)>;

impl Contents {
    /// Reads them.
    ///
    /// # Errors
    /// The catalog can't be read.
    pub fn read(connection: &mut Connection) -> Result<Self, String> {
        let introspected = match connection {
            Connection::Postgres(connection) => introspect::postgres(connection, "public"),
            Connection::Sqlite(connection) => introspect::sqlite(connection),
        };
        let introspected = introspected.map_err(|error| error.to_string())?;
        let mut lines = lines(&introspected);
        let query = match connection {
            Connection::Postgres(_) => POSTGRES_BODIES,
            Connection::Sqlite(_) => SQLITE_BODIES,
        };
        lines.extend(connection.texts(query).map_err(|error| error.to_string())?);
        Ok(Self { lines, enums: introspected.schema.enums.into_iter().collect() })
    }

    /// The same without the constraints and indexes that are NOT VALID. What was proved once may stay so, as an index whose parts were put
    /// together does, and what a second run proves again needn't: a way back may leave either.
    #[must_use]
    pub fn proved_or_not(&self) -> Self {
        self.keeping(|line| !line.ends_with(UNPROVED) && !line.ends_with(UNBUILT))
    }

    /// The same without what is said of these columns: whoever lost their values may bring them back in another shape.
    #[must_use]
    pub fn without(&self, columns: &BTreeSet<ColumnRef>) -> Self {
        let starts = columns.iter().flat_map(|at| {
            let before = format!("{}: {COLUMNS}", at.table);
            [format!("{before}{} = ", at.column), format!("{before}\"{}\" = ", at.column)]
        });
        let starts: Vec<String> = starts.collect();
        self.keeping(|line| !starts.iter().any(|start| line.starts_with(start)))
    }

    /// The same without these labels.
    #[must_use]
    pub fn without_labels(&self, labels: &Labels) -> Self {
        let mut kept = self.clone();
        for (name, known) in &mut kept.enums {
            known.labels.retain(|label| !labels.contains(&(name.clone(), label.clone())));
        }
        kept
    }

    fn keeping(&self, keep: impl Fn(&String) -> bool) -> Self {
        let Self { lines, enums } = self;
        Self { lines: lines.iter().filter(|line| keep(line)).cloned().collect(), enums: enums.clone() }
    }

    /// All of it, a line each.
    fn all(&self) -> BTreeSet<String> {
        let Self { lines, enums } = self;
        let of_enum =
            |(name, known): (&EnumName, &Enum)| format!("enum {name} ({})", known.labels.join(", "));
        lines.iter().cloned().chain(enums.iter().map(of_enum)).collect()
    }

    /// What one has and the other hasn't, a line each; empty when they are equal.
    pub fn differences(&self, wanted: &Self) -> Vec<String> {
        let (found, wanted) = (self.all(), wanted.all());
        let missing = wanted.difference(&found).map(|line| format!("missing: {line}"));
        let extra = found.difference(&wanted).map(|line| format!("too much: {line}"));
        missing.chain(extra).collect()
    }
}

/// The section of a snapshot that says what columns are.
const COLUMNS: &str = "[columns] ";

const UNPROVED: &str = " is NOT VALID";

const UNBUILT: &str = " isn't valid";

/// A schema's lines, each with its table and section: columns in any order are the same table.
fn lines(introspected: &Introspected) -> BTreeSet<String> {
    let Introspected { schema, invalid_indexes, unvalidated, unmodelled } = introspected;
    let mut lines = BTreeSet::new();
    for (name, table) in &schema.tables {
        let mut section = String::new();
        for line in snapshot::write(name, table, &[]).lines().filter(|line| !line.is_empty()) {
            if line.starts_with('[') {
                section = format!("{line} ");
            } else {
                lines.insert(format!("{name}: {section}{line}"));
            }
        }
    }
    lines.extend(invalid_indexes.iter().map(|(table, index)| format!("{table}: {index}{UNBUILT}")));
    lines.extend(unvalidated.iter().map(|(table, name)| format!("{table}: {name}{UNPROVED}")));
    lines.extend(unmodelled.iter().cloned());
    lines
}

/// What functions, triggers and views do, where an extension doesn't own them.
const POSTGRES_BODIES: &str = "
    SELECT 'function ' || p.oid::regprocedure::text || ' ' || md5(pg_get_functiondef(p.oid)) FROM pg_catalog.pg_proc AS p
    JOIN pg_catalog.pg_namespace AS space ON space.oid = p.pronamespace
    WHERE p.prokind IN ('f', 'p') AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS owned WHERE owned.classid = 'pg_catalog.pg_proc'::regclass AND owned.objid = p.oid AND owned.deptype = 'e')
    UNION ALL SELECT pg_get_triggerdef(t.oid) FROM pg_catalog.pg_trigger AS t WHERE NOT t.tgisinternal
    UNION ALL SELECT 'view ' || c.oid::regclass::text || ' ' || md5(pg_get_viewdef(c.oid)) FROM pg_catalog.pg_class AS c
    JOIN pg_catalog.pg_namespace AS space ON space.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm') AND space.nspname <> 'information_schema' AND space.nspname NOT LIKE 'pg\\_%'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend AS owned
            WHERE owned.classid = 'pg_catalog.pg_class'::regclass AND owned.objid = c.oid AND owned.deptype = 'e')";

const SQLITE_BODIES: &str = "SELECT sql FROM sqlite_master WHERE type IN ('trigger', 'view')";
