//! The letter with a checkpoint of the journal to the witness, who has no account here: a few words in both languages,
//! the note in the text, and once more as a file that no mail program re-wraps. Says nothing of what is journalled.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::SystemTime;

use chrono::{DateTime, Utc};
use lettre::Message;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, MultiPart, SinglePart};

use super::render::{boundary, clean, dated};
use super::{Correspondent, Mail, MessageId, Unmailable};
use crate::domain::codes::Lang;
use crate::texts::text;

/// What the letter says.
pub struct CheckpointLetter {
    /// The witness.
    pub to: Correspondent,
    /// The configured sender.
    pub from: Correspondent,
    /// `<..@..>`, the same at every attempt.
    pub message_id: String,
    /// When it was queued: the `Date` header, the same at every attempt.
    pub date: DateTime<Utc>,
    /// How many entries.
    pub size: u64,
    /// When the checkpoint was made, as people write it.
    pub made_at: String,
    /// The signed note.
    pub note: String,
    /// The public keys that verify it.
    pub keys: Vec<String>,
}

impl CheckpointLetter {
    /// Makes the mail.
    ///
    /// # Errors
    /// When something in it may not go into a mail.
    pub fn render(&self) -> Result<Mail, Unmailable> {
        dated(self.date)?;
        let size = self.size.to_string();
        let variables = [("size", size.as_str()), ("at", self.made_at.as_str())];
        let words = |lang| text(lang, "mail-lead-checkpoint", &variables);
        let parts = [
            words(Lang::Vi),
            words(Lang::En),
            self.note.clone(),
            format!("{}\n{}", text(Lang::Vi, "mail-label-keys", &[]), self.keys.join("\n")),
        ];
        let mut mail = Mail {
            message_id: MessageId::parse(&self.message_id)?,
            from: self.from.clone(),
            to: self.to.clone(),
            lang: Lang::Vi,
            date: self.date,
            subject: text(Lang::Vi, "mail-subject-checkpoint", &variables),
            text: parts.join("\n\n"),
            html: String::new(),
            raw: Vec::new(),
        };
        let raw = catch_unwind(AssertUnwindSafe(|| self.message(&mail))).unwrap_or(None);
        mail.raw = raw.ok_or(Unmailable::Build)?;
        if clean(&mail.raw) { Ok(mail) } else { Err(Unmailable::Build) }
    }

    fn message(&self, mail: &Mail) -> Option<Vec<u8>> {
        const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");
        let plain = ContentType::parse("text/plain; charset=utf-8").ok()?;
        let file = Attachment::new(format!("checkpoint-{}.txt", self.size));
        let parts = MultiPart::mixed()
            .boundary(boundary(&mail.message_id))
            .singlepart(SinglePart::plain(mail.text.clone()))
            .singlepart(file.body(self.note.clone().into_bytes(), plain));
        let message = Message::builder()
            .message_id(Some(mail.message_id.to_string()))
            .date(SystemTime::from(mail.date))
            .from(mail.from.for_lettre())
            .to(mail.to.for_lettre())
            .subject(mail.subject.as_str())
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .multipart(parts);
        message.ok().map(|message| message.formatted())
    }
}
