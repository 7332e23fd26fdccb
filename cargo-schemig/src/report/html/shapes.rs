//! The pieces that the picture is drawn with.

use super::escape;
use super::scale::at;

/// The height of a bar in its row.
pub(super) const BAR: f64 = 16.0;

/// A bar; what it says is shown when it is pointed at.
pub(super) struct Bar<'a> {
    /// Its left end.
    pub(super) x: f64,
    /// Its upper end.
    pub(super) y: f64,
    /// Its width.
    pub(super) width: f64,
    /// Its height.
    pub(super) height: f64,
    /// What it is filled and edged with.
    pub(super) paint: (&'a str, &'a str),
}

impl Bar<'_> {
    /// As SVG.
    pub(super) fn draw(&self, says: &str) -> String {
        let Self { x, y, width, height, paint: (fill, stroke) } = self;
        format!(
            "<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{height}\" rx=\"2\" fill=\"{fill}\" stroke=\"{stroke}\"><title>{}</title></rect>\n",
            at(*x),
            at(*y),
            at(*width),
            escape(says)
        )
    }
}

/// Text.
pub(super) fn text(x: f64, y: f64, anchor: &str, says: &str) -> String {
    format!("<text x=\"{}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>\n", at(x), at(y), escape(says))
}

/// Text that comes second.
pub(super) fn dim(x: f64, y: f64, says: &str) -> String {
    format!("<text class=\"dim\" x=\"{}\" y=\"{}\">{}</text>\n", at(x), at(y), escape(says))
}

/// Where something happens, through all rows.
pub(super) fn line(x: f64, y: f64, end: f64) -> String {
    let x = at(x);
    format!(
        "<line x1=\"{x}\" y1=\"{}\" x2=\"{x}\" y2=\"{}\" stroke=\"var(--dim)\" stroke-dasharray=\"4 3\"/>\n",
        at(y),
        at(end)
    )
}

/// The name of a row, cut where it is too long; whole when it is pointed at.
pub(super) fn name(says: &str, y: f64) -> String {
    const MOST: usize = 20;
    let shown: String = if says.chars().count() > MOST {
        says.chars().take(MOST - 1).chain(['…']).collect()
    } else {
        says.to_owned()
    };
    format!("<text x=\"8\" y=\"{}\"><title>{}</title>{}</text>\n", at(y + 12.5), escape(says), escape(&shown))
}
