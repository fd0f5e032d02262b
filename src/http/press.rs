//! Turns at the press: papers are slow work, done on threads that may block, few at a time, never in a transaction.

use std::time::Duration;

use actix_web::rt::time::timeout;
use actix_web::web;

use super::State;
use super::problem::Problem;

/// Papers that may be made at once.
pub const TURNS: usize = 2;
/// How long a request waits for its turn.
const PATIENCE: Duration = Duration::from_secs(30);

/// Works with paper when it is its turn. Whoever gives up waiting gives his turn back only when his work is done, so
/// that nobody makes many at once by asking and leaving.
///
/// # Errors
/// 503 when too many others wait; a defect when the work panics.
pub async fn at_the_press<T: Send + 'static>(
    state: &web::Data<State>,
    work: impl FnOnce(&State) -> T + Send + 'static,
) -> Result<T, Problem> {
    let turn = timeout(PATIENCE, state.press.acquire()).await;
    turn.map_err(|_late| Problem::busy("the press"))?.map_err(Problem::defect)?.forget();
    let turn = Turn(state.clone());
    tokio::task::spawn_blocking(move || work(&turn.0)).await.map_err(Problem::defect)
}

/// A turn, given back whatever becomes of the request.
struct Turn(web::Data<State>);

impl Drop for Turn {
    fn drop(&mut self) {
        self.0.press.add_permits(1);
    }
}
