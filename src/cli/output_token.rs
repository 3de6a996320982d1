//! `rafid output token`: a private output → its secret address, which can be made, renewed and taken away. The tokens
//! are in a file of the store's folder: a running daemon sees the change within two seconds, one that starts at once.

use std::io::{Error, ErrorKind};

use serde_json::json;

use super::access_args::TokenArgs;
use super::args::CommonArgs;
use super::{CliError, EXIT_USAGE, daemon_client, eprint, load, print, print_json};
use crate::config::Config;
use crate::model::OutputToken;
use crate::poller::settings;
use crate::publish::{FEED_FILES, private_folder};
use crate::store;

/// Shows the address, after making or revoking it.
pub(super) fn run(common: &CommonArgs, args: &TokenArgs) -> Result<(), CliError> {
    let config = load::load_config(common)?;
    check_is_private(&config, &args.output)?;
    let folder = &config.store.path;
    let mut tokens = store::read_output_tokens(folder).map_err(|it| file_error(&config, &it))?;
    let before = tokens.get(&args.output).cloned();
    let now = match &before {
        _ if args.revoke => None,
        Some(token) if !args.renew => Some(token.clone()),
        _ => Some(store::new_output_token().map_err(|it| file_error(&config, &it))?),
    };
    if now != before {
        match &now {
            Some(token) => tokens.insert(args.output.clone(), token.clone()),
            None => tokens.remove(&args.output),
        };
        store::write_output_tokens(folder, &tokens).map_err(|it| file_error(&config, &it))?;
    }
    print_token(&config, args, (before, now))
}

/// The output must exist, and be private.
fn check_is_private(config: &Config, id: &str) -> Result<(), CliError> {
    let usage_error = |message: String| Err(CliError { code: EXIT_USAGE, message });
    match config.outputs.iter().find(|output| output.id == id) {
        Some(output) if output.is_private() => Ok(()),
        Some(_) => usage_error(format!(
            "error: the output {id:?} is public, at output/{id}/: write private = true below its [[output]]"
        )),
        None => {
            let known: Vec<&str> = config
                .outputs
                .iter()
                .filter(|output| output.is_private())
                .map(|output| output.id.as_str())
                .collect();
            let advice = match known.as_slice() {
                [] => "no [[output]] has private = true".to_owned(),
                ids => format!("the private outputs are {}", ids.join(", ")),
            };
            usage_error(format!("error: no output has the id {id:?}: {advice}"))
        }
    }
}

fn file_error(config: &Config, error: &Error) -> CliError {
    let path = store::output_tokens_path(&config.store.path);
    let advice = match error.kind() {
        ErrorKind::PermissionDenied => {
            "\n  run this as the user that the daemon runs as, or as root"
        }
        _ => "",
    };
    CliError::working(format!("error: {}: {error}{advice}", path.display()))
}

/// The public base address, as the daemon uses it.
pub(super) fn base_address(config: &Config) -> String {
    let running = daemon_client::find_daemon(config).ok().flatten();
    // The port may be one that the system chose.
    let has_own_address = config.serve.listen.port() == 0 && config.serve.admin_listen.is_none();
    match (&config.site.address, running) {
        (None, Some(running)) if has_own_address => running.to_string(),
        _ => settings::build_site(config, None).base,
    }
}

fn print_token(
    config: &Config,
    args: &TokenArgs,
    (before, now): (Option<OutputToken>, Option<OutputToken>),
) -> Result<(), CliError> {
    let base = || base_address(config);
    let address = now.as_ref().map(|token| format!("{}{}", base(), private_folder(token)));
    if args.json {
        return print_json(&json!({
            "schema_version": 1,
            "output": args.output,
            "address": address,
            "feeds": address.iter().flat_map(|address| {
                FEED_FILES.map(|file| format!("{address}{file}"))
            }).collect::<Vec<_>>(),
            "changed": before != now,
        }));
    }
    let Some(address) = address else {
        let was = if before.is_some() { "has no address any more" } else { "had no address" };
        eprint(&format!("the output {} {was}", args.output));
        return Ok(());
    };
    if before.is_some() && before != now {
        eprint("the earlier address leads nowhere from now on");
    }
    eprint("everyone who has this address can read the output, without a password:");
    let lines = FEED_FILES.map(|file| format!("{address}{file}\n"));
    print(&format!("{address}\n{}", lines.concat()))
}
