//! Fingerprints, computed by the compiler where somebody asks for one. Written out by the derive, each would be one more constant to check
//! and keep: that took a sixth of what a model adds to a build.

/// The 16 hex digits of a model's text: 64 bits of FNV-1a, as `schemig-syntax` has it for the scan. The test `one_grammar` compares the two.
pub(crate) const fn digits(model: &str) -> [u8; 16] {
    let bytes = model.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        hash = (hash ^ bytes[at] as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    let mut digits = [0; 16];
    let mut place = 16;
    while place > 0 {
        place -= 1;
        digits[place] = b"0123456789abcdef"[(hash % 16) as usize];
        hash /= 16;
    }
    digits
}

/// Digits as text.
pub(crate) const fn text(digits: &'static [u8; 16]) -> &'static str {
    match core::str::from_utf8(digits) {
        Ok(text) => text,
        Err(_) => unreachable!(),
    }
}
