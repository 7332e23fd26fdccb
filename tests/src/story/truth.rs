//! What must be so whoever wrote it: each user's organization is the one that `org_memberships` names.

use diesel::prelude::*;
use diesel::sql_types::BigInt;

const WRONG: &str = "
    SELECT count(*) AS number FROM users AS u LEFT JOIN org_memberships AS m ON m.user_id = u.id
    WHERE u.organization_id IS NULL OR u.organization_id IS DISTINCT FROM m.organization_id";

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// Compares every row in one snapshot, traffic or not, and returns how many are NULL or wrong.
pub fn compare(connection: &mut PgConnection) -> u64 {
    let count: Count = diesel::sql_query(WRONG).get_result(connection).expect("both tables are readable");
    u64::try_from(count.number).expect("a count")
}
