//! Generates crates with models: ordinary ones, in the size that is asked for.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// How big a crate is.
pub struct Size {
    /// Models of 12 fields, each in a file of its own.
    pub models: usize,
    /// Files without a model.
    pub others: usize,
    /// The bytes of all sources together, where there are other files.
    pub bytes: usize,
}

/// Writes a crate below `root`.
pub fn project(root: &Path, size: &Size) {
    let mut library = String::from("//! Generated.\n\npub mod ids;\npub mod models;\npub mod schema;\n");
    if size.others > 0 {
        library.push_str("pub mod services;\n");
    }
    write(root, "Cargo.toml", MANIFEST);
    write(root, "src/lib.rs", &library);
    write(root, "src/ids.rs", IDS);
    let mut models = String::new();
    let mut written = 0;
    for number in 0..size.models {
        writeln!(models, "mod {0};\npub use {0}::Document{number:04};", module(number)).expect("text");
        let text = model(number, "");
        written += text.len();
        write(root, &format!("src/models/{}.rs", module(number)), &text);
    }
    write(root, "src/models/mod.rs", &models);
    if size.others > 0 {
        others(root, size, size.bytes - written);
    }
}

/// Adds a field to one model.
pub fn change_one(root: &Path) {
    let text = model(7, "    pub note: Option<String>,\n");
    write(root, &format!("src/models/{}.rs", module(7)), &text);
}

/// Adds a field to every model.
pub fn change_all(root: &Path, size: &Size) {
    for number in 0..size.models {
        let text = model(number, "    pub note: Option<String>,\n");
        write(root, &format!("src/models/{}.rs", module(number)), &text);
    }
}

fn others(root: &Path, size: &Size, bytes: usize) {
    let mut modules = String::new();
    for number in 0..size.others {
        writeln!(modules, "pub mod service_{number:04};").expect("text");
        let path = format!("src/services/service_{number:04}.rs");
        write(root, &path, &service(number, number % size.models, bytes / size.others));
    }
    write(root, "src/services/mod.rs", &modules);
}

fn module(number: usize) -> String {
    format!("document_{number:04}")
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().expect("a directory")).expect("a directory to write to");
    fs::write(path, text).expect("a file to write to");
}

const MANIFEST: &str = r#"[package]
name = "generated"
version = "0.1.0"
edition = "2024"

[dependencies]
chrono = "0.4"
diesel = { version = "2.3", features = ["postgres", "chrono", "serde_json"] }
schemig = "0.1"
serde_json = "1"

[workspace]
"#;

const IDS: &str = "use diesel_derive_newtype::DieselNewType;

/// Whose something is.
#[derive(Clone, Copy, Debug, DieselNewType)]
pub struct TenantId(pub i64);
";

/// A model of 12 fields, with `more` behind them.
fn model(number: usize, more: &str) -> String {
    let parent = number.saturating_sub(1);
    format!(
        r#"use chrono::NaiveDateTime;
use diesel::prelude::*;
use schemig::Migratable;

use crate::ids::TenantId;
use crate::schema::document_{number:04}s;

/// Something that somebody wrote.
#[derive(Clone, Debug, Queryable, Selectable, Insertable, AsChangeset, Identifiable, Migratable)]
#[diesel(table_name = document_{number:04}s)]
#[diesel(check_for_backend(diesel::pg::Pg))]
#[schemig(index(tenant_id, created_at))]
pub struct Document{number:04} {{
    #[schemig(identity)]
    pub id: i64,
    pub tenant_id: TenantId,
    #[schemig(references(document_{parent:04}s(id), on_delete = cascade))]
    pub parent_id: Option<i64>,
    #[schemig(unique)]
    pub slug: String,
    /// As it was typed.
    pub title: String,
    pub body: Option<String>,
    #[schemig(default = "0", check("position >= 0"))]
    pub position: i32,
    pub score: Option<f64>,
    #[schemig(default = "false")]
    pub archived: bool,
    pub settings: Option<serde_json::Value>,
    #[schemig(default = "now()")]
    pub created_at: NaiveDateTime,
    pub updated_at: Option<NaiveDateTime>,
{more}}}

impl Document{number:04} {{
    /// Whether it can be shown.
    pub fn is_visible(&self) -> bool {{
        !self.archived && self.position >= 0 && !self.title.is_empty()
    }}
}}
"#
    )
}

