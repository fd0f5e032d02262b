//! Issued papers: numbered and dated, unique per issuer, kind and year. Their texts as issued, signed files and the
//! register of our own are in the files beside this one.

pub mod register;
pub mod signed;
pub mod texts;

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use diesel::prelude::*;

use super::error::StoreError;
use super::schema::{issued_papers, paper_recipients};
use super::types::{Json, Key, Word};
use super::{ReadTx, WriteTx};
use crate::domain::codes::{Code, SigningForm, codes};
use crate::domain::ids::{AccountId, DossierId, MandateId, OrganisationId, PaperId};
use crate::domain::obligation::{DeliveryChannel, Recipient};

codes! {
    /// Kinds of issued paper. Each has numbers of its own.
    PaperKind {
        /// The permit letter of an inbound delegation (công văn).
        Permit = "permit",
        /// The decision to send an outbound delegation abroad (quyết định).
        Decision = "decision",
        /// What ends one of these.
        Revocation = "revocation",
    }
}

impl PaperKind {
    /// Whether it permits a delegation.
    #[must_use]
    pub fn permits(self) -> bool {
        self != Self::Revocation
    }
}

/// An issued paper.
#[derive(Debug, Clone)]
pub struct Paper {
    /// Id.
    pub id: PaperId,
    /// For which revision.
    pub revision: i32,
    /// Who issued.
    pub issuer: OrganisationId,
    /// Kind.
    pub kind: PaperKind,
    /// Year of the number.
    pub year: i32,
    /// Number without leading zeros.
    pub number: String,
    /// Symbol, such as `UBND-ĐN`.
    pub symbol: String,
    /// Date of the paper.
    pub dated_on: NaiveDate,
    /// Who signed.
    pub signer: String,
    /// Signing forms.
    pub forms: Vec<SigningForm>,
    /// Signed by mandate (TUQ.): in whose place, as printed, and under which mandate.
    pub acting_for: Option<(String, MandateId)>,
    /// First day of validity.
    pub valid_from: Option<NaiveDate>,
    /// Last day of validity.
    pub valid_to: Option<NaiveDate>,
    /// SHA-256 of the signed file, in hex, as told at issue.
    pub sha256: Option<String>,
    /// The number is of our own register.
    pub registered: bool,
    /// The templates that made its text as issued.
    pub template: Option<String>,
    /// SHA-256 of the secret that leads to its check page, in hex.
    pub check_hash: Option<String>,
    /// Who typed it in.
    pub issued_by: AccountId,
    /// When.
    pub issued_at: DateTime<Utc>,
    /// To whom it goes, in the order of the paper.
    pub recipients: Vec<Recipient>,
}

type Row = (
    Key<PaperId>,
    i32,
    Key<OrganisationId>,
    Word<PaperKind>,
    i32,
    String,
    String,
    NaiveDate,
    String,
    Json<Vec<SigningForm>>,
    Option<NaiveDate>,
    Option<NaiveDate>,
    Option<String>,
    Key<AccountId>,
    NaiveDateTime,
    Option<String>,
    Option<Key<MandateId>>,
    bool,
    Option<String>,
    Option<String>,
);

const COLUMNS: (
    issued_papers::id,
    issued_papers::revision,
    issued_papers::issuer_id,
    issued_papers::kind,
    issued_papers::year,
    issued_papers::number,
    issued_papers::symbol,
    issued_papers::dated_on,
    issued_papers::signer,
    issued_papers::forms,
    issued_papers::valid_from,
    issued_papers::valid_to,
    issued_papers::sha256,
    issued_papers::issued_by,
    issued_papers::issued_at,
    issued_papers::acting_for,
    issued_papers::mandate_id,
    issued_papers::registered,
    issued_papers::template,
    issued_papers::check_hash,
) = (
    issued_papers::id,
    issued_papers::revision,
    issued_papers::issuer_id,
    issued_papers::kind,
    issued_papers::year,
    issued_papers::number,
    issued_papers::symbol,
    issued_papers::dated_on,
    issued_papers::signer,
    issued_papers::forms,
    issued_papers::valid_from,
    issued_papers::valid_to,
    issued_papers::sha256,
    issued_papers::issued_by,
    issued_papers::issued_at,
    issued_papers::acting_for,
    issued_papers::mandate_id,
    issued_papers::registered,
    issued_papers::template,
    issued_papers::check_hash,
);

fn paper(row: Row) -> Paper {
    Paper {
        id: row.0.0,
        revision: row.1,
        issuer: row.2.0,
        kind: row.3.0,
        year: row.4,
        number: row.5,
        symbol: row.6,
        dated_on: row.7,
        signer: row.8,
        forms: row.9.0,
        acting_for: row.15.zip(row.16.map(|key| key.0)),
        valid_from: row.10,
        valid_to: row.11,
        sha256: row.12,
        registered: row.17,
        template: row.18,
        check_hash: row.19,
        issued_by: row.13.0,
        issued_at: row.14.and_utc(),
        recipients: Vec::new(),
    }
}

