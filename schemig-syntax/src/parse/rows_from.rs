//! `rows_from("users", user_id = "id", bio = "bio")`.

use syn::Token;
use syn::parse::ParseStream;

use super::entry::{inside, list};
use super::value::{mistake, name, text, word};
use crate::{Name, RowsFromAttr};

/// On a struct: the table, then what each column gets.
pub(super) fn read(input: ParseStream, key: &Name) -> syn::Result<RowsFromAttr> {
    inside(input, |input| {
        let from = name(input)?;
        input.parse::<Option<Token![,]>>()?;
        let mut columns = Vec::new();
        list(input, |input| {
            let column = word(input)?;
            columns.push((column, text(input)?));
            Ok(())
        })?;
        if columns.is_empty() {
            let help = format!("`{key}(\"{from}\", key_column = \"id\", other = \"other\")`");
            return Err(mistake(key.span, format!("`{key}` names no column"), Some(help)));
        }
        Ok(RowsFromAttr { span: key.span, from, columns })
    })
}
