//! The JSON Schemas of what `--format json` prints.

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, Schema};

use super::Report;
use crate::commands::explain::Entries;
use crate::verify::verdict::Verdict;

/// The schemas by the name of their file in `docs/`, each with its text.
pub fn schemas() -> [(&'static str, String); 3] {
    [
        (
            "report.schema.json",
            text::<Report>("What diff, contract, init and status print with --format json"),
        ),
        ("verdict.schema.json", text::<Verdict>("What verify prints with --format json")),
        ("rules.schema.json", text::<Entries>("What explain prints with --format json")),
    ]
}

fn text<T: JsonSchema>(title: &str) -> String {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let mut schema: Schema = generator.into_root_schema_for::<T>();
    schema.insert("title".to_owned(), title.into());
    serde_json::to_string_pretty(&schema).expect("a schema is JSON") + "\n"
}
