//! What the picture's bars stand for.

/// A bar's paint and its meaning.
type Entry = (&'static str, &'static str, &'static str);

const LOCKS: [Entry; 2] = [
    ("var(--reads)", "var(--reads)", "lock: reads and writes wait"),
    ("url(#writes)", "var(--writes)", "lock: writes wait, reads go on"),
];

const JUDGED: [Entry; 2] = [
    ("none", "var(--none)", "lock: no query waits, other migrations do"),
    ("url(#unknown)", "var(--unknown)", "? how long is unknown, as nobody has said how large the table is"),
];

const MEASURED: [Entry; 2] = [
    ("url(#unknown)", "var(--unknown)", "? nothing is predicted of what was written by hand"),
    ("var(--dim)", "var(--dim)", "measured: above with nobody beside it, below beside the traffic"),
];

const RELEASES: [Entry; 3] = [
    ("var(--fits)", "var(--fits)", "the release runs"),
    ("url(#if)", "var(--if)", "it runs if the promises are kept"),
    ("none", "var(--breaks)", "× it fails"),
];

const FAILED: [Entry; 1] = [("var(--breaks)", "var(--breaks)", "× it failed here, and should not have")];

const JUDGED_END: &str = "N-1 is any release that may be running, N the new one. Widths grow with the logarithm of the upper end of \
     the estimate; a deploy takes as long as it takes. A lock is drawn at the end of its step, where it is held.";

const MEASURED_END: &str = "N is the newest release. Widths grow with the logarithm of time, from 1 ms; a deploy takes as long as it takes. What is \
     predicted is drawn by the upper end of the estimate for as many rows as the tables here were filled with, not for production. A lock that \
     was measured is drawn by the longest that it can have been held at a stretch. All of a step is drawn up to its end, where its locks are \
     given back. Who fits is what the states say, and the traffic of each release was held to it.";

/// The legend of a picture.
pub(super) fn legend(measured: bool) -> String {
    let (more, failed, end) =
        if measured { (MEASURED, &FAILED[..], MEASURED_END) } else { (JUDGED, &[][..], JUDGED_END) };
    let entries = LOCKS.iter().chain(&more).chain(&RELEASES).chain(failed);
    let entries: String = entries.map(entry).collect();
    format!("<ul class=\"legend\">\n{entries}</ul>\n<p class=\"dim small\">{end}</p>\n")
}

fn entry((fill, stroke, says): &Entry) -> String {
    format!(
        "<li><svg width=\"22\" height=\"14\" aria-hidden=\"true\"><rect x=\"1\" y=\"1\" width=\"20\" height=\"12\" rx=\"2\" fill=\"{fill}\" stroke=\"{stroke}\"/></svg>{says}</li>\n"
    )
}
