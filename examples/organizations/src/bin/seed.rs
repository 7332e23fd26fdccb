//! Fills the database before the story: `DATABASE_URL=postgres://… cargo run -p organizations --bin seed -- 5000000`.

use diesel::prelude::*;
use diesel::sql_types::BigInt;
use organizations::models::{OrgMembership, Organization, User};
use organizations::schema::{org_memberships, organizations as organizations_table, users};

/// A membership for each user; the organizations are of many sizes, the first the largest.
const USERS: &str = "
    INSERT INTO users (email, full_name, updated_at)
    SELECT 'user' || n || '@example.org', CASE WHEN n % 3 > 0 THEN 'User ' || n END, now() - n * interval '1 second'
    FROM generate_series(1, $1) AS n";
const MEMBERSHIPS: &str = "
    INSERT INTO org_memberships (user_id, organization_id)
    SELECT id, 1 + (id * id * 7919 % $1) * (id % 101) / 101 FROM users";

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse::<i64>().ok());
    let count = count.expect("usage: seed NUMBER_OF_USERS   (the database is named by DATABASE_URL)");
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL names the database");
    let mut connection = PgConnection::establish(&url).expect("the database answers");
    connection
        .transaction(|connection| seed(connection, count))
        .expect("an empty database that has the tables");
    // Statistics as a database that has been running has them.
    diesel::sql_query("VACUUM ANALYZE").execute(&mut connection).expect("VACUUM");
    let (user, organization) = newest(&mut connection).expect("the seeded rows");
    println!("{count} users; the newest is {} at {}, id {}", user.email, organization.name, user.id);
}

fn seed(connection: &mut PgConnection, count: i64) -> QueryResult<()> {
    let organizations = (count / 100).clamp(10, 10_000);
    let names: Vec<_> =
        (1..=organizations).map(|n| organizations_table::name.eq(format!("Organization {n}"))).collect();
    diesel::insert_into(organizations_table::table).values(names).execute(connection)?;
    diesel::sql_query(USERS).bind::<BigInt, _>(count).execute(connection)?;
    diesel::sql_query(MEMBERSHIPS).bind::<BigInt, _>(organizations).execute(connection)?;
    Ok(())
}

fn newest(connection: &mut PgConnection) -> QueryResult<(User, Organization)> {
    let (user, _, organization) = users::table
        .inner_join(org_memberships::table.inner_join(organizations_table::table))
        .order(users::id.desc())
        .select((User::as_select(), OrgMembership::as_select(), Organization::as_select()))
        .first::<(User, OrgMembership, Organization)>(connection)?;
    Ok((user, organization))
}
