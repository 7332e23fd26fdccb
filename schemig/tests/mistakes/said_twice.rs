use schemig::Migratable;

#[derive(Migratable)]
#[schemig(name = "users")]
#[schemig(name = "people")]
struct User {
    id: i64,
    #[schemig(default = 1, default = 2)]
    level: i32,
}

fn main() {}
