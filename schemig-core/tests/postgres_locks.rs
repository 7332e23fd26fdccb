//! What effects say of PostgreSQL's locks, against what was measured on 12 to 18 (facts/postgres-locks.tsv).

use std::collections::BTreeMap;

use schemig_core::dialect::postgres::Postgres;
use schemig_core::dialect::{Dialect as _, LockMode, Work};
use schemig_core::operation::Operation;
use schemig_core::schema::{
    Action, Check, Column, ColumnName, Comment, Conversion, ForeignKey, Generated, Identity, Index, Origin,
    Provenance, Schema, Source, SqlType, State, Table, TableName, View,
};

const FACTS: &str = include_str!("facts/postgres-locks.tsv");

/// The measured locks by table, and whether the table was rewritten or read whole.
struct Fact {
    locks: BTreeMap<String, LockMode>,
    rewrites: bool,
    scans: bool,
}

fn fact(group: &str, case: &str, version: u32) -> Fact {
    let line = FACTS
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .find(|fields| fields[0] == group && fields[1] == case && covers(fields[3], version))
        .unwrap_or_else(|| panic!("no measurement of {group} {case} on {version}"));
    let mut fact = Fact { locks: BTreeMap::new(), rewrites: false, scans: false };
    for lock in line[4].split_whitespace().filter(|lock| *lock != "none") {
        let (relation, mode) = lock.split_once('=').expect("relation=mode");
        let (mode, note) = mode.split_once('*').unwrap_or((mode, ""));
        fact.rewrites |= note == "rw";
        fact.scans |= note == "scan";
        // The sequence of a serial column is nobody's yet.
        if !relation.ends_with("_seq") && relation != "sq" {
            fact.locks.insert(relation.to_owned(), mode_of(mode));
        }
    }
    fact
}

fn covers(versions: &str, version: u32) -> bool {
    let (first, last) = versions.split_once('-').unwrap_or((versions, versions));
    (first.parse().expect("a version")..=last.parse().expect("a version")).contains(&version)
}

fn mode_of(short: &str) -> LockMode {
    match short {
        "AS" => LockMode::AccessShare,
        "RS" => LockMode::RowShare,
        "RE" => LockMode::RowExclusive,
        "SUE" => LockMode::ShareUpdateExclusive,
        "S" => LockMode::Share,
        "SRE" => LockMode::ShareRowExclusive,
        "E" => LockMode::Exclusive,
        "AE" => LockMode::AccessExclusive,
        other => panic!("no lock mode {other}"),
    }
}

fn key(column: &str, parent: &str) -> ForeignKey {
    ForeignKey {
        columns: vec![column.into()],
        references: parent.into(),
        key: vec!["id".into()],
        on_delete: Action::NoAction,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Declared,
    }
}

/// The measured tables, as far as the cases need them: t refers to parent, vw is a view.
fn state() -> State {
    let plain = || Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::Integer));
    let mut t = plain();
    for column in ["a", "n", "d", "pid"] {
        t = t.with_column(column, Column::optional(SqlType::Integer));
    }
    let t = t
        .with_column("nn", Column::required(SqlType::Integer))
        .with_index("uq", Index { constraint: true, ..Index::unique_on(["a"]) })
        .with_index("ti", Index::on(["a"]))
        .with_check("ck", Check::on("a > 0"))
        .with_check("nnc", Check::on("\"n\" IS NOT NULL"))
        .with_foreign_key("t_pid_fk", key("pid", "parent"));
    let child = plain()
        .with_column("t_id", Column::optional(SqlType::Integer))
        .with_foreign_key("child_t_id_fk", key("t_id", "t"));
    let key = Column { identity: Some(Identity::Always), ..Column::required(SqlType::Integer) };
    let numbered = Table::keyed_by(["id"]).with_column("id", key);
    let schema = Schema::default()
        .with_table("t", t)
        .with_table("parent", plain())
        .with_table("child", child)
        .with_table("i", numbered)
        .with_table("nx", plain());
    let mut state = State::at_rest(schema);
    let shown = View { table: "t".into(), columns: vec!["id".into()] };
    state.in_flight.views.insert("vw".into(), shown);
    for unproved in ["t_pid_fk", "ck"] {
        state
            .in_flight
            .unvalidated
            .insert(("t".into(), unproved.into()), schemig_core::schema::Conformity::Unknown);
    }
    state
}

fn add(definition: Column) -> Operation {
    Operation::AddColumn { table: "t".into(), column: "x".into(), definition }
}

fn number(table: &str, column: &str, identity: Option<Identity>) -> Operation {
    Operation::Number { table: table.into(), column: column.into(), identity }
}

