//! Who may do what: one exhaustive table from role and action to a reach, and the person behind a request.
//! Whether a certain dossier is within reach is asked where the dossier is known.

use super::codes::{Code, Lang, codes};
use super::ids::{AccountId, OrganisationId, PersonId, SessionId};
use super::mandate::Mandated;

codes! {
    /// A role at one organisation (`practice.md` section 1).
    Role {
        /// Registers delegations.
        Officer = "officer",
        /// văn thư: receives with incoming number, issues with number and date.
        Clerk = "clerk",
        /// Prepares a leader's inbox; never decides.
        Secretary = "secretary",
        /// Appraises (thẩm định).
        Appraiser = "appraiser",
        /// Permits, or endorses at the union.
        Approver = "approver",
        /// Reads everything but passports, changes nothing.
        Auditor = "auditor",
        /// Manages accounts; neither reads personal data nor decides.
        Admin = "admin",
    }
    /// Everything that a route can do.
    Action {
        ReadDossier = "read_dossier",
        Register = "register",
        Edit = "edit",
        Submit = "submit",
        Receive = "receive",
        Decide = "decide",
        RecordOpinion = "record_opinion",
        Issue = "issue",
        ReportVisit = "report_visit",
        Discharge = "discharge",
        Close = "close",
        Cancel = "cancel",
        Revoke = "revoke",
        MarkDuplicate = "mark_duplicate",
        ReadPaper = "read_paper",
        AddPaper = "add_paper",
        DeletePaper = "delete_paper",
        QuarantinePaper = "quarantine_paper",
        ReadInbox = "read_inbox",
        PrepareInbox = "prepare_inbox",
        GiveMandate = "give_mandate",
        ReadMandates = "read_mandates",
        ReadPeople = "read_people",
        EditPeople = "edit_people",
        ReadPartners = "read_partners",
        EditPartners = "edit_partners",
        ReadOrganisations = "read_organisations",
        EditOrganisations = "edit_organisations",
        ReadUsers = "read_users",
        EditUsers = "edit_users",
        ReadJournal = "read_journal",
        ReadOutbox = "read_outbox",
        ResendMail = "resend_mail",
        ReadPlan = "read_plan",
        EditPlan = "edit_plan",
        ReadReturn = "read_return",
        CloseReturn = "close_return",
        ReadRules = "read_rules",
        Override = "override",
        ReadSelf = "read_self",
    }
}

/// How far a role's right to an action reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reach {
    /// Not at all.
    Never,
    /// Dossiers of the role's organisation and those below it, and dossiers to which it is a party.
    Unit,
    /// Everything in the installation.
    All,
}

/// The right of one role.
#[must_use]
pub fn grant(role: Role, action: Action) -> Reach {
    use Action as A;
    use Reach::{All, Never, Unit};
    use Role as R;
    match (role, action) {
        (_, A::ReadSelf | A::ReadOrganisations) => All,
        (
            R::Admin,
            A::EditOrganisations | A::ReadUsers | A::EditUsers | A::ReadOutbox | A::ResendMail | A::ReadRules,
        ) => All,
        (R::Admin, _) => Never,
        (
            R::Auditor,
            A::ReadDossier
            | A::ReadPaper
            | A::ReadPeople
            | A::ReadPartners
            | A::ReadMandates
            | A::ReadUsers
            | A::ReadJournal
            | A::ReadOutbox
            | A::ReadPlan
            | A::ReadReturn
            | A::ReadRules,
        ) => All,
        (R::Auditor, _) => Never,
        (_, A::ReadPartners | A::ReadRules) => All,
        (_, A::ReadDossier | A::ReadPaper | A::ReadInbox | A::ReadPlan | A::ReadReturn | A::ReadMandates) => {
            Unit
        }
        // A secretary sorts the leaders' inbox, and decides nothing.
        (R::Secretary, A::PrepareInbox) => Unit,
        // Whoever sees that a paper should never have been uploaded takes it away at once.
        (R::Officer | R::Clerk | R::Appraiser | R::Approver, A::QuarantinePaper) => Unit,
        (R::Officer | R::Clerk | R::Appraiser, A::AddPaper | A::DeletePaper) => Unit,
        // Any of these roles may owe something; which one does, the obligation says.
        (_, A::Discharge) => Unit,
        (R::Officer | R::Clerk | R::Appraiser, A::ReadPeople) => Unit,
        (
            R::Officer,
            A::Register
            | A::Edit
            | A::Submit
            | A::ReportVisit
            | A::Close
            | A::Cancel
            | A::MarkDuplicate
            | A::EditPlan
            | A::EditPeople
            | A::CloseReturn,
        ) => Unit,
        (R::Officer, A::EditPartners) => All,
        (
            R::Clerk,
            A::Receive
            | A::RecordOpinion
            | A::Issue
            | A::Revoke
            | A::Close
            | A::MarkDuplicate
            | A::CloseReturn,
        ) => Unit,
        (R::Appraiser, A::Decide | A::Override | A::RecordOpinion | A::Close | A::MarkDuplicate) => Unit,
        (R::Approver, A::Decide | A::Override | A::Revoke | A::GiveMandate) => Unit,
        (R::Officer | R::Clerk | R::Secretary | R::Appraiser | R::Approver, _) => Never,
    }
}

