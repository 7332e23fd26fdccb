//! Enums and their labels.

use super::{Applied, Inapplicable, refuse_twice, require_one};
use crate::schema::{Beside, Enum, EnumName, Expression, Schema, State};

impl State {
    pub(super) fn create_enum(&mut self, name: &EnumName, definition: &Enum) -> Applied {
        // A table, and a view, has a row type of its name.
        if self.schema.tables.contains_key(name) || self.in_flight.views.contains_key(name) {
            return Err(Inapplicable::Exists(name.to_string()));
        }
        refuse_twice(self.schema.enums.insert(name.clone(), definition.clone()), || format!("enum {name}"))
    }

    pub(super) fn drop_enum(&mut self, name: &EnumName) -> Applied {
        if let Some((table, _)) = self.schema.users_of(name).next() {
            return Err(Inapplicable::Needed(format!("a column of {table}")));
        }
        require_one(self.schema.enums.remove(name), || format!("enum {name}"))
    }

    /// A label that is there already stays where it is: none can be taken off, so one that was may come back.
    pub(super) fn add_enum_value(&mut self, name: &EnumName, value: &str, at: Option<&Beside>) -> Applied {
        let known = self.enum_mut(name)?;
        if known.has(value) {
            return Ok(());
        }
        let missing = || Inapplicable::Missing(format!("the neighbour of '{value}' in enum {name}"));
        known.insert(value, at).ok_or_else(missing)
    }

    /// The server's own words for a default follow the label.
    pub(super) fn rename_enum_value(&mut self, name: &EnumName, from: &str, to: &str) -> Applied {
        let known = self.enum_mut(name)?;
        if known.has(to) {
            return Err(Inapplicable::Exists(format!("'{to}' in enum {name}")));
        }
        let label = known.labels.iter_mut().find(|label| *label == from);
        let label = label.ok_or_else(|| Inapplicable::Missing(format!("'{from}' in enum {name}")))?;
        *label = to.to_owned();
        self.schema.rename_in_defaults(name, from, to);
        Ok(())
    }

    pub(super) fn replace_enum(&mut self, name: &EnumName, definition: &Enum) -> Applied {
        *self.enum_mut(name)? = definition.clone();
        Ok(())
    }

    fn enum_mut(&mut self, name: &EnumName) -> Result<&mut Enum, Inapplicable> {
        self.schema.enums.get_mut(name).ok_or_else(|| Inapplicable::Missing(format!("enum {name}")))
    }
}

impl Schema {
    /// Writes a label otherwise where it is the default of a column of the enum.
    pub(crate) fn rename_in_defaults(&mut self, name: &EnumName, from: &str, to: &str) {
        let users: Vec<_> = self.users_of(name).map(|(table, _)| table.clone()).collect();
        for table in users {
            let columns =
                self.tables.get_mut(&table).into_iter().flat_map(|table| table.columns.values_mut());
            for column in columns.filter(|column| column.sql_type.is_of(name)) {
                column.default = column.default.take().map(|default| renamed(default, from, to));
            }
        }
    }
}

fn renamed(default: Expression, from: &str, to: &str) -> Expression {
    let quoted = |label: &str| format!("'{}'", label.replace('\'', "''"));
    let rest =
        default.as_str().strip_prefix(&quoted(from)).filter(|rest| rest.is_empty() || rest.starts_with("::"));
    rest.map(|rest| Expression(format!("{}{rest}", quoted(to)))).unwrap_or_else(|| default.clone())
}
