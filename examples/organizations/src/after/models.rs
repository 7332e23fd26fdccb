//! The models of release N.

use chrono::{DateTime, Utc};
use diesel::prelude::*;

use super::schema::{org_memberships, users};

/// A user as this release knows it: with an organization, always.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable)]
#[diesel(table_name = users)]
pub struct User {
    pub id: i64,
    pub email: String,
    pub full_name: Option<String>,
    pub updated_at: DateTime<Utc>,
    pub organization_id: i64,
}

/// A user who signs up.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = users)]
pub struct NewUser {
    pub email: String,
    pub full_name: Option<String>,
    pub organization_id: i64,
}

/// Which organization a user belongs to, as release N-1 reads and writes it.
#[derive(Debug, Clone, Queryable, Selectable, Insertable)]
#[diesel(table_name = org_memberships, primary_key(user_id))]
pub struct OrgMembership {
    pub user_id: i64,
    pub organization_id: i64,
}
