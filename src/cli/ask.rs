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
use serde_json::Value;
use url::Url;

use super::load::Understood;
use super::{Failed, load, runtime};
use crate::config::Config;
use crate::daemon::fetch::{self, Answer, Client, Request};
use crate::daemon::publish::Press;
use crate::daemon::run::translate;
use crate::daemon::serve::{KEY_HEADER, Wanted};
use crate::daemon::store::{holder, key_of};
use crate::feed::model::Coding;

/// The daemon is on this machine: it answers at once or not at all.
const PATIENCE: Duration = Duration::from_secs(15);
/// No answer of the daemon is larger.
const MOST_BYTES: u64 = 256 * 1024 * 1024;

/// The address of the daemon that answers for the store. `None`: none runs.
pub(super) fn daemon(config: &Config) -> Result<Option<Url>, Failed> {
    find(config, Which::ThisStore)
}

/// The same by a configuration that may not be understood: the store that it names may be another one.
pub(super) fn daemon_of(understood: &Understood) -> Result<Option<Url>, Failed> {
    let Some(refused) = &understood.refused else {
        return find(&understood.config, Which::ThisStore);
    };
    find(&understood.config, Which::ThisFile).map_err(|failed| {
        // Without a daemon it is the file that has to be seen to.
        let message = format!("{}\n{}", refused.message, failed.message);
        Failed { code: refused.code, message }
    })
}

/// Which daemon is meant.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Which {
    /// The one that runs with this configuration's file.
    ThisFile,
    /// The one that runs with this configuration's file and this store.
    ThisStore,
}

fn find(config: &Config, which: Which) -> Result<Option<Url>, Failed> {
    let lock = holder(&config.store.path);
    if let Ok(Some(owner)) = &lock {
        let serves = owner.serves.as_deref().and_then(|serves| Url::parse(serves).ok());
        return match serves {
            Some(url) => Ok(Some(reachable(url))),
            None => Err(Failed::working(format!(
                "error: the store is held by {owner}, which serves nothing; try again when it has ended"
            ))),
        };
    }
    let listen = listen(config);
    let found = listen.as_ref().map_or(Found::Nothing, |listen| who_answers(listen, config, which));
    match (found, lock) {
        (Found::Ours, _) => Ok(listen),
        (_, Ok(_)) => Ok(None),
        (found, Err(error)) => {
            let listen = config.serve.listen;
            let there = match found {
                Found::Other => format!("what answers at {listen} is a daemon of another store"),
                _ => format!("no daemon answers at {listen}"),
            };
            Err(Failed::working(format!(
                "error: {error}\n  {there}\n  name the daemon's address with --listen, or run this as the \
                 user that the store belongs to, or as root"
            )))
        }
    }
}

/// Where the daemon of a configuration is to be asked. `None`: any port may be its.
pub(super) fn listen(config: &Config) -> Option<Url> {
    let listen = config.serve.listen;
    let url = Url::parse(&format!("http://{listen}/")).ok();
    url.filter(|_| listen.port() != 0).map(reachable)
}

/// What answers at an address.
enum Found {
    /// The daemon that is meant.
    Ours,
    /// Another daemon.
    Other,
    /// Nothing, or no daemon.
    Nothing,
}

fn who_answers(listen: &Url, config: &Config, which: Which) -> Found {
    let Ok(answer) = get(listen, "status.json") else { return Found::Nothing };
    let Ok(report) = report(&answer) else { return Found::Nothing };
    let ours = translate::instance(config);
    let its = &report["instance"];
    let is_file = its["configuration"] == ours.configuration.as_str();
    let is_store = which == Which::ThisFile || its["store"] == ours.store.as_str();
    match (is_file && is_store, report["schema_version"].is_u64()) {
        (true, _) => Found::Ours,
        (false, true) => Found::Other,
        (false, false) => Found::Nothing,
    }
}

