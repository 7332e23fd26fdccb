//! Arbitrary values of everything that a file can hold.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use proptest::collection::{btree_map, btree_set, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use schemig_core::change::{Change, Fill};
use schemig_core::operation::Operation;
use schemig_core::plan::{Approval, Cancel, Delta, EnumDelta, Phase, Plan, PlanId, Promise, Seen, Step};
use schemig_core::schema::{
    Action, Beside, Check, Column, ColumnName, ColumnRef, ConstraintName, Conversion, Deferral, Enum,
    Expression, Fact, ForeignKey, Generated, Identity, Index, IndexKey, IndexName, KeyOrder, ModelMark,
    Nulls, Origin, Partitioning, Provenance, RowsFrom, Source, SqlType, Strategy as Spread, Table, TableName,
    Violation,
};

/// Names as servers allow them: with spaces, quotes, line breaks and letters of any script.
fn name() -> impl Strategy<Value = String> {
    prop_oneof![4 => "[a-z_]{1,8}", 1 => "[a-zA-Z0-9 \"'\\\\=#é\n\t\u{7f}-]{1,6}"]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![3 => "[a-z0-9 '(),<>=:\"]{0,20}", 1 => any::<String>()]
}

/// A table's or an enum's name.
pub fn table_name() -> impl Strategy<Value = TableName> {
    (option::of(name()), name()).prop_map(|(schema, name)| TableName { schema, name })
}

fn column_name() -> impl Strategy<Value = ColumnName> {
    name().prop_map(ColumnName)
}

fn index_name() -> impl Strategy<Value = IndexName> {
    name().prop_map(IndexName)
}

fn constraint() -> impl Strategy<Value = ConstraintName> {
    name().prop_map(ConstraintName)
}

fn expression() -> impl Strategy<Value = Expression> {
    text().prop_map(Expression)
}

fn provenance() -> impl Strategy<Value = Provenance> {
    select(vec![Provenance::Declared, Provenance::Observed])
}

fn sql_type() -> impl Strategy<Value = SqlType> {
    select(vec![
        "bigint",
        "varchar(20)",
        "numeric(10,2)",
        "text[]",
        "timestamptz",
        "geometry(Point,4326)",
        "a \"b\"",
    ])
    .prop_map(SqlType::parse)
}

fn column() -> impl Strategy<Value = Column> {
    let generated =
        (expression(), any::<bool>()).prop_map(|(expression, stored)| Generated { expression, stored });
    let kind = (sql_type(), any::<bool>(), option::of(expression()), option::of(generated));
    let rest = (
        option::of(select(vec![Identity::Always, Identity::ByDefault])),
        option::of(text()),
        option::of(text()),
        option::of(name()),
        provenance(),
        btree_set(select(vec![Fact::Default, Fact::Identity, Fact::Comment]), 0..3),
    );
    (kind, rest).prop_map(
        |(
            (sql_type, nullable, default, generated),
            (identity, collation, comment, identifier, provenance, observed),
        )| Column {
            sql_type,
            nullable,
            default,
            generated,
            identity,
            collation,
            comment,
            identifier,
            provenance,
            observed,
        },
    )
}

fn index() -> impl Strategy<Value = Index> {
    let key =
        prop_oneof![column_name().prop_map(IndexKey::Column), expression().prop_map(IndexKey::Expression)];
    let nulls = option::of(select(vec![Nulls::First, Nulls::Last]));
    let order = (option::of(name()), any::<bool>(), nulls);
    let order = order.prop_map(|(class, descending, nulls)| KeyOrder { class, descending, nulls });
    let storage = btree_map("[a-z]{1,8}", "[a-z0-9]{1,4}", 0..2);
    let operators = vec(select(vec!["=".to_owned(), "&&".to_owned(), "public.<>".to_owned()]), 0..3);
    (
        (vec(key, 1..3), vec(order, 0..3), operators),
        (any::<bool>(), any::<bool>(), storage),
        option::of(name()),
        option::of(expression()),
        vec(column_name(), 0..2),
        (any::<bool>(), select(vec![Deferral::Never, Deferral::Immediate, Deferral::Deferred])),
        provenance(),
    )
        .prop_map(
            |(
                (keys, orders, operators),
                (unique, nulls_not_distinct, storage),
                method,
                predicate,
                include,
                (constraint, deferral),
                provenance,
            )| Index {
                keys,
                orders,
                operators,
                unique,
                nulls_not_distinct,
                storage,
                method,
                predicate,
                include,
                constraint,
                deferral,
                provenance,
            },
        )
}

