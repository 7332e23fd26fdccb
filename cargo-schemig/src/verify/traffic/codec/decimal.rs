//! Decimals in digits, and as PostgreSQL sends them: in groups of four digits, with the place of the first group.

use diesel::data_types::PgNumeric;

/// Reads digits such as `-12.50`, or `NaN`; `None` for what isn't a number.
pub(super) fn read(text: &str) -> Option<PgNumeric> {
    if text.eq_ignore_ascii_case("nan") {
        return Some(PgNumeric::NaN);
    }
    let (negative, text) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scale = u16::try_from(fraction.len()).ok()?;
    let before = whole.len().div_ceil(4);
    let mut padded = format!("{}{whole}{fraction}", "0".repeat(before * 4 - whole.len()));
    padded.push_str(&"0".repeat((4 - fraction.len() % 4) % 4));
    let mut digits: Vec<i16> =
        padded.as_bytes().chunks(4).map(|group| group.iter().fold(0, fold_digit)).collect();
    let leading = digits.iter().take_while(|digit| **digit == 0).count();
    digits.drain(..leading);
    while digits.last() == Some(&0) {
        digits.pop();
    }
    let weight = i16::try_from(before).ok()?.checked_sub(i16::try_from(leading).ok()?)?.checked_sub(1)?;
    let weight = if digits.is_empty() { 0 } else { weight };
    Some(if negative && !digits.is_empty() {
        PgNumeric::Negative { weight, scale, digits }
    } else {
        PgNumeric::Positive { weight, scale, digits }
    })
}

fn fold_digit(number: i16, digit: &u8) -> i16 {
    number * 10 + i16::from(digit - b'0')
}

/// The digits, as the server prints them.
pub(super) fn print(number: &PgNumeric) -> String {
    let (sign, weight, scale, digits) = match number {
        PgNumeric::Positive { weight, scale, digits } => ("", *weight, *scale, digits),
        PgNumeric::Negative { weight, scale, digits } => ("-", *weight, *scale, digits),
        PgNumeric::NaN => return "NaN".to_owned(),
    };
    let group = |place: i32| usize::try_from(i32::from(weight) - place).ok().and_then(|at| digits.get(at));
    let mut whole = String::new();
    for place in (0..=i32::from(weight)).rev() {
        whole.push_str(&format!("{:04}", group(place).unwrap_or(&0)));
    }
    let whole = whole.trim_start_matches('0');
    let mut fraction = String::new();
    let mut place = -1;
    while fraction.len() < usize::from(scale) {
        fraction.push_str(&format!("{:04}", group(place).unwrap_or(&0)));
        place -= 1;
    }
    fraction.truncate(usize::from(scale));
    let whole = if whole.is_empty() { "0" } else { whole };
    if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
}

#[cfg(test)]
mod tests {
    use diesel::data_types::PgNumeric;

    use super::{print, read};

    #[test]
    fn what_is_read_is_printed_again() {
        for text in [
            "0",
            "0.00",
            "1",
            "12.50",
            "-12.50",
            "10000",
            "123456789.000001",
            "0.0001",
            "-0.00000007",
            "NaN",
            "99999999999999999999",
        ] {
            assert_eq!(read(text).map(|number| print(&number)).as_deref(), Some(text), "{text}");
        }
        for text in ["", "-", "1e5", "a", "1.2.3", ".5"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn groups_are_of_four_digits_and_the_weight_is_that_of_the_first() {
        let positive =
            |weight, scale, digits: &[i16]| PgNumeric::Positive { weight, scale, digits: digits.to_vec() };
        assert_eq!(read("12345.67"), Some(positive(1, 2, &[1, 2345, 6700])));
        assert_eq!(read("0.0001"), Some(positive(-1, 4, &[1])));
        assert_eq!(read("0.00000001"), Some(positive(-2, 8, &[1])));
        assert_eq!(read("10000"), Some(positive(1, 0, &[1])));
    }
}