/// An address that listens everywhere is reached on this machine.
fn reachable(mut url: Url) -> Url {
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
pub(super) fn privately(
    understood: Understood,
    path: &str,
    wanted: &Wanted,
) -> Result<Vec<u8>, Failed> {
    if let Some(base) = daemon_of(&understood)? {
        understood.warn();
        return get_privately(&understood.config, &base, path);
    }
    let press = load::press(&understood.whole()?)?;
    Ok(printed(&press, wanted)?.unwrap_or_default())
}

/// What an output holds, from the store; `None`: there is no such output.
pub(super) fn printed(press: &Press, wanted: &Wanted) -> Result<Option<Vec<u8>>, Failed> {
    let printed = press.print(wanted, None, Timestamp::now());
    let printed = printed.map_err(|error| Failed::working(format!("error: {error}")))?;
    let body = printed.and_then(|done| done.bodies.get(&Coding::Identity).cloned());
    Ok(body.map(|body| body.to_vec()))
}

/// An answer of the daemon, which is JSON.
pub(super) fn report(answer: &[u8]) -> Result<Value, Failed> {
    serde_json::from_slice(answer)
        .map_err(|error| Failed::working(format!("error: the daemon's answer is odd: {error}")))
}

/// Asks for a path that only those may see who can read the store's folder.
fn get_privately(config: &Config, base: &Url, path: &str) -> Result<Vec<u8>, Failed> {
    let headers = [(KEY_HEADER.to_owned(), key(config)?)];
    Ok(get_with(base, &[path.to_owned()], &headers)?.pop().unwrap_or_default())
}

/// The word that only those know who can read the store's folder.
fn key(config: &Config) -> Result<String, Failed> {
    key_of(&config.store.path).map_err(|error| {
        let file = config.store.path.join("key");
        Failed::working(format!(
            "error: the daemon answers this only to those who can read {}: {error}\n  run this as the \
             user that the daemon runs as, or as root; `rafid status` and `rafid search` need no key",
            file.display()
        ))
    })
}

/// Asks for paths below `base`, one after another.
pub(super) fn get_all(base: &Url, paths: &[String]) -> Result<Vec<Vec<u8>>, Failed> {
    get_with(base, paths, &[])
}

fn get_with(
    base: &Url,
    paths: &[String],
    headers: &[(String, String)],
) -> Result<Vec<Vec<u8>>, Failed> {
    let failed = |error: &dyn std::fmt::Display| silent(base, error);
    let client = client(base)?;
    runtime()?.block_on(async {
        let mut bodies = Vec::with_capacity(paths.len());
        for path in paths {
            let url = base.join(path).map_err(|error| failed(&error))?;
            let answer =
                client.get(&Request { headers, ..Request::new(&url) }, Timestamp::now()).await;
            match answer.map_err(|error| failed(&error))? {
                Answer::Fresh { document, .. } => bodies.push(document.bytes),
                Answer::NotModified { .. } => return Err(failed(&"it answered 304 unasked")),
            }
        }
        Ok(bodies)
    })
}

/// Who asks the daemon at `base`.
fn client(base: &Url) -> Result<Client, Failed> {
    let host = base.host_str().unwrap_or_default().trim_matches(['[', ']']).to_owned();
    let port = base.port_or_known_default().unwrap_or(80);
    let settings = fetch::Settings {
        user_agent: fetch::user_agent(env!("CARGO_PKG_VERSION"), None),
        timeout: PATIENCE,
        max_bytes: MOST_BYTES,
        per_host: 2,
        allow_private: BTreeSet::from([(host, port)]),
        proxy: None,
    };
    Client::new(&settings).map_err(|error| silent(base, &error))
}

fn silent(base: &Url, error: &dyn std::fmt::Display) -> Failed {
    Failed::working(format!("error: the daemon at {base} does not answer: {error}"))
}

/// Asks for the files of the folder that is the whole site, as long as `next` names one, and hands it the
/// bytes of the one before; `None`: there is no such file.
pub(super) fn folder(
    config: &Config,
    base: &Url,
    next: &mut dyn FnMut(Option<Vec<u8>>) -> Result<Option<String>, Failed>,
) -> Result<(), Failed> {
    let headers = [(KEY_HEADER.to_owned(), key(config)?)];
    let client = client(base)?;
    runtime()?.block_on(async {
        let mut bytes = None;
        while let Some(path) = next(bytes.take())? {
            let mut url = base.join("folder").map_err(|error| silent(base, &error))?;
            url.query_pairs_mut().append_pair("file", &path);
            let request = Request { headers: &headers, ..Request::new(&url) };
            bytes = match client.get(&request, Timestamp::now()).await {
                Ok(Answer::Fresh { document, .. }) => Some(document.bytes),
                Ok(Answer::NotModified { .. }) => {
                    return Err(silent(base, &"it answered 304 unasked"));
                }
                // A story that ended meanwhile.
                Err(error) if error.status() == Some(404) => None,
                Err(error) => return Err(silent(base, &error)),
            };
        }
        Ok(())
    })
}

/// Asks for one path below `base`.
pub(super) fn get(base: &Url, path: &str) -> Result<Vec<u8>, Failed> {
    Ok(get_all(base, &[path.to_owned()])?.pop().unwrap_or_default())
}
