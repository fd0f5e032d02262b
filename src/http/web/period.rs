//! One period: the figures of its return in the return's own order and words, each a link to the dossiers behind it, in
//! both windows; its annexes; what was frozen; and every file that the API gives, for whoever is signed in here.

use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpRequest, HttpResponse, web};
use askama::Template;

use super::inbox::Due;
use super::reports::{self, Asked, Place, Standing};
use super::shell::{self, Shell};
use super::words;
use crate::domain::codes::{Code, Lang};
use crate::domain::ids::{ClosingId, OrganisationId};
use crate::domain::refusal::Refusal;
use crate::domain::report::figures::{CHECK, Column};
use crate::domain::report::form::{OverviewRow, Totals};
use crate::domain::report::period::Range;
use crate::domain::report::{Return, Window};
use crate::http::api::reports::{export, unmade};
use crate::http::body;
use crate::http::caller::Caller;
use crate::http::problem::Problem;
use crate::report::Table;
use crate::report::shown::{self as parts, Part};
use crate::service::returns::closings::{self, ClosingView, FrozenFile};
use crate::service::returns::periods::{self, PeriodView};
use crate::service::returns::shown::{self, Asked as Wanted};
use crate::service::returns::{self, Format};
use crate::service::{Context, Result as ServiceResult, organisations, users};
use crate::store::ReadTx;

/// What the page of a period is made of.
pub struct Whole {
    /// The return, frozen or of now.
    pub form: Arc<Return>,
    /// The figures at the top in the other window.
    pub other: Totals,
    /// Whose it is.
    pub organisation: OrganisationId,
    /// Whether the reader may close it.
    pub may_close: bool,
    /// Where it stands.
    pub view: PeriodView,
    /// What was frozen, the first one first.
    pub closings: Vec<ClosingView>,
    /// Names of those who closed it and handed it over.
    pub people: BTreeMap<String, String>,
    /// Names of organisations.
    pub names: BTreeMap<OrganisationId, String>,
}

type Made<T> = std::result::Result<T, returns::Failure>;

/// The return that a place means.
pub(super) fn asked(place: Place, lang: Lang) -> Wanted {
    Wanted { period: place.period, window: place.window, organisation: place.of, lang, live: false }
}

fn read(tx: &mut ReadTx<'_>, ctx: &Context, place: Place, other: Window) -> ServiceResult<Made<Whole>> {
    let wanted = asked(place, ctx.actor.lang);
    let form = match shown::form(tx, ctx, &wanted)? {
        Ok(form) => form,
        Err(failure) => return Ok(Err(failure)),
    };
    let beside = match shown::form(tx, ctx, &Wanted { window: other, ..wanted })? {
        Ok(beside) => beside,
        Err(failure) => return Ok(Err(failure)),
    };
    let (organisation, may_close, view) = periods::one(tx, ctx, place.period, place.window, place.of)?;
    let closings = closings::list(tx, ctx, (place.period, place.window), place.of)?;
    let acted = closings
        .iter()
        .flat_map(|one| one.handed_over.iter().map(|given| given.recorded_by).chain([one.closed_by]));
    let people = users::names(tx, acted.collect())?;
    let names = organisations::names(tx, ctx.actor.lang)?;
    let other = beside.totals;
    Ok(Ok(Whole { form, other, organisation, may_close, view, closings, people, names }))
}

/// Reads what the page of a period is made of.
///
/// # Errors
/// 404 for an organisation out of reach.
pub async fn whole(caller: &Caller, place: Place) -> Result<Whole, Problem> {
    let other = match place.window {
        Window::Calendar => Window::MidMonth,
        Window::MidMonth => Window::Calendar,
    };
    let read = caller.read(move |tx, ctx| read(tx, ctx, place, other)).await?;
    read.map_err(|failure| unmade(&failure))
}

/// A file that can be had.
struct File {
    href: String,
    label: String,
}

#[derive(Template)]
#[template(path = "period.html")]
struct PeriodPage<'p> {
    shell: &'p Shell,
    place: Place,
    windows: [Window; 2],
    whole: Whole,
}

