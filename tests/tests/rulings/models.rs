//! The tables that most cases start from, and their rows.

use schemig_core::schema::{
    Action, Column, ColumnRef, ForeignKey, Hints, Index, Origin, Provenance, Schema, Source, SqlType, Table,
};

use crate::planned::Planned;

/// A foreign key to a table's `id`, whose rows go with their parent.
pub fn refers(column: &str, parent: &str) -> ForeignKey {
    ForeignKey {
        columns: vec![column.into()],
        references: parent.into(),
        key: vec!["id".into()],
        on_delete: Action::Cascade,
        on_update: Action::NoAction,
        deferral: Default::default(),
        provenance: Provenance::Declared,
    }
}

/// Users that upserts find by their address.
pub fn users() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", Column::required(SqlType::BigInt))
        .with_column("email", Column::required(SqlType::Text))
        .with_column("nickname", Column::optional(SqlType::Text))
        .with_column("seen", Column::required(SqlType::Integer).with_default("0"))
        .with_index("users_email_key", Index::unique_on(["email"]))
}

/// A database of one table.
pub fn only(table: Table) -> Schema {
    Schema::default().with_table("users", table)
}

/// Users, the organizations that they are in, and which is whose.
pub fn story() -> Schema {
    let organizations = Table::keyed_by(["id"]).with_column("id", Column::required(SqlType::BigInt));
    let memberships = Table::keyed_by(["user_id"])
        .with_column("user_id", Column::required(SqlType::BigInt))
        .with_column("organization_id", Column::required(SqlType::BigInt))
        .with_foreign_key("memberships_user_id_fkey", refers("user_id", "users"))
        .with_foreign_key("memberships_organization_id_fkey", refers("organization_id", "organizations"));
    only(users()).with_table("organizations", organizations).with_table("memberships", memberships)
}

/// The column of the story, looked up in the memberships.
pub fn belonging(otherwise: Option<&str>) -> Planned {
    let users = users().with_column("organization_id", Column::required(SqlType::BigInt));
    let after = story().with_table("users", users);
    let source = Source {
        table: "memberships".into(),
        key: "user_id".into(),
        value: "organization_id".into(),
        otherwise: otherwise.map(Into::into),
    };
    let mut hints = Hints::default();
    let at = ColumnRef::new(&"users".into(), &"organization_id".into());
    hints.backfills.insert(at, Origin::Source(source));
    Planned::new(&story(), &after, &hints)
}

/// `count` users, each in organization 1 or 2, whose address is `u` and their number.
pub fn members(count: usize) -> String {
    format!(
        "INSERT INTO public.organizations VALUES (1), (2), (3);
         INSERT INTO public.users (id, email) SELECT n, 'u' || n FROM generate_series(1, {count}) AS n;
         INSERT INTO public.memberships SELECT n, 1 + n % 2 FROM generate_series(1, {count}) AS n;"
    )
}

/// `count` users, every third without a nickname.
pub fn nicknamed(count: usize) -> String {
    format!(
        "INSERT INTO public.users (id, email, nickname)
             SELECT n, 'u' || n, CASE WHEN n % 3 > 0 THEN 'n' || n END FROM generate_series(1, {count}) AS n;"
    )
}