fn foreign_key() -> impl Strategy<Value = ForeignKey> {
    let action = || {
        select(vec![Action::NoAction, Action::Restrict, Action::Cascade, Action::SetNull, Action::SetDefault])
    };
    let deferral = select(vec![Deferral::Never, Deferral::Immediate, Deferral::Deferred]);
    (
        vec(column_name(), 1..3),
        table_name(),
        vec(column_name(), 1..3),
        action(),
        action(),
        deferral,
        provenance(),
    )
        .prop_map(|(columns, references, key, on_delete, on_update, deferral, provenance)| ForeignKey {
            columns,
            references,
            key,
            on_delete,
            on_update,
            deferral,
            provenance,
        })
}

/// An enum.
pub fn enumeration() -> impl Strategy<Value = Enum> {
    (vec(text(), 0..4), provenance(), option::of(vec(text(), 0..4)))
        .prop_map(|(labels, provenance, declared)| Enum { labels, provenance, declared })
}

fn beside() -> impl Strategy<Value = Option<Beside>> {
    option::of(prop_oneof![text().prop_map(Beside::Before), text().prop_map(Beside::After)])
}

fn check() -> impl Strategy<Value = Check> {
    (expression(), provenance()).prop_map(|(expression, provenance)| Check { expression, provenance })
}

fn partitioning() -> impl Strategy<Value = Partitioning> {
    let strategy = select(vec![Spread::Range, Spread::List, Spread::Hash]);
    let partitions = option::of(vec(table_name(), 0..3));
    (strategy, vec(column_name(), 1..3), partitions)
        .prop_map(|(strategy, columns, partitions)| Partitioning { strategy, columns, partitions })
}

/// A table.
pub fn table() -> impl Strategy<Value = Table> {
    (
        vec(column_name(), 0..3),
        option::of(name()),
        option::of(text()),
        option::of(partitioning()),
        vec((column_name(), column()), 0..4),
        btree_map(index_name(), index(), 0..3),
        btree_map(constraint(), foreign_key(), 0..2),
        btree_map(constraint(), check(), 0..2),
    )
        .prop_map(
            |(primary_key, identifier, comment, partition_by, columns, indexes, foreign_keys, checks)| {
                Table {
                    primary_key,
                    identifier,
                    comment,
                    partition_by,
                    columns: columns.into_iter().collect(),
                    indexes,
                    foreign_keys,
                    checks,
                }
            },
        )
}

/// A table with its name and models.
pub fn snapshot() -> impl Strategy<Value = (TableName, Table, Vec<ModelMark>)> {
    let mark =
        (name(), "[0-9a-f]{16}").prop_map(|(type_name, fingerprint)| ModelMark { type_name, fingerprint });
    (table_name(), table(), vec(mark, 0..2))
}

fn source() -> impl Strategy<Value = Source> {
    (table_name(), column_name(), column_name(), option::of(expression()))
        .prop_map(|(table, key, value, otherwise)| Source { table, key, value, otherwise })
}

fn origin() -> impl Strategy<Value = Origin> {
    prop_oneof![
        expression().prop_map(Origin::Expression),
        source().prop_map(Origin::Source),
        column_name().prop_map(Origin::Column)
    ]
}

fn rows() -> impl Strategy<Value = RowsFrom> {
    (table_name(), column_name(), column_name(), vec((column_name(), expression()), 0..3)).prop_map(
        |(table, source_key, key, values)| RowsFrom {
            table,
            source_key,
            key,
            values: values.into_iter().collect(),
        },
    )
}

fn violation() -> impl Strategy<Value = Violation> {
    prop_oneof![
        column_name().prop_map(|column| Violation::Null { column }),
        (column_name(), source()).prop_map(|(column, source)| Violation::Stale { column, source }),
        (column_name(), column_name()).prop_map(|(old, new)| Violation::Differ { old, new }),
        expression().prop_map(|expression| Violation::Check { expression }),
        foreign_key().prop_map(|foreign_key| Violation::Orphan { foreign_key }),
        index().prop_map(|index| Violation::Duplicate { index }),
        rows().prop_map(|rows| Violation::Uncopied { rows }),
    ]
}

