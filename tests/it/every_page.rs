//! Every page, walked to by its links as each of the demo's people, on a desk's screen and on a phone: axe-core finds
//! nothing against it, nothing moves or sticks out, the browser refuses nothing; and each leaves its pictures.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use legation::http::web::routes;
use serde_json::Value;

use crate::chromium::{self, Chrome, DESK, PHONE};
use crate::{demo, furnish};

/// How often a kind of page is judged: as two different people see it.
const JUDGED: usize = 2;
/// How many pages of a kind one person opens on the way to others.
const OPENED: usize = 3;
/// Pages to which no link leads: they are reached by a mail, a form's answer or an address that is handed out.
const NOT_LINKED: &[&str] = &[
    "/activate",
    "/assets/{name}",
    "/calendar/feed/{secret}.ics",
    "/delegations/search",
    "/delegations/{id}/members/paste",
    "/delegations/{id}/papers/offline",
    "/inbox/done",
    "/journal/consistency",
];

/// The kind of page that stands at this path: its pattern, with the command where it has one.
fn kind(path: &str) -> Option<String> {
    let path = path.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').collect();
    let fits = |pattern: &&str| {
        let pattern: Vec<&str> = pattern.split('/').collect();
        let is_same = |(a, b): (&&str, &&str)| match a.split_once('{') {
            Some((head, _)) => b.len() > head.len() && b.starts_with(head),
            None => a == b,
        };
        pattern.len() == parts.len() && pattern.iter().zip(&parts).all(is_same)
    };
    let mut fitting: Vec<&str> = patterns().into_iter().filter(|pattern| fits(pattern)).collect();
    fitting.sort_by_key(|pattern| pattern.matches('{').count());
    let command = path.rsplit_once("/do/").map_or("{command}", |(_, command)| command);
    fitting.first().map(|pattern| pattern.replace("{command}", command))
}

fn patterns() -> Vec<&'static str> {
    routes::table().iter().filter(|row| row.method == "GET").map(|row| row.path).collect()
}

#[derive(Default)]
struct Walk {
    judged: BTreeMap<String, usize>,
    downloads: BTreeSet<String>,
    faults: BTreeSet<String>,
}

impl Walk {
    /// Follows the links from these pages on.
    fn through(&mut self, chrome: &mut Chrome, role: &str, from: &[String]) {
        let mut opened: BTreeMap<String, usize> = BTreeMap::new();
        let mut known: BTreeSet<String> = from.iter().cloned().collect();
        let mut goals: VecDeque<String> = from.iter().cloned().collect();
        while let Some(path) = goals.pop_front() {
            let Some(kind) = kind(&path) else { continue };
            if opened.get(&kind).is_some_and(|times| *times >= OPENED) {
                continue;
            }
            chrome.go(&path);
            let complaints = chrome.complaints();
            match landed(chrome, &path) {
                Landed::There => self.note(&path, role, complaints),
                // Not everybody may see the pages that everybody begins with.
                Landed::Elsewhere(_) if from.contains(&path) || role == "nobody" => continue,
                Landed::Elsewhere(where_to) => {
                    self.note(&path, role, vec![format!("a link leads to {where_to}")]);
                    continue;
                }
            }
            let times = opened.entry(kind.clone()).or_default();
            *times += 1;
            let is_first = *times == 1;
            for (href, is_file) in links(chrome) {
                match self::kind(&href) {
                    Some(kind) if is_file => drop(self.downloads.insert(kind)),
                    Some(_) if known.insert(href.clone()) => goals.push_back(href),
                    _ => {}
                }
            }
            let judged = self.judged.entry(kind.clone()).or_default();
            // The first that this person meets.
            if is_first && *judged < JUDGED {
                *judged += 1;
                self.judge(chrome, &path, &kind, role);
            }
        }
    }

    fn note(&mut self, path: &str, role: &str, found: Vec<String>) {
        self.faults.extend(found.into_iter().map(|fault| format!("{path} ({role}): {fault}")));
    }

