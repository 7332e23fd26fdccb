//! `docs/operations.md`: every operation that a plan can have, with what it locks on each version. `every_operation` asks a live server
//! whether that is so.
//!
//! `SCHEMIG_WRITE_DOCS=1` writes the page anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;

use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::sqlite::Sqlite;
use schemig_core::dialect::{Dialect as _, Effect, LockMode, Work};
use schemig_core::operation::Operation;
use schemig_core::schema::{Index, State, Violation};

use crate::cases::{Case, cases};
use crate::harness::story;

/// The versions of PostgreSQL that there are plans for.
const VERSIONS: RangeInclusive<u32> = 12..=18;

const HEAD: &str = "# Operations

Every operation that a plan can have, by examples. A plan's steps are made of these; how each is written stands in the up.sql that
`cargo schemig diff` writes, and why it is safe where it stands in `schemig-core/src/plan/recipe/`.

The lock is the strongest on each table while the operation runs. *Waits* is who waits for it on the tables that stood before: other DDL from
SHARE UPDATE EXCLUSIVE on, from SHARE on writes too, and reads for ACCESS EXCLUSIVE. Strong locks are taken in short attempts that are given
up and tried again, so nobody queues behind them for long. *Log* is what goes to the write-ahead log, which replicas read and archives keep: the
index that is built, the rows that are written, or the whole table with its indexes; nothing is said where it is no more than the catalog's rows.
One row holds for PostgreSQL 12 to 18 where no version is named; a test takes each operation on a live server and looks at `pg_locks`, and another
one at the log that each kind of work writes.

SQLite has one lock: whoever writes holds the whole database until the commit. There, *rebuilds* means that the table is made anew and its rows are
moved; *not there* means that no plan has the operation.

";

#[test]
fn the_page_is_what_the_dialects_say() {
    let page = page();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/operations.md");
    if std::env::var_os("SCHEMIG_WRITE_DOCS").is_some() {
        std::fs::write(&path, &page).expect("docs/operations.md");
    }
    let found = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        found == page,
        "docs/operations.md isn't up to date: SCHEMIG_WRITE_DOCS=1 cargo test -p schemig-tests --test postgres_render page"
    );
}

fn page() -> String {
    let mut kinds: BTreeMap<String, Vec<Case>> = BTreeMap::new();
    for case in cases() {
        kinds.entry(kind(&case.operation)).or_default().push(case);
    }
    let mut page = HEAD.to_owned();
    for (kind, cases) in kinds {
        let _ = write!(
            page,
            "## {kind}\n\n| for example | locks | waits | work | log | SQLite |\n|---|---|---|---|---|---|\n"
        );
        let mut rows: Vec<String> = cases.iter().map(row).collect();
        rows.dedup();
        page.extend(rows);
        page.push('\n');
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

/// The variant's name, in words.
fn kind(operation: &Operation) -> String {
    let name = format!("{operation:?}");
    let name = name.split([' ', '{']).next().unwrap_or_default().to_owned();
    let mut words = String::new();
    for letter in name.chars() {
        if letter.is_uppercase() && !words.is_empty() {
            words.push(' ');
            words.extend(letter.to_lowercase());
        } else {
            words.push(letter);
        }
    }
    words
}

fn row(case: &Case) -> String {
    let mut state = State::default();
    for operation in story().iter() {
        state.apply(operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    state.empty.clear();
    for operation in &case.setup {
        state.apply(operation).unwrap_or_else(|error| panic!("{operation}: {error}"));
    }
    let operation = &case.operation;
    let example = operation.to_string().replace('|', "\\|").replace('\n', " ");
    let on_postgres = |tell: &dyn Fn(&Effect) -> String| on_postgres(operation, &state, tell);
    let cells = [
        on_postgres(&locks),
        on_postgres(&|effect| waits(effect, &state)),
        on_postgres(&|effect| {
            let alone = if effect.transactional { "" } else { ", in no transaction" };
            format!("{}{alone}", work(effect.work))
        }),
        on_postgres(&|effect| log(effect.work).to_owned()),
        on_sqlite(operation, &state).to_owned(),
    ];
    format!("| {example} | {} |\n", cells.join(" | "))
}

/// Versions that say the same stand together.
fn on_postgres(operation: &Operation, state: &State, tell: &dyn Fn(&Effect) -> String) -> String {
    let mut found: Vec<(u32, u32, String)> = Vec::new();
    for version in VERSIONS {
        let says = tell(&Postgres { version, ..Postgres::default() }.effect(operation, state));
        match found.last_mut() {
            Some((_, last, known)) if *known == says => *last = version,
            _ => found.push((version, version, says)),
        }
    }
    match found.as_slice() {
        [(_, _, says)] => says.clone(),
        several => several
            .iter()
            .map(|(first, last, says)| format!("{first} to {last}: {says}"))
            .collect::<Vec<_>>()
            .join("; "),
    }
}

fn locks(effect: &Effect) -> String {
    let locks: Vec<String> = effect.locks.iter().map(|(table, mode)| format!("{mode} on {table}")).collect();
    if locks.is_empty() { "none on a table".to_owned() } else { locks.join(", ") }
}

/// Who waits on tables that stood before: nobody can wait for one that the operation makes.
fn waits(effect: &Effect, before: &State) -> String {
    let stood = effect.locks.iter().filter(|(table, _)| before.schema.tables.contains_key(table));
    let strongest = stood.map(|(_, mode)| *mode).max();
    let waits = match strongest {
        Some(mode) if mode.blocks_reads() => "reads, writes, DDL",
        Some(mode) if mode.blocks_writes() => "writes, DDL",
        Some(mode) if mode >= LockMode::ShareUpdateExclusive => "DDL",
        Some(_) | None => "nobody",
    };
    waits.to_owned()
}

/// What goes to the write-ahead log; the tests of the module `log` ask a live server.
fn log(work: Work) -> &'static str {
    match work {
        Work::Instant | Work::ScansTable => "",
        Work::BuildsIndex => "the index",
        Work::RewritesTable => "the table and its indexes",
        Work::WritesRows { .. } => "the rows",
    }
}

fn work(work: Work) -> &'static str {
    match work {
        Work::Instant => "no scan, no rewrite",
        Work::ScansTable => "reads the table",
        Work::BuildsIndex => "reads and sorts the table",
        Work::RewritesTable => "rewrites the table",
        Work::WritesRows { batched: true } => "writes rows, batch by batch",
        Work::WritesRows { batched: false } => "writes rows",
    }
}

fn on_sqlite(operation: &Operation, state: &State) -> &'static str {
    if excludes(operation, state) {
        return "not there";
    }
    let sqlite = Sqlite { version: (3, 35) };
    let effect = sqlite.effect(operation, state);
    let writes = effect.locks.iter().any(|(_, mode)| *mode >= LockMode::Share);
    match (writes, sqlite.alters_in_place(operation, state), effect.work) {
        (false, _, Work::ScansTable) => "reads the table",
        (false, ..) => "not there",
        (true, false, _) => "rebuilds",
        (true, true, known) => work(known),
    }
}

/// Whether it is about an exclusion constraint.
fn excludes(operation: &Operation, state: &State) -> bool {
    if let Operation::CreateIndex { definition, .. }
    | Operation::Guard { against: Violation::Duplicate { index: definition }, .. } = operation
    {
        definition.excludes()
    } else if let Operation::DropIndex { table, index, .. } = operation {
        state.schema.tables[table].indexes.get(index).is_some_and(Index::excludes)
    } else {
        false
    }
}