fn conversion() -> impl Strategy<Value = Conversion> {
    (option::of(expression()), option::of(expression())).prop_map(|(forth, back)| Conversion { forth, back })
}

/// Every kind of value that an operation is made of, once per shape. Operations of one shape differ in name only.
fn operation() -> impl Strategy<Value = Operation> {
    let at = || (table_name(), column_name());
    prop_oneof![
        (table_name(), table()).prop_map(|(table, definition)| Operation::CreateTable { table, definition }),
        table_name().prop_map(|table| Operation::DropTable { table }),
        (table_name(), table_name()).prop_map(|(from, to)| Operation::RenameTable { from, to }),
        (table_name(), table_name(), vec(column_name(), 0..3))
            .prop_map(|(view, table, columns)| Operation::CreateView { view, table, columns }),
        (at(), column()).prop_map(|((table, column), definition)| Operation::AddColumn {
            table,
            column,
            definition
        }),
        (at(), column_name(), conversion()).prop_map(|((table, new), old, conversion)| Operation::Mirror {
            table,
            old,
            new,
            conversion
        }),
        (at(), sql_type(), conversion()).prop_map(|((table, column), to, conversion)| Operation::AlterType {
            table,
            column,
            to,
            conversion
        }),
        (at(), expression()).prop_map(|((table, column), default)| Operation::SetDefault {
            table,
            column,
            default
        }),
        (at(), option::of(constraint())).prop_map(|((table, column), proof)| Operation::SetNotNull {
            table,
            column,
            proof
        }),
        (table_name(), index_name(), index(), any::<bool>()).prop_map(
            |(table, index, definition, online)| {
                Operation::CreateIndex { table, index, definition, online }
            }
        ),
        (table_name(), index_name(), index(), vec(table_name(), 0..3)).prop_map(
            |(table, index, definition, partitions)| {
                Operation::BeginIndex { table, index, definition, partitions }
            }
        ),
        (table_name(), index_name(), index(), table_name()).prop_map(
            |(table, index, definition, partition)| {
                Operation::BuildIndexPart { table, index, partition, definition }
            }
        ),
        (table_name(), constraint(), check(), any::<bool>()).prop_map(
            |(table, name, definition, validated)| {
                Operation::AddCheck { table, name, definition, validated }
            }
        ),
        (table_name(), constraint(), foreign_key(), any::<bool>()).prop_map(
            |(table, name, definition, validated)| Operation::AddForeignKey {
                table,
                name,
                definition,
                validated
            }
        ),
        (at(), origin()).prop_map(|((table, column), origin)| Operation::KeepFilled {
            table,
            column,
            origin
        }),
        (at(), source()).prop_map(|((table, column), source)| Operation::Follow { table, column, source }),
        (at(), origin(), any::<bool>()).prop_map(|((table, column), origin, batched)| Operation::Backfill {
            table,
            column,
            origin,
            batched
        }),
        (table_name(), rows()).prop_map(|(table, rows)| Operation::FollowRows { table, rows }),
        (table_name(), rows(), any::<bool>()).prop_map(|(table, rows, batched)| Operation::CopyRows {
            table,
            rows,
            batched
        }),
        (table_name(), violation()).prop_map(|(table, against)| Operation::Guard { table, against }),
        (table_name(), enumeration())
            .prop_map(|(name, definition)| Operation::CreateEnum { name, definition }),
        (table_name(), text(), beside()).prop_map(|(name, value, at)| Operation::AddEnumValue {
            name,
            value,
            at
        }),
        (table_name(), table(), vec((column_name(), expression()), 0..3)).prop_map(
            |(table, definition, values)| Operation::RebuildTable {
                table,
                definition,
                values: values.into_iter().collect(),
                back: IndexMap::new(),
            }
        ),
    ]
}

