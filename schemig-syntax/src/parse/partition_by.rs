//! `partition_by(range(at), partitions = ["events_2025", "events_2026"])`.

use syn::parse::ParseStream;

use super::entry::{inside, list};
use super::index::dependants;
use super::value::{mistake, name, put, word};
use crate::key::suggestion;
use crate::{Name, PartitionAttr, Strategy};

const FORM: &str = "it is written `partition_by(range(created_at))`, with `list` or `hash` for `range`";

/// On a struct: how a row finds its partition, and which partitions there are.
pub(super) fn read(input: ParseStream, key: &Name) -> syn::Result<PartitionAttr> {
    let (mut by, mut partitions) = (None, None);
    inside(input, |input| {
        list(input, |input| {
            let option = word(input)?;
            if option.text == "partitions" {
                return put(&mut partitions, &option, dependants(input)?);
            }
            let strategy = Strategy::ALL.into_iter().find(|one| one.word() == option.text);
            let Some(strategy) = strategy else {
                let known = Strategy::ALL.map(Strategy::word).into_iter().chain(["partitions"]);
                let message = format!("`{option}` is no option of `{key}`");
                return Err(mistake(option.span, message, suggestion(&option.text, known)));
            };
            let mut columns = Vec::new();
            inside(input, |input| {
                list(input, |input| {
                    columns.push(name(input)?);
                    Ok(())
                })
            })?;
            if columns.is_empty() {
                return Err(mistake(option.span, format!("`{option}` names no column"), Some(FORM.into())));
            }
            put(&mut by, &option, (strategy, columns))
        })
    })?;
    let Some((strategy, columns)) = by else {
        return Err(mistake(key.span, format!("`{key}` doesn't say by what"), Some(FORM.into())));
    };
    Ok(PartitionAttr { span: key.span, strategy, columns, partitions })
}
