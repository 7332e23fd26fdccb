//! What can be told of a file without parsing it.

use memchr::memmem;

use super::bytes::{is_word, skip_comment, skip_space, skip_string, word_length};

/// A `mod name;` that stands under no condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Module {
    /// The inline modules around it.
    pub inside: Vec<String>,
    /// Its name.
    pub name: String,
    /// Where the name starts.
    pub at: usize,
}

/// What a file's `mod` declarations need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Modules {
    /// These are all.
    Plain(Vec<Module>),
    /// Some are under a condition or have a path: the file must be parsed.
    Parse,
}

/// Whether the bytes name a derive that schemig looks for. `Migratable` is part of `MigratableEnum`.
pub fn names_derive(bytes: &[u8]) -> bool {
    memmem::find(bytes, b"Migratable").is_some() || memmem::find(bytes, b"DbEnum").is_some()
}

/// Whether the bytes declare a type of this name, or import one under it for others.
pub fn declares(bytes: &[u8], name: &str) -> bool {
    memmem::find_iter(bytes, name).any(|at| {
        let ends = bytes.get(at + name.len()).is_none_or(|byte| !is_word(*byte));
        let before = bytes[..at].trim_ascii_end();
        let apart = before.len() < at;
        let keyword = |word: &[u8]| {
            let head = before.strip_suffix(word);
            head.is_some_and(|head| head.last().is_none_or(|byte| !is_word(*byte)))
        };
        let declared = || [&b"struct"[..], b"enum", b"type", b"union"].into_iter().any(keyword);
        ends && apart && (declared() || keyword(b"as") && is_import(before))
    })
}

/// Whether the bytes give on a name that another crate may declare: by a `pub use`, or by any in a file that has modules below it.
pub fn gives(bytes: &[u8], name: &str) -> bool {
    memmem::find_iter(bytes, name).any(|at| {
        let ends = bytes.get(at + name.len()).is_none_or(|byte| !is_word(*byte));
        let starts = at > 0 && !is_word(bytes[at - 1]);
        let before = &bytes[..at];
        let start = before.iter().rposition(|byte| *byte == b';').unwrap_or(0);
        let has = |bytes: &[u8], word: &[u8]| memmem::find(bytes, word).is_some();
        ends && starts && is_import(before) && (has(&before[start..], b"pub") || has(bytes, b"mod "))
    })
}

/// Whether the statement that ends here is a `use`.
fn is_import(before: &[u8]) -> bool {
    let start = before.iter().rposition(|byte| *byte == b';').unwrap_or(0);
    memmem::find(&before[start..], b"use ").is_some()
}

/// The file modules of a source text.
pub fn modules(bytes: &[u8]) -> Modules {
    if !may_declare(bytes) {
        return Modules::Plain(Vec::new());
    }
    let mut walk = Walk { bytes, at: 0, scopes: Vec::new(), item: Item::default(), found: Vec::new() };
    while walk.at < bytes.len() {
        if walk.step().is_none() {
            return Modules::Parse;
        }
    }
    Modules::Plain(walk.found)
}

/// Whether `mod name;` stands anywhere, be it in a comment.
fn may_declare(bytes: &[u8]) -> bool {
    memmem::find_iter(bytes, b"mod").any(|at| {
        let starts = at == 0 || !is_word(bytes[at - 1]);
        let rest = &bytes[at + 3..];
        let name = skip_space(rest, 0);
        let end = name + word_length(&rest[name..]);
        starts && name > 0 && end > name && rest.get(skip_space(rest, end)) == Some(&b';')
    })
}

/// A walk over a file's tokens that sees braces, attributes and `mod`.
struct Walk<'a> {
    bytes: &'a [u8],
    at: usize,
    scopes: Vec<Scope>,
    item: Item,
    found: Vec<Module>,
}

/// What an open brace belongs to.
enum Scope {
    /// An inline module; whether it is under a condition or has a path.
    Module(String, bool),
    /// Anything else. No file module stands in there.
    Other,
}

/// The item that is being read.
#[derive(Default)]
struct Item {
    /// It is under a condition or has a path.
    special: bool,
    /// `mod` was the last word.
    keyword: bool,
    /// The module's name, and where it stands.
    module: Option<(String, usize)>,
}

