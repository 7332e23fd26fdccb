//! Models and enums: `schemig-syntax` reads them, and this makes data of what it read.

use schemig_syntax as syntax;
use syn::{ItemEnum, ItemStruct};

use super::{Places, faults, name, text, type_use};
use crate::capture::{
    BackfillWish, CheckWish, ColumnField, DroppedWish, Enumeration, Fault, Field, IndexWish, KeyWish, Label,
    Model, PartitionWish, ReferenceWish, RowsWish, RustType, Said, TypeUse, Word,
};
use crate::schema::{Action, Deferral, KeyOrder, Nulls, Strategy};

/// Reads a struct that derives `Migratable`.
///
/// # Errors
/// Every mistake in it.
pub fn model(item: &ItemStruct, at: Places) -> Result<Model, Vec<Fault>> {
    syntax::parse::model(item).map(|model| data(model, at)).map_err(|errors| faults(&errors, at))
}

/// Reads a struct that doesn't derive `Migratable` as if it did. Its primary key may be one that it doesn't have.
///
/// # Errors
/// Every mistake in it.
pub fn unfinished_model(item: &ItemStruct, at: Places) -> Result<Model, Vec<Fault>> {
    syntax::parse::unfinished_model(item).map(|model| data(model, at)).map_err(|errors| faults(&errors, at))
}

fn data(model: syntax::Model<'_>, at: Places) -> Model {
    let fingerprint = model.fingerprint();
    let syntax::Model {
        ident,
        table,
        primary_key,
        positional,
        fields: own,
        name: sql_name,
        schema,
        renamed_from,
        rows_from,
        partition_by,
        indexes,
        uniques,
        exclusions,
        checks,
        dropped,
        comment,
    } = model;
    let plain = indexes.iter().chain(&exclusions).map(|wish| index(wish, false, at));
    Model {
        ident: name(&ident, at),
        table: name(&table.name, at),
        table_modules: table.modules,
        primary_key: primary_key.iter().map(|column| name(column, at)).collect(),
        positional,
        fields: fields(&own, at),
        name: sql_name.as_ref().map(|word| text(word, at)),
        schema: schema.as_ref().map(|word| text(word, at)),
        renamed_from: said(&renamed_from, at, |word| name(word, at)),
        rows_from: rows_from.as_ref().map(|wish| self::rows_from(wish, at)),
        partition_by: partition_by.as_ref().map(|wish| self::partition_by(wish, at)),
        indexes: plain.chain(uniques.iter().map(|wish| index(wish, true, at))).collect(),
        checks: checks.iter().map(|wish| check(wish, at)).collect(),
        dropped: dropped.iter().map(|wish| self::dropped(wish, at)).collect(),
        comment: said(&comment, at, |word| text(word, at)),
        fingerprint,
    }
}

/// Reads an enum that derives `MigratableEnum` or `DbEnum`.
///
/// # Errors
/// Every mistake in it.
pub fn enumeration(item: &ItemEnum, at: Places) -> Result<Enumeration, Vec<Fault>> {
    let read = syntax::parse::enumeration(item).map_err(|errors| faults(&errors, at))?;
    let fingerprint = read.fingerprint();
    let syntax::EnumModel { ident: _, type_name, diesel_type, labels } = read;
    let marker = |last: &syntax::Name| TypeUse {
        ty: RustType::Path { path: vec![last.text.clone()], arguments: Vec::new() },
        text: last.text.clone(),
        place: at(last.span),
    };
    let label = |label: &syntax::Label| Label {
        label: text(&label.label, at),
        renamed_from: said(&label.renamed_from, at, |word| text(word, at)),
    };
    Ok(Enumeration {
        type_name: type_name.as_ref().map(|word| text(word, at)),
        diesel_type: diesel_type.as_ref().map(marker),
        labels: labels.iter().map(label).collect(),
        fingerprint,
    })
}

/// The fields that are columns, here or in another struct.
pub(super) fn fields(fields: &[syntax::Field<'_>], at: Places) -> Vec<Field> {
    let field = |field: &syntax::Field<'_>| match field.kind {
        syntax::FieldKind::Column => Some(Field::Column(Box::new(column(field, at)))),
        syntax::FieldKind::Embed => {
            Some(Field::Embed { ident: name(&field.ident, at), ty: type_use(field.ty, at) })
        }
        syntax::FieldKind::Skipped => None,
    };
    fields.iter().filter_map(field).collect()
}

fn column(field: &syntax::Field<'_>, at: Places) -> ColumnField {
    let syntax::Field {
        ident: _,
        column,
        ty: _,
        kind: _,
        deserialize_as: _,
        name: sql_name,
        sql_type,
        default,
        renamed_from,
        backfill,
        convert,
        convert_back,
        references,
        unique,
        index: plain,
        checks,
        generated,
        identity,
        collate,
        comment,
    } = field;
    let word = |word: &syntax::Text| text(word, at);
    ColumnField {
        column: name(column, at),
        ty: type_use(field.read_type(), at),
        name: sql_name.as_ref().map(word).map(Box::new),
        sql_type: sql_type.as_ref().map(word).map(Box::new),
        default: said(default, at, word),
        renamed_from: said(renamed_from, at, |former| name(former, at)),
        backfill: said(backfill, at, |wish| self::backfill(wish, at)),
        convert: convert.as_ref().map(word).map(Box::new),
        convert_back: convert_back.as_ref().map(word).map(Box::new),
        references: said(references, at, |wish| reference(wish, at)),
        unique: said(unique, at, |wish| index(wish, true, at)),
        index: said(plain, at, |wish| index(wish, false, at)),
        checks: checks.iter().map(|wish| check(wish, at)).collect(),
        generated: said(generated, at, |wish| {
            (word(&wish.expression), wish.storage == syntax::Storage::Stored)
        }),
        identity: said(identity, at, |wish| wish.kind == syntax::IdentityKind::Always),
        collation: said(collate, at, word),
        comment: said(comment, at, word),
    }
}

