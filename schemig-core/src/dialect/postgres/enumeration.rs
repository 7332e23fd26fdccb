//! Enums and their labels.

use super::Postgres;
use super::lock::Piece;
use super::quote::{dollar, ident, literal};
use super::types::type_name;
use crate::schema::{Beside, Column, ColumnName, Enum, EnumName, SqlType, State, TableName};

impl Postgres {
    /// One that is there already is passed by if it is the same: rows may hold its values.
    pub(super) fn create_enum(&self, name: &EnumName, definition: &Enum) -> Piece {
        let (spelled, wanted) = (self.table(name), labels(definition));
        let message = literal(&format!(
            "schemig: there is a type {spelled} already, with other values than ({}); drop it, or rename it",
            definition.labels.join(", ")
        ));
        let body = format!(
            "BEGIN
    IF {} IS NULL THEN
        CREATE TYPE {spelled} AS ENUM ({wanted});
    ELSIF {} IS DISTINCT FROM ARRAY[{wanted}]::text[] THEN
        RAISE EXCEPTION USING MESSAGE = {message};
    END IF;
END",
            self.to_regtype(name),
            self.labels_of(name)
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }

    pub(super) fn drop_enum(&self, name: &EnumName) -> Piece {
        Piece::Plain(format!("DROP TYPE IF EXISTS {};", self.table(name)))
    }

    pub(super) fn add_enum_value(&self, name: &EnumName, value: &str, at: Option<&Beside>) -> Piece {
        let place = match at {
            None => String::new(),
            Some(Beside::Before(next)) => format!(" BEFORE {}", literal(next)),
            Some(Beside::After(last)) => format!(" AFTER {}", literal(last)),
        };
        let (name, value) = (self.table(name), literal(value));
        Piece::Plain(format!("ALTER TYPE {name} ADD VALUE IF NOT EXISTS {value}{place};"))
    }

    pub(super) fn rename_enum_value(&self, name: &EnumName, from: &str, to: &str) -> Piece {
        let (from, to) = (literal(from), literal(to));
        let body = format!(
            "BEGIN
    IF {from} = ANY ({}) THEN
        ALTER TYPE {} RENAME VALUE {from} TO {to};
    END IF;
END",
            self.labels_of(name),
            self.table(name)
        );
        Piece::Plain(format!("DO {};", dollar(&body)))
    }

    /// The type under its name again, so that releases that start later find it; those that run hold the number of the old one.
    pub(super) fn replace_enum(&self, name: &EnumName, definition: &Enum, state: &State) -> Piece {
        let (spelled, wanted) = (self.table(name), labels(definition));
        let old = name.sibling(format!("{}_schemig_old", name.name));
        let mut steps = vec![
            format!("ALTER TYPE {spelled} RENAME TO {};", ident(&old.name)),
            format!("CREATE TYPE {spelled} AS ENUM ({wanted});"),
            self.hand_over_type(&old, name),
        ];
        let mut tables = Vec::new();
        for (table, known) in state.schema.users_of(name) {
            let columns = known.columns.iter().filter(|(_, column)| column.sql_type.is_of(name));
            let actions: Vec<String> =
                columns.flat_map(|(column, known)| self.retyped(column, known, name)).collect();
            steps.push(format!("ALTER TABLE {}\n    {};", self.table(table), actions.join(",\n    ")));
            tables.push(table.clone());
        }
        steps.push(format!("DROP TYPE {};", self.table(&old)));
        let steps: Vec<String> = steps.iter().map(|step| super::layout::indent(step, 4)).collect();
        let block = format!(
            "IF {} IS DISTINCT FROM ARRAY[{wanted}]::text[] THEN\n{}\nEND IF;",
            self.labels_of(name),
            steps.join("\n")
        );
        Piece::strong_block(tables, block)
    }

    /// The owner and the grants of a type go to the one that takes its place; without grants of its own anyone may use it.
    fn hand_over_type(&self, old: &EnumName, name: &EnumName) -> String {
        let (spelled, oid) = (self.table(name), self.to_regtype(old));
        let escaped = spelled.replace('%', "%%");
        format!(
            "DECLARE
    schemig_right text;
BEGIN
    FOR schemig_right IN
        SELECT format({owner}, pg_get_userbyid(typowner)) FROM pg_type WHERE oid = {oid}
        UNION ALL SELECT {revoke} FROM pg_type WHERE oid = {oid} AND typacl IS NOT NULL
        UNION ALL SELECT format({grant},
            CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
            CASE WHEN a.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
        FROM pg_type, aclexplode(typacl) AS a WHERE oid = {oid} AND a.grantee <> typowner
    LOOP
        EXECUTE schemig_right;
    END LOOP;
END;",
            owner = literal(&format!("ALTER TYPE {escaped} OWNER TO %I")),
            revoke = literal(&format!("REVOKE ALL ON TYPE {spelled} FROM PUBLIC")),
            grant = literal(&format!("GRANT USAGE ON TYPE {escaped} TO %s%s")),
        )
    }

    /// A column whose type is another of the same name. Its default is of the old one.
    fn retyped(&self, column: &ColumnName, known: &Column, name: &EnumName) -> Vec<String> {
        let (at, brackets) = (ident(column.as_str()), "[]".repeat(dimensions(&type_name(&known.sql_type))));
        let spelled = format!("{}{brackets}", self.table(name));
        let mut actions =
            vec![format!("ALTER COLUMN {at} TYPE {spelled} USING {at}::text{brackets}::{spelled}")];
        if let Some(default) = &known.default {
            actions.insert(0, format!("ALTER COLUMN {at} DROP DEFAULT"));
            actions.push(format!("ALTER COLUMN {at} SET DEFAULT ({default})"));
        }
        actions
    }

    /// Names an enum with its schema, as tables are named: whoever runs the file may have any search path. Where other types live, nobody
    /// knows here.
    pub(super) fn placed(&self, sql_type: &SqlType, state: &State) -> SqlType {
        let Some((name, _)) = state.schema.enum_of(sql_type) else { return sql_type.clone() };
        let placed = TableName { schema: Some(self.schema(&name).to_owned()), name: name.name };
        let brackets = dimensions(&type_name(sql_type));
        (0..brackets).fold(SqlType::of_name(&placed), |inner, _| SqlType::Array(Box::new(inner)))
    }

    /// The same of a column's type.
    pub(super) fn place_enum(&self, column: &mut Column, state: &State) {
        column.sql_type = self.placed(&column.sql_type, state);
    }

    fn to_regtype(&self, name: &TableName) -> String {
        format!("to_regtype({})", literal(&self.table(name)))
    }

    /// The labels that it has, in order; none where it isn't there.
    fn labels_of(&self, name: &EnumName) -> String {
        format!(
            "ARRAY(SELECT enumlabel::text FROM pg_enum WHERE enumtypid = {} ORDER BY enumsortorder)",
            self.to_regtype(name)
        )
    }
}

fn labels(definition: &Enum) -> String {
    definition.labels.iter().map(|label| literal(label)).collect::<Vec<_>>().join(", ")
}

fn dimensions(spelled: &str) -> usize {
    spelled.matches("[]").count()
}