impl Walk<'_> {
    /// Reads one token. `None`: the file must be parsed.
    fn step(&mut self) -> Option<()> {
        let byte = self.bytes[self.at];
        match byte {
            b'/' => self.slash(),
            b'"' => self.at = skip_string(self.bytes, self.at + 1),
            b'\'' => self.quote(),
            b'#' => return self.attribute(),
            b'{' => self.open(),
            b'}' => {
                self.scopes.pop();
                self.item = Item::default();
                self.at += 1;
            }
            b';' => return self.semicolon(),
            _ if is_word(byte) => self.word(),
            _ => self.at += 1,
        }
        Some(())
    }

    fn slash(&mut self) {
        match self.bytes.get(self.at + 1) {
            Some(b'/') => {
                let rest = &self.bytes[self.at..];
                self.at += memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            }
            Some(b'*') => self.at = skip_comment(self.bytes, self.at),
            Some(_) | None => self.at += 1,
        }
    }

    /// A character, or a lifetime.
    fn quote(&mut self) {
        let rest = &self.bytes[self.at + 1..];
        let width = match rest.first() {
            Some(b'\\') => memchr::memchr(b'\'', rest.get(2..).unwrap_or_default()).map(|end| end + 2),
            Some(first) => {
                let length = match first {
                    0..0x80 => 1,
                    0x80..0xe0 => 2,
                    0xe0..0xf0 => 3,
                    0xf0.. => 4,
                };
                (rest.get(length) == Some(&b'\'')).then_some(length)
            }
            None => None,
        };
        self.at += width.map_or(1, |width| width + 2);
    }

    fn word(&mut self) {
        let length = word_length(&self.bytes[self.at..]);
        let word = &self.bytes[self.at..self.at + length];
        let start = self.at;
        self.at += length;
        if matches!(word, b"r" | b"b" | b"br" | b"c" | b"cr") && self.string_follows(word) {
            return;
        }
        if self.item.keyword && self.item.module.is_none() {
            let name = String::from_utf8_lossy(word.strip_prefix(b"r#").unwrap_or(word)).into_owned();
            self.item.module = Some((name, start));
        } else if word == b"mod" {
            self.item.keyword = true;
        } else {
            self.item.keyword = false;
            self.item.module = None;
        }
    }

    /// Passes over a string whose prefix was just read.
    fn string_follows(&mut self, prefix: &[u8]) -> bool {
        let rest = &self.bytes[self.at..];
        let hashes = rest.iter().take_while(|byte| **byte == b'#').count();
        if rest.get(hashes) == Some(&b'"') {
            self.at = if prefix.ends_with(b"r") {
                let mut end = vec![b'"'];
                end.resize(hashes + 1, b'#');
                let body = self.at + hashes + 1;
                memmem::find(&self.bytes[body..], &end)
                    .map_or(self.bytes.len(), |found| body + found + end.len())
            } else {
                skip_string(self.bytes, self.at + 1)
            };
            return true;
        }
        false
    }

    fn attribute(&mut self) -> Option<()> {
        let inner = self.bytes.get(self.at + 1) == Some(&b'!');
        let open = self.at + 1 + usize::from(inner);
        if self.bytes.get(open) != Some(&b'[') {
            self.at += 1;
            return Some(());
        }
        let name = skip_space(self.bytes, open + 1);
        let word = &self.bytes[name..name + word_length(&self.bytes[name..])];
        let special = matches!(word, b"cfg" | b"cfg_attr" | b"path");
        if inner && special {
            return None;
        }
        self.item.special |= special;
        self.at = open;
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match self.bytes[self.at] {
                b'[' => (depth, self.at) = (depth + 1, self.at + 1),
                b']' => {
                    (depth, self.at) = (depth - 1, self.at + 1);
                    if depth == 0 {
                        break;
                    }
                }
                b'/' => self.slash(),
                b'"' => self.at = skip_string(self.bytes, self.at + 1),
                b'\'' => self.quote(),
                byte if is_word(byte) => {
                    let length = word_length(&self.bytes[self.at..]);
                    let prefix = &self.bytes[self.at..self.at + length];
                    self.at += length;
                    if matches!(prefix, b"r" | b"b" | b"br" | b"c" | b"cr") {
                        self.string_follows(prefix);
                    }
                }
                _ => self.at += 1,
            }
        }
        Some(())
    }

    fn open(&mut self) {
        let item = std::mem::take(&mut self.item);
        self.scopes.push(match item.module {
            Some((name, _)) => Scope::Module(name, item.special),
            None => Scope::Other,
        });
        self.at += 1;
    }

    fn semicolon(&mut self) -> Option<()> {
        let item = std::mem::take(&mut self.item);
        self.at += 1;
        let Some((name, at)) = item.module else { return Some(()) };
        let mut inside = Vec::new();
        let mut special = item.special;
        for scope in &self.scopes {
            match scope {
                Scope::Module(name, conditional) => {
                    inside.push(name.clone());
                    special |= conditional;
                }
                Scope::Other => return Some(()),
            }
        }
        self.found.push(Module { inside, name, at });
        (!special).then_some(())
    }
}

#[cfg(test)]
mod tests;
