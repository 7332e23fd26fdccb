//! The tokens of plain TOML.

use std::fmt;

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{self, DeserializeSeed};

/// A text isn't plain, or isn't what is wanted.
#[derive(Debug)]
pub(super) struct NotPlain;

impl fmt::Display for NotPlain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is for the general parser")
    }
}

impl std::error::Error for NotPlain {}

impl de::Error for NotPlain {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self
    }
}

/// A text, read from its front.
pub(super) struct Reader<'de> {
    rest: &'de str,
}

impl<'de> Reader<'de> {
    pub(super) fn new(text: &'de str) -> Self {
        Self { rest: text }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.rest.is_empty()
    }

    /// Whether this stands next.
    pub(super) fn stands(&self, token: &str) -> bool {
        self.rest.starts_with(token)
    }

    /// Whether this stands next; passes over it then.
    pub(super) fn take(&mut self, token: &str) -> bool {
        let rest = self.rest.strip_prefix(token);
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn expect(&mut self, token: &str) -> Result<(), NotPlain> {
        if self.take(token) { Ok(()) } else { Err(NotPlain) }
    }

    /// Whether `[[name]]` stands next; passes over it then.
    pub(super) fn take_header(&mut self, name: &str) -> bool {
        let inside = self.rest.strip_prefix("[[").and_then(|rest| rest.strip_prefix(name));
        let rest = inside.and_then(|rest| rest.strip_prefix("]]\n"));
        self.rest = rest.unwrap_or(self.rest);
        rest.is_some()
    }

    pub(super) fn skip_blank_lines(&mut self) {
        self.rest = self.rest.trim_start_matches('\n');
    }

    /// A bare key, a number or a truth value.
    pub(super) fn word(&mut self) -> Result<&'de str, NotPlain> {
        let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
        match self.rest.bytes().take_while(is_word).count() {
            0 => Err(NotPlain),
            length => Ok(self.next(length)),
        }
    }

    /// A string on one line that stands for itself.
    pub(super) fn string(&mut self) -> Result<&'de str, NotPlain> {
        let quote = if self.take("\"") { "\"" } else { "'" };
        if quote == "'" {
            self.expect(quote)?;
        }
        let ends = |c: char| quote.starts_with(c) || c == '\\' || c.is_ascii_control();
        let length = self.rest.find(ends).ok_or(NotPlain)?;
        let text = self.next(length);
        self.expect(quote).map(|()| text)
    }

    /// A key, and the `=` behind it.
    pub(super) fn key(&mut self) -> Result<&'de str, NotPlain> {
        let key = if self.stands("\"") { self.string() } else { self.word() }?;
        self.expect(" = ").map(|()| key)
    }

    /// The next so many bytes.
    fn next(&mut self, length: usize) -> &'de str {
        let (next, rest) = self.rest.split_at(length);
        self.rest = rest;
        next
    }
}

/// The keys of a table so far. TOML wants each once, and a map would keep the last. Tables are short: a set would cost more.
#[derive(Default)]
pub(super) struct Keys<'de>(Vec<&'de str>);

impl<'de> Keys<'de> {
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn add<K: DeserializeSeed<'de>>(
        &mut self,
        key: &'de str,
        seed: K,
    ) -> Result<Option<K::Value>, NotPlain> {
        if self.0.contains(&key) {
            return Err(NotPlain);
        }
        self.0.push(key);
        seed.deserialize(BorrowedStrDeserializer::new(key)).map(Some)
    }
}
