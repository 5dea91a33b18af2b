//! See the check of the same name.
#![no_main]

#[path = "../checks/frames.rs"]
mod check;

use std::cell::LazyCell;

use tokio::runtime::Runtime;

thread_local! {
    static RUNTIME: LazyCell<Runtime> = const { LazyCell::new(check::runtime) };
}

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    RUNTIME.with(|runtime| check::check(runtime, bytes));
});