    fn judge(&mut self, chrome: &mut Chrome, path: &str, kind: &str, role: &str) {
        let name = kind.trim_start_matches('/').replace(['/', '{', '}'], "-");
        let name = if name.is_empty() { "inbox".to_owned() } else { name.trim_matches('-').to_owned() };
        for width in [DESK, PHONE] {
            chrome.resize(width);
            self.note(&format!("{path} at {width}"), role, chrome.go(path).misplaced());
            chrome.shot(&format!("{name}-{role}-{width}"));
            self.note(&format!("{path} at {width}"), role, chrome.violations());
            self.note(path, role, chrome.complaints());
        }
        chrome.dark(true);
        self.note(&format!("{path} in the dark"), role, chrome.violations());
        chrome.dark(false);
        chrome.resize(DESK);
        let heavy = chrome.js(
            "const files = performance.getEntriesByType('resource').filter(one => one.name.includes('/assets/'));\
             return [files.reduce((sum, one) => sum + one.decodedBodySize, 0) / 1024,\
               document.querySelectorAll('link[rel=stylesheet]').length, document.scripts.length];",
        );
        let of = |at: usize| heavy[at].as_f64().unwrap();
        let fits = of(0) < 60.0 && (of(1) - 1.0).abs() < 0.1 && of(2) < 1.5;
        self.note(path, role, if fits { Vec::new() } else { vec![format!("too heavy: {heavy}")] });
    }
}

/// Where a path led.
enum Landed {
    /// To its page.
    There,
    /// To an error, to another page, or to what is no page at all.
    Elsewhere(String),
}

fn landed(chrome: &Chrome, path: &str) -> Landed {
    let shown = chrome.js(
        "return performance.getEntriesByType('navigation')[0].responseStatus + ' ' + document.contentType\
         + ' ' + location.pathname;",
    );
    let shown = shown.as_str().unwrap_or_default().to_owned();
    let wanted = format!("200 text/html {}", path.split('?').next().unwrap_or_default());
    if shown == wanted { Landed::There } else { Landed::Elsewhere(shown) }
}

/// The page's links to pages of ours, and whether each is a file to keep.
fn links(chrome: &Chrome) -> Vec<(String, bool)> {
    let found = chrome.js("return [...document.links].filter(a => a.origin === location.origin)\
         .map(a => [a.pathname + a.search, a.hasAttribute('download')]);");
    let link = |one: &Value| (one[0].as_str().unwrap().to_owned(), one[1].as_bool().unwrap());
    found.as_array().unwrap().iter().map(link).collect()
}

#[test]
fn every_page_is_accessible_steady_and_its_own() {
    if !chromium::is_here() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let (_process, printed) = demo::start(folder.path(), &[]);
    let base = printed["url"].as_str().unwrap();
    let from = furnish::all(folder.path(), &printed);
    let mut walk = Walk::default();
    for account in printed["accounts"].as_array().unwrap() {
        let of = |name: &str| account[name].as_str().unwrap();
        let mut chrome = Chrome::open(base);
        if walk.judged.is_empty() {
            walk.through(&mut chrome, "nobody", &["/sign-in".to_owned(), "/activate".to_owned()]);
        }
        chrome.go("/sign-in").fill("#f-username", of("username")).fill("#f-password", of("password"));
        chrome.open_by("main button[type=submit]");
        // Not everybody begins at the inbox.
        let mut from = from.clone();
        from.push(chrome.path());
        walk.through(&mut chrome, of("role"), &from);
    }
    let met = |pattern: &&str| {
        let is_met = |kind: &String| {
            kind == pattern
                || pattern.replace("{command}", "") == kind[..kind.rfind('/').map_or(0, |at| at + 1)]
        };
        NOT_LINKED.contains(pattern) || walk.judged.keys().chain(&walk.downloads).any(is_met)
    };
    let unmet: Vec<&str> = patterns().into_iter().filter(|pattern| !met(pattern)).collect();
    walk.faults.extend(unmet.iter().map(|pattern| format!("no link leads anybody to {pattern}")));
    let faults: Vec<String> = walk.faults.into_iter().collect();
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults.join("\n"));
    assert!(walk.judged.len() > 10, "{:?}", walk.judged);
}
