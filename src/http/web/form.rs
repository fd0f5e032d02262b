//! Posted forms. A field is named by the JSON pointer of what it fills (`/request_letter/number`), so that a form
//! reads as the same JSON that the API takes, and a fault's pointer finds its field. A suffix says how its text is
//! read: `:int`, `:bool`, `:date` (05/02/2026), `:time` (05/02/2026 08:30), `:at` (the same, as an instant on Vietnam's clock), `:list` (one item a field), `:ints` (one number a field).

use std::future::Future;
use std::pin::Pin;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpMessage, HttpRequest, HttpResponse, web};
use chrono::NaiveDateTime;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::{csrf, kept};
use crate::domain::refusal::{Fault, Wanted};
use crate::domain::text::day;
use crate::http::caller::{Caller, Reply};
use crate::http::problem::Problem;
use crate::http::{State, body};
use crate::service::{self, Context};
use crate::store::{Recorded, WriteTx};

/// What a form sent. Having one means that its token was right.
#[derive(Debug, Clone, Default)]
pub struct Form {
    pairs: Vec<(String, String)>,
    sent: web::Bytes,
}

impl FromRequest for Form {
    type Error = Problem;
    type Future = Pin<Box<dyn Future<Output = Result<Self, Problem>>>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let bytes = web::Bytes::from_request(request, payload);
        let request = request.clone();
        Box::pin(async move {
            let bytes = bytes.await.map_err(too_large)?;
            let form = Self::parse(&bytes);
            let state = request.app_data::<web::Data<State>>().ok_or_else(|| Problem::defect("no state"))?;
            // Whatever refuses it, the page that says so shows what was typed.
            request.extensions_mut().insert(kept::Typed(form.clone()));
            if let Err(refused) = csrf::check(&request, state, form.get(csrf::FIELD)) {
                return Err(kept::unsent(&request, state, &form, refused).await?);
            }
            Ok(form)
        })
    }
}

fn too_large(error: actix_web::Error) -> Problem {
    Problem::new(error.as_response_error().status_code(), "payload-too-large")
}

impl Form {
    /// The fields in these bytes, unchecked.
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let pairs = url::form_urlencoded::parse(bytes);
        let pairs = pairs.map(|(name, text)| (name.into_owned(), text.replace("\r\n", "\n")));
        Self { pairs: pairs.collect(), sent: web::Bytes::copy_from_slice(bytes) }
    }

    /// The bytes as sent: for the fingerprint of a command and for keeping.
    #[must_use]
    pub fn sent(&self) -> &web::Bytes {
        &self.sent
    }

    /// The last text of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Every text of this name.
    pub fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.pairs.iter().filter(move |(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    /// Whether anything was typed into it.
    #[must_use]
    pub fn says_something(&self) -> bool {
        self.written().next().is_some()
    }

    /// What people wrote into it, with the pointers of its fields: no secrets, no ids, no codes of choices.
    pub fn written(&self) -> impl Iterator<Item = (&str, &str)> {
        let said = self.pairs.iter().filter_map(|(name, text)| {
            let (pointer, kind) = name.split_once(':').unwrap_or((name, ""));
            let is_ours = pointer.starts_with('/') || pointer == "pasted";
            let is_text = matches!(kind, "" | "date" | "time" | "at");
            (is_ours && is_text && !is_secret(pointer)).then_some((pointer, text.trim()))
        });
        said.filter(|(_, text)| !text.is_empty() && !is_code(text))
    }

    /// The same form without what nobody but its reader may know.
    #[must_use]
    pub fn without_secrets(&self) -> Vec<u8> {
        let pairs = self.pairs.iter().filter(|(name, _)| !is_secret(name));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes()
    }

    /// What the fields fill, as JSON: a field that was left empty is `null`, a row or a part that was left empty is not
    /// there.
    #[must_use]
    pub fn json(&self) -> Value {
        let mut root = Value::Object(Map::new());
        for (name, text) in &self.pairs {
            let (pointer, kind) = name.split_once(':').unwrap_or((name, ""));
            let Some(path) = pointer.strip_prefix('/') else { continue };
            place(&mut root, &path.split('/').collect::<Vec<_>>(), kind, read(kind, text));
        }
        let Value::Object(fields) = root else { return Value::Null };
        Value::Object(fields.into_iter().map(|(name, value)| (name, settled(value))).collect())
    }

    /// Every field whose text cannot be read as its kind: a use case's body is refused for the first of them, and whoever
    /// fills the form in mends them all at once. Rows are numbered as `json` numbers them, without those left empty.
    #[must_use]
    pub fn unreadable(&self) -> Vec<Fault> {
        let fault = |(name, text): &(String, String)| {
            let (pointer, kind) = name.split_once(':')?;
            let fault = match (kind, read(kind, text)) {
                ("int" | "ints", Value::String(_)) => Fault {
                    wanted: Some(Wanted::Number),
                    ..Fault::at(self.settled_pointer(pointer), "wrong-type")
                },
                ("date" | "time" | "at", Value::String(_)) if !is_read(kind, text) => {
                    Fault::at(self.settled_pointer(pointer), "not-a-date")
                }
                _ => return None,
            };
            Some(fault)
        };
        self.pairs.iter().filter_map(fault).collect()
    }

    /// A pointer with its row's number as `json` counts it.
    fn settled_pointer(&self, pointer: &str) -> String {
        let mut parts = pointer.splitn(4, '/').skip(1);
        let (Some(list), Some(Ok(row))) = (parts.next(), parts.next().map(str::parse::<usize>)) else {
            return pointer.to_owned();
        };
        let before = (0..row).filter(|row| {
            let (one, parts) = (format!("/{list}/{row}"), format!("/{list}/{row}/"));
            let of_row =
                |name: &str| name.split(':').next() == Some(one.as_str()) || name.starts_with(&parts);
            let says = |text: &str| !text.trim().is_empty() && text != "false";
            self.pairs.iter().any(|(name, text)| of_row(name) && says(text))
        });
        let rest = parts.next().map(|rest| format!("/{rest}")).unwrap_or_default();
        format!("/{list}/{}{rest}", before.count())
    }

    /// What the fields fill, as a value of the use case.
    ///
    /// # Errors
    /// 422 with the fields.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        Ok(body::value(stated(self.json()))?)
    }

    /// Reads the fields and does one command with them: what does not read is refused as what the use case refuses.
    ///
    /// # Errors
    /// 422 with the fields; what `work` refuses.
    pub async fn command<T: DeserializeOwned + Send + 'static>(
        &self,
        caller: &Caller,
        work: impl Fn(&mut WriteTx<'_>, &Context, &T) -> service::Result<Recorded<Reply>> + Send + 'static,
    ) -> Result<HttpResponse, Problem> {
        let asked: T = self.read()?;
        caller.command(&self.sent, move |tx, ctx| work(tx, ctx, &asked)).await
    }
}

