//! A file's text, and where things stand in it.

use std::sync::Arc;

use proc_macro2::{LineColumn, Span};
use schemig_core::capture::Place;

/// A file's text, with the places of its lines.
pub struct Source<'a> {
    file: &'a Arc<str>,
    bytes: &'a [u8],
    /// Where each line starts.
    lines: Vec<usize>,
    /// Whether a character is a byte.
    is_ascii: bool,
}

impl<'a> Source<'a> {
    /// The text of a file.
    pub fn new(file: &'a Arc<str>, bytes: &'a [u8]) -> Self {
        let ends = memchr::memchr_iter(b'\n', bytes);
        let lines = std::iter::once(0).chain(ends.map(|end| end + 1)).collect();
        Self { file, bytes, lines, is_ascii: bytes.is_ascii() }
    }

    /// The data form of a span of this file.
    ///
    /// proc-macro2 knows a span's bytes too. It counts characters for that and keeps what it counted, in a tree: for all words of all
    /// models that took a tenth of a scan.
    pub fn place(&self, span: Span) -> Place {
        let start = span.start();
        let bytes = self.byte(start)..self.byte(span.end());
        Place::new(self.file, start.line, start.column + 1, bytes)
    }

    /// The place of a byte.
    pub fn place_of_byte(&self, at: usize) -> Place {
        let line = self.lines.partition_point(|start| *start <= at);
        let before = &self.bytes[self.lines[line - 1]..at.min(self.bytes.len())];
        let column = String::from_utf8_lossy(before).chars().count() + 1;
        Place::new(self.file, line, column, at..at)
    }

    /// The byte of a line's character.
    fn byte(&self, at: LineColumn) -> usize {
        let LineColumn { line, column } = at;
        let start = self.lines.get(line - 1).copied().unwrap_or(self.bytes.len());
        if self.is_ascii {
            return start + column;
        }
        let rest = std::str::from_utf8(&self.bytes[start..]).unwrap_or_default();
        start + rest.chars().take(column).map(char::len_utf8).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What stands at the spans and what proc-macro2 says of them.
    #[test]
    fn a_span_covers_the_bytes_that_it_says() {
        for text in
            ["struct A;\n\nstruct Bee {\n    id: i64,\n}\n", "/* é */ struct A;\nstruct Ü { größe: i64 }"]
        {
            let file = Arc::from("a.rs");
            let source = Source::new(&file, text.as_bytes());
            let parsed = syn::parse_file(text).unwrap();
            for item in &parsed.items {
                let syn::Item::Struct(item) = item else { panic!("{text}") };
                for ident in std::iter::once(&item.ident).chain(item.fields.iter().flat_map(|f| &f.ident)) {
                    let span = ident.span();
                    let place = source.place(span);
                    assert_eq!(place.bytes(), span.byte_range());
                    assert_eq!(text[place.bytes()], ident.to_string());
                    let of_byte = source.place_of_byte(place.bytes().start);
                    assert_eq!((of_byte.line, of_byte.column), (place.line, place.column));
                }
            }
        }
    }
}
