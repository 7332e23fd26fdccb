//! Numbering: identity, and the default that draws from a sequence. Each form becomes each other one in the catalog alone. The lock that
//! keeps everyone from drawing a number is taken before the old form's place is read: an insert that goes on while the ALTER waits
//! draws one more, and the new form would give it a second time. So none is given twice or left out.

use super::Postgres;
use super::layout::indent;
use super::lock::Piece;
use super::quote::{ident, literal, shorten};
use crate::schema::{ColumnName, ColumnRef, Identity, State, Table, TableName};

/// What the old form leaves to the new one.
const VARIABLES: [(&str, &str); 5] = [
    ("schemig_sequence", "text"),
    ("schemig_last", "bigint"),
    ("schemig_drawn", "boolean"),
    ("schemig_step", "bigint := 1"),
    ("schemig_role", "text"),
];

impl Postgres {
    /// Does nothing where the column hasn't the form that the state says: then it was done.
    pub(super) fn number(
        &self,
        table: &TableName,
        column: &ColumnName,
        identity: Option<Identity>,
        state: &State,
    ) -> Piece {
        let column_known = state.schema.column(&ColumnRef::new(table, column));
        let known = column_known.and_then(|known| known.identity);
        let nullable = column_known.is_some_and(|known| known.nullable);
        let form = self.numbering(table, column);
        let steps = match (known, identity) {
            (
                Some(Identity::Always | Identity::ByDefault),
                Some(wanted @ (Identity::Always | Identity::ByDefault)),
            ) => {
                vec![self.alter_column(table, column, &format!("SET GENERATED {}", words(wanted)))]
            }
            (from, to) => self.renumber(table, column, from, to, nullable),
        };
        let body = steps.iter().map(|step| indent(step, 4)).collect::<Vec<_>>().join("\n");
        let block = format!("IF {form} = '{}' THEN\n{body}\nEND IF;", letter(known));
        Piece::strong_block(vec![table.clone()], declared(block))
    }

    /// A serial's sequence goes over; an identity's can't, so another one under its name counts on from it. Does nothing where the old
    /// column isn't numbered: then it was done.
    pub(super) fn hand_over_numbers(
        &self,
        table: &TableName,
        from: &ColumnName,
        to: &ColumnName,
        state: &State,
    ) -> Piece {
        let known = state.schema.column(&ColumnRef::new(table, from)).and_then(|known| known.identity);
        let Some(identity) = known else { return Piece::strong(vec![table.clone()], Vec::new()) };
        // Nobody draws a number between the reading and the end of the old form.
        let mut steps = vec![
            format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;", self.table(table)),
            format!("schemig_sequence := {};", self.own_sequence(table, from)),
        ];
        match identity {
            Identity::Serial => steps.extend(self.hand_over_sequence(table, from, to, state)),
            Identity::Always | Identity::ByDefault => {
                steps.extend(counts());
                steps.push(self.alter_column(table, from, "DROP IDENTITY"));
                steps.push(self.add_identity(table, to, identity, true));
                let sequence = self.own_sequence(table, to);
                steps.push(format!("PERFORM setval({sequence}::regclass, schemig_last, schemig_drawn);"));
            }
        }
        let body = steps.iter().map(|step| indent(step, 4)).collect::<Vec<_>>().join("\n");
        let block = format!("IF {} = '{}' THEN\n{body}\nEND IF;", self.numbering(table, from), letter(known));
        Piece::strong_block(vec![table.clone()], declared(block))
    }

    /// A serial's sequence itself goes over, with all that was granted on it, and takes the new column's type.
    fn hand_over_sequence(
        &self,
        table: &TableName,
        from: &ColumnName,
        to: &ColumnName,
        state: &State,
    ) -> Vec<String> {
        let sql_type = self.type_of(table, to, state).map(super::types::type_name).unwrap_or_default();
        let owned = format!(" AS {sql_type} OWNED BY {}.{}", self.table(table), ident(to.as_str()));
        let default = self.alter_column(table, to, "SET DEFAULT nextval(%L::regclass)");
        vec![
            self.alter_column(table, from, "DROP DEFAULT"),
            format!("EXECUTE 'ALTER SEQUENCE ' || schemig_sequence || {};", literal(&owned)),
            format!("EXECUTE format({}, schemig_sequence);", literal(default.trim_end_matches(';'))),
        ]
    }

