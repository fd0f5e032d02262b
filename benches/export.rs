//! What an export of many visits costs. `cargo bench --bench export -- 1000000` makes a database of so many visits and
//! exports them as XLSX (`--csv`: as CSV), and says time, size and the most memory that it took.

#![expect(clippy::expect_used, reason = "a benchmark without its data is none")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Instant;

use diesel::connection::SimpleConnection;
use diesel::{Connection, SqliteConnection};
use legation::clock::SystemClock;
use legation::config::Config;
use legation::depot::Depot;
use legation::domain::access::Role;
use legation::domain::approval::OrganisationKind;
use legation::domain::codes::Lang;
use legation::domain::delegation::Content;
use legation::service::exports::{self, ExportView, Worker};
use legation::service::organisations::{self, NewOrganisation};
use legation::service::users::{self, NewGrant, NewUser};
use legation::service::{Context, Error, Settings};
use legation::startup;
use legation::store::{Store, accounts};
use serde_json::json;

/// Guests of a delegation.
const GUESTS: u32 = 50;

fn say(words: &str) {
    let _ = writeln!(std::io::stdout(), "{words}");
}

/// The most memory that this process has had since it was last asked to forget it, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).expect("a peak");
    line.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).expect("KiB") / 1024
}

fn forget_peak() {
    std::fs::write("/proc/self/clear_refs", "5").expect("Linux");
}

fn config(folder: &Path) -> Config {
    let at = |name: &str| folder.join(name).display().to_string();
    let set = |name: &str, value: String| (format!("LEGATION__{name}"), value);
    let settings = [
        set("DATABASE__URL", format!("sqlite://{}", at("export.db"))),
        set("KEYS__DIR", at("keys")),
        set("PAPERS__DIR", at("papers")),
    ];
    Config::load(None, settings).expect("settings")
}

/// An office and its officer, who asks for the visits of a month.
fn asked(store: &Store, settings: &Arc<Settings>, format: &str) -> ExportView {
    let new = NewOrganisation {
        parent_id: None,
        code: "LHHN".to_owned(),
        name_vi: "Liên hiệp các tổ chức hữu nghị".to_owned(),
        name_en: "Union of Friendship Organisations".to_owned(),
        kind: OrganisationKind::Union,
    };
    let union = store.write_blocking(move |tx| organisations::add(tx, None, &new)).expect("an office").id;
    let new = NewUser {
        username: "officer".to_owned(),
        display_name: "Nguyễn Thị An".to_owned(),
        email: "an@example.org".to_owned(),
        lang: None,
        grants: vec![NewGrant { organisation_id: union, role: Role::Officer, confirmed: false }],
    };
    let own = Arc::clone(settings);
    let account =
        store.write_blocking(move |tx| users::add(tx, None, &own, &new)).expect("an officer").account;
    let hashed = store.write_blocking(move |tx| users::set_password_hash(tx, account, "none"));
    hashed.expect("an active account");
    let actor = store.read_blocking(|tx| Ok::<_, Error>(accounts::actor_of_account(tx, account)?));
    let ctx =
        Context { actor: actor.expect("an account").expect("an actor"), settings: Arc::clone(settings) };
    let body = json!({"what": "visits", "format": format, "kind": "monthly", "label": "2026-03", "window": "calendar"});
    let new: exports::NewExport = serde_json::from_value(body).expect("an export");
    store.write_blocking(move |tx| exports::ask(tx, &ctx, &new, Lang::Vi)).expect("it is queued")
}

