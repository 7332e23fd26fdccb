//! How SQL is laid out on lines.

/// Each line further to the right, but for the lines of a string: there, spaces would be part of the value.
pub(super) fn indent(text: &str, width: usize) -> String {
    let spaces = " ".repeat(width);
    let mut indented = if text.starts_with('\n') { String::new() } else { spaces.clone() };
    let mut quote = None;
    let mut escapes = false;
    let mut characters = text.chars().peekable();
    let mut before = ' ';
    while let Some(character) = characters.next() {
        indented.push(character);
        match quote {
            None if character == '\'' || character == '"' => {
                quote = Some(character);
                escapes = character == '\'' && matches!(before, 'e' | 'E');
            }
            None if character == '\n' && characters.peek().is_some_and(|next| *next != '\n') => {
                indented.push_str(&spaces);
            }
            None => {}
            Some(_) if escapes && character == '\\' => indented.extend(characters.next()),
            Some(open) if character == open => quote = None,
            Some(_) => {}
        }
        before = character;
    }
    indented
}

#[cfg(test)]
mod tests {
    use super::indent;

    #[test]
    fn the_lines_of_a_string_stay_where_they_are() {
        assert_eq!(indent("a\n'b\nc'\nd", 2), "  a\n  'b\nc'\n  d");
        assert_eq!(indent("E'\\'\nb'\nc", 1), " E'\\'\nb'\n c");
        assert_eq!(indent("'it''s\nb'\n\nc", 1), " 'it''s\nb'\n\n c");
    }
}
