//! The program `stratagem`.

fn main() -> std::process::ExitCode {
    stratagem_server::cli::main()
}
