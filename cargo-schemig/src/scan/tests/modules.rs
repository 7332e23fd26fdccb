//! The module tree.

use super::{Package, model};

#[test]
fn modules_are_followed_to_their_files() {
    let package = Package::new(&[
        ("src/lib.rs", &format!("mod a; pub(crate) mod b {{ mod c; }} {}", model("Root"))),
        ("src/a.rs", "// a mod x; that is none\nmod deep;"),
        ("src/a/deep/mod.rs", "mod deeper;"),
        ("src/a/deep/deeper.rs", &model("Deeper")),
        ("src/b/c.rs", &model("InB")),
        ("src/orphan.rs", &model("Orphan")),
    ]);
    assert_eq!(package.models(), ["Deeper", "InB", "Root"]);
    assert_eq!(package.parsed(), ["src/a/deep/deeper.rs", "src/b/c.rs", "src/lib.rs"]);
    assert_eq!(package.scan().read, 5);
}

#[test]
fn paths_lead_where_rustc_looks() {
    let package = Package::new(&[
        (
            "src/lib.rs",
            "mod a; #[path = \"elsewhere/x.rs\"] mod b; #[path = \"t\"] mod i { #[path = \"c.rs\"] mod c; }",
        ),
        ("src/a.rs", "#[path = \"beside.rs\"] mod p; mod own { #[path = \"q.rs\"] mod q; }"),
        ("src/beside.rs", &model("Beside")),
        ("src/a/own/q.rs", &model("Q")),
        ("src/elsewhere/x.rs", "mod y;"),
        ("src/elsewhere/y.rs", &model("Y")),
        ("src/t/c.rs", &model("C")),
    ]);
    assert_eq!(package.models(), ["Q", "Beside", "Y", "C"]);
}

#[test]
fn conditions_are_honoured() {
    let lib = "#[cfg(feature = \"on\")] mod on; #[cfg(feature = \"off\")] mod off; #[cfg(test)] mod fixture; \
               #[cfg_attr(feature = \"on\", path = \"other.rs\")] mod moved; #[cfg(not(feature = \"off\"))] mod without;";
    let hidden = "#[cfg_attr(feature = \"on\", derive(schemig::Migratable))]\nstruct Hidden { id: i64, #[cfg(feature = \"off\")] gone: Mystery }\n\
                  #[cfg(feature = \"off\")]\n#[derive(Migratable)]\nstruct Off { id: i64 }\n\
                  #[cfg_attr(feature = \"off\", derive(Migratable))]\nstruct Never { id: i64 }";
    let package = Package::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"it\"\n[features]\ndefault = [\"more\"]\nmore = [\"on\"]\non = []\noff = []",
        ),
        ("src/lib.rs", lib),
        ("src/on.rs", hidden),
        ("src/other.rs", &model("Moved")),
        ("src/without.rs", "#![cfg(feature = \"off\")]\n#[derive(Migratable)] struct Inner { id: i64 }"),
    ]);
    assert_eq!(package.models(), ["Hidden", "Moved"]);
    let [hidden, _] = &package.scan().models[..] else { panic!("two models") };
    assert_eq!(hidden.fields.len(), 1);
}

#[test]
fn a_file_of_two_crates_is_read_once() {
    let package = Package::new(&[
        ("src/lib.rs", "mod models;"),
        ("src/main.rs", "mod models; fn main() {}"),
        ("src/models.rs", &model("Once")),
    ]);
    assert_eq!(package.models(), ["Once"]);
}

#[test]
fn raw_names_are_names() {
    let package = Package::new(&[
        ("src/lib.rs", "mod r#type;"),
        ("src/type.rs", "#[derive(Migratable)] struct User { id: i64, r#where: i32 }"),
    ]);
    assert_eq!(package.models(), ["User"]);
}

#[test]
fn models_in_macros_and_functions_arent_seen() {
    let package = Package::new(&[(
        "src/lib.rs",
        "m! { #[derive(Migratable)] struct A { id: i64 } } fn f() { #[derive(Migratable)] struct B { id: i64 } }",
    )]);
    assert!(package.models().is_empty());
}
