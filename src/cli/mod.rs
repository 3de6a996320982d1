//! One small file per subcommand.
