//! The write lane: the only way to change the database. A bounded queue before one writer (SQLite: many commands
//! share one commit, because the fsync is the cost) or several (PostgreSQL: one command a commit, because round
//! trips are). Each command runs in a savepoint that the lane issues itself and is answered after the commit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use diesel::connection::SimpleConnection;
use tokio::sync::oneshot;

use super::db::{Db, DbKind, DbUrl, Mode, connect};
use super::error::StoreError;
use super::{Recorded, Sizes, WriteTx, journal};
use crate::clock::{Clock, Ids};
use crate::domain::event::Event;
use crate::domain::ids::InstallationId;

/// How often a command is run again after two writers met.
const ATTEMPTS: usize = 6;

/// The error of a command, as far as the lane must understand it.
pub trait Refuses: From<StoreError> + Send + 'static {
    /// What to journal after the command was rolled back: a denial or refusal.
    fn event(&self) -> Option<&Event>;
    /// The store's fault behind it, if that is what it is.
    fn fault(&self) -> Option<&StoreError>;
}

enum Verdict {
    Keep,
    Undo(Option<Event>),
    Again,
}

trait Command: Send {
    fn run(&mut self, tx: &mut WriteTx<'_>) -> Verdict;
    fn fail(&mut self, fault: StoreError);
    fn answer(self: Box<Self>);
}

struct Typed<F, T, E> {
    work: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Command for Typed<F, T, E>
where
    F: Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, E> + Send,
    T: Send,
    E: Refuses,
{
    fn run(&mut self, tx: &mut WriteTx<'_>) -> Verdict {
        let result = (self.work)(tx).map(Recorded::into_value);
        let verdict = match &result {
            Ok(_) => Verdict::Keep,
            Err(error) if matches!(error.fault(), Some(StoreError::Conflict)) => Verdict::Again,
            Err(error) => Verdict::Undo(error.event().cloned()),
        };
        self.result = Some(result);
        verdict
    }

    fn fail(&mut self, fault: StoreError) {
        self.result = Some(Err(E::from(fault)));
    }

    fn answer(self: Box<Self>) {
        if let Some(result) = self.result {
            // The asker may have gone away; what was committed stays committed.
            drop(self.reply.send(result));
        }
    }
}

/// What the writers share.
pub(super) struct Shared {
    pub(super) url: DbUrl,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) ids: Ids,
    pub(super) installation: InstallationId,
}

/// The queue and its writers.
pub(super) struct Lane {
    queue: Mutex<Option<SyncSender<Box<dyn Command>>>>,
    writers: Mutex<Vec<JoinHandle<()>>>,
}

impl Lane {
    /// Starts the writers that suit the database.
    pub(super) fn start(shared: &Arc<Shared>, sizes: Sizes) -> Self {
        let (writers, batch) = match shared.url.kind() {
            DbKind::Sqlite => (1, 60),
            DbKind::Postgres => (sizes.postgres_writers, 1),
        };
        let (queue, source) = sync_channel(sizes.write_queue.into());
        let source = Arc::new(Mutex::new(source));
        let spawn = |_| {
            let (source, shared) = (Arc::clone(&source), Arc::clone(shared));
            std::thread::spawn(move || Writer { shared, batch, db: None }.serve(&source))
        };
        Self { queue: Mutex::new(Some(queue)), writers: Mutex::new((0..writers).map(spawn).collect()) }
    }

