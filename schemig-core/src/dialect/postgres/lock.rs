//! How strong locks are taken (DOCTRINE, R5): first one that blocks no query and sends autovacuum away, then short attempts.

use std::collections::{BTreeMap, BTreeSet};

use super::Postgres;
use super::layout::indent;
use super::quote::{dollar, literal};
use crate::dialect::{GAVE_UP, Queue};
use crate::operation::Operation;
use crate::schema::{State, TableName};

/// A part of what an operation is rendered to.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// A statement that nobody waits for. It stands in its place.
    Plain(String),
    /// A function: nobody uses it before its trigger is there, so it may stand in front of everything.
    Function(String),
    /// A statement that waits for other DDL only, and may take long: never inside an attempt.
    Scan(String),
    /// What makes queries wait.
    Strong(Strong),
}

/// Statements under locks of SHARE or more.
#[derive(Clone, Debug)]
pub(super) struct Strong {
    /// The tables that are locked, those that the file itself makes included.
    pub tables: Vec<TableName>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// A statement of an attempt.
#[derive(Clone, Debug)]
pub(super) enum Statement {
    /// SQL.
    Sql(String),
    /// PL/pgSQL: an IF, a block.
    Block(String),
}

impl Piece {
    /// SQL under strong locks on `tables`.
    pub(super) fn strong(tables: Vec<TableName>, statements: Vec<String>) -> Self {
        Self::Strong(Strong { tables, statements: statements.into_iter().map(Statement::Sql).collect() })
    }

    /// PL/pgSQL under strong locks on `tables`.
    pub(super) fn strong_block(tables: Vec<TableName>, block: String) -> Self {
        Self::Strong(Strong { tables, statements: vec![Statement::Block(block)] })
    }
}

impl Statement {
    fn text(&self) -> &str {
        match self {
            Self::Sql(text) | Self::Block(text) => text,
        }
    }
}

/// A file in the making.
pub(super) struct Script<'a> {
    dialect: &'a Postgres,
    parts: Vec<Part>,
    /// Tables that the file makes: nobody else knows them yet.
    pub created: BTreeSet<TableName>,
    /// Tables by the names they had when the file began; those that it drops or renames may be gone when it runs again.
    renamed: BTreeMap<TableName, TableName>,
    vanishing: BTreeSet<TableName>,
}

enum Part {
    Plain(String),
    Scan(String),
    Attempts(Strong),
}

impl Part {
    /// Whether it is a row of attempts that a function may be made in front of: it might drop the function otherwise.
    fn drops_no_function(&self) -> bool {
        match self {
            Self::Attempts(strong) => {
                !strong.statements.iter().any(|it| it.text().starts_with("DROP FUNCTION"))
            }
            Self::Plain(_) | Self::Scan(_) => false,
        }
    }
}

impl<'a> Script<'a> {
    pub(super) fn new(dialect: &'a Postgres) -> Self {
        Self {
            dialect,
            parts: Vec::new(),
            created: BTreeSet::new(),
            renamed: BTreeMap::new(),
            vanishing: BTreeSet::new(),
        }
    }

    pub(super) fn add(&mut self, piece: Piece) {
        match piece {
            Piece::Plain(sql) => self.parts.push(Part::Plain(sql)),
            Piece::Scan(sql) => self.parts.push(Part::Scan(sql)),
            Piece::Function(sql) => {
                let before = self.parts.last().is_some_and(Part::drops_no_function);
                let at = self.parts.len() - usize::from(before);
                self.parts.insert(at, Part::Plain(sql));
            }
            Piece::Strong(strong) => self.add_strong(strong),
        }
    }

    fn add_strong(&mut self, mut strong: Strong) {
        strong.tables.retain(|table| !self.created.contains(table));
        for table in &mut strong.tables {
            if let Some(before) = self.renamed.get(table) {
                *table = before.clone();
            }
        }
        if let Some(Part::Attempts(last)) = self.parts.last_mut() {
            last.tables.append(&mut strong.tables);
            last.statements.append(&mut strong.statements);
        } else if strong.tables.is_empty() && strong.statements.iter().all(|s| matches!(s, Statement::Sql(_)))
        {
            let plain = strong.statements.iter().map(|statement| Part::Plain(statement.text().to_owned()));
            self.parts.extend(plain);
        } else {
            self.parts.push(Part::Attempts(strong));
        }
    }

    /// Takes note of the tables that come, go, or get another name.
    pub(super) fn note(&mut self, operation: &Operation) {
        if let Operation::CreateTable { table, .. } = operation {
            self.created.insert(table.clone());
        } else if let Operation::DropTable { table } = operation {
            self.vanishing.insert(self.renamed.get(table).unwrap_or(table).clone());
        } else if let Operation::RenameTable { from, to } = operation {
            let first = self.renamed.remove(from).unwrap_or_else(|| from.clone());
            self.vanishing.insert(first.clone());
            if self.created.remove(from) {
                self.created.insert(to.clone());
            } else {
                self.renamed.insert(to.clone(), first);
            }
        }
    }

    /// The whole file. `before` and `after` are the states at its ends: their foreign keys order the locks.
    pub(super) fn finish(self, before: &State, after: &State) -> String {
        let mut locked: Vec<TableName> = Vec::new();
        for part in &self.parts {
            if let Part::Attempts(strong) = part {
                locked.extend(strong.tables.iter().cloned());
            }
        }
        // LOCK TABLE of a view would lock what it shows.
        locked.retain(|table| !before.in_flight.views.contains_key(table));
        let mut first = true;
        let mut statements = Vec::new();
        for part in &self.parts {
            let text = match part {
                Part::Plain(sql) => sql.clone(),
                Part::Scan(sql) => {
                    format!("{}{sql}", self.patience(&mut first, &locked, [before, after], true))
                }
                Part::Attempts(strong) => {
                    let attempts = self.attempts(strong);
                    format!("{}{attempts}", self.patience(&mut first, &locked, [before, after], false))
                }
            };
            statements.push(text);
        }
        if statements.is_empty() {
            statements.push("SELECT 1;".to_owned());
        }
        statements.join("\n\n") + "\n"
    }

