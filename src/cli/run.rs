//! `rafid run`: the configuration → the daemon, until a signal stops it. A store that is found to be damaged is opened
//! again, while the same server goes on.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use tokio_util::sync::CancellationToken;

use super::args::CommonArgs;
use super::open_while_serving::open_while_serving;
use super::{CliError, eprint, load, log, progress, start_runtime};
use crate::config::Config;
use crate::http::{Server, ShutdownResult};
use crate::poller::{self, DaemonArgs, RunError, Signals, settings};
use crate::store::{ClosingWatch, Store, StoreOptions};

/// Tasks of the background get this long to end: with the last of them the store is closed.
const TASK_STOP_TIMEOUT: Duration = Duration::from_secs(2);
/// A store that is found to be damaged within this time after a recovery stays as it is: its disk fails, or what is
/// wrong cannot be recovered, and an operator is needed.
const RECOVERY_INTERVAL: Duration = Duration::from_hours(1);
/// Tasks that still read a damaged store get this long to end: a client that takes nothing of a backup is cut off after
/// half of it.
const STORE_CLOSE_TIMEOUT: Duration = Duration::from_mins(1);
/// How often it is looked at whether they have.
const CLOSE_CHECK_INTERVAL: Duration = Duration::from_millis(20);

/// Checks the configuration, binds the address, opens the store, and runs.
pub(super) fn run(common: &CommonArgs) -> Result<(), CliError> {
    let config = load::load_config_for_fetching(common)?;
    let runtime = start_runtime()?;
    let done = runtime.block_on(async {
        let stop = CancellationToken::new();
        let mut server = bind_server(&config, stop.clone())?;
        let done = run_daemon(common, config, &mut server, &stop).await;
        stop.cancel();
        if let ShutdownResult::CutOff(count) = server.finish().await {
            tracing::warn!(connections = count, "requests were cut off at the deadline");
        }
        done
    });
    // A background task that still runs (a read that hangs) hardly delays the exit.
    runtime.shutdown_timeout(TASK_STOP_TIMEOUT);
    if done.is_ok() {
        tracing::info!("stopped");
    }
    done
}

fn bind_server(config: &Config, stop: CancellationToken) -> Result<Server, CliError> {
    let serve = &config.serve;
    let bound = Server::bind(serve.listen, stop).map_err(|error| (LISTEN, serve.listen, error));
    let bound = bound.and_then(|mut server| {
        let Some(admin) = serve.admin_listen else { return Ok(server) };
        server.bind_admin(admin).map_err(|error| (ADMIN_LISTEN, admin, error))?;
        Ok(server)
    });
    let server = bound.or_else(|(setting, address, error)| {
        // Where another daemon has the store open, that is the better explanation.
        load::open_store(&load::store_options(config)?)?;
        Err(bind_error(setting, address, &error))
    })?;
    // While the store is being opened, too, no one sees more than later.
    let access = server.access();
    let rules = settings::access_rules(config, &access.load())
        .map_err(|error| CliError::working(format!("error: the system refused: {error}")))?;
    access.store(Arc::new(rules));
    Ok(server)
}

/// Runs until a signal or a failure. Damage ends the daemon's tasks, but not the server.
async fn run_daemon(
    common: &CommonArgs,
    mut config: Config,
    server: &mut Server,
    stop: &CancellationToken,
) -> Result<(), CliError> {
    let load_config = load::config_loader(common, &config);
    let mut store = open_store(&config, server).await?;
    let address = server.address();
    if !log::is_json(common) {
        let base = format!("http://{address}/");
        eprint(&format!("serving {base} (feeds: {base}feed.xml, {base}atom.xml, {base}feed.json)"));
        if let Some(admin) = server.admin_address() {
            eprint(&format!("serving the operator at http://{admin}/"));
        }
    }
    let signals = Signals::listen(stop.clone())
        .map_err(|error| CliError::working(format!("error: the system refused: {error}")))?;
    let (mut recover_after, started_at) = (Instant::now(), Timestamp::now());
    loop {
        let sources = config.sources.len();
        let admin = server.admin_address().map(tracing::field::display);
        tracing::info!(%address, admin, sources, config = %config.path.display(), "serving");
        let closing = store.closing_watch();
        let daemon = DaemonArgs {
            store,
            config,
            load_config: Arc::clone(&load_config),
            on_event: progress::event_sink(common),
            started_at,
            recover_after,
        };
        let damaged = match poller::run(daemon, server, &signals).await {
            Err(RunError::Damaged(damaged)) => damaged,
            ended => {
                return ended.map_err(|error| CliError::working(format!("error: {error}")));
            }
        };
        tracing::error!(error = damaged.why, "the store is damaged; it is opened again");
        config = match damaged.config {
            Some(config) => *config,
            None => load::load_config_for_fetching(common)?,
        };
        let reopened = tokio::select! {
            reopened = reopen_store(&closing, &config, server) => reopened,
            () = stop.cancelled() => return Ok(()),
        };
        store = reopened?;
        recover_after = Instant::now() + RECOVERY_INTERVAL;
    }
}

