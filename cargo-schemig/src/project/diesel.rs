//! diesel.toml, read as Diesel's CLI reads it: the same keys, and the same complaints.

use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::Regex;
use schemig_core::script::schema_rs::{ColumnSorting, Docs, Filter, Names, PrintSchema, Together};
use serde::Deserialize;
use toml::Spanned;
use toml::de::{DeTable, DeValue, ValueDeserializer};

use super::{bad_toml, read_optional, shown};
use crate::diagnose::Diagnostic;
use crate::exit::Stop;

/// What the file says.
pub(super) struct Diesel {
    /// The file itself, or where it would stand.
    pub path: PathBuf,
    /// Where migrations are.
    pub migrations: Option<PathBuf>,
    /// What is printed, in the order in which `diesel print-schema` prints it. Empty without `[print_schema]`.
    pub sections: Vec<Section>,
}

/// A section `[print_schema]` or `[print_schema.<key>]`.
pub(super) struct Section {
    /// Its key; `default` where it has none.
    pub key: String,
    /// The file that Diesel's CLI writes after it has run migrations.
    pub file: Option<Spanned<String>>,
    /// A patch that is applied to what is printed, and where the key stands.
    pub patch: Option<(PathBuf, Range<usize>)>,
    /// Where `schema` stands.
    pub schema: Option<Range<usize>>,
    /// How it is printed.
    pub print: PrintSchema,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MigrationsDirectory {
    dir: String,
}

/// The keys of a section, in the order in which Diesel lists them.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default, rename = "PrintSchema")]
struct Keys {
    file: Option<Spanned<String>>,
    with_docs: Option<Spanned<toml::Value>>,
    allow_tables_to_appear_in_same_query_config: SaidTogether,
    filter: SaidFilter,
    column_sorting: SaidSorting,
    schema: Option<Spanned<String>>,
    patch_file: Option<Spanned<String>>,
    import_types: Option<Vec<String>>,
    generate_missing_sql_type_definitions: Option<bool>,
    except_custom_type_definitions: Vec<Spanned<String>>,
    custom_type_derives: Option<Vec<String>>,
    sqlite_integer_primary_key_is_bigint: Option<bool>,
    pg_domains_as_custom_types: Vec<Spanned<String>>,
}

/// Their names. What else stands in `[print_schema]` is a section.
const KEYS: [&str; 13] = [
    "file",
    "with_docs",
    "allow_tables_to_appear_in_same_query_config",
    "filter",
    "column_sorting",
    "schema",
    "patch_file",
    "import_types",
    "generate_missing_sql_type_definitions",
    "except_custom_type_definitions",
    "custom_type_derives",
    "sqlite_integer_primary_key_is_bigint",
    "pg_domains_as_custom_types",
];

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidTogether {
    FkRelatedTables,
    #[default]
    AllTables,
    None,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SaidSorting {
    #[default]
    OrdinalPosition,
    Name,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SaidFilter {
    only_tables: Option<Vec<Spanned<String>>>,
    except_tables: Option<Spanned<Vec<Spanned<String>>>>,
}

/// What `with_docs` may be, beside true and false.
const DOCS: [(&str, Docs); 3] = [
    ("database-comments-fallback-to-auto-generated-doc-comment", Docs::DatabaseOrWritten),
    ("only-database-comments", Docs::Database),
    ("no-doc-comments", Docs::None),
];

impl Diesel {
    /// Reads the file, if there is one. What it names is relative to it, as Diesel has it.
    pub(super) fn read(path: Option<PathBuf>, root: &Path) -> Result<Self, Stop> {
        let path = path.unwrap_or_else(|| root.join("diesel.toml"));
        match read_optional(&path)? {
            Some(text) => Self::parse(&path, &text),
            None => Ok(Self { path, migrations: None, sections: Vec::new() }),
        }
    }

    fn parse(path: &Path, text: &str) -> Result<Self, Stop> {
        let failed = |error: &toml::de::Error| bad_toml(path, error);
        let mut read = Self { path: path.to_owned(), migrations: None, sections: Vec::new() };
        for (key, value) in DeTable::parse(text).map_err(|error| failed(&error))?.into_inner() {
            match key.get_ref().as_ref() {
                "print_schema" => read.sections = sections(path, value)?,
                "migrations_directory" => {
                    let said = MigrationsDirectory::deserialize(ValueDeserializer::from(value));
                    let dir = said.map_err(|error| failed(&error))?.dir;
                    read.migrations = Some(path.parent().unwrap_or(Path::new(".")).join(dir));
                }
                unknown => {
                    let message = format!(
                        "unknown field `{unknown}`, expected `print_schema` or `migrations_directory`"
                    );
                    return Err(at(path, key.span(), Diagnostic::new(message)));
                }
            }
        }
        Ok(read)
    }
}

/// The sections, by key. The keys of `[print_schema]` itself are those of `default`, unless that has a section too.
fn sections(path: &Path, value: Spanned<DeValue<'_>>) -> Result<Vec<Section>, Stop> {
    let span = value.span();
    let DeValue::Table(all) = value.into_inner() else {
        return Err(at(path, span, Diagnostic::new("print_schema is a table: `[print_schema]`")));
    };
    let (own, others): (DeTable<'_>, DeTable<'_>) =
        all.into_iter().partition(|(key, _)| KEYS.contains(&key.get_ref().as_ref()));
    let mut named: Vec<(String, Spanned<DeValue<'_>>)> = Vec::new();
    for (key, value) in others {
        if !value.get_ref().is_table() {
            let message = format!("unknown field `{}`, expected one of {}", key.get_ref(), listed());
            return Err(at(path, key.span(), Diagnostic::new(message)));
        }
        named.push((key.into_inner().into_owned(), value));
    }
    if !named.iter().any(|(key, _)| key == "default") {
        named.push(("default".to_owned(), Spanned::new(span, DeValue::Table(own))));
    }
    named.sort_by(|(one, _), (other, _)| one.cmp(other));
    named.into_iter().map(|(key, value)| section(path, key, value)).collect()
}

fn listed() -> String {
    KEYS.map(|key| format!("`{key}`")).join(", ")
}

fn section(path: &Path, key: String, value: Spanned<DeValue<'_>>) -> Result<Section, Stop> {
    let said = Keys::deserialize(ValueDeserializer::from(value));
    let Keys {
        file,
        with_docs,
        allow_tables_to_appear_in_same_query_config,
        filter,
        column_sorting,
        schema,
        patch_file,
        import_types,
        generate_missing_sql_type_definitions,
        except_custom_type_definitions,
        custom_type_derives,
        sqlite_integer_primary_key_is_bigint,
        pg_domains_as_custom_types,
    } = said.map_err(|error| bad_toml(path, &error))?;
    let base = path.parent().unwrap_or(Path::new("."));
    let patch = patch_file.map(|said| (base.join(said.get_ref()), said.span()));
    let print = PrintSchema {
        filter: filtered(path, filter)?,
        column_sorting: match column_sorting {
            SaidSorting::OrdinalPosition => ColumnSorting::OrdinalPosition,
            SaidSorting::Name => ColumnSorting::Name,
        },
        with_docs: with_docs.map_or(Ok(Docs::default()), |said| docs(path, &said))?,
        together: match allow_tables_to_appear_in_same_query_config {
            SaidTogether::FkRelatedTables => Together::Related,
            SaidTogether::AllTables => Together::All,
            SaidTogether::None => Together::None,
        },
        import_types: import_types.unwrap_or_default(),
        types_elsewhere: generate_missing_sql_type_definitions == Some(false),
        except_types: names(path, &except_custom_type_definitions)?,
        custom_type_derives: custom_type_derives.unwrap_or_default(),
        row_numbers_are_bigint: sqlite_integer_primary_key_is_bigint == Some(true),
        domains: names(path, &pg_domains_as_custom_types)?,
        schema: schema.as_ref().map(|schema| schema.get_ref().clone()),
    };
    Ok(Section { key, file, patch, schema: schema.map(|schema| schema.span()), print })
}

fn docs(path: &Path, said: &Spanned<toml::Value>) -> Result<Docs, Stop> {
    let flag = said.get_ref().as_bool().map(|yes| if yes { Docs::DatabaseOrWritten } else { Docs::None });
    let word = said.get_ref().as_str();
    let known = flag.or_else(|| DOCS.iter().find(|(known, _)| word == Some(known)).map(|(_, docs)| *docs));
    known.ok_or_else(|| {
        let words = DOCS.map(|(word, _)| format!("\"{word}\"")).join(", ");
        let message = format!("with_docs is a boolean or one of the following: {words}");
        at(path, said.span(), Diagnostic::new(message))
    })
}

fn filtered(path: &Path, said: SaidFilter) -> Result<Filter, Stop> {
    match said {
        SaidFilter { only_tables: None, except_tables: None } => Ok(Filter::All),
        SaidFilter { only_tables: Some(only), except_tables: None } => Ok(Filter::Only(names(path, &only)?)),
        SaidFilter { only_tables: None, except_tables: Some(except) } => {
            Ok(Filter::Except(names(path, except.get_ref())?))
        }
        SaidFilter { only_tables: Some(_), except_tables: Some(except) } => {
            let found = Diagnostic::new("a filter has only_tables or except_tables, and not both");
            Err(at(path, except.span(), found.help("take one of the two away")))
        }
    }
}

/// The names that one of the regular expressions finds something in.
fn names(path: &Path, said: &[Spanned<String>]) -> Result<Names, Stop> {
    let compiled = |said: &Spanned<String>| {
        Regex::new(said.get_ref()).map_err(|error| {
            let why = error.to_string().lines().last().unwrap_or_default().replace("error: ", "");
            let message = format!("`{}` is no regular expression: {why}", said.get_ref());
            at(path, said.span(), Diagnostic::new(message))
        })
    };
    let patterns = said.iter().map(compiled).collect::<Result<Vec<_>, _>>()?;
    Ok(Names::picked(move |name| patterns.iter().any(|pattern| pattern.is_match(name))))
}

fn at(path: &Path, span: Range<usize>, found: Diagnostic) -> Stop {
    Stop::from(vec![found.at(shown(path), span)])
}
