//! Mistakes in diesel.toml: where Diesel's CLI stops, schemig stops, at the place.

use crate::bench::Bench;

#[test]
fn both_stop_at_the_key() {
    let bench = Bench::sqlite("CREATE TABLE t (id INTEGER PRIMARY KEY NOT NULL)");
    for (toml, at, message) in [
        (
            "[print_scheme]\n",
            "print_scheme",
            "unknown field `print_scheme`, expected `print_schema` or `migrations_directory`",
        ),
        (
            "[print_schema]\nwith_doc = true\n",
            "with_doc",
            "unknown field `with_doc`, expected one of `file`, `with_docs`",
        ),
        (
            "[print_schema.x]\nwith_doc = true\n",
            "with_doc",
            "unknown field `with_doc`, expected one of `file`, `with_docs`",
        ),
        (
            "[print_schema]\nfilter = { only = [] }\n",
            "only",
            "unknown field `only`, expected `only_tables` or `except_tables`",
        ),
        (
            "[print_schema]\nfilter = { only_tables = [], except_tables = [\"x\"] }\n",
            "[\"x\"]",
            "and not both",
        ),
        (
            "[print_schema]\nfilter = { only_tables = [\"(\"] }\n",
            "\"(\"",
            "`(` is no regular expression: unclosed group",
        ),
        (
            "[print_schema]\nexcept_custom_type_definitions = [\"a\", \"*\"]\n",
            "\"*\"",
            "`*` is no regular expression",
        ),
        ("[print_schema]\npg_domains_as_custom_types = [\"[\"]\n", "\"[\"", "`[` is no regular expression"),
        (
            "[print_schema]\nwith_docs = \"some\"\n",
            "\"some\"",
            "with_docs is a boolean or one of the following",
        ),
        (
            "[print_schema]\ncolumn_sorting = \"age\"\n",
            "\"age\"",
            "unknown variant `age`, expected `ordinal_position` or `name`",
        ),
        (
            "[print_schema]\nimport_types = \"x\"\n",
            "\"x\"",
            "invalid type: string \"x\", expected a sequence",
        ),
        ("[print_schema]\nschema = \"shop\"\n", "\"shop\"", "a database of this kind has no schemas"),
        ("print_schema = 1\n", "1", "print_schema is a table"),
        ("[migrations_directory]\nfile = \"x\"\n", "file", "unknown field `file`, expected `dir`"),
    ] {
        let theirs = bench.theirs(toml).expect_err(toml);
        let stop = bench.ours(toml).expect_err(toml);
        let found = &stop.diagnostics[0];
        assert!(found.message.contains(message), "{toml}\n{found:?}\n{theirs}");
        let place = found.places.first().unwrap_or_else(|| panic!("{toml}\n{found:?}"));
        assert_eq!(&toml[place.bytes.clone()], at, "{toml}\n{found:?}");
        assert!(place.file.ends_with("diesel.toml"), "{found:?}");
    }
}
