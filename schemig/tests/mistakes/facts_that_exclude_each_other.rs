use schemig::Migratable;

#[derive(Migratable)]
struct Order {
    #[schemig(identity = always, default = 0)]
    id: i64,
    #[schemig(generated = "price * quantity", default = 0)]
    total: i64,
    #[schemig(identity)]
    number: i64,
    #[schemig(skip, backfill = "0")]
    cached: i64,
}

fn main() {}
