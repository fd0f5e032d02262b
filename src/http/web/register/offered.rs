//! What the selects of the form offer: bodies, countries, partners, items of the annual plan, and for whom the reader may
//! register.

use chrono::{Datelike, NaiveDate};

use crate::domain::codes::{Direction, Origin, PlanStatus};
use crate::domain::countries;
use crate::domain::delegation::{Content, Funding};
use crate::domain::ids::{OrganisationId, PartnerId};
use crate::domain::text;
use crate::http::web::controls::{Choice, vocabulary};
use crate::http::web::differences;
use crate::service::views::DelegationView;
use crate::service::{Context, Result, delegations, organisations, partners, plans};
use crate::store::ReadTx;

/// What a trip's money is usually for; anything else that was stated stays on offer.
const COVERS: [&str; 5] = ["airfare", "lodging", "per_diem", "local_travel", "conference_fee"];

/// The choices of the form.
pub struct Offered {
    /// Bodies that may host.
    pub organisations: Vec<Choice>,
    /// Countries and territories.
    pub countries: Vec<Choice>,
    /// Partners.
    pub partners: Vec<Choice>,
    /// Bodies for which the reader may register; one of them is no choice.
    pub owners: Vec<Choice>,
    /// How it stands to the annual plan.
    pub plan_statuses: Vec<Choice>,
    /// Items of the plan of its year.
    pub plan_items: Vec<Choice>,
    /// The year of that plan.
    pub plan_year: i32,
    /// How it came to be here: what can be typed in.
    pub origins: Vec<Choice>,
    /// What money is for.
    pub covers: Vec<Choice>,
}

impl Offered {
    /// Reads them for a dossier that is there, or for a new one of this direction.
    ///
    /// # Errors
    /// `Error::Store` of the database.
    pub fn read(
        tx: &mut ReadTx<'_>,
        ctx: &Context,
        known: Option<&DelegationView>,
        (direction, added, today): (Direction, Option<PartnerId>, NaiveDate),
    ) -> Result<Self> {
        let lang = ctx.actor.lang;
        let names = organisations::names(tx, lang)?;
        let content = known.map(|view| &view.content);
        let named = |id: &OrganisationId| names.get(id).cloned().unwrap_or_default();
        let choice = |id: OrganisationId| Choice { value: id.to_string(), label: named(&id) };
        let mut organisations: Vec<Choice> = names.keys().copied().map(choice).collect();
        organisations.sort_by_cached_key(|choice| text::key_in(lang, &choice.label));
        let owners = match known {
            Some(_) => Vec::new(),
            None => delegations::owners(tx, ctx)?,
        };
        let of = known.map(|view| view.organisation_id).or(owners.first().copied());
        let starts_on = content.and_then(Content::starts_on);
        let plan_year = starts_on.map_or(today.year(), |day| day.year());
        let item = content.and_then(|content| content.plan.as_ref()).and_then(|plan| plan.item_id);
        let items = plans::to_choose(tx, ctx, of, (plan_year, direction), item)?;
        let chosen = content.and_then(|content| content.partner_id);
        let meant: Vec<PartnerId> = [chosen, added].into_iter().flatten().collect();
        let origins = [Origin::System, Origin::AfterTheFact];
        Ok(Self {
            organisations,
            countries: countries::list(lang)
                .into_iter()
                .map(|(value, label)| Choice { value, label })
                .collect(),
            partners: partners::to_choose(tx, ctx, &meant)?
                .into_iter()
                .map(|one| Choice {
                    label: format!("{} ({})", one.name, countries::name(&one.country, lang)),
                    value: one.id.to_string(),
                })
                .collect(),
            owners: if owners.len() > 1 { owners.into_iter().map(choice).collect() } else { Vec::new() },
            plan_statuses: vocabulary::<PlanStatus>(lang),
            plan_items: items
                .into_iter()
                .map(|item| Choice {
                    value: item.id.to_string(),
                    label: format!("{}. {}", item.no, item.fields.title),
                })
                .collect(),
            plan_year,
            origins: vocabulary::<Origin>(lang)
                .into_iter()
                .filter(|choice| origins.iter().any(|origin| origin.to_string() == choice.value))
                .collect(),
            covers: covers(content.map(|content| content.funding.as_slice()).unwrap_or_default())
                .into_iter()
                .map(|code| Choice { label: differences::cover(lang, &code), value: code })
                .collect(),
        })
    }
}

/// The usual ones, and what was stated besides.
fn covers(stated: &[Funding]) -> Vec<String> {
    let mut all: Vec<String> = COVERS.iter().map(|&code| code.to_owned()).collect();
    for cover in stated.iter().flat_map(|line| &line.covers) {
        if !all.contains(cover) {
            all.push(cover.clone());
        }
    }
    all
}
