//! The tables of the organizations example, as its two releases know them.

use schemig_core::schema::{Column, ForeignKey, Identity, Index, Schema, SqlType, Table};

/// Release N-1.
pub fn before() -> Schema {
    let users = users();
    let memberships = Table::keyed_by(["user_id"])
        .with_column("user_id", Column::required(SqlType::BigInt))
        .with_column("organization_id", Column::required(SqlType::BigInt))
        .with_foreign_key("org_memberships_user_id_fkey", refers("user_id", "users"))
        .with_foreign_key("org_memberships_organization_id_fkey", refers("organization_id", "organizations"));
    let organizations = Table::keyed_by(["id"])
        .with_column("id", numbered())
        .with_column("name", Column::required(SqlType::Text));
    Schema::default()
        .with_table("users", users)
        .with_table("org_memberships", memberships)
        .with_table("organizations", organizations)
}

/// Release N.
pub fn after() -> Schema {
    let users = users().with_column("organization_id", Column::required(SqlType::BigInt));
    before().with_table("users", users)
}

fn users() -> Table {
    Table::keyed_by(["id"])
        .with_column("id", numbered())
        .with_column("email", Column::required(SqlType::Text))
        .with_column("full_name", Column::optional(SqlType::Text))
        .with_column("updated_at", Column::required(SqlType::Timestamptz).with_default("now()"))
        .with_index("users_email_idx", Index::unique_on(["email"]))
}

fn numbered() -> Column {
    Column { identity: Some(Identity::ByDefault), ..Column::required(SqlType::BigInt) }
}

fn refers(column: &str, parent: &str) -> ForeignKey {
    ForeignKey {
        columns: vec![column.into()],
        references: parent.into(),
        key: vec!["id".into()],
        on_delete: Default::default(),
        on_update: Default::default(),
        deferral: Default::default(),
        provenance: Default::default(),
    }
}
