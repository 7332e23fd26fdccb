//! Plans of every kind, for what must hold of all files.

use std::collections::BTreeSet;

use schemig_core::change::Change;
use schemig_core::schema::{
    Check, Column, ColumnName, ColumnRef, Dropped, Hints, Identity, Index, Origin, Schema, SqlType, Table,
};

use crate::models::{belonging, only, refers, users};
use crate::planned::Planned;

/// Plans that have every change there is.
pub fn gallery() -> Vec<Planned> {
    let plans = vec![
        belonging(None),
        belonging(Some("3")),
        columns(),
        constraints(),
        back(),
        renamed_column(),
        renamed_table(),
        retyped(),
        enums(),
        numbered(),
        keyed(),
    ];
    let kinds: BTreeSet<&str> = plans.iter().flat_map(|planned| &planned.plan.changes).map(kind).collect();
    // No release runs beside what renames or replaces labels, or collates otherwise.
    assert_eq!(kinds.len(), 24, "changes that no plan shows are missing: {kinds:?}");
    plans
}

fn kind(change: &Change) -> &'static str {
    match change {
        Change::CreateTable { .. } => "create table",
        Change::DropTable { .. } => "drop table",
        Change::RenameTable { .. } => "rename table",
        Change::AddColumn { .. } => "add column",
        Change::DropColumn { .. } => "drop column",
        Change::RenameColumn { .. } => "rename column",
        Change::ReplaceColumn { .. } => "replace column",
        Change::RetypeColumn { .. } => "retype column",
        Change::RequireColumn { .. } => "require column",
        Change::RelaxColumn { .. } => "relax column",
        Change::ChangeDefault { .. } => "change default",
        Change::ChangeCollation { .. } => "change collation",
        Change::RecomputeColumn { .. } => "recompute column",
        Change::ChangeComments { .. } => "change comments",
        Change::ChangeIdentity { .. } => "change identity",
        Change::ChangePrimaryKey { .. } => "change primary key",
        Change::AddIndex { .. } => "add index",
        Change::DropIndex { .. } => "drop index",
        Change::ReplaceIndex { .. } => "replace index",
        Change::AddForeignKey { .. } => "add foreign key",
        Change::DropForeignKey { .. } => "drop foreign key",
        Change::AddCheck { .. } => "add check",
        Change::DropCheck { .. } => "drop check",
        Change::CreateEnum { .. } => "create enum",
        Change::DropEnum { .. } => "drop enum",
        Change::AddEnumValue { .. } => "add enum value",
        Change::RenameEnumValue { .. } => "rename enum value",
        Change::ReplaceEnum { .. } => "replace enum",
    }
}

/// Enums come and go, and one gets a label.
fn enums() -> Planned {
    let of = |name: &str| Column::optional(SqlType::Named(name.to_owned()));
    let before = only(users().with_column("mood", of("mood")).with_column("tint", of("tint")));
    let after = only(users().with_column("mood", of("mood")).with_column("size", of("size")));
    let before = before.with_enum("mood", ["sad"]).with_enum("tint", ["red"]);
    let after = after.with_enum("mood", ["sad", "it's"]).with_enum("size", ["s", "l"]);
    Planned::new(&before, &after, &Hints::default())
}

/// A key of two columns takes the place of a key of one.
fn keyed() -> Planned {
    let before = users().with_column("realm", Column::required(SqlType::Text));
    let after = Table { primary_key: vec!["id".into(), "realm".into()], ..before.clone() };
    Planned::new(&only(before), &only(after), &Hints::default())
}

fn at(column: &str) -> ColumnRef {
    ColumnRef::new(&"users".into(), &column.into())
}

fn from(expression: &str) -> Origin {
    Origin::Expression(expression.into())
}

