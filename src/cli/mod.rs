//! The command line: what can be asked for, one file per command. A fault is one clear sentence on standard error
//! and exit code 1; a wrong use is clap's matter and exit code 2.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use chrono::NaiveDate;
use clap::{Args, Parser, Subcommand};

use crate::config::Config;
use crate::domain::access::Role;
use crate::domain::codes::{Code, Lang};
use crate::domain::report::Window;
use crate::domain::report::period::Kind;
use crate::service::returns::Format;
use crate::startup::StartError;

pub mod audit;
pub mod config;
pub mod database;
pub mod demo;
pub mod keys;
pub mod migrate;
pub mod paper;
pub mod report;
pub mod rules;
pub mod serve;
pub mod user;

/// Delegation and visitor management for the offices that run a city's foreign affairs.
#[derive(Debug, Parser)]
#[command(version, arg_required_else_help = true)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Serve the API until Ctrl-C.
    Serve(File),
    /// Make and serve a demo: an invented year of a city's work. Nothing needs to be set up.
    Demo(Demo),
    /// Bring the database to this version. SQLite does it by itself when it is served.
    Migrate(File),
    /// The database as a whole.
    #[command(subcommand)]
    Db(Db),
    /// Accounts.
    #[command(subcommand)]
    User(User),
    /// The journal.
    #[command(subcommand)]
    Audit(Audit),
    /// The keys that seal personal data and sign tokens.
    #[command(subcommand)]
    Keys(Keys),
    /// Write the return of a period.
    Report(Report),
    /// The rulebook: check, load, list, diff, activate.
    #[command(subcommand)]
    Rules(Rules),
    /// Official paper.
    #[command(subcommand)]
    Paper(Paper),
    /// The settings.
    #[command(subcommand)]
    Config(Settings),
}

#[derive(Debug, Subcommand)]
enum Db {
    /// Copy an installation from SQLite into an empty, migrated PostgreSQL database, and verify the copy. Stop the
    /// service first, and never serve the old database again.
    Copy {
        /// The database to copy: `sqlite://PATH`.
        #[arg(long, value_name = "URL")]
        from: String,
        /// The one to copy into [default: `database.url` of the settings, which keeps its password out of sight].
        #[arg(long, value_name = "URL")]
        to: Option<String>,
        #[command(flatten)]
        file: File,
    },
}

#[derive(Debug, Subcommand)]
enum Paper {
    /// Try the templates and wordings of the settings on sample papers, and name file and line of what is wrong.
    Check {
        /// A folder for the samples, to look at them.
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
        #[command(flatten)]
        file: File,
    },
}

#[derive(Debug, Subcommand)]
enum Rules {
    /// Check a file, or a folder as a whole, and name everything that is wrong: file, line, reason.
    Check {
        /// A TOML file, or a folder of them.
        path: PathBuf,
    },
    /// Load a folder as a new version. It is not active yet.
    Load {
        /// A folder of TOML files.
        path: PathBuf,
        #[command(flatten)]
        file: File,
    },
    /// List the versions.
    List(File),
    /// Compare a version or a folder with the active version, rule by rule.
    Diff {
        /// A version's number, or a folder.
        with: String,
        #[command(flatten)]
        file: File,
    },
    /// Make a version the active one: what is submitted from then on is submitted under it.
    Activate {
        /// A version's number.
        version: i32,
        #[command(flatten)]
        file: File,
    },
}

/// Where the settings are.
#[derive(Debug, Args)]
struct File {
    /// A settings file (TOML); variables such as `LEGATION__SERVER__ADDR` go before it.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
}

impl File {
    fn load(&self) -> Result<Config, StartError> {
        Config::load(self.config.as_deref(), crate::config::environment())
            .map_err(|faults| StartError(faults.to_string()))
    }
}

