//! What is wrong, shown where it stands in the source, the way rustc does it.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

/// Something wrong, and what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What is wrong, in a clause.
    pub message: String,
    /// Where: the first place is the one to point at.
    pub places: Vec<Spot>,
    /// What follows from it.
    pub notes: Vec<String>,
    /// What to write or to do, the cheapest first.
    pub help: Vec<String>,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The file's path, relative to the package where it can be.
    pub file: String,
    /// The bytes that it covers.
    pub bytes: Range<usize>,
}

impl Diagnostic {
    /// Something wrong.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into(), places: Vec::new(), notes: Vec::new(), help: Vec::new() }
    }

    /// The same, at a place.
    pub fn at(mut self, file: impl Into<String>, bytes: Range<usize>) -> Self {
        self.places.push(Spot { file: file.into(), bytes });
        self
    }

    /// The same, with what follows from it.
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same, with what to do about it.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }
}

/// Diagnostics as text. `read` gives the text of a file that one points into; without it, the place is named only.
pub fn render(diagnostics: &[Diagnostic], colour: bool, read: impl Fn(&str) -> Option<String>) -> String {
    let renderer = if colour { Renderer::styled() } else { Renderer::plain() };
    let mut sources: BTreeMap<&str, String> = BTreeMap::new();
    for spot in diagnostics.iter().flat_map(|diagnostic| &diagnostic.places) {
        if !sources.contains_key(spot.file.as_str())
            && let Some(text) = read(&spot.file)
        {
            sources.insert(&spot.file, text);
        }
    }
    let mut out = String::new();
    for diagnostic in diagnostics {
        out.push_str(&renderer.render(&[group(diagnostic, &sources)]));
        out.push_str("\n\n");
    }
    out
}

fn group<'a>(diagnostic: &'a Diagnostic, sources: &'a BTreeMap<&str, String>) -> Group<'a> {
    let Diagnostic { message, places, notes, help } = diagnostic;
    let mut group = Group::with_title(Level::ERROR.primary_title(message.as_str()));
    for (nth, spot) in places.iter().enumerate() {
        let kind = if nth == 0 { AnnotationKind::Primary } else { AnnotationKind::Context };
        group = match sources.get(spot.file.as_str()) {
            Some(text) => group.element(
                Snippet::source(text.as_str())
                    .path(spot.file.as_str())
                    .annotation(kind.span(within(&spot.bytes, text))),
            ),
            None => group.element(Level::NOTE.message(format!("in {}", spot.file))),
        };
    }
    for note in notes {
        group = group.element(Level::NOTE.message(note.as_str()));
    }
    for answer in help {
        group = group.element(Level::HELP.message(answer.as_str()));
    }
    group
}

/// The range, cut to the text: the file may have changed since it was read.
fn within(bytes: &Range<usize>, text: &str) -> Range<usize> {
    let end = bytes.end.min(text.len());
    bytes.start.min(end)..end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_shown_in_its_line() {
        let text = "struct User {\n    id: Idd,\n}\n";
        let found = Diagnostic::new("unknown type").at("src/models.rs", 22..25).help("write `Id`");
        let shown = render(&[found], false, |file| (file == "src/models.rs").then(|| text.to_owned()));
        assert!(shown.contains("error: unknown type"), "{shown}");
        assert!(shown.contains("src/models.rs:2:9"), "{shown}");
        assert!(shown.contains("id: Idd,"), "{shown}");
        assert!(shown.contains("help: write `Id`"), "{shown}");
    }

    #[test]
    fn a_file_that_is_gone_is_named() {
        let found = Diagnostic::new("unknown type").at("src/models.rs", 22..25);
        let shown = render(&[found], false, |_| None);
        assert!(shown.contains("in src/models.rs"), "{shown}");
    }

    #[test]
    fn a_place_past_the_end_is_cut() {
        let found = Diagnostic::new("unknown type").at("a", 4..99);
        assert!(render(&[found], false, |_| Some("abc\n".to_owned())).contains("error: unknown type"));
    }
}
