use schemig::{Migratable, MigratableEnum};

#[derive(Migratable)]
enum Mood {
    Sad,
}

#[derive(MigratableEnum)]
struct User {
    id: i64,
}

#[derive(MigratableEnum)]
enum Shape {
    Circle(f64),
}

#[derive(Migratable)]
struct Nothing;

fn main() {}