impl PeriodPage<'_> {
    fn name(&self) -> String {
        self.place.name(self.shell.lang)
    }

    fn organisation(&self) -> &str {
        self.whole.names.get(&self.whole.organisation).map_or("", String::as_str)
    }

    fn person(&self, id: impl std::fmt::Display) -> String {
        self.whole.people.get(&id.to_string()).cloned().unwrap_or_else(|| self.shell.t("page-unknown"))
    }

    fn days(&self, range: &Range) -> String {
        words::days(Some(range.from), Some(range.to))
    }

    fn standing(&self) -> Standing {
        Standing::of(self.shell, &self.whole.view)
    }

    fn due(&self) -> Option<Due> {
        reports::due(self.shell, &self.whole.view)
    }

    /// What the return says of itself: frozen, and bound to which checkpoint; or a preview.
    fn says(&self) -> String {
        parts::standing(&self.whole.form)
    }

    fn may_close(&self) -> bool {
        self.whole.may_close && self.shell.today > self.whole.view.range.to
    }

    fn at(&self, below: &str) -> String {
        self.place.at(below, &[])
    }

    fn window_name(&self, window: &Window) -> String {
        self.shell.coded(window)
    }

    fn is_here(&self, window: &Window) -> bool {
        self.place.window == *window
    }

    fn in_window(&self, window: &Window) -> String {
        self.place.in_window(*window).at("", &[])
    }

    /// The figures at the top, in both windows: id, words, number in each.
    fn heads(&self) -> Vec<(&'static str, String, [u64; 2])> {
        let of = |totals: Totals| {
            [totals.inbound_delegations, totals.visits, totals.distinct_persons, totals.outbound_delegations]
        };
        let (here, other) = (of(self.whole.form.totals), of(self.whole.other));
        let swapped = self.windows[0] != self.place.window;
        let ids = ["inbound_delegations", "visits", "distinct_persons", "outbound_delegations"];
        let label = |id: &str| {
            let row = self.whole.form.overview.iter().find(|row| row.section == "main" && row.id == id);
            row.map(|row| row.label.clone()).unwrap_or_default()
        };
        let figures = here.into_iter().zip(other).map(|(here, other)| match swapped {
            true => [other, here],
            false => [here, other],
        });
        ids.into_iter().zip(figures).map(|(id, figures)| (id, label(id), figures)).collect()
    }

    fn head_href(&self, id: &str, window: &Window) -> String {
        self.place.in_window(*window).at(&format!("/figures/main.{id}"), &[("column", "in_period")])
    }

    fn head(&self) -> Vec<&'static str> {
        parts::overview_head(self.shell.lang)
    }

    /// The rows of the overview under the parts in which they are printed.
    fn sections(&self) -> Vec<(&str, Vec<&OverviewRow>)> {
        let mut sections: Vec<(&str, Vec<&OverviewRow>)> = Vec::new();
        let mut last = None;
        for row in &self.whole.form.overview {
            if last != Some(&row.section) {
                sections.push((&row.section_label, Vec::new()));
                last = Some(&row.section);
            }
            if let Some((_, rows)) = sections.last_mut() {
                rows.push(row);
            }
        }
        sections
    }

    fn figures(&self, row: &OverviewRow) -> Vec<(Column, u64)> {
        Column::ALL.iter().map(|column| (*column, row.at(*column).0)).collect()
    }

    fn figure_href(&self, row: &OverviewRow, column: &Column) -> String {
        let below = format!("/figures/{}.{}", row.section, row.id);
        self.place.at(&below, &[("column", column.code())])
    }

    /// What a figure's link is called beside its number.
    fn column(&self, column: &Column) -> &'static str {
        let place = 1 + Column::ALL.iter().take_while(|one| *one != column).count();
        self.head().into_iter().nth(place).unwrap_or_default()
    }

    fn checks(&self) -> Vec<(&'static str, u64)> {
        self.whole.form.check_figures()
    }

    fn check_href(&self, id: &str) -> String {
        self.place.at(&format!("/figures/{CHECK}.{id}"), &[])
    }

    /// The other parts: where, their heading, how many rows.
    fn parts(&self) -> Vec<(String, String, usize)> {
        let form = &self.whole.form;
        let one = |part: &Part| (self.at(&format!("/parts/{part}")), part.title(form), part.rows(form));
        Part::ALL.iter().map(one).collect()
    }

    /// What the API gives of this return now: whole, and table by table.
    fn files(&self) -> Vec<File> {
        let place = Place { of: None, ..self.place };
        let (kind, label) = (place.period.kind(), place.period.label());
        let mut formats = vec![Format::Json, Format::Csv, Format::Xlsx];
        if cfg!(feature = "pdf") {
            formats.extend([Format::Pdf, Format::Docx]);
        }
        // Of a closed period there is what was frozen, and nothing is made up later.
        if let Some((no, _)) = self.whole.view.closed {
            let frozen = self.whole.closings.iter().find(|closing| closing.no == no);
            let has = |format: &Format| {
                let mut files = frozen.into_iter().flat_map(|closing| &closing.files);
                files.any(|file| file.format == *format)
            };
            formats.retain(has);
        }
        let label_of = |format: Format| match format {
            Format::Pdf | Format::Docx => {
                format!("{} ({})", self.shell.word("report-format", format), self.shell.coded(&Lang::Vi))
            }
            _ => self.shell.word("report-format", format),
        };
        let one = |format: Format, table: Option<Table>| {
            let table = table.map(|table| format!("&table={table}")).unwrap_or_default();
            format!("/reports/{kind}/files/{label}.{format}?window={}{table}", place.window)
        };
        let whole =
            formats.into_iter().map(|format| File { href: one(format, None), label: label_of(format) });
        let tables = Table::ALL.iter().map(|table| File {
            href: one(Format::Csv, Some(*table)),
            label: format!("CSV: {}", self.shell.word("report-table", table)),
        });
        whole.chain(tables).collect()
    }

    /// Whether the files above are those of this page: the API gives what the reader himself may read.
    fn has_files(&self) -> bool {
        self.place.of.is_none()
    }

    fn frozen(&self, closing: &ClosingView, file: &FrozenFile) -> String {
        format!("{}/closings/{}/files/{}/{}", self.place.path(), closing.id, file.lang, file.name)
    }

    fn kib(&self, file: &FrozenFile) -> u64 {
        file.size.div_ceil(1024)
    }

    fn exports(&self) -> String {
        let (kind, label) = (self.place.period.kind(), self.place.period.label());
        format!("/reports/exports?kind={kind}&label={label}&window={}", self.place.window)
    }
}

