//! What SQLite's pragmas don't tell and only its stored text does: names of constraints, checks, collations, expressions.

use schemig_core::schema::{Deferral, Expression, IndexKey, KeyOrder};

use super::token::{Kind, Token, behind_brackets, split_at_commas, tokens};

/// What the text of CREATE TABLE adds to the pragmas. Names are `None` where the text has none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Checks in their order, with the column that one stands behind.
    pub checks: Vec<Named<(Option<String>, Expression)>>,
    /// Columns of foreign keys, and when they are checked.
    pub foreign_keys: Vec<Named<(Vec<String>, Deferral)>>,
    /// Columns of UNIQUE constraints.
    pub uniques: Vec<Named<Vec<String>>>,
    /// Collations by column.
    pub collations: Vec<(String, String)>,
    /// Expressions of computed columns, by column.
    pub generated: Vec<(String, Expression)>,
    /// Whether numbers are never given twice.
    pub autoincrement: bool,
}

/// Something and the constraint name in front of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Named<T> {
    pub name: Option<String>,
    pub what: T,
}

/// The text's table; `None` if it isn't a list of columns.
pub(super) fn table(sql: &str) -> Option<Text> {
    let tokens = tokens(sql);
    let open = tokens.iter().position(|token| token.symbol('('))?;
    let close = behind_brackets(&tokens, open);
    let mut text = Text::default();
    for item in split_at_commas(&tokens[open + 1..close - 1]) {
        let first = item.first()?;
        let constraint =
            ["constraint", "primary", "unique", "check", "foreign"].iter().any(|word| first.is(word));
        let reader = Reader { sql, column: if constraint { None } else { Some(name_of(first, sql)) } };
        reader.read(if constraint { item } else { &item[1..] }, &mut text);
    }
    Some(text)
}

/// SQLite takes a string for a name, too.
fn name_of(token: &Token, sql: &str) -> String {
    token
        .name()
        .map(str::to_owned)
        .unwrap_or_else(|| sql[token.start..token.end].trim_matches('\'').to_owned())
}

struct Reader<'a> {
    sql: &'a str,
    column: Option<String>,
}

impl Reader<'_> {
    /// Reads what stands behind a column's name, or a table constraint.
    fn read(&self, item: &[Token], text: &mut Text) {
        let mut name = None;
        let mut at = 0;
        while at < item.len() {
            let next = item.get(at + 1);
            let keyword = item[at].clone();
            if keyword.is("constraint") {
                name = next.map(|token| name_of(token, self.sql));
                at += 2;
                continue;
            }
            if keyword.is("collate") {
                let collation = next.map(|token| name_of(token, self.sql));
                text.collations.extend(self.column.clone().zip(collation));
                at += 2;
                continue;
            }
            let open = (at..item.len()).find(|at| item[*at].symbol('('));
            let end = open.map_or(item.len(), |open| behind_brackets(item, open));
            let inside = || open.map_or(&item[0..0], |open| &item[open + 1..end - 1]);
            let follows = open.is_some_and(|open| open == at + 1);
            if keyword.is("check") && follows {
                let what = (self.column.clone(), self.expression(inside()));
                text.checks.push(Named { name: name.take(), what });
                at = end;
            } else if keyword.is("as") && follows {
                text.generated.extend(self.column.clone().map(|column| (column, self.expression(inside()))));
                at = end;
            } else if keyword.is("unique") {
                let columns = self.columns(inside());
                text.uniques.push(Named { name: name.take(), what: columns });
                at = if self.column.is_some() { at + 1 } else { end };
            } else if keyword.is("foreign") {
                let columns = self.columns(inside());
                text.foreign_keys.push(Named { name: name.take(), what: (columns, deferral(&item[at..])) });
                at = item.len();
            } else if keyword.is("references") {
                let columns = self.column.clone().into_iter().collect();
                text.foreign_keys.push(Named { name: name.take(), what: (columns, deferral(&item[at..])) });
                at += 2;
            } else {
                text.autoincrement |= keyword.is("autoincrement");
                at = if keyword.symbol('(') { behind_brackets(item, at) } else { at + 1 };
            }
        }
    }

    fn columns(&self, inside: &[Token]) -> Vec<String> {
        match &self.column {
            Some(column) => vec![column.clone()],
            None => split_at_commas(inside)
                .iter()
                .filter_map(|piece| piece.first())
                .map(|first| name_of(first, self.sql))
                .collect(),
        }
    }

    fn expression(&self, inside: &[Token]) -> Expression {
        text_of(self.sql, inside)
    }
}

