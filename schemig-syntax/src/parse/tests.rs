mod enums;
mod forms;
mod half_typed;
mod mistakes;
mod partitions;

use crate::{Field, Model, parse};

/// A model, and its item for as long as the tests run.
fn model(source: &str) -> Model<'static> {
    let item = Box::leak(Box::new(syn::parse_str(source).unwrap()));
    parse::model(item).unwrap_or_else(|errors| panic!("{errors}"))
}

/// A struct with one more field, which has these attributes.
fn field(attributes: &str, declaration: &str) -> Field<'static> {
    let source = format!("struct Item {{ id: i64, {attributes} {declaration} }}");
    model(&source).fields.remove(1)
}

/// Every mistake as `column what`, and its help in brackets.
fn mistakes(source: &str) -> Vec<String> {
    let item = syn::parse_str(source).unwrap();
    let outcome = parse::model(&item);
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
