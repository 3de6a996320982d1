//! Questions to whoever answers for the store: the running daemon, over HTTP, or the store itself, which is
//! then read.
//!
//! The daemon is found by the first of these that tells of one:
//!
//! | place | finds |
//! | --- | --- |
//! | the note beside the store's lock, while it is locked | a daemon at any address |
//! | the configured address (`listen`, `--listen`), when what answers there runs with the same configuration and store | a daemon of another user, whose folder this one must not read |

use std::collections::BTreeSet;
use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use url::Url;

use super::load::{self, LenientConfig};
use super::{CliError, start_runtime};
use crate::config::Config;
use crate::fetch::{self, Client, FetchRequest, FetchResponse};
use crate::http::{KEY_HEADER, Resource};
use crate::model::Coding;
use crate::poller::settings;
use crate::publish::Renderer;
use crate::render::status::InstanceStatus;
use crate::store::{lock_owner, read_folder_key};

/// The daemon is on this machine: it answers at once or not at all.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(15);
/// No answer of the daemon is larger.
const MAX_RESPONSE_BYTES: u64 = 256 * 1024 * 1024;

/// The address of the daemon that answers for the store. `None`: none runs.
pub(super) fn find_daemon(config: &Config) -> Result<Option<Url>, CliError> {
    find_matching_daemon(config, DaemonMatch::SameConfigAndStore)
}

/// The same by a configuration that may not be understood: the store that it names may be another one.
pub(super) fn find_daemon_leniently(understood: &LenientConfig) -> Result<Option<Url>, CliError> {
    let Some(refused) = &understood.error else {
        return find_matching_daemon(&understood.config, DaemonMatch::SameConfigAndStore);
    };
    find_matching_daemon(&understood.config, DaemonMatch::SameConfig).map_err(|failed| {
        // Without a daemon it is the file that has to be seen to.
        let message = format!("{}\n{}", refused.message, failed.message);
        CliError { code: refused.code, message }
    })
}

/// Which daemon is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum DaemonMatch {
    /// The one that runs with this configuration's file.
    SameConfig,
    /// The one that runs with this configuration's file and this store.
    SameConfigAndStore,
}

