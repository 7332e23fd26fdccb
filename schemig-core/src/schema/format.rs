//! What the files under `schemig/` have in common: TOML with a format number, one line per thing, a stable order.

pub(crate) mod plain;

use serde::Serialize;
use serde::de::DeserializeOwned;
use thiserror::Error;

/// The format that this version writes, and the newest that it reads.
pub const FORMAT: u32 = 1;

/// A file under `schemig/` that can't be used. The path is the reader's to add.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum FormatError {
    /// A later schemig wrote it.
    #[error(
        "it is written in format {found}; schemig {version} reads format {FORMAT}",
        version = env!("CARGO_PKG_VERSION")
    )]
    Newer {
        /// The format it names.
        found: u32,
    },
    /// It isn't TOML, or not what schemig writes.
    #[error("{message}")]
    Damaged {
        /// The line, from 1.
        line: usize,
        /// The column in characters, from 1.
        column: usize,
        /// What is wrong there.
        message: String,
    },
    /// A part of it contradicts another: a hash beside it, say. Somebody edited it, or a merge mixed two files.
    #[error("{part} isn't what schemig wrote")]
    Edited {
        /// Which part.
        part: String,
    },
}

/// Reads a file of at most [`FORMAT`].
///
/// # Errors
/// [`FormatError::Newer`] before anything else is complained of: a later format may hold what this version calls damage.
pub(crate) fn read<T: DeserializeOwned>(text: &str) -> Result<T, FormatError> {
    if let Some(found) = format_number(text).filter(|found| *found > FORMAT) {
        return Err(FormatError::Newer { found });
    }
    plain::read(text).map_or_else(|| toml::from_str(text).map_err(|error| damaged(text, &error)), Ok)
}

/// The number in the first line that has one. A scan, so that damage further down doesn't hide a newer format.
fn format_number(text: &str) -> Option<u32> {
    let line = text.lines().find_map(|line| line.trim_start().strip_prefix("format"))?;
    line.trim_start().strip_prefix('=')?.split('#').next()?.trim().parse().ok()
}

fn damaged(text: &str, error: &toml::de::Error) -> FormatError {
    let at = error.span().map_or(0, |span| span.start.min(text.len()));
    let before = text.get(..at).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    let message = error.message().split_whitespace().collect::<Vec<_>>().join(" ");
    FormatError::Damaged { line, column, message }
}

/// A value on one line.
pub(crate) fn inline<T: Serialize + ?Sized>(value: &T) -> String {
    let mut text = String::new();
    // What schemig stores is text, numbers, lists and tables of them: TOML has a form for all.
    value
        .serialize(toml::ser::ValueSerializer::new(&mut text))
        .expect("names, expressions and flags have a TOML form");
    text
}

/// A key as TOML wants it: bare where that is allowed.
pub(crate) fn key(name: &str) -> String {
    let bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(bare) {
        return name.to_owned();
    }
    // A key's string stays on one line, unlike a value's.
    let escaped: String = name
        .chars()
        .map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_control() => format!("\\u{:04X}", u32::from(c)),
            c => c.to_string(),
        })
        .collect();
    format!("\"{escaped}\"")
}

/// `name = value` on a line of its own.
pub(crate) fn line<T: Serialize + ?Sized>(out: &mut String, name: &str, value: &T) {
    out.push_str(&format!("{} = {}\n", key(name), inline(value)));
}

/// `name = […]`, one item a line, so that version control shows and merges items one by one.
pub(crate) fn list<T: Serialize>(out: &mut String, name: &str, items: &[T]) {
    if items.is_empty() {
        out.push_str(&format!("{name} = []\n"));
        return;
    }
    out.push_str(&format!("{name} = [\n"));
    for item in items {
        out.push_str(&format!("  {},\n", inline(item)));
    }
    out.push_str("]\n");
}

/// A hash of text: FNV-1a, 64 bits, 16 hex digits. It notices accidents, not attacks.
pub(crate) fn hash(text: &str) -> String {
    let hash = text.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    format!("{hash:016x}")
}
