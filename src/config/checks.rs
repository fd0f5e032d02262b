//! What no type can say: ranges, and settings that must fit each other.

use std::ops::RangeInclusive;

use tracing_subscriber::EnvFilter;

use super::layers::with_variable;
use super::{Config, ConfigFault, DatabaseUrl, MailUrl};
use crate::password::Cost;

impl Config {
    /// Everything that is wrong, with the name of each setting.
    #[must_use]
    pub fn validate(&self) -> Vec<ConfigFault> {
        let mut faults = Vec::new();
        let mut fault = |name: &str, message: &str| {
            faults.push(ConfigFault::new(with_variable(name), message));
        };
        for (name, value, range) in self.ranges() {
            if !range.contains(&value) {
                fault(name, &format!("must be from {} to {}", range.start(), range.end()));
            }
        }
        if u32::from(self.auth.idle_minutes) > u32::from(self.auth.absolute_hours) * 60 {
            fault("auth.idle_minutes", "must not be longer than auth.absolute_hours");
        }
        if self.auth.access_minutes > self.auth.idle_minutes {
            fault("auth.access_minutes", "must not be longer than auth.idle_minutes");
        }
        if !self.auth.argon2.is_sane() {
            let (floor, ceiling) = (Cost::FLOOR, Cost::CEILING);
            let message = format!(
                "memory_kib must be from {} to {}, iterations from {} to {}, parallelism from {} to {}",
                floor.memory_kib,
                ceiling.memory_kib,
                floor.iterations,
                ceiling.iterations,
                floor.parallelism,
                ceiling.parallelism
            );
            fault("auth.argon2", &message);
        }
        if crate::mail::Correspondent::parse(&self.mail.from).is_err() {
            fault("mail.from", "must be an address, or `Name <address>`");
        }
        let witness = self.witness.address.as_deref();
        if witness.is_some_and(|address| crate::mail::Correspondent::parse(address).is_err()) {
            fault("witness.address", "must be an address, or `Name <address>`");
        }
        if self.mail.ca_file.as_ref().is_some_and(|path| !path.is_file()) {
            fault("mail.ca_file", "there is no such file");
        }
        if self.calendar.dir.as_ref().is_some_and(|path| !path.is_dir()) {
            fault("calendar.dir", "there is no such folder");
        }
        if self.paper.dir.as_ref().is_some_and(|path| !path.is_dir()) {
            fault("paper.dir", "there is no such folder");
        }
        if self.keys.dir.as_os_str().is_empty() {
            fault("keys.dir", "must name a folder");
        }
        if self.papers.dir.as_os_str().is_empty() {
            fault("papers.dir", "must name a folder");
        }
        if EnvFilter::try_new(&self.log.level).is_err() {
            fault(
                "log.level",
                "must be error, warn, info, debug or trace, or a list such as info,legation=debug",
            );
        }
        faults
    }

    fn ranges(&self) -> [(&'static str, u16, RangeInclusive<u16>); 16] {
        let (server, database, auth) = (&self.server, &self.database, &self.auth);
        [
            ("server.workers", server.workers, 0..=256),
            ("server.shutdown_seconds", server.shutdown_seconds, 1..=600),
            ("database.read_pool", database.read_pool, 1..=256),
            ("database.write_queue", database.write_queue, 1..=u16::MAX),
            ("database.postgres_writers", database.postgres_writers, 1..=64),
            ("papers.max_mib", self.papers.max_mib, 1..=512),
            ("papers.max_files", self.papers.max_files, 1..=10_000),
            ("report.export_hours", self.report.export_hours, 1..=720),
            ("mail.timeout_seconds", self.mail.timeout_seconds, 1..=600),
            ("auth.access_minutes", auth.access_minutes, 1..=60),
            ("auth.idle_minutes", auth.idle_minutes, 5..=1440),
            ("auth.absolute_hours", auth.absolute_hours, 1..=24),
            ("auth.lock_after", auth.lock_after, 3..=100),
            ("auth.lock_minutes", auth.lock_minutes, 1..=1440),
            ("auth.link_hours", auth.link_hours, 1..=168),
            ("auth.parallel_hashes", auth.parallel_hashes, 1..=64),
        ]
    }

    /// What is allowed and yet worth a line in the log at start.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.mail.url {
            MailUrl::Unset => warnings.push("mail.url is not set: mails wait in the outbox".to_owned()),
            MailUrl::Memory => warnings.push("mail.url is memory: mails reach nobody".to_owned()),
            MailUrl::Smtp(_) | MailUrl::Folder(_) => {}
        }
        if let DatabaseUrl::Postgres(url) = &self.database.url {
            let url = url.expose();
            let local = ["@localhost", "@127.0.0.1", "@[::1]", ":///", "host=/"]
                .iter()
                .any(|near| url.contains(near));
            if !local && !url.contains("sslmode=verify-full") {
                warnings.push(
                    "database.url does not say sslmode=verify-full: the server's name is not verified"
                        .to_owned(),
                );
            }
        }
        warnings
    }
}
