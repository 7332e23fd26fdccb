//! Triggers that keep a column filled, in step with its source, or alike with another (DOCTRINE, R1, R2, R14).

use std::collections::BTreeSet;

use super::Postgres;
use super::conversion::Pair;
use super::lock::Piece;
use super::quote::{dollar, ident, literal, shorten};
use super::rows;
use super::types::{differs, unlike};
use crate::schema::{ColumnName, ColumnRef, Conversion, InFlight, Origin, Source, State, TableName};

/// What a trigger is for: the end of its name.
#[derive(Clone, Copy)]
enum Purpose {
    Fill,
    Follow,
    Mirror,
}

impl Postgres {
    pub(super) fn keep_filled(
        &self,
        table: &TableName,
        column: &ColumnName,
        origin: &Origin,
        state: &State,
    ) -> Vec<Piece> {
        let value = match origin {
            Origin::Expression(expression) => self.over_new_row(table, expression, state),
            Origin::Column(other) => format!("NEW.{}", ident(other.as_str())),
            Origin::Numbers => format!("nextval({}::regclass)", self.own_sequence(table, column)),
            Origin::Source(source) => self.value_for_new_row(table, source, state),
        };
        let column_name = ident(column.as_str());
        let body = format!("BEGIN\n    NEW.{column_name} := {value};\n    RETURN NEW;\nEND");
        let name = function_name(table, column, Purpose::Fill);
        let reads: &[&TableName] = match origin {
            Origin::Source(source) => &[&source.table],
            Origin::Expression(_) | Origin::Column(_) | Origin::Numbers => &[],
        };
        let when = format!(
            "BEFORE INSERT OR UPDATE ON {}\n    FOR EACH ROW WHEN (NEW.{column_name} IS NULL)",
            self.table(table)
        );
        vec![self.function(table, &name, reads, &body), self.trigger(table, table, &name, &when)]
    }

    fn value_for_new_row(&self, table: &TableName, source: &Source, state: &State) -> String {
        let key = format!("NEW.{}", ident(self.key_column(table, state).as_str()));
        let found = self.look_up(table, source, &key);
        match &source.otherwise {
            Some(otherwise) => format!("coalesce({found}, {})", self.over_new_row(table, otherwise, state)),
            None => found,
        }
    }

    pub(super) fn stop_filling(&self, table: &TableName, column: &ColumnName) -> Piece {
        self.drop_trigger(table, table, &function_name(table, column, Purpose::Fill))
    }

    /// Acts only when key or value changed. A row that loses its source row gets `otherwise`, or keeps what it has.
    pub(super) fn follow(
        &self,
        table: &TableName,
        column: &ColumnName,
        source: &Source,
        state: &State,
    ) -> Vec<Piece> {
        let name = function_name(table, column, Purpose::Follow);
        let body = self.follow_body(table, column, source, state);
        let when =
            format!("AFTER INSERT OR UPDATE OR DELETE ON {}\n    FOR EACH ROW", self.table(&source.table));
        vec![
            self.function(table, &name, &[&source.table], &body),
            self.trigger(&source.table, table, &name, &when),
        ]
    }

    fn follow_body(&self, table: &TableName, column: &ColumnName, source: &Source, state: &State) -> String {
        let (key, value) = (ident(source.key.as_str()), ident(source.value.as_str()));
        let own_key = self.own(table, &self.key_column(table, state));
        let sql_type = self.type_of(table, column, state);
        let update = |wanted: &str, key: &str| {
            format!(
                "        UPDATE {} SET {} = {wanted}\n            WHERE {own_key} = {key} AND {};\n",
                self.table(table),
                ident(column.as_str()),
                differs(&self.own(table, column), wanted, sql_type)
            )
        };
        let (gained, lost) = match &source.otherwise {
            None => (format!("NEW.{value}"), String::new()),
            Some(otherwise) => {
                // Looked up, not just set: another source row may have taken the key in the same statement.
                let found = self.look_up(table, source, &format!("OLD.{key}"));
                let lost = update(&format!("coalesce({found}, ({otherwise}))"), &format!("OLD.{key}"));
                let condition = format!(
                    "TG_OP = 'DELETE' OR (TG_OP = 'UPDATE' AND NEW.{key} IS DISTINCT FROM OLD.{key})"
                );
                let lost = format!("    IF {condition} THEN\n{lost}    END IF;\n");
                (format!("coalesce(NEW.{value}, ({otherwise}))"), lost)
            }
        };
        let changed = unlike(&format!("NEW.{value}"), &format!("OLD.{value}"));
        format!(
            "BEGIN
    IF TG_OP = 'UPDATE' AND NEW.{key} IS NOT DISTINCT FROM OLD.{key} AND NOT ({changed}) THEN
        RETURN NULL;
    END IF;
{lost}    IF TG_OP <> 'DELETE' THEN
{}    END IF;
    RETURN NULL;
END",
            update(&gained, &format!("NEW.{key}"))
        )
    }

