//! `legation demo` as a newcomer runs it: one command in an empty folder, a year that counts as it should, the same
//! data after a stop, and a year whose telling was broken off told anew.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::app::Client;
use super::process::{Process, run};

const ROLES: [&str; 7] = ["officer", "clerk", "appraiser", "approver", "secretary", "auditor", "admin"];

/// A demo in this folder, and what it printed.
pub fn start(folder: &Path, more: &[&str]) -> (Process, Value) {
    let mut args = vec!["demo", "--json", "--addr", "127.0.0.1:0", "--dir", "demo"];
    args.extend(more);
    let mut process = Process::start(&args, &[], folder);
    let printed = serde_json::from_str(&process.line()).unwrap();
    (process, printed)
}

/// Signs in by HTTP, as the printed account of this role.
pub fn sign_in(printed: &Value, role: &str) -> Client {
    let accounts = printed["accounts"].as_array().unwrap();
    let account = accounts.iter().find(|account| account["role"] == role).unwrap();
    let base = printed["url"].as_str().unwrap().to_owned();
    let anybody = Client { base, token: None, lang: None, account: None };
    let body = json!({"username": account["username"], "password": account["password"]});
    let tokens = anybody.post("/api/v1/auth/login", &body).expect(200);
    Client { token: Some(tokens["access_token"].as_str().unwrap().to_owned()), ..anybody }
}

/// Every dossier that somebody sees: code, state and version.
fn dossiers(client: &Client) -> BTreeSet<(String, String, i64)> {
    let mut found = BTreeSet::new();
    let mut path = "/api/v1/delegations?limit=50".to_owned();
    loop {
        let page = client.get(&path).expect(200);
        for item in page["items"].as_array().unwrap() {
            let text = |name: &str| item[name].as_str().unwrap_or_default().to_owned();
            assert!(found.insert((
                text("code") + &text("id"),
                text("state"),
                item["version"].as_i64().unwrap()
            )));
        }
        let Some(cursor) = page["next_cursor"].as_str() else { return found };
        path = format!("/api/v1/delegations?limit=50&cursor={cursor}");
    }
}

fn totals(client: &Client, period: &str, window: &str) -> Value {
    client.get(&format!("/api/v1/reports/{period}.json?window={window}")).expect(200)["totals"].clone()
}

/// The demo year, by its sum and by its twelve months, in both windows.
fn counts_as_it_should(client: &Client) {
    for window in ["calendar", "15-14"] {
        let year = totals(client, "yearly/2025", window);
        let whole = ["inbound_delegations", "visits", "outbound_delegations"]
            .map(|name| year[name].as_i64().unwrap());
        assert_eq!(whole, [57, 291, 3], "{window}");
        assert_eq!(year["distinct_persons"], 290, "one person came twice");
        let mut sum = [0; 3];
        for month in 1..=12 {
            let month = totals(client, &format!("monthly/2025-{month:02}"), window);
            sum[0] += month["inbound_delegations"].as_i64().unwrap();
            sum[1] += month["visits"].as_i64().unwrap();
            sum[2] += month["outbound_delegations"].as_i64().unwrap();
        }
        assert_eq!(sum, [57, 291, 3], "{window}");
    }
}

#[test]
fn the_demo_year_counts_and_is_there_again() {
    let folder = tempfile::tempdir().unwrap();
    let database = folder.path().join("demo/demo.db");

    // Broken off while it is being told: nothing that could be taken for a whole year is left.
    let mut broken =
        Process::start(&["demo", "--json", "--addr", "127.0.0.1:0", "--dir", "demo"], &[], folder.path());
    let loading = folder.path().join("demo/demo.db.loading");
    while !loading.exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(300));
    broken.kill();
    assert!(!database.exists());

    let (mut process, printed) = start(folder.path(), &[]);
    assert!(database.exists() && !loading.exists());
    let roles: Vec<&str> = printed["accounts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|account| account["role"].as_str().unwrap())
        .collect();
    assert_eq!(roles, ROLES);
    for role in ROLES {
        let me = sign_in(&printed, role).get("/api/v1/me").expect(200);
        assert!(me.to_string().contains(role), "{role}: {me}");
    }
    let (officer, auditor) = (sign_in(&printed, "officer"), sign_in(&printed, "auditor"));
    counts_as_it_should(&officer);
    counts_as_it_should(&auditor);
    let before = dossiers(&auditor);
    fates_are_there(&before);
    somebody_waits_for_each_desk(&printed);
    mails_can_be_read(&printed);

    process.signal("TERM");
    assert_eq!(process.end().code(), Some(0), "{:?}", process.complaints());
    verifies(folder.path(), &database);

    let (mut again, printed) = start(folder.path(), &[]);
    assert_eq!(dossiers(&sign_in(&printed, "auditor")), before);
    let second = run(&["demo", "--addr", "127.0.0.1:0", "--dir", "demo"], &[], folder.path());
    assert_eq!(second.code, Some(1));
    assert_eq!(second.err, "legation: another `legation demo` runs in demo\n");
    again.signal("INT");
    assert_eq!(again.end().code(), Some(0), "{:?}", again.complaints());

    is_not_served(folder.path());
}