/// A period.
///
/// # Errors
/// 404 for what is no period, and for an organisation out of reach.
pub async fn show(
    request: HttpRequest,
    caller: Caller,
    asked: web::Query<Asked>,
) -> Result<HttpResponse, Problem> {
    let shell = Shell::of(&request, &caller)?;
    let place = Place::of(&request, &caller, &asked)?;
    let whole = whole(&caller, place).await?;
    let page = PeriodPage { shell: &shell, place, windows: reports::windows(&caller), whole };
    shell::page(StatusCode::OK, shell.lang, &page)
}

/// A file of the return, to the byte what the API gives, in the language of the reader's account.
///
/// # Errors
/// As the API's export refuses.
pub async fn file(request: HttpRequest, mut caller: Caller) -> Result<HttpResponse, Problem> {
    caller.lang = caller.known.actor.lang;
    export(request, caller).await
}

/// A frozen file of any closing, also of one that was restated.
///
/// # Errors
/// 404 where there is none, or out of reach.
pub async fn frozen(request: HttpRequest, caller: Caller) -> Result<HttpResponse, Problem> {
    let id: ClosingId = body::id(&request, "id")?;
    let part = |name: &str| request.match_info().get(name).unwrap_or_default().to_owned();
    let lang = Lang::parse(&part("lang")).ok_or(Refusal::NotFound)?;
    let name = part("file");
    let (format, file) = caller.read(move |tx, ctx| closings::file(tx, ctx, id, &name, lang)).await?;
    let event = file.event;
    caller.record(move |tx, actor| returns::record(tx, Some(actor.account), &event)).await?;
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, format.media_type()))
        .insert_header((header::CONTENT_DISPOSITION, format!("attachment; filename=\"{}\"", file.name)))
        .insert_header((header::CONTENT_LANGUAGE, lang.code()))
        .body(file.bytes))
}
