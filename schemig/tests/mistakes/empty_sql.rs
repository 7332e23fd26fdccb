use schemig::Migratable;

#[derive(Migratable)]
#[schemig(check(" "))]
struct User {
    id: i64,
    #[schemig(sql_type = "")]
    name: String,
}

fn main() {}