/// Code that uses a model and holds none, of at least so many bytes.
fn service(number: usize, model: usize, bytes: usize) -> String {
    let mut text = format!(
        "//! Service {number}.\n\nuse diesel::prelude::*;\n\nuse crate::models::Document{model:04};\nuse crate::schema::document_{model:04}s::dsl::*;\n"
    );
    let mut part = 0;
    while text.len() < bytes {
        write!(
            text,
            r#"
/// What a caller asks of part {part}.
#[derive(Clone, Debug, Default)]
pub struct Request{part} {{
    pub words: Vec<String>,
    pub limit: Option<i64>,
}}

/// Finds documents by their titles; "nothing found" is no error here, it's an empty list.
pub fn find_{part}(connection: &mut PgConnection, request: &Request{part}) -> QueryResult<Vec<Document{model:04}>> {{
    let pattern = format!("%{{}}%", request.words.join("%")); // {{ a brace in a comment
    let limit = match request.limit {{
        Some(limit) if limit > 0 => limit.min(1_000),
        Some(_) | None => 50,
    }};
    let found = document_{model:04}s
        .filter(title.like(pattern))
        .filter(archived.eq(false))
        .order((position.asc(), created_at.desc()))
        .limit(limit)
        .select(Document{model:04}::as_select())
        .load(connection)?;
    let separator = if found.len() > 1 {{ ';' }} else {{ '\n' }};
    tracing::debug!(count = found.len(), %separator, r"looked for {{pattern}}");
    Ok(found)
}}
"#
        )
        .expect("text");
        part += 1;
    }
    text
}

/// Writes a workspace of three crates below `root`: structs that derive `Migratable` and say no more, the same with six attributes each,
/// and the same without the derive.
pub fn derives(root: &Path, structs: usize, schemig: &Path) {
    let crates = ["derived", "annotated", "without"];
    write(root, "Cargo.toml", &format!("[workspace]\nmembers = {crates:?}\nresolver = \"3\"\n"));
    for name in crates {
        let manifest = format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nschemig = {{ path = {schemig:?} }}\n"
        );
        write(root, &format!("{name}/Cargo.toml"), &manifest);
        let structs = (0..structs).map(|number| bare_struct(number, name != "without", name == "annotated"));
        let text = "#![allow(dead_code)]\n".to_owned() + &structs.collect::<String>();
        write(root, &format!("{name}/src/lib.rs"), &text);
    }
}

/// A struct of 12 fields of the language's own types. Attributes that the derive reads stand only where it does.
fn bare_struct(number: usize, derived: bool, annotated: bool) -> String {
    let said = |text: &'static str| if annotated { text } else { "" };
    format!(
        r#"
#[derive(Clone{})]
{}pub struct Document{number:04} {{
    {}pub id: i64,
    pub tenant_id: i64,
    pub parent_id: Option<i64>,
    {}pub slug: String,
    pub title: String,
    pub body: Option<String>,
    {}pub position: i32,
    pub score: Option<f64>,
    {}pub archived: bool,
    pub settings: Option<Vec<u8>>,
    {}pub created_at: std::time::SystemTime,
    pub updated_at: Option<std::time::SystemTime>,
}}
"#,
        if derived { ", schemig::Migratable" } else { "" },
        said("#[diesel(table_name = documents)]\n#[schemig(index(tenant_id, created_at))]\n"),
        said("#[schemig(identity)]\n    "),
        said("#[schemig(unique)]\n    "),
        said("#[schemig(default = \"0\", check(\"position >= 0\"))]\n    "),
        said("#[schemig(default = \"false\")]\n    "),
        said("#[schemig(default = \"now()\")]\n    "),
    )
}
