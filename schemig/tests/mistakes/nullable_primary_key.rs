use schemig::Migratable;

#[derive(Migratable)]
struct User {
    id: Option<i64>,
}

fn main() {}