async fn open_store(config: &Config, server: &mut Server) -> Result<Store, CliError> {
    let address = server.address();
    let site = || settings::build_site(config, Some(&address.to_string()));
    // Where commands find the daemon: readers' addresses do not show them everything.
    let own_address = format!("http://{}/", server.admin_address().unwrap_or(address));
    let options = StoreOptions { serves: Some(own_address), ..load::store_options(config)? };
    open_while_serving(options, server, site).await
}

/// Waits until no task uses the store any more, and opens it again.
async fn reopen_store(
    closing: &ClosingWatch,
    config: &Config,
    server: &mut Server,
) -> Result<Store, CliError> {
    let closed = async {
        while !closing.is_closed() {
            tokio::time::sleep(CLOSE_CHECK_INTERVAL).await;
        }
    };
    if tokio::time::timeout(STORE_CLOSE_TIMEOUT, closed).await.is_err() {
        let message =
            "error: the damaged store is still in use: end this process and start it again";
        return Err(CliError::working(message));
    }
    open_store(config, server).await
}

/// Ports below this one are privileged: binding them needs a capability (ip(7)).
const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

/// Where the addresses are set.
const LISTEN: &str = "with --listen, or `listen` under [serve]";
const ADMIN_LISTEN: &str = "as `admin_listen` under [serve]";

/// `setting` is where the address is set.
fn bind_error(setting: &str, listen: SocketAddr, error: &Error) -> CliError {
    let port = listen.port();
    let advice = match error.kind() {
        ErrorKind::AddrInUse => {
            format!("another program serves there; choose another address {setting}")
        }
        ErrorKind::AddrNotAvailable => {
            "no interface of this machine has that address; 0.0.0.0 and [::] are all of them"
                .to_owned()
        }
        ErrorKind::PermissionDenied if port < FIRST_UNPRIVILEGED_PORT => format!(
            "ports below 1024 are privileged: choose one from 1024 on and put a proxy before it, or give \
             the program the right\n  under systemd (`systemctl edit rafid`): \
             AmbientCapabilities=CAP_NET_BIND_SERVICE, CapabilityBoundingSet=CAP_NET_BIND_SERVICE, \
             PrivateUsers=no, SocketBindAllow=tcp:{port}"
        ),
        ErrorKind::PermissionDenied => format!(
            "the system forbids that port; the systemd unit allows only 8080: `systemctl edit rafid`, and \
             there SocketBindAllow=tcp:{port} under [Service]"
        ),
        _ => format!("choose another address {setting}"),
    };
    CliError::working(format!("error: cannot serve at {listen}: {error}\n  {advice}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bind_errors_are_reported_with_advice() {
        let check = |listen: &str, code: i32, expected: &[&str]| {
            let error = Error::from_raw_os_error(code);
            let message = bind_error(LISTEN, listen.parse().unwrap(), &error).message;
            for words in expected.iter().chain(&[&*format!("cannot serve at {listen}: ")]) {
                assert!(message.contains(words), "{words} in {message}");
            }
        };
        let (access, permission, in_use, no_such) = (13, 1, 98, 99);
        let rights = ["CAP_NET_BIND_SERVICE", "SocketBindAllow=tcp:80", "proxy", "os error 13"];
        check("0.0.0.0:80", access, &rights);
        check("[::1]:443", permission, &["CAP_NET_BIND_SERVICE", "SocketBindAllow=tcp:443"]);
        check("127.0.0.1:9000", permission, &["SocketBindAllow=tcp:9000"]);
        check("127.0.0.1:9000", in_use, &["another program", "--listen"]);
        check("192.0.2.1:9000", no_such, &["no interface"]);
    }
}