#[derive(Debug, Args)]
struct Demo {
    /// The folder of the demo's database and keys.
    #[arg(long, default_value = "legation-demo")]
    dir: PathBuf,
    /// Address and port to listen on [default: 127.0.0.1:8080, or the next free port].
    #[arg(long)]
    addr: Option<SocketAddr>,
    /// Start over: what the demo made in the folder is deleted first.
    #[arg(long)]
    fresh: bool,
    /// Print the address and the accounts as one line of JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Subcommand)]
enum User {
    /// Add an account and print its one-time link, by which its owner chooses a password.
    Add(AddUser),
}

#[derive(Debug, Args)]
struct AddUser {
    /// Sign-in name.
    username: String,
    /// Name as shown [default: the sign-in name].
    #[arg(long)]
    name: Option<String>,
    /// Where mail goes.
    #[arg(long)]
    email: String,
    /// An administrator: manages accounts, neither reads personal data nor decides.
    #[arg(long, conflicts_with = "role")]
    admin: bool,
    /// A role: officer, clerk, secretary, appraiser, approver or auditor.
    #[arg(long, requires = "organisation", value_parser = word::<Role>)]
    role: Option<Role>,
    /// Code of the organisation of the role.
    #[arg(long, value_name = "CODE")]
    organisation: Option<String>,
    /// Language of mails: vi or en.
    #[arg(long, value_parser = word::<Lang>)]
    lang: Option<Lang>,
    #[command(flatten)]
    file: File,
}

#[derive(Debug, Subcommand)]
enum Audit {
    /// Recompute the whole journal with its checkpoints and name the first thing that does not fit.
    Verify {
        /// A file with checkpoints that were kept elsewhere: a mail to the witness, what was printed on a return.
        #[arg(long, value_name = "FILE")]
        checkpoint: Option<PathBuf>,
        /// A public key (`NAME+ID+KEY`), or a file with one a line [default: those of the settings' keys folder].
        #[arg(long, value_name = "KEY")]
        key: Vec<String>,
        #[command(flatten)]
        file: File,
    },
    /// Write a proof that an entry is in the journal, for somebody who has the public key alone.
    Prove {
        /// The entry's sequence number.
        entry: u64,
        /// The file to write; standard output, if `-` or absent.
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        #[command(flatten)]
        file: File,
    },
    /// Check such a proof. It needs neither database nor settings.
    CheckProof {
        /// The proof.
        proof: PathBuf,
        /// The public key (`NAME+ID+KEY`), or a file with one a line.
        #[arg(long, value_name = "KEY", required = true)]
        key: Vec<String>,
    },
}

#[derive(Debug, Subcommand)]
enum Keys {
    /// Make the keys, once, in the folder of the settings.
    Init(File),
    /// Make the key files that came with a later version, where the others are there.
    Upgrade(File),
    /// Print the public keys that verify checkpoints and proofs of the journal.
    Show(File),
}

#[derive(Debug, Args)]
struct Report {
    /// monthly, quarterly, half, nine or yearly.
    #[arg(value_parser = word::<Kind>)]
    kind: Kind,
    /// The period: 2025-11, 2025-Q4, 2025-H2, 2025.
    label: String,
    /// json, csv, xlsx, pdf, or docx (the text without its annexes).
    #[arg(long, default_value = "xlsx", value_parser = word::<Format>)]
    format: Format,
    /// The file to write; standard output, if `-` or absent.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// On which days months begin: calendar or 15-14 [default: as in the settings].
    #[arg(long, value_parser = word::<Window>)]
    window: Option<Window>,
    /// As known on this day [default: today].
    #[arg(long, value_name = "DAY")]
    as_of: Option<NaiveDate>,
    #[command(flatten)]
    file: File,
}

#[derive(Debug, Subcommand)]
enum Settings {
    /// Check the settings and name everything that is wrong.
    Check(File),
    /// Print every setting with its variable, default and meaning, as Markdown.
    Reference,
}

/// Parses a word of a closed vocabulary.
fn word<T: Code>(text: &str) -> Result<T, String> {
    let all = || T::ALL.iter().map(|word| word.code()).collect::<Vec<_>>().join(", ");
    T::parse(text).ok_or_else(|| format!("must be one of {}", all()))
}

/// Parses the command line and does what it asks for.
#[must_use]
pub fn main() -> ExitCode {
    match run(Cli::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            use std::io::Write;
            // Nobody may listen any more; the exit code says it all the same.
            let _ = writeln!(std::io::stderr(), "legation: {fault}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), StartError> {
    match command {
        Command::Serve(file) => serve::run(file.load()?),
        Command::Demo(asked) => demo::run(&asked.dir, asked.addr, asked.fresh, asked.json),
        Command::Migrate(file) => migrate::run(&file.load()?),
        Command::Db(Db::Copy { from, to, file }) => database::copy(file.load()?, from, to),
        Command::User(User::Add(new)) => {
            let config = new.file.load()?;
            let name = new.name.unwrap_or_else(|| new.username.clone());
            let AddUser { username, email, admin, role, organisation, lang, .. } = new;
            user::run(&config, &user::AddUser { username, name, email, lang, admin, organisation, role })
        }
        Command::Audit(Audit::Verify { checkpoint, key, file }) => {
            audit::verify(&file.load()?, checkpoint.as_deref(), &key)
        }
        Command::Audit(Audit::Prove { entry, out, file }) => {
            audit::prove(&file.load()?, entry, out.as_deref())
        }
        Command::Audit(Audit::CheckProof { proof, key }) => audit::check_proof(&proof, &key),
        Command::Keys(Keys::Init(file)) => keys::run(&file.load()?.keys.dir),
        Command::Keys(Keys::Upgrade(file)) => keys::upgrade(&file.load()?.keys.dir),
        Command::Keys(Keys::Show(file)) => keys::show(&file.load()?),
        Command::Report(asked) => {
            let config = asked.file.load()?;
            let out = asked.out.as_deref();
            report::run(
                &config,
                asked.kind.code(),
                &asked.label,
                asked.format,
                out,
                asked.window,
                asked.as_of,
            )
        }
        Command::Rules(Rules::Check { path }) => rules::check(&path),
        Command::Rules(Rules::Load { path, file }) => rules::load(&file.load()?, &path),
        Command::Rules(Rules::List(file)) => rules::list(&file.load()?),
        Command::Rules(Rules::Diff { with, file }) => rules::diff(&file.load()?, &with),
        Command::Rules(Rules::Activate { version, file }) => rules::activate(&file.load()?, version),
        Command::Paper(Paper::Check { out, file }) => paper::check(&file.load()?, out.as_deref()),
        Command::Config(Settings::Check(file)) => config::check(&file.load()?),
        Command::Config(Settings::Reference) => config::reference(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_holds_together() {
        use clap::CommandFactory;
        Cli::command().debug_assert();
    }

    #[test]
    fn a_wrong_word_is_told_the_right_ones() {
        let fault = Cli::try_parse_from(["legation", "report", "weekly", "2025-11"]).unwrap_err().to_string();
        assert!(fault.contains("must be one of monthly, quarterly, half, nine, yearly"), "{fault}");
        assert!(Cli::try_parse_from(["legation", "report", "monthly", "2025-11", "--format", "csv"]).is_ok());
    }
}