    pub(super) fn stop_following(&self, table: &TableName, column: &ColumnName, source: &Source) -> Piece {
        self.drop_trigger(&source.table, table, &function_name(table, column, Purpose::Follow))
    }

    /// Leaves a consistent pair alone, and compares text: `=` is missing for json and blind for citext.
    pub(super) fn mirror(
        &self,
        table: &TableName,
        old: &ColumnName,
        new: &ColumnName,
        conversion: &Conversion,
        state: &State,
    ) -> Vec<Piece> {
        let name = function_name(table, new, Purpose::Mirror);
        let pair = self.pair_of_new_row(table, [old, new], conversion, state);
        let Pair { old: old_value, new: new_value, forth, back, .. } = &pair;
        let (old, new) = (ident(old.as_str()), ident(new.as_str()));
        let new_changed = unlike(new_value, &format!("OLD.{new}"));
        let old_changed = unlike(old_value, &format!("OLD.{old}"));
        let apart = unlike(new_value, forth);
        let old_changed = pair.unless_made_from_new(old_changed);
        let body = format!(
            "BEGIN
    IF TG_OP = 'INSERT' THEN
        IF {new_value} IS NOT NULL THEN
            {old_value} := {back};
        ELSE
            {new_value} := {forth};
        END IF;
    ELSIF {new_changed} THEN
        IF {apart} THEN
            {old_value} := {back};
        END IF;
    ELSIF {old_changed} THEN
        {new_value} := {forth};
    END IF;
    RETURN NEW;
END"
        );
        let when = format!("BEFORE INSERT OR UPDATE ON {}\n    FOR EACH ROW", self.table(table));
        vec![self.function(table, &name, &[], &body), self.trigger(table, table, &name, &when)]
    }

    pub(super) fn unmirror(&self, table: &TableName, new: &ColumnName) -> Piece {
        self.drop_trigger(table, table, &function_name(table, new, Purpose::Mirror))
    }

    /// A trigger function in the table's schema. Whoever fires it may have any search path.
    pub(super) fn function(&self, table: &TableName, name: &str, reads: &[&TableName], body: &str) -> Piece {
        let schemas: BTreeSet<&str> =
            reads.iter().copied().chain([table]).map(|name| self.schema(name)).collect();
        let path: Vec<String> = schemas.into_iter().map(ident).collect();
        Piece::Function(format!(
            "CREATE OR REPLACE FUNCTION {}() RETURNS trigger\n    LANGUAGE plpgsql SET search_path = pg_catalog, {} AS {};",
            self.beside(table, name),
            path.join(", "),
            dollar(&format!("#variable_conflict use_column\n{body}"))
        ))
    }

    /// Attaches a function beside `owner` to `table`.
    pub(super) fn trigger(&self, table: &TableName, owner: &TableName, name: &str, when: &str) -> Piece {
        let definition =
            format!("TRIGGER {} {when}\n    EXECUTE FUNCTION {}();", ident(name), self.beside(owner, name));
        let tables = vec![table.clone()];
        if self.version >= 14 {
            return Piece::strong(tables, vec![format!("CREATE OR REPLACE {definition}")]);
        }
        let block = format!(
            "IF NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = {} AND tgname = {}) THEN\n    CREATE {definition}\nEND IF;",
            self.regclass(table),
            literal(name)
        );
        Piece::strong_block(tables, block)
    }

    pub(super) fn drop_trigger(&self, table: &TableName, owner: &TableName, name: &str) -> Piece {
        let statements = vec![
            format!("DROP TRIGGER IF EXISTS {} ON {};", ident(name), self.table(table)),
            format!("DROP FUNCTION IF EXISTS {}();", self.beside(owner, name)),
        ];
        Piece::strong(vec![table.clone()], statements)
    }
}

/// The names of all triggers that are in flight.
pub(super) fn in_flight(state: &State) -> BTreeSet<String> {
    let InFlight { fillers, followers, rows, mirrors, .. } = &state.in_flight;
    let of = |at: &ColumnRef, purpose| function_name(&at.table, &at.column, purpose);
    let filled = fillers.keys().map(|at| of(at, Purpose::Fill));
    let followed = followers.keys().map(|at| of(at, Purpose::Follow));
    let mirrored = mirrors.keys().map(|at| of(at, Purpose::Mirror));
    filled.chain(followed).chain(mirrored).chain(rows.keys().flat_map(rows::names)).collect()
}

/// Sorts behind the names that people give, for BEFORE triggers fire by name and ours is to have the last word.
fn function_name(table: &TableName, column: &ColumnName, purpose: Purpose) -> String {
    let purpose = match purpose {
        Purpose::Fill => "fill",
        Purpose::Follow => "follow",
        Purpose::Mirror => "mirror",
    };
    shorten(&format!("zz_schemig_{}_{column}_{purpose}", table.name))
}
