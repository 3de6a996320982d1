//! A request of a command → the response of the running daemon over HTTP, or the same bytes from the store where
//! no daemon runs.
//!
//! The first of these places that leads to a daemon counts:
//!
//! | place | finds |
//! | --- | --- |
//! | the address beside the lock of the store, while the store is locked | a daemon at any address |
//! | the configured address (`listen`, `--listen`), if the daemon there runs with the same configuration and store | a daemon of another user, whose folder this user must not read |

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::load::{self, LenientConfig};
use super::{CliError, start_runtime};
use crate::config::Config;
use crate::fetch::{self, Client, FetchError, FetchRequest, FetchResponse};
use crate::http::{KEY_HEADER, Resource};
use crate::poller::settings;
use crate::publish::Renderer;
use crate::render::status::InstanceStatus;
use crate::store::{lock_owner, read_folder_key};

/// The daemon runs on this machine: it answers at once or not at all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// No response of the daemon is larger.
const MAX_RESPONSE_BYTES: u64 = 256 * 1024 * 1024;

/// The address of the daemon that has the store open. `None`: no daemon runs.
pub(super) fn find_daemon(config: &Config) -> Result<Option<Url>, CliError> {
    find_matching_daemon(config, DaemonMatch::SameConfigAndStore)
}

/// The same for a configuration that may contain mistakes: the store that it names may be another one.
pub(super) fn find_daemon_leniently(loaded: &LenientConfig) -> Result<Option<Url>, CliError> {
    let Some(refused) = &loaded.error else {
        return find_matching_daemon(&loaded.config, DaemonMatch::SameConfigAndStore);
    };
    find_matching_daemon(&loaded.config, DaemonMatch::SameConfig).map_err(|error| {
        // Without a daemon the mistakes of the file have to be fixed first.
        let message = format!("{}\n{}", refused.message, error.message);
        CliError { code: refused.code, message }
    })
}

/// Which daemon a command looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DaemonMatch {
    /// The one that runs with this configuration file.
    SameConfig,
    /// The one that runs with this configuration file and this store.
    SameConfigAndStore,
}

fn find_matching_daemon(config: &Config, which: DaemonMatch) -> Result<Option<Url>, CliError> {
    let lock = lock_owner(&config.store.path);
    if let Ok(Some(owner)) = &lock {
        let serves = owner.serves.as_deref().and_then(|serves| Url::parse(serves).ok());
        return match serves {
            Some(url) => Ok(Some(to_local_url(url))),
            None => Err(CliError::working(format!(
                "error: the store is open in {owner}, which serves nothing; try again when it has ended"
            ))),
        };
    }
    let listen = local_url_of(config.serve.admin_listen.unwrap_or(config.serve.listen));
    let responder = listen
        .as_ref()
        .map_or(Responder::NoDaemon, |listen| identify_responder(listen, config, which));
    match (responder, lock) {
        (Responder::Matching, _) => Ok(listen),
        (_, Ok(_)) => Ok(None),
        (responder, Err(error)) => {
            let listen = config.serve.listen;
            let there = match responder {
                Responder::Different => {
                    format!("what answers at {listen} is a daemon of another store")
                }
                _ => format!("no daemon answers at {listen}"),
            };
            Err(CliError::working(format!(
                "error: {error}\n  {there}\n  name the daemon's address with --listen, or run this as the \
                 user that the store belongs to, or as root"
            )))
        }
    }
}

/// The address at which the daemon of a configuration answers. `None`: the system chooses its port.
pub(super) fn configured_url(config: &Config) -> Option<Url> {
    local_url_of(config.serve.listen)
}

fn local_url_of(listen: SocketAddr) -> Option<Url> {
    let url = Url::parse(&format!("http://{listen}/")).ok();
    url.filter(|_| listen.port() != 0).map(to_local_url)
}

/// What answers at an address.
enum Responder {
    /// The daemon that the command looks for.
    Matching,
    /// Another daemon.
    Different,
    /// Nothing, or another program.
    NoDaemon,
}

/// The part of a status report that says which daemon wrote it; a report of any version has it.
#[derive(Deserialize)]
struct ReportIdentity {
    schema_version: Option<u64>,
    #[serde(default)]
    instance: InstanceStatus,
}

fn identify_responder(listen: &Url, config: &Config, which: DaemonMatch) -> Responder {
    let Ok(bytes) = get(listen, "status.json") else { return Responder::NoDaemon };
    let Ok(report) = parse_json_response::<ReportIdentity>(&bytes) else {
        return Responder::NoDaemon;
    };
    let (ours, theirs) = (settings::instance_status(config), report.instance);
    let is_same_config = theirs.configuration == ours.configuration;
    let is_same_store = which == DaemonMatch::SameConfig || theirs.store == ours.store;
    match (is_same_config && is_same_store, report.schema_version) {
        (true, _) => Responder::Matching,
        (false, Some(_)) => Responder::Different,
        (false, None) => Responder::NoDaemon,
    }
}

/// The loopback address for an address that listens on all interfaces.
fn to_local_url(mut url: Url) -> Url {
    let local = match url.host() {
        Some(url::Host::Ipv4(ip)) if ip.is_unspecified() => Some("127.0.0.1"),
        Some(url::Host::Ipv6(ip)) if ip.is_unspecified() => Some("[::1]"),
        _ => None,
    };
    if let Some(local) = local {
        // The host of an http address can always be replaced.
        let _ = url.set_host(Some(local));
    }
    url
}

