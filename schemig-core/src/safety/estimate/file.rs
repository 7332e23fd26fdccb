//! schemig/statistics.toml: sizes and the pace of a server, so that CI can estimate where there is no database.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::size::{Basis, Known, Size};
use crate::dialect::Pace;
use crate::schema::TableName;
use crate::schema::format::{self, FORMAT, FormatError};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[expect(dead_code, reason = "looked at before the rest is read")]
    format: u32,
    pace: Option<Measured>,
    #[serde(default)]
    tables: BTreeMap<TableName, Counted>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Counted {
    rows: u64,
    bytes: Option<u64>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Measured {
    scan: f64,
    index: f64,
    text_index: f64,
    rewrite: f64,
    update: f64,
}

/// The text of the file: tables by name.
pub fn write(known: &Known) -> String {
    let Known { tables, pace } = known;
    let mut out = format!("format = {FORMAT}\n");
    if let Some(Pace { scan, index, text_index, rewrite, update }) = pace {
        out.push_str("\n# How many times as long this server takes as the one that the usual rates come from.\n[pace]\n");
        let classes = [
            ("scan", scan),
            ("index", index),
            ("text_index", text_index),
            ("rewrite", rewrite),
            ("update", update),
        ];
        // Two digits behind the point: more isn't measured.
        classes
            .iter()
            .for_each(|(name, factor)| format::line(&mut out, name, &((**factor * 100.0).round() / 100.0)));
    }
    for (name, Size { rows, bytes, basis: _ }) in tables {
        out.push_str(&format!("\n[tables.{}]\n", format::key(&name.to_string())));
        format::line(&mut out, "rows", rows);
        if let Some(bytes) = bytes {
            format::line(&mut out, "bytes", bytes);
        }
    }
    out
}

/// Reads the file.
///
/// # Errors
/// A newer format; damage, with its place; a pace that nothing can have.
pub fn read(text: &str) -> Result<Known, FormatError> {
    let File { format: _, pace, tables } = format::read(text)?;
    let size = |Counted { rows, bytes }| Size { rows, bytes, basis: Basis::Statistics };
    let tables = tables.into_iter().map(|(name, counted)| (name, size(counted))).collect();
    let pace = pace.map(|Measured { scan, index, text_index, rewrite, update }| Pace {
        scan,
        index,
        text_index,
        rewrite,
        update,
    });
    if pace.is_some_and(|pace| !is_possible(pace)) {
        return Err(FormatError::Edited { part: "a pace of 0 or less".to_owned() });
    }
    Ok(Known { tables, pace })
}

fn is_possible(Pace { scan, index, text_index, rewrite, update }: Pace) -> bool {
    [scan, index, text_index, rewrite, update].iter().all(|factor| *factor > 0.0 && factor.is_finite())
}

#[cfg(test)]
mod tests {
    use super::{read, write};
    use crate::dialect::Pace;
    use crate::safety::estimate::{Basis, Known, Size};
    use crate::schema::format::FormatError;

    #[test]
    fn what_is_written_reads_back() {
        let size = |rows, bytes| Size { rows, bytes, basis: Basis::Statistics };
        let tables = [("users".into(), size(5_000_000, Some(1))), ("auth.Keys".into(), size(0, None))].into();
        let mut known = Known { tables, pace: None };
        assert_eq!(read(&write(&known)).as_ref(), Ok(&known));
        known.pace = Some(Pace { scan: 1.25, update: 0.5, ..Pace::default() });
        assert_eq!(read(&write(&known)), Ok(known));
    }

    #[test]
    fn what_a_person_may_get_wrong_is_pointed_at() {
        let damaged = read("format = 1\n[tables.users]\nrow = 5\n").expect_err("no such key");
        assert!(matches!(&damaged, FormatError::Damaged { line: 3, .. }), "{damaged}");
        assert_eq!(read("format = 2\n"), Err(FormatError::Newer { found: 2 }));
        let pace =
            "format = 1\n[pace]\nscan = 0.0\nindex = 1.0\ntext_index = 1.0\nrewrite = 1.0\nupdate = 1.0\n";
        assert!(matches!(read(pace), Err(FormatError::Edited { .. })));
    }
}
