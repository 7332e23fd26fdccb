use schemig::Migratable;

#[derive(Migratable)]
#[schemig(renamed_form = "accounts")]
struct User {
    id: i64,
    #[schemig(foreign_key = "organizations")]
    organization_id: i64,
}

fn main() {}
