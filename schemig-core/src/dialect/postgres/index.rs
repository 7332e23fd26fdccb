//! Indexes (DOCTRINE, R7).

use super::Postgres;
use super::lock::Piece;
use super::quote::{columns, dollar, ident, literal, shorten};
use crate::dialect::Leftover;
use crate::operation::Operation;
use crate::schema::{Index, IndexKey, IndexName, KeyOrder, State, TableName};

impl Postgres {
    /// What stands behind the index's name: the table, the method, the keys and the rest.
    fn index_on(&self, table: &str, index: &Index) -> String {
        let keys: Vec<String> = index.sorted_keys().map(|(key, order)| sorted(key, order)).collect();
        let mut sql = format!("ON {table}");
        if let Some(method) = &index.method {
            sql += &format!(" USING {}", ident(method));
        }
        sql += &format!(" ({})", keys.join(", "));
        if !index.include.is_empty() {
            sql += &format!(" INCLUDE ({})", columns(&index.include));
        }
        if index.nulls_not_distinct {
            sql += " NULLS NOT DISTINCT";
        }
        if !index.storage.is_empty() {
            sql += &format!(" WITH ({})", storage(index));
        }
        if let Some(predicate) = &index.predicate {
            sql += &format!(" WHERE ({predicate})");
        }
        sql
    }

    /// What stands behind a constraint's name.
    pub(super) fn index_constraint(&self, index: &Index) -> String {
        if index.excludes() { self.exclusion(index) } else { self.unique(index) }
    }

    /// A UNIQUE constraint has columns only.
    fn unique(&self, index: &Index) -> String {
        let nulls = if index.nulls_not_distinct { " NULLS NOT DISTINCT" } else { "" };
        let mut sql = format!("UNIQUE{nulls} ({})", columns(index.key_columns().unwrap_or_default()));
        if !index.include.is_empty() {
            sql += &format!(" INCLUDE ({})", columns(&index.include));
        }
        if !index.storage.is_empty() {
            sql += &format!(" WITH ({})", storage(index));
        }
        sql + index.deferral.sql()
    }

    pub(super) fn create_index_sql(
        &self,
        table: &TableName,
        name: &IndexName,
        index: &Index,
        online: bool,
    ) -> String {
        format!(
            "CREATE {}INDEX {}IF NOT EXISTS {} {};",
            if index.unique { "UNIQUE " } else { "" },
            if online { "CONCURRENTLY " } else { "" },
            ident(name.as_str()),
            self.index_on(&self.table(table), index)
        )
    }

    pub(super) fn create_index(
        &self,
        table: &TableName,
        name: &IndexName,
        index: &Index,
        online: bool,
    ) -> Piece {
        if index.constraint {
            let add = format!(
                "ALTER TABLE {} ADD CONSTRAINT {} {};",
                self.table(table),
                ident(name.as_str()),
                self.index_constraint(index)
            );
            let add =
                if index.excludes() { self.or_say_who(table, index, &add) } else { format!("    {add}") };
            let block = format!("IF {} IS NULL THEN\n{add}\nEND IF;", self.index_oid(table, name));
            return Piece::strong_block(vec![table.clone()], block);
        }
        let create = self.create_index_sql(table, name, index, online);
        if online { Piece::Plain(create) } else { Piece::strong(vec![table.clone()], vec![create]) }
    }

    pub(super) fn index_oid(&self, table: &TableName, name: &IndexName) -> String {
        format!("to_regclass({})", literal(&self.beside(table, name.as_str())))
    }

