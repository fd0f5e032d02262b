//! Who takes part in the demo year: the tree of organisations, the partners abroad and the accounts, put in through
//! the services before the first dossier; and who of them does what on a dossier.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::data::{Account, Data, Delegation};
use crate::domain::access::Role;
use crate::domain::approval::OrganisationKind;
use crate::domain::codes::PlanStatus;
use crate::domain::delegation::PlanRef;
use crate::domain::ids::{AccountId, OrganisationId, PartnerId};
use crate::domain::plan::{PlanFields, PlanState};
use crate::password::Passwords;
use crate::service::organisations::{self, NewOrganisation};
use crate::service::partners::{self, NewPartner};
use crate::service::plans;
use crate::service::users::{self, NewGrant, NewUser};
use crate::service::{Error, Settings};
use crate::startup::StartError;
use crate::store::Store;

/// The ids of those who take part, by their codes in the data.
#[derive(Debug, Default)]
pub(super) struct Cast {
    organisations: BTreeMap<String, OrganisationId>,
    partners: BTreeMap<String, PartnerId>,
    accounts: Vec<Player>,
    /// How delegations stand to the annual plans, by their keys.
    plans: BTreeMap<String, PlanRef>,
}

#[derive(Debug)]
struct Player {
    id: AccountId,
    kind: Option<OrganisationKind>,
    account: Account,
}

fn unknown(what: &str, code: &str) -> StartError {
    StartError(format!("config/demo: there is no {what} {code}"))
}

impl Cast {
    /// Puts them into the database.
    ///
    /// # Errors
    /// Whom the services refuse, and why.
    pub fn enter(
        store: &Store,
        settings: &Arc<Settings>,
        passwords: &Passwords,
        data: &Data,
    ) -> Result<Self, StartError> {
        let mut cast = Self::default();
        for organisation in &data.organisations {
            let parent = organisation.parent.as_deref().map(|code| cast.organisation(code)).transpose()?;
            let new = NewOrganisation {
                parent_id: parent,
                code: organisation.code.clone(),
                name_vi: organisation.name_vi.clone(),
                name_en: organisation.name_en.clone(),
                kind: organisation.kind,
            };
            let added = store.write_blocking(move |tx| organisations::add(tx, None, &new));
            let id = added.map_err(|error| refused(&organisation.code, &error))?.id;
            cast.organisations.insert(organisation.code.clone(), id);
        }
        for partner in &data.partners {
            let new = NewPartner {
                name: partner.name.clone(),
                native_name: partner.native_name.clone(),
                country: partner.country.clone(),
                kind: partner.kind.clone(),
            };
            let added = store.write_blocking(move |tx| partners::add(tx, None, &new));
            let id = added.map_err(|error| refused(&partner.code, &error))?.id;
            cast.partners.insert(partner.code.clone(), id);
        }
        cast.plan(store, data)?;
        for account in &data.accounts {
            let id = cast.account(store, settings, passwords, account)?;
            let kind = data.kind_of(&account.organisation);
            cast.accounts.push(Player { id, kind, account: account.clone() });
        }
        Ok(cast)
    }

    /// Registers the annual plans, and notes which delegation stands to which item.
    fn plan(&mut self, store: &Store, data: &Data) -> Result<(), StartError> {
        for planned in &data.plan.item {
            let fields = PlanFields {
                direction: planned.direction,
                title: planned.title.clone(),
                partner: planned.partner.clone(),
                country: planned.country.clone(),
                months: planned.months.clone(),
                guests: planned.guests,
                cost: None,
                currency: None,
                note: String::new(),
                state: PlanState::Planned,
                drop_reason: String::new(),
            };
            let (owner, year) = (self.organisation(&planned.organisation)?, planned.year);
            let added = store.write_blocking(move |tx| plans::insert(tx, None, owner, year, &fields));
            let item_id = Some(added.map_err(|error| refused(&planned.title, &error))?.id);
            for key in &planned.done_by {
                let done = PlanRef { status: PlanStatus::InPlan, item_id, reason: String::new() };
                self.plans.insert(key.clone(), done);
            }
            if !planned.replaced_by.is_empty() {
                let reason = planned.reason.clone();
                let instead = PlanRef { status: PlanStatus::Replaces, item_id, reason };
                self.plans.insert(planned.replaced_by.clone(), instead);
            }
        }
        for outside in &data.plan.outside {
            let reason = outside.reason.clone();
            let off = PlanRef { status: PlanStatus::OffPlan, item_id: None, reason };
            self.plans.insert(outside.delegation.clone(), off);
        }
        Ok(())
    }

