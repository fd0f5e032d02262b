use std::io::Write;
use std::net::IpAddr;

use tempfile::NamedTempFile;

use super::*;
use crate::vault::Secret;

fn load(env: &[(&str, &str)]) -> Result<Config, ConfigFaults> {
    Config::load(None, env.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())))
}

fn faults(env: &[(&str, &str)]) -> String {
    load(env).unwrap_err().to_string()
}

fn file(text: &str) -> NamedTempFile {
    let mut file = NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    file
}

#[test]
fn the_defaults_are_complete_and_valid() {
    let config = load(&[("PATH", "/bin"), ("LEGATION_TEST_POSTGRES_URL", "x"), ("LEGATION_X", "y")]).unwrap();
    assert_eq!(config.server.addr.to_string(), "127.0.0.1:8080");
    assert_eq!(config.server.base_url.as_str(), "http://127.0.0.1:8080");
    assert_eq!(config.auth.access(), TimeDelta::minutes(10));
    assert_eq!((config.auth.idle(), config.auth.absolute()), (TimeDelta::minutes(30), TimeDelta::hours(12)));
    assert_eq!(config.auth.argon2, Cost::FLOOR);
    assert_eq!(config.report.window, Window::MidMonth);
    assert_eq!((config.mail.url.clone(), config.mail.ca_file.clone()), (MailUrl::Unset, None));
    assert_eq!(config.warnings(), ["mail.url is not set: mails wait in the outbox"]);
}

#[test]
fn the_environment_goes_before_the_file_before_the_defaults() {
    let file = file(
        "[server]\naddr = \"0.0.0.0:1\"\nworkers = 3\n[auth.argon2]\niterations = 3\n[report]\nwindow = \"calendar\"\n",
    );
    let env = [
        ("LEGATION__SERVER__ADDR", "[::1]:2"),
        ("LEGATION__SERVER__TRUSTED_PROXIES", "10.0.0.0/8, 192.0.2.1"),
        ("LEGATION__AUTH__ARGON2__MEMORY_KIB", "65536"),
        ("LEGATION__LOG__FORMAT", "json"),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned()));
    let config = Config::load(Some(file.path()), env).unwrap();
    assert_eq!((config.server.addr.port(), config.server.workers), (2, 3));
    assert_eq!(config.auth.argon2, Cost { memory_kib: 65_536, iterations: 3, parallelism: 1 });
    assert_eq!((config.report.window, config.log.format), (Window::Calendar, LogFormat::Json));
    let trusts = |text: &str| config.server.trusts(text.parse::<IpAddr>().unwrap());
    assert!(trusts("10.200.3.4") && trusts("192.0.2.1") && trusts("::ffff:10.0.0.1"));
    assert!(!trusts("11.0.0.1") && !trusts("192.0.2.2") && !trusts("::1"));
}

#[test]
fn all_faults_are_named_at_once() {
    let text = faults(&[
        ("LEGATION__SERVER__ADDR", "localhost"),
        ("LEGATION__SERVER__BASE_URL", "http://doanra.example.vn"),
        ("LEGATION__SERVER__WORKERS", "many"),
        ("LEGATION__SERVER__TRUSTED_PROXIES", "10.0.0.0/33"),
        ("LEGATION__SERVER__PORT", "80"),
        ("LEGATION__DATABASE__URL", "sqlit://legation.db"),
        ("LEGATION__DATABASE__READ_POOL", "0"),
        ("LEGATION__MAIL__URL", "http://mail"),
        ("LEGATION__MAIL__FROM", "nobody"),
        ("LEGATION__MAIL__CA_FILE", "/does/not/exist.pem"),
        ("LEGATION__AUTH__IDLE_MINUTES", "1440"),
        ("LEGATION__AUTH__ACCESS_MINUTES", "-1"),
        ("LEGATION__AUTH__ARGON2__ITERATIONS", "1"),
        ("LEGATION__REPORT__WINDOW", "16-15"),
        ("LEGATION__LOG__LEVEL", "a=b=c"),
    ]);
    for expected in [
        "server.addr (LEGATION__SERVER__ADDR): invalid socket address",
        "server.base_url (LEGATION__SERVER__BASE_URL): must be https://",
        "server.workers (LEGATION__SERVER__WORKERS): must be a whole number",
        "server.trusted_proxies (LEGATION__SERVER__TRUSTED_PROXIES): 10.0.0.0/33 is neither",
        "server.port (LEGATION__SERVER__PORT): there is no such setting",
        "database.url (LEGATION__DATABASE__URL): must begin with sqlite://, postgres:// or postgresql://, \
         not sqlit:// - did you mean sqlite://?",
        "database.read_pool (LEGATION__DATABASE__READ_POOL): must be from 1 to 256",
        "mail.url (LEGATION__MAIL__URL): must be smtp://, smtps://, file:///FOLDER or memory:, not http:",
        "mail.from (LEGATION__MAIL__FROM): must be an address",
        "mail.ca_file (LEGATION__MAIL__CA_FILE): there is no such file",
        "auth.idle_minutes (LEGATION__AUTH__IDLE_MINUTES): must not be longer than auth.absolute_hours",
        "auth.access_minutes (LEGATION__AUTH__ACCESS_MINUTES): invalid value: integer `-1`, expected u16",
        "auth.argon2 (LEGATION__AUTH__ARGON2): memory_kib must be from 19456",
        "report.window (LEGATION__REPORT__WINDOW): unknown variant",
        "log.level (LEGATION__LOG__LEVEL): must be",
    ] {
        assert!(text.contains(expected), "{expected}\nnot in\n{text}");
    }
    assert_eq!(text.lines().count(), 15, "{text}");
}

