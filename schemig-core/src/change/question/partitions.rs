//! What only a person can decide about tables whose rows are in partitions.

use super::Question;
use crate::schema::{Partitioning, TableName};

impl Question {
    /// A table that is to spread its rows otherwise: no server does that to one that stands.
    pub(crate) fn spread_otherwise(
        table: &TableName,
        from: Option<&Partitioning>,
        to: Option<&Partitioning>,
    ) -> Self {
        let spread = |by: Option<&Partitioning>| match by {
            None => "in one piece".to_owned(),
            Some(by) => {
                let columns: Vec<&str> = by.columns.iter().map(|column| column.as_str()).collect();
                format!("in partitions by {} of {}", by.strategy.word(), columns.join(", "))
            }
        };
        Self {
            table: table.clone(),
            column: None,
            condition: format!("{table} is {}, and is to be {}", spread(from), spread(to)),
            effect: "a table keeps the way in which it was made: the rows have to move to another one".into(),
            answers: vec![
                "a second model beside this one, of a new table that is so; make its partitions, write both tables in one release, \
                 copy the rows, read the new one in the next, and drop the old one then"
                    .into(),
                "take `partition_by` back to what it was".into(),
            ],
        }
    }
}
