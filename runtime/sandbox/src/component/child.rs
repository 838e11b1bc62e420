//! What the compiling process does. It trusts nothing that it reads: its parent gave it no secret, no environment and no
//! open file but the component, and it binds its own hands before it reads the first byte.

use std::collections::BTreeMap;
use std::io::{Read, Write};

use rustix::process::{Resource, Rlimit, nice, setrlimit};
use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch, apply_filter_all_threads};

use crate::engine;

/// Address space. CPython's component needs some 800 MB of it.
const MEMORY: u64 = 3 << 30;

/// Processor time, in seconds. CPython's component needs about half of it on a slow machine.
const CPU_SECONDS: u64 = 55;

/// Size of the native code that is written.
const OUTPUT: u64 = 512 << 20;

/// Compiles the component on `input` and writes native code to `output`, under limits of this process's own making: memory,
/// processor time, no network, no other program, no file. To be called in a process that does nothing else.
///
/// The error is a sentence for the tenant.
pub fn compile_here(input: &mut dyn Read, output: &mut dyn Write) -> Result<(), String> {
    bind_hands().map_err(|error| format!("the compiling process could not be locked down: {error}"))?;
    let mut wasm = Vec::new();
    input.read_to_end(&mut wasm).map_err(|error| format!("the component could not be read: {error}"))?;
    let engine = engine::compiling_engine().map_err(|error| error.to_string())?;
    let code = engine.precompile_component(&wasm).map_err(|error| format!("{error:#}"))?;
    output.write_all(&code).map_err(|error| format!("the compiled code could not be written: {error}"))
}

fn bind_hands() -> Result<(), Box<dyn std::error::Error>> {
    let limit = |resource, most| setrlimit(resource, Rlimit { current: Some(most), maximum: Some(most) });
    limit(Resource::As, MEMORY)?;
    limit(Resource::Cpu, CPU_SECONDS)?;
    limit(Resource::Fsize, OUTPUT)?;
    limit(Resource::Core, 0)?;
    // The server's own work goes first.
    nice(19)?;
    // The allocator has a thread of its own.
    apply_filter_all_threads(&forbidden()?)?;
    Ok(())
}

/// A filter under which the calls that reach outside fail with EPERM.
fn forbidden() -> Result<BpfProgram, Box<dyn std::error::Error>> {
    let calls = [
        libc::SYS_socket,
        libc::SYS_socketpair,
        libc::SYS_connect,
        libc::SYS_bind,
        libc::SYS_listen,
        libc::SYS_accept,
        libc::SYS_accept4,
        libc::SYS_sendto,
        libc::SYS_sendmsg,
        libc::SYS_sendmmsg,
        libc::SYS_openat,
        libc::SYS_openat2,
        libc::SYS_unlinkat,
        libc::SYS_renameat,
        libc::SYS_renameat2,
        libc::SYS_linkat,
        libc::SYS_symlinkat,
        libc::SYS_mknodat,
        libc::SYS_fchmodat,
        libc::SYS_fchownat,
        libc::SYS_truncate,
        libc::SYS_utimensat,
        libc::SYS_mkdirat,
        libc::SYS_execve,
        libc::SYS_execveat,
        libc::SYS_clone,
        libc::SYS_clone3,
        libc::SYS_ptrace,
        libc::SYS_process_vm_readv,
        libc::SYS_process_vm_writev,
        libc::SYS_kill,
        libc::SYS_tkill,
        libc::SYS_pidfd_open,
        libc::SYS_pidfd_send_signal,
        libc::SYS_memfd_create,
        libc::SYS_io_uring_setup,
        libc::SYS_bpf,
        libc::SYS_mount,
        libc::SYS_unshare,
        libc::SYS_setns,
    ];
    #[cfg(target_arch = "x86_64")]
    let old = [
        libc::SYS_open,
        libc::SYS_creat,
        libc::SYS_unlink,
        libc::SYS_rename,
        libc::SYS_link,
        libc::SYS_symlink,
        libc::SYS_mknod,
        libc::SYS_chmod,
        libc::SYS_chown,
        libc::SYS_rmdir,
        libc::SYS_mkdir,
        libc::SYS_fork,
        libc::SYS_vfork,
    ];
    #[cfg(not(target_arch = "x86_64"))]
    let old = [];
    let rules: BTreeMap<i64, Vec<seccompiler::SeccompRule>> =
        calls.into_iter().chain(old).map(|call| (call, Vec::new())).collect();
    let denied = SeccompAction::Errno(libc::EPERM.cast_unsigned());
    let filter =
        SeccompFilter::new(rules, SeccompAction::Allow, denied, TargetArch::try_from(std::env::consts::ARCH)?)?;
    Ok(filter.try_into()?)
}