fn fates_are_there(dossiers: &BTreeSet<(String, String, i64)>) {
    let mut states: Vec<&str> = dossiers.iter().map(|(_, state, _)| state.as_str()).collect();
    assert_eq!(states.len(), 73);
    states.sort_unstable();
    states.dedup();
    let all = [
        "approved",
        "cancelled",
        "closed",
        "draft",
        "issued",
        "lapsed",
        "received",
        "rejected",
        "revoked",
        "submitted",
    ];
    assert_eq!(states, all);
    let inbound = dossiers.iter().filter(|(code, _, _)| code.starts_with("DV-2025-")).count();
    assert!(
        dossiers.iter().any(|(code, _, _)| code.starts_with(&format!("DV-2025-{inbound:04}"))),
        "gapless"
    );
    assert!(dossiers.iter().any(|(code, _, _)| code.starts_with("DR-2025-0003")));
}

/// The open dossiers make the inboxes alive.
fn somebody_waits_for_each_desk(printed: &Value) {
    for (role, most) in [("clerk", 2), ("appraiser", 1), ("approver", 1)] {
        let inbox = sign_in(printed, role).get("/api/v1/inbox").expect(200);
        assert_eq!(inbox["items"].as_array().unwrap().len(), most, "{role}: {inbox}");
    }
}

/// The mails of the last day wait in the mailbox as soon as the jobs have run; all others were sent long ago.
fn mails_can_be_read(printed: &Value) {
    let admin = sign_in(printed, "admin");
    let until = std::time::Instant::now() + Duration::from_secs(30);
    loop {
        let mails = admin.get("/api/v1/dev/mailbox").expect(200);
        if !mails["items"].as_array().unwrap().is_empty() {
            break;
        }
        assert!(std::time::Instant::now() < until, "no mail in the mailbox");
        std::thread::sleep(Duration::from_millis(200));
    }
    // The same mails as pages, whose links lead into the demo.
    let page = |path: &str| {
        let answer = admin.send("GET", path, None, &[("Accept", "text/html")]);
        assert_eq!(answer.status, 200, "{path}");
        String::from_utf8(answer.bytes).unwrap()
    };
    let list = page("/mailbox");
    let first = list.split("href=\"/mailbox/").nth(1).unwrap().split('"').next().unwrap();
    let letter = page(&format!("/mailbox/{first}"));
    assert!(letter.contains("<a href=\"/delegations") && !letter.contains("href=\"http"), "{letter}");
    assert!(page("/sign-in").contains("href=\"/mailbox\""));
    let dead = admin.get("/api/v1/outbox?state=dead").expect(200);
    assert_eq!(dead["items"], json!([]));
}

fn verifies(folder: &Path, database: &Path) {
    let url = format!("sqlite://{}", database.display());
    let env = [("LEGATION__DATABASE__URL", url), ("LEGATION__KEYS__DIR", "demo/keys".to_owned())];
    let verified = run(&["audit", "verify"], &env, folder);
    assert!(verified.code == Some(0) && verified.out.starts_with("OK: "), "{verified:?}");
}

/// Its passwords are published: `serve` refuses it.
fn is_not_served(folder: &Path) {
    let env = [
        ("LEGATION__DATABASE__URL", "sqlite://demo/demo.db".to_owned()),
        ("LEGATION__KEYS__DIR", "demo/keys".to_owned()),
        ("LEGATION__SERVER__ADDR", "127.0.0.1:0".to_owned()),
        ("LEGATION__LOG__LEVEL", "error".to_owned()),
    ];
    let refused = run(&["serve"], &env, folder);
    assert_eq!(refused.code, Some(1));
    assert!(
        refused.err.starts_with("legation: database.url: this database was made by `legation demo`"),
        "{refused:?}"
    );
}

#[test]
fn a_demo_leaves_a_real_installation_alone() {
    let folder = tempfile::tempdir().unwrap();
    legation::vault::init(&folder.path().join("keys")).unwrap();
    let refused = run(&["demo", "--fresh", "--addr", "127.0.0.1:0", "--dir", "."], &[], folder.path());
    assert_eq!(refused.code, Some(1));
    assert!(refused.err.contains("was not made by `legation demo`"), "{refused:?}");
    assert!(folder.path().join("keys/wrap.toml").exists());
    let open = run(&["demo", "--addr", "192.0.2.1:0", "--dir", "other"], &[], folder.path());
    assert!(open.code == Some(1) && open.err.starts_with("legation: --addr 192.0.2.1:0: "), "{open:?}");
}
