//! Enums: what no release can run beside, and files that can't be used.

use super::{model, refused, refused_at, schemig, shipped_on_postgres};
use crate::support::Crate;

const MOOD: &str = "#[derive(MigratableEnum)]\npub enum Mood {\n    Sad,\n    SoSo,\n}\n";

fn people() -> String {
    MOOD.to_owned() + &model("User", "users", "pub id: i64,\npub mood: Mood,")
}

/// A shipped crate whose models have something else in place of a piece.
fn now(from: &str, to: &str) -> Crate {
    let home = shipped_on_postgres(&people());
    assert_eq!(people().matches(from).count(), 1, "{from}");
    home.write("src/lib.rs", &people().replace(from, to));
    home
}

#[test]
fn a_label_that_goes() {
    refused_at(&now("    SoSo,\n", ""), &["diff"], "label_that_goes", "src/lib.rs:2:10");
}

#[test]
fn a_label_that_may_be_renamed() {
    refused_at(&now("SoSo", "Meh"), &["diff"], "label_that_may_be_renamed", "src/lib.rs:2:10");
}

#[test]
fn labels_in_another_order() {
    let home = now("    Sad,\n    SoSo,\n", "    SoSo,\n    Sad,\n");
    refused_at(&home, &["diff"], "labels_in_another_order", "src/lib.rs:2:10");
}

#[test]
fn a_new_label_that_the_old_release_would_read() {
    let optional = people().replace("pub mood: Mood", "pub mood: Option<Mood>");
    let home = shipped_on_postgres(&optional);
    let filled = people().replace("    SoSo,\n", "    SoSo,\n    Meh,\n");
    home.write(
        "src/lib.rs",
        &filled.replace("    pub mood", "    #[schemig(backfill = \"'meh'\")]\n    pub mood"),
    );
    refused_at(&home, &["diff"], "new_label_for_the_old_release", "src/lib.rs:12:9");
}

#[test]
fn an_enum_without_variants() {
    let home = now("    Sad,\n    SoSo,\n", "");
    refused(&home, &["diff"], 2, &["src/lib.rs:2:10", "an enum without variants has no labels"]);
}

#[test]
fn an_enum_file_that_cannot_be_used() {
    let home = shipped_on_postgres(&people());
    assert!(home.read("schemig/snapshot/enums/mood.toml").contains("enum = \"mood\""));
    let (code, text) = schemig(&home, &["diff", "--check"]);
    assert_eq!(code, 0, "{text}");
    home.write("schemig/snapshot/enums/copy.toml", &home.read("schemig/snapshot/enums/mood.toml"));
    refused(
        &home,
        &["diff"],
        2,
        &["copy.toml says that it is enum mood", "schemig/snapshot/enums/mood.toml"],
    );
    home.write("schemig/snapshot/enums/copy.toml", "format = 1\nenum = \"copy\"\nlabel = []\n");
    refused(&home, &["diff"], 2, &["schemig/snapshot/enums/copy.toml:3:1", "is damaged"]);
}
