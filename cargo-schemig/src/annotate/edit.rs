//! The edit of a source text: what is added, and where. All else stays byte for byte.

use super::judge::Repair;
use crate::scan::Anchors;

/// Text that is put in before a byte.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Edit {
    at: usize,
    text: String,
}

/// What makes a model of a struct.
pub fn edits(anchors: &Anchors, repairs: &[Repair], text: &str) -> Vec<Edit> {
    let Anchors { derive, condition, item, fields } = anchors;
    let before = match own_line(text, derive.start) {
        Some(indent) => format!(",{}{indent}", line_end(text)),
        None => ", ".to_owned(),
    };
    let mut found = vec![Edit { at: derive.end, text: format!("{before}schemig::Migratable") }];
    for repair in repairs {
        let (at, words) = match repair {
            Repair::PrimaryKey(columns) => (*item, format!("diesel(primary_key({}))", columns.join(", "))),
            Repair::SqlType { at, sql_type, .. } => {
                let Some((_, start)) = fields.iter().find(|(whole, _)| whole.contains(at)) else { continue };
                (*start, format!("schemig(sql_type = {:?})", sql_type.to_string()))
            }
        };
        let attribute = match condition {
            Some(condition) => format!("#[cfg_attr({condition}, {words})]"),
            None => format!("#[{words}]"),
        };
        let behind = match own_line(text, at) {
            Some(indent) => format!("{}{indent}", line_end(text)),
            None => " ".to_owned(),
        };
        found.push(Edit { at, text: format!("{attribute}{behind}") });
    }
    found
}

/// The text with these edits.
pub fn apply(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort();
    let mut out = String::with_capacity(text.len() + edits.len() * 40);
    let mut done = 0;
    for Edit { at, text: new } in edits {
        out.push_str(&text[done..at]);
        out.push_str(&new);
        done = at;
    }
    out + &text[done..]
}

/// What the line is indented by, if nothing stands before this byte in it.
fn own_line(text: &str, at: usize) -> Option<&str> {
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let before = &text[start..at];
    before.trim().is_empty().then_some(before)
}

fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}
