//! What is only worded otherwise is the same: a server prints expressions in words of its own.

use schemig_core::dialect::Dialect;
use schemig_core::schema::{Column, Expression, Index, IndexKey, Schema, Table};

use super::words::{self, Use};
use crate::database::Connection;

/// A database's schema, with each expression that means what the other schema says in the words of that one.
pub(super) fn aligned(
    found: &Schema,
    expected: &Schema,
    connection: &mut Connection,
    dialect: &dyn Dialect,
) -> Schema {
    let mut aligned = found.clone();
    let used = |name: &_| expected.enums.contains_key(name) || found.users_of(name).next().is_some();
    aligned.enums.retain(|name, _| used(name));
    for (name, should) in &expected.tables {
        let Some(is) = aligned.tables.get_mut(name) else { continue };
        let mut aligner = Aligner { should, connection, dialect };
        aligner.columns(is);
        aligner.checks(is);
        aligner.indexes(is);
    }
    aligned
}

/// Passes by labels that a plan has brought and no server takes off on its way back: the next way up finds them there.
pub(super) fn leave_labels(found: &mut Schema, expected: &Schema, coming: &Schema) {
    for (name, should) in &expected.enums {
        let (Some(is), Some(then)) = (found.enums.get_mut(name), coming.enums.get(name)) else { continue };
        let left = |label: &&String| !should.has(label) && then.has(label);
        if is.labels.iter().filter(|label| !left(label)).eq(&should.labels) {
            is.clone_from(should);
        }
    }
}

struct Aligner<'a> {
    should: &'a Table,
    connection: &'a mut Connection,
    dialect: &'a dyn Dialect,
}

impl Aligner<'_> {
    fn columns(&mut self, is: &mut Table) {
        for (name, column) in &mut is.columns {
            let Some(should) = self.should.columns.get(name) else { continue };
            let Column { default, generated, .. } = column;
            if let (Some(is), Some(should)) = (default.as_mut(), &should.default) {
                self.settle(is, should, Use::Default(name));
            }
            if let (Some(is), Some(should)) = (generated.as_mut(), &should.generated) {
                self.settle(&mut is.expression, &should.expression, Use::Generated(name));
            }
        }
    }

    fn checks(&mut self, is: &mut Table) {
        for (name, check) in &mut is.checks {
            if let Some(should) = self.should.checks.get(name) {
                self.settle(&mut check.expression, &should.expression, Use::Check);
            }
        }
    }

    fn indexes(&mut self, is: &mut Table) {
        for (name, index) in &mut is.indexes {
            let Some(should) = self.should.indexes.get(name) else { continue };
            let Index { keys, predicate, constraint, .. } = index;
            for (key, wanted) in keys.iter_mut().zip(&should.keys) {
                if let (IndexKey::Expression(is), IndexKey::Expression(should)) = (key, wanted) {
                    self.settle(is, should, Use::Key);
                }
            }
            if let (Some(is), Some(should)) = (predicate.as_mut(), &should.predicate) {
                self.settle(is, should, Use::Check);
            }
            // A constraint's index does what a plain one does, and a plan may have made it the one or the other.
            if !should.excludes() && should.deferral == index.deferral {
                *constraint = should.constraint;
            }
        }
    }

    /// Puts the words of the one in the place of the other's, where they mean the same.
    fn settle(&mut self, is: &mut Expression, should: &Expression, place: Use<'_>) {
        let alike = words::are_alike(is, should)
            || words::as_server_says(self.connection, self.dialect, self.should, should, place)
                .is_some_and(|worded| words::are_alike(is, &worded));
        if alike {
            is.clone_from(should);
        }
    }
}