fn said<T, U>(said: &syntax::Said<T>, at: Places, read: impl FnOnce(&T) -> U) -> Said<U> {
    match said {
        syntax::Said::Absent => Said::Absent,
        syntax::Said::None(word) => Said::None(Box::new(at(word.0))),
        syntax::Said::Value(value) => Said::Value(Box::new(read(value))),
    }
}

fn index(wish: &syntax::IndexAttr, unique: bool, at: Places) -> IndexWish {
    let syntax::IndexAttr {
        span,
        name: own,
        keys,
        orders,
        operators,
        nulls_not_distinct,
        deferral: when,
        storage,
        method,
        predicate,
        include,
    } = wish;
    let word = |word: &syntax::Text| text(word, at);
    let key = |key: &syntax::IndexKey| match key {
        syntax::IndexKey::Column(column) => KeyWish::Column(name(column, at)),
        syntax::IndexKey::Expression(expression) => KeyWish::Expression(word(expression)),
    };
    IndexWish {
        place: at(*span),
        unique,
        name: own.as_ref().map(word),
        keys: keys.iter().map(key).collect(),
        orders: orders.iter().map(order).collect(),
        operators: operators.iter().map(|operator| operator.text.clone()).collect(),
        nulls_not_distinct: *nulls_not_distinct,
        deferral: when.map(deferral),
        storage: said(storage, at, Clone::clone),
        method: method.as_ref().map(word),
        predicate: predicate.as_ref().map(word),
        include: include.iter().map(|column| name(column, at)).collect(),
    }
}

fn order(order: &syntax::KeyOrder) -> KeyOrder {
    let syntax::KeyOrder { class, descending, nulls } = order;
    let nulls = nulls.map(|nulls| match nulls {
        syntax::Nulls::First => Nulls::First,
        syntax::Nulls::Last => Nulls::Last,
    });
    KeyOrder { class: class.as_ref().map(|class| class.text.clone()), descending: *descending, nulls }
}

fn check(wish: &syntax::CheckAttr, at: Places) -> CheckWish {
    let syntax::CheckAttr { span: _, name, expression } = wish;
    CheckWish { name: name.as_ref().map(|word| text(word, at)), expression: text(expression, at) }
}

fn deferral(said: syntax::Deferral) -> Deferral {
    match said {
        syntax::Deferral::Never => Deferral::Never,
        syntax::Deferral::Immediate => Deferral::Immediate,
        syntax::Deferral::Deferred => Deferral::Deferred,
    }
}

fn reference(wish: &syntax::References, at: Places) -> ReferenceWish {
    let syntax::References { span, table, column, on_delete, on_update, deferral: when, name: own } = wish;
    ReferenceWish {
        place: at(*span),
        table: name(table, at),
        column: column.as_ref().map(|column| name(column, at)),
        on_delete: action(*on_delete),
        on_update: action(*on_update),
        deferral: when.map(deferral),
        name: own.as_ref().map(|word| text(word, at)),
    }
}

fn action(action: Option<syntax::Action>) -> Action {
    match action {
        None | Some(syntax::Action::NoAction) => Action::NoAction,
        Some(syntax::Action::Restrict) => Action::Restrict,
        Some(syntax::Action::Cascade) => Action::Cascade,
        Some(syntax::Action::SetNull) => Action::SetNull,
        Some(syntax::Action::SetDefault) => Action::SetDefault,
    }
}

fn backfill(wish: &syntax::Backfill, at: Places) -> BackfillWish {
    let word = |word: &syntax::Text| text(word, at);
    match wish {
        syntax::Backfill::Expression(expression) => BackfillWish::Expression(word(expression)),
        syntax::Backfill::From { from, key, value, otherwise } => BackfillWish::From {
            table: name(from, at),
            key: name(key, at),
            value: name(value, at),
            otherwise: otherwise.as_ref().map(word),
        },
    }
}

fn rows_from(wish: &syntax::RowsFromAttr, at: Places) -> RowsWish {
    let syntax::RowsFromAttr { span, from, columns } = wish;
    let columns = columns.iter().map(|(column, value)| (name(column, at), text(value, at))).collect();
    RowsWish { place: at(*span), table: name(from, at), columns }
}

fn partition_by(wish: &syntax::PartitionAttr, at: Places) -> PartitionWish {
    let syntax::PartitionAttr { span, strategy, columns, partitions } = wish;
    PartitionWish {
        place: at(*span),
        strategy: match strategy {
            syntax::Strategy::Range => Strategy::Range,
            syntax::Strategy::List => Strategy::List,
            syntax::Strategy::Hash => Strategy::Hash,
        },
        columns: columns.iter().map(|column| name(column, at)).collect(),
        partitions: partitions.as_ref().map(|names| names.iter().map(|word| text(word, at)).collect()),
    }
}

fn dropped(wish: &syntax::DroppedAttr, at: Places) -> DroppedWish {
    let syntax::DroppedAttr { span: _, column, fill, with } = wish;
    let word = |word: &syntax::Text| -> Word { text(word, at) };
    DroppedWish {
        column: name(column, at),
        fill: said(fill, at, word),
        with: with.iter().map(word).collect(),
    }
}
