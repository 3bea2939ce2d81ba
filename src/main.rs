//! The `hanfix` command.

fn main() -> std::process::ExitCode {
    hanfix::cli::main()
}
