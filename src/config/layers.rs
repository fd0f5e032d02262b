//! How the sources of settings are laid over each other.
//! It knows names and types from the defaults, and no setting by itself except which ones are secret.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use toml::{Table, Value};

use super::{Config, ConfigFault, DEFAULTS};

/// What every variable of ours begins with.
const PREFIX: &str = "LEGATION__";
/// Settings that may be given as `<name>_file` too.
const SECRETS: [&str; 2] = ["database.url", "mail.url"];
const SECRET_FILE_SUFFIX: &str = "_file";

/// The settings by dotted name.
type Flat = BTreeMap<String, Value>;

/// Defaults, file and environment in one table; what is unknown or unreadable goes to `faults`.
pub(super) fn merged(
    file: Option<&Path>,
    env: impl IntoIterator<Item = (String, String)>,
    faults: &mut Vec<ConfigFault>,
) -> Flat {
    let mut settings = defaults(faults);
    if let Some(path) = file {
        let layer = from_file(path, &settings, faults);
        settings.extend(layer);
    }
    let layer = from_environment(env, &settings, faults);
    settings.extend(layer);
    settings
}

fn defaults(faults: &mut Vec<ConfigFault>) -> Flat {
    let mut flat = Flat::new();
    match DEFAULTS.parse::<Table>() {
        Ok(table) => flatten("", table, &mut flat),
        Err(error) => faults.push(ConfigFault::new("config/default.toml", error.message())),
    }
    flat
}

fn flatten(prefix: &str, table: Table, flat: &mut Flat) {
    for (name, value) in table {
        let path = if prefix.is_empty() { name } else { format!("{prefix}.{name}") };
        match value {
            Value::Table(table) => flatten(&path, table, flat),
            value => {
                flat.insert(path, value);
            }
        }
    }
}

fn from_file(path: &Path, known: &Flat, faults: &mut Vec<ConfigFault>) -> Flat {
    let shown = path.display().to_string();
    let mut flat = Flat::new();
    match fs::read_to_string(path).map_err(|error| error.to_string()).and_then(|text| parse(&text)) {
        Ok(table) => flatten("", table, &mut flat),
        Err(message) => faults.push(ConfigFault::new(shown, message)),
    }
    settle(&flat, "", known, faults)
}

/// The table in a text, or where it is none: the line, but not its words, which may be a password.
fn parse(text: &str) -> Result<Table, String> {
    text.parse::<Table>().map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or("");
        format!("line {} is not TOML", before.matches('\n').count() + 1)
    })
}

fn from_environment(
    env: impl IntoIterator<Item = (String, String)>,
    known: &Flat,
    faults: &mut Vec<ConfigFault>,
) -> Flat {
    let mut flat = Flat::new();
    for (variable, text) in env {
        let Some(name) = variable.strip_prefix(PREFIX) else { continue };
        let name = name.to_lowercase().replace("__", ".");
        match typed_like(known.get(&name), &text) {
            Ok(value) => {
                flat.insert(name, value);
            }
            Err(message) => faults.push(ConfigFault::new(with_variable(&name), message)),
        }
    }
    settle(&flat, PREFIX, known, faults)
}

/// A variable's text as the type that the default has.
fn typed_like(default: Option<&Value>, text: &str) -> Result<Value, String> {
    match default {
        Some(Value::Integer(_)) => {
            text.trim().parse().map(Value::Integer).or(Err("must be a whole number".into()))
        }
        Some(Value::Boolean(_)) => {
            text.trim().parse().map(Value::Boolean).or(Err("must be true or false".into()))
        }
        Some(Value::Array(_)) => {
            let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
            Ok(Value::Array(items.map(|item| Value::String(item.to_owned())).collect()))
        }
        _ => Ok(Value::String(text.to_owned())),
    }
}

/// Takes out what nobody knows, and reads the files that hold secrets.
fn settle(layer: &Flat, source: &str, known: &Flat, faults: &mut Vec<ConfigFault>) -> Flat {
    let mut settled = Flat::new();
    let shown = |name: &str| if source.is_empty() { name.to_owned() } else { with_variable(name) };
    for (name, value) in layer {
        if known.contains_key(name) {
            settled.insert(name.clone(), value.clone());
            continue;
        }
        let secret = name.strip_suffix(SECRET_FILE_SUFFIX).filter(|secret| SECRETS.contains(secret));
        match secret {
            None => faults.push(ConfigFault::new(shown(name), "there is no such setting")),
            Some(secret) if layer.contains_key(secret) => {
                faults.push(ConfigFault::new(shown(name), format!("{secret} is set too; set one of them")));
            }
            Some(secret) => match read_secret(value) {
                Ok(text) => {
                    settled.insert(secret.to_owned(), Value::String(text));
                }
                Err(message) => faults.push(ConfigFault::new(shown(name), message)),
            },
        }
    }
    settled
}

fn read_secret(path: &Value) -> Result<String, String> {
    let path = path.as_str().ok_or("must be the path of a file")?;
    let text = fs::read_to_string(path).map_err(|error| format!("{path} cannot be read: {error}"))?;
    // Editors end a file with a line feed, which belongs to no password.
    let text = text.trim_end_matches(['\n', '\r']);
    if text.is_empty() { Err(format!("{path} is empty")) } else { Ok(text.to_owned()) }
}

/// `server.addr (LEGATION__SERVER__ADDR)`.
pub(super) fn with_variable(name: &str) -> String {
    format!("{name} ({})", variable(name))
}

/// The variable that sets a setting.
pub(super) fn variable(name: &str) -> String {
    format!("{PREFIX}{}", name.to_uppercase().replace('.', "__"))
}

/// The settings as their types. A value that does not fit is named, replaced by its default, and the rest is
/// looked at all the same: so all are found at once. `None` if even the defaults do not fit.
pub(super) fn typed(mut settings: Flat, faults: &mut Vec<ConfigFault>) -> Option<Config> {
    let defaults = defaults(&mut Vec::new());
    for _ in 0..=settings.len() {
        let error = match serde_path_to_error::deserialize(Value::Table(nested(&settings))) {
            Ok(config) => return Some(config),
            Err(error) => error,
        };
        // A fault in a list is told of the list.
        let path = error.path().to_string();
        let name = path.split('[').next().unwrap_or_default().to_owned();
        let message = error.into_inner().message().to_owned();
        faults.push(ConfigFault::new(with_variable(&name), message));
        let default = defaults.get(&name)?;
        settings.insert(name, default.clone());
    }
    None
}

fn nested(settings: &Flat) -> Table {
    let mut root = Table::new();
    for (name, value) in settings {
        let mut parts: Vec<&str> = name.split('.').collect();
        let Some(last) = parts.pop() else { continue };
        insert(&mut root, &parts, last, value.clone());
    }
    root
}

fn insert(table: &mut Table, sections: &[&str], name: &str, value: Value) {
    match sections.split_first() {
        None => {
            table.insert(name.to_owned(), value);
        }
        Some((section, rest)) => {
            let inner = table.entry(*section).or_insert_with(|| Value::Table(Table::new()));
            if let Value::Table(inner) = inner {
                insert(inner, rest, name, value);
            }
        }
    }
}
