//! Amounts of money: decimals of currencies, and amounts as whole numbers of minor units. It must not know what is
//! paid for.

/// Digits after the decimal point of a currency, ISO 4217.
fn exponent(currency: &str) -> usize {
    match currency {
        "VND" | "JPY" | "KRW" | "CLP" | "ISK" | "PYG" | "UGX" | "RWF" | "XAF" | "XOF" | "XPF" | "VUV" => 0,
        "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMR" | "TND" => 3,
        _ => 2,
    }
}

/// A decimal amount as minor units: `1250.5` USD is 125050. Negative, finer than the currency or over 2^53: `None`.
#[must_use]
pub fn minor_units(amount: &str, currency: &str) -> Option<i64> {
    let (whole, fraction) = amount.split_once('.').unwrap_or((amount, ""));
    let digits = exponent(currency);
    let plain = !whole.is_empty() && whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit());
    if !plain || fraction.len() > digits || (amount.contains('.') && fraction.is_empty()) {
        return None;
    }
    format!("{whole}{fraction:0<digits$}").parse().ok().filter(|units| *units <= 1 << 53)
}

/// Minor units as a decimal amount: 300000 USD is `3000.00`, 300000 VND is `300000`.
#[must_use]
pub fn decimal(minor: i64, currency: &str) -> String {
    let (decimals, sign) = (exponent(currency), if minor < 0 { "-" } else { "" });
    let digits = format!("{:0>width$}", minor.unsigned_abs(), width = decimals + 1);
    match digits.split_at_checked(digits.len() - decimals) {
        Some((whole, part)) if !part.is_empty() => format!("{sign}{whole}.{part}"),
        _ => format!("{sign}{digits}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        for (minor, currency, text) in [
            (300_000, "USD", "3000.00"),
            (300_000, "VND", "300000"),
            (5, "USD", "0.05"),
            (1_500, "KWD", "1.500"),
            (7, "PYG", "7"),
        ] {
            assert_eq!(decimal(minor, currency), text);
            assert_eq!(minor_units(text, currency), Some(minor), "{text} {currency}");
        }
    }

    #[test]
    fn money_is_exact() {
        assert_eq!(minor_units("120000000", "VND"), Some(120_000_000));
        assert_eq!(minor_units("1250.5", "USD"), Some(125_050));
        for bad in ["", "-1", "1.", ".5", "1,000", "1e3", "0.001", "99999999999999999999"] {
            assert_eq!(minor_units(bad, "USD"), None, "{bad}");
        }
        assert_eq!(minor_units("0.5", "VND"), None);
    }
}
