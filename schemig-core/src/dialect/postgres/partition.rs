//! Tables whose rows are in partitions.

use super::Postgres;
use super::lock::Piece;
use super::quote::{columns, dollar, ident, literal};
use crate::schema::{Index, IndexName, Partitioning, SqlType, Strategy, Table, TableName};

/// What stands behind the table's columns.
pub(super) fn partition_by(by: &Partitioning) -> String {
    format!(" PARTITION BY {} ({})", by.strategy.word().to_uppercase(), columns(&by.columns))
}

impl Postgres {
    /// An index of the table alone. Not online: nothing is built, and the server refuses to begin one otherwise.
    pub(super) fn begin_index(&self, table: &TableName, name: &IndexName, index: &Index) -> Piece {
        let nested = format!(
            "SELECT inhrelid::regclass::text FROM pg_inherits JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = {} AND relkind = 'p'",
            self.regclass(table)
        );
        let unfit = literal(&format!(
            "schemig: a partition of {} has partitions itself, and an index on those is not built by itself without blocking writes; \
             build index {name} by hand, then run this again; see them: {nested}",
            self.table(table)
        ));
        let create = format!(
            "CREATE {}INDEX IF NOT EXISTS {} {};",
            if index.unique { "UNIQUE " } else { "" },
            ident(name.as_str()),
            self.index_on(&format!("ONLY {}", self.table(table)), index)
        );
        let block = format!(
            "IF {} IS NULL AND EXISTS ({nested}) THEN\n    RAISE EXCEPTION USING MESSAGE = {unfit};\nEND IF;\n{create}",
            self.index_oid(table, name)
        );
        Piece::strong_block(vec![table.clone()], block)
    }

    /// Queries wait for the lock on an index that is put to the others, so it is taken in short attempts. What is joined already is left.
    pub(super) fn join_index_parts(
        &self,
        table: &TableName,
        name: &IndexName,
        index: &Index,
        partitions: &[TableName],
    ) -> Piece {
        let whole = self.beside(table, name.as_str());
        let join = |partition: &TableName| {
            let part = name.on_partition(partition);
            let (oid, part) = (self.index_oid(partition, &part), self.beside(partition, part.as_str()));
            let (regclass, whole_oid) = (self.to_regclass(partition), self.index_oid(table, name));
            let invalid = literal(&format!(
                "schemig: index {part} is invalid; run: REINDEX INDEX CONCURRENTLY {part};"
            ));
            format!(
                "IF EXISTS (SELECT FROM pg_index WHERE indexrelid = {oid} AND NOT (indisvalid AND indisready)) THEN
    RAISE EXCEPTION USING MESSAGE = {invalid};
END IF;
IF {oid} IS NOT NULL AND NOT EXISTS (
    SELECT FROM pg_index AS own JOIN pg_inherits AS joined ON joined.inhrelid = own.indexrelid
    WHERE own.indrelid = {regclass} AND joined.inhparent = {whole_oid}) THEN
    ALTER INDEX {whole} ATTACH PARTITION {part};
END IF;"
            )
        };
        let joins: Vec<String> = partitions.iter().map(join).collect();
        let lacking = format!(
            "SELECT part.inhrelid::regclass::text, quote_ident(left({} || relname, 63))
    INTO schemig_partition, schemig_part
    FROM pg_inherits AS part JOIN pg_class ON pg_class.oid = part.inhrelid
    WHERE part.inhparent = {} AND NOT EXISTS (
        SELECT FROM pg_index AS own JOIN pg_inherits AS joined ON joined.inhrelid = own.indexrelid
        WHERE own.indrelid = part.inhrelid AND joined.inhparent = {})
    ORDER BY 1 LIMIT 1;",
            literal(&format!("{name}_")),
            self.regclass(table),
            self.index_oid(table, name)
        );
        let create = format!("CREATE {}INDEX CONCURRENTLY ", if index.unique { "UNIQUE " } else { "" });
        let on = self.index_on("", index);
        let block = format!(
            "{}DECLARE
    schemig_partition text;
    schemig_part text;
BEGIN
    {lacking}
    IF FOUND THEN
        RAISE EXCEPTION USING MESSAGE = 'schemig: partition ' || schemig_partition || {} || schemig_part || ' ON ' || schemig_partition
            || {} || schemig_part || {};
    END IF;
END;",
            joins.iter().map(|join| format!("{join}\n")).collect::<String>(),
            literal(&format!(" has no part of index {whole}; run: {create}")),
            literal(&format!(" {}; then ALTER INDEX {whole} ATTACH PARTITION ", on.trim_start_matches("ON").trim())),
            literal("; then this again, and name the partition in `partition_by` of the model")
        );
        Piece::strong_block(vec![table.clone()], block)
    }

