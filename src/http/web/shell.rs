//! What stands around every page: who is signed in, where one can go, in which language; and the words and dates that
//! templates ask for.

use std::collections::BTreeSet;

use actix_web::http::header::{CONTENT_LANGUAGE, CONTENT_SECURITY_POLICY};
use actix_web::http::{StatusCode, header};
use actix_web::{HttpMessage, HttpRequest, HttpResponse, web};
use askama::Template;
use chrono::{DateTime, NaiveDate, Utc};

use super::{assets, csrf, done, kept, language, words};
use crate::clock::day_in_vietnam;
use crate::domain::access::{Action, Actor, Reach};
use crate::domain::codes::{Code, Lang};
use crate::domain::countries;
use crate::domain::delegation::Content;
use crate::domain::dossier::State;
use crate::http::State as Service;
use crate::http::caller::{Caller, Known};
use crate::http::guard;
use crate::http::problem::Problem;
use crate::service::views::Standing;
use crate::texts;

/// Nothing but our own stylesheet, script and pictures; no inline anything; forms go home.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                      form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

/// The main menu: text, page, the keys that lead there, and the right without which it is not shown.
const MENU: &[(&str, &str, &str, Action)] = &[
    ("nav-inbox", "/", "g i", Action::ReadInbox),
    ("nav-duties", "/obligations", "g t", Action::ReadInbox),
    ("nav-month", "/month", "g m", Action::ReadDossier),
    ("nav-delegations", "/delegations", "g d", Action::ReadDossier),
    ("nav-new", "/delegations/new", "n", Action::Register),
    ("nav-calendar", "/calendar", "g c", Action::ReadDossier),
    ("nav-reports", "/reports", "g r", Action::ReadReturn),
    ("nav-people", "/people", "g p", Action::ReadPeople),
    ("nav-journal", "/journal", "g j", Action::ReadJournal),
    ("nav-office", "/office", "g o", Action::ReadOrganisations),
];

/// A line of the main menu.
#[derive(Debug, Clone)]
pub struct Line {
    /// What it says.
    pub label: String,
    /// Where it leads.
    pub href: &'static str,
    /// The keys that lead there.
    pub keys: &'static str,
    /// For `aria-current`: whether this is the page, or one of those that belong to it; empty for neither.
    pub current: &'static str,
}

/// What stands around a page.
#[derive(Debug, Clone)]
pub struct Shell {
    /// Language of the page.
    pub lang: Lang,
    /// Name of whoever is signed in.
    pub user: Option<String>,
    /// What he or she is.
    pub roles: String,
    /// The main menu.
    pub menu: Vec<Line>,
    /// Token for forms.
    pub csrf: String,
    /// Key under which a form is done once, however often it is sent.
    pub key: String,
    /// Today in Vietnam.
    pub today: NaiveDate,
    /// Whether a new delegation may be registered.
    pub may_register: bool,
    /// Whether there are delegations to search.
    pub may_search: bool,
    /// Path of this page.
    pub path: String,
    /// Where what is typed into its form is kept.
    pub place: String,
    /// Whether the form of this page came back, because its page was of an earlier sign-in.
    pub unsent: bool,
    /// What was done by the form that led to this page.
    pub done: Option<String>,
}

impl Shell {
    /// Around a page of whoever is signed in.
    ///
    /// # Errors
    /// A defect, if a key is missing.
    pub fn of(request: &HttpRequest, caller: &Caller) -> Result<Self, Problem> {
        let actor = &caller.known.actor;
        let shell = Self::with_token(request, caller.state(), Some(actor), None)?;
        Ok(Self { done: done::said(request, actor.lang), ..shell })
    }

    /// Around a page for somebody who has not signed in; `visitor` is the visitor cookie.
    ///
    /// # Errors
    /// A defect, if a key is missing.
    pub fn visitor(request: &HttpRequest, state: &Service, visitor: Option<&str>) -> Result<Self, Problem> {
        Self::with_token(request, state, None, visitor)
    }

    /// Around a page that no guard stands before, for whoever may be signed in.
    ///
    /// # Errors
    /// A defect, if a key is missing.
    pub async fn of_whoever(request: &HttpRequest, state: &web::Data<Service>) -> Result<Self, Problem> {
        if known(request).is_none() {
            guard::recognise(request, state).await;
        }
        Self::with_token(request, state, known(request).as_ref(), None)
    }

