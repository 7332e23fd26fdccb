//! Steps through source text as bytes.

/// Whether a byte may be part of a word.
pub fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

/// How long the word is that starts here, `r#` included where a name follows.
pub fn word_length(bytes: &[u8]) -> usize {
    let plain = |bytes: &[u8]| bytes.iter().take_while(|byte| is_word(**byte)).count();
    match bytes {
        [b'r', b'#', rest @ ..] if rest.first().is_some_and(|byte| is_word(*byte)) => 2 + plain(rest),
        _ => plain(bytes),
    }
}

/// The index of the next byte that is no space.
pub fn skip_space(bytes: &[u8], from: usize) -> usize {
    from + bytes[from.min(bytes.len())..].iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// The index behind the closing quote of a string whose body starts at `at`.
pub fn skip_string(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = memchr::memchr2(b'"', b'\\', &bytes[at.min(bytes.len())..]) {
        at += found + 1;
        if bytes[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    bytes.len()
}

/// The index behind a comment; they nest.
pub fn skip_comment(bytes: &[u8], mut at: usize) -> usize {
    let mut depth = 0usize;
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => (depth, at) = (depth + 1, at + 2),
            b"*/" => {
                (depth, at) = (depth - 1, at + 2);
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    bytes.len()
}