fn column_cases() -> Vec<(&'static str, &'static str, Operation)> {
    let int = || Column::optional(SqlType::Integer);
    let named = |name: &str| Column::optional(SqlType::parse(name));
    let (t, n): (TableName, ColumnName) = ("t".into(), "n".into());
    let numbered = |identity| Column { identity: Some(identity), ..Column::required(SqlType::BigInt) };
    let generated = |stored| {
        let expression = "a + 1".into();
        Column { generated: Some(Generated { expression, stored }), ..Column::optional(SqlType::Integer) }
    };
    let timestamp = || Column::required(SqlType::Timestamptz);
    let comment = |column: Option<&str>| Operation::SetComments {
        table: "t".into(),
        comments: vec![Comment { column: column.map(Into::into), text: Some("x".to_owned()) }],
    };
    let drop_column = |column: &str| Operation::DropColumn { table: "t".into(), column: column.into() };
    let set_not_null = |proof: Option<&str>| Operation::SetNotNull {
        table: "t".into(),
        column: "n".into(),
        proof: proof.map(Into::into),
    };
    let retype = |column: &str| Operation::AlterType {
        table: "t".into(),
        column: column.into(),
        to: SqlType::BigInt,
        conversion: Conversion::default(),
    };
    vec![
        ("ADD COLUMN", "nullable", add(int())),
        ("ADD COLUMN", "const default NOT NULL", add(Column::required(SqlType::Integer).with_default("7"))),
        ("ADD COLUMN", "text[] default", add(named("text[]").with_default("'{}'"))),
        ("ADD COLUMN", "default now()", add(timestamp().with_default("now()"))),
        (
            "ADD COLUMN",
            "default statement_timestamp()",
            add(timestamp().with_default("statement_timestamp()")),
        ),
        ("ADD COLUMN", "default clock_timestamp()", add(timestamp().with_default("clock_timestamp()"))),
        ("ADD COLUMN", "default random()", add(named("float8").with_default("random()"))),
        ("ADD COLUMN", "serial", add(named("serial"))),
        ("ADD COLUMN", "identity by default", add(numbered(Identity::ByDefault))),
        ("ADD COLUMN", "generated stored", add(generated(true))),
        ("ADD COLUMN", "generated virtual", add(generated(false))),
        ("ADD COLUMN", "domain without default (domain has CHECK)", add(named("posint"))),
        ("DROP COLUMN", "plain", drop_column("n")),
        ("DROP COLUMN", "indexed col", drop_column("a")),
        ("DROP COLUMN", "fk col", drop_column("pid")),
        (
            "DEFAULT",
            "SET DEFAULT",
            Operation::SetDefault { table: t.clone(), column: n.clone(), default: "5".into() },
        ),
        ("DEFAULT", "DROP DEFAULT", Operation::DropDefault { table: t.clone(), column: n.clone() }),
        ("MISC", "ALTER COLUMN ADD IDENTITY", number("t", "id", Some(Identity::ByDefault))),
        ("MISC", "ALTER COLUMN DROP IDENTITY", number("i", "id", None)),
        ("NOT NULL", "SET NOT NULL plain", set_not_null(None)),
        ("NOT NULL", "SET NOT NULL with validated CHECK(n is not null)", set_not_null(Some("nnc"))),
        ("NOT NULL", "DROP NOT NULL", Operation::DropNotNull { table: t.clone(), column: "nn".into() }),
        ("ALTER TYPE", "int->bigint fk column", retype("pid")),
        ("ALTER TYPE", "int->bigint plain (no index on col; pk exists)", retype("n")),
        (
            "ALTER TYPE",
            "text->text collate \"C\" indexed",
            Operation::SetCollation { table: t.clone(), column: "a".into(), collation: Some("C".to_owned()) },
        ),
        ("MISC", "COMMENT ON COLUMN", comment(Some("a"))),
        ("MISC", "COMMENT ON TABLE", comment(None)),
        ("RENAME", "COLUMN", Operation::RenameColumn { table: t, from: n, to: "n2".into() }),
    ]
}

fn constraint_cases() -> Vec<(&'static str, &'static str, Operation)> {
    let t: TableName = "t".into();
    let check = |validated| Operation::AddCheck {
        table: "t".into(),
        name: "other".into(),
        definition: Check::on("a > 0"),
        validated,
    };
    let foreign = |definition, validated| Operation::AddForeignKey {
        table: "t".into(),
        name: "other".into(),
        definition,
        validated,
    };
    let validate =
        |constraint: &str| Operation::Validate { table: "t".into(), constraint: constraint.into() };
    vec![
        ("CHECK", "ADD CHECK", check(true)),
        ("CHECK", "ADD CHECK NOT VALID", check(false)),
        ("CHECK", "VALIDATE CHECK", validate("ck")),
        ("CHECK", "VALIDATE CHECK already valid", validate("nnc")),
        ("CHECK", "DROP CHECK", Operation::DropCheck { table: t.clone(), name: "ck".into() }),
        ("FK", "ADD FK", foreign(key("pid", "parent"), true)),
        ("FK", "ADD FK NOT VALID", foreign(key("pid", "parent"), false)),
        ("FK", "self-referencing ADD FK", foreign(key("a", "t"), true)),
        ("FK", "VALIDATE FK", validate("t_pid_fk")),
        ("FK", "DROP FK", Operation::DropForeignKey { table: t, name: "t_pid_fk".into() }),
    ]
}

