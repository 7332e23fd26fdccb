//! Notes in a file: `quickstart migrate`, `quickstart add TITLE [BODY]`, `quickstart list`.

use std::error::Error;

use diesel::prelude::*;
use diesel_migrations::{FileBasedMigrations, MigrationHarness};

use quickstart::models::{NewNote, Note};
use quickstart::schema::notes;

fn main() -> Result<(), Box<dyn Error + Send + Sync>> {
    let url = std::env::var("DATABASE_URL").unwrap_or_else(|_| "notes.sqlite".to_owned());
    let mut connection = SqliteConnection::establish(&url)?;
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["migrate"] => migrate(&mut connection),
        ["add", title] => add(&mut connection, title, None),
        ["add", title, body] => add(&mut connection, title, Some(body)),
        ["list"] => list(&mut connection),
        _ => Err("usage: quickstart migrate | add TITLE [BODY] | list".into()),
    }
}

/// Does what `diesel migration run` does, for a machine without Diesel's CLI.
fn migrate(connection: &mut SqliteConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    for version in connection.run_pending_migrations(FileBasedMigrations::find_migrations_directory()?)? {
        println!("applied {version}");
    }
    Ok(())
}

fn add(
    connection: &mut SqliteConnection,
    title: &str,
    body: Option<&str>,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let new = NewNote { title: title.to_owned(), body: body.map(str::to_owned) };
    let note = diesel::insert_into(notes::table)
        .values(new)
        .returning(Note::as_returning())
        .get_result(connection)?;
    println!("added {note:?}");
    Ok(())
}

fn list(connection: &mut SqliteConnection) -> Result<(), Box<dyn Error + Send + Sync>> {
    for note in notes::table.order(notes::id).select(Note::as_select()).load(connection)? {
        println!("{note:?}");
    }
    Ok(())
}
