//! The report as one page that stands by itself: no script, no font, no picture from elsewhere. Written by hand, for a page with loops in it
//! is shorter so than with an engine for templates; whatever comes from outside goes through [`escape`].

mod body;
mod legend;
mod picture;
mod scale;
mod scene;
mod shapes;
pub(crate) mod verdict;

use super::Report;

/// The page of a report.
pub fn page(report: &Report) -> String {
    let title = report.plan.as_ref().map_or_else(|| "schemig".to_owned(), |plan| format!("Plan {plan}"));
    framed(&title, &body::body(report))
}

/// A page with this title and what is below it.
pub(crate) fn framed(title: &str, body: &str) -> String {
    let title = escape(title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <title>{title}</title>\n<style>\n{}</style>\n</head>\n<body>\n<h1>{title}</h1>\n{body}</body>\n</html>\n",
        include_str!("page.css")
    )
}

/// Text that a page shows as it is, in an attribute too.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

/// A heading and a list; nothing where there is nothing to list.
pub(crate) fn list(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: String = lines.iter().map(|line| format!("<li>{}</li>\n", escape(line))).collect();
    format!("<h2>{}</h2>\n<ul>\n{items}</ul>\n", escape(title))
}

#[cfg(test)]
mod tests;
