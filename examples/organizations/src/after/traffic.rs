//! What release N does all day. Each read that sees both sides compares `users.organization_id` with `org_memberships` in
//! one statement, so in one snapshot: whatever differs there is wrong data.

use chrono::Utc;
use diesel::prelude::*;

use super::models::{NewUser, OrgMembership, User};
use super::schema::{org_memberships, users};
use crate::traffic::{Dice, Finding, Mix};

/// Half is comparing, and half of that looks at the newest users, most of whom N-1 signs up.
pub const MIX: Mix = &[
    (25, "compare a user", compare),
    (25, "compare the newest users", compare_newest),
    (10, "read an organization's users", read_organization),
    (12, "sign up", sign_up),
    (8, "rename", rename),
    (10, "move by UPDATE", move_by_update),
    (6, "move by DELETE and INSERT", move_by_delete_and_insert),
    (4, "delete", delete),
];

/// A user, and its organization as `org_memberships` has it.
type Pair = (User, Option<i64>);

fn find_stale(pairs: &[Pair]) -> Finding {
    let wrong = pairs.iter().find(|(user, membership)| *membership != Some(user.organization_id));
    wrong.map_or(Finding::Right, |(user, membership)| {
        Finding::Stale(format!("user {} reads {}, not {membership:?}", user.id, user.organization_id))
    })
}

fn compare(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let pairs = users::table
        .left_join(org_memberships::table)
        .filter(users::id.eq(dice.user()))
        .select((User::as_select(), org_memberships::organization_id.nullable()))
        .load::<Pair>(connection)?;
    Ok(find_stale(&pairs))
}

fn compare_newest(connection: &mut PgConnection, _: &mut Dice) -> QueryResult<Finding> {
    let pairs = users::table
        .left_join(org_memberships::table)
        .order(users::id.desc())
        .limit(10)
        .select((User::as_select(), org_memberships::organization_id.nullable()))
        .load::<Pair>(connection)?;
    Ok(find_stale(&pairs))
}

fn read_organization(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let pairs = users::table
        .left_join(org_memberships::table)
        .filter(users::organization_id.eq(dice.organization()))
        .limit(20)
        .select((User::as_select(), org_memberships::organization_id.nullable()))
        .load::<Pair>(connection)?;
    Ok(find_stale(&pairs))
}

fn sign_up(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let organization_id = dice.organization();
    let new = NewUser { email: dice.new_email(), full_name: None, organization_id };
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
    Ok(if user.organization_id == organization_id {
        Finding::Right
    } else {
        Finding::Stale(format!("a new user came back in {}, not {organization_id}", user.organization_id))
    })
}

fn rename(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let name = format!("Renamed by N, {}", dice.below(1_000_000));
    diesel::update(users::table.find(dice.user()))
        .set((users::full_name.eq(Some(name)), users::updated_at.eq(Utc::now())))
        .returning(User::as_returning())
        .get_result(connection)
        .optional()
        .map(|_| Finding::Right)
}

/// The write to `users` of a move. Its own value must come back: no filler may overrule it.
fn set_organization(connection: &mut PgConnection, membership: &OrgMembership) -> QueryResult<Finding> {
    let OrgMembership { user_id, organization_id } = membership;
    let user = diesel::update(users::table.find(user_id))
        .set(users::organization_id.eq(organization_id))
        .returning(User::as_returning())
        .get_result(connection)?;
    Ok(if user.organization_id == *organization_id {
        Finding::Right
    } else {
        Finding::Stale(format!("user {user_id} moved to {}, not {organization_id}", user.organization_id))
    })
}

fn move_by_update(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let membership = OrgMembership { user_id: dice.user(), organization_id: dice.organization() };
    connection.transaction(|connection| {
        let moved = diesel::update(org_memberships::table.find(membership.user_id))
            .set(org_memberships::organization_id.eq(membership.organization_id))
            .execute(connection)?;
        if moved == 1 { set_organization(connection, &membership) } else { Ok(Finding::Right) }
    })
}

fn move_by_delete_and_insert(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let membership = OrgMembership { user_id: dice.user(), organization_id: dice.organization() };
    connection.transaction(|connection| {
        let gone = diesel::delete(org_memberships::table.find(membership.user_id)).execute(connection)?;
        if gone == 0 {
            return Ok(Finding::Right);
        }
        diesel::insert_into(org_memberships::table).values(&membership).execute(connection)?;
        set_organization(connection, &membership)
    })
}

fn delete(connection: &mut PgConnection, dice: &mut Dice) -> QueryResult<Finding> {
    let user = dice.user();
    connection.transaction(|connection| {
        let gone = diesel::delete(org_memberships::table.find(user)).execute(connection)?;
        if gone == 1 {
            diesel::delete(users::table.find(user)).execute(connection)?;
        }
        Ok(Finding::Right)
    })
}