/// When a foreign key is checked, by what stands behind it, up to the next one.
fn deferral(tokens: &[Token]) -> Deferral {
    let end = tokens.iter().skip(1).position(|token| token.is("constraint"));
    let own = &tokens[..end.map_or(tokens.len(), |end| end + 1)];
    let Some(at) = own.iter().position(|token| token.is("deferrable")) else { return Deferral::Never };
    if at > 0 && own[at - 1].is("not") {
        return Deferral::Never;
    }
    let initially = own.get(at + 1).is_some_and(|token| token.is("initially"));
    let deferred = own.get(at + 2).is_some_and(|token| token.is("deferred"));
    if initially && deferred { Deferral::Deferred } else { Deferral::Immediate }
}

fn text_of(sql: &str, tokens: &[Token]) -> Expression {
    match (tokens.first(), tokens.last()) {
        (Some(first), Some(last)) => Expression(sql[first.start..last.end].to_owned()),
        _ => Expression(String::new()),
    }
}

/// The keys and the predicate of CREATE INDEX.
pub(super) fn index(sql: &str) -> Option<(Vec<IndexKey>, Vec<KeyOrder>, Option<Expression>)> {
    let tokens = tokens(sql);
    let on = tokens.iter().position(|token| token.is("on"))?;
    let open = on + tokens[on..].iter().position(|token| token.symbol('('))?;
    let close = behind_brackets(&tokens, open);
    let (keys, orders) = split_at_commas(&tokens[open + 1..close - 1])
        .into_iter()
        .map(|piece| {
            let (piece, descending) = match piece {
                [key @ .., last] if !key.is_empty() && last.is("desc") => (key, true),
                [key @ .., last] if !key.is_empty() && last.is("asc") => (key, false),
                piece => (piece, false),
            };
            let key = match piece {
                [Token { kind: Kind::Word(name) | Kind::Quoted(name), .. }] => {
                    IndexKey::Column(name.as_str().into())
                }
                _ => IndexKey::Expression(text_of(sql, piece)),
            };
            (key, KeyOrder { descending, ..KeyOrder::default() })
        })
        .unzip();
    let predicate = tokens.get(close).filter(|token| token.is("where"));
    Some((keys, orders, predicate.map(|_| text_of(sql, &tokens[close + 1..]))))
}

#[cfg(test)]
mod tests {
    use schemig_core::schema::Deferral;

    use super::{index, table};

    #[test]
    fn constraints_are_found_wherever_they_stand() {
        let text = table(
            "CREATE TABLE t(id integer primary key autoincrement, a text collate nocase constraint a_short \
             check (length(a) < 9) unique, b int references p(id) on delete cascade default (abs(1)), \
             c int generated always as (b + 1) stored, d numeric(10, 2) check (d > 0), \
             constraint x unique (a, b), foreign key (a, \"b\") references q(x, y) deferrable, \
             constraint y foreign key(b) references r on delete set null deferrable initially deferred, check (a <> 'x, (y'))",
        )
        .expect("columns");
        let checks: Vec<_> = text
            .checks
            .iter()
            .map(|check| (check.name.as_deref(), check.what.0.as_deref(), check.what.1.as_str()))
            .collect();
        assert_eq!(
            checks,
            [
                (Some("a_short"), Some("a"), "length(a) < 9"),
                (None, Some("d"), "d > 0"),
                (None, None, "a <> 'x, (y'"),
            ]
        );
        let keys: Vec<_> =
            text.foreign_keys.iter().map(|key| (key.name.as_deref(), key.what.0.join(" "))).collect();
        assert_eq!(keys, [(None, "b".to_owned()), (None, "a b".to_owned()), (Some("y"), "b".to_owned())]);
        let deferrals: Vec<_> = text.foreign_keys.iter().map(|key| key.what.1).collect();
        assert_eq!(deferrals, [Deferral::Never, Deferral::Immediate, Deferral::Deferred]);
        let uniques: Vec<_> =
            text.uniques.iter().map(|key| (key.name.as_deref(), key.what.join(" "))).collect();
        assert_eq!(uniques, [(None, "a".to_owned()), (Some("x"), "a b".to_owned())]);
        assert_eq!(text.collations, [("a".to_owned(), "nocase".to_owned())]);
        assert_eq!(text.generated[0].1.as_str(), "b + 1");
        assert!(text.autoincrement);
    }

    #[test]
    fn index_keys_that_are_more_than_a_column_stay_as_they_are_written() {
        let (keys, orders, predicate) =
            index("CREATE UNIQUE INDEX \"on\" ON t (a, lower(b), \"c\" DESC) WHERE a > 0 AND b <> ')'")
                .expect("keys");
        let shown: Vec<String> = keys.iter().map(|key| format!("{key:?}")).collect();
        assert_eq!(
            shown,
            [
                r#"Column(ColumnName("a"))"#,
                r#"Expression(Expression("lower(b)"))"#,
                r#"Column(ColumnName("c"))"#,
            ]
        );
        assert_eq!(orders.iter().map(|order| order.descending).collect::<Vec<_>>(), [false, false, true]);
        assert_eq!(predicate.expect("rows").as_str(), "a > 0 AND b <> ')'");
    }
}
