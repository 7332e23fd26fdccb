//! `partition_by(…)`: what is refused, where, and with which advice.

use super::mistakes;

#[test]
fn each_at_its_place() {
    for (attributes, fields, expected) in [
        (
            "partition_by()",
            "",
            "1:10 `partition_by` doesn't say by what [it is written `partition_by(range(created_at))`, with `list` or `hash` for `range`]",
        ),
        (
            "partition_by(range())",
            "",
            "1:23 `range` names no column [it is written `partition_by(range(created_at))`, with `list` or `hash` for `range`]",
        ),
        ("partition_by(rang(day))", "", "1:23 `rang` is no option of `partition_by` [did you mean `range`?]"),
        ("partition_by(range(dy))", "", "1:29 no field is the column `dy` [did you mean `day`?]"),
        ("partition_by(range(day, day))", "", "1:34 `day` is listed twice"),
        ("partition_by(range(day), partitions = [\"a\", \"a\"])", "", "1:54 `a` is listed twice"),
        ("partition_by(list(id, day))", "", "1:32 `list` is over one column"),
        (
            "partition_by(range(at))",
            "at: i64,",
            "1:29 `at` decides a row's partition, and isn't in the primary key [a key is kept within each partition: `#[diesel(primary_key(id, day, at))]`]",
        ),
        (
            "partition_by(range(day)), unique(id)",
            "",
            "1:36 this unique key lacks `day`, which decides a row's partition [a key is kept within each partition: list `day` too, in a `unique(…)` on the struct]",
        ),
        (
            "partition_by(range(day))",
            "#[schemig(unique)] a: i64,",
            "2:21 this unique key lacks `day`, which decides a row's partition [a key is kept within each partition: list `day` too, in a `unique(…)` on the struct]",
        ),
        (
            "partition_by(range(day)), rows_from(\"b\", id = \"id\")",
            "",
            "1:36 `rows_from` would write to a table that has no partition yet [make the table without it, then its partitions, and let the app copy the rows]",
        ),
    ] {
        let source = format!(
            "#[schemig({attributes})] #[diesel(primary_key(id, day))]\nstruct A {{ {fields} id: i64, day: i64 }}"
        );
        assert_eq!(mistakes(&source), [expected], "{attributes} {fields}");
    }
}
