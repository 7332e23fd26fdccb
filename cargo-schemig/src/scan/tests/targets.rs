//! What a Cargo.toml says.

use super::{Package, Selection, model, names};

#[test]
fn every_target_is_a_root() {
    let package = Package::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"it\"\n[lib]\npath = \"library.rs\"\n[[bin]]\nname = \"a\"\npath = \"tools/a.rs\"\n\
                        [[bin]]\nname = \"off\"\npath = \"off.rs\"\nrequired-features = [\"none\"]",
        ),
        ("library.rs", &model("Library")),
        ("tools/a.rs", &model("Tool")),
        ("off.rs", &model("Off")),
        ("src/main.rs", &model("Main")),
        ("src/bin/b.rs", &model("B")),
        ("src/bin/c/main.rs", &model("C")),
        ("src/bin/c/part.rs", &model("Part")),
    ]);
    assert_eq!(package.models(), ["Library", "B", "C", "Main", "Tool"]);
}

#[test]
fn features_are_selected() {
    let package = Package::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"it\"\n[features]\ndefault = [\"a\"]\na = []\nb = [\"dep:x\", \"y\"]\n[dependencies]\n\
                        x = { version = \"1\", optional = true }\ny = { version = \"1\", optional = true }",
        ),
        (
            "src/lib.rs",
            "#[cfg_attr(feature = \"a\", derive(Migratable))] struct A { id: i64 } #[cfg_attr(feature = \"b\", derive(Migratable))] struct B { id: i64 }\n\
             #[cfg_attr(feature = \"y\", derive(Migratable))] struct Y { id: i64 }",
        ),
    ]);
    let with = |selection| names(&package.scan_with(selection).expect("a scan"));
    let b = || vec!["b".to_owned()];
    assert_eq!(with(Selection::default()), ["A"]);
    assert_eq!(with(Selection { features: b(), ..Selection::default() }), ["A", "B", "Y"]);
    assert_eq!(
        with(Selection { features: b(), no_default_features: true, ..Selection::default() }),
        ["B", "Y"]
    );
    assert_eq!(with(Selection { all_features: true, ..Selection::default() }), ["A", "B", "Y"]);
    let unknown = Selection { features: vec!["c".to_owned()], ..Selection::default() };
    let error = package.scan_with(unknown).expect_err("an unknown feature");
    assert_eq!(package.shown(&error), "Cargo.toml: it has no feature `c`");
}

#[test]
fn a_manifest_that_doesnt_do() {
    let package = Package::new(&[("src/lib.rs", "")]);
    for (manifest, reason) in [
        ("[workspace]", "Cargo.toml: it has no [package]; name one of the workspace's with -p"),
        ("[package]\nname = ", "Cargo.toml: TOML parse error at line 2"),
    ] {
        package.write("Cargo.toml", manifest);
        assert!(package.mistakes().starts_with(reason), "{}", package.mistakes());
    }
    let empty = Package::new(&[]);
    assert_eq!(empty.mistakes(), "Cargo.toml: it has neither a library nor a program");
    std::fs::remove_file(empty.path().join("Cargo.toml")).expect("it is there");
    assert!(empty.mistakes().starts_with("can't read Cargo.toml"), "{}", empty.mistakes());
}
