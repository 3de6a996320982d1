//! The grammar of the commands about who may read what: `output`, `passwd`.

use clap::{Args, Subcommand};

/// Shows and changes the address of a private output.
#[derive(Debug, Args)]
pub(super) struct OutputArgs {
    /// What to do
    #[command(subcommand)]
    pub command: OutputCommand,
}

/// What to do with an output.
#[derive(Debug, Subcommand)]
pub(super) enum OutputCommand {
    /// List the named outputs with their addresses
    List(ListOutputsArgs),
    /// Show the secret address of a private output, after making it where that is missing
    Token(TokenArgs),
}

/// Lists the named outputs.
#[derive(Debug, Args)]
pub(super) struct ListOutputsArgs {
    /// Print the list as JSON
    #[arg(long)]
    pub json: bool,
}

/// The secret address of a private output.
#[derive(Debug, Args)]
pub(super) struct TokenArgs {
    /// The output (its id)
    #[arg(value_name = "OUTPUT")]
    pub output: String,
    /// Make a new address: the earlier one leads nowhere from now on
    #[arg(long)]
    pub renew: bool,
    /// Take the address away, without a new one
    #[arg(long, conflicts_with = "renew")]
    pub revoke: bool,
    /// Print it as JSON
    #[arg(long)]
    pub json: bool,
}

/// Makes the line of a reader who may log in.
#[derive(Debug, Args)]
pub(super) struct PasswdArgs {
    /// The name with which the reader logs in
    #[arg(default_value = "reader")]
    pub name: String,
    /// Print the bare line, for a file that `users` names
    #[arg(long)]
    pub bare: bool,
}
