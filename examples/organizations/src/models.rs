//! The models: change them here, then run `cargo schemig diff`.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use schemig::Migratable;

use crate::schema::{org_memberships, organizations, users};

/// Somebody who signed up.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Migratable)]
#[diesel(table_name = users)]
pub struct User {
    #[schemig(identity)]
    pub id: i64,
    #[schemig(unique)]
    pub email: String,
    pub full_name: Option<String>,
    #[schemig(default = "now()")]
    pub updated_at: DateTime<Utc>,
}

/// A company that users belong to.
#[derive(Debug, Clone, Queryable, Selectable, Identifiable, Migratable)]
#[diesel(table_name = organizations)]
pub struct Organization {
    #[schemig(identity)]
    pub id: i64,
    pub name: String,
}

/// Which organization a user belongs to: exactly one.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, Migratable)]
#[diesel(table_name = org_memberships, primary_key(user_id))]
pub struct OrgMembership {
    #[schemig(references(users(id), on_delete = cascade))]
    pub user_id: i64,
    #[schemig(index, references(organizations(id)))]
    pub organization_id: i64,
}
