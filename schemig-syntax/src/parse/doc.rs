//! What `///` says, as a comment in the database: with `doc_comments`, where no `comment` is given.

use syn::{Attribute, Expr, ExprLit, Lit, Meta};

use super::attributes::Attributes;
use crate::{Said, Text};

/// The first paragraph on one line, for the rest is for readers of Rust, and wrapping it anew changes nothing.
pub(super) fn add(attrs: &[Attribute], comment: &mut Said<Text>) {
    if !comment.is_absent() {
        return;
    }
    let attrs = Attributes::of(attrs);
    let lines: Vec<Text> = attrs.called("doc").filter_map(line).collect();
    let whole = lines.iter().flat_map(|line| line.text.split('\n')).map(str::trim);
    let first = whole.skip_while(|line| line.is_empty()).take_while(|line| !line.is_empty());
    let text = first.collect::<Vec<_>>().join(" ");
    if let (Some(begin), false) = (lines.first(), text.is_empty()) {
        *comment = Said::Value(Text { text, span: begin.span });
    }
}

/// A line that stands there as it is: `#[doc = include_str!(…)]` is for the compiler.
fn line(attr: &Attribute) -> Option<Text> {
    let Meta::NameValue(pair) = &attr.meta else { return None };
    let Expr::Lit(ExprLit { lit: Lit::Str(literal), .. }) = &pair.value else { return None };
    Some(Text { text: literal.value(), span: literal.span() })
}
