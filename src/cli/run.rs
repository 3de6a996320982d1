//! `rafid run`: the configuration → the daemon, until a signal stops it.

use std::io::{Error, ErrorKind};
use std::net::SocketAddr;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::args::CommonArgs;
use super::open_while_serving::open_while_serving;
use super::{CliError, eprint, load, log, progress, start_runtime};
use crate::config::Config;
use crate::http;
use crate::poller::{self, DaemonArgs, settings};
use crate::store::{StoreOptions, is_damaged};

/// Tasks of the background get this long to end: with the last of them the store is closed.
const TASK_STOP_TIMEOUT: Duration = Duration::from_secs(2);

/// Checks the configuration, binds the address, opens the store, and runs.
pub(super) fn run(common: &CommonArgs) -> Result<(), CliError> {
    let config = load::load_config_for_fetching(common)?;
    let folder = config.store.path.clone();
    match run_daemon(common, config) {
        // The store is recovered when it is opened again. A disk that fails at once again needs an operator.
        Err(error) if is_damaged(&folder) => {
            tracing::error!(error = %error.message, "the store is damaged; it is opened again");
            run_daemon(common, load::load_config_for_fetching(common)?)
        }
        done => done,
    }
}

fn run_daemon(common: &CommonArgs, config: Config) -> Result<(), CliError> {
    let load_config = load::config_loader(common, &config);
    let options = load::store_options(&config)?;
    let runtime = start_runtime()?;
    let done = runtime.block_on(async {
        let listen = config.serve.listen;
        let listener = match http::bind(listen) {
            Ok(listener) => listener,
            Err(error) => {
                // Where another daemon has the store open, that is the better explanation.
                load::open_store(&options)?;
                return Err(bind_error(listen, &error));
            }
        };
        let address = listener.local_addr().unwrap_or(listen);
        let site = || settings::build_site(&config, Some(&address.to_string()));
        let serves = format!("http://{address}/");
        let options = StoreOptions { serves: Some(serves.clone()), ..options };
        let store = open_while_serving(options, &listener, site).await?;
        let sources = config.sources.len();
        tracing::info!(%address, sources, config = %config.path.display(), "serving");
        if !log::is_json(common) {
            eprint(&format!(
                "serving {serves} (feeds: {serves}feed.xml, {serves}atom.xml, {serves}feed.json)"
            ));
        }
        let daemon = DaemonArgs {
            store,
            config,
            load_config,
            listener,
            on_event: progress::event_sink(common),
        };
        poller::run(daemon, CancellationToken::new())
            .await
            .map_err(|error| CliError::working(format!("error: {error}")))
    });
    // A background task that still runs (a read that hangs) hardly delays the exit.
    runtime.shutdown_timeout(TASK_STOP_TIMEOUT);
    if done.is_ok() {
        tracing::info!("stopped");
    }
    done
}

/// Ports below this one are privileged: binding them needs a capability (ip(7)).
const FIRST_UNPRIVILEGED_PORT: u16 = 1024;

fn bind_error(listen: SocketAddr, error: &Error) -> CliError {
    let port = listen.port();
    let advice = match error.kind() {
        ErrorKind::AddrInUse => {
            "another program serves there; choose another address with --listen, or `listen` under [serve]"
                .to_owned()
        }
        ErrorKind::AddrNotAvailable => {
            "no interface of this machine has that address; 0.0.0.0 and [::] are all of them".to_owned()
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
        _ => "choose another address with --listen, or `listen` under [serve]".to_owned(),
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
            let message = bind_error(listen.parse().unwrap(), &error).message;
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