    /// Takes a column's form away.
    fn unnumber(&self, table: &TableName, column: &ColumnName, form: Identity) -> Vec<String> {
        match form {
            Identity::Serial => vec![
                self.alter_column(table, column, "DROP DEFAULT"),
                "EXECUTE 'DROP SEQUENCE ' || schemig_sequence;".to_owned(),
            ],
            Identity::Always | Identity::ByDefault => vec![self.alter_column(table, column, "DROP IDENTITY")],
        }
    }

    /// Where the old form counts, how; where there is none, the highest number that stands, but in a column that may be NULL, which is
    /// new and has none yet. Then the new form, which counts on from there.
    fn renumber(
        &self,
        table: &TableName,
        column: &ColumnName,
        from: Option<Identity>,
        to: Option<Identity>,
        nullable: bool,
    ) -> Vec<String> {
        let sequence = self.own_sequence(table, column);
        let mut steps = vec![format!("LOCK TABLE {} IN ACCESS EXCLUSIVE MODE;", self.table(table))];
        match (from, to) {
            (None, _) if nullable => steps.push("schemig_drawn := false;".to_owned()),
            (None, _) => steps.push(format!(
                "SELECT max({0}), coalesce(max({0}) > 0, false) INTO schemig_last, schemig_drawn FROM {1};",
                ident(column.as_str()),
                self.table(table)
            )),
            (Some(_), Some(_)) => {
                steps.push(format!("schemig_sequence := {sequence};"));
                steps.extend(counts());
            }
            (Some(Identity::Serial), None) => steps.push(format!("schemig_sequence := {sequence};")),
            (Some(Identity::Always | Identity::ByDefault), None) => {}
        }
        steps.extend(from.map(|form| self.unnumber(table, column, form)).unwrap_or_default());
        let count_on = match from {
            // A number below one is none of the server's.
            None => {
                format!("PERFORM setval({sequence}::regclass, greatest(schemig_last, 1), schemig_drawn);")
            }
            Some(_) => format!("PERFORM setval({sequence}::regclass, schemig_last, schemig_drawn);"),
        };
        match to {
            Some(wanted @ (Identity::Always | Identity::ByDefault)) => {
                steps.push(self.add_identity(table, column, wanted, from.is_some()));
                steps.push(count_on);
            }
            Some(Identity::Serial) => {
                steps.extend(self.make_serial(table, column, from.is_some()));
                steps.push(count_on);
            }
            None => {}
        }
        steps
    }

    /// A sequence that there was gives its name and its steps to the new one.
    fn add_identity(&self, table: &TableName, column: &ColumnName, wanted: Identity, named: bool) -> String {
        let add = self.alter_column(table, column, &format!("ADD GENERATED {} AS IDENTITY", words(wanted)));
        if !named {
            return add;
        }
        let add = add.trim_end_matches(';');
        let format = literal(&format!("{} (SEQUENCE NAME %s INCREMENT BY %s)", add.replace('%', "%%")));
        format!("EXECUTE format({format}, schemig_sequence, schemig_step);")
    }

    /// What `serial` does. The sequence belongs to the table's owner, as an identity's does.
    fn make_serial(&self, table: &TableName, column: &ColumnName, named: bool) -> Vec<String> {
        let mut steps = Vec::new();
        if !named {
            let name = self.beside(table, &shorten(&format!("{}_{column}_seq", table.name)));
            steps.push(format!("schemig_sequence := {};", literal(&name)));
        }
        let typed = format!(
            "SELECT format_type(atttypid, NULL) FROM pg_attribute WHERE attrelid = {} AND attname = {}",
            self.regclass(table),
            literal(&shorten(column.as_str()))
        );
        let owner = format!("SELECT relowner::regrole FROM pg_class WHERE oid = {}", self.regclass(table));
        let default = self.alter_column(table, column, "SET DEFAULT nextval(%L::regclass)");
        steps.extend([
            format!("EXECUTE format('CREATE SEQUENCE %s AS %s INCREMENT BY %s', schemig_sequence, ({typed}), schemig_step);"),
            format!("EXECUTE format('ALTER SEQUENCE %s OWNER TO %s', schemig_sequence, ({owner}));"),
            format!(
                "EXECUTE 'ALTER SEQUENCE ' || schemig_sequence || {};",
                literal(&format!(" OWNED BY {}.{}", self.table(table), ident(column.as_str())))
            ),
            format!("EXECUTE format({}, schemig_sequence);", literal(default.trim_end_matches(';'))),
            self.grant_sequence(table),
        ]);
        steps
    }

