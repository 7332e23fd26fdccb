//! The words that `#[schemig(…)]` knows, each with a form that a test parses.

/// One word of the grammar.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The word.
    pub word: &'static str,
    /// How it is written, shown beside a mistake.
    pub form: &'static str,
    /// May stand more than once.
    pub repeatable: bool,
}

const fn once(word: &'static str, form: &'static str) -> Key {
    Key { word, form, repeatable: false }
}

const fn many(word: &'static str, form: &'static str) -> Key {
    Key { word, form, repeatable: true }
}

/// What a struct may say.
pub const STRUCT_KEYS: &[Key] = &[
    once("name", r#"name = "users""#),
    once("schema", r#"schema = "auth""#),
    once("renamed_from", r#"renamed_from = "accounts""#),
    once("rows_from", r#"rows_from("accounts", id = "id", first = "upper(name)")"#),
    many("index", r#"index(first, second, where = "first > 0")"#),
    many("unique", r#"unique(first, second)"#),
    many("exclude", r#"exclude(first with "=", second with "&&")"#),
    many("check", r#"check("first < second")"#),
    many("dropped", r#"dropped("legacy", fill = "''")"#),
    once("comment", r#"comment = "who may log in""#),
    once("doc_comments", "doc_comments"),
];

/// What a field may say.
pub const FIELD_KEYS: &[Key] = &[
    once("name", r#"name = "e-mail""#),
    once("sql_type", r#"sql_type = "varchar(20)""#),
    once("default", r#"default = "now()""#),
    once("renamed_from", r#"renamed_from = "mail""#),
    once("backfill", r#"backfill(from = "org_memberships", key = "user_id", value = "organization_id")"#),
    once("new_column", "new_column"),
    once("convert", r#"convert = "first::bigint""#),
    once("convert_back", r#"convert_back = "first_2::int""#),
    once("references", r#"references(organizations(id), on_delete = cascade)"#),
    once("unique", r#"unique(name = "users_email_key")"#),
    once("index", r#"index(method = "gin")"#),
    many("check", r#"check("first > 0")"#),
    once("generated", r#"generated("price * quantity")"#),
    once("identity", r#"identity = always"#),
    once("collate", r#"collate = "C""#),
    once("comment", r#"comment = "as typed""#),
    once("skip", "skip"),
];

/// What an enum may say.
pub const ENUM_KEYS: &[Key] = &[once("name", r#"name = "mood""#)];

/// What a variant may say.
pub const VARIANT_KEYS: &[Key] =
    &[once("label", r#"label = "very happy""#), once("renamed_from", r#"renamed_from = "glad""#)];

/// What to write instead of `word`: the nearest known ones, or all of them if none is near.
pub(crate) fn suggestion<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let known: Vec<&str> = known.into_iter().collect();
    let quote = |words: &[&str]| words.iter().map(|w| format!("`{w}`")).collect::<Vec<_>>().join(", ");
    match nearest(word, known.iter().copied()).as_slice() {
        [] if known.is_empty() => None,
        [] => Some(format!("known here: {}", quote(&known))),
        near => Some(format!("did you mean {}?", quote(near))),
    }
}

/// The known words, two at most, that somebody may have meant who wrote `word`: the nearest first.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let far = |candidate: &str| candidate.len().max(word.len()) / 3 + 1;
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(steps, candidate)| *steps <= far(candidate))
        .collect();
    near.sort();
    near.into_iter().take(2).map(|(_, word)| word).collect()
}

/// Letters to insert, remove or replace (Levenshtein).
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distance_counts_letters() {
        assert_eq!(distance("", "abc"), 3);
        assert_eq!(distance("renamed_form", "renamed_from"), 2);
        assert_eq!(distance("kitten", "sitting"), 3);
        assert_eq!(distance("same", "same"), 0);
    }

    #[test]
    fn the_nearest_word_is_suggested_and_else_all() {
        let words = ["default", "renamed_from", "skip"];
        assert_eq!(suggestion("defualt", words).unwrap(), "did you mean `default`?");
        assert_eq!(suggestion("zzzzzzzzzz", words).unwrap(), "known here: `default`, `renamed_from`, `skip`");
        assert_eq!(suggestion("x", []), None);
    }

    #[test]
    fn words_are_unique_and_snake_case() {
        for keys in [STRUCT_KEYS, FIELD_KEYS, ENUM_KEYS, VARIANT_KEYS] {
            for (position, key) in keys.iter().enumerate() {
                assert!(key.word.chars().all(|c| c.is_ascii_lowercase() || c == '_'), "{}", key.word);
                assert!(key.form.starts_with(key.word), "{}", key.form);
                assert!(keys[..position].iter().all(|other| other.word != key.word), "{} twice", key.word);
            }
        }
    }
}
