//! The grammar of the command line → its help, with the commands by task instead of one long list.

use std::ffi::OsString;
use std::fmt::Write;

use anstyle::Style;
use clap::{Command, CommandFactory};

use super::args::Arguments;

/// The tasks of an operator, and the commands for each.
const TASKS: [(&str, &[&str]); 8] = [
    ("Poll and publish", &["run", "poll", "build"]),
    ("Sources", &["init", "add", "import", "list", "set", "enable", "disable", "remove"]),
    ("Configuration", &["edit", "check"]),
    ("Readers", &["output", "passwd"]),
    ("Health", &["status", "healthcheck"]),
    ("Entries", &["search", "explain", "filter", "export"]),
    ("Backups", &["backup", "restore"]),
    ("A feed or page by itself", &["probe", "parse", "article"]),
];
/// The commands that packages and shells use.
const SHELL_TASK: (&str, &[&str]) = ("Shell", &["completions", "man"]);

/// The grammar for these words. The help is made only if they may request it: that takes longer than all the rest of
/// a start.
pub(super) fn command_for(words: impl Iterator<Item = OsString>) -> Command {
    let mut words = words.skip(1);
    let may_want_help = words.any(|word| word == "-h" || word == "--help" || word == "help");
    if may_want_help { command_with_help() } else { Arguments::command() }
}

fn command_with_help() -> Command {
    let command = Arguments::command();
    let tasks = describe_tasks(&command);
    let options = command
        .clone()
        .mut_subcommands(|command| command.hide(true))
        .help_template("{all-args}")
        .render_help();
    // This one help is both the short and the long one.
    let options = options.ansi().to_string().replace(" (see more with '--help')", "");
    let template = format!(
        "{{about-with-newline}}\n{{usage-heading}} {{usage}}\n\n{tasks}{}{{after-help}}",
        options.trim_end()
    );
    command.help_template(template)
}

fn describe_tasks(command: &Command) -> String {
    let heading = Style::new().bold().underline();
    let name_style = Style::new().bold();
    let mut text = String::new();
    for (task, names) in TASKS.iter().chain([&SHELL_TASK]) {
        // Writing into a String cannot fail.
        let _ = writeln!(text, "{heading}{task}:{heading:#}");
        for name in *names {
            let about = command.find_subcommand(name).and_then(Command::get_about);
            let about = about.map(ToString::to_string).unwrap_or_default();
            let _ = writeln!(text, "  {name_style}{name:<11}{name_style:#} {about}");
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_command_has_a_task() {
        let command = Arguments::command();
        let all: BTreeSet<&str> = command.get_subcommands().map(Command::get_name).collect();
        let shown: Vec<&str> =
            TASKS.iter().chain([&SHELL_TASK]).flat_map(|(_, names)| *names).copied().collect();
        assert_eq!(shown.len(), all.len(), "each once");
        assert_eq!(shown.into_iter().collect::<BTreeSet<_>>(), all);
    }
}