    /// An index whose build was cut off: CREATE INDEX CONCURRENTLY IF NOT EXISTS would pass it by. One that is just being built isn't
    /// valid either, and is left alone.
    pub(super) fn leftover_of(&self, operation: &Operation) -> Option<Leftover> {
        let Operation::CreateIndex { table, index, definition, online: true } = operation else {
            return None;
        };
        if definition.constraint {
            return None;
        }
        let full = self.beside(table, index.as_str());
        let found = format!(
            "SELECT EXISTS (SELECT FROM pg_index AS i WHERE i.indexrelid = {} AND i.indrelid = {} AND NOT (i.indisvalid AND i.indisready)
    AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS building WHERE building.index_relid = i.indexrelid)) AS found",
            self.index_oid(table, index),
            self.to_regclass(table)
        );
        let remove = format!("DROP INDEX CONCURRENTLY IF EXISTS {full};");
        Some(Leftover { what: format!("the invalid index {full}"), found, remove })
    }

    pub(super) fn drop_index(
        &self,
        table: &TableName,
        name: &IndexName,
        online: bool,
        state: &State,
    ) -> Piece {
        let full = self.beside(table, name.as_str());
        if is_constraint(table, name, state) {
            return Piece::strong(vec![table.clone()], vec![self.drop_constraint(table, name.as_str())]);
        }
        if online {
            Piece::Plain(format!("DROP INDEX CONCURRENTLY IF EXISTS {full};"))
        } else {
            Piece::strong(vec![table.clone()], vec![format!("DROP INDEX IF EXISTS {full};")])
        }
    }

    /// The index keeps its name, and is the constraint's from then on.
    pub(super) fn constrain(&self, table: &TableName, name: &IndexName, index: &Index) -> Piece {
        let ident = ident(name.as_str());
        let block = format!(
            "IF NOT EXISTS (SELECT FROM pg_constraint WHERE conrelid = {} AND conname = {} AND contype = 'u') THEN
    ALTER TABLE {} ADD CONSTRAINT {ident} UNIQUE USING INDEX {ident}{};
END IF;",
            self.to_regclass(table),
            literal(&shorten(name.as_str())),
            self.table(table),
            index.deferral.sql()
        );
        Piece::strong_block(vec![table.clone()], block)
    }

    /// Locks the index, not the table.
    pub(super) fn rename_index(&self, table: &TableName, from: &IndexName, to: &IndexName) -> Piece {
        Piece::Scan(format!(
            "ALTER INDEX IF EXISTS {} RENAME TO {};",
            self.beside(table, from.as_str()),
            ident(to.as_str())
        ))
    }

    /// Stops unless the index is there, valid, and what it should be. The server itself says what it should be: the wanted
    /// index is made on an empty copy of the table, and the two are compared in the server's own spelling.
    pub(super) fn guard_index(&self, table: &TableName, name: &IndexName, index: &Index) -> Piece {
        let full = self.beside(table, name.as_str());
        let create = self.create_index_sql(table, name, index, true).replacen(" IF NOT EXISTS", "", 1);
        let probe = format!(
            "CREATE {}INDEX schemig_probe_index {};",
            if index.unique { "UNIQUE " } else { "" },
            self.index_on("pg_temp.schemig_probe", index)
        );
        let other = literal(&format!("is another one than wanted; give it another name, then run: {create}"));
        let invalid = literal(&format!("is invalid; run: REINDEX INDEX CONCURRENTLY {full};"));
        let missing = literal(&format!("is missing; run: {create}"));
        let body = format!(
            "DECLARE
    schemig_fault text;
BEGIN
    CREATE TEMPORARY TABLE schemig_probe (LIKE {table_name}) ON COMMIT DROP;
    {probe}
    SELECT CASE
        WHEN i.indrelid <> {regclass} OR i.indisunique <> p.indisunique OR ic.relam <> pc.relam
             OR i.indnatts <> p.indnatts OR i.indnkeyatts <> p.indnkeyatts OR i.indoption::text <> p.indoption::text
             OR i.indclass::text <> p.indclass::text OR i.indcollation::text <> p.indcollation::text
{nulls}{stored}             OR pg_get_expr(i.indpred, i.indrelid) IS DISTINCT FROM pg_get_expr(p.indpred, p.indrelid)
             OR EXISTS (SELECT FROM generate_series(1, p.indnatts) AS part WHERE
                    pg_get_indexdef(i.indexrelid, part, false) <> pg_get_indexdef(p.indexrelid, part, false))
            THEN {other}
        WHEN NOT (i.indisvalid AND i.indisready)
            THEN {invalid} END
    INTO schemig_fault
    FROM pg_index i JOIN pg_class ic ON ic.oid = i.indexrelid, pg_index p JOIN pg_class pc ON pc.oid = p.indexrelid
    WHERE i.indexrelid = {oid} AND p.indexrelid = to_regclass('pg_temp.schemig_probe_index');
    IF NOT FOUND THEN
        schemig_fault := {missing};
    END IF;
    DROP TABLE pg_temp.schemig_probe;
    IF schemig_fault IS NOT NULL THEN
        RAISE EXCEPTION USING MESSAGE = {subject} || schemig_fault;
    END IF;
END",
            nulls = if index.unique && self.version >= 15 {
                "             OR i.indnullsnotdistinct <> p.indnullsnotdistinct\n"
            } else {
                ""
            },
            stored = if index.storage.is_empty() {
                ""
            } else {
                "             OR ic.reloptions IS DISTINCT FROM pc.reloptions\n"
            },
            table_name = self.table(table),
            regclass = self.regclass(table),
            oid = self.index_oid(table, name),
            subject = literal(&format!("schemig: index {full} ")),
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }
}

/// A key as DDL has it.
pub(super) fn sorted(key: &IndexKey, order: Option<&KeyOrder>) -> String {
    let key = match key {
        IndexKey::Column(column) => ident(column.as_str()),
        IndexKey::Expression(expression) => format!("({expression})"),
    };
    key + &order.map(KeyOrder::sql).unwrap_or_default()
}

pub(super) fn storage(index: &Index) -> String {
    index.storage.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// Whether a constraint owns the index: only the constraint can be dropped, and never online.
pub(super) fn is_constraint(table: &TableName, name: &IndexName, state: &State) -> bool {
    let known = state.schema.tables.get(table).and_then(|known| known.indexes.get(name));
    known.is_some_and(|index| index.constraint)
}