    fn with_token(
        request: &HttpRequest,
        state: &Service,
        actor: Option<&Actor>,
        visitor: Option<&str>,
    ) -> Result<Self, Problem> {
        let csrf = csrf::token(request, state, visitor)?;
        let lang = actor.map_or_else(|| language::of_visitor(request), |actor| actor.lang);
        let may = |action| actor.is_some_and(|actor| actor.reach(action) != Reach::Never);
        let path = request.path().to_owned();
        let current = menu_page(&path);
        let line = |(label, href, keys, _): &(&str, &'static str, &'static str, Action)| Line {
            label: texts::text(lang, label, &[]),
            href,
            keys,
            current: match current == Some(*href) {
                true if path == *href => "page",
                true => "true",
                false => "",
            },
        };
        let mut roles: Vec<String> =
            actor.iter().flat_map(|actor| &actor.held).map(|held| words::coded(lang, held.role)).collect();
        roles.dedup();
        Ok(Self {
            lang,
            user: actor.map(|actor| actor.display_name.clone()),
            roles: roles.join(", "),
            menu: MENU.iter().filter(|(.., action)| may(*action)).map(line).collect(),
            csrf,
            key: state.store.fresh::<crate::domain::ids::SessionId>().to_string(),
            today: day_in_vietnam(state.store.now()),
            may_register: may(Action::Register),
            may_search: may(Action::ReadDossier),
            path,
            place: kept::place(request, None),
            unsent: request.query_string().split('&').any(|pair| pair == format!("{}=1", kept::UNSENT)),
            done: None,
        })
    }

    /// A text.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        texts::text(self.lang, key, &[])
    }

    /// A text with one variable.
    #[must_use]
    pub fn t1(&self, key: &str, name: &str, value: impl ToString) -> String {
        texts::text(self.lang, key, &[(name, &value.to_string())])
    }

    /// The word for a code of a family.
    #[must_use]
    pub fn word(&self, family: &str, code: impl ToString) -> String {
        words::word(self.lang, family, &code.to_string())
    }

    /// The word of a closed vocabulary.
    #[must_use]
    pub fn coded<C: Code>(&self, code: &C) -> String {
        words::coded(self.lang, *code)
    }

    /// The word of a closed vocabulary where one is stated; empty where none is.
    #[must_use]
    pub fn maybe<C: Code>(&self, code: &Option<C>) -> String {
        code.map(|code| words::coded(self.lang, code)).unwrap_or_default()
    }

    /// The state of a dossier, and of one under consideration what it waits for.
    #[must_use]
    pub fn standing(&self, state: State, waits: Option<&BTreeSet<Standing>>) -> String {
        match waits.filter(|waits| state == State::Received && !waits.is_empty()) {
            Some(waits) => waits.iter().map(|one| self.coded(one)).collect::<Vec<_>>().join(", "),
            None => self.coded(&state),
        }
    }

    /// The same, saying so where none is.
    #[must_use]
    pub fn stated<C: Code>(&self, code: &Option<C>) -> String {
        code.map_or_else(|| self.t("page-none"), |code| words::coded(self.lang, code))
    }

    /// A legal basis, with our own words in it in the reader's language.
    #[must_use]
    pub fn cited(&self, citation: &str) -> String {
        words::cited(self.lang, citation)
    }

    /// One of two texts that come in both languages.
    #[must_use]
    pub fn pick<'t>(&self, vi: &'t str, en: &'t str) -> &'t str {
        match self.lang {
            Lang::Vi => vi,
            Lang::En => en,
        }
    }

    /// Countries by name.
    #[must_use]
    pub fn countries(&self, codes: &[String]) -> String {
        codes.iter().map(|code| countries::name(code, self.lang)).collect::<Vec<_>>().join(", ")
    }

    /// Title, countries and days of a delegation, as far as they are known.
    #[must_use]
    pub fn trip(&self, content: &Content) -> Vec<String> {
        let mut parts = vec![content.title.clone(), self.countries(&content.countries), self.span(content)];
        parts.retain(|part| !part.is_empty());
        parts
    }

    /// A country by name; nothing for none.
    #[must_use]
    pub fn country(&self, code: &Option<String>) -> String {
        code.as_deref().map(|code| countries::name(code, self.lang)).unwrap_or_default()
    }

    /// A day.
    #[must_use]
    pub fn day(&self, day: &NaiveDate) -> String {
        words::day(*day)
    }

    /// A stretch of days.
    #[must_use]
    pub fn days(&self, from: &Option<NaiveDate>, to: &Option<NaiveDate>) -> String {
        words::days(*from, *to)
    }

    /// The days of a delegation.
    #[must_use]
    pub fn span(&self, content: &Content) -> String {
        words::days(content.starts_on(), content.ends_on())
    }

    /// An instant on Vietnam's clock.
    #[must_use]
    pub fn instant(&self, at: &DateTime<Utc>) -> String {
        words::instant(*at)
    }

    /// The code of the language.
    #[must_use]
    pub fn lang(&self) -> &'static str {
        self.lang.code()
    }

    /// Path of the stylesheet.
    #[must_use]
    pub fn style(&self) -> &'static str {
        &assets::STYLE.path
    }

    /// Path of the script.
    #[must_use]
    pub fn script(&self) -> &'static str {
        &assets::SCRIPT.path
    }

    /// Path of the icon.
    #[must_use]
    pub fn icon(&self) -> &'static str {
        &assets::ICON.path
    }
}

