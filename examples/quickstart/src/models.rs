//! The models: change them here, then run `cargo schemig diff`.

use diesel::prelude::*;
use schemig::Migratable;

use crate::schema::notes;

/// A note.
#[derive(Debug, Queryable, Selectable, Migratable)]
#[diesel(table_name = notes)]
pub struct Note {
    pub id: i32,
    pub title: String,
    pub body: Option<String>,
    #[schemig(default = "'yellow'")]
    pub colour: String,
}

/// What somebody types: the database gives the rest.
#[derive(Debug, Insertable)]
#[diesel(table_name = notes)]
pub struct NewNote {
    pub title: String,
    pub body: Option<String>,
}