/// Columns of every kind come; one becomes required, one goes.
fn columns() -> Planned {
    let before = users().with_column("gone", Column::required(SqlType::Text));
    let mut after = users()
        .with_column("note", Column::optional(SqlType::Text))
        .with_column("kind", Column::required(SqlType::Text))
        .with_column("label", Column::required(SqlType::Text))
        .with_column("token", Column::required(SqlType::Uuid).with_default("md5(random()::text)::uuid"));
    after.columns[&ColumnName::from("nickname")] = Column::required(SqlType::Text);
    let mut hints = Hints::default();
    for (column, expression) in
        [("kind", "'person'"), ("label", "upper(email)"), ("nickname", "'of ' || email")]
    {
        hints.backfills.insert(at(column), from(expression));
    }
    hints.drops.insert(at("gone"), Dropped { fill: Some(Some("'of ' || email".into())), with: Vec::new() });
    Planned::new(&only(before), &only(after), &hints)
}

fn numbered() -> Planned {
    let mut after = users();
    after.columns[&ColumnName::from("id")].identity = Some(Identity::Always);
    Planned::new(&only(users()), &only(after), &Hints::default())
}

fn with_parent() -> Schema {
    let teams = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    let users = users().with_column("team_id", Column::optional(SqlType::BigInt));
    only(users).with_table("teams", teams)
}

/// A table, indexes, a check, a foreign key and a default come, and a column is relaxed.
fn constrained() -> Schema {
    let mut users = with_parent().tables[&"users".into()].clone();
    users.comment = Some("who may log in".into());
    users.columns[&ColumnName::from("seen")] = Column::required(SqlType::Integer).with_default("1");
    users.indexes.insert("users_seen_idx".into(), Index::on(["seen", "nickname"]));
    users.indexes.insert("users_nickname_key".into(), Index::unique_on(["nickname"]));
    let users = users
        .with_check("users_seen_check", Check::on("seen >= 0"))
        .with_foreign_key("users_team_id_fkey", refers("team_id", "teams"));
    let log = Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("user_id", Column::required(SqlType::BigInt))
        .with_foreign_key("log_user_id_fkey", refers("user_id", "users"));
    with_parent().with_table("users", users).with_table("log", log)
}

fn indexed(schema: Schema, index: Index) -> Schema {
    let users = schema.tables[&"users".into()].clone().with_index("users_note_idx", index);
    schema.with_table("users", users)
}

fn constraints() -> Planned {
    let (before, after) = (Index::on(["seen"]), Index::on(["seen", "email"]));
    Planned::new(&indexed(with_parent(), before), &indexed(constrained(), after), &Hints::default())
}

/// All of it goes again, and the address may be NULL.
fn back() -> Planned {
    let mut relaxed = with_parent();
    let users = relaxed.tables.get_mut(&"users".into()).expect("a table");
    users.columns[&ColumnName::from("email")] = Column::optional(SqlType::Text);
    Planned::new(&constrained(), &relaxed, &Hints::default())
}

fn renamed_column() -> Planned {
    let mut after = Table::keyed_by(["id"]);
    for (column, definition) in users().columns {
        let name = if column.as_str() == "email" { "address" } else { column.as_str() };
        after = after.with_column(name, definition);
    }
    let after = after.with_index("users_email_key", Index::unique_on(["address"]));
    let mut hints = Hints::default();
    hints.column_renames.insert(at("address"), Some("email".into()));
    Planned::new(&only(users()), &only(after), &hints)
}

/// One column is replaced by one of another type, another changes its type in place.
fn retyped() -> Planned {
    let before = users().with_column("size", Column::required(SqlType::Integer));
    let mut after = users().with_column("size_2", Column::required(SqlType::BigInt));
    after.columns[&ColumnName::from("seen")].sql_type = SqlType::BigInt;
    let mut hints = Hints::default();
    hints.column_renames.insert(at("size_2"), Some("size".into()));
    Planned::new(&only(before), &only(after), &hints)
}

fn renamed_table() -> Planned {
    let mut hints = Hints::default();
    hints.table_renames.insert("people".into(), Some("users".into()));
    Planned::new(&only(users()), &Schema::default().with_table("people", users()), &hints)
}