#[test]
fn plain_http_is_for_this_machine_alone() {
    for good in [
        "https://doanra.example.vn",
        "https://doanra.example.vn:8443/ngoai-vu/",
        "http://localhost:8080",
        "http://127.0.0.1:8080/",
        "http://127.9.9.9",
        "http://[::1]:8080",
    ] {
        let config = load(&[("LEGATION__SERVER__BASE_URL", good)]).unwrap();
        assert_eq!(config.server.base_url.as_str(), good.trim_end_matches('/'));
        assert_eq!(config.server.base_url.is_https(), good.starts_with("https"));
    }
    for bad in [
        "http://doanra.example.vn",
        "http://localhost.example.vn",
        "http://127.0.0.1.example.vn",
        "http://0.0.0.0:8080",
        "http://[::2]",
        "http://localhost@example.vn",
        "https://user:pw@example.vn",
        "https://example.vn/?a=b",
        "https://example.vn/#a",
        "ftp://localhost",
        "https://",
        "localhost:8080",
        "",
    ] {
        assert!(faults(&[("LEGATION__SERVER__BASE_URL", bad)]).contains("server.base_url"), "{bad}");
    }
}

#[test]
fn the_database_is_chosen_by_scheme() {
    let url = |text: &str| load(&[("LEGATION__DATABASE__URL", text)]).map(|config| config.database.url);
    assert_eq!(url("sqlite://a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
    assert_eq!(url("sqlite:///var/b.db"), Ok(DatabaseUrl::Sqlite("/var/b.db".into())));
    for text in ["postgres://u:p@h/d", "postgresql:///d?host=/run/postgresql"] {
        assert_eq!(url(text), Ok(DatabaseUrl::Postgres(Secret::new(text))));
    }
    for (bad, hint) in [
        ("postgre://u:geheim@h/d", "did you mean postgres://?"),
        ("sqlite:legation.db", "must begin with"),
        ("legation.db", "must begin with"),
        ("sqlite://", "needs the path"),
        ("sqlite://:memory:", "nothing else"),
        ("sqlite://a.db?mode=ro", "nothing else"),
        ("SQLITE://a.db", "did you mean sqlite://?"),
        ("mysql://u:geheim@h/d", "not mysql://"),
        ("postgres://", "needs a server"),
        ("", "must begin with"),
    ] {
        let text = faults(&[("LEGATION__DATABASE__URL", bad)]);
        assert!(text.contains(hint) && !text.contains("geheim"), "{bad}: {text}");
    }
}

#[test]
fn mail_goes_over_tls_or_stays_here() {
    let url = |text: &str| load(&[("LEGATION__MAIL__URL", text)]).map(|config| config.mail.url);
    let smtp = |port, implicit_tls, credentials| {
        MailUrl::Smtp(Smtp { host: "mail.example.vn".into(), port, implicit_tls, credentials })
    };
    assert_eq!(url("smtp://mail.example.vn"), Ok(smtp(587, false, None)));
    assert_eq!(url("smtps://mail.example.vn"), Ok(smtp(465, true, None)));
    let credentials = Some(("lan@x.vn".to_owned(), Secret::new("p@ss:/#ế")));
    assert_eq!(
        url("smtp://lan%40x.vn:p%40ss%3A%2F%23%E1%BA%BF@mail.example.vn:2525"),
        Ok(smtp(2525, false, credentials))
    );
    assert_eq!(url("file:///var/mail%20out"), Ok(MailUrl::Folder("/var/mail out".into())));
    assert_eq!(url("memory:"), Ok(MailUrl::Memory));
    for bad in [
        "smtp://",
        "smtp://u:geheim#x@h",
        "smtp://u:geheim@h/path",
        "smtp://u:geheim@h?tls=none",
        "smtp://u@h",
        "smtp://u:geheim%ZZ@h",
        "smtp://u:geheim@h:99999",
        "file://relative",
        "file:relative",
        "memory",
        "mail.example.vn:25",
    ] {
        let text = faults(&[("LEGATION__MAIL__URL", bad)]);
        assert!(text.contains("mail.url") && !text.contains("geheim"), "{bad}: {text}");
    }
}

#[test]
fn secrets_may_stand_in_files() {
    let secret = file("postgres://u:geheim@h/d\n");
    let path = secret.path().to_str().unwrap();
    let config = load(&[("LEGATION__DATABASE__URL_FILE", path)]).unwrap();
    assert_eq!(config.database.url, DatabaseUrl::Postgres(Secret::new("postgres://u:geheim@h/d")));
    assert!(!format!("{config:?}").contains("geheim"));

    let settings = file(&format!("[database]\nurl_file = {path:?}\n"));
    let config = Config::load(Some(settings.path()), []).unwrap();
    assert!(matches!(config.database.url, DatabaseUrl::Postgres(_)));

    let both = [("LEGATION__DATABASE__URL_FILE", path), ("LEGATION__DATABASE__URL", "sqlite://a")];
    assert!(faults(&both).contains("database.url is set too"));
    assert!(
        faults(&[("LEGATION__MAIL__URL_FILE", "/no/such")])
            .contains("mail.url_file (LEGATION__MAIL__URL_FILE)")
    );
    assert!(faults(&[("LEGATION__KEYS__DIR_FILE", path)]).contains("there is no such setting"));
    let empty = file("\n");
    assert!(faults(&[("LEGATION__MAIL__URL_FILE", empty.path().to_str().unwrap())]).contains("is empty"));
}

#[test]
fn an_extra_certificate_is_an_ordinary_setting() {
    let certificate = file("-----BEGIN CERTIFICATE-----\n");
    let path = certificate.path().to_str().unwrap();
    let config = load(&[("LEGATION__MAIL__CA_FILE", path)]).unwrap();
    assert_eq!(config.mail.ca_file.as_deref(), Some(certificate.path()));
}

#[test]
fn a_bad_file_is_named_without_its_words() {
    let broken = file("[database]\nurl = \"postgres://u:geheim@h/d\nread_pool = 1\n");
    let text = Config::load(Some(broken.path()), []).unwrap_err().to_string();
    assert!(text.contains("line 2 is not TOML") && !text.contains("geheim"), "{text}");
    let unknown = file("[server]\nadress = \"x\"\n[servers]\naddr = \"y\"\n[log]\nlevel = 5\n");
    let text = Config::load(Some(unknown.path()), []).unwrap_err().to_string();
    assert!(text.contains("server.adress: there is no such setting"), "{text}");
    assert!(text.contains("servers.addr: there is no such setting"), "{text}");
    assert!(text.contains("log.level (LEGATION__LOG__LEVEL): invalid type: integer `5`"), "{text}");
    assert!(
        Config::load(Some(Path::new("/no/such.toml")), []).unwrap_err().to_string().contains("/no/such.toml")
    );
}

#[test]
fn a_section_given_as_a_value_is_refused() {
    let odd = file("server = 5\n[keys]\ndir = { a = 1 }\n");
    let text = Config::load(Some(odd.path()), []).unwrap_err().to_string();
    assert!(text.contains("server: there is no such setting"), "{text}");
    assert!(text.contains("keys.dir.a: there is no such setting"), "{text}");
}

#[test]
fn a_database_elsewhere_without_verified_tls_is_worth_a_warning() {
    let warnings = |url: &str| {
        load(&[("LEGATION__DATABASE__URL", url), ("LEGATION__MAIL__URL", "smtps://m")])
            .unwrap()
            .warnings()
            .len()
    };
    assert_eq!(warnings("postgres://u:p@db.example.vn/d"), 1);
    assert_eq!(warnings("postgres://u:p@db.example.vn/d?sslmode=verify-full"), 0);
    assert_eq!(warnings("postgres://u:p@127.0.0.1/d"), 0);
}

#[test]
fn the_reference_names_every_setting_with_its_meaning() {
    let text = reference();
    assert!(
        text.contains("| `mail.ca_file` | `LEGATION__MAIL__CA_FILE` | `\"\"` | Certificates (PEM)"),
        "{text}"
    );
    assert!(text.contains("## `[auth.argon2]`\n\nWhat one password hash"));
    let settings = DEFAULTS.lines().filter(|line| line.contains(" = ") && !line.starts_with('#')).count();
    assert_eq!(text.lines().filter(|line| line.starts_with("| `")).count(), settings);
    assert!(!text.contains("|  |"), "a setting without a meaning");
}
