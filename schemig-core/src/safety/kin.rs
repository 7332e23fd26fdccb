//! Which tables refer to each other. It is asked for each table in each state, so it is gathered once for all states of a plan.

use std::collections::{BTreeMap, BTreeSet};

use crate::operation::Operation;
use crate::plan::Plan;
use crate::schema::{Schema, State, Table, TableName};

/// By table, the parents and children that it has in any state of a plan or in any release: more than in one of them.
#[derive(Default)]
pub(super) struct Kin(BTreeMap<TableName, BTreeSet<TableName>>);

impl Kin {
    /// Those of a plan that begins at `start`, and of the releases that run beside it.
    pub fn of_plan(plan: &Plan, start: &State, releases: &[&Schema]) -> Self {
        let mut kin = Self::default();
        releases.iter().chain([&&start.schema]).for_each(|schema| kin.add(schema));
        plan.steps.iter().flat_map(|step| &step.up).for_each(|operation| kin.follow(operation));
        kin
    }

    /// Those of one schema.
    pub fn of_schema(schema: &Schema) -> Self {
        let mut kin = Self::default();
        kin.add(schema);
        kin
    }

    /// The parents and children of a table, in order. A table that refers to itself is its own.
    pub fn of(&self, table: &TableName) -> impl Iterator<Item = &TableName> {
        self.0.get(table).into_iter().flatten()
    }

    fn add(&mut self, schema: &Schema) {
        schema.tables.iter().for_each(|(name, table)| self.refer(name, table));
    }

    fn refer(&mut self, child: &TableName, table: &Table) {
        table.foreign_keys.values().for_each(|key| self.relate(child, &key.references));
    }

    fn relate(&mut self, child: &TableName, parent: &TableName) {
        for (one, other) in [(child, parent), (parent, child)] {
            match self.0.get_mut(one) {
                Some(known) if known.contains(other) => {}
                Some(known) => _ = known.insert(other.clone()),
                None => _ = self.0.insert(one.clone(), [other.clone()].into()),
            }
        }
    }

    /// Adds what an operation brings. What it takes away stays: it was there before.
    fn follow(&mut self, operation: &Operation) {
        if let Operation::CreateTable { table, definition }
        | Operation::RebuildTable { table, definition, .. } = operation
        {
            self.refer(table, definition);
        } else if let Operation::AddForeignKey { table, definition, .. } = operation {
            self.relate(table, &definition.references);
        } else if let Operation::RenameTable { from, to } = operation {
            let known: Vec<TableName> = self.of(from).cloned().collect();
            for other in &known {
                self.relate(to, if other == from { to } else { other });
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Kin;
    use crate::operation::Operation;
    use crate::schema::{ForeignKey, Schema, Table, TableName};

    fn child_of(parent: &str) -> Table {
        let key = ForeignKey {
            columns: vec!["parent_id".into()],
            references: parent.into(),
            key: vec!["id".into()],
            on_delete: Default::default(),
            on_update: Default::default(),
            deferral: Default::default(),
            provenance: crate::schema::Provenance::Declared,
        };
        Table::keyed_by(["id"]).with_foreign_key("key", key)
    }

    fn of(kin: &Kin, table: &str) -> Vec<String> {
        kin.of(&TableName::from(table)).map(ToString::to_string).collect()
    }

    #[test]
    fn parents_and_children_know_each_other_under_each_name_that_they_get() {
        let schema = Schema::default()
            .with_table("users", Table::keyed_by(["id"]))
            .with_table("posts", child_of("users"));
        let mut kin = Kin::of_schema(&schema);
        assert_eq!(
            (of(&kin, "users"), of(&kin, "posts"), of(&kin, "tags")),
            (vec!["posts".into()], vec!["users".into()], vec![])
        );
        kin.follow(&Operation::RenameTable { from: "posts".into(), to: "notes".into() });
        kin.follow(&Operation::RenameTable { from: "users".into(), to: "people".into() });
        assert_eq!(of(&kin, "people"), ["notes", "posts"]);
        assert_eq!(of(&kin, "notes"), ["people", "users"]);
        kin.follow(&Operation::CreateTable { table: "tags".into(), definition: child_of("people") });
        assert_eq!(of(&kin, "people"), ["notes", "posts", "tags"]);
        kin.follow(&Operation::CreateTable { table: "trees".into(), definition: child_of("trees") });
        kin.follow(&Operation::RenameTable { from: "trees".into(), to: "woods".into() });
        assert_eq!(of(&kin, "woods"), ["woods"]);
    }
}
