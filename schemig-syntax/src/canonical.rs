//! A model as one line of text, for its fingerprint.
//!
//! The text is syntactic: it holds names, type tokens and attributes, and knows no aliases and no dialect, for the derive sees one
//! item and nothing else. It leaves out the hints (they lead somewhere once and are then removed) and what the derive can't see.
//! It opens with a version; raise it with any change of the form, and every model is captured anew.

use crate::{
    Action, CheckAttr, EnumModel, Field, FieldKind, Generated, Identity, IdentityKind, IndexAttr, IndexKey,
    KeyOrder, Label, Model, Name, Nulls, PartitionAttr, References, Said, Storage, TableRef, Text, type_text,
};

const VERSION: &str = "1";

impl Model<'_> {
    /// What the model says, without hints: the same text for the same facts, in the derive and in the scan, whatever the layout.
    pub fn canonical(&self) -> String {
        let Model {
            ident,
            table: TableRef { name: table, modules: _, explicit: _ },
            primary_key,
            positional: _,
            fields,
            name,
            schema,
            renamed_from: _,
            rows_from: _,
            partition_by,
            indexes,
            uniques,
            exclusions,
            checks,
            dropped: _,
            comment,
        } = self;
        let mut line = Line(String::with_capacity(64 + 32 * fields.len()));
        line.raw(&[VERSION, ";struct ", &ident.text, ";table ", &table.text]);
        line.text(" name", name.as_ref());
        line.text(" schema", schema.as_ref());
        line.said(" comment", comment, |line, comment| line.quoted(&comment.text));
        line.raw(&[";key "]);
        line.names(primary_key);
        partition_by.iter().for_each(|partitioned| line.partition_by(partitioned));
        fields.iter().for_each(|field| line.field(field));
        indexes.iter().for_each(|index| line.index(";index", index));
        uniques.iter().for_each(|unique| line.index(";unique", unique));
        exclusions.iter().for_each(|exclusion| line.index(";exclude", exclusion));
        checks.iter().for_each(|check| line.check(";check", check));
        line.0
    }

    /// The short form of [`canonical`](Self::canonical).
    pub fn fingerprint(&self) -> String {
        crate::fingerprint(&self.canonical())
    }
}

impl EnumModel {
    /// What the enum says: the same text for the same labels.
    pub fn canonical(&self) -> String {
        let EnumModel { ident, type_name, diesel_type, labels } = self;
        let mut line = Line(String::new());
        line.raw(&[VERSION, ";enum ", &ident.text]);
        line.text(" name", type_name.as_ref());
        if let Some(diesel_type) = diesel_type {
            line.raw(&[" diesel=", &diesel_type.text]);
        }
        for Label { variant, label, renamed_from: _ } in labels {
            line.raw(&[";", &variant.text, "="]);
            line.quoted(&label.text);
        }
        line.0
    }

    /// The short form of [`canonical`](Self::canonical).
    pub fn fingerprint(&self) -> String {
        crate::fingerprint(&self.canonical())
    }
}

struct Line(String);

impl Line {
    fn raw(&mut self, parts: &[&str]) {
        parts.iter().for_each(|part| self.0.push_str(part));
    }

    /// In quotes, so that no text can pass for the form around it.
    fn quoted(&mut self, text: &str) {
        self.0.push('"');
        for character in text.chars() {
            if matches!(character, '"' | '\\') {
                self.0.push('\\');
            }
            self.0.push(character);
        }
        self.0.push('"');
    }

    fn text(&mut self, key: &str, text: Option<&Text>) {
        if let Some(text) = text {
            self.raw(&[key, "="]);
            self.quoted(&text.text);
        }
    }

    fn said<T>(&mut self, key: &str, said: &Said<T>, write: impl FnOnce(&mut Self, &T)) {
        match said {
            Said::Absent => {}
            Said::None(_) => self.raw(&[key, "=none"]),
            Said::Value(value) => {
                self.raw(&[key, "="]);
                write(self, value);
            }
        }
    }

    fn names(&mut self, names: &[Name]) {
        for (position, name) in names.iter().enumerate() {
            self.raw(&[if position > 0 { "," } else { "" }, &name.text]);
        }
    }

