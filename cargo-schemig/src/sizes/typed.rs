//! `--rows users=5M`.

use schemig_core::safety::estimate::{Basis, Size};
use schemig_core::schema::TableName;

/// The rows of a table, as they were typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typed {
    /// The table.
    pub table: TableName,
    /// Its rows.
    pub rows: u64,
}

impl Typed {
    /// The size of the table.
    pub fn size(&self) -> (TableName, Size) {
        (self.table.clone(), Size { rows: self.rows, bytes: None, basis: Basis::Typed })
    }
}

/// Reads `table=number`, where the number may end in k, M or G.
///
/// # Errors
/// What is to be written, in words.
pub fn typed(text: &str) -> Result<Typed, String> {
    let wrong = || "write a table and its rows, such as users=5M or auth.users=1200".to_owned();
    let (table, rows) = text.split_once('=').ok_or_else(wrong)?;
    if table.is_empty() {
        return Err(wrong());
    }
    let rows = number(rows).ok_or_else(wrong)?;
    Ok(Typed { table: table.into(), rows })
}

/// A whole number; 1.5M is one too.
pub(crate) fn number(text: &str) -> Option<u64> {
    let text = text.replace('_', "");
    let (digits, unit) = match text.char_indices().last()? {
        (at, 'k' | 'K') => (&text[..at], 1_000_u64),
        (at, 'm' | 'M') => (&text[..at], 1_000_000),
        (at, 'g' | 'G' | 'b' | 'B') => (&text[..at], 1_000_000_000),
        _ => (text.as_str(), 1),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() || part.len() > 9 || !(whole.to_owned() + part).chars().all(|c| c.is_ascii_digit()) {
        return None;
    }
    let scale = 10_u64.pow(u32::try_from(part.len()).ok()?);
    let part: u64 = if part.is_empty() { 0 } else { part.parse().ok()? };
    let fraction = part.checked_mul(unit)?;
    let is_whole = fraction % scale == 0;
    let whole: u64 = whole.parse().ok()?;
    is_whole.then_some(())?;
    whole.checked_mul(unit)?.checked_add(fraction / scale)
}

#[cfg(test)]
mod tests {
    use super::typed;

    #[test]
    fn rows_are_typed_as_people_say_them() {
        let rows = |text: &str| typed(text).map(|typed| (typed.table.to_string(), typed.rows));
        assert_eq!(rows("users=5M"), Ok(("users".into(), 5_000_000)));
        assert_eq!(rows("auth.users=1.5k"), Ok(("auth.users".into(), 1_500)));
        assert_eq!(rows("users=1_200"), Ok(("users".into(), 1_200)));
        assert_eq!(rows("users=0"), Ok(("users".into(), 0)));
        for wrong in [
            "users",
            "=5",
            "users=",
            "users=M",
            "users=1.5",
            "users=-1",
            "users=5x",
            "users=1e6",
            "users=99999999999G",
        ] {
            assert!(rows(wrong).is_err(), "{wrong}");
        }
    }
}
