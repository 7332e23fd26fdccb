//! Every mistake is reported, and the trait counts as implemented, so that its absence isn't one more.

use schemig::Migratable;

#[derive(Migratable)]
#[schemig(nam = "people", index(naem), check(""))]
struct User {
    id: i64,
    #[schemig(defualt = "now()")]
    name: String,
    #[schemig(references(organizations, on_delete = explode))]
    organization_id: i64,
}

fn model<T: Migratable>() -> &'static str {
    T::MODEL
}

fn main() {
    println!("{}", model::<User>());
}
