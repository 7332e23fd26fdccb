//! Reads TOML that stands as schemig writes it: an entry a line, single spaces, strings without escapes. Anything else is for the
//! general parser, which knows all of TOML and says what is wrong where.
//!
//! Each run reads the whole snapshot, a file per table, and hardly anybody edits one: the general parser would take most of the run.

mod reader;
mod value;

use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::de::{DeserializeOwned, DeserializeSeed, MapAccess, SeqAccess};

use reader::{Keys, NotPlain, Reader};
use value::Value;

/// What a text holds, where all of it is plain. `None` says nothing of what it may be.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Option<T> {
    let mut reader = Reader::new(text);
    let file = File { reader: &mut reader, keys: Keys::default(), part: Part::Entry };
    T::deserialize(MapAccessDeserializer::new(file)).ok().filter(|_| reader.is_at_end())
}

/// A file: entries, then sections.
struct File<'a, 'de> {
    reader: &'a mut Reader<'de>,
    keys: Keys<'de>,
    /// What the last key belongs to.
    part: Part<'de>,
}

enum Part<'de> {
    /// `key = value`.
    Entry,
    /// `[key]`.
    Section,
    /// `[[key]]`, of this key.
    Sections(&'de str),
}

impl<'de> MapAccess<'de> for File<'_, 'de> {
    type Error = NotPlain;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotPlain> {
        self.reader.skip_blank_lines();
        if self.reader.is_at_end() {
            return Ok(None);
        }
        let key;
        (key, self.part) = if self.reader.take("[[") {
            let key = self.reader.word()?;
            self.reader.expect("]]\n")?;
            (key, Part::Sections(key))
        } else if self.reader.take("[") {
            let key = self.reader.word()?;
            self.reader.expect("]\n")?;
            (key, Part::Section)
        } else {
            (self.reader.key()?, Part::Entry)
        };
        self.keys.add(key, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotPlain> {
        let reader = &mut *self.reader;
        match self.part {
            Part::Entry => entry(reader, seed),
            Part::Section => seed.deserialize(MapAccessDeserializer::new(Section::new(reader))),
            Part::Sections(name) => {
                seed.deserialize(SeqAccessDeserializer::new(Sections { reader, name, begun: true }))
            }
        }
    }
}

/// The value of an entry, to the end of its line.
fn entry<'de, V: DeserializeSeed<'de>>(reader: &mut Reader<'de>, seed: V) -> Result<V::Value, NotPlain> {
    let value = seed.deserialize(Value(&mut *reader))?;
    reader.expect("\n").map(|()| value)
}

/// The entries up to the next header or the end.
struct Section<'a, 'de> {
    reader: &'a mut Reader<'de>,
    keys: Keys<'de>,
}

impl<'a, 'de> Section<'a, 'de> {
    fn new(reader: &'a mut Reader<'de>) -> Self {
        Self { reader, keys: Keys::default() }
    }
}

impl<'de> MapAccess<'de> for Section<'_, 'de> {
    type Error = NotPlain;

    fn next_key_seed<K: DeserializeSeed<'de>>(&mut self, seed: K) -> Result<Option<K::Value>, NotPlain> {
        self.reader.skip_blank_lines();
        if self.reader.is_at_end() || self.reader.stands("[") {
            return Ok(None);
        }
        let key = self.reader.key()?;
        self.keys.add(key, seed)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, NotPlain> {
        entry(self.reader, seed)
    }
}

/// The sections of one name that follow each other.
struct Sections<'a, 'de> {
    reader: &'a mut Reader<'de>,
    name: &'de str,
    /// Whether the header of the next one was read.
    begun: bool,
}

impl<'de> SeqAccess<'de> for Sections<'_, 'de> {
    type Error = NotPlain;

    fn next_element_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<Option<T::Value>, NotPlain> {
        if !self.begun && !self.reader.take_header(self.name) {
            return Ok(None);
        }
        self.begun = false;
        seed.deserialize(MapAccessDeserializer::new(Section::new(self.reader))).map(Some)
    }
}

#[cfg(test)]
mod tests;
