//! Percent signs of addresses and fragments.

/// Text for a value of a fragment: letters, digits and what reads well there stay.
pub fn fragment(text: &str) -> String {
    escape(text, b"-_.~:/@,*")
}

/// Text for the path of a URL; slashes stay.
pub fn path(text: &str) -> String {
    escape(text, b"-_.~/")
}

/// Text without percent signs. What is no escape stays as it is.
pub fn decoded(text: &str) -> String {
    let mut octets = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let hex = after.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let octet = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, octet) {
            (b'%', Some(octet)) => {
                octets.push(octet);
                rest = after.get(2..).unwrap_or_default();
            }
            _ => {
                octets.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&octets).into_owned()
}

fn escape(text: &str, plain: &[u8]) -> String {
    let mut escaped = String::with_capacity(text.len());
    for octet in text.bytes() {
        if octet.is_ascii_alphanumeric() || plain.contains(&octet) {
            escaped.push(char::from(octet));
        } else {
            escaped.push_str(&format!("%{octet:02X}"));
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_survives_the_way_through_a_fragment() {
        for text in ["0-12:3,150", "a b&c=d#e%20", "Größe", ""] {
            assert_eq!(decoded(&fragment(text)), text);
        }
        assert_eq!(fragment("0-12:3"), "0-12:3");
        assert_eq!(path("a b/c%d"), "a%20b/c%25d");
        assert_eq!(decoded("100%"), "100%");
    }
}
