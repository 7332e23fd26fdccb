//! `patch_file`.

use crate::bench::Bench;

const PATCHED: &str = "[print_schema]\npatch_file = \"schema.patch\"\n";

/// Another type for a column, with lines around it as `diff -u` and `git diff` give them.
fn patch(from: &str, to: &str) -> String {
    format!(
        "--- a/schema.rs\n+++ b/schema.rs\n@@ -3,6 +3,6 @@\n diesel::table! {{\n     t (id) {{\n         id -> {from},\n\
         -        at -> {from},\n+        at -> {to},\n     }}\n }}\n"
    )
}

#[test]
fn a_patch_that_fits() {
    let sql = "CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL, at INTEGER NOT NULL)";
    for (bench, of) in [(Bench::sqlite(sql), "Integer"), (Bench::postgres(sql), "Int4")] {
        bench.write("schema.patch", &patch(of, "crate::types::Moment"));
        let printed = bench.differs("patch_file = \"schema.patch\"");
        assert!(printed.contains("at -> crate::types::Moment"), "{printed}");
        bench.same(
            "[print_schema.one]\npatch_file = \"schema.patch\"\n[print_schema.default]\nwith_docs = true\n",
        );
    }
}

#[test]
fn a_patch_that_does_not_is_named_where_it_is_said() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)");
    for (text, message) in [
        (None, "can't read"),
        (Some("@@ nothing @@\n".to_owned()), "is no patch"),
        (Some(patch("BigInt", "Text")), "doesn't fit schema.rs"),
    ] {
        if let Some(text) = text {
            bench.write("schema.patch", &text);
        }
        bench.theirs(PATCHED).expect_err("no patch");
        let stop = bench.ours(PATCHED).expect_err("no patch");
        let found = &stop.diagnostics[0];
        assert!(found.message.contains("schema.patch") && found.message.contains(message), "{found:?}");
        assert_eq!(&PATCHED[found.places[0].bytes.clone()], "\"schema.patch\"");
    }
}