/// One role at one organisation, in force now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// The role.
    pub role: Role,
    /// Where.
    pub organisation: OrganisationId,
    /// That organisation's path in the tree, `/id/id/`.
    pub path: String,
    /// Under which mandate, if it is another's role.
    pub mandate: Option<Mandated>,
}

impl Held {
    /// How far it reaches. A mandate gives its holder the giver's decisions and what is needed to make them.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        let is_mandated = matches!(action, Action::Decide | Action::ReadDossier | Action::ReadInbox);
        match self.mandate {
            Some(_) if !is_mandated => Reach::Never,
            _ => grant(self.role, action),
        }
    }
}

/// Who makes a request: read from the database at every request, never from the token.
#[derive(Debug, Clone)]
pub struct Actor {
    /// The account.
    pub account: AccountId,
    /// The sign-in.
    pub session: Option<SessionId>,
    /// The natural person behind the account.
    pub person: Option<PersonId>,
    /// Sign-in name.
    pub username: String,
    /// Name as shown.
    pub display_name: String,
    /// Chosen language.
    pub lang: Lang,
    /// Roles in force now.
    pub held: Vec<Held>,
}

impl Actor {
    /// The widest reach that any role gives to this action. Whoever is signed in may know himself, also without a
    /// role.
    #[must_use]
    pub fn reach(&self, action: Action) -> Reach {
        if action == Action::ReadSelf {
            return Reach::All;
        }
        self.held.iter().map(|held| held.reach(action)).max().unwrap_or(Reach::Never)
    }

    /// The roles that give this action.
    pub fn roles_for(&self, action: Action) -> impl Iterator<Item = &Held> {
        self.held.iter().filter(move |held| held.reach(action) != Reach::Never)
    }

    /// Whether one of the roles for `action` is held at `path` or above it.
    #[must_use]
    pub fn reaches_path(&self, action: Action, path: &str) -> bool {
        self.roles_for(action).any(|held| held.reach(action) == Reach::All || path.starts_with(&held.path))
    }

    /// Whether this role is held at exactly this organisation, and not by mandate.
    #[must_use]
    pub fn holds(&self, role: Role, organisation: OrganisationId) -> bool {
        let is = |held: &&Held| held.role == role && held.organisation == organisation;
        self.held.iter().filter(is).any(|held| held.mandate.is_none())
    }

    /// What this actor may know of in lists, for an action that reads.
    #[must_use]
    pub fn scope(&self, action: Action) -> Scope {
        Scope {
            all: self.reach(action) == Reach::All,
            paths: self.roles_for(action).map(|held| held.path.clone()).collect(),
            organisations: self.roles_for(action).map(|held| held.organisation).collect(),
            account: self.account,
            givers: self
                .roles_for(action)
                .filter_map(|held| held.mandate.as_ref())
                .map(|mandate| mandate.giver)
                .collect(),
            masked: false,
        }
    }
}

