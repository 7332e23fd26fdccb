//! Which files are schema.rs: what diesel.toml prints, and where schemig.toml has it written.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use schemig_core::dialect::Dialect;
use schemig_core::script::schema_rs::PrintSchema;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use toml::Spanned;

use super::diesel::{Diesel, Section};
use super::{places, shown};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// The section that has no key of its own.
const DEFAULT: &str = "default";

/// A schema.rs: how it is printed, and where it is written.
#[derive(Clone, Debug)]
pub struct SchemaRs {
    /// How it is printed.
    pub print: PrintSchema,
    /// A patch that is applied to it.
    pub patch: Option<Patch>,
    /// The file; `None` where it is only printed by `cargo schemig schema`.
    pub file: Option<PathBuf>,
}

/// A patch of schema.rs.
#[derive(Clone, Debug)]
pub struct Patch {
    /// The file.
    pub file: PathBuf,
    /// The diesel.toml that names it.
    pub said_in: PathBuf,
    /// The bytes where it does.
    pub bytes: Range<usize>,
}

/// A file that diesel.toml has Diesel write.
#[derive(Clone, Debug)]
pub struct ByDiesel {
    /// The section, as it stands in brackets.
    pub section: String,
    /// Its key; `default` where it has none.
    pub key: String,
    /// The file, as diesel.toml names it: relative to diesel.toml.
    pub file: String,
    /// The same file, relative to the crate: as schemig.toml would name it.
    pub here: String,
    /// Whether it belongs to another crate.
    pub is_elsewhere: bool,
    /// The diesel.toml that names it.
    pub said_in: PathBuf,
    /// The bytes where it does.
    pub bytes: Range<usize>,
}

impl ByDiesel {
    /// Where the file is.
    pub(super) fn path(&self) -> PathBuf {
        self.said_in.parent().unwrap_or(Path::new(".")).join(&self.file)
    }

    /// The line of schemig.toml that says the same.
    pub fn moved(all: &[Self]) -> String {
        let quoted = |file: &str| toml::Value::from(file).to_string();
        match all {
            [one] if one.key == DEFAULT => format!("schema_rs = {}", quoted(&one.here)),
            _ => {
                let one = |by: &Self| format!("{} = {}", key(&by.key), quoted(&by.here));
                format!("schema_rs = {{ {} }}", all.iter().map(one).collect::<Vec<_>>().join(", "))
            }
        }
    }
}

/// A key as TOML has it, in quotes where it needs them.
fn key(key: &str) -> String {
    let is_bare = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-');
    let bare = !key.is_empty() && key.chars().all(is_bare);
    if bare { key.to_owned() } else { toml::Value::from(key).to_string() }
}

/// What schemig.toml says of the files: the only one, or one for each section of diesel.toml.
pub(super) enum Files {
    One(String),
    Several(BTreeMap<String, Spanned<String>>),
}

impl<'de> Deserialize<'de> for Files {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> Visitor<'de> for Either {
            type Value = Files;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a file, or a table with a file for each [print_schema] of diesel.toml")
            }

            fn visit_str<E>(self, file: &str) -> Result<Files, E> {
                Ok(Files::One(file.to_owned()))
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Files, A::Error> {
                let mut files = BTreeMap::new();
                while let Some((key, file)) = map.next_entry()? {
                    files.insert(key, file);
                }
                Ok(Files::Several(files))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// What is printed, and what Diesel still writes.
///
/// Where schemig.toml names no file, those of diesel.toml count; where neither does, it is src/schema.rs.
pub(super) fn resolve(
    root: &Path,
    said: Option<Files>,
    read: Diesel,
    dialect: &dyn Dialect,
) -> Result<(Vec<SchemaRs>, Vec<ByDiesel>), Stop> {
    let Diesel { path: diesel, migrations: _, sections } = read;
    let by_diesel: Vec<ByDiesel> =
        sections.iter().filter_map(|section| by_diesel(root, &diesel, section)).collect();
    let mut files: BTreeMap<String, String> =
        by_diesel.iter().map(|by| (by.key.clone(), by.here.clone())).collect();
    match said {
        Some(Files::One(file)) => {
            files.insert(DEFAULT.to_owned(), file);
        }
        Some(Files::Several(several)) => files = known(root, several, &sections)?,
        None if files.is_empty() => {
            files.insert(DEFAULT.to_owned(), "src/schema.rs".to_owned());
        }
        None => {}
    }
    let file = |key: &str| files.get(key).map(|file| root.join(file));
    if sections.is_empty() {
        let print = PrintSchema::as_set_up();
        return Ok((vec![SchemaRs { print, patch: None, file: file(DEFAULT) }], by_diesel));
    }
    let mut all = Vec::new();
    for Section { key, file: _, patch, schema, print } in sections {
        if let Some(bytes) = schema
            && dialect.default_schema().is_none()
        {
            let found = Diagnostic::new("a database of this kind has no schemas").at(shown(&diesel), bytes);
            return Err(Stop::from(vec![found.help("take `schema` away: Diesel's CLI stops at it too")]));
        }
        let said_in = diesel.clone();
        let patch = patch.map(|(file, bytes)| Patch { file, said_in, bytes });
        all.push(SchemaRs { print, patch, file: file(&key) });
    }
    Ok((all, by_diesel))
}

fn by_diesel(root: &Path, diesel: &Path, section: &Section) -> Option<ByDiesel> {
    let Section { key, file, patch: _, schema: _, print: _ } = section;
    let (file, bytes) = file.as_ref().map(|file| (file.get_ref().clone(), file.span()))?;
    let section =
        if key == DEFAULT { "print_schema".to_owned() } else { format!("print_schema.{}", self::key(key)) };
    let path = diesel.parent().unwrap_or(root).join(&file);
    let is_elsewhere = places::is_of_another(&path, root);
    let (here, said_in) = (places::relative(&path, root), diesel.to_owned());
    Some(ByDiesel { section, key: key.clone(), file, here, is_elsewhere, said_in, bytes })
}

/// The files by section, if diesel.toml has the sections.
fn known(
    root: &Path,
    said: BTreeMap<String, Spanned<String>>,
    sections: &[Section],
) -> Result<BTreeMap<String, String>, Stop> {
    let is_known = |key: &str| key == DEFAULT || sections.iter().any(|section| section.key == key);
    if let Some((key, file)) = said.iter().find(|(key, _)| !is_known(key)) {
        let found = Diagnostic::new(format!("diesel.toml has no [print_schema.{key}]"))
            .at(shown(&root.join("schemig.toml")), file.span())
            .help(format!("write it there, with what is to be printed into {}", file.get_ref()));
        return Err(Stop::from(vec![found]));
    }
    Ok(said.into_iter().map(|(key, file)| (key, file.into_inner())).collect())
}