fn find_matching_daemon(config: &Config, which: DaemonMatch) -> Result<Option<Url>, CliError> {
    let lock = lock_owner(&config.store.path);
    if let Ok(Some(owner)) = &lock {
        let serves = owner.serves.as_deref().and_then(|serves| Url::parse(serves).ok());
        return match serves {
            Some(url) => Ok(Some(to_local_url(url))),
            None => Err(CliError::working(format!(
                "error: the store is held by {owner}, which serves nothing; try again when it has ended"
            ))),
        };
    }
    let listen = configured_url(config);
    let found = listen
        .as_ref()
        .map_or(Responder::NoDaemon, |listen| identify_responder(listen, config, which));
    match (found, lock) {
        (Responder::Matching, _) => Ok(listen),
        (_, Ok(_)) => Ok(None),
        (found, Err(error)) => {
            let listen = config.serve.listen;
            let there = match found {
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

/// Where the daemon of a configuration is to be asked. `None`: any port may be its.
pub(super) fn configured_url(config: &Config) -> Option<Url> {
    let listen = config.serve.listen;
    let url = Url::parse(&format!("http://{listen}/")).ok();
    url.filter(|_| listen.port() != 0).map(to_local_url)
}

/// What answers at an address.
enum Responder {
    /// The daemon that is meant.
    Matching,
    /// Another daemon.
    Different,
    /// Nothing, or no daemon.
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

/// An address that listens everywhere is reached on this machine.
fn to_local_url(mut url: Url) -> Url {
    let local = match url.host() {
        Some(url::Host::Ipv4(ip)) if ip.is_unspecified() => Some("127.0.0.1"),
        Some(url::Host::Ipv6(ip)) if ip.is_unspecified() => Some("[::1]"),
        _ => None,
    };
    if let Some(local) = local {
        // A host of an http address can always be replaced by another.
        let _ = url.set_host(Some(local));
    }
    url
}

/// What an output holds: by the daemon, at a path that only those may see who can read the store's folder, or
/// from the store. The configuration may not be understood.
pub(super) fn get_as_operator(
    understood: LenientConfig,
    path: &str,
    wanted: &Resource,
) -> Result<Vec<u8>, CliError> {
    if let Some(base) = find_daemon_leniently(&understood)? {
        understood.warn_if_refused();
        return get_with_key(&understood.config, &base, path);
    }
    let press = load::open_renderer(&understood.into_config()?)?;
    Ok(render_locally(&press, wanted)?.unwrap_or_default())
}

/// What an output holds, from the store; `None`: there is no such output.
pub(super) fn render_locally(
    press: &Renderer,
    wanted: &Resource,
) -> Result<Option<Vec<u8>>, CliError> {
    let printed = press.render(wanted, None, Timestamp::now());
    let printed = printed.map_err(|error| CliError::working(format!("error: {error}")))?;
    let body = printed.and_then(|done| done.bodies.get(&Coding::Identity).cloned());
    Ok(body.map(|body| body.to_vec()))
}

/// A JSON response of the daemon.
pub(super) fn parse_json_response<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, CliError> {
    serde_json::from_slice(bytes).map_err(|error| {
        CliError::working(format!("error: the daemon's response cannot be read: {error}"))
    })
}

/// Asks for a path that only those may see who can read the store's folder.
fn get_with_key(config: &Config, base: &Url, path: &str) -> Result<Vec<u8>, CliError> {
    let headers = [(KEY_HEADER.to_owned(), read_key(config)?)];
    Ok(get_with_headers(base, &[path.to_owned()], &headers)?.pop().unwrap_or_default())
}

/// The word that only those know who can read the store's folder.
fn read_key(config: &Config) -> Result<String, CliError> {
    read_folder_key(&config.store.path).map_err(|error| {
        let file = config.store.path.join("key");
        CliError::working(format!(
            "error: the daemon answers this only to those who can read {}: {error}\n  run this as the \
             user that the daemon runs as, or as root; `rafid status` and `rafid search` need no key",
            file.display()
        ))
    })
}

/// Asks for paths below `base`, one after another.
pub(super) fn get_all(base: &Url, paths: &[String]) -> Result<Vec<Vec<u8>>, CliError> {
    get_with_headers(base, paths, &[])
}

fn get_with_headers(
    base: &Url,
    paths: &[String],
    headers: &[(String, String)],
) -> Result<Vec<Vec<u8>>, CliError> {
    let failed = |error: &dyn std::fmt::Display| unreachable_error(base, error);
    let client = build_client(base)?;
    start_runtime()?.block_on(async {
        let mut bodies = Vec::with_capacity(paths.len());
        for path in paths {
            let url = base.join(path).map_err(|error| failed(&error))?;
            let answer = client
                .get(&FetchRequest { headers, ..FetchRequest::new(&url) }, Timestamp::now())
                .await;
            match answer.map_err(|error| failed(&error))? {
                FetchResponse::Fresh { document, .. } => bodies.push(document.bytes),
                FetchResponse::NotModified { .. } => {
                    return Err(failed(&"it answered 304 unasked"));
                }
            }
        }
        Ok(bodies)
    })
}

/// Who asks the daemon at `base`.
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

fn unreachable_error(base: &Url, error: &dyn std::fmt::Display) -> CliError {
    CliError::working(format!("error: the daemon at {base} does not answer: {error}"))
}

/// Asks for the files of the folder that is the whole site, as long as `next` names one, and hands it the
/// bytes of the one before; `None`: there is no such file.
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
                    return Err(unreachable_error(base, &"it answered 304 unasked"));
                }
                // A story that ended meanwhile.
                Err(error) if error.status() == Some(404) => None,
                Err(error) => return Err(unreachable_error(base, &error)),
            };
        }
        Ok(())
    })
}

/// Asks for one path below `base`.
pub(super) fn get(base: &Url, path: &str) -> Result<Vec<u8>, CliError> {
    Ok(get_all(base, &[path.to_owned()])?.pop().unwrap_or_default())
}
