//! Who a mail is from and to, and under which id it goes. Owns the address policy, which is narrower
//! than the RFCs: they allow spellings (quoted local parts, address literals) through which others have
//! been made to send SMTP commands. Must not know what is mailed.

use std::fmt;

/// Longest address that fits a `RCPT TO` path (RFC 5321 4.5.3.1.3).
const MAX_ADDRESS: usize = 254;
/// Longest local part and longest label of a domain, in bytes.
const MAX_LOCAL: usize = 64;
const MAX_LABEL: usize = 63;
/// Longest display name, in characters: ours, so that no header grows without bound.
const MAX_NAME: usize = 200;

/// Why an address, a display name or a Message-ID is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadAddress {
    /// More than 254 bytes.
    #[error("the address is longer than 254 bytes")]
    TooLong,
    /// Something else than ASCII.
    #[error("the address is not ASCII")]
    NotAscii,
    /// Not exactly of the form `local@domain`.
    #[error("the address is not of the form local@domain")]
    Form,
    /// A local part with other characters than letters, digits, some signs and single inner dots.
    #[error("the part before the @ is not plain")]
    Local,
    /// Not a host name of at least two labels: an IP address, a single word, an odd label.
    #[error("the part after the @ is not a domain name")]
    Domain,
    /// Control characters or line ends in a display name.
    #[error("the display name has control characters")]
    ControlCharacters,
    /// A display name of more than 200 characters.
    #[error("the display name is longer than 200 characters")]
    NameTooLong,
    /// Not of the form `<left@right>` with plain characters.
    #[error("the Message-ID is not plain")]
    MessageId,
}

/// An address that mail may be sent to.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Address(lettre::Address);

impl Address {
    /// Takes `local@domain`: ASCII, at most 254 bytes, a plain local part, a domain of two labels or more.
    ///
    /// # Errors
    /// Says which part of the policy is broken.
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        if text.len() > MAX_ADDRESS {
            return Err(BadAddress::TooLong);
        }
        if !text.is_ascii() {
            return Err(BadAddress::NotAscii);
        }
        let (local, domain) = text.split_once('@').ok_or(BadAddress::Form)?;
        if domain.contains('@') {
            return Err(BadAddress::Form);
        }
        if !plain_local(local) {
            return Err(BadAddress::Local);
        }
        if !host_name(domain) {
            return Err(BadAddress::Domain);
        }
        lettre::Address::new(local, domain).map(Self).or(Err(BadAddress::Form))
    }

    /// The address as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_ref()
    }

    pub(super) fn for_lettre(&self) -> lettre::Address {
        self.0.clone()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Shows nothing: an address is personal data and has no place in a log.
impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Address(..)")
    }
}

/// RFC 5322 `dot-atom`, at most 64 bytes.
fn plain_local(local: &str) -> bool {
    local.len() <= MAX_LOCAL && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(atom_byte))
}

fn atom_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

/// At least two labels of letters, digits and inner hyphens; the last is no number, so no IP address.
fn host_name(domain: &str) -> bool {
    let numeric = domain.rsplit('.').next().is_none_or(|label| label.bytes().all(|b| b.is_ascii_digit()));
    domain.contains('.') && !numeric && domain.split('.').all(label)
}

/// A label of a host name.
pub(super) fn label(label: &str) -> bool {
    (1..=MAX_LABEL).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// Whether `text` has C0 or C1 controls, or characters that some programs take for line ends.
pub(super) fn has_controls(text: &str) -> bool {
    text.chars().any(|c| c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
}

/// Somebody with a mail address: the sender or the reader.
#[derive(Clone, PartialEq, Eq)]
pub struct Correspondent {
    name: String,
    address: Address,
}

impl Correspondent {
    /// A display name (may be empty) and an address.
    ///
    /// # Errors
    /// When the address breaks the policy, or the name is too long or has control characters.
    pub fn new(name: &str, address: &str) -> Result<Self, BadAddress> {
        let name = name.trim_matches(' ');
        if has_controls(name) {
            return Err(BadAddress::ControlCharacters);
        }
        if name.chars().count() > MAX_NAME {
            return Err(BadAddress::NameTooLong);
        }
        Ok(Self { name: name.to_owned(), address: Address::parse(address)? })
    }

    /// Takes `Name <local@domain>`, `"Name" <local@domain>` or `local@domain`, as in the configuration.
    ///
    /// # Errors
    /// As [`Correspondent::new`].
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let Some(inner) = text.trim_matches(' ').strip_suffix('>') else {
            return Self::new("", text.trim_matches(' '));
        };
        let (name, address) = inner.rsplit_once('<').ok_or(BadAddress::Form)?;
        let name = name.trim_matches(' ');
        let unquoted = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        Self::new(unquoted, address)
    }

    /// The display name; may be empty.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The address.
    #[must_use]
    pub fn address(&self) -> &Address {
        &self.address
    }

    pub(super) fn for_lettre(&self) -> lettre::message::Mailbox {
        let name = (!self.name.is_empty()).then(|| self.name.clone());
        lettre::message::Mailbox::new(name, self.address.for_lettre())
    }
}

/// Shows nothing, as [`Address`] does.
impl fmt::Debug for Correspondent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Correspondent(..)")
    }
}

