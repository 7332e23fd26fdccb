use schemig::Migratable;

#[derive(Migratable)]
struct User {
    id: i64,
    name: String,
    #[diesel(column_name = name)]
    nick: String,
}

fn main() {}
