//! Cargo.toml is read directly; this is what cargo itself says of it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use cargo_metadata::{CrateType, DependencyKind, MetadataCommand, Target};

use super::super::manifest::Manifest;
use super::{Package, Selection};

const MANIFEST: &str = r#"
[package]
name = "it"
edition = "2024"

[lib]
path = "library.rs"

[[bin]]
name = "a"
path = "tools/a.rs"

[[bin]]
name = "off"
path = "off.rs"
required-features = ["unset"]

[[bin]]
name = "hidden"
required-features = ["unset"]

[[bin]]
name = "on"
required-features = ["set"]

[[bin]]
name = "plain"

[features]
default = ["set"]
set = ["dep:hidden", "shown"]
unset = []

[dependencies]
hidden = { version = "1", optional = true }
shown = { version = "1", optional = true }
near-by = { path = "../near" }
renamed = { package = "shared", path = "../shared" }
serde = "1"

[dev-dependencies]
insta = "1"

[build-dependencies]
cc = "1"

[target.'cfg(unix)'.dependencies]
posix = { path = "../posix" }
"#;

fn package(manifest: &str, sources: &[&str]) -> Package {
    let package = Package::new(&[("Cargo.toml", manifest)]);
    for name in ["near-by", "shared", "posix"] {
        let directory = name.trim_end_matches("-by");
        let manifest = format!("[package]\nname = \"{name}\"\n");
        package.write(&format!("../{directory}/Cargo.toml"), &manifest);
        package.write(&format!("../{directory}/src/lib.rs"), "");
    }
    sources.iter().for_each(|path| package.write(path, "fn main() {}"));
    package
}

/// What cargo says of a package: where its crates start, the dependencies of its code, and the names of its features.
type Answer = (BTreeSet<PathBuf>, BTreeMap<String, Option<PathBuf>>, BTreeSet<String>);

fn asked(package: &Package, on: &BTreeSet<String>) -> Answer {
    let manifest = package.path().join("Cargo.toml");
    let asked = MetadataCommand::new().manifest_path(manifest).no_deps().exec().expect("cargo reads it");
    let found = asked.packages.iter().find(|found| found.name == "it").expect("the package");
    let is_root = |target: &&Target| {
        let is_library = target.crate_types.iter().all(|kind| *kind != CrateType::Bin);
        let is_linked = target.is_bin() || is_library;
        is_linked && target.required_features.iter().all(|feature| on.contains(feature))
    };
    let roots = found.targets.iter().filter(is_root).map(|target| real(target.src_path.as_std_path().into()));
    let normal = found.dependencies.iter().filter(|found| found.kind == DependencyKind::Normal);
    let dependencies = normal.map(|found| {
        let name = found.rename.as_ref().unwrap_or(&found.name).replace('-', "_");
        (name, found.path.as_ref().map(|path| real(path.as_std_path().into())))
    });
    (roots.collect(), dependencies.collect(), found.features.keys().cloned().collect())
}

fn read(package: &Package) -> Answer {
    let read = |all_features| {
        let selection = Selection { all_features, ..Selection::default() };
        Manifest::read(&package.path(), &selection).expect("a manifest that does")
    };
    let Manifest { roots, dependencies, features: _, renamed: _, library: _ } = read(false);
    let dependencies = dependencies.into_iter().map(|(name, path)| (name, path.map(real)));
    (roots.into_iter().map(real).collect(), dependencies.collect(), read(true).features)
}

fn real(path: PathBuf) -> PathBuf {
    path.canonicalize().expect("it is there")
}

fn agrees(package: &Package, on: &[&str]) {
    let on = on.iter().map(|feature| (*feature).to_owned()).collect();
    assert_eq!(read(package), asked(package, &on));
}

#[test]
fn targets_dependencies_and_features_are_those_that_cargo_sees() {
    let sources = [
        "library.rs",
        "tools/a.rs",
        "off.rs",
        "src/bin/hidden.rs",
        "src/bin/on.rs",
        "src/bin/plain/main.rs",
        "src/main.rs",
        "src/bin/found.rs",
        "src/bin/nested/main.rs",
        "src/bin/nested/part.rs",
        "examples/other.rs",
        "tests/other.rs",
    ];
    agrees(&package(MANIFEST, &sources), &["default", "set", "shown"]);
}

#[test]
fn what_cargo_is_told_not_to_look_for_is_no_target() {
    let manifest = "[package]\nname = \"it\"\nedition = \"2024\"\nautobins = false\nautolib = false\n\
                    [features]\ndefault = []\n[[bin]]\nname = \"it\"\n";
    agrees(&package(manifest, &["src/lib.rs", "src/main.rs", "src/bin/other.rs"]), &[]);
}

#[test]
fn an_inherited_dependency_lies_where_the_workspace_says() {
    let manifest = "[package]\nname = \"it\"\nedition = \"2024\"\n[features]\ndefault = []\n\
                    [dependencies]\nshared.workspace = true\nserde.workspace = true\n";
    let package = package(manifest, &["src/lib.rs"]);
    let workspace = "[workspace]\nmembers = [\"app\"]\n[workspace.dependencies]\nshared = { path = \"shared\" }\nserde = \"1\"\n";
    package.write("../Cargo.toml", workspace);
    agrees(&package, &[]);
}
