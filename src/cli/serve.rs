//! `legation serve`: the service, until Ctrl-C or SIGTERM.

use std::sync::Arc;

use crate::clock::SystemClock;
use crate::config::Config;
use crate::startup::{App, StartError};
use crate::telemetry;

/// Serves until told to stop, then drains.
///
/// # Errors
/// What is missing or wrong, in one sentence with the name of the setting.
pub fn run(config: Config) -> Result<(), StartError> {
    telemetry::init(&config.log).map_err(|fault| StartError(fault.to_string()))?;
    for warning in config.warnings() {
        tracing::warn!("{warning}");
    }
    let app = App::build(config, Arc::new(SystemClock), false)?;
    let address = app.base().to_owned();
    let ready = || {
        tracing::info!(address, "serving");
        Ok(())
    };
    app.serve(ready).map_err(|cause| StartError::of("server.addr", cause))?;
    tracing::info!("stopped");
    Ok(())
}
