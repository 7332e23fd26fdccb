//! How a variant's name becomes a label when nothing else is said.

/// The styles that diesel-derive-enum knows. Snake case is its default, and ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Style {
    Snake,
    ScreamingSnake,
    Kebab,
    Camel,
    Pascal,
    Upper,
    Verbatim,
}

impl Style {
    const ALL: [Style; 7] = [
        Style::Snake,
        Style::ScreamingSnake,
        Style::Kebab,
        Style::Camel,
        Style::Pascal,
        Style::Upper,
        Style::Verbatim,
    ];

    fn name(self) -> &'static str {
        match self {
            Style::Snake => "snake_case",
            Style::ScreamingSnake => "SCREAMING_SNAKE_CASE",
            Style::Kebab => "kebab-case",
            Style::Camel => "camelCase",
            Style::Pascal => "PascalCase",
            Style::Upper => "UPPERCASE",
            Style::Verbatim => "verbatim",
        }
    }

    pub(super) fn named(name: &str) -> Option<Style> {
        Style::ALL.into_iter().find(|style| style.name() == name)
    }

    pub(super) fn known() -> String {
        format!("known here: {}", Style::ALL.map(Style::name).join(", "))
    }

    pub(super) fn apply(self, variant: &str) -> String {
        let words = words(variant);
        match self {
            Style::Snake => words.join("_"),
            Style::ScreamingSnake => words.join("_").to_uppercase(),
            Style::Kebab => words.join("-"),
            Style::Camel => {
                let pascal = Style::Pascal.apply(variant);
                let mut letters = pascal.chars();
                letters.next().map_or(String::new(), |first| first.to_lowercase().chain(letters).collect())
            }
            Style::Pascal => words.iter().map(|word| capitalised(word)).collect(),
            Style::Upper => variant.to_uppercase(),
            Style::Verbatim => variant.to_owned(),
        }
    }
}

fn capitalised(word: &str) -> String {
    let mut letters = word.chars();
    letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
}

/// Lower-case words: a capital after a small letter opens one, and so does the last capital of a run ("HTTPServer").
fn words(name: &str) -> Vec<String> {
    let letters: Vec<char> = name.chars().collect();
    let mut words: Vec<String> = Vec::new();
    let mut open = false;
    let mut after_small = false;
    for (position, letter) in letters.iter().copied().enumerate() {
        if letter == '_' {
            open = false;
            continue;
        }
        let before_small = letters.get(position + 1).is_some_and(|next| next.is_lowercase());
        if !open || (letter.is_uppercase() && (after_small || before_small)) {
            words.push(String::new());
            open = true;
        }
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
        // A digit is as small as the letter before it.
        after_small = letter.is_lowercase() || (after_small && !letter.is_uppercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_open_at_capitals() {
        let cases: [(&str, &[&str]); 7] = [
            ("Sad", &["sad"]),
            ("VeryHappy", &["very", "happy"]),
            ("HTTPServer", &["http", "server"]),
            ("Level2", &["level2"]),
            ("Level2Boss", &["level2", "boss"]),
            ("A", &["a"]),
            ("not_Camel", &["not", "camel"]),
        ];
        for (name, expected) in cases {
            assert_eq!(words(name), expected, "{name}");
        }
    }

    #[test]
    fn every_style_is_named_and_applied() {
        let labels = Style::ALL.map(|style| {
            assert_eq!(Style::named(style.name()), Some(style));
            style.apply("VeryHappy")
        });
        let expected =
            ["very_happy", "VERY_HAPPY", "very-happy", "veryHappy", "VeryHappy", "VERYHAPPY", "VeryHappy"];
        assert_eq!(labels, expected);
    }
}
