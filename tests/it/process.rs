//! The real binary in a process of its own, with an environment that holds nothing but what a test gives it.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::Value;

/// Longest wait for anything that a process should do: a busy machine takes its time.
const PATIENCE: Duration = Duration::from_mins(4);

/// A running process; it is killed when this is dropped.
pub struct Process {
    child: Child,
    out: Receiver<String>,
    err: Receiver<String>,
    heard: Vec<String>,
}

/// What a process that ended said.
#[derive(Debug)]
pub struct Ended {
    pub code: Option<i32>,
    pub out: String,
    pub err: String,
}

fn command(args: &[&str], env: &[(&str, String)], folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_legation"));
    command.args(args).env_clear().envs(env.iter().map(|(name, value)| (name, value))).current_dir(folder);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary to its end.
pub fn run(args: &[&str], env: &[(&str, String)], folder: &Path) -> Ended {
    let output = command(args, env, folder).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    Ended { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
}

fn lines(source: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, told) = channel();
    std::thread::spawn(move || {
        // Read to the end even if nobody listens: a full pipe would stop the process.
        BufReader::new(source).lines().map_while(Result::ok).for_each(|line| drop(tell.send(line)));
    });
    told
}

impl Process {
    pub fn start(args: &[&str], env: &[(&str, String)], folder: &Path) -> Self {
        Self::spawned(command(args, env, folder))
    }

    fn spawned(mut command: Command) -> Self {
        let mut child = command.spawn().unwrap();
        let (out, err) = (lines(child.stdout.take().unwrap()), lines(child.stderr.take().unwrap()));
        Self { child, out, err, heard: Vec::new() }
    }

    /// As `start`, with file size limits as errors of a write instead of a deadly signal: a stand-in for a full disk.
    pub fn start_with_limits(args: &[&str], env: &[(&str, String)], folder: &Path) -> Self {
        let binary = env!("CARGO_BIN_EXE_legation");
        let mut shell = Command::new("/bin/sh");
        shell.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\"", binary]).args(args);
        shell.env_clear().envs(env.iter().map(|(name, value)| (name, value))).current_dir(folder);
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self::spawned(shell)
    }

    /// No file of this process may grow beyond so many bytes; `None` lifts the limit.
    pub fn limit_files(&self, bytes: Option<u64>) {
        let limit = bytes.map_or("unlimited:".to_owned(), |bytes| format!("{bytes}:"));
        let pid = self.child.id().to_string();
        let status =
            Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={limit}")]).status().unwrap();
        assert!(status.success(), "prlimit, of util-linux, is needed");
    }

    /// The next line on standard output.
    #[track_caller]
    pub fn line(&mut self) -> String {
        let line = self.out.recv_timeout(PATIENCE);
        line.unwrap_or_else(|_| {
            panic!("no line on standard output; on standard error: {:#?}", self.complaints())
        })
    }

    /// Waits for the log line that names the address of the service.
    #[track_caller]
    pub fn address(&mut self) -> String {
        loop {
            let Ok(line) = self.err.recv_timeout(PATIENCE) else {
                panic!("it never served: {:#?}", self.heard)
            };
            let logged: Value = serde_json::from_str(&line).unwrap_or(Value::Null);
            self.heard.push(line);
            if let Some(address) = logged["address"].as_str() {
                return address.to_owned();
            }
        }
    }

    /// What it wrote to standard error so far.
    pub fn complaints(&mut self) -> &[String] {
        self.heard.extend(self.err.try_iter());
        &self.heard
    }

    /// Sends a signal, such as `TERM`.
    pub fn signal(&self, name: &str) {
        let status =
            Command::new("kill").args([format!("-{name}"), self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }

    /// Waits for the end.
    #[track_caller]
    pub fn end(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        while Instant::now() < until {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        panic!("it did not end: {:#?}", self.complaints());
    }

    /// Kills it at once: nothing is drained.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
