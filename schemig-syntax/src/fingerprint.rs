//! The short form of a model's canonical text.

/// FNV-1a, 64 bits. Not for secrets: it tells an edited model from the captured one, and must be the same on every machine and in
/// every release, which std's hashers don't promise.
pub fn hash(text: &str) -> u64 {
    text.bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

/// [`hash`] as 16 hex digits, the form that the snapshot keeps.
///
/// ```
/// assert_eq!(schemig_syntax::fingerprint(""), "cbf29ce484222325");
/// ```
pub fn fingerprint(text: &str) -> String {
    format!("{:016x}", hash(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from the reference tables of the algorithm's authors.
    #[test]
    fn agrees_with_the_published_values() {
        assert_eq!(hash(""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(hash("a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(hash("foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn prints_sixteen_digits_whatever_the_value() {
        for text in ["", "a", "foobar", "User", "1;struct User"] {
            let print = fingerprint(text);
            assert_eq!(print.len(), 16, "{print}");
            assert_eq!(u64::from_str_radix(&print, 16).unwrap(), hash(text));
        }
    }
}