/// What may be known of, as a filter inside every query.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scope {
    /// Everything.
    pub all: bool,
    /// Subtrees.
    pub paths: Vec<String>,
    /// Organisations whose party rows count.
    pub organisations: Vec<OrganisationId>,
    /// The account whose party rows count.
    pub account: AccountId,
    /// Accounts in whose place the actor decides: what names them at a step is open to the actor too.
    pub givers: Vec<AccountId>,
    /// Confidential dossiers too, by whomever they are named: only for a return, which shows them in its totals and
    /// masks their rows.
    pub masked: bool,
}

/// Whether one account may hold these roles together: admin excludes every other role.
#[must_use]
pub fn compatible(roles: &[Role]) -> bool {
    !roles.contains(&Role::Admin) || roles.iter().all(|role| *role == Role::Admin)
}

/// Whether somebody with these roles together would look over what he or she does: an auditor reads everything, of
/// everybody. It is not forbidden, since a small office has few people, but never a slip.
#[must_use]
pub fn audits_own_work(roles: &[Role]) -> bool {
    roles.contains(&Role::Auditor) && roles.iter().any(|role| !matches!(role, Role::Auditor | Role::Admin))
}

/// The matrix of roles and actions as a Markdown table, for ARCHITECTURE.md.
#[must_use]
pub fn matrix() -> String {
    let mut out = String::from("| action |");
    for role in Role::ALL {
        out += &format!(" {role} |");
    }
    out += "\n| --- |";
    out += &" --- |".repeat(Role::ALL.len());
    for action in Action::ALL {
        out += &format!("\n| {action} |");
        for role in Role::ALL {
            let reach = match grant(*role, *action) {
                Reach::Never => "",
                Reach::Unit => "unit",
                Reach::All => "all",
            };
            out += &format!(" {reach} |");
        }
    }
    out + "\n"
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn organisation(no: u128) -> OrganisationId {
        OrganisationId(Uuid::from_u128(no))
    }

    /// Somebody with these roles at organisations `1` (path `/1/`), `2` (`/1/2/`) or `22` (`/1/22/`).
    fn actor(roles: &[(Role, u128)]) -> Actor {
        let path = |no: u128| if no == 1 { "/1/".to_owned() } else { format!("/1/{no}/") };
        let held = |(role, no): &(Role, u128)| Held {
            role: *role,
            organisation: organisation(*no),
            path: path(*no),
            mandate: None,
        };
        Actor {
            account: AccountId(Uuid::from_u128(7)),
            session: None,
            person: None,
            username: "x".to_owned(),
            display_name: "X".to_owned(),
            lang: Lang::Vi,
            held: roles.iter().map(held).collect(),
        }
    }

    #[test]
    fn without_a_role_nothing_but_oneself_is_reached() {
        let nobody = actor(&[]);
        for action in Action::ALL.iter().filter(|action| **action != Action::ReadSelf) {
            assert_eq!(nobody.reach(*action), Reach::Never, "{action}");
            assert!(!nobody.reaches_path(*action, "/1/"));
            let scope = nobody.scope(*action);
            assert!(!scope.all && scope.paths.is_empty() && scope.organisations.is_empty(), "{action}");
        }
    }

    #[test]
    fn a_scope_never_exceeds_the_right() {
        for role in Role::ALL {
            for action in Action::ALL {
                let one = actor(&[(*role, 2)]);
                let (reach, scope) = (grant(*role, *action), one.scope(*action));
                assert_eq!(scope.all, reach == Reach::All, "{role} {action}");
                assert_eq!(scope.paths.is_empty(), reach == Reach::Never, "{role} {action}");
                assert_eq!(one.reaches_path(*action, "/1/2/"), reach != Reach::Never);
                assert_eq!(one.reaches_path(*action, "/1/2/3/"), reach != Reach::Never, "those below");
                assert_eq!(one.reaches_path(*action, "/1/"), reach == Reach::All, "not those above");
                assert_eq!(
                    one.reaches_path(*action, "/1/22/"),
                    reach == Reach::All,
                    "nor a like-named neighbour"
                );
            }
        }
    }

    #[test]
    fn several_roles_give_the_widest_reach_but_each_only_at_its_place() {
        let both = actor(&[(Role::Officer, 2), (Role::Approver, 22)]);
        assert!(both.reaches_path(Action::Edit, "/1/2/") && !both.reaches_path(Action::Edit, "/1/22/"));
        assert!(both.reaches_path(Action::Decide, "/1/22/") && !both.reaches_path(Action::Decide, "/1/2/"));
        assert!(both.holds(Role::Officer, organisation(2)) && !both.holds(Role::Officer, organisation(22)));
        assert_eq!(actor(&[(Role::Officer, 2), (Role::Auditor, 2)]).reach(Action::ReadDossier), Reach::All);
    }

    /// `practice.md` section 1, in words that a reviewer can check.
    #[test]
    fn who_does_what() {
        let who = |action| -> Vec<Role> {
            Role::ALL.iter().copied().filter(|role| grant(*role, action) != Reach::Never).collect()
        };
        assert_eq!(who(Action::Register), [Role::Officer]);
        assert_eq!(who(Action::Edit), [Role::Officer]);
        assert_eq!(who(Action::Receive), [Role::Clerk]);
        assert_eq!(who(Action::Issue), [Role::Clerk]);
        assert_eq!(who(Action::Decide), [Role::Appraiser, Role::Approver]);
        assert_eq!(who(Action::RecordOpinion), [Role::Clerk, Role::Appraiser]);
        assert_eq!(who(Action::PrepareInbox), [Role::Secretary]);
        assert_eq!(who(Action::GiveMandate), [Role::Approver]);
        assert_eq!(who(Action::Revoke), [Role::Clerk, Role::Approver]);
        assert_eq!(who(Action::EditUsers), [Role::Admin]);
        assert_eq!(who(Action::ReadJournal), [Role::Auditor]);
        assert!(!who(Action::ReadDossier).contains(&Role::Admin));
    }

    /// A mandate lets its holder decide in the giver's place and read for it, and nothing besides.
    #[test]
    fn a_mandate_gives_decisions_alone() {
        let giver = AccountId(Uuid::from_u128(8));
        let mut holder = actor(&[(Role::Approver, 2)]);
        for held in &mut holder.held {
            held.mandate = Some(Mandated {
                id: crate::domain::ids::MandateId(Uuid::from_u128(1)),
                giver,
                person: PersonId(Uuid::from_u128(9)),
                limits: crate::domain::mandate::Limits::default(),
            });
        }
        let given: Vec<Action> =
            Action::ALL.iter().copied().filter(|action| holder.reach(*action) != Reach::Never).collect();
        assert_eq!(given, [Action::ReadDossier, Action::Decide, Action::ReadInbox, Action::ReadSelf]);
        assert_eq!(holder.scope(Action::ReadDossier).givers, [giver]);
        assert!(holder.scope(Action::Revoke).givers.is_empty());
        assert!(!holder.holds(Role::Approver, organisation(2)), "nobody hands on what he holds by mandate");
    }

    #[test]
    fn an_administrator_is_nothing_else() {
        for role in Role::ALL {
            assert_eq!(compatible(&[Role::Admin, *role]), *role == Role::Admin, "{role}");
            assert!(compatible(&[*role]));
        }
        assert!(compatible(&[]) && compatible(&[Role::Officer, Role::Approver]));
    }

    #[test]
    fn the_matrix_has_a_row_for_each_action() {
        let printed = matrix();
        assert_eq!(printed.lines().count(), Action::ALL.len() + 2);
        assert!(printed.contains("| issue |  | unit |  |  |  |  |  |"), "{printed}");
    }
}
