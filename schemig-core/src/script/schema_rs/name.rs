//! What `diesel print-schema` calls a table or a column in Rust.

/// The Rust name of an SQL name. A column may not be called like its table's module, and gets an underscore then.
pub(super) fn rust_name(sql: &str, table: Option<&str>) -> String {
    let name = mapped(sql);
    if is_reserved(&name) || table == Some(name.as_str()) { format!("{name}_") } else { name }
}

/// Runs of what Rust takes in no name become one underscore, and a digit in front gets one.
fn mapped(sql: &str) -> String {
    let mut name = String::with_capacity(sql.len() + 1);
    let mut run = sql.starts_with(|first: char| first.is_ascii_digit());
    if run {
        name.push('_');
    }
    for letter in sql.chars() {
        let fits = letter.is_ascii_alphanumeric() || letter == '_';
        if fits {
            name.push(letter);
        } else if !run {
            name.push('_');
        }
        run = !fits;
    }
    name
}

/// Rust's keywords, what `table!` itself defines, and names with two underscores in front, which Diesel keeps for itself.
fn is_reserved(name: &str) -> bool {
    is_keyword(name)
        || ["table", "columns", "is_nullable"].contains(&name)
        || name.starts_with("__") && !name.ends_with('_')
}

fn is_keyword(name: &str) -> bool {
    matches!(
        name,
        "" | "_"
            | "abstract"
            | "as"
            | "async"
            | "await"
            | "become"
            | "box"
            | "break"
            | "const"
            | "continue"
            | "crate"
            | "do"
            | "dyn"
            | "else"
            | "enum"
            | "extern"
            | "false"
            | "final"
            | "fn"
            | "for"
            | "if"
            | "impl"
            | "in"
            | "let"
            | "loop"
            | "macro"
            | "match"
            | "mod"
            | "move"
            | "mut"
            | "override"
            | "priv"
            | "pub"
            | "ref"
            | "return"
            | "Self"
            | "self"
            | "static"
            | "struct"
            | "super"
            | "trait"
            | "true"
            | "try"
            | "type"
            | "typeof"
            | "unsafe"
            | "unsized"
            | "use"
            | "virtual"
            | "where"
            | "while"
            | "yield"
    )
}

#[cfg(test)]
mod tests {
    use super::rust_name;

    #[test]
    fn names_are_those_of_print_schema() {
        for (sql, table, rust) in [
            ("users", None, "users"),
            ("type", None, "type_"),
            ("columns", None, "columns_"),
            ("union", None, "union"),
            ("users", Some("users"), "users_"),
            ("first name (full)", None, "first_name_full_"),
            ("2fa", None, "_2fa"),
            ("é", None, "__"),
            ("naïve", None, "na_ve"),
            ("__x", None, "__x_"),
            ("__x_", None, "__x_"),
        ] {
            assert_eq!(rust_name(sql, table), rust, "{sql}");
        }
    }
}
