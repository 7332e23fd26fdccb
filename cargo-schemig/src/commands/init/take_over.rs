//! Moves the names of schema.rs from diesel.toml to schemig.toml: while a contract is open, what Diesel would print is wrong.

use std::ops::Range;

use crate::diagnose::Diagnostic;
use crate::exit::Stop;
use crate::project::{ByDiesel, Project, read_optional};
use crate::store::Changeset;

/// Takes each `file` of `[print_schema]` over, but those that are in other crates, which are named.
///
/// # Errors
/// A file that can't be read; a `file` that doesn't stand on a line of its own.
pub(super) fn schema_rs(project: &Project, changes: &mut Changeset) -> Result<Vec<String>, Stop> {
    let (others, own): (Vec<ByDiesel>, Vec<ByDiesel>) =
        project.printed_by_diesel.iter().cloned().partition(|by| by.is_elsewhere);
    let notes = others.iter().map(|by| left(project, by)).collect();
    let Some(first) = own.first() else { return Ok(notes) };
    let path = &first.said_in;
    let text = read_optional(path)?.unwrap_or_default();
    let lines =
        own.iter().map(|by| line_of(&text, &by.bytes).ok_or_else(|| by_hand(project.shown(path), by, &own)));
    let lines = lines.collect::<Result<Vec<_>, _>>()?;
    changes.put(path.clone(), without(&text, lines));
    let path = project.root.join("schemig.toml");
    let text = read_optional(&path)?.unwrap_or_default();
    if !text.lines().any(|line| line.trim_start().starts_with("schema_rs")) {
        changes.put(path, with_line(&text, &ByDiesel::moved(&own), project));
    }
    Ok(notes)
}

/// A crate that nobody has asked about may want its schema.rs printed on.
fn left(project: &Project, by: &ByDiesel) -> String {
    let ByDiesel { section, file, said_in, .. } = by;
    format!(
        "{} serves another crate too: `file = \"{file}\"` of [{section}] stays there, and Diesel goes on writing it. While a contract \
         is open that is wrong; where this crate's models are the database's, take the line away and write `{}` into schemig.toml",
        project.shown(said_in),
        ByDiesel::moved(std::slice::from_ref(by)),
    )
}

/// The line that says `file = …` and nothing else.
fn line_of(text: &str, value: &Range<usize>) -> Option<Range<usize>> {
    let start = text[..value.start].rfind('\n').map_or(0, |at| at + 1);
    let end = text[value.end..].find('\n').map_or(text.len(), |at| value.end + at + 1);
    let key = text[start..value.start].trim().strip_suffix('=')?;
    let rest = text[value.end..end].trim();
    let alone = !key.contains(['{', '=']) && (rest.is_empty() || rest.starts_with('#'));
    alone.then_some(start..end)
}

fn by_hand(diesel: String, by: &ByDiesel, all: &[ByDiesel]) -> Stop {
    let found = Diagnostic::new(format!("`file` of [{}] doesn't stand on a line of its own", by.section))
        .at(diesel, by.bytes.clone())
        .note("init moves it to schemig.toml, and changes nothing else that stands there")
        .help(format!("take it away here, and write `{}` into schemig.toml", ByDiesel::moved(all)));
    Stop::from(vec![found])
}

fn without(text: &str, mut lines: Vec<Range<usize>>) -> String {
    lines.sort_by_key(|line| line.start);
    let mut out = String::new();
    let mut from = 0;
    for line in lines {
        out.push_str(&text[from..line.start]);
        from = line.end;
    }
    out + &text[from..]
}

/// schemig.toml with one more line: in front, since behind it might fall into a section; in its section, where a database has one.
fn with_line(text: &str, line: &str, project: &Project) -> String {
    let name =
        project.home.strip_prefix(project.root.join("schemig")).ok().map(|name| name.display().to_string());
    let header = name.filter(|name| !name.is_empty()).map(|name| format!("[database.{name}]"));
    let mut lines: Vec<&str> = text.lines().collect();
    let at = header.and_then(|header| lines.iter().position(|line| line.trim() == header));
    lines.insert(at.map_or(0, |at| at + 1), line);
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::{line_of, without};

    #[test]
    fn only_the_line_goes() {
        let text =
            "[print_schema]\nfile = \"a.rs\" # here\nwith_docs = true\n[print_schema.x]\n  file=\"b.rs\"";
        let value = |file: &str| text.find(file).map(|at| at..at + file.len()).expect("it stands there");
        let lines = ["\"b.rs\"", "\"a.rs\""].map(|file| line_of(text, &value(file)).expect("a line"));
        assert_eq!(without(text, lines.to_vec()), "[print_schema]\nwith_docs = true\n[print_schema.x]\n");
        let inline = "print_schema = { file = \"a.rs\" }\n";
        assert_eq!(line_of(inline, &(24..30)), None);
        assert_eq!(line_of("x = 1\nprint_schema.file = \"a.rs\"\n", &(26..32)), Some(6..33));
    }
}
