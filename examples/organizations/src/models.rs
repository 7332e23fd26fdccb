//! The models: change them here, then run `cargo schemig diff`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use crate::schema::{org_memberships, organizations, users};

/// Somebody who signed up.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub full_name: Option<String>,
    pub updated_at: DateTime<Utc>,
}

/// A company that users belong to.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    pub id: i64,
    pub name: String,
}

/// Which organization a user belongs to: exactly one.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = org_memberships, primary_key(user_id))]
pub struct OrgMembership {
    pub user_id: i64,
    pub organization_id: i64,
}