/// Pages that belong to a line of the menu, without standing below its path.
const BELONG: [(&str, &str); 3] = [("/inbox", "/"), ("/partners", "/office"), ("/plans", "/office")];

/// The page of the menu under which a path stands: the one that goes furthest along it.
fn menu_page(path: &str) -> Option<&'static str> {
    let begins =
        |with: &str| path.strip_prefix(with).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    if let Some((_, href)) = BELONG.iter().find(|(with, _)| begins(with)) {
        return Some(href);
    }
    let under = |href: &&'static str| {
        let rest = path.strip_prefix(*href);
        path == *href || (*href != "/" && rest.is_some_and(|rest| rest.starts_with('/')))
    };
    MENU.iter().map(|(_, href, ..)| *href).filter(under).max_by_key(|href| href.len())
}

/// Who asks, where a guard has found out.
fn known(request: &HttpRequest) -> Option<Actor> {
    request.extensions().get::<Known>().map(|known| known.actor.clone())
}

/// A page as a response.
///
/// # Errors
/// A defect, when the template cannot be written.
pub fn page(status: StatusCode, lang: Lang, template: &impl Template) -> Result<HttpResponse, Problem> {
    let text = template.render().map_err(Problem::defect)?;
    Ok(HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
        .insert_header((CONTENT_LANGUAGE, lang.code()))
        .insert_header((CONTENT_SECURITY_POLICY, POLICY))
        .body(text))
}

/// 303 to another of our pages.
#[must_use]
pub fn see_other(path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, path)).finish()
}

/// A path of ours to go on to, out of a request: anything else leads home. No scheme, no host, no backslash, no control.
#[must_use]
pub fn safe_path(asked: Option<&str>) -> String {
    let is_ours = |path: &&str| {
        path.starts_with('/')
            && !path.starts_with("//")
            && !path.contains('\\')
            && !path.chars().any(char::is_control)
    };
    asked.filter(is_ours).unwrap_or("/").to_owned()
}

#[cfg(test)]
mod tests {
    use super::{menu_page, safe_path};

    #[test]
    fn the_menu_marks_the_page_that_goes_furthest() {
        assert_eq!(menu_page("/"), Some("/"));
        assert_eq!(menu_page("/delegations/1/edit"), Some("/delegations"));
        assert_eq!(menu_page("/delegations/new"), Some("/delegations/new"));
        assert_eq!(menu_page("/delegationsx"), None);
        assert_eq!(menu_page("/inbox/decide"), Some("/"));
        assert_eq!(menu_page("/partners/1"), Some("/office"));
        assert_eq!(menu_page("/plansx"), None);
    }

    #[test]
    fn redirects_stay_at_home() {
        assert_eq!(safe_path(Some("/delegations?state=draft")), "/delegations?state=draft");
        for bad in [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "evil",
            "",
            "/a\r\nb",
            "javascript:1",
        ] {
            assert_eq!(safe_path(Some(bad)), "/", "{bad:?}");
        }
        assert_eq!(safe_path(None), "/");
    }
}