/// Whether a field holds a password, or the token of a link.
fn is_secret(name: &str) -> bool {
    name.contains("password") && !name.contains("passport") || name == "/token" || name == csrf::FIELD
}

/// Whether a text is a word of ours rather than somebody's: a choice's code, a country's, an id.
fn is_code(text: &str) -> bool {
    let is_choice = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let is_country = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    is_choice || is_country || uuid::Uuid::parse_str(text).is_ok()
}

/// Without what was left empty: the use case's own defaults hold for it.
#[must_use]
pub fn stated(json: Value) -> Value {
    match json {
        Value::Object(fields) => {
            let said = fields.into_iter().filter(|(_, value)| !value.is_null());
            Value::Object(said.map(|(name, value)| (name, stated(value))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(stated).collect()),
        other => other,
    }
}

/// A text as its kind reads it; one that does not read stays text, and the use case names the field.
fn read(kind: &str, text: &str) -> Value {
    let text = text.trim();
    if text.is_empty() {
        return Value::Null;
    }
    let as_text = || Value::String(text.to_owned());
    match kind {
        "int" | "ints" => text.replace('.', "").parse::<i64>().map_or_else(|_| as_text(), Value::from),
        "bool" => text.parse::<bool>().map_or_else(|_| as_text(), Value::from),
        "date" => day(text).map_or_else(as_text, |day| Value::String(day.to_string())),
        "at" => moment(text)
            .map_or_else(as_text, |at| Value::String(at.format("%Y-%m-%dT%H:%M:00+07:00").to_string())),
        "time" => {
            moment(text).map_or_else(as_text, |at| Value::String(at.format("%Y-%m-%dT%H:%M").to_string()))
        }
        _ => as_text(),
    }
}

/// Whether a day or a time could be read: then its text is one that we wrote.
fn is_read(kind: &str, text: &str) -> bool {
    let text = text.trim();
    if kind == "date" { day(text).is_some() } else { moment(text).is_some() }
}

fn moment(text: &str) -> Option<NaiveDateTime> {
    let forms = ["%d/%m/%Y %H:%M", "%d-%m-%Y %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"];
    forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
}

fn place(at: &mut Value, path: &[&str], kind: &str, value: Value) {
    let Some((name, rest)) = path.split_first() else {
        match (kind, &mut *at) {
            ("list" | "ints", Value::Array(items)) => {
                items.extend(Some(value).filter(|value| !value.is_null()));
            }
            ("list" | "ints", _) => {
                *at = Value::Array(Some(value).filter(|value| !value.is_null()).into_iter().collect());
            }
            _ => *at = value,
        }
        return;
    };
    if !at.is_object() {
        *at = Value::Object(Map::new());
    }
    if let Value::Object(fields) = at {
        place(fields.entry((*name).to_owned()).or_insert(Value::Null), rest, kind, value);
    }
}

/// Rows (`{"0": .., "1": ..}`) as arrays without the empty ones and without what was left empty in one, because a row is
/// replaced as a whole; parts that say nothing as `null`.
fn settled(value: Value) -> Value {
    let Value::Object(fields) = value else { return value };
    let fields: Vec<(String, Value)> =
        fields.into_iter().map(|(name, value)| (name, settled(value))).collect();
    let numbered: Option<Vec<usize>> = fields.iter().map(|(name, _)| name.parse().ok()).collect();
    match numbered {
        Some(numbers) => {
            let mut rows: Vec<(usize, Value)> =
                numbers.into_iter().zip(fields.into_iter().map(|(_, value)| value)).collect();
            rows.sort_by_key(|(number, _)| *number);
            Value::Array(rows.into_iter().map(|(_, row)| stated(row)).filter(|row| !is_blank(row)).collect())
        }
        None if fields.iter().all(|(_, value)| value.is_null()) => Value::Null,
        None => Value::Object(fields.into_iter().collect()),
    }
}

/// Whether a row says nothing: a tick that nobody set is no word.
fn is_blank(row: &Value) -> bool {
    match row {
        Value::Null | Value::Bool(false) => true,
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.values().all(is_blank),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn form(pairs: &[(&str, &str)]) -> Form {
        let text = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish();
        Form::parse(text.as_bytes())
    }

    #[test]
    fn fields_fill_what_they_point_at() {
        let form = form(&[
            ("csrf", "x"),
            ("/title", " Đoàn Hiroshima "),
            ("/arrives_on:date", "5/2/2026"),
            ("/request_letter/number", ""),
            ("/request_letter/people:int", "1.250"),
            ("/press:bool", "false"),
            ("/press:bool", "true"),
            ("/other_fields:list", ""),
            ("/other_fields:list", "health"),
            ("/other_fields:list", "youth"),
            ("/programme/0/starts_at:time", "05/02/2026 08:30"),
            ("/programme/0/place/name", "Bến Ninh Kiều"),
        ]);
        assert_eq!(
            form.json(),
            json!({
                "title": "Đoàn Hiroshima",
                "arrives_on": "2026-02-05",
                "request_letter": {"number": null, "people": 1250},
                "press": true,
                "other_fields": ["health", "youth"],
                "programme": [{"starts_at": "2026-02-05T08:30", "place": {"name": "Bến Ninh Kiều"}}],
            })
        );
        assert_eq!(stated(form.json()).pointer("/request_letter"), Some(&json!({"people": 1250})));
    }

    #[test]
    fn rows_keep_their_order_and_empty_ones_are_not_there() {
        let form = form(&[
            ("/rows/10/a", "last"),
            ("/rows/2/a", "first"),
            ("/rows/3/a", " "),
            ("/rows/3/b/c", ""),
            ("/rows/3/d:bool", "false"),
            ("/plan/status", ""),
            ("/plan/reason", ""),
            ("/none:list", ""),
        ]);
        assert_eq!(form.json(), json!({"rows": [{"a": "first"}, {"a": "last"}], "plan": null, "none": []}));
    }

    #[test]
    fn what_people_wrote_is_known_from_codes_and_secrets() {
        let form = form(&[
            ("csrf", "x"),
            ("/password", "một câu dài để nhớ"),
            ("/passport/number", "C1234567"),
            ("/decision", "approve_with_conditions"),
            ("/country", "JP"),
            ("/step_id", "01990000-0000-7000-8000-000000000000"),
            ("/comment", " Đồng ý đón "),
            ("/press:bool", "true"),
        ]);
        let written: Vec<(&str, &str)> = form.written().collect();
        assert_eq!(written, [("/passport/number", "C1234567"), ("/comment", "Đồng ý đón")]);
        let kept = Form::parse(&form.without_secrets());
        assert_eq!((kept.get("/password"), kept.get("/decision")), (None, Some("approve_with_conditions")));
    }

    #[test]
    fn everything_that_cannot_be_read_is_named_at_once() {
        let form = Form::parse(
            b"/arrives_on:date=31%2F02%2F2026&/departs_on:date=5%2F2%2F2026&/request_letter/people:int=ba\
              &/programme/0/what=&/programme/0/press_conference:bool=false&/programme/1/starts_at:time=mai\
              &/programme/1/what=x&/groups/0/planned:int=&/title=31%2F02%2F2026",
        );
        let faults: Vec<(String, &str)> =
            form.unreadable().into_iter().map(|fault| (fault.pointer, fault.code)).collect();
        let expected = [
            ("/arrives_on", "not-a-date"),
            ("/request_letter/people", "wrong-type"),
            ("/programme/0/starts_at", "not-a-date"),
        ];
        assert_eq!(faults, expected.map(|(pointer, code)| (pointer.to_owned(), code)));
        let programme = form.json()["programme"].clone();
        assert_eq!(programme[0]["what"], "x", "{programme}");
    }

    #[test]
    fn what_does_not_read_stays_as_it_was_typed() {
        let form = form(&[("/a:date", "31/02/2026"), ("/b:int", "many"), ("/c:bool", "perhaps")]);
        assert_eq!(form.json(), json!({"a": "31/02/2026", "b": "many", "c": "perhaps"}));
    }
}
