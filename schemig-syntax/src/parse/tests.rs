mod enums;
mod forms;
mod half_typed;
mod mistakes;

use crate::{Field, Model, parse};

fn model(source: &str) -> Model {
    parse::model(&syn::parse_str(source).unwrap()).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A struct with one more field, which has these attributes.
fn field(attributes: &str, declaration: &str) -> Field {
    let source = format!("struct Item {{ id: i64, {attributes} {declaration} }}");
    model(&source).fields.remove(1)
}

/// Every mistake as `column what`, and its help in brackets.
fn mistakes(source: &str) -> Vec<String> {
    let outcome = parse::model(&syn::parse_str(source).unwrap());
    let errors = outcome.err().unwrap_or_else(|| panic!("no mistake in {source}"));
    errors
        .iter()
        .map(|mistake| {
            let start = mistake.span.start();
            let help = mistake.help.as_ref().map_or(String::new(), |help| format!(" [{help}]"));
            format!("{}:{} {}{help}", start.line, start.column, mistake.message)
        })
        .collect()
}
