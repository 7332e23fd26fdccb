use schemig::Migratable;

#[derive(Migratable)]
struct User(#[diesel(column_name = id)] i64, String);

fn main() {}
