//! The labels of enums: which a release knows, which the type has, and which rows may hold.

use super::TableView;
use crate::safety::misfit::{Cause, Misfit};
use crate::schema::{Column, ColumnName, EnumName, Schema};

impl TableView<'_> {
    /// Rows may hold each label that somebody who writes knows and the type has: a release can't read one that it doesn't know. One that
    /// the type doesn't have can't be written.
    pub(super) fn labels(&self, column: &ColumnName, known: &Column, found: &mut Vec<Misfit>) {
        let Some((enumeration, own)) = self.release.schema.enum_of(&known.sql_type) else { return };
        let Some(in_state) = self.state.schema.enums.get(&enumeration) else { return };
        for label in own.labels.iter().filter(|label| !in_state.has(label)) {
            found.push(self.write(cause(Cause::NoLabel, column, &enumeration, label)));
        }
        let written = |label: &str| self.others().any(|schema| knows(schema, &enumeration, label));
        for label in in_state.labels.iter().filter(|label| !own.has(label) && written(label)) {
            found.push(self.read(cause(Cause::UnknownLabel, column, &enumeration, label)));
        }
    }
}

fn cause(
    of: impl FnOnce(crate::safety::misfit::Label) -> Cause,
    column: &ColumnName,
    enumeration: &EnumName,
    label: &str,
) -> Cause {
    let (column, enumeration, label) = (column.clone(), enumeration.clone(), label.to_owned());
    of(crate::safety::misfit::Label { column, enumeration, label })
}

fn knows(schema: &Schema, enumeration: &EnumName, label: &str) -> bool {
    schema.enums.get(enumeration).is_some_and(|known| known.has(label))
}
