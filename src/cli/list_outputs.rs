//! `rafid output list`: the configuration and the tokens beside the store → the named outputs with their addresses.

use comfy_table::{ContentArrangement, Table, presets};
use serde::Serialize;

use super::access_args::ListOutputsArgs;
use super::args::CommonArgs;
use super::output_token::base_address;
use super::{CliError, bidi_isolate, eprint, load, print, print_json};
use crate::model::Output;
use crate::poller::settings;
use crate::publish::{PublishedSite, output_address};

/// The list as JSON.
#[derive(Serialize)]
struct OutputListing {
    schema_version: u32,
    outputs: Vec<ListedOutput>,
}

/// An output in the list.
#[derive(Serialize)]
struct ListedOutput {
    id: String,
    name: String,
    private: bool,
    /// `None`: it is private, and has no address at present.
    address: Option<String>,
}

/// Prints the outputs in the order of the files.
pub(super) fn run(common: &CommonArgs, args: &ListOutputsArgs) -> Result<(), CliError> {
    let config = load::load_config(common)?;
    let site = settings::build_site(&config, None);
    let site = PublishedSite { base: base_address(&config), ..site };
    let list_output = |output: &Output| ListedOutput {
        id: output.id.clone(),
        name: output.name.clone(),
        private: output.is_private(),
        address: output_address(&site, output),
    };
    let outputs: Vec<ListedOutput> = site.outputs.iter().map(list_output).collect();
    if args.json {
        return print_json(&OutputListing { schema_version: 1, outputs });
    }
    if outputs.is_empty() {
        eprint("the configuration has no [[output]]");
        return Ok(());
    }
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_content_arrangement(ContentArrangement::Disabled);
    table.set_header(["OUTPUT", "ACCESS", "ADDRESS", "NAME"]);
    for output in &outputs {
        let access = if output.private { "private" } else { "public" };
        let address = output.address.as_deref().unwrap_or("-");
        table.add_row([&*output.id, access, address, &*bidi_isolate(&output.name)]);
    }
    print(&format!("{table}\n"))
}