    /// Partitions for a database that nobody keeps: those that the models name, or one that takes every row.
    pub(super) fn stand_in_partitions(&self, tables: &[(TableName, &Table)]) -> Option<String> {
        let of_table = |(name, table): &(TableName, &Table)| {
            table.partition_by.as_ref().map(|by| self.stand_ins_of(name, table, by))
        };
        let blocks: Vec<String> = tables.iter().filter_map(of_table).collect();
        (!blocks.is_empty()).then(|| format!("DO {};", dollar(&format!("BEGIN\n{}\nEND", blocks.join("\n")))))
    }

    fn stand_ins_of(&self, name: &TableName, table: &Table, by: &Partitioning) -> String {
        let own = TableName { schema: name.schema.clone(), name: format!("{}_stand_in", name.name) };
        let partitions = if by.known().is_empty() { vec![own] } else { by.known().to_vec() };
        let lines: Vec<String> = partitions
            .iter()
            .enumerate()
            .filter_map(|(number, partition)| {
                let bounds = bounds(table, by, number, partitions.len())?;
                let partition = self.table(partition);
                Some(format!(
                    "        CREATE TABLE IF NOT EXISTS {partition} PARTITION OF {} {bounds};",
                    self.table(name)
                ))
            })
            .collect();
        let any = format!(
            "EXISTS (SELECT FROM pg_class WHERE oid = {} AND relkind = 'p') AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = {})",
            self.to_regclass(name),
            self.to_regclass(name)
        );
        // A partition takes over the foreign keys. Who writes a parent locks it before this table, so it is locked first here too.
        let parents: Vec<String> = table.parents(name).iter().map(|parent| self.table(parent)).collect();
        let first = match parents.is_empty() {
            true => String::new(),
            false => format!("        LOCK TABLE {} IN SHARE ROW EXCLUSIVE MODE;\n", parents.join(", ")),
        };
        format!("    IF {any} THEN\n{first}{}\n    END IF;", lines.join("\n"))
    }
}

/// What rows the partition of this number takes; all that no other one takes go to the first.
fn bounds(table: &Table, by: &Partitioning, number: usize, count: usize) -> Option<String> {
    match (by.strategy, number) {
        (Strategy::Hash, _) => Some(format!("FOR VALUES WITH (MODULUS {count}, REMAINDER {number})")),
        (Strategy::Range | Strategy::List, 0) => Some("DEFAULT".to_owned()),
        (Strategy::List, _) => {
            let value = sample(&table.columns.get(by.columns.first()?)?.sql_type, number)?;
            Some(format!("FOR VALUES IN ({value})"))
        }
        (Strategy::Range, _) => {
            let key = &table.columns.get(by.columns.first()?)?.sql_type;
            let rest = ", MINVALUE".repeat(by.columns.len() - 1);
            let [from, to] = [number, number + 1].map(|number| sample(key, number));
            Some(format!("FOR VALUES FROM ({}{rest}) TO ({}{rest})", from?, to?))
        }
    }
}

/// A value of the type, a greater one for a greater number; `None` where the type has no row of values that is known here.
fn sample(sql_type: &SqlType, number: usize) -> Option<String> {
    match sql_type {
        SqlType::SmallInt | SqlType::Integer | SqlType::BigInt | SqlType::Numeric(_) => {
            Some((number * 100).to_string())
        }
        SqlType::Real | SqlType::Double => Some(literal(&(number * 100).to_string())),
        SqlType::Text | SqlType::Varchar(_) | SqlType::Char(_) => u8::try_from(number)
            .ok()
            .filter(|number| *number < 26)
            .map(|number| literal(&char::from(b'a' + number).to_string())),
        SqlType::Date | SqlType::Timestamp | SqlType::Timestamptz => {
            Some(literal(&format!("{}-01-01", 2000 + number)))
        }
        SqlType::Uuid => Some(literal(&format!("{number:08x}-0000-0000-0000-000000000000"))),
        SqlType::Boolean
        | SqlType::Binary
        | SqlType::Time
        | SqlType::Interval
        | SqlType::Json
        | SqlType::Jsonb
        | SqlType::Array(_)
        | SqlType::Named(_) => None,
    }
}