/// The body of a resource that only users who can read the store's folder may see: from the daemon, at `path`, or
/// from the store. The configuration may contain mistakes.
pub(super) fn get_as_operator(
    loaded: LenientConfig,
    path: &str,
    resource: &Resource,
) -> Result<Vec<u8>, CliError> {
    if let Some(base) = find_daemon_leniently(&loaded)? {
        loaded.warn_if_refused();
        return get_with_key(&loaded.config, &base, path);
    }
    let renderer = load::open_renderer(&loaded.into_config()?)?;
    Ok(render_locally(&renderer, resource)?.unwrap_or_default())
}

/// The body of a resource, rendered from the store. `None`: there is no such resource.
pub(super) fn render_locally(
    renderer: &Renderer,
    resource: &Resource,
) -> Result<Option<Vec<u8>>, CliError> {
    let rendition = renderer.render(resource, None, Timestamp::now());
    let rendition = rendition.map_err(|error| CliError::working(format!("error: {error}")))?;
    Ok(rendition.map(|it| it.body.to_vec()))
}

/// A JSON response of the daemon.
pub(super) fn parse_json_response<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CliError> {
    serde_json::from_slice(bytes).map_err(|error| {
        CliError::working(format!("error: the daemon's response cannot be read: {error}"))
    })
}

/// Requests a path that only users who can read the store's folder may see.
fn get_with_key(config: &Config, base: &Url, path: &str) -> Result<Vec<u8>, CliError> {
    let headers = [(KEY_HEADER.to_owned(), read_key(config)?)];
    get_with_headers(base, path, &headers)
}

/// The key of the store's folder: only users who can read the folder know it.
pub(super) fn read_key(config: &Config) -> Result<String, CliError> {
    read_folder_key(&config.store.path).map_err(|error| {
        let file = config.store.path.join("key");
        CliError::working(format!(
            "error: the daemon answers this only to those who can read {}: {error}\n  run this as the \
             user that the daemon runs as, or as root; `rafid status` and `rafid search` need no key",
            file.display()
        ))
    })
}

/// Requests a path below `base` that the daemon may show to everyone, or to the operator alone: with the key, if
/// this user can read it.
pub(super) fn get_as_user(config: &Config, base: &Url, path: &str) -> Result<Vec<u8>, CliError> {
    let key = read_folder_key(&config.store.path).ok();
    let headers: Vec<_> = key.into_iter().map(|key| (KEY_HEADER.to_owned(), key)).collect();
    get_with_headers(base, path, &headers)
}

fn get_with_headers(
    base: &Url,
    path: &str,
    headers: &[(String, String)],
) -> Result<Vec<u8>, CliError> {
    let url = base.join(path).map_err(|error| unreachable_error(base, &error))?;
    let client = build_client(base)?;
    let request = FetchRequest { headers, ..FetchRequest::new(&url) };
    let response = start_runtime()?.block_on(client.get(&request, Timestamp::now()));
    match response.map_err(|error| no_answer_error(base, &error))? {
        FetchResponse::Fresh { document, .. } => Ok(document.bytes),
        FetchResponse::NotModified { .. } => {
            Err(unreachable_error(base, &"it answered 304 to an unconditional request"))
        }
    }
}

/// The HTTP client for the daemon at `base`.
fn build_client(base: &Url) -> Result<Client, CliError> {
    let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = base.port_or_known_default().unwrap_or(80);
    let settings = fetch::FetchSettings {
        user_agent: fetch::user_agent(env!("CARGO_PKG_VERSION"), None),
        timeout: REQUEST_TIMEOUT,
        max_bytes: MAX_RESPONSE_BYTES,
        per_host: 2,
        allow_private: BTreeSet::from([(host, port)]),
        proxy: None,
    };
    Client::new(&settings).map_err(|error| unreachable_error(base, &error))
}

pub(super) fn unreachable_error(base: &Url, error: &dyn std::fmt::Display) -> CliError {
    CliError::working(format!("error: the daemon at {base} does not answer: {error}"))
}

fn no_answer_error(base: &Url, error: &FetchError) -> CliError {
    match error.status() {
        Some(503) => CliError::working(format!(
            "error: the daemon at {base} cannot answer yet
  {base}readyz says why, and how far a recovery of its \
             store is; try again when it is ready"
        )),
        Some(401 | 404) => CliError::working(format!(
            "error: the daemon at {base} shows this to the operator alone\n  run this as the user that the daemon \
             runs as, or as root"
        )),
        _ => unreachable_error(base, error),
    }
}

/// Requests files of the static site as long as `next` names one. `next` gets the bytes of the file before;
/// `None`: there is no such file.
pub(super) fn fetch_site_files(
    config: &Config,
    base: &Url,
    next: &mut dyn FnMut(Option<Vec<u8>>) -> Result<Option<String>, CliError>,
) -> Result<(), CliError> {
    let headers = [(KEY_HEADER.to_owned(), read_key(config)?)];
    let client = build_client(base)?;
    start_runtime()?.block_on(async {
        let mut bytes = None;
        while let Some(path) = next(bytes.take())? {
            let mut url = base.join("folder").map_err(|error| unreachable_error(base, &error))?;
            url.query_pairs_mut().append_pair("file", &path);
            let request = FetchRequest { headers: &headers, ..FetchRequest::new(&url) };
            bytes = match client.get(&request, Timestamp::now()).await {
                Ok(FetchResponse::Fresh { document, .. }) => Some(document.bytes),
                Ok(FetchResponse::NotModified { .. }) => {
                    return Err(unreachable_error(
                        base,
                        &"it answered 304 to an unconditional request",
                    ));
                }
                // A story that ended in the meantime.
                Err(error) if error.status() == Some(404) => None,
                Err(error) => return Err(no_answer_error(base, &error)),
            };
        }
        Ok(())
    })
}

/// Requests a path below `base` that everyone on this machine may see.
pub(super) fn get(base: &Url, path: &str) -> Result<Vec<u8>, CliError> {
    get_with_headers(base, path, &[])
}