fn change() -> impl Strategy<Value = Change> {
    let at = || (table_name(), column_name());
    let fill = prop_oneof![Just(Fill::Unneeded), expression().prop_map(Fill::With), Just(Fill::Forgone)];
    prop_oneof![
        (table_name(), table(), option::of(rows()))
            .prop_map(|(table, definition, rows)| Change::CreateTable { table, definition, rows }),
        (at(), column(), option::of(origin())).prop_map(|((table, column), definition, backfill)| {
            Change::AddColumn { table, column, definition, backfill }
        }),
        (at(), fill).prop_map(|((table, column), fill)| Change::DropColumn { table, column, fill }),
        (at(), option::of(expression()), option::of(expression()))
            .prop_map(|((table, column), from, to)| Change::ChangeDefault { table, column, from, to }),
        (at(), column_name(), conversion()).prop_map(|((table, from), to, conversion)| {
            Change::ReplaceColumn { table, from, to, conversion }
        }),
        (at(), sql_type(), sql_type(), conversion()).prop_map(|((table, column), from, to, conversion)| {
            Change::RetypeColumn { table, column, from, to, conversion }
        }),
        (table_name(), index_name(), index(), index())
            .prop_map(|(table, index, from, to)| Change::ReplaceIndex { table, index, from, to }),
        (table_name(), text(), beside()).prop_map(|(name, value, at)| Change::AddEnumValue {
            name,
            value,
            at
        }),
        (table_name(), enumeration(), enumeration()).prop_map(|(name, from, to)| Change::ReplaceEnum {
            name,
            from,
            to
        }),
    ]
}

fn promise() -> impl Strategy<Value = Promise> {
    let at = || (table_name(), column_name()).prop_map(|(table, column)| ColumnRef { table, column });
    prop_oneof![
        (table_name(), table_name())
            .prop_map(|(table, source)| Promise::WritesBothInOneTransaction { table, source }),
        at().prop_map(|at| Promise::WritesNoNull { at }),
        (at(), sql_type()).prop_map(|(at, old)| Promise::WritesWhatHasAnOldForm { at, old }),
        (table_name(), index_name()).prop_map(|(table, index)| Promise::WaitsForIndex { table, index }),
        table_name().prop_map(|table| Promise::LetsTriggersFire { table }),
        table_name().prop_map(|table| Promise::MakesPartitions { table }),
        (table_name(), text()).prop_map(|(name, label)| Promise::WritesNoLabel { name, label }),
    ]
}

/// A plan.
pub fn plan() -> impl Strategy<Value = Plan> {
    let id = || name().prop_map(PlanId);
    let delta =
        (option::of(table()), option::of(table())).prop_map(|(before, after)| Delta { before, after });
    let cancel = (id(), 0..9_usize).prop_map(|(plan, change)| Cancel { plan, change });
    let seen = (name(), text(), vec(0..4_usize, 0..3)).prop_map(|(rule, condition, steps)| Seen {
        rule,
        condition,
        steps,
    });
    let approval = (vec(name(), 0..3), text(), vec(seen, 0..3)).prop_map(approval);
    let about = (id(), vec(id(), 0..3), any::<bool>(), any::<bool>());
    let kept = (vec(cancel, 0..2), vec(promise(), 0..3), vec(approval, 0..2));
    let enum_delta = (option::of(enumeration()), option::of(enumeration()))
        .prop_map(|(before, after)| EnumDelta { before, after });
    let deltas = (btree_map(table_name(), delta, 0..3), btree_map(table_name(), enum_delta, 0..2));
    (about, kept, deltas, vec(change(), 1..3), vec(step(), 0..4)).prop_map(
        |(
            (id, parents, overlap, confirmed),
            (cancels, promises, mut approvals),
            (tables, enums),
            changes,
            steps,
        )| {
            for seen in approvals.iter_mut().flat_map(|approval| &mut approval.seen) {
                seen.steps.retain(|place| *place < steps.len());
            }
            Plan {
                id,
                parents,
                overlap,
                tables: BTreeMap::from_iter(tables),
                enums: BTreeMap::from_iter(enums),
                changes,
                steps,
                cancels,
                promises,
                confirmed,
                approvals,
            }
        },
    )
}

/// What was seen belongs to a rule that was signed off.
fn approval((mut rules, reason, seen): (Vec<String>, String, Vec<Seen>)) -> Approval {
    rules.extend(seen.iter().map(|seen| seen.rule.clone()));
    Approval { rules, reason, seen }
}

fn step() -> impl Strategy<Value = Step> {
    let phase = select(vec![Phase::Expand, Phase::Backfill, Phase::Contract]);
    (phase, vec(operation(), 0..3), vec(operation(), 0..3)).prop_map(|(phase, up, down)| Step {
        phase,
        cause: 0,
        up,
        down,
    })
}