/// Delegations that came in March 2026, with their guests, put in by the database itself.
#[expect(
    clippy::disallowed_methods,
    reason = "a million rows are put in by SQL, into a file that was just made"
)]
fn fill(path: &Path, visits: u32) {
    let mut db = SqliteConnection::establish(&path.display().to_string()).expect("a database");
    let content = json!({
        "direction": "inbound",
        "title": "Đoàn Hội hữu nghị Pháp - Việt thăm và làm việc tại thành phố",
        "purpose": "Trao đổi hợp tác giáo dục, văn hóa; khảo sát môi trường đầu tư",
        "countries": ["FR"],
        "primary_field": "education",
        "rank": "other",
    });
    let content: Content = serde_json::from_value(content).expect("a content");
    let content = serde_json::to_string(&content).expect("JSON").replace('\'', "''");
    let id =
        |kind: u8, no: &str| format!("'0190a00{kind}-0000-7000-8000-' || CAST(100000000000 + {no} AS TEXT)");
    let series = |most: u32| {
        format!("WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {most})")
    };
    let (dossiers, member_of) = (visits.div_ceil(GUESTS), format!("(1 + (s.n - 1) / {GUESTS})"));
    let statements = format!(
        "PRAGMA synchronous = OFF; BEGIN;
         {people} INSERT INTO people (id, owner_id, full_name, name_folded, name_sort, nationality, version, created_at)
           SELECT {person}, o.id, 'DURAND Marie ' || s.n, 'durand marie', 'durand marie', 'FR', 1, '2026-03-01 00:00:00'
           FROM s CROSS JOIN organisations o;
         {delegations} INSERT INTO dossiers (id, kind, direction, organisation_id, lead_host_id, year, no, title, title_folded,
             primary_field, starts_on, ends_on, actual_starts_on, actual_ends_on, state, state_since, origin, confidential,
             version, revision, rulebook_version, details, created_by, created_at)
           SELECT {dossier}, 'delegation', 'inbound', o.id, o.id, 2026, s.n, 'Đoàn', 'doan', 'education',
             date('2026-03-01', '+' || (s.n * 7 % 31) || ' days'), date('2026-03-03', '+' || (s.n * 7 % 31) || ' days'),
             date('2026-03-01', '+' || (s.n * 7 % 31) || ' days'), date('2026-03-03', '+' || (s.n * 7 % 31) || ' days'),
             'closed', '2026-04-01 00:00:00', 'ledger', 0, 1, 0, 1,
             json_set('{content}', '$.lead_host_id', o.id), a.id, '2026-03-01 00:00:00'
           FROM s CROSS JOIN organisations o CROSS JOIN accounts a;
         {people} INSERT INTO members (id, dossier_id, person_id, place, role, attendance, guest, nationality, content)
           SELECT {member}, {of}, {person}, s.n % {GUESTS}, 'member', 'came', 1, 'FR',
             json_object('full_name', 'DURAND Marie ' || s.n, 'native_name', NULL, 'position', 'Chủ tịch Hội hữu nghị',
               'organisation', 'Hội hữu nghị Pháp - Việt', 'visa', NULL, 'managed_by', NULL, 'in_decision', json('false'),
               'decision_ref', NULL)
           FROM s;
         COMMIT;",
        people = series(visits),
        delegations = series(dossiers),
        person = id(1, "s.n"),
        dossier = id(2, "s.n"),
        member = id(3, "s.n"),
        of = id(2, &member_of),
    );
    db.batch_execute(&statements).expect("the data");
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let visits: u32 = words.iter().find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let format = if words.iter().any(|word| word == "--csv") { "csv" } else { "xlsx" };
    let folder = std::env::temp_dir().join(format!("legation-export-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    legation::vault::init(&folder.join("keys")).expect("keys");
    let config = config(&folder);
    let settings = Arc::new(startup::settings(&config).expect("settings"));
    let store = startup::open_store(&config, Arc::new(SystemClock), false).expect("a database");
    let depot = Depot::open(&config.papers.dir).expect("a depot");
    let view = asked(&store, &settings, format);
    let began = Instant::now();
    fill(&folder.join("export.db"), visits);
    say(&format!(
        "{visits} visits of {} delegations made in {:.1?}",
        visits.div_ceil(GUESTS),
        began.elapsed()
    ));
    forget_peak();
    let (before, began) = (peak(), Instant::now());
    let stopping = AtomicBool::new(false);
    let worker =
        Worker { store: &store, depot: &depot, settings: &settings, owner: "bench", stopping: &stopping };
    while worker.next().expect("an export") {}
    let taken = began.elapsed();
    let made = store.read_blocking(|tx| legation::store::exports::load(tx, view.id));
    let made = made.expect("a database").expect("the export");
    say(&format!("it is {}{}", made.state, made.failure.map(|why| format!(": {why}")).unwrap_or_default()));
    let file = made.file.expect("its file");
    let mib = file.bytes / 1024 / 1024;
    say(&format!("{} rows as {format} in {taken:.1?}: {mib} MiB, SHA-256 {}", made.rows_done, file.sha256));
    say(&format!("most memory: {} MiB, of which {before} MiB before it began", peak()));
    store.close();
    drop(store);
    std::fs::remove_dir_all(&folder).expect("the folder is ours");
}
