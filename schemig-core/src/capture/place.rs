//! Where something stands in the source, and what is wrong there: plain data, for spans belong to the thread that parsed.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A place in a source file. Small: every word of every model has one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// The file, as the scan was given it.
    pub file: Arc<str>,
    /// The line, from 1.
    pub line: u32,
    /// The column in characters, from 1.
    pub column: u32,
    bytes: Range<u32>,
}

impl Place {
    /// A line and a column of a file, each from 1, and the bytes that are meant there. A file of 4 GB has no model.
    pub fn new(file: &Arc<str>, line: usize, column: usize, bytes: Range<usize>) -> Self {
        let short = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let bytes = short(bytes.start)..short(bytes.end);
        Self { file: file.clone(), line: short(line), column: short(column), bytes }
    }

    /// The bytes of the file that it covers.
    pub fn bytes(&self) -> Range<usize> {
        self.bytes.start as usize..self.bytes.end as usize
    }

    /// What sorts places as a reader meets them.
    fn order(&self) -> (&str, u32, u32, u32) {
        let Self { file, line, column, bytes } = self;
        (file, *line, *column, bytes.end)
    }
}

impl PartialOrd for Place {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Place {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.order().cmp(&other.order()).then_with(|| self.bytes.start.cmp(&other.bytes.start))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, bytes: _ } = self;
        write!(f, "{file}:{line}:{column}")
    }
}

/// A mistake in the models.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// Where: the first place is the one to point at, the others belong to it. Never empty.
    pub places: Vec<Place>,
    /// What is wrong, in a clause.
    pub message: String,
    /// What to write instead, if that is known.
    pub help: Option<String>,
    /// What it misses, if that is what is wrong. Where some sources can't be read it may be in those, and this mistake follows from theirs.
    pub misses: Option<Missing>,
}

/// What a model names and the sources don't hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Missing {
    /// A table.
    Table,
    /// A type.
    Type,
}

impl Fault {
    /// A mistake at one place.
    pub fn at(place: &Place, message: impl Into<String>) -> Self {
        Self { places: vec![place.clone()], message: message.into(), help: None, misses: None }
    }

    /// The same mistake, with what to write instead.
    pub fn help(self, help: impl Into<String>) -> Self {
        Self { help: Some(help.into()), ..self }
    }

    /// The same mistake, which is that something isn't there.
    pub fn misses(self, what: Missing) -> Self {
        Self { misses: Some(what), ..self }
    }

    /// The same mistake, with another place that belongs to it.
    pub fn and(mut self, place: &Place) -> Self {
        self.places.push(place.clone());
        self
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { places, message, help, misses: _ } = self;
        if let Some(place) = places.first() {
            write!(f, "{place}: ")?;
        }
        f.write_str(message)?;
        for place in places.iter().skip(1) {
            write!(f, "\n  and {place}")?;
        }
        help.as_ref().map_or(Ok(()), |help| write!(f, "\n  help: {help}"))
    }
}