    /// Queues a command; the answer comes after its commit.
    pub(super) fn submit<F, T, E>(&self, work: F) -> oneshot::Receiver<Result<T, E>>
    where
        F: Fn(&mut WriteTx<'_>) -> Result<Recorded<T>, E> + Send + 'static,
        T: Send + 'static,
        E: Refuses,
    {
        let (reply, answer) = oneshot::channel();
        let command: Box<dyn Command> = Box::new(Typed { work, result: None, reply });
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        let refused = match queue.as_ref().map(|queue| queue.try_send(command)) {
            Some(Ok(())) => None,
            Some(Err(TrySendError::Full(command) | TrySendError::Disconnected(command))) => Some(command),
            None => None, // the reply is dropped: "closing"
        };
        if let Some(mut command) = refused {
            command.fail(StoreError::Unavailable("the write lane is full".to_owned()));
            command.answer();
        }
        answer
    }

    /// Takes no more commands, finishes those that wait, and ends the writers.
    pub(super) fn close(&self) {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner).take();
        let writers = std::mem::take(&mut *self.writers.lock().unwrap_or_else(PoisonError::into_inner));
        for writer in writers {
            if writer.join().is_err() {
                tracing::error!("a writer ended by panic");
            }
        }
    }
}

impl Drop for Lane {
    fn drop(&mut self) {
        self.close();
    }
}

struct Writer {
    shared: Arc<Shared>,
    batch: usize,
    db: Option<Db>,
}

/// The connection is no longer to be trusted; whatever was open is gone.
struct Broken(StoreError);

impl From<StoreError> for Broken {
    fn from(fault: StoreError) -> Self {
        Self(fault)
    }
}

impl From<diesel::result::Error> for Broken {
    fn from(error: diesel::result::Error) -> Self {
        Self(StoreError::from(error))
    }
}

impl Writer {
    fn serve(mut self, source: &Mutex<Receiver<Box<dyn Command>>>) {
        loop {
            let mut commands = Vec::new();
            {
                let source = source.lock().unwrap_or_else(PoisonError::into_inner);
                let Ok(first) = source.recv() else { return };
                commands.push(first);
                while commands.len() < self.batch
                    && let Ok(next) = source.try_recv()
                {
                    commands.push(next);
                }
            }
            self.settle(&mut commands);
            commands.into_iter().for_each(Command::answer);
        }
    }

    /// Runs the commands in one transaction and commits; on a conflict again, on a break fails all of them.
    fn settle(&mut self, commands: &mut [Box<dyn Command>]) {
        let mut last = StoreError::Conflict;
        for attempt in 0..ATTEMPTS {
            let ended = self.transaction(commands);
            if ended.is_err() {
                self.db = None;
            }
            match ended {
                Ok(()) => return,
                Err(Broken(StoreError::Conflict)) => {
                    std::thread::sleep(std::time::Duration::from_millis(3 << attempt));
                }
                Err(Broken(fault)) => {
                    last = fault;
                    break;
                }
            }
        }
        tracing::warn!(fault = %last, commands = commands.len(), "a batch of commands was rolled back");
        let words = format!("rolled back: {last}");
        for command in commands {
            command.fail(StoreError::Unavailable(words.clone()));
        }
    }

    fn transaction(&mut self, commands: &mut [Box<dyn Command>]) -> Result<(), Broken> {
        if self.db.is_none() {
            self.db = Some(connect(&self.shared.url, Mode::Write)?);
        }
        let Some(db) = self.db.as_mut() else {
            return Err(Broken(StoreError::Unavailable("no connection".into())));
        };
        // IMMEDIATE: a deferred read-then-write meets "database is locked" that no timeout cures.
        let begin = match db {
            Db::Sqlite(_) => "BEGIN IMMEDIATE",
            Db::Pg(_) => "BEGIN",
        };
        db.batch_execute(begin)?;
        for command in commands.iter_mut() {
            one(&self.shared, db, command.as_mut())?;
        }
        db.batch_execute("COMMIT")?;
        Ok(())
    }
}

/// Runs one command in its savepoint.
fn one(shared: &Shared, db: &mut Db, command: &mut dyn Command) -> Result<(), Broken> {
    db.batch_execute("SAVEPOINT command")?;
    let mut tx = WriteTx::new(db, shared);
    let ended = catch_unwind(AssertUnwindSafe(|| command.run(&mut tx)));
    let (verdict, request_id) = (ended, tx.request_id.take());
    match verdict {
        Ok(Verdict::Keep) => {}
        Ok(Verdict::Again) => return Err(Broken(StoreError::Conflict)),
        Ok(Verdict::Undo(event)) => undo(shared, db, event, request_id)?,
        Err(_panic) => {
            tracing::error!("a command panicked and was rolled back");
            undo(shared, db, None, request_id)?;
            command.fail(StoreError::Db("a command panicked".to_owned()));
        }
    }
    db.batch_execute("RELEASE SAVEPOINT command")?;
    Ok(())
}

/// Takes a command's changes back and journals why, if that is to be told.
fn undo(
    shared: &Shared,
    db: &mut Db,
    event: Option<Event>,
    request_id: Option<String>,
) -> Result<(), Broken> {
    db.batch_execute("ROLLBACK TO SAVEPOINT command")?;
    if let Some(event) = event {
        let mut tx = WriteTx::new(db, shared);
        tx.request_id = request_id;
        let _entry = journal::append(&mut tx, event)?;
    }
    Ok(())
}