    /// What stands before the first lock: the weak locks on all tables, in one order for all files.
    fn patience(&self, first: &mut bool, locked: &[TableName], states: [&State; 2], again: bool) -> String {
        let timeout = "SET LOCAL lock_timeout = '3s';\n";
        if !std::mem::take(first) {
            return if again { timeout.to_owned() } else { String::new() };
        }
        let tables = in_lock_order(locked, states);
        if tables.is_empty() {
            return if again { timeout.to_owned() } else { String::new() };
        }
        let names: Vec<String> = tables.iter().map(|table| self.dialect.table(table)).collect();
        if tables.iter().any(|table| self.vanishing.contains(table)) {
            let blocks: Vec<String> = tables
                .iter()
                .zip(&names)
                .map(|(table, name)| {
                    format!(
                        "    IF {} IS NOT NULL THEN\n        LOCK TABLE {name} IN SHARE UPDATE EXCLUSIVE MODE;\n    END IF;",
                        self.dialect.to_regclass(table)
                    )
                })
                .collect();
            return format!("{timeout}DO {};\n", dollar(&format!("BEGIN\n{}\nEND", blocks.join("\n"))));
        }
        format!("{timeout}LOCK TABLE {} IN SHARE UPDATE EXCLUSIVE MODE;\n", names.join(", "))
    }

    fn attempts(&self, strong: &Strong) -> String {
        let statements = |width| {
            strong.statements.iter().map(|it| indent(it.text(), width)).collect::<Vec<_>>().join("\n")
        };
        if strong.tables.is_empty() {
            // Nobody else knows these tables. What is inside is PL/pgSQL all the same.
            return format!("DO {};", dollar(&format!("BEGIN\n{}\nEND", statements(4))));
        }
        let statements = statements(12);
        let mut tables: Vec<String> = strong.tables.iter().map(|table| self.dialect.table(table)).collect();
        tables.sort();
        tables.dedup();
        let regclasses: Vec<String> =
            tables.iter().map(|table| format!("to_regclass({})", literal(table))).collect();
        let message = literal(&format!(
            "schemig: {} {GAVE_UP} {ATTEMPTS} attempts, nothing was changed; see who holds it: SELECT pid, mode, state, \
             query FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE granted AND relation IN ({}); end that and run \
             this again",
            tables.join(" and "),
            regclasses.join(", ")
        ));
        let wait = QUEUE.milliseconds;
        let body = format!(
            "BEGIN
    FOR schemig_attempt IN 1..{ATTEMPTS} LOOP
        BEGIN
            PERFORM set_config('lock_timeout', '{wait}ms', true);
{statements}
            RETURN;
        EXCEPTION WHEN lock_not_available OR deadlock_detected THEN
            -- The locks of this attempt are given back. Others go ahead meanwhile.
            PERFORM pg_sleep(0.2 + random() * 0.3);
        END;
    END LOOP;
    RAISE EXCEPTION USING MESSAGE = {message};
END"
        );
        format!("DO {};", dollar(&body))
    }
}

/// How strong locks are waited for: with the pauses, about half a minute.
pub(super) const QUEUE: Queue = Queue { milliseconds: 200, attempts: 60 };

/// The same number, where a file says it.
const ATTEMPTS: u32 = QUEUE.attempts;

/// Parents before children, else by name: any two files that lock the same tables lock them in the same order.
fn in_lock_order(tables: &[TableName], states: [&State; 2]) -> Vec<TableName> {
    fn visit(
        table: &TableName,
        states: [&State; 2],
        seen: &mut BTreeSet<TableName>,
        order: &mut Vec<TableName>,
    ) {
        if !seen.insert(table.clone()) {
            return;
        }
        for state in states {
            for parent in state.schema.tables.get(table).map(|known| known.parents(table)).unwrap_or_default()
            {
                visit(&parent, states, seen, order);
            }
        }
        order.push(table.clone());
    }
    let wanted: BTreeSet<&TableName> = tables.iter().collect();
    let (mut seen, mut order) = (BTreeSet::new(), Vec::new());
    for table in &wanted {
        visit(table, states, &mut seen, &mut order);
    }
    order.retain(|table| wanted.contains(table));
    order
}

#[cfg(test)]
mod tests {
    use super::in_lock_order;
    use crate::schema::{Action, ForeignKey, Provenance, Schema, State, Table, TableName};

    #[test]
    fn parents_are_locked_first_and_circles_end() {
        let to = |parent: &str| ForeignKey {
            columns: vec!["x".into()],
            references: parent.into(),
            key: vec!["id".into()],
            on_delete: Action::NoAction,
            on_update: Action::NoAction,
            deferral: Default::default(),
            provenance: Provenance::Declared,
        };
        let table = |parent| Table::keyed_by(["id"]).with_foreign_key("fk", to(parent));
        let schema = Schema::default()
            .with_table("a", table("b"))
            .with_table("b", table("c"))
            .with_table("c", table("a"))
            .with_table("d", table("z"))
            .with_table("z", Table::keyed_by(["id"]));
        let state = State::at_rest(schema);
        let order = |names: [&str; 3]| in_lock_order(&names.map(TableName::from), [&state, &state]);
        assert_eq!(order(["d", "a", "z"]), ["a", "z", "d"].map(TableName::from));
        assert_eq!(order(["a", "b", "c"]), order(["c", "b", "a"]));
    }
}