    /// Whoever may insert has to be let draw: a default is computed with the writer's rights, where an identity asks for none.
    fn grant_sequence(&self, table: &TableName) -> String {
        let oid = format!("{}::regclass", literal(&self.table(table)));
        format!(
            "FOR schemig_role IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END
    FROM (
        SELECT relacl AS acl FROM pg_class WHERE oid = {oid}
        UNION ALL SELECT attacl FROM pg_attribute WHERE attrelid = {oid} AND NOT attisdropped
    ) AS given, aclexplode(given.acl) AS a
    WHERE a.privilege_type = 'INSERT'
LOOP
    EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %s', schemig_sequence, schemig_role);
END LOOP;"
        )
    }

    /// The sequence of a column that the server numbers, as text; NULL where there is none.
    pub(super) fn own_sequence(&self, table: &TableName, column: &ColumnName) -> String {
        format!(
            "pg_get_serial_sequence({}, {})",
            literal(&self.table(table)),
            literal(&shorten(column.as_str()))
        )
    }

    /// How the server numbers the column, as a letter; NULL where there is no such column.
    pub(super) fn numbering(&self, table: &TableName, column: &ColumnName) -> String {
        format!(
            "(SELECT CASE WHEN attidentity <> '' THEN attidentity::text WHEN {} IS NULL THEN '' ELSE 's' END
        FROM pg_attribute WHERE attrelid = {} AND attname = {} AND NOT attisdropped)",
            self.own_sequence(table, column),
            self.to_regclass(table),
            literal(&shorten(column.as_str()))
        )
    }
}

/// How the sequence counts that `schemig_sequence` names.
fn counts() -> [String; 2] {
    [
        "EXECUTE 'SELECT last_value, is_called FROM ' || schemig_sequence INTO schemig_last, schemig_drawn;"
            .to_owned(),
        "SELECT seqincrement INTO schemig_step FROM pg_sequence WHERE seqrelid = schemig_sequence::regclass;"
            .to_owned(),
    ]
}

/// A block with the variables that it uses.
fn declared(block: String) -> String {
    let used: Vec<String> = VARIABLES
        .iter()
        .filter(|(name, _)| block.contains(name))
        .map(|(name, kind)| format!("    {name} {kind};"))
        .collect();
    if used.is_empty() {
        return block;
    }
    format!("DECLARE\n{}\nBEGIN\n{}\nEND;", used.join("\n"), indent(&block, 4))
}

/// The catalog's letter for a form, and schemig's for a serial.
pub(super) fn letter(identity: Option<Identity>) -> &'static str {
    match identity {
        Some(Identity::Always) => "a",
        Some(Identity::ByDefault) => "d",
        Some(Identity::Serial) => "s",
        None => "",
    }
}

fn words(identity: Identity) -> &'static str {
    match identity {
        Identity::Always => "ALWAYS",
        Identity::ByDefault | Identity::Serial => "BY DEFAULT",
    }
}

/// Whether the highest number has to be looked for in all rows: no old form to count on from, numbers there already, and no index that begins with
/// the column.
pub(super) fn seeks_highest(
    table: &TableName,
    column: &ColumnName,
    identity: Option<Identity>,
    before: &State,
) -> bool {
    let Some(known) = before.schema.tables.get(table) else { return false };
    let numbered = known.columns.get(column).is_some_and(|known| known.identity.is_some() || known.nullable);
    identity.is_some() && !numbered && !is_led_by(known, column)
}

fn is_led_by(table: &Table, column: &ColumnName) -> bool {
    let ordered = table.indexes.values().filter(|index| index.predicate.is_none() && index.method.is_none());
    let mut first = ordered.filter_map(|index| index.key_columns()?.first().copied().cloned());
    table.primary_key.first() == Some(column) || first.any(|first| first == *column)
}