    fn field(&mut self, field: &Field<'_>) {
        let Field {
            ident: _,
            column,
            ty,
            kind,
            deserialize_as,
            name,
            sql_type,
            default,
            renamed_from: _,
            backfill: _,
            convert: _,
            convert_back: _,
            references,
            unique,
            index,
            checks,
            generated,
            identity,
            collate,
            comment,
        } = field;
        match kind {
            FieldKind::Skipped => return,
            FieldKind::Embed => return self.raw(&[";embed ", &type_text(ty)]),
            FieldKind::Column => self.raw(&[";field ", &column.text, ":", &type_text(ty)]),
        }
        if let Some(read) = deserialize_as {
            self.raw(&[" as:", &type_text(read)]);
        }
        self.text(" name", name.as_ref());
        self.text(" sql_type", sql_type.as_ref());
        self.said(" default", default, |line, default| line.quoted(&default.text));
        self.said(" generated", generated, Line::generated);
        self.said(" identity", identity, Line::identity);
        self.said(" collate", collate, |line, collation| line.quoted(&collation.text));
        self.said(" comment", comment, |line, comment| line.quoted(&comment.text));
        self.said(" references", references, Line::references);
        self.said(" index", index, |line, index| line.index("", index));
        self.said(" unique", unique, |line, unique| line.index("", unique));
        checks.iter().for_each(|check| self.check(" check", check));
    }

    fn generated(&mut self, Generated { expression, storage }: &Generated) {
        self.raw(&[match storage {
            Storage::Stored => "stored",
            Storage::Virtual => "virtual",
        }]);
        self.quoted(&expression.text);
    }

    fn identity(&mut self, Identity { span: _, kind }: &Identity) {
        self.raw(&[match kind {
            IdentityKind::Always => "always",
            IdentityKind::ByDefault => "by_default",
        }]);
    }

    fn references(&mut self, references: &References) {
        let References { span: _, table, column, on_delete, on_update, deferral, name } = references;
        self.quoted(&table.text);
        if let Some(column) = column {
            self.raw(&["("]);
            self.quoted(&column.text);
            self.raw(&[")"]);
        }
        self.action(" on_delete=", *on_delete);
        self.action(" on_update=", *on_update);
        if let Some(deferral) = deferral {
            self.raw(&[" ", deferral.word()]);
        }
        self.text(" name", name.as_ref());
    }

    fn action(&mut self, key: &str, action: Option<Action>) {
        if let Some(action) = action {
            self.raw(&[key, action.word()]);
        }
    }

    fn index(&mut self, word: &str, index: &IndexAttr) {
        let IndexAttr {
            span: _,
            name,
            keys,
            orders,
            operators,
            nulls_not_distinct,
            deferral,
            storage,
            method,
            predicate,
            include,
        } = index;
        self.raw(&[word, "("]);
        for (position, key) in keys.iter().enumerate() {
            self.raw(&[if position > 0 { "," } else { "" }]);
            match key {
                IndexKey::Column(column) => self.raw(&[&column.text]),
                IndexKey::Expression(expression) => self.quoted(&expression.text),
            }
            orders.get(position).into_iter().for_each(|order| self.order(order));
            self.text(" with", operators.get(position));
        }
        self.text(" name", name.as_ref());
        self.text(" method", method.as_ref());
        self.text(" where", predicate.as_ref());
        if !include.is_empty() {
            self.raw(&[" include "]);
            self.names(include);
        }
        if *nulls_not_distinct {
            self.raw(&[" nulls_not_distinct"]);
        }
        if let Some(deferral) = deferral {
            self.raw(&[" ", deferral.word()]);
        }
        self.said(" with", storage, |line, storage| {
            storage.iter().for_each(|(name, value)| line.quoted(&format!("{name}={value}")));
        });
        self.raw(&[")"]);
    }

    fn order(&mut self, KeyOrder { class, descending, nulls }: &KeyOrder) {
        self.text(" ops", class.as_ref());
        if *descending {
            self.raw(&[" desc"]);
        }
        match nulls {
            Some(Nulls::First) => self.raw(&[" nulls first"]),
            Some(Nulls::Last) => self.raw(&[" nulls last"]),
            None => {}
        }
    }

    fn partition_by(&mut self, PartitionAttr { span: _, strategy, columns, partitions }: &PartitionAttr) {
        self.raw(&[";partition ", strategy.word(), "("]);
        self.names(columns);
        self.raw(&[")"]);
        partitions.iter().for_each(|_| self.raw(&[" partitions"]));
        partitions.iter().flatten().for_each(|partition| self.quoted(&partition.text));
    }

    fn check(&mut self, word: &str, CheckAttr { span: _, name, expression }: &CheckAttr) {
        self.raw(&[word, "("]);
        self.quoted(&expression.text);
        self.text(" name", name.as_ref());
        self.raw(&[")"]);
    }
}

#[cfg(test)]
mod tests;
