//! What release N-1 does all day. A transaction that writes a user and a membership writes the membership first, but for
//! users who are new in it: that is one of the promises that schemig's report prints.

use chrono::Utc;
use diesel::prelude::*;
use diesel::upsert::excluded;

use super::models::{NewUser, OrgMembership, User};
use super::schema::{org_memberships, organizations, users};
use crate::traffic::{Dice, Finding, Mix};

/// Reads are a good half, writes the rest.
pub const MIX: Mix = &[
    (20, "read a user", read),
    (12, "read a user with its organization", read_with_organization),
    (10, "read the newest users", read_newest),
    (5, "count an organization's users", count),
    (16, "sign up", sign_up),
    (12, "move by UPDATE", move_by_update),
    (6, "move by DELETE and INSERT", move_by_delete_and_insert),
    (10, "rename", rename),
    (6, "upsert by email", upsert),
    (3, "delete", delete),
];

fn read(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let found = users::table.find(dice.user()).select(User::as_select()).first(connection);
    found.optional().map(|_| Finding::Right)
}

fn read_with_organization(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let found = users::table
        .inner_join(org_memberships::table.inner_join(organizations::table))
        .filter(users::id.eq(dice.user()))
        .select((User::as_select(), OrgMembership::as_select(), organizations::name))
        .first::<(User, OrgMembership, String)>(connection);
    found.optional().map(|_| Finding::Right)
}

fn read_newest(connection: &mut PgConnection, _: &mut Dice) -> QueryResult<Finding> {
    users::table.order(users::id.desc()).limit(10).select(User::as_select()).load(connection)?;
    Ok(Finding::Right)
}

fn count(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let members = org_memberships::table.filter(org_memberships::organization_id.eq(dice.organization()));
    members.limit(50).select(org_memberships::user_id).load::<i64>(connection)?;
    Ok(Finding::Right)
}

fn sign_up(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let new = NewUser { email: dice.new_email(), full_name: None };
    let organization_id = dice.organization();
    let user = connection.transaction(|connection| {
        let user = diesel::insert_into(users::table)
            .values(&new)
            .returning(User::as_returning())
            .get_result(connection)?;
        let membership = OrgMembership { user_id: user.id, organization_id };
        diesel::insert_into(org_memberships::table).values(membership).execute(connection)?;
        QueryResult::Ok(user)
    })?;
    dice.signed_up(user.id);
    Ok(Finding::Right)
}

fn move_by_update(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    diesel::update(org_memberships::table.find(dice.user()))
        .set(org_memberships::organization_id.eq(dice.organization()))
        .execute(connection)?;
    Ok(Finding::Right)
}

fn move_by_delete_and_insert(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let membership = OrgMembership { user_id: dice.user(), organization_id: dice.organization() };
    connection.transaction(|connection| {
        let gone = diesel::delete(org_memberships::table.find(membership.user_id)).execute(connection)?;
        if gone == 1 {
            diesel::insert_into(org_memberships::table).values(membership).execute(connection)?;
        }
        Ok(Finding::Right)
    })
}

fn rename(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let name = format!("Renamed {}", dice.below(1_000_000));
    diesel::update(users::table.find(dice.user()))
        .set((users::full_name.eq(Some(name)), users::updated_at.eq(Utc::now())))
        .returning(User::as_returning())
        .get_result(connection)
        .optional()
        .map(|_| Finding::Right)
}

fn upsert(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let new = NewUser { email: dice.known_email(), full_name: Some("Upserted".to_owned()) };
    let organization_id = dice.organization();
    connection.transaction(|connection| {
        let user = diesel::insert_into(users::table)
            .values(&new)
            .on_conflict(users::email)
            .do_update()
            .set((users::full_name.eq(excluded(users::full_name)), users::updated_at.eq(Utc::now())))
            .returning(User::as_returning())
            .get_result(connection)?;
        let known = org_memberships::table.find(user.id).select(OrgMembership::as_select());
        if known.first(connection).optional()?.is_none() {
            let membership = OrgMembership { user_id: user.id, organization_id };
            diesel::insert_into(org_memberships::table).values(membership).execute(connection)?;
        }
        Ok(Finding::Right)
    })
}

fn delete(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let user = dice.user();
    connection.transaction(|connection| {
        // Only who holds the membership deletes the user: another release may be about to move the same one.
        let gone = diesel::delete(org_memberships::table.find(user)).execute(connection)?;
        if gone == 1 {
            diesel::delete(users::table.find(user)).execute(connection)?;
        }
        Ok(Finding::Right)
    })
}
