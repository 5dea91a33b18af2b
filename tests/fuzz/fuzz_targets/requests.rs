//! See the check of the same name.
#![no_main]

#[path = "../../../gateway/web/tests/it/browser.rs"]
#[allow(dead_code)]
mod browser;
#[path = "../checks/requests.rs"]
mod check;
#[path = "../../../gateway/web/tests/it/house.rs"]
#[allow(dead_code)]
mod house;

thread_local!(static RUNTIME: tokio::runtime::Runtime = check::runtime());

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| RUNTIME.with(|runtime| check::check(runtime, bytes)));
