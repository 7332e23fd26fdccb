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
    let Manifest { roots, dependencies, features: _, library: _ } = read(false);
    let dependencies = dependencies.into_iter().map(|(name, found)| (name, found.directory.map(real)));
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

/// The features of the crate `shared`, by cargo and by the scan, where the package depends on it like this.
fn shared_features(
    workspace: &str,
    dependency: &str,
    features: &str,
) -> (BTreeSet<String>, BTreeSet<String>) {
    let manifest = format!(
        "[package]\nname = \"it\"\nedition = \"2024\"\n[features]\n{features}\n[dependencies]\nshared = {dependency}\n"
    );
    let package = package(&manifest, &["src/lib.rs"]);
    package.write(
        "../shared/Cargo.toml",
        "[package]\nname = \"shared\"\n[features]\ndefault = [\"usual\"]\nusual = []\nfull = [\"inner\"]\ninner = []\nother = []\n",
    );
    let workspace = format!(
        "[workspace]\nmembers = [\"app\"]\nexclude = [\"shared\"]\n[workspace.dependencies]\nshared = {workspace}\n"
    );
    package.write("../Cargo.toml", &workspace);
    let mut command = MetadataCommand::new();
    command.manifest_path(package.path().join("Cargo.toml")).other_options(["--offline".to_owned()]);
    let asked = command.exec().expect("cargo reads it");
    let shared = asked.packages.iter().find(|found| found.name == "shared").expect("the dependency");
    let resolved = asked.resolve.as_ref().expect("cargo resolves it");
    let node = resolved.nodes.iter().find(|node| node.id == shared.id).expect("it is depended on");
    let asked = node.features.iter().map(ToString::to_string).collect();
    let read = Manifest::read(&package.path(), &Selection::default()).expect("a manifest that does");
    let found = &read.dependencies["shared"];
    let directory = found.directory.as_ref().expect("it lies beside");
    (asked, Manifest::read(directory, &found.selection).expect("another").features)
}

#[test]
fn a_dependency_has_the_features_that_cargo_turns_on() {
    let near = "{ path = \"shared\" }";
    let bare = "{ path = \"shared\", default-features = false }";
    let given = "{ path = \"shared\", features = [\"other\"] }";
    let own = |more: &str| format!("{{ path = \"../shared\"{more} }}");
    let cases = [
        (near, own(""), "default = []"),
        (near, own(", default-features = false"), "default = []"),
        (near, own(", features = [\"full\"]"), "default = []"),
        (near, own(""), "default = [\"all\"]\nall = [\"shared/full\"]"),
        (near, own(""), "default = []\nall = [\"shared/full\"]"),
        (near, own(", optional = true"), "default = [\"shared\", \"shared?/full\"]"),
        (given, "{ workspace = true, features = [\"full\"] }".to_owned(), "default = []"),
        (bare, "{ workspace = true }".to_owned(), "default = [\"shared/inner\"]"),
        (bare, "{ workspace = true, default-features = true }".to_owned(), "default = []"),
    ];
    for (workspace, dependency, features) in cases {
        let (asked, read) = shared_features(workspace, &dependency, features);
        assert_eq!(asked, read, "{dependency} of {workspace}, {features}");
    }
}