fn index_and_table_cases() -> Vec<(&'static str, &'static str, Operation)> {
    let t: TableName = "t".into();
    let create = |definition, online| Operation::CreateIndex {
        table: "t".into(),
        index: "new".into(),
        definition,
        online,
    };
    let drop_index =
        |index: &str, online| Operation::DropIndex { table: "t".into(), index: index.into(), online };
    let plain = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::Integer));
    let with_key = plain
        .clone()
        .with_column("pid", Column::optional(SqlType::Integer))
        .with_foreign_key("nt_fk", key("pid", "parent"));
    let create_table = |definition| Operation::CreateTable { table: "nt".into(), definition };
    let source = Source { table: "t".into(), key: "id".into(), value: "a".into(), otherwise: None };
    let fill = Operation::KeepFilled {
        table: t.clone(),
        column: "a".into(),
        origin: Origin::Expression("1".into()),
    };
    let show = Operation::CreateView { view: "v2".into(), table: t.clone(), columns: vec!["id".into()] };
    vec![
        ("UNIQUE/PK", "ADD UNIQUE", create(Index { constraint: true, ..Index::unique_on(["a"]) }, false)),
        ("UNIQUE/PK", "DROP UNIQUE", drop_index("uq", true)),
        ("INDEX", "CREATE INDEX", create(Index::on(["a"]), false)),
        ("INDEX", "DROP INDEX", drop_index("ti", false)),
        ("INDEX", "CREATE INDEX CONCURRENTLY", create(Index::on(["a"]), true)),
        ("INDEX", "CREATE UNIQUE INDEX CONCURRENTLY", create(Index::unique_on(["a"]), true)),
        ("INDEX", "DROP INDEX CONCURRENTLY", drop_index("ti", true)),
        ("TRIGGER", "CREATE TRIGGER", fill),
        (
            "TRIGGER",
            "CREATE TRIGGER",
            Operation::Mirror {
                table: t.clone(),
                old: "a".into(),
                new: "d".into(),
                conversion: Conversion::default(),
            },
        ),
        (
            "TRIGGER",
            "CREATE TRIGGER",
            Operation::Follow { table: "child".into(), column: "t_id".into(), source: source.clone() },
        ),
        ("TRIGGER", "DROP TRIGGER", Operation::StopFilling { table: t.clone(), column: "a".into() }),
        ("TRIGGER", "DROP TRIGGER", Operation::Unmirror { table: t.clone(), new: "a".into() }),
        (
            "TRIGGER",
            "DROP TRIGGER",
            Operation::StopFollowing { table: "child".into(), column: "t_id".into(), source },
        ),
        ("TABLE", "CREATE TABLE", create_table(plain)),
        ("TABLE", "CREATE TABLE with FK", create_table(with_key)),
        ("TABLE", "DROP TABLE child (fk to t)", Operation::DropTable { table: "child".into() }),
        ("TABLE", "DROP TABLE plain", Operation::DropTable { table: "nx".into() }),
        ("VIEW", "CREATE VIEW", show),
        ("VIEW", "DROP VIEW", Operation::DropView { view: "vw".into() }),
    ]
}

#[test]
fn effects_are_what_was_measured() {
    let cases = column_cases().into_iter().chain(constraint_cases()).chain(index_and_table_cases());
    for (group, case, operation) in cases {
        let version = if case == "generated virtual" { 18 } else { 15 };
        let measured = fact(group, case, version);
        let dialect = Postgres { version, ..Postgres::default() };
        let effect = dialect.effect(&operation, &state());
        let locks: BTreeMap<String, LockMode> =
            effect.locks.iter().map(|(table, mode)| (table.to_string(), *mode)).collect();
        assert_eq!(locks, measured.locks, "{group}: {case}");
        let (rewrites, scans) = match effect.work {
            Work::Instant => (false, false),
            Work::ScansTable | Work::BuildsIndex => (false, true),
            Work::RewritesTable | Work::WritesRows { .. } => (true, false),
        };
        assert_eq!(rewrites, measured.rewrites, "{group}: {case}");
        // What runs beside writers was sampled, and its scans weren't told; who rewrites a table is said to do no less than who reads one.
        if !case.contains("CONCURRENTLY") && !rewrites {
            assert_eq!(scans, measured.scans, "{group}: {case}");
        }
    }
}
