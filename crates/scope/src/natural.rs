//! Natural order: runs of digits compare by their value, so `4000 < 5000 < 10000`.

use core::cmp::Ordering;

/// Compares two names as a person would sort them.
///
/// Runs of ASCII digits compare by value, everything else by code point. Names of equal value that
/// are written differently (`7` and `07`) still have an order, so the order is total.
pub(crate) fn compare(a: &str, b: &str) -> Ordering {
    let (mut left, mut right) = (a.as_bytes(), b.as_bytes());
    loop {
        let (Some(&l), Some(&r)) = (left.first(), right.first()) else {
            return left.len().cmp(&right.len()).then_with(|| a.cmp(b));
        };
        let order = if l.is_ascii_digit() && r.is_ascii_digit() {
            compare_numbers(take_digits(&mut left), take_digits(&mut right))
        } else {
            left = &left[1..];
            right = &right[1..];
            // UTF-8 bytes compare like the code points they stand for.
            l.cmp(&r)
        };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Cuts the leading digits off, without the zeros in front of them.
fn take_digits<'a>(bytes: &mut &'a [u8]) -> &'a [u8] {
    let end = bytes.iter().take_while(|b| b.is_ascii_digit()).count();
    let (digits, rest) = bytes.split_at(end);
    *bytes = rest;
    let zeros = digits.iter().take_while(|b| **b == b'0').count();
    &digits[zeros..]
}

/// Compares numbers of any length; neither begins with a zero.
fn compare_numbers(a: &[u8], b: &[u8]) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| a.cmp(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    #[test]
    fn numbers_compare_by_value_and_the_order_is_total() {
        let sorted = vec![
            "", "$SYS", "007", "07", "7", "8", "4000", "5000", "10000", "a", "a2", "a2b", "a10",
            "a10b2", "b", "é",
        ];
        for (i, a) in sorted.iter().enumerate() {
            for (j, b) in sorted.iter().enumerate() {
                assert_eq!(compare(a, b), i.cmp(&j), "{a:?} against {b:?}");
            }
        }
    }

    #[test]
    fn numbers_longer_than_any_integer_compare() {
        let small = "99999999999999999999999999999999999999998";
        let large = "99999999999999999999999999999999999999999";
        assert_eq!(compare(small, large), Ordering::Less);
        assert_eq!(compare("1", small), Ordering::Less);
    }
}
