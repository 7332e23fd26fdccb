use schemig::Migratable;

#[derive(Migratable)]
#[schemig(index(id, emial), unique(email, include(nmae)))]
struct User {
    id: i64,
    email: String,
    name: String,
}

#[derive(Migratable)]
#[diesel(primary_key(user_id, team_id))]
struct Membership {
    user_id: i64,
    team: i64,
}

#[derive(Migratable)]
struct Setting {
    key: String,
}

fn main() {}