/// Adds a paper.
///
/// # Errors
/// `Taken` when the issuer gave the number this year.
pub fn insert(tx: &mut WriteTx<'_>, dossier: DossierId, new: &Paper) -> Result<(), StoreError> {
    let forms = serde_json::to_string(&new.forms).map_err(|cause| StoreError::Corrupt(cause.to_string()))?;
    diesel::insert_into(issued_papers::table)
        .values((
            issued_papers::id.eq(new.id.to_string()),
            issued_papers::dossier_id.eq(dossier.to_string()),
            issued_papers::revision.eq(new.revision),
            issued_papers::issuer_id.eq(new.issuer.to_string()),
            issued_papers::kind.eq(new.kind.code()),
            issued_papers::year.eq(new.year),
            issued_papers::number.eq(&new.number),
            issued_papers::symbol.eq(&new.symbol),
            issued_papers::dated_on.eq(new.dated_on),
            issued_papers::signer.eq(&new.signer),
            issued_papers::forms.eq(forms),
            issued_papers::valid_from.eq(new.valid_from),
            issued_papers::valid_to.eq(new.valid_to),
            issued_papers::sha256.eq(&new.sha256),
            issued_papers::issued_by.eq(new.issued_by.to_string()),
            issued_papers::issued_at.eq(new.issued_at.naive_utc()),
            issued_papers::acting_for.eq(new.acting_for.as_ref().map(|(name, _)| name.clone())),
            issued_papers::mandate_id.eq(new.acting_for.as_ref().map(|(_, id)| id.to_string())),
            issued_papers::registered.eq(new.registered),
            issued_papers::template.eq(&new.template),
            issued_papers::check_hash.eq(&new.check_hash),
        ))
        .execute(tx.db())?;
    for (place, recipient) in (1..).zip(&new.recipients) {
        diesel::insert_into(paper_recipients::table)
            .values((
                paper_recipients::paper_id.eq(new.id.to_string()),
                paper_recipients::place.eq::<i32>(place),
                paper_recipients::name.eq(&recipient.name),
                paper_recipients::channel.eq(recipient.channel.code()),
            ))
            .execute(tx.db())?;
    }
    Ok(())
}

/// Papers of some dossiers, oldest first.
///
/// # Errors
/// `StoreError` of the database.
pub fn of_dossiers(tx: &mut ReadTx<'_>, ids: &[DossierId]) -> Result<Vec<(DossierId, Paper)>, StoreError> {
    let ids: Vec<String> = ids.iter().map(ToString::to_string).collect();
    let mut all = Vec::new();
    for some in ids.chunks(500) {
        let rows: Vec<(Key<DossierId>, Row)> = issued_papers::table
            .filter(issued_papers::dossier_id.eq_any(some.to_vec()))
            .order((issued_papers::dossier_id, issued_papers::id))
            .select((issued_papers::dossier_id, COLUMNS))
            .load(tx.db())?;
        let mut recipients = recipients_of(tx, rows.iter().map(|(_, row)| row.0.0))?;
        all.extend(rows.into_iter().map(|(key, row)| {
            let mut paper = paper(row);
            paper.recipients = recipients.remove(&paper.id).unwrap_or_default();
            (key.0, paper)
        }));
    }
    Ok(all)
}

/// The paper whose check page has this secret, by the secret's hash in hex.
///
/// # Errors
/// `StoreError` of the database.
pub fn by_check_hash(tx: &mut ReadTx<'_>, hash: &str) -> Result<Option<(DossierId, PaperId)>, StoreError> {
    let row: Option<(Key<DossierId>, Key<PaperId>)> = issued_papers::table
        .filter(issued_papers::check_hash.eq(hash))
        .select((issued_papers::dossier_id, issued_papers::id))
        .first(tx.db())
        .optional()?;
    Ok(row.map(|(dossier, paper)| (dossier.0, paper.0)))
}

fn recipients_of(
    tx: &mut ReadTx<'_>,
    papers: impl Iterator<Item = PaperId>,
) -> Result<BTreeMap<PaperId, Vec<Recipient>>, StoreError> {
    let papers: Vec<String> = papers.map(|id| id.to_string()).collect();
    let mut found: BTreeMap<PaperId, Vec<Recipient>> = BTreeMap::new();
    for some in papers.chunks(500) {
        let rows: Vec<(Key<PaperId>, String, Word<DeliveryChannel>)> = paper_recipients::table
            .filter(paper_recipients::paper_id.eq_any(some.to_vec()))
            .order((paper_recipients::paper_id, paper_recipients::place))
            .select((paper_recipients::paper_id, paper_recipients::name, paper_recipients::channel))
            .load(tx.db())?;
        for (Key(paper), name, Word(channel)) in rows {
            found.entry(paper).or_default().push(Recipient { name, channel });
        }
    }
    Ok(found)
}
