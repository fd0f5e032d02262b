//! Every route, asked by every role and by nobody: the guard refuses exactly what `access::grant` refuses.

use legation::domain::access::{Reach, Role, grant};
use legation::domain::codes::Code;
use legation::http::guard::Access;
use legation::http::routes::table;

use crate::app::{Answer, Client, on_each};

/// A path with ids that nothing has.
fn filled(path: &str) -> String {
    let id = "00000000-0000-7000-8000-000000000000";
    let parts = path.split('/').map(|part| if part.starts_with('{') { id } else { part });
    parts.collect::<Vec<_>>().join("/")
}

fn ask(client: &Client, method: &str, path: &str) -> Answer {
    let body = (method != "GET").then(|| "{}".to_owned());
    client.send(method, path, body, &[("If-Match", "\"1\"")])
}

#[test]
fn the_guard_of_every_route_follows_the_matrix() {
    on_each(|app| {
        let clients: Vec<(Role, Client)> = Role::ALL.iter().map(|role| (*role, app.as_(*role))).collect();
        let mut cells = 0;
        for row in table() {
            let (method, path) = (row.method.as_str(), filled(&row.path));
            let Access::Needs(action) = row.access else { continue };
            let nobody = ask(&app.client(), method, &path);
            assert_eq!(
                (nobody.status, &nobody.body["code"]),
                (401, &"unauthorised".into()),
                "{method} {path}"
            );
            for (role, client) in &clients {
                let answer = ask(client, method, &path);
                let refused_here = answer.status == 403 && answer.body["action"] == action.code();
                let never = grant(*role, action) == Reach::Never;
                assert_eq!(refused_here, never, "{role} {method} {path}: {} {}", answer.status, answer.body);
                assert_ne!(answer.status, 401, "{role} {method} {path}");
                assert!(answer.status < 500, "{role} {method} {path}: {}", answer.body);
                cells += 1;
            }
        }
        assert!(cells >= 7 * 15, "{cells}");
    });
}

/// What nobody needs a right for is a short list, and it is this one.
#[test]
fn few_routes_are_public() {
    let public: Vec<String> = table()
        .into_iter()
        .filter(|row| row.access == Access::Public)
        .map(|row| format!("{} {}", row.method, row.path))
        .collect();
    let expected = [
        "GET /healthz",
        "GET /readyz",
        "GET /.well-known/jwks.json",
        "GET /check/{code}",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/logout",
        "POST /api/v1/auth/activate",
        "GET /api/v1/dev/mailbox",
    ];
    assert_eq!(public, expected);
}

/// The promises of the roles, in words that a reviewer can check against `practice.md` 1.
#[test]
fn what_roles_may_never_do() {
    use legation::domain::access::Action as A;
    for action in A::ALL {
        let admin = grant(Role::Admin, *action);
        let decides = matches!(action, A::Decide | A::Issue | A::Receive | A::Revoke | A::Register | A::Edit);
        let personal = matches!(action, A::ReadDossier | A::ReadPeople | A::EditPeople | A::ReadReturn);
        assert!(!(decides || personal) || admin == Reach::Never, "admin {action}");
        let changes = !action.code().starts_with("read_");
        assert!(!changes || grant(Role::Auditor, *action) == Reach::Never, "auditor {action}");
    }
    assert_eq!(grant(Role::Secretary, A::Decide), Reach::Never);
}
