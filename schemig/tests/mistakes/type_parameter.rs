use schemig::Migratable;

#[derive(Migratable)]
struct Keyed<T> {
    id: T,
}

fn main() {}
