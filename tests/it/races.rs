//! Decisions at the same time: one wins, the others are told so.

use legation::domain::access::Role;
use serde_json::{Value, json};

use super::app::{Client, on_each};
use super::make::{self, Made, approve, second_account, together};

/// A row of a bulk decision.
fn row(made: &Made, decision: &str) -> Value {
    json!({"delegation_id": made.id, "version": made.version, "decision": decision, "comment": "Theo đề nghị"})
}

#[test]
fn of_twenty_at_once_one_decides() {
    on_each(|app| {
        let office = app.world().office;
        let approvers: Vec<Client> = (0..20).map(|_| app.another(Role::Approver, office)).collect();
        for round in 0..3 {
            let mut made = make::at_approver(app, 1 + round * 10);
            let decide = |client: &Client, no: usize| {
                let body = match no % 3 {
                    0 => approve(),
                    1 => json!({"decision": "reject", "comment": "Không"}),
                    _ => json!({"decision": "return", "comment": "Thiếu"}),
                };
                made.tries(client, "decisions", &body)
            };
            let works = approvers.iter().enumerate().map(|(no, client)| move || decide(client, no)).collect();
            let answers = together(works);
            let won: Vec<&Value> =
                answers.iter().filter(|answer| answer.status == 200).map(|answer| &answer.body).collect();
            assert_eq!(won.len(), 1, "{:?}", answers.iter().map(|answer| answer.status).collect::<Vec<_>>());
            assert!(answers.iter().all(|answer| matches!(answer.status, 200 | 409 | 412)));
            assert_eq!(made.seen(&app.as_(Role::Officer))["state"], won[0]["state"]);
            let last = make::count(app, &format!("decisions WHERE dossier_id = '{}'", made.id));
            assert_eq!(last, 2, "the appraiser's, and one");
        }
    });
}

#[test]
fn the_same_person_at_once_decides_once() {
    on_each(|app| {
        let approver = app.as_(Role::Approver);
        let second = second_account(app, &approver, Role::Approver, app.world().office);
        let made = make::at_approver(app, 1);
        let works = (0..10).map(|no| {
            let (made, client) = (made.clone(), if no % 2 == 0 { approver.clone() } else { second.clone() });
            move || made.tries(&client, "decisions", &approve()).status
        });
        let mut statuses = together(works.collect());
        statuses.sort_unstable();
        assert_eq!(statuses[0], 200);
        assert!(statuses[1..].iter().all(|status| matches!(status, 409 | 412)), "{statuses:?}");
        assert_eq!(make::count(app, "decisions"), 2);
    });
}

/// Rows in opposite orders lock each other's dossiers: nobody is told "busy", and each dossier is decided once.
#[test]
fn bulks_that_cross_are_all_answered() {
    on_each(|app| {
        let office = app.world().office;
        let all: Vec<Made> = (0..8).map(|no| make::at_approver(app, 1 + no * 10)).collect();
        let bulks = (0..6).map(|no| {
            let approver = app.another(Role::Approver, office);
            let mut rows: Vec<Value> = all.iter().map(|made| row(made, "approve")).collect();
            if no % 2 == 1 {
                rows.reverse();
            }
            move || approver.post("/api/v1/decisions", &json!({"items": rows}))
        });
        let singles = all.iter().map(|made| {
            let (approver, made) = (app.another(Role::Approver, office), made.clone());
            move || made.tries(&approver, "decisions", &approve())
        });
        let mut works: Vec<Box<dyn FnOnce() -> super::app::Answer + Send>> = Vec::new();
        works.extend(bulks.map(|work| Box::new(work) as Box<_>));
        works.extend(singles.map(|work| Box::new(work) as Box<_>));
        let mut done = 0;
        for answer in together(works) {
            match answer.body["results"].as_array() {
                Some(results) => {
                    assert_eq!((answer.status, results.len()), (200, 8));
                    assert!(
                        results.iter().all(|row| matches!(row["status"].as_u64(), Some(200 | 409 | 412))),
                        "{results:?}"
                    );
                    done += results.iter().filter(|row| row["status"] == 200).count();
                }
                None => {
                    assert!(matches!(answer.status, 200 | 409 | 412), "{}", answer.body);
                    done += usize::from(answer.status == 200);
                }
            }
        }
        assert_eq!(done, 8);
    });
}
