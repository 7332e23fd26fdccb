//! Plain TOML means what it means to the general parser, whatever somebody did to it.

use std::collections::BTreeMap;

use proptest::prelude::*;
use toml::Table;

use super::read;

const TEXT: &str = r#"format = 1
table = "users"
primary_key = ["id", "tenant"]

[[models]]
type = "User"
fingerprint = "0123456789abcdef"

[[models]]
type = "Account"
fingerprint = "fedcba9876543210"

[columns]
id = { type = "bigint", identity = "by_default" }
email = { type = "varchar(20)", nullable = true, default = "''" }
"a b.c" = { type = "text", generated = { expression = 'upper("select")', stored = false } }

[indexes]
users_email_key = { keys = [{ column = "email" }, { expression = "lower(email)" }], unique = true, include = [] }
"#;

/// What opens, closes or separates something in TOML, and what may stand nowhere.
const PIECES: &[&str] = &[
    "\"",
    "'",
    "\\",
    "\n",
    "\r\n",
    "\t",
    " ",
    "[",
    "]",
    "[[",
    "]]",
    "{",
    "}",
    ",",
    ", ",
    "=",
    " = ",
    ".",
    "#",
    "0",
    "-",
    "_",
    "é",
    "\u{7f}",
    "a",
    "true",
    "1e5",
    "\"\"\"",
    "type = 1, ",
    "[columns]\n",
    "[[models]]\n",
    "format = 1\n",
];

#[test]
fn what_schemig_writes_is_plain() {
    assert_eq!(read::<Table>(TEXT), Some(TEXT.parse().unwrap()));
}

#[test]
fn what_would_mean_something_else_is_left_to_the_general_parser() {
    for text in [
        "a = 1\na = 2\n",
        "a = { b = 1, b = 2 }\n",
        "[a]\nb = 1\nb = 2\n",
        "[a]\n[a]\n",
        "[[a]]\n[b]\n[[a]]\n",
        "a = 01\n",
        "a = \"\"\"\nb\"\"\"\n",
        "a = \"\\n\"\n",
        "a.b = 1\n",
        "[a.b]\n",
        "a = 1",
        "a = 1 # one\n",
        "a = 1.5\n",
        "a = {}\n",
    ] {
        assert_eq!(read::<Table>(text), None, "{text}");
    }
}

/// A map of the language would take the last of two; what a branch added twice must be noticed.
#[test]
fn a_key_stands_once() {
    type Sections = BTreeMap<String, BTreeMap<String, u32>>;
    assert!(read::<Sections>("[a]\nb = 1\n\n[c]\nb = 2\n").is_some());
    for text in ["[a]\nb = 1\nb = 2\n", "[a]\nb = 1\n[a]\nb = 1\n", "a = { b = 1, b = 2 }\n"] {
        assert!(read::<Sections>(text).is_none(), "{text}");
    }
}

/// Something that a person or a merge does to a text.
#[derive(Clone, Debug)]
enum Edit {
    Insert(usize, &'static str),
    Remove(usize, usize),
    Repeat(usize),
    Swap(usize, usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let at = 0..TEXT.len();
    let line = 0..TEXT.lines().count();
    prop_oneof![
        (at.clone(), prop::sample::select(PIECES)).prop_map(|(at, piece)| Edit::Insert(at, piece)),
        (at, 1..4usize).prop_map(|(at, length)| Edit::Remove(at, length)),
        line.clone().prop_map(Edit::Repeat),
        (line.clone(), line).prop_map(|(one, other)| Edit::Swap(one, other)),
    ]
}

fn apply(text: &str, edit: &Edit) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    match edit {
        Edit::Insert(at, piece) => {
            let at = (*at).min(letters.len());
            letters.splice(at..at, piece.chars());
            return letters.into_iter().collect();
        }
        Edit::Remove(at, length) => {
            let end = (at + length).min(letters.len());
            letters.drain((*at).min(end)..end);
            return letters.into_iter().collect();
        }
        Edit::Repeat(line) => lines.extend(lines.get(*line).copied()),
        Edit::Swap(one, other) => {
            let last = lines.len() - 1;
            lines.swap((*one).min(last), (*other).min(last));
        }
    }
    lines.concat()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(20_000))]

    #[test]
    fn an_edited_text_is_read_as_the_general_parser_reads_it_or_not_at_all(
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        let text = edits.iter().fold(TEXT.to_owned(), |text, edit| apply(&text, edit));
        if let Some(table) = read::<Table>(&text) {
            prop_assert_eq!(Ok(table), toml::from_str(&text), "{}", text);
        }
    }
}
