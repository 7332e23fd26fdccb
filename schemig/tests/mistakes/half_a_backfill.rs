use schemig::Migratable;

#[derive(Migratable)]
struct User {
    id: i64,
    #[schemig(backfill(from = "org_memberships", key = "user_id"))]
    organization_id: i64,
}

fn main() {}