/// The id of a mail: made once with its outbox row and the same at every attempt and from every process,
/// so that a reader's mail system can drop a second copy.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MessageId {
    left: String,
    right: String,
}

impl MessageId {
    /// `<left@right>` from the id of the outbox row and the host of the base URL.
    ///
    /// # Errors
    /// When a part has other characters than letters, digits, hyphens and inner dots.
    pub fn new(left: &str, right: &str) -> Result<Self, BadAddress> {
        let plain = |part: &str| part.len() <= 120 && part.split('.').all(label);
        if !plain(left) || !plain(right) {
            return Err(BadAddress::MessageId);
        }
        Ok(Self { left: left.to_owned(), right: right.to_owned() })
    }

    /// Takes `<left@right>`, as [`MessageId`] shows itself.
    ///
    /// # Errors
    /// As [`MessageId::new`].
    pub fn parse(text: &str) -> Result<Self, BadAddress> {
        let inner = text.strip_prefix('<').and_then(|text| text.strip_suffix('>'));
        let (left, right) = inner.and_then(|inner| inner.split_once('@')).ok_or(BadAddress::MessageId)?;
        Self::new(left, right)
    }

    /// A file name without folder or ending.
    pub(super) fn file_stem(&self) -> String {
        format!("{}@{}", self.left, self.right)
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<{}@{}>", self.left, self.right)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ordinary_addresses_are_taken() {
        for text in ["an.nguyen@ngoaivu.example.vn", "a+b_c@x.vn", "o'neill@ex-ample.com", "1@2.3d"] {
            assert_eq!(Address::parse(text).unwrap().as_str(), text);
        }
        let longest =
            format!("{}@{}.{}.{}.vn", "a".repeat(64), "b".repeat(63), "c".repeat(63), "d".repeat(58));
        assert_eq!(longest.len(), 254);
        assert!(Address::parse(&longest).is_ok());
        assert_eq!(Address::parse(&format!("{longest}n")), Err(BadAddress::TooLong));
    }

    #[test]
    fn the_policy_refuses_what_the_rfcs_allow() {
        for (text, why) in [
            ("\"a b\"@x.vn", BadAddress::Local),
            ("\"a\\r\\nRCPT TO:<b@x.vn>\"@x.vn", BadAddress::Form),
            ("a@[127.0.0.1]", BadAddress::Domain),
            ("a@127.0.0.1", BadAddress::Domain),
            ("a@localhost", BadAddress::Domain),
            ("hoà@x.vn", BadAddress::NotAscii),
            ("a@đà-nẵng.vn", BadAddress::NotAscii),
            ("a\r\nDATA@x.vn", BadAddress::Local),
            ("a@x.vn\r\n", BadAddress::Domain),
            ("a@x.vn\0", BadAddress::Domain),
            ("a..b@x.vn", BadAddress::Local),
            (".a@x.vn", BadAddress::Local),
            ("a@x..vn", BadAddress::Domain),
            ("a@-x.vn", BadAddress::Domain),
            ("a@b@x.vn", BadAddress::Form),
            ("@x.vn", BadAddress::Local),
            ("a", BadAddress::Form),
            ("", BadAddress::Form),
        ] {
            assert_eq!(Address::parse(text), Err(why), "{text:?}");
        }
    }

    #[test]
    fn correspondents_are_read_from_the_configuration() {
        let sender = Correspondent::parse("Sở Ngoại vụ <no-reply@ngoaivu.example.vn>").unwrap();
        assert_eq!(
            (sender.name(), sender.address().as_str()),
            ("Sở Ngoại vụ", "no-reply@ngoaivu.example.vn")
        );
        assert_eq!(Correspondent::parse("\"A, B\" <a@x.vn>").unwrap().name(), "A, B");
        assert_eq!(Correspondent::parse("a@x.vn").unwrap().name(), "");
        assert_eq!(Correspondent::parse("A\n <a@x.vn>"), Err(BadAddress::ControlCharacters));
        assert_eq!(Correspondent::parse("A a@x.vn>"), Err(BadAddress::Form));
        assert_eq!(Correspondent::new("A\u{85}B", "a@x.vn"), Err(BadAddress::ControlCharacters));
        assert_eq!(Correspondent::new(&"a".repeat(201), "a@x.vn"), Err(BadAddress::NameTooLong));
    }

    #[test]
    fn message_ids_are_plain() {
        let id = MessageId::new("01932c07-a2b4-7def-8000-000000000001", "legation.example.vn").unwrap();
        assert_eq!(id.to_string(), "<01932c07-a2b4-7def-8000-000000000001@legation.example.vn>");
        assert_eq!(MessageId::parse(&id.to_string()), Ok(id));
        for text in ["a@b", "<a@b", "<a@>", "<a/../b@c>", "<a@b\r\n>", "<a b@c>", "<a@b@c>", "<..@c>"] {
            assert_eq!(MessageId::parse(text), Err(BadAddress::MessageId), "{text:?}");
        }
    }

    #[test]
    fn addresses_do_not_show_in_debug_output() {
        let reader = Correspondent::new("Hoà", "hoa@x.vn").unwrap();
        assert_eq!(format!("{reader:?} {:?}", reader.address()), "Correspondent(..) Address(..)");
    }
}