    /// How a delegation stands to the annual plan of its organisation.
    pub fn plan_of(&self, key: &str) -> Option<PlanRef> {
        self.plans.get(key).cloned()
    }

    fn account(
        &self,
        store: &Store,
        settings: &Arc<Settings>,
        passwords: &Passwords,
        account: &Account,
    ) -> Result<AccountId, StartError> {
        let place = self.organisation(&account.organisation)?;
        let hash =
            passwords.hash(&account.password).map_err(|fault| StartError::of(&account.username, fault))?;
        let new = NewUser {
            username: account.username.clone(),
            display_name: account.display_name.clone(),
            email: account.email.clone(),
            lang: Some(account.locale),
            grants: vec![NewGrant { organisation_id: place, role: account.role, confirmed: false }],
        };
        let settings = Arc::clone(settings);
        let added = store.write_blocking(move |tx| users::add(tx, None, &settings, &new));
        let id = added.map_err(|error| refused(&account.username, &error))?.account;
        store
            .write_blocking(move |tx| users::set_password_hash(tx, id, &hash))
            .map_err(|error| refused(&account.username, &error))?;
        Ok(id)
    }

    /// The organisation with this code.
    pub fn organisation(&self, code: &str) -> Result<OrganisationId, StartError> {
        self.organisations.get(code).copied().ok_or_else(|| unknown("organisation", code))
    }

    /// The partner with this code.
    pub fn partner(&self, code: &str) -> Result<PartnerId, StartError> {
        self.partners.get(code).copied().ok_or_else(|| unknown("partner", code))
    }

    /// The officer who files a dossier: its contact.
    pub fn officer(&self, delegation: &Delegation) -> Result<AccountId, StartError> {
        let own = |player: &&Player| player.account.organisation == delegation.organisation;
        let contact = |player: &&Player| player.account.email == delegation.contact.email;
        let mut officers =
            self.accounts.iter().filter(|player| player.account.role == Role::Officer).filter(own);
        officers.find(contact).map(|found| found.id).ok_or_else(|| unknown("officer for", &delegation.key))
    }

    /// The clerk of the foreign-affairs body.
    pub fn clerk(&self) -> Result<AccountId, StartError> {
        self.nth(Role::Clerk, OrganisationKind::ForeignAffairs, 0)
    }

    /// The appraiser whose turn it is: they take dossiers in turn.
    pub fn appraiser(&self, no: usize) -> Result<AccountId, StartError> {
        self.nth(Role::Appraiser, OrganisationKind::ForeignAffairs, no)
    }

    /// The union's leader, who endorses what the associations file.
    pub fn endorser(&self) -> Result<AccountId, StartError> {
        self.nth(Role::Approver, OrganisationKind::Union, 0)
    }

    /// The Chairman of the People's Committee: the level above.
    pub fn chairman(&self) -> Result<AccountId, StartError> {
        self.nth(Role::Approver, OrganisationKind::City, 0)
    }

    /// The leader who signs the paper, or the first.
    pub fn approver(&self, delegation: &Delegation) -> Result<AccountId, StartError> {
        let signer = delegation.issued.as_ref().map(|paper| paper.signer.as_str());
        let signs = |player: &&Player| {
            player.account.role == Role::Approver && Some(player.account.display_name.as_str()) == signer
        };
        match self.accounts.iter().find(signs) {
            Some(player) => Ok(player.id),
            None => self.nth(Role::Approver, OrganisationKind::CityOffice, 0),
        }
    }

    fn nth(&self, role: Role, kind: OrganisationKind, no: usize) -> Result<AccountId, StartError> {
        let fits = |player: &&Player| player.account.role == role && player.kind == Some(kind);
        let all: Vec<AccountId> = self.accounts.iter().filter(fits).map(|player| player.id).collect();
        let turn = no.checked_rem(all.len()).unwrap_or_default();
        all.get(turn).copied().ok_or_else(|| unknown("account with the role", &role.to_string()))
    }
}

/// What a service refused, with the fields at fault.
pub(super) fn refused(what: &str, error: &Error) -> StartError {
    use crate::domain::refusal::Refusal;
    let Error::Refused { refusal: Refusal::Invalid(faults), .. } = error else {
        return StartError(format!("demo, {what}: {error}"));
    };
    let faults: Vec<String> =
        faults.iter().map(|fault| format!("{} {}", fault.pointer, fault.code)).collect();
    StartError(format!("demo, {what}: {}", faults.join("; ")))
}
